//go:build unix

package bench_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"descent/bench"
	"descent/bench/benchtest/fake"
)

func init() {
	fake.Behaviours["leaves a child"] = fake.AtHello(1, func() { leaveChild(nil) })
	fake.Behaviours["leaves a daemon"] = fake.AtHello(1, func() { leaveChild(&syscall.SysProcAttr{Setsid: true}) })
}

// leaveChild starts a child that keeps stdin, stdout and stderr of this process open. It prints the
// child's process ID on stderr.
func leaveChild(attr *syscall.SysProcAttr) {
	child := fake.Command("sleeps")
	child.Stdin, child.Stdout, child.Stderr, child.SysProcAttr = os.Stdin, os.Stdout, os.Stderr, attr
	if err := child.Start(); err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stderr, child.Process.Pid)
}

func TestAWorkersChildrenEndWithIt(t *testing.T) {
	rep, err := fake.Measure(t, t.Context(), fake.Plan(), fake.Contender("a", "leaves a child"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(rep.Rows[0].Stderr)
	if err != nil {
		t.Fatalf("row %+v", rep.Rows[0])
	}
	// The process that adopted the child reaps it some time later. A zombie has ended too.
	eventually(t, fmt.Sprintf("child %d has ended", pid), func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(stat), ") Z ")
	})
}

// endOf cancels the context of a worker in the middle of a descent. It returns the error that the
// driver then gets.
func endOf(t *testing.T, how string) *bench.WorkerError {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p, err := bench.StartProcess(ctx, fake.Contender("a", how), bench.Limits{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Hello(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Load("x", "d"); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, cancel)
	_, _, err = p.Descend([]float64{0, 0}, 0.1, 1, 1)
	fault, ok := errors.AsType[*bench.WorkerError](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	return fault
}

func TestAWorkerMayEndByItselfWhenItsRunEnds(t *testing.T) {
	if fault := endOf(t, "leaves when told to"); fault.Stderr != "left in order" || strings.Contains(fault.Reason, "signal") {
		t.Errorf("%v; stderr %q", fault, fault.Stderr)
	}
}

func TestAWorkerWithoutASignalHandlerIsEndedByTheSignal(t *testing.T) {
	if fault := endOf(t, "hangs"); !strings.Contains(fault.Reason, "signal: terminated") {
		t.Errorf("%v; stderr %q", fault, fault.Stderr)
	}
}

func TestAWorkerThatGoesOnAfterTheSignalIsKilled(t *testing.T) {
	if fault := endOf(t, "does not leave"); fault.Stderr != "goes on" || !strings.Contains(fault.Reason, "signal: killed") {
		t.Errorf("%v; stderr %q", fault, fault.Stderr)
	}
}

// If the driver waited for the daemon, this test would not end.
func TestADaemonThatHoldsAWorkersPipesDoesNotHoldTheRun(t *testing.T) {
	rep, err := fake.Measure(t, t.Context(), fake.Plan(), fake.Contender("a", "leaves a daemon"))
	if err != nil {
		t.Fatal(err)
	}
	row := rep.Rows[0]
	if !strings.Contains(row.Note, "the worker closed its stdout") && !strings.Contains(row.Note, "the worker ended: exit status 1") {
		t.Errorf("row %+v", row)
	}
	pid, err := strconv.Atoi(row.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	syscall.Kill(pid, syscall.SIGKILL)
}
