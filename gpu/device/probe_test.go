//go:build linux && cgo

package device

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
	"github.com/google/go-cmp/cmp"

	"descent/bench"
	"descent/shaders"
)

// readSums is the twin of read.comp: the sums of the words of a by groups work groups.
func readSums(a []uint32, groups, rounds, shift int) []uint32 {
	const words = shaders.StreamBlock * shaders.StreamBytes / 4
	result := make([]uint32, groups)
	for round := range rounds {
		for group := range groups {
			turn := (group + round*shift) % groups
			for i, w := range a {
				if i/words%groups == turn {
					result[group] += w
				}
			}
		}
	}
	return result
}

// copyWords is the twin of copy.comp.
func copyWords(result, a []uint32) { copy(result, a) }

// ticks is the twin of tick.comp: the counters after n dispatches of a work group.
func ticks(n int) []uint32 { return slices.Repeat([]uint32{uint32(n)}, shaders.LocalSize) }

// live counts the objects of the context. Drivers take small numbers for their names.
func live(t *testing.T, c *Context) (counts struct{ Buffers, Programs, Queries int }) {
	t.Helper()
	do(t, c, func() error {
		for name := range uint32(10_000) {
			if gl.IsBuffer(name) {
				counts.Buffers++
			}
			if gl.IsProgram(name) {
				counts.Programs++
			}
			if gl.IsQuery(name) {
				counts.Queries++
			}
		}
		return CheckErrors("count")
	})
	return counts
}

