package value

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Counts are whole numbers from 1 on, ascending, each once. They may be written as a list
// (1e3,1e4,1e5), or as a range (100..1e7): its first number, the powers of two after it, and its
// last. Parts of a list may be ranges.
type Counts []int

// Type implements pflag.Value.
func (c *Counts) Type() string { return "list" }

// String writes the numbers as a list.
func (c *Counts) String() string {
	parts := make([]string, len(*c))
	for i, n := range *c {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ",")
}

// Set implements pflag.Value.
func (c *Counts) Set(text string) error {
	var all Counts
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "..")
		from, err := positiveCount(first)
		if err != nil {
			return err
		}
		all = append(all, from)
		if !isRange {
			continue
		}
		to, err := positiveCount(last)
		switch {
		case err != nil:
			return err
		case to < from:
			return fmt.Errorf("%q goes down: write %s..%s", part, last, first)
		}
		all = append(all, PowersOfTwo(from, to)...)
	}
	slices.Sort(all)
	*c = slices.Compact(all)
	return nil
}

// positiveCount reads a Count of at least 1.
func positiveCount(text string) (int, error) {
	var n Count
	if err := n.Set(strings.TrimSpace(text)); err != nil {
		return 0, fmt.Errorf("%w: a list is such as 1e3,1e4 and a range such as 64..1e6", err)
	}
	if n < 1 {
		return 0, fmt.Errorf("%d is below 1", n)
	}
	return int(n), nil
}

// PowersOfTwo returns from, the powers of two between, and to.
func PowersOfTwo(from, to int) Counts {
	all := Counts{from}
	for power := 1; power < to; power *= 2 {
		if power > from {
			all = append(all, power)
		}
	}
	if to > from {
		all = append(all, to)
	}
	return all
}
