package screen

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"descent/bench/driver"
)

// Progress draws on a terminal how far a command is, and draws nothing elsewhere. It draws only
// when Tell is called, which is between samples. Nothing runs in the background.
type Progress struct{ bar *progressbar.ProgressBar }

const progressSteps = 1000

// NewProgress returns a Progress that draws on w.
func NewProgress(w io.Writer) Progress {
	if !Of(w).Terminal {
		return Progress{}
	}
	return Progress{progressbar.NewOptions(progressSteps,
		progressbar.OptionSetWriter(w), progressbar.OptionSetWidth(24), progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true))}
}

// Tell draws how far the command is.
func (p Progress) Tell(now driver.Progress) {
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

// End removes the line.
func (p Progress) End() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
