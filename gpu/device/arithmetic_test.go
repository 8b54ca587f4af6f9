//go:build linux && cgo

package device

import (
	"errors"
	"testing"

	"descent/dataset"
	"descent/shaders"
)

// mulAdds is the twin of muladd.comp: the result of every invocation.
func mulAdds[T float32 | float64](rounds int, factor T, addend int) (sum T) {
	for k := range shaders.MulAddChains {
		y := T(k)
		for range rounds * shaders.MulAddSteps {
			y = T(factor*y) + T(addend)
		}
		sum += y
	}
	return sum
}

// All numbers are whole and small, so the twin has the device's bits.
func TestMulAddsAgreeWithTheirTwin(t *testing.T) {
	c := testContext(t)
	testMulAdds[float32](t, c, dataset.Float32, shaders.Float)
	if c.device.Features.Float64 {
		testMulAdds[float64](t, c, dataset.Float64, shaders.Double)
	}
}

func testMulAdds[T float32 | float64](t *testing.T, c *Context, precision dataset.Precision, number shaders.Real) {
	const groups, beyond = 3, 5
	for _, tt := range []struct {
		rounds int
		factor T
		addend int
	}{{0, 1, 1}, {1, 1, 1}, {1, -1, 7}, {2, 0, 3}, {mostMulAddRounds, 1, 1}, {mostMulAddRounds, -1, 1}} {
		do(t, c, func() error {
			program, err := c.Program(shaders.MulAdd(number))
			if err != nil {
				return err
			}
			result, err := NewBuffer((groups*shaders.LocalSize + beyond) * precision.Bytes())
			if err != nil {
				return err
			}
			defer result.Delete()
			result.Zero()
			result.Bind(shaders.BindingResult)
			program.SetReal(shaders.LocationReal, precision, float64(tt.factor))
			program.setUints(tt.rounds, tt.addend)
			program.Dispatch(groups, 1, 1)
			UpdateBarrier()
			got := make([]T, groups*shaders.LocalSize+beyond)
			Download(result, 0, got)
			want := mulAdds(tt.rounds, tt.factor, tt.addend)
			for i, v := range got {
				if i >= groups*shaders.LocalSize {
					want = 0 // what lies behind is left alone
				}
				if v != want {
					t.Errorf("%v, %+v: result %d is %v, the twin has %v", precision, tt, i, v, want)
					break
				}
			}
			return CheckErrors("multiply-adds")
		})
	}
}

// A device whose loops end early would seem to be fast.
func TestMulAddsThatAreLeftOutAreNoMeasurement(t *testing.T) {
	c := testContext(t)
	do(t, c, func() error {
		result, err := NewBuffer(shaders.LocalSize * 4)
		if err != nil {
			return err
		}
		defer result.Delete()
		whole := make([]float32, shaders.LocalSize)
		for i := range whole {
			whole[i] = mulAdds[float32](9, 1, 1)
		}
		Upload(result, 0, whole)
		if err := c.checkMulAdds(result, dataset.Float32, 1, 9); err != nil {
			t.Errorf("all multiply-adds: %v", err)
		}
		whole[shaders.LocalSize-1]--
		Upload(result, 0, whole)
		if err := c.checkMulAdds(result, dataset.Float32, 1, 9); !errors.Is(err, Rejected) {
			t.Errorf("one less in one invocation: %v", err)
		}
		return nil
	})
}
