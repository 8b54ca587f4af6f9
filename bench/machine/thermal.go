package machine

import (
	"fmt"
	"io/fs"
)

// throttles counts how often each logical processor was slowed down since boot, because its core or
// its package was too hot.
type throttles struct{ core, pack map[string]uint64 }

func readThrottles(fsys fs.FS, cpus []string) *throttles {
	t := throttles{map[string]uint64{}, map[string]uint64{}}
	for _, cpu := range cpus {
		dir := cpuDir + cpu + "/thermal_throttle/"
		n, ok := count(fsys, dir+"core_throttle_count")
		if !ok {
			continue
		}
		t.core[cpu] = n
		if n, ok := count(fsys, dir+"package_throttle_count"); ok {
			t.pack[cpu] = n
		}
	}
	if len(t.core) == 0 {
		return nil
	}
	return &t
}

// throttling is Poor if there was any, because the frequency was then below the one asked for.
func throttling(i interval) []Assessment {
	a, b := i.before.throttles, i.after.throttles
	if a == nil || b == nil {
		return nil
	}
	var core, pack uint64
	for cpu, n := range b.core {
		core += grown(a.core, cpu, n)
	}
	for cpu, n := range b.pack { // all processors of a package count the same events
		pack = max(pack, grown(a.pack, cpu, n))
	}
	if core == 0 && pack == 0 {
		return assessed("thermal throttling", "none", Good, "")
	}
	return assessed("thermal throttling", fmt.Sprintf("%d× a core, %d× the package", core, pack), Poor,
		"let the machine cool down, clean its fans, or lower its power limit until it no longer throttles")
}

// grown returns the growth of one counter of several, 0 if the earlier reading does not have it.
func grown(before map[string]uint64, key string, after uint64) uint64 {
	n, ok := before[key]
	if !ok {
		return 0
	}
	return growth(n, after)
}
