package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"descent/dataset"
)

// decodeText reads a table from text.
func decodeText(text string, o Options) (*Table, error) {
	return decodeCSV(strings.NewReader(text), "f.csv", int64(len(text)), o)
}

// tableOf returns the table with these rows, the target last.
func tableOf(names []string, rows ...[]float64) *Table {
	last := len(names) - 1
	t := &Table{Problem: &dataset.Problem{N: len(rows), P: last}, Features: names[:last], Target: names[last]}
	for _, row := range rows {
		t.Problem.X = append(t.Problem.X, row[:last]...)
		t.Problem.D = append(t.Problem.D, row[last])
	}
	return t
}

func TestDecodeCSVReadsEveryForm(t *testing.T) {
	ab := []string{"a", "b"}
	xs := []string{"x1", "x2"}
	oneTwo := [][]float64{{1, 2}, {3, 4}}
	for _, test := range []struct {
		name, text string
		o          Options
		want       *Table
	}{
		{"header", "a,b\n1,2\n3,4\n", Options{}, tableOf(ab, oneTwo...)},
		{"no header", "1,2\n3,4\n", Options{}, tableOf(xs, oneTwo...)},
		{"one row", "1,2", Options{}, tableOf(xs, []float64{1, 2})},
		{"no last line feed", "a,b\n1,2\n3,4", Options{}, tableOf(ab, oneTwo...)},
		{"CRLF", "a,b\r\n1,2\r\n3,4\r\n", Options{}, tableOf(ab, oneTwo...)},
		{"CR before the end", "a,b\r\n1,2\r\n3,4\r", Options{}, tableOf(ab, oneTwo...)},
		{"byte order mark", "\ufeffa,b\n1,2\n3,4\n", Options{}, tableOf(ab, oneTwo...)},
		{"byte order mark before a quote", "\ufeff\"a\",b\n1,2\n3,4\n", Options{}, tableOf(ab, oneTwo...)},
		{"byte order mark before numbers", "\ufeff1,2\n3,4\n", Options{}, tableOf(xs, oneTwo...)},
		{"blank lines", "\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n\n", Options{}, tableOf(ab, oneTwo...)},
		{"semicolons", "a;b\n1;2\n3;4\n", Options{}, tableOf(ab, oneTwo...)},
		{"tabs", "a\tb\n1\t2\n3\t4\n", Options{}, tableOf(ab, oneTwo...)},
		{"semicolons before commas", "a, in m;b, in m\n1;2\n3;4\n", Options{}, tableOf([]string{"a, in m", "b, in m"}, oneTwo...)},
		{"commas, a semicolon in quotes", "\"a;c\",b\n1,2\n3,4\n", Options{}, tableOf([]string{"a;c", "b"}, oneTwo...)},
		{"separator given", "a;c,b\n1,2\n3,4\n", Options{Separator: ','}, tableOf([]string{"a;c", "b"}, oneTwo...)},
		{"bars", "a|b\n1|2\n3|4\n", Options{Separator: '|'}, tableOf(ab, oneTwo...)},
		{"spaces", "a b\n1 2\n3 4\n", Options{Separator: ' '}, tableOf(ab, oneTwo...)},
		{"blanks around fields", " a ,\tb\n 1, 2\n3\t,4 \n", Options{Separator: ','}, tableOf(ab, oneTwo...)},
		{"all quoted", "\"a\",\"b\"\r\n\"1\",\"2\"\r\n\"3\",\"4\"\r\n", Options{}, tableOf(ab, oneTwo...)},
		{"quotes, line ends and separators in quotes", "\"a \"\"x\"\"\n,\",\"\"\"\"\n1,2\n3,4\n", Options{}, tableOf([]string{"a \"x\"\n,", `"`}, oneTwo...)},
		{"blanks in quotes", "\" a \",b\n\" 1\",2\n3,\"4\t\"\n", Options{}, tableOf(ab, oneTwo...)},
		{"header of numbers", "2019,2020\n1,2\n3,4\n", Options{Header: HeaderYes}, tableOf([]string{"2019", "2020"}, oneTwo...)},
		{"one name is a header", "1,b\n1,2\n3,4\n", Options{}, tableOf([]string{"1", "b"}, oneTwo...)},
		{"no name", ",b\n1,2\n3,4\n", Options{}, tableOf([]string{"x1", "b"}, oneTwo...)},
		{"equal names", "a,a\n1,2\n3,4\n", Options{}, tableOf([]string{"a", "a"}, oneTwo...)},
		{"target by name", "b,a\n2,1\n4,3\n", Options{Target: "b"}, tableOf(ab, oneTwo...)},
		{"target by number", "b,a\n2,1\n4,3\n", Options{Target: "1"}, tableOf(ab, oneTwo...)},
		{"target of equal names by number", "b,b\n2,1\n4,3\n", Options{Target: "1"}, tableOf([]string{"b", "b"}, oneTwo...)},
		{"a name before a number", "2,b,1\n2,1,5\n", Options{Target: "2"}, &Table{&dataset.Problem{X: []float64{1, 5}, D: []float64{2}, N: 1, P: 2}, []string{"b", "1"}, "2"}},
		{"target in the middle", "a,y,c\n1,2,3\n4,5,6\n", Options{Target: "y"}, &Table{&dataset.Problem{X: []float64{1, 3, 4, 6}, D: []float64{2, 5}, N: 2, P: 2}, []string{"a", "c"}, "y"}},
		{"target without a header", "1,2,3\n4,5,6\n", Options{Target: "2"}, &Table{&dataset.Problem{X: []float64{1, 3, 4, 6}, D: []float64{2, 5}, N: 2, P: 2}, []string{"x1", "x3"}, "x2"}},
		{"forms of numbers", "-1e3,+.5\n5.,0.1e-2\n-0,1E+2\n", Options{}, tableOf(xs, []float64{-1000, .5}, []float64{5, .001}, []float64{math.Copysign(0, -1), 100})},
		{"a number of 1 MiB", "a,b\n" + strings.Repeat("0", maxCSVField-1) + "1,2\n3,4\n", Options{}, tableOf(ab, oneTwo...)},
		{"a field of 1 MiB", "a,b\n1," + strings.Repeat(" ", maxCSVField-1) + "2\n\"3" + strings.Repeat(" ", maxCSVField-1) + "\",4\n", Options{}, tableOf(ab, oneTwo...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := decodeText(test.text, test.o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := got.Problem.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

const (
	wayOut   = "; remove the row, give the value, or ignore the column"
	orHeader = "; or say that this line is a header"
	needed   = "; a target and at least one feature are needed"
)

var malformedCSV = []struct {
	name, text string
	o          Options
	want       string
}{
	{"empty file", "", Options{}, `f.csv: an empty file`},
	{"blank lines only", "\n\r\n\n", Options{}, `f.csv: an empty file`},
	{"byte order mark only", "\ufeff", Options{}, `f.csv: an empty file`},
	{"header only", "\na,b\n", Options{}, `f.csv: no rows of data below the header on line 2`},
	{"UTF-16, little-endian", "\xff\xfea\x00,\x00b\x00", Options{}, `f.csv: UTF-16 text; save it as UTF-8`},
	{"UTF-16, big-endian", "\xfe\xff\x00a\x00,\x00b", Options{}, `f.csv: UTF-16 text; save it as UTF-8`},
	{"UTF-16 without a mark", "1\x00,\x002\x00\n\x00", Options{}, `f.csv:1: column 1: a NUL byte: this is a binary file, or UTF-16 text; save it as UTF-8`},
	{"spreadsheet", "PK\x03\x04\x14\x00", Options{}, `f.csv: a zip archive or a spreadsheet; save it as CSV`},
	{"NumPy array", string(npyFile(npyDict("<f8", "False", "(1,)"), 1.0)), Options{}, `f.csv: a NumPy array; end its name in .npy`},
	{"one column", "a\n1\n", Options{}, `f.csv:1: one column: no comma, semicolon or tab in the first record` + needed},
	{"one column, separator given", "\na,b\n1,2\n", Options{Separator: ';'}, `f.csv:2: one column: no ';' in the first record` + needed},
	{"one quoted column", "\"a,b\"\n1\n", Options{}, `f.csv:1: one column: no comma, semicolon or tab in the first record` + needed},
	{"separator that numbers use", "1.2\n", Options{Separator: '.'}, `f.csv: '.' cannot separate fields`},
	{"separator that quotes use", "1\"2\n", Options{Separator: '"'}, `f.csv: '"' cannot separate fields`},

	{"empty field", "a,b\n1,2\n3,\n", Options{}, `f.csv:3: column 2 ("b"): empty` + wayOut},
	{"empty quoted field", "a,b\n\"\",2\n", Options{}, `f.csv:2: column 1 ("a"): empty` + wayOut},
	{"blanks for a field", "1,2\n3, \t\n", Options{Separator: ','}, `f.csv:2: column 2: empty` + wayOut},
	{"hole in a first row of data", "1,,3\n4,5,6\n", Options{}, `f.csv:1: column 2: empty` + wayOut + orHeader},
	{"NA in a first row of data", "1,NA\n4,5\n", Options{}, `f.csv:1: column 2: "NA" is not a number` + wayOut + orHeader},
	{"not a number", "x,y,price\n1,2,3\n1,2,n/a\n", Options{}, `f.csv:3: column 3 ("price"): "n/a" is not a number` + wayOut},
	{"not a number, no name", ",b\nx,2\n", Options{}, `f.csv:2: column 1: "x" is not a number` + wayOut},
	{"a number and more", "a,b\n1,2 km\n", Options{}, `f.csv:2: column 2 ("b"): "2 km" is not a number` + wayOut},
	{"two signs", "a,b\n1,--2\n", Options{}, `f.csv:2: column 2 ("b"): "--2" is not a number` + wayOut},
	{"a sign only", "a,b\n-,2\n", Options{}, `f.csv:2: column 1 ("a"): "-" is not a number` + wayOut},
	{"a point only", "a,b\n.,2\n", Options{}, `f.csv:2: column 1 ("a"): "." is not a number` + wayOut},
	{"no exponent", "a,b\n1e,2\n", Options{}, `f.csv:2: column 1 ("a"): "1e" is not a number` + wayOut},
	{"doubled quote in a number", "a,b\n\"1\"\"2\",2\n", Options{}, `f.csv:2: column 1 ("a"): "1\"2" is not a number` + wayOut},
	{"not ASCII", "a,b\n−1,2\n", Options{}, `f.csv:2: column 1 ("a"): "−1" is not a number` + wayOut},
	{"long text", "a,b\n" + strings.Repeat("long ", 20) + ",2\n", Options{}, `f.csv:2: column 1 ("a"): "` + strings.Repeat("long ", 8) + `"… is not a number` + wayOut},
	{"NaN", "a,b\n1,NaN\n", Options{}, `f.csv:2: column 2 ("b"): "NaN" is not finite` + wayOut},
	{"nan in a first row of data", "nan,1\n", Options{}, `f.csv:1: column 1: "nan" is not finite` + wayOut + orHeader},
	{"Inf", "a,b\n1,-Inf\n", Options{}, `f.csv:2: column 2 ("b"): "-Inf" is not finite` + wayOut},
	{"infinity", "a,b\n1,iNFINITY\n", Options{}, `f.csv:2: column 2 ("b"): "iNFINITY" is not finite` + wayOut},
	{"overflow", "a,b\n1,1e999\n", Options{}, `f.csv:2: column 2 ("b"): "1e999" is beyond the largest float64, 1.8e308` + wayOut},
	{"overflow by digits", "1,2\n-" + strings.Repeat("9", 400) + ",2\n", Options{}, `f.csv:2: column 1: "-` + strings.Repeat("9", 39) + `"… is beyond the largest float64, 1.8e308` + wayOut},
	{"hexadecimal", "a,b\n0x1p3,2\n", Options{}, `f.csv:2: column 1 ("a"): "0x1p3" is not a plain decimal number; write it as 8`},
	{"underscores", "a,b\n1_000.5,2\n", Options{}, `f.csv:2: column 1 ("a"): "1_000.5" is not a plain decimal number; write it as 1000.5`},
	{"decimal comma", "a;b\n1,5;2\n", Options{}, `f.csv:2: column 1 ("a"): "1,5" is not a number; write decimals with a point: "1.5"`},
	{"decimal comma in a first row of data", "1,5;2,5\n3,5;4,5\n", Options{}, `f.csv:1: column 1: "1,5" is not a number; write decimals with a point: "1.5"` + orHeader},
	{"decimal comma, quoted", "a,b\n\"1,5\",2\n", Options{}, `f.csv:2: column 1 ("a"): "1,5" is not a number; write decimals with a point: "1.5"`},
	{"another separator", "a,b\n1;2,3\n", Options{}, `f.csv:2: column 1 ("a"): "1;2" is not a number; fields are separated by ',' here: give the separator if it is another`},

	{"too few fields", "a,b,c\n1,2,3\n1,2\n", Options{}, `f.csv:3: too few fields: 2, not 3 as on line 1`},
	{"too many fields", "\na,b\n1,2\n1,2,3\n", Options{}, `f.csv:4: too many fields: more than the 2 of line 2`},
	{"separator at the end", "a,b\n1,2,\n", Options{}, `f.csv:2: too many fields: more than the 2 of line 1`},
	{"blank for a line", "a,b\n1,2\n  \n", Options{}, `f.csv:3: column 1 ("a"): empty` + wayOut},
	{"quote within a field", "a,b\n1,2\"\n", Options{}, `f.csv:2: column 2 ("b"): a quote within an unquoted field; quote the whole field and double the quotes in it`},
	{"blank before a quote", "a,b\n1, \"2\"\n", Options{}, `f.csv:2: column 2 ("b"): a quote within an unquoted field; quote the whole field and double the quotes in it`},
	{"text after a quote", "a,b\n\"1\"0,2\n", Options{}, `f.csv:2: column 1 ("a"): a quoted field that does not end with its quote; close the quote, and double the quotes within the field`},
	{"quote not closed", "a,b\n1,2\n3,\"4\n5,6\n", Options{}, `f.csv:3: column 2 ("b"): a quoted field that does not end with its quote; close the quote, and double the quotes within the field`},
	{"quote not closed in the header", "a,\"b\n1,2\n", Options{}, `f.csv:1: column 2: a quoted field that does not end with its quote; close the quote, and double the quotes within the field`},
	{"quote at the very end", "a,b\n1,\"", Options{}, `f.csv:2: column 2 ("b"): a quoted field that does not end with its quote; close the quote, and double the quotes within the field`},
	{"text after a line end in quotes", "a,b\n1,2\n\"x\ny\",\"z\nw\"\n", Options{}, `f.csv:3: column 1 ("a"): "x\ny" is not a number` + wayOut},
	{"place after line ends in quotes", "\"a\n\",b\n\"1\n\",2\n", Options{}, `f.csv:3: column 1 ("a\n"): "1\n" is not a number` + wayOut},
	{"slip in a first row of data", "1..5,2\n", Options{}, `f.csv:1: column 1: "1..5" is not a number` + wayOut + orHeader},
	{"place after line ends in the same record", "\"a\n\",b\n", Options{Header: HeaderNo}, `f.csv:1: column 1: "a\n" is not a number` + wayOut},
	{"place in a header of two lines", "\"a\n\n\",b\"\n", Options{}, `f.csv:3: column 2: a quote within an unquoted field; quote the whole field and double the quotes in it`},
	{"NUL in a quoted field", "a,b\n\"1\x00\",2\n", Options{}, `f.csv:2: column 1 ("a"): a NUL byte: this is a binary file, or UTF-16 text; save it as UTF-8`},
	{"carriage returns for line ends", "a,b\r1,2\r3,4\r", Options{}, `f.csv:1: column 2: a carriage return within a field; end lines in LF or CRLF`},
	{"field over 1 MiB", "a,b\n1," + strings.Repeat(" ", maxCSVField) + "2\n", Options{}, `f.csv:2: column 2 ("b"): a field over 1 MiB; is a quote not closed, or is this not a CSV file?`},
	{"number over 1 MiB", "a,b\n" + strings.Repeat("0", maxCSVField+1) + ",2\n", Options{}, `f.csv:2: column 1 ("a"): a field over 1 MiB; is a quote not closed, or is this not a CSV file?`},
	{"quoted field over 1 MiB", "a,b\n1,\"" + strings.Repeat(" ", maxCSVField) + "2\"\n", Options{}, `f.csv:2: column 2 ("b"): a field over 1 MiB; is a quote not closed, or is this not a CSV file?`},
	{"quote not closed for 1 MiB", "a,b\n1,2\n1,\"" + strings.Repeat("1,2\n", maxCSVField/3), Options{}, `f.csv:3: column 2 ("b"): a quoted field that does not end with its quote; close the quote, and double the quotes within the field`},
	{"quote not closed for 20 MiB", "a,b\n1,2\n1,\"" + strings.Repeat("1,2\n", 5<<20), Options{}, `f.csv:3: a record over 16 MiB; is this a CSV file?`},
	{"record over 16 MiB with many fields", "a,b\n1,2\n" + strings.Repeat("1,", maxCSVRecord/2), Options{}, `f.csv:3: too many fields: more than the 2 of line 1`},
	{"first record over 16 MiB", "\n" + strings.Repeat(strings.Repeat("1", 999)+",", (maxCSVRecord+csvBuffer)/1000+1) + "1\n", Options{}, `f.csv:2: a record over 16 MiB; is this a CSV file?`},

	{"no header where one is promised to be absent", "a,b\n1,2\n", Options{Header: HeaderNo}, `f.csv:1: column 1: "a" is not a number` + wayOut},
	{"target name unknown", "Price,Rooms\n1,2\n", Options{Target: "weight"}, `f.csv: target "weight": no such column; there are "Price", "Rooms"`},
	{"target name mistyped", "Price,Rooms\n1,2\n", Options{Target: "prcie"}, `f.csv: target "prcie": no such column; there are "Price", "Rooms"`},
	{"target name in other case", "Price,Rooms\n1,2\n", Options{Target: "rooms"}, `f.csv: target "rooms": no such column; there are "Price", "Rooms"`},
	{"target name ambiguous", "y,x,y\n1,2,3\n", Options{Target: "y"}, `f.csv: target "y" names columns 1 and 3; give the number of one`},
	{"target name without a header", "1,2\n", Options{Target: "y"}, `f.csv: target "y": columns have no names here; give a number from 1 to 2`},
	{"target number 0", "1,2\n", Options{Target: "0"}, `f.csv: target 0: columns are numbered from 1 to 2`},
	{"target number past the last", "a,b\n1,2\n", Options{Target: "3"}, `f.csv: target 3: columns are numbered from 1 to 2`},
	{"target among many names", strings.Repeat("n,", 24) + "m\n", Options{Target: "target"}, `f.csv: target "target": no such column; there are ` + strings.Repeat(`"n", `, 19) + `"n" and 5 more`},
}

func TestDecodeCSVRefusesMalformedTextAtItsPlace(t *testing.T) {
	for _, test := range malformedCSV {
		t.Run(test.name, func(t *testing.T) {
			_, err := decodeText(test.text, test.o)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestDecodeCSVReadsManyRowsInOrder(t *testing.T) {
	var text bytes.Buffer
	const rows = 100_000
	for i := range rows {
		fmt.Fprintf(&text, "%d,-%d.25\n", i, i)
	}
	table, err := decodeText(text.String(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := table.Problem
	if err := p.Check(); err != nil || p.N != rows || p.P != 1 {
		t.Fatalf("N=%d, P=%d: %v", p.N, p.P, err)
	}
	for i := range rows {
		if p.X[i] != float64(i) || p.D[i] != -float64(i)-.25 {
			t.Fatalf("row %d is %g, %g", i, p.X[i], p.D[i])
		}
	}

	// The error is the first of two faults in the file.
	lines := bytes.SplitAfter(text.Bytes(), []byte("\n"))
	for _, first := range []int{10, 50_000, 99_998} {
		faulty := bytes.Join([][]byte{bytes.Join(lines[:first], nil), []byte("1,x\n"), bytes.Join(lines[first+1:rows-1], nil), []byte("y,1\n")}, nil)
		want := fmt.Sprintf(`f.csv:%d: column 2: "x" is not a number; remove the row, give the value, or ignore the column`, first+1)
		if _, err := decodeText(string(faulty), Options{}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestDecodeCSVTakesAReaderOfAnyHabits(t *testing.T) {
	text := "a,b\n" + strings.Repeat("1,2\n\"3\",4\n", 50)
	want, err := decodeText(text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeCSV(iotest.OneByteReader(iotest.DataErrReader(strings.NewReader(text))), "f.csv", 0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	broken := errors.New("the disk is gone")
	for _, reader := range []*strings.Reader{strings.NewReader(""), strings.NewReader(text)} {
		_, err := decodeCSV(readThenFail{reader, broken}, "f.csv", 0, Options{})
		if !errors.Is(err, broken) || err.Error() != "f.csv: the disk is gone" {
			t.Errorf("got %v", err)
		}
	}
}

// readThenFail reads all of r, then returns err in place of io.EOF.
type readThenFail struct {
	r   *strings.Reader
	err error
}

func (r readThenFail) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil {
		err = r.err
	}
	return n, err
}

// FuzzDecodeCSV compares the decoder with encoding/csv and strconv. Both accept the same texts,
// except for what Open refuses, and both read the same numbers.
func FuzzDecodeCSV(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,2\n3,4\n", "1;2\r\n3;4", "\ufeff1,2\n", "\"1\",\"2\"\n\n\"3\n\",4", "1\t-2e5\n.5\t6.", "1,\"2\"\"\"\n", "1, 2\nNaN,1e999\n", "1,2\r", "0x1,1_0\n", "1,2\n\"\n\",3",
	} {
		f.Add(text, byte(0))
		f.Add(text, byte(1))
	}
	f.Fuzz(func(t *testing.T, text string, mode byte) {
		o := Options{Separator: ",;\t\x00|"[mode%5], Header: HeaderMode(mode / 5 % 3)}
		table, err := decodeText(text, o)
		if err != nil && (!strings.HasPrefix(err.Error(), "f.csv:") || strings.ContainsAny(err.Error(), "\n\x00")) {
			t.Errorf("the error %q is not one line with a place", err)
		}
		if err == nil {
			checkTable(t, table)
		}
		if o.Separator == 0 || o.Header != HeaderNo {
			return
		}
		want, wantErr := numbersOfEncodingCSV(text, o.Separator)
		switch {
		case err == nil && wantErr != nil:
			t.Errorf("%q is read, but encoding/csv says %v", text, wantErr)
		case err != nil && wantErr == nil:
			t.Errorf("%q: %v, but encoding/csv reads %v", text, err, want)
		case err == nil:
			if diff := cmp.Diff(want, rowsOf(table.Problem)); diff != "" {
				t.Errorf("%q (-encoding/csv +descent):\n%s", text, diff)
			}
		}
	})
}

func checkTable(t *testing.T, table *Table) {
	t.Helper()
	p := table.Problem
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	if len(table.Features) != p.P || table.Target == "" {
		t.Errorf("names %q and %q for %d features", table.Features, table.Target, p.P)
	}
	for _, values := range [][]float64{p.X, p.D} {
		if i, why := findNotFinite(values); why != "" {
			t.Errorf("value %d is %s", i, why)
		}
	}
}

// rowsOf returns the rows of p, the target last.
func rowsOf(p *dataset.Problem) (rows [][]float64) {
	for i := range p.N {
		rows = append(rows, append(append([]float64{}, p.Row(i)...), p.D[i]))
	}
	return rows
}

// numbersOfEncodingCSV reads text by encoding/csv and strconv, and refuses what Open refuses.
func numbersOfEncodingCSV(text string, sep byte) (rows [][]float64, err error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if foreignText([]byte(text)) != "" {
		return nil, errors.New("not text")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = rune(sep)
	records, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		if len(record) < 2 {
			return nil, errors.New("one column")
		}
		var row []float64
		for _, field := range record {
			field = strings.Trim(field, " \t")
			v, err := strconv.ParseFloat(field, 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || !isPlainDecimal(field) {
				return nil, fmt.Errorf("%q is not a number", field)
			}
			row = append(row, v)
		}
		rows = append(rows, row)
	}
	if rows == nil {
		return nil, errors.New("no rows")
	}
	return rows, nil
}
