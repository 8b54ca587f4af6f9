package device

import (
	"errors"
	"testing"

	"descent/dataset"
)

func TestSoftwareRenderersAreRecognisedByName(t *testing.T) {
	for renderer, want := range map[string]bool{
		"llvmpipe (LLVM 15.0.6, 256 bits)": true,
		"softpipe":                         true,
		"Software Rasterizer":              true,
		"Mesa DRI swrast":                  true,
		"SWR (LLVM 11.0.0, 256 bits)":      true,
		"Google SwiftShader":               true,
		"zink Vulkan 1.3 (llvmpipe (LLVM 17) (MESA_LLVMPIPE))": true,
		"zink (Lavapipe)":                                       true,
		"D3D12 (Microsoft Basic Render Driver)":                 true,
		"NVIDIA H100 80GB HBM3/PCIe":                            false,
		"Mesa Intel(R) UHD Graphics 630 (CFL GT2)":              false,
		"AMD Radeon RX 6800 XT (radeonsi, navi21, LLVM 15.0.7)": false,
		"zink Vulkan 1.3 (NVIDIA GeForce RTX 3060 (NVIDIA))":    false,
		"D3D12 (NVIDIA GeForce RTX 3060)":                       false,
		"virgl (Mesa Intel(R) Graphics)":                        false,
		"NVIDIA RTX A4000 (NVK GA104)":                          false,
	} {
		if got := isSoftware(renderer); got != want {
			t.Errorf("isSoftware(%q) = %v", renderer, got)
		}
	}
}

func TestADeviceWithoutDoubleRefusesIt(t *testing.T) {
	d := Info{Provider: "egl-device", Renderer: "small GPU"}
	if err := d.ComputesIn(dataset.Float32); err != nil {
		t.Error(err)
	}
	e, ok := errors.AsType[*Error](d.ComputesIn(dataset.Float64))
	if !ok || e.Error() != "egl-device: small GPU has no double precision" || !e.Unavailable() || e.Hint() != "use f32" {
		t.Errorf("%v", e)
	}
}