func TestAProbeLeavesTheContextAsItWas(t *testing.T) {
	c := testContext(t)
	before := live(t, c)
	p, err := c.Probe()
	if err != nil {
		t.Fatal(err)
	}
	d := c.Device()
	if p.Device != d.Renderer || p.Software != d.Software || p.DispatchNS <= 0 || p.CompileNS <= 0 || p.RecompileNS <= 0 || p.Groups < 1 || p.MeetingGroups < 1 ||
		!(p.ReadBytesPerS > 0) || !(p.CopyBytesPerS > 0) {
		t.Errorf("a value is missing: %+v", p)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	if !(p.MulAddsF32 > 0) || (p.MulAddsF64 > 0) != d.Features.Float64 {
		t.Errorf("%v and %v multiply-adds a second", p.MulAddsF32, p.MulAddsF64)
	}
	if last := p.Reads[len(p.Reads)-1]; len(p.Reads) < 2 || last != (bench.Reading{Bytes: p.Bytes, BytesPerS: p.ReadBytesPerS}) {
		t.Errorf("readings %v", p.Reads)
	}
	if p.Bytes > d.Limits.MaxStorageBlockBytes || p.Bytes > longestStream || p.Bytes < noiseBytes {
		t.Errorf("measured on %d bytes", p.Bytes)
	}
	before.Programs += 7
	if diff := cmp.Diff(before, live(t, c)); diff != "" {
		t.Errorf("objects before, with seven programs (-), and after (+):\n%s", diff)
	}
}

func TestAProbeKeepsToItsRoom(t *testing.T) {
	c := testContext(t)
	for room, bytes := range map[int64]int64{
		noiseBytes:       noiseBytes,
		2*noiseBytes - 1: noiseBytes,
		3 * noiseBytes:   3 * noiseBytes, // no power of two
	} {
		var p bench.Probe
		if err := c.Do(func() error { return c.measureStreams(&p, room) }); err != nil || p.Bytes != bytes {
			t.Errorf("room for %d bytes: measured on %d, want %d: %v", room, p.Bytes, bytes, err)
		}
	}
	for _, room := range []int64{-1, 0, noiseBytes - 1} {
		p, err := c.probe(room)
		if !errors.Is(err, Limit) || !strings.Contains(err.Error(), "256 KiB") || p != nil {
			t.Errorf("room for %d bytes: got %+v, %v", room, p, err)
		}
	}
}

func TestStreamsEndWhereTheMemoryDoes(t *testing.T) {
	c := testContext(t)
	full := &Error{Kind: OutOfMemory, Detail: "a test"}
	lost := &Error{Kind: ContextLost, Detail: "a test"}
	before := live(t, c)
	for _, tt := range []struct {
		fits  int // bytes of the longest streams that can be made
		after error
		want  error
	}{
		{fits: shortestStream, after: full},
		{fits: shortestStream, after: lost, want: ContextLost},
		{fits: 0, after: full, want: OutOfMemory},
	} {
		do(t, c, func() error {
			s, err := c.growStreams(longestStream, func(bytes int) (*streams, error) {
				if bytes > tt.fits {
					return nil, tt.after
				}
				s, err := c.newStreams(bytes)
				if s != nil {
					s.took = 0 // so that they grow, on a slow device too
				}
				return s, err
			})
			if !errors.Is(err, tt.want) || err == nil && s.bytes != tt.fits {
				t.Errorf("%+v: got %+v, %v", tt, s, err)
			}
			s.free()
			return nil
		})
	}
	before.Programs = live(t, c).Programs
	if diff := cmp.Diff(before, live(t, c)); diff != "" {
		t.Errorf("objects before (-) and after (+):\n%s", diff)
	}
}

func TestACopyThatLeavesSomethingOutIsNoMeasurement(t *testing.T) {
	c := testContext(t)
	do(t, c, func() error {
		s, err := c.newStreams(3 * noiseBytes)
		if err != nil {
			return err
		}
		defer s.free()
		if err := s.check(); err != nil {
			t.Errorf("a whole copy: %v", err)
		}
		Upload(s.to, s.bytes-4, []uint32{noise()[noiseBytes/4-1] ^ 1})
		if err := s.check(); !errors.Is(err, Rejected) || !strings.Contains(err.Error(), "768 KiB wrongly") {
			t.Errorf("with one bit wrong in the last word: got %v", err)
		}
		return nil
	})
}

func TestStreamRoomIsAQuarterOfTheMemoryInAll(t *testing.T) {
	const gib = 1 << 30
	for _, tt := range []struct {
		free, block, want int64
	}{
		{free: 80 * gib, block: 1<<31 - 1, want: 1<<31 - 1},
		{free: 80 * gib, block: 1 << 40, want: longestStream},
		{free: 80 * gib, block: 128 << 20, want: 128 << 20},
		{free: 10 * gib, block: 1 << 40, want: gib},
		{free: 5, block: 1 << 40, want: 0},
		{free: 0, block: 1 << 40, want: 2 * gib / 10},
	} {
		d := Info{FreeMemoryBytes: tt.free, Limits: Limits{MaxStorageBlockBytes: tt.block}}
		got := streamRoom(d)
		if got != tt.want || tt.free > 0 && 2*(got+got/4) > tt.free/4 {
			t.Errorf("%+v: got %d", tt, got)
		}
	}
}

// Whole and broken blocks, fewer and more of them than work groups. Behind the elements stand words
// that must be left alone.
func TestStreamShadersAgreeWithTheirTwins(t *testing.T) {
	c := testContext(t)
	const words = shaders.StreamBytes / 4
	junk := slices.Repeat([]uint32{0xDEADBEEF}, words)
	run := func(p Program, groups int, from, result []uint32, uniforms ...int) {
		t.Helper()
		do(t, c, func() error {
			a, err := NewBuffer(size(from))
			if err != nil {
				return err
			}
			defer a.Delete()
			b, err := NewBuffer(size(result))
			if err != nil {
				return err
			}
			defer b.Delete()
			Upload(a, 0, from)
			Upload(b, 0, result)
			a.Bind(shaders.BindingA)
			b.Bind(shaders.BindingResult)
			p.setUints(uniforms...)
			p.Dispatch(groups, 1, 1)
			UpdateBarrier()
			if err := c.Finish(); err != nil {
				return err
			}
			Download(b, 0, result)
			return CheckErrors("stream")
		})
	}
	var read, copying Program
	do(t, c, func() (err error) {
		if read, err = c.Program(shaders.Read()); err == nil {
			copying, err = c.Program(shaders.Copy())
		}
		return err
	})
	for _, count := range []int{0, 1, 2, 255, 256, 257, 1023, 1024, 1025, 4096, 3*1024 + 257, 7*1024 + 1} {
		a := noise()[:words*count]
		for _, groups := range []int{1, 2, 3, 7, 8, 9} {
			for _, rounds := range []int{0, 1, 5} {
				want := append(readSums(a, groups, rounds, turns(groups)), junk...)
				got := append(make([]uint32, groups), junk...)
				run(read, groups, append(slices.Clone(a), junk...), got, count, rounds, turns(groups))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("sums of %d elements by %d groups in %d rounds, of the twin (-) and the device (+):\n%s", count, groups, rounds, diff)
				}
			}
			want := append(make([]uint32, len(a)), junk...)
			copyWords(want, a)
			got := append(make([]uint32, len(a)), junk...)
			run(copying, groups, append(slices.Clone(a), 1, 2, 3, 4), got, count)
			if !slices.Equal(want, got) {
				t.Errorf("the copy of %d elements by %d groups is none", count, groups)
			}
		}
	}
}

