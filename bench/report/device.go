package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"descent/bench"
)

// phaseTable lists the phases of contenders that compile or have a device. A contender has a line
// for its first process and a line for its later processes.
func phaseTable(rep *Report) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"phases", "process", "context", "compile", "search", "upload", "first epoch", "epoch", "w back"})
	add := func(name, process string, p *PhaseTimes) {
		line := table.Row{name, process}
		for _, ns := range []float64{p.Context, p.Compile, p.Search, p.Upload, p.FirstEpoch, p.Epoch, p.Download} {
			line = append(line, knownDuration(ns))
		}
		t.AppendRow(line)
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
	return t
}

// bandwidthTable lists how fast contenders with a device read the data.
func bandwidthTable(rep *Report) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"X and d once an epoch", "data", "epoch", "by the clock of", "bandwidth", "share"})
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 6, Align: text.AlignRight, AlignHeader: text.AlignRight}})
	for i := range rep.Rows {
		row := &rep.Rows[i]
		if row.BytesPerS == 0 {
			continue
		}
		clock, share := "the worker", ""
		if row.Device != nil {
			clock = "the device"
		}
		if row.BandwidthShare > 0 {
			share = digits(100*row.BandwidthShare) + "%"
		}
		t.AppendRow(table.Row{marked(row), bytes(row.EpochBytes), duration(1e9 * row.EpochBytes / row.BytesPerS), clock, rate(row.BytesPerS), share})
	}
	return t
}

// deviceNotes explains the tables of phases and bandwidths.
func deviceNotes(rep *Report) []string {
	has := func(what func(Row) bool) bool { return slices.ContainsFunc(rep.Rows, what) }
	var out []string
	if has(func(row Row) bool { return row.Phases != nil }) {
		out = append(out, "Of the phases, compile, search and upload are parts of load, and w back is a part of the times. The\n"+
			"first process compiles what the driver may have kept for the later ones, whose medians stand below it. The first\n"+
			"epoch is a process's first descent, of one; a driver may put a part of compiling off to it.")
	}
	note := probed(rep.Probe)
	if note == "" {
		return out
	}
	if has(func(row Row) bool { return row.BandwidthShare > 0 }) {
		note += "\nThe share is of that reading, with X and d counted once an epoch; data that fit in a cache can go past 100%."
	}
	return append(out, note)
}

// probed returns what the probe measured of the device, "" if it measured nothing.
func probed(p *bench.Probe) string {
	if p == nil {
		return ""
	}
	var parts []string
	add := func(line ...string) {
		if known := slices.DeleteFunc(line, func(s string) bool { return s == "" }); len(known) > 0 {
			parts = append(parts, strings.Join(known, ", "))
		}
	}
	add(at("reads "+bytes(float64(p.Bytes))+" at ", p.ReadBytesPerS), at("copies at ", p.CopyBytesPerS))
	add(takes("one more dispatch", p.DispatchNS), takes("one more barrier", p.BarrierNS))
	meeting := ""
	if p.MeetingGroups > 1 {
		meeting = takes(fmt.Sprintf("a wait of %d work groups for one another", p.MeetingGroups), p.MeetingNS)
	}
	add(takes("an exchange within a work group", p.SyncNS), meeting)
	add(takes("compiling a new shader", p.CompileNS), takes("compiling it again", p.RecompileNS))
	if parts == nil {
		return ""
	}
	name := device(bench.Info{Device: p.Device, Software: p.Software})
	return name + ", measured before the run: " + strings.Join(parts, ";\n") + "."
}

// at returns what and a speed, "" if the speed is not known.
func at(what string, bytesPerS float64) string {
	if bytesPerS == 0 {
		return ""
	}
	return what + rate(bytesPerS)
}

// takes returns what and a time, "" if the time is not known.
func takes(what string, ns int64) string {
	if ns == 0 {
		return ""
	}
	return what + " takes " + duration(float64(ns))
}
