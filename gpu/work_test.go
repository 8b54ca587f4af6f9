//go:build linux && cgo

package gpu

import (
	"fmt"
	"strings"
	"testing"

	"descent/dataset"
	"descent/gpu/device"
	"descent/gpu/internal/gltest"
	"descent/shaders"
)

// countedAt is a binding that no shader of the tests below uses.
const countedAt = shaders.BindingG

// counting adds to the source of a kernel what counts its dispatches in counted[0], and the
// barriers of the invocation that comes to most of them in counted[1].
func counting(t *testing.T, k shaders.Kernel) shaders.Kernel {
	t.Helper()
	version, rest, _ := strings.Cut(k.Source, "#line 1\n")
	end := strings.LastIndex(rest, "}")
	if !strings.Contains(rest, "void main() {") || end < 0 {
		t.Fatalf("%s: a source of another form", k.Name)
	}
	rest = strings.ReplaceAll(rest[:end], "barrier();", "{ barrier(); barriers++; }")
	rest = strings.Replace(rest, "void main() {", "void main() {\n\tif (gl_GlobalInvocationID == uvec3(0u))\n\t\tatomicAdd(counted[0], 1u);", 1)
	k.Source = fmt.Sprintf("%slayout(std430, binding = %d) buffer Counted { uint counted[]; };\nuint barriers = 0u;\n%s\tatomicMax(counted[1], barriers);\n}\n", version, countedAt, rest)
	k.Name += " counting"
	return k
}

// counted runs something that shaders count in, and returns the counts.
func counted(t *testing.T, c *device.Context, run func()) (dispatches, barriers int) {
	t.Helper()
	var buffer device.Buffer
	do(t, c, func() (err error) {
		if buffer, err = device.NewBuffer(8); err == nil {
			buffer.Zero()
			buffer.Bind(countedAt)
		}
		return err
	})
	run()
	counts := make([]uint32, 2)
	do(t, c, func() error {
		device.UpdateBarrier()
		device.Download(buffer, 0, counts)
		buffer.Delete()
		return device.CheckErrors("counts")
	})
	return int(counts[0]), int(counts[1])
}

func TestTheWorkOfAGraphIsWhatItDispatches(t *testing.T) {
	for _, maxBytes := range []int64{1 << 20, 4 << 10} { // the second cuts the data into panels
		target := targetOn(testContext(t), dataset.Float64, maxBytes)
		plan, err := observationsOf(randomProblem(1000, 1)).graph().ByHand()
		if err != nil {
			t.Fatal(err)
		}
		l, err := lower(plan, target.precision, maxBytes)
		if err != nil {
			t.Fatal(err)
		}
		barriers := 0
		for i := range l.dispatches {
			l.dispatches[i].kernel = counting(t, l.dispatches[i].kernel)
			if l.dispatches[i].barrier {
				barriers++
			}
		}
		x := &glExecutor{target: target, tensors: l.tensors}
		do(t, target.context, func() error { return x.build(l, plan) })
		const steps = 7
		dispatches, _ := counted(t, target.context, func() {
			if err := x.Run(steps); err != nil {
				t.Fatal(err)
			}
		})
		got := x.Work()
		if got.Dispatches*steps != float64(dispatches) || got != (Work{Dispatches: got.Dispatches, Barriers: float64(barriers)}) || barriers < 2 {
			t.Errorf("blocks of %d bytes: %+v, %d dispatches in %d steps, %d barriers", maxBytes, got, dispatches, steps, barriers)
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTheWorkOfFusedIsWhatItDispatches(t *testing.T) {
	for _, s := range []struct {
		n      int
		blocks int64
		pieces int
		want   float64
	}{{1000, maxBlockBytes, 1, 1}, {100_000, 400_000, 1, 5}, {100_000, 400_000, 3, 7}} {
		b := testBackend(t, fusedForm, dataset.Float64)
		b.maxBytes = s.blocks
		load(t, b, randomProblem(s.n, 1))
		f := b.loaded.(*fusedDescent)
		f.compile = func(k shaders.Kernel) (device.Program, error) { return f.context.Program(counting(t, k)) }
		do(t, f.context, func() error { return f.use(f.variant) })
		f.epoch = f.pieces(s.pieces)
		const epochs = 3
		dispatches, _ := counted(t, f.context, func() { descended(t, b, 1, epochs) })
		if got := f.work(); got != (Work{Dispatches: s.want, Barriers: 1}) || dispatches != epochs*int(s.want) {
			t.Errorf("%+v: %+v, and %d dispatches in %d epochs", s, got, dispatches, epochs)
		}
	}
}

// A dispatch of one epoch shows the barriers of an epoch, and a longer descent shows the
// dispatches.
func TestTheWorkOfResidentIsWhatItDispatchesAndWaitsFor(t *testing.T) {
	gltest.WithThreads(t, 20, countResident)
}

func countResident(t *testing.T) {
	for _, s := range []struct{ n, p, clusters int }{{900, 1, 1}, {200, 9, 1}, {40_000, 1, 1}, {9000, 64, 9}} {
		b := testBackend(t, residentForm, dataset.Float32)
		b.device.Software = s.clusters == 1 && s.n < 10_000
		r := residentOn(t, b, randomProblem(s.n, s.p))
		b.device.Software = true
		if r.clusters != s.clusters {
			t.Fatalf("N=%d, P=%d: %d clusters", s.n, s.p, r.clusters)
		}
		r.compile = func(k shaders.Kernel) (device.Program, error) { return r.context.Program(counting(t, k)) }
		for i, v := range r.residentVariants() {
			if i > 1 { // others take the compiler long
				break
			}
			if v.Subgroup > 0 {
				continue
			}
			testResidentWork(t, b, r, v, s.p)
		}
	}
}

func testResidentWork(t *testing.T, b *Backend, r *residentDescent, v shaders.ResidentVariant, p int) {
	// The groups have to be at work together, which other programs on the machine may prevent for a
	// while.
	for attempt := 0; ; attempt++ {
		r.keepBy(t, v)
		r.limits = endurance{4, 60_000}
		r.residentSubmit.batch = 10 // 4, 4 and 2
		dispatches, _ := counted(t, r.context, func() { descended(t, b, p, 10) })
		r.limits.epochs, r.residentSubmit.batch = 1, 1
		_, barriers := counted(t, r.context, func() { descended(t, b, p, 1) })
		if r.why != "" && attempt < 20 {
			continue
		}
		r.limits.epochs, r.residentSubmit.batch = 4, 10
		want := Work{Dispatches: 0.3, Barriers: 0.3, Syncs: float64(barriers) / 2}
		if v.Many { // one barrier before the first epoch, and the two of the meeting
			want.Meetings, want.Groups, want.Syncs = 1, r.groups, float64(barriers-1-2)/2
		}
		if got := r.work(); got != want || dispatches != 3 {
			t.Errorf("P=%d, %v: %+v, want %+v, with %d dispatches of 10 epochs", p, v, got, want, dispatches)
		}
		return
	}
}
