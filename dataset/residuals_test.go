package dataset

import (
	"math"
	"testing"
)

func TestResidualsByHand(t *testing.T) {
	p := &Problem{X: []float64{0, 1, 2, 3}, D: []float64{1, 3, 2, 6}, N: 4, P: 1}
	got := p.Residuals([]float64{1, 1}) // e = 0, −1, 1, −2
	want := ResidualStats{SSE: 6, SST: 14, R2: 1 - 6./14, StdErr: math.Sqrt(3),
		GradientNorm: math.Hypot(0.5*-2, 0.5*(-1+2-6))}
	if got.SSE != want.SSE || got.SST != want.SST || !(math.Abs(got.R2-want.R2) <= 1e-15) ||
		!(math.Abs(got.StdErr-want.StdErr) <= 1e-15) || !(math.Abs(got.GradientNorm-want.GradientNorm) <= 1e-15) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestResidualsThatAreUndefinedAreNaN(t *testing.T) {
	constant := &Problem{X: []float64{0, 1, 2}, D: []float64{0.1, 0.1, 0.1}, N: 3, P: 1}
	if s := constant.Residuals([]float64{0, 0}); s.SST != 0 || !math.IsNaN(s.R2) {
		t.Errorf("constant targets: SST %g, R2 %g", s.SST, s.R2)
	}
	two := &Problem{X: []float64{0, 1}, D: []float64{1, 2}, N: 2, P: 1}
	if s := two.Residuals([]float64{1, 1}); s.SSE != 0 || s.R2 != 1 || !math.IsNaN(s.StdErr) {
		t.Errorf("as many weights as rows: %+v", s)
	}
}

func TestTotalSumOfSquaresSurvivesALargeOffset(t *testing.T) {
	n := 3*sumChunk + 5
	p := &Problem{X: make([]float64, n), D: make([]float64, n), N: n, P: 1}
	for i := range p.D {
		p.D[i] = 1e9 + float64(i%2) // exact; deviations ±½, but for the odd row
	}
	ones := float64(n / 2)
	want := ones - ones*ones/float64(n)
	if s := p.Residuals([]float64{1e9, 0}); !(math.Abs(s.SST-want) <= 1e-12*want) {
		t.Errorf("SST %.17g, want %.17g", s.SST, want)
	}
}

func TestGradientVanishesAtTheOptimumAlone(t *testing.T) {
	p := random(5000, 4, 9)
	w, err := OLS(p)
	if err != nil {
		t.Fatal(err)
	}
	at := p.Residuals(w)
	if !(at.GradientNorm <= 1e-12) { // u times the largest term of its sums, about 1e3
		t.Errorf("gradient %g at the optimum", at.GradientNorm)
	}
	for j := range w {
		const h = 1e-3
		w[j] += h
		off := p.Residuals(w)
		w[j] -= h
		if !(off.SSE > at.SSE) || !(off.R2 < at.R2) || !(off.GradientNorm > 1e3*at.GradientNorm) {
			t.Errorf("w[%d] + %g: %+v, at the optimum %+v", j, h, off, at)
		}
	}
}

func TestResidualsHaveTheSameBitsOnAnyNumberOfCores(t *testing.T) {
	p := random(4*sumChunk+1, 2, 4)
	var want ResidualStats
	onCores(t, func(cores int) {
		got := p.Residuals([]float64{1, 2, 3})
		if cores == 1 {
			want = got
		}
		if got != want {
			t.Errorf("%d cores: %+v, on one %+v", cores, got, want)
		}
	})
}
