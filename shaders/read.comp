// A buffer read once, from end to end, by as many work groups as there are:
//
//	result[group] = Σ a[i].x + a[i].y + a[i].z + a[i].w  over the i of the group
//
// Memory bandwidth is measured with it. The sums are there because a compiler leaves out
// loads that nothing depends on, and to show that every element was read: unsigned integers
// make them exact.
//
// CPU twin: readSums in gpu/device/probe_test.go.
//
// binding  name    type   shape   access
//       0  a       uvec4  count   read
//       2  result  uint   groups  write
//
// location  uniform  type  unit
//        1  count    uint  elements of 16 bytes
//
// Local size: 256.
// Groups: x, any number; the group takes every gl_NumWorkGroups.x-th block of BLOCK elements.
// Elements past the end are not read.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Sums: modulo 2³², the same in any order. Each invocation has four loads in flight.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_A) readonly restrict buffer A { uvec4 a[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { uint result[]; };

layout(location = LOCATION_count) uniform uint count;

shared uint total;

void main() {
	uvec4 sum = uvec4(0u);
	for (uint block = gl_WorkGroupID.x * BLOCK; block < count; block += gl_NumWorkGroups.x * BLOCK) {
		uint i = block + gl_LocalInvocationIndex;
		if (block + BLOCK <= count) {
			uvec4 v0 = a[i], v1 = a[i + LOCAL_SIZE], v2 = a[i + 2u * LOCAL_SIZE], v3 = a[i + 3u * LOCAL_SIZE];
			sum += (v0 + v1) + (v2 + v3);
		} else {
			for (; i < count; i += LOCAL_SIZE)
				sum += a[i];
		}
	}
	if (gl_LocalInvocationIndex == 0u)
		total = 0u;
	memoryBarrierShared();
	barrier();
	atomicAdd(total, (sum.x + sum.y) + (sum.z + sum.w));
	memoryBarrierShared();
	barrier();
	if (gl_LocalInvocationIndex == 0u)
		result[gl_WorkGroupID.x] = total;
}
