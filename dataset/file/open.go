// Package file reads problems from CSV and .npy files, and writes .npy files. An error names
// the place: the line and the column of a CSV file, the index of an array's value.
package file

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Open reads a table from a file, by the end of its name: .csv, .tsv (separated by
// tabs unless o says otherwise) or .txt, each also with .gz behind it, or .npy, of
// which o.Target and o.Ignore number the columns.
func Open(path string, o Options) (*Table, error) {
	name := strings.ToLower(filepath.Base(path))
	switch suffix := filepath.Ext(strings.TrimSuffix(name, ".gz")); {
	case suffix == ".npy" && !strings.HasSuffix(name, ".gz"):
		return readNPYTable(path, o.Target, o.Ignore...)
	case suffix == ".tsv" && o.Separator == 0:
		o.Separator = '\t'
		return readCSV(path, o)
	case suffix == ".csv", suffix == ".tsv", suffix == ".txt":
		return readCSV(path, o)
	}
	return nil, fmt.Errorf("%s: a name that ends in %q; .csv, .tsv, .txt, each also with .gz, and .npy are read", path, filepath.Ext(name))
}
