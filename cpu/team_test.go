package cpu

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// meet has workers meet for as many rounds, and checks in each that all have come to it and none is
// further than the next.
func meet(t testing.TB, tm *team, workers, rounds, looks int) {
	b := newBarrier(workers)
	come := make([]atomic.Int64, workers)
	var bad atomic.Int64
	tm.run(workers, func(i int) {
		for k := range rounds {
			come[i].Store(int64(k + 1))
			b.await(i, uint64(k+1), looks)
			for j := range come {
				if at := come[j].Load(); at < int64(k+1) || at > int64(k+2) {
					bad.Add(1)
				}
			}
		}
	})
	if n := bad.Load(); n > 0 {
		t.Errorf("%d workers, %d looks: %d times a worker was seen in another round", workers, looks, n)
	}
}

func TestWorkersMeetInEveryRound(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			var tm team
			defer tm.dismiss()
			for _, workers := range []int{1, 2, 3, 8} {
				for _, looks := range []int{0, mostLooks} {
					rounds := 2000
					if looks > 0 && workers > min(procs, runtime.NumCPU()) {
						rounds = 20 // each waits for as long as it may spin
					}
					meet(t, &tm, workers, rounds, looks)
				}
			}
		})
	}
}

func TestWorkersMeetWhileGarbageIsCollected(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		var keep []byte
		for {
			select {
			case <-stop:
				runtime.KeepAlive(keep)
				return
			default:
				keep = make([]byte, 1<<16)
			}
		}
	}()
	var tm team
	defer tm.dismiss()
	meet(t, &tm, 2, 2_000, mostLooks)
}

func TestAnIdleTeamUsesNoProcessor(t *testing.T) {
	var tm team
	defer tm.dismiss()
	meet(t, &tm, 4, 100, mostLooks)
	time.Sleep(50 * time.Millisecond) // all look around for a while
	before := processorTime(t)
	time.Sleep(300 * time.Millisecond)
	if used := processorTime(t) - before; used > 100*time.Millisecond {
		t.Errorf("parked for 300 ms, the process used %v of processor time", used)
	}
}

func processorTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestADismissedTeamEndsItsGoroutinesAndCanWorkAgain(t *testing.T) {
	before := runtime.NumGoroutine()
	var tm team
	for range 3 {
		meet(t, &tm, 5, 10, 0)
		tm.dismiss()
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

// BenchmarkBarrier times a round.
func BenchmarkBarrier(b *testing.B) {
	for workers := 1; workers <= Processors(0); workers *= 2 {
		for _, looks := range []int{mostLooks, 0} {
			b.Run(fmt.Sprintf("workers=%d/looks=%d", workers, looks), func(b *testing.B) {
				var tm team
				defer tm.dismiss()
				meet(b, &tm, workers, b.N, looks)
			})
		}
	}
}

// BenchmarkRun times a task that does nothing.
func BenchmarkRun(b *testing.B) {
	for workers := 1; workers <= Processors(0); workers *= 2 {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			var tm team
			defer tm.dismiss()
			task := func(int) {}
			for range b.N {
				tm.run(workers, task)
			}
		})
	}
}
