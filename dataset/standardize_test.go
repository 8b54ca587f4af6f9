package dataset

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestStandardizedFeaturesHaveMeanZeroAndDeviationOne(t *testing.T) {
	n := 2*sumChunk + 1
	for _, offset := range []float64{0, 1, -1e3, 1e9} {
		p := &Problem{X: make([]float64, n), D: make([]float64, n), N: n, P: 1}
		for i := range p.X {
			p.X[i] = offset + math.Sin(float64(i)) // spread 1 around the offset
		}
		before := append([]float64(nil), p.X...)
		z, s, err := Standardize(p)
		if err != nil {
			t.Fatal(err)
		}
		mean, sd := moments(z)
		// The bound is half a unit in the last place of the old mean, in units of the spread √½.
		if bound := 1e-15 + 0x1p-53*math.Abs(offset)/s.Scale[0]; !(math.Abs(mean[0]) <= bound) || !(math.Abs(sd[0]-1) <= 1e-15) {
			t.Errorf("offset %g: mean %g and sd %g after standardising", offset, mean[0], sd[0])
		}
		// 1e-5 is how far the deviation of this many sines is from √½.
		if !(math.Abs(s.Scale[0]-math.Sqrt(0.5)) <= 1e-5+1e-15*math.Abs(offset)) {
			t.Errorf("offset %g: scale %g, want √½", offset, s.Scale[0])
		}
		if !sameBits(p.X, before) {
			t.Error("Standardize changed its argument")
		}
	}
}

func TestStandardizeHasTheSameBitsOnAnyNumberOfCores(t *testing.T) {
	p := generate(t, Spec{N: 5*sumChunk + 3, P: 3, Weights: DefaultWeights(3), Seed: 5})
	hasTheSameBitsOnCores(t, func() []float64 {
		z, s, err := Standardize(p)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Concat(s.Mean, s.Scale, []float64{s.TargetMean, s.TargetScale}, z.X, z.D)
	})
}

func TestStandardizedTargetsHaveMeanZeroAndDeviationOneWhereTheyCan(t *testing.T) {
	for name, test := range map[string]struct {
		d      []float64
		scaled bool
	}{
		"offset":           {[]float64{1e9 + 1, 1e9 + 2, 1e9 + 4}, true},
		"constant":         {[]float64{0.1, 0.1, 0.1}, false},
		"squares overflow": {[]float64{-1e200, 0, 1e200}, false},
	} {
		p := &Problem{X: []float64{1, 2, 4}, D: test.d, N: 3, P: 1}
		z, s, err := Standardize(p)
		if err != nil {
			t.Fatal(err)
		}
		if !test.scaled {
			if s.TargetMean != 0 || s.TargetScale != 1 || !sameBits(z.D, test.d) {
				t.Errorf("%s: scaling %+v, targets %v", name, s, z.D)
			}
			continue
		}
		mean, sd := moments(&Problem{X: z.D, N: 3, P: 1})
		if !(math.Abs(mean[0]) <= 0x1p-53*math.Abs(s.TargetMean)/s.TargetScale) || !(math.Abs(sd[0]-1) <= 1e-15) {
			t.Errorf("%s: mean %g and sd %g after standardising", name, mean[0], sd[0])
		}
	}
}

func TestStandardizeNamesTheColumnItCannotScale(t *testing.T) {
	for name, test := range map[string]struct {
		x      []float64 // column 1 of 2; column 0 is fine
		reason string
	}{
		"constant":             {[]float64{7, 7, 7}, "every value is 7"},
		"constant that rounds": {[]float64{0.1, 0.1, 0.1}, "every value is 0.1"},
		"zero":                 {[]float64{0, 0, 0}, "every value is 0"},
		"squares overflow":     {[]float64{-1e200, 0, 1e200}, "past the range of float64"},
		"sum overflows":        {[]float64{1.5e308, 1.6e308, 1.7e308}, "past the range of float64"},
		"squares underflow":    {[]float64{-1e-200, 0, 1e-200}, "past the range of float64"},
	} {
		p := &Problem{X: []float64{1, test.x[0], 2, test.x[1], 4, test.x[2]}, D: make([]float64, 3), N: 3, P: 2}
		_, _, err := Standardize(p)
		var column *ColumnError
		if !errors.As(err, &column) || column.Column != 1 || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%s: error %v, want column 1 and %q", name, err, test.reason)
		}
	}
	if _, _, err := Standardize(&Problem{X: []float64{1, 2}, D: []float64{5}, N: 1, P: 2}); err == nil {
		t.Error("one row: its features are constant, but there is no error")
	}
	if _, _, err := Standardize(&Problem{N: 2, P: 1}); err == nil {
		t.Error("no error for lengths that disagree with N and P")
	}
}

func predict(p *Problem, w []float64, i int) float64 {
	y := w[0]
	for j, x := range p.Row(i) {
		y += w[j+1] * x
	}
	return y
}

func TestUnscaledWeightsPredictTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, features := rapid.IntRange(2, 12).Draw(t, "N"), rapid.IntRange(1, 4).Draw(t, "P")
		p := &Problem{X: make([]float64, n*features), D: make([]float64, n), N: n, P: features}
		for j := range features {
			unit := math.Pow(10, float64(rapid.IntRange(-6, 6).Draw(t, "unit")))
			offset := rapid.Float64Range(-1e3, 1e3).Draw(t, "offset")
			for i := range n {
				p.X[i*features+j] = unit * (offset + float64(i) + rapid.Float64Range(0, 0.5).Draw(t, "x"))
			}
		}
		level := rapid.SampledFrom([]float64{0, 1, -1e3}).Draw(t, "level")
		for i := range n {
			p.D[i] = level + rapid.Float64Range(-10, 10).Draw(t, "d")
		}
		z, s, err := Standardize(p)
		if err != nil {
			t.Fatal(err)
		}
		w := rapid.SliceOfN(rapid.Float64Range(-10, 10), features+1, features+1).Draw(t, "w")
		user := s.Unscale(w)
		for i := range n {
			// Rounding is relative to the largest term of either sum.
			scale := max(math.Abs(user[0]), math.Abs(s.TargetMean), 10*s.TargetScale*float64(1+features))
			for j, x := range p.Row(i) {
				scale = max(scale, math.Abs(user[j+1]*x))
			}
			if got, want := predict(p, user, i), s.TargetMean+s.TargetScale*predict(z, w, i); !(math.Abs(got-want) <= 1e-14*(10+scale)) {
				t.Fatalf("row %d: %g in the user's units, %g in standard ones", i, got, want)
			}
		}
	})
}

func TestUnscaledOptimumIsTheOptimum(t *testing.T) {
	p := longley()
	z, s, err := Standardize(p)
	if err != nil {
		t.Fatal(err)
	}
	w, err := OLS(z)
	if err != nil {
		t.Fatal(err)
	}
	for j, got := range s.Unscale(w) {
		if want := longleyWeights[j]; !(math.Abs(got-want) <= 1e-10*math.Abs(want)) {
			t.Errorf("w[%d] = %.15g, certified %.15g", j, got, want)
		}
	}
}
