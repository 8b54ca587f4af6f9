package driver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"descent/bench"
	"descent/bench/benchtest/fake"
	"descent/bench/driver"
	"descent/bench/journal"
	"descent/bench/report"
)

func init() { fake.Behaviours["writes a journal that fills up"] = fake.AtHello(1, fill) }

// The environment variables of fill: the path of its journal, and the most bytes a file may have.
const (
	fullPath  = "DESCENT_TEST_JOURNAL"
	fullBytes = "DESCENT_TEST_JOURNAL_BYTES"
)

// fill is a driver whose files may not grow past a size. The kernel enforces it, as a full disk
// does. The driver prints on stdout the error that ended its run.
func fill() {
	most, err := strconv.ParseUint(os.Getenv(fullBytes), 10, 64)
	if err != nil {
		panic(err)
	}
	signal.Ignore(unix.SIGXFSZ) // the error of the write is enough
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: most, Max: most}); err != nil {
		panic(err)
	}
	run, err := driver.New(driver.Setup{
		Plan: fake.Plan(), Problem: fake.Problem(50, 1), Contenders: []bench.Contender{fake.Contender("a", "honest")},
	})
	if err != nil {
		panic(err)
	}
	j, err := journal.Create(os.Getenv(fullPath))
	if err != nil {
		panic(err)
	}
	err = run.Measure(context.Background(), j)
	var hinter bench.Hinter
	if errors.As(err, &hinter) {
		fmt.Println(err, "hint:", hinter.Hint())
	}
	j.Close()
}

// room is about how many bytes a header, a process with its warm-up and a few samples need.
const room = 6 << 10

// full checks what a run leaves on a full disk, and that the run goes on when there is room. said
// is the error of the run with its hint.
func full(t *testing.T, s *session, said string, want error, makeRoom func()) {
	t.Helper()
	if !strings.Contains(said, want.Error()) || !strings.Contains(said, "make room, and go on with 'descent run --resume FILE'") {
		t.Errorf("said: %s", said)
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(b, []byte("}\n")) || len(b) < room/2 {
		t.Errorf("the file of %d bytes ends with %q", len(b), b[max(0, len(b)-60):])
	}
	if end := report.New(s.results(t)).End; end != journal.CutShort {
		t.Errorf("end %s", end)
	}
	makeRoom()
	if after := s.measured(t); counts(after)["a/f64"] != 8 || report.New(after).End != journal.Complete {
		t.Errorf("resumed: %v, end %v", counts(after), after.End)
	}
}

func TestAFileThatMayNotGrowKeepsWholeLines(t *testing.T) {
	s := newSession(t, fake.Plan(), "honest")
	cmd := fake.Command("writes a journal that fills up")
	cmd.Env = append(cmd.Env, fullPath+"="+s.path, fmt.Sprintf("%s=%d", fullBytes, room))
	cmd.Stdin, cmd.Stderr = strings.NewReader("go\n"), os.Stderr
	said, err := cmd.Output()
	if len(said) == 0 {
		t.Fatalf("no error ended it: %v", err)
	}
	full(t, s, string(said), unix.EFBIG, func() {})
}

// mounted mounts a file system of this size in memory, and returns its folder.
func mounted(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestAFullDiskKeepsWholeLines(t *testing.T) {
	const size = 64 << 10
	disk := mounted(t, size)
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, size-8<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	s := newSession(t, fake.Plan(), "honest")
	s.path = filepath.Join(disk, "r.jsonl")
	err := s.run(t)
	var hinter bench.Hinter
	if !errors.Is(err, unix.ENOSPC) || !errors.As(err, &hinter) {
		t.Fatalf("error %v", err)
	}
	full(t, s, err.Error()+" hint: "+hinter.Hint(), unix.ENOSPC, func() { os.Remove(ballast) })
}

func TestADiskWithoutRoomForTheHeaderLeavesNoFile(t *testing.T) {
	disk := mounted(t, 4096)
	if err := os.WriteFile(filepath.Join(disk, "ballast"), make([]byte, 4096), 0o644); err != nil {
		t.Fatal(err)
	}
	s := newSession(t, fake.Plan(), "honest")
	s.path = filepath.Join(disk, "r.jsonl")
	if err := s.run(t); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(s.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat: %v", err)
	}
}

func TestAJournalThatCannotBeCreatedIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "r.jsonl")
	for _, open := range []func(string) (*journal.Journal, error){journal.Create, journal.Append} {
		if _, err := open(below); !errors.Is(err, unix.ENOTDIR) || !strings.Contains(err.Error(), below) {
			t.Errorf("error %v", err)
		}
	}
	t.Run("read-only", func(t *testing.T) {
		disk := mounted(t, 64<<10)
		old := filepath.Join(disk, "old.jsonl")
		if err := os.WriteFile(old, []byte(strings.Join([]string{fake.Header, fake.End, ""}, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			t.Skipf("nothing can be mounted anew here: %v", err)
		}
		for path, open := range map[string]func(string) (*journal.Journal, error){filepath.Join(disk, "r.jsonl"): journal.Create, old: journal.Append} {
			if _, err := open(path); !errors.Is(err, unix.EROFS) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v", err)
			}
		}
	})
}
