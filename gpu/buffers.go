//go:build linux && cgo

package gpu

import (
	"fmt"
	"unsafe"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// A buffer is memory of the device.
type buffer uint32

// element is what buffers hold.
type element interface {
	~float32 | ~float64 | ~int32 | ~uint32
}

// newBuffer reserves bytes, which must be positive, with undefined contents.
func newBuffer(bytes int) (buffer, error) {
	if err := checkError("before a buffer"); err != nil {
		return 0, err
	}
	var b uint32
	gl.GenBuffers(1, &b)
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b)
	gl.BufferData(gl.SHADER_STORAGE_BUFFER, bytes, nil, gl.DYNAMIC_COPY)
	err := checkError(fmt.Sprintf("a buffer of %d bytes", bytes))
	if err != nil {
		gl.DeleteBuffers(1, &b)
		return 0, err
	}
	return buffer(b), nil
}

func (b buffer) delete() { gl.DeleteBuffers(1, (*uint32)(&b)) }

// zero sets all bytes to zero.
func (b buffer) zero() {
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, uint32(b))
	gl.ClearBufferData(gl.SHADER_STORAGE_BUFFER, gl.R32UI, gl.RED_INTEGER, gl.UNSIGNED_INT, nil)
	checkCall("zero")
}

// zeroPart sets bytes from an offset on to zero; both are multiples of 4.
func (b buffer) zeroPart(offset, bytes int) {
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, uint32(b))
	gl.ClearBufferSubData(gl.SHADER_STORAGE_BUFFER, gl.R32UI, offset, bytes, gl.RED_INTEGER, gl.UNSIGNED_INT, nil)
	checkCall("zero a part")
}

// upload copies p to b from a byte offset on.
func upload[T element](b buffer, offset int, p []T) {
	if len(p) == 0 {
		return
	}
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, uint32(b))
	gl.BufferSubData(gl.SHADER_STORAGE_BUFFER, offset, size(p), unsafe.Pointer(&p[0]))
	checkCall("upload")
}

// download fills p from b from a byte offset on. It waits for all that was
// submitted: fence it first, for a wait that can end. The caller owes a
// barrierUpdate after the last dispatch that wrote b.
//
// The values go through a buffer made for it: NVIDIA's driver may move one that is read back to the
// host's memory, where shaders then reach it across the bus.
func download[T element](b buffer, offset int, p []T) {
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

func size[T element](p []T) int { return len(p) * int(unsafe.Sizeof(p[0])) }

// bindStorage shows shaders all of b as the storage block of a binding. A b larger than
// Limits.MaxStorageBlockBytes brings no error, and reads and writes past that go astray.
func bindStorage(binding int, b buffer) {
	gl.BindBufferBase(gl.SHADER_STORAGE_BUFFER, uint32(binding), uint32(b))
	checkCall("bind storage")
}
