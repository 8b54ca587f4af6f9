package file

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// npyWidths holds the types that are read, and their sizes in bytes.
var npyWidths = map[string]int{"f4": 4, "f8": 8, "i4": 4, "i8": 8}

// convertNPY sets every stride-th value of dst from raw. It stops at the first value that is not
// finite, or that float64 does not hold exactly. It returns the index of that value and says why.
func convertNPY(dst []float64, stride int, raw []byte, dtype string) (bad int, why string) {
	big, kind, width := dtype[0] == '>', dtype[1], npyWidths[dtype[1:]]
	for i := 0; i < len(dst); i += stride {
		var v float64
		if width == 4 {
			u := binary.LittleEndian.Uint32(raw)
			if big {
				u = bits.ReverseBytes32(u)
			}
			if v = float64(int32(u)); kind == 'f' {
				v = float64(math.Float32frombits(u))
			}
		} else {
			u := binary.LittleEndian.Uint64(raw)
			if big {
				u = bits.ReverseBytes64(u)
			}
			if v = math.Float64frombits(u); kind == 'i' {
				v = float64(int64(u))
				if !fitsFloat64(int64(u)) {
					return i, fmt.Sprintf("%d, an integer that a float64 does not hold exactly", int64(u))
				}
			}
		}
		if v-v != 0 {
			return i, notFiniteText(v)
		}
		dst[i] = v
		raw = raw[width:]
	}
	return 0, ""
}

// fitsFloat64 reports whether float64 holds v exactly: v has at most 53 bits from its first 1 to
// its last 1.
func fitsFloat64(v int64) bool {
	u := uint64(max(v, -v)) // correct for the least int64 too, which is its own negative
	return bits.Len64(u)-bits.TrailingZeros64(u) <= 53
}

// findNotFinite returns the index of the first NaN or Inf and describes it, or returns "".
func findNotFinite(values []float64) (at int, what string) {
	for i, v := range values {
		if v-v != 0 {
			return i, notFiniteText(v)
		}
	}
	return 0, ""
}

func notFiniteText(v float64) string {
	return strconv.FormatFloat(v, 'g', -1, 64) + "; remove the row, give the value, or ignore the column"
}

// nativeFloat64 is the type with the byte order of this machine's memory.
var nativeFloat64 = map[uint16]string{1: "<f8", 256: ">f8"}[binary.NativeEndian.Uint16([]byte{1, 0})]

// float64Bytes returns the memory of values.
func float64Bytes(values []float64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 8*len(values))
}
