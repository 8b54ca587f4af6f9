package machine

import (
	"io/fs"
	"slices"
	"strings"
)

// A supply is a battery that powers this machine; the battery of a mouse does not.
type supply struct{ name, status string }

// readSupplies reads the batteries that report a status.
func readSupplies(fsys fs.FS) []supply {
	const dir = "sys/class/power_supply"
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil
	}
	var out []supply
	for _, e := range entries {
		at := dir + "/" + e.Name()
		if text(fsys, at+"/type") != "Battery" || text(fsys, at+"/scope") == "Device" {
			continue
		}
		if status := text(fsys, at+"/status"); status != "" {
			out = append(out, supply{e.Name(), oneLine(status)})
		}
	}
	return out
}

// oneLine returns s with each run of white space as one blank, so that s fits a cell of a table.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// battery is Poor if a battery was discharging at either reading: most machines are slower then.
func battery(i interval) []Assessment {
	if len(i.after.supplies) == 0 {
		return nil
	}
	var states []string
	for _, s := range i.after.supplies {
		states = append(states, s.name+" "+strings.ToLower(s.status))
	}
	grade := Good
	for _, s := range slices.Concat(i.before.supplies, i.after.supplies) {
		if s.status == "Discharging" {
			grade = Poor
		}
	}
	return assessed("battery", strings.Join(states, ", "), grade, "connect the machine to mains power")
}
