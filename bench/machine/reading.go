package machine

import (
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// A Reading holds what the operating system reports at one moment. The zero Reading knows nothing.
type Reading struct {
	cpu         *cpuTimes
	frequency   frequency
	throttles   *throttles
	supplies    []supply
	swapped     *uint64 // pages in and out, since boot
	cgroup      cgroup
	smt         *bool
	clockSource string
	hypervisor  string // its name; "" if there is none
	gpus        []Assessment
}

// read takes a reading from a Linux kernel's files, /proc and /sys in fsys. It never panics: a fact
// that a file states in no known form counts as not known.
func read(fsys fs.FS) Reading {
	cpus := numbered(fsys, cpuDir, "cpu") // cpu0, cpu1, …
	return Reading{
		cpu:         readCPUTimes(fsys),
		frequency:   readFrequency(fsys, cpus),
		throttles:   readThrottles(fsys, cpus),
		supplies:    readSupplies(fsys),
		swapped:     readSwapped(fsys),
		cgroup:      readCgroup(fsys),
		smt:         readSMT(fsys, cpus),
		clockSource: readClockSource(fsys),
		hypervisor:  readHypervisor(fsys),
	}
}

// cpuDir has a folder for each logical processor.
const cpuDir = "sys/devices/system/cpu/"

// numbered lists the entries of a folder that are named prefix and a number.
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

// maxFile is the most that is read of a file, in bytes. It holds /proc/stat of a thousand
// processors.
const maxFile = 64 << 10

// text returns the content of a file without the white space around it, "" if there is no file.
func text(fsys fs.FS, name string) string { return head(fsys, name, maxFile) }

// head returns the first bytes of a file, without the white space around them.
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

// count reads a file that holds one natural number.
func count(fsys fs.FS, name string) (uint64, bool) {
	n, err := strconv.ParseUint(text(fsys, name), 10, 64)
	return n, err == nil
}

// keyed reads a file that has a key and a number on each line.
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

// growth returns how far a counter rose. A counter that fell was reset, and its growth is 0.
func growth(before, after uint64) uint64 {
	if after < before {
		return 0
	}
	return after - before
}
