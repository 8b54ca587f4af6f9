package report

import (
	"descent/bench"
	"descent/bench/journal"
	"descent/bench/stats"
)

// RowPhases holds the phases of a contender's first process apart from those of the later ones. The
// GPU's driver may have cached what the first process compiled.
type RowPhases struct {
	First PhaseTimes  `json:"first"`
	Later *PhaseTimes `json:"later,omitempty"` // medians; nil if there was one process
}

// PhaseTimes are the parts of the work of a contender that compiles or has a device, in
// nanoseconds: medians over processes, or over samples. A part that is not known is 0.
type PhaseTimes struct {
	Context float64 `json:"context_ns,omitempty"` // opening the backend: Row.Init
	Compile float64 `json:"compile_ns,omitempty"`
	Search  float64 `json:"search_ns,omitempty"`
	Upload  float64 `json:"upload_ns,omitempty"`
	// FirstEpoch is a process's first descent, which is of 1 epoch.
	FirstEpoch float64 `json:"first_epoch_ns,omitempty"`
	Epoch      float64 `json:"epoch_ns,omitempty"`    // of the samples
	Download   float64 `json:"download_ns,omitempty"` // of the samples, after the last epoch
}

// phases returns the phases of a contender. It returns nil if the contender told none, and its
// device has no clock of its own.
func phases(r *journal.Results, name string) *RowPhases {
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
		told = told || p.LoadPhases != bench.LoadPhases{}
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

// phaseValues collects the values that PhaseTimes has the medians of.
type phaseValues struct {
	context, compile, search, upload, firstEpoch, epoch, download []float64
}

func (v *phaseValues) addProcess(p *journal.Started) {
	v.context = append(v.context, float64(p.InitNS))
	v.compile = append(v.compile, float64(p.CompileNS))
	v.search = append(v.search, float64(p.SearchNS))
	v.upload = append(v.upload, float64(p.UploadNS))
}

func (v *phaseValues) addSample(s *journal.Sample, first bool) {
	switch {
	case !s.Warmup:
		v.epoch = append(v.epoch, s.PerEpoch())
		v.download = append(v.download, float64(s.DownloadNS)/float64(s.CallCount()))
	case first && s.Epochs == 1:
		v.firstEpoch = append(v.firstEpoch, float64(s.RunNS))
	}
}

func (v *phaseValues) medians() PhaseTimes {
	return PhaseTimes{
		Context: stats.Median(v.context), Compile: stats.Median(v.compile), Search: stats.Median(v.search),
		Upload: stats.Median(v.upload), FirstEpoch: stats.Median(v.firstEpoch), Epoch: stats.Median(v.epoch),
		Download: stats.Median(v.download),
	}
}
