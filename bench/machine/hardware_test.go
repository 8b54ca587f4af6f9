package machine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestABatteryInUseIsPoor(t *testing.T) {
	const dir = "sys/class/power_supply/"
	state := func(s string) files {
		return files{dir + "AC/type": "Mains\n", dir + "BAT0/type": "Battery\n", dir + "BAT0/status": s + "\n"}
	}
	hold(t, "battery", []situation{
		{name: "none", after: files{dir + "AC/type": "Mains\n", dir + "AC/online": "1"}},
		{name: "full", after: state("Full"), grade: Good, value: "BAT0 full"},
		{name: "charging", after: state("Charging"), grade: Good, value: "BAT0 charging"},
		{name: "held where it is", after: state("Not charging"), grade: Good, value: "BAT0 not charging"},
		{name: "discharging", after: state("Discharging"), grade: Poor, value: "BAT0 discharging"},
		{name: "discharging at the start", before: state("Discharging"), after: state("Charging"), grade: Poor, value: "BAT0 charging"},
		{name: "a mouse's", after: files{dir + "hid-0/type": "Battery\n", dir + "hid-0/scope": "Device\n", dir + "hid-0/status": "Discharging\n"}},
	})
}

func TestSwappingIsGradedByThePagesMoved(t *testing.T) {
	pages := func(in, out string) files {
		return files{"proc/vmstat": "nr_free_pages 9\npswpin " + in + "\npswpout " + out + "\nthp_fault_alloc 0\n"}
	}
	before := pages("1000", "5000")
	hold(t, "swapping", []situation{
		{name: "not told", after: files{"proc/vmstat": "pswpin 1\n"}},
		{name: "none since", before: before, after: before, grade: Good, value: "none"},
		{name: "a page", before: before, after: pages("1001", "5000"), grade: Fair, value: "pages in and out: 1"},
		{name: "the most that is fair", before: before, after: pages("1128", "5128"), grade: Fair, value: "pages in and out: 256"},
		{name: "a page more", before: before, after: pages("1128", "5129"), grade: Poor, value: "pages in and out: 257"},
	})
}

func TestTwoThreadsACoreAreFair(t *testing.T) {
	const list0, list1 = cpuDir + "cpu0/topology/thread_siblings_list", cpuDir + "cpu1/topology/thread_siblings_list"
	hold(t, "SMT", []situation{
		{name: "not told", after: files{cpuDir + "cpu0/online": "1"}},
		{name: "off", after: files{cpuDir + "smt/active": "0\n", list0: "0,4\n"}, grade: Good, value: "off: a core a thread"},
		{name: "on", after: files{cpuDir + "smt/active": "1\n"}, grade: Fair, value: "two threads a core"},
		{name: "by the lists, a core each", after: files{list0: "0\n", list1: "1\n"}, grade: Good, value: "off: a core a thread"},
		{name: "by the lists, one of two kinds of cores", after: files{list0: "0-1\n", list1: "2\n"}, grade: Fair, value: "two threads a core"},
		{name: "by the lists, far apart", after: files{list0: "0,4\n"}, grade: Fair, value: "two threads a core"},
	})
}

func TestAClockThatNeedsASystemCallIsFair(t *testing.T) {
	const file = "sys/devices/system/clocksource/clocksource0/current_clocksource"
	hold(t, "clock source", []situation{
		{name: "not told", after: files{}},
		{name: "tsc", after: files{file: "tsc\n"}, grade: Good, value: "tsc"},
		{name: "kvm-clock", after: files{file: "kvm-clock\n"}, grade: Good, value: "kvm-clock"},
		{name: "arm", after: files{file: "arch_sys_counter\n"}, grade: Good, value: "arch_sys_counter"},
		{name: "hpet", after: files{file: "hpet\n"}, grade: Fair, value: "hpet"},
	})
}

func TestAGuestIsFair(t *testing.T) {
	const vendor, product = "sys/class/dmi/id/sys_vendor", "sys/class/dmi/id/product_name"
	hold(t, "virtual machine", []situation{
		{name: "not told", after: files{}},
		{name: "by the flag", after: files{"proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu vme hypervisor avx2\n"}, grade: Fair, value: "a hypervisor: neighbours are not seen"},
		{name: "by the flag, with a name", after: files{"proc/cpuinfo": "flags\t\t: fpu hypervisor\n", vendor: "Acme\n", product: "Cloud 1\n"}, grade: Fair, value: "Acme Cloud 1: neighbours are not seen"},
		{name: "flags without it", after: files{"proc/cpuinfo": "flags\t\t: fpu vme\n", vendor: "QEMU\n"}},
		{name: "by the firmware, where there are no flags", after: files{"proc/cpuinfo": "Features\t: fp asimd\n", vendor: "QEMU\n", product: "KVM Virtual Machine\n"}, grade: Fair, value: "QEMU KVM Virtual Machine: neighbours are not seen"},
		{name: "a machine of its own", after: files{"proc/cpuinfo": "Features\t: fp asimd\n", vendor: "Ampere\n", product: "Altra\n"}},
	})
}

