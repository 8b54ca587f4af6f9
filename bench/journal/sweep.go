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
