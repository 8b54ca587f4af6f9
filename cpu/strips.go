package cpu

import (
	"unsafe"

	"descent/cpu/internal/kernel"
	"descent/dataset"
)

// strips is a problem in the layout of package kernel.
type strips[T Float] struct {
	data  []T // strips of size values each, in whole groups, aligned to kernel.Line
	n, p  int
	count int // of the strips that hold samples
	size  int // (p+1)·V
}

// newStrips returns strips for p that are yet to be filled.
func newStrips[T Float](p *dataset.Problem) strips[T] {
	v := kernel.Lanes[T]()
	s := strips[T]{n: p.N, p: p.P, count: (p.N + v - 1) / v, size: (p.P + 1) * v}
	s.data = aligned[T](groups(s.count) * kernel.Group * s.size)
	return s
}

// aligned returns n zeros. The first is at a multiple of kernel.Line bytes.
func aligned[T Float](n int) []T {
	v := kernel.Lanes[T]()
	buf := make([]T, n+v-1)
	size := int(unsafe.Sizeof(buf[0]))
	skip := -int(uintptr(unsafe.Pointer(&buf[0]))) & (kernel.Line - 1) / size
	return buf[skip:][:n:n]
}

// fill converts the rows of the strips from lo to below hi, and subtracts from each column its
// shift. The shift of d is shift[p.P]. A nil shift is zeros.
func (s *strips[T]) fill(p *dataset.Problem, shift []T, lo, hi int) {
	v := kernel.Lanes[T]()
	for i := lo; i < hi; i++ {
		row := i * v
		rows := min(v, s.n-row)
		lines := s.data[i*s.size:][:s.size]
		for j := range s.p {
			column := p.X[row*s.p+j:]
			for l := range rows {
				lines[j*v+l] = T(column[l*s.p])
			}
		}
		for l := range rows {
			lines[s.p*v+l] = T(p.D[row+l])
		}
		if shift == nil {
			continue
		}
		for j, c := range shift {
			for l := range rows {
				lines[j*v+l] -= c
			}
		}
	}
}

// at returns the first value of strip i.
func (s *strips[T]) at(i int) *T { return &s.data[i*s.size] }

// mask returns the mask of the n strips from i on, up to a group.
func (s *strips[T]) mask(i, n int) *kernel.Mask {
	v := kernel.Lanes[T]()
	return kernel.MaskOf[T](min(n*v, s.n-i*v))
}

// groups returns how many groups hold so many strips.
func groups(strips int) int { return (strips + kernel.Group - 1) / kernel.Group }

// Rows are summed by segments, and the sums of segments are added in their order. The number of
// segments depends on N, P and the precision alone. So the bits do not depend on the number of
// workers. Each worker takes neighbouring segments.
//
// Every worker adds the P+1 sums of all segments, so a segment should be large against that cost.
// Yet it should be small enough to be dealt evenly. Several segments should fit the first cache: an
// epoch goes the other way than the epoch before, and finds there what that one ended with.
const (
	segmentBytes   = 16 << 10
	segmentSamples = 256
)

// segmentCounts have many divisors, so that most numbers of workers share them evenly.
var segmentCounts = []int{240, 120, 60, 48, 24, 12, 8, 6, 4, 2}

// segments returns the bounds of the segments. Segment i has the strips from bounds[i] to below
// bounds[i+1], in whole groups but for the last.
func (s *strips[T]) segments() (bounds []int) {
	most := min(s.n/segmentSamples, s.count*s.size*kernel.Line/kernel.Lanes[T]()/segmentBytes)
	count := 1
	for _, c := range segmentCounts {
		if c <= most {
			count = c
			break
		}
	}
	bounds = make([]int, count+1)
	for i := range bounds {
		bounds[i] = min(s.count, kernel.Group*share(groups(s.count), i, count))
	}
	return bounds
}

// share returns where part i of count equal parts of n begins.
func share(n, i, count int) int { return int(int64(n) * int64(i) / int64(count)) }
