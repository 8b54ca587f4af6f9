package machine

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// files are a machine's files by their names, without the first slash.
type files map[string]string

func (f files) fs() fs.FS {
	out := fstest.MapFS{}
	for name, content := range f {
		out[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return out
}

// A situation is what a machine reports at two moments, and the assessment to expect.
type situation struct {
	name          string
	before, after files // before is nil if it is the same as after
	own           time.Duration
	grade         Grade // "" for no assessment
	value         string
}

// hold checks the assessment named what in each situation.
func hold(t *testing.T, what string, all []situation) {
	t.Helper()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			if s.before == nil {
				s.before = s.after
			}
			var got Assessment
			for _, f := range Assess(read(s.before.fs()), read(s.after.fs()), s.own, nil) {
				if f.What == what {
					got = f
				}
			}
			if got.Grade != s.grade || got.Value != s.value {
				t.Errorf("%s: %q is %q, not %q and %q", what, got.Value, got.Grade, s.value, s.grade)
			}
			if needs := got.Grade == Fair || got.Grade == Poor; needs != (got.Remedy != "") {
				t.Errorf("the remedy of what is %q: %q", got.Grade, got.Remedy)
			}
		})
	}
}

func TestAMachineIsGoodIfNothingIsKnown(t *testing.T) {
	nothing := read(files{}.fs())
	for name, r := range map[string]Reading{"no files": nothing, "no reading": {}} {
		if fs := Assess(r, r, time.Second, nil); len(fs) > 0 || Worst(fs) != Good {
			t.Errorf("%s: %v, %v", name, fs, Worst(fs))
		}
	}
}

func TestTheWorstAssessmentGradesTheMachine(t *testing.T) {
	good, fair, poor := Assessment{Grade: Good}, Assessment{Grade: Fair}, Assessment{Grade: Poor}
	for _, c := range []struct {
		fs   []Assessment
		want Grade
	}{
		{nil, Good}, {[]Assessment{good}, Good}, {[]Assessment{good, fair, good}, Fair}, {[]Assessment{poor, fair, good}, Poor}, {[]Assessment{fair, poor}, Poor},
	} {
		if got := Worst(c.fs); got != c.want {
			t.Errorf("%v is %v, not %v", c.fs, got, c.want)
		}
	}
}

func TestAnAssessmentIsSmallInJSON(t *testing.T) {
	b, err := json.Marshal(assessed("SMT", "off", Good, "turn it off"))
	if err != nil || string(b) != `[{"what":"SMT","value":"off","grade":"good"}]` {
		t.Errorf("%s, %v", b, err)
	}
}

func TestEveryAssessmentOfThisMachineCanBeRead(t *testing.T) {
	before, own := Read(), OwnTime()
	var spins []time.Duration
	// On a busy machine this process may be given no processor for a while.
	const work = 10 * time.Millisecond
	for begin := time.Now(); time.Since(begin) < 150*time.Millisecond || OwnTime()-own < work && time.Since(begin) < time.Minute; {
		spins = append(spins, Spin())
	}
	own = OwnTime() - own
	after := Read()
	after.ReadGPU(t.Context())
	for _, f := range Assess(before, after, own, spins) {
		t.Logf("%-20s %-5s %s %s", f.What, f.Grade, f.Value, f.Remedy)
		checkAssessment(t, f)
	}
	if own < work {
		t.Errorf("a minute of work took %v of this process's time", own)
	}
}

func TestTheTimeOfASpinIsThatOfItsSteps(t *testing.T) {
	least := Spin()
	for range 100 { // another program may take the processor in some of them
		least = min(least, Spin())
	}
	if least < time.Microsecond || least > 10*time.Millisecond {
		t.Errorf("a spin took %v", least)
	}
	if a, b := xorshift(1, 10), xorshift(1, 11); a == b || a == 0 {
		t.Errorf("the chain stands still: %d, %d", a, b)
	}
}

// checkAssessment fails the test if a user could not read a.
func checkAssessment(t *testing.T, a Assessment) {
	t.Helper()
	if a.What == "" || a.Value == "" || !slices.Contains(grades, a.Grade) || (a.Grade == Good) != (a.Remedy == "") {
		t.Errorf("%+v", a)
	}
	if strings.Contains(a.Value, "NaN%") || strings.Contains(a.Value, "Inf%") || strings.Contains(a.Value, "\n") {
		t.Errorf("the value of %s is %q", a.What, a.Value)
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		Read()
	}
}

func BenchmarkSpin(b *testing.B) {
	for b.Loop() {
		Spin()
	}
}
