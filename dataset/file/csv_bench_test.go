package file

import (
	"bytes"
	"encoding/csv"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"
)

// benchmarkText is about 32 MB of rows of four numbers, written with the given number
// of digits after the point, or with as many as it takes for -1.
func benchmarkText(digits int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	text := []byte("a,b,c,y\n")
	for len(text) < 32<<20 {
		for range 3 {
			text = append(strconv.AppendFloat(text, 10*rng.NormFloat64(), 'f', digits, 64), ',')
		}
		text = append(strconv.AppendFloat(text, rng.NormFloat64(), 'f', digits, 64), '\n')
	}
	return text
}

// BenchmarkDecodeCSV has encoding/csv with strconv as its reference: the plain way to
// the same numbers in Go.
func BenchmarkDecodeCSV(b *testing.B) {
	for _, input := range []struct {
		name   string
		digits int
	}{{"4digits", 4}, {"shortest", -1}} {
		text := benchmarkText(input.digits)
		b.Run(input.name+"/descent", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := newCSVDecoder(bytes.NewReader(text), "f.csv", int64(len(text)), Options{}).decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(input.name+"/encoding-csv", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := readWithEncodingCSV(bytes.NewReader(text), ',', 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// readWithEncodingCSV reads all the numbers of a CSV file, after skip records.
func readWithEncodingCSV(r io.Reader, sep rune, skip int) (values []float64, err error) {
	reader := csv.NewReader(r)
	reader.Comma = sep
	reader.ReuseRecord = true
	for ; ; skip-- {
		record, err := reader.Read()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		if skip > 0 {
			continue
		}
		for _, field := range record {
			v, err := strconv.ParseFloat(field, 64)
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
	}
}
