package device

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// A fakePlatform is a context without OpenGL. It counts those that are open.
type fakePlatform struct{ open *int }

func (fakePlatform) ProcAddr(string) unsafe.Pointer { return nil }
func (p fakePlatform) Close()                       { *p.open-- }

// A fakeMachine makes candidates and remembers what was opened.
type fakeMachine struct {
	opened []string
	open   int
}

// renderer is a candidate that opens; flagged is known for software beforehand.
func (m *fakeMachine) renderer(provider, name string, software, flagged bool) candidate {
	return candidate{provider: provider, name: name, software: flagged, open: func(c *Context) (platform, error) {
		m.opened = append(m.opened, provider+"/"+name)
		m.open++
		c.device.Renderer, c.device.Software = name, software
		return fakePlatform{&m.open}, nil
	}}
}

// broken is a candidate that does not open.
func (m *fakeMachine) broken(provider string, kind Kind) candidate {
	return candidate{provider: provider, open: func(*Context) (platform, error) {
		m.opened = append(m.opened, provider)
		return nil, &Error{Kind: kind, Provider: provider}
	}}
}

func TestHardwareAnywhereComesBeforeSoftwareAnywhere(t *testing.T) {
	var m fakeMachine
	flagged := m.renderer("egl-device", "soft", true, true)
	hidden := m.renderer("egl-surfaceless", "soft", true, false)
	hard := m.renderer("glfw", "hard", false, false)
	broken := m.broken("egl-device", NoDevice)

	tests := []struct {
		name       string
		candidates []candidate
		allow      bool
		want       string // the provider opened, "" for none
		kind       Kind   // of the error if none
		opened     []string
	}{
		{"the first hardware is opened and nothing else", []candidate{hard, flagged, hidden}, false, "glfw", 0,
			[]string{"glfw/hard"}},
		{"what is flagged as software is not opened before hardware", []candidate{flagged, hard}, true, "glfw", 0,
			[]string{"glfw/hard"}},
		{"hardware behind hidden software is found", []candidate{hidden, hard}, true, "glfw", 0,
			[]string{"egl-surfaceless/soft", "glfw/hard"}},
		{"a broken device is passed over", []candidate{broken, hard}, false, "glfw", 0,
			[]string{"egl-device", "glfw/hard"}},
		{"allowed software is the first in order", []candidate{flagged, broken, hidden}, true, "egl-device", 0,
			[]string{"egl-device", "egl-surfaceless/soft", "egl-device/soft", "egl-device/soft"}},
		{"software is refused unless allowed", []candidate{flagged, broken}, false, "", SoftwareOnly,
			[]string{"egl-device", "egl-device/soft"}},
		{"no candidate is no device", nil, true, "", NoDevice, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m = fakeMachine{}
			c, err := choose(tt.candidates, Options{AllowSoftware: tt.allow})
			var got string
			if err == nil {
				got = c.Device().Provider
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			} else if !errors.Is(err, tt.kind) {
				t.Errorf("the error %q is not of kind %v", err, tt.kind)
			}
			if got != tt.want {
				t.Errorf("opened %q, not %q", got, tt.want)
			}
			if diff := cmp.Diff(tt.opened, m.opened); diff != "" {
				t.Error(diff)
			}
			if m.open != 0 {
				t.Errorf("%d contexts were left open", m.open)
			}
		})
	}
}

func TestTheErrorOfManyAttemptsIsTheMostTellingOne(t *testing.T) {
	var m fakeMachine
	soft := m.renderer("egl-device", "llvmpipe", true, true)
	tests := []struct {
		candidates []candidate
		kind       Kind
		text       string
	}{
		{[]candidate{m.broken("egl-device", LibraryMissing), m.broken("glfw", NoDisplay), m.broken("egl-surfaceless", LibraryMissing)},
			LibraryMissing, "egl-device: library missing; also tried egl-surfaceless (library missing), glfw (no display)"},
		{[]candidate{soft, m.broken("egl-device", Permission), m.broken("glfw", NoDisplay)},
			Permission, "egl-device: permission denied; also tried egl-device (software renderer only), glfw (no display)"},
		{[]candidate{m.broken("egl-device", NoDevice), soft},
			SoftwareOnly, "egl-device: llvmpipe is a software renderer; also tried egl-device (no device)"},
		{[]candidate{m.broken("glfw", Unsupported)}, Unsupported, "glfw: not in this build"},
	}
	for _, tt := range tests {
		_, err := choose(tt.candidates, Options{})
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != tt.kind {
			t.Errorf("got %v, not a %v", err, tt.kind)
			continue
		}
		if e.Error() != tt.text {
			t.Errorf("got  %q\nwant %q", e, tt.text)
		}
		if len(e.Attempts) != len(tt.candidates) {
			t.Errorf("%d attempts are kept, not %d", len(e.Attempts), len(tt.candidates))
		}
		if slices.ContainsFunc(e.Attempts, func(a Attempt) bool { return a.Err == nil }) {
			t.Errorf("an attempt has no reason: %v", e.Attempts)
		}
	}
}

func TestADriverThatHangsCostsOneTimeout(t *testing.T) {
	var m fakeMachine
	release := make(chan struct{})
	hung := candidate{provider: "egl-device", open: func(*Context) (platform, error) {
		<-release
		m.open++
		return fakePlatform{&m.open}, nil
	}}
	_, err := start(hung, time.Millisecond)
	if !errors.Is(err, Timeout) {
		t.Errorf("got %v, not a timeout", err)
	}
	close(release) // the context that comes too late closes itself
}

func TestOnlyKnownProvidersAreTaken(t *testing.T) {
	all := []string{"egl-device", "egl-surfaceless", "glfw"}
	for provider, want := range map[string][]string{
		"":                all,
		"auto":            all,
		"egl":             {"egl-device", "egl-surfaceless"},
		"egl-device":      {"egl-device"},
		"egl-surfaceless": {"egl-surfaceless"},
		"glfw":            {"glfw"},
	} {
		o := Options{Provider: provider}
		if err := o.Check(); err != nil {
			t.Error(err)
		}
		var got []string
		for _, p := range all {
			if o.wants(p) {
				got = append(got, p)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", provider, diff)
		}
	}
	for _, provider := range []string{"EGL", "glx", "egl-", "gl"} {
		if _, err := Open(Options{Provider: provider}); err == nil || !strings.Contains(err.Error(), provider) {
			t.Errorf("Open with provider %q: %v", provider, err)
		}
	}
}
