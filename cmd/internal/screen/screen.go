// Package screen knows where output goes: a terminal of some size, or a pipe or file.
//
//	screen.go     width, height, colours and characters of an output
//	progress.go   one line that says how far a command is
//	line.go       what that line says
package screen

import (
	"cmp"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"
)

// Columns is the width of output that does not go to a terminal.
const Columns = 80

// A Screen describes an output.
type Screen struct {
	Terminal bool
	Width    int  // in columns
	Height   int  // in lines; 0 for a pipe or a file
	Color    bool // its user wants colours, and it shows them
	Dumb     bool // escape codes are not understood
	ASCII    bool // the locale has no other characters
}

// Of describes the output w. The environment variables are the usual ones: NO_COLOR, TERM, and
// LC_ALL, LC_CTYPE, LANG for the locale.
func Of(w io.Writer) Screen {
	s := Screen{Width: Columns, Dumb: os.Getenv("TERM") == "dumb", ASCII: !utf8Locale()}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s
	}
	s.Terminal = true
	if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		s.Width, s.Height = width, height
	}
	s.Color = os.Getenv("NO_COLOR") == "" && !s.Dumb
	return s
}

// utf8Locale reports whether the locale's characters are UTF-8. A locale that is not set is C, as
// POSIX has it. Windows has no such variables, and its consoles show what Go writes.
func utf8Locale() bool {
	locale := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG"))
	if locale == "" {
		return runtime.GOOS == "windows"
	}
	locale = strings.ToLower(locale)
	return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
}
