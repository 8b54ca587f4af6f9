package file

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// BenchmarkReadCSV reads files of 10⁶ rows of 12 numbers.
func BenchmarkReadCSV(b *testing.B) {
	for _, input := range []struct {
		name   string
		digits int // after the point; -1 for as many as the number needs
	}{{"4digits", 4}, {"shortest", -1}} {
		b.Run(input.name, func(b *testing.B) {
			text := randomCSV(1_000_000, 12, input.digits)
			path := filepath.Join(b.TempDir(), "f.csv")
			if err := os.WriteFile(path, text, 0o644); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := readCSV(path, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// randomCSV returns a header and rows of numbers. digits is how many digits stand after the
// point; -1 is as many as the number needs.
func randomCSV(rows, cols, digits int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var text []byte
	for j := range cols {
		text = append(strconv.AppendInt(append(text, 'x'), int64(j+1), 10), ',')
	}
	text[len(text)-1] = '\n'
	for range rows {
		for range cols {
			text = append(strconv.AppendFloat(text, 10*rng.NormFloat64(), 'f', digits, 64), ',')
		}
		text[len(text)-1] = '\n'
	}
	return text
}
