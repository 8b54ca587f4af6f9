package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"descent/bench/journal"
)

// --resume locks the results file before it reads the flags of the run. An error after that must
// leave the file unlocked.
func TestAnErrorBeforeAResumedRunLeavesTheFileFree(t *testing.T) {
	literals(t)
	for flags, want := range map[string]string{
		"--n 200":                  "--n 200: the run in old.jsonl has 10000",
		"--processes -1":           "--processes -1: it cannot be negative",
		"--resolution 2":           "--resolution 2: it is a share of the time",
		"--timeout 0s":             "--timeout 0s: it must be positive",
		"--format yaml":            `format "yaml" is not one of`,
		"--memory 1e15 --format x": `format "x" is not one of`,
		"":                         "--resume old.jsonl: it cannot be resumed: it is complete",
	} {
		t.Run(flags, func(t *testing.T) {
			before, err := os.ReadFile("old.jsonl")
			if err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			args := append([]string{"run", "--resume", "old.jsonl"}, strings.Fields(flags)...)
			if status := run(args, nil, &stdout, &stderr); status != exitUsage || !strings.Contains(stderr.String(), want) {
				t.Errorf("exit status %d, want %d; stderr %q, want %q in it", status, exitUsage, stderr.String(), want)
			}
			j, err := journal.Append("old.jsonl")
			if err != nil {
				t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
			if after, err := os.ReadFile("old.jsonl"); err != nil || !bytes.Equal(after, before) {
				t.Errorf("the file was changed, or %v", err)
			}
		})
	}
}
