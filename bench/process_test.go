package bench_test

import (
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
)

// start starts a worker. how names its behaviour.
func start(t *testing.T, how string, timeout time.Duration) *bench.Process {
	t.Helper()
	p, err := bench.StartProcess(t.Context(), fake.Contender("a", how), bench.Limits{Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestARequestThatIsNotReadEndsWithItsTimeout(t *testing.T) {
	p := start(t, "sleeps", 300*time.Millisecond)
	defer p.Close()
	// The request is larger than any pipe holds, so the write itself blocks.
	_, _, err := p.Descend(make([]float64, 1<<20), 0.1, 1, 1)
	if err == nil || !strings.Contains(err.Error(), "gave no answer to descend within 300ms") {
		t.Errorf("error %v", err)
	}
}

func TestAWorkerThatIsClosedCanBeClosedAgain(t *testing.T) {
	p := start(t, "honest", time.Minute)
	if peak := p.Close(); peak <= 0 {
		t.Errorf("peak memory %d", peak)
	}
	if peak := p.Close(); peak != 0 {
		t.Errorf("a process that has ended has peak memory %d", peak)
	}
	if _, err := p.Hello(); err == nil {
		t.Error("a process that has ended answered")
	}
}
