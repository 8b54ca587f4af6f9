package sweep

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"descent/bench/report"
	"descent/bench/stats"
	"descent/bench/typeset"
)

// verdicts returns the answers of a sweep in words: a paragraph on the main problem, and a sentence
// on each other one.
func verdicts(s *Sweep) []string {
	main := s.main()
	if main == nil {
		return []string{"The sweep has measured nothing yet."}
	}
	out := []string{s.verdict(main)}
	if main.compared() == nil {
		return out
	}
	for _, p := range s.ordered()[1:] {
		out = append(out, "In "+p.name(s)+", "+within(s.crossing(p, &p.Crossover, wins)))
	}
	for _, p := range s.ordered() {
		if p.ByCost != nil && s.Cost != nil {
			out = append(out, s.costVerdict(p))
		}
	}
	return out
}

// ordered returns the problems, the main one first.
func (s *Sweep) ordered() []*Problem {
	var out []*Problem
	main := s.main()
	for i := range s.Problems {
		if p := &s.Problems[i]; p == main {
			out = slices.Insert(out, 0, p)
		} else {
			out = append(out, p)
		}
	}
	return out
}

// main returns the problem that the verdict begins with: the first in f64 that compares anything,
// or else the first one.
func (s *Sweep) main() *Problem {
	var best *Problem
	rank := func(p *Problem) int {
		out := 0
		if p.compared() != nil {
			out += 2
		}
		if p.Precision == "f64" {
			out++
		}
		return out
	}
	for i := range s.Problems {
		if p := &s.Problems[i]; best == nil || rank(p) > rank(best) {
			best = p
		}
	}
	return best
}

// compared returns the sizes at which both sides have a champion.
func (p *Problem) compared() []*Size {
	var out []*Size
	for i := range p.Sizes {
		if s := &p.Sizes[i]; s.Champions[0] != nil && s.Champions[1] != nil && s.Ratio != nil {
			out = append(out, s)
		}
	}
	return out
}

// mainN is the article's number of rows.
const mainN = 10_000

// mainSize returns the size that the verdict is about: the nearest one to mainN, or the middle one
// if mainN lies outside the sizes. It returns nil of none.
func mainSize(sizes []*Size) *Size {
	if len(sizes) == 0 {
		return nil
	}
	if sizes[0].N > mainN || sizes[len(sizes)-1].N < mainN {
		return sizes[len(sizes)/2]
	}
	return slices.MinFunc(sizes, func(a, b *Size) int {
		far := func(s *Size) float64 { return math.Abs(math.Log(float64(s.N) / mainN)) }
		return cmp.Compare(far(a), far(b))
	})
}

