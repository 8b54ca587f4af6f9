package graph

// LeastSquares is the graph of linear regression on N samples of P features. Its
// nodes up to the residual are there from the start,
//
//	y = X·w
//	e = y − d
//
// and a training step is added by one of its methods.
type LeastSquares struct {
	Graph
	X    *Node // N×(P+1), the first column all ones
	D    *Node // N×1 targets
	W    *Node // (P+1)×1 variable, the intercept first
	Rate *Node // 1×1 variable, so that a new rate needs no new graph
	E    *Node // N×1 residuals
}

// NewLeastSquares builds the graph from sources of the N×P features, without the
// column of ones, and of the N×1 targets.
func NewLeastSquares(n, p int, x, d Source) *LeastSquares {
	m := &LeastSquares{}
	m.X = m.Lazy("X", Shape{n, p + 1}, withOnes(x, p))
	m.D = m.Lazy("d", Shape{n, 1}, d)
	m.W = m.Variable("w", Shape{p + 1, 1})
	m.Rate = m.Variable("rate", Scalar)
	m.E = m.Sub("e", m.MatMul("y", m.X, m.W), m.D)
	return m
}

// withOnes puts a one in front of each row of p values.
func withOnes(x Source, p int) Source {
	return func(dst []float64, row int) {
		rows := len(dst) / (p + 1)
		// The narrow rows go to the end of dst and from there, first to last, to
		// their places: row i is read from rows+i·p on and written up to
		// (i+1)·(p+1) ≤ rows+(i+1)·p, where the next unread row begins.
		narrow := dst[rows:]
		x(narrow, row)
		for i := range rows {
			wide := dst[i*(p+1) : (i+1)*(p+1)]
			copy(wide[1:], narrow[i*p:(i+1)*p])
			wide[0] = 1
		}
	}
}

// ByHand compiles the step with the gradient as one writes it down,
//
//	g = (2/N)·Xᵀe
//	w ← w − rate·g
//
// with the transpose and the product as nodes of their own.
func (m *LeastSquares) ByHand() (*Plan, error) {
	if m.Err() != nil {
		return nil, m.Err()
	}
	product := m.MatMul("Xᵀe", m.Transpose("Xᵀ", m.X), m.E)
	return m.descend(m.Scale("g", product, 2/float64(m.X.Shape.Rows)))
}

// ByGradients compiles the step with the gradient that Gradients finds for the
// cost mean(e∘e).
func (m *LeastSquares) ByGradients() (*Plan, error) {
	mse := m.ReduceMean("mse", m.Square("e²", m.E))
	if m.Err() != nil {
		return nil, m.Err()
	}
	gradient, err := Gradients(mse, m.W)
	if err != nil {
		return nil, err
	}
	return m.descend(gradient)
}

// descend compiles w ← w − rate·gradient.
func (m *LeastSquares) descend(gradient *Node) (*Plan, error) {
	next := m.Sub("", m.W, m.Mul("", m.Rate, gradient))
	return m.Compile(m.Assign("", m.W, next))
}
