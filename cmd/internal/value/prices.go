package value

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Prices outside of these are mistakes. Products of them and of times are far from the largest
// number.
const leastPrice, mostPrice = 1e-9, 1e12

// Prices are prices by name, written cpu=0.40,gpu=2.90.
type Prices map[string]float64

// Type implements pflag.Value.
func (p *Prices) Type() string { return "prices" }

// String writes the prices in the order of their names.
func (p *Prices) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(*p)) {
		parts = append(parts, name+"="+strconv.FormatFloat((*p)[name], 'g', -1, 64))
	}
	return strings.Join(parts, ",")
}

// Set implements pflag.Value.
func (p *Prices) Set(text string) error {
	all := Prices{}
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		price, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		_, twice := all[name]
		switch {
		case name == "" || err != nil:
			return fmt.Errorf("%q is not a name and its price, as in cpu=0.40,gpu=2.90; first and second name the sides too", part)
		case !(price > 0) || math.IsInf(price, 0):
			return fmt.Errorf("%q: a price must be positive, as in cpu=0.40,gpu=2.90", part)
		case price < leastPrice || price > mostPrice:
			return fmt.Errorf("%q: a price must be from %v to %v", part, leastPrice, mostPrice)
		case twice:
			return fmt.Errorf("%s has two prices", name)
		}
		all[name] = price
	}
	*p = all
	return nil
}