func TestTicksWithBarriersAreAllCounted(t *testing.T) {
	c := testContext(t)
	do(t, c, func() error {
		tick, counters, err := c.newTick()
		if err != nil {
			return err
		}
		defer counters.Delete()
		dependent(tick, manyTicks)
		UpdateBarrier()
		if err := c.Finish(); err != nil {
			return err
		}
		got := make([]uint32, shaders.LocalSize)
		Download(counters, 0, got)
		if diff := cmp.Diff(ticks(manyTicks), got); diff != "" {
			t.Error(diff)
		}
		return CheckErrors("ticks")
	})
}

func TestASlopeLeavesOutWhatBothEndsPay(t *testing.T) {
	const more = manyTicks - fewTicks
	for _, tt := range []struct {
		few, many, want time.Duration
	}{
		{0, 0, 0},
		{time.Millisecond, time.Millisecond, 0},
		{time.Millisecond, time.Millisecond + more, 1},
		{time.Millisecond, time.Millisecond + more - 1, 0},
		{7 * time.Microsecond, 7*time.Microsecond + more*1500, 1500},
		{fewTicks * 40, manyTicks * 40, 40},
		{2 * time.Millisecond, time.Millisecond, 0}, // noise
	} {
		if got := slope([2]time.Duration{tt.few, tt.many}); got != tt.want {
			t.Errorf("%v and %v: a slope of %v, want %v", tt.few, tt.many, got, tt.want)
		}
	}
}

func TestADeviceWithoutAClockIsTimedByTheWall(t *testing.T) {
	c := testContext(t)
	c.device.Features.TimestampBits = 0
	do(t, c, func() error {
		const nap = 3 * time.Millisecond
		took, err := c.Time(func() { time.Sleep(nap) })
		if took < nap {
			t.Errorf("took %v", took)
		}
		return err
	})
}

// No driver's cache can hold a source that depends on a random number, and the number changes
// nothing else.
func TestAnUnseenKernelIsANewSourceOfTheSameProduct(t *testing.T) {
	if shaders.Unseen(1).Source == shaders.Unseen(2).Source {
		t.Error("the nonce is not in the source")
	}
	c := testContext(t)
	tile := shaders.UnseenTile
	a, b := make([]float32, tile.M*tile.K), make([]float32, tile.K*tile.N)
	for i := range a {
		a[i] = float32(i % 7)
	}
	for i := range b {
		b[i] = float32(i % 5)
	}
	want := make([]float32, tile.M*tile.N)
	for i := range want {
		for k := range tile.K {
			want[i] += a[i/tile.N*tile.K+k] * b[k*tile.N+i%tile.N] // small integers: exact
		}
	}
	for _, nonce := range []uint32{0, 1, math.MaxUint32} {
		do(t, c, func() error {
			p, err := compile(shaders.Unseen(nonce))
			if err != nil {
				return err
			}
			defer gl.DeleteProgram(uint32(p))
			var buffers [3]Buffer
			for i, bytes := range []int{size(a), size(b), size(want)} {
				if buffers[i], err = NewBuffer(bytes); err != nil {
					return err
				}
				defer buffers[i].Delete()
				buffers[i].Bind(i)
			}
			Upload(buffers[shaders.BindingA], 0, a)
			Upload(buffers[shaders.BindingB], 0, b)
			p.runUnseen()
			UpdateBarrier()
			if err := c.Finish(); err != nil {
				return err
			}
			got := make([]float32, len(want))
			Download(buffers[shaders.BindingResult], 0, got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("nonce %d:\n%s", nonce, diff)
			}
			return CheckErrors("unseen")
		})
	}
}

func TestAContextThatIsClosedIsNotMeasured(t *testing.T) {
	c := testContext(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if p, err := c.Probe(); !errors.Is(err, errClosed) || p != nil {
		t.Errorf("got %+v, %v", p, err)
	}
}
