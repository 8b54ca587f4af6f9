//go:build linux && cgo

package gpu

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"descent/dataset"
	"descent/gpu/device"
	"descent/gpu/internal/gltest"
	"descent/shaders"
)

// residentOn loads a problem on a backend of gl-resident.
func residentOn(t *testing.T, b *Backend, p *dataset.Problem) *residentDescent {
	t.Helper()
	load(t, b, p)
	return b.loaded.(*residentDescent)
}

// keepBy makes r run a variant, whatever its search has found.
func (r *residentDescent) keepBy(t *testing.T, v shaders.ResidentVariant) {
	t.Helper()
	do(t, r.context, func() error { return r.useResident(v) })
	r.why = ""
}

// One work group does the sums of the twin of gl-fused, in its order: to the last bit, in every
// variant.
func TestResidentGivesTheBitsOfTheTwinOfFused(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, residentForm, precision)
		for _, s := range []struct{ n, p int }{
			{1, 1}, {2, 1}, {255, 1}, {1023, 1}, {1025, 1}, {4097, 1}, {10_000, 1},
			{5, 2}, {5000, 2}, {777, 7}, {1000, 8}, {300, 9}, {200, 64}, {16, 512},
		} {
			t.Run(fmt.Sprintf("%v/N=%d/P=%d", precision, s.n, s.p), func(t *testing.T) {
				problem := randomProblem(s.n, s.p)
				r := residentOn(t, b, problem)
				if r.why != "" {
					t.Fatal(r.note())
				}
				want := twinOf(r.fusedDescent, problem, 3)
				variants := r.residentVariants()
				if variants[0].Many {
					t.Fatal("no variant is for one work group")
				}
				if s.n > 2 && s.n != 4097 && s.n != 777 { // others take the compiler long
					variants = variants[len(variants)-1:]
				}
				for _, v := range append(variants, r.resident) {
					r.keepBy(t, v)
					if got := descended(t, b, s.p, 3); !slices.Equal(got, want) {
						t.Fatalf("%v: w = %v…, the twin has %v…", v, got[:2], want[:2])
					}
				}
			})
		}
	}
}

func TestResidentSumsThroughSubgroupsHaveTheSameBits(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, residentForm, precision)
		for _, s := range []struct{ n, p int }{{3000, 1}, {700, 7}, {200, 64}} {
			problem := randomProblem(s.n, s.p)
			r := residentOn(t, b, problem)
			want := twinOf(r.fusedDescent, problem, 3)
			variants := r.residentVariants()
			for _, size := range shaders.FusedSubgroups {
				v := variants[len(variants)-1]
				r.keepBy(t, v)
				v.Subgroup = size
				do(t, r.context, func() (err error) {
					k := shaders.Resident(realOf(precision), r.shape, v)
					r.residentProgram, err = r.context.Program(shuffled(k, realOf(precision)))
					return err
				})
				if got := descended(t, b, s.p, 3); r.resident.Many || !slices.Equal(got, want) {
					t.Errorf("%v, N=%d, P=%d, subgroups of %d: w = %v…, the twin has %v…", precision, s.n, s.p, size, got[:2], want[:2])
				}
			}
		}
	}
}

// Groups that wait for one another do the same sums, with one level of clusters and with two.
func TestWorkGroupsThatMeetGiveTheBitsOfTheTwin(t *testing.T) {
	gltest.WithThreads(t, 20, meetAndCompare)
}

func meetAndCompare(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, residentForm, precision)
		for _, s := range []struct{ n, p, clusters int }{{40_000, 1, 1}, {9000, 64, 9}} {
			t.Run(fmt.Sprintf("%v/N=%d/P=%d", precision, s.n, s.p), func(t *testing.T) {
				b.device.Software = false // more segments, and so clusters
				problem := randomProblem(s.n/(precision.Bytes()/4), s.p)
				r := residentOn(t, b, problem)
				b.device.Software = true
				if r.clusters != s.clusters {
					t.Fatalf("%d clusters", r.clusters)
				}
				const epochs = 5
				want := twinOf(r.fusedDescent, problem, epochs)
				r.keepBy(t, r.residentVariants()[0])
				if !r.resident.Many || r.groups > 20 {
					t.Fatalf("%d groups by %v", r.groups, r.resident)
				}
				// They have to be at work together, which other programs on the machine may prevent
				// for a while.
				whole := false
				for attempt := 0; attempt < 20 && !whole; attempt++ {
					r.keepBy(t, r.residentVariants()[0])
					r.limits, r.residentSubmit.batch = endurance{3, 60_000}, 3
					if got := descended(t, b, s.p, epochs); !slices.Equal(got, want) {
						t.Fatalf("%s: w = %v…, the twin has %v…", r.note(), got[:2], want[:2])
					}
					whole = r.why == ""
				}
				if !whole {
					t.Error(r.note())
				}
			})
		}
	}
}

