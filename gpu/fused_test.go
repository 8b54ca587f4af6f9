//go:build linux && cgo

package gpu

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gl/gl/v4.3-core/gl"

	"descent/dataset"
	"descent/gpu/device"
	"descent/shaders"
)

// twinOf returns w after a descent as descended makes it, by the CPU twin.
func twinOf(f *fusedDescent, p *dataset.Problem, epochs int) []float64 {
	w := random(p.P+1, 3)
	if f.precision == dataset.Float32 {
		newFusedTwin[float32](f.tiling, p).descend(w, gentle(p.P), epochs)
	} else {
		newFusedTwin[float64](f.tiling, p).descend(w, gentle(p.P), epochs)
	}
	return w
}

// The device does the sums of the twin, in its order: to the last bit, in every variant.
func TestFusedGivesTheBitsOfItsTwin(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, fusedForm, precision)
		for _, s := range []struct {
			n, p   int
			blocks int64 // the storage-block limit, 0 for the device's own
			gpu    bool  // as many segments as a GPU gets
		}{
			{n: 1, p: 1}, {n: 2, p: 1}, {n: 1023, p: 1}, {n: 1025, p: 1},
			{n: 100_000, p: 1}, {n: 100_000, p: 1, blocks: 8 << 10}, {n: 50_001, p: 1, blocks: 100_000},
			{n: 100_000, p: 1, gpu: true}, {n: 2_200_000, p: 1}, {n: 2_200_000, p: 1, gpu: true}, {n: 600_000, p: 1, gpu: true, blocks: 2_000_000},
			{n: 5000, p: 2}, {n: 777, p: 7}, {n: 5000, p: 8, blocks: 20_000}, {n: 1000, p: 9},
			{n: 777, p: 64, blocks: 200_000}, {n: 40_000, p: 64, gpu: true}, {n: 50, p: 512}, {n: 9, p: 2048}, {n: 3, p: 4000},
		} {
			name := fmt.Sprintf("%v/N=%d/P=%d", precision, s.n, s.p)
			t.Run(name, func(t *testing.T) {
				b.maxBytes = s.blocks
				if s.blocks == 0 {
					b.maxBytes = maxBlockBytes
				}
				b.device.Software = !s.gpu
				problem := randomProblem(s.n, s.p)
				load(t, b, problem)
				f := b.loaded.(*fusedDescent)
				want := twinOf(f, problem, 2)
				tried := []shaders.FusedVariant{f.variant, shaders.PlainFused}
				if s.p < 3 || s.p == 64 { // others take the compiler long
					all := shaders.FusedVariants(f.shape, 0)
					tried = append(tried, all[len(all)/2], all[len(all)-1])
				}
				for _, v := range tried {
					f.try(t, v)
					if got := descended(t, b, s.p, 2); !slices.Equal(got, want) {
						t.Fatalf("%v: w = %v…, the twin has %v…", v, got[:2], want[:2])
					}
				}
			})
		}
	}
}

