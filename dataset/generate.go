package dataset

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
)

// A Spec describes the synthetic Problem that Generate makes.
type Spec struct {
	N, P    int       // rows and features, each at least 1
	Noise   float64   // standard deviation of the noise on the targets, at least 0
	Weights []float64 // the true weights, length P+1, the intercept first
	Seed    uint64
}

// maxValues bounds N×P to 8 TiB of features. A larger size is a typing error.
const maxValues = 1 << 40

// generateChunk is the number of rows drawn from one random stream. It is part of the meaning
// of a seed: another value gives other problems.
const generateChunk = 1 << 14

// DefaultWeights returns true weights for p features: the intercept 3, then
// wⱼ = 2·(−1)ʲ⁻¹/j. That is 3, 2, −1, 2/3, −1/2, …: both signs, no zero, no two alike.
func DefaultWeights(p int) []float64 {
	w := make([]float64, p+1)
	w[0] = 3
	for j := 1; j <= p; j++ {
		w[j] = 2 / float64(j)
		if j%2 == 0 {
			w[j] = -w[j]
		}
	}
	return w
}

// Generate draws the linear model
//
//	d = w₀ + Σⱼ wⱼ·xⱼ + Normal(0, Noise²)
//
// For P = 1 the feature runs evenly from 0 to 2, both included. For P > 1 the features are
// drawn from the standard normal distribution; then each column is moved and scaled to mean 0
// and population standard deviation 1. With N = 1 every feature is 0.
//
// A Spec gives the same bits on any number of cores: every chunk of generateChunk rows has its
// own PCG stream, derived from Seed and the chunk's number. X depends only on N, P and Seed.
func Generate(s Spec) (*Problem, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	p := &Problem{X: make([]float64, s.N*s.P), D: make([]float64, s.N), N: s.N, P: s.P}
	forChunks(s.N, generateChunk, func(lo, hi int) { s.draw(p, lo, hi) })
	if s.P > 1 {
		mean, sd := moments(p)
		for j := range sd {
			if sd[j] == 0 {
				sd[j] = 1
			}
		}
		rescale(p.X, p, mean, sd)
	}
	finite := mapChunks(s.N, generateChunk, func(lo, hi int) bool { return s.addModel(p, lo, hi) })
	for _, ok := range finite {
		if !ok {
			return nil, fmt.Errorf("weights up to %g with noise %g give targets past the range of float64; make them smaller",
				floats.Norm(s.Weights, math.Inf(1)), s.Noise)
		}
	}
	return p, nil
}

func (s Spec) check() error {
	switch {
	case s.N < 1 || s.P < 1:
		return fmt.Errorf("a problem needs at least 1 sample and 1 feature, not N=%d, P=%d", s.N, s.P)
	case int64(s.N) > maxValues/int64(s.P):
		return fmt.Errorf("N×P = %d×%d is more than 2^40 values (8 TiB); ask for a smaller problem", s.N, s.P)
	case !(s.Noise >= 0) || math.IsInf(s.Noise, 0):
		return fmt.Errorf("noise %g is not a finite standard deviation of at least 0", s.Noise)
	case len(s.Weights) != s.P+1:
		return fmt.Errorf("%d weights for %d features: give %d, the intercept first", len(s.Weights), s.P, s.P+1)
	}
	for j, w := range s.Weights {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return fmt.Errorf("weight %d of %d is %g, not a finite number", j+1, len(s.Weights), w)
		}
	}
	return nil
}

// draw fills the rows [lo, hi) of X, not yet standardised, and fills D with noise.
func (s Spec) draw(p *Problem, lo, hi int) {
	seed := splitmix(s.Seed)
	stream := rand.New(rand.NewPCG(seed, splitmix(seed+uint64(lo/generateChunk))))
	for i := lo; i < hi; i++ {
		if s.P == 1 {
			p.X[i] = 2 * float64(i) / float64(max(s.N-1, 1))
		} else {
			for j := range p.Row(i) {
				p.X[i*s.P+j] = stream.NormFloat64()
			}
		}
		p.D[i] = s.Noise * stream.NormFloat64()
	}
}

// addModel adds w₀ + Σⱼ wⱼ·xⱼ to the targets of the rows [lo, hi). It reports whether all of
// these targets are finite.
func (s Spec) addModel(p *Problem, lo, hi int) bool {
	finite := true
	for i := lo; i < hi; i++ {
		d := s.Weights[0]
		for j, x := range p.Row(i) {
			// The conversion forbids a fused multiply-add: every architecture gives the same bits.
			d += float64(s.Weights[j+1] * x)
		}
		p.D[i] += d
		finite = finite && !math.IsNaN(p.D[i]) && !math.IsInf(p.D[i], 0)
	}
	return finite
}

// splitmix is the output function of SplitMix64 (Steele, Lea and Flood, 2014). It is a
// bijection, and its results for neighbouring seeds look unrelated, as PCG needs them.
func splitmix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
