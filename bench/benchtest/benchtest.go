// Package benchtest runs the conformance suite of the Backend contract in a test:
// whatever passes Run may be timed.
package benchtest

import (
	"testing"

	"descent/bench"
	"descent/bench/conformance"
	"descent/dataset"
)

// Run checks that the backends that open opens, of precision prec, fulfil the contract
// of bench.Backend, each of conformance.Checks in a test of its own.
func Run(t *testing.T, prec dataset.Precision, open bench.Factory) {
	for _, c := range conformance.Checks() {
		t.Run(c.Promise, func(t *testing.T) {
			if err := c.Run(prec, open); err != nil {
				t.Error(err)
			}
		})
	}
}
