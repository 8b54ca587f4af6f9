package cpu

import (
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"descent/cpu/internal/kernel"
	"descent/dataset"
)

// loadedGram returns a Gram with p loaded, whose pass is shared by as many workers, or by those it
// chooses where workers is 0.
func loadedGram[T Float](tb testing.TB, p *dataset.Problem, set string, workers int) *Gram[T] {
	tb.Helper()
	b, err := NewGram[T](0, set)
	if err == nil {
		err = b.Load(p)
	}
	if err != nil {
		tb.Fatal(err)
	}
	if workers > 0 {
		b.share(workers)
	}
	tb.Cleanup(func() { b.Close() })
	return b
}

func TestGramHasTheSameBitsForAnyWorkersAndInstructionSet(t *testing.T) {
	t.Run("f64", sameGramBits[float64])
	t.Run("f32", sameGramBits[float32])
}

func sameGramBits[T Float](t *testing.T) {
	sizes := []struct{ n, p int }{{1, 1}, {17, 1}, {100_003, 1}, {100_003, 2}, {30_001, 3}, {30_001, 7}, {3000, 15}, {3001, 64}, {1100, 512}}
	for _, size := range sizes {
		p := ofSize(t, size.n, size.p)
		w := func(set string, workers int) []float64 {
			w := make([]float64, size.p+1)
			if err := loadedGram[T](t, p, set, workers).Descend(w, 0.01, 11); err != nil {
				t.Fatal(err)
			}
			return w
		}
		want := w("purego", 1)
		for _, set := range kernel.Sets[T]() {
			for _, workers := range []int{0, 1, 2, 3, 4, 9} {
				if diff := cmp.Diff(want, w(set.Name, workers)); diff != "" {
					t.Errorf("N=%d P=%d, %s, %d workers: not the bits of one worker in plain Go:\n%s", size.n, size.p, set.Name, workers, diff)
				}
			}
		}
	}
}

func TestGramIsRightWhereThereAreMoreWorkersThanProcessors(t *testing.T) {
	p := ofSize(t, 50_000, 2)
	want, got := make([]float64, 3), make([]float64, 3)
	if err := loadedGram[float64](t, p, "", 1).Descend(want, 0.01, 10); err != nil {
		t.Fatal(err)
	}
	for _, procs := range []int{1, 2, 16} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		clear(got)
		if err := loadedGram[float64](t, p, "", 8).Descend(got, 0.01, 10); err != nil || !slices.Equal(got, want) {
			t.Errorf("GOMAXPROCS=%d: 8 workers give %v, one %v; error %v", procs, got, want, err)
		}
	}
}

// problemAt returns one with features at offset + scale·[0, 2], and its oracle.
func problemAt(tb testing.TB, prec dataset.Precision, n, p int, seed uint64, offset, scale func(j int) float64) (*dataset.Problem, *dataset.Trajectory) {
	tb.Helper()
	prob, err := dataset.Generate(dataset.Spec{N: n, P: p, Noise: 0.1, Weights: dataset.DefaultWeights(p), Seed: seed})
	if err != nil {
		tb.Fatal(err)
	}
	for i, x := range prob.X {
		prob.X[i] = offset(i%p) + scale(i%p)*x
	}
	for i := range prob.D {
		prob.D[i] += offset(0)
	}
	traj, err := dataset.NewTrajectory(prob, prec)
	if err != nil {
		tb.Fatal(err)
	}
	return prob, traj
}

// off returns how far b's weights are from the oracle's, and reports those that are further than
// the tolerance.
func off[T Float](t *testing.T, what string, b *Gram[T], traj *dataset.Trajectory, share float64, epochs int) float64 {
	t.Helper()
	w0, w := make([]float64, b.strips.p+1), make([]float64, b.strips.p+1)
	rate := share * traj.MaxRate()
	if err := b.Descend(w, rate, epochs); err != nil {
		t.Fatal(err)
	}
	far, err := traj.Check(w0, w, rate, epochs)
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	return far
}

