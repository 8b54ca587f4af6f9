package file

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// checkDecimal compares parseDecimal with strconv.ParseFloat, bit by bit.
func checkDecimal(t interface {
	Helper()
	Errorf(string, ...any)
}, text string) {
	t.Helper()
	v, n := parseDecimal([]byte(text))
	if n == 0 {
		want, err := strconv.ParseFloat(text, 64)
		if err == nil && isPlainDecimal(text) {
			t.Errorf("parseDecimal(%q) takes nothing, want %v", text, want)
		}
		return
	}
	want, err := strconv.ParseFloat(text[:n], 64)
	if err != nil || math.Float64bits(v) != math.Float64bits(want) {
		t.Errorf("parseDecimal(%q) = %b, %d; ParseFloat gives %b, %v", text, v, n, want, err)
	}
	if rest := text[n:]; rest != "" && strings.ContainsAny(rest[:1], "0123456789") {
		t.Errorf("parseDecimal(%q) stops before a digit, after %d bytes", text, n)
	}
}

// isPlainDecimal reports whether text has none of the forms that strconv takes and a CSV file
// may not use.
func isPlainDecimal(text string) bool {
	return strings.Trim(text, "0123456789+-.eE") == "" && !strings.ContainsAny(text, "_xX")
}

func TestParseDecimalRoundsAsStrconvDoes(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "+0", "0.0", "-0e5", "00000000000000000000", "1", "-1", "+1", ".5", "5.", "-.5e1", "1e0",
		"9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994.5", "9007199254740993.00000",
		"1e22", "1e23", "9007199254740992e22", "9007199254740993e1", "1e-22", "1e-23", "9007199254740992e-22",
		"0.1", "0.30000000000000004", "2.2250738585072011e-308", "2.2250738585072014e-308", "4.9e-324", "2e-324", "1e-999",
		"1.7976931348623157e308", "1.7976931348623159e308", "1e308", "1e309", "1e999", "1e-99999999999999999999", "1e99999999999999999999",
		"0e99999", "0.00000000000000000001", "1234567890123456789", "9999999999999999999", "12345678901234567890",
		"18446744073709551615", "18446744073709551616", "0.9999999999999999999", "1.0000000000000000001", "99999999999999999.99",
		"1.00000000000000011102230246251565404236316680908203125", "1.00000000000000011102230246251565404236316680908203124",
		"4503599627370496.5", "4503599627370497.5", "4503599627370497.49999",
		"", "+", "-", ".", "e5", "1e", "1e+", "1e-", "+-1", "1.5.5", "0x10", "1_000", "1_0.5", "inf", "NaN", "1,5", "1 ", "12345678:", "1234567/",
	} {
		checkDecimal(t, text)
	}
}

func TestParseDecimalReadsBackEveryFormattedFloat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		if math.IsNaN(v) || math.IsInf(v, 0) {
			v = 0
		}
		format := rapid.SampledFrom([]byte("efg")).Draw(t, "format")
		text := strconv.FormatFloat(v, format, rapid.IntRange(-1, 20).Draw(t, "precision"), 64)
		checkDecimal(t, text)
	})
}

// Numbers of 16 to 19 digits are more often near the midpoint of two floats than other numbers.
func TestParseDecimalReadsLongMantissas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := strconv.FormatUint(rapid.Uint64Range(1<<52, math.MaxUint64).Draw(t, "mantissa"), 10)
		point := rapid.IntRange(0, len(digits)).Draw(t, "point")
		checkDecimal(t, digits[:point]+"."+digits[point:])
	})
}

// A tie is m/2 for an odd m of 54 bits: the midpoint of two floats.
func TestDivideExactlyBreaksTiesToEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		odd := rapid.Uint64Range(1<<53, 1<<54-1).Draw(t, "odd") | 1
		for _, m := range []uint64{odd - 1, odd, odd + 1} {
			text := strconv.FormatUint(m/2, 10) + map[uint64]string{0: ".0", 1: ".5"}[m%2]
			checkDecimal(t, text)
			want, _ := strconv.ParseFloat(text, 64)
			if got := divideExactly(m, 2); got != want {
				t.Errorf("divideExactly(%d, 2) = %b, want %b", m, got, want)
			}
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"1.5", "-0", "9007199254740993", "1e-22", "0.30000000000000004,", "1_0", "0x1p-2", "1e999", "12345678901234567890.5e-3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkDecimal(t, text)
		v, ok := parseField([]byte(text))
		if !ok {
			if why := whyNoNumber(text, ','); why == "" || len(why) > 1000 {
				t.Errorf("whyNoNumber(%q) = %q", text, why)
			}
			return
		}
		want, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Float64bits(v) != math.Float64bits(want) {
			t.Errorf("parseField(%q) = %v, want %v, %v", text, v, want, err)
		}
	})
}