// One group that does not come ends the wait of all, at any epoch, and gl-fused does the rest.
func TestADescentGoesOnWhereAWorkGroupFailsToMeet(t *testing.T) {
	gltest.WithThreads(t, 4, failToMeet)
}

func failToMeet(t *testing.T) {
	for _, precision := range precisions {
		b := testBackend(t, residentForm, precision)
		problem := randomProblem(40_000/(precision.Bytes()/4), 1)
		// Epochs in a dispatch: none follows in the next ones.
		for at, each := range map[int]int{0: 12, 1: 3, 5: 12, 11: 12} {
			r := residentOn(t, b, problem)
			want := twinOf(r.fusedDescent, problem, 12)
			r.keepBy(t, r.residentVariants()[0])
			do(t, r.context, func() error {
				k := shaders.Resident(realOf(precision), r.shape, r.resident)
				const counts = "uint n = complete ? 1u : 0u"
				if !strings.Contains(k.Source, counts) {
					return fmt.Errorf("the shader has no %q", counts)
				}
				k.Source = strings.Replace(k.Source, counts,
					fmt.Sprintf("uint n = complete && (epoch != %du || gl_WorkGroupID.x != 1u) ? 1u : 0u", at), 1)
				p, err := r.context.Program(k)
				r.residentProgram, r.limits.epochs, r.residentSubmit.batch = p, each, 12
				return err
			})
			for range 2 { // the second without a try
				if got := descended(t, b, 1, 12); !slices.Equal(got, want) {
					t.Errorf("%v, not at epoch %d: w = %v, the twin has %v", precision, at, got, want)
				}
				var groups, taken int
				if n, _ := fmt.Sscanf(r.note(), "runs as gl-fused, for its %d work groups did not run at the same time any more after %d epochs", &groups, &taken); n != 2 || groups != r.groups || taken > at {
					t.Errorf("%v, not at epoch %d: %q", precision, at, r.note())
				}
			}
		}
	}
}

// A group that has to look in every epoch, and finds all there, goes on for as many epochs as there
// are.
func TestWaitsThatEndWithinALookCostNoPatience(t *testing.T) {
	b := testBackend(t, residentForm, dataset.Float32)
	problem := randomProblem(3000, 1)
	r := residentOn(t, b, problem)
	const epochs = 40
	want := twinOf(r.fusedDescent, problem, epochs)
	variants := r.residentVariants()
	v := variants[slices.IndexFunc(variants, func(v shaders.ResidentVariant) bool { return v.LocalSize == shaders.FusedSlots })]
	v.Many = true
	r.keepBy(t, v)
	do(t, r.context, func() (err error) {
		k := shaders.Resident(shaders.Float, r.shape, v)
		const counted = "seen = atomicAdd(arrivals[place], n) + n;"
		if !strings.Contains(k.Source, counted) {
			return fmt.Errorf("the shader has no %q", counted)
		}
		k.Source = strings.Replace(k.Source, counted, counted+" seen = 0u;", 1)
		r.residentProgram, err = r.context.Program(k)
		r.limits, r.residentSubmit.batch = endurance{epochs, 3}, epochs // all in one dispatch
		return err
	})
	if got := descended(t, b, 1, epochs); !slices.Equal(got, want) {
		t.Errorf("%s: w = %v, the twin has %v", r.note(), got, want)
	}
	var arrived [1]uint32
	do(t, r.context, func() error {
		device.Download(r.meetings, arrivedAt*arrivalBytes, arrived[:])
		return device.CheckErrors("arrivals")
	})
	if arrived[0] != epochs {
		t.Errorf("the group has arrived %#x times in %d epochs, or given up", arrived[0], epochs)
	}
}

