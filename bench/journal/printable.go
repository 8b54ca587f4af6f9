package journal

import (
	"reflect"
	"strings"
	"unicode"
)

// printable writes blanks in place of control characters into the strings below v, which is a
// pointer. Outside programs wrote many of them, and a terminal would obey escape codes. Lines stay
// lines only in Stderr. It leaves the plan and the flags as they are, because a run is resumed with
// them.
func printable(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			printable(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Type == reflect.TypeFor[Plan]() || f.Type.Kind() == reflect.Map {
				continue
			}
			if f.Name == "Stderr" {
				v.Field(i).SetString(printableLines(v.Field(i).String()))
				continue
			}
			printable(v.Field(i))
		}
	case reflect.Slice:
		switch v.Type().Elem().Kind() {
		case reflect.Struct, reflect.String, reflect.Pointer:
			for i := range v.Len() {
				printable(v.Index(i))
			}
		}
	case reflect.String:
		v.SetString(Printable(v.String()))
	}
}

// Printable returns s with blanks in place of control characters.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
