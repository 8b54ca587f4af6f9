package builtin

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

// probeTimeout bounds a probe. Measuring takes a second or two. Before that, a driver may have to
// wake several sleeping GPUs.
const probeTimeout = 30 * time.Second

// probeGrace is how long to wait for the pipes of a probe that was ended.
const probeGrace = 500 * time.Millisecond

// Probe measures the device by 'descent devices --probe', in a process of its own. There a crash of
// the driver costs only the probe. It returns nil if there is no device.
func Probe(ctx context.Context, o device.Options) (*bench.Probe, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return probeBy(ctx, probeTimeout, self, "devices", "--peers", "none", "--probe", "--forms=false", "--format", "json",
		"--gl-provider", o.Provider, "--allow-software="+strconv.FormatBool(o.AllowSoftware))
}

// probeBy runs a command and reads the probe from the JSON object that it prints.
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

// abandonable returns what output returns. It waits for output only until soon after ctx has ended.
// A GPU's driver may hold a process in the kernel, and then not even a kill ends it. The run must
// go on.
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

// cause returns the error that descent printed on stderr. Libraries may have printed there too.
func cause(stderr string) string {
	for line := range strings.Lines(stderr) {
		if said, ok := strings.CutPrefix(line, "descent: error: "); ok {
			return ": " + strings.TrimSpace(said)
		}
	}
	return ""
}
