// Work groups that wait for one another, over and over, or one whose invocations do:
//
//	arrivals[0] = groups·rounds,  arrivals[1] = rounds
//
// The latency of such waits is measured with it, and how many groups run at the same time.
//
// CPU twin: meetings in gpu/device/meetings_test.go.
//
// binding  name      type  shape           access
//       3  arrivals  uint  2, 0 before it  both
//
// location  uniform   type  unit
//        1  rounds    uint  waits, with groups·rounds below 2³¹
//        2  patience  uint  looks, of GLANCES each, at whether the others have arrived that a group takes in vain
//
// Local size: 256.
// Groups: x, any number; 1 with the macro ALONE. Where a group has looked patience times in vain, all end, and
// arrivals[1] has the rounds in which the first group has met the others.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before arrivals is read.
// Rounding: none.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_ARRIVALS) coherent restrict buffer Arrivals { uint arrivals[]; };

layout(location = LOCATION_rounds) uniform uint rounds;
layout(location = LOCATION_patience) uniform uint patience;

#if ALONE
shared uint passed[LOCAL_SIZE];

// wait passes a count on from invocation to invocation. All have the same.
bool wait(uint round) {
	uint own = gl_LocalInvocationIndex;
	passed[own] = round;
	memoryBarrierShared();
	barrier();
	uint count = passed[(own + LOCAL_SIZE / 2u) % LOCAL_SIZE] + 1u;
	barrier();
	if (own == 0u)
		arrivals[0] = count;
	return true;
}
#else
#include "meet.glsl"

shared bool met;

// wait waits for all groups.
bool wait(uint round) {
	memoryBarrierBuffer();
	barrier();
	if (gl_LocalInvocationIndex == 0u)
		met = await(0u, 1u, gl_NumWorkGroups.x * (round + 1u));
	memoryBarrierShared();
	barrier();
	memoryBarrierBuffer();
	return met;
}
#endif

void main() {
	uint round = 0u;
	while (round < rounds && wait(round))
		round++;
	if (gl_GlobalInvocationID.x == 0u)
		arrivals[1] = round;
}
