package device

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Who cancels knows what to do.
func TestEveryKindHasANameAndAllButCancelledAHint(t *testing.T) {
	names := map[string]Kind{}
	for kind := Permission; kind <= Rejected; kind++ {
		e := &Error{Kind: kind}
		if strings.Contains(kind.String(), "Kind(") || (e.Hint() == "") != (kind == Cancelled) {
			t.Errorf("kind %d has name %q and hint %q", kind, kind, e.Hint())
		}
		if other, taken := names[kind.String()]; taken {
			t.Errorf("kinds %d and %d are both called %q", other, kind, kind)
		}
		names[kind.String()] = kind
		if !errors.Is(fmt.Errorf("worker: %w", e), kind) {
			t.Errorf("errors.Is does not find %v", kind)
		}
	}
	if len(names) != len(kinds) {
		t.Errorf("%d kinds have entries, not %d", len(kinds), len(names))
	}
	if got, want := Kind(99).String(), "device.Kind(99)"; got != want {
		t.Errorf("an unknown kind is called %q, not %q", got, want)
	}
}

func TestAnErrorIsOfItsOwnKindOnly(t *testing.T) {
	err := error(&Error{Kind: NoDisplay, Err: fs.ErrNotExist})
	if errors.Is(err, NoDevice) {
		t.Error("no display counts as no device")
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
}

func TestUnavailableMeansThisMachineAndNotThisRun(t *testing.T) {
	want := map[Kind]bool{
		Permission: true, Version: true, MissingFeature: true, Limit: true, SoftwareOnly: true,
		LibraryMissing: true, NoDevice: true, NoDisplay: true, Unsupported: true,
		Timeout: false, Shader: false, OutOfMemory: false, ContextLost: false, Cancelled: false, Rejected: false,
	}
	got := map[Kind]bool{}
	for kind := range kinds {
		got[kind] = (&Error{Kind: kind}).Unavailable()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnErrorIsOneLine(t *testing.T) {
	tests := []struct {
		err  Error
		want string
	}{
		{Error{Kind: NoDisplay}, "no display"},
		{Error{Kind: NoDevice, Provider: "glfw"}, "glfw: no device"},
		{Error{Kind: NoDevice, Err: fs.ErrNotExist}, "file does not exist"},
		{Error{Kind: NoDevice, Provider: "egl-device", Detail: "device 1", Err: fs.ErrNotExist}, "egl-device: device 1: file does not exist"},
		{Error{Kind: Shader, Detail: "scale.comp: 0:1: one\n0:2: two"}, "scale.comp: 0:1: one; 0:2: two"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%#v reads %q, not %q", tt.err, got, tt.want)
		}
	}
}

func TestAnErrorInJSONHasKindTextAndHint(t *testing.T) {
	got, err := json.Marshal(&Error{Kind: Version, Provider: "glfw", Detail: "OpenGL 3.3", Remedy: "buy"})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"kind":"OpenGL version","text":"glfw: OpenGL 3.3","hint":"buy"}`; string(got) != want {
		t.Errorf("got %s, not %s", got, want)
	}
}
