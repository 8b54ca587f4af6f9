package shaders

// Groups returns how many work groups cover n things, each at a group's share of them.
func Groups(n, share int) int { return min((n+share-1)/share, MaxGroups) }

// A MatMulTile is how a work group of matmul.comp divides its work: it makes M×N elements
// of the result, its invocations sharing out the inner dimension LocalSize/(M·N) ways, and
// takes K of the inner dimension at a time. All are powers of two.
type MatMulTile struct{ M, N, K int }

const (
	// matMulShared is how many values the tiles may take together: 24 KiB of double,
	// which leaves room for the sums within the 32 KiB of shared memory that OpenGL
	// 4.3 promises.
	matMulShared = 3072
	// longest is how many products an invocation adds one after the other in a tile.
	longest = 32
	// deepest is the largest K of a tile, so that an inner dimension of some
	// thousands still makes several parts.
	deepest = 1024
	// fewRows is the largest M of the tile for long rows and a vector: 32 neighbouring
	// invocations share a row, and read it in the order of memory.
	fewRows = 8
)

// MatMulTileFor fits the tile to an m×k by k×n product: square for two large matrices,
// a column for a tall matrix and a vector, and almost all of the group along k for a long inner
// dimension and a vector or a small result.
func MatMulTileFor(m, n, k int) MatMulTile {
	t := MatMulTile{M: min(PowerOf2(m), LocalSize), N: min(PowerOf2(n), LocalSize)}
	for t.M*t.N > LocalSize {
		if t.M > t.N {
			t.M /= 2
		} else {
			t.N /= 2
		}
	}
	if n == 1 && k >= deepest {
		t.M = min(t.M, fewRows)
	}
	t.K = min(PowerOf2(k), t.depth())
	return t
}

// depth is the largest K for the tile's M and N.
func (t MatMulTile) depth() int {
	k := min(longest*LocalSize/(t.M*t.N), deepest)
	for (MatMulTile{t.M, t.N, k}).shared() > matMulShared {
		k /= 2
	}
	return k
}

// shared is how many values of the operands lie in shared memory. With N = 1 no two
// invocations use the same element of the first operand, and it stays where it is.
func (t MatMulTile) shared() int {
	if t.N == 1 {
		return t.K
	}
	return t.M*(t.K+1) + t.K*t.N
}

const (
	// matMulGroups is how many work groups are enough to keep a large device busy.
	matMulGroups = 1024
	// shortest is how much of the inner dimension is worth a part of its own, which
	// costs a result to write and to add.
	shortest = 256
)

// Span is how much of an inner dimension k each part of the m×n result adds up, so that
// tiles and parts together make about matMulGroups work groups and at most maxParts parts.
// It depends on nothing but the shape: so do the order of a sum and its bits.
func (t MatMulTile) Span(m, n, k, maxParts int) int {
	tiles := Groups(m, t.M) * Groups(n, t.N)
	parts := max(1, min(matMulGroups/tiles, k/shortest, maxParts))
	steps := (k + t.K - 1) / t.K
	return (steps + parts - 1) / parts * t.K
}

// matMulTiles lists the tiles of MatMulTileFor.
func matMulTiles() []MatMulTile {
	var all []MatMulTile
	for m := 1; m <= LocalSize; m *= 2 {
		for n := 1; m*n <= LocalSize; n *= 2 {
			for k := (MatMulTile{M: m, N: n}).depth(); k >= 1; k /= 2 {
				all = append(all, MatMulTile{m, n, k})
			}
		}
	}
	return all
}

// maxReduceBlock is how many neighbouring elements matmul_reduce.comp takes at most:
// enough to read whole cache lines.
const maxReduceBlock = 32

// ReduceBlockFor is the block of elements for a result of size elements.
func ReduceBlockFor(size int) int { return min(PowerOf2(size), maxReduceBlock) }

// A TransposeTile is what a work group of transpose.comp turns at once: 1024 elements,
// powers of two both ways.
type TransposeTile struct{ Rows, Cols int }

// transposeSide is the side of a square tile.
const transposeSide = 32

// TransposeTileFor fits the tile to a rows×cols matrix: square, or as narrow as the matrix.
func TransposeTileFor(rows, cols int) TransposeTile {
	const size = transposeSide * transposeSide
	if cols <= rows {
		narrow := min(PowerOf2(cols), transposeSide)
		return TransposeTile{size / narrow, narrow}
	}
	narrow := min(PowerOf2(rows), transposeSide)
	return TransposeTile{narrow, size / narrow}
}

// transposeTiles lists the tiles of TransposeTileFor.
func transposeTiles() []TransposeTile {
	var all []TransposeTile
	for narrow := 1; narrow <= transposeSide; narrow *= 2 {
		all = append(all, TransposeTileFor(narrow, transposeSide), TransposeTileFor(transposeSide, narrow))
	}
	return all[:len(all)-1] // the square one is there twice
}

// ReduceMeanGroups is how many work groups add up count elements: each invocation gets a few.
func ReduceMeanGroups(count int) int { return min((count+8*LocalSize-1)/(8*LocalSize), LocalSize) }