func TestGramMatchesTheOracle(t *testing.T) {
	t.Run("f64", func(t *testing.T) { gramMatches[float64](t, dataset.Float64) })
	t.Run("f32", func(t *testing.T) { gramMatches[float32](t, dataset.Float32) })
}

func gramMatches[T Float](t *testing.T, prec dataset.Precision) {
	zero, one := func(int) float64 { return 0 }, func(int) float64 { return 1 }
	million := func(j int) float64 { return 1e6 * float64(1-2*(j%2)) }
	scales := func(j int) float64 { return math.Pow(10, float64(2*(j%7)-6)) } // 1e-6 … 1e6
	both := func(j int) float64 { return 1e6 * scales(j) }
	data := []struct {
		name          string
		offset, scale func(j int) float64
	}{{"plain", zero, one}, {"at a million", million, one}, {"of many scales", zero, scales}, {"at a million of many scales", both, scales}}
	small := []int{1, 2, 7, 8, 9, 15, 16, 17, 1000}
	for p, sizes := range map[int][]int{1: append(small, 100_000), 2: append(small, 100_000), 7: append(small, 30_000), 64: {1, 17, 3000}, 512: {17, 700}} {
		for _, n := range sizes {
			for _, d := range data {
				prob, traj := problemAt(t, prec, n, p, 1, d.offset, d.scale)
				b := loadedGram[T](t, prob, "", 0)
				for _, epochs := range []int{1, 2, 300} {
					for _, share := range []float64{0.01, 0.9} {
						off(t, fmt.Sprintf("%s, N=%d, P=%d", d.name, n, p), b, traj, share, epochs)
					}
				}
			}
		}
	}
}

// Without shifts the sums of products are of squares of the offset, and what tells the slopes is
// rounded with them. Seen were errors some 30 times as large.
func TestShiftsKeepWhatOffsetsWouldLose(t *testing.T) {
	million, one := func(int) float64 { return 1e6 }, func(int) float64 { return 1 }
	var with, without float64
	for seed := range 8 {
		p, traj := problemAt(t, dataset.Float64, 100, 3, uint64(seed+1), million, one)
		b := loadedGram[float64](t, p, "", 0)
		with += off(t, "with shifts", b, traj, 0.9, 3000)
		clear(b.center)
		b.strips.fill(p, nil, 0, b.strips.count)
		without += off(t, "without shifts", b, traj, 0.9, 3000)
	}
	if without < 5*with {
		t.Errorf("the error with shifts is %.3g, without %.3g: not a fifth", with, without)
	}
}

// The shifts are exact for any value, not only for the means, with which some terms all but vanish.
func TestIteratesDoNotDependOnTheShifts(t *testing.T) {
	t.Run("f64", func(t *testing.T) { shiftsDoNotMatter[float64](t, dataset.Float64) })
	t.Run("f32", func(t *testing.T) { shiftsDoNotMatter[float32](t, dataset.Float32) })
}

func shiftsDoNotMatter[T Float](t *testing.T, prec dataset.Precision) {
	zero, one := func(int) float64 { return 0 }, func(int) float64 { return 1 }
	for _, p := range []int{1, 2, 7} {
		prob, traj := problemAt(t, prec, 500, p, 1, zero, one)
		b := loadedGram[T](t, prob, "", 0)
		for j := range b.center {
			b.center[j] = float64(j%3) - 0.625
		}
		b.strips.fill(prob, convert[T](b.center), 0, b.strips.count)
		for _, epochs := range []int{1, 2, 300} {
			off(t, fmt.Sprintf("P=%d", p), b, traj, 0.9, epochs)
		}
	}
}

