package machine

import (
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	memoryGood = 0.80 // of the limit
	memoryFair = 0.95
)

// A cgroup is the group of processes that the kernel accounts for this one in: its limits are the tightest of its own
// and of those around it.
type cgroup struct {
	cpuKnown      bool
	quota         float64 // in processors; 0 for none
	throttled     uint64  // periods in which the quota was used up, since the start
	throttledTime float64 // seconds, of all processors together

	memoryKnown bool
	memory      uint64 // limit in bytes; 0 for none
	used        uint64 // bytes below that limit that cannot simply be dropped
}

// readCgroup reads the limits of both kinds, of whichever version of the hierarchy has each.
func readCgroup(fsys fs.FS) cgroup {
	var c cgroup
	paths := ownCgroups(fsys)
	const root = "sys/fs/cgroup"
	unified := root
	if text(fsys, root+"/cgroup.controllers") == "" {
		unified = root + "/unified" // beside version 1
	}
	if own, ok := paths["cpu"]; ok {
		for _, dir := range levels(root+"/cpu", own) {
			c.addCPU1(fsys, dir)
		}
	} else if own, ok := paths[""]; ok {
		for _, dir := range levels(unified, own) {
			c.addCPU2(fsys, dir)
		}
	}
	if own, ok := paths["memory"]; ok {
		for _, dir := range levels(root+"/memory", own) {
			c.addMemory(fsys, dir, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
		}
	} else if own, ok := paths[""]; ok {
		for _, dir := range levels(unified, own) {
			c.addMemory(fsys, dir, "memory.max", "memory.current", "inactive_file")
		}
	}
	return c
}

// ownCgroups returns the path of this process's group by controller of version 1, and that of version 2 by "".
func ownCgroups(fsys fs.FS) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text(fsys, "proc/self/cgroup")) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		for controller := range strings.SplitSeq(fields[1], ",") {
			out[controller] = fields[2]
		}
	}
	return out
}

// levels lists the folders of a group and of those around it, up to the root. A path that is not there, as in a
// container that sees its own group as the root, does no harm: the root is.
func levels(root, own string) []string {
	const deepest = 64
	var out []string
	for dir := path.Clean("/" + own); len(out) < deepest; dir = path.Dir(dir) {
		out = append(out, path.Join(root, dir))
		if dir == "/" {
			return out
		}
	}
	return append(out, root)
}

// addCPU2 reads a quota as version 2 has it: "max 100000" or "150000 100000", in microseconds a period.
func (c *cgroup) addCPU2(fsys fs.FS, dir string) {
	quota, period, ok := strings.Cut(text(fsys, dir+"/cpu.max"), " ")
	if !ok {
		return
	}
	stat := keyed(fsys, dir+"/cpu.stat")
	c.addCPU(quota, period, stat["nr_throttled"], float64(stat["throttled_usec"])*1e-6)
}

// addCPU1 reads one as version 1 has it, where a negative quota is none.
func (c *cgroup) addCPU1(fsys fs.FS, dir string) {
	quota, period := text(fsys, dir+"/cpu.cfs_quota_us"), text(fsys, dir+"/cpu.cfs_period_us")
	if quota == "" {
		return
	}
	stat := keyed(fsys, dir+"/cpu.stat")
	c.addCPU(quota, period, stat["nr_throttled"], float64(stat["throttled_time"])*1e-9)
}

func (c *cgroup) addCPU(quota, period string, throttled uint64, seconds float64) {
	c.cpuKnown = true
	c.throttled += throttled
	c.throttledTime += seconds
	q, err := strconv.ParseUint(quota, 10, 63)
	p, err2 := strconv.ParseUint(period, 10, 63)
	if err != nil || err2 != nil || q == 0 || p == 0 {
		return
	}
	if processors := float64(q) / float64(p); c.quota == 0 || processors < c.quota {
		c.quota = processors
	}
}

// addMemory reads a limit of memory. What is used includes pages of files that were not used lately, which the kernel
// drops when it needs room: they are left out.
func (c *cgroup) addMemory(fsys fs.FS, dir, limit, usage, inactive string) {
	s := text(fsys, dir+"/"+limit)
	if s == "" {
		return
	}
	c.memoryKnown = true
	bytes, ok := count(fsys, dir+"/"+limit)
	if !ok || bytes == 0 || bytes > math.MaxInt64/2 || c.memory != 0 && bytes >= c.memory {
		return // "max", or version 1's largest number of pages
	}
	c.memory = bytes
	used, _ := count(fsys, dir+"/"+usage)
	c.used = growth(keyed(fsys, dir+"/memory.stat")[inactive], used)
}

// cpuQuota is Good where there is none, or one of all processors, and Poor where it was used up.
func cpuQuota(i interval) []Assessment {
	c := i.after.cgroup
	if !c.cpuKnown {
		return nil
	}
	if c.quota == 0 {
		return assessed("CPU quota", "none", Good, "")
	}
	value, grade := fmt.Sprintf("%.4g processors", c.quota), Fair
	if t := i.after.cpu; t != nil && c.quota >= float64(t.processors) {
		grade = Good
	}
	if times := growth(i.before.cgroup.throttled, c.throttled); i.before.cgroup.cpuKnown && times > 0 {
		stopped := time.Duration(max(0, c.throttledTime-i.before.cgroup.throttledTime) * float64(time.Second))
		value += fmt.Sprintf(", used up %d×, stopped for %v", times, stopped.Round(time.Millisecond))
		grade = Poor
	}
	return assessed("CPU quota", value, grade,
		"raise the quota of the container or service (docker run --cpus, systemd CPUQuota=), or use fewer threads than it allows")
}

// memoryLimit is by the share of the limit that is in use.
func memoryLimit(i interval) []Assessment {
	c := i.after.cgroup
	if !c.memoryKnown {
		return nil
	}
	if c.memory == 0 {
		return assessed("memory limit", "none", Good, "")
	}
	share := float64(c.used) / float64(c.memory)
	return assessed("memory limit", fmt.Sprintf("%s of %.4g GiB in use", percent(share), float64(c.memory)/(1<<30)),
		graded(share, memoryGood, memoryFair), "raise the memory limit of the container or service (docker run --memory, systemd MemoryMax=)")
}
