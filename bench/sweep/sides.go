package sweep

import (
	"maps"
	"slices"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
)

// sides knows on which side of a sweep a contender is, over all of its runs. A contender that was
// never started has told no device, and is on no side, unless --between names it.
type sides struct {
	part  *journal.Sweep
	infos map[string]*bench.Info // of the contenders that were started
	names [2]Side
}

func newSides(visits []visit) *sides {
	s := &sides{part: visits[0].run.Header.Sweep, infos: map[string]*bench.Info{}}
	for _, v := range visits {
		for i := range v.run.Processes {
			p := &v.run.Processes[i]
			s.infos[p.Contender] = &p.Info
		}
	}
	s.names = [2]Side{s.side(0), s.side(1)}
	return s
}

// of returns the side of a contender, -1 if it is on none. Other algorithms are on none, because
// they win by doing other work.
func (s *sides) of(name string) int {
	info := s.infos[name]
	switch {
	case info != nil && info.Algorithm != "":
		return -1
	case info == nil && len(s.part.Between) == 0:
		return -1
	case info == nil:
		info = &bench.Info{}
	}
	return s.part.SideOf(name, info)
}

// absent reports whether a contender could not run in any run of the sweep.
func (s *sides) absent(name string) bool { return s.infos[name] == nil }

// empty says why a side has nothing to show at a size where none of its contenders was tried.
func (s *sides) empty(number int) string {
	name := s.names[number].Name
	switch {
	case slices.ContainsFunc(slices.Collect(maps.Keys(s.infos)), func(name string) bool { return s.of(name) == number }):
		return "no contender of " + name + " was measured"
	case len(s.part.Between) > 0:
		return "no contender of " + name + " can run"
	}
	return "no " + name
}

// side describes a side: its name, and its device if all its contenders have the same one.
func (s *sides) side(number int) Side {
	devices, software := s.devices(number)
	out := Side{Software: len(software) > 0 && len(software) == len(devices)}
	if len(devices) == 1 {
		out.Device = devices[0]
	}
	switch {
	case len(s.part.Between) > 0:
		out.Name = s.part.Between[number].Name
	case number == 0:
		out.Name = "CPU"
	case out.Software:
		out.Name = "software renderer"
	default:
		out.Name = "GPU"
	}
	return out
}

// devices returns the devices of a side's contenders, in the order of their names, and which of
// them are software renderers.
func (s *sides) devices(number int) (all, software []string) {
	for _, name := range slices.Sorted(maps.Keys(s.infos)) {
		info := s.infos[name]
		if s.of(name) != number || slices.Contains(all, info.Place()) {
			continue
		}
		all = append(all, info.Place())
		if info.Software {
			software = append(software, info.Place())
		}
	}
	return all, software
}

// A visit is one run of a sweep.
type visit struct {
	run    *journal.Results
	report *report.Report
}

// row returns the row of a contender that the run's header names.
func (v visit) row(name string) *report.Row {
	i := slices.IndexFunc(v.report.Rows, func(row report.Row) bool { return row.Contender == name })
	return &v.report.Rows[i]
}

// has reports whether the run has a contender of a precision.
func (v visit) has(precision string) bool {
	return slices.ContainsFunc(v.run.Header.Contenders, func(c bench.Contender) bool { return c.Precision.String() == precision })
}
