package stats

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
