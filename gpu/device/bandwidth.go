//go:build linux && cgo

package device

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"

	"descent/bench"
	"descent/shaders"
)

const (
	// noiseBytes is the length of the noise that fills a buffer over and over. It is far longer
	// than the blocks of some hundred bytes that devices compress in memory.
	noiseBytes = 256 << 10
	// The slowest device passes over shortestStream in milliseconds. longestStream is many times
	// what the largest caches hold, 256 MiB.
	shortestStream, longestStream = 2 << 20, 2 << 30
	// A pass must take longPass, so that its start and its end do not matter. Streams grow by a
	// factor of 4 until it does, so that it still fits a submission.
	longPass = 5 * time.Millisecond
	// streamTime is how long passes of one kind are repeated.
	streamTime = 250 * time.Millisecond
)

// streamGroups are the numbers of work groups that are tried: from about one for each processor of
// a large device to as many as a dispatch may have. Which one is the fastest depends on how the
// device deals groups out.
var streamGroups = []int{256, 1024, 4096, 16384, shaders.MaxGroups}

// curveGroups are the numbers of work groups that are tried for each size of the curve.
var curveGroups = []int{256, 1024}

// streamRoom is how many bytes each of two streams may have on a device. While they grow, the two
// before them still exist, at a quarter of the length. So a tenth of the free memory for each makes
// a quarter in all. If the driver does not tell its memory, 2 GiB are assumed.
func streamRoom(d Info) int64 {
	memory := d.room()
	if memory == 0 {
		memory = 2 << 30
	}
	return min(memory/10, d.Limits.MaxStorageBlockBytes, longestStream)
}

// streams are two buffers of the same length to measure bandwidth with. The first is full of noise.
type streams struct {
	context    *Context
	read, copy Program
	bytes      int // of from and of to
	from, to   Buffer
	sums       Buffer        // of the work groups of read
	took       time.Duration // a copy, the first time
}

// measureStreams measures the bandwidth on two buffers of at most room bytes each, and checks that
// they hold the same in the end.
func (c *Context) measureStreams(p *bench.Probe, room int64) error {
	s, err := c.growStreams(room, c.newStreams)
	if err != nil {
		return err
	}
	defer s.free()
	copying, err := s.fastest(s.copy, s.to)
	if err != nil {
		return err
	}
	reading, err := s.fastest(s.read, s.sums)
	if err != nil {
		return err
	}
	p.Bytes = int64(s.bytes)
	p.ReadBytesPerS = float64(s.bytes) / reading.Seconds()
	p.CopyBytesPerS = 2 * float64(s.bytes) / copying.Seconds()
	if p.Reads, err = s.curve(); err != nil {
		return err
	}
	p.Reads = append(p.Reads, bench.Reading{Bytes: p.Bytes, BytesPerS: p.ReadBytesPerS})
	return s.check()
}

// curve returns how fast the device reads a part of s.from again and again, by the size of the
// part: from one block on, each four times the one before, and less than all. A size is left out if
// noise hides its time.
func (s *streams) curve() (curve []bench.Reading, err error) {
	for bytes := shaders.StreamBlock * shaders.StreamBytes; bytes < s.bytes; bytes *= 4 {
		best, before := 0.0, 0
		for _, most := range curveGroups {
			groups := s.groups(bytes, most)
			if groups == before { // there are no more blocks
				break
			}
			before = groups
			rate, err := s.again(bytes, groups)
			if err != nil {
				return nil, err
			}
			best = max(best, rate)
		}
		if best > 0 {
			curve = append(curve, bench.Reading{Bytes: int64(bytes), BytesPerS: best})
		}
	}
	return curve, nil
}

// again returns how many bytes a second so many work groups read of a part of s.from. It checks
// that they read it in every round.
func (s *streams) again(bytes, groups int) (float64, error) {
	s.from.Bind(shaders.BindingA)
	s.sums.Bind(shaders.BindingResult)
	blocks := bytes / (shaders.StreamBlock * shaders.StreamBytes)
	each, rounds, err := s.context.perRound(max(2, loopRounds/(blocks/groups+2)), func(rounds int) {
		s.read.setUints(bytes/shaders.StreamBytes, rounds, turns(groups))
		s.read.Dispatch(groups, 1, 1)
	})
	if err != nil {
		return 0, err
	}
	words := noise()
	part := uint32(bytes/noiseBytes)*sumWords(words) + sumWords(words[:bytes%noiseBytes/4])
	if err := s.checkSums(groups, bytes, uint32(rounds)*part); err != nil {
		return 0, err
	}
	return perSecond(float64(bytes), each), nil
}

// turns is by how many groups the turns of read.comp go on. Of many groups some wait until others
// have ended. With this shift, the few that run at a time read all blocks in a few rounds, and not
// the same blocks in many.
func turns(groups int) int { return groups*5/8 + 1 }

