package report

import (
	"fmt"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/typeset"
)

// phases writes the phases of contenders that compile or have a device.
func (p *page) phases(rep *Report) {
	p.table("Where the time of a process goes", phaseGrid(rep))
	if slices.ContainsFunc(rep.Rows, func(row Row) bool { return row.Phases != nil }) {
		p.explain("Compile, search and upload are parts of load. \"w back\" is a part of the times. Later processes have medians: " +
			"the device's driver may have kept for them what the first process compiled. " +
			"The first epoch is the first descent of a process. A driver may put off a part of compiling until then.")
	}
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

// bounds writes what bounds an epoch of each contender, and the ceilings that say so.
func (p *page) bounds(rep *Report) {
	rows := slices.DeleteFunc(rep.listed(p.inOrder), func(row *Row) bool { return len(row.Bounds) == 0 })
	p.table("What bounds an epoch", boundGrid(rows))
	if len(rows) > 0 {
		p.explain("An epoch takes at least so long by each resource, as measured before the run. " +
			"X and d count as read once an epoch, and a row of data as 2P+2 multiply-adds. " +
			"The largest share bounds the epoch if it is half or more. If it is less, no bound is known: " +
			"a contender may pass over the data more often, or wait for the results of its own instructions.")
	}
	if still := slices.DeleteFunc(slices.Clone(rows), func(row *Row) bool { return !row.Info.Work.OnChip() }); len(still) > 0 {
		p.explain("The data stay on the chip, in registers and shared memory, and are not read again: " + names(still) + ".")
	}
	if slices.ContainsFunc(rows, func(row *Row) bool { return row.Bounds[0].Share > boundTo }) {
		p.explain("A ceiling is too low if other programs ran while it was measured, or if the data lie in a faster place than the one that was read.")
	}
	probed := ""
	if rep.Probe != nil {
		probed = p.deviceNumber(device(bench.Info{Device: rep.Probe.Device, Software: rep.Probe.Software}))
	}
	if g := Readings(rep.Ceilings, rep.Probe, probed); !p.said[fmt.Sprint(g)] {
		p.said[fmt.Sprint(g)] = true
		p.table("How fast data of a size are read again and again", g)
	}
	p.explain(Peaks(rep.Ceilings))
	p.explain(Probed(rep.Probe, probed))
}

// boundGrid lists the bounds of rows, the largest of a row first.
func boundGrid(rows []*Row) typeset.Grid {
	g := typeset.Grid{Head: []string{"contender", "epoch", "resource", "at least", "share", ""}, Right: []int{1, 3, 4}}
	for _, row := range rows {
		name, epoch, meaning := row.Contender, typeset.Duration3(row.PerEpoch()), "bound"
		switch {
		case row.Bounds[0].Share > boundTo:
			meaning = "ceiling too low"
		case row.BoundBy == "":
			meaning = noBound
		}
		for _, b := range row.Bounds {
			g.Add(name, epoch, b.Resource, typeset.Duration3(b.NS), partOf(b.Share), meaning)
			name, epoch, meaning = "", "", ""
		}
	}
	return g
}

// Readings lists how fast one thread, all threads, and the device read data of each size.
// deviceName names the device.
func Readings(all []journal.Ceiling, probe *bench.Probe, deviceName string) typeset.Grid {
	g := typeset.Grid{Head: []string{"data", "cpu, 1 thread", "cpu, all threads", ""}, Right: []int{0, 1, 2, 3}}
	curves := []curve{processorReads(all, 1), processorReads(all, 0), nil}
	if probe != nil && len(probe.Reads) > 0 {
		g.Head[3], curves[2] = deviceName, deviceReads(probe)
	}
	var sizes []int64
	for _, c := range curves {
		for _, r := range c {
			sizes = append(sizes, r.Bytes)
		}
	}
	slices.Sort(sizes)
	for _, size := range slices.Compact(sizes) {
		line := []string{typeset.Bytes(float64(size))}
		for _, c := range curves {
			speed := ""
			if i := slices.IndexFunc(c, func(r bench.Reading) bool { return r.Bytes == size }); i >= 0 {
				speed = typeset.Rate(c[i].BytesPerS)
			}
			line = append(line, speed)
		}
		g.Add(line...)
	}
	return g
}

// Peaks returns the multiply-adds that the processor was measured to make, "" if they are not
// known.
func Peaks(all []journal.Ceiling) string {
	var parts []string
	for _, precision := range []string{"f64", "f32"} {
		parts = append(parts, adds(mulAdds(all, 1, precision), precision+" by 1 thread"), adds(mulAdds(all, 0, precision), precision+" by all threads"))
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return ""
	}
	return "cpu, measured before the run: " + strings.Join(parts, "; ") + "."
}

// adds returns how many multiply-adds are made in what, "" if they are not known.
func adds(perS float64, in string) string {
	if perS == 0 {
		return ""
	}
	return typeset.Significant(perS/1e9, 3) + " multiply-adds a ns in " + in
}

// Probed returns what the probe measured of the device, "" if it measured nothing.
func Probed(probe *bench.Probe, deviceName string) string {
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
		adds(probe.MulAddsF64, "f64"), adds(probe.MulAddsF32, "f32"),
		takes("compiling a new shader", probe.CompileNS), takes("compiling it again", probe.RecompileNS),
	}, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return ""
	}
	return deviceName + ", measured before the run: " + strings.Join(parts, "; ") + "."
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
