package file

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// WriteNPY writes data, row-major, as a NumPy array of float64: type '<f8', C order, format
// version 1.0. Without a shape the array is a vector. The values start at a multiple of 64 bytes,
// so they are aligned in a memory map of the file.
//
// The file appears whole or not at all. It is written under another name in the same folder and
// then renamed. An older file is replaced.
func WriteNPY(path string, data []float64, shape ...int) error {
	if len(shape) == 0 {
		shape = []int{len(data)}
	}
	count := 1
	for _, n := range shape {
		count *= max(n, 0)
	}
	if count != len(data) || count == 0 || len(shape) > 2 {
		return fmt.Errorf("%s: shape %s for %d values; 1 or 2 dimensions hold at least one", path, shapeText(shape), len(data))
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return bareFileError(path, err)
	}
	if err = writeNPY(f, data, shape); err == nil {
		err = f.Chmod(0o644) // CreateTemp lets only the owner read
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return bareFileError(path, err)
	}
	return nil
}

// writeNPY writes the header, padded with blanks to a multiple of 64 bytes, and the values.
func writeNPY(w io.Writer, data []float64, shape []int) error {
	const fixed = len(npyMagic) + 2 + 2
	dict := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", shapeText(shape))
	total := (fixed + len(dict) + 1 + 63) / 64 * 64
	header := append([]byte(npyMagic), 1, 0)
	header = binary.LittleEndian.AppendUint16(header, uint16(total-fixed))
	header = append(header, dict+strings.Repeat(" ", total-fixed-len(dict)-1)+"\n"...)
	if _, err := w.Write(header); err != nil {
		return err
	}
	if nativeFloat64 == "<f8" {
		_, err := w.Write(float64Bytes(data))
		return err
	}
	return writeLittleEndian(w, data)
}

// writeLittleEndian writes values on a machine with the other byte order.
func writeLittleEndian(w io.Writer, values []float64) error {
	buf := make([]byte, 0, 64<<10)
	for i, v := range values {
		buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(v))
		if len(buf) == cap(buf) || i+1 == len(values) {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	return nil
}
