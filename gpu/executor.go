//go:build linux && cgo

package gpu

import (
	"fmt"
	"slices"
	"time"

	"descent/dataset"
	"descent/gpu/graph"
	"descent/shaders"
)

const (
	// patience is how long a submission may take before the device counts as hung.
	patience = 2 * time.Minute
	// submissionTime is what a submission should take: short enough for every
	// watchdog, long enough to make the wait at its end cheap.
	submissionTime = 50 * time.Millisecond
	// inFlight is how many submissions may be under way: one that runs and one that
	// is ready when it ends.
	inFlight = 2
)

// A glExecutor runs the steps of a plan on OpenGL. Every node is a dispatch of its shader in
// every step, or one for each panel; all values stay on the device between steps.
type glExecutor struct {
	context   *Context
	precision dataset.Precision
	tensors   map[string]*tensor
	buffers   []buffer
	commands  []command

	bound  [3]int              // the slot at each binding, or −1
	set    map[program]command // the uniforms that each program has
	batch  int                 // steps in a submission
	watch  [inFlight]stopwatch
	onTime time.Duration // of the device, in the last Run
}

// A command is a dispatch of a compiled kernel.
type command struct {
	dispatch
	program program
}

// newExecutor lowers a plan, reserves its buffers, none larger than maxBytes, and loads its
// constants. It keeps no reference to their sources.
func newExecutor(c *Context, plan *graph.Plan, precision dataset.Precision, maxBytes int64) (executor, error) {
	device := c.Device()
	if precision == dataset.Float64 && !device.Features.Float64 {
		return nil, &Error{Kind: MissingFeature, Provider: device.Provider, Detail: device.Renderer + " has no double precision", hint: "use f32"}
	}
	l, err := lower(plan, precision, min(maxBytes, device.Limits.MaxStorageBlockBytes))
	if err != nil {
		return nil, err
	}
	if memory := memoryFor(device); memory > 0 && int64(l.bytes()) > memory {
		return nil, &Error{Kind: Limit, Provider: device.Provider, Detail: fmt.Sprintf("the graph takes %s in %d buffers, and %s has %s free",
			formatBytes(l.bytes()), len(l.sizes), device.Renderer, formatBytes(int(memory)))}
	}
	x := &glExecutor{context: c, precision: precision, tensors: l.tensors, batch: 1}
	err = c.Do(func() error {
		err := x.build(l, plan)
		if err != nil {
			x.free()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return x, nil
}

// build makes the buffers and programs and fills the inputs of the graph.
func (x *glExecutor) build(l *lowering, plan *graph.Plan) error {
	for i := range x.watch {
		x.watch[i] = x.context.newStopwatch()
	}
	for _, bytes := range l.sizes {
		b, err := newBuffer(bytes)
		if err != nil {
			return fmt.Errorf("buffer %d of %d, %s in all: %w", len(x.buffers)+1, len(l.sizes), formatBytes(l.bytes()), err)
		}
		x.buffers = append(x.buffers, b)
	}
	for _, d := range l.dispatches {
		p, err := x.context.program(d.kernel)
		if err != nil {
			return err
		}
		d.kernel = shaders.Kernel{} // the source has served its purpose
		x.commands = append(x.commands, command{d, p})
	}
	for _, n := range plan.Nodes {
		switch t := x.tensors[n.Name]; n.Op {
		case graph.Constant:
			x.write(t, n.Source)
		case graph.Variable:
			for _, p := range t.panels {
				x.buffers[p.slot].zero()
			}
		}
	}
	return x.context.finish(patience)
}

// Run takes steps steps, in submissions that it makes longer, up to submissionTime, as it
// learns how long a step takes.
func (x *glExecutor) Run(steps int) error {
	if steps < 0 {
		return fmt.Errorf("gpu: %d steps", steps)
	}
	return x.context.Do(func() error { return x.run(steps) })
}

func (x *glExecutor) run(steps int) error {
	// Others may have used the context since the last run.
	x.bound = [3]int{-1, -1, -1}
	x.set = make(map[program]command)
	x.onTime = 0

	type submission struct {
		steps int
		start time.Time
		fence fence
	}
	var flying [inFlight]submission
	sent, done := 0, 0
	for steps > 0 || done < sent {
		if steps > 0 && sent-done < inFlight {
			s, watch := &flying[sent%inFlight], x.watch[sent%inFlight]
			s.steps, s.start = min(x.batch, steps), time.Now()
			watch.start()
			for range s.steps {
				x.step()
			}
			watch.stop()
			barrierUpdate()
			s.fence = x.context.insertFence()
			steps -= s.steps
			sent++
			continue
		}
		s := flying[done%inFlight]
		if err := s.fence.wait(patience); err != nil {
			return err
		}
		x.onTime += x.watch[done%inFlight].elapsed()
		done++
		// The time holds what was left of the submission before, so it may be twice too
		// long. From the end of that one it may be far too short: where drivers run
		// or queue a dispatch in the call, that end is seen only after this one's.
		x.batch = nextBatch(x.batch, s.steps, time.Since(s.start))
	}
	return nil
}

// nextBatch is the number of steps for a submission after one of steps steps took so
// long: what fits submissionTime, at most twice what is known to fit.
func nextBatch(batch, steps int, took time.Duration) int {
	fits := int(float64(steps) * float64(submissionTime) / float64(max(took, 1)))
	return max(1, min(fits, max(batch, 2*steps)))
}

// step records the dispatches of one step, leaving out what is set and bound already.
func (x *glExecutor) step() {
	for i := range x.commands {
		c := &x.commands[i]
		if c.barrier {
			barrierStorage()
		}
		x.setUniforms(c)
		x.bind(shaders.BindingA, c.a)
		if c.b >= 0 {
			x.bind(shaders.BindingB, c.b)
		}
		x.bind(shaders.BindingResult, c.result)
		c.program.dispatch(c.x, c.y, c.z)
	}
}

func (x *glExecutor) setUniforms(c *command) {
	old, ok := x.set[c.program]
	if ok && slices.Equal(old.uniforms, c.uniforms) && old.factor == c.factor {
		return
	}
	for i, v := range c.uniforms {
		c.program.setUint(location(shaders.LocationFactor+1+i), v)
	}
	switch {
	case c.scales && x.precision == dataset.Float32:
		c.program.setFloat(shaders.LocationFactor, float32(c.factor))
	case c.scales:
		c.program.setDouble(shaders.LocationFactor, c.factor)
	}
	x.set[c.program] = *c
}

func (x *glExecutor) bind(binding, slot int) {
	if x.bound[binding] != slot {
		bindStorage(binding, x.buffers[slot])
		x.bound[binding] = slot
	}
}

// DeviceTime returns the time that the last Run took on the device's clock, 0 where it has none.
func (x *glExecutor) DeviceTime() time.Duration { return x.onTime }

// Close frees the buffers. The programs stay with the context.
func (x *glExecutor) Close() error {
	return x.context.Do(func() error {
		x.free()
		return checkError("close")
	})
}

func (x *glExecutor) free() {
	for _, b := range x.buffers {
		b.delete()
	}
	for _, w := range x.watch {
		w.delete()
	}
	x.buffers, x.watch = nil, [inFlight]stopwatch{}
}
