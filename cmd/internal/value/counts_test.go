package value

import (
	"slices"
	"strings"
	"testing"
)

func TestCountsMayBeAListOrARange(t *testing.T) {
	for text, want := range map[string]Counts{
		"5":               {5},
		"1e3,1e4":         {1000, 10_000},
		" 30, 10 ,20":     {10, 20, 30},
		"7,7,8,7":         {7, 8},
		"100..1000":       {100, 128, 256, 512, 1000},
		"64..256":         {64, 128, 256},
		"1..4":            {1, 2, 4},
		"5..5":            {5},
		"5..6":            {5, 6},
		"16..64,50,1e3":   {16, 32, 50, 64, 1000},
		"1..9007199254e6": slices.Concat(PowersOfTwo(1, 1<<52), Counts{9007199254e6}),
	} {
		var got Counts
		if err := got.Set(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %v, %v, not %v", text, got, err, want)
		}
	}
}

func TestWhatAreNoCountsIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"10..5":      `"10..5" goes down: write 5..10`,
		"0..1":       "0 is below 1",
		"-4":         "-4 is below 1",
		"":           `"" is not a whole number`,
		"1,,2":       `"" is not a whole number`,
		"..":         `"" is not a whole number`,
		"64..":       `"" is not a whole number`,
		"1..2..3":    `"2..3" is not a whole number`,
		"1..lots":    `"lots" is not a whole number below 2⁵³: a list is such as 1e3,1e4 and a range such as 64..1e6`,
		"64-128":     `"64-128" is not a whole number`,
		"1..9e99":    `"9e99" is not a whole number`,
		"1.5":        `"1.5" is not a whole number`,
		"1..0":       "0 is below 1",
		"Inf":        `"Inf" is not a whole number`,
		"16..64,0":   "0 is below 1",
		"100...1000": `".1000" is not a whole number`,
	} {
		got := Counts{7}
		if err := got.Set(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if !slices.Equal(got, Counts{7}) {
			t.Errorf("%q was refused and left %v", text, got)
		}
	}
}

// Counts that are accepted ascend from 1 or more. Written and read again, they are the same.
func FuzzCounts(f *testing.F) {
	for _, s := range []string{"5", "100..1e7", "1e3,1e4,1e5", "10..5", "0..1", "..", "1..2..3", "1_000..2_000", "9,8,7..64", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var counts, again Counts
		if counts.Set(s) != nil {
			return
		}
		if err := again.Set(counts.String()); err != nil || !slices.Equal(again, counts) {
			t.Errorf("%q is %v, and written %s it is %v, %v", s, counts, counts.String(), again, err)
		}
		for i, n := range counts {
			if n < 1 || i > 0 && n <= counts[i-1] {
				t.Errorf("%q is %v", s, counts)
			}
		}
	})
}
