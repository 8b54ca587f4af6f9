package file

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// An npyArray is a vector or a matrix read from a .npy file.
type npyArray struct {
	Shape []int     // (N) or (N, P)
	Data  []float64 // row-major
}

// readNPY reads a NumPy array of 1 or 2 dimensions. The values are float32, float64, int32 or
// int64, in either byte order, in C or Fortran order. The format version is 1.0, 2.0 or 3.0.
//
// All values must be finite, and float64 must hold every integer exactly. The error names the
// index of the first bad value. The array is allocated only after the size of the file has
// confirmed the shape in the header.
func readNPY(path string) (*npyArray, error) {
	f, size, err := openData(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := decodeNPY(f, size)
	if err != nil {
		return nil, bareFileError(path, err)
	}
	return a, nil
}

// decodeNPY reads an array from the size bytes of r. GOMAXPROCS goroutines take bands of rows in
// turn. The error is the error of the first band that has one.
func decodeNPY(r io.ReaderAt, size int64) (*npyArray, error) {
	h, err := readNPYHeader(r, size)
	if err != nil {
		return nil, err
	}
	rows, cols := h.shape[0], 1
	if len(h.shape) == 2 {
		cols = h.shape[1]
	}
	a := &npyArray{Shape: h.shape, Data: make([]float64, rows*cols)}
	// A band fits into a core's cache. In Fortran order it has at least 512 rows, so that a
	// read of one column of the band is not too short.
	height := max(1, npyBandValues/cols)
	if h.fortran {
		height = max(512, height)
	}
	bands := (rows + height - 1) / height

	var (
		group   sync.WaitGroup
		next    atomic.Int64
		mu      sync.Mutex
		failed  = bands
		failure error
	)
	for range min(bands, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			b := npyBands{r: r, header: h, cols: cols, rows: rows}
			for k := int(next.Add(1)) - 1; k < bands; k = int(next.Add(1)) - 1 {
				err := b.read(a.Data, k*height, min((k+1)*height, rows))
				if err == nil {
					continue
				}
				mu.Lock()
				if k < failed {
					failed, failure = k, err
				}
				mu.Unlock()
				// No later band is started. All earlier bands have been started already.
				next.Store(int64(bands))
			}
		})
	}
	group.Wait()
	if failure != nil {
		return nil, failure
	}
	return a, nil
}

// npyBandValues is the usual number of values in a band.
const npyBandValues = 64 << 10

// npyBands reads bands of rows of one array. Each goroutine has its own.
type npyBands struct {
	r          io.ReaderAt
	header     *npyHeader
	rows, cols int
	raw        []byte
}

// read reads the rows [lo, hi) into data, the whole array.
func (b *npyBands) read(data []float64, lo, hi int) error {
	if !b.header.fortran || b.cols == 1 {
		return b.readRun(data, lo*b.cols, hi*b.cols, 1, lo*b.cols)
	}
	for j := range b.cols {
		if err := b.readRun(data, lo*b.cols+j, hi*b.cols, b.cols, j*b.rows+lo); err != nil {
			return err
		}
	}
	return nil
}

// readRun reads consecutive values of the file, starting with value number from, into every
// stride-th place of data[lo:hi].
func (b *npyBands) readRun(data []float64, lo, hi, stride, from int) error {
	dst := data[lo:hi]
	width := npyWidths[b.header.dtype[1:]]
	inPlace := stride == 1 && b.header.dtype == nativeFloat64
	var raw []byte
	if inPlace {
		raw = float64Bytes(dst)
	} else {
		size := (len(dst) + stride - 1) / stride * width
		b.raw = slices.Grow(b.raw[:0], size)
		raw = b.raw[:size]
	}
	if got, err := b.r.ReadAt(raw, b.header.offset+int64(from)*int64(width)); got < len(raw) {
		if err == nil || err == io.EOF {
			err = errors.New("the file was cut short while it was read")
		}
		return err
	}
	var bad int
	var why string
	if inPlace {
		bad, why = findNotFinite(dst)
	} else {
		bad, why = convertNPY(dst, stride, raw, b.header.dtype)
	}
	if why == "" {
		return nil
	}
	at := strconv.Itoa(lo + bad)
	if len(b.header.shape) == 2 {
		at = fmt.Sprintf("%d, %d", (lo+bad)/b.cols, (lo+bad)%b.cols)
	}
	return fmt.Errorf("element [%s], counted from 0, is %s", at, why)
}
