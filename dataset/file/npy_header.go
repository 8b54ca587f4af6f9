package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

const (
	npyMagic = "\x93NUMPY"
	// maxNPYHeader is the limit of format version 1. Only structured types need longer headers.
	maxNPYHeader = 1<<16 - 1
)

// An npyHeader is what stands before the values of a .npy file.
type npyHeader struct {
	dtype   string // such as <f8
	fortran bool
	shape   []int
	offset  int64 // of the first value
}

// readNPYHeader reads the header of a file of size bytes. It checks that the file holds exactly
// the values of the shape in the header.
//
// The format is numpy.lib.format, versions 1.0 to 3.0. A file holds in this order:
//   - the magic
//   - two bytes of version
//   - the length of the header: 2 bytes in version 1, 4 bytes in later versions
//   - the header: a Python dict {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}, then
//     blanks
//   - the values
//
// github.com/sbinet/npyio could read the format, but its version 0.6.0 has these faults:
//   - It panics on a header without a line feed, or with its keys in another order.
//   - It allocates any length that a header claims.
//   - It does not read version 3.
//   - It takes a file that is cut short for a whole file.
//   - It reads the values one by one.
func readNPYHeader(r io.ReaderAt, size int64) (*npyHeader, error) {
	var fixed [12]byte
	n, err := r.ReadAt(fixed[:min(size, int64(len(fixed)))], 0)
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case n == 0:
		return nil, errors.New("an empty file")
	case n < len(npyMagic) || string(fixed[:len(npyMagic)]) != npyMagic:
		return nil, fmt.Errorf("not a .npy file: it starts with %q, not %q", fixed[:min(n, len(npyMagic))], npyMagic)
	case n < len(fixed):
		return nil, fmt.Errorf("the file ends in its header, after %d bytes", n)
	}
	var start, length int64
	switch major := fixed[6]; major {
	case 1:
		start, length = 10, int64(binary.LittleEndian.Uint16(fixed[8:]))
	case 2, 3:
		start, length = 12, int64(binary.LittleEndian.Uint32(fixed[8:]))
	default:
		return nil, fmt.Errorf("format version %d.%d; versions 1.0, 2.0 and 3.0 are read", major, fixed[7])
	}
	switch {
	case start+length > size:
		return nil, fmt.Errorf("the header claims %d bytes, but only %d bytes follow", length, size-start)
	case length > maxNPYHeader:
		return nil, fmt.Errorf("a header of %d bytes; an array of numbers needs at most %d", length, maxNPYHeader)
	}
	text := make([]byte, length)
	if n, err := r.ReadAt(text, start); n < len(text) {
		return nil, err
	}
	h, err := parseNPYHeader(string(text))
	if err != nil {
		return nil, err
	}
	h.offset = start + length
	return h, h.checkSize(size)
}

// checkSize returns an error if the type or the shape cannot be read, or if a file of size bytes
// does not hold exactly this shape.
func (h *npyHeader) checkSize(size int64) error {
	width := 0
	if len(h.dtype) == 3 && (h.dtype[0] == '<' || h.dtype[0] == '>') {
		width = npyWidths[h.dtype[1:]]
	}
	if width == 0 {
		return fmt.Errorf("values of type %q; f4, f8, i4 and i8 are read: save it with .astype('<f8')", h.dtype)
	}
	if len(h.shape) != 1 && len(h.shape) != 2 {
		return fmt.Errorf("shape %s: arrays of 1 and 2 dimensions are read", shapeText(h.shape))
	}
	if slices.Contains(h.shape, 0) {
		return fmt.Errorf("shape %s: no values", shapeText(h.shape))
	}
	count, over := uint64(1), uint64(0)
	for _, n := range append([]int{width}, h.shape...) {
		if over == 0 {
			over, count = bits.Mul64(count, uint64(n))
		}
	}
	switch held := uint64(size - h.offset); {
	case over > 0 || held < count:
		return fmt.Errorf("shape %s of %s takes more than the %d bytes that follow the header; the file is cut off or its header wrong",
			shapeText(h.shape), h.dtype, held)
	case held > count:
		return fmt.Errorf("shape %s of %s takes %d bytes, but %d follow the header", shapeText(h.shape), h.dtype, count, held)
	}
	return nil
}

// shapeText writes a shape as Python does.
func shapeText(shape []int) string {
	var parts []string
	for _, n := range shape {
		parts = append(parts, strconv.Itoa(n))
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