// The self-test has to tell right bits from others on any data, and NaN is like NaN.
func TestASelfTestOnLargeDataHasSmallSteps(t *testing.T) {
	b := testBackend(t, residentForm, dataset.Float32)
	for size, want := range map[float64]string{1e12: "", 1e25: "sums of products of data this large are infinite in f32"} {
		problem := randomProblem(1100, 1)
		for i := range problem.X {
			problem.X[i] *= size
		}
		residentChoices.known = nil
		r := residentOn(t, b, problem)
		if r.why != want {
			t.Errorf("data of %g: %s", size, r.note())
		}
		do(t, r.context, func() error {
			few, err := r.expect(1)
			if err != nil {
				return err
			}
			more, err := r.expect(2)
			if want == "" && (few.w == nil || slices.Equal(few.w, more.w)) {
				t.Errorf("data of %g: w = %v after an epoch, %v after two", size, few.w, more.w)
			}
			return err
		})
	}
	residentChoices.known = nil // what was found on data too large
}

// A device that runs one work group after the other is found out, and no wait is without an end.
func TestASelfTestFindsWorkGroupsThatDoNotRunTogether(t *testing.T) {
	gltest.WithThreads(t, 0, runOneByOne)
}

func runOneByOne(t *testing.T) {
	b := testBackend(t, residentForm, dataset.Float32)
	problem := randomProblem(100_000, 1)
	r := residentOn(t, b, problem)
	if r.why == "" || !strings.Contains(r.note(), "do not run at the same time on this device") {
		t.Fatal(r.note())
	}
	if got, want := descended(t, b, 1, 3), twinOf(r.fusedDescent, problem, 3); !slices.Equal(got, want) {
		t.Errorf("w = %v, the twin has %v", got, want)
	}
}

func TestDataThatDoNotFitTheChipAreLeftToFused(t *testing.T) {
	b := testBackend(t, residentForm, dataset.Float64)
	for _, s := range []struct {
		n, p int
		most int64
		want string
	}{
		{3_000_000, 1, maxBlockBytes, "runs as gl-fused, for 45.78 MiB of data are too much for the registers and the shared memory of its work groups; work groups of "},
		{5000, 1, 8192, "runs as gl-fused, for the data lie in 10 buffers; work groups of "},
	} {
		b.maxBytes = s.most
		r := residentOn(t, b, randomProblem(s.n, s.p))
		if r.why == "" || !strings.HasPrefix(r.note(), s.want) {
			t.Errorf("N=%d, P=%d: %s", s.n, s.p, r.note())
		}
	}
}

// Wherever a descent of 10,000 epochs is cut, it ends in the same bits, and in those of gl-fused.
func TestTenThousandEpochsCutAnywhereGiveTheSameBits(t *testing.T) {
	const epochs = 10_000
	for _, precision := range precisions {
		b := testBackend(t, residentForm, precision)
		r := residentOn(t, b, randomProblem(1000, 1))
		if r.why != "" {
			t.Fatal(r.note())
		}
		whole := descended(t, b, 1, epochs)
		random := rand.New(rand.NewPCG(1, 1))
		for range 5 {
			w := descended(t, b, 1, 0)
			var cuts []int
			for left := epochs; left > 0; {
				now := min(left, 1+int(float64(epochs)*random.Float64()*random.Float64()))
				if err := b.Descend(w, gentle(1), now); err != nil {
					t.Fatal(err)
				}
				left -= now
				cuts = append(cuts, now)
			}
			if !slices.Equal(w, whole) {
				t.Errorf("%v, pieces of %v: w = %v, in a whole %v", precision, cuts, w, whole)
			}
		}
		r.why = "this is the comparison"
		if got := descended(t, b, 1, epochs); !slices.Equal(got, whole) {
			t.Errorf("%v: gl-fused gives %v, gl-resident %v", precision, got, whole)
		}
	}
}

func TestNoVariantThatIsWrongIsTaken(t *testing.T) {
	b := testBackend(t, residentForm, dataset.Float32)
	r := residentOn(t, b, randomProblem(3000, 1))
	variants := r.residentVariants()
	right := variants[len(variants)-1]
	r.compile = idleBut(r.context, shaders.Resident(shaders.Float, r.shape, right))
	do(t, r.context, func() error {
		r.device.Software = false // a software renderer tries one variant
		found, err := r.search()
		if err == nil && found.variant != right {
			t.Errorf("found %+v, where only %v is right", found, right)
		}
		return err
	})
}
