package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"descent/bench"
	"descent/cmd/internal/screen"
	"descent/gpu/device"
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

func TestAProbeThatFailsIsOneWarning(t *testing.T) {
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	card := &bench.Probe{Device: "a card"}
	cases := []struct {
		name string
		ctx  context.Context
		got  *bench.Probe
		err  error
		want string
	}{
		{"a device", t.Context(), card, nil, ""},
		{"no device", t.Context(), nil, nil, ""},
		{"a failure", t.Context(), nil, errors.New("the driver\ncrashed"), "descent: warning: the device was not measured, so no share of its bandwidth is known: the driver; crashed\n"},
		{"Ctrl-C", interrupted, nil, context.Canceled, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := device.Options{Provider: "egl", AllowSoftware: true}
			r := runCommand{probe: func(_ context.Context, o device.Options) (*bench.Probe, error) {
				if o != want {
					t.Errorf("the device of %+v was measured", o)
				}
				return c.got, c.err
			}}
			r.contenders.workers.gpu.Options = want
			var stderr bytes.Buffer
			cmd := new(cobra.Command)
			cmd.SetErr(&stderr)
			if got := r.probed(c.ctx, cmd, screen.NewProgress(cmd.ErrOrStderr())); got != c.got {
				t.Errorf("probe %+v", got)
			}
			if stderr.String() != c.want {
				t.Errorf("stderr %q", stderr.String())
			}
		})
	}
}

// 'run' reads the probe back, and other programs may: the fields and their order are a promise.
func TestAProbeIsPrintedWithAllItsFields(t *testing.T) {
	p := &bench.Probe{
		Device: "a <card>", DispatchNS: 1, BarrierNS: 2, SyncNS: 3, Groups: 4, MeetingGroups: 5, MeetingNS: 6,
		ReadBytesPerS: 7.5, CopyBytesPerS: 8, Bytes: 9, CompileNS: 10, RecompileNS: 11,
	}
	for probe, want := range map[*bench.Probe]string{
		{Device: "a card"}: `{"device":"a card","software":false,"dispatch_ns":0,"barrier_ns":0,"sync_ns":0,"groups":0,"meeting_groups":0,"meeting_ns":0,` +
			`"read_bytes_per_s":0,"copy_bytes_per_s":0,"bytes":0,"compile_ns":0,"recompile_ns":0}`,
		p: `{"device":"a \u003ccard\u003e","software":false,"dispatch_ns":1,"barrier_ns":2,"sync_ns":3,"groups":4,"meeting_groups":5,"meeting_ns":6,` +
			`"read_bytes_per_s":7.5,"copy_bytes_per_s":8,"bytes":9,"compile_ns":10,"recompile_ns":11}`,
	} {
		got, err := json.Marshal((*deviceProbe)(probe))
		if err != nil || string(got) != want {
			t.Errorf("got  %s\nwant %s, %v", got, want, err)
		}
		var back bench.Probe
		if err := json.Unmarshal(got, &back); err != nil || back != *probe {
			t.Errorf("read back as %+v, %v", back, err)
		}
	}
}
