package value

import (
	"strings"
	"testing"
)

func TestSizesMayBeWrittenInSeveralWays(t *testing.T) {
	for s, want := range map[string]Size{
		"1": 1, "4096": 4096, "1e9": 1e9, "64B": 64, "10k": 10 << 10, "512MiB": 512 << 20, "512mib": 512 << 20, "800M": 800 << 20,
		"800MB": 800e6, "1.5G": 3 << 29, "2GiB": 2 << 30, "2 GiB": 2 << 30, "0.5T": 1 << 39, "1.0000001k": 1024,
	} {
		var got Size
		if err := got.Set(s); err != nil || got != want {
			t.Errorf("%q is %d, %v, not %d", s, got, err, want)
		}
	}
}

func TestWhatIsNoSizeIsRefusedWithAnExample(t *testing.T) {
	for _, s := range []string{
		"", " ", "lots", "MiB", "12XB", "1.2.3G", "1,5G", "512MiB!", "inf", "InfG", "NaN", "0", "0G", "0.1", "-1", "-2GiB", "1e16", "1e300", "1e999", "9000T",
	} {
		got := Size(7)
		err := got.Set(s)
		if err == nil || !strings.Contains(err.Error(), `"`+s+`"`) || !strings.Contains(err.Error(), "512MiB") {
			t.Errorf("%q: %v", s, err)
		}
		if got != 7 {
			t.Errorf("%q was refused and left %d", s, got)
		}
	}
}

// A size that is accepted is at least a byte. Written and read again, it is the same.
func FuzzSize(f *testing.F) {
	for _, s := range []string{"512MiB", "1.5G", "800M", "4096", "-1", "0x1p4", "1e-3k", "InfT", "９G", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var size, again Size
		if size.Set(s) != nil {
			return
		}
		if err := again.Set(size.String()); err != nil || again != size || size < 1 {
			t.Errorf("%q is %d, and written %s it is %d, %v", s, size, size.String(), again, err)
		}
	})
}

func TestCountsMayBeWrittenInSeveralWays(t *testing.T) {
	for s, want := range map[string]Count{"10": 10, "010": 10, "10_000": 10_000, "1e4": 10_000, "2.5e3": 2500, "-3": -3} {
		var got Count
		if err := got.Set(s); err != nil || got != want {
			t.Errorf("%q is %d, %v, not %d", s, got, err, want)
		}
	}
}

func TestAShareInPercentsNeedTheirSign(t *testing.T) {
	for text, want := range map[string]Share{"5%": 0.05, "0.05": 0.05, "0": 0, "150%": 1.5} {
		var got Share
		if err := got.Set(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"5", "1", "1.5", "-1%", "NaN", "Inf", "", "%", "2000%"} {
		if err := new(Share).Set(text); err == nil || !strings.Contains(err.Error(), `"`+text+`"`) || !strings.Contains(err.Error(), "5%") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
