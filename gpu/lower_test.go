package gpu

import (
	"fmt"
	"strings"
	"testing"

	"descent/dataset"

	"github.com/google/go-cmp/cmp"
)

// listing writes dispatches a line each: a bar for a barrier, kernel, uniforms and groups.
func listing(l *lowering) string {
	var b strings.Builder
	for _, d := range l.dispatches {
		bar := " "
		if d.barrier {
			bar = "|"
		}
		fmt.Fprintf(&b, "%s %s %v %d×%d×%d\n", bar, d.kernel.Name, d.uniforms, d.x, d.y, d.z)
	}
	return b.String()
}

func TestEveryNodeIsADispatchBehindTheOnesItNeeds(t *testing.T) {
	l, err := lower(leastSquaresPlan(t, 10_000, 1), dataset.Float32, 1<<27)
	if err != nil {
		t.Fatal(err)
	}
	// The transpose waits for nobody, so it has no barrier of its own.
	want := `
| matmul float TM=256 TN=1 TK=2 [10000 1 2 2 0] 40×1×1
| elementwise float SUB [10000 1 1] 40×1×1
  transpose float TR=512 TC=2 [10000 2] 20×1×1
| matmul float TM=2 TN=1 TK=1024 [2 1 10000 1024 0] 1×10×1
| matmul_reduce float TE=2 [2 10] 1×1×1
| elementwise float SCALE [2 1] 1×1×1
| elementwise float MUL [2 0 1] 1×1×1
| elementwise float SUB [2 1 1] 1×1×1
| assign float [2] 1×1×1
`
	if diff := cmp.Diff(want[1:], listing(l)); diff != "" {
		t.Error(diff)
	}
}

func TestPanelsAddPartsToOneSum(t *testing.T) {
	l, err := lower(leastSquaresPlan(t, 2500, 1), dataset.Float64, 16*1024)
	if err != nil {
		t.Fatal(err)
	}
	want := `
| matmul double TM=256 TN=1 TK=2 [1024 1 2 2 0] 4×1×1
  matmul double TM=256 TN=1 TK=2 [1024 1 2 2 0] 4×1×1
  matmul double TM=256 TN=1 TK=2 [452 1 2 2 0] 2×1×1
| elementwise double SUB [1024 1 1] 4×1×1
  elementwise double SUB [1024 1 1] 4×1×1
  elementwise double SUB [452 1 1] 2×1×1
  transpose double TR=512 TC=2 [1024 2] 2×1×1
  transpose double TR=512 TC=2 [1024 2] 2×1×1
  transpose double TR=512 TC=2 [452 2] 1×1×1
| matmul double TM=2 TN=1 TK=1024 [2 1 1024 1024 0] 1×1×1
  matmul double TM=2 TN=1 TK=1024 [2 1 1024 1024 1] 1×1×1
  matmul double TM=2 TN=1 TK=512 [2 1 452 512 2] 1×1×1
| matmul_reduce double TE=2 [2 3] 1×1×1
| elementwise double SCALE [2 1] 1×1×1
| elementwise double MUL [2 0 1] 1×1×1
| elementwise double SUB [2 1 1] 1×1×1
| assign double [2] 1×1×1
`
	if diff := cmp.Diff(want[1:], listing(l)); diff != "" {
		t.Error(diff)
	}
}

// A barrier separates every dispatch from all earlier ones whose results it reads, and from all
// earlier ones that read what it overwrites, in the step before too.
func TestBarriersSeparateWhatDepends(t *testing.T) {
	for _, bytes := range []int64{1 << 27, 4096} {
		l, err := lower(leastSquaresPlan(t, 3000, 3), dataset.Float64, bytes)
		if err != nil {
			t.Fatal(err)
		}
		steps := append(append([]dispatch(nil), l.dispatches...), l.dispatches...)
		for i, d := range steps {
			for j := i - 1; j >= 0 && !d.barrier; j-- {
				before := steps[j]
				if before.result == d.a || before.result == d.b || before.a == d.result || before.b == d.result {
					t.Errorf("blocks of %d bytes: dispatch %d depends on %d without a barrier between", bytes, i, j)
				}
				if before.barrier {
					break
				}
			}
		}
	}
}
