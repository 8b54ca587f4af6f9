package builtin

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"descent/bench"
)

func TestAProbeIsWhatTheCommandPrints(t *testing.T) {
	card := &bench.Probe{Device: "a card", DispatchNS: 3200, ReadBytesPerS: 12.3e9, Bytes: 1 << 28}
	cases := []struct {
		name, script string
		want         *bench.Probe
		err          string
	}{
		{"a device", `echo '{"env":{},"probe":{"device":"a card","dispatch_ns":3200,"barrier_ns":0,"read_bytes_per_s":1.23e10,"bytes":268435456}}'`, card, ""},
		{"no device", `echo '{"probe":null}'`, nil, ""},
		{"no probe", `echo '{"env":{}}'`, nil, ""},
		{"rubbish", `echo hello`, nil, "what was printed is no JSON object"},
		{"nothing", ``, nil, "what was printed is no JSON object"},
		{"a value below zero", `echo '{"probe":{"device":"a card","read_bytes_per_s":-1}}'`, nil, "the probe of a card has read_bytes_per_s -1"},
		{"an error", `echo "libEGL warning: DRI2" >&2; echo "descent: error: no such flag" >&2; echo more >&2; exit 2`, nil, "exit status 2: no such flag"},
		{"a crash", `kill -9 $$`, nil, "signal: killed"},
		{"a hang", `exec sleep 60`, nil, "no answer came within 200ms"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			timeout := time.Minute
			if c.name == "a hang" {
				timeout = 200 * time.Millisecond
			}
			got, err := probeBy(t.Context(), timeout, "sh", "-c", c.script)
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q in it", err, c.err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// If abandonable waited for the process, this test would not end.
func TestAProbeThatOutlivesAKillDoesNotHoldTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stuck := make(chan struct{})
	defer close(stuck)
	_, err := abandonable(ctx, func() ([]byte, error) { <-stuck; return nil, nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
