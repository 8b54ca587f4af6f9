package journal

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"descent/bench"
)

// check reports a record that cannot stand where it does.
func (rec Record) check(r *Results) error {
	contender, set := rec.contender()
	switch {
	case set != 1:
		return fmt.Errorf("a record holds one of header, resume, process, warm, twin, sample, fault, exit, end and swept, not %d of them", set)
	case rec.Header == nil && r.Header == nil:
		return errors.New("a results file begins with a header")
	case rec.Header != nil:
		return rec.Header.check()
	case rec.Resume != nil:
		return nil
	case rec.Swept != nil:
		return rec.Swept.check(r)
	case r.End != nil:
		return errors.New("a record follows the end of the run")
	case rec.End != nil:
		return rec.End.check()
	case rec.Twin != nil:
		return r.checkTwin(*rec.Twin)
	case !slices.Contains(r.names(), contender):
		return fmt.Errorf("contender %q is not one of the header's: %s", contender, strings.Join(r.names(), ", "))
	case rec.Process != nil:
		return rec.Process.check()
	case rec.Warm != nil:
		return rec.Warm.check()
	case rec.Sample != nil && !r.started(rec.Sample):
		return fmt.Errorf("a sample of %s from process %d, which was never started", contender, rec.Sample.Process)
	case rec.Sample != nil:
		return cmp.Or(rec.Sample.check(r.Header), r.sameEpochs(rec.Sample))
	case rec.Exit != nil && rec.Exit.PeakBytes < 0:
		return fmt.Errorf("peak_bytes is %d: no size is negative", rec.Exit.PeakBytes)
	}
	return nil
}

// contender returns whom the record is about, if it is about one, and how many records it holds.
func (rec Record) contender() (name string, set int) {
	note := func(present bool, contender func() string) {
		if present {
			set++
			name = contender()
		}
	}
	none := func() string { return "" }
	note(rec.Header != nil, none)
	note(rec.Resume != nil, none)
	note(rec.Twin != nil, none)
	note(rec.End != nil, none)
	note(rec.Swept != nil, none)
	note(rec.Process != nil, func() string { return rec.Process.Contender })
	note(rec.Warm != nil, func() string { return rec.Warm.Contender })
	note(rec.Sample != nil, func() string { return rec.Sample.Contender })
	note(rec.Fault != nil, func() string { return rec.Fault.Contender })
	note(rec.Exit != nil, func() string { return rec.Exit.Contender })
	return name, set
}

// checkTwin refuses a second twin, and a twin of a contender that is not in the header.
func (r *Results) checkTwin(c bench.Contender) error {
	switch {
	case r.Twin != nil:
		return errors.New("a run has one twin, and this is another")
	case !c.Twin || !slices.Contains(bench.Names(r.Header.Contenders), c.TwinOf()):
		return fmt.Errorf("%s is not the twin of a contender of the header", c.Name())
	}
	return nil
}

// started reports whether the process that s is from is known.
func (r *Results) started(s *Sample) bool {
	for _, p := range slices.Backward(r.Processes) {
		if p.Contender == s.Contender && p.Process == s.Process {
			return true
		}
	}
	return false
}

// sameEpochs refuses a sample of other epochs than the contender's before it: a median of
// both would be of neither.
func (r *Results) sameEpochs(s *Sample) error {
	for _, before := range slices.Backward(r.Samples) {
		if before.Contender != s.Contender || before.Warmup || s.Warmup {
			continue
		}
		if before.Epochs != s.Epochs || before.CallCount() != s.CallCount() {
			return fmt.Errorf("a sample of %s is of %d × %d epochs, those before it of %d × %d",
				s.Contender, s.CallCount(), s.Epochs, before.CallCount(), before.Epochs)
		}
		break
	}
	return nil
}

func (h *Header) check() error {
	switch {
	case h.Schema != Schema:
		return fmt.Errorf("schema %d is not %d, the one this version of descent reads: a descent of the version that wrote the file renders it", h.Schema, Schema)
	case h.Plan.N < 1 || h.Plan.Features < 1 || h.Plan.Epochs < 1:
		return fmt.Errorf("the plan has n=%d, features=%d, epochs=%d: each is at least 1", h.Plan.N, h.Plan.Features, h.Plan.Epochs)
	case len(h.Contenders) == 0:
		return errors.New("the header names no contender")
	}
	names := bench.Names(h.Contenders)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("the header names contender %q twice", name)
		}
	}
	for _, c := range h.Ceilings {
		if err := c.check(); err != nil {
			return err
		}
	}
	if h.Sweep != nil {
		if err := h.Sweep.check(); err != nil {
			return err
		}
	}
	if h.Probe != nil {
		return h.Probe.Check()
	}
	return nil
}

func (p *Started) check() error {
	if p.InitNS < 0 || p.LoadNS < 0 {
		return fmt.Errorf("a process took %d ns to open and %d ns to load: no time is negative", p.InitNS, p.LoadNS)
	}
	return cmp.Or(p.LoadPhases.Check(p.LoadNS), p.Info.Work.Check())
}

func (w *Warmed) check() error {
	if w.Epochs < 1 || w.Calls < 1 || w.Samples < 0 {
		return fmt.Errorf("%s is warm after %d samples for samples of %d × %d epochs, which are none", w.Contender, w.Samples, w.Calls, w.Epochs)
	}
	return nil
}

func (e *End) check() error {
	if e.TotalNS < 0 || e.DriverNS < 0 || e.DriverBytes < 0 {
		return fmt.Errorf("the run took %d ns, the driver %d ns and %d bytes: none of them is negative", e.TotalNS, e.DriverNS, e.DriverBytes)
	}
	return nil
}

func (s *Sample) check(h *Header) error {
	switch {
	case s.WallNS < 0:
		return fmt.Errorf("wall_ns is %d: no time is negative", s.WallNS)
	case s.Calls < 0:
		return fmt.Errorf("a sample is of %d calls: it is one at least", s.Calls)
	case s.SpinNS[0] < 0 || s.SpinNS[1] < 0:
		return fmt.Errorf("spin_ns is %v: no time is negative", s.SpinNS)
	case s.CPUNS < 0:
		return fmt.Errorf("cpu_ns is %d: no time is negative", s.CPUNS)
	case s.DeviceNS < 0:
		return fmt.Errorf("device_ns is %d: no time is negative", s.DeviceNS)
	case s.Epochs < 1 || s.RunNS < 1:
		return fmt.Errorf("a sample of %d epochs in %d ns is none", s.Epochs, s.RunNS)
	case len(s.W) != h.Plan.Features+1:
		return fmt.Errorf("a sample has %d weights, not features+1 = %d", len(s.W), h.Plan.Features+1)
	case !(float64(s.MaxError) <= s.Tolerance) && s.Wrong == "": // NaN is wrong too
		return fmt.Errorf("a sample whose error is %v, with a tolerance of %v, is not marked wrong", float64(s.MaxError), s.Tolerance)
	}
	return bench.CheckDownload(s.DownloadNS, s.RunNS)
}
