// Package results knows the results files of runs without --out: they are in the user's cache
// folder.
package results

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/report"
	"descent/bench/typeset"
)

// folder returns the folder of the results files. It may not exist.
func folder() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "descent")
}

// A Kind says what a results file holds. The name of the file begins with it.
type Kind string

// The kinds of results files.
const (
	OfRun   Kind = "run"
	OfSweep Kind = "sweep"
)

// stamp is the local time in the name of a file.
const stamp = "20060102-150405"

// NewPath names a new results file, and makes the folder.
func NewPath(kind Kind, now time.Time) (string, error) {
	dir := folder()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("no folder for the results file: %w; name one with --out", err)
	}
	return filepath.Join(dir, fmt.Sprintf("%s-%s-%d.jsonl", kind, now.Format(stamp), os.Getpid())), nil
}

// A File describes a results file by its last run.
type File struct {
	Path       string    `json:"file"`
	Time       time.Time `json:"time"`           // when its last session began
	Runs       int       `json:"runs,omitempty"` // a sweep is one
	Version    string    `json:"version,omitempty"`
	Data       string    `json:"data,omitempty"` // as in the plan
	N          int       `json:"n,omitempty"`
	ToN        int       `json:"to_n,omitempty"` // of a sweep, whose first size is N
	Features   int       `json:"features,omitempty"`
	Epochs     int       `json:"epochs,omitempty"`
	Contenders int       `json:"contenders,omitempty"` // without those that are unavailable
	Fastest    string    `json:"fastest,omitempty"`
	End        string    `json:"end,omitempty"`
	Error      string    `json:"error,omitempty"` // why it cannot be read

	changed time.Time
	timed   bool // a contender has a time
}

// find finds the results files in a folder, the last changed first, and reads none of them. A
// folder that does not exist has none.
func find(dir string) ([]File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, none{err}
	}
	files := []File{}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && filepath.Ext(entry.Name()) == ".jsonl" {
			files = append(files, File{Path: filepath.Join(dir, entry.Name()), changed: info.ModTime()})
		}
	}
	slices.SortStableFunc(files, func(a, b File) int { return b.changed.Compare(a.changed) })
	return files, nil
}

// read reads the file, and describes what is in it.
func (f *File) read() {
	runs, err := journal.Read(f.Path)
	if err != nil {
		f.Time, f.Error = f.namedTime(), withoutPath(err, f.Path)
		return
	}
	last := runs[len(runs)-1]
	rep := report.New(last)
	f.Time, f.Runs, f.Version, f.End = last.Began(), count(runs), rep.Version, rep.End
	f.Data, f.N, f.Features, f.Epochs = rep.Plan.Data, rep.Plan.N, rep.Plan.Features, rep.Plan.Epochs
	if part := last.Header.Sweep; part != nil {
		f.N, f.ToN, f.Epochs = part.Sizes[0], part.Sizes[len(part.Sizes)-1], part.Epochs
		if last.Swept != nil {
			f.End = last.Swept.Reason
		}
	}
	for i := range rep.Rows {
		if rep.Rows[i].Status != bench.Unavailable {
			f.Contenders++
		}
		f.timed = f.timed || rep.Rows[i].Run != nil
	}
	if row := rep.FastestRow(); row != nil && f.ToN == 0 {
		f.Fastest = row.Contender
	}
}

// count returns how many runs and sweeps a file holds. All runs of a sweep are one.
func count(runs []*journal.Results) (n int) {
	sweeps := map[string]bool{}
	for _, run := range runs {
		if part := run.Header.Sweep; part == nil {
			n++
		} else {
			sweeps[part.ID] = true
		}
	}
	return n + len(sweeps)
}

// withoutPath returns the text of an error about a results file, without the file's path.
func withoutPath(err error, path string) string {
	text, cut := strings.CutPrefix(err.Error(), path+":")
	if cut && !strings.HasPrefix(text, " ") {
		return "line " + text
	}
	return strings.TrimSpace(text)
}

