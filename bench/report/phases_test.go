package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/bench/benchtest/fake"
	"descent/bench/report"
)

var (
	probed        = strings.Replace(fake.Header, `"env"`, `"probe":{"device":"a card","read_bytes_per_s":1e10,"bytes":1024},"env"`, 1)
	deviceStarted = `{"process":{"contender":"loop/f64","process":0,"info":{"device":"a card"},"init_ns":9000,"load_ns":50000,"compile_ns":30000,"search_ns":5000,"upload_ns":2000}}`
	deviceSample  = strings.Replace(fake.Sample, `"run_ns":1000`, `"run_ns":1000,"device_ns":800,"download_ns":40`, 1)
)

func TestPhasesOfTheFirstProcessStandApartFromTheLaterOnes(t *testing.T) {
	second := strings.Replace(fake.FirstEpoch, "700", "20", 1) // the second descent of the process
	lines := []string{probed, deviceStarted, fake.FirstEpoch, second, deviceSample, deviceSample}
	for i, compile := range []string{"100", "300", "200"} {
		n := string(rune('1' + i))
		lines = append(lines, fake.OfProcess(n, strings.Replace(deviceStarted, "30000", compile, 1)),
			fake.OfProcess(n, strings.Replace(fake.FirstEpoch, "700", "60"+n, 1)), fake.OfProcess(n, strings.Replace(deviceSample, ":1000", ":2000", 1)))
	}
	want := &report.RowPhases{
		First: report.PhaseTimes{Context: 9000, Compile: 30000, Search: 5000, Upload: 2000, FirstEpoch: 700, Epoch: 10, Download: 40},
		Later: &report.PhaseTimes{Context: 9000, Compile: 200, Search: 5000, Upload: 2000, FirstEpoch: 602, Epoch: 20, Download: 40},
	}
	if diff := cmp.Diff(want, rowOf(t, lines...).Phases); diff != "" {
		t.Error(diff)
	}
	if later := rowOf(t, lines[:6]...).Phases.Later; later != nil {
		t.Errorf("a run of one process has phases of later processes: %+v", later)
	}
}

func TestAContenderHasPhasesOnlyIfItReportsThemAndHasATime(t *testing.T) {
	card := strings.Replace(fake.Started, `"device":"cpu"`, `"device":"A Card"`, 1)
	compiled := strings.Replace(fake.Started, `"load_ns":`, `"compile_ns":1,"load_ns":`, 1)
	clock := strings.Replace(fake.Sample, `1000`, `1000,"device_ns":800`, 1)
	download := strings.Replace(fake.Sample, `1000`, `1000,"download_ns":8`, 1)
	cases := []struct {
		name  string
		lines []string
		want  bool // has phases
		rate  bool // has a bandwidth
	}{
		{"neither a phase nor a clock", []string{fake.Header, fake.Started, fake.Sample}, false, false},
		{"a device's clock", []string{fake.Header, card, clock}, true, true},
		{"a phase of the load", []string{fake.Header, deviceStarted, fake.Sample}, true, true},
		{"a download", []string{fake.Header, card, download}, true, true},
		{"a phase of the load on the processor", []string{fake.Header, compiled, fake.Sample}, true, false},
		{"no sample that counts", []string{fake.Header, deviceStarted, fake.FirstEpoch}, false, false},
		{"a fault", []string{fake.Header, deviceStarted, deviceSample, fake.Fault}, false, false},
	}
	for _, c := range cases {
		row := rowOf(t, c.lines...)
		if got := row.Phases != nil; got != c.want {
			t.Errorf("%s: phases %+v", c.name, row.Phases)
		}
		if got := row.BytesPerS > 0; got != c.rate {
			t.Errorf("%s: %v bytes a second", c.name, row.BytesPerS)
		}
	}
}

// The fields about devices are optional. Older files and files of other programs lack them.
func TestResultsWithoutTheFieldsOfDevicesRender(t *testing.T) {
	old := strings.Replace(fake.Sample, "1000", `1000,"device_ns":800`, 1)
	results, err := fake.Decode(fake.Header, fake.Started, fake.FirstEpoch, old, old, fake.End)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range report.Formats() {
		var out strings.Builder
		if err := report.Write(&out, format, []*report.Report{report.New(results)}, report.Options{}); err != nil || !strings.Contains(out.String(), "loop") {
			t.Errorf("%s: error %v, report %s", format, err, out.String())
		}
	}
}

