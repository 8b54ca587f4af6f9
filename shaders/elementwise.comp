// Operations on every element, one or a tree of them in a single pass:
//
//	result[i] = EXPRESSION
//
// The macro EXPRESSION composes SUB(x, y), ADD(x, y), MUL(x, y), SCALE(factor, x) and
// SQUARE(x) of the inputs IN0 to IN6, which are a[i·strideA] to g[i·strideG], the factors
// FACTOR0 to FACTOR3, and OLD, which is the result[i] that is overwritten:
//
//	SUB(IN0, IN1)                              a − b
//	SUB(OLD, MUL(IN0, SCALE(FACTOR0, IN1)))    w − a·(factor·b), for a variable w
//
// The macro INPUTS is how many inputs there are; VEC4, the type of four REALs, is there
// where there are factors.
//
// CPU twin: elementwise in gpu/graph/kernels.go.
//
// binding  name    type  shape       access
//       0  a       REAL  count or 1  read
//       1  b       REAL  count or 1  read   (INPUTS > 1, and so on)
//       2  result  REAL  count       both   (read as OLD alone)
//       3  c       REAL  count or 1  read
//       4  d       REAL  count or 1  read
//       5  e       REAL  count or 1  read
//       6  f       REAL  count or 1  read
//       7  g       REAL  count or 1  read
//
// location  uniform  type  unit
//        0  factor   VEC4  one                                  (with a SCALE)
//        1  count    uint  elements
//        2  strideA  uint  elements: 1, or 0 where a broadcasts
//        3  strideB  uint  the same for b, and so on
//        4  strideC  uint
//        5  strideD  uint
//        6  strideE  uint
//        7  strideF  uint
//        8  strideG  uint
//
// Local size: 256.
// Groups: x up to ⌈count/256⌉, fewer take several blocks of elements in turn. Elements
// past the end are neither read nor written.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Rounding: one an operation, as if each were a pass of its own.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_RESULT) restrict buffer Result { REAL result[]; };

layout(location = LOCATION_count) uniform uint count;

#define OLD result[i]

#ifdef VEC4
layout(location = LOCATION_factor) uniform VEC4 factor;
#define FACTOR0 factor.x
#define FACTOR1 factor.y
#define FACTOR2 factor.z
#define FACTOR3 factor.w
#endif

#if INPUTS > 0
layout(std430, binding = BINDING_A) readonly restrict buffer A { REAL a[]; };
layout(location = LOCATION_strideA) uniform uint strideA;
#define IN0 a[i * strideA]
#endif

#if INPUTS > 1
layout(std430, binding = BINDING_B) readonly restrict buffer B { REAL b[]; };
layout(location = LOCATION_strideB) uniform uint strideB;
#define IN1 b[i * strideB]
#endif

#if INPUTS > 2
layout(std430, binding = BINDING_C) readonly restrict buffer C { REAL c[]; };
layout(location = LOCATION_strideC) uniform uint strideC;
#define IN2 c[i * strideC]
#endif

#if INPUTS > 3
layout(std430, binding = BINDING_D) readonly restrict buffer D { REAL d[]; };
layout(location = LOCATION_strideD) uniform uint strideD;
#define IN3 d[i * strideD]
#endif

#if INPUTS > 4
layout(std430, binding = BINDING_E) readonly restrict buffer E { REAL e[]; };
layout(location = LOCATION_strideE) uniform uint strideE;
#define IN4 e[i * strideE]
#endif

#if INPUTS > 5
layout(std430, binding = BINDING_F) readonly restrict buffer F { REAL f[]; };
layout(location = LOCATION_strideF) uniform uint strideF;
#define IN5 f[i * strideF]
#endif

#if INPUTS > 6
layout(std430, binding = BINDING_G) readonly restrict buffer G { REAL g[]; };
layout(location = LOCATION_strideG) uniform uint strideG;
#define IN6 g[i * strideG]
#endif

// Each result is precise, so that no compiler contracts two operations to a fused one.

REAL SUB(REAL x, REAL y) {
	precise REAL r = x - y;
	return r;
}

REAL ADD(REAL x, REAL y) {
	precise REAL r = x + y;
	return r;
}

REAL MUL(REAL x, REAL y) {
	precise REAL r = x * y;
	return r;
}

REAL SCALE(REAL x, REAL y) { return MUL(x, y); }

REAL SQUARE(REAL x) { return MUL(x, x); }

void main() {
	for (uint i = gl_GlobalInvocationID.x; i < count; i += gl_NumWorkGroups.x * LOCAL_SIZE)
		result[i] = EXPRESSION;
}
