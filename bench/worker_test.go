package bench_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/cpu"
	"descent/dataset"
)

func TestMain(m *testing.M) {
	fake.Main()
	os.Exit(m.Run())
}

// converse serves the lines of script with the backend of open, and returns the replies.
func converse(t *testing.T, open bench.Factory, script ...string) ([]bench.Reply, error) {
	t.Helper()
	var out bytes.Buffer
	err := bench.Serve(strings.NewReader(strings.Join(script, "\n")), &out, "loop/f64", "f64", open)
	var replies []bench.Reply
	for line := range strings.Lines(out.String()) {
		var r bench.Reply
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("the worker wrote %q: %v", line, err)
		}
		replies = append(replies, r)
	}
	return replies, err
}

// loadRequest writes a problem to files, and returns the request to load them.
func loadRequest(t *testing.T, p *dataset.Problem) string {
	t.Helper()
	x, d, err := bench.WriteProblem(t.TempDir(), p)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"op":"load","x":%q,"d":%q}`, x, d)
}

func TestWorkerServesAWholeConversation(t *testing.T) {
	p := fake.Problem(100, 1)
	replies, err := converse(t, fake.OpenLoop,
		`{"op":"hello"}`, loadRequest(t, p), `{"op":"descend","epochs":50,"rate":0.1,"w":[0,0]}`, `{"op":"descend","rate":0.1,"w":[1,2]}`, `{"op":"exit"}`)
	if err != nil {
		t.Fatal(err)
	}
	if len(replies) != 4 {
		t.Fatalf("%d replies, want 4: %+v", len(replies), replies)
	}
	hello, load, descend, still := replies[0], replies[1], replies[2], replies[3]
	if hello.Protocol != bench.ProtocolVersion || hello.Name != "loop/f64" || hello.Precision != "f64" || hello.InitNS <= 0 {
		t.Errorf("hello was answered with %+v", hello)
	}
	if load.LoadNS <= 0 || descend.RunNS <= 0 {
		t.Errorf("load took %d ns and run %d ns: both must be positive", load.LoadNS, descend.RunNS)
	}
	traj, err := dataset.NewTrajectory(p, dataset.Float64)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := traj.Check([]float64{0, 0}, descend.W, 0.1, 50); err != nil {
		t.Error(err)
	}
	if still.W[0] != 1 || still.W[1] != 2 {
		t.Errorf("a descent of no epochs moved w to %v", still.W)
	}
}

func TestWorkerAnswersMistakesWithAnErrorAndEnds(t *testing.T) {
	load := loadRequest(t, fake.Problem(10, 1))
	hello := `{"op":"hello"}`
	missing := filepath.Join(t.TempDir(), "none.npy")
	cases := []struct {
		name   string
		script []string
		want   string
	}{
		{"no JSON", []string{"rubbish"}, `"rubbish" is not a JSON object`},
		{"an empty line", []string{"", hello}, `"" is not a JSON object`},
		{"an array", []string{"[1]"}, `"[1]" is not a JSON object`},
		{"an unknown op", []string{`{"op":"jump"}`}, `op "jump" is not one of hello, load, descend, exit`},
		{"no op", []string{`{}`}, `op "" is not one of hello, load, descend, exit`},
		{"load before hello", []string{load}, "load before hello"},
		{"two hellos", []string{hello, hello}, "hello was said already"},
		{"descend before load", []string{hello, `{"op":"descend","epochs":1,"rate":1,"w":[0,0]}`}, "descend before load"},
		{"load without paths", []string{hello, `{"op":"load"}`}, `load needs the paths "x" and "d"`},
		{"load of a missing file", []string{hello, fmt.Sprintf(`{"op":"load","x":%q,"d":%q}`, missing, missing)}, "none.npy"},
		{"negative epochs", []string{hello, load, `{"op":"descend","epochs":-1,"w":[0,0]}`}, "epochs is -1: it cannot be negative"},
		{"fractional epochs", []string{hello, load, `{"op":"descend","epochs":1.5,"w":[0,0]}`}, "1.5"},
		{"no w", []string{hello, load, `{"op":"descend","epochs":1}`}, `descend needs "w"`},
		{"a w of another length", []string{hello, load, `{"op":"descend","epochs":1,"w":[0]}`}, "w has length 1, not P+1 = 2"},
		{"a w of words", []string{hello, load, `{"op":"descend","epochs":1,"w":["a"]}`}, `entry 0, "a", is not a number`},
		{"a w of NaN", []string{hello, load, `{"op":"descend","epochs":1,"w":["NaN",0]}`}, "w[0] is NaN: it must be finite"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			replies, err := converse(t, fake.OpenLoop, append(c.script, hello)...)
			if err == nil {
				t.Error("Serve returned no error")
			}
			last := replies[len(replies)-1]
			if len(replies) != len(c.script) && c.script[0] != "" {
				t.Errorf("the worker went on after its error: %+v", replies)
			}
			if !strings.Contains(last.Error, c.want) {
				t.Errorf("error %q, want %q in it", last.Error, c.want)
			}
		})
	}
}

func TestWorkerReportsWhyItsBackendCannotOpen(t *testing.T) {
	open := func() (bench.Backend, error) { return nil, fmt.Errorf("no such card: %w", bench.ErrUnavailable) }
	replies, err := converse(t, open, `{"op":"hello"}`)
	if !errors.Is(err, bench.ErrUnavailable) || len(replies) != 1 || !replies[0].Unavailable || !strings.Contains(replies[0].Error, "no such card") {
		t.Errorf("replies %+v, error %v", replies, err)
	}
}

// phased is a backend with a device. It reports its phases.
type phased struct {
	bench.Backend
	told bench.Phases
}

func (p *phased) Load(problem *dataset.Problem) error {
	start := time.Now()
	err := p.Backend.Load(problem)
	p.told.Upload = time.Since(start)
	return err
}

func (p *phased) Descend(w []float64, rate float64, epochs int) error {
	p.told.Download = time.Nanosecond
	return p.Backend.Descend(w, rate, epochs)
}

func (p *phased) Phases() bench.Phases { return p.told }

// Describe implements bench.Describer. It has a note after a problem is loaded.
func (p *phased) Describe() bench.Info {
	if p.told.Upload == 0 {
		return bench.Info{Device: "d"}
	}
	return bench.Info{Device: "d", Note: "as it does it", Work: &bench.Work{Dispatches: 0.125, Meetings: 1, Groups: 3}}
}

func TestWorkerTellsTheBackendsPhases(t *testing.T) {
	open := func() (bench.Backend, error) {
		return &phased{cpu.NewLoop[float64](), bench.Phases{Compile: 3, Search: 2}}, nil
	}
	replies, err := converse(t, open, `{"op":"hello"}`, loadRequest(t, fake.Problem(1000, 1)), `{"op":"descend","epochs":5,"rate":0.1,"w":[0,0]}`)
	if err != nil || len(replies) != 3 {
		t.Fatalf("replies %+v, error %v", replies, err)
	}
	load, descend := replies[1], replies[2]
	if load.CompileNS != 3 || load.SearchNS != 2 || load.UploadNS <= 0 || load.UploadNS > load.LoadNS || load.DownloadNS != 0 {
		t.Errorf("load was answered with %+v", load)
	}
	if load.Note != "as it does it" {
		t.Errorf("the note of the load is %q", load.Note)
	}
	if load.Work == nil || *load.Work != (bench.Work{Dispatches: 0.125, Meetings: 1, Groups: 3}) || descend.Work != nil {
		t.Errorf("load was answered with the work %+v, descend with %+v", load.Work, descend.Work)
	}
	if descend.DownloadNS != 1 || descend.LoadPhases != (bench.LoadPhases{}) {
		t.Errorf("descend was answered with %+v", descend)
	}
}

func TestWorkerTellsANoteOnlyWhenItChanges(t *testing.T) {
	descend := `{"op":"descend","epochs":5,"rate":0.1,"w":[0,0]}`
	replies, err := converse(t, fake.OpenFickle, `{"op":"hello"}`, loadRequest(t, fake.Problem(100, 1)), descend, descend, descend)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range replies {
		got = append(got, r.Note)
	}
	if want := []string{"on the chip", "", "", "in memory", ""}; !slices.Equal(got, want) {
		t.Errorf("notes %q, want %q", got, want)
	}
}

// panicky is a backend that panics when it loads.
type panicky struct{ bench.Backend }

func (panicky) Load(*dataset.Problem) error { panic("index out of range") }
func (panicky) Close() error                { return nil }

func TestWorkerTurnsAPanicIntoAnAnswer(t *testing.T) {
	replies, err := converse(t, func() (bench.Backend, error) { return panicky{}, nil }, `{"op":"hello"}`, loadRequest(t, fake.Problem(3, 1)))
	if err == nil || len(replies) != 2 || !strings.Contains(replies[1].Error, "panic: index out of range") {
		t.Errorf("replies %+v, error %v", replies, err)
	}
}
