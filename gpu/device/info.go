package device

import (
	"regexp"

	"descent/dataset"
)

// An Info is what an open context runs on, as its driver describes it.
type Info struct {
	Provider string `json:"provider"`       // "egl-device", "egl-surfaceless" or "glfw"
	Name     string `json:"name,omitempty"` // which of the provider's devices, where it has several
	Vendor   string `json:"vendor"`
	Renderer string `json:"renderer"`
	Version  string `json:"version"` // GL_VERSION, with the driver's own version
	GLSL     string `json:"glsl"`
	Software bool   `json:"software"`       // it renders on the CPU
	Node     string `json:"node,omitempty"` // its file below /dev/dri, where EGL names it

	// MemoryBytes is the device's own memory. FreeMemoryBytes is what was free of it when the
	// context was opened. Both are 0 if the driver does not say.
	MemoryBytes     int64 `json:"memory_bytes,omitempty"`
	FreeMemoryBytes int64 `json:"free_memory_bytes,omitempty"`

	Limits   Limits   `json:"limits"`
	Features Features `json:"features"`
}

// Limits are the largest values that the driver takes. Past some of them it does nothing, without
// an error.
type Limits struct {
	MaxStorageBlockBytes int64 `json:"max_storage_block_bytes"` // of one buffer binding
	MaxStorageBlocks     int   `json:"max_storage_blocks"`      // in one compute shader
	StorageBindings      int   `json:"storage_bindings"`        // binding points
	// StorageAlign is what the start of a bound range is a multiple of, in bytes.
	StorageAlign   int    `json:"storage_align"`
	MaxSharedBytes int    `json:"max_shared_bytes"` // of a work group
	MaxInvocations int    `json:"max_invocations"`  // in a work group
	MaxGroupSize   [3]int `json:"max_group_size"`
	MaxGroups      [3]int `json:"max_groups"` // in a dispatch
}

// Features are what a driver may leave out of OpenGL 4.3.
type Features struct {
	Float64 bool `json:"float64"` // double in shaders, perhaps emulated
	// Subgroups is GL_KHR_shader_subgroup with shuffles in compute shaders.
	Subgroups     bool `json:"subgroups"`
	SubgroupSize  int  `json:"subgroup_size"`  // invocations, 0 without Subgroups
	Robustness    bool `json:"robustness"`     // a reset is reported
	TimestampBits int  `json:"timestamp_bits"` // of the device's clock, 0 where it has none
}

// ComputesIn refuses a precision that the device does not have.
func (d Info) ComputesIn(precision dataset.Precision) error {
	if precision == dataset.Float64 && !d.Features.Float64 {
		return &Error{Kind: MissingFeature, Provider: d.Provider, Detail: d.Renderer + " has no double precision", Remedy: "use f32"}
	}
	return nil
}

// softwareNames are the names of renderers on the CPU in GL_RENDERER, also below a layer: "zink
// (llvmpipe …)", "D3D12 (Microsoft Basic Render Driver)".
var softwareNames = regexp.MustCompile(`(?i)llvmpipe|softpipe|swrast|swr\b|software rasterizer|swiftshader|lavapipe|basic render`)

// isSoftware reports whether a renderer of that name works on the CPU.
func isSoftware(renderer string) bool { return softwareNames.MatchString(renderer) }
