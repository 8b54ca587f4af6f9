package file

import (
	"bufio"
	"encoding/csv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// BenchmarkReadCSV reads a file of 10⁶ rows of 12 numbers, in turn with readCSV and with
// encoding/csv and strconv.ParseFloat. Its time and its speed are those of readCSV. The metric
// library/own is the time of the library over the time of readCSV: the median over the turns.
func BenchmarkReadCSV(b *testing.B) {
	for _, input := range []struct {
		name   string
		digits int // after the point; -1 for as many as the number needs
	}{{"4digits", 4}, {"shortest", -1}} {
		b.Run(input.name, func(b *testing.B) {
			const rows, cols = 1_000_000, 12
			text := randomCSV(rows, cols, input.digits)
			path := filepath.Join(b.TempDir(), "f.csv")
			if err := os.WriteFile(path, text, 0o644); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			var ratios []float64
			for b.Loop() {
				start := time.Now()
				if _, err := readCSV(path, Options{}); err != nil {
					b.Fatal(err)
				}
				own := time.Since(start)
				b.StopTimer()
				start = time.Now()
				if _, err := readWithEncodingCSV(path, rows*cols); err != nil {
					b.Fatal(err)
				}
				ratios = append(ratios, float64(time.Since(start))/float64(own))
				b.StartTimer()
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "library/own")
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

// readWithEncodingCSV returns the numbers below the header of a CSV file. count is how many they
// are, so the library need not grow its slice.
func readWithEncodingCSV(path string, count int) ([]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	reader := csv.NewReader(bufio.NewReaderSize(f, 256<<10))
	reader.ReuseRecord = true
	if _, err := reader.Read(); err != nil {
		return nil, err
	}
	values := make([]float64, 0, count)
	for {
		record, err := reader.Read()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, err
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
