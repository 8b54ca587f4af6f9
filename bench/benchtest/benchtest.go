// Package benchtest runs the conformance suite of bench.Backend in a test: a backend that passes
// Run may be timed. It also finds the Python that tests of outside programs use. Only tests import
// it.
package benchtest

import (
	"testing"

	"descent/bench"
	"descent/bench/conformance"
	"descent/dataset"
)

// Run checks that backends of precision prec, which open opens, keep the contract of bench.Backend.
// Each check of conformance.Checks is a subtest.
func Run(t *testing.T, prec dataset.Precision, open bench.Factory) {
	for _, c := range conformance.Checks() {
		t.Run(c.Promise, func(t *testing.T) {
			if err := c.Run(prec, open); err != nil {
				t.Error(err)
			}
		})
	}
}
