package sweep

import (
	"maps"
	"slices"

	"descent/bench/journal"
	"descent/bench/stats"
)

// A cost is what one process of a contender pays, in nanoseconds. A descent of K epochs takes
//
//	T(K) = F + K·e
//
// with F the one-off cost of its start, and e the time of an epoch. The time of a sample holds
// reading w back once a call. So that it does not count twice, it is a part of F and not of e:
//
//	e = (time of a call − download)/epochs of a call
//
// A contender that does not tell its download has it in e, spread over the epochs of a call.
type cost struct {
	init     float64 // opening the backend
	load     float64
	prepare  float64         // the part of load that compiles and searches
	first    *journal.Sample // its first descent; nil if the file has none
	download float64
	epoch    float64 // e
}

// put is what the first descent took beyond its epochs, of e each, and the download: work that a
// driver puts off until the first descent of a process.
func (c cost) put(e float64) float64 {
	if c.first == nil {
		return 0
	}
	return max(0, c.first.PerCall()-c.download-float64(c.first.Epochs)*e)
}

// oneOff returns F for a start:
//
//	cold process   init + load + put + download
//	new data       load − compile − search + download
//	data resident  download
//
// A contender that tells no compiling and no search loads new data in the whole time of its load.
func (c cost) oneOff(start Start) float64 {
	switch start {
	case Cold:
		return c.init + c.load + c.put(c.epoch) + c.download
	case NewData:
		return c.load - c.prepare + c.download
	}
	return c.download
}

// total returns the time of a descent from a cold start, if an epoch takes e. A descent of as many
// epochs as the process's first one is the first one.
func (c cost) total(epochs int, e float64) float64 {
	if c.opened(epochs) {
		return c.init + c.load + c.first.PerCall()
	}
	return c.init + c.load + c.put(e) + c.download + float64(epochs)*e
}

// opened reports whether the first descent of the process was of so many epochs.
func (c cost) opened(epochs int) bool { return c.first != nil && c.first.Epochs == epochs }

// costs returns what the processes of a contender in a run paid. The number first is added to the
// numbers of the processes. A process without samples is left out.
func costs(run *journal.Results, name string, first int) map[int]cost {
	downloads, epochs, opening := map[int][]float64{}, map[int][]float64{}, map[int]*journal.Sample{}
	for i := range run.Samples {
		s := &run.Samples[i]
		if s.Contender != name {
			continue
		}
		download := float64(s.DownloadNS) / float64(s.CallCount())
		if !s.Warmup {
			downloads[s.Process] = append(downloads[s.Process], download)
			epochs[s.Process] = append(epochs[s.Process], max(0, s.PerCall()-download)/float64(s.Epochs))
		} else if opening[s.Process] == nil {
			opening[s.Process] = s
		}
	}
	out := map[int]cost{}
	for _, p := range run.Processes {
		if p.Contender != name || len(epochs[p.Process]) == 0 {
			continue
		}
		out[first+p.Process] = cost{
			init: float64(p.InitNS), load: float64(p.LoadNS), prepare: min(float64(p.CompileNS+p.SearchNS), float64(p.LoadNS)),
			first: opening[p.Process], download: stats.Median(downloads[p.Process]), epoch: stats.Median(epochs[p.Process]),
		}
	}
	return out
}

// starts returns the costs of the first process of a contender at this size, and of the later ones.
// For later ones the device's driver may have cached what the first compiled.
func (a *arm) starts() (first cost, later map[int]cost) {
	later = maps.Clone(a.costs)
	if len(later) > 0 {
		process := slices.Min(slices.Collect(maps.Keys(later)))
		first = later[process]
		delete(later, process)
	}
	return first, later
}