// A residual of 1 between numbers of a million is exact in float32, and so are the shifts of both:
// a slope has all its digits after an epoch from a level that close.
func TestSmallResidualsOfLargeTargetsKeepTheirDigits(t *testing.T) {
	for _, p := range []int{1, 2} {
		prob := ofSize(t, 1000, p)
		for i := range prob.D {
			prob.D[i] += 1e6
		}
		traj, err := dataset.NewTrajectory(prob, dataset.Float32)
		if err != nil {
			t.Fatal(err)
		}
		w := make([]float64, p+1)
		w[0] = 1e6
		want := traj.At(w, 0.1, 1)
		if err := loadedGram[float32](t, prob, "", 0).Descend(w, 0.1, 1); err != nil {
			t.Fatal(err)
		}
		for j := 1; j <= p; j++ {
			// Some roundings of 2⁻²⁴, and the oracle's own of a million in float64.
			if !(math.Abs(w[j]-want[j]) <= 1e-6*math.Abs(want[j])) {
				t.Errorf("P=%d: w[%d] is %v, not %v", p, j, w[j], want[j])
			}
		}
	}
}

func TestMeansAreOfAllSamplesAndDoNotOverflow(t *testing.T) {
	for _, n := range []int{1, 2, 100, 70_001} {
		p := &dataset.Problem{N: n, P: 2, X: make([]float64, 2*n), D: make([]float64, n)}
		for i := range n {
			p.X[2*i], p.X[2*i+1], p.D[i] = math.MaxFloat64/2, float64(i), -3
		}
		for _, workers := range []int{1, 3} {
			b := loadedGram[float64](t, p, "", workers)
			want := []float64{math.MaxFloat64 / 2, float64(n-1) / 2, -3}
			for j, mean := range b.means(p) {
				// Every term is rounded twice, and then up to N times more with the others.
				if !(math.Abs(mean-want[j]) <= float64(n+1)*0x1p-53*math.Abs(want[j])) {
					t.Errorf("N=%d, %d workers: the mean of column %d is %v, not %v", n, workers, j, mean, want[j])
				}
			}
		}
	}
}

// Every strip is in one segment, and no value of any problem passes through more than
// dataset.SumDepth additions.
func TestSumsOfMomentsAreShallowAndCoverTheStrips(t *testing.T) {
	t.Run("f64", rapid.MakeCheck(momentsAreShallow[float64]))
	t.Run("f32", rapid.MakeCheck(momentsAreShallow[float32]))
}

func momentsAreShallow[T Float](t *rapid.T) {
	n := int(math.Exp2(rapid.Float64Range(0, 27).Draw(t, "log₂ N")))
	p := int(math.Exp2(rapid.Float64Range(0, 12).Draw(t, "log₂ P")))
	v := kernel.Lanes[T]()
	m := moments[T]{strips: &strips[T]{n: n, p: p, count: (n + v - 1) / v}}
	m.divide()
	segments := len(m.bounds) - 1
	if m.bounds[0] != 0 || m.bounds[segments] != m.strips.count || len(slices.Compact(slices.Clone(m.bounds))) != len(m.bounds) || !slices.IsSorted(m.bounds) {
		t.Fatalf("N=%d, P=%d: %d strips, segments %v", n, p, m.strips.count, m.bounds)
	}
	for s := range segments {
		strips := m.bounds[s+1] - m.bounds[s]
		steps := strips * kernel.Steps[T]()
		depth := m.block*kernel.Steps[T]() + (strips+m.block-1)/m.block
		if p == 1 {
			depth = kernel.MomentRun/4 + 3 + 2 + (steps+kernel.MomentRun-1)/kernel.MomentRun
		}
		depth += 3 + bits.Len(uint(segments-1)) // the folding of eight lanes, and segments in pairs
		if depth > dataset.SumDepth {
			t.Fatalf("N=%d, P=%d: a sum has %d additions after another: %d strips a segment, %d a block", n, p, depth, strips, m.block)
		}
	}
}

