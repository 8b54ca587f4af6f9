package machine

import (
	"io/fs"
	"strings"
)

// readSMT reads whether two logical processors share a core. It returns nil if that is not known.
func readSMT(fsys fs.FS, cpus []string) *bool {
	var active bool
	switch text(fsys, cpuDir+"smt/active") {
	case "1":
		active = true
	case "0":
	default: // an older kernel; the list of siblings is "0,4" or "0-1" if they share a core
		known := false
		for _, cpu := range cpus {
			list := text(fsys, cpuDir+cpu+"/topology/thread_siblings_list")
			known = known || list != ""
			active = active || strings.ContainsAny(list, ",-")
		}
		if !known {
			return nil
		}
	}
	return &active
}

// siblings is Fair if a core may have to share its units with a second thread.
func siblings(i interval) []Assessment {
	switch smt := i.after.smt; {
	case smt == nil:
		return nil
	case *smt:
		return assessed("SMT", "two threads a core", Fair,
			"use one thread a core (--threads), or turn it off until the next start: 'echo off | sudo tee /"+cpuDir+"smt/control'")
	}
	return assessed("SMT", "off: a core a thread", Good, "")
}