// namedTime returns the time in the file's name. If the name has none, it returns the time when the
// file was changed.
func (f *File) namedTime() time.Time {
	_, name, _ := strings.Cut(filepath.Base(f.Path), "-")
	t, err := time.ParseInLocation(stamp, name[:min(len(name), len(stamp))], time.Local)
	if err != nil {
		return f.changed
	}
	return t
}

// none is the error of a folder without results.
type none struct{ error }

// Hint implements bench.Hinter.
func (none) Hint() string {
	return "'descent run' makes one; 'descent report FILE' prints one that is elsewhere"
}

// Latest returns the path of the results file with the latest session, of those that can be read.
// It tells stderr which one that is, and what cannot be read. A session begins before the file's
// last change. So files that changed before the latest session began need not be read. A run
// without a time counts only if no other has one.
func Latest(stderr io.Writer) (string, error) {
	dir := folder()
	files, err := find(dir)
	if err != nil {
		return "", err
	}
	var latest File
	for _, f := range files {
		if latest.timed && f.changed.Before(latest.Time) {
			break
		}
		f.read()
		switch {
		case f.Error != "":
			fmt.Fprintf(stderr, "descent: warning: %s cannot be read: %s\n", f.Path, f.Error)
		case latest.Path == "" || f.timed && !latest.timed || f.timed == latest.timed && f.Time.After(latest.Time):
			latest = f
		}
	}
	switch {
	case latest.Path != "":
		fmt.Fprintf(stderr, "descent: the latest results file is %s\n", latest.Path)
		return latest.Path, nil
	case len(files) > 0:
		return "", none{fmt.Errorf("no results file in %s can be read", dir)}
	}
	return "", none{fmt.Errorf("there is no results file in %s", dir)}
}

// A Listing has all results files of the folder, the one with the latest session first.
type Listing struct {
	Schema int    `json:"schema"`
	Folder string `json:"folder"`
	Files  []File `json:"files"`
}

// List reads all results files of the folder.
func List() (l Listing, err error) {
	l = Listing{Schema: 1, Folder: folder()}
	if l.Files, err = find(l.Folder); err != nil {
		return l, err
	}
	for i := range l.Files {
		l.Files[i].read()
	}
	slices.SortStableFunc(l.Files, func(a, b File) int { return b.Time.Compare(a.Time) })
	return l, nil
}

// Text returns the listing in lines of at most so many columns.
func (l Listing) Text(columns int) string {
	if len(l.Files) == 0 {
		return fmt.Sprintf("There is no results file in %s: 'descent run' makes one.\n", l.Folder)
	}
	out := &strings.Builder{}
	for _, f := range l.Files {
		fmt.Fprintf(out, "%s  %s\n", f.Time.Local().Format("2006-01-02 15:04"), fromHome(f.Path))
		out.WriteString(typeset.Wrap("  ", f.about(), columns) + "\n")
	}
	return out.String()
}

// about says what is in the file.
func (f *File) about() string {
	if f.Error != "" {
		return "cannot be read: " + f.Error
	}
	about := fmt.Sprintf("N = %s, %s, %s; %s", typeset.Count(f.N), typeset.Plural(f.Features, "feature"),
		typeset.Plural(f.Epochs, "epoch"), typeset.Plural(f.Contenders, "contender"))
	if f.ToN > 0 {
		about = fmt.Sprintf("a sweep of N = %s to %s, %s", typeset.Count(f.N), typeset.Count(f.ToN), typeset.Plural(f.Epochs, "epoch"))
	}
	if f.Data != "" {
		about = f.Data + ", " + about
	}
	if f.Runs > 1 {
		about = typeset.Plural(f.Runs, "run") + ", the last of " + about
	}
	if f.Fastest != "" {
		about += ", fastest " + f.Fastest
	}
	end := f.End
	if end == journal.OutOfBudget {
		end = "out of budget"
	}
	return about + "; " + end
}

// fromHome writes a path below the user's home folder with ~, which a shell understands.
func fromHome(path string) string {
	home, err := os.UserHomeDir()
	if rest, ok := strings.CutPrefix(path, home+"/"); ok && err == nil {
		return "~/" + rest
	}
	return path
}
