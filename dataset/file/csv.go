package file

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"descent/dataset"
)

// Options say how to read a CSV file. The zero value reads what its first
// record shows: separator and header found, the last column the target.
type Options struct {
	// Target names the column to predict, or numbers it from 1; a name in the header
	// goes before a number. "" is the last column.
	Target string

	// Ignore names or numbers, as Target does, columns to leave out. They may hold any
	// text. The last column, where it is the target, is the last that is not ignored.
	Ignore []string

	// Separator stands between fields. 0 takes the first of tab, semicolon and comma
	// that the first record holds outside quotes: a comma comes last because it also
	// stands in decimals (1,5;2,5).
	Separator byte

	Header HeaderMode
}

// A HeaderMode says whether the first record names the columns.
type HeaderMode int

const (
	// HeaderAuto takes the first record for a header if a field of it starts as no
	// number does, and is no usual sign of a missing value (NA, NaN, null, …). So a first
	// row of data with a slip or a hole in it is an error, and is not lost as a header.
	HeaderAuto HeaderMode = iota
	HeaderYes
	HeaderNo
)

// A Table is a Problem with the names of its columns: those of the header, or
// x1, x2, … by column number where there is none.
type Table struct {
	Problem  *dataset.Problem
	Features []string // P names, in the order of the columns of X
	Target   string
}

// readCSV reads a regression problem from a file of numbers, decompressed if its
// name ends in .gz. decodeCSV states the format.
func readCSV(path string, o Options) (*Table, error) {
	f, size, err := openData(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return newCSVDecoder(f, path, size, o).decode()
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, csvReadError(path, err)
	}
	return newCSVDecoder(z, path, 0, o).decode()
}

// decodeCSV reads a regression problem from text; path names it in errors.
//
// The format is RFC 4180 with any one-byte separator: fields may be quoted, quotes
// within are doubled, and separators and line ends within quotes are text. Lines end
// in LF or CRLF. A UTF-8 byte order mark, blank lines, and blanks around a field are
// skipped. All records have as many fields as the first, at least two.
//
// A number is decimal: [+-]digits[.digits][e[+-]digits], rounded as
// strconv.ParseFloat rounds it. Refused are the other things that ParseFloat takes
// (hexadecimal, digits_with_underscores, NaN, Inf), numbers past the largest float64,
// empty fields, fields over 1 MiB and records over 16 MiB. An error names the place:
//
//	prices.csv:17: column 3 ("rooms"): "n/a" is not a number; remove the row, give the value, or ignore the column
//
// where the line is the one on which the field starts, counted from 1.
//
// The input is read once, in blocks of whole records that GOMAXPROCS goroutines
// parse; the result and the error are those of a reading from front to back.
func decodeCSV(r io.Reader, path string, o Options) (*Table, error) {
	return newCSVDecoder(r, path, 0, o).decode()
}

// openData opens a file of data and returns its size, 0 if that is not known.
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

// bareFileError puts path before err in the form of every other error here, without
// the system call that an *fs.PathError names.
func bareFileError(path string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// csvReadError is what is said when the bytes themselves cannot be had.
func csvReadError(path string, err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%s: the data ends early: the file is cut off", path)
	case errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("%s: not gzip data, though the name ends in .gz", path)
	case corrupt, errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("%s: the gzip data is damaged", path)
	}
	return bareFileError(path, err)
}

// foreignText names the encoding or container that the first bytes of a file give
// away and that is not UTF-8 text, with the way out.
func foreignText(data []byte) string {
	for _, f := range []struct{ magic, what string }{
		{"\xff\xfe", "UTF-16 text; save it as UTF-8"},
		{"\xfe\xff", "UTF-16 text; save it as UTF-8"},
		{"\x1f\x8b", "gzip data; end its name in .gz"},
		{"PK\x03\x04", "a zip archive or a spreadsheet; save it as CSV"},
		{"\x93NUMPY", "a NumPy array; end its name in .npy"},
	} {
		if bytes.HasPrefix(data, []byte(f.magic)) {
			return f.what
		}
	}
	return ""
}
