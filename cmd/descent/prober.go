package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"descent/bench"
	"descent/gpu/device"
)

// A prober measures the device that the OpenGL contenders are to run on. It returns nil
// where there is none.
type prober func(context.Context, device.Options) (*bench.Probe, error)

// probeTimeout bounds a probe: a second or two of measuring, and before it a driver that
// wakes several sleeping GPUs.
const probeTimeout = 30 * time.Second

// probeGrace is how long the pipes of a probe that was ended are waited for.
const probeGrace = 500 * time.Millisecond

// usesGL reports whether a backend runs on OpenGL.
func usesGL(backend string) bool { return backend == "gl" || strings.HasPrefix(backend, "gl-") }

// probeApart has 'descent devices --probe' measure the device in a process of its own,
// where a crash of the driver costs the probe and nothing else.
func probeApart(ctx context.Context, o device.Options) (*bench.Probe, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return probeBy(ctx, probeTimeout, self, "devices", "--peers", "none", "--probe", "--forms=false", "--format", "json",
		"--gl-provider", o.Provider, "--allow-software="+strconv.FormatBool(o.AllowSoftware))
}

// probeBy runs a command and takes the probe from the object that it prints.
func probeBy(ctx context.Context, timeout time.Duration, command ...string) (*bench.Probe, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = probeGrace
	out, err := abandonable(ctx, cmd.Output)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, fmt.Errorf("no answer came within %v", timeout)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("%w%s", err, cause(string(exit.Stderr)))
	}
	if err != nil {
		return nil, err
	}
	var printed struct {
		Probe *bench.Probe `json:"probe"`
	}
	if err := json.Unmarshal(out, &printed); err != nil {
		return nil, fmt.Errorf("what was printed is no JSON object: %w", err)
	}
	if printed.Probe == nil {
		return nil, nil
	}
	if err := printed.Probe.Check(); err != nil {
		return nil, err
	}
	return printed.Probe, nil
}

// abandonable returns what output does, but soon after ctx has ended in any case: a process
// that a driver holds in the kernel outlives even a kill, and is not to take the run with it.
func abandonable(ctx context.Context, output func() ([]byte, error)) (out []byte, err error) {
	ended := make(chan struct{})
	var printed []byte
	var failed error
	go func() {
		defer close(ended)
		printed, failed = output()
	}()
	select {
	case <-ended:
		return printed, failed
	case <-ctx.Done():
	}
	select {
	case <-ended:
		return printed, failed
	case <-time.After(4 * probeGrace):
		return nil, ctx.Err()
	}
}

// cause is what descent said on stderr of its error, among what libraries may print there.
func cause(stderr string) string {
	for line := range strings.Lines(stderr) {
		if said, ok := strings.CutPrefix(line, "descent: error: "); ok {
			return ": " + strings.TrimSpace(said)
		}
	}
	return ""
}
