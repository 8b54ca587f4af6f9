package main

import (
	"fmt"
	"strconv"
	"time"

	"descent/bench"
	"descent/dataset"
)

// planted is a backend whose epochs take a time that is known: fixed nanoseconds, and row
// nanoseconds for each row of the data. Its answers are right: it computes them in closed form,
// which takes no time to speak of, and waits.
type planted struct {
	device     string
	fixed, row float64
	rows       int
	exact      *dataset.Trajectory
}

// newPlanted opens a backend from the arguments of its worker: device, fixed and row.
func newPlanted(args []string) (bench.Backend, error) {
	if len(args) != 3 {
		return nil, fmt.Errorf("a planted contender has a device and two times, not %q", args)
	}
	fixed, err := strconv.ParseFloat(args[1], 64)
	if err != nil {
		return nil, err
	}
	row, err := strconv.ParseFloat(args[2], 64)
	if err != nil {
		return nil, err
	}
	return &planted{device: args[0], fixed: fixed, row: row}, nil
}

// Load implements bench.Backend.
func (b *planted) Load(p *dataset.Problem) (err error) {
	b.rows = p.N
	b.exact, err = dataset.NewTrajectory(p, dataset.Float64)
	return err
}

// epoch returns how long an epoch takes, in nanoseconds.
func (b *planted) epoch() float64 { return b.fixed + b.row*float64(b.rows) }

// Descend implements bench.Backend.
func (b *planted) Descend(w []float64, rate float64, epochs int) error {
	ready := time.Now().Add(time.Duration(float64(epochs) * b.epoch()))
	copy(w, b.exact.At(w, rate, epochs))
	waitUntil(ready)
	return nil
}

// waitUntil returns at a time, to the microsecond. A sleep may end a few milliseconds late, so the
// last of the wait is spent looking at the clock.
func waitUntil(ready time.Time) {
	const late = 5 * time.Millisecond
	if early := time.Until(ready) - late; early > 0 {
		time.Sleep(early)
	}
	for time.Now().Before(ready) {
	}
}

// Close implements bench.Backend.
func (b *planted) Close() error { return nil }

// Describe implements bench.Describer.
func (b *planted) Describe() bench.Info { return bench.Info{Device: b.device, Threads: 1} }
