package sweep_test

import (
	"math"
	"testing"

	"descent/bench/sweep"
)

// grid returns powers of two.
func grid(from, to int) (sizes []int) {
	for n := from; n <= to; n *= 2 {
		sizes = append(sizes, n)
	}
	return sizes
}

func modelOf(p sweep.Problem, contender string) *sweep.Model {
	for i := range p.Models {
		if p.Models[i].Contender == contender {
			return &p.Models[i]
		}
	}
	return nil
}

func TestAModelHoldsWhereTimesAreLinear(t *testing.T) {
	w := twoSides()
	w.sizes = grid(64, 1<<20)
	p := answers(t, w).Problems[0]
	for name, want := range map[string]sweep.Model{
		"simd/f64": {ConstNS: 100, RowsPerNS: 4}, "gl-resident/f64": {ConstNS: 2350, RowsPerNS: 40},
	} {
		m := modelOf(p, name)
		if m == nil {
			t.Errorf("%s has no model", name)
			continue
		}
		if m.FromN != 64 || m.ToN != 1<<20 || math.Abs(m.ConstNS/want.ConstNS-1) > 0.02 || math.Abs(m.RowsPerNS/want.RowsPerNS-1) > 0.02 {
			t.Errorf("the model of %s is %+v", name, *m)
		}
		if !(0 < m.Residual && m.Residual < 0.03) {
			t.Errorf("the model of %s has the residual %v", name, m.Residual)
		}
	}
}

// Where the data leave a cache, the line bends. The model holds for the longer piece.
func TestAModelHoldsForTheLongestStretch(t *testing.T) {
	w := twoSides()
	w.sizes = grid(64, 1<<20)
	fast, slow := linear(100, 4), linear(100, 1)
	w.contenders[0].epoch = func(n int) float64 {
		if n >= 1<<16 {
			return slow(n)
		}
		return fast(n)
	}
	m := modelOf(answers(t, w).Problems[0], "simd/f64")
	if m == nil || m.FromN != 64 || m.ToN != 1<<15 || math.Abs(m.RowsPerNS/4-1) > 0.03 {
		t.Errorf("the model is %+v", m)
	}
}

func TestNoModelHoldsForACurve(t *testing.T) {
	w := twoSides()
	w.sizes = grid(64, 1<<20)
	w.contenders[0].epoch = func(n int) float64 { return math.Pow(float64(n), 1.5) }
	p := answers(t, w).Problems[0]
	if m := modelOf(p, "simd/f64"); m != nil {
		t.Errorf("a curve has the model %+v", *m)
	}
	w.sizes = grid(64, 512)
	if p = answers(t, w).Problems[0]; p.Models != nil {
		t.Errorf("four sizes have the models %+v", p.Models)
	}
}

func TestAConstantTimeHasNoRate(t *testing.T) {
	w := twoSides()
	w.sizes = grid(64, 4096)
	w.contenders[1].epoch = func(n int) float64 { return 5000 - float64(n)/100 }
	m := modelOf(answers(t, w).Problems[0], "gl-resident/f64")
	if m == nil || m.RowsPerNS != 0 || math.Abs(m.ConstNS/5000-1) > 0.02 {
		t.Errorf("the model is %+v", m)
	}
}

// Each interval alone holds the truth with 95%, and so do all of them together.
func TestATrueModelIsSeldomDropped(t *testing.T) {
	whole := 0
	for seed := range uint64(10) {
		w := twoSides()
		w.sizes, w.seed, w.processes = grid(64, 1<<16), seed, 6
		for _, m := range answers(t, w).Problems[0].Models {
			if m.FromN == 64 && m.ToN == 1<<16 {
				whole++
			}
		}
	}
	if whole < 18 {
		t.Errorf("%d of 20 true models hold over all sizes", whole)
	}
}

// A time below nothing has no meaning, and so has a model with one.
func TestAModelHasNoNegativeConstant(t *testing.T) {
	w := twoSides()
	w.sizes = grid(64, 1<<20)
	w.contenders[0].epoch = linear(-12, 4)
	m := modelOf(answers(t, w).Problems[0], "simd/f64")
	if m == nil || m.ConstNS < 0 || m.FromN == 64 || m.ToN != 1<<20 {
		t.Errorf("the model is %+v", m)
	}
}

// On a loud machine the intervals are wide, and every line would lie within them.
func TestAModelThatIsFarOffIsNotShown(t *testing.T) {
	w := twoSides()
	w.sizes, w.noise, w.bias = grid(64, 1<<16), 0.5, 1
	w.contenders[0].epoch = func(n int) float64 { return math.Pow(float64(n), 1.1) }
	for _, m := range answers(t, w).Problems[0].Models {
		if m.Residual > 0.1 {
			t.Errorf("a model is %+v", m)
		}
	}
}
