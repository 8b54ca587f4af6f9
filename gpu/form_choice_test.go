package gpu

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"descent/dataset"
	"descent/gpu/device"
)

// A fake is a form in Go whose device has a clock that shows what the test says.
type fake struct {
	epoch    time.Duration
	w        []float64
	off      float64 // what every epoch adds to w beyond what it should
	ran      time.Duration
	phases   Phases
	said     string
	closed   *int
	runError error
}

func (f *fake) set(w []float64, rate float64) error { f.w = slices.Clone(w); return nil }
func (f *fake) get(w []float64) error               { copy(w, f.w); return nil }
func (f *fake) DeviceTime() time.Duration           { return f.ran }
func (f *fake) Phases() Phases                      { return f.phases }
func (f *fake) note() string                        { return f.said }
func (f *fake) work() Work                          { return Work{Dispatches: f.epoch.Seconds()} }
func (f *fake) Close() error                        { *f.closed++; return nil }

func (f *fake) run(epochs int) error {
	f.ran = time.Duration(epochs) * f.epoch
	for c := range f.w {
		f.w[c] += f.off
	}
	return f.runError
}

// A fakeStack runs on another fake's buffers for so many calls of run.
type fakeStack struct {
	*fake
	under *fake
	stays int
}

func (f *fakeStack) below() descender { return f.under }
func (f *fakeStack) obstacle() string {
	if f.stays > 0 {
		return ""
	}
	return "no room"
}

func (f *fakeStack) run(epochs int) error {
	f.stays--
	return f.fake.run(epochs)
}

// A stage is a chooser of fakes, and what became of them.
type stage struct {
	chooser
	built  []string
	closed int
}

// newStage returns one whose choices nobody else has made.
func newStage(t *testing.T) *stage {
	return &stage{chooser: chooser{target: &target{device: device.Info{Renderer: t.Name()}, precision: dataset.Float64}}}
}

// enters adds a form. create is called for every build of it.
func (s *stage) enters(name, over string, create func() (descender, error)) *candidate {
	s.candidates = append(s.candidates, candidate{over: over, form: form{name, func(*target, observations) (descender, error) {
		s.built = append(s.built, name)
		return create()
	}}})
	return &s.candidates[len(s.candidates)-1]
}

func (s *stage) fake(epoch time.Duration, said string) *fake {
	return &fake{epoch: epoch, said: said, closed: &s.closed}
}

// is returns what makes a fake form.
func (s *stage) is(epoch time.Duration, said string) func() (descender, error) {
	return func() (descender, error) { return s.fake(epoch, said), nil }
}

func (s *stage) load(t *testing.T) *chosenDescent {
	t.Helper()
	d, err := s.build(observations{n: 10, p: 1})
	if err != nil {
		t.Fatal(err)
	}
	return d.(*chosenDescent)
}

// fails has a form b that cannot be built.
func fails(err error) func(*stage) {
	return func(s *stage) {
		s.enters("a", "", s.is(30*time.Microsecond, ""))
		s.enters("b", "", func() (descender, error) { return nil, err })
	}
}

// onTop has a form on the buffers of another.
func onTop(top, under time.Duration, bend func(top *fakeStack)) func(*stage) {
	return func(s *stage) {
		s.enters("under", "", s.is(under, "an epoch a dispatch"))
		s.enters("top", "under", func() (descender, error) {
			f := &fakeStack{s.fake(top, "32 groups"), s.fake(under, "an epoch a dispatch"), 1 << 30}
			bend(f)
			return f, nil
		})
	}
}

// late adds a last resort.
func late(s *stage, form string) {
	s.enters(form, "", s.is(time.Microsecond, "")).lastResort = func(*target, observations) string { return "is not tried" }
}

