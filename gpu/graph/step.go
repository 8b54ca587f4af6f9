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

// TrainingSteps are the steps of LeastSquares by name, those with a number of their own with a
// usual one.
var TrainingSteps = []struct {
	Name, Formula string
	Compile       func(*LeastSquares) (*Plan, error)
}{
	{"by-hand", "w ← w − rate·(2/N)·Xᵀ(Xw − d), the gradient written down", (*LeastSquares).ByHand},
	{"by-gradients", "the same, the gradient of mean((Xw − d)²) by differentiation", (*LeastSquares).ByGradients},
	{"ridge", "down the gradient of mean((Xw − d)²) + 0.1·‖w‖²", func(m *LeastSquares) (*Plan, error) { return m.Ridge(0.1) }},
	{"momentum", "v ← 0.9·v + (2/N)·Xᵀ(Xw − d), w ← w − rate·v", func(m *LeastSquares) (*Plan, error) { return m.Momentum(0.9) }},
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
func (m *LeastSquares) ByHand() (*Plan, error) { return m.Compile(m.step(m.gradient())) }

// ByGradients compiles the step with the gradient that Gradients finds for the
// cost mean(e∘e).
func (m *LeastSquares) ByGradients() (*Plan, error) { return m.minimize(m.mse()) }

// Ridge compiles the step that Gradients finds for the cost mean(e∘e) + lambda·‖w‖², which
// draws all of w, the intercept too, towards zero (Hoerl and Kennard, 1970).
func (m *LeastSquares) Ridge(lambda float64) (*Plan, error) {
	if m.Err() != nil {
		return nil, m.Err()
	}
	square := m.Scale("‖w‖²", m.ReduceMean("", m.Square("w²", m.W)), float64(m.W.Shape.Len()))
	return m.minimize(m.Add("cost", m.mse(), m.Scale("penalty", square, lambda)))
}

// Momentum compiles the heavy-ball step (Polyak, 1964), g being the gradient of ByHand,
//
//	v ← beta·v + g
//	w ← w − rate·v
//
// where the second reads the new v. The variable v starts as zeros.
func (m *LeastSquares) Momentum(beta float64) (*Plan, error) {
	if m.Err() != nil {
		return nil, m.Err()
	}
	v := m.Variable("v", m.W.Shape)
	next := m.Add("v′", m.Scale("βv", v, beta), m.gradient())
	return m.Compile(m.Assign("", v, next), m.step(next))
}

// gradient adds g = (2/N)·Xᵀe.
func (m *LeastSquares) gradient() *Node {
	if m.Err() != nil {
		return nil
	}
	product := m.MatMul("Xᵀe", m.Transpose("Xᵀ", m.X), m.E)
	return m.Scale("g", product, 2/float64(m.X.Shape.Rows))
}

// mse adds mean(e∘e).
func (m *LeastSquares) mse() *Node { return m.ReduceMean("mse", m.Square("e²", m.E)) }

// minimize compiles the step down the gradient of a cost.
func (m *LeastSquares) minimize(cost *Node) (*Plan, error) {
	if m.Err() != nil {
		return nil, m.Err()
	}
	gradient, err := Gradients(cost, m.W)
	if err != nil {
		return nil, err
	}
	return m.Compile(m.step(gradient))
}

// step adds w ← w − rate·direction.
func (m *LeastSquares) step(direction *Node) *Node {
	return m.Assign("", m.W, m.Sub("", m.W, m.Mul("", m.Rate, direction)))
}
