// A copy, which gives a variable its new value at the end of a step:
//
//	result[i] = a[i]
//
// CPU twin: Executor in gpu/graph/executor.go.
//
// binding  name    type  shape  access
//       0  a       REAL  count  read
//       2  result  REAL  count  write
//
// location  uniform  type  unit
//        1  count    uint  elements
//
// Local size: 256.
// Groups: x up to ⌈count/256⌉, fewer take several blocks of elements in turn. Elements
// past the end are neither read nor written.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Rounding: none.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_A) readonly restrict buffer A { REAL a[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { REAL result[]; };

layout(location = LOCATION_count) uniform uint count;

void main() {
	for (uint i = gl_GlobalInvocationID.x; i < count; i += gl_NumWorkGroups.x * LOCAL_SIZE)
		result[i] = a[i];
}
