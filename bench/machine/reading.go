package machine

import (
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// A Reading holds the facts of one moment. The zero Reading knows nothing.
type Reading struct {
	cpu         *cpuTimes
	frequency   frequency
	throttles   *throttles
	supplies    []supply
	swapped     *uint64 // pages in and out, since the start
	cgroup      cgroup
	smt         *bool
	clockSource string
	hypervisor  string // what it is named, "" where there is none
	gpus        []Assessment
}

// read takes a reading from the files of a Linux kernel, /proc and /sys in fsys. Whatever a file holds, it does not
// panic: what makes no sense is not known.
func read(fsys fs.FS) Reading {
	cpus := processors(fsys)
	return Reading{
		cpu:         readCPUTimes(fsys),
		frequency:   readFrequency(fsys, len(cpus) > 0),
		throttles:   readThrottles(fsys, cpus),
		supplies:    readSupplies(fsys),
		swapped:     readSwapped(fsys),
		cgroup:      readCgroup(fsys),
		smt:         readSMT(fsys, cpus),
		clockSource: readClockSource(fsys),
		hypervisor:  readHypervisor(fsys),
	}
}

const cpuDir = "sys/devices/system/cpu/"

// processors lists the folders of the logical processors: cpu0, cpu1, …
func processors(fsys fs.FS) []string {
	return numbered(fsys, cpuDir, "cpu")
}

// numbered lists what is in a folder and has a name of the prefix and a number.
func numbered(fsys fs.FS, dir, prefix string) []string {
	entries, err := fs.ReadDir(fsys, strings.TrimSuffix(dir, "/"))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), prefix)
		if _, err := strconv.ParseUint(number, 10, 31); ok && err == nil {
			out = append(out, e.Name())
		}
	}
	return out
}

// maxFile is how much of a file is read, in bytes: /proc/stat of a thousand processors.
const maxFile = 64 << 10

// text returns what a file holds, without white space around it, and "" where there is none.
func text(fsys fs.FS, name string) string { return head(fsys, name, maxFile) }

// head is text of the first bytes of a file.
func head(fsys fs.FS, name string, bytes int64) string {
	f, err := fsys.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, bytes))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// count reads a file of one natural number.
func count(fsys fs.FS, name string) (uint64, bool) {
	n, err := strconv.ParseUint(text(fsys, name), 10, 64)
	return n, err == nil
}

// keyed returns the numbers of a file of lines of a key and a number.
func keyed(fsys fs.FS, name string) map[string]uint64 {
	out := map[string]uint64{}
	for line := range strings.Lines(text(fsys, name)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseUint(value, 10, 64); err == nil {
			out[key] = n
		}
	}
	return out
}

// growth is how far a counter rose; one that fell was started anew.
func growth(before, after uint64) uint64 {
	if after < before {
		return 0
	}
	return after - before
}
