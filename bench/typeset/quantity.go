package typeset

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Number formats v as JSON does: with an exponent only if v is below 1e-6 or at least 1e21.
func Number[T int | int64 | float64](v T) string {
	format := byte('f')
	if size := math.Abs(float64(v)); size != 0 && size < 1e-6 || size >= 1e21 {
		format = 'e'
	}
	return strconv.FormatFloat(float64(v), format, -1, 64)
}

// Known formats v, or returns "" if v is 0: no time and no size is 0.
func Known[T int | int64 | float64](v T) string {
	if v == 0 {
		return ""
	}
	return Number(v)
}

// Plural formats a count with its noun: 1 epoch, 10,000 epochs.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

var english = message.NewPrinter(language.English)

// Count formats an integer with thousands separators: 10,000.
func Count[T int | int64 | uint64](n T) string { return english.Sprintf("%d", n) }

// A scale is a unit and its size in the base unit: ns, B or B/s.
type scale struct {
	unit string
	size float64
}

var (
	times = []scale{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}, {"ns", 1}}
	sizes = []scale{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}
	rates = []scale{{"TB/s", 1e12}, {"GB/s", 1e9}, {"MB/s", 1e6}, {"kB/s", 1e3}, {"B/s", 1}}
)

func pick(v float64, scales []scale) scale {
	for _, s := range scales {
		if v >= s.size {
			return s
		}
	}
	return scales[len(scales)-1]
}

// Digits formats v with four significant digits, with three if v is below 1, never in exponent
// form.
func Digits(v float64) string {
	decimals := 3
	for limit := 10.0; v >= limit && decimals > 0; limit *= 10 {
		decimals--
	}
	for limit := 0.1; v > 0 && v < limit && decimals < 15; limit /= 10 {
		decimals++
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// TimeUnit returns the unit that a time is written in, and its size in nanoseconds.
func TimeUnit(ns float64) (unit string, size float64) {
	s := pick(ns, times)
	return s.unit, s.size
}

// Duration formats nanoseconds with a unit: 118.2 ms.
func Duration[T time.Duration | float64](ns T) string {
	s := pick(float64(ns), times)
	return Digits(float64(ns)/s.size) + " " + s.unit
}

// KnownDuration formats nanoseconds with a unit, or returns "" if ns is 0.
func KnownDuration(ns float64) string {
	if ns == 0 {
		return ""
	}
	return Duration(ns)
}

// Duration3 formats nanoseconds with a unit and three digits: 118 ms.
func Duration3(ns float64) string {
	s := pick(ns, times)
	return Significant(ns/s.size, 3) + " " + s.unit
}

// Span formats a round time as it is written: 5m, 1h30m.
func Span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Share formats a share with two significant digits: 2.9%. A share of 0 is not known.
func Share(v float64) string {
	if v == 0 {
		return ""
	}
	return Significant(100*v, 2) + "%"
}

// Rate formats bytes per second with a unit: 12.30 GB/s.
func Rate(v float64) string {
	s := pick(v, rates)
	return Digits(v/s.size) + " " + s.unit
}

// Bytes formats a size with its unit: 23.4 MiB.
func Bytes(n float64) string {
	s := pick(n, sizes)
	return strconv.FormatFloat(n/s.size, 'f', 1, 64) + " " + s.unit
}

// Significant formats v > 0 with so many significant digits, in exponent form from a million on.
func Significant(v float64, digits int) string {
	const longest = 6 // digits
	exponent := int(math.Floor(math.Log10(v)))
	if v >= math.Pow10(longest) {
		return strconv.FormatFloat(v, 'g', digits, 64)
	}
	unit := math.Pow10(exponent - digits + 1)
	rounded := math.Round(v/unit) * unit
	if rounded >= math.Pow10(exponent+1) {
		exponent++ // 9.97 has become 10
	}
	return strconv.FormatFloat(rounded, 'f', max(0, digits-1-exponent), 64)
}

// Percent formats a share: 0.023 becomes "2.3%".
func Percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// Difference formats how far from 1 a ratio is: 0.023 becomes "2.3%", and 1.3 becomes "2.3x".
func Difference(share float64) string {
	if share >= 1 {
		return Factor(1+share) + "x"
	}
	return Percent(share)
}
