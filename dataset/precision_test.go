package dataset

import (
	"math"
	"testing"
)

func TestPrecisionNamesRoundTrip(t *testing.T) {
	for _, want := range []Precision{Float64, Float32} {
		if got, err := ParsePrecision(want.String()); got != want || err != nil {
			t.Errorf("ParsePrecision(%q) = %v, %v", want, got, err)
		}
	}
	for _, s := range []string{"", "f16", "F32", "float32", "f64 "} {
		if _, err := ParsePrecision(s); err == nil {
			t.Errorf("ParsePrecision(%q): no error", s)
		}
	}
}

func TestUnitIsHalfTheSpacingAboveOne(t *testing.T) {
	for p, next := range map[Precision]float64{
		Float64: math.Nextafter(1, 2),
		Float32: float64(math.Nextafter32(1, 2)),
	} {
		if got := p.Unit(); got != (next-1)/2 {
			t.Errorf("%s: unit %g, want %g", p, got, (next-1)/2)
		}
		if got := p.round(1 + p.Unit()*1.01); got != next {
			t.Errorf("%s: rounded to %g, want %g", p, got, next)
		}
	}
	if Float64.Bytes() != 8 || Float32.Bytes() != 4 {
		t.Errorf("sizes %d and %d", Float64.Bytes(), Float32.Bytes())
	}
}
