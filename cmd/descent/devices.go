package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"descent/bench"
	"descent/gpu"
)

func newDevicesCommand() *cobra.Command {
	var o gpu.Options
	var format string
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "List the GPU paths of this machine, and why others do not work",
		Long: `Devices tries every way to an OpenGL 4.3 context that this machine may have: EGL on each
device, EGL without a surface, and a hidden GLFW window. For each it prints the device
with its limits, or the reason why there is none and what to do.`,
		Example: `  descent devices
  descent devices --format json
  descent devices --gl-provider egl --allow-software`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkProvider(o); err != nil {
				return err
			}
			if err := checkTextOrJSON(format); err != nil {
				return err
			}
			d := deviceList{Env: bench.ReadEnv(), OpenGL: gpu.Probe(o)}
			if format == "json" {
				return writeJSON(cmd.OutOrStdout(), d)
			}
			_, err := io.WriteString(cmd.OutOrStdout(), d.text())
			return err
		},
	}
	registerGPU(cmd, &o)
	registerFormat(cmd, &format, textOrJSON...)
	return cmd
}

// A deviceList is what descent devices prints.
type deviceList struct {
	Env    bench.Env     `json:"env"`
	OpenGL []gpu.Attempt `json:"opengl"`
}

func (d deviceList) text() string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "cpu\n  %s, %d threads\n", d.Env.CPU, d.Env.Threads)
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
	return out.String()
}

func describe(out io.Writer, d *gpu.Device) {
	kind := "GPU"
	if d.Software {
		kind = "software renderer, not a GPU"
	}
	l, f := d.Limits, d.Features
	fmt.Fprintf(out, "  %s (%s)\n  OpenGL %s, GLSL %s, by %s\n", d.Renderer, kind, d.Version, d.GLSL, d.Vendor)
	if d.MemoryBytes > 0 {
		fmt.Fprintf(out, "  memory %d MiB, %d MiB free\n", d.MemoryBytes>>20, d.FreeMemoryBytes>>20)
	}
	fmt.Fprintf(out, "  storage block %d MiB, shared memory %d KiB, %d invocations a work group, %v work groups\n",
		l.MaxStorageBlockBytes>>20, l.MaxSharedBytes>>10, l.MaxInvocations, l.MaxGroups)
	fmt.Fprintf(out, "  f64 %s, subgroups %s, resets reported %s, device clock of %d bits\n",
		yes(f.Float64), yes(f.Subgroups), yes(f.Robustness), f.TimestampBits)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
