package bench

import (
	"descent/bench/stats"
	"fmt"
)

// LoadPhases are the parts of a load, in nanoseconds. A part that a contender does not
// have, or did not tell apart, is 0.
type LoadPhases struct {
	CompileNS int64 `json:"compile_ns,omitempty"`
	SearchNS  int64 `json:"search_ns,omitempty"`
	UploadNS  int64 `json:"upload_ns,omitempty"`
}

// check reports parts that cannot be those of a load.
func (p LoadPhases) check(load int64) error {
	for _, part := range []struct {
		name string
		ns   int64
	}{{"compile_ns", p.CompileNS}, {"search_ns", p.SearchNS}, {"upload_ns", p.UploadNS}} {
		if part.ns < 0 {
			return fmt.Errorf("%s is %d: no time is negative", part.name, part.ns)
		}
	}
	if exceeds(float64(p.CompileNS)+float64(p.SearchNS)+float64(p.UploadNS), load) {
		return fmt.Errorf("compile_ns %d, search_ns %d and upload_ns %d together exceed load_ns %d, whose parts they are", p.CompileNS, p.SearchNS, p.UploadNS, load)
	}
	return nil
}

// checkDownload reports a download that cannot be part of a run.
func checkDownload(download, run int64) error {
	switch {
	case download < 0:
		return fmt.Errorf("download_ns is %d: no time is negative", download)
	case exceeds(float64(download), run):
		return fmt.Errorf("download_ns %d exceeds run_ns %d, whose part it is", download, run)
	}
	return nil
}

// RowPhases tell the first process of a contender from the later ones: what the first
// compiles, the driver may have kept for those that follow.
type RowPhases struct {
	First PhaseTimes  `json:"first"`
	Later *PhaseTimes `json:"later,omitempty"` // medians; nil where there was one process
}

// PhaseTimes are what the work of a contender that compiles or has a device is made of, in nanoseconds:
// medians over processes, or over samples. One that is not known is 0.
type PhaseTimes struct {
	Context    float64 `json:"context_ns,omitempty"` // opening the backend: Row.Init
	Compile    float64 `json:"compile_ns,omitempty"`
	Search     float64 `json:"search_ns,omitempty"`
	Upload     float64 `json:"upload_ns,omitempty"`
	FirstEpoch float64 `json:"first_epoch_ns,omitempty"` // a process's first descent, which is of 1 epoch
	Epoch      float64 `json:"epoch_ns,omitempty"`       // of the samples
	Download   float64 `json:"download_ns,omitempty"`    // of the samples, after the last epoch
}

// phases returns those of a contender that told any, or whose device has a clock of its own. It returns nil for others.
func (r *Results) phases(name string) *RowPhases {
	var groups [2]phaseValues // of the first process and of the later ones
	known, told, first := false, false, 0
	group := func(process int) *phaseValues {
		if process == first {
			return &groups[0]
		}
		return &groups[1]
	}
	for _, p := range r.Processes {
		if p.Contender != name {
			continue
		}
		if !known {
			known, first = true, p.Process
		}
		told = told || p.LoadPhases != LoadPhases{}
		group(p.Process).addProcess(&p)
	}
	descended := map[int]bool{}
	for _, s := range r.Samples {
		if s.Contender == name {
			told = told || s.DeviceNS > 0 || s.DownloadNS > 0
			group(s.Process).addSample(&s, !descended[s.Process])
			descended[s.Process] = true
		}
	}
	if !told {
		return nil
	}
	out := &RowPhases{First: groups[0].medians()}
	if later := groups[1].medians(); later != (PhaseTimes{}) {
		out.Later = &later
	}
	return out
}

// phaseValues collect what PhaseTimes are the medians of.
type phaseValues struct {
	context, compile, search, upload, firstEpoch, epoch, download []float64
}

func (v *phaseValues) addProcess(p *Started) {
	v.context = append(v.context, float64(p.InitNS))
	v.compile = append(v.compile, float64(p.CompileNS))
	v.search = append(v.search, float64(p.SearchNS))
	v.upload = append(v.upload, float64(p.UploadNS))
}

func (v *phaseValues) addSample(s *Sample, first bool) {
	switch {
	case !s.Warmup:
		v.epoch = append(v.epoch, s.perEpoch())
		v.download = append(v.download, float64(s.DownloadNS)/float64(s.calls()))
	case first && s.Epochs == 1:
		v.firstEpoch = append(v.firstEpoch, float64(s.RunNS))
	}
}

func (v *phaseValues) medians() PhaseTimes {
	known := func(ns []float64) float64 {
		if len(ns) == 0 {
			return 0
		}
		return stats.Median(ns)
	}
	return PhaseTimes{
		Context: known(v.context), Compile: known(v.compile), Search: known(v.search), Upload: known(v.upload),
		FirstEpoch: known(v.firstEpoch), Epoch: known(v.epoch), Download: known(v.download),
	}
}
