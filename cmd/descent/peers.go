package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/peers"
	"descent/dataset"
)

// peerFlags choose among the outside programs that descent knows.
type peerFlags struct {
	list   []string
	python string
}

// register adds the flags. standard is the default of --peers.
func (f *peerFlags) register(cmd *cobra.Command, standard string) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.list, "peers", []string{standard}, "other programs: auto, `names`, globs")
	flags.Lookup("peers").DefValue = standard
	flags.StringVar(&f.python, "python", "", "Python's `path` (default $"+peers.PythonVariable+", venv, python3)")
	complete(cmd, "peers", append([]string{"auto", "none"}, peers.Names()...)...)
}

// selected returns the peers that the flags choose, and those of more patterns, in the precisions,
// on at most so many threads. No precisions are all. remove removes the files of their programs.
func (f *peerFlags) selected(more []string, precisions []dataset.Precision, threads int) (chosen []bench.Contender, remove func() error, err error) {
	patterns := slices.Concat(f.list, more)
	switch {
	case slices.Equal(f.list, []string{"none"}):
		patterns = more
	case slices.Equal(f.list, []string{"auto"}):
		patterns = []string{"*"}
	case slices.Contains(f.list, "auto") || slices.Contains(f.list, "none"):
		return nil, nil, usage(fmt.Errorf("--peers %s: auto and none stand alone", strings.Join(f.list, ",")), "")
	}
	switch {
	case len(patterns) == 0 && f.python != "":
		return nil, nil, usage(errors.New("--python is for --peers, and they are none"), "'--peers auto' runs all of them")
	case len(patterns) == 0:
		return nil, func() error { return nil }, nil
	}
	home, err := peers.Locate(f.python)
	if err != nil {
		return nil, nil, usage(err, "name an interpreter, as python3.12, or the path of one")
	}
	scratch, err := bench.NewScratch()
	if err != nil {
		return nil, nil, fmt.Errorf("no folder for the programs in Python: %w", err)
	}
	home.Dir = scratch.Path
	chosen, err = bench.Select(bench.OfPrecision(home.Contenders(threads), precisions), patterns)
	if err != nil {
		err = selectError("--peers", err)
	} else {
		err = peers.Unpack(home.Dir)
	}
	if err != nil {
		return nil, nil, errors.Join(err, scratch.Close())
	}
	return chosen, scratch.Close, nil
}

// peerTimeout is how long a library may take to import. A large one on a slow disk takes long the
// first time.
const peerTimeout = time.Minute

// checkAbsent refuses sides if all contenders of one are outside programs that cannot run here. It
// asks their libraries, before anything is measured.
func checkAbsent(sides []journal.Side, chosen []bench.Contender) error {
	ctx, stop := interruptible()
	defer stop()
	for _, side := range sides {
		var outside []bench.Contender
		for _, c := range chosen {
			if slices.Contains(side.Contenders, c.Name()) && slices.Contains(peers.Names(), c.Backend) {
				outside = append(outside, c)
			}
		}
		if len(outside) < len(side.Contenders) {
			continue
		}
		found := peers.Find(ctx, outside, bench.Limits{Timeout: peerTimeout})
		if ctx.Err() != nil { // the programs were interrupted too
			return errInterrupted
		}
		if slices.ContainsFunc(found, func(f peers.Finding) bool { return f.Status != bench.Unavailable }) {
			continue
		}
		var why []string
		for _, f := range found {
			if !slices.Contains(why, f.Error) {
				why = append(why, f.Error)
			}
		}
		return statusError{fmt.Errorf("--between: %s cannot run here: %s", side.Name, strings.Join(why, "; ")), exitFailure, found[0].Hint}
	}
	return nil
}

// A peerList says which outside programs work here.
type peerList []peers.Finding

func (l peerList) text() string {
	if len(l) == 0 {
		return ""
	}
	out := &strings.Builder{}
	out.WriteString("\noutside programs\n")
	var reasons []string
	names := map[string][]string{}
	for _, f := range l {
		if f.Status == bench.OK {
			fmt.Fprintf(out, "  %s\n    %s, on %s, in %.1f s\n", strings.Join(f.Peers, ", "), f.Version, f.Device, float64(f.InitNS)/1e9)
			continue
		}
		reason := whyNot(f)
		if names[reason] == nil {
			reasons = append(reasons, reason)
		}
		names[reason] = append(names[reason], f.Peers...)
	}
	for _, reason := range reasons {
		fmt.Fprintf(out, "  %s\n%s", strings.Join(names[reason], ", "), reason)
	}
	return out.String()
}

// whyNot returns the lines that say why a peer does not run here, and what to do.
func whyNot(f peers.Finding) string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "    not used: %s\n", f.Error)
	if f.Stderr != "" {
		fmt.Fprintf(out, "    its last words: %s\n", lastLine(f.Stderr))
	}
	if f.Hint != "" {
		fmt.Fprintf(out, "    hint: %s\n", f.Hint)
	}
	return out.String()
}
