package kernel

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

// A momentCall is one of a kernel of Moments, with so many values of data and so many results.
type momentCall[T Float] struct {
	name            string
	strips, columns int
	values, results int
	gap             func(line int) bool // whether a line of the data is one that may not be read
	run             func(m *Moments[T], out *float64, data *T)
}

// momentCalls has one of each kernel. A line that belongs to no panel lies between panels, and
// between strips.
func momentCalls[T Float](strips, columns int) []momentCall[T] {
	v := Lanes[T]()
	squares, products := columns+1, Tile+1+columns+1 // lines of a strip
	tile := func(out *float64) *[Tile * Tile]float64 { return (*[Tile * Tile]float64)(unsafe.Pointer(out)) }
	return []momentCall[T]{
		{
			"LineMoments", strips, 1, strips * 2 * v, 4,
			func(int) bool { return false },
			func(m *Moments[T], out *float64, data *T) {
				m.LineMoments((*[4]float64)(unsafe.Pointer(out)), data, strips)
			},
		},
		{
			"Squares", strips, columns, ((strips-1)*squares + columns) * v, Tile * Tile,
			func(line int) bool { return line%squares >= columns },
			func(m *Moments[T], out *float64, data *T) {
				m.Squares(tile(out), data, strips, squares, columns, (*byte)(unsafe.Pointer(data)))
			},
		},
		{
			"Products", strips, columns, ((strips-1)*products + Tile + 1 + columns) * v, Tile * Tile,
			func(line int) bool { line %= products; return line == Tile || line > Tile+columns },
			func(m *Moments[T], out *float64, data *T) {
				b := (*T)(unsafe.Add(unsafe.Pointer(data), (Tile+1)*Line))
				m.Products(tile(out), data, b, strips, products, columns)
			},
		},
	}
}

// memories are those that the kernels' arguments are put in, by turns: guarded by NaN, and where
// the system can, by pages that cannot be touched.
var memories = []func() memory{func() memory { return new(nans) }}

// in returns the results, on top of numbers that were there, with data and results in guarded
// memory and NaN in the gaps.
func (c momentCall[T]) in(t *testing.T, mem memory, set *Set[T], value func(i int) T) []float64 {
	data, results := make([]T, c.values), make([]float64, c.results)
	for i := range data {
		data[i] = value(i)
		if c.gap(i / Lanes[T]()) {
			data[i] = T(math.NaN())
		}
	}
	for i := range results {
		results[i] = float64(i) - 2.5
	}
	guarded, out := put(t, mem, data), put(t, mem, results)
	c.run(&set.Moments, &out[0], &guarded[0])
	if !sameBits(guarded, data) {
		t.Errorf("%s, %s, %d strips, %d columns: the data were changed", set.Name, c.name, c.strips, c.columns)
	}
	mem.check(t)
	return out
}

// hold reports results that are not those of plain Go.
func (c momentCall[T]) hold(t *testing.T, mem memory, set *Set[T], value func(i int) T) {
	t.Helper()
	want := c.in(t, new(nans), Portable[T](), value)
	if got := c.in(t, mem, set, value); !sameBits(got, want) {
		t.Errorf("%s, %s, %d strips, %d columns: %v, not %v", set.Name, c.name, c.strips, c.columns, got, want)
	}
}

func TestMomentsHaveThePortableBits(t *testing.T) {
	both(t, testMoments[float64], testMoments[float32])
}

func testMoments[T Float](t *testing.T) {
	for _, set := range vectorSets[T]() {
		for _, kind := range kinds {
			for _, strips := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128, 129, 2*MomentRun + 3} {
				for columns := 1; columns <= Tile; columns++ {
					r := rand.New(rand.NewPCG(uint64(strips), uint64(columns)))
					values := make([]T, 1000)
					for i := range values {
						values[i] = T(kind.value(r, limitsOf[T]()))
					}
					for _, c := range momentCalls[T](strips, columns) {
						c.hold(t, memories[strips%len(memories)](), set, func(i int) T { return values[i%len(values)] })
					}
				}
			}
		}
	}
}

func TestMomentsOfAnyDataHaveThePortableBits(t *testing.T) {
	both(t, testAnyMoments[float64], testAnyMoments[float32])
}

func testAnyMoments[T Float](t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		strips := rapid.IntRange(1, 40).Draw(rt, "strips")
		columns := rapid.IntRange(1, Tile).Draw(rt, "columns")
		values := rapid.SliceOfN(rapid.Float64(), 1, 40).Draw(rt, "values")
		for _, set := range vectorSets[T]() {
			for _, c := range momentCalls[T](strips, columns) {
				value := func(i int) T { return T(values[i*i%len(values)]) }
				want := c.in(t, new(nans), Portable[T](), value)
				if got := c.in(t, new(nans), set, value); !sameBits(got, want) {
					rt.Errorf("%s, %s: %v, not %v", set.Name, c.name, got, want)
				}
			}
		}
	})
}

// exactSum returns Σ a·b and Σ |a·b| of two columns, of which b may be −1, one of ones.
func exactSum[T Float](data []T, columns, a, b int) (sum, size *big.Float) {
	v := Lanes[T]()
	number := func(x T) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(float64(x)) }
	sum, size = number(0), number(0)
	for ; len(data) > 0; data = data[columns*v:] {
		for l := range v {
			p := number(data[a*v+l])
			if b >= 0 {
				p.Mul(p, number(data[b*v+l]))
			}
			sum.Add(sum, p)
			size.Add(size, p.Abs(p))
		}
	}
	return sum, size
}

