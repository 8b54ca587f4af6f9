package file

import (
	"fmt"

	"descent/dataset"
)

// ReadNPYPair reads a Problem from two arrays: x of N×P features, or N for P = 1, and
// d of N targets, or N×1.
func ReadNPYPair(x, d string) (*dataset.Problem, error) {
	features, err := readNPY(x)
	if err != nil {
		return nil, err
	}
	targets, err := readNPY(d)
	if err != nil {
		return nil, err
	}
	p := &dataset.Problem{X: features.Data, D: targets.Data, N: features.Shape[0], P: 1}
	if len(features.Shape) == 2 {
		p.P = features.Shape[1]
	}
	switch {
	case len(targets.Shape) == 2 && targets.Shape[1] != 1:
		return nil, fmt.Errorf("%s: shape %s; targets are one column", d, shapeText(targets.Shape))
	case len(p.D) != p.N:
		return nil, fmt.Errorf("%s: %d targets for the %d samples of %s", d, len(p.D), p.N, x)
	}
	return p, nil
}

// readNPYTable reads a Problem from one N×C array, C ≥ 2. target is the number of its
// target column, counted from 1; "" is the last that ignore does not number too.
func readNPYTable(path, target string, ignore ...string) (*Table, error) {
	a, err := readNPY(path)
	if err != nil {
		return nil, err
	}
	if len(a.Shape) != 2 || a.Shape[1] < 2 {
		return nil, fmt.Errorf("%s: shape %s: one column; a target and at least one feature are needed", path, shapeText(a.Shape))
	}
	rows, cols := a.Shape[0], a.Shape[1]
	column, ignored, err := findColumns(target, ignore, nil, cols)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d := make([]float64, 0, rows)
	// In place: what is kept moves to the front, and never past what is read next.
	x := a.Data[:0]
	for i := range rows {
		for j, v := range a.Data[i*cols : (i+1)*cols] {
			switch {
			case j == column:
				d = append(d, v)
			case ignored == nil || !ignored[j]:
				x = append(x, v)
			}
		}
	}
	t := &Table{Problem: &dataset.Problem{X: x, D: d, N: rows, P: features(cols, ignored)}}
	t.Features, t.Target = columnNames(nil, cols, column, ignored)
	return t, nil
}
