package dataset

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
)

// longley returns J. W. Longley's problem (1967), the classic hard case of linear regression.
// NIST's Statistical Reference Datasets certify its solution.
func longley() *Problem {
	rows := [][]float64{ // target, then six features
		{60323, 83.0, 234289, 2356, 1590, 107608, 1947}, {61122, 88.5, 259426, 2325, 1456, 108632, 1948},
		{60171, 88.2, 258054, 3682, 1616, 109773, 1949}, {61187, 89.5, 284599, 3351, 1650, 110929, 1950},
		{63221, 96.2, 328975, 2099, 3099, 112075, 1951}, {63639, 98.1, 346999, 1932, 3594, 113270, 1952},
		{64989, 99.0, 365385, 1870, 3547, 115094, 1953}, {63761, 100.0, 363112, 3578, 3350, 116219, 1954},
		{66019, 101.2, 397469, 2904, 3048, 117388, 1955}, {67857, 104.6, 419180, 2822, 2857, 118734, 1956},
		{68169, 108.4, 442769, 2936, 2798, 120445, 1957}, {66513, 110.8, 444546, 4681, 2637, 121950, 1958},
		{68655, 112.6, 482704, 3813, 2552, 123366, 1959}, {69564, 114.2, 502601, 3931, 2514, 125368, 1960},
		{69331, 115.7, 518173, 4806, 2572, 127852, 1961}, {70551, 116.9, 554894, 4007, 2827, 130081, 1962},
	}
	p := &Problem{N: len(rows), P: 6}
	for _, row := range rows {
		p.D = append(p.D, row[0])
		p.X = append(p.X, row[1:]...)
	}
	return p
}

var longleyWeights = []float64{
	-3482258.63459582, 15.0618722713733, -0.358191792925910e-01, -2.02022980381683,
	-1.03322686717359, -0.511041056535807e-01, 1829.15146461355,
}

func TestLongleyIsSolvedToTheCertifiedDigits(t *testing.T) {
	w, err := OLS(longley())
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range longleyWeights {
		// The condition number of [1 X] is 5e9, so an error of 1e-6 would be no surprise. QR is
		// stable by columns and does better.
		if !(math.Abs(w[j]-want) <= 1e-8*math.Abs(want)) {
			t.Errorf("w[%d] = %.15g, certified %.15g", j, w[j], want)
		}
	}
	s := longley().Residuals(w)
	for _, c := range []struct {
		name      string
		got, want float64
	}{{"StdErr", s.StdErr, 304.854073561965}, {"R2", s.R2, 0.995479004577296}, {"SSE", s.SSE, 836424.055505915}} {
		if !(math.Abs(c.got-c.want) <= 1e-9*c.want) {
			t.Errorf("%s = %.15g, certified %.15g", c.name, c.got, c.want)
		}
	}
}

// random returns a problem with normal features in very different units. The targets do not
// depend on the features.
func random(n, features int, seed uint64) *Problem {
	r := rand.New(rand.NewPCG(seed, 0))
	p := &Problem{X: make([]float64, n*features), D: make([]float64, n), N: n, P: features}
	for i := range n {
		for j := range p.Row(i) {
			p.X[i*features+j] = (r.NormFloat64() + 0.5) * math.Pow(10, float64(j%3-1))
		}
		p.D[i] = 5 + r.NormFloat64()
	}
	return p
}

func TestOLSAgreesWithQRInOnePiece(t *testing.T) {
	// Sizes at the edges of a block (1024 rows here) and of a part.
	for _, n := range []int{2, 3, 1023, 1024, 1025, 2048, 2049, 70_001} {
		for _, features := range []int{1, 2, 7} {
			if n < features+1 {
				continue
			}
			p := random(n, features, uint64(n))
			x := mat.NewDense(n, features+1, nil)
			for i := range n {
				x.SetRow(i, append([]float64{1}, p.Row(i)...))
			}
			var want mat.VecDense
			if err := want.SolveVec(x, mat.NewVecDense(n, p.D)); err != nil {
				t.Fatal(err)
			}
			got, err := OLS(p)
			if err != nil {
				t.Fatal(err)
			}
			for j := range got {
				// Both are backward stable and the condition number is about 100.
				if !(math.Abs(got[j]-want.AtVec(j)) <= 1e-11*(1+math.Abs(want.AtVec(j)))) {
					t.Errorf("N=%d P=%d: w[%d] = %.15g, in one piece %.15g", n, features, j, got[j], want.AtVec(j))
				}
			}
		}
	}
}

func TestOLSHasTheSameBitsOnAnyNumberOfCores(t *testing.T) {
	p := random(200_001, 3, 1)
	hasTheSameBitsOnCores(t, func() []float64 {
		w, err := OLS(p)
		if err != nil {
			t.Fatal(err)
		}
		return w
	})
}

// problem returns a Problem with the given columns and the targets 1, 4, 9, ….
func problem(columns ...[]float64) *Problem {
	p := &Problem{N: len(columns[0]), P: len(columns)}
	for i := range p.N {
		for _, c := range columns {
			p.X = append(p.X, c[i])
		}
		p.D = append(p.D, float64((i+1)*(i+1)))
	}
	return p
}

