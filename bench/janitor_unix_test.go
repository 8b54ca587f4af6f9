//go:build unix

package bench_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"descent/bench"
	"descent/bench/benchtest/fake"
)

func init() {
	fake.Behaviours["drives"] = fake.AtHello(1, drive)
	fake.Behaviours["hangs with a child"] = fake.AtHello(1, func() {
		leaveChild(nil)
		fmt.Println(`{"protocol":1,"init_ns":1}`)
		fake.Hang()
	})
}

// drive is a driver that opens a scratch and starts two workers. One of the workers has a child.
// The driver prints the folder and the process groups on stdout, and hangs.
func drive() {
	scratch, err := bench.NewScratch()
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(scratch.Path, "x.npy"), nil, 0o644); err != nil {
		panic(err)
	}
	var groups []int
	for _, how := range []string{"hangs", "hangs with a child"} {
		p, err := bench.StartProcess(context.Background(), fake.Contender(how, how), bench.Limits{Timeout: time.Hour})
		if err != nil {
			panic(err)
		}
		if _, err := p.Hello(); err != nil {
			panic(err)
		}
		groups = append(groups, p.PID())
	}
	fmt.Println(scratch.Path)
	fmt.Println(groups[0], groups[1])
	fake.Hang()
}

// A driver runs in its own process. folder and groups are what it printed.
type driver struct {
	cmd    *exec.Cmd
	folder string
	groups [2]int // the process groups of its workers
}

func startDriver(t *testing.T, attr *syscall.SysProcAttr, open ...*os.File) *driver {
	t.Helper()
	d := &driver{cmd: fake.Command("drives")}
	d.cmd.Env = append(d.cmd.Env, "TMPDIR="+t.TempDir())
	d.cmd.Stderr, d.cmd.SysProcAttr, d.cmd.ExtraFiles = os.Stderr, attr, open
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.cmd.Process.Kill(); d.cmd.Wait() })
	if _, err := fmt.Fscanf(bufio.NewReader(out), "%s\n%d %d\n", &d.folder, &d.groups[0], &d.groups[1]); err != nil {
		t.Fatal(err)
	}
	return d
}

// living returns the processes of a group. It leaves out zombies, because they have ended.
func living(t *testing.T, group int) (members []*process.Process) {
	t.Helper()
	all, err := process.Processes()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if g, err := syscall.Getpgid(int(p.Pid)); err == nil && g == group && !zombie(p) {
			members = append(members, p)
		}
	}
	return members
}

func zombie(p *process.Process) bool {
	status, err := p.Status()
	return err != nil || status[0] == process.Zombie
}

// eventually waits until is returns true. That takes milliseconds, but longer on a busy machine.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for start := time.Now(); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > 5*time.Minute {
			t.Errorf("after %v not yet: %s", time.Since(start).Round(time.Second), what)
			return
		}
	}
}

// leavesNothing checks that d, which has ended, leaves neither a process nor its folder.
func (d *driver) leavesNothing(t *testing.T) {
	t.Helper()
	for _, g := range d.groups {
		eventually(t, "the workers and their children have ended", func() bool { return len(living(t, g)) == 0 })
	}
	eventually(t, d.folder+" is gone", func() bool { return absent(d.folder) })
}

func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist)
}

func TestADriverThatIsKilledLeavesNothing(t *testing.T) {
	d := startDriver(t, nil)
	if one, two := len(living(t, d.groups[0])), len(living(t, d.groups[1])); one != 1 || two != 2 || absent(d.folder) {
		t.Fatalf("before: %d and %d processes, folder gone: %v", one, two, absent(d.folder))
	}
	if err := d.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	d.cmd.Wait()
	d.leavesNothing(t)
}

// A terminal or a supervisor kills a whole group. The janitor survives, because it has its own
// session.
func TestADriverThatIsKilledWithItsGroupLeavesNothing(t *testing.T) {
	d := startDriver(t, &syscall.SysProcAttr{Setpgid: true})
	if err := syscall.Kill(-d.cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d.cmd.Wait()
	d.leavesNothing(t)
}

// children returns the children of this process, and zombies too.
func children(t *testing.T) (found []*process.Process) {
	t.Helper()
	all, err := process.Processes()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if parent, err := p.Ppid(); err == nil && int(parent) == os.Getpid() {
			found = append(found, p)
		}
	}
	return found
}

