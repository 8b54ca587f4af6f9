// One operation on every element, chosen by one of the macros SUB, ADD, MUL, SCALE and
// SQUARE:
//
//	result[i] = a[i·strideA] − b[i·strideB]
//	result[i] = a[i·strideA] + b[i·strideB]
//	result[i] = a[i·strideA] · b[i·strideB]
//	result[i] = factor · a[i·strideA]
//	result[i] = a[i·strideA]²
//
// CPU twin: elementwise in gpu/graph/kernels.go.
//
// binding  name    type  shape       access
//       0  a       REAL  count or 1  read
//       1  b       REAL  count or 1  read   (SUB, ADD, MUL)
//       2  result  REAL  count       write
//
// location  uniform  type  unit
//        0  factor   REAL  one                                  (SCALE)
//        1  count    uint  elements
//        2  strideA  uint  elements: 1, or 0 where a broadcasts
//        3  strideB  uint  elements: 1, or 0 where b broadcasts (SUB, ADD, MUL)
//
// Local size: 256.
// Groups: x up to ⌈count/256⌉, fewer take several blocks of elements in turn. Elements
// past the end are neither read nor written.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Rounding: one an element.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_A) readonly restrict buffer A { REAL a[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { REAL result[]; };

layout(location = LOCATION_count) uniform uint count;
layout(location = LOCATION_strideA) uniform uint strideA;

#if defined(SCALE)

layout(location = LOCATION_factor) uniform REAL factor;

#elif !defined(SQUARE)

layout(std430, binding = BINDING_B) readonly restrict buffer B { REAL b[]; };
layout(location = LOCATION_strideB) uniform uint strideB;

#endif

void main() {
	for (uint i = gl_GlobalInvocationID.x; i < count; i += gl_NumWorkGroups.x * LOCAL_SIZE) {
		REAL x = a[i * strideA];
#if defined(SUB)
		result[i] = x - b[i * strideB];
#elif defined(ADD)
		result[i] = x + b[i * strideB];
#elif defined(MUL)
		result[i] = x * b[i * strideB];
#elif defined(SCALE)
		result[i] = factor * x;
#elif defined(SQUARE)
		result[i] = x * x;
#endif
	}
}
