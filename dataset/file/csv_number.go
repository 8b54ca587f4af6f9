package file

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// parseNumber returns the number [+-]digits[.digits][e[+-]digits] that text is, rounded to the
// nearest float64, and reports whether it is one.
func parseNumber(text string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && isPlainDecimal(text)
}

// isPlainDecimal reports whether a text that strconv takes has none of the forms that a CSV file
// may not use: hexadecimal, underscores, NaN and Inf.
func isPlainDecimal(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c-'0' <= 9, c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return false
		}
	}
	return true
}

// whyNoNumber says why a field is not a number and what to do.
func whyNoNumber(text string, sep byte) string {
	const wayOut = "; remove the row, give the value, or ignore the column"
	if text == "" {
		return "empty" + wayOut
	}
	shown := quoteShort(text)
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
	_, ok := parseNumber(strings.Trim(text, " \t"))
	return ok
}
