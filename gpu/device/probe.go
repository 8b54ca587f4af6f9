//go:build linux && cgo

package device

import (
	"crypto/rand"
	"encoding/binary"

	"descent/bench"
	"descent/shaders"
)

// Probe measures what the device can do, in about two seconds. A value that could not be measured
// is 0.
//
// A time is the smallest of many of the same thing, because every disturbance makes it longer:
// other work, a clock not yet up to speed, memory touched for the first time. A median would depend
// on how busy the device is, and that is no property of the device.
//
// Dispatch and Barrier are slopes: the time of many dispatches less the time of few, divided by how
// many more they are. So the cost of the submission itself cancels. Each end is the smallest of its
// times before they are subtracted; the smallest of the differences would be too small. A slope is
// what a stream of commands pays, and it is the driver's pace if the device is faster.
//
// Sync and Meeting are such slopes too, over rounds within a dispatch. Sync is one more exchange
// through shared memory within a work group of 256 invocations, with its two barriers. Groups is
// found by a search: this many work groups of 256 all met in some rounds, and one more did not, or
// no more were tried.
//
// Read and Copy are the bytes of one pass over its time, start and end included, for the best of
// several numbers of work groups. The buffers are filled with noise. They are many times larger
// than caches if there is room and time for it, and the sum of the copy is checked. Bytes is what
// Read passes over; Copy takes as much again to write.
//
// Reads is the bandwidth of parts of such a buffer, from 16 KiB on. A dispatch reads the part many
// times, and the bandwidth is a slope over these rounds. A work group has 16 KiB or more, so the
// least parts are read by few groups. The last of Reads is Read.
//
// MulAdds is a slope too, over rounds of multiply-adds on numbers in registers, for the best of
// several numbers of work groups. The numbers are checked.
//
// Compile is the time of a shader that the driver has never seen, and Recompile the time of the
// same shader again, from the driver's cache if it has one. Both include a first dispatch.
//
// A device short of memory is measured on smaller buffers; one without room for any is a Limit or
// OutOfMemory. Nothing stays on the device but seven small programs.
func (c *Context) Probe() (*bench.Probe, error) { return c.probe(streamRoom(c.device)) }

// probe is Probe with room bytes for each of the two buffers that Copy takes.
func (c *Context) probe(room int64) (*bench.Probe, error) {
	p := &bench.Probe{Device: c.device.Renderer, Software: c.device.Software}
	if err := c.Do(func() error { return c.fill(p, room) }); err != nil {
		return nil, err
	}
	return p, nil
}

// fill measures everything in p.
func (c *Context) fill(p *bench.Probe, room int64) error {
	var nonce [4]byte
	rand.Read(nonce[:])
	unseen := shaders.Unseen(binary.NativeEndian.Uint32(nonce[:]))
	// The passes over memory come first: they take the device out of its idle clocks.
	if err := c.measureStreams(p, room); err != nil {
		return err
	}
	compiling, err := c.buildAndRun(unseen)
	if err != nil {
		return err
	}
	// Drivers write their cache in the background, and have time for it during these two.
	if err := c.measureDispatches(p); err != nil {
		return err
	}
	if err := c.measureMeetings(p); err != nil {
		return err
	}
	if err := c.measureArithmetic(p); err != nil {
		return err
	}
	again, err := c.buildAndRun(unseen)
	p.CompileNS, p.RecompileNS = int64(compiling), int64(again)
	return err
}
