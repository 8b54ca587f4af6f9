//go:build linux && cgo

package device

import (
	"fmt"
	"unsafe"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// A Buffer is memory of the device. Its methods run on the context's thread, inside Context.Do.
type Buffer uint32

// An Element is a type of value that buffers hold.
type Element interface {
	~float32 | ~float64 | ~int32 | ~uint32
}

// NewBuffer reserves bytes, which must be positive, with undefined contents.
func NewBuffer(bytes int) (Buffer, error) {
	if err := CheckErrors("before a buffer"); err != nil {
		return 0, err
	}
	var b uint32
	gl.GenBuffers(1, &b)
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b)
	gl.BufferData(gl.SHADER_STORAGE_BUFFER, bytes, nil, gl.DYNAMIC_COPY)
	err := CheckErrors(fmt.Sprintf("a buffer of %d bytes", bytes))
	if err != nil {
		gl.DeleteBuffers(1, &b)
		return 0, err
	}
	return Buffer(b), nil
}

// Delete frees the memory. The zero Buffer has none.
func (b Buffer) Delete() { gl.DeleteBuffers(1, (*uint32)(&b)) }

// Zero sets all bytes to zero.
func (b Buffer) Zero() {
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, uint32(b))
	gl.ClearBufferData(gl.SHADER_STORAGE_BUFFER, gl.R32UI, gl.RED_INTEGER, gl.UNSIGNED_INT, nil)
	checkCall("zero")
}

// ZeroRange sets bytes from an offset on to zero. Both are multiples of 4.
func (b Buffer) ZeroRange(offset, bytes int) {
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, uint32(b))
	gl.ClearBufferSubData(gl.SHADER_STORAGE_BUFFER, gl.R32UI, offset, bytes, gl.RED_INTEGER, gl.UNSIGNED_INT, nil)
	checkCall("zero a part")
}

// Bind shows shaders all of b as the storage block of a binding. If b is larger than
// Limits.MaxStorageBlockBytes there is no error, and what shaders read and write past the limit
// goes astray.
func (b Buffer) Bind(binding int) {
	gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, uint32(binding), uint32(b))
	checkCall("bind storage")
}

// Upload copies p to b, from a byte offset on.
func Upload[T Element](b Buffer, offset int, p []T) {
	if len(p) == 0 {
		return
	}
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, uint32(b))
	gl.BufferSubData(gl.SHADER_STORAGE_BUFFER, offset, size(p), unsafe.Pointer(&p[0]))
	checkCall("upload")
}

// Download fills p from b, from a byte offset on. It waits for everything that was submitted,
// without a limit: wait for a Fence first. The caller owes an UpdateBarrier after the last dispatch
// that wrote b.
//
// The values go through a buffer made for them. NVIDIA's driver may move a buffer that is read back
// to the host's memory, and shaders then reach it across the bus.
func Download[T Element](b Buffer, offset int, p []T) {
	if len(p) == 0 {
		return
	}
	var passage uint32
	gl.GenBuffers(1, &passage)
	defer gl.DeleteBuffers(1, &passage)
	gl.BindBuffer(gl.COPY_WRITE_BUFFER, passage)
	gl.BufferData(gl.COPY_WRITE_BUFFER, size(p), nil, gl.STREAM_READ)
	gl.BindBuffer(gl.COPY_READ_BUFFER, uint32(b))
	gl.CopyBufferSubData(gl.COPY_READ_BUFFER, gl.COPY_WRITE_BUFFER, offset, 0, size(p))
	gl.GetBufferSubData(gl.COPY_WRITE_BUFFER, 0, size(p), unsafe.Pointer(&p[0]))
	checkCall("download")
}

// size returns the bytes of p.
func size[T Element](p []T) int { return len(p) * int(unsafe.Sizeof(p[0])) }
