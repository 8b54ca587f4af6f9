package file

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// sniffedSeparators are tried on the first record in this order.
const sniffedSeparators = "\t;,"

// csvColumns holds what the first record and the options say about all records.
type csvColumns struct {
	sep       byte
	count     int
	names     []string // of all columns; nil without a header
	target    int      // from 0
	ignored   []bool   // by column; nil if no column is ignored
	firstLine int      // where the first record starts
}

// sniffSeparator returns the first of sniffedSeparators that the first record of data has
// outside quotes, or 0.
func sniffSeparator(data []byte) byte {
	var seen [256]bool
	quoted := false
	for _, c := range data {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted {
			break
		}
		seen[c] = seen[c] || !quoted
	}
	for _, c := range []byte(sniffedSeparators) {
		if seen[c] {
			return c
		}
	}
	return 0
}

// badSeparator reports whether c cannot stand between fields because numbers, quotes or line
// ends use it, or because it is not ASCII.
func badSeparator(c byte) bool {
	return c >= 0x80 || bytes.IndexByte([]byte("0123456789+-.eE\"\r\n"), c) >= 0
}

// isHeader reports whether a first record names the columns, by the rule of HeaderAuto.
func isHeader(fields []string) bool {
	return slices.ContainsFunc(fields, func(field string) bool {
		switch strings.ToLower(field) {
		case "", "na", "n/a", "#n/a", "<na>", "nan", "inf", "infinity", "null", "none", "?":
			return false
		}
		return strings.IndexByte("0123456789+-.", field[0]) < 0
	})
}

// readColumns sets c.csvColumns from the first record. It returns the block with that record;
// if the record is a header, the block starts behind it.
func (c *csvDecoder) readColumns() (*csvBlock, error) {
	b, s, err := c.findFirstRecord()
	if err != nil {
		return nil, err
	}
	start := s
	firstLine := c.line + s.line
	const needed = "a target and at least one feature are needed"
	if s.sep = c.options.Separator; s.sep == 0 {
		s.sep = sniffSeparator(s.data[s.pos:])
	}
	switch {
	case s.sep == 0:
		return nil, fmt.Errorf("%s:%d: one column: no comma, semicolon or tab in the first record; %s", c.path, firstLine, needed)
	case badSeparator(s.sep):
		return nil, fmt.Errorf("%s: %q cannot separate fields", c.path, s.sep)
	}
	fields, fault := s.record()
	if fault = c.amend(fault, b); fault != nil {
		return nil, c.place(fault)
	}
	if len(fields) < 2 {
		return nil, fmt.Errorf("%s:%d: one column: no %q in the first record; %s", c.path, firstLine, s.sep, needed)
	}

	c.csvColumns = csvColumns{sep: s.sep, count: len(fields), firstLine: firstLine}
	if c.options.Header == HeaderYes || c.options.Header == HeaderAuto && isHeader(fields) {
		c.names = fields
		start = s
	}
	if c.target, c.ignored, err = findColumns(c.options.Target, c.options.Ignore, c.names, c.count); err != nil {
		return nil, fmt.Errorf("%s: %w", c.path, err)
	}
	c.line += start.line
	b.data = b.data[start.pos:]
	return b, nil
}

// findFirstRecord returns the block with the first record and a scanner that stands at it.
func (c *csvDecoder) findFirstRecord() (*csvBlock, csvScanner, error) {
	b := &csvBlock{}
	c.fill(b)
	if what := foreignText(b.data); what != "" {
		return nil, csvScanner{}, fmt.Errorf("%s: %s", c.path, what)
	}
	b.data = bytes.TrimPrefix(b.data, []byte("\ufeff"))
	s := csvScanner{data: b.data}
	for !s.skipBlankLines() {
		switch {
		case b.err != nil:
			return nil, s, csvReadError(c.path, b.err)
		case b.last:
			return nil, s, fmt.Errorf("%s: an empty file", c.path)
		}
		c.line += s.line
		c.fill(b)
		s = csvScanner{data: b.data}
	}
	return b, s, nil
}
