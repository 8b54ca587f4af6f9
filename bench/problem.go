package bench

import (
	"path/filepath"

	"descent/dataset"
	"descent/dataset/file"
)

// WriteProblem writes p as x.npy and d.npy into dir, as contenders load it.
func WriteProblem(dir string, p *dataset.Problem) (x, d string, err error) {
	x, d = filepath.Join(dir, "x.npy"), filepath.Join(dir, "d.npy")
	if err := file.WriteNPY(x, p.X, p.N, p.P); err != nil {
		return "", "", err
	}
	return x, d, file.WriteNPY(d, p.D, p.N)
}
