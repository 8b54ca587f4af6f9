package machine

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

const (
	loadGood = 0.10 // share of one processor
	loadFair = 0.50

	stealGood = 0.005 // share of all processors' time
	stealFair = 0.02

	// A shorter interval, in seconds, has too few of the kernel's ticks to be graded.
	shortest = 0.1
	tick     = 0.01 // seconds: USER_HZ is 100
)

// cpuTimes are times in seconds, summed over all processors: since boot, or over an interval.
type cpuTimes struct {
	busy, steal, total float64
	processors         int
}

// readCPUTimes reads /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. The next
// field, the time of guests, is left out because user includes it. Waiting for a disk is not busy.
func readCPUTimes(fsys fs.FS) *cpuTimes {
	var t cpuTimes
	for line := range strings.Lines(text(fsys, "proc/stat")) {
		fields := strings.Fields(line)
		if len(fields) == 0 || !strings.HasPrefix(fields[0], "cpu") {
			break
		}
		if fields[0] != "cpu" {
			t.processors++
			continue
		}
		for i, field := range fields[1:min(9, len(fields))] {
			ticks, err := strconv.ParseUint(field, 10, 64)
			if err != nil {
				return nil
			}
			seconds := float64(ticks) * tick
			t.total += seconds
			switch i {
			case 3, 4: // idle, iowait
			case 7:
				t.steal = seconds
			default:
				t.busy += seconds
			}
		}
	}
	if t.processors == 0 || t.total == 0 {
		return nil
	}
	return &t
}

// cpuTimes returns the times over the interval, nil if they are unknown or the interval is too
// short.
func (i interval) cpuTimes() *cpuTimes {
	a, b := i.before.cpu, i.after.cpu
	if a == nil || b == nil || b.processors == 0 {
		return nil
	}
	t := &cpuTimes{max(0, b.busy-a.busy), max(0, b.steal-a.steal), b.total - a.total, b.processors}
	if !(t.total >= shortest*float64(t.processors)) {
		return nil
	}
	return t
}

// load grades the busy time of all processors without the caller's own.
func load(i interval) []Assessment {
	t := i.cpuTimes()
	if t == nil {
		return nil
	}
	others := max(0, t.busy-i.own.Seconds())
	all := others / t.total
	one := all * float64(t.processors)
	return assessed("load by others", fmt.Sprintf("%s of one processor, %s of all %d", percent(one), percent(all), t.processors),
		graded(one, loadGood, loadFair), "close other programs and stop background services: 'top' names them")
}

// steal grades the time in which this guest wanted a processor, and its host ran something else.
func steal(i interval) []Assessment {
	t := i.cpuTimes()
	if t == nil || t.steal == 0 && i.after.hypervisor == "" {
		return nil
	}
	share := t.steal / t.total
	return assessed("steal", percent(share)+" of all processors", graded(share, stealGood, stealFair),
		"the host gives its processors to other guests too: measure at another time, or on a guest with processors of its own")
}
