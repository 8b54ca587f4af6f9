package file

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"descent/dataset"
)

// csvBlockSize is the usual size of a block in bytes. A block is small enough to stay in a core's
// own cache until it is parsed, and large enough to make its passage through channels cheap.
const csvBlockSize = 256 << 10

// A csvBlock is a run of whole records on its way from the file to the Problem.
type csvBlock struct {
	buf  []byte
	data []byte // the records, a part of buf; ends in a line feed
	last bool   // no block comes after it
	over bool   // it holds one record only, cut at maxCSVRecord
	err  error  // from reading

	x, d   []float64
	fault  *csvFault
	lines  int
	parsed chan struct{}
}

// A csvDecoder reads a table block by block.
type csvDecoder struct {
	csvColumns
	options   Options
	path      string
	size      int64 // bytes of the input; 0 if unknown
	blockSize int

	r    io.Reader
	rest []byte // the start of a record that is not read to its end yet
	line int    // where the next block to merge starts
}

func newCSVDecoder(r io.Reader, path string, size int64, o Options) *csvDecoder {
	return &csvDecoder{r: r, path: path, size: size, options: o, blockSize: csvBlockSize, line: 1}
}

// decode reads the first record, then all other records.
func (c *csvDecoder) decode() (*Table, error) {
	first, err := c.readColumns()
	if err != nil {
		return nil, err
	}
	p, err := c.readNumbers(first)
	if err != nil {
		return nil, err
	}
	if p.N == 0 {
		return nil, fmt.Errorf("%s: no rows of data below the header on line %d", c.path, c.firstLine)
	}
	t := &Table{Problem: p}
	t.Features, t.Target = columnNames(c.names, c.count, c.target, c.ignored)
	return t, nil
}

// readNumbers parses first and the blocks after it. One goroutine reads, GOMAXPROCS goroutines
// parse, and this goroutine merges the results in the order of the file. So the error is the
// first fault of the file.
func (c *csvDecoder) readNumbers(first *csvBlock) (*dataset.Problem, error) {
	workers := runtime.GOMAXPROCS(0)
	inFlight := 2*workers + 1
	free := make(chan *csvBlock, inFlight)
	order := make(chan *csvBlock, inFlight)
	work := make(chan *csvBlock, inFlight)
	stop := make(chan struct{})
	for range inFlight - 1 { // first is one more
		free <- &csvBlock{parsed: make(chan struct{}, 1)}
	}
	first.parsed = make(chan struct{}, 1)

	var group sync.WaitGroup
	group.Go(func() {
		defer close(work)
		defer close(order)
		for b := first; ; c.fill(b) {
			order <- b
			work <- b
			if b.last {
				return
			}
			select {
			case b = <-free:
			case <-stop:
				return
			}
		}
	})
	for range workers {
		group.Go(func() {
			for b := range work {
				c.parse(b)
				b.parsed <- struct{}{}
			}
		})
	}

	p, err := c.merge(order, free)
	close(stop)
	group.Wait()
	return p, err
}

// merge appends the numbers of the blocks to a Problem and sends the blocks back to free.
func (c *csvDecoder) merge(order <-chan *csvBlock, free chan<- *csvBlock) (*dataset.Problem, error) {
	p := &dataset.Problem{P: features(c.count, c.ignored)}
	for b := range order {
		<-b.parsed
		if b.err != nil {
			return nil, csvReadError(c.path, b.err)
		}
		if b.fault != nil {
			return nil, c.place(b.fault)
		}
		if p.X == nil && len(b.d) > 0 && c.size > 0 && !b.last {
			// One allocation is enough if later rows are as long as the first rows.
			rows := int(float64(c.size)/float64(len(b.data))*1.02*float64(len(b.d))) + 1
			p.X, p.D = slices.Grow(p.X, rows*p.P), slices.Grow(p.D, rows)
		}
		p.X, p.D = append(p.X, b.x...), append(p.D, b.d...)
		c.line += b.lines
		free <- b
	}
	p.N = len(p.D)
	return p, nil
}

// parse turns the records of b into numbers.
func (c *csvDecoder) parse(b *csvBlock) {
	if b.err != nil {
		return
	}
	s := csvScanner{data: b.data, sep: c.sep}
	b.x, b.d, b.fault = s.numbers(&c.csvColumns, b.x[:0], b.d[:0])
	b.lines = s.line
	b.fault = c.amend(b.fault, b)
}

// amend returns the fault of b, given the fault that the parser found. In a record that is cut
// at maxCSVRecord, a missing end is not the fault; the length of the record is.
func (c *csvDecoder) amend(fault *csvFault, b *csvBlock) *csvFault {
	if b.over && (fault == nil || fault.cut) {
		return &csvFault{column: -1, msg: "a record over 16 MiB; is this a CSV file?"}
	}
	return fault
}

// place returns the error for a fault in the block that starts at c.line.
func (c *csvDecoder) place(f *csvFault) error {
	at := fmt.Sprintf("%s:%d", c.path, c.line+f.line)
	switch {
	case f.column < 0:
		return fmt.Errorf("%s: %s", at, f.msg)
	case c.names == nil && c.options.Header == HeaderAuto && c.line+f.line == c.firstLine:
		return fmt.Errorf("%s: column %d: %s; or say that this line is a header", at, f.column+1, f.msg)
	case c.names == nil || c.names[f.column] == "":
		return fmt.Errorf("%s: column %d: %s", at, f.column+1, f.msg)
	}
	return fmt.Errorf("%s: column %d (%s): %s", at, f.column+1, quoteShort(c.names[f.column]), f.msg)
}

// fill reads the next whole records into b, about c.blockSize bytes of them.
func (c *csvDecoder) fill(b *csvBlock) {
	b.buf = append(b.buf[:0], c.rest...)
	for want := c.blockSize; ; want = 2 * len(b.buf) {
		var err error
		// The byte more is for the line feed that the last line may lack.
		b.buf = slices.Grow(b.buf, max(want-len(b.buf), 0)+1)
		for n := 0; len(b.buf) < want && err == nil; b.buf = b.buf[:len(b.buf)+n] {
			n, err = c.r.Read(b.buf[len(b.buf):want])
		}
		end := lastRecordEnd(b.buf)
		switch {
		case err != nil && err != io.EOF:
			b.data, b.last, b.err = nil, true, err
			return
		case err == nil && end > 0:
			b.data, c.rest = b.buf[:end], append(c.rest[:0], b.buf[end:]...)
			return
		case err == io.EOF || len(b.buf) >= maxCSVRecord:
			b.over = err == nil
			b.last = true
			if n := len(b.buf); n > 0 && b.buf[n-1] != '\n' {
				b.buf = append(b.buf, '\n')
			}
			b.data = b.buf
			return
		}
	}
}

// lastRecordEnd returns the end of the last whole record in data, or 0 if there is none. data
// starts with a record. A line feed ends a record if the number of quotes before it is even.
// This rule holds up to the first misplaced quote, where the parser stops.
func lastRecordEnd(data []byte) int {
	quotes := bytes.Count(data, []byte{'"'})
	for ; quotes > 0; quotes-- {
		q := bytes.LastIndexByte(data, '"')
		if quotes%2 == 0 {
			if n := bytes.LastIndexByte(data[q:], '\n'); n >= 0 {
				return q + n + 1
			}
		}
		data = data[:q]
	}
	return bytes.LastIndexByte(data, '\n') + 1
}
