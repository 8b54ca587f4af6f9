package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/bench/journal"
	"descent/bench/peers"
	"descent/bench/typeset"
	"descent/cmd/internal/builtin"
	"descent/cmd/internal/forms"
	"descent/cmd/internal/stdout"
	"descent/cpu"
	"descent/gpu"
	"descent/gpu/device"
)

const devicesHelp = `This command says what can run on this machine, and why the rest cannot.

Instruction sets. It lists those that simd and gram have kernels for, and says which one
they use: the fastest, or the one in the environment variable DESCENT_SIMD.

OpenGL. It tries every path to an OpenGL 4.3 context: EGL on each device, EGL without a
surface, and a hidden GLFW window. For each path it prints the device and its limits, or
why there is none and what to do.

Outside programs. It starts each program that 'run --peers' knows, all at the same time.
It prints the version of the library and its device, or why the program cannot run here
and what to do. --peers none leaves this out.

--probe measures the device that a run would take. In about two seconds it finds what a
dispatch and a barrier cost, how fast the device reads and copies, how fast it reads less
than its caches hold, how many multiply-adds it makes, and how long a shader compiles.
Then it times an epoch in each form of the OpenGL contenders, from 100 rows to
10 million, and says which form the contender gl takes. This takes a minute or so;
--forms=false leaves it out.

--selftest checks the answers of the OpenGL contenders on that device. They must be right
at every edge size, and have the same bits every time. The checks are made twice, the
second time with the data split over many small storage blocks. All this takes some
minutes at most.

The exit status is 0; 1 if a measurement or a check failed, or if there is no device to
check; 2 for a mistake on the command line; 3 if an answer was wrong; and 130 after
Ctrl-C.`

// A devicesCommand is one call of descent devices.
type devicesCommand struct {
	gpu        gpu.Options
	format     string
	probe      bool
	forms      bool
	selftest   bool
	contenders []string
	peers      peerFlags
}

func newDevicesCommand() *cobra.Command {
	var d devicesCommand
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "List the paths to a GPU here, and why others do not work",
		Long:  devicesHelp,
		Example: `  descent devices
  descent devices --peers numpy,jax --python ~/venv/bin/python
  descent devices --probe
  descent devices --probe --forms=false
  descent devices --selftest
  descent devices --selftest --contenders 'gl-*/f32' --allow-software
  descent devices --gl-provider egl --allow-software --probe --format json`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error { return d.run(cmd) },
	}
	registerGPU(cmd, &d.gpu)
	d.peers.register(cmd, "auto")
	flags := cmd.Flags()
	flags.BoolVar(&d.probe, "probe", false, "measure the device that a run would take")
	flags.BoolVar(&d.forms, "forms", true, "with --probe, time each OpenGL form by size")
	flags.BoolVar(&d.selftest, "selftest", false, "check that the OpenGL contenders answer rightly")
	flags.StringSliceVar(&d.contenders, "contenders", nil, "`names` or globs for --selftest (default all of OpenGL)")
	complete(cmd, "contenders", bench.Names(glContenders())...)
	registerFormat(cmd, &d.format, textOrJSON...)
	return cmd
}

func (d *devicesCommand) run(cmd *cobra.Command) (err error) {
	chosen, err := d.check(cmd)
	if err != nil {
		return err
	}
	known, remove, err := d.peers.selected(nil, nil, new(builtin.Options).Bound())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	out := cmd.OutOrStdout()
	if d.format == "json" {
		if out, err = stdout.Claim(out); err != nil {
			return err
		}
	}
	list := deviceList{Env: journal.ReadEnv(), SIMD: listSIMD(), OpenGL: device.Find(d.gpu.Options)}
	o, usable := list.narrow(d.gpu)
	lines := textTo(out, d.format)
	var probing, testing error
	if d.probe && usable {
		list.Probe, probing = probe(o.Options)
	}
	ctx, stop := interruptible()
	defer stop()
	o.Cancel = ctx.Done()
	if _, err := io.WriteString(lines, list.text()); err != nil {
		return err
	}
	list.Peers = peers.Find(ctx, known, bench.Limits{Timeout: peerTimeout})
	if ctx.Err() != nil { // the programs were interrupted too
		return errInterrupted
	}
	if _, err := io.WriteString(lines, list.Peers.text()); err != nil {
		return err
	}
	if d.forms && list.Probe != nil {
		list.Forms, probing = forms.Measure(ctx, o, cmd.ErrOrStderr())
		if errors.Is(probing, context.Canceled) {
			probing = errInterrupted
		}
		if _, err := io.WriteString(lines, list.Forms.Text()); err != nil {
			return err
		}
	}
	if d.selftest && ctx.Err() == nil {
		list.SelfTest, testing = selfTest(ctx, o, chosen, lines, cmd.ErrOrStderr())
	}
	if d.format == "json" {
		if err := writeJSON(out, list); err != nil {
			return err
		}
	}
	return errors.Join(testing, probing)
}

