package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/cmd/internal/nearest"
)

// The exit statuses.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitWrong       = 3
	exitRegression  = 4
	exitUnclear     = 5
	exitInterrupted = 130
)

// A statusError is an error that knows its exit status.
type statusError struct {
	error
	status int
	hint   string
}

func (e statusError) Unwrap() error { return e.error }

// Hint implements bench.Hinter.
func (e statusError) Hint() string { return e.hint }

// errTold is the error of a worker that has told its driver what went wrong. Nothing is printed.
var errTold = errors.New("told already")

// errInterrupted is the error after a Ctrl-C that leaves nothing to continue.
var errInterrupted = statusError{errors.New("interrupted"), exitInterrupted, ""}

// usage marks a mistake on the command line. Without a hint here or in err, the user is sent to
// --help.
func usage(err error, hint string) error {
	if err == nil {
		return nil
	}
	return statusError{err, exitUsage, cmp.Or(hint, hintOf(err))}
}

// explain prints what went wrong and what can be done, and returns the exit status.
func explain(stderr io.Writer, cmd *cobra.Command, err error) int {
	status, hint := exitFailure, hintOf(err)
	var known statusError
	if errors.As(err, &known) {
		status = known.status
	}
	if hint == "" && status == exitUsage {
		hint = fmt.Sprintf("'%s --help' lists the flags, with examples", cmd.CommandPath())
	}
	fmt.Fprintln(stderr, "descent: error:", oneLine(err.Error()))
	if hint != "" {
		fmt.Fprintln(stderr, "descent: hint:", oneLine(hint))
	}
	var worker *bench.WorkerError
	if errors.As(err, &worker) && worker.Stderr != "" {
		fmt.Fprintln(stderr, "descent: the worker's last words:")
		fmt.Fprintln(stderr, worker.Stderr)
	}
	return status
}

// hintOf returns what can be done about err, "" if err does not know.
func hintOf(err error) string {
	var hinter bench.Hinter
	if errors.As(err, &hinter) {
		return hinter.Hint()
	}
	return ""
}

// oneLine joins the lines of joined errors. A terminal does not obey what is in it.
func oneLine(s string) string {
	return journal.Printable(strings.ReplaceAll(strings.TrimSpace(s), "\n", "; "))
}

// quoted returns a word as a POSIX shell reads it back: unchanged if it is safe, else in quotes.
func quoted(word string) string {
	unsafe := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./:=@%+,", r)
	}
	if word != "" && !strings.ContainsFunc(word, unsafe) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// commandLine returns a command of these words as a hint names it: 'descent report a.jsonl', or
// "descent report 'my file.jsonl'".
func commandLine(words ...string) string {
	line := make([]string, len(words))
	for i, word := range words {
		line[i] = quoted(word)
	}
	joined := strings.Join(line, " ")
	if strings.Contains(joined, "'") {
		return `"` + joined + `"`
	}
	return "'" + joined + "'"
}

// didYouMean returns the hint that name is meant for one of the candidates that are near to it, and
// "" if none is.
func didYouMean(name string, candidates []string) string {
	near := nearest.Names(name, candidates)
	for i := range near {
		near[i] = quoted(near[i])
	}
	if len(near) == 0 {
		return ""
	}
	return "did you mean " + oneOf(near) + "?"
}

// oneOf lists names: "a", "a or b", "a, b or c".
func oneOf(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
