package journal

import (
	"fmt"
	"time"

	"descent/bench"
	"descent/bench/machine"
)

// Schema is the version of the results file that this package writes and reads.
const Schema = 2

// A Record is one line of a results file: exactly one of its fields is set. A run begins with its
// header. What follows is in the order in which it became known. A file holds one run or several,
// one after the other.
type Record struct {
	Header  *Header          `json:"header,omitempty"`
	Resume  *Resumed         `json:"resume,omitempty"`
	Process *Started         `json:"process,omitempty"`
	Warm    *Warmed          `json:"warm,omitempty"`
	Twin    *bench.Contender `json:"twin,omitempty"` // the null arm, once its contender is known
	Sample  *Sample          `json:"sample,omitempty"`
	Fault   *Fault           `json:"fault,omitempty"`
	Exit    *Exit            `json:"exit,omitempty"`
	End     *End             `json:"end,omitempty"`
	Swept   *Swept           `json:"swept,omitempty"` // after the last run of a sweep
}

// A Header says what was to be measured, and on what machine. DataSum is the checksum of the data
// as they ran: of X and d after standardisation.
type Header struct {
	Schema     int                  `json:"schema"`
	Version    string               `json:"version,omitempty"` // of descent
	Time       time.Time            `json:"time"`
	Plan       Plan                 `json:"plan"`
	Flags      map[string][]string  `json:"flags,omitempty"` // of the command line
	DataSum    string               `json:"data_sum,omitempty"`
	Env        Env                  `json:"env"`
	Machine    []machine.Assessment `json:"machine,omitempty"` // its state before the run
	Sweep      *Sweep               `json:"sweep,omitempty"`   // nil for a run of its own
	Probe      *bench.Probe         `json:"probe,omitempty"`
	Ceilings   []Ceiling            `json:"ceilings,omitempty"`
	Contenders []bench.Contender    `json:"contenders"`
}

// SameProblem returns an error if the times of two runs are not of the same problem: the same data
// in the same number of rows, for as many epochs at the same rate. Sums tell whether data are the
// same; the name of a file does not. Names and seeds count if a file holds no sum, and between two
// architectures, where standardising and drawing may round differently.
func (h *Header) SameProblem(o *Header) error {
	was, is := h.Plan.Problem(), o.Plan.Problem()
	switch summed := h.DataSum != "" && o.DataSum != "" && h.Env.GoArch == o.Env.GoArch; {
	case !summed && was == is || summed && h.DataSum == o.DataSum && h.Plan.size() == o.Plan.size():
		return nil
	case was == is:
		return fmt.Errorf("the runs are of different problems: %s, but of other data (%s, then %s)", was, h.DataSum, o.DataSum)
	}
	return fmt.Errorf("the runs are of different problems: %s, then %s", was, is)
}

// Resumed is written when a run goes on that had ended or was cut short. Processes, Resolution and
// Budget are the plan's in this session. Files of earlier versions hold none of them, and a budget
// of 0.
type Resumed struct {
	Time       time.Time            `json:"time"`
	Processes  int                  `json:"processes,omitempty"`
	Resolution float64              `json:"resolution,omitempty"`
	Budget     time.Duration        `json:"budget_ns,omitempty"`
	Machine    []machine.Assessment `json:"machine,omitempty"`
}

// Started is written when a contender's process is ready to descend.
type Started struct {
	Contender string     `json:"contender"`
	Process   int        `json:"process"`
	Info      bench.Info `json:"info"`
	InitNS    int64      `json:"init_ns"`
	LoadNS    int64      `json:"load_ns"`
	bench.LoadPhases
}

// Warmed is written when the warm-up of a process has ended. It says what a sample of the process
// is.
type Warmed struct {
	Contender string `json:"contender"`
	Process   int    `json:"process"`
	Samples   int    `json:"samples"`           // that the test for drift saw
	Settled   bool   `json:"settled,omitempty"` // the last samples showed no drift
	Epochs    int    `json:"epochs"`            // a call
	Calls     int    `json:"calls"`             // a sample
	// OverheadNS is the median time of an exchange on the driver's clock, beyond the worker's time.
	OverheadNS int64 `json:"overhead_ns"`
}

// A Fault ends a contender's part in the run.
type Fault struct {
	Contender   string `json:"contender"`
	Process     int    `json:"process"`
	Unavailable bool   `json:"unavailable,omitempty"`
	Error       string `json:"error"`
	Hint        string `json:"hint,omitempty"`
	Stderr      string `json:"stderr,omitempty"`
}

// Exit is written when a contender's process is gone, after a fault too.
type Exit struct {
	Contender string `json:"contender"`
	Process   int    `json:"process"`
	PeakBytes int64  `json:"peak_bytes,omitempty"`
}

// The reasons why a run ended.
const (
	Resolved    = "resolved"    // the ranking is known to the resolution
	Complete    = "complete"    // as many processes as were asked for
	OutOfBudget = "budget"      // the budget was used up
	Interrupted = "interrupted" // by its user
	CutShort    = "cut short"   // the file has no End
	InProgress  = "in progress" // the file has no End yet
)

// End is the last line of a run that ended in order.
type End struct {
	Reason  string               `json:"reason"`
	TotalNS int64                `json:"total_ns"`
	Machine []machine.Assessment `json:"machine,omitempty"` // its state over the run
	// DriverNS is the processor time that the driver used for the measuring, and DriverBytes its
	// memory at the end.
	DriverNS    int64 `json:"driver_cpu_ns,omitempty"`
	DriverBytes int64 `json:"driver_bytes,omitempty"`
}
