//go:build linux && cgo

package gpu

import (
	"fmt"
	"slices"
	"time"

	"descent/gpu/device"
	"descent/gpu/graph"
	"descent/shaders"
)

// A glExecutor runs the steps of a plan on OpenGL. Every node is a dispatch of its shader in every
// step, or a dispatch for each panel. All values stay on the device between steps. What the plan
// computes once is dispatched when the plan is loaded.
type glExecutor struct {
	*target
	tensors  map[string]*tensor
	buffers  []device.Buffer
	commands []command // of a step

	bound  [shaders.BindingG + 1]int  // the slot at each binding, or −1
	set    map[device.Program]command // the uniforms that each program has
	submit submitter
	phases Phases
}

// A command is a dispatch of a compiled kernel.
type command struct {
	dispatch
	program device.Program
}

// newExecutor lowers a plan, reserves its buffers, loads its constants, and computes what depends
// on them alone. No buffer is larger than t.maxBytes. It keeps no reference to the sources of the
// constants. The plan may be optimised.
func newExecutor(t *target, plan *graph.Plan) (executor, error) {
	l, err := lower(plan, t.precision, min(t.maxBytes, t.device.Limits.MaxStorageBlockBytes))
	if err != nil {
		return nil, err
	}
	if err := t.device.CheckRoom(int64(l.bytes()), fmt.Sprintf("the graph in %d buffers", len(l.sizes))); err != nil {
		return nil, err
	}
	x := &glExecutor{target: t, tensors: l.tensors}
	err = t.context.Do(func() error {
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
	x.submit = x.newSubmitter()
	for _, bytes := range l.sizes {
		b, err := device.NewBuffer(bytes)
		if err != nil {
			return fmt.Errorf("buffer %d of %d, %s in all: %w", len(x.buffers)+1, len(l.sizes), device.FormatBytes(l.bytes()), err)
		}
		x.buffers = append(x.buffers, b)
	}
	start := time.Now()
	once, err := x.compile(l.once)
	if err != nil {
		return err
	}
	if x.commands, err = x.compile(l.dispatches); err != nil {
		return err
	}
	x.phases.Compile = time.Since(start)
	start = time.Now()
	for _, n := range slices.Concat(plan.Once, plan.Nodes) {
		switch t := x.tensors[n.Name]; n.Op {
		case graph.Constant:
			x.write(t, n.Source)
		case graph.Variable:
			for _, p := range t.panels {
				x.buffers[p.slot].Zero()
			}
		}
	}
	if err := x.run(once, 1); err != nil {
		return err
	}
	err = x.context.Finish()
	x.phases.Upload = time.Since(start)
	return err
}

// compile returns the commands of dispatches.
func (x *glExecutor) compile(dispatches []dispatch) ([]command, error) {
	var commands []command
	for _, d := range dispatches {
		p, err := x.context.Program(d.kernel)
		if err != nil {
			return nil, err
		}
		d.kernel = shaders.Kernel{} // the source has served its purpose
		commands = append(commands, command{d, p})
	}
	return commands, nil
}

// Run takes steps steps.
func (x *glExecutor) Run(steps int) error {
	if steps < 0 {
		return fmt.Errorf("gpu: %d steps", steps)
	}
	return x.context.Do(func() error { return x.run(x.commands, steps) })
}

// run records all of the commands, rounds times.
func (x *glExecutor) run(commands []command, rounds int) error {
	// Others may have used the context since the last run.
	for i := range x.bound {
		x.bound[i] = -1
	}
	x.set = make(map[device.Program]command)
	return x.submit.run(rounds*len(commands), func(first, count int) {
		for i := first; i < first+count; i++ {
			x.record(&commands[i%len(commands)])
		}
	})
}

// record records a dispatch. It leaves out uniforms and bindings that are set already.
func (x *glExecutor) record(c *command) {
	if c.barrier {
		device.StorageBarrier()
	}
	x.setUniforms(c)
	for i, slot := range c.operands {
		x.bind(shaders.InputBindings[i], slot)
	}
	x.bind(shaders.BindingResult, c.result)
	c.program.Dispatch(c.x, c.y, c.z)
}

func (x *glExecutor) setUniforms(c *command) {
	old, ok := x.set[c.program]
	if ok && slices.Equal(old.uniforms, c.uniforms) && slices.Equal(old.factors, c.factors) {
		return
	}
	for i, v := range c.uniforms {
		c.program.SetUint(device.Location(shaders.LocationUint+i), v)
	}
	switch len(c.factors) {
	case 1:
		c.program.SetReal(shaders.LocationReal, x.precision, c.factors[0])
	case shaders.MaxFactors:
		c.program.SetReals(shaders.LocationReal, x.precision, [shaders.MaxFactors]float64(c.factors))
	}
	x.set[c.program] = *c
}

func (x *glExecutor) bind(binding, slot int) {
	if x.bound[binding] != slot {
		x.buffers[slot].Bind(binding)
		x.bound[binding] = slot
	}
}

// DeviceTime returns the time that the last Run took on the device's clock, 0 where it has none.
func (x *glExecutor) DeviceTime() time.Duration { return x.submit.onTime }

// Phases returns the parts of the time that it took to make the executor.
func (x *glExecutor) Phases() Phases { return x.phases }

// Work counts the dispatches of a step, and the barriers before them.
func (x *glExecutor) Work() Work {
	w := Work{Dispatches: float64(len(x.commands))}
	for _, c := range x.commands {
		if c.barrier {
			w.Barriers++
		}
	}
	return w
}

// Close frees the buffers. The programs stay with the context.
func (x *glExecutor) Close() error {
	return x.context.Do(func() error {
		x.free()
		return device.CheckErrors("close")
	})
}

func (x *glExecutor) free() {
	for _, b := range x.buffers {
		b.Delete()
	}
	x.submit.delete()
	x.buffers = nil
}
