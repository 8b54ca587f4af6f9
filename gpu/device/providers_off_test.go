//go:build !linux || !cgo

package device

import (
	"errors"
	"testing"
)

func TestWithoutOpenGLInTheBuildEveryWayInSaysSo(t *testing.T) {
	_, err := Open(Options{AllowSoftware: true})
	e, ok := errors.AsType[*Error](err)
	if !ok || !errors.Is(err, Unsupported) || !e.Unavailable() || e.Hint() == "" {
		t.Errorf("Open: %v", err)
	}
	attempts := Find(Options{})
	if len(attempts) != 1 || attempts[0].Device != nil || !errors.Is(attempts[0].Err, Unsupported) {
		t.Errorf("Find: %+v", attempts)
	}
}