// shuffled is a kernel with subgroups for a driver without: the shuffle goes through shared
// memory, which is slow and says nothing of a driver's own, but shows which values are added.
func shuffled(k shaders.Kernel, number shaders.Real) shaders.Kernel {
	lines := strings.Split(k.Source, "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "#extension") })
	shuffle := fmt.Sprintf(`shared %[1]s passed[gl_WorkGroupSize.x];
%[1]s subgroupShuffleXor(%[1]s x, uint other) {
	barrier();
	passed[gl_LocalInvocationIndex] = x;
	memoryBarrierShared();
	barrier();
	return passed[gl_LocalInvocationIndex ^ other];
}`, number)
	at := slices.Index(lines, "layout(local_size_x = LOCAL_SIZE) in;")
	lines = slices.Insert(lines, at+1, strings.Split(shuffle, "\n")...)
	source := strings.NewReplacer(
		// The barriers are for the whole group, which therefore takes part wherever a subgroup
		// does.
		"job < jobs;", "job < (jobs + LOCAL_SIZE - 1u) / LOCAL_SIZE * LOCAL_SIZE;",
		"if (job % adders == 0u)", "if (job % adders == 0u && job < jobs)",
		"if (slot < (COLUMNS > SUBGROUP ? COLUMNS : SUBGROUP))", "",
		"folded[at + i * left]", "folded[(at + i * left) % (BATCH * LOCAL_SIZE)]",
		"gl_NumSubgroups", "uint(LOCAL_SIZE / SUBGROUP)",
		"gl_SubgroupID", "(gl_LocalInvocationIndex / SUBGROUP)",
		"gl_SubgroupInvocationID", "(gl_LocalInvocationIndex % SUBGROUP)").Replace(strings.Join(lines, "\n"))
	return shaders.Kernel{Name: k.Name + " shuffled", Source: source}
}

func TestSumsThroughSubgroupsHaveTheBitsOfThoseThroughSharedMemory(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, fusedForm, precision)
		for _, s := range []struct{ n, p int }{{10_000, 1}, {3000, 7}, {500, 64}} {
			problem := randomProblem(s.n, s.p)
			load(t, b, problem)
			f := b.loaded.(*fusedDescent)
			want := twinOf(f, problem, 2)
			for _, size := range shaders.FusedSubgroups {
				v := shaders.FusedVariant{LocalSize: 512, Unroll: 1, Subgroup: size}
				do(t, f.context, func() (err error) {
					k := shaders.Fused(realOf(precision), f.shape, v)
					f.program, err = f.context.Program(shuffled(k, realOf(precision)))
					f.variant = v
					return err
				})
				if got := descended(t, b, s.p, 2); !slices.Equal(got, want) {
					t.Errorf("%v, N=%d, P=%d, subgroups of %d: w = %v…, the twin has %v…", precision, s.n, s.p, size, got[:2], want[:2])
				}
			}
		}
	}
}

// On equal data a sum is right whichever slots it is over, and would be wrong on others.
func TestSumsThroughOtherSubgroupsAreNoNumbersWhateverTheDataAre(t *testing.T) {
	b := testBackend(t, fusedForm, dataset.Float32)
	load(t, b, &dataset.Problem{N: 2048, P: 1, X: slices.Repeat([]float64{1}, 2048), D: make([]float64, 2048)})
	f := b.loaded.(*fusedDescent)
	v := shaders.FusedVariant{LocalSize: 256, Unroll: 1, Subgroup: 32}
	for _, driver := range []struct{ does, instead string }{
		{"uint(LOCAL_SIZE / SUBGROUP)", "16u"}, // 16 invocations, though it says 32
		{"(gl_LocalInvocationIndex % SUBGROUP)", "(31u - gl_LocalInvocationIndex % SUBGROUP)"},
	} {
		do(t, f.context, func() error {
			k := shuffled(shaders.Fused(shaders.Float, f.shape, v), shaders.Float)
			k.Source = strings.Replace(k.Source, driver.does, driver.instead, 1)
			p, err := f.context.Program(k)
			f.program = p
			return err
		})
		if w := descended(t, b, 1, 1); !math.IsNaN(w[0]) || !math.IsNaN(w[1]) {
			t.Errorf("%s for %s: w = %v", driver.instead, driver.does, w)
		}
	}
}

// A variant that the driver refuses, or whose sums are other ones, is not taken.
func TestASearchTakesNoVariantThatIsWrong(t *testing.T) {
	b := testBackend(t, fusedForm, dataset.Float32)
	load(t, b, randomProblem(200_000, 1))
	f := b.loaded.(*fusedDescent)
	fusedVariants.known = nil
	plain := shaders.Fused(shaders.Float, f.shape, shaders.PlainFused)
	f.compile = idleBut(f.context, plain)
	do(t, f.context, f.choose)
	if f.variant != shaders.PlainFused {
		t.Errorf("took %v, which does nothing", f.variant)
	}
	fusedVariants.known = nil // what it found is true of no other context
}

