// The least that a dispatch can do and still depend on the one before it:
//
//	result[i] = result[i] + 1
//
// The latency of dispatches and barriers is measured with it.
//
// CPU twin: ticks in gpu/device/probe_test.go.
//
// binding  name    type  shape       access
//       2  result  uint  groups×256  both
//
// Local size: 256.
// Groups: x, any number, each with 256 elements of its own.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT between dispatches, without
// which some may be lost, and before result is read.
// Rounding: none, modulo 2³².

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_RESULT) coherent restrict buffer Result { uint result[]; };

void main() {
	result[gl_GlobalInvocationID.x] += 1u;
}
