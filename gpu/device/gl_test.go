//go:build linux && cgo

package device

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/go-gl/gl/v4.3-core/gl"
	"github.com/google/go-cmp/cmp"

	"descent/dataset"
	"descent/shaders"
)

// squares is a shader for these tests: y[i] = factor·x[i]² by a grid-stride loop.
var squares = shaders.Kernel{Name: "squares.comp", Source: `#version 430
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer X { float x[]; };
layout(std430, binding = 1) writeonly buffer Y { float y[]; };
layout(location = 0) uniform float factor;
layout(location = 1) uniform uint n;
void main() {
	uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
	for (uint i = gl_GlobalInvocationID.x; i < n; i += stride)
		y[i] = factor * x[i] * x[i];
}`}

func TestABrokenShaderGivesItsNameAndTheDriversLog(t *testing.T) {
	c := testContext(t)
	tests := map[string]string{
		"undeclared": "#version 430\nlayout(local_size_x = 1) in;\nvoid main() { gradient = 1; }",
		"unlinkable": "#version 430\nlayout(local_size_x = 1) in;\nvoid epoch();\nvoid main() { epoch(); }",
		"empty":      "",
	}
	for name, source := range tests {
		err := c.Do(func() error {
			_, err := compile(shaders.Kernel{Name: name + ".comp", Source: source})
			return err
		})
		if !errors.Is(err, Shader) || !strings.HasPrefix(err.Error(), name+".comp: ") || len(err.Error()) < len(name)+15 {
			t.Errorf("%s: got %v", name, err)
		}
		if name == "undeclared" && !strings.Contains(err.Error(), "gradient") {
			t.Errorf("the log does not name the undeclared variable: %v", err)
		}
	}
	do(t, c, func() error { return CheckErrors("after the broken shaders") })
}

func TestABufferHoldsWhatWasUploaded(t *testing.T) {
	c := testContext(t)
	do(t, c, func() error {
		b, err := NewBuffer(5 * 8)
		if err != nil {
			return err
		}
		defer b.Delete()
		Upload(b, 0, []float64{1, 2, 3, 4, math.Inf(-1)})
		Upload(b, 8, []float64{20, 30})
		Upload(b, 40, []float64(nil))
		got := make([]float64, 4)
		Download(b, 8, got)
		if diff := cmp.Diff([]float64{20, 30, 4, math.Inf(-1)}, got); diff != "" {
			t.Error(diff)
		}
		b.Zero()
		Download(b, 0, got)
		if diff := cmp.Diff(make([]float64, 4), got); diff != "" {
			t.Error(diff)
		}
		return CheckErrors("round trip")
	})
}

