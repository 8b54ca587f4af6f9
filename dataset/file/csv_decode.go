package file

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"descent/dataset"
)

const (
	maxCSVField  = 1 << 20
	maxCSVRecord = 16 << 20

	csvBuffer = 256 << 10
)

// A csvDecoder reads a table record by record.
type csvDecoder struct {
	csvColumns
	options Options
	path    string
	size    int64 // bytes of the input; 0 if unknown

	in      *boundedReader
	records *csv.Reader
	skipped int // blank lines before the first record
	line    int // where the last record that was read ends
}

// A boundedReader fails once it has given more than limit bytes. encoding/csv has no bound for a
// record: behind a quote that is not closed, it would read the rest of a file into memory.
type boundedReader struct {
	io.Reader
	given, limit int64
}

var errRecordTooLong = errors.New("a record over 16 MiB; is this a CSV file?")

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.given > b.limit {
		return 0, errRecordTooLong
	}
	n, err := b.Reader.Read(p)
	b.given += int64(n)
	return n, err
}

// decodeCSV reads a table from r. size is its size in bytes, 0 if that is not known.
func decodeCSV(r io.Reader, path string, size int64, o Options) (*Table, error) {
	c := &csvDecoder{options: o, path: path, size: size}
	c.in = &boundedReader{Reader: r, limit: maxCSVRecord}
	first, err := c.readColumns()
	if err != nil {
		return nil, err
	}
	p, err := c.readNumbers(first)
	if err != nil {
		return nil, err
	}
	if p.N == 0 {
		return nil, fmt.Errorf("%s: no rows of data below the header on line %d", c.path, c.firstLine)
	}
	t := &Table{Problem: p}
	t.Features, t.Target = columnNames(c.names, c.count, c.target, c.ignored)
	return t, nil
}

// readColumns sets c.csvColumns from the first record. It returns that record if it holds data, and
// nil if it is a header.
func (c *csvDecoder) readColumns() (first []string, err error) {
	buffered := bufio.NewReaderSize(c.in, csvBuffer)
	var head []byte
	if c.skipped, head, err = skipToText(buffered, c.path); err != nil {
		return nil, err
	}
	c.line, c.firstLine = c.skipped, c.skipped+1
	const needed = "a target and at least one feature are needed"
	if c.sep = c.options.Separator; c.sep == 0 {
		c.sep = sniffSeparator(head)
	}
	switch {
	case c.sep == 0:
		return nil, fmt.Errorf("%s:%d: one column: no comma, semicolon or tab in the first record; %s", c.path, c.firstLine, needed)
	case badSeparator(c.sep):
		return nil, fmt.Errorf("%s: %q cannot separate fields", c.path, c.sep)
	}
	c.records = csv.NewReader(buffered)
	c.records.Comma, c.records.FieldsPerRecord, c.records.ReuseRecord = rune(c.sep), -1, true
	fields, err := c.next()
	switch {
	case err == io.EOF: // a carriage return alone is no record
		return nil, fmt.Errorf("%s: an empty file", c.path)
	case err != nil:
		return nil, err
	case len(fields) < 2:
		return nil, fmt.Errorf("%s:%d: one column: no %q in the first record; %s", c.path, c.firstLine, c.sep, needed)
	}
	for j, field := range fields {
		if why := notText(field); why != "" {
			return nil, c.place(c.lineOf(j), j, why)
		}
	}
	fields = slices.Clone(fields) // the next record reuses them
	for j, field := range fields {
		fields[j] = trimmed(field)
	}
	c.count = len(fields)
	if c.options.Header == HeaderYes || c.options.Header == HeaderAuto && isHeader(fields) {
		c.names = fields
	}
	if c.target, c.ignored, err = findColumns(c.options.Target, c.options.Ignore, c.names, c.count); err != nil {
		return nil, fmt.Errorf("%s: %w", c.path, err)
	}
	if c.names != nil {
		return nil, nil
	}
	return fields, nil
}

// trimmed returns a field without the blanks around it. Few fields have any, so it looks first.
func trimmed(field string) string {
	blank := func(c byte) bool { return c == ' ' || c == '\t' }
	if n := len(field); n > 0 && (blank(field[0]) || blank(field[n-1])) {
		return strings.Trim(field, " \t")
	}
	return field
}

