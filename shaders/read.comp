// A buffer read in rounds, each from end to end, by as many work groups as there are:
//
//	result[group] = Σ a[i].x + a[i].y + a[i].z + a[i].w  over the i of the group in every round
//
// It measures the bandwidth of memory and, with many rounds over few elements, of caches. The
// sums are there because a compiler leaves out loads that nothing depends on, and to show that
// every element was read: unsigned integers make them exact.
//
// CPU twin: readSums in gpu/device/probe_test.go.
//
// binding  name    type   shape   access
//       0  a       uvec4  count   read
//       2  result  uint   groups  write
//
// location  uniform  type  unit
//        1  count    uint  elements of 16 bytes
//        2  rounds   uint  times that all of a is read
//        3  shift    uint  groups by which turns go on from round to round
//
// Local size: 256.
// Groups: x, any number; a group takes every gl_NumWorkGroups.x-th block of BLOCK elements, from
// its turn on. Its turn is gl_WorkGroupID.x + round·shift, modulo gl_NumWorkGroups.x. So a group
// reads other blocks in every round, and its own cache cannot hold them for the next.
// Elements past the end are not read.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Sums: modulo 2³², the same in any order. Each invocation has four loads in flight.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_A) readonly restrict buffer A { uvec4 a[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { uint result[]; };

layout(location = LOCATION_count) uniform uint count;
layout(location = LOCATION_rounds) uniform uint rounds;
layout(location = LOCATION_shift) uniform uint shift;

shared uint total;

uvec4 sum = uvec4(0u);

// pass reads every gl_NumWorkGroups.x-th block from one on.
void pass(uint turn) {
	for (uint block = turn * BLOCK; block < count; block += gl_NumWorkGroups.x * BLOCK) {
		uint i = block + gl_LocalInvocationIndex;
		if (block + BLOCK <= count) {
			uvec4 v0 = a[i], v1 = a[i + LOCAL_SIZE], v2 = a[i + 2u * LOCAL_SIZE], v3 = a[i + 3u * LOCAL_SIZE];
			sum += (v0 + v1) + (v2 + v3);
		} else {
			for (; i < count; i += LOCAL_SIZE)
				sum += a[i];
		}
	}
}

void main() {
	for (uint round = 0u; round < rounds; round++)
		pass((gl_WorkGroupID.x + round * shift) % gl_NumWorkGroups.x);
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
