//go:build linux && cgo

package gpu

import (
	"descent/dataset"
	"descent/gpu/device"
	"descent/gpu/graph"
)

// uploadChunk is how many elements are converted at a time, so that a large matrix needs no second
// copy on its way to the device.
const uploadChunk = 1 << 17

// Set gives a variable new values, rounded to the executor's precision.
func (x *glExecutor) Set(variable string, values []float64) error {
	t := x.tensors[variable]
	if err := graph.CheckSet(t.node(variable), variable, len(values)); err != nil {
		return err
	}
	return x.context.Do(func() error {
		x.write(t, graph.Values(values, t.shape.Cols))
		return device.CheckErrors("set " + variable)
	})
}

// Get copies the values of any node of the plan to dst: the present values of a variable, and for
// other nodes the values of the last step.
func (x *glExecutor) Get(name string, dst []float64) error {
	t := x.tensors[name]
	if err := graph.CheckGet(t.node(name), name, len(dst)); err != nil {
		return err
	}
	return x.context.Do(func() error {
		if x.precision == dataset.Float32 {
			readPanels[float32](x, t, dst)
		} else {
			readPanels[float64](x, t, dst)
		}
		return device.CheckErrors("get " + name)
	})
}

// node describes t to the checks; nil for the nil tensor.
func (t *tensor) node(name string) *graph.Node {
	if t == nil {
		return nil
	}
	return &graph.Node{Name: name, Op: t.op, Shape: t.shape}
}

func (x *glExecutor) write(t *tensor, source graph.Source) {
	if x.precision == dataset.Float32 {
		writePanels[float32](x, t, source)
	} else {
		writePanels[float64](x, t, source)
	}
}

// writePanels fills the panels of t from a source, some rows at a time.
func writePanels[T float32 | float64](x *glExecutor, t *tensor, source graph.Source) {
	rows, cols := t.shape.Rows, t.shape.Cols
	count := min(rows, max(1, uploadChunk/cols))
	wide := make([]float64, count*cols)
	part := make([]T, 0, len(wide))
	for row := 0; row < rows; row += count {
		end := min(row+count, rows)
		source(wide[:(end-row)*cols], row)
		for _, p := range t.panels {
			first, last := max(row, p.row), min(end, p.row+p.rows)
			part = part[:0]
			for r := first; r < last; r++ {
				for _, v := range wide[(r-row)*cols+p.col:][:p.cols] {
					part = append(part, T(v))
				}
			}
			device.Upload(x.buffers[p.slot], (first-p.row)*p.cols*x.precision.Bytes(), part)
		}
	}
}

// readPanels fills dst from the panels of t.
func readPanels[T float32 | float64](x *glExecutor, t *tensor, dst []float64) {
	for _, p := range t.panels {
		for i, v := range fetch[T](x.buffers[p.slot], p.len()) {
			dst[(p.row+i/p.cols)*t.shape.Cols+p.col+i%p.cols] = v
		}
	}
}

// fetch downloads the first count elements of b, which are of type T.
func fetch[T float32 | float64](b device.Buffer, count int) []float64 {
	part := make([]T, count)
	device.Download(b, 0, part)
	return convert[float64](part)
}
