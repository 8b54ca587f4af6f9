package stats

import (
	"maps"
	"math"
	"slices"
)

// Costs are what the processes of a contender cost, by process.
type Costs map[int]Cost

// A Cost is what one process costs, in nanoseconds or in money.
type Cost struct {
	OneOff float64 // F: once
	Epoch  float64 // e: for each epoch
}

// A BreakEven is the number of epochs at which two sides cost the same:
//
//	K* = (F₂ − F₁)/(e₁ − e₂)
type BreakEven struct {
	Answer EpochAnswer `json:"answer"`
	// Epochs is K*, or 1 if it is less. It is 0 if the sides never cost the same.
	Epochs float64 `json:"epochs,omitempty"`
	// Lo and Hi bound Epochs with 95% confidence. For EpochsUntold there is no Hi; Lo is the number
	// of epochs up to which the side Below is shown to win, or 0.
	Lo float64 `json:"lo,omitempty"`
	Hi float64 `json:"hi,omitempty"`
	// Below is the side that is shown to win below Lo epochs: 0 or 1, and -1 for neither. If one
	// side wins at any number of epochs, it is this side.
	Below int `json:"below"`
}

// An EpochAnswer says of which kind a BreakEven is.
type EpochAnswer string

// The kinds of a BreakEven.
const (
	FromEpochs   EpochAnswer = "from"   // the second side wins from so many epochs
	UntilEpochs  EpochAnswer = "until"  // the second side wins only below so many epochs
	AtAnyEpochs  EpochAnswer = "always" // it wins from the first epoch
	NeverEpochs  EpochAnswer = "never"  // it never wins
	EpochsUntold EpochAnswer = "cannot tell"
)

// breakEvenPairs is the least number of pairs for an interval of a break-even. Two pairs have one
// degree of freedom: a quantile of 12.7, and no spread to check.
const breakEvenPairs = 3

// FindBreakEven returns the break-even of two contenders of one run. As in Compare, the processes
// of one generation are compared in pairs. The interval is Fieller's (J. R. Statist. Soc. B 16
// (1954) 175): it holds every k for which Student's t test cannot tell a − k·b from 0. With the
// means of a = F₂ − F₁ and b = e₁ − e₂ over G generations, and the variances and the covariance of
// these means, that is
//
//	(a − k·b)² ≤ t(G−1)²·(var a − 2k·cov(a, b) + k²·var b)
//
// It is an interval if the sign of b is shown. The answer is then
//
//	AtAnyEpochs   b > 0 and the interval ends below 1
//	FromEpochs    b > 0 otherwise
//	NeverEpochs   b < 0 and the interval ends below 1
//	UntilEpochs   b < 0 otherwise
//
// Without the sign of b, or with fewer than three pairs, it is EpochsUntold. Student's quantile
// grows as pairs get fewer, so that the interval covers the truth with three pairs, too.
func FindBreakEven(first, second Costs) BreakEven {
	var a, b []float64
	for _, process := range slices.Sorted(maps.Keys(first)) {
		if c, ok := second[process]; ok {
			a = append(a, c.OneOff-first[process].OneOff)
			b = append(b, first[process].Epoch-c.Epoch)
		}
	}
	f := meansOf(a, b)
	return f.breakEven(float64(f.processes - 1))
}

// FindBreakEvenApart returns the break-even of contenders of two runs, perhaps on two machines.
// Their processes are not paired. The interval inverts Welch's test of F₂ + k·e₂ against F₁ + k·e₁,
// with its degrees of freedom at k = K*.
func FindBreakEvenApart(first, second Costs) BreakEven {
	split := func(costs Costs) means {
		var f, e []float64
		for _, process := range slices.Sorted(maps.Keys(costs)) {
			f, e = append(f, costs[process].OneOff), append(e, costs[process].Epoch)
		}
		return meansOf(f, e)
	}
	one, two := split(first), split(second)
	both := means{
		a: two.a - one.a, b: one.b - two.b,
		varA: one.varA + two.varA, varB: one.varB + two.varB, cov: -one.cov - two.cov,
		processes: min(one.processes, two.processes),
	}
	k := max(0, both.a/both.b)
	square := func(m means) float64 { return m.varA + 2*k*m.cov + k*k*m.varB }
	s1, s2 := square(one), square(two)
	freedom := (s1 + s2) * (s1 + s2) / (s1*s1/float64(one.processes-1) + s2*s2/float64(two.processes-1))
	if !(freedom >= 1) { // no process differs from another, or K* is too large for a number
		freedom = float64(both.processes - 1)
	}
	return both.breakEven(freedom)
}

// means holds the means of two quantities over some processes, with the variances and the
// covariance of these means.
type means struct {
	a, b, varA, varB, cov float64
	processes             int
}

func meansOf(a, b []float64) means {
	n := float64(len(a))
	m := means{processes: len(a)}
	m.a, m.varA = moments(a)
	m.b, m.varB = moments(b)
	m.varA, m.varB = m.varA/n, m.varB/n
	for i := range a {
		m.cov += (a[i] - m.a) * (b[i] - m.b) / (n - 1) / n
	}
	return m
}

// breakEven solves the inequality at FindBreakEven, which is A·k² − 2B·k + C ≤ 0.
func (m means) breakEven(freedom float64) BreakEven {
	out := BreakEven{Answer: EpochsUntold, Below: -1}
	if k := m.a / m.b; k > 0 && !math.IsInf(k, 0) {
		out.Epochs = max(1, k)
	}
	if m.processes < breakEvenPairs {
		return out
	}
	t := studentQuantile((1+confidence)/2, freedom)
	A, B, C := m.b*m.b-t*t*m.varB, m.a*m.b-t*t*m.cov, m.a*m.a-t*t*m.varA
	root := math.Sqrt(max(0, B*B-A*C))
	lo, hi := (B-root)/A, (B+root)/A
	below := 0 // the side with lower one-off costs
	if m.a < 0 {
		below = 1
	}
	switch {
	case A > 0 && hi < 1:
		out = BreakEven{Answer: AtAnyEpochs, Below: 1}
		if m.b < 0 {
			out = BreakEven{Answer: NeverEpochs}
		}
	case A > 0 && hi < math.Inf(1):
		at := max(1, m.a/m.b) // which rounding may put an ulp beyond the roots, if nothing varies
		out = BreakEven{Answer: FromEpochs, Epochs: at, Lo: min(max(1, lo), at), Hi: max(hi, at), Below: -1}
		if m.b < 0 {
			out.Answer = UntilEpochs
		}
		if lo >= 1 {
			out.Below = below
		}
	case C > 0: // the sign of a is shown; the smaller positive root is where it no longer decides
		if lo = C / (B + root); lo >= 1 && !math.IsInf(lo, 0) {
			out.Lo, out.Below = lo, below
		}
	}
	return out
}