// check refuses a mistake on the command line before any device is opened.
func (d *devicesCommand) check(cmd *cobra.Command) ([]bench.Contender, error) {
	if err := cmp.Or(checkProvider(d.gpu), checkTextOrJSON(d.format), checkSIMD()); err != nil {
		return nil, err
	}
	if d.contenders != nil && !d.selftest {
		return nil, usage(errors.New("--contenders is for --selftest"), "")
	}
	if cmd.Flags().Changed("forms") && !d.probe {
		return nil, usage(errors.New("--forms is for --probe"), "")
	}
	chosen, err := bench.Select(glContenders(), d.contenders)
	return chosen, selectError("--contenders", err)
}

// A deviceList is what descent devices prints.
type deviceList struct {
	Env      journal.Env      `json:"env"`
	SIMD     simdList         `json:"instruction_sets"`
	OpenGL   []device.Attempt `json:"opengl"`
	Probe    *deviceProbe     `json:"probe,omitempty"`
	Peers    peerList         `json:"peers,omitempty"`
	Forms    forms.Table      `json:"forms,omitempty"`
	SelfTest *selftest        `json:"selftest,omitempty"`
}

// A deviceProbe is a bench.Probe that is printed with all its fields, zeros too, in its own order.
type deviceProbe bench.Probe

// MarshalJSON implements json.Marshaler.
func (p *deviceProbe) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Device        string  `json:"device"`
		Software      bool    `json:"software"`
		DispatchNS    int64   `json:"dispatch_ns"`
		BarrierNS     int64   `json:"barrier_ns"`
		SyncNS        int64   `json:"sync_ns"`
		Groups        int64   `json:"groups"`
		MeetingGroups int64   `json:"meeting_groups"`
		MeetingNS     int64   `json:"meeting_ns"`
		ReadBytesPerS float64 `json:"read_bytes_per_s"`
		CopyBytesPerS float64 `json:"copy_bytes_per_s"`
		Bytes         int64   `json:"bytes"`
		CompileNS     int64   `json:"compile_ns"`
		RecompileNS   int64   `json:"recompile_ns"`

		Reads      []bench.Reading `json:"reads"`
		MulAddsF32 float64         `json:"mul_adds_f32_per_s"`
		MulAddsF64 float64         `json:"mul_adds_f64_per_s"`
	}{p.Device, p.Software, p.DispatchNS, p.BarrierNS, p.SyncNS, p.Groups, p.MeetingGroups, p.MeetingNS,
		p.ReadBytesPerS, p.CopyBytesPerS, p.Bytes, p.CompileNS, p.RecompileNS, p.Reads, p.MulAddsF32, p.MulAddsF64})
}

// narrow returns o with the provider of the device that device.Open would choose: hardware before
// software. So the other providers are not tried again. If there is no device, it returns o and
// false.
func (d deviceList) narrow(o gpu.Options) (gpu.Options, bool) {
	for _, software := range []bool{false, true} {
		for _, a := range d.OpenGL {
			if a.Err == nil && a.Device.Software == software {
				o.Provider = a.Provider
				return o, true
			}
		}
	}
	return o, false
}

// probe opens the device that o chooses and measures it.
func probe(o device.Options) (_ *deviceProbe, err error) {
	c, err := device.Open(o)
	if err != nil {
		return nil, fmt.Errorf("--probe: %w", err)
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	p, err := c.Probe()
	if err != nil {
		return nil, fmt.Errorf("--probe: measuring %s: %w", c.Device().Renderer, err)
	}
	return (*deviceProbe)(p), nil
}

func (d deviceList) text() string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "cpu\n  %s, %s\n  %s\n", d.Env.CPU, typeset.Plural(d.Env.Threads, "thread"), d.SIMD)
	for _, a := range d.OpenGL {
		out.WriteString("\n" + a.Provider)
		if a.Name != "" {
			out.WriteString(", " + a.Name)
		}
		out.WriteString("\n")
		if a.Device != nil {
			describe(out, a.Device)
		}
		if a.Err != nil {
			fmt.Fprintf(out, "  not used: %v\n  hint: %s\n", a.Err, a.Err.Hint())
		}
	}
	if d.Probe != nil {
		out.WriteString(d.Probe.text())
	}
	return out.String()
}

