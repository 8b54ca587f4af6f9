package machine

import (
	"maps"
	"testing"
)

// with returns f with files added or replaced.
func (f files) with(more files) files {
	out := maps.Clone(f)
	maps.Copy(out, more)
	return out
}

const root = "sys/fs/cgroup"

// two are the files of a group of version 2, inside another group, on four processors.
var two = files{
	"proc/stat":                   "cpu 1 1 1 1 1 1 1 1 1 1\ncpu0 1\ncpu1 1\ncpu2 1\ncpu3 1\n",
	"proc/self/cgroup":            "0::/outer/inner\n",
	root + "/cgroup.controllers":  "cpu memory\n",
	root + "/outer/cpu.max":       "max 100000\n",
	root + "/outer/inner/cpu.max": "max 100000\n",
}

// one are the files of a group of version 1, beside an empty version 2.
var one = files{
	"proc/stat":                            two["proc/stat"],
	"proc/self/cgroup":                     "5:memory:/job\n2:cpu,cpuacct:/job\n0::/\n",
	root + "/unified/cgroup.controllers":   "\n",
	root + "/cpu/job/cpu.cfs_quota_us":     "-1\n",
	root + "/cpu/job/cpu.cfs_period_us":    "100000\n",
	root + "/memory/memory.limit_in_bytes": "9223372036854771712\n",
}

func TestAQuotaIsFairAndAUsedUpQuotaIsPoor(t *testing.T) {
	half := two.with(files{root + "/outer/cpu.max": "50000 100000\n"})
	stopped := half.with(files{root + "/outer/cpu.stat": "usage_usec 1\nnr_periods 9\nnr_throttled 3\nthrottled_usec 250000\n"})
	quota1 := one.with(files{root + "/cpu/job/cpu.cfs_quota_us": "150000\n"})
	hold(t, "CPU quota", []situation{
		{name: "no groups", after: files{"proc/stat": two["proc/stat"]}},
		{name: "none", after: two, grade: Good, value: "none"},
		{name: "all processors", after: two.with(files{root + "/outer/cpu.max": "400000 100000"}), grade: Good, value: "4 processors"},
		{name: "all but a hundredth of one", after: two.with(files{root + "/outer/cpu.max": "399000 100000"}), grade: Fair, value: "3.99 processors"},
		{name: "the outer group's", after: half, grade: Fair, value: "0.5 processors"},
		{name: "the tighter one", after: half.with(files{root + "/outer/inner/cpu.max": "20000 100000"}), grade: Fair, value: "0.2 processors"},
		{name: "used up long ago", after: stopped, grade: Fair, value: "0.5 processors"},
		{name: "used up since", before: half, after: stopped, grade: Poor, value: "0.5 processors, used up 3×, stopped for 250ms"},
		{name: "a container that sees its own group as the root", after: files{"proc/self/cgroup": "0::/../../elsewhere\n", root + "/cgroup.controllers": "cpu", root + "/cpu.max": "150000 100000"}, grade: Fair, value: "1.5 processors"},
		{name: "version 1, none", after: one, grade: Good, value: "none"},
		{name: "version 1", after: quota1, grade: Fair, value: "1.5 processors"},
		{name: "version 1, used up since", before: quota1, after: quota1.with(files{root + "/cpu/job/cpu.stat": "nr_periods 9\nnr_throttled 1\nthrottled_time 2000000\n"}), grade: Poor, value: "1.5 processors, used up 1×, stopped for 2ms"},
	})
}

func TestAMemoryLimitIsGradedByItsUse(t *testing.T) {
	limit := func(current string) files {
		return two.with(files{
			root + "/outer/inner/memory.max": "max\n", root + "/outer/memory.max": "2147483648\n",
			root + "/outer/memory.current": current, root + "/outer/memory.stat": "anon 5\ninactive_file 1000\n",
		})
	}
	hold(t, "memory limit", []situation{
		{name: "not told", after: two},
		{name: "none", after: two.with(files{root + "/outer/memory.max": "max\n"}), grade: Good, value: "none"},
		{name: "the most that is good, without what can be dropped", after: limit("1717987918"), grade: Good, value: "80.0% of 2 GiB in use"},
		{name: "more", after: limit("1717987919"), grade: Fair, value: "80.0% of 2 GiB in use"},
		{name: "the most that is fair", after: limit("2040110465"), grade: Fair, value: "95.0% of 2 GiB in use"},
		{name: "more than that", after: limit("2040110466"), grade: Poor, value: "95.0% of 2 GiB in use"},
		{name: "version 1, none", after: one, grade: Good, value: "none"},
		{name: "version 1", after: one.with(files{root + "/memory/job/memory.limit_in_bytes": "1073741824\n", root + "/memory/job/memory.usage_in_bytes": "1073741824\n", root + "/memory/job/memory.stat": "total_inactive_file 536870912\n"}), grade: Good, value: "50.0% of 1 GiB in use"},
	})
}
