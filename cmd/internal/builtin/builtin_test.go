package builtin

import (
	"testing"

	"descent/bench"
	"descent/dataset"
)

func TestOpenGLIsUsedByGLAndItsFormsAlone(t *testing.T) {
	for backend, want := range map[string]bool{"gl": true, "gl-graph": true, "gl-fused": true, "loop": false, "glibc": false} {
		if got := UsesGL(backend); got != want {
			t.Errorf("UsesGL(%q) = %v", backend, got)
		}
	}
}

// Our contenders fill every column of the fairness sheet, as outside programs may.
func TestOurContendersOnTheCPUSayWhatIsTimed(t *testing.T) {
	p, err := dataset.Generate(dataset.Spec{N: 100, P: 1, Noise: 0.1, Weights: dataset.DefaultWeights(1), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range all {
		if UsesGL(b.Name) {
			continue
		}
		backend, err := b.Open(Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer backend.Close()
		if err := backend.Load(p); err != nil {
			t.Fatal(err)
		}
		info := backend.(bench.Describer).Describe()
		if info.Device != "cpu" || info.Version == "" || info.Threads != 1 || info.Sync == "" || info.Timed == "" || info.Untimed == "" {
			t.Errorf("%s says %+v", b.Name, info)
		}
	}
}
