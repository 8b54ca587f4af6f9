package file

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/dataset"
)

func TestIgnoredColumnsMayHoldAnything(t *testing.T) {
	const text = "name,rooms,note,price,id\nHill House,3,,200,1\n\"Mill, old\",4,\"a \"\"b\"\"\",260,x\n"
	cases := []struct {
		ignore   []string
		target   string
		features []string
		want     string
		x, d     []float64
	}{
		{[]string{"name", "note", "id"}, "", []string{"rooms"}, "price", []float64{3, 4}, []float64{200, 260}},
		{[]string{"1", "3", "5"}, "rooms", []string{"price"}, "rooms", []float64{200, 260}, []float64{3, 4}},
	}
	for _, c := range cases {
		table, err := decodeText(text, Options{Ignore: c.ignore, Target: c.target})
		if err != nil {
			t.Errorf("ignoring %v: %v", c.ignore, err)
			continue
		}
		want := &Table{Problem: &dataset.Problem{X: c.x, D: c.d, N: 2, P: 1}, Features: c.features, Target: c.want}
		if diff := cmp.Diff(want, table); diff != "" {
			t.Errorf("ignoring %v:\n%s", c.ignore, diff)
		}
	}
}

func TestColumnsThatCannotBeIgnoredAreNamed(t *testing.T) {
	const text = "a,b,c\n1,2,3\n"
	for ignore, want := range map[string]string{
		"d":   `f.csv: ignored column "d": no such column; there are "a", "b", "c"`,
		"4":   "f.csv: ignored column 4: columns are numbered from 1 to 3",
		"a b": "f.csv: 2 of 3 columns are ignored; a target and at least one feature are needed",
		"c":   "f.csv: the target, column 3, is ignored too",
	} {
		o := Options{Ignore: strings.Fields(ignore)}
		if ignore == "c" {
			o.Target = "c"
		}
		if _, err := decodeText(text, o); err == nil || err.Error() != want {
			t.Errorf("ignoring %s: %v, want %s", ignore, err, want)
		}
	}
}

func TestNPYColumnsCanBeIgnored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	if err := WriteNPY(path, []float64{1, 2, 3, 4, 5, 6, 7, 8}, 2, 4); err != nil {
		t.Fatal(err)
	}
	table, err := Open(path, Options{Ignore: []string{"4", "2"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &Table{Problem: &dataset.Problem{X: []float64{1, 5}, D: []float64{3, 7}, N: 2, P: 1}, Features: []string{"x1"}, Target: "x3"}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Error(diff)
	}
}
