package main

import (
	"slices"
	"strings"
	"testing"

	"descent/bench"
	"descent/bench/peers"
	"descent/cmd/internal/builtin"
	"descent/dataset"
)

// gl is the name of a contender, and the names of other contenders start with it.
func TestPatternsTellGLFromItsForms(t *testing.T) {
	forms := slices.DeleteFunc(bench.Names(glContenders()), func(name string) bool { return strings.HasPrefix(name, "gl/") })
	if len(forms) != 6 || slices.Contains(forms, "gl/f32") {
		t.Fatalf("the forms are %v", forms)
	}
	for pattern, want := range map[string][]string{
		"gl":     {"gl/f64", "gl/f32"},
		"gl/*":   {"gl/f64", "gl/f32"},
		"gl/f32": {"gl/f32"},
		"gl-*":   forms,
		"gl*":    append(slices.Clone(forms), "gl/f64", "gl/f32"),
	} {
		chosen, err := bench.Select(builtin.Contenders(builtin.Options{}), []string{pattern})
		if got := bench.Names(chosen); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s names %v, want %v; error %v", pattern, got, want, err)
		}
	}
}

// A pattern reaches peers only if no built-in contender and no program matches it.
func TestPatternsChooseAmongPeersLast(t *testing.T) {
	ours := bench.OfPrecision(builtin.Contenders(builtin.Options{}), []dataset.Precision{dataset.Float64})
	programs := []bench.Contender{{Backend: "python"}}
	known := peers.Home{}.Contenders(1)
	for pattern, want := range map[string]struct{ first, peers string }{
		"*":         {"loop/f64", ""},
		"*/f64":     {"loop/f64", ""},
		"*/f32":     {"", "*/f32"}, // only peers are left in f32 here
		"loop":      {"loop/f64", ""},
		"g*":        {"gonum/f64", ""},
		"numpy":     {"", "numpy"},
		"jax*/f32":  {"", "jax*/f32"},
		"py*":       {"", ""}, // a program, which runs anyway
		"numpy/f64": {"", "numpy/f64"},
	} {
		chosen, patterns, err := choose([]string{pattern}, slices.Clone(ours), programs, known)
		first := ""
		if len(chosen) > 0 {
			first = chosen[0].Name()
		}
		if err != nil || first != want.first || strings.Join(patterns, " ") != want.peers {
			t.Errorf("%s chooses %v, and %q of the peers, %v", pattern, bench.Names(chosen), patterns, err)
		}
	}
	if _, _, err := choose([]string{"loop", "tpu"}, ours, programs, known); err == nil {
		t.Error("tpu is no mistake")
	}
}
