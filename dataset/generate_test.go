package dataset

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"
)

func generate(t testing.TB, s Spec) *Problem {
	t.Helper()
	p, err := Generate(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fingerprint(p *Problem) string {
	h := fnv.New64a()
	for _, values := range [][]float64{p.X, p.D} {
		if err := binary.Write(h, binary.LittleEndian, values); err != nil {
			panic(err)
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// The problems of a seed are part of published results. These bits may not change.
func TestSeedGivesTheSameBitsOnAnyNumberOfCores(t *testing.T) {
	for _, test := range []struct {
		spec Spec
		want string
	}{
		{Spec{N: 1, P: 1, Noise: 0.1, Weights: []float64{3, 2}, Seed: 1}, "efb4e851ad76672d"},
		{Spec{N: 10_000, P: 1, Noise: 0.1, Weights: []float64{3, 2}, Seed: 1}, "af806d3e67c85396"},
		{Spec{N: 10_000, P: 1, Noise: 0.1, Weights: []float64{3, 2}, Seed: 2}, "6b90befe2857642e"},
		{Spec{N: 2*generateChunk + 1, P: 3, Noise: 0.1, Weights: DefaultWeights(3), Seed: 1}, "532fbd59db59f609"},
		{Spec{N: 100, P: 64, Noise: 1, Weights: DefaultWeights(64), Seed: math.MaxUint64}, "81a7d7e50e601928"},
	} {
		onCores(t, func(cores int) {
			if got := fingerprint(generate(t, test.spec)); got != test.want {
				t.Errorf("N=%d P=%d seed %d, %d cores: fingerprint %s, want %s", test.spec.N, test.spec.P, test.spec.Seed, cores, got, test.want)
			}
		})
	}
}

func TestOneFeatureRunsEvenlyFromZeroToTwo(t *testing.T) {
	for n, want := range map[int][]float64{1: {0}, 2: {0, 2}, 3: {0, 1, 2}, 5: {0, 0.5, 1, 1.5, 2}} {
		if p := generate(t, Spec{N: n, P: 1, Weights: []float64{3, 2}}); !slices.Equal(p.X, want) {
			t.Errorf("N=%d: x = %v, want %v", n, p.X, want)
		}
	}
}

func TestWithoutNoiseTargetsAreTheModel(t *testing.T) {
	p := generate(t, Spec{N: 3, P: 1, Weights: []float64{3, 2}})
	if want := []float64{3, 5, 7}; !slices.Equal(p.D, want) {
		t.Errorf("d = %v, want %v", p.D, want)
	}
}

func TestFeaturesDoNotDependOnNoiseOrWeights(t *testing.T) {
	a := generate(t, Spec{N: 50, P: 2, Noise: 0, Weights: []float64{0, 0, 0}, Seed: 7})
	b := generate(t, Spec{N: 50, P: 2, Noise: 9, Weights: []float64{1, 2, 3}, Seed: 7})
	if !sameBits(a.X, b.X) {
		t.Error("X changed with the noise and the weights")
	}
}

func TestManyFeaturesAreStandardised(t *testing.T) {
	for _, n := range []int{2, 3, generateChunk - 1, generateChunk + 1, 100_000} {
		p := generate(t, Spec{N: n, P: 5, Weights: DefaultWeights(5), Seed: 3})
		mean, sd := moments(p)
		for j := range mean {
			// Each of the N values is rounded to a few u, and u is 1.1e-16.
			if !(math.Abs(mean[j]) <= 1e-15) || !(math.Abs(sd[j]-1) <= 1e-15) {
				t.Errorf("N=%d: feature %d has mean %g and sd %g", n, j, mean[j], sd[j])
			}
		}
	}
}

func TestOneRowOfManyFeaturesStandsAtTheMean(t *testing.T) {
	p := generate(t, Spec{N: 1, P: 3, Weights: DefaultWeights(3)})
	if !slices.Equal(p.X, []float64{0, 0, 0}) || !slices.Equal(p.D, []float64{3}) {
		t.Errorf("x = %v, d = %v", p.X, p.D)
	}
}

// The moments of the noise are within five standard errors of the normal distribution's.
// Neighbouring rows, chunks and seeds are uncorrelated.
func TestNoiseIsNormalAndUncorrelated(t *testing.T) {
	const n, noise = 1_000_000, 0.1
	draw := func(seed uint64) []float64 {
		return generate(t, Spec{N: n, P: 1, Noise: noise, Weights: []float64{0, 0}, Seed: seed}).D
	}
	a, b := draw(1), draw(2)
	var mean, square, fourth, neighbour, chunk, seed float64
	for i := range a {
		z := a[i] / noise
		mean += z
		square += z * z
		fourth += z * z * z * z
		neighbour += z * a[(i+1)%n] / noise
		chunk += z * a[(i+generateChunk)%n] / noise
		seed += z * b[i] / noise
	}
	for _, m := range []struct {
		name                 string
		sum, want, deviation float64 // deviation of one term
	}{
		{"mean", mean, 0, 1}, {"variance", square, 1, math.Sqrt(2)}, {"fourth moment", fourth, 3, math.Sqrt(96)},
		{"correlation with the next row", neighbour, 0, 1},
		{"correlation with the next chunk", chunk, 0, 1},
		{"correlation with the next seed", seed, 0, 1},
	} {
		if got, allowed := m.sum/n, 5*m.deviation/math.Sqrt(n); !(math.Abs(got-m.want) <= allowed) {
			t.Errorf("%s %g, want %g within %g", m.name, got, m.want, allowed)
		}
	}
}

func TestDefaultWeights(t *testing.T) {
	for p, want := range map[int][]float64{1: {3, 2}, 2: {3, 2, -1}, 4: {3, 2, -1, 2. / 3, -0.5}} {
		if got := DefaultWeights(p); !slices.Equal(got, want) {
			t.Errorf("DefaultWeights(%d) = %v, want %v", p, got, want)
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	for _, test := range []struct {
		spec Spec
		want string
	}{
		{Spec{N: 0, P: 1, Weights: []float64{3, 2}}, "N=0, P=1"},
		{Spec{N: -5, P: 1, Weights: []float64{3, 2}}, "N=-5"},
		{Spec{N: 1, P: 0, Weights: []float64{3}}, "P=0"},
		{Spec{N: 1 << 40, P: 2, Weights: DefaultWeights(2)}, "1099511627776×2"},
		{Spec{N: math.MaxInt, P: math.MaxInt}, "9223372036854775807×9223372036854775807"},
		{Spec{N: 9, P: 1, Weights: []float64{3}}, "1 weights for 1 features: give 2"},
		{Spec{N: 9, P: 1}, "0 weights"},
		{Spec{N: 9, P: 1, Weights: []float64{3, math.NaN()}}, "weight 2 of 2 is NaN"},
		{Spec{N: 9, P: 1, Weights: []float64{math.Inf(-1), 2}}, "weight 1 of 2 is -Inf"},
		{Spec{N: 9, P: 1, Weights: []float64{3, 2}, Noise: -0.1}, "noise -0.1"},
		{Spec{N: 9, P: 1, Weights: []float64{3, 2}, Noise: math.NaN()}, "noise NaN"},
		{Spec{N: 9, P: 1, Weights: []float64{3, 2}, Noise: math.Inf(1)}, "noise +Inf"},
		{Spec{N: 9, P: 1, Weights: []float64{1e308, 1e308}}, "past the range of float64"},
		{Spec{N: 9, P: 1, Weights: []float64{3, 2}, Noise: 1.7e308}, "past the range of float64"},
	} {
		if p, err := Generate(test.spec); err == nil || p != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Generate(%+v): error %v does not say %q", test.spec, err, test.want)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, size := range []struct{ n, p int }{{10_000, 1}, {1_000_000, 1}, {100_000, 64}} {
		b.Run(fmt.Sprintf("n=%d/p=%d", size.n, size.p), func(b *testing.B) {
			s := Spec{N: size.n, P: size.p, Noise: 0.1, Weights: DefaultWeights(size.p), Seed: 1}
			b.SetBytes(int64(8 * size.n * (size.p + 1)))
			for b.Loop() {
				generate(b, s)
			}
		})
	}
}
