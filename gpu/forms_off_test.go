//go:build !linux || !cgo

package gpu

import (
	"errors"
	"testing"

	"descent/dataset"
)

func TestTheGraphBackendIsUnsupportedInThisBuild(t *testing.T) {
	b, err := NewGraph(Options{AllowSoftware: true}, dataset.Float32)
	if b != nil || !errors.Is(err, Unsupported) {
		t.Errorf("got %v, %v", b, err)
	}
}
