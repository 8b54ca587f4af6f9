package bench

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"descent/dataset"
)

// A Contender is a backend at one precision, or an outside program, as the driver runs it: a
// command that speaks the worker protocol on its stdin and stdout.
type Contender struct {
	Backend   string            `json:"backend"`
	Precision dataset.Precision `json:"precision"`
	Command   []string          `json:"-"` // argv of the worker
	Env       []string          `json:"-"` // added to the driver's environment
	// Absent is the reason why there is no command; nil if there is one. It wraps ErrUnavailable.
	Absent error `json:"-"`
	// SlowStart says that a process takes seconds to start, because it imports a large library.
	SlowStart bool `json:"-"`
	// Twin marks the null arm: a contender that runs a second time, so that the differences between
	// equals are seen.
	Twin bool `json:"twin,omitempty"`
}

// Name returns the contender's name in flags and reports: "loop/f64", and "loop/f64:twin" for a
// twin.
func (c Contender) Name() string {
	if c.Twin {
		return c.TwinOf() + ":twin"
	}
	return c.TwinOf()
}

// TwinOf returns the name of the contender that c would be a twin of: its own name without ":twin".
func (c Contender) TwinOf() string { return c.Backend + "/" + c.Precision.String() }

// CheckName refuses a backend's name that a flag, a table or a benchmark's name cannot hold: it has
// only letters, digits and - _ . +.
func CheckName(backend string) error {
	good := func(r rune) bool {
		return unicode.In(r, unicode.Letter, unicode.Mark, unicode.Digit) || strings.ContainsRune("-_.+", r)
	}
	bad := strings.IndexFunc(backend, func(r rune) bool { return !good(r) })
	if bad < 0 {
		return nil
	}
	better := strings.Map(func(r rune) rune {
		if good(r) {
			return r
		}
		return '-'
	}, backend)
	r, _ := utf8.DecodeRuneInString(backend[bad:])
	return fmt.Errorf("the name %q has %q in it, and a name has only letters, digits and - _ . +: use a name such as %s", backend, r, better)
}

// A NoMatchError is the error of Select about a pattern that matches none of the contenders.
type NoMatchError struct {
	Pattern    string
	Contenders []Contender
}

func (e *NoMatchError) Error() string { return fmt.Sprintf("no contender matches %q", e.Pattern) }

// Select returns the contenders that a pattern matches, in the order of all. A pattern is a name
// ("simd/f64"), a backend ("simd"), or a glob over either ("gl-*", "*/f64"). A pattern that matches
// nothing is a NoMatchError. No patterns select all.
func Select(all []Contender, patterns []string) ([]Contender, error) {
	if len(patterns) == 0 {
		return all, nil
	}
	chosen := make([]bool, len(all))
	for _, pattern := range patterns {
		found := false
		for i, c := range all {
			ok, err := matches(pattern, c)
			if err != nil {
				return nil, err
			}
			chosen[i] = chosen[i] || ok
			found = found || ok
		}
		if !found {
			return nil, &NoMatchError{pattern, all}
		}
	}
	var out []Contender
	for i, c := range all {
		if chosen[i] {
			out = append(out, c)
		}
	}
	return out, nil
}

func matches(pattern string, c Contender) (bool, error) {
	name := c.Name()
	if !strings.Contains(pattern, "/") {
		name = c.Backend
	}
	ok, err := path.Match(pattern, name)
	if err != nil {
		return false, fmt.Errorf("contender pattern %q: %w", pattern, err)
	}
	return ok, nil
}

// Names returns the names of cs, in their order.
func Names(cs []Contender) []string {
	names := make([]string, len(cs))
	for i, c := range cs {
		names[i] = c.Name()
	}
	return names
}

// OfPrecision returns the contenders with a precision among ps, and all of cs if ps is empty.
func OfPrecision(cs []Contender, ps []dataset.Precision) []Contender {
	return slices.DeleteFunc(slices.Clone(cs), func(c Contender) bool {
		return len(ps) > 0 && !slices.Contains(ps, c.Precision)
	})
}
