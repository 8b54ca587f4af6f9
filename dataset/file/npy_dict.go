package file

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseNPYHeader parses the dict of a header. Each key comes once, in any order.
func parseNPYHeader(text string) (*npyHeader, error) {
	h := &npyHeader{}
	s := &npyScanner{rest: text}
	s.expect("{")
	seen := map[string]bool{}
	for s.err == nil && !s.accept("}") {
		key := s.quoted()
		s.expect(":")
		switch {
		case s.err != nil:
		case seen[key]:
			s.err = fmt.Errorf("the key %q twice", key)
		case key == "descr" && s.peek("["):
			s.err = errors.New("values of a structured type; save one field with .astype('<f8')")
		case key == "descr":
			h.dtype = s.quoted()
		case key == "fortran_order":
			h.fortran = s.boolean()
		case key == "shape":
			h.shape = s.tuple()
		default:
			s.err = fmt.Errorf("an unknown key %q", key)
		}
		seen[key] = true
		if !s.accept(",") {
			s.expect("}")
			break
		}
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if s.err == nil && !seen[key] {
			s.err = fmt.Errorf("no key %q", key)
		}
	}
	if s.err == nil && !s.peek("") {
		s.err = fmt.Errorf("%s after the dict", quoteShort(s.rest))
	}
	if s.err != nil {
		return nil, fmt.Errorf("header: %w", s.err)
	}
	return h, nil
}

// An npyScanner reads the Python literals of a header. After an error it reads nothing.
type npyScanner struct {
	rest string
	err  error
}

// peek skips blanks and reports whether token comes next. The token "" is the end.
func (s *npyScanner) peek(token string) bool {
	s.rest = strings.TrimLeft(s.rest, " \t\r\n")
	if token == "" {
		return s.rest == ""
	}
	return strings.HasPrefix(s.rest, token)
}

// accept skips token if it comes next, and reports whether it did.
func (s *npyScanner) accept(token string) bool {
	if s.err != nil || !s.peek(token) {
		return false
	}
	s.rest = s.rest[len(token):]
	return true
}

// expect skips token, or sets an error if it does not come next.
func (s *npyScanner) expect(token string) {
	if !s.accept(token) {
		s.unexpected(strconv.Quote(token))
	}
}

// unexpected sets an error that says what comes next in place of want.
func (s *npyScanner) unexpected(want string) {
	switch {
	case s.err != nil:
	case s.rest == "":
		s.err = fmt.Errorf("it ends before %s", want)
	default:
		s.err = fmt.Errorf("found %s instead of %s", quoteShort(s.rest), want)
	}
}

func (s *npyScanner) quoted() string {
	for _, quote := range []string{"'", `"`} {
		if !s.accept(quote) {
			continue
		}
		text, rest, found := strings.Cut(s.rest, quote)
		if !found {
			s.err = errors.New("a string that never ends")
		}
		s.rest = rest
		return text
	}
	s.unexpected("a string")
	return ""
}

func (s *npyScanner) boolean() bool {
	if s.accept("True") {
		return true
	}
	if !s.accept("False") {
		s.unexpected("True or False")
	}
	return false
}

func (s *npyScanner) tuple() (shape []int) {
	s.expect("(")
	for s.err == nil && !s.accept(")") {
		shape = append(shape, s.dimension())
		if !s.accept(",") {
			s.expect(")")
			break
		}
	}
	return shape
}

// dimension reads an integer, and the L that Python 2 wrote behind a long integer.
func (s *npyScanner) dimension() int {
	s.peek("")
	digits := s.rest[:len(s.rest)-len(strings.TrimLeft(s.rest, "+-0123456789"))]
	n, err := strconv.Atoi(digits)
	switch {
	case s.err != nil:
	case digits == "":
		s.unexpected("a whole number")
	case err != nil || n < 0:
		s.err = fmt.Errorf("a dimension of %s", digits)
	}
	s.rest = strings.TrimPrefix(s.rest[len(digits):], "L")
	return n
}
