package file

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
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

// skipToText discards a byte order mark and blank lines. It returns the number of the blank lines,
// and the start of the first record. It refuses an empty file, and one that is not UTF-8 text.
func skipToText(r *bufio.Reader, path string) (lines int, head []byte, err error) {
	const most = 64 << 10
	head, _ = r.Peek(most) // an error comes again below
	if what := foreignText(head); what != "" {
		return 0, nil, fmt.Errorf("%s: %s", path, what)
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		r.Discard(3) // peeked, so it cannot fail
	}
	for {
		head, err = r.Peek(most)
		width := 0
		if len(head) > 0 {
			width = lineEnd(head)
		}
		switch {
		case err != nil && err != io.EOF:
			return 0, nil, csvReadError(path, err)
		case len(head) == 0:
			return 0, nil, fmt.Errorf("%s: an empty file", path)
		case width == 0:
			return lines, head, nil
		}
		r.Discard(width)
		lines++
	}
}

// lineEnd returns the width of the LF or CRLF that b starts with, or 0.
func lineEnd(b []byte) int {
	switch {
	case b[0] == '\n':
		return 1
	case b[0] == '\r' && len(b) > 1 && b[1] == '\n':
		return 2
	}
	return 0
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
