package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/mem"
)

// Env is the machine that a run was taken on.
type Env struct {
	CPU       string `json:"cpu"`
	Cores     int    `json:"cores,omitempty"` // physical; 0 where not known
	Threads   int    `json:"threads"`         // logical processors that this process may use
	L1D       int    `json:"l1d_bytes,omitempty"`
	L2        int    `json:"l2_bytes,omitempty"`
	L3        int    `json:"l3_bytes,omitempty"`
	SIMD      string `json:"simd,omitempty"`     // widest vector extension: "avx512", "avx2", "neon"
	Governor  string `json:"governor,omitempty"` // cpufreq's, of processor 0
	Memory    uint64 `json:"memory_bytes,omitempty"`
	OS        string `json:"os"`
	Kernel    string `json:"kernel,omitempty"`
	Virtual   string `json:"virtualization,omitempty"`
	GoVersion string `json:"go"`
	GoOS      string `json:"goos"`
	GoArch    string `json:"arch"`
}

// difference says in which fields o is another than e, with both values: those that make a machine, and the rest.
func (e Env) difference(o Env) (machine, rest []string) {
	a, b := reflect.ValueOf(e), reflect.ValueOf(o)
	for i := range a.NumField() {
		was, is, name := a.Field(i).Interface(), b.Field(i).Interface(), a.Type().Field(i).Name
		if was == is {
			continue
		}
		change := fmt.Sprintf("%s was %v and is %v", strings.ToLower(name), was, is)
		if slices.Contains([]string{"Memory", "Governor", "OS", "Kernel", "GoVersion"}, name) {
			rest = append(rest, change)
		} else {
			machine = append(machine, change)
		}
	}
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
		SIMD:      widestSIMD(),
		Governor:  readLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
		OS:        runtime.GOOS,
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
		if h.VirtualizationRole == "guest" {
			env.Virtual = h.VirtualizationSystem
		}
	}
	return env
}

func widestSIMD() string {
	switch {
	case cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512DQ):
		return "avx512"
	case cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3):
		return "avx2"
	case cpuid.CPU.Supports(cpuid.ASIMD):
		return "neon"
	}
	return ""
}

// readLine returns the first line of a file of the kernel's, or "".
func readLine(path string) string {
	b, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}

// ModuleVersion returns that of a module this program was built with, as v0.16.0; "" where the build does not tell.
func ModuleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return ""
}