// choices are forms, and which of them is chosen.
var choices = map[string]struct {
	enter  func(*stage)
	note   string
	built  string
	closed int
}{
	"the last": {func(s *stage) {
		s.enters("slow", "", s.is(38*time.Microsecond, ""))
		s.enters("fast", "", s.is(5210*time.Nanosecond, "work groups of 256"))
	}, "fast by trial: 5.2 µs an epoch, slow 38 µs; work groups of 256", "[slow fast]", 1},
	"one that has to be built again": {func(s *stage) {
		s.enters("fast", "", s.is(410*time.Nanosecond, ""))
		s.enters("slow", "", s.is(2*time.Second, ""))
	}, "fast by trial: 0.41 µs an epoch, slow 2.0 s", "[fast slow fast]", 2},
	"the form on top": {onTop(time.Microsecond, 2*time.Microsecond, func(*fakeStack) {}),
		"top by trial: 1.0 µs an epoch, under 2.0 µs; 32 groups", "[top]", 0},
	"the form under another": {onTop(3*time.Microsecond, 2*time.Microsecond, func(*fakeStack) {}),
		"under by trial: 2.0 µs an epoch, top 3.0 µs; an epoch a dispatch", "[top]", 0},
	"without the top, whose answers are others": {onTop(time.Microsecond, 2*time.Microsecond, func(f *fakeStack) { f.off = 1e-15 }),
		"under by trial: 2.0 µs an epoch; top gives other bits than under; an epoch a dispatch", "[top]", 0},
	"without the top, for which there is no room": {onTop(time.Microsecond, 2*time.Microsecond, func(f *fakeStack) { f.stays = 0 }),
		"under by trial: 2.0 µs an epoch; top does not fit: no room; an epoch a dispatch", "[top]", 0},
	"without the top, which gives up in its trial": {onTop(time.Microsecond, 2*time.Microsecond, func(f *fakeStack) { f.stays = 4 }),
		"under by trial: 2.0 µs an epoch; top does not fit: no room; an epoch a dispatch", "[top]", 0},
	"without the top, which the driver refuses in its trial": {onTop(time.Microsecond, 2*time.Microsecond, func(f *fakeStack) { f.runError = &device.Error{Kind: device.Shader, Detail: "no loops"} }),
		"under by trial: 2.0 µs an epoch; top does not fit: no loops; an epoch a dispatch", "[top]", 0},
	"one that is faster by more than its handicap": {func(s *stage) {
		s.enters("a", "", s.is(80*time.Microsecond, "")).handicap = 0.1
		s.enters("b", "", s.is(90*time.Microsecond, ""))
	}, "a by trial: 80 µs an epoch, b 90 µs", "[a b a]", 2},
	"not one that is faster by less": {func(s *stage) {
		s.enters("a", "", s.is(85*time.Microsecond, "")).handicap = 0.1
		s.enters("b", "", s.is(90*time.Microsecond, ""))
	}, "b by trial: 90 µs an epoch, a 85 µs", "[a b]", 1},
	"without one past a limit":         {fails(&device.Error{Kind: device.Limit, Detail: "too large"}), "a by trial: 30 µs an epoch; b does not fit: too large", "[a b a]", 1},
	"without one past the memory":      {fails(&device.Error{Kind: device.OutOfMemory, Detail: "full"}), "a by trial: 30 µs an epoch; b does not fit: full", "[a b a]", 1},
	"without one for want of a shader": {fails(&device.Error{Kind: device.Shader, Detail: "no double"}), "a by trial: 30 µs an epoch; b does not fit: no double", "[a b a]", 1},
	"without trying a last resort":     {func(s *stage) { late(s, "late"); s.enters("a", "", s.is(time.Millisecond, "")) }, "a by trial: 1.0 ms an epoch; late is not tried", "[a]", 0},
	"a last resort where no other fits": {func(s *stage) {
		late(s, "late")
		s.enters("a", "", func() (descender, error) { return nil, &device.Error{Kind: device.Limit, Detail: "too large"} })
	}, "late by trial: 1.0 µs an epoch; a does not fit: too large", "[a late]", 0},
}

func TestTheFastestFormIsTakenAndTheNoteSaysWhy(t *testing.T) {
	for name, tt := range choices {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			tt.enter(s)
			d := s.load(t)
			if got := d.note(); got != tt.note {
				t.Errorf("note %q\nwant %q", got, tt.note)
			}
			if got := fmt.Sprint(s.built); got != tt.built || s.closed != tt.closed {
				t.Errorf("built %s and closed %d, want %s and %d", got, s.closed, tt.built, tt.closed)
			}
			if err := d.Close(); err != nil || s.closed != tt.closed+1 {
				t.Errorf("closed %d after the last: %v", s.closed, err)
			}
		})
	}
}

