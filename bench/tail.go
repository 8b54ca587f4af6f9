package bench

import (
	"bytes"
	"strings"
	"sync"
)

// A tail keeps the last bytes written to it, and nothing else, however much that is.
type tail struct {
	mu      sync.Mutex
	buf     []byte
	watched bool // for what tells of want of memory, which a long trace may push out
	short   bool // it was seen
}

const tailBytes = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.watched && !t.short {
		// The seam first: a word may be cut by the end of a write.
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

// memoryWords are how Go, C, C++, Python, NumPy, the loader and GNU's tools say that memory ran out, if for a thread's
// stack, without first letters that some write large; and how Go's runtime names a crash of code, its own
// collector's too, that takes no allocation to fail.
var memoryWords = []string{
	"ut of memory", "annot allocate memory", "nable to allocate", "ot enough memory", "emory exhausted", "MemoryError", "bad_alloc",
	"pthread_create failed", "an't start new thread", "ailed to map segment", "SIGSEGV", "SIGABRT",
}

const longestWord = 32

func tellsOfMemory(b []byte) bool {
	for _, word := range memoryWords {
		if bytes.Contains(b, []byte(word)) {
			return true
		}
	}
	return false
}
