package journal

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"descent/bench"
)

// A Sweep says which part of a sweep a run is. A sweep measures many sizes, each in one run or in
// several. Its runs stand one after the other in one results file. They have the same ID and the
// same question: everything here except Visit, Role and LeftOut.
type Sweep struct {
	ID       string `json:"id"`
	Sizes    []int  `json:"sizes"`    // the first sizes N, ascending; refining adds others
	Features []int  `json:"features"` // ascending
	// Epochs is what times are of. A run that validates has other epochs in its plan.
	Epochs int `json:"epochs"`
	// Between are the two sides whose best contenders are held against each other. If it is empty,
	// the first side is the processor, and the second is every other device.
	Between []Side `json:"between,omitempty"`
	// Software says that a software renderer counts as a device.
	Software bool          `json:"software,omitempty"`
	Budget   time.Duration `json:"budget_ns"` // for all runs together

	Visit   int       `json:"visit"` // the number of this run in the sweep, from 0
	Role    Role      `json:"role"`
	LeftOut []LeftOut `json:"left_out,omitempty"`
}

// A Role says why a sweep made a run.
type Role string

// The roles of a run in a sweep.
const (
	OfGrid   Role = "grid"     // one of the first sizes
	Refining Role = "refine"   // a size between two others, to narrow a crossover
	AtAnEnd  Role = "end"      // a size again, because an end of a crossover stands on it
	Checking Role = "validate" // other epochs, to check cells of the winner map
)

// A Side is one of two groups of contenders.
type Side struct {
	Name       string   `json:"name"`       // as the user wrote it
	Contenders []string `json:"contenders"` // their names
}

// A LeftOut is a contender that a run of a sweep leaves out.
type LeftOut struct {
	Contender string `json:"contender"`
	Reason    string `json:"reason"`
}

// Swept is the last line of a sweep that ended in order. It follows the end of the last run. A
// sweep without it was cut short. A session that goes on with the sweep writes another at its end.
type Swept struct {
	// Reason is Complete if the sweep has all it needs, OutOfBudget, or Interrupted.
	Reason  string `json:"reason"`
	TotalNS int64  `json:"total_ns"` // of this session, with the making of the data
	// DriverNS is the processor time that the driver used in this session. It does not hold
	// CeilingsNS, which measuring the ceilings took, once.
	DriverNS   int64 `json:"driver_cpu_ns,omitempty"`
	CeilingsNS int64 `json:"ceilings_cpu_ns,omitempty"`
	// Unvisited are the first sizes that were not measured.
	Unvisited []Unvisited `json:"unvisited,omitempty"`
}

// Unvisited is a size of a sweep that no run measured, and why.
type Unvisited struct {
	N        int    `json:"n"`
	Features int    `json:"features"`
	Reason   string `json:"reason"`
}

// Same reports whether two runs are of the same sweep, with the same question. The budget may
// differ, because a sweep may be resumed with another.
func (s *Sweep) Same(o *Sweep) bool {
	return s.ID == o.ID && slices.Equal(s.Sizes, o.Sizes) && slices.Equal(s.Features, o.Features) && s.Epochs == o.Epochs &&
		s.Software == o.Software && s.SameSides(o)
}

// SameSides reports whether two sweeps are between the same sides.
func (s *Sweep) SameSides(o *Sweep) bool {
	return slices.EqualFunc(s.Between, o.Between, func(a, b Side) bool { return a.Name == b.Name && slices.Equal(a.Contenders, b.Contenders) })
}

// SideOf returns the number of the side that a contender is on, 0 or 1, and -1 if it is on none.
func (s *Sweep) SideOf(contender string, info *bench.Info) int {
	if len(s.Between) > 0 {
		return slices.IndexFunc(s.Between, func(side Side) bool { return slices.Contains(side.Contenders, contender) })
	}
	if info.Place() == "cpu" {
		return 0
	}
	return 1
}

func (s *Sweep) check() error {
	switch {
	case s.ID == "":
		return errors.New("a sweep has no id")
	case len(s.Sizes) == 0 || len(s.Features) == 0 || s.Epochs < 1:
		return fmt.Errorf("a sweep of sizes %v, features %v and %d epochs is none", s.Sizes, s.Features, s.Epochs)
	case len(s.Between) != 0 && len(s.Between) != 2:
		return fmt.Errorf("a sweep is between two sides, not %d", len(s.Between))
	case !slices.Contains([]Role{OfGrid, Refining, AtAnEnd, Checking}, s.Role):
		return fmt.Errorf("a run of a sweep has the role %q, which is none", s.Role)
	}
	return nil
}

// check refuses the end of a sweep that does not follow the end of one of its runs.
func (s *Swept) check(r *Results) error {
	switch {
	case r.Header.Sweep == nil:
		return errors.New("the end of a sweep follows a run of none")
	case r.End == nil:
		return errors.New("the end of a sweep follows a run without an end")
	case s.TotalNS < 0 || s.DriverNS < 0 || s.CeilingsNS < 0:
		return fmt.Errorf("the sweep took %d ns, the driver %d ns, the ceilings %d ns: none of them is negative", s.TotalNS, s.DriverNS, s.CeilingsNS)
	}
	return nil
}