// A form that gives up in a descent says so in its note, and so does what was chosen.
func TestTheNoteOfTheChosenFormFollowsIt(t *testing.T) {
	s := newStage(t)
	f := s.fake(time.Microsecond, "32 groups")
	s.enters("a", "", func() (descender, error) { return f, nil })
	d := s.load(t)
	f.said = "one dispatch an epoch"
	if got := d.note(); got != "a by trial: 1.0 µs an epoch; one dispatch an epoch" {
		t.Errorf("note %q", got)
	}
}

func TestAFormIsChosenOnceForASize(t *testing.T) {
	s := newStage(t)
	slow := 30 * time.Microsecond
	s.enters("a", "", func() (descender, error) { return s.fake(slow, ""), nil })
	s.enters("b", "", s.is(20*time.Microsecond, ""))
	first := s.load(t).note()
	slow = time.Microsecond // it would win now
	s.built = nil
	if again := s.load(t).note(); again != first || fmt.Sprint(s.built) != "[b]" {
		t.Errorf("%q after %q, with %v built", again, first, s.built)
	}
	if _, err := s.build(observations{n: 11, p: 1}); err != nil || fmt.Sprint(s.built) != "[b a b a]" {
		t.Errorf("another size: %v, with %v built", err, s.built)
	}
}

func TestAChoiceThatFitsNoMoreIsMadeAnew(t *testing.T) {
	s := newStage(t)
	var full error
	s.enters("a", "", func() (descender, error) { return s.fake(time.Microsecond, ""), full })
	s.enters("b", "", s.is(2*time.Microsecond, ""))
	s.load(t)
	full = &device.Error{Kind: device.OutOfMemory, Detail: "full"}
	if got := s.load(t).note(); got != "b by trial: 2.0 µs an epoch; a does not fit: full" {
		t.Errorf("note %q", got)
	}
}

func TestAFormThatBreaksIsAnErrorOfTheLoad(t *testing.T) {
	lost := &device.Error{Kind: device.ContextLost}
	tests := map[string]func(s *stage) (descender, error){
		"when it is built": func(*stage) (descender, error) { return nil, lost },
		"in its trial": func(s *stage) (descender, error) {
			f := s.fake(time.Microsecond, "")
			f.runError = lost
			return f, nil
		},
	}
	for name, create := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			built := 0
			s.enters("a", "", s.is(time.Microsecond, ""))
			s.enters("b", "", func() (descender, error) {
				d, err := create(s)
				if err == nil {
					built = 1
				}
				return d, err
			})
			if _, err := s.build(observations{n: 10, p: 1}); !errors.Is(err, device.ContextLost) {
				t.Errorf("error %v", err)
			}
			if s.closed != 1+built {
				t.Errorf("%d of %d were closed", s.closed, 1+built)
			}
		})
	}
}

func TestWhereNoFormFitsTheErrorSaysSo(t *testing.T) {
	s := newStage(t)
	for _, form := range []string{"a", "b"} {
		s.enters(form, "", func() (descender, error) {
			return nil, &device.Error{Kind: device.Limit, Detail: form + " is too large"}
		})
	}
	if _, err := s.build(observations{n: 10, p: 1}); !errors.Is(err, device.Limit) || !strings.HasPrefix(err.Error(), "b is too large") {
		t.Errorf("error %v", err)
	}
}

// What building the others took is search, and none of it the chosen form's.
func TestTheTimeOfTheTrialsIsSearch(t *testing.T) {
	s := newStage(t)
	s.enters("slow", "", func() (descender, error) { time.Sleep(5 * time.Millisecond); return s.fake(time.Second, ""), nil })
	s.enters("fast", "", func() (descender, error) {
		f := s.fake(time.Microsecond, "")
		f.phases = Phases{Compile: time.Nanosecond, Search: 3, Upload: 2 * time.Nanosecond}
		return f, nil
	})
	if got := s.load(t).Phases(); got.Compile != 1 || got.Upload != 2 || got.Search < 5*time.Millisecond {
		t.Errorf("phases %+v", got)
	}
	if got := s.load(t).Phases(); got != (Phases{Compile: 1, Search: 3, Upload: 2}) {
		t.Errorf("phases %+v where nothing was tried", got)
	}
}

func TestTheChosenFormTellsItsOwnWork(t *testing.T) {
	s := newStage(t)
	s.enters("a", "", s.is(30*time.Microsecond, ""))
	s.enters("b", "", s.is(20*time.Microsecond, ""))
	if got := s.load(t).work(); got != (Work{Dispatches: 20e-6}) {
		t.Errorf("work %+v", got)
	}
}
