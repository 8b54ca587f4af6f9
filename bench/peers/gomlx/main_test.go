package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"descent/bench"
	"descent/dataset"
)

// TestMain lets the tests run their own binary as the worker.
func TestMain(m *testing.M) {
	if os.Getenv("GOMLX_TEST_WORKER") != "" {
		main()
	}
	os.Exit(m.Run())
}

// converse runs a worker process under name, sends it the lines of script, and returns its replies.
func converse(t *testing.T, name, threads string, script ...string) []bench.Reply {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], name)
	cmd.Env = append(os.Environ(), "GOMLX_TEST_WORKER=1", "DESCENT_THREADS="+threads)
	cmd.Stdin = strings.NewReader(strings.Join(script, "\n"))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && stdout.Len() == 0 {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var replies []bench.Reply
	for line := range strings.Lines(stdout.String()) {
		var r bench.Reply
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("the worker wrote %q: %v", line, err)
		}
		replies = append(replies, r)
	}
	return replies
}

// simplego prints to stdout in Load. On the worker's stdout, that would be a reply that is not
// JSON.
func TestTheWorkerSpeaksTheProtocolAlone(t *testing.T) {
	p, err := dataset.Generate(dataset.Spec{N: 100_000, P: 1, Noise: 0.1, Weights: dataset.DefaultWeights(1), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	x, d, err := bench.WriteProblem(t.TempDir(), p)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range contenders {
		replies := converse(t, name, "1", `{"op":"hello"}`, fmt.Sprintf(`{"op":"load","x":%q,"d":%q}`, x, d),
			`{"op":"descend","epochs":30,"calls":2,"rate":0.1,"w":[0,0]}`, `{"op":"exit"}`)
		if len(replies) != 3 {
			t.Fatalf("%s: %d replies: %+v", name, len(replies), replies)
		}
		hello, run := replies[0], replies[2]
		if hello.Name != name || hello.Precision != c.precision.String() || hello.Threads != 1 ||
			!strings.HasPrefix(hello.Version, "GoMLX v") {
			t.Errorf("%s introduces itself as %+v", name, hello)
		}
		traj, err := dataset.NewTrajectory(p, c.precision)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := traj.Check([]float64{0, 0}, run.W, 0.1, 30); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAWrongBoundIsAnswered(t *testing.T) {
	for _, bound := range []string{"-1", "two"} {
		replies := converse(t, "gomlx/f64", bound, `{"op":"hello"}`)
		if len(replies) != 1 || !strings.Contains(replies[0].Error, fmt.Sprintf("DESCENT_THREADS is %q", bound)) {
			t.Errorf("DESCENT_THREADS=%s gives %+v", bound, replies)
		}
	}
}

func TestAnUnknownContenderIsAUsageError(t *testing.T) {
	var out, stderr bytes.Buffer
	for _, args := range [][]string{nil, {"gomlx/f16"}, {"gomlx/f64", "more"}} {
		if status := run(args, strings.NewReader(""), &out, &stderr); status != 2 || out.Len() > 0 {
			t.Errorf("%q: status %d, stdout %q", args, status, out.String())
		}
	}
}

// A weight beyond float32's range becomes infinite. The driver must get it as infinite.
func TestOverflowIsNotHidden(t *testing.T) {
	b := open[float32](1)
	defer b.Close()
	if err := b.Load(&dataset.Problem{X: []float64{1, 2}, D: []float64{1, 2}, N: 2, P: 1}); err != nil {
		t.Fatal(err)
	}
	w := []float64{1e300, 0}
	if err := b.Descend(w, 0.1, 0); err == nil && !math.IsInf(w[0], 1) {
		t.Errorf("1e300 came back as %v", w[0])
	}
}
