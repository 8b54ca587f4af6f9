package journal

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"

	"descent/bench/machine"
	"descent/cpu/isa"
)

// Env is the machine that a run was taken on.
type Env struct {
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores,omitempty"` // physical; 0 if not known
	Threads int    `json:"threads"`         // logical processors that this process may use
	L1D     int    `json:"l1d_bytes,omitempty"`
	L2      int    `json:"l2_bytes,omitempty"`
	L3      int    `json:"l3_bytes,omitempty"`
	// SIMD is the widest vector instruction set: "avx512", "avx2", "neon".
	SIMD      string `json:"simd,omitempty"`
	Governor  string `json:"governor,omitempty"` // cpufreq's, of processor 0
	Memory    uint64 `json:"memory_bytes,omitempty"`
	OS        string `json:"os"`
	Kernel    string `json:"kernel,omitempty"`
	Virtual   string `json:"virtualization,omitempty"`
	GoVersion string `json:"go"`
	GoOS      string `json:"goos"`
	GoArch    string `json:"arch"`
}

// Difference lists the fields in which o differs from e, with both values. machine has the fields
// that make another machine of it, and rest the others.
func (e *Env) Difference(o *Env) (machine, rest []string) {
	note := func(list *[]string, name string, was, is any) {
		if was != is {
			*list = append(*list, fmt.Sprintf("%s was %v and is %v", name, was, is))
		}
	}
	note(&machine, "cpu", e.CPU, o.CPU)
	note(&machine, "cores", e.Cores, o.Cores)
	note(&machine, "threads", e.Threads, o.Threads)
	note(&machine, "l1d", e.L1D, o.L1D)
	note(&machine, "l2", e.L2, o.L2)
	note(&machine, "l3", e.L3, o.L3)
	note(&machine, "simd", e.SIMD, o.SIMD)
	note(&rest, "governor", e.Governor, o.Governor)
	note(&rest, "memory", e.Memory, o.Memory)
	note(&rest, "os", e.OS, o.OS)
	note(&rest, "kernel", e.Kernel, o.Kernel)
	note(&machine, "virtual", e.Virtual, o.Virtual)
	note(&rest, "goversion", e.GoVersion, o.GoVersion)
	note(&machine, "goos", e.GoOS, o.GoOS)
	note(&machine, "goarch", e.GoArch, o.GoArch)
	return machine, rest
}

// ReadEnv describes this machine. What it cannot find out is left empty.
func ReadEnv() Env {
	env := Env{
		CPU:       cpuid.CPU.BrandName,
		Cores:     cpuid.CPU.PhysicalCores,
		Threads:   runtime.NumCPU(),
		L1D:       max(0, cpuid.CPU.Cache.L1D),
		L2:        max(0, cpuid.CPU.Cache.L2),
		L3:        max(0, cpuid.CPU.Cache.L3),
		SIMD:      isa.Widest(),
		Governor:  machine.Governor(),
		OS:        runtime.GOOS,
		Virtual:   machine.Guest(),
		GoVersion: runtime.Version(),
		GoOS:      runtime.GOOS,
		GoArch:    runtime.GOARCH,
	}
	if env.CPU == "" {
		env.CPU = runtime.GOARCH
	}
	if m, err := mem.VirtualMemory(); err == nil {
		env.Memory = m.Total
	}
	if h, err := host.Info(); err == nil {
		env.OS = strings.TrimSpace(h.Platform + " " + h.PlatformVersion)
		env.Kernel = h.KernelVersion
	}
	return env
}
