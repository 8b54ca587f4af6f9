// The sum of the parts of a matrix product, the second half of matmul.comp:
//
//	result[i] = Σ a[part, i]  over all parts
//
// CPU twin: matMul in gpu/graph/kernels.go.
//
// binding  name    type  shape       access
//       0  a       REAL  parts×size  read
//       2  result  REAL  size        write
//
// location  uniform  type  unit
//        1  size     uint  elements of the product
//        2  parts    uint  parts
//
// Local size: 256, as TE neighbouring elements by 256/TE shares of the parts.
// Groups: x up to ⌈size/TE⌉, fewer take several blocks of elements in turn. Elements past the
// end are neither read nor written.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Sums: each invocation adds its share of the parts to a compensated total, in
// ascending order; the totals are added in a tree of at most 8 levels. A part goes
// through about 11 roundings at most, in an order that depends on the shapes alone.

layout(local_size_x = LOCAL_SIZE) in;
#include "accumulate.glsl"
#include "fold.glsl"

layout(std430, binding = BINDING_A) readonly restrict buffer A { REAL a[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { REAL result[]; };

layout(location = LOCATION_size) uniform uint size;
layout(location = LOCATION_parts) uniform uint parts;

void main() {
	uint lane = gl_LocalInvocationIndex;
	for (uint first = gl_WorkGroupID.x * TE; first < size; first += gl_NumWorkGroups.x * TE) {
		uint i = first + lane % TE;
		REAL sum = REAL(0), carry = REAL(0);
		if (i < size)
			for (uint part = lane / TE; part < parts; part += LOCAL_SIZE / TE)
				accumulate(sum, carry, a[part * size + i]);
		sum = fold(sum, lane, uint(TE));
		if (lane < TE && i < size)
			result[i] = sum;
	}
}
