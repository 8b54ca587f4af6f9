package driver

import (
	"math"
	"slices"
	"testing"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
)

// anArm returns an arm with six processes. Their times are at, alternately less and more by the
// share noise.
func anArm(backend string, at, noise float64) *arm {
	a := &arm{Contender: bench.Contender{Backend: backend}, timings: stats.Series{}}
	for process := range 6 {
		sign := float64(2*(process%2) - 1)
		a.timings.Add(process, at*math.Exp(sign*noise))
	}
	return a
}

func twinOf(a *arm, at, noise float64) *arm {
	twin := anArm(a.Backend, at, noise)
	twin.Contender.Twin = true
	return twin
}

func with(a *arm, do func(*arm)) *arm { do(a); return a }

func TestTheRankingDecidesWhoNeedsMore(t *testing.T) {
	ended := func(a *arm) { a.ended = true }
	fast := anArm("fast", 100, 0)
	for _, c := range []struct {
		name string
		arms []*arm
		want []string
	}{
		{"a clear ranking", []*arm{fast, anArm("slow", 500, 0.05), anArm("middle", 200, 0.01)}, nil},
		{"a close pair", []*arm{anArm("slow", 500, 0.05), fast, anArm("near", 101, 0.05)}, []string{"fast/f64", "near/f64"}},
		{"a close pair, known to be equal", []*arm{fast, anArm("near", 100.1, 0.001)}, nil},
		{"a chain of close pairs", []*arm{fast, anArm("b", 101, 0.05), anArm("c", 103, -0.05)}, []string{"b/f64", "c/f64", "fast/f64"}},
		{"a close pair, one ended", []*arm{fast, with(anArm("near", 101, 0.05), ended)}, nil},
		{"a close pair, one another algorithm", []*arm{fast, with(anArm("near", 101, 0.05), func(a *arm) { a.onePass = true })}, nil},
		{"one without samples", []*arm{fast, {Contender: bench.Contender{Backend: "none"}}}, nil},
		{"one alone", []*arm{anArm("a", 100, 0.2)}, nil},
		{"one alone, and a noisy twin", []*arm{fast, twinOf(fast, 100, 0.1)}, []string{"fast/f64", "fast/f64:twin"}},
		{"one alone, and a quiet twin", []*arm{fast, twinOf(fast, 100, 0.001)}, nil},
		{"a clear ranking, noisy twins", []*arm{fast, anArm("slow", 500, 0.05), twinOf(fast, 100, 0.1)}, nil},
		{"a difference within a wide floor", []*arm{fast, anArm("near", 105, 0.001), twinOf(fast, 108, 0.1)}, []string{"fast/f64", "fast/f64:twin"}},
		{"a difference beyond a floor that is not known well", []*arm{fast, anArm("near", 105, 0.001), twinOf(fast, 101, 0.1)}, nil},
		{"a difference within a wide floor that is not known well", []*arm{fast, anArm("near", 105, 0.03), twinOf(fast, 108, 0.1)},
			[]string{"fast/f64", "fast/f64:twin", "near/f64"}},
		{"a difference within a wide floor, the twin ended", []*arm{fast, anArm("near", 105, 0.001), with(twinOf(fast, 100, 0.1), ended)}, nil},
		{"a difference within a wide floor, the twinned ended", []*arm{with(anArm("fast", 100, 0), ended), anArm("near", 105, 0.001), twinOf(fast, 100, 0.1)}, nil},
	} {
		r := &Run{arms: c.arms}
		var got []string
		for i, needed := range r.arms.undecided(0.02) {
			if needed {
				got = append(got, c.arms[i].Name())
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v need more, not %v", c.name, got, c.want)
		}
	}
}

// Four processes have no interval. So even two contenders that are far apart stay undecided.
func TestFewProcessesDecideNothing(t *testing.T) {
	a, b := anArm("a", 100, 0), anArm("b", 900, 0)
	for process := range 2 {
		delete(a.timings, process)
	}
	r := &Run{arms: []*arm{a, b}, plan: journal.Plan{Resolution: 0.02}}
	if needed := r.arms.undecided(0.02); !needed[0] || !needed[1] {
		t.Errorf("%v", needed)
	}
}

// If a contender failed, its twin is of no use. The twin must not delay the end of a run. A resumed
// run opens no process of the twin, so it must not look up how long such a process took.
func TestARunEndsEvenIfTheTwinnedContenderFailed(t *testing.T) {
	fast := anArm("fast", 100, 0)
	twin := twinOf(fast, 100, 0.1)
	fast.ended = true
	a, b := anArm("a", 200, 0.001), anArm("b", 204, 0.001)
	a.opened, b.opened = 1, 1
	r := &Run{arms: []*arm{fast, a, b, twin}, plan: journal.Plan{Resolution: 0.02, Budget: 1e18, Blocks: 5}}
	if reason := r.reasonToEnd(journal.LeastGenerations); reason != journal.Resolved {
		t.Errorf("the run ended %q", reason)
	}
}
