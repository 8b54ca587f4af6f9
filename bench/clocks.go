package bench

import (
	"fmt"
	"time"
)

// ClockTick is the absolute part, and clockShare the relative part, by which a part of a time may
// seem longer than the whole on another clock. Two clocks run at their own rates, and a device's
// clock has a coarse tick.
const (
	ClockTick  = 10 * time.Microsecond
	clockShare = 0.01
)

// Exceeds reports whether a part, in nanoseconds, is longer than the whole on another clock, by
// more than two clocks may disagree.
func Exceeds(part float64, whole int64) bool {
	return part > (1+clockShare)*float64(whole)+float64(ClockTick)
}

// LoadPhases are the parts of a load, in nanoseconds. A part that a contender does not have, or
// does not tell apart, is 0.
type LoadPhases struct {
	CompileNS int64 `json:"compile_ns,omitempty"`
	SearchNS  int64 `json:"search_ns,omitempty"`
	UploadNS  int64 `json:"upload_ns,omitempty"`
}

// Check refuses negative parts, and parts that together exceed the time of the load, in
// nanoseconds.
func (p LoadPhases) Check(load int64) error {
	for _, part := range []struct {
		name string
		ns   int64
	}{{"compile_ns", p.CompileNS}, {"search_ns", p.SearchNS}, {"upload_ns", p.UploadNS}} {
		if part.ns < 0 {
			return fmt.Errorf("%s is %d: no time is negative", part.name, part.ns)
		}
	}
	if Exceeds(float64(p.CompileNS)+float64(p.SearchNS)+float64(p.UploadNS), load) {
		return fmt.Errorf("compile_ns %d, search_ns %d and upload_ns %d together exceed load_ns %d, whose parts they are",
			p.CompileNS, p.SearchNS, p.UploadNS, load)
	}
	return nil
}

// CheckDownload refuses a download, in nanoseconds, that cannot be part of a run.
func CheckDownload(download, run int64) error {
	switch {
	case download < 0:
		return fmt.Errorf("download_ns is %d: no time is negative", download)
	case Exceeds(float64(download), run):
		return fmt.Errorf("download_ns %d exceeds run_ns %d, whose part it is", download, run)
	}
	return nil
}

// checkTimes holds the times of a reply against the driver's clock: init_ns against the age of the
// process, load_ns against the time of the exchange.
func (r *Reply) checkTimes(req *Request, wall, age time.Duration) error {
	init, load := time.Duration(r.InitNS), time.Duration(r.LoadNS)
	switch {
	case req.Op == "hello" && init > age:
		return fmt.Errorf("init_ns says %v, and the worker was started %v ago", init, age)
	case req.Op == "load" && load > wall:
		return fmt.Errorf("load_ns says %v, the driver's clock only %v", load, wall)
	}
	return nil
}
