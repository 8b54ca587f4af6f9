package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"descent/bench/stats"
)

var english = message.NewPrinter(language.English)

// Count formats an integer with thousands separators: 10,000.
func Count(n int) string { return count(n) }

// count formats an integer with thousands separators: 10,000.
func count[T int | int64 | uint64](n T) string { return english.Sprintf("%d", n) }

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

// digits formats v with four significant digits, with three if v is below 1, never in exponent
// form.
func digits(v float64) string {
	decimals := 3
	for limit := 10.0; v >= limit && decimals > 0; limit *= 10 {
		decimals--
	}
	for limit := 0.1; v > 0 && v < limit && decimals < 15; limit /= 10 {
		decimals++
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// Duration formats a time with its unit: 118.2 ms.
func Duration(d time.Duration) string { return duration(float64(d)) }

// duration formats nanoseconds with a unit: 118.2 ms.
func duration(ns float64) string {
	s := pick(ns, times)
	return digits(ns/s.size) + " " + s.unit
}

// knownDuration formats nanoseconds with a unit, or returns "" if ns is 0.
func knownDuration(ns float64) string {
	if ns == 0 {
		return ""
	}
	return duration(ns)
}

// duration3 formats nanoseconds with a unit and three digits: 118 ms.
func duration3(ns float64) string {
	s := pick(ns, times)
	return significant(ns/s.size, 3) + " " + s.unit
}

// notWithinReach stands in place of a time that nobody waits for.
const notWithinReach = "not within reach"

// farOff is how much longer a run may take before it is no advice to let it.
const farOff = 12 * time.Hour

// longer says how long so many more blocks take: "about 1m30s more", or "not within reach" if that
// is beyond farOff. blockNS is how long a block takes; if it is 0, which is not known, longer says
// how many blocks they are.
func longer(blocks int, blockNS int64) string {
	switch total := float64(blocks) * float64(blockNS); {
	case total > float64(farOff):
		return notWithinReach
	case total == 0:
		return "about " + Plural(blocks, "more block")
	default:
		return "about " + Span(max(time.Second, time.Duration(total).Round(time.Second))) + " more"
	}
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

// share formats a share with two significant digits: 2.9%. A share of 0 is not known.
func share(v float64) string {
	if v == 0 {
		return ""
	}
	return significant(100*v, 2) + "%"
}

// rate formats bytes per second with a unit: 12.30 GB/s.
func rate(v float64) string {
	s := pick(v, rates)
	return digits(v/s.size) + " " + s.unit
}

// bytes formats a size with its unit: 23.4 MiB.
func bytes(n float64) string {
	s := pick(n, sizes)
	return strconv.FormatFloat(n/s.size, 'f', 1, 64) + " " + s.unit
}

// narrow bounds the quotient of an interval's bounds. Below it, further digits tell more.
const narrow = 1.2

// speed formats a ratio, and its interval if it has one. words is "12x faster", or "1.6x slower"
// for a ratio of 0.625, or the verdict if that is another. The interval of "slower" is turned round
// too: "(1.4–1.7)". All other intervals are as in r: over 1 is faster. A narrow interval has
// further digits: "1.25x slower (1.20–1.31)".
func speed(r *stats.Ratio) (words, interval string) {
	ratio, lo, hi, word := r.Ratio, r.Lo, r.Hi, "x faster"
	known := lo > 0 // if not, no verdict is possible, and the ratio is all there is to say
	shown := !known || r.Verdict == stats.Faster || r.Verdict == stats.Slower
	if shown && ratio < 1 {
		ratio, lo, hi, word = 1/ratio, 1/hi, 1/lo, "x slower"
	}
	digits := 2
	if known && hi < narrow*lo {
		for digits = 3; hi < 1.1 && digits < 6 && significant(lo, digits) == significant(hi, digits); digits++ {
		}
	}
	show := func(v float64) string {
		if v < 0.995 {
			return significant(v, max(digits-1, factorDigits(v))) // as many decimals as 1.04 has
		}
		return significant(v, max(digits, factorDigits(v)))
	}
	words = string(r.Verdict)
	if shown {
		words = show(ratio) + word
	}
	if known {
		interval = "(" + show(lo) + "–" + show(hi) + ")"
	}
	return words, interval
}

// factor formats how many times as fast or slow something is. It has two significant digits, or
// three if the third tells more, as in 1.04 and 126.
func factor(v float64) string { return significant(v, factorDigits(v)) }

func factorDigits(v float64) int {
	if v >= 99.5 || v >= 0.995 && v < 1.095 {
		return 3
	}
	return 2
}

// significant formats v > 0 with so many significant digits, in exponent form from a million on.
func significant(v float64, digits int) string {
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

// weights formats the first three entries of w.
func weights(w []float64) string {
	const most = 3
	var parts []string
	for _, v := range w[:min(most, len(w))] {
		parts = append(parts, strconv.FormatFloat(v, 'g', 6, 64))
	}
	if len(w) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}
