package machine

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAGovernorOtherThanPerformanceIsFair(t *testing.T) {
	const cpu, first, second = cpuDir + "cpu0/online", cpuDir + "cpufreq/policy0/scaling_governor", cpuDir + "cpufreq/policy11/scaling_governor"
	hold(t, "governor", []situation{
		{name: "no processors", after: files{}},
		{name: "no cpufreq", after: files{cpu: "1"}, grade: Good, value: "none: the kernel chooses no frequency"},
		{name: "performance", after: files{cpu: "1", first: "performance\n", second: "performance\n"}, grade: Good, value: "performance"},
		{name: "powersave", after: files{cpu: "1", first: "powersave\n"}, grade: Fair, value: "powersave"},
		{name: "one of them", after: files{cpu: "1", first: "performance\n", second: "schedutil\n"}, grade: Fair, value: "performance, schedutil"},
		{name: "turbo of Intel", after: files{cpu: "1", first: "performance\n", cpuDir + "intel_pstate/no_turbo": "0\n"}, grade: Good, value: "performance; turbo on"},
		{name: "boost of others", after: files{cpu: "1", first: "performance\n", cpuDir + "cpufreq/boost": "0\n"}, grade: Good, value: "performance; turbo off"},
	})
}

// driftOf returns the assessment of some spins, in nanoseconds.
func driftOf(r Reading, ns []int) Assessment {
	spins := make([]time.Duration, len(ns))
	for i, n := range ns {
		spins[i] = time.Duration(n)
	}
	for _, f := range Assess(r, r, 0, spins) {
		return f
	}
	return Assessment{}
}

func TestDriftIsGradedByTrendAndSpread(t *testing.T) {
	thirds := func(a, b, c int) []int {
		return slices.Concat(slices.Repeat([]int{a}, 10), slices.Repeat([]int{b}, 10), slices.Repeat([]int{c}, 10))
	}
	ends := func(low, high int) []int { // each third has the same median
		return slices.Repeat([]int{low, 20000, 20000, 20000, high}, 6)
	}
	for _, c := range []struct {
		name  string
		ns    []int
		grade Grade
		value string
	}{
		{"too few", slices.Repeat([]int{20000}, 19), "", ""},
		{"just enough", slices.Repeat([]int{20000}, 20), Good, "trend +0.0%, spread 0.0%"},
		{"none that took no time", slices.Repeat([]int{0, -1}, 20), "", ""},
		{"faster by what is good", thirds(20398, 20000, 20000), Good, "trend +2.0%, spread 2.0%"},
		{"faster by more", thirds(20402, 20000, 20000), Fair, "trend +2.0%, spread 2.0%"},
		{"slower by what is good", thirds(20000, 20000, 20400), Good, "trend -2.0%, spread 2.0%"},
		{"slower by more", thirds(20000, 20000, 20410), Fair, "trend -2.0%, spread 2.0%"},
		{"slower by what is fair", thirds(20000, 20000, 21050), Fair, "trend -5.0%, spread 5.2%"},
		{"slower by more than that", thirds(20000, 20000, 21060), Poor, "trend -5.0%, spread 5.3%"},
		{"spread by what is good", ends(20000, 20999), Good, "trend +0.0%, spread 5.0%"},
		{"spread by more", ends(20000, 21001), Fair, "trend +0.0%, spread 5.0%"},
		{"spread by what is fair", ends(20000, 22999), Fair, "trend +0.0%, spread 15.0%"},
		{"spread by more than that", ends(20000, 23001), Poor, "trend +0.0%, spread 15.0%"},
		{"one interruption of twenty", append(slices.Repeat([]int{20000}, 19), 90000), Good, "trend +0.0%, spread 0.0%"},
	} {
		if got := driftOf(Reading{}, c.ns); got.Grade != c.grade || got.Value != c.value {
			t.Errorf("%s: %q is %q, not %q and %q", c.name, got.Value, got.Grade, c.value, c.grade)
		}
	}
}

func TestTheRemedyOfDriftFitsTheMachine(t *testing.T) {
	unsteady := slices.Repeat([]int{20000, 30000}, 10)
	for what, r := range map[string]Reading{
		"cpupower":                          {frequency: frequency{governors: []string{"schedutil"}}},
		"echo 0 | sudo tee /sys/.../boost":  {frequency: frequency{turboOff: "echo 0 | sudo tee /sys/.../boost"}},
		"in a virtual machine":              {hypervisor: "QEMU"},
		"come to a steady temperature; com": {},
	} {
		if got := driftOf(r, unsteady); got.Grade != Poor || !strings.Contains(got.Remedy, what) {
			t.Errorf("the remedy %q does not name %q", got.Remedy, what)
		}
	}
}

func TestAnyThrottlingIsPoor(t *testing.T) {
	counts := func(core0, pack0, core1, pack1 string) files {
		const dir = "/thermal_throttle/"
		return files{
			cpuDir + "cpu0" + dir + "core_throttle_count": core0, cpuDir + "cpu0" + dir + "package_throttle_count": pack0,
			cpuDir + "cpu1" + dir + "core_throttle_count": core1, cpuDir + "cpu1" + dir + "package_throttle_count": pack1,
		}
	}
	before := counts("5\n", "7\n", "0\n", "7\n")
	hold(t, "thermal throttling", []situation{
		{name: "not told", after: files{cpuDir + "cpu0/online": "1"}},
		{name: "none since", before: before, after: before, grade: Good, value: "none"},
		{name: "a core", before: before, after: counts("5", "7", "1", "7"), grade: Poor, value: "1× a core, 0× the package"},
		{name: "the package, which two processors count", before: before, after: counts("6", "9", "1", "9"), grade: Poor, value: "2× a core, 2× the package"},
		{name: "a count begun anew", before: before, after: counts("0", "0", "0", "0"), grade: Good, value: "none"},
	})
}