func TestAGPUThatChangesItsClockIsFair(t *testing.T) {
	const amd, i915, xe = "sys/class/drm/card0/device/", "sys/class/drm/card1/", "sys/class/drm/card2/device/tile0/gt0/freq0/"
	const states = "0: 500Mhz\n1: 2124Mhz *\n2: 2400Mhz\n"
	for _, c := range []struct {
		files
		grade Grade
		value string
	}{
		{files{amd + "power_dpm_force_performance_level": "auto\n", amd + "pp_dpm_sclk": states}, Fair, "2124 MHz, performance level auto"},
		{files{amd + "power_dpm_force_performance_level": "high\n", amd + "pp_dpm_sclk": states}, Good, "2124 MHz, performance level high"},
		{files{amd + "power_dpm_force_performance_level": "low\n"}, Poor, "performance level low"},
		{files{i915 + "gt_cur_freq_mhz": "350\n", i915 + "gt_min_freq_mhz": "350\n", i915 + "gt_max_freq_mhz": "1150\n"}, Fair, "350 of at most 1150 MHz"},
		{files{i915 + "gt_cur_freq_mhz": "900\n", i915 + "gt_min_freq_mhz": "1150\n", i915 + "gt_max_freq_mhz": "1150\n"}, Good, "fixed at 1150 MHz"},
		{files{xe + "cur_freq": "800\n", xe + "min_freq": "300\n", xe + "max_freq": "2000\n"}, Fair, "800 of at most 2000 MHz"},
		{files{i915 + "gt_cur_freq_mhz": "350\n", "sys/class/drm/card1-DP-1/status": "connected"}, "", ""},
	} {
		fs := readDRM(c.fs())
		if c.grade == "" && len(fs) == 0 {
			continue
		}
		if len(fs) != 1 || fs[0].Grade != c.grade || fs[0].Value != c.value || (fs[0].Grade == Good) != (fs[0].Remedy == "") {
			t.Errorf("%v, not %s, %s", fs, c.grade, c.value)
		}
	}
}

func TestAnNVIDIAGPUIsGradedByTheReasonForItsClock(t *testing.T) {
	for _, c := range []struct {
		line  string
		grade Grade
		value string
	}{
		{"1980, 1980, 0x0000000000000000, 41", Good, "1980 of at most 1980 MHz, 41 °C"},
		{"900, 1000, 0x0000000000000001, 41", Good, "900 of at most 1000 MHz, 41 °C"},
		{"899, 1000, 0x0000000000000001, 41", Fair, "899 of at most 1000 MHz, 41 °C"},
		{"1000, 1000, 0x0000000000000004, 70", Fair, "1000 of at most 1000 MHz, 70 °C, at its power limit"},
		{"1000, 1000, 0x0000000000000024, 95", Poor, "1000 of at most 1000 MHz, 95 °C, slowed down by heat or its power supply"},
		{"1000, 1000, 0x0000000000000008, [N/A]", Poor, "1000 of at most 1000 MHz, slowed down by heat or its power supply"},
		{"1000, 1000, [N/A], [N/A]", Good, "1000 of at most 1000 MHz"},
		{"[N/A], [N/A], [N/A], 41", "", ""},
		{"No devices were found", "", ""},
	} {
		fs := nvidia(c.line + "\n")
		if c.grade == "" && len(fs) == 0 {
			continue
		}
		if len(fs) != 1 || fs[0].Grade != c.grade || fs[0].Value != c.value || (fs[0].Grade == Good) != (fs[0].Remedy == "") {
			t.Errorf("%q: %v, not %s, %s", c.line, fs, c.grade, c.value)
		}
	}
	if fs := nvidia("1000, 1000, 0x0, 30\n1000, 1000, 0x0, 31\n"); len(fs) != 2 || fs[1].What != "GPU 1" {
		t.Errorf("two GPUs: %v", fs)
	}
}

