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
	memoryGood = 0.80 // share of the limit in use
	memoryFair = 0.95
)

// A cgroup holds the limits of this process's control group. A limit is the tightest one among the
// group and its ancestors.
type cgroup struct {
	cpuKnown      bool
	quota         float64 // in processors; 0 is no quota
	throttled     uint64  // periods in which the quota was used up, since boot
	throttledTime float64 // seconds, summed over all processors

	memoryKnown bool
	memory      uint64 // limit in bytes; 0 is no limit
	used        uint64 // bytes in use that the kernel cannot simply drop
}

// readCgroup reads both limits. Each may be in version 1 or in version 2 of the hierarchy.
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

// ownCgroups returns the paths of this process's groups: under each controller's name the path in
// version 1, and under "" the path in version 2.
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

// levels lists the folders of a group and of its ancestors, up to the root. A folder may be
// missing: a container can see its own group as the root, and then only the root is there.
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

// addCPU2 reads a quota of version 2: quota and period in microseconds, as "150000 100000". No
// quota is "max 100000".
func (c *cgroup) addCPU2(fsys fs.FS, dir string) {
	quota, period, ok := strings.Cut(text(fsys, dir+"/cpu.max"), " ")
	if !ok {
		return
	}
	stat := keyed(fsys, dir+"/cpu.stat")
	c.addCPU(quota, period, stat["nr_throttled"], float64(stat["throttled_usec"])*1e-6)
}

// addCPU1 reads a quota of version 1. A negative quota means that there is none.
func (c *cgroup) addCPU1(fsys fs.FS, dir string) {
	quota, period := text(fsys, dir+"/cpu.cfs_quota_us"), text(fsys, dir+"/cpu.cfs_period_us")
	if quota == "" {
		return
	}
	stat := keyed(fsys, dir+"/cpu.stat")
	c.addCPU(quota, period, stat["nr_throttled"], float64(stat["throttled_time"])*1e-9)
}

// addCPU adds the throttling of one group, and its quota if that is tighter than the quotas before.
func (c *cgroup) addCPU(quota, period string, throttled uint64, seconds float64) {
	c.cpuKnown = true
	c.throttled += throttled
	c.throttledTime += seconds
	q, err := strconv.ParseUint(quota, 10, 63)
	p, err2 := strconv.ParseUint(period, 10, 63)
	if err != nil || err2 != nil || q == 0 || p == 0 {
		return
	}
	if own := float64(q) / float64(p); c.quota == 0 || own < c.quota {
		c.quota = own
	}
}

// addMemory reads the memory limit of one group. limit and usage are names of files. inactive is a
// key in memory.stat: it counts pages of files that were not used lately. The kernel drops such
// pages when it needs room, so they do not count as used.
func (c *cgroup) addMemory(fsys fs.FS, dir, limit, usage, inactive string) {
	s := text(fsys, dir+"/"+limit)
	if s == "" {
		return
	}
	c.memoryKnown = true
	bytes, ok := count(fsys, dir+"/"+limit)
	if !ok || bytes == 0 || bytes > math.MaxInt64/2 || c.memory != 0 && bytes >= c.memory {
		return // "max", or the huge number by which version 1 says that there is no limit
	}
	c.memory = bytes
	used, _ := count(fsys, dir+"/"+usage)
	c.used = growth(keyed(fsys, dir+"/memory.stat")[inactive], used)
}

// cpuQuota is Good if there is no quota or it covers all processors, and Poor if it was used up.
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

// memoryLimit grades the share of the limit that is in use.
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
