package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

// This test binary is its own contenders.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "worker" {
		os.Exit(work(os.Args[2]))
	}
	os.Exit(m.Run())
}

// A contender that does five times the work is out of any doubt, on a busy machine too.
func TestAStudyCountsWhatRunsShow(t *testing.T) {
	out := new(bytes.Buffer)
	if err := study(context.Background(), out, io.Discard, []string{"-runs", "1", "-slowed", "1", "-planted", "4", "-budget", "3s"}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[2], "| 0% | 1 |") || !strings.HasPrefix(lines[3], "| 400% | 1 | 1 (100%) | 0 (0%)") {
		t.Errorf("the table is\n%s", out)
	}
}

func TestAStudyRefusesSharesThatAreNone(t *testing.T) {
	err := study(context.Background(), io.Discard, io.Discard, []string{"-planted", "much"})
	if err == nil || !strings.Contains(err.Error(), `"much" is not a list of shares`) {
		t.Errorf("error %v", err)
	}
}
