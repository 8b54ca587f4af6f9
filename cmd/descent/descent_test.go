package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"descent/bench"
	"descent/cmd/internal/screen"
	"descent/dataset"
)

// slowly returns a descent that needs some thousand epochs, and the notes that it makes.
func slowly(t *testing.T) (*descent, *[]string) {
	t.Helper()
	p := &dataset.Problem{N: 4, P: 2, D: []float64{1, 4, 9, 17}, X: []float64{1, 1.1, 2, 2, -1, -1, 0.5, 0.7}}
	oracle, err := dataset.NewTrajectory(p, dataset.Float64)
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	d := &descent{
		fitCommand: &fitCommand{epochs: 100_000, tolerance: 1e-10}, contender: bench.Contender{Backend: "simd"},
		model: &model{Rate: oracle.MaxRate() / 2}, problem: p, oracle: oracle,
		show: screen.NewProgress(io.Discard), note: func(text string) { notes = append(notes, text) },
	}
	return d, &notes
}

func TestAFitNotesOnceThatItTakesFarLongerThanLeastSquares(t *testing.T) {
	d, notes := slowly(t)
	d.exactTook = 400 * time.Millisecond
	for chunk := firstChunk; chunk < 32*firstChunk; chunk *= 2 {
		d.tell(chunk)
		d.count(chunk, time.Duration(chunk)*4*time.Millisecond)
	}
	if len(*notes) != 1 || !strings.HasPrefix((*notes)[0], "the descent takes about ") || !strings.HasSuffix((*notes)[0], "more, exact least squares took 400.0 ms") {
		t.Errorf("notes %q", *notes)
	}
}

func TestAFitNotesNothingIfLeastSquaresIsNotFarFaster(t *testing.T) {
	for name, change := range map[string]func(*descent){
		"it is slow too":                    func(d *descent) { d.exactTook = time.Hour },
		"few epochs are left":               func(d *descent) { d.epochs = 2100 },
		"the tolerance is near":             func(d *descent) { d.tolerance = 0.5 },
		"f32 cannot come near the optimum":  func(d *descent) { d.contender.Precision, d.tolerance = dataset.Float32, 0.5 },
		"the algorithm pays not for epochs": func(d *descent) { d.model.Algorithm = "another" },
	} {
		d, notes := slowly(t)
		change(d)
		for chunk := firstChunk; chunk < 32*firstChunk; chunk *= 2 {
			d.tell(chunk)
			d.count(chunk, time.Duration(chunk)*4*time.Millisecond)
		}
		if len(*notes) != 0 {
			t.Errorf("%s: notes %q", name, *notes)
		}
	}
}

// A GPU compiles in its first call, and f32 ends where rounding keeps the gradient from shrinking.
func TestTheEstimateOfAFit(t *testing.T) {
	d, _ := slowly(t)
	d.count(firstChunk, time.Minute)
	d.count(2*firstChunk, 2*firstChunk*time.Millisecond)
	if d.pace != time.Millisecond {
		t.Errorf("pace %v", d.pace)
	}
	ends := d.end(4 * firstChunk)
	share := d.oracle.GradientShare(d.model.Rate, ends)
	if before := (ends+firstChunk)/2 - firstChunk; !(share <= 1e-10 && d.oracle.GradientShare(d.model.Rate, before) > 1e-10) {
		t.Errorf("it ends after %d epochs with a gradient of %g", ends, share)
	}
	d.contender.Precision = dataset.Float32
	if rounded := d.end(4 * firstChunk); rounded >= ends {
		t.Errorf("%d epochs in f32, %d in f64", rounded, ends)
	}
	d.epochs = 500
	if ends := d.end(4 * firstChunk); ends != 500 {
		t.Errorf("%d epochs of 500", ends)
	}
}
