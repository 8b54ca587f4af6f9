package machine

import (
	"testing"
	"time"
)

// procStat is /proc/stat of two processors. all holds the sums over both.
func procStat(all string) files {
	return files{"proc/stat": "cpu  " + all + "\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu1 1 2 3 4 5 6 7 8 9 10\nintr 99 0 0\nctxt 5\n"}
}

func TestLoadByOthersLeavesOutTheCallersOwn(t *testing.T) {
	idle := procStat("100 10 50 9000 40 5 5 0 0 0") // 10 s later: 20 s on both processors
	hold(t, "load by others", []situation{
		{"nothing but one's own", idle, procStat("1100 10 50 10000 40 5 5 0 0 0"), 10 * time.Second, Good, "0.0% of one processor, 0.0% of all 2"},
		{"less than one's own, by rounding", idle, procStat("1099 10 50 10001 40 5 5 0 0 0"), 10 * time.Second, Good, "0.0% of one processor, 0.0% of all 2"},
		{"the most that is good", idle, procStat("200 10 50 10900 40 5 5 0 0 0"), 0, Good, "10.0% of one processor, 5.0% of all 2"},
		{"a tick more", idle, procStat("201 10 50 10899 40 5 5 0 0 0"), 0, Fair, "10.1% of one processor, 5.0% of all 2"},
		{"the most that is fair", idle, procStat("300 110 150 10500 40 55 55 0 0 0"), 0, Fair, "50.0% of one processor, 25.0% of all 2"},
		{"more", idle, procStat("300 110 150 10499 40 55 56 0 0 0"), 0, Poor, "50.1% of one processor, 25.0% of all 2"},
		{"beside one's own", idle, procStat("2100 10 50 9000 40 5 5 0 0 0"), 10 * time.Second, Poor, "100.0% of one processor, 50.0% of all 2"},
		{"waiting for a disk is idle", idle, procStat("100 10 50 9000 2040 5 5 0 0 0"), 0, Good, "0.0% of one processor, 0.0% of all 2"},
		{"a guest's time counts once", idle, procStat("200 10 50 10900 40 5 5 0 100 0"), 0, Good, "10.0% of one processor, 5.0% of all 2"},
		{"too short to tell", idle, procStat("119 10 50 9000 40 5 5 0 0 0"), 0, "", ""},
		{"just long enough", idle, procStat("100 10 50 9020 40 5 5 0 0 0"), 0, Good, "0.0% of one processor, 0.0% of all 2"},
		{"counters that fell", idle, procStat("0 0 0 1 0 0 0 0 0 0"), 0, "", ""},
		{"a system that counts nothing", procStat("0 0 0 0 0 0 0 0 0 0"), procStat("0 0 0 0 0 0 0 0 0 0"), 0, "", ""},
	})
}

func TestStealIsAssessedInGuests(t *testing.T) {
	idle := procStat("0 0 0 1000 0 0 0 0 0 0")
	guest := func(all string) files {
		f := procStat(all)
		f["proc/cpuinfo"] = "flags : fpu hypervisor"
		return f
	}
	hold(t, "steal", []situation{
		{"no guest", idle, procStat("0 0 0 3000 0 0 0 0 0 0"), 0, "", ""},
		{"a guest left alone", idle, guest("0 0 0 3000 0 0 0 0 0 0"), 0, Good, "0.0% of all processors"},
		{"the most that is good", idle, guest("0 0 0 2990 0 0 0 10 0 0"), 0, Good, "0.5% of all processors"},
		{"a tick more", idle, guest("0 0 0 2989 0 0 0 11 0 0"), 0, Fair, "0.5% of all processors"},
		{"the most that is fair", idle, guest("0 0 0 2960 0 0 0 40 0 0"), 0, Fair, "2.0% of all processors"},
		{"more", idle, guest("0 0 0 2959 0 0 0 41 0 0"), 0, Poor, "2.1% of all processors"},
		{"a guest that does not know it", idle, procStat("0 0 0 2900 0 0 0 100 0 0"), 0, Poor, "5.0% of all processors"},
	})
}
