package stats

// A Point holds two sides against each other at one size.
type Point struct {
	N     float64
	Ratio LogRatio // how many times as fast the second side is as the first
	Floor float64  // the noise floor, a logarithm
}

// An Outcome says in a word what the points of a sweep show.
type Outcome string

// The outcomes of a sweep.
const (
	OneCrossover  Outcome = "one crossover"
	Crossovers    Outcome = "several crossovers"
	FirstAlways   Outcome = "first always" // the first side wins at every size measured
	SecondAlways  Outcome = "second always"
	CrossoverOpen Outcome = "cannot tell"
)

// A Crossover says from which size which side wins.
type Crossover struct {
	Outcome Outcome  `json:"outcome"`
	Changes []Change `json:"changes,omitempty"` // ascending
	// From and To are the smallest and the largest size that were compared; 0 without any.
	From float64 `json:"from_n"`
	To   float64 `json:"to_n"`
}

// A Change is a size at which the winner changes.
type Change struct {
	To int     `json:"to"` // the side that wins above it: 0 or 1
	At float64 `json:"at_n,omitempty"`
	Lo float64 `json:"lo_n,omitempty"` // 0 is not known
	Hi float64 `json:"hi_n,omitempty"` // 0 is not known
}

// A BreakEven is the number of epochs from which a side with higher one-off costs and faster epochs
// wins.
type BreakEven struct {
	Answer EpochAnswer `json:"answer"`
	Epochs float64     `json:"epochs,omitempty"`
	Lo     float64     `json:"lo,omitempty"`
	Hi     float64     `json:"hi,omitempty"` // 0 is not bounded
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