func TestThePassIsPartOfDescendAndItsWorkersStayWithinTheBound(t *testing.T) {
	p := ofSize(t, 200_000, 1)
	for _, limit := range []int{0, 1, 2, 64} {
		b, err := NewGram[float32](limit, "")
		if err == nil {
			err = b.Load(p)
		}
		if err != nil {
			t.Fatal(err)
		}
		if most := Processors(limit); b.workers < 1 || b.workers > most {
			t.Errorf("threads %d on %d processors: %d workers", limit, most, b.workers)
		}
		start := time.Now()
		if err := b.Descend(make([]float64, 2), 0.01, 1); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); b.Pass() <= 0 || b.Pass() > took {
			t.Errorf("threads %d: %v of %v were the pass", limit, b.Pass(), took)
		}
		b.Close()
	}
}

func TestGramRefusesAnInstructionSetThatIsNotThere(t *testing.T) {
	if _, err := NewGram[float64](0, "neon9"); err == nil {
		t.Error("neon9 was accepted")
	}
	for _, set := range kernel.Sets[float32]() {
		if b, err := NewGram[float32](0, set.Name); err != nil || b.InstructionSet() != set.Name {
			t.Errorf("%s: %v, %v", set.Name, b, err)
		}
	}
}

// BenchmarkGram times the pass, by size, and 10,000 epochs after it, which N makes no longer.
func BenchmarkGram(b *testing.B) {
	for _, size := range []struct{ n, p int }{{10_000, 1}, {1_000_000, 1}, {10_000, 2}, {1_000_000, 2}, {10_000, 7}, {1_000_000, 7}, {10_000, 64}, {10_000, 512}} {
		p := ofSize(b, size.n, size.p)
		name := fmt.Sprintf("N=%d/P=%d", size.n, size.p)
		b.Run("f64/"+name, func(b *testing.B) { benchmarkGram[float64](b, p) })
		b.Run("f32/"+name, func(b *testing.B) { benchmarkGram[float32](b, p) })
	}
}

func benchmarkGram[T Float](b *testing.B, p *dataset.Problem) {
	const epochs = 10_000
	workers := []int{1}
	if n := loadedGram[T](b, p, "", 0).workers; n > 1 {
		workers = append(workers, n)
	}
	for _, n := range workers {
		b.Run(fmt.Sprintf("pass/workers=%d", n), func(b *testing.B) {
			g, w := loadedGram[T](b, p, "", n), make([]float64, p.P+1)
			b.SetBytes(int64(p.N * (p.P + 1) * kernel.Line / kernel.Lanes[T]()))
			var pass time.Duration
			for b.Loop() {
				if err := g.Descend(w, 1e-6, 0); err != nil {
					b.Fatal(err)
				}
				pass += g.Pass()
			}
			sum := g.worker(func(lo, hi int) {
				for s := lo; s < hi; s++ {
					from, to := g.moments.bounds[s], g.moments.bounds[s+1]
					g.set.Sum(g.strips.at(from), (to-from)*(p.P+1), 1)
				}
			})
			start := time.Now()
			for range b.N {
				g.team.run(n, sum)
			}
			b.ReportMetric(float64(time.Since(start))/float64(pass), "of-sum")
			products := float64(p.N) * float64(p.P+1) * float64(p.P+2) / 2
			b.ReportMetric(2*products*float64(b.N)/float64(pass), "GFLOP/s")
		})
	}
	b.Run(fmt.Sprintf("epochs=%d", epochs), func(b *testing.B) {
		g, w := loadedGram[T](b, p, "", 1), make([]float64, p.P+1)
		var after time.Duration
		for b.Loop() {
			start := time.Now()
			if err := g.Descend(w, 1e-6, epochs); err != nil {
				b.Fatal(err)
			}
			after += time.Since(start) - g.Pass()
		}
		b.ReportMetric(float64(after)/float64(b.N)/epochs, "ns/epoch")
	})
}