// growStreams makes streams that are long enough for a copy to be a long pass, but have room bytes
// at most, and no more than there is memory for. create is newStreams.
func (c *Context) growStreams(room int64, create func(bytes int) (*streams, error)) (*streams, error) {
	most := int(room - room%noiseBytes)
	if most <= 0 {
		return nil, &Error{Kind: Limit, Provider: c.device.Provider, Remedy: "end other programs on the GPU",
			Detail: fmt.Sprintf("%s has no room for two buffers of %s to measure its bandwidth on", c.device.Renderer, FormatBytes(noiseBytes))}
	}
	var s *streams
	for bytes := min(shortestStream, most); ; bytes = min(4*bytes, most) {
		longer, err := create(bytes)
		if s != nil && errors.Is(err, OutOfMemory) {
			return s, nil
		}
		s.free()
		if err != nil || longer.took >= longPass || bytes == most {
			return longer, err
		}
		s = longer
	}
}

// newStreams makes streams of so many bytes, a multiple of noiseBytes, and copies the first to the
// second.
func (c *Context) newStreams(bytes int) (*streams, error) {
	s := &streams{context: c, bytes: bytes}
	if err := s.build(); err != nil {
		s.free()
		return nil, err
	}
	return s, nil
}

func (s *streams) build() (err error) {
	if s.read, err = s.context.Program(shaders.Read()); err != nil {
		return err
	}
	if s.copy, err = s.context.Program(shaders.Copy()); err != nil {
		return err
	}
	if s.from, err = NewBuffer(s.bytes); err != nil {
		return err
	}
	if s.to, err = NewBuffer(s.bytes); err != nil {
		return err
	}
	if s.sums, err = NewBuffer(4 * shaders.MaxGroups); err != nil {
		return err
	}
	Upload(s.from, 0, noise())
	gl.BindBuffer(gl.COPY_READ_BUFFER, uint32(s.from))
	gl.BindBuffer(gl.COPY_WRITE_BUFFER, uint32(s.from))
	for filled := noiseBytes; filled < s.bytes; filled *= 2 {
		gl.CopyBufferSubData(gl.COPY_READ_BUFFER, gl.COPY_WRITE_BUFFER, 0, filled, min(filled, s.bytes-filled))
	}
	for range 2 { // the first meets memory that was never touched, and a program that never ran
		if s.took, err = s.pass(s.copy, s.from, s.to, shaders.MaxGroups); err != nil {
			return err
		}
	}
	return nil
}

// free deletes the buffers of s, which may be nil.
func (s *streams) free() {
	if s == nil {
		return
	}
	s.from.Delete()
	s.to.Delete()
	s.sums.Delete()
}

// noise returns noiseBytes of random bits, the same at every call. Some devices read and write
// zeros faster.
func noise() []uint32 {
	random := rand.New(rand.NewPCG(1, 2))
	words := make([]uint32, noiseBytes/4)
	for i := range words {
		words[i] = random.Uint32()
	}
	return words
}

// fastest returns the time of the fastest pass of p from s.from to another buffer. p is read or
// copy.
func (s *streams) fastest(p Program, to Buffer) (time.Duration, error) {
	best := time.Duration(math.MaxInt64)
	begin := time.Now()
	for i := 0; i == 0 || time.Since(begin) < streamTime; i++ {
		took, err := s.pass(p, s.from, to, streamGroups[i%len(streamGroups)])
		if err != nil {
			return 0, err
		}
		best = min(best, took)
	}
	return best, nil
}

// pass times one dispatch of p, by at most so many work groups.
func (s *streams) pass(p Program, from, to Buffer, groups int) (time.Duration, error) {
	from.Bind(shaders.BindingA)
	to.Bind(shaders.BindingResult)
	p.setUints(s.bytes / shaders.StreamBytes)
	if p == s.read {
		p.setUints(s.bytes/shaders.StreamBytes, 1, 0)
	}
	return s.context.Time(func() { p.Dispatch(s.groups(s.bytes, groups), 1, 1) })
}

// groups is most, or less if so many bytes have not so many blocks.
func (s *streams) groups(bytes, most int) int {
	return min(most, shaders.Groups(bytes/shaders.StreamBytes, shaders.StreamBlock))
}

// check has read add up the copy. So it shows that read and copy left nothing out: a driver neither
// reads nor writes past its limits, and does not complain.
func (s *streams) check() error {
	StorageBarrier()
	if _, err := s.pass(s.read, s.to, s.sums, shaders.MaxGroups); err != nil {
		return err
	}
	return s.checkSums(s.groups(s.bytes, shaders.MaxGroups), s.bytes, uint32(s.bytes/noiseBytes)*sumWords(noise()))
}

// checkSums checks what the groups of read have added up, in as many bytes.
func (s *streams) checkSums(groups, bytes int, want uint32) error {
	UpdateBarrier()
	sums := make([]uint32, groups)
	Download(s.sums, 0, sums)
	if got := sumWords(sums); got != want {
		return &Error{Kind: Rejected, Provider: s.context.device.Provider,
			Detail: fmt.Sprintf("%s read or copied %s wrongly: their sum is %#x, not %#x", s.context.device.Renderer, FormatBytes(bytes), got, want)}
	}
	return CheckErrors("the sums of a read")
}

// sumWords adds up words, modulo 2³².
func sumWords(words []uint32) (total uint32) {
	for _, w := range words {
		total += w
	}
	return total
}
