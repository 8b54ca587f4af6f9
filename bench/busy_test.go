package bench_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"descent/bench"
)

// The bounds are wide: other programs may take the processor from the one, and its ticks may count for the other.
func TestBusyTellsWorkFromSleep(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("here the time of another process is not known")
	}
	plan := testPlan()
	plan.Processes, plan.Blocks = 1, 3
	rows := newSession(t, plan, "heeds calls", "is slow").measured(t).Report().Rows
	if works, sleeps := rows[0].Busy, rows[1].Busy; !(works > 2*sleeps && works < 1.6) || !(sleeps > 0 && sleeps < 0.2) {
		t.Errorf("one thread that works keeps %.3f processors busy, one that sleeps %.3f", works, sleeps)
	}
}

func TestBusyIsTheMedianOfTheSamplesThatTell(t *testing.T) {
	of := func(rest string) string {
		return strings.Replace(sample, `"run_ns":1000,"wall_ns":1100`, `"run_ns":1000,`+rest, 1)
	}
	told := func(wallMS, cpuMS int) string {
		return of(fmt.Sprintf(`"wall_ns":%d000000,"cpu_ns":%d000000`, wallMS, cpuMS))
	}
	warmup := strings.Replace(told(20, 400), `"block":0`, `"block":0,"warmup":true`, 1)
	for _, c := range []struct {
		name    string
		samples []string
		want    float64
	}{
		{"of old files none", []string{sample, sample}, 0},
		{"an odd number", []string{told(20, 38), told(20, 40), told(20, 10)}, 1.9},
		{"not of the warm-up, nor of what is too short or unknown", []string{warmup, told(20, 30), told(5, 400), of(`"wall_ns":20000000`)}, 1.5},
	} {
		results, err := decode(append([]string{header, started}, c.samples...)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := results.Report().Rows[0].Busy; got != c.want {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

// Whatever became of the row: a contender that was wrong in the end may have used more than it said.
func TestARowWithoutTimesTellsHowBusyItWas(t *testing.T) {
	wrong := strings.Replace(sample, `"wall_ns":1100`, `"wall_ns":20000000,"cpu_ns":40000000,"wrong":"w[0] is off by 1"`, 1)
	results, err := decode(header, started, wrong)
	if err != nil {
		t.Fatal(err)
	}
	if row := results.Report().Rows[0]; row.Status != bench.Wrong || row.Run != nil || row.Busy != 2 {
		t.Errorf("row %+v", row)
	}
}
