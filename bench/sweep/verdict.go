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
// on the other ones. Those with the same answer have one sentence.
func verdicts(s *Sweep) []string {
	main := s.main()
	if main == nil {
		return []string{"The sweep has measured nothing yet."}
	}
	out := []string{s.verdict(main)}
	if main.compared() == nil {
		return out
	}
	answer := func(p *Problem) string { return s.crossing(p, byTime(p)) }
	others := grouped{}
	for _, p := range s.ordered()[1:] {
		others.add(answer(p), p.name(s))
	}
	for _, said := range others.said {
		if names := and(others.keys[said]); said == answer(main) {
			out = append(out, "The same holds in "+names+".")
		} else {
			out = append(out, "In "+names+", "+within(once(said)))
		}
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
	crossing, epochs := s.crossing(p, byTime(p)), s.epochsVerdict(p, size)
	if epochs != "" {
		crossing = strings.TrimSuffix(crossing, seeMap)
	}
	parts := []string{s.use(p, size), crossing, epochs}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// use says which contender to use at one size.
func (s *Sweep) use(p *Problem, at *Size) string {
	where := fmt.Sprintf("N = %s in %s and %s", typeset.Count(at.N), p.name(s), typeset.Plural(p.Epochs, "epoch"))
	names := [2]string{at.Champions[0].called(), at.Champions[1].called()}
	// A caution names the software renderer that both sides have.
	if a, b := at.Champions[0].Info, at.Champions[1].Info; a.Software && a.Device == b.Device {
		names = [2]string{backend(at.Champions[0].Contender), backend(at.Champions[1].Contender)}
	}
	if at.Winner < 0 && at.Ratio.Lo == 0 {
		faster := 0
		if at.Ratio.Ratio > 1 {
			faster = 1
		}
		return fmt.Sprintf("For %s %s looks the fastest: %s as fast as %s; an interval takes %d processes.", where, names[faster],
			typeset.AsFast(towards(faster, at.Ratio)), names[1-faster], stats.MinProcesses)
	}
	if at.Winner < 0 {
		takes := func(side int) string {
			best := ""
			if s.Sides[side].Name != backend(at.Champions[side].Contender) {
				best = ", the best of " + s.the(side) + ","
			}
			return names[side] + best + " takes " + p.timed(&at.Champions[side].Time)
		}
		return fmt.Sprintf("For %s the sweep %s: %s, and %s.", where, doubt(at.Ratio), takes(0), takes(1))
	}
	other, r := at.Champions[1-at.Winner], towards(at.Winner, at.Ratio)
	said := fmt.Sprintf("For %s use %s: %s as fast as %s", where, names[at.Winner], strings.TrimSpace(typeset.AsFast(r)+" "+typeset.Within(r)), names[1-at.Winner])
	if other.BoundBy != "" {
		said += ", which " + report.BoundWords(other.Bounds)
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

// A reckoning is one way to tell a winner: by time, or by money.
type reckoning struct {
	crossover *stats.Crossover
	winners   *Map
	wins      string          // what a winner does
	winner    func(*Size) int // -1 if it cannot be told
}

func byTime(p *Problem) reckoning {
	return reckoning{&p.Crossover, &p.Map, "wins", func(at *Size) int { return at.Winner }}
}

func byMoney(p *Problem) reckoning {
	return reckoning{p.ByCost, p.CostMap, "is cheaper", func(at *Size) int {
		if at.CostWinner == nil {
			return -1
		}
		return *at.CostWinner
	}}
}

// crossing says from which sizes which side wins.
func (s *Sweep) crossing(p *Problem, by reckoning) string {
	c := by.crossover
	switch c.Outcome {
	case stats.FirstAlways, stats.SecondAlways:
		side := 0
		if c.Outcome == stats.SecondAlways {
			side = 1
		}
		return s.always(side, by)
	case stats.OneCrossover:
		if len(c.Changes) > 0 {
			return fmt.Sprintf("%s %s from N = %s.", sentence(s.the(c.Changes[0].To)), by.wins, change(c.Changes[0]))
		}
	case stats.Crossovers:
		var parts []string
		for _, to := range c.Changes {
			parts = append(parts, s.the(to.To)+" from N = "+change(to))
		}
		return fmt.Sprintf("Who %s changes %d times: %s.", by.wins, len(c.Changes), strings.Join(parts, ", "))
	}
	if c.To == 0 {
		return s.nothing(p)
	}
	return s.open(p, by)
}

// always says that a side wins at every size. If the other one wins in a cell of the map, all the
// same, the data must be loaded for that.
func (s *Sweep) always(side int, by reckoning) string {
	c := by.crossover
	said := fmt.Sprintf("%s at every size measured, from N = %s to %s.", by.wins, size(c.From), size(c.To))
	if c.From == c.To {
		said = fmt.Sprintf("%s at N = %s, the only size at which both were measured.", by.wins, size(c.From))
	}
	if by.winners == nil || !by.winners.hasWinner(1-side) {
		return sentence(s.the(side)) + " " + said
	}
	return fmt.Sprintf("Once the data are loaded, %s %s", s.the(side), said) + seeMap
}

// seeMap ends an answer that a cold start changes.
const seeMap = " From a cold start, see the map."

// hasWinner reports whether a side wins in some cell.
func (m *Map) hasWinner(side int) bool {
	return slices.ContainsFunc(m.Rows, func(at MapAt) bool {
		return slices.ContainsFunc(at.Cells, func(cell Cell) bool { return cell.Winner == side })
	})
}

// open says what is known if the sweep cannot tell from which size the winner changes, and what
// would tell.
func (s *Sweep) open(p *Problem, by reckoning) string {
	if said := s.oneSided(p, by); said != "" {
		return said + moreTime
	}
	var known []string
	for _, to := range by.crossover.Changes {
		switch {
		case to.Lo > 0 && to.Hi > 0:
			known = append(known, fmt.Sprintf("%s %s from N = %s", s.the(to.To), by.wins, change(to)))
		case to.Lo > 0:
			known = append(known, fmt.Sprintf("%s %s at N = %s, and no larger size can be told", s.the(1-to.To), by.wins, size(to.Lo)))
		case to.Hi > 0:
			known = append(known, fmt.Sprintf("%s %s from N = %s, and not every smaller size can be told", s.the(to.To), by.wins, size(to.Hi)))
		}
	}
	if known != nil {
		return sentence(strings.Join(known, "; ")) + moreTime
	}
	c := by.crossover
	at := "at any size from N = " + size(c.From) + " to " + size(c.To)
	if c.From == c.To {
		at = "at N = " + size(c.From)
	}
	return "The sweep cannot tell which side " + by.wins + " " + at + moreTime
}

// moreTime ends what a sweep cannot tell.
const moreTime = ". More time may tell: --resume with a larger --budget."

// once leaves out moreTime, which another sentence has.
func once(said string) string {
	if known, is := strings.CutSuffix(said, moreTime); is {
		return known + "."
	}
	return said
}

// oneSided names the sizes at which the one side wins that wins anywhere, and those at which nobody
// is shown to win. It returns "" if both sides win somewhere, or nobody does.
func (s *Sweep) oneSided(p *Problem, by reckoning) string {
	const most = 4 // items of a list of sizes
	compared, lists, counts := p.compared(), [2][]string{}, [2]int{}
	winner, open := 0, 1 // indexes of lists
	for i := 0; i < len(compared); {
		side, last := by.winner(compared[i]), i
		for last+1 < len(compared) && by.winner(compared[last+1]) == side {
			last++
		}
		list := &lists[open]
		if side >= 0 {
			winner, list = side, &lists[1-open]
			counts[side] += last - i + 1
		}
		*list = append(*list, stretch(compared[i:last+1])...)
		i = last + 1
	}
	won := counts[winner]
	if won == 0 || counts[1-winner] > 0 {
		return ""
	}
	if len(lists[0]) > most || len(lists[1]) > most {
		return fmt.Sprintf("%s %s at %d of the %d sizes measured; at the other %d, the sweep cannot tell", sentence(s.the(winner)), by.wins, won, len(compared),
			len(compared)-won)
	}
	return fmt.Sprintf("%s %s at N = %s; at %s, the sweep cannot tell", sentence(s.the(winner)), by.wins, and(lists[1-open]), and(lists[open]))
}

// stretch names neighbouring sizes: all of one or two, or the first to the last.
func stretch(sizes []*Size) []string {
	first, last := typeset.Count(sizes[0].N), typeset.Count(sizes[len(sizes)-1].N)
	switch len(sizes) {
	case 1:
		return []string{first}
	case 2:
		return []string{first, last}
	}
	return []string{first + " to " + last}
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
	epochs, first := around(b.Epochs, b.Lo, b.Hi), " after the first"
	if f := p.breakEven(at.N, Cold, true); f != nil && f.Answer == stats.FromEpochs {
		first = ""
		epochs += " epochs; the first process of all, from " + rounded(f.Epochs, 2)
	} else {
		epochs += " epochs"
	}
	if at == main && b.Epochs > float64(p.Epochs) {
		return fmt.Sprintf("But from a cold start%s, it wins at N = %s only from %s.", first, typeset.Count(at.N), epochs)
	}
	return fmt.Sprintf("From a cold start%s, %s wins at N = %s from %s.", first, s.the(1), typeset.Count(at.N), epochs)
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
		within(once(s.crossing(p, byMoney(p)))))
}

// within lets a sentence follow other words.
func within(sentence string) string {
	for _, word := range []string{"The ", "There ", "Who ", "Once "} {
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
