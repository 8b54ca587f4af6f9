package machine

import (
	"io/fs"
	"slices"
)

// quickClocks are the clock sources that are read without a system call, in about 20 ns.
var quickClocks = []string{"tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page", "riscv_clocksource"}

func readClockSource(fsys fs.FS) string {
	return oneWord(text(fsys, "sys/devices/system/clocksource/clocksource0/current_clocksource"))
}

// clockSource is Fair if reading the time takes about a microsecond.
func clockSource(i interval) []Assessment {
	name := i.after.clockSource
	if name == "" {
		return nil
	}
	grade := Fair
	if slices.Contains(quickClocks, name) {
		grade = Good
	}
	return assessed("clock source", name, grade,
		"reading this clock is slow: 'dmesg | grep -i clocksource' says why the kernel gave up a quicker one, and what to do is in its documentation of tsc= and clocksource=")
}
