package bench_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/cpu"
)

// remote opens this binary as a backend. how names its behaviour.
func remote(t *testing.T, how string, loading bench.Loading) *bench.Remote {
	t.Helper()
	r, err := bench.OpenRemote(t.Context(), fake.Contender("mine", how), bench.Limits{Timeout: time.Minute}, t.TempDir(), loading)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestAWorkersProcessIsABackend(t *testing.T) {
	for _, loading := range []bench.Loading{bench.LoadsAgain, bench.LoadsOnce} {
		r, loop := remote(t, "heeds calls", loading), cpu.NewLoop[float64]()
		first := r.Process().PID()
		for _, features := range []int{2, 1} { // the second load replaces the first
			p := fake.Problem(100, features)
			w := make([]float64, features+1)
			want := slices.Clone(w)
			for _, err := range []error{r.Load(p), r.Descend(w, 0.1, 50), loop.Load(p), loop.Descend(want, 0.1, 50)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(w, want) {
				t.Errorf("w is %v, not %v", w, want)
			}
		}
		if other := r.Process().PID() != first; other != (loading == bench.LoadsOnce) {
			t.Errorf("loading %v: the second load had another process: %v", loading, other)
		}
	}
}

func TestARefusalIsToldFromTheEndOfTheWorker(t *testing.T) {
	r := remote(t, "honest", bench.LoadsAgain)
	w := []float64{1, math.NaN()}
	err := r.Descend(w, 0.1, 1)
	var told *bench.WorkerError
	if !errors.As(err, &told) || !told.Answered || w[0] != 1 {
		t.Errorf("a refusal gives %v, and w is %v", err, w)
	}
	err = r.Descend(w, 0.1, 1)
	if !errors.As(err, &told) || told.Answered {
		t.Errorf("a worker that has ended gives %v", err)
	}
}

func TestHowAWorkerLeaves(t *testing.T) {
	tests := []struct {
		how  string
		by   bench.Leaving
		want string
	}{
		{"honest", bench.ByExit, ""},
		{"honest", bench.ByEndOfInput, ""},
		{"honest", bench.BySignal, "signal: terminated"},
		{"leaves when told to", bench.BySignal, ""},
		{"hangs at exit", bench.ByExit, "it did not end within 2s"},
		{"rubbish between", bench.ByExit, "printed a line after its last answer"},
	}
	for _, tt := range tests {
		t.Run(tt.how, func(t *testing.T) {
			p := start(t, tt.how, time.Minute)
			defer p.Close()
			if _, err := p.Hello(); err != nil {
				t.Fatal(err)
			}
			err := p.Leave(tt.by)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it left with %v, want %q", err, tt.want)
			}
			if _, known := p.CPUTime(); known {
				t.Error("the worker still runs")
			}
		})
	}
}

// A worker looks up both fields, and may fail if one is missing.
func TestADescendHasItsEpochsAndItsRateEvenIfTheyAreZero(t *testing.T) {
	line, err := json.Marshal(&bench.Request{Op: "descend", W: bench.Vector{1, math.Inf(1)}})
	if want := `{"op":"descend","epochs":0,"rate":0,"w":[1,"Infinity"]}`; err != nil || string(line) != want {
		t.Errorf("%s, %v; want %s", line, err, want)
	}
	line, err = json.Marshal(&bench.Request{Op: "hello"})
	if want := `{"op":"hello"}`; err != nil || string(line) != want {
		t.Errorf("%s, %v; want %s", line, err, want)
	}
}
