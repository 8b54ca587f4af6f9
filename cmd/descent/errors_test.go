package main

import (
	"os/exec"
	"testing"

	"pgregory.net/rapid"
)

func TestShellReadsQuotedWordBack(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ -~äλ½]{0,12}`).Draw(t, "word")
		out, err := exec.Command(shell, "-c", "printf '%s' "+quoted(word)).CombinedOutput()
		if err != nil || string(out) != word {
			t.Fatalf("%q is quoted as %s, and the shell reads %q, %v", word, quoted(word), out, err)
		}
	})
}

func TestHintQuotesOnlyWhatNeedsIt(t *testing.T) {
	for want, words := range map[string][]string{
		"'descent report a.jsonl'":                {"descent", "report", "a.jsonl"},
		`"descent report 'my results.jsonl'"`:     {"descent", "report", "my results.jsonl"},
		`"descent report 'it'\''s.jsonl'"`:        {"descent", "report", "it's.jsonl"},
		"'descent run --contenders simd/f64,λ=%'": {"descent", "run", "--contenders", "simd/f64,λ=%"},
	} {
		if got := commandLine(words...); got != want {
			t.Errorf("%q is named %s, not %s", words, got, want)
		}
	}
}
