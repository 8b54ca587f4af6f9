// Package fake makes workers for tests. Each worker has one known behaviour, and most of the
// behaviours are faults. A test binary is its own worker: its TestMain calls Main, and Contender
// names one of the Behaviours. Measure runs contenders with a driver in the test itself.
//
//	fake.go        starts this test binary as a worker
//	behaviours.go  the behaviours, by name
//	backends.go    backends, and readers and writers between worker and driver, that misbehave
//	measure.go     short runs
//	records.go     lines of a results file
package fake

import (
	"os"
	"os/exec"

	"descent/bench"
	"descent/dataset"
)

// variable is the environment variable that tells a test binary which behaviour to have.
const variable = "DESCENT_TEST_BEHAVIOUR"

// Main runs the worker that the environment asks for, and then exits. If the environment asks for
// none, Main returns.
func Main() {
	how := os.Getenv(variable)
	if how == "" {
		return
	}
	behave, ok := Behaviours[how]
	if !ok {
		panic("no behaviour " + how)
	}
	os.Exit(behave())
}

// Contender returns a contender whose worker is this test binary. how names its behaviour.
func Contender(name, how string) bench.Contender {
	return bench.Contender{Backend: name, Precision: dataset.Float64, Command: []string{self()}, Env: environment(how)}
}

// Command returns a command that runs this test binary as a worker. how names its behaviour.
func Command(how string) *exec.Cmd {
	cmd := exec.Command(self())
	cmd.Env = append(os.Environ(), environment(how)...)
	return cmd
}

// self returns the path of this test binary.
func self() string {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return path
}

// environment returns what a worker with this behaviour has in its environment.
func environment(how string) []string {
	// Under the race detector, a worker would otherwise take a second to exit.
	return []string{variable + "=" + how, "GORACE=atexit_sleep_ms=0"}
}