// idleBut compiles kernels so that all but one do nothing. Such a kernel is fast, and wrong.
func idleBut(c *device.Context, right shaders.Kernel) func(shaders.Kernel) (device.Program, error) {
	return func(k shaders.Kernel) (device.Program, error) {
		if k != right {
			k.Source = strings.Replace(k.Source, "void main() {", "void main() {\n\treturn;", 1)
		}
		return c.Program(k)
	}
}

// An epoch may be cut into several submissions, which must not show.
func TestAnEpochInPiecesGivesTheSameBits(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, fusedForm, precision)
		b.device.Software = false
		b.maxBytes = 500_000
		load(t, b, randomProblem(200_000, 2))
		f := b.loaded.(*fusedDescent)
		whole := descended(t, b, 2, 3)
		for _, pieces := range []int{2, 7, 1000} {
			f.epoch = f.pieces(pieces)
			if got := descended(t, b, 2, 3); !slices.Equal(got, whole) {
				t.Errorf("%v: %d pieces give %v, a whole epoch %v", precision, len(f.epoch), got, whole)
			}
		}
	}
}

// A descent may be cancelled between the pieces of an epoch.
func TestTheRestOfAnEpochIsForgotten(t *testing.T) {
	b := testBackend(t, fusedForm, dataset.Float32)
	b.device.Software = false
	load(t, b, randomProblem(200_000, 2))
	f := b.loaded.(*fusedDescent)
	whole := descended(t, b, 2, 3)
	f.epoch = f.pieces(3)
	do(t, f.context, func() error {
		f.bind()
		f.dispatch(f.epoch[0][0])
		device.UpdateBarrier()
		return f.context.Finish()
	})
	if got := descended(t, b, 2, 3); !slices.Equal(got, whole) {
		t.Errorf("w = %v after a third of an epoch, %v before", got, whole)
	}
}

func TestASearchIsDoneOnceForEachKindOfProblem(t *testing.T) {
	b := testBackend(t, fusedForm, dataset.Float32)
	load(t, b, randomProblem(3000, 3))
	f := b.loaded.(*fusedDescent)
	first := f.variant
	compiled := programs(t, b.context)
	load(t, b, randomProblem(3001, 3))
	if f, now := b.loaded.(*fusedDescent), programs(t, b.context); f.variant != first || now != compiled {
		t.Errorf("%v after %v, and %d programs more", f.variant, first, now-compiled)
	}
}

// programs counts the programs of a context. Drivers take small numbers for their names.
func programs(t *testing.T, c *device.Context) (count int) {
	t.Helper()
	do(t, c, func() error {
		for name := range uint32(10_000) {
			if gl.IsProgram(name) {
				count++
			}
		}
		return device.CheckErrors("count")
	})
	return count
}

// A trial leaves nothing behind: neither a count of arrivals nor a step of w.
func TestTrialsLeaveNoTrace(t *testing.T) {
	b := testBackend(t, fusedForm, dataset.Float64)
	load(t, b, randomProblem(100_000, 1))
	f := b.loaded.(*fusedDescent)
	want := descended(t, b, 1, 3)
	if err := f.context.Do(func() error {
		tr := fusedTrial{fusedDescent: f, part: span{end: 5}, repeats: 3}
		if _, err := tr.time(shaders.PlainFused); err != nil {
			return err
		}
		return f.choose()
	}); err != nil {
		t.Fatal(err)
	}
	if got := descended(t, b, 1, 3); !slices.Equal(got, want) {
		t.Errorf("w = %v after trials, %v before", got, want)
	}
}

// try makes f run a variant.
func (f *fusedDescent) try(t *testing.T, v shaders.FusedVariant) {
	t.Helper()
	if err := f.context.Do(func() error { return f.use(v) }); err != nil {
		t.Fatal(err)
	}
}
