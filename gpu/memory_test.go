package gpu

import "testing"

func TestAvailableMemoryIsReadFromTheKernelsTable(t *testing.T) {
	for text, want := range map[string]int64{
		"MemTotal:       131072 kB\nMemFree:  7 kB\nMemAvailable:     1024 kB\nBuffers: 9 kB\n": 1 << 20,
		"MemTotal:       131072 kB\n": 0,
		"":                            0,
	} {
		if got := availableMemory(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestADevicesOwnMemoryComesFirst(t *testing.T) {
	for _, tt := range []struct {
		device Device
		want   int64
	}{
		{Device{MemoryBytes: 8, FreeMemoryBytes: 5, Software: true}, 5},
		{Device{MemoryBytes: 8}, 8},
		{Device{}, 0},
	} {
		if got := memoryFor(tt.device); got != tt.want {
			t.Errorf("%+v: %d, want %d", tt.device, got, tt.want)
		}
	}
}
