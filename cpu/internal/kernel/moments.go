package kernel

// Tile is the number of columns of a panel. Products of two panels fill a tile of Tile×Tile
// accumulators.
const Tile = 4

// Moments are the kernels that sum products of columns, the target's column among them. All sums
// are in float64 whatever T is. Sums of float32 products have no other rounding, because the
// products are exact.
//
// # Order of summation
//
// A step is eight rows of data: a strip of float64, or half a strip of float32, the lower half
// first. Lane l of a sum takes lane l of every step, by one fused multiplication and addition. The
// eight lanes are folded in halves: l and l+4, l+2, l+1. Every instruction set gives the bits of
// the Go functions in moments_portable.go.
//
// There is no mask: the padding of the last strip must be zeros, which add nothing.
type Moments[T Float] struct {
	// LineMoments sets the sums for one feature z, over strips ≥ 1 strips:
	//
	//	sums = Σz, Σd, Σz·z, Σz·d
	//
	// Steps are taken in groups of four. Products have an accumulator for each place in the group.
	// The four values of a plain sum are added in pairs before they meet its accumulator. Steps
	// after the last whole group are added to the first accumulators, one by one. After at most
	// MomentRun steps the accumulators are added in pairs, and the lanes to the lanes of the runs
	// before.
	LineMoments func(sums *[4]float64, data *T, strips int)

	// Squares adds to tile the products of the first columns of a panel with one another, 1 ≤
	// columns ≤ Tile, and their sums:
	//
	//	tile[Square(i, j)] += Σz_i·z_j  for i ≤ j < columns,   tile[ColumnSum(j)] += Σz_j
	//
	// The columns of strip s start at line s·stride, one after the other. Each lane is one chain
	// over all strips, so there should be few strips. As many lines from ahead on as are read are
	// fetched into the cache.
	Squares func(tile *[Tile * Tile]float64, panel *T, strips, stride, columns int, ahead *byte)

	// Products adds to tile the products of the Tile columns of panel a with the first columns of
	// panel b:
	//
	//	tile[Product(i, j)] += Σa_i·b_j  for i < Tile, j < columns
	//
	// in the layout and order of Squares.
	Products func(tile *[Tile * Tile]float64, a, b *T, strips, stride, columns int)

	// Apply sets y = A·u, in float64 for both precisions. The rows of A are laid out as rows of
	// data in float64 are: eight are a strip, of so many columns and no more. Column k is added to
	// accumulator k mod 4 by one fused multiplication and addition, and the four are added in
	// pairs.
	Apply func(y, a, u *float64, strips, columns int)
}

// MomentRun is the greatest number of steps that LineMoments sums before it adds to the sums of
// earlier runs.
const MomentRun = 128

// Steps returns the number of steps of a strip.
func Steps[T Float]() int { return Lanes[T]() / 8 }

// Product returns the place of a_i·b_j in the tile of Products.
func Product(i, j int) int { return j*Tile + i }

// Square returns the place of z_i·z_j, i ≤ j, in the tile of Squares: the upper triangle by
// columns.
func Square(i, j int) int { return j*(j+1)/2 + i }

// ColumnSum returns the place of the sum of column j in the tile of Squares.
func ColumnSum(j int) int { return Square(0, Tile) + j }
