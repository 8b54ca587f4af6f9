package machine

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"
)

const (
	trendGood = 0.02 // share of the frequency, up or down
	trendFair = 0.05

	spreadGood = 0.05 // share of the frequency
	spreadFair = 0.15

	fewestSpins = 20 // with fewer, the 5th and 95th percentile would be the extremes
)

// A frequency says how the kernel chooses the frequency of the processors.
type frequency struct {
	known     bool     // the system lists its processors
	governors []string // of all processors, sorted, each once; none without cpufreq
	turbo     string   // "on", "off", or "" if not known
	turboOff  string   // the command that turns it off
}

// Governor returns the cpufreq governor of processor 0, "" if the kernel chooses no frequency.
func Governor() string { return readGovernor(os.DirFS("/"), cpuDir+"cpu0/cpufreq") }

// readGovernor reads the governor of the cpufreq policy in the folder dir.
func readGovernor(fsys fs.FS, dir string) string { return oneWord(text(fsys, dir+"/scaling_governor")) }

// readFrequency reads the cpufreq policies. Processors that share a clock share a policy.
func readFrequency(fsys fs.FS, cpus []string) frequency {
	f := frequency{known: len(cpus) > 0}
	for _, policy := range numbered(fsys, cpuDir+"cpufreq", "policy") {
		if g := readGovernor(fsys, cpuDir+"cpufreq/"+policy); g != "" {
			f.governors = append(f.governors, g)
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

// oneWord returns the first word of s, so that s fits a cell of a table.
func oneWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// changes reports whether some governor changes the frequency on demand.
func (f frequency) changes() bool {
	return slices.ContainsFunc(f.governors, func(name string) bool { return name != "performance" })
}

// governor is Good if it is performance on all processors, or if there is none.
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

// drift grades how far the frequency moved, in inverse proportion to the time of a spin:
//
//	trend  = median time of the first third / median time of the last third − 1
//	spread = 95th percentile of the times / 5th percentile − 1
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

// steadier says how to keep the frequency steady.
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

// quantile returns the p-quantile of the empirical distribution of values.
func quantile(values []float64, p float64) float64 {
	return stat.Quantile(p, stat.Empirical, slices.Sorted(slices.Values(values)), nil)
}
