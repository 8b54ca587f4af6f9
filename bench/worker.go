package bench

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"descent/bench/internal/jsonl"
	"descent/dataset/file"
)

// A Factory opens a backend; for a GPU, this makes the context. Its error wraps ErrUnavailable if
// the contender cannot run on this machine.
type Factory func() (Backend, error)

// Serve is a contender's process. It answers the requests on in, one JSON object a line, on out. It
// ends at the request to exit, at the end of in, or at an error, which it also reports to the
// driver. name and precision stand in the answer to hello.
//
// Every time is taken here, on this process's monotonic clock. Garbage is collected after each
// answer, so that no collection falls into a timed region.
func Serve(in io.Reader, out io.Writer, name, precision string, open Factory) error {
	w := &worker{name: name, precision: precision, open: open, gcPercent: debug.SetGCPercent(-1)}
	defer debug.SetGCPercent(w.gcPercent)
	defer w.close()
	lines := jsonl.NewScanner(in)
	for lines.Scan() {
		var req Request
		err := jsonl.Decode(lines.Bytes(), &req)
		if err == nil {
			err = req.check()
		}
		if err == nil && req.Op == "exit" {
			return nil
		}
		var reply Reply
		if err == nil {
			err = w.answer(&req, &reply)
		}
		if err != nil {
			reply = errorReply(err)
		}
		line, marshalErr := jsonl.Encode(&reply)
		if marshalErr != nil {
			return marshalErr
		}
		if _, writeErr := out.Write(line); writeErr != nil {
			return writeErr
		}
		if err != nil {
			return err
		}
		runtime.GC() // nothing is timed now: the driver waits until this process sleeps
	}
	return lines.Err()
}

type worker struct {
	name, precision string
	open            Factory
	backend         Backend
	loaded          bool
	told            Info // in the last reply that had one
	gcPercent       int  // during load, which may leave much garbage; elsewhere only Serve collects
}

// answer serves one request. A panic in a backend becomes an error.
func (w *worker) answer(req *Request, reply *Reply) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if req.Op != "hello" && w.backend == nil {
		return fmt.Errorf("%s before hello", req.Op)
	}
	switch req.Op {
	case "hello":
		return w.hello(reply)
	case "load":
		return w.load(req, reply)
	default:
		return w.descend(req, reply)
	}
}

func (w *worker) hello(reply *Reply) error {
	if w.backend != nil {
		return errors.New("hello was said already")
	}
	start := time.Now()
	backend, err := w.open()
	if err != nil {
		return err
	}
	w.backend = backend
	*reply = Reply{Protocol: ProtocolVersion, Name: w.name, Precision: w.precision, InitNS: since(start), Calls: true}
	if d, ok := backend.(Describer); ok {
		reply.Info = d.Describe()
		w.told = reply.Info
	}
	return nil
}

func (w *worker) load(req *Request, reply *Reply) error {
	debug.SetGCPercent(w.gcPercent)
	defer debug.SetGCPercent(-1)
	p, err := file.ReadNPYPair(req.X, req.D)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := w.backend.Load(p); err != nil {
		return err
	}
	*reply = Reply{LoadNS: since(start)}
	before := w.told.Work
	w.tell(reply)
	if now := w.told.Work; now != nil && (before == nil || *now != *before) {
		reply.Work = now
	}
	if b, ok := w.backend.(Phaser); ok {
		p := b.Phases()
		reply.LoadPhases = LoadPhases{CompileNS: p.Compile.Nanoseconds(), SearchNS: p.Search.Nanoseconds(), UploadNS: p.Upload.Nanoseconds()}
	}
	w.loaded = true
	return nil
}

// descend runs the timed region: Calls descents from the same weights. No garbage is collected in
// it, because Serve collects between exchanges.
func (w *worker) descend(req *Request, reply *Reply) error {
	if !w.loaded {
		return errors.New("descend before load")
	}
	weights := slices.Clone(req.W)
	timer, _ := w.backend.(DeviceTimer)
	phaser, _ := w.backend.(Phaser)
	var device, download time.Duration
	start := time.Now()
	for range max(1, req.Calls) {
		copy(weights, req.W)
		if err := w.backend.Descend(weights, req.Rate, req.Epochs); err != nil {
			return err
		}
		if timer != nil {
			device += timer.DeviceTime()
		}
		if phaser != nil {
			download += phaser.Phases().Download
		}
	}
	*reply = Reply{RunNS: since(start), W: weights, DeviceNS: device.Nanoseconds(), DownloadNS: download.Nanoseconds()}
	w.tell(reply)
	return nil
}

// tell puts the backend's note and threads into a reply, if they have changed since they were told.
func (w *worker) tell(reply *Reply) {
	d, ok := w.backend.(Describer)
	if !ok {
		return
	}
	now := d.Describe()
	if now.Note != w.told.Note {
		reply.Note = now.Note
	}
	if now.Threads != w.told.Threads {
		reply.Threads = now.Threads
	}
	w.told = now
}

func (w *worker) close() {
	if w.backend != nil {
		w.backend.Close()
	}
}

// since returns the nanoseconds from start to now, at least 1: the clock may not have ticked.
func since(start time.Time) int64 { return max(1, time.Since(start).Nanoseconds()) }

func errorReply(err error) Reply {
	reply := Reply{Error: err.Error(), Unavailable: errors.Is(err, ErrUnavailable)}
	var h Hinter
	if errors.As(err, &h) {
		reply.Hint = h.Hint()
	}
	return reply
}
