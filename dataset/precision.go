package dataset

import "fmt"

// A Precision is the floating-point format that a contender computes in.
type Precision int

const (
	Float64 Precision = iota
	Float32
)

// ParsePrecision is the inverse of String.
func ParsePrecision(s string) (Precision, error) {
	switch s {
	case "f64":
		return Float64, nil
	case "f32":
		return Float32, nil
	}
	return 0, fmt.Errorf("precision %q is neither f32 nor f64", s)
}

// String returns "f64" or "f32".
func (p Precision) String() string {
	if p == Float32 {
		return "f32"
	}
	return "f64"
}

// Bytes returns the size of one value.
func (p Precision) Bytes() int {
	if p == Float32 {
		return 4
	}
	return 8
}

// Unit returns the unit roundoff u: one operation's relative error is at most u.
func (p Precision) Unit() float64 {
	if p == Float32 {
		return 0x1p-24
	}
	return 0x1p-53
}

// round returns the value of this precision that is nearest to x, or ±Inf if x is out of range.
func (p Precision) round(x float64) float64 {
	if p == Float32 {
		return float64(float32(x))
	}
	return x
}

// MarshalText implements encoding.TextMarshaler.
func (p Precision) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Precision) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePrecision(string(text))
	return err
}
