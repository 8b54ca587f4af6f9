package bench

import (
	"fmt"
	"math"
	"slices"
	"time"

	"descent/dataset"
)

// A Ceiling is how fast so many bytes were seen to be read, again and again, just before a run: by what reads the fastest
// from the memory in which they lie.
type Ceiling struct {
	Device    string  `json:"device"` // as Info has it
	Bytes     int64   `json:"bytes"`
	BytesPerS float64 `json:"bytes_per_s"`
}

// DataBytes is the size of the data in that precision: N·(P+1) values.
func (p *Plan) DataBytes(prec dataset.Precision) int64 {
	return int64(prec.Bytes()) * int64(p.N) * (int64(p.Features) + 1)
}

// ceilingSlack is how many times as fast as the ceiling a sample may seem to read: the probe, too, may have been disturbed.
const ceilingSlack = 3

// ceilingLooks is how often the memory is measured again before a sample is said to have read faster than it.
const ceilingLooks = 10

// onChip is the size below which a device's data may lie in its registers and caches, which its probe says nothing of.
const onChip = 256 << 20

func (c *Ceiling) check() error {
	if c.Device == "" || c.Bytes < 1 || !(c.BytesPerS >= 1 && c.BytesPerS <= math.MaxInt64) {
		return fmt.Errorf("a ceiling of %v B/s over %d bytes of device %q is none", c.BytesPerS, c.Bytes, c.Device)
	}
	return nil
}

// ceiling returns how fast a contender on a device can read the data in that precision, 0 where that is not known.
func (r *Run) ceiling(device string, prec dataset.Precision) float64 {
	bytes := r.plan.DataBytes(prec)
	for _, c := range r.Ceilings {
		if c.Device == device && c.Bytes == bytes {
			return c.BytesPerS
		}
	}
	if p := r.Probe; p != nil && p.Device == device && bytes >= onChip {
		return p.ReadBytesPerS
	}
	return 0
}

// underCeiling reports a sample of a contender that read faster than ceiling allows, after another look at what the memory
// gives: other programs may have slowed the first.
func (r *Run) underCeiling(s *Sample, a *arm) error {
	if a.other {
		return nil
	}
	bytes := r.plan.DataBytes(a.Precision)
	err := checkCeiling(s, bytes, r.ceiling(a.device, a.Precision))
	for look := 0; err != nil && look < ceilingLooks && r.ReadAgain != nil; look++ {
		i := slices.IndexFunc(r.Ceilings, func(c Ceiling) bool { return c.Device == a.device && c.Bytes == bytes })
		if i < 0 {
			break
		}
		r.Ceilings[i].BytesPerS = max(r.Ceilings[i].BytesPerS, r.ReadAgain(bytes))
		err = checkCeiling(s, bytes, r.Ceilings[i].BytesPerS)
	}
	return err
}

// checkCeiling reports a sample in which the data, read once an epoch, would have come faster than their memory gives them:
// the work was not done, or not in that time.
func checkCeiling(s *Sample, bytes int64, ceiling float64) error {
	if ceiling == 0 {
		return nil
	}
	rate := float64(bytes) * 1e9 / s.perEpoch()
	if rate <= ceilingSlack*ceiling {
		return nil
	}
	return fmt.Errorf("%d epochs in %v would have read the data at %.3g GB/s, where their memory gives %.3g GB/s: the work was not done in that time",
		s.Epochs*s.calls(), time.Duration(s.RunNS), rate/1e9, ceiling/1e9)
}