// readNumbers reads first, if it is not nil, and the records after it.
func (c *csvDecoder) readNumbers(first []string) (p *dataset.Problem, err error) {
	p = &dataset.Problem{P: features(c.count, c.ignored)}
	const enough = 1000 // rows, for an estimate of how many there are
	for record := first; ; {
		if record == nil {
			if record, err = c.next(); err == io.EOF {
				return p, nil
			} else if err != nil {
				return nil, err
			}
		}
		if err := c.addRow(p, record); err != nil {
			return nil, err
		}
		if record = nil; p.N == enough && c.size > 0 {
			// One allocation is enough if later rows are as long as the first rows.
			rows := int(float64(c.size) / float64(c.records.InputOffset()) * 1.02 * enough)
			p.X, p.D = slices.Grow(p.X, rows*p.P), slices.Grow(p.D, rows)
		}
	}
}

// addRow appends the numbers of a record to p.
func (c *csvDecoder) addRow(p *dataset.Problem, record []string) error {
	for j, field := range record {
		if j == c.count {
			return c.place(c.lineOf(0), -1, fmt.Sprintf("too many fields: more than the %d of line %d", c.count, c.firstLine))
		}
		if len(field) > maxCSVField {
			return c.place(c.lineOf(j), j, "a field over 1 MiB; is a quote not closed, or is this not a CSV file?")
		}
		if c.ignored != nil && c.ignored[j] {
			continue
		}
		text := trimmed(field)
		v, ok := parseNumber(text)
		switch {
		case !ok:
			why := notText(field)
			if why == "" {
				why = whyNoNumber(text, c.sep)
			}
			return c.place(c.lineOf(j), j, why)
		case j == c.target:
			p.D = append(p.D, v)
		default:
			p.X = append(p.X, v)
		}
	}
	if n := len(record); n < c.count {
		return c.place(c.lineOf(0), -1, fmt.Sprintf("too few fields: %d, not %d as on line %d", n, c.count, c.firstLine))
	}
	p.N++
	return nil
}

// next reads a record. It returns io.EOF after the last one.
func (c *csvDecoder) next() ([]string, error) {
	c.in.limit = c.records.InputOffset() + maxCSVRecord + csvBuffer
	record, err := c.records.Read()
	if err == nil {
		last := len(record) - 1
		c.line = c.lineOf(last) + strings.Count(record[last], "\n")
		return record, nil
	}
	var syntax *csv.ParseError
	switch {
	case err == io.EOF:
		return nil, err
	case errors.Is(err, errRecordTooLong):
		return nil, c.place(c.line+1, -1, err.Error())
	case errors.As(err, &syntax): // record has the fields before the one that is wrong
		line := c.skipped + syntax.StartLine
		for _, field := range record {
			line += strings.Count(field, "\n")
		}
		return nil, c.place(line, len(record), quoteFault(syntax.Err))
	}
	return nil, csvReadError(c.path, err)
}

// quoteFault says what is wrong with the quotes of a field, and what to do.
func quoteFault(err error) string {
	if errors.Is(err, csv.ErrBareQuote) {
		return "a quote within an unquoted field; quote the whole field and double the quotes in it"
	}
	return "a quoted field that does not end with its quote; close the quote, and double the quotes within the field"
}

// notText says what in a field is never part of a text file as it is meant here; "" for nothing.
func notText(field string) string {
	switch {
	case strings.IndexByte(field, 0) >= 0:
		return "a NUL byte: this is a binary file, or UTF-16 text; save it as UTF-8"
	case strings.IndexByte(field, '\r') >= 0:
		return "a carriage return within a field; end lines in LF or CRLF"
	}
	return ""
}

// lineOf returns the line on which field j of the last record starts.
func (c *csvDecoder) lineOf(j int) int {
	line, _ := c.records.FieldPos(j)
	return c.skipped + line
}

// place returns the error msg about a line, and a column from 0; -1 is the record as a whole.
func (c *csvDecoder) place(line, column int, msg string) error {
	at := fmt.Sprintf("%s:%d", c.path, line)
	switch {
	case column < 0:
		return fmt.Errorf("%s: %s", at, msg)
	case c.count > 0 && c.names == nil && c.options.Header == HeaderAuto && line == c.firstLine:
		return fmt.Errorf("%s: column %d: %s; or say that this line is a header", at, column+1, msg)
	case column >= len(c.names) || c.names[column] == "":
		return fmt.Errorf("%s: column %d: %s", at, column+1, msg)
	}
	return fmt.Errorf("%s: column %d (%s): %s", at, column+1, quoteShort(c.names[column]), msg)
}