func TestDependentFeaturesAreNamed(t *testing.T) {
	a, b := []float64{1, 2, 3, 5, 8}, []float64{1, -1, 2, 0.5, 7}
	sum := make([]float64, 5)
	for i := range sum {
		sum[i] = 3*a[i] - b[i] + 0.1
	}
	constant := slices.Repeat([]float64{0.1}, 5)
	long := func(f func(i int) float64) []float64 {
		c := make([]float64, 300_000)
		for i := range c {
			c[i] = f(i)
		}
		return c
	}
	for name, test := range map[string]struct {
		p    *Problem
		want *RankError
	}{
		"constant":            {problem(constant), &RankError{1, 2, 5, []int{0}}},
		"zero":                {problem(a, make([]float64, 5)), &RankError{2, 3, 5, []int{1}}},
		"duplicate":           {problem(a, b, a), &RankError{3, 4, 5, []int{2}}},
		"combination":         {problem(a, b, sum), &RankError{3, 4, 5, []int{2}}},
		"two of four":         {problem(a, constant, b, sum), &RankError{3, 5, 5, []int{1, 3}}},
		"constant, then full": {problem(constant, a, b, []float64{4, 4, 1, 0, 2}), &RankError{4, 5, 5, []int{0}}},
		"one row":             {problem([]float64{7}), &RankError{1, 2, 1, []int{0}}},
		"fewer rows":          {problem(a[:3], b[:3], []float64{1, 0, 1}), &RankError{3, 4, 3, []int{2}}},
		"constant, and fewer rows": {problem(constant[:3], a[:3], []float64{1, 0, 1}),
			&RankError{3, 4, 3, []int{0}}},
		"many rows of a constant": {problem(long(func(int) float64 { return 0.1 })), &RankError{1, 2, 300_000, []int{0}}},
		"many rows of a combination": {problem(long(func(i int) float64 { return math.Sin(float64(i)) * 1e6 }),
			long(func(i int) float64 { return math.Sin(float64(i))*3e-6 + 0.7 })), &RankError{2, 3, 300_000, []int{1}}},
	} {
		_, err := OLS(test.p)
		var got *RankError
		if !errors.As(err, &got) {
			t.Errorf("%s: error %v is no RankError", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRankErrorSaysWhatToDo(t *testing.T) {
	for want, e := range map[string]*RankError{
		"2 samples (rank 2) do not determine 4 weights": {2, 4, 2, []int{1, 2}},
		"rank 3 of 4 columns":                           {3, 4, 9, []int{2}},
		"feature 2; leave it out":                       {3, 4, 9, []int{2}},
		"features 1 5; leave them out":                  {3, 5, 9, []int{1, 5}},
		"features 0 1 2 3 4 5 6 7 and 2 more; leave":    {1, 11, 99, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
	} {
		if !strings.Contains(e.Error(), want) {
			t.Errorf("%q does not say %q", e, want)
		}
	}
}

func TestFeaturesInVeryDifferentUnitsAreNotDeficient(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	columns := make([][]float64, 3)
	for j, unit := range []float64{1e6, 1e-6, 1} {
		for range 1000 {
			columns[j] = append(columns[j], unit*r.NormFloat64())
		}
	}
	for i := range columns[2] {
		columns[2][i] += 1e9 // an offset of 1e9 with a spread of 1 is a feature, too
	}
	p := problem(columns...)
	for i := range p.D {
		row := p.Row(i)
		p.D[i] = 3 + 2e-6*row[0] - 5e6*row[1] + (row[2] - 1e9)
	}
	w, err := OLS(p)
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{2e-6, -5e6, 1} {
		// The offset makes the condition number 1e9, so u·1e9 is lost. X has no more digits.
		if !(math.Abs(w[j+1]-want) <= 1e-6*math.Abs(want)) {
			t.Errorf("w[%d] = %g, want %g", j+1, w[j+1], want)
		}
	}
}

func TestUnitsWhoseSquaresUnderflowAreSolved(t *testing.T) {
	for _, unit := range []float64{1e-140, 1e-156, 1e-161, 1e-200, 1e-290} {
		w, err := OLS(problem([]float64{1, 1, 0, 5}, []float64{unit, 2 * unit, 3 * unit, 5 * unit}))
		if err != nil {
			t.Errorf("unit %g: %v", unit, err)
			continue
		}
		want, err := OLS(problem([]float64{1, 1, 0, 5}, []float64{1, 2, 3, 5}))
		if err != nil {
			t.Fatal(err)
		}
		want[2] /= unit
		for j := range w {
			// The error is a few u times the condition number, about 10.
			if !(math.Abs(w[j]-want[j]) <= 1e-13*math.Abs(want[j])) {
				t.Errorf("unit %g: w[%d] = %g, want %g", unit, j, w[j], want[j])
			}
		}
	}
}

func TestValuesThatCannotBeSquaredAreRefusedByColumn(t *testing.T) {
	for _, prec := range []Precision{Float64, Float32} {
		for _, n := range []int{1, 3} {
			p := problem(slices.Repeat([]float64{1}, n), slices.Repeat([]float64{1e200}, n))
			var column *ColumnError
			if _, err := factor(p, prec); !errors.As(err, &column) || column.Column != 1 || !strings.Contains(err.Error(), prec.String()) {
				t.Errorf("N=%d %s: error %v, want feature 1", n, prec, err)
			}
			p = problem(slices.Repeat([]float64{1}, n))
			p.D[0] = 1e200
			if _, err := factor(p, prec); err == nil || !strings.Contains(err.Error(), "target") {
				t.Errorf("N=%d %s: error %v, want the target", n, prec, err)
			}
		}
	}
	if _, err := OLS(&Problem{N: 3, P: 1}); err == nil {
		t.Error("no error for lengths that disagree with N and P")
	}
}

func BenchmarkOLS(b *testing.B) {
	for _, size := range []struct{ n, p int }{{10_000, 1}, {1_000_000, 1}, {100_000, 64}} {
		b.Run(fmt.Sprintf("n=%d/p=%d", size.n, size.p), func(b *testing.B) {
			p := random(size.n, size.p, 1)
			b.SetBytes(int64(8 * size.n * (size.p + 1)))
			for b.Loop() {
				if _, err := OLS(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
