package sweep

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"descent/bench"
	"descent/bench/report"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// the names a side as it stands in a sentence: the CPU, the GPU of machine 2, the software renderer
// llvmpipe, simd. The context of the report says which machine is which.
func (s *Sweep) the(side int) string {
	sd := s.Sides[side]
	out := sd.Name
	switch {
	case s.between():
	case sd.Software:
		out = "the software renderer " + deviceName(sd.Device)
	default:
		out = "the " + sd.Name
	}
	if sd.Machine != "" {
		out += fmt.Sprintf(" of machine %d", side+1)
	}
	return strings.TrimSpace(out)
}

// between reports whether --between chose the sides.
func (s *Sweep) between() bool {
	return s.Sides[0].Name != "CPU"
}

// short names a side in a table.
func (s *Sweep) short(side int) string {
	const most = 14
	sd := s.Sides[side]
	if sd.Software && !s.between() {
		return "software"
	}
	return typeset.Cut(sd.Name, most)
}

// letters stand for the sides in the winner map: their initials, or 1 and 2 if these are equal.
func (s *Sweep) letters() [2]string {
	a, b := initial(s.short(0)), initial(s.short(1))
	if a == b {
		return [2]string{"1", "2"}
	}
	return [2]string{a, b}
}

func initial(name string) string {
	for _, r := range name {
		return strings.ToUpper(string(r))
	}
	return "?"
}

// deviceName shortens the name of a device: "llvmpipe (LLVM 15.0.6, 256 bits)" becomes "llvmpipe".
func deviceName(device string) string {
	name, _, _ := strings.Cut(device, " (")
	return name
}

// called names a champion: simd (2 threads), or gl-resident on the software renderer llvmpipe.
func (c *Champion) called() string {
	name := backend(c.Contender)
	switch {
	case c.Info.Software:
		return name + " on the software renderer " + deviceName(c.Info.Device)
	case c.Info.Threads > 0 && c.Info.Place() == "cpu":
		return name + " (" + typeset.Plural(c.Info.Threads, "thread") + ")"
	}
	return name
}

// cell names a champion in a table: simd (2), with its threads if there are several.
func (c *Champion) cell() string {
	name := backend(c.Contender)
	if c.Info.Threads > 1 && c.Info.Place() == "cpu" {
		return fmt.Sprintf("%s (%d)", name, c.Info.Threads)
	}
	return name
}

// backend returns the name of a contender without its precision.
func backend(contender string) string {
	if i := strings.LastIndexByte(contender, '/'); i > 0 {
		return contender[:i]
	}
	return contender
}

// sentence begins a sentence with s.
func sentence(s string) string {
	if rest, is := strings.CutPrefix(s, "the "); is {
		return "The " + rest
	}
	return s
}

// and lists names: a, b and c.
func and(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// rounded formats a size or a number of epochs that was computed, with so many digits: 1.3 M,
// 12,300.
func rounded(v float64, digits int) string {
	for _, scale := range []struct {
		unit string
		size float64
	}{{" T", 1e12}, {" G", 1e9}, {" M", 1e6}} {
		if v >= 0.9995*scale.size {
			return typeset.Significant(v/scale.size, digits) + scale.unit
		}
	}
	if v < 1 {
		return "1"
	}
	unit := math.Pow(10, math.Max(0, math.Floor(math.Log10(v))+1-float64(digits)))
	return typeset.Count(int(math.Round(math.Round(v/unit) * unit)))
}

// digitsOf returns how many digits a computed number has: a narrow interval tells a third.
func digitsOf(lo, hi float64) int {
	if lo > 0 && hi > 0 && hi < 1.2*lo {
		return 3
	}
	return 2
}

// around formats a computed number of epochs and its interval: 1.3 M (1.1 M–1.6 M). A bound of 0 is
// not known.
func around(at, lo, hi float64) string {
	digits := digitsOf(lo, hi)
	show := func(v float64) string { return rounded(v, digits) }
	return bounded(show(at), lo, hi, show)
}

// change formats the size at which the winner changes, which is computed, and the sizes around it,
// which were measured: 12,000 (8,192–16,384).
func change(c stats.Change) string {
	at := ""
	if c.At > 0 {
		at = rounded(c.At, digitsOf(c.Lo, c.Hi))
	}
	return bounded(at, c.Lo, c.Hi, func(v float64) string {
		if v < 1_000_000 {
			return size(v)
		}
		return rounded(v, 3)
	})
}

// bounded formats a number, which may be "", and its interval.
func bounded(at string, lo, hi float64, show func(float64) string) string {
	interval := ""
	switch {
	case lo > 0 && hi > 0:
		interval = show(lo) + "–" + show(hi)
	case lo > 0:
		interval = show(lo) + " or more"
	case hi > 0:
		interval = "at most " + show(hi)
	}
	switch {
	case at == "":
		return interval
	case interval == "":
		return at
	}
	return at + " (" + interval + ")"
}

// size formats an N that was measured.
func size(n float64) string { return typeset.Count(int(n)) }

// towards returns how many times as fast a side is as the other one.
func towards(side int, r *stats.Ratio) *stats.Ratio {
	if side == 0 {
		return typeset.Inverse(r)
	}
	return r
}

// duration formats a time in nanoseconds with three digits.
func duration(ns float64) string {
	if ns <= 0 {
		return ""
	}
	return typeset.Duration3(ns)
}

// wrong returns the contenders that gave a wrong answer at some size.
func (p *Problem) wrong() []string {
	var out []string
	for i := range p.Sizes {
		for _, t := range p.Sizes[i].Others {
			if t.Status == bench.Wrong {
				out = append(out, fmt.Sprintf("%s at N = %s", t.Contender, typeset.Count(p.Sizes[i].N)))
			}
		}
	}
	return out
}

// name says which problem of a sweep p is: f64, f64 with 8 features.
func (p *Problem) name(s *Sweep) string {
	for i := range s.Problems {
		if s.Problems[i].Features != s.Problems[0].Features {
			return p.Precision + " with " + typeset.Plural(p.Features, "feature")
		}
	}
	return p.Precision
}

// reason says in a few words what bounds an epoch.
func (c *Champion) reason() string {
	if c == nil {
		return ""
	}
	return report.BoundCell(c.Bounds)
}

// timed returns the time of all epochs of the problem.
func (p *Problem) timed(t *Time) string { return duration(t.EpochNS * float64(cmp.Or(p.Epochs, 1))) }
