package machine

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"regexp"
)

// ReadGPU adds to r what the drivers of the GPUs report about their clocks. It may wake a GPU, and
// takes seconds if NVIDIA's driver has to start. It stops waiting after 5 s, or when ctx ends.
func (r *Reading) ReadGPU(ctx context.Context) {
	r.gpus = append(readDRM(os.DirFS("/")), readNVIDIA(ctx)...)
}

// gpus returns the worse of the two assessments of each GPU.
func gpus(i interval) []Assessment { return WorstOf(i.after.gpus, i.before.gpus) }

// readDRM reads what the drivers amdgpu, i915 and xe report in /sys/class/drm.
func readDRM(fsys fs.FS) []Assessment {
	const dir = "sys/class/drm/"
	var out []Assessment
	for _, card := range numbered(fsys, dir, "card") {
		out = append(out, amdgpu(fsys, card, dir+card+"/device/")...)
		out = append(out, intel(fsys, card, dir+card+"/", "gt_%s_freq_mhz")...)
		out = append(out, intel(fsys, card, dir+card+"/device/tile0/gt0/freq0/", "%s_freq")...)
	}
	return out
}

// currentClock matches the current state in pp_dpm_sclk, which has a line a state: "1: 2100Mhz *".
var currentClock = regexp.MustCompile(`(?mi)^\s*\d+:\s*(\d+)\s*mhz\s*\*`)

// amdgpu grades the performance level. auto changes the clock on demand and is Fair. A level that
// keeps the clock at its lowest is Poor.
func amdgpu(fsys fs.FS, card, dir string) []Assessment {
	level := oneWord(text(fsys, dir+"power_dpm_force_performance_level"))
	if level == "" {
		return nil
	}
	value, grade := "performance level "+level, Good
	if m := currentClock.FindStringSubmatch(text(fsys, dir+"pp_dpm_sclk")); m != nil {
		value = m[1] + " MHz, " + value
	}
	switch level {
	case "auto":
		grade = Fair
	case "low", "profile_min_sclk", "profile_min_mclk":
		grade = Poor
	}
	return assessed("GPU "+card, value, grade, "echo high | sudo tee /"+dir+"power_dpm_force_performance_level")
}

// intel is Good if the lowest clock that the driver may choose is also the highest. names is the
// format of the files' names.
func intel(fsys fs.FS, card, dir, names string) []Assessment {
	file := func(which string) string { return dir + fmt.Sprintf(names, which) }
	cur, ok := count(fsys, file("cur"))
	highest, ok2 := count(fsys, file("max"))
	if !ok || !ok2 {
		return nil
	}
	value, grade := fmt.Sprintf("%d of at most %d MHz", cur, highest), Fair
	if lowest, ok := count(fsys, file("min")); ok && lowest >= highest {
		value, grade = fmt.Sprintf("fixed at %d MHz", highest), Good
	}
	return assessed("GPU "+card, value, grade, fmt.Sprintf("echo %d | sudo tee /%s", highest, file("min")))
}
