package bench

import (
	"os"
	"path/filepath"
	"slices"
	"sync"

	"descent/bench/internal/proc"
)

// A Scratch is a folder for the files of a run. While it is open, the folder and the workers do not
// outlive this process, even if it is killed: a janitor sees to that, if the machine has a shell.
type Scratch struct {
	Path    string
	janitor *proc.Janitor // nil if none could be started; then only Close removes the folder
}

// NewScratch makes a new folder in the folder for temporary files.
func NewScratch() (*Scratch, error) {
	dir, err := os.MkdirTemp("", "descent-")
	if err != nil {
		return nil, err
	}
	s := &Scratch{Path: dir}
	if abs, err := filepath.Abs(dir); err == nil { // the janitor's working folder is another
		s.Path = abs
	}
	if j, err := proc.StartJanitor(s.Path); err == nil {
		s.janitor = j
		janitors.Lock()
		defer janitors.Unlock()
		janitors.open = append(janitors.open, j)
	}
	return s, nil
}

// Close removes the folder and ends the janitor. The workers have ended by then; the janitor kills
// once more any that a kill has not ended yet.
func (s *Scratch) Close() error {
	err := os.RemoveAll(s.Path)
	if s.janitor != nil {
		janitors.Lock()
		janitors.open = slices.DeleteFunc(janitors.open, func(j *proc.Janitor) bool { return j == s.janitor })
		janitors.Unlock()
		s.janitor.End()
	}
	return err
}

// janitors holds the janitors of the open scratches. Each is told of every worker, so code that
// starts a worker need not know whose files the worker reads.
var janitors struct {
	sync.Mutex
	open []*proc.Janitor
}

// announceStart tells the janitors that a worker has started. If the driver is killed just before,
// the worker has been asked for nothing, and ends at the end of its stdin.
func announceStart(pid int) {
	janitors.Lock()
	defer janitors.Unlock()
	for _, j := range janitors.open {
		j.Started(pid)
	}
}

// announceEnd tells the janitors that a worker has ended.
func announceEnd(pid int) {
	janitors.Lock()
	defer janitors.Unlock()
	for _, j := range janitors.open {
		j.Ended(pid)
	}
}
