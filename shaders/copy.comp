// A buffer copied, by as many work groups as there are:
//
//	result[i] = a[i]
//
// Memory bandwidth is measured with it. The elements are unsigned integers, which pass unchanged
// whatever their bits are.
//
// CPU twin: copyWords in gpu/device/probe_test.go.
//
// binding  name    type   shape  access
//       0  a       uvec4  count  read
//       2  result  uvec4  count  write
//
// location  uniform  type  unit
//        1  count    uint  elements of 16 bytes
//
// Local size: 256.
// Groups: x, any number; the group takes every gl_NumWorkGroups.x-th block of BLOCK elements.
// Elements past the end are neither read nor written.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Rounding: none. Each invocation has four loads in flight.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_A) readonly restrict buffer A { uvec4 a[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { uvec4 result[]; };

layout(location = LOCATION_count) uniform uint count;

void main() {
	for (uint block = gl_WorkGroupID.x * BLOCK; block < count; block += gl_NumWorkGroups.x * BLOCK) {
		uint i = block + gl_LocalInvocationIndex;
		if (block + BLOCK <= count) {
			uvec4 v0 = a[i], v1 = a[i + LOCAL_SIZE], v2 = a[i + 2u * LOCAL_SIZE], v3 = a[i + 3u * LOCAL_SIZE];
			result[i] = v0;
			result[i + LOCAL_SIZE] = v1;
			result[i + 2u * LOCAL_SIZE] = v2;
			result[i + 3u * LOCAL_SIZE] = v3;
		} else {
			for (; i < count; i += LOCAL_SIZE)
				result[i] = a[i];
		}
	}
}
