package report

import (
	"fmt"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/typeset"
)

// phases writes the phases of contenders that compile or have a device, and how fast they read the
// data.
func (p *page) phases(rep *Report) {
	has := func(what func(Row) bool) bool { return slices.ContainsFunc(rep.Rows, what) }
	p.table("Where the time of a process goes", phaseGrid(rep))
	if has(func(row Row) bool { return row.Phases != nil }) {
		p.explain("Compile, search and upload are parts of load. \"w back\" is a part of the times. Later processes have medians: " +
			"the device's driver may have kept for them what the first process compiled. " +
			"The first epoch is the first descent of a process. A driver may put off a part of compiling until then.")
	}
	p.table("How fast X and d are read, once an epoch", bandwidthGrid(rep))
	if has(func(row Row) bool { return row.BandwidthShare > 0 }) {
		p.explain("The share is of the reading speed below. It exceeds 100% if a cache holds the data.")
	}
	p.explain(p.probed(rep.Probe))
}

// phaseGrid has a line for a contender's first process and a line for its later processes.
func phaseGrid(rep *Report) typeset.Grid {
	g := typeset.Grid{
		Head:  []string{"contender", "process", "context", "compile", "search", "upload", "first epoch", "epoch", "w back"},
		Right: []int{2, 3, 4, 5, 6, 7, 8},
	}
	add := func(name, process string, t *PhaseTimes) {
		line := []string{name, process}
		for _, ns := range []float64{t.Context, t.Compile, t.Search, t.Upload, t.FirstEpoch, t.Epoch, t.Download} {
			line = append(line, typeset.KnownDuration(ns))
		}
		g.Add(line...)
	}
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.Phases == nil {
			continue
		}
		add(marked(row), "first", &row.Phases.First)
		if row.Phases.Later != nil {
			add(marked(row), "later", row.Phases.Later)
		}
	}
	return g
}

// bandwidthGrid lists how fast contenders with a device read the data.
func bandwidthGrid(rep *Report) typeset.Grid {
	g := typeset.Grid{Head: []string{"contender", "data", "epoch", "by the clock of", "bandwidth", "share"}, Right: []int{1, 2, 4, 5}}
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.BytesPerS == 0 {
			continue
		}
		clock, part := "the worker", typeset.Share(row.BandwidthShare)
		if row.Device != nil {
			clock = "the device"
		}
		if row.BandwidthShare > 1 {
			part += " (cache)"
		}
		g.Add(marked(row), typeset.Bytes(row.EpochBytes), typeset.Duration(1e9*row.EpochBytes/row.BytesPerS), clock, typeset.Rate(row.BytesPerS), part)
	}
	return g
}

// probed returns what the probe measured of the device, "" if it measured nothing.
func (p *page) probed(probe *bench.Probe) string {
	if probe == nil {
		return ""
	}
	meeting := ""
	if probe.MeetingGroups > 1 {
		meeting = takes(fmt.Sprintf("a wait of %d work groups for one another", probe.MeetingGroups), probe.MeetingNS)
	}
	parts := slices.DeleteFunc([]string{
		at("reads "+typeset.Bytes(float64(probe.Bytes)), probe.ReadBytesPerS), at("copies", probe.CopyBytesPerS),
		takes("one more dispatch", probe.DispatchNS), takes("one more barrier", probe.BarrierNS),
		takes("an exchange within a work group", probe.SyncNS), meeting,
		takes("compiling a new shader", probe.CompileNS), takes("compiling it again", probe.RecompileNS),
	}, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return ""
	}
	name := p.deviceNumber(device(bench.Info{Device: probe.Device, Software: probe.Software}))
	return name + ", measured before the run: " + strings.Join(parts, "; ") + "."
}

// at returns what and a speed, "" if the speed is not known.
func at(what string, bytesPerS float64) string {
	if bytesPerS == 0 {
		return ""
	}
	return what + " at " + typeset.Rate(bytesPerS)
}

// takes returns what and a time, "" if the time is not known.
func takes(what string, ns int64) string {
	if ns == 0 {
		return ""
	}
	return what + " takes " + typeset.Duration(float64(ns))
}