// verdict returns the answer for one problem: what to use, from which size the winner changes, and
// from how many epochs.
func (s *Sweep) verdict(p *Problem) string {
	size := mainSize(p.compared())
	if size == nil {
		return s.nothing(p)
	}
	parts := []string{s.use(p, size), s.crossing(p, &p.Crossover, wins), s.epochsVerdict(p, size)}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// use says which contender to use at one size.
func (s *Sweep) use(p *Problem, at *Size) string {
	where := fmt.Sprintf("N = %s in %s and %s", typeset.Count(at.N), p.name(s), typeset.Plural(p.Epochs, "epoch"))
	if at.Winner < 0 {
		if at.Ratio.Lo == 0 {
			faster := 0
			if at.Ratio.Ratio > 1 {
				faster = 1
			}
			return fmt.Sprintf("For %s %s looks the fastest: %s as fast as %s; an interval takes %d processes.", where, at.Champions[faster].called(),
				typeset.AsFast(towards(faster, at.Ratio)), at.Champions[1-faster].called(), stats.MinProcesses)
		}
		return fmt.Sprintf("For %s the sweep %s: %s, the best of %s, takes %s, and %s, the best of %s, takes %s.", where, doubt(at.Ratio),
			at.Champions[0].called(), s.the(0), p.timed(&at.Champions[0].Time), at.Champions[1].called(), s.the(1), p.timed(&at.Champions[1].Time))
	}
	best, other, r := at.Champions[at.Winner], at.Champions[1-at.Winner], towards(at.Winner, at.Ratio)
	said := fmt.Sprintf("For %s use %s: %s %s as fast as %s", where, best.called(), typeset.AsFast(r), typeset.Within(r), other.called())
	if other.BoundBy != "" {
		said += ", which is " + report.BoundWords(other.Bounds)
	}
	return said + "."
}

// doubt says that a ratio shows no winner.
func doubt(r *stats.Ratio) string {
	if r.Verdict == stats.NoDifference {
		return "shows no difference"
	}
	return "cannot tell"
}

// The words for a winner: by time, and by money.
const (
	wins    = "wins"
	cheaper = "is cheaper"
)

// crossing says from which sizes which side wins.
func (s *Sweep) crossing(p *Problem, c *stats.Crossover, wins string) string {
	between := fmt.Sprintf("N = %s to %s", size(c.From), size(c.To))
	if c.From == c.To {
		between = "N = " + size(c.From) + " alone"
	}
	switch c.Outcome {
	case stats.FirstAlways, stats.SecondAlways:
		side := 0
		if c.Outcome == stats.SecondAlways {
			side = 1
		}
		if c.From == c.To {
			return fmt.Sprintf("%s %s at N = %s, the only size at which both were measured.", sentence(s.the(side)), wins, size(c.From))
		}
		always := "always " + wins
		if wins == cheaper {
			always = "is always cheaper"
		}
		return fmt.Sprintf("%s %s: at every size measured, from %s.", sentence(s.the(side)), always, between)
	case stats.OneCrossover:
		if len(c.Changes) > 0 {
			return fmt.Sprintf("%s %s from N = %s.", sentence(s.the(c.Changes[0].To)), wins, change(c.Changes[0]))
		}
	case stats.Crossovers:
		var parts []string
		for _, to := range c.Changes {
			parts = append(parts, s.the(to.To)+" from N = "+change(to))
		}
		return fmt.Sprintf("Who %s changes %d times: %s.", wins, len(c.Changes), strings.Join(parts, ", "))
	}
	if c.To == 0 {
		return s.nothing(p)
	}
	return s.open(p, c, between, wins)
}

// open says what is known if the sweep cannot tell from which size the winner changes, and what
// would tell.
func (s *Sweep) open(p *Problem, c *stats.Crossover, between, wins string) string {
	var known []string
	for _, to := range c.Changes {
		switch {
		case to.Lo > 0 && to.Hi > 0:
			known = append(known, fmt.Sprintf("%s %s from N = %s", s.the(to.To), wins, change(to)))
		case to.Lo > 0:
			known = append(known, fmt.Sprintf("%s %s at N = %s, and no larger size can be told", s.the(1-to.To), wins, size(to.Lo)))
		case to.Hi > 0:
			known = append(known, fmt.Sprintf("%s %s from N = %s, and not every smaller size can be told", s.the(to.To), wins, size(to.Hi)))
		}
	}
	if said := s.oneSided(p, between); said != "" && c == &p.Crossover {
		return said + moreTime
	}
	said := "Who " + wins + " from which size, the sweep cannot tell (" + between + ")"
	if known == nil {
		said += ": no size shows who " + wins
	} else {
		said += ": " + strings.Join(known, "; ")
	}
	return said + moreTime
}

// moreTime ends what a sweep cannot tell.
const moreTime = ". More time may tell: --resume with a larger --budget."

// oneSided names the side that wins at most sizes, and the sizes at which nobody is shown to win.
// It returns "" if both sides win somewhere, or nobody at most sizes.
func (s *Sweep) oneSided(p *Problem, between string) string {
	var counts [2]int
	var open []string
	compared := p.compared()
	for _, at := range compared {
		if at.Winner >= 0 {
			counts[at.Winner]++
		} else {
			open = append(open, typeset.Count(at.N))
		}
	}
	const most = 3
	winner := 0
	if counts[1] > 0 {
		winner = 1
	}
	if counts[1-winner] > 0 || 2*counts[winner] <= len(compared) {
		return ""
	}
	rest := fmt.Sprintf("the other %d", len(open))
	if len(open) <= most {
		rest = "N = " + strings.Join(open, ", ")
	}
	return fmt.Sprintf("%s wins at %d of the %d sizes measured, from %s; at %s, the sweep cannot tell", sentence(s.the(winner)), counts[winner], len(compared), between, rest)
}

// nothing says that there is nothing to compare, why, and what to do.
func (s *Sweep) nothing(p *Problem) string {
	have := [2]bool{}
	for i := range p.Sizes {
		for side, c := range p.Sizes[i].Champions {
			have[side] = have[side] || c != nil
		}
	}
	why := "no contender has a time"
	switch {
	case have[0] && have[1]:
		why = "at no size have both sides a time"
	case have[0]:
		why = "no contender of " + s.the(1) + " has a time"
	case have[1]:
		why = "no contender of " + s.the(0) + " has a time"
	}
	gpu, renderer := s.noGPU()
	switch reason := s.whyNothing(p); {
	case gpu:
		why = "this machine has no GPU"
		if renderer != "" {
			why += " (only " + renderer + ", a software renderer)"
		}
	case reason != "":
		why += " (" + reason + ")"
	}
	said := "There is nothing to compare: " + why + "."
	if s.between() || have[0] == have[1] {
		return said
	}
	said += " To compare CPU contenders: descent sweep --between loop,simd."
	if renderer != "" {
		said += " To try the renderer: descent sweep --allow-software."
	}
	return said + " To time the CPU: descent run."
}

// noGPU reports whether the second side is empty because there is no GPU, and which software
// renderer there is; "" if there is none.
func (s *Sweep) noGPU() (none bool, renderer string) {
	for _, absent := range s.Absent {
		reason, is := strings.CutPrefix(absent.Reason, "no GPU: ")
		if !is || s.between() {
			continue
		}
		device, _, is := strings.Cut(reason, " is a software renderer")
		if !is {
			return true, ""
		}
		_, name, found := strings.Cut(device, ": ") // how it was found goes before it
		if !found {
			name = device
		}
		return true, deviceName(name)
	}
	return false, ""
}

// whyNothing returns the reason that the gaps give, or a contender that could not run.
func (s *Sweep) whyNothing(p *Problem) string {
	for i := range p.Sizes {
		if gap := p.Sizes[i].Gap; strings.Contains(gap, ": ") {
			return typeset.Cut(gap, 100)
		}
	}
	for _, absent := range s.Absent {
		if strings.HasPrefix(absent.Contender, "gl") || s.between() {
			return typeset.Cut(backend(absent.Contender)+": "+absent.Reason, 100)
		}
	}
	return ""
}

// epochsVerdict says from how many epochs the slower starter wins if the process starts cold, at
// one size: that of the verdict if the second side wins there, and else the largest at which it
// does.
func (s *Sweep) epochsVerdict(p *Problem, main *Size) string {
	var at *Size
	for _, size := range p.compared() {
		if size.Winner == 1 {
			at = size
		}
	}
	if at == nil {
		return ""
	}
	if main.Winner == 1 {
		at = main
	}
	b := p.breakEven(at.N, Cold, false)
	if b == nil || b.Answer != stats.FromEpochs {
		return ""
	}
	epochs := around(b.Epochs, b.Lo, b.Hi)
	if at == main && b.Epochs > float64(p.Epochs) {
		return fmt.Sprintf("But if the process starts cold, it wins at N = %s only from %s epochs.", typeset.Count(at.N), epochs)
	}
	return fmt.Sprintf("At N = %s, %s wins from %s epochs if the process starts cold.", typeset.Count(at.N), s.the(1), epochs)
}

// breakEven returns what is known of a start at one size, nil if nothing is.
func (p *Problem) breakEven(n int, start Start, first bool) *BreakEven {
	i := slices.IndexFunc(p.BreakEven, func(b BreakEven) bool { return b.N == n && b.Start == start && b.First == first })
	if i < 0 {
		return nil
	}
	return &p.BreakEven[i]
}

// costVerdict returns the crossover by money.
func (s *Sweep) costVerdict(p *Problem) string {
	where := ""
	if len(s.Problems) > 1 {
		where = "in " + p.name(s) + ", "
	}
	return fmt.Sprintf("By money, %s%s at %s and %s at %s an hour: %s", where, s.the(0), price(s.Cost.PerHour[0]), s.the(1), price(s.Cost.PerHour[1]),
		within(s.crossing(p, p.ByCost, cheaper)))
}

// within lets a sentence follow other words.
func within(sentence string) string {
	for _, word := range []string{"The ", "There ", "Who "} {
		if rest, is := strings.CutPrefix(sentence, word); is {
			return strings.ToLower(word) + rest
		}
	}
	return sentence
}

func price(v float64) string {
	if v == math.Trunc(v) || v < 0.01 {
		return typeset.Number(v)
	}
	return fmt.Sprintf("%.2f", v)
}
