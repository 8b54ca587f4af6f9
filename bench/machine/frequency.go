package machine

import (
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"
)

const (
	trendGood = 0.02 // of the frequency, up or down
	trendFair = 0.05

	spreadGood = 0.05 // of the frequency
	spreadFair = 0.15

	fewestSpins = 20 // from which drift is told: with fewer the percentiles are the extremes
)

// frequency is what the kernel tells of how it chooses the frequency.
type frequency struct {
	known     bool
	governors []string // of all processors, sorted, each once; none where the kernel chooses no frequency
	turbo     string   // "on", "off", or "" where it is not known
	turboOff  string   // the command that turns it off
}

// readFrequency reads the cpufreq policies, one a processor or a group that shares a clock. known says that there are
// processors to have some.
func readFrequency(fsys fs.FS, known bool) frequency {
	f := frequency{known: known}
	for _, policy := range numbered(fsys, cpuDir+"cpufreq", "policy") {
		if g := text(fsys, cpuDir+"cpufreq/"+policy+"/scaling_governor"); g != "" {
			f.governors = append(f.governors, oneWord(g))
		}
	}
	slices.Sort(f.governors)
	f.governors = slices.Compact(f.governors)
	for _, s := range []struct{ file, on, off string }{{"intel_pstate/no_turbo", "0", "1"}, {"cpufreq/boost", "1", "0"}} {
		switch text(fsys, cpuDir+s.file) {
		case s.on:
			f.turbo, f.turboOff = "on", "echo "+s.off+" | sudo tee /"+cpuDir+s.file
		case s.off:
			f.turbo = "off"
		}
	}
	return f
}

// oneWord guards a table against what is no name.
func oneWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// changes reports whether a governor chooses another frequency on demand.
func (f frequency) changes() bool {
	return slices.ContainsFunc(f.governors, func(name string) bool { return name != "performance" })
}

// governor is Good where it is performance on all processors, or there is none.
func governor(i interval) []Assessment {
	f := i.after.frequency
	if !f.known {
		return nil
	}
	value, grade := "none: the kernel chooses no frequency", Good
	if len(f.governors) > 0 {
		value = strings.Join(f.governors, ", ")
	}
	if f.changes() {
		grade = Fair
	}
	if f.turbo != "" {
		value += "; turbo " + f.turbo
	}
	return assessed("governor", value, grade, "sudo cpupower frequency-set -g performance")
}

// drift is how far the frequency went: its trend is that from the first third of the spins to the last, by their
// medians, and its spread that from the 95th to the 5th percentile of their times.
func drift(i interval) []Assessment {
	spins := make([]float64, 0, len(i.spins))
	for _, d := range i.spins {
		if d > 0 {
			spins = append(spins, float64(d)/float64(time.Second))
		}
	}
	if len(spins) < fewestSpins {
		return nil
	}
	third := len(spins) / 3
	trend := quantile(spins[:third], 0.5)/quantile(spins[len(spins)-third:], 0.5) - 1
	spread := quantile(spins, 0.95)/quantile(spins, 0.05) - 1
	grade := Worst([]Assessment{{Grade: graded(math.Abs(trend), trendGood, trendFair)}, {Grade: graded(spread, spreadGood, spreadFair)}})
	return assessed("frequency drift", fmt.Sprintf("trend %+.1f%%, spread %s", 100*trend, percent(spread)), grade, steadier(i.after))
}

// steadier says what keeps the frequency where it is.
func steadier(r Reading) string {
	remedy := "let the machine come to a steady temperature"
	if r.frequency.changes() {
		remedy += ", 'sudo cpupower frequency-set -g performance'"
	}
	if off := r.frequency.turboOff; off != "" {
		remedy += ", turn turbo off with '" + off + "'"
	}
	if r.hypervisor != "" {
		remedy += "; in a virtual machine its host decides"
	}
	return remedy + "; compare only what was measured in turns"
}

// quantile is that of the empirical distribution.
func quantile(values []float64, p float64) float64 {
	return stat.Quantile(p, stat.Empirical, slices.Sorted(slices.Values(values)), nil)
}