// 10 samples of 1 feature and a target are 160 bytes in f64. 100 epochs took 800 ns by the device's
// clock, and 1000 ns by the worker's.
func TestBandwidthIsTheDataOverTheTimeOfAnEpoch(t *testing.T) {
	cases := []struct {
		name             string
		started, sample  string
		bytes, perSecond float64
	}{
		{"by the device's clock", deviceStarted, deviceSample, 160, 20e9},
		{"by the worker's", deviceStarted, fake.Sample, 160, 16e9},
		{"by an algorithm without a pass an epoch", strings.Replace(deviceStarted, `"a card"`, `"a card","algorithm":"another"`, 1), deviceSample, 0, 0},
	}
	for _, c := range cases {
		row := rowOf(t, fake.Header, c.started, c.sample)
		if row.EpochBytes != c.bytes || row.BytesPerS != c.perSecond {
			t.Errorf("%s: %v bytes, %v a second", c.name, row.EpochBytes, row.BytesPerS)
		}
	}
}

func TestARowHasTheMostThreadsOfAnyProcess(t *testing.T) {
	using := func(process, threads string) string {
		return fake.OfProcess(process, strings.Replace(fake.Started, `"cpu"`, `"cpu","threads":`+threads, 1))
	}
	if row := rowOf(t, fake.Header, using("0", "1"), using("1", "4"), using("2", "2"), fake.Sample, fake.End); row.Info.Threads != 4 {
		t.Errorf("info %+v", row.Info)
	}
}

func TestARowHasEachNoteOfItsProcessesOnce(t *testing.T) {
	noted := func(process int, note string) string {
		return fmt.Sprintf(`{"process":{"contender":"loop/f64","process":%d,"info":{"device":"d","note":%q},"init_ns":1,"load_ns":1}}`, process, note)
	}
	changed := func(note string) string {
		return strings.Replace(fake.Sample, `"w":`, fmt.Sprintf(`"note":%q,"w":`, note), 1)
	}
	for _, c := range []struct {
		records []string
		want    string
	}{
		{[]string{noted(0, "fast"), noted(1, "slow"), noted(2, "fast")}, "fast; slow"},
		{[]string{noted(0, ""), noted(1, "")}, ""},
		{[]string{noted(0, "a by trial: 5.2 µs an epoch, b 38 µs"), noted(1, "a by trial: 410 ns an epoch, b 1.1 ms")}, "a by trial: 410 ns an epoch, b 1.1 ms"},
		{[]string{noted(0, "a by trial: 5.2 µs an epoch"), noted(1, "b by trial: 5.2 µs an epoch")}, "a by trial: 5.2 µs an epoch; b by trial: 5.2 µs an epoch"},
		{[]string{noted(0, "256 samples"), noted(1, "512 samples")}, "512 samples; other numbers in 1 of 2 processes"},
		{[]string{noted(0, "1 of 2 workers by trial: 2.1 µs, 2 workers 5.6 µs"), noted(1, "2 of 2 workers by trial: 800 ns, 1 worker 1.1 µs"), noted(2, "1 of 2 workers by trial: 2.2 µs, 2 workers 4.4 µs")},
			"1 of 2 workers by trial: 2.2 µs, 2 workers 4.4 µs; other numbers in 1 of 3 processes"},
		{[]string{noted(0, "on the chip"), fake.Sample, changed("in memory"), fake.Sample}, "on the chip; in memory"},
		{[]string{noted(0, "on 2 by trial: 5.2 µs"), changed("on 2 by trial: 5.2 µs; on 1 for a while"), noted(1, "on 2 by trial: 6.0 µs")}, "on 2 by trial: 5.2 µs; on 1 for a while"},
		{[]string{noted(0, ""), changed("in memory"), noted(1, ""), changed("in memory")}, "in memory"},
	} {
		lines := append(append([]string{fake.Header}, c.records...), fake.End)
		if got := rowOf(t, lines...).Info.Note; got != c.want {
			t.Errorf("note %q, want %q", got, c.want)
		}
	}
}
