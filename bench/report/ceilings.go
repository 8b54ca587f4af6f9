package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"descent/bench"
	"descent/bench/journal"
)

// The places where data lie.
const (
	l1, l2, l3   = "L1 cache", "L2 cache", "L3 cache"
	memory       = "memory"
	deviceCache  = "device cache"
	deviceMemory = "device memory"
)

// ceilings are what the processor or the device of a row can do at most. A speed of 0 is not known.
type ceilings struct {
	place       string // where the row's data lie
	bytesPerS   float64
	mulAddsPerS float64
	probe       *bench.Probe // of the device; nil for the processor
}

// ofProcessor returns the ceilings of the processor for a row with so many bytes of data: the
// ceilings of all threads together, unless the row has fewer. n threads are no faster than n times
// one.
func ofProcessor(h *journal.Header, row *Row, bytes int64) ceilings {
	c := ceilings{
		place:       placeOf(&h.Env, row.Info.Threads, bytes),
		bytesPerS:   processorReads(h.Ceilings, 0).at(float64(bytes)),
		mulAddsPerS: mulAdds(h.Ceilings, 0, row.Precision),
	}
	if threads := row.Info.Threads; threads == 1 || threads > 1 && threads < h.Env.Threads {
		n := float64(threads)
		c.bytesPerS = lesser(c.bytesPerS, n*processorReads(h.Ceilings, 1).at(float64(bytes)/n))
		c.mulAddsPerS = lesser(c.mulAddsPerS, n*mulAdds(h.Ceilings, 1, row.Precision))
	}
	return c
}

// isOf reports whether a probe is of a contender's device. NVIDIA's OpenGL adds to the name of the
// card what CUDA leaves out: "NVIDIA H100 80GB HBM3/PCIe/SSE2".
func isOf(p *bench.Probe, i *bench.Info) bool {
	card, _, _ := strings.Cut(p.Device, "/")
	return p.Software == i.Software && (p.Device == i.Device || card == i.Device)
}

// ofDevice returns the ceilings of the device that was probed, for a row with so many bytes of
// data. An older probe read one size, far larger than any cache, and says nothing of less.
func ofDevice(p *bench.Probe, row *Row, bytes int64) ceilings {
	c := ceilings{probe: p, mulAddsPerS: p.MulAddsF64}
	if row.Precision == "f32" {
		c.mulAddsPerS = p.MulAddsF32
	}
	if reads := deviceReads(p); len(reads) > 1 || bytes >= p.Bytes {
		c.place, c.bytesPerS = reads.place(float64(bytes)), reads.at(float64(bytes))
	}
	return c
}

// placeOf returns where the processor has so many bytes that are read again and again. Every thread
// reads its part of them, and every core has its own L1 and L2 cache. If the number of threads is
// not known, it is all.
func placeOf(e *journal.Env, threads int, bytes int64) string {
	cores := max(1, cmp.Or(threads, e.Threads))
	if e.Cores > 0 {
		cores = min(cores, e.Cores)
	}
	part := (bytes-1)/int64(cores) + 1
	switch {
	case part <= int64(e.L1D):
		return l1
	case part <= int64(e.L2):
		return l2
	case bytes <= int64(e.L3):
		return l3
	}
	return memory
}

// mulAdds returns how many multiply-adds a second so many threads of the processor make. 0 threads
// are all.
func mulAdds(all []journal.Ceiling, threads int, precision string) (most float64) {
	for _, c := range all {
		if c.Device == "cpu" && c.Threads == threads && c.Precision == precision {
			most = max(most, c.MulAddsPerS)
		}
	}
	return most
}

// lesser returns the lesser of two speeds, if both are known.
func lesser(a, b float64) float64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// A curve is how fast data are read, by their size, in ascending order of the size.
type curve []bench.Reading

// newCurve sorts readings. Of several for the same size, the fastest counts.
func newCurve(readings []bench.Reading) curve {
	slices.SortFunc(readings, func(a, b bench.Reading) int {
		return cmp.Or(cmp.Compare(a.Bytes, b.Bytes), cmp.Compare(b.BytesPerS, a.BytesPerS))
	})
	return slices.CompactFunc(readings, func(a, b bench.Reading) bool { return a.Bytes == b.Bytes })
}

// processorReads returns the curve of so many threads of the processor. 0 threads are all.
func processorReads(all []journal.Ceiling, threads int) curve {
	var readings []bench.Reading
	for _, c := range all {
		if c.Device == "cpu" && c.Threads == threads && c.Bytes > 0 {
			readings = append(readings, bench.Reading{Bytes: c.Bytes, BytesPerS: c.BytesPerS})
		}
	}
	return newCurve(readings)
}

// deviceReads returns the curve of a device.
func deviceReads(p *bench.Probe) curve {
	readings := append(slices.Clone(p.Reads), bench.Reading{Bytes: p.Bytes, BytesPerS: p.ReadBytesPerS})
	return newCurve(slices.DeleteFunc(readings, func(r bench.Reading) bool { return r.Bytes <= 0 || r.BytesPerS <= 0 }))
}

// at returns the speed at so many bytes, 0 if the curve is empty. Between two sizes it is
// interpolated, in the logarithms of both. Past an end it is the speed of the end.
func (c curve) at(bytes float64) float64 {
	i := slices.IndexFunc(c, func(r bench.Reading) bool { return float64(r.Bytes) >= bytes })
	switch {
	case len(c) == 0:
		return 0
	case i < 0:
		return c[len(c)-1].BytesPerS
	case i == 0:
		return c[0].BytesPerS
	}
	below, above := c[i-1], c[i]
	part := math.Log(bytes/float64(below.Bytes)) / math.Log(float64(above.Bytes)/float64(below.Bytes))
	return below.BytesPerS * math.Pow(above.BytesPerS/below.BytesPerS, part)
}

// aboveMemory is how many times as fast as the memory a cache of a device is at least.
const aboveMemory = 1.5

// place returns where a device has so many bytes: in its cache, if it reads so many or more well
// above the speed of its memory. The largest size has that speed.
func (c curve) place(bytes float64) string {
	for _, r := range slices.Backward(c) {
		if float64(r.Bytes) < bytes {
			break
		}
		if r.BytesPerS >= aboveMemory*c[len(c)-1].BytesPerS {
			return deviceCache
		}
	}
	if c.at(bytes) >= aboveMemory*c.at(math.Inf(1)) {
		return deviceCache
	}
	return deviceMemory
}
