package bench

import (
	"encoding/json"
	"fmt"
	"math"

	"descent/bench/internal/jsonl"
)

// A Vector is a []float64 whose JSON form has room for the result of a diverged descent: NaN and
// the infinities are the strings "NaN", "Infinity" and "-Infinity".
type Vector []float64

var notFinite = map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}

// MarshalJSON implements json.Marshaler.
func (v Vector) MarshalJSON() ([]byte, error) {
	entries := make([]any, len(v))
	for i, f := range v {
		switch {
		case math.IsNaN(f):
			entries[i] = "NaN"
		case math.IsInf(f, 1):
			entries[i] = "Infinity"
		case math.IsInf(f, -1):
			entries[i] = "-Infinity"
		default:
			entries[i] = f
		}
	}
	return json.Marshal(entries)
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Vector) UnmarshalJSON(data []byte) error {
	var entries []any
	if err := json.Unmarshal(data, &entries); err != nil {
		return fmt.Errorf("%s is not an array of numbers", jsonl.Abridge(data))
	}
	if entries == nil {
		*v = nil
		return nil
	}
	out := make(Vector, len(entries))
	for i, entry := range entries {
		switch entry := entry.(type) {
		case float64:
			out[i] = entry
		case string:
			f, ok := notFinite[entry]
			if !ok {
				return fmt.Errorf("entry %d, %q, is not a number", i, entry)
			}
			out[i] = f
		default:
			return fmt.Errorf("entry %d, %v, is not a number", i, entry)
		}
	}
	*v = out
	return nil
}

// A Number is a float64 whose JSON form has room for NaN and the infinities, as Vector's has.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	b, err := Vector{float64(n)}.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return b[1 : len(b)-1], nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(data []byte) error {
	var v Vector
	if err := v.UnmarshalJSON([]byte("[" + string(data) + "]")); err != nil {
		return err
	}
	*n = Number(v[0])
	return nil
}
