package kernel

import (
	"os"
	"syscall"
	"testing"
)

// pages is a memory whose slices begin where a page does, or end where one ends, next to a page
// that cannot be touched. Of its check only a fault is left.
type pages struct{ atEnd bool }

func (m pages) place(t *testing.T, n int) []byte {
	page := os.Getpagesize()
	size := (n + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, page+size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(all) })
	for _, guard := range [][]byte{all[:page], all[page+size:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	if m.atEnd {
		return all[page+size-n:][:n:n]
	}
	return all[page:][:n:n]
}

func (m pages) check(t *testing.T) {}

func TestUnmappedPagesAreNotTouched(t *testing.T) {
	for name, m := range map[string]pages{"before": {atEnd: false}, "after": {atEnd: true}} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) { testMemory[float64](t, func() memory { return m }) },
				func(t *testing.T) { testMemory[float32](t, func() memory { return m }) })
		})
	}
}
