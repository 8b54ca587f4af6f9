package dataset

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Open reads a table from a file, by the end of its name: .csv, .tsv (separated by
// tabs unless o says otherwise) or .txt, each also with .gz behind it, or .npy, of
// which o.Target and o.Ignore number the columns.
func Open(path string, o CSVOptions) (*Table, error) {
	name := strings.ToLower(filepath.Base(path))
	switch suffix := filepath.Ext(strings.TrimSuffix(name, ".gz")); {
	case suffix == ".npy" && !strings.HasSuffix(name, ".gz"):
		return ReadNPYTable(path, o.Target, o.Ignore...)
	case suffix == ".tsv" && o.Separator == 0:
		o.Separator = '\t'
		return ReadCSV(path, o)
	case suffix == ".csv", suffix == ".tsv", suffix == ".txt":
		return ReadCSV(path, o)
	}
	return nil, fmt.Errorf("%s: a name that ends in %q; .csv, .tsv, .txt, each also with .gz, and .npy are read", path, filepath.Ext(name))
}
