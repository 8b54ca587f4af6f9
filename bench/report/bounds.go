package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"descent/bench"
	"descent/bench/journal"
)

// A Bound is the least that an epoch of a contender takes by one resource, as it was measured here.
type Bound struct {
	// Resource is "dispatches", "waits", "arithmetic", or where the data lie: "L1 cache", "L2
	// cache", "L3 cache", "memory", "device cache", "device memory".
	Resource string  `json:"resource"`
	NS       float64 `json:"ns"`
	Share    float64 `json:"share"` // of the epoch; over 1 the ceiling was measured too low
}

// The resources of a Bound that are not places where data lie.
const (
	arithmetic = "arithmetic"
	dispatches = "dispatches"
	waits      = "waits"
)

const (
	// boundFrom is the least share that bounds an epoch.
	boundFrom = 0.5
	// boundTo is the largest share that measuring errors explain.
	boundTo = 1.05
)

// BoundWords says what bounds an epoch, to follow the name of a contender:
//
//	is bound by dispatches (78% of its epoch)
//	has no known bound (dispatches 35%, memory 25%)
//	is held against a ceiling too low (memory 130%)
//
// Without a known bound, the two largest are named. The words are "" without bounds.
func BoundWords(bounds []Bound) string {
	if len(bounds) == 0 {
		return ""
	}
	largest := bounds[0]
	switch {
	case largest.Share > boundTo:
		return "is held against a ceiling too low (" + largest.part() + ")"
	case largest.Share >= boundFrom:
		return fmt.Sprintf("is bound by %s (%s of its epoch)", theResource(largest.Resource), partOf(largest.Share))
	}
	words := largest.part()
	if len(bounds) > 1 {
		words += ", " + bounds[1].part()
	}
	return "has " + noBound + " (" + words + ")"
}

// noBound says that the largest bound explains less than half of an epoch.
const noBound = "no known bound"

// BoundCell says what BoundWords does in a table: "dispatches 78%", "no known bound (dispatches
// 35%)", "ceiling too low (memory 130%)".
func BoundCell(bounds []Bound) string {
	if len(bounds) == 0 {
		return ""
	}
	largest := bounds[0]
	switch {
	case largest.Share > boundTo:
		return "ceiling too low (" + largest.part() + ")"
	case largest.Share >= boundFrom:
		return largest.part()
	}
	return noBound + " (" + largest.part() + ")"
}

// part names a bound and its share: memory 25%.
func (b Bound) part() string { return b.Resource + " " + partOf(b.Share) }

// theResource returns a resource as it stands in a sentence.
func theResource(resource string) string {
	switch resource {
	case l1, l2, l3, deviceCache:
		return "the " + resource
	}
	return resource
}

// partOf formats the share of an epoch: 78%, 102%, <1%.
func partOf(v float64) string {
	if v < 0.01 {
		return "<1%"
	}
	return fmt.Sprintf("%.0f%%", 100*v)
}

// bound returns the row's bound by a resource, nil if there is none.
func (row *Row) bound(resource string) *Bound {
	return row.boundOf(func(of string) bool { return of == resource })
}

// reading returns the row's bound by reading the data, nil if there is none.
func (row *Row) reading() *Bound {
	return row.boundOf(func(of string) bool { return of != arithmetic && of != dispatches && of != waits })
}

func (row *Row) boundOf(is func(resource string) bool) *Bound {
	i := slices.IndexFunc(row.Bounds, func(b Bound) bool { return is(b.Resource) })
	if i < 0 {
		return nil
	}
	return &row.Bounds[i]
}

// addBounds holds the time of an epoch against what was measured of the row's device before the
// run. In an epoch,
//
//	reading     N·(P+1) values, read once, at the bandwidth for so many bytes
//	arithmetic  N·(2P+2) multiply-adds at their peak, where an addition counts as one
//	dispatches  the cost of each, and of each barrier between them
//	waits       of work groups for one another, and of invocations within a group
//
// A row takes up P multiply-adds for the prediction and P for the gradient, the subtraction of d,
// and the addition of the residual to Σe. These are the least counts. A contender that reads the
// data twice an epoch, or arrays of its own, takes longer than its bound. Another algorithm has no
// bounds.
func (row *Row) addBounds(h *journal.Header, bytes int64) {
	if row.Run == nil || row.Info.Algorithm != "" {
		return
	}
	var c ceilings
	if row.Info.Place() == "cpu" {
		c = ofProcessor(h, row, bytes)
	} else if p := h.Probe; p != nil && isOf(p, &row.Info) {
		c = ofDevice(p, row, bytes)
	}
	add := func(resource string, ns float64) {
		if ns > 0 && !math.IsInf(ns, 1) { // a speed that is not known is 0
			row.Bounds = append(row.Bounds, Bound{Resource: resource, NS: ns})
		}
	}
	if !row.Info.Work.OnChip() {
		add(c.place, 1e9*float64(bytes)/c.bytesPerS)
	}
	add(arithmetic, 1e9*float64(row.N)*float64(2*row.Features+2)/c.mulAddsPerS)
	if c.probe != nil && row.Info.Work != nil {
		add(dispatches, dispatching(c.probe, row.Info.Work))
		add(waits, waiting(c.probe, row.Info.Work))
	}
	slices.SortStableFunc(row.Bounds, func(a, b Bound) int { return cmp.Compare(b.NS, a.NS) })
	row.Bounds, row.BoundBy = row.BoundsAt(row.PerEpoch())
}

// BoundsAt returns the row's bounds if an epoch takes so many nanoseconds, and the resource that
// bounds it: the largest, if it explains at least half. It is "" if none does, or if a ceiling is
// too low. Several runs together may have another time than each.
func (row *Row) BoundsAt(epochNS float64) (bounds []Bound, by string) {
	for _, b := range row.Bounds {
		b.Share = b.NS / epochNS
		bounds = append(bounds, b)
	}
	if len(bounds) > 0 && bounds[0].Share >= boundFrom && bounds[0].Share <= boundTo {
		by = bounds[0].Resource
	}
	return bounds, by
}

// dispatching returns what the dispatches of an epoch cost, and the barriers between them, in
// nanoseconds.
func dispatching(p *bench.Probe, w *bench.Work) float64 {
	return w.Dispatches*float64(p.DispatchNS) + w.Barriers*float64(p.BarrierNS)
}

// waiting returns what the waits of an epoch cost in nanoseconds. Between one group, which only
// syncs, and the groups that were measured, the cost of a meeting grows by the logarithm of the
// groups. With more groups it costs at least as much.
func waiting(p *bench.Probe, w *bench.Work) float64 {
	meeting, sync := float64(p.MeetingNS), float64(p.SyncNS)
	if w.Groups > 0 && int64(w.Groups) < p.MeetingGroups {
		meeting = min(meeting, sync+(meeting-sync)*math.Log(float64(w.Groups))/math.Log(float64(p.MeetingGroups)))
	}
	return w.Meetings*meeting + w.Syncs*sync
}
