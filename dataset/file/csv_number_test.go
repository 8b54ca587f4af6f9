package file

import (
	"strconv"
	"strings"
	"testing"
)

func TestANumberIsAPlainDecimal(t *testing.T) {
	for _, text := range []string{"0", "-0", "+1", ".5", "5.", "-.5e1", "1e0", "1E-3", "4.9e-324", "1.7976931348623157e308", "2e-324"} {
		want, err := strconv.ParseFloat(text, 64)
		if v, ok := parseNumber(text); !ok || v != want || err != nil {
			t.Errorf("%q: %v, %v", text, v, ok)
		}
	}
	for _, text := range []string{"", "+", "-", ".", "e5", "1e", "1e+", "+-1", "1.5.5", "0x10", "0x1p3", "1_000", "inf", "NaN", "1,5", "1 ", "1e999"} {
		if v, ok := parseNumber(text); ok {
			t.Errorf("%q is %v", text, v)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"1.5", "-0", "9007199254740993", "1e-22", "0.30000000000000004,", "1_0", "0x1p-2", "1e999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, ok := parseNumber(text); ok {
			if strings.Trim(text, "0123456789+-.eE") != "" {
				t.Errorf("%q is taken for a plain decimal", text)
			}
			return
		}
		if why := whyNoNumber(text, ','); why == "" || len(why) > 1000 {
			t.Errorf("whyNoNumber(%q) = %q", text, why)
		}
	})
}
