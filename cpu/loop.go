package cpu

import "descent/dataset"

// A Loop is the reading copy of batch gradient descent: plain Go, one pass over the data an epoch,
// no library. Everything else in this project computes what this file computes.
//
// For one feature an epoch is, with f = 2/N,
//
//	eᵢ = w₀ + w₁·xᵢ − dᵢ
//	w₀ ← w₀ − rate·f·Σ eᵢ
//	w₁ ← w₁ − rate·f·Σ eᵢ·xᵢ
//
// Residuals are computed in T. Their sums are kept in float64 for both precisions: from about N =
// 10⁵ on, a chain of N float32 additions would lose what the answer needs.
type Loop[T Float] struct {
	x, d []T // x is row-major n×p
	n, p int
	w    []T
	g    []float64 // Σe, Σe·x₁, … Σe·x_P
}

// NewLoop returns a Loop with nothing loaded.
func NewLoop[T Float]() *Loop[T] { return new(Loop[T]) }

// Load implements the backend contract.
func (l *Loop[T]) Load(p *dataset.Problem) error {
	if err := p.Check(); err != nil {
		return err
	}
	*l = Loop[T]{
		x: convert[T](p.X), d: convert[T](p.D), n: p.N, p: p.P,
		w: make([]T, p.P+1), g: make([]float64, p.P+1),
	}
	return nil
}

// Descend implements the backend contract. It does not allocate.
func (l *Loop[T]) Descend(w []float64, rate float64, epochs int) error {
	if err := checkDescend(l.n, l.p, w); err != nil {
		return err
	}
	round(l.w, w)
	step := rate * 2 / float64(l.n)
	for range epochs {
		if l.p == 1 {
			l.line()
		} else {
			l.plane()
		}
		for j, g := range l.g {
			l.w[j] -= T(step * g)
		}
	}
	widen(w, l.w)
	return nil
}

// line leaves the sums of one epoch in g, for one feature.
func (l *Loop[T]) line() {
	w0, w1 := l.w[0], l.w[1]
	d := l.d[:len(l.x)]
	var sumE, sumEX float64
	for i, x := range l.x {
		e := w0 + w1*x - d[i]
		sumE += float64(e)
		sumEX += float64(e) * float64(x)
	}
	l.g[0], l.g[1] = sumE, sumEX
}

// plane leaves the sums of one epoch in g, for any number of features.
func (l *Loop[T]) plane() {
	clear(l.g)
	w, g := l.w[1:], l.g[1:]
	for i, d := range l.d {
		row := l.x[i*l.p:][:len(w)]
		e := l.w[0] - d
		for j, x := range row {
			e += w[j] * x
		}
		l.g[0] += float64(e)
		for j, x := range row {
			g[j] += float64(e) * float64(x)
		}
	}
}

// Close implements the backend contract.
func (l *Loop[T]) Close() error {
	*l = Loop[T]{}
	return nil
}