func (p *deviceProbe) text() string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "\nprobe of %s (%s)\n", p.Device, kindOf(p.Software))
	fmt.Fprintf(out, "  one more dispatch %s, one more barrier %s\n", micros(p.DispatchNS), micros(p.BarrierNS))
	fmt.Fprintf(out, "  one more exchange within a work group of 256 %s; %s run at the same time", micros(p.SyncNS), typeset.Plural(int(p.Groups), "such group"))
	if p.MeetingGroups > 1 {
		fmt.Fprintf(out, ", and %d of them wait for one another in %s", p.MeetingGroups, micros(p.MeetingNS))
	}
	fmt.Fprintf(out, "\n  read %s, over %d MiB; copy %s, bytes read and written, over twice as much\n",
		measured("%.1f GB/s", p.ReadBytesPerS/1e9), p.Bytes>>20, measured("%.1f GB/s", p.CopyBytesPerS/1e9))
	for _, at := range p.Reads {
		fmt.Fprintf(out, "  %10s again and again %s\n", device.FormatBytes(int(at.Bytes)), measured("%8.1f GB/s", at.BytesPerS/1e9))
	}
	fmt.Fprintf(out, "  multiply-adds in f32 %s, in f64 %s\n", billions(p.MulAddsF32), billions(p.MulAddsF64))
	fmt.Fprintf(out, "  compile a new shader %s, the same again, from the driver's cache if it has one, %s\n",
		measured("%.2f ms", float64(p.CompileNS)/1e6), measured("%.2f ms", float64(p.RecompileNS)/1e6))
	return out.String()
}

func describe(out io.Writer, d *device.Info) {
	l, f := d.Limits, d.Features
	fmt.Fprintf(out, "  %s (%s)\n  OpenGL %s, GLSL %s, by %s\n", d.Renderer, kindOf(d.Software), d.Version, d.GLSL, d.Vendor)
	if d.MemoryBytes > 0 {
		fmt.Fprintf(out, "  memory %d MiB, %d MiB free\n", d.MemoryBytes>>20, d.FreeMemoryBytes>>20)
	}
	fmt.Fprintf(out, "  storage block %d MiB, shared memory %d KiB, %d invocations a work group, %v work groups\n",
		l.MaxStorageBlockBytes>>20, l.MaxSharedBytes>>10, l.MaxInvocations, l.MaxGroups)
	fmt.Fprintf(out, "  f64 %s, subgroups %s, resets reported %s, device clock of %d bits\n",
		yes(f.Float64), yes(f.Subgroups), yes(f.Robustness), f.TimestampBits)
}

// billions formats a number of multiply-adds a second.
func billions(perS float64) string { return measured("%.4g billion/s", perS/1e9) }

// micros formats a measurement in nanoseconds as microseconds.
func micros(ns int64) string { return measured("%.2f µs", float64(ns)/1e3) }

// measured formats a measurement. 0 says that it could not be measured.
func measured(format string, v float64) string {
	if v == 0 {
		return "not measurable"
	}
	return fmt.Sprintf(format, v)
}

func kindOf(software bool) string {
	if software {
		return "software renderer, not a GPU"
	}
	return "GPU"
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// A simdList is what descent devices says about the instruction sets that have kernels.
type simdList struct {
	InUse  string   `json:"in_use"`
	Forced bool     `json:"forced"` // by DESCENT_SIMD
	All    []string `json:"all"`    // the fastest first
}

func listSIMD() simdList {
	inUse, all, _ := cpu.InstructionSets() // checkSIMD told the error
	return simdList{inUse, cpu.Forced() != "", all}
}

func (l simdList) String() string {
	names := slices.Clone(l.All)
	for i, name := range names {
		switch {
		case name == l.InUse && l.Forced:
			names[i] += " (in use, forced by DESCENT_SIMD)"
		case name == l.InUse:
			names[i] += " (in use)"
		}
	}
	return "instruction sets: " + strings.Join(names, ", ")
}
