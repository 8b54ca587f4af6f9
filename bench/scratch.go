package bench

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// A Scratch is a folder for the files of a run. While it is open, it and the workers do not outlive this
// process, not even one that was killed: a janitor sees to that, where there is a shell.
type Scratch struct {
	Path    string
	janitor *janitor // nil where none could be started: then only Close removes the folder
}

// NewScratch makes a new folder in that for temporary files.
func NewScratch() (*Scratch, error) {
	dir, err := os.MkdirTemp("", "descent-")
	if err != nil {
		return nil, err
	}
	s := &Scratch{Path: dir}
	if abs, err := filepath.Abs(dir); err == nil { // the janitor works elsewhere
		s.Path = abs
	}
	if j, err := startJanitor(s.Path); err == nil {
		s.janitor = j
		janitors.Lock()
		defer janitors.Unlock()
		janitors.of = append(janitors.of, j)
	}
	return s, nil
}

// Close removes the folder and ends the janitor. The workers have ended by then; one that a kill did
// not end yet is killed once more.
func (s *Scratch) Close() error {
	err := os.RemoveAll(s.Path)
	if s.janitor != nil {
		janitors.Lock()
		janitors.of = slices.DeleteFunc(janitors.of, func(j *janitor) bool { return j == s.janitor })
		janitors.Unlock()
		s.janitor.end()
	}
	return err
}

// janitors are those of the open scratches. Each is told of every worker that starts and ends meanwhile, so that
// whoever starts one need not know whose files it reads.
var janitors struct {
	sync.Mutex
	of []*janitor
}

// announce tells the janitors that a worker has started ('+') or ended ('-'). If the driver is killed between a
// start and the telling of it, the worker has been asked for nothing, and ends by the end of its stdin.
func announce(sign byte, pid int) {
	janitors.Lock()
	defer janitors.Unlock()
	for _, j := range janitors.of {
		j.tell(sign, pid)
	}
}