func TestADispatchComputesBetweenItsFenceAndItsTimeStamps(t *testing.T) {
	c := testContext(t)
	const n = 1000
	x := make([]float32, n)
	want := make([]float32, n)
	for i := range x {
		x[i] = float32(i)
		want[i] = 0.5 * x[i] * x[i] // exact: below 2²⁴
	}
	do(t, c, func() error {
		p, err := compile(squares)
		if err != nil {
			return err
		}
		defer gl.DeleteProgram(uint32(p))
		b, err := NewBuffer(n * 4)
		if err != nil {
			return err
		}
		defer b.Delete()
		out, err := NewBuffer(n * 4)
		if err != nil {
			return err
		}
		defer out.Delete()
		Upload(b, 0, x)
		b.Bind(0)
		out.Bind(1)
		p.SetUint(1, n)
		p.SetReal(0, dataset.Float32, 0.5)
		watch := c.NewStopwatch()
		defer watch.Delete()

		watch.Start()
		p.Dispatch(3, 1, 1)
		watch.Stop()
		StorageBarrier()
		UpdateBarrier()
		if err := c.Finish(); err != nil {
			return err
		}
		got := make([]float32, n)
		Download(out, 0, got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if elapsed := watch.Elapsed(); elapsed < 0 || c.device.Features.TimestampBits > 0 && elapsed == 0 {
			t.Errorf("the dispatch took %v of the device's time", elapsed)
		}
		return c.resetStatus()
	})
}

// llvmpipe has finished a dispatch when the call returns, and no test resets a
// device: the two outcomes are tested from the statuses on.
func TestTheStatusOfAWaitBecomesItsError(t *testing.T) {
	c := testContext(t)
	for status, want := range map[uint32]error{
		gl.ALREADY_SIGNALED:    nil,
		gl.CONDITION_SATISFIED: nil,
		gl.TIMEOUT_EXPIRED:     Timeout,
		gl.WAIT_FAILED:         ContextLost,
	} {
		if err := c.Do(func() error { return c.outcome(status) }); !errors.Is(err, want) {
			t.Errorf("status %#x gives %v, not %v", status, err, want)
		}
	}
	for status, want := range map[uint32]string{
		gl.GUILTY_CONTEXT_RESET:   "by work of this program",
		gl.INNOCENT_CONTEXT_RESET: "by another program's work",
		gl.UNKNOWN_CONTEXT_RESET:  "for a reason that the driver does not know",
	} {
		c.reset = func() uint32 { return status }
		err := c.Do(func() error { return c.outcome(gl.ALREADY_SIGNALED) })
		if !errors.Is(err, ContextLost) || !strings.HasSuffix(err.Error(), "was reset "+want) {
			t.Errorf("reset status %#x gives %v", status, err)
		}
	}
}

func TestTwoContextsWorkSideBySide(t *testing.T) {
	a, b := testContext(t), testContext(t)
	for range 3 {
		for _, c := range []*Context{a, b} {
			do(t, c, func() error {
				p, err := compile(squares)
				if err != nil {
					return err
				}
				gl.DeleteProgram(uint32(p))
				return CheckErrors("compile")
			})
		}
	}
}

func TestABufferPastTheMemoryIsRefusedWithItsSize(t *testing.T) {
	c := testContext(t)
	err := c.Do(func() error {
		_, err := NewBuffer(1 << 60)
		return err
	})
	if !errors.Is(err, OutOfMemory) || !strings.Contains(err.Error(), "1152921504606846976 bytes") {
		t.Errorf("got %v", err)
	}
	do(t, c, func() error { return CheckErrors("after the refusal") })
}

func TestACallThatTheDriverRejectsShowsInTheNextCheck(t *testing.T) {
	c := testContext(t)
	err := c.Do(func() error {
		Buffer(0).Bind(c.device.Limits.StorageBindings)
		return CheckErrors("binding")
	})
	if !errors.Is(err, Rejected) || !strings.HasSuffix(err.Error(), "GL_INVALID_VALUE") {
		t.Errorf("got %v", err)
	}
	do(t, c, func() error { return CheckErrors("again") })
}

func TestTheDeviceIsDescribed(t *testing.T) {
	for _, a := range Find(Options{AllowSoftware: true, Provider: "egl"}) {
		if a.Device == nil {
			t.Logf("%s: %v", a.Provider, a.Err)
			continue
		}
		d := a.Device
		if d.Provider != a.Provider || d.Vendor == "" || d.Renderer == "" || d.Version == "" || d.GLSL == "" {
			t.Errorf("names are missing: %+v", d)
		}
		// The least that OpenGL 4.3 demands of every driver.
		l := d.Limits
		if l.MaxStorageBlockBytes < 1<<24 || l.MaxStorageBlocks < 8 || l.StorageBindings < 8 || l.StorageAlign > 256 || l.StorageAlign < 1 ||
			l.MaxSharedBytes < 32<<10 || l.MaxInvocations < 1024 || min(l.MaxGroups[0], l.MaxGroups[1], l.MaxGroups[2]) < 65535 ||
			l.MaxGroupSize[0] < 1024 || l.MaxGroupSize[1] < 1024 || l.MaxGroupSize[2] < 64 {
			t.Errorf("limits below the specification's: %+v", l)
		}
	}
}
