// Package value holds the values of flags that are counts, sizes, shares or prices.
package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Count is a whole number below 2⁵³. It may be written 10000, 10_000 or 1e4. Leading zeros do not
// make it octal.
type Count int

func (c *Count) String() string { return strconv.Itoa(int(*c)) }
func (c *Count) Type() string   { return "count" }

func (c *Count) Set(s string) error {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 0)
	f := float64(n)
	if err != nil {
		f, err = strconv.ParseFloat(s, 64)
	}
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return fmt.Errorf("%q is not a whole number below 2⁵³", s)
	}
	*c = Count(f)
	return nil
}

// A Size is a number of bytes, 0 if none is given. It may be written 512MiB, 1.5G, 800MB or
// 1073741824.
type Size int64

// sizeUnits are powers of 1024, as usual for memory. KB, MB, GB and TB are powers of 1000, as the
// SI has them.
var sizeUnits = map[string]float64{
	"": 1, "b": 1,
	"k": 1 << 10, "kib": 1 << 10, "kb": 1e3,
	"m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
	"g": 1 << 30, "gib": 1 << 30, "gb": 1e9,
	"t": 1 << 40, "tib": 1 << 40, "tb": 1e12,
}

func (s *Size) Type() string { return "size" }

// String writes the size in the largest unit that gives a whole number.
func (s *Size) String() string {
	n, unit := int64(*s), ""
	for _, larger := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if n == 0 || n%1024 != 0 {
			break
		}
		n, unit = n/1024, larger
	}
	return strconv.FormatInt(n, 10) + unit
}

func (s *Size) Set(text string) error {
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := sizeUnits[strings.ToLower(text[len(number):])]
	bytes, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch bytes *= unit; {
	case !known || err != nil || math.IsNaN(bytes):
		return fmt.Errorf("%q is not a size such as 512MiB or 2GiB", text)
	case bytes < 1:
		return fmt.Errorf("%q is no size: at least one byte is needed, as in 512MiB", text)
	case bytes >= 1<<53: // from there on a float64 does not hold every whole number
		return fmt.Errorf("%q is more than any memory: a size is such as 512MiB or 2GiB", text)
	}
	*s = Size(bytes)
	return nil
}

// A Share is a share. It may be written 5% or 0.05.
type Share float64

func (s *Share) String() string { return strconv.FormatFloat(100*float64(*s), 'g', -1, 64) + "%" }
func (s *Share) Type() string   { return "share" }

func (s *Share) Set(text string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	switch {
	case err != nil || !(v >= 0 && v < 10):
		return fmt.Errorf("%q is no share, as 5%% or 0.05", text)
	case !percent && v >= 1:
		return fmt.Errorf("%q may mean %v%% or %v%%: write it with a percent sign, as 5%%", text, v, 100*v)
	}
	*s = Share(v)
	return nil
}
