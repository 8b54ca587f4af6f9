// The matrix product, of row-major matrices, tiled through shared memory:
//
//	result[part, i, j] = Σ a[i, k]·b[k, j]  over the k of one part
//
// The inner dimension is cut into parts of span elements, one for each y of the
// dispatch. With one part result is the product. With more, matmul_reduce.comp adds
// them up: this is how a long inner dimension with a small result, as in Xᵀe, keeps
// a whole device busy.
//
// CPU twin: matMul in gpu/graph/kernels.go.
//
// binding  name    type  shape      access
//       0  a       REAL  M×K        read
//       1  b       REAL  K×N        read
//       2  result  REAL  parts×M×N  write
//
// location  uniform  type  unit
//        1  M        uint  rows
//        2  N        uint  columns
//        3  K        uint  columns of a, rows of b
//        4  span     uint  columns of a in a part; a multiple of TK
//        5  first    uint  parts of result in front of those of this dispatch
//
// Local size: 256, as TM×TN elements of the result by TZ = 256/(TM·TN) shares of the inner
// dimension. A tile of a is TM×TK, one of b is TK×TN; the whole group loads them into
// shared memory in the order of memory. With TN = 1, a matrix times a vector, no two
// invocations use the same element of a, so each reads its own, neighbours next to each
// other, and only b is shared.
// Groups: x up to ⌈M/TM⌉ and z up to ⌈N/TN⌉, tiles of the result, fewer take several in
// turn; y = ⌈K/span⌉ parts. Past the edges tiles hold zeros, and nothing is written.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Sums: within a tile each invocation adds TK/TZ ≤ 32 products one after the other; tiles
// join a compensated total; the TZ totals are added in a tree of at most 8 levels.
// A product goes through at most about 45 roundings whatever K is, in an order
// that depends on the shapes alone.

layout(local_size_x = LOCAL_SIZE) in;
#include "accumulate.glsl"
#include "fold.glsl"

layout(std430, binding = BINDING_A) readonly restrict buffer A { REAL a[]; };
layout(std430, binding = BINDING_B) readonly restrict buffer B { REAL b[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { REAL result[]; };

layout(location = LOCATION_M) uniform uint M;
layout(location = LOCATION_N) uniform uint N;
layout(location = LOCATION_K) uniform uint K;
layout(location = LOCATION_span) uniform uint span;
layout(location = LOCATION_first) uniform uint first;

const uint TZ = LOCAL_SIZE / (TM * TN);
const uint ROW = TK + 1u; // an odd stride, so that a column of the tile lies in different banks

#if TN > 1
shared REAL tileA[TM * ROW];
#endif
shared REAL tileB[TK * TN];

// load fills the tiles from column, of a, and row, of b, k0 on.
void load(uint row0, uint col0, uint k0) {
#if TN > 1
	for (uint i = gl_LocalInvocationIndex; i < TM * TK; i += LOCAL_SIZE) {
		uint row = row0 + i / TK, k = k0 + i % TK;
		REAL x = REAL(0);
		if (row < M && k < K)
			x = a[row * K + k];
		tileA[i / TK * ROW + i % TK] = x;
	}
#endif
	for (uint i = gl_LocalInvocationIndex; i < TK * TN; i += LOCAL_SIZE) {
		uint k = k0 + i / TN, col = col0 + i % TN;
		REAL x = REAL(0);
		if (k < K && col < N)
			x = b[k * N + col];
		tileB[i] = x;
	}
}

void main() {
	uint lane = gl_LocalInvocationIndex;
	uint m = lane / (TZ * TN), z = lane / TN % TZ, n = lane % TN;
	uint part = gl_WorkGroupID.y;
	uint start = part * span, end = min(start + span, K);

	for (uint row0 = gl_WorkGroupID.x * TM; row0 < M; row0 += gl_NumWorkGroups.x * TM)
		for (uint col0 = gl_WorkGroupID.z * TN; col0 < N; col0 += gl_NumWorkGroups.z * TN) {
			uint row = row0 + m, col = col0 + n;
			REAL sum = REAL(0), carry = REAL(0);
			for (uint k0 = start; k0 < end; k0 += TK) {
				load(row0, col0, k0);
				memoryBarrierShared();
				barrier();
				REAL share = REAL(0);
#if TN > 1
				for (uint k = z; k < TK; k += TZ)
					share += tileA[m * ROW + k] * tileB[k * TN + n];
#else
				uint line = min(row, M - 1u) * K + k0, width = min(uint(TK), end - k0);
				for (uint k = z; k < width; k += TZ)
					share += a[line + k] * tileB[k];
#endif
				accumulate(sum, carry, share);
				barrier(); // the tiles have been read
			}
#if TM * TN < LOCAL_SIZE
			sum = fold(sum, (z * TM + m) * TN + n, uint(TM * TN));
#endif
			if (z == 0u && row < M && col < N)
				result[((first + part) * M + row) * N + col] = sum;
		}
}
