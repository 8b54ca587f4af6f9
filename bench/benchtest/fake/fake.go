// Package fake makes workers that go wrong in one known way each, for the tests of whatever starts
// workers. A test binary is its own worker: its TestMain calls Main, and Contender names one of the
// Behaviours. Measure runs contenders by a driver of the same test.
//
//	fake.go        the worker's process, and the contender that a test hands to a driver
//	behaviours.go  the ways to go wrong, by name
//	backends.go    backends, and ends of the wire, that go wrong
//	measure.go     short runs
package fake

import (
	"os"
	"testing"

	"descent/bench"
	"descent/dataset"
)

// Variable is the environment variable that makes a test binary a worker of a behaviour.
const Variable = "DESCENT_TEST_BEHAVIOUR"

// Main runs the worker that the environment asks for, and then exits. Otherwise it returns.
func Main() {
	how := os.Getenv(Variable)
	if how == "" {
		return
	}
	behave, ok := Behaviours[how]
	if !ok {
		panic("no behaviour " + how)
	}
	os.Exit(behave())
}

// Contender returns this test binary as a contender of a behaviour, under a name of its own.
func Contender(t testing.TB, name, how string) bench.Contender {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Under the race detector, a worker would otherwise take a second to exit.
	env := []string{Variable + "=" + how, "GORACE=atexit_sleep_ms=0"}
	return bench.Contender{Backend: name, Precision: dataset.Float64, Command: []string{self}, Env: env}
}
