package graph

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A sum is a matrix as a polynomial of other matrices: terms that differ in more than their
// number. It is how two ways to write the same thing are seen to be the same.
type sum []term

// A term is a number times scalars, which commute with everything, times a product of matrices.
type term struct {
	number  float64
	scalars []product // 1×1 each, sorted
	matrix  product
}

// A product is matrices to be multiplied, in order.
type product []matrix

// A matrix is a node that is not taken apart, or its transpose.
type matrix struct {
	node       *Node
	transposed bool
}

const (
	// maxTerms and maxDegree bound what is expanded: a square of a square of a sum is taken as
	// one matrix before it fills the memory.
	maxTerms  = 64
	maxDegree = 16
	// unequal is by how much two numbers differ, relatively, which are not the same number
	// computed in two ways: some 16 roundings.
	unequal = 0x1p-48
)

func (m matrix) shape() Shape {
	if m.transposed {
		return m.node.Shape.T()
	}
	return m.node.Shape
}

func (p product) transpose() product {
	var t product
	for _, m := range slices.Backward(p) {
		t = append(t, matrix{m.node, !m.transposed && m.node.Shape != Scalar})
	}
	return t
}

// key is the same for equal products, and differs for others.
func (p product) key() string {
	var b strings.Builder
	for _, m := range p {
		fmt.Fprintf(&b, "%q%t", m.node.Name, m.transposed)
	}
	return b.String()
}

func (t term) key() string {
	var b strings.Builder
	for _, s := range t.scalars {
		fmt.Fprintf(&b, "%s,", s.key())
	}
	return b.String() + t.matrix.key()
}

func (t term) degree() int {
	d := len(t.matrix)
	for _, s := range t.scalars {
		d += len(s)
	}
	return d
}

// times multiplies two terms. Where a product passes through a size of 1, as wᵀ·w does at both
// ends, the part between two such places is a scalar, which equals its transpose.
func (t term) times(u term) term {
	line := slices.Concat(t.matrix, u.matrix)
	r := term{number: t.number * u.number, scalars: slices.Concat(t.scalars, u.scalars)}
	var narrow []int
	for i, m := range line {
		if m.shape().Rows == 1 {
			narrow = append(narrow, i)
		}
	}
	if n := len(line); n > 0 && line[n-1].shape().Cols == 1 {
		narrow = append(narrow, n)
	}
	if len(narrow) < 2 {
		r.matrix = line
	} else {
		for i, start := range narrow[:len(narrow)-1] {
			s := line[start:narrow[i+1]]
			if turned := s.transpose(); turned.key() < s.key() {
				s = turned
			}
			r.scalars = append(r.scalars, s)
		}
		r.matrix = slices.Concat(line[:narrow[0]], line[narrow[len(narrow)-1]:])
	}
	slices.SortFunc(r.scalars, func(a, b product) int { return strings.Compare(a.key(), b.key()) })
	return r
}

// plus returns a + factor·b.
func (a sum) plus(factor float64, b sum) sum {
	a = slices.Clone(a)
	for _, t := range b {
		t.number *= factor
		i := slices.IndexFunc(a, func(u term) bool { return u.key() == t.key() })
		if i < 0 {
			if t.number != 0 {
				a = append(a, t)
			}
			continue
		}
		total := a[i].number + t.number
		if math.Abs(total) <= unequal*max(math.Abs(a[i].number), math.Abs(t.number)) {
			a = slices.Delete(a, i, i+1)
		} else {
			a[i].number = total
		}
	}
	return a
}

func (a sum) times(b sum) sum {
	var r sum
	for _, t := range a {
		for _, u := range b {
			r = r.plus(1, sum{t.times(u)})
		}
	}
	return r
}

// expand multiplies sums, and returns false where the product is too large to be written out.
func (a sum) expand(b sum) (sum, bool) {
	if len(a)*len(b) > maxTerms {
		return nil, false
	}
	s := a.times(b)
	return s, !slices.ContainsFunc(s, func(t term) bool { return t.degree() > maxDegree })
}

func (a sum) transpose() sum {
	r := slices.Clone(a)
	for i := range r {
		r[i].matrix = r[i].matrix.transpose()
	}
	return r
}

// of returns the number of the term of a that is like t, 0 for none.
func (a sum) of(t term) float64 {
	for _, u := range a {
		if u.key() == t.key() {
			return u.number
		}
	}
	return 0
}

// String writes a as a formula: "w − 0.2·rate·Xᵀ·X·w".
func (a sum) String() string {
	if len(a) == 0 {
		return "0"
	}
	const most = 8
	var b strings.Builder
	for i, t := range a {
		if i == most {
			fmt.Fprintf(&b, " and %d more terms", len(a)-most)
			break
		}
		sign := " + "
		if math.Signbit(t.number) {
			sign = " − "
			t.number = -t.number
		}
		if i == 0 {
			sign = strings.TrimPrefix(strings.TrimSuffix(sign, " "), " ")
			if sign == "+" {
				sign = ""
			}
		}
		b.WriteString(sign + t.String())
	}
	return b.String()
}

func (t term) String() string {
	var factors []string
	if t.number != 1 || t.degree() == 0 {
		factors = append(factors, number(t.number))
	}
	for _, s := range t.scalars {
		if len(s) > 1 {
			factors = append(factors, "("+s.String()+")")
		} else {
			factors = append(factors, s.String())
		}
	}
	if len(t.matrix) > 0 {
		factors = append(factors, t.matrix.String())
	}
	return strings.Join(factors, "·")
}

func (p product) String() string {
	var names []string
	for _, m := range p {
		name := m.node.Name
		if m.transposed {
			name += "ᵀ"
		}
		names = append(names, name)
	}
	return strings.Join(names, "·")
}
