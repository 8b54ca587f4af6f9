package kernel

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"
)

// Every set but the last, plain Go, is held against it. Random float32 values could differ, once in
// about 2²⁹ operations (fma.go says why): the seeds are fixed.
func TestEverySetGivesThePortableBits(t *testing.T) { both(t, testBits[float64], testBits[float32]) }

func testBits[T Float](t *testing.T) {
	var lengths []int
	for n := range 13 {
		lengths = append(lengths, n+1)
	}
	lengths = append(lengths, 63, 64, 65, Run-1, Run, Run+1, Run+4, 2*Run, 2*Run+3, 3*Run+70)
	v := Lanes[T]()
	portable := Portable[T]()
	for _, set := range vectorSets[T]() {
		t.Run(set.Name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for _, features := range []int{1, 2, 3, 4, 5, 7, 8, 15, 64, 512} {
				for i, strips := range lengths {
					if strips*features > 5000 {
						continue
					}
					for k, kind := range kinds {
						samples := 1 + (i+k)%v
						in := newInput[T](r, kind, strips, features, samples)
						if d := run(set, in).diff(run(portable, in)); d != "" {
							t.Errorf("%s, P=%d, %d strips, %d samples in the last: %s", kind.name, features, strips, samples, d)
						}
					}
				}
			}
		})
	}
}

func TestEveryMaskGivesThePortableBits(t *testing.T) {
	both(t, testMasks[float64], testMasks[float32])
}

func testMasks[T Float](t *testing.T) {
	portable := Portable[T]()
	for _, set := range vectorSets[T]() {
		r := rand.New(rand.NewPCG(3, 4))
		for samples := 1; samples <= Lanes[T](); samples++ {
			for _, strips := range []int{1, 2, 4, 5, 6, 8, 9, 16, Run} {
				for _, features := range []int{1, 3} {
					in := newInput[T](r, kinds[0], strips, features, samples)
					if d := run(set, in).diff(run(portable, in)); d != "" {
						t.Errorf("%s, P=%d, %d strips, %d samples in the last: %s", set.Name, features, strips, samples, d)
					}
				}
			}
		}
	}
}

// The bits are the same on every processor, not only for every instruction set of one.
func TestBitsAreThoseOfOtherProcessors(t *testing.T) {
	both(t, func(t *testing.T) { testHash[float64](t, 0xd8c8174b791ac998) }, func(t *testing.T) { testHash[float32](t, 0xea0f468072fff30e) })
}

func testHash[T Float](t *testing.T, want uint64) {
	uniform := kind{"uniform", func(r *rand.Rand, _ limits) float64 { return r.Float64() - 0.5 }}
	for _, set := range Sets[T]() {
		r, hash := rand.New(rand.NewPCG(7, 7)), fnv.New64()
		for _, strips := range []int{1, 2, 7, 70, Run + 9} {
			for _, features := range []int{1, 2, 9} {
				out := run(set, newInput[T](r, uniform, strips, features, 3))
				binary.Write(hash, binary.LittleEndian, out.line)
				binary.Write(hash, binary.LittleEndian, append(out.sums, out.sum))
			}
		}
		if got := hash.Sum64(); got != want {
			t.Errorf("%s: the hash of the results is %#x, not %#x", set.Name, got, want)
		}
	}
}

func TestNamedFindsEverySetAndTheFastestWithoutAName(t *testing.T) {
	sets := Sets[float64]()
	for _, set := range sets {
		if got, err := Named[float64](set.Name); err != nil || got.Name != set.Name {
			t.Errorf("Named(%q) = %v, %v", set.Name, got, err)
		}
	}
	if got, err := Named[float32](""); err != nil || got.Name != sets[0].Name {
		t.Errorf("without a name: %v, %v, not %s", got, err, sets[0].Name)
	}
}

func TestNamedRefusesWhatIsNotThereAndListsWhatIs(t *testing.T) {
	have := map[string]bool{}
	var list []string
	for _, set := range Sets[float64]() {
		have[set.Name] = true
		list = append(list, set.Name)
	}
	for _, name := range []string{"sse9", "AVX2", " ", "avx512", "avx2", "purego"} {
		if have[name] {
			continue
		}
		set, err := Named[float64](name)
		if err == nil || !strings.Contains(err.Error(), `"`+name+`"`) || !strings.Contains(err.Error(), strings.Join(list, ", ")) {
			t.Errorf("Named(%q) = %v, %v; want an error with the name and %v", name, set, err, list)
		}
	}
}