func TestAScratchIsGoneWithItsJanitorWhenItIsClosed(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	before := len(children(t))
	s, err := bench.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(children(t)); n != before+1 {
		t.Errorf("%d children, and %d before", n, before)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if n := len(children(t)); n != before || !absent(s.Path) {
		t.Errorf("%d children, and %d before; folder gone: %v", n, before, absent(s.Path))
	}
}

func TestAScratchWithoutAShellHasNoJanitor(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	worksOn(t, func(string) {})
}

func TestARunGoesOnWithoutAJanitorThatWasKilled(t *testing.T) {
	worksOn(t, func(folder string) { syscall.Kill(findJanitor(t, folder), syscall.SIGKILL) })
}

// worksOn opens a scratch, calls happen with its folder, and checks that a worker still runs and
// that closing the scratch leaves nothing.
func worksOn(t *testing.T, happen func(folder string)) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	before := len(children(t))
	s, err := bench.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	happen(s.Path)
	p := start(t, "honest", time.Minute)
	if _, err := p.Hello(); err != nil {
		t.Error(err)
	}
	p.Close()
	if err := s.Close(); err != nil || !absent(s.Path) {
		t.Errorf("error %v, folder gone: %v", err, absent(s.Path))
	}
	if n := len(children(t)); n != before {
		t.Errorf("%d children, and %d before", n, before)
	}
}

// The janitor holds a pipe to the driver. It holds no other open file of the driver, including
// those that the driver inherited from its shell.
func TestAJanitorHoldsNothingOfTheDrivers(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip(err)
	}
	extra, err := os.Create(filepath.Join(t.TempDir(), "extra"))
	if err != nil {
		t.Fatal(err)
	}
	defer extra.Close()
	d := startDriver(t, nil, extra)
	janitor := findJanitor(t, d.folder)
	want := map[int]string{0: "pipe", 1: os.DevNull, 2: os.DevNull}
	var held map[int]string
	eventually(t, "it holds a pipe and /dev/null", func() bool { held = descriptors(janitor); return maps.Equal(held, want) })
	if t.Failed() {
		t.Errorf("it holds %v", held)
	}
	if g, err := syscall.Getpgid(janitor); err != nil || g != janitor {
		t.Errorf("its group is %d, %v", g, err)
	}
}

// descriptors returns the targets of the first ten file descriptors of a process.
func descriptors(pid int) map[int]string {
	held := map[int]string{}
	for fd := range 10 {
		if target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd)); err == nil {
			held[fd], _, _ = strings.Cut(target, ":")
		}
	}
	return held
}

// findJanitor returns the process ID of the janitor of a folder.
func findJanitor(t *testing.T, folder string) int {
	t.Helper()
	all, err := process.Processes()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if line, err := p.CmdlineSlice(); err == nil && len(line) == 5 && line[4] == folder {
			return int(p.Pid)
		}
	}
	t.Fatal("there is no janitor")
	return 0
}

// Nothing is left after a complete run, or after an interrupted run with a worker that hangs: no
// child, no zombie and no file.
func TestARunLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	before := len(children(t))
	left := func(when string) {
		t.Helper()
		if now := children(t); len(now) != before {
			t.Errorf("%s: %d children, and %d before: %v", when, len(now), before, now)
		}
		entries, err := os.ReadDir(tmp)
		if err != nil || len(entries) > 0 {
			t.Errorf("%s: %v is left, %v", when, entries, err)
		}
	}
	plan := fake.Plan()
	if _, err := fake.Measure(t, t.Context(), plan, fake.Contender("a", "honest"), fake.Contender("b", "dies in mid-run")); err != nil {
		t.Fatal(err)
	}
	left("after a run")

	ctx, cancel := context.WithCancel(t.Context())
	plan.Processes, plan.Blocks = 1000, 1000
	cs := []bench.Contender{fake.Contender("a", "honest"), fake.Contender("b", "hangs with a child")}
	var first sync.Once
	_, err := fake.MeasureTold(t, ctx, func() {
		// by then the worker hangs, whichever contender starts first
		first.Do(func() { time.AfterFunc(time.Second, cancel) })
	}, plan, cs...)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	left("after an interrupted run")
}

func TestAWorkerThatHangsIsKilledWithItsChildAtItsTimeout(t *testing.T) {
	p := start(t, "hangs with a child", 3*time.Second)
	defer p.Close()
	if _, err := p.Hello(); err != nil {
		t.Fatal(err)
	}
	group := p.PID()
	if n := len(living(t, group)); n != 2 {
		t.Fatalf("%d processes", n)
	}
	began := time.Now()
	_, err := p.Load("x", "d")
	if err == nil || !strings.Contains(err.Error(), "gave no answer to load within 3s") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(began); took < 3*time.Second {
		t.Errorf("it was killed after %v", took)
	}
	eventually(t, "both have ended", func() bool { return len(living(t, group)) == 0 })
}
