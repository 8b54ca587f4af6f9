package cpu

import (
	"unsafe"

	"gonum.org/v1/gonum/floats"

	"descent/cpu/internal/kernel"
)

// moments are the sums of all columns of some strips, and of all products of two columns. For one
// feature they are the four numbers of LineMoments. For more features they are tiles in float64:
// the tile of panels i ≤ j is number j·(j+1)/2 + i.
type moments[T Float] struct {
	set    *kernel.Set[T]
	strips *strips[T]
	block  int         // strips of a block
	bounds []int       // of the segments: whole blocks, but for the end of the last
	sums   [][]float64 // of each segment, and after total of all in the first
}

// All columns of a block, and of the next block, which is being fetched, should fit in the first
// cache together. But a block should have at least leastStrips, so that the sums of a tile are
// worth their folding. With very many columns that is too much for the first cache, and panels are
// still in the second.
const (
	blockColumns = 16 << 10
	leastStrips  = 8
)

// A sum within a segment has at most segmentDepth additions, one after the other: at most
// blockSteps over the steps of a block, and then over the blocks. With the additions of a fold, and
// of segments in pairs, that is less than dataset.SumDepth for any N. The blocks of LineMoments are
// its runs. It is given at most lineRuns of them, half a megabyte.
const (
	segmentDepth = 96
	blockSteps   = 64
	lineRuns     = 32
)

// newMoments returns the moments of s, yet to be summed. How the strips are divided depends on N, P
// and the precision alone.
func newMoments[T Float](set *kernel.Set[T], s *strips[T]) moments[T] {
	m := moments[T]{set: set, strips: s}
	size := m.divide()
	m.sums = make([][]float64, len(m.bounds)-1)
	all := aligned[float64](len(m.sums) * size)
	for i := range m.sums {
		m.sums[i] = all[i*size:][:size]
	}
	return m
}

// divide finds the blocks and the segments, and returns how many sums a segment has.
func (m *moments[T]) divide() (size int) {
	columns, steps := m.strips.p+1, kernel.Steps[T]()
	segment := lineRuns * kernel.MomentRun / steps
	m.block, size = 4/steps, 4
	if columns > 2 {
		m.block = min(max(blockColumns/(columns*kernel.Line), leastStrips), blockSteps/steps)
		segment = (segmentDepth - m.block*steps) * m.block
		panels := (columns + kernel.Tile - 1) / kernel.Tile
		size = panels * (panels + 1) / 2 * len(tile{})
	}
	// A segment should be worth the calls for it, and have few sums against its data.
	count, least := (m.strips.count+segment-1)/segment, max(8192/columns, 2*columns)
	for _, c := range segmentCounts {
		if c <= m.strips.n/least {
			count = max(count, c)
			break
		}
	}
	blocks := (m.strips.count + m.block - 1) / m.block
	m.bounds = make([]int, count+1)
	for i := range m.bounds {
		m.bounds[i] = min(share(blocks, i, count)*m.block, m.strips.count)
	}
	return size
}

// sum sums the segments from lo to below hi.
func (m *moments[T]) sum(lo, hi int) {
	for s := lo; s < hi; s++ {
		sums, from, to := m.sums[s], m.bounds[s], m.bounds[s+1]
		if m.strips.p == 1 {
			m.set.LineMoments((*[4]float64)(sums), m.strips.at(from), to-from)
			continue
		}
		clear(sums)
		for ; from < to; from += m.block {
			m.multiply(sums, from, min(m.block, to-from))
		}
	}
}

// near is how many panels are multiplied with another panel while that is in the first cache.
const near = 4

// multiply adds to the tiles the products of all columns over some strips from lo on. Meanwhile it
// fetches as many strips after them, a share with each panel.
func (m *moments[T]) multiply(sums []float64, lo, strips int) {
	columns, panel := m.strips.p+1, kernel.Tile*kernel.Lanes[T]()
	data := m.strips.data[lo*m.strips.size:]
	next := strips * m.strips.size
	for first := 0; first*kernel.Tile < columns; first += near {
		for j := first; j*kernel.Tile < columns; j++ {
			right, width := &data[j*panel], min(kernel.Tile, columns-j*kernel.Tile)
			for i := first; i < min(first+near, j); i++ {
				m.set.Products(tileOf(sums, i, j), &data[i*panel], right, strips, columns, width)
			}
			if j < first+near {
				ahead := &data[min(next+j*panel*strips, len(data)-1)]
				m.set.Squares(tileOf(sums, j, j), right, strips, columns, width, (*byte)(unsafe.Pointer(ahead)))
			}
		}
	}
}

// total adds all segments.
func (m *moments[T]) total() { addInPairs(m.sums) }

// addInPairs leaves the sum of all parts in the first.
func addInPairs(parts [][]float64) {
	for width := 1; width < len(parts); width *= 2 {
		for i := 0; i+width < len(parts); i += 2 * width {
			floats.Add(parts[i], parts[i+width])
		}
	}
}

type tile = [kernel.Tile * kernel.Tile]float64

// tileOf returns the tile of panels i ≤ j.
func tileOf(sums []float64, i, j int) *tile {
	return (*tile)(sums[(j*(j+1)/2+i)*len(tile{}):])
}

// columns calls do with the total of each column.
func (m *moments[T]) columns(do func(j int, sum float64)) {
	for j := range m.strips.p + 1 {
		if m.strips.p == 1 {
			do(j, m.sums[0][j])
			continue
		}
		panel := j / kernel.Tile
		do(j, tileOf(m.sums[0], panel, panel)[kernel.ColumnSum(j%kernel.Tile)])
	}
}

// products calls do with the total of the products of columns j ≤ k. It leaves out the product of
// the last column, the target, with itself.
func (m *moments[T]) products(do func(j, k int, sum float64)) {
	if m.strips.p == 1 {
		do(0, 0, m.sums[0][2])
		do(0, 1, m.sums[0][3])
		return
	}
	for k := range m.strips.p + 1 {
		for j := range min(k+1, m.strips.p) {
			place, left, right := kernel.Product, j/kernel.Tile, k/kernel.Tile
			if left == right {
				place = kernel.Square
			}
			do(j, k, tileOf(m.sums[0], left, right)[place(j%kernel.Tile, k%kernel.Tile)])
		}
	}
}
