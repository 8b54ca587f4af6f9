package typeset

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench/stats"
)

// narrow bounds the quotient of an interval's bounds. Below it, further digits tell more.
const narrow = 1.2

// Speed formats a ratio, and its interval if it has one. words is "12x faster", or "1.6x slower"
// for a ratio of 0.625, or the verdict if that is another. The interval of "slower" is turned round
// too: "(1.4–1.7)". All other intervals are as in r: over 1 is faster. A narrow interval has
// further digits: "1.25x slower (1.20–1.31)".
func Speed(r *stats.Ratio) (words, interval string) {
	ratio, lo, hi, word := r.Ratio, r.Lo, r.Hi, "x faster"
	known := lo > 0 // if not, no verdict is possible, and the ratio is all there is to say
	shown := !known || r.Verdict == stats.Faster || r.Verdict == stats.Slower
	if shown && ratio < 1 {
		ratio, lo, hi, word = 1/ratio, 1/hi, 1/lo, "x slower"
	}
	digits := 2
	if known && hi < narrow*lo {
		for digits = 3; hi < 1.1 && digits < 6 && Significant(lo, digits) == Significant(hi, digits); digits++ {
		}
	}
	show := func(v float64) string {
		if v < 0.995 {
			return Significant(v, max(digits-1, factorDigits(v))) // as many decimals as 1.04 has
		}
		return Significant(v, max(digits, factorDigits(v)))
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

// Factor formats how many times as fast or slow something is. It has two significant digits, or
// three if the third tells more, as in 1.04 and 126.
func Factor(v float64) string { return Significant(v, factorDigits(v)) }

func factorDigits(v float64) int {
	if v >= 99.5 || v >= 0.995 && v < 1.095 {
		return 3
	}
	return 2
}

// VerdictColor returns the colour of faster and slower, 0 for other verdicts.
func VerdictColor(v stats.Verdict) text.Color {
	switch v {
	case stats.Faster:
		return text.FgGreen
	case stats.Slower:
		return text.FgRed
	}
	return 0
}

// Inverse returns how many times as fast the other one is.
func Inverse(r *stats.Ratio) *stats.Ratio {
	out := *r
	out.Ratio = 1 / r.Ratio
	if r.Lo > 0 {
		out.Lo, out.Hi = 1/r.Hi, 1/r.Lo
	}
	return &out
}

// AsFast formats a ratio as in "12x as fast as": about says that there is no interval.
func AsFast(r *stats.Ratio) string {
	said := Factor(r.Ratio) + "x"
	if r.Lo == 0 {
		return "about " + said
	}
	return said
}

// Within formats the interval of a ratio: (10–14).
func Within(r *stats.Ratio) string {
	_, interval := Speed(r)
	return interval
}

// Ratio formats a ratio and its interval in words, in the colour of its verdict: 12x faster
// (10–14).
func (l Layout) Ratio(r *stats.Ratio) string {
	if r == nil {
		return ""
	}
	words, interval := Speed(r)
	return strings.TrimSpace(l.In(VerdictColor(r.Verdict), words) + " " + interval)
}
