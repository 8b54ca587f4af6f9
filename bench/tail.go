package bench

import (
	"bytes"
	"strings"
	"sync"
)

// A tail is a writer that keeps only the last bytes written to it.
type tail struct {
	mu      sync.Mutex
	buf     []byte
	watched bool // look for signs of too little memory, which a long trace may push out
	short   bool // one was seen
}

const tailBytes = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.watched && !t.short {
		// The seam too: the end of a write may cut a word.
		seam := append(bytes.Clone(t.buf[max(0, len(t.buf)-longestWord):]), b[:min(len(b), longestWord)]...)
		t.short = tellsOfMemory(seam) || tellsOfMemory(b)
	}
	t.buf = append(t.buf, b[max(0, len(b)-tailBytes):]...)
	t.buf = t.buf[max(0, len(t.buf)-tailBytes):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(strings.TrimSpace(string(t.buf)), "�")
}

func (t *tail) shortOfMemory() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.short
}

// memoryWords are how Go, C, C++, Python, NumPy, the loader and GNU's tools say that memory, or a
// thread's stack, ran out. First letters that some write large are left out. The last two are how
// Go's runtime names a crash of code that checks no allocation, its own collector included.
var memoryWords = []string{
	"ut of memory", "annot allocate memory", "nable to allocate", "ot enough memory", "emory exhausted",
	"MemoryError", "bad_alloc", "pthread_create failed", "an't start new thread", "ailed to map segment",
	"SIGSEGV", "SIGABRT",
}

const longestWord = 32

// tellsOfMemory reports whether b has one of memoryWords in it.
func tellsOfMemory(b []byte) bool {
	for _, word := range memoryWords {
		if bytes.Contains(b, []byte(word)) {
			return true
		}
	}
	return false
}
