// Sums of a vector, one by each work group:
//
//	result[first + group] = factor · Σ a[i]  over the i of the group
//
// The mean of n elements is two dispatches: many groups with a factor of 1, then one
// group over their sums with a factor of 1/n.
//
// CPU twin: reduceMean in gpu/graph/kernels.go.
//
// binding  name    type  shape  access
//       0  a       REAL  count  read
//       2  result  REAL  sums   write
//
// location  uniform  type  unit
//        0  factor   REAL  one
//        1  count    uint  elements
//        2  first    uint  sums in front of those of this dispatch
//
// Local size: 256.
// Groups: x, any number; the group takes every gl_NumWorkGroups.x-th block of 256 elements.
// Elements past the end are not read.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Sums: each invocation adds its elements to a compensated total, in ascending order; the
// totals are added in a tree of 8 levels. An element goes through about 11 roundings, in
// an order that depends on count and the number of groups alone.

layout(local_size_x = LOCAL_SIZE) in;
#include "accumulate.glsl"
#include "fold.glsl"

layout(std430, binding = BINDING_A) readonly restrict buffer A { REAL a[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { REAL result[]; };

layout(location = LOCATION_factor) uniform REAL factor;
layout(location = LOCATION_count) uniform uint count;
layout(location = LOCATION_first) uniform uint first;

void main() {
	REAL sum = REAL(0), carry = REAL(0);
	for (uint i = gl_GlobalInvocationID.x; i < count; i += gl_NumWorkGroups.x * LOCAL_SIZE)
		accumulate(sum, carry, a[i]);
	sum = fold(sum, gl_LocalInvocationIndex, 1u);
	if (gl_LocalInvocationIndex == 0u)
		result[first + gl_WorkGroupID.x] = factor * sum;
}
