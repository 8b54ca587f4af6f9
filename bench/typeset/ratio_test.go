package typeset_test

import (
	"testing"

	"descent/bench/stats"
	"descent/bench/typeset"
)

func TestASpeedIsSaidAsFasterOrSlowerNeverAsAShare(t *testing.T) {
	for _, c := range []struct {
		ratio, lo, hi float64
		verdict       stats.Verdict
		want          string
	}{
		{11.9, 10.2, 13.9, stats.Faster, "12x faster (10–14)"},
		{0.625, 0.588, 0.714, stats.Slower, "1.6x slower (1.4–1.7)"},
		{0.000654, 0.0005, 0.0008, stats.Slower, "1530x slower (1250–2000)"},
		{126.4, 93.1, 172.6, stats.Faster, "126x faster (93–173)"},
		{99.6, 9.97, 101, stats.Faster, "99.6x faster (10–101)"},
		{1.042, 1.031, 1.0949, stats.Faster, "1.04x faster (1.03–1.09)"},
		{1.3, 0.74, 2.1, stats.CannotTell, "cannot tell (0.74–2.1)"},
		{1.001, 0.99, 1.01, stats.NoDifference, "no difference shown (0.99–1.01)"},
		{1.1, 1.04, 1.2, stats.Faster, "1.10x faster (1.04–1.20)"},
		{1.23, 1.21, 1.2449, stats.Faster, "1.23x faster (1.21–1.24)"},
		{1 / 1.25, 1 / 1.31, 1 / 1.20, stats.Slower, "1.25x slower (1.20–1.31)"},
		{1.0013, 1.0011, 1.0014, stats.Faster, "1.0013x faster (1.0011–1.0014)"},
		{1 / 1.2, 1 / 1.218, 1 / 1.182, stats.Slower, "1.20x slower (1.18–1.22)"},
		{5.5, 0, 0, stats.CannotTell, "5.5x faster "},
		{0.25, 0, 0, stats.CannotTell, "4.0x slower "},
		{2.345e8, 1e6, 1e12, stats.Faster, "2.34e+08x faster (1e+06–1e+12)"},
	} {
		words, interval := typeset.Speed(&stats.Ratio{Ratio: c.ratio, Lo: c.lo, Hi: c.hi, Verdict: c.verdict})
		if got := words + " " + interval; got != c.want {
			t.Errorf("%v [%v, %v] is %q, not %q", c.ratio, c.lo, c.hi, got, c.want)
		}
	}
}
