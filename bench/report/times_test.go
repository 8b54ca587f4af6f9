package report

import "testing"

func TestAdviceThatWouldTakeADayIsNotGiven(t *testing.T) {
	const second = 1_000_000_000
	for _, c := range []struct {
		blocks  int
		blockNS int64
		want    string
	}{
		{40, 2 * second, "about 1m20s more"},
		{3, 1000, "about 1s more"},
		{12 * 3600, second, "about 12h more"},
		{12*3600 + 1, second, "not within reach"},
		{1 << 60, 1 << 60, "not within reach"},
		{40, 0, "about 40 more blocks"},
	} {
		if got := longer(c.blocks, c.blockNS); got != c.want {
			t.Errorf("%d blocks of %d ns: %q, want %q", c.blocks, c.blockNS, got, c.want)
		}
	}
}
