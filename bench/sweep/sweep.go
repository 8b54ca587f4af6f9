// Package sweep turns the runs of a sweep into its answers: from which size the second side wins,
// from how many epochs, by how much at every size, and why. It is a pure function of its runs, like
// package report.
//
//	sweep.go      the answers, as types
//	group.go      which runs are of one sweep, and whether they fit together
//	new.go        a sweep from its runs
//	sides.go      which contender is on which side
//	pool.go       all visits of a size together
//	match.go      both sides at a size: champions, ratio, gaps
//	oneoff.go     what a process pays once, and what for each epoch
//	breakeven.go  from how many epochs the second side wins
//	winners.go    the winner map, and the runs that check it
//	model.go      t = c + N/r
//	money.go      the answers by money
//	across.go     the answers for two machines
//	write.go      the formats; page.go how text and Markdown are laid out
//	verdict.go    the answer in a paragraph; words.go names of sides, contenders and sizes
//	tables.go     the tables; notes.go the lines below them; details.go those on request
//	csv.go        the other formats
package sweep

import (
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/machine"
	"descent/bench/report"
	"descent/bench/stats"
)

// A Sweep holds the answers of one sweep.
type Sweep struct {
	ID      string      `json:"id"`
	Version string      `json:"version,omitempty"` // of descent
	Time    time.Time   `json:"time"`              // when its first run began
	Env     journal.Env `json:"env"`
	// Plan is the plan of its first run. Its N and Features are those of that run alone.
	Plan    journal.Plan         `json:"plan"`
	Budget  time.Duration        `json:"budget_ns"`
	Machine []machine.Assessment `json:"machine,omitempty"` // of two machines, the worse one counts
	Grade   machine.Grade        `json:"grade,omitempty"`
	Probe   *bench.Probe         `json:"probe,omitempty"`
	// Ceilings are those of the processor.
	Ceilings []journal.Ceiling `json:"ceilings,omitempty"`
	Sides    [2]Side           `json:"sides"`
	// Problems has an entry for each number of features and each precision.
	Problems []Problem `json:"problems"`
	LeftOut  []LeftOut `json:"left_out,omitempty"`
	// Absent are the contenders that could not run at all, each with its reason.
	Absent []LeftOut `json:"absent,omitempty"`
	// Unvisited are the first sizes that were not measured, each with its reason.
	Unvisited []journal.Unvisited `json:"unvisited,omitempty"`
	// End is journal.Complete if the sweep has all it needs, journal.OutOfBudget, Interrupted,
	// CutShort or InProgress.
	End      string `json:"end"`
	TotalNS  int64  `json:"total_ns,omitempty"`      // of all its runs
	DriverNS int64  `json:"driver_cpu_ns,omitempty"` // processor time of the driver in them
	// CeilingsNS is the processor time that measuring the ceilings took, which is not in DriverNS.
	CeilingsNS int64 `json:"ceilings_cpu_ns,omitempty"`
	// Cost is nil unless prices were given.
	Cost *Cost `json:"cost,omitempty"`
	// Warnings says what the reader must know before believing a number.
	Warnings []string `json:"warnings,omitempty"`

	Runs []*report.Report `json:"-"` // in the order of the file

	sides *sides
}

// A Side is one of the two sides of a sweep. Its name is "software renderer" if it has no other
// device.
type Side struct {
	Name     string `json:"name"`               // "CPU", "GPU", or as --between has it
	Device   string `json:"device,omitempty"`   // "" if its contenders have several
	Software bool   `json:"software,omitempty"` // all of its devices are software renderers
	Machine  string `json:"machine,omitempty"`  // set if the sides are of two machines
}

// A LeftOut is a contender that was not measured at some sizes, and why.
type LeftOut struct {
	Contender string `json:"contender"`
	From      int    `json:"from_n,omitempty"` // the first such size; 0 for all
	Reason    string `json:"reason"`
}

// A Problem is the part of a sweep with one number of features and one precision.
type Problem struct {
	Features  int             `json:"features"`
	Precision string          `json:"precision"`
	Epochs    int             `json:"epochs"`
	Sizes     []Size          `json:"sizes"` // ascending
	Crossover stats.Crossover `json:"crossover"`
	// ByCost is the crossover by money; nil unless prices were given.
	ByCost    *stats.Crossover `json:"crossover_by_cost,omitempty"`
	BreakEven []BreakEven      `json:"break_even,omitempty"`
	Map       Map              `json:"map"`
	CostMap   *Map             `json:"map_by_cost,omitempty"`
	Models    []Model          `json:"models,omitempty"`

	matches []*match         // by N, ascending
	checks  map[int][]*match // of the runs that validate, by epochs
}

