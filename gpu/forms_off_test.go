//go:build !linux || !cgo

package gpu

import (
	"errors"
	"testing"

	"descent/dataset"
	"descent/gpu/device"
)

func TestTheGraphBackendIsUnsupportedInThisBuild(t *testing.T) {
	b, err := NewGraph(Options{Options: device.Options{AllowSoftware: true}}, dataset.Float32)
	if b != nil || !errors.Is(err, device.Unsupported) {
		t.Errorf("got %v, %v", b, err)
	}
}
