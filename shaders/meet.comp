// Work groups that wait for one another, over and over, or the invocations of one group that do:
//
//	arrivals[0] = groups·rounds,  arrivals[1] = rounds
//
// It measures the latency of such waits, and how many groups run at the same time.
//
// CPU twin: meetings in gpu/device/meetings_test.go.
//
// binding  name      type  shape           access
//       3  arrivals  uint  2, 0 before it  both
//
// location  uniform   type  unit
//        1  rounds    uint  waits, with groups·rounds below 2³¹
//        2  patience  uint  looks in vain (GLANCES each) until a group gives up
//
// Local size: 256.
// Groups: x, any number; 1 with the macro ALONE. All groups end when one has looked patience times
// in vain. arrivals[1] is the number of rounds in which the first group has met the others.
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