// A Size is what is known of both sides at one N. Without both champions it is a gap.
type Size struct {
	N         int          `json:"n"`
	Champions [2]*Champion `json:"champions"` // the best verified contender of each side
	Gap       string       `json:"gap,omitempty"`
	// Ratio is how many times as fast the second champion is as the first. Its verdict agrees with
	// Winner: it is Faster if the second side wins, Slower if the first does.
	Ratio *stats.Ratio `json:"ratio,omitempty"`
	Floor float64      `json:"floor,omitempty"` // the noise floor, as 0.02
	// Winner is the side that is shown to win: 0 or 1, and -1 if that cannot be told.
	Winner int `json:"winner"`
	// CostWinner is the same by money; nil unless prices were given.
	CostWinner *int   `json:"winner_by_cost,omitempty"`
	Others     []Time `json:"others,omitempty"` // the rest of both sides, and other algorithms
}

// A Time is what is known of a contender at one size.
type Time struct {
	Contender string       `json:"contender"`
	Side      int          `json:"side"` // -1 is none
	EpochNS   float64      `json:"epoch_ns,omitempty"`
	Lo        float64      `json:"lo_ns,omitempty"` // 95% interval of EpochNS; 0 if there is none
	Hi        float64      `json:"hi_ns,omitempty"`
	Processes int          `json:"processes"`
	Scaled    bool         `json:"scaled,omitempty"` // fewer epochs were timed
	Algorithm string       `json:"algorithm,omitempty"`
	Status    bench.Status `json:"status"`
	Note      string       `json:"note,omitempty"` // why, if the status is not OK
}

// A Champion is the best contender of a side at one size.
type Champion struct {
	Time
	Info bench.Info `json:"info"`
	// Bounds is what its epoch is made of, as report.Row has it.
	Bounds  []report.Bound `json:"bounds,omitempty"`
	BoundBy string         `json:"bound_by,omitempty"`
}

// A Start says which one-off costs a descent pays.
type Start string

// The starts. A cold process pays for opening the backend, compiling, searching, conversion,
// upload, what its first epoch takes longer, and w back. New data pay for conversion, upload, and w
// back. Resident data pay for w back.
const (
	Cold     Start = "cold process"
	NewData  Start = "new data"
	Resident Start = "data resident"
)

// A BreakEven is the number of epochs from which the second side wins at one N:
//
//	K* = (F₂ − F₁)/(e₁ − e₂)
//
// F is the one-off cost, and e the time of an epoch, of each side's champion.
type BreakEven struct {
	N     int   `json:"n"`
	Start Start `json:"start"`
	// First says that it is about the first process of each champion at this N. All others are
	// about later ones, for which the device's driver may have cached compiled programs. The cost
	// of a first process was seen once, so its interval holds the spread of the epochs alone.
	First bool `json:"first,omitempty"`
	stats.BreakEven
}

// A Map says who wins for N rows and K epochs, all costs of a cold process included.
type Map struct {
	Epochs []int   `json:"epochs"` // K: powers of ten, and the sweep's epochs
	Rows   []MapAt `json:"rows"`   // by N, ascending
	// Checks are the runs that measured computed cells, to validate them.
	Checks []Check `json:"checks,omitempty"`
}

// A Check is a run of K epochs that validates computed times.
type Check struct {
	N          int      `json:"n"`
	Epochs     int      `json:"epochs"`
	Contenders []string `json:"contenders"` // whose times were measured
	// Error is how far the measured times were from the computed ones, as a share: the largest of
	// the contenders. Both have the one-off cost of the same processes.
	Error float64 `json:"error"`
}

// A MapAt is the row of a map for one N, with a cell for each of Map.Epochs.
type MapAt struct {
	N     int    `json:"n"`
	Cells []Cell `json:"cells"`
}

// A Cell says who wins for N rows and K epochs.
type Cell struct {
	// Best names the best contender of each side; "" in a gap.
	Best   [2]string `json:"best"`
	Winner int       `json:"winner"` // 0 or 1; -1 is a tie, or a gap
	// Ratio is how many times as fast the second side is. Lo and Hi are 0 if there is no interval.
	Ratio float64 `json:"ratio,omitempty"`
	Lo    float64 `json:"lo,omitempty"`
	Hi    float64 `json:"hi,omitempty"`
	// Measured says that so many epochs were timed, by the sweep or by a run that checked it. So
	// was the one epoch that every process begins with. Other cells are computed from F + K·e.
	Measured bool `json:"measured,omitempty"`
	// Error is Check.Error, if a run checked this cell. Ratio is then that of the measured times.
	Error float64 `json:"error,omitempty"`
}

// A Model is t = c + N/r for the epoch of one contender, where it holds.
type Model struct {
	Contender string  `json:"contender"`
	ConstNS   float64 `json:"const_ns"`    // c
	RowsPerNS float64 `json:"rows_per_ns"` // r; 0 if the time does not grow with N
	Residual  float64 `json:"residual"`    // the largest, as a share of the time
	FromN     int     `json:"from_n"`
	ToN       int     `json:"to_n"`
}

// A Cost is the price of an hour of each side.
type Cost struct {
	PerHour [2]float64 `json:"per_hour"`
}
