package gpu

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"descent/dataset"
	"descent/gpu/graph"
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
| elementwise float INPUTS=2 EXPRESSION=SUB(IN0,IN1) [10000 1 1] 40×1×1
  transpose float TR=512 TC=2 [10000 2] 20×1×1
| matmul float TM=2 TN=1 TK=1024 [2 1 10000 1024 0] 1×10×1
| matmul_reduce float TE=2 [2 10] 1×1×1
| elementwise float VEC4=vec4 INPUTS=1 EXPRESSION=SCALE(FACTOR0,IN0) [2 1] 1×1×1
| elementwise float INPUTS=2 EXPRESSION=MUL(IN0,IN1) [2 0 1] 1×1×1
| elementwise float INPUTS=2 EXPRESSION=SUB(IN0,IN1) [2 1 1] 1×1×1
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
| elementwise double INPUTS=2 EXPRESSION=SUB(IN0,IN1) [1024 1 1] 4×1×1
  elementwise double INPUTS=2 EXPRESSION=SUB(IN0,IN1) [1024 1 1] 4×1×1
  elementwise double INPUTS=2 EXPRESSION=SUB(IN0,IN1) [452 1 1] 2×1×1
  transpose double TR=512 TC=2 [1024 2] 2×1×1
  transpose double TR=512 TC=2 [1024 2] 2×1×1
  transpose double TR=512 TC=2 [452 2] 1×1×1
| matmul double TM=2 TN=1 TK=1024 [2 1 1024 1024 0] 1×1×1
  matmul double TM=2 TN=1 TK=1024 [2 1 1024 1024 1] 1×1×1
  matmul double TM=2 TN=1 TK=512 [2 1 452 512 2] 1×1×1
| matmul_reduce double TE=2 [2 3] 1×1×1
| elementwise double VEC4=dvec4 INPUTS=1 EXPRESSION=SCALE(FACTOR0,IN0) [2 1] 1×1×1
| elementwise double INPUTS=2 EXPRESSION=MUL(IN0,IN1) [2 0 1] 1×1×1
| elementwise double INPUTS=2 EXPRESSION=SUB(IN0,IN1) [2 1 1] 1×1×1
| assign double [2] 1×1×1
`
	if diff := cmp.Diff(want[1:], listing(l)); diff != "" {
		t.Error(diff)
	}
}

// A barrier separates every dispatch from all earlier ones whose results it reads, and from all
// earlier ones that read what it overwrites, in the step before too.
func TestBarriersSeparateWhatDepends(t *testing.T) {
	plan := leastSquaresPlan(t, 3000, 3)
	for _, plan := range []*graph.Plan{plan, plan.Optimize().Plan} {
		for _, bytes := range []int64{1 << 27, 4096} {
			l, err := lower(plan, dataset.Float64, bytes)
			if err != nil {
				t.Fatal(err)
			}
			steps := append(append([]dispatch(nil), l.dispatches...), l.dispatches...)
			for i, d := range steps {
				for j := i - 1; j >= 0 && !d.barrier; j-- {
					before := steps[j]
					if slices.Contains(d.operands, before.result) || slices.Contains(before.operands, d.result) {
						t.Errorf("blocks of %d bytes: dispatch %d depends on %d without a barrier between", bytes, i, j)
					}
					if before.barrier {
						break
					}
				}
			}
		}
	}
}

// The transpose is dispatched once, and what follows the gradient is one dispatch that writes w.
func TestAnOptimizedPlanHasFewerDispatches(t *testing.T) {
	l, err := lower(leastSquaresPlan(t, 10_000, 1).Optimize().Plan, dataset.Float32, 1<<27)
	if err != nil {
		t.Fatal(err)
	}
	want := `
| matmul float TM=256 TN=1 TK=2 [10000 1 2 2 0] 40×1×1
| elementwise float INPUTS=2 EXPRESSION=SUB(IN0,IN1) [10000 1 1] 40×1×1
| matmul float TM=2 TN=1 TK=1024 [2 1 10000 1024 0] 1×10×1
| matmul_reduce float TE=2 [2 10] 1×1×1
| elementwise float VEC4=vec4 INPUTS=2 EXPRESSION=SUB(OLD,MUL(IN0,SCALE(FACTOR0,IN1))) [2 0 1] 1×1×1
`
	if diff := cmp.Diff(want[1:], listing(l)); diff != "" {
		t.Error(diff)
	}
	if once := l.once; len(once) != 1 || once[0].kernel.Name != "transpose float TR=512 TC=2" || !once[0].barrier {
		t.Errorf("once: %v", once)
	}
}
