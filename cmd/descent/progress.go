package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"descent/bench/driver"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colored reports whether w shows colours and its user wants them.
func colored(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// progress draws on a terminal how far a command is, and draws nothing elsewhere. It draws only
// when tell is called, which is between samples. Nothing runs in the background.
type progress struct{ bar *progressbar.ProgressBar }

const progressSteps = 1000

func newProgress(w io.Writer) progress {
	if !isTerminal(w) {
		return progress{}
	}
	return progress{progressbar.NewOptions(progressSteps,
		progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(24), progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true))}
}

func (p progress) tell(now driver.Progress) {
	if p.bar == nil {
		return
	}
	what := now.Doing
	if now.Left > 0 {
		what = fmt.Sprintf("%-32s about %v left", now.Doing, now.Left.Round(time.Second))
	}
	p.bar.Describe(what)
	p.bar.Set(int(progressSteps * min(1, now.Done))) // an error of drawing does not matter
}

func (p progress) end() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