func TestMomentsAreWithinTheirBoundOfTheExactOnes(t *testing.T) {
	both(t, testExactMoments[float64], testExactMoments[float32])
}

// A value passes through as many roundings as its chain has additions, and those of the folding,
// each of them at most 2⁻⁵³ times the sum of all magnitudes. The one of a float64 product is in the
// same operation as an addition's.
func testExactMoments[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, strips := range []int{1, 3, 5, 64, 2*MomentRun + 7} {
		const columns = Tile + 3
		data := make([]T, strips*columns*Lanes[T]())
		for i := range data {
			data[i] = T(r.NormFloat64())
		}
		steps := strips * Steps[T]()
		for _, set := range Sets[T]() {
			within := func(what string, got float64, columns, i, j, depth int) {
				t.Helper()
				sum, size := exactSum(data[:strips*columns*Lanes[T]()], columns, i, j)
				off := new(big.Float).SetPrec(300).SetFloat64(got)
				off.Sub(off, sum).Abs(off)
				bound := size.Mul(size, big.NewFloat(1.001*float64(depth)*0x1p-53))
				if off.Cmp(bound) > 0 {
					t.Errorf("%s, %d strips: %s of columns %d and %d is %v, not %.17g: off by %.3g, more than %.3g", set.Name, strips, what, i, j, got, sum, off, bound)
				}
			}
			var line [4]float64
			set.LineMoments(&line, &data[0], strips)
			for k, of := range [4][2]int{{0, -1}, {1, -1}, {0, 0}, {0, 1}} {
				within("LineMoments", line[k], 2, of[0], of[1], MomentRun/4+3+2+steps/MomentRun+1+3)
			}
			var squares, products [Tile * Tile]float64
			set.Squares(&squares, &data[0], strips, columns, Tile, nil)
			set.Products(&products, &data[0], &data[Tile*Lanes[T]()], strips, columns, 3)
			for j := range Tile {
				within("Squares", squares[ColumnSum(j)], columns, j, -1, steps+3)
				for i := range Tile {
					if i <= j {
						within("Squares", squares[Square(i, j)], columns, i, j, steps+3)
					}
					if j < 3 {
						within("Products", products[Product(i, j)], columns, i, Tile+j, steps+3)
					}
				}
			}
		}
	}
}

// A sum that missed a lane, a step or a column would be another integer.
func TestMomentsCountEverySample(t *testing.T) { both(t, testCount[float64], testCount[float32]) }

func testCount[T Float](t *testing.T) {
	for _, set := range Sets[T]() {
		for _, strips := range []int{1, 2, 3, 5, 8, MomentRun + 1} {
			n := strips * Lanes[T]()
			data := make([]T, 2*n)
			for i := range data {
				data[i] = T(1 + i/Lanes[T]()%2) // z = 1, d = 2
			}
			var line [4]float64
			set.LineMoments(&line, &data[0], strips)
			want := fmt.Sprint([]int{n, 2 * n, n, 2 * n})
			if got := fmt.Sprint(line[:]); got != want {
				t.Errorf("%s, %d strips: LineMoments gives %v, not %v", set.Name, strips, got, want)
			}
			var squares [Tile * Tile]float64
			set.Squares(&squares, &data[0], strips, 2, 2, nil)
			got := fmt.Sprint(squares[ColumnSum(0)], squares[ColumnSum(1)], squares[Square(0, 0)], squares[Square(0, 1)], squares[Square(1, 1)])
			if want := fmt.Sprint(n, 2*n, n, 2*n, 4*n); got != want {
				t.Errorf("%s, %d strips: Squares gives %v, not %v", set.Name, strips, got, want)
			}
		}
	}
}

func TestApplyHasThePortableBitsAndNothingElseIsTouched(t *testing.T) {
	for _, set := range Sets[float64]() {
		for _, newMemory := range memories {
			r := rand.New(rand.NewPCG(31, 32))
			for _, columns := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 66, 514} {
				for _, strips := range []int{1, 2, 3} {
					a, u := make([]float64, strips*columns*8), make([]float64, columns)
					for _, values := range [][]float64{a, u} {
						for i := range values {
							values[i] = kinds[1].value(r, limitsOf[float64]())
						}
					}
					want, m := make([]float64, strips*8), newMemory()
					apply(&want[0], &a[0], &u[0], strips, columns)
					y, ga, gu := put(t, m, make([]float64, strips*8)), put(t, m, a), put(t, m, u)
					set.Apply(&y[0], &ga[0], &gu[0], strips, columns)
					if !sameBits(y, want) || !sameBits(ga, a) || !sameBits(gu, u) {
						t.Errorf("%s, %d strips, %d columns: %v, not %v, or an input was changed", set.Name, strips, columns, y, want)
					}
					m.check(t)
				}
			}
		}
	}
}

func TestApplyIsAMatrixTimesAVector(t *testing.T) {
	for columns := 1; columns <= 11; columns++ {
		a, u, y := make([]float64, 2*columns*8), make([]float64, columns), make([]float64, 16)
		for row := range y {
			for k := range u {
				a[(row/8*columns+k)*8+row%8], u[k] = float64(row*k+1), float64(k-3)
			}
		}
		for _, set := range Sets[float32]() {
			set.Apply(&y[0], &a[0], &u[0], 2, columns)
			for row := range y {
				want := 0
				for k := range u {
					want += (row*k + 1) * (k - 3)
				}
				if y[row] != float64(want) {
					t.Errorf("%s, %d columns: row %d is %v, not %d", set.Name, columns, row, y[row], want)
				}
			}
		}
	}
}
