package file

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"unsafe"
)

// floatPowersOfTen are the powers of ten that a float64 holds exactly.
var floatPowersOfTen = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// uintPowersOfTen are the powers of ten that a uint64 holds.
var uintPowersOfTen = [...]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// parseDecimal returns the finite number [+-]digits[.digits][e[+-]digits] at the start of b, and
// its length n in bytes. It returns n = 0 if b does not start with a number. v has the bits of
// strconv.ParseFloat(b[:n], 64).
//
// If the mantissa m is at most 2⁵³ and |e| ≤ 22, then m and 10^|e| are both exact, and m·10^e
// takes one correctly rounded operation (Clinger, How to Read Floating Point Numbers
// Accurately, 1990). A float64 written in full has 16 to 19 digits and goes to divideExactly.
// Every other number goes to strconv. With strconv for all numbers, readCSV needs 2.2 times the
// processor time for numbers of 4 digits after the point, and 2.5 times for numbers in full.
func parseDecimal(b []byte) (v float64, n int) {
	i := 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		i = 1
	}
	mant, digits := appendDigits(0, b[i:])
	i += digits
	exp := 0
	if i < len(b) && b[i] == '.' {
		i++
		var decimals int
		mant, decimals = appendDigits(mant, b[i:])
		i += decimals
		digits += decimals
		exp = -decimals
	}
	if digits == 0 {
		return 0, 0
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		e, width := parseExponent(b[i+1:])
		if width == 0 {
			return 0, 0
		}
		exp += e
		i += 1 + width
	}

	// 19 digits are the most that cannot overflow mant.
	switch {
	case digits <= 19 && mant <= 1<<53 && -22 <= exp && exp <= 0:
		v = float64(mant) / floatPowersOfTen[-exp]
	case digits <= 19 && mant <= 1<<53 && 0 < exp && exp <= 22:
		v = float64(mant) * floatPowersOfTen[exp]
	case digits <= 19 && -19 <= exp && exp <= 0:
		v = divideExactly(mant, uintPowersOfTen[-exp])
	default:
		v, err := strconv.ParseFloat(unsafe.String(&b[0], i), 64)
		if err != nil {
			return 0, 0
		}
		return v, i
	}
	if b[0] == '-' {
		v = -v
	}
	return v, i
}

// appendDigits appends the decimal digits at the start of b to the number mant, modulo 2⁶⁴. It
// returns the new number and how many digits it took.
//
// It takes eight bytes a step. Three multiplications turn the digits among them into a number,
// however many they are. So an irregular count of digits costs no mispredicted branches
// (Lemire, Number Parsing at a Gigabyte per Second, 2021).
func appendDigits(mant uint64, b []byte) (sum uint64, digits int) {
	for len(b)-digits >= 8 {
		// A byte of x is the value of a digit, or more than 9.
		x := binary.LittleEndian.Uint64(b[digits:]) ^ 0x3030303030303030
		others := ((x + 0x7676767676767676) | x) & 0x8080808080808080
		n := bits.TrailingZeros64(others) / 8
		x <<= 64 - 8*n // puts zeros before the digits and drops the other bytes
		x = x*10 + x>>8
		x = ((x&0x000000ff000000ff)*(100+1000000<<32) + (x>>16&0x000000ff000000ff)*(1+10000<<32)) >> 32
		mant = mant*uintPowersOfTen[n] + x
		digits += n
		if n < 8 {
			return mant, digits
		}
	}
	for ; digits < len(b) && b[digits]-'0' <= 9; digits++ {
		mant = mant*10 + uint64(b[digits]-'0')
	}
	return mant, digits
}

// divideExactly returns the float64 nearest to m/d, ties to even. Neither m nor d may be 0.
//
// Both are shifted to fill 64 bits. Then the quotient of m·2⁶³ by d has 63 or 64 bits. If there
// is a remainder, the last bit of the quotient is set to 1. That bit lies below the place where
// the conversion to 53 bits rounds, so the conversion rounds as the whole quotient would.
func divideExactly(m, d uint64) float64 {
	shiftM, shiftD := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m, d = m<<shiftM, d<<shiftD
	q, r := bits.Div64(m>>1, m<<63, d)
	if r != 0 {
		q |= 1
	}
	return float64(q) * math.Float64frombits(uint64(1023-63+shiftD-shiftM)<<52)
}

// parseExponent returns the integer [+-]digits at the start of b, limited to ±10000, and its
// length n in bytes. It returns n = 0 if there is none.
func parseExponent(b []byte) (e, n int) {
	i := 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		i = 1
	}
	start := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		e = min(e*10+int(b[i]-'0'), 10000)
	}
	if i == start {
		return 0, 0
	}
	if b[0] == '-' {
		e = -e
	}
	return e, i
}

// parseField returns the number in text. It reports whether text is a number and nothing else.
func parseField(text []byte) (v float64, ok bool) {
	v, n := parseDecimal(text)
	return v, n > 0 && n == len(text)
}

// whyNoNumber says why a field is not a number and what to do.
func whyNoNumber(text string, sep byte) string {
	const wayOut = "; remove the row, give the value, or ignore the column"
	if text == "" {
		return "empty" + wayOut
	}
	shown := quoteShort(text)
	// The length of text is bounded, so the time of ParseFloat is bounded too.
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case math.IsInf(v, 0) && err != nil:
		return shown + " is beyond the largest float64, 1.8e308" + wayOut
	case math.IsInf(v, 0) || math.IsNaN(v):
		return shown + " is not finite" + wayOut
	case err == nil:
		return shown + " is not a plain decimal number; write it as " + strconv.FormatFloat(v, 'g', -1, 64)
	case strings.Count(text, ",") == 1:
		if point := strings.Replace(text, ",", ".", 1); isDecimal(point) {
			return fmt.Sprintf("%s is not a number; write decimals with a point: %s", shown, quoteShort(point))
		}
	}
	for _, other := range []byte(sniffedSeparators) {
		if other == sep {
			continue
		}
		if left, _, found := strings.Cut(text, string(other)); found && isDecimal(left) {
			return fmt.Sprintf("%s is not a number; fields are separated by %q here: give the separator if it is another", shown, sep)
		}
	}
	return shown + " is not a number" + wayOut
}

func isDecimal(text string) bool {
	_, ok := parseField([]byte(strings.Trim(text, " \t")))
	return ok
}
