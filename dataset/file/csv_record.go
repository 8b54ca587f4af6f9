package file

import (
	"bytes"
	"fmt"
)

const (
	maxCSVField  = 1 << 20
	maxCSVRecord = 16 << 20
)

// A csvFault is an error within a block of records.
type csvFault struct {
	line   int // from 0, within the block
	column int // from 0; -1 if the error is about the record
	msg    string
	cut    bool // the record ended too early
}

// csvScanner walks over data. data holds whole records, each with a line feed at its end.
type csvScanner struct {
	data []byte
	sep  byte
	pos  int
	line int // line feeds before pos
}

// skipBlankLines moves on to the next record and reports whether there is one.
func (s *csvScanner) skipBlankLines() bool {
	for s.pos < len(s.data) {
		width := lineEnd(s.data[s.pos:])
		if width == 0 {
			return true
		}
		s.pos += width
		s.line++
	}
	return false
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

// field returns the text of the field at pos, without its quotes and the blanks around it. It
// reports whether the field is the last one of its record. Then it moves pos to the next field.
// After a fault, pos and line are still those of the field.
func (s *csvScanner) field() (text []byte, last bool, fault *csvFault) {
	var end int
	if s.data[s.pos] == '"' {
		text, end, fault = s.quoted()
	} else {
		text, end, fault = s.unquoted()
	}
	if fault == nil && bytes.IndexByte(text, 0) >= 0 {
		fault = &csvFault{msg: "a NUL byte: this is a binary file, or UTF-16 text; save it as UTF-8"}
	}
	if fault != nil {
		fault.line = s.line
		return nil, false, fault
	}
	s.line += bytes.Count(text, []byte{'\n'})
	s.pos = end
	if s.data[end] == s.sep {
		s.pos++
		return bytes.Trim(text, " \t"), false, nil
	}
	s.pos += lineEnd(s.data[end:])
	s.line++
	return bytes.Trim(text, " \t"), true, nil
}

// unquoted returns the text of the unquoted field at pos, and the place of the separator or line
// end behind it.
func (s *csvScanner) unquoted() (text []byte, end int, fault *csvFault) {
	rest := s.data[s.pos:min(len(s.data), s.pos+maxCSVField+1)]
	for i, c := range rest {
		switch c {
		case s.sep, '\n':
			return rest[:i], s.pos + i, nil
		case '\r':
			if lineEnd(s.data[s.pos+i:]) == 0 {
				return nil, 0, &csvFault{msg: "a carriage return within a field; end lines in LF or CRLF"}
			}
			return rest[:i], s.pos + i, nil
		case '"':
			return nil, 0, &csvFault{msg: "a quote within an unquoted field; quote the whole field and double the quotes in it"}
		}
	}
	return nil, 0, fieldTooLong()
}

// quoted returns the text of the quoted field at pos, with doubled quotes made single, and the
// place of the separator or line end behind it.
func (s *csvScanner) quoted() (text []byte, end int, fault *csvFault) {
	rest := s.data[s.pos+1 : min(len(s.data), s.pos+maxCSVField+3)]
	doubled := false
	for i := 0; ; i++ {
		q := bytes.IndexByte(rest[i:], '"')
		switch i += q; {
		case q < 0 && len(rest) > maxCSVField, i > maxCSVField:
			return nil, 0, fieldTooLong()
		case q < 0:
			return nil, 0, &csvFault{msg: "a quoted field that never ends; close its quote", cut: true}
		case rest[i+1] == '"':
			doubled = true
			i++
			continue
		}
		end = s.pos + 1 + i + 1
		if s.data[end] != s.sep && lineEnd(s.data[end:]) == 0 {
			return nil, 0, &csvFault{msg: "text after the quote that ends the field; double the quotes within a quoted field"}
		}
		text = rest[:i]
		if doubled {
			text = bytes.ReplaceAll(text, []byte(`""`), []byte{'"'})
		}
		return text, end, nil
	}
}

func fieldTooLong() *csvFault {
	return &csvFault{msg: "a field over 1 MiB; is a quote not closed, or is this not a CSV file?"}
}

// record returns the fields of the record at pos as text.
func (s *csvScanner) record() (fields []string, fault *csvFault) {
	for last := false; !last; {
		var text []byte
		if text, last, fault = s.field(); fault != nil {
			fault.column = len(fields)
			return nil, fault
		}
		fields = append(fields, string(text))
	}
	return fields, nil
}

// numbers parses the remaining records, each of c.count numbers. It appends the features to x
// and the targets to d. It stops at the first fault.
func (s *csvScanner) numbers(c *csvColumns, x, d []float64) ([]float64, []float64, *csvFault) {
	data := s.data
	for s.skipBlankLines() {
		line := s.line
		for j, last := 0, false; !last; j++ {
			if j == c.count {
				return x, d, &csvFault{line: line, column: -1, msg: fmt.Sprintf("too many fields: more than the %d of line %d", c.count, c.firstLine)}
			}
			ignored := c.ignored != nil && c.ignored[j]
			// Nearly every field is a number alone, without quotes and blanks.
			v, n := parseDecimal(data[s.pos:])
			switch end := s.pos + n; {
			case 0 < n && n <= maxCSVField && data[end] == s.sep:
				s.pos = end + 1
			case 0 < n && n <= maxCSVField && lineEnd(data[end:]) > 0:
				s.pos = end + lineEnd(data[end:])
				s.line++
				last = true
			default:
				at := s.line
				text, final, fault := s.field()
				if fault != nil {
					fault.column = j
					return x, d, fault
				}
				var ok bool
				if v, ok = parseField(text); !ok && !ignored {
					return x, d, &csvFault{line: at, column: j, msg: whyNoNumber(string(text), s.sep)}
				}
				last = final
			}
			switch {
			case ignored:
			case j == c.target:
				d = append(d, v)
			default:
				x = append(x, v)
			}
			if last && j+1 < c.count {
				return x, d, &csvFault{line: line, column: -1, cut: true, msg: fmt.Sprintf("too few fields: %d, not %d as on line %d", j+1, c.count, c.firstLine)}
			}
		}
	}
	return x, d, nil
}
