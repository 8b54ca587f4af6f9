// Package jsonl reads and writes JSON objects, one a line: the worker protocol and results files.
package jsonl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxLine bounds a line, in bytes: it has room for w of more than a million entries.
const MaxLine = 32 << 20

// NewScanner returns a scanner of the lines of r, which fails with bufio.ErrTooLong past MaxLine.
func NewScanner(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), MaxLine)
	return s
}

// Decode reads one line into v. Its error quotes the beginning of the line.
func Decode(line []byte, v any) error {
	err := json.Unmarshal(line, v)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || len(line) == 0 || line[0] != '{' {
		return fmt.Errorf("%q is not a JSON object", Abridge(line))
	}
	return fmt.Errorf("%q: %s", Abridge(line), strings.TrimPrefix(err.Error(), "json: "))
}

// Encode returns v as one line. Only what JSON requires is escaped, because a person may read it.
func Encode(v any) ([]byte, error) {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return line.Bytes(), err
}

// Abridge cuts text from outside to what fits in an error.
func Abridge(b []byte) string {
	const most = 80
	if len(b) > most {
		return strings.ToValidUTF8(string(b[:most]), "�") + "…"
	}
	return string(b)
}
