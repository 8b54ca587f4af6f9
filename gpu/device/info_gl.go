//go:build linux && cgo

package device

import (
	"fmt"
	"slices"
	"sync"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// loading guards go-gl's one table of functions. Filling the table again beside an open context is
// safe if both contexts get the same functions. They do with every libEGL and libGL that dispatches
// by the current context: libglvnd's, Mesa's and NVIDIA's.
var loading sync.Mutex

// inspect loads OpenGL's functions through p, refuses a device that cannot run the shaders of this
// module, and describes the device. A function pointer alone shows nothing: libglvnd returns one
// for any name.
func (c *Context) inspect(p platform) error {
	loading.Lock()
	err := gl.InitWithProcAddrFunc(p.ProcAddr)
	loading.Unlock()
	d := &c.device
	if err != nil {
		return &Error{Kind: MissingFeature, Provider: d.Provider, Detail: "the driver has no function " + err.Error()}
	}

	d.Vendor = gl.GoStr(gl.GetString(gl.VENDOR))
	d.Renderer = gl.GoStr(gl.GetString(gl.RENDERER))
	d.Version = gl.GoStr(gl.GetString(gl.VERSION))
	d.GLSL = gl.GoStr(gl.GetString(gl.SHADING_LANGUAGE_VERSION))
	d.Software = d.Software || isSoftware(d.Renderer)
	var major, minor int
	if _, err := fmt.Sscanf(d.Version, "%d.%d", &major, &minor); err != nil || major*10+minor < 43 {
		return &Error{Kind: Version, Provider: d.Provider, Detail: fmt.Sprintf("%s offers OpenGL %q, and 4.3 is needed", d.Renderer, d.Version)}
	}

	extensions := extensions()
	d.Limits = limits()
	d.Features = features(extensions)
	d.MemoryBytes, d.FreeMemoryBytes = memory(extensions)
	if d.Limits.MaxInvocations < 1 || d.Limits.MaxStorageBlocks < 1 || d.Limits.MaxStorageBlockBytes < 1 {
		return &Error{Kind: MissingFeature, Provider: d.Provider, Detail: fmt.Sprintf("%s names OpenGL %s, but no compute shader fits its limits: %+v", d.Renderer, d.Version, d.Limits)}
	}
	switch {
	case !d.Features.Robustness:
	case major*10+minor >= 45, slices.Contains(extensions, "GL_KHR_robustness"):
		c.reset = gl.GetGraphicsResetStatus // with the suffix KHR in OpenGL ES alone
	case slices.Contains(extensions, "GL_ARB_robustness"):
		c.reset = gl.GetGraphicsResetStatusARB
	}
	drainErrors() // a question that this driver does not know is no error of later calls
	return nil
}

func integer(name uint32) int {
	var v int32
	gl.GetIntegerv(name, &v)
	return int(v)
}

func extensions() []string {
	list := make([]string, integer(gl.NUM_EXTENSIONS))
	for i := range list {
		list[i] = gl.GoStr(gl.GetStringi(gl.EXTENSIONS, uint32(i)))
	}
	return list
}

func limits() Limits {
	l := Limits{
		MaxStorageBlocks: integer(gl.MAX_COMPUTE_SHADER_STORAGE_BLOCKS),
		StorageBindings:  integer(gl.MAX_SHADER_STORAGE_BUFFER_BINDINGS),
		StorageAlign:     integer(gl.SHADER_STORAGE_BUFFER_OFFSET_ALIGNMENT),
		MaxSharedBytes:   integer(gl.MAX_COMPUTE_SHARED_MEMORY_SIZE),
		MaxInvocations:   integer(gl.MAX_COMPUTE_WORK_GROUP_INVOCATIONS),
	}
	gl.GetInteger64v(gl.MAX_SHADER_STORAGE_BLOCK_SIZE, &l.MaxStorageBlockBytes)
	for axis := range 3 {
		var size, count int32
		gl.GetIntegeri_v(gl.MAX_COMPUTE_WORK_GROUP_SIZE, uint32(axis), &size)
		gl.GetIntegeri_v(gl.MAX_COMPUTE_WORK_GROUP_COUNT, uint32(axis), &count)
		l.MaxGroupSize[axis], l.MaxGroups[axis] = int(size), int(count)
	}
	return l
}

func features(extensions []string) Features {
	f := Features{
		Float64:    slices.Contains(extensions, "GL_ARB_gpu_shader_fp64"),
		Robustness: integer(gl.RESET_NOTIFICATION_STRATEGY) == gl.LOSE_CONTEXT_ON_RESET,
	}
	var bits int32
	gl.GetQueryiv(gl.TIMESTAMP, gl.QUERY_COUNTER_BITS, &bits)
	f.TimestampBits = int(bits)
	if slices.Contains(extensions, "GL_KHR_shader_subgroup") &&
		integer(gl.SUBGROUP_SUPPORTED_STAGES_KHR)&gl.COMPUTE_SHADER_BIT != 0 &&
		integer(gl.SUBGROUP_SUPPORTED_FEATURES_KHR)&gl.SUBGROUP_FEATURE_SHUFFLE_BIT_KHR != 0 {
		f.Subgroups, f.SubgroupSize = true, integer(gl.SUBGROUP_SIZE_KHR)
	}
	return f
}

// memory is the device's own memory and the free part of it, in bytes. Both are 0 if the driver
// does not tell.
func memory(extensions []string) (total, free int64) {
	// From GL_NVX_gpu_memory_info and GL_ATI_meminfo. Both count in KiB. The second gives four
	// numbers, and the first of these is the free total.
	const (
		nvxDedicated = 0x9047
		nvxAvailable = 0x9049
		atiFree      = 0x87FB
	)
	const kib = 1 << 10
	switch {
	case slices.Contains(extensions, "GL_NVX_gpu_memory_info"):
		return int64(integer(nvxDedicated)) * kib, int64(integer(nvxAvailable)) * kib
	case slices.Contains(extensions, "GL_ATI_meminfo"):
		var kilobytes [4]int32
		gl.GetIntegerv(atiFree, &kilobytes[0])
		return 0, int64(kilobytes[0]) * kib
	}
	return 0, 0
}
