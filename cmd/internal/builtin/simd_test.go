package builtin

import (
	"testing"
	"time"

	"descent/cpu"
)

func TestANoteSaysWhatDecidedTheNumberOfWorkers(t *testing.T) {
	trial := func(workers int, epoch time.Duration, epochs int) cpu.Trial {
		return cpu.Trial{Workers: workers, Epoch: epoch, Epochs: epochs}
	}
	for _, c := range []struct {
		workers             int
		trials              []cpu.Trial
		threads, processors int
		want                string
	}{
		{2, []cpu.Trial{trial(1, 812, 0), trial(2, 451, 0)}, 0, 2, "2 of at most 2 workers by trial: 451.0 ns an epoch, 1 worker 812.0 ns"},
		{1, []cpu.Trial{trial(1, 812, 95), trial(2, 1451, 5)}, 2, 2, "1 of at most 2 workers by trial: 812.0 ns an epoch, 2 workers 1.451 µs"},
		{2, []cpu.Trial{trial(1, 812, 4), trial(2, 451, 94), trial(3, 600, 2)}, 3, 8,
			"2 of at most 3 workers by trial: 451.0 ns an epoch, 1 worker 812.0 ns, 3 workers 600.0 ns; for a while other numbers of workers were quicker"},
		{2, []cpu.Trial{trial(1, 812, 0), trial(2, 451, 9)}, 8, 2, "2 of at most 2 workers by trial: 451.0 ns an epoch, 1 worker 812.0 ns; --threads 8 is more than the 2 processors that may be used"},
		{1, nil, 1, 1, "1 worker, as --threads has it"},
		{1, nil, 0, 1, "1 worker, on the 1 processor that may be used"},
		{1, nil, 2, 1, "1 worker, on the 1 processor that may be used; --threads 2 is more than the 1 processor that may be used"},
		{1, nil, 0, 2, "1 worker: the data are too few for more"},
	} {
		if got := sharing(c.workers, c.trials, c.threads, c.processors); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c, got, c.want)
		}
	}
}
