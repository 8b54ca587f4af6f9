package device

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
		device Info
		want   int64
	}{
		{Info{MemoryBytes: 8, FreeMemoryBytes: 5, Software: true}, 5},
		{Info{MemoryBytes: 8}, 8},
		{Info{}, 0},
	} {
		if got := tt.device.room(); got != tt.want {
			t.Errorf("%+v: %d, want %d", tt.device, got, tt.want)
		}
	}
}

func TestBytesReadAsPeopleWriteThem(t *testing.T) {
	for n, want := range map[int]string{
		0: "0 bytes", 1023: "1023 bytes", 1024: "1 KiB", 1536: "1.5 KiB", 128 << 20: "128 MiB", 1<<40 + 1<<39: "1.5 TiB", 1<<63 - 1: "8 EiB",
	} {
		if got := FormatBytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
