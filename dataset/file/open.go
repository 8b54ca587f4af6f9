// Package file reads least-squares problems from CSV and .npy files, and writes .npy files.
// Every value that it returns is finite. An error names the file and the place: the line and the
// column in a CSV file, the index of the value in an array.
//
// The files:
//
//	open.go         Open reads a table of either format: Options, Table
//	columns.go      which columns are the target, the features, and ignored
//	csv.go          a CSV file, and errors about whole files
//	csv_header.go   what the first record says: separator, names
//	csv_decode.go   records, their numbers, and the place of an error
//	csv_number.go   decimal numbers
//	npy.go          an array, read by several goroutines
//	npy_header.go   the header of a .npy file, and its check against the size of the file
//	npy_dict.go     the Python dict in the header
//	npy_values.go   number types and byte orders
//	npy_problem.go  a problem from one array, or from two: ReadNPYPair
//	npy_write.go    WriteNPY
package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"descent/dataset"
)

// Options say how to read a table. The zero value finds out the separator and the header from
// the first record of a CSV file, and takes the last column for the target. A .npy file has
// columns without names; for it, Target and Ignore are numbers, and the other options are unused.
type Options struct {
	// Target is the column to predict: its name, or its number from 1. A name in the header
	// takes precedence over a number. "" is the last column that is not ignored.
	Target string

	// Ignore holds the columns to leave out, by name or number as in Target. In a CSV file
	// they may hold any text.
	Ignore []string

	// Separator stands between the fields of a CSV file. 0 takes the first of tab, semicolon
	// and comma that the first record has outside quotes. The comma comes last because it is
	// also used in decimals (1,5;2,5).
	Separator byte

	// Header says whether a CSV file has a header.
	Header HeaderMode
}

// A HeaderMode says whether the first record names the columns.
type HeaderMode int

const (
	// HeaderAuto takes the first record for a header if one of its fields cannot be a number
	// by its first character. The usual signs of a missing value (NA, NaN, null, …) do not
	// count. So a first row of data with a typing error or a missing value is an error; it is
	// not taken for a header and lost.
	HeaderAuto HeaderMode = iota
	HeaderYes
	HeaderNo
)

// A Table is a Problem with the names of its columns. The names come from the header; a column
// without a name is called x and its number, from x1 on.
type Table struct {
	Problem  *dataset.Problem
	Features []string // P names, in the order of the columns of X
	Target   string
}

// Open reads a table from a file. The end of its name says the format: .csv, .tsv, .txt or .npy.
// A .tsv file is separated by tabs unless o says otherwise. Each text file may be compressed,
// with .gz at the end of its name. A .npy file holds one matrix of at least two columns.
//
// The text format is RFC 4180 with these rules:
//   - The separator is any ASCII byte that numbers, quotes and line ends do not use.
//   - A line ends in LF or CRLF.
//   - A UTF-8 byte order mark, blank lines, and blanks around a field are skipped.
//   - Every record has as many fields as the first record, and at least two.
//
// A number is [+-]digits[.digits][e[+-]digits], rounded as strconv.ParseFloat rounds it. These
// are errors:
//   - the other forms of ParseFloat: hexadecimal, digits_with_underscores, NaN, Inf
//   - a number beyond the largest float64
//   - an empty field, a field over 1 MiB, and a record over 16 MiB
//
// An error names the place. The line is the line on which the field starts, counted from 1:
//
//	prices.csv:17: column 3 ("rooms"): "n/a" is not a number; remove the row, …
func Open(path string, o Options) (*Table, error) {
	name := strings.ToLower(filepath.Base(path))
	switch suffix := filepath.Ext(strings.TrimSuffix(name, ".gz")); {
	case suffix == ".npy" && !strings.HasSuffix(name, ".gz"):
		return readNPYTable(path, o.Target, o.Ignore)
	case suffix == ".tsv" && o.Separator == 0:
		o.Separator = '\t'
		return readCSV(path, o)
	case suffix == ".csv", suffix == ".tsv", suffix == ".txt":
		return readCSV(path, o)
	}
	return nil, fmt.Errorf("%s: unknown file type %q; .csv, .tsv and .txt are read, each also with .gz, and .npy", path, filepath.Ext(name))
}

// openData opens a file of data and returns its size, or 0 if the size is not known.
func openData(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, bareFileError(path, err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("a directory, not a file")
	}
	if err != nil {
		f.Close()
		return nil, 0, bareFileError(path, err)
	}
	return f, info.Size(), nil
}

// bareFileError puts path before err, as all errors of this package do. It leaves out the system
// call that an *fs.PathError names.
func bareFileError(path string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// quoteShort quotes text for an error, cut to 40 bytes.
func quoteShort(text string) string {
	if len(text) <= 40 {
		return strconv.Quote(text)
	}
	return strconv.Quote(text[:40]) + "…"
}
