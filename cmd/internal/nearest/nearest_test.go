package nearest

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNearestFindsTypingErrors(t *testing.T) {
	contenders := []string{"loop", "loop/f64", "loop/f32", "simd", "simd/f64", "simd/f32", "tensorflow", "tensorflow-gpu", "numpy", "numpy/f64", "numpy/f32"}
	for name, want := range map[string]string{
		"simd/f46":  "simd/f64",
		"smid":      "simd",
		"SIMD":      "simd",
		"Loop/F32":  "loop/f32",
		"loopf64":   "loop/f64",
		"loop/f16":  "loop/f64 loop/f32",
		"tensor":    "tensorflow tensorflow-gpu",
		"nump":      "numpy numpy/f64 numpy/f32",
		"sim*/f64":  "simd/f64",
		"x":         "",
		"":          "",
		"mine/f64":  "",
		"tpu":       "",
		"mien/f64":  "",
		"s":         "",
		"fortran95": "",
	} {
		if got := Names(name, contenders); strings.Join(got, " ") != want {
			t.Errorf("near to %q are %v, not %s", name, got, want)
		}
	}
}

// A name is far from nothing that differs from it in one letter, and has no more than three
// neighbours. The distance is the same in both directions.
func TestNearestNamesOneEditAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{4,12}`)
		name := word.Draw(t, "name")
		at := rapid.IntRange(0, len(name)-1).Draw(t, "at")
		others := rapid.SliceOf(word).Draw(t, "others")
		typed := name[:at] + "_" + name[at+1:]
		near := Names(typed, append(others, name))
		if len(near) == 0 || len(near) > 3 || !slices.Contains(near, name) && len(near) < 3 && editDistance(typed, near[0]) > 1 {
			t.Errorf("near to %q are %v, not %q", typed, near, name)
		}
		if there, back := editDistance(typed, name), editDistance(name, typed); there != 1 || back != 1 {
			t.Errorf("from %q to %q it is %d, and back %d", typed, name, there, back)
		}
	})
}