func TestTheWorseReadingOfAGPUCounts(t *testing.T) {
	was := Reading{gpus: []Assessment{{What: "GPU 0", Value: "hot", Grade: Poor}, {What: "GPU 1", Value: "cool", Grade: Good}}}
	is := Reading{gpus: []Assessment{{What: "GPU 0", Value: "cool", Grade: Good}, {What: "GPU 1", Value: "slow", Grade: Fair}}}
	want := []Assessment{{What: "GPU 0", Value: "hot", Grade: Poor}, {What: "GPU 1", Value: "slow", Grade: Fair}}
	if diff := cmp.Diff(want, Assess(was, is, 0, nil)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(was.gpus, Assess(was, Reading{}, 0, nil)); diff != "" {
		t.Error(diff)
	}
}

func TestNoGPUIsWaitedForOnceTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if fs := readNVIDIA(ctx); len(fs) > 0 {
		t.Errorf("%v", fs)
	}
}

func TestNVIDIAIsAskedInWordsOldAndNew(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   int
	}{
		"new":       {`case "$*" in *clocks_event_reasons.active*) echo "1000, 1000, 0x1, 30";; *) exit 2;; esac`, 1},
		"old":       {`case "$*" in *clocks_throttle_reasons.active*) echo "1000, 1000, 0x1, 30";; *) echo not a valid field; exit 2;; esac`, 1},
		"a failure": {`echo "1000, 1000, 0x1, 30"; exit 9`, 0},
		"a hang":    {"exec sleep 60", 0},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "nvidia-smi"), []byte("#!/bin/sh\n"+c.script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
			t.Skip("no sh here")
		}
		ctx, cancel := context.WithCancel(t.Context())
		if name == "a hang" {
			time.AfterFunc(200*time.Millisecond, cancel)
		}
		begin := time.Now()
		if fs := readNVIDIA(ctx); len(fs) != c.want {
			t.Errorf("%s: %v", name, fs)
		}
		if d := time.Since(begin); d > 50*time.Second { // sleep takes 60
			t.Errorf("%s: it took %v", name, d)
		}
		cancel()
	}
}

// FuzzRead checks that a reading and its assessments never panic, whatever the kernel's files hold,
// and that each assessment has a grade and no value that is not a number.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "0", "-1", "max", "max 100000", "1 0", "cpu 1 2 3 4 5 6 7 8\ncpu0 1\n", "0::/../..\n", "1:cpu,memory:/a\n0::/\n",
		"flags : hypervisor", "18446744073709551615", "pswpin 18446744073709551615\npswpout 5\n", "0: 500Mhz *", "Battery", "cpu 18446744073709551615 0 0 0\ncpu0\n", "NaN", "1e999"} {
		f.Add(seed, "7", "a/b")
	}
	names := []string{
		"proc/stat", "proc/vmstat", "proc/cpuinfo", "proc/self/cgroup", cpuDir + "cpu0/thermal_throttle/core_throttle_count", cpuDir + "cpu0/thermal_throttle/package_throttle_count",
		cpuDir + "cpufreq/policy0/scaling_governor", cpuDir + "intel_pstate/no_turbo", cpuDir + "cpufreq/boost", cpuDir + "smt/active", cpuDir + "cpu0/topology/thread_siblings_list",
		"sys/devices/system/clocksource/clocksource0/current_clocksource", "sys/class/dmi/id/sys_vendor", "sys/class/power_supply/BAT0/status",
		root + "/cgroup.controllers", root + "/cpu.max", root + "/cpu.stat", root + "/memory.max", root + "/memory.current", root + "/memory.stat",
		root + "/cpu/cpu.cfs_quota_us", root + "/cpu/cpu.cfs_period_us", root + "/cpu/cpu.stat", root + "/memory/memory.limit_in_bytes", root + "/memory/memory.usage_in_bytes", root + "/memory/memory.stat",
		"sys/class/drm/card0/device/pp_dpm_sclk", "sys/class/drm/card0/device/power_dpm_force_performance_level", "sys/class/drm/card0/gt_cur_freq_mhz", "sys/class/drm/card0/gt_max_freq_mhz",
	}
	f.Fuzz(func(t *testing.T, before, after, group string) {
		take := func(content string) Reading {
			m := fstest.MapFS{"sys/class/power_supply/BAT0/type": &fstest.MapFile{Data: []byte("Battery")}}
			for _, name := range names {
				m[name] = &fstest.MapFile{Data: []byte(content)}
			}
			m["proc/self/cgroup"] = &fstest.MapFile{Data: []byte(content + "\n0::/" + group + "\n1:cpu,memory:" + group + "\n")}
			r := read(m)
			r.gpus = append(readDRM(m), nvidia(content)...)
			return r
		}
		for _, f := range Assess(take(before), take(after), 0, nil) {
			checkAssessment(t, f)
		}
	})
}
