package file

import (
	"fmt"

	"descent/dataset"
)

// ReadNPYPair reads a Problem from two .npy files. The array in x holds the features and has
// shape N×P, or N if P = 1. The array in d holds the targets and has shape N or N×1.
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

// readNPYTable reads a table from a .npy file with one N×C array, C ≥ 2. target and ignore are as
// in Options.
func readNPYTable(path, target string, ignore []string) (*Table, error) {
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
	// X is built in the memory of the array: a value moves to the front, never past the next
	// value to read.
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
