package journal_test

import (
	"strings"
	"testing"

	"descent/bench/benchtest/fake"
)

func TestARecordHoldsNothingThatATerminalObeys(t *testing.T) {
	fault := `{"fault":{"contender":"loop/f64","process":0,"error":"red \u001b[31m\nand more","hint":"bell \u0007","stderr":"one\ntwo\u001b[0m"}}`
	device := strings.Replace(fake.Started, `"cpu"`, `"a \u009bcard\r"`, 1)
	results, err := fake.Decode(strings.Replace(fake.Header, `"env":{}`, `"env":{"cpu":"a\u001b]0;title\u0007"},"flags":{"data":["odd\u001bname"]}`, 1), device, fault)
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		results.Header.Env.CPU:           "a ]0;title ",
		results.Header.Flags["data"][0]:  "odd\x1bname", // a run is resumed with it
		results.Processes[0].Info.Device: "a  card ",
		results.Faults[0].Error:          "red  [31m and more",
		results.Faults[0].Hint:           "bell  ",
		results.Faults[0].Stderr:         "one\ntwo [0m",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
