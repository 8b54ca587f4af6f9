package gpu

import (
	"fmt"
	"math"

	"descent/dataset"
	"descent/gpu/device"
)

// A target is what a form is built for.
type target struct {
	context   *device.Context
	device    device.Info // of context
	precision dataset.Precision
	maxBytes  int64           // of a storage block; the device's own limit holds too
	cancel    <-chan struct{} // as in Options
}

func newTarget(c *device.Context, precision dataset.Precision) *target {
	return &target{context: c, device: c.Device(), precision: precision, maxBytes: math.MaxInt64}
}

// cancelled is a device.Cancelled error once Options.Cancel is closed.
func (t *target) cancelled() error {
	select {
	case <-t.cancel:
		return &device.Error{Kind: device.Cancelled, Provider: t.device.Provider, Detail: fmt.Sprintf("cancelled: %s has ended what was submitted", t.device.Renderer)}
	default:
		return nil
	}
}
