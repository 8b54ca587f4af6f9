package main

import "testing"

func TestCountsMayBeWrittenInSeveralWays(t *testing.T) {
	for s, want := range map[string]countFlag{"10": 10, "010": 10, "10_000": 10_000, "1e4": 10_000, "2.5e3": 2500, "-3": -3} {
		var got countFlag
		if err := got.Set(s); err != nil || got != want {
			t.Errorf("%q is %d, %v, not %d", s, got, err, want)
		}
	}
}
