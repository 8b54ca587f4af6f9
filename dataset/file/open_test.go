package file

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/dataset"
)

// writeFiles writes files into a new folder and makes it the working folder. So the paths in
// errors are short.
func writeFiles(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOpenChoosesTheReaderByTheName(t *testing.T) {
	writeFiles(t, map[string]string{
		"f.csv":      "x1,x2\n1,2\n3,4\n",
		"F.CSV":      "x1,x2\n1,2\n3,4\n",
		"f.txt":      "1;2\n3;4\n",
		"f.tsv":      "1\t2\n3\t4\n",
		"f.csv.gz":   gzipped(t, "x1,x2\n1,2\n") + gzipped(t, "3,4\n"), // gzip data may be joined
		"f.tsv.gz":   gzipped(t, "1\t2\n3\t4\n"),
		"f.g.TXT.GZ": gzipped(t, "1,2\n3,4\n"),
	})
	if err := WriteNPY("f.npy", []float64{1, 2, 3, 4}, 2, 2); err != nil {
		t.Fatal(err)
	}
	want := &Table{
		Problem:  &dataset.Problem{X: []float64{1, 3}, D: []float64{2, 4}, N: 2, P: 1},
		Features: []string{"x1"}, Target: "x2",
	}
	for _, name := range []string{"f.csv", "F.CSV", "f.txt", "f.tsv", "f.csv.gz", "f.tsv.gz", "f.g.TXT.GZ", "f.npy"} {
		got, err := Open(name, Options{})
		if err != nil {
			t.Errorf("%v", err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	whole := gzipped(t, "a,b\n"+strings.Repeat("1.5,2.5\n3.75,4\n", 1000))
	writeFiles(t, map[string]string{
		"f.parquet":       "",
		"f":               "1,2\n",
		"f.npy.gz":        gzipped(t, "x"),
		"plain.csv.gz":    "a,b\n1,2\n3,4\n",
		"empty.csv.gz":    "",
		"cut.csv.gz":      whole[:len(whole)-12],
		"early.csv.gz":    whole[:5],
		"checksum.csv.gz": whole[:len(whole)-8] + "\x00\x00\x00\x00" + whole[len(whole)-4:],
		"damaged.csv.gz":  whole[:20] + "\xff\xff\xff\xff" + whole[24:],
		"gzip.csv":        whole,
		"f.tsv":           "1,2\n3,4\n",
		"nan.npy":         string(npyFile(npyDict("<f8", "False", "(1, 2)"), []byte("\x00\x00\x00\x00\x00\x00\xf8\x7f"), 1.0)),
		"text.npy":        "1,2\n",
		"wide.npy":        string(npyFile(npyDict("<f8", "False", "(1, 3)"), 1.0, 2.0, 3.0)),
		"column.npy":      string(npyFile(npyDict("<f8", "False", "(3, 1)"), 1.0, 2.0, 3.0)),
		"vector.npy":      string(npyFile(npyDict("<f8", "False", "(3,)"), 1.0, 2.0, 3.0)),
	})
	if err := os.Mkdir("folder.csv", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, target, want string }{
		{"f.parquet", "", `f.parquet: unknown file type ".parquet"; .csv, .tsv and .txt are read, each also with .gz, and .npy`},
		{"f", "", `f: unknown file type ""; .csv, .tsv and .txt are read, each also with .gz, and .npy`},
		{"f.npy.gz", "", `f.npy.gz: unknown file type ".gz"; .csv, .tsv and .txt are read, each also with .gz, and .npy`},
		{"none.csv", "", `none.csv: no such file or directory`},
		{"none.npy", "", `none.npy: no such file or directory`},
		{"folder.csv", "", `folder.csv: a directory, not a file`},
		{"plain.csv.gz", "", `plain.csv.gz: not gzip data, though the name ends in .gz`},
		{"empty.csv.gz", "", `empty.csv.gz: the data ends early: the file is cut off`},
		{"cut.csv.gz", "", `cut.csv.gz: the data ends early: the file is cut off`},
		{"early.csv.gz", "", `early.csv.gz: the data ends early: the file is cut off`},
		{"checksum.csv.gz", "", `checksum.csv.gz: the gzip data is damaged`},
		{"damaged.csv.gz", "", `damaged.csv.gz: the gzip data is damaged`},
		{"gzip.csv", "", `gzip.csv: gzip data; end its name in .gz`},
		{"f.tsv", "", `f.tsv:1: one column: no '\t' in the first record; a target and at least one feature are needed`},
		{"nan.npy", "", `nan.npy: element [0, 0], counted from 0, is NaN; remove the row, give the value, or ignore the column`},
		{"text.npy", "", `text.npy: not a .npy file: it starts with "1,2\n", not "\x93NUMPY"`},
		{"wide.npy", "4", `wide.npy: target 4: columns are numbered from 1 to 3`},
		{"wide.npy", "price", `wide.npy: target "price": columns have no names here; give a number from 1 to 3`},
		{"column.npy", "", `column.npy: shape (3, 1): one column; a target and at least one feature are needed`},
		{"vector.npy", "", `vector.npy: shape (3,): one column; a target and at least one feature are needed`},
	} {
		_, err := Open(test.path, Options{Target: test.target})
		if err == nil || err.Error() != test.want {
			t.Errorf("%s\ngot  %v\nwant %s", test.path, err, test.want)
		}
	}
	if _, err := Open("none.csv", Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

func TestReadNPYTableTakesAnyColumnAsTheTarget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.npy")
	if err := WriteNPY(path, []float64{1, 2, 3, 4, 5, 6}, 2, 3); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		target string
		want   *Table
	}{
		{"", &Table{&dataset.Problem{X: []float64{1, 2, 4, 5}, D: []float64{3, 6}, N: 2, P: 2}, []string{"x1", "x2"}, "x3"}},
		{"3", &Table{&dataset.Problem{X: []float64{1, 2, 4, 5}, D: []float64{3, 6}, N: 2, P: 2}, []string{"x1", "x2"}, "x3"}},
		{"2", &Table{&dataset.Problem{X: []float64{1, 3, 4, 6}, D: []float64{2, 5}, N: 2, P: 2}, []string{"x1", "x3"}, "x2"}},
		{"1", &Table{&dataset.Problem{X: []float64{2, 3, 5, 6}, D: []float64{1, 4}, N: 2, P: 2}, []string{"x2", "x3"}, "x1"}},
	} {
		got, err := readNPYTable(path, test.target, nil)
		if err != nil {
			t.Errorf("%v", err)
		} else if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("target %q (-want +got):\n%s", test.target, diff)
		}
	}
}

func TestReadNPYPairChecksThatTheShapesAgree(t *testing.T) {
	t.Chdir(t.TempDir())
	six := []float64{1, 2, 3, 4, 5, 6}
	for _, test := range []struct {
		x, d []int
		want string
		p    int
	}{
		{x: []int{3, 2}, d: []int{3}, p: 2},
		{x: []int{3, 2}, d: []int{3, 1}, p: 2},
		{x: []int{6}, d: []int{6}, p: 1},
		{x: []int{1, 6}, d: []int{1}, p: 6},
		{x: []int{3, 2}, d: []int{2}, want: "d.npy: 2 targets for the 3 samples of x.npy"},
		{x: []int{3, 2}, d: []int{1, 3}, want: "d.npy: shape (1, 3); targets are one column"},
	} {
		for name, shape := range map[string][]int{"x.npy": test.x, "d.npy": test.d} {
			count := shape[0]
			if len(shape) == 2 {
				count *= shape[1]
			}
			if err := WriteNPY(name, six[:count], shape...); err != nil {
				t.Fatal(err)
			}
		}
		p, err := ReadNPYPair("x.npy", "d.npy")
		switch {
		case err != nil && err.Error() == test.want:
		case err != nil || test.want != "":
			t.Errorf("x %v, d %v: error %v, want %q", test.x, test.d, err, test.want)
		case p.Check() != nil || p.P != test.p || p.N != test.x[0]:
			t.Errorf("x %v, d %v: N=%d, P=%d: %v", test.x, test.d, p.N, p.P, p.Check())
		}
	}
	for _, names := range [][2]string{{"none.npy", "d.npy"}, {"x.npy", "none.npy"}} {
		if _, err := ReadNPYPair(names[0], names[1]); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "none.npy: ") {
			t.Errorf("%v names no missing file", err)
		}
	}
}
