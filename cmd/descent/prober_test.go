package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"descent/bench"
	"descent/cmd/internal/screen"
	"descent/gpu/device"
)

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
		{"a failure", t.Context(), nil, errors.New("the driver\ncrashed"), "descent: warning: the device was not measured, so what bounds its epochs is not known: the driver; crashed\n"},
		{"Ctrl-C", interrupted, nil, context.Canceled, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := device.Options{Provider: "egl", AllowSoftware: true}
			probe := func(_ context.Context, o device.Options) (*bench.Probe, error) {
				if o != want {
					t.Errorf("the device of %+v was measured", o)
				}
				return c.got, c.err
			}
			var stderr bytes.Buffer
			if got := probed(c.ctx, probe, want, screen.NewProgress(&stderr), &stderr); got != c.got {
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
		Reads: []bench.Reading{{Bytes: 12, BytesPerS: 13}}, MulAddsF32: 14, MulAddsF64: 15,
	}
	for probe, want := range map[*bench.Probe]string{
		{Device: "a card"}: `{"device":"a card","software":false,"dispatch_ns":0,"barrier_ns":0,"sync_ns":0,"groups":0,"meeting_groups":0,"meeting_ns":0,` +
			`"read_bytes_per_s":0,"copy_bytes_per_s":0,"bytes":0,"compile_ns":0,"recompile_ns":0,` +
			`"reads":null,"mul_adds_f32_per_s":0,"mul_adds_f64_per_s":0}`,
		p: `{"device":"a \u003ccard\u003e","software":false,"dispatch_ns":1,"barrier_ns":2,"sync_ns":3,"groups":4,"meeting_groups":5,"meeting_ns":6,` +
			`"read_bytes_per_s":7.5,"copy_bytes_per_s":8,"bytes":9,"compile_ns":10,"recompile_ns":11,` +
			`"reads":[{"bytes":12,"bytes_per_s":13}],"mul_adds_f32_per_s":14,"mul_adds_f64_per_s":15}`,
	} {
		got, err := json.Marshal((*deviceProbe)(probe))
		if err != nil || string(got) != want {
			t.Errorf("got  %s\nwant %s, %v", got, want, err)
		}
		var back bench.Probe
		if err := json.Unmarshal(got, &back); err != nil || !reflect.DeepEqual(back, *probe) {
			t.Errorf("read back as %+v, %v", back, err)
		}
	}
}
