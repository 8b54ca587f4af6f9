package forms

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"descent/cmd/internal/screen"
	"descent/dataset"
	"descent/gpu"
	"descent/gpu/device"
)

// card is a device for these tests.
func card(software, double bool) device.Info {
	return device.Info{Software: software, Features: device.Features{Float64: double}}
}

func TestTheTableOfFormsEndsInTime(t *testing.T) {
	tests := map[string]struct {
		device device.Info
		each   time.Duration // how long the first size takes; each later size takes 3 times longer
		rows   int
		timed  string
	}{
		"all sizes in time":                {card(false, true), time.Millisecond, 12, "[100 100 1000 1000 10000 10000 100000 100000 1000000 1000000 10000000 10000000]"},
		"one precision":                    {card(false, false), time.Millisecond, 6, "[100 1000 10000 100000 1000000 10000000]"},
		"a slow device":                    {card(false, false), 300 * time.Millisecond, 6, "[100 1000 10000 100000 1000000]"},
		"a slow renderer":                  {card(true, false), 300 * time.Millisecond, 6, "[100 1000 10000 100000]"},
		"a first size that takes too long": {card(true, true), 10 * time.Second, 12, "[100 100]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			now, timed := time.Unix(0, 0), []int{}
			take := func(n int, precision dataset.Precision) (gpu.FormTimes, error) {
				each := tt.each
				for size := 100; size < n; size *= 10 {
					each *= 3
				}
				now = now.Add(each)
				timed = append(timed, n)
				return gpu.FormTimes{N: n, Precision: precision, Best: "gl-fused"}, nil
			}
			forms, err := timeForms(take, tt.device, func() time.Time { return now }, func(p screen.Job) {
				if p.Done < 0 || p.Done >= 1 {
					t.Errorf("progress %+v", p)
				}
			})
			if err != nil || len(forms) != tt.rows || fmt.Sprint(timed) != tt.timed {
				t.Fatalf("timed %v in %d rows, want %s in %d; error %v", timed, len(forms), tt.timed, tt.rows, err)
			}
			for _, row := range forms {
				if left := len(row.Notes) == 1 && strings.HasPrefix(row.Notes[0], "left out: "); left == (row.Best != "") {
					t.Errorf("row %+v", row)
				}
			}
		})
	}
}

func TestAFormThatBreaksEndsTheTable(t *testing.T) {
	lost := errors.New("the device was reset")
	forms, err := timeForms(func(n int, precision dataset.Precision) (gpu.FormTimes, error) {
		if n > 100 {
			return gpu.FormTimes{}, lost
		}
		return gpu.FormTimes{N: n, Precision: precision}, nil
	}, card(false, true), time.Now, func(screen.Job) {})
	if !errors.Is(err, lost) || err.Error() != "1000 samples in f64: the device was reset" || len(forms) != 2 {
		t.Errorf("%d rows, error %v", len(forms), err)
	}
}

func TestTheTableOfFormsHasItsNotesBelow(t *testing.T) {
	forms := Table{
		{N: 100, Precision: dataset.Float64, Epoch: map[string]time.Duration{"gl-graph": 423_300, "gl-fused": 98_000}, Best: "gl-fused"},
		{N: 10_000_000, Precision: dataset.Float32, Epoch: map[string]time.Duration{"gl-fused": 71_400_000}, Best: "gl-fused", Notes: []string{"gl-graph is not tried past 64 MiB"}},
		{N: 10_000_000, Precision: dataset.Float64, Notes: []string{"left out", "gl-graph is not tried past 64 MiB"}},
	}
	blank := strings.Repeat(" ", 13*(len(formNames())-2))
	want := `
         100  f64     423.3 µs     98.00 µs` + blank + `  gl-fused
  10,000,000  f32                  71.40 ms` + blank + `  gl-fused
  10,000,000  f64
  10,000,000 in f32, 10,000,000 in f64: gl-graph is not tried past 64 MiB
  10,000,000 in f64: left out
`
	if text := forms.Text(); !strings.HasSuffix(text, want) || !strings.Contains(text, "\nan epoch of 1 feature in each form\n     samples          gl-graph     gl-fused") {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if text := (Table{}).Text(); text != "" {
		t.Errorf("a table without rows is\n%s", text)
	}
}
