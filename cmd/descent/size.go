package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A sizeFlag is a number of bytes that may be written 512MiB, 1.5G, 800MB or 1073741824; 0 where none is given.
type sizeFlag int64

// sizeUnits are powers of 1024, as memory has them, but for those that end in B alone, which the SI makes powers of 1000.
var sizeUnits = map[string]float64{
	"": 1, "b": 1,
	"k": 1 << 10, "kib": 1 << 10, "kb": 1e3,
	"m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
	"g": 1 << 30, "gib": 1 << 30, "gb": 1e9,
	"t": 1 << 40, "tib": 1 << 40, "tb": 1e12,
}

func (s *sizeFlag) Type() string { return "size" }

// String writes the size in the largest unit that it is a whole number of.
func (s *sizeFlag) String() string {
	n, unit := int64(*s), ""
	for _, larger := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if n == 0 || n%1024 != 0 {
			break
		}
		n, unit = n/1024, larger
	}
	return strconv.FormatInt(n, 10) + unit
}

func (s *sizeFlag) Set(text string) error {
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := sizeUnits[strings.ToLower(text[len(number):])]
	bytes, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch bytes *= unit; {
	case !known || err != nil || math.IsNaN(bytes):
		return fmt.Errorf("%q is not a size such as 512MiB or 2GiB", text)
	case bytes < 1:
		return fmt.Errorf("%q is no size: at least one byte is needed, as in 512MiB", text)
	case bytes >= 1<<53: // from there on a float64 does not hold every whole number
		return fmt.Errorf("%q is past any memory: a size is such as 512MiB or 2GiB", text)
	}
	*s = sizeFlag(bytes)
	return nil
}
