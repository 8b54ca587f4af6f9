// The transpose of a row-major matrix, by tiles in shared memory, so that reading and
// writing both follow the order of memory:
//
//	result[j, i] = a[i, j]
//
// CPU twin: transpose in gpu/graph/kernels.go.
//
// binding  name    type  shape      access
//       0  a       REAL  rows×cols  read
//       2  result  REAL  cols×rows  write
//
// location  uniform  type  unit
//        1  rows     uint  rows of a
//        2  cols     uint  columns of a
//
// Local size: 256. A tile is TR×TC with TR·TC = 1024, four elements an invocation;
// narrow matrices get narrow tiles.
// Groups: x up to ⌈rows/TR⌉ and y up to ⌈cols/TC⌉ tiles, fewer take several in turn.
// Elements past the edges are neither read nor written.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Rounding: none.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_A) readonly restrict buffer A { REAL a[]; };
layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { REAL result[]; };

layout(location = LOCATION_rows) uniform uint rows;
layout(location = LOCATION_cols) uniform uint cols;

const uint ROW = TC + 1u; // an odd stride, so that a column of the tile lies in different banks

shared REAL tile[TR * ROW];

void main() {
	uint lane = gl_LocalInvocationIndex;
	for (uint row0 = gl_WorkGroupID.x * TR; row0 < rows; row0 += gl_NumWorkGroups.x * TR)
		for (uint col0 = gl_WorkGroupID.y * TC; col0 < cols; col0 += gl_NumWorkGroups.y * TC) {
			for (uint i = lane; i < TR * TC; i += LOCAL_SIZE) {
				uint row = row0 + i / TC, col = col0 + i % TC;
				if (row < rows && col < cols)
					tile[i / TC * ROW + i % TC] = a[row * cols + col];
			}
			memoryBarrierShared();
			barrier();
			for (uint i = lane; i < TR * TC; i += LOCAL_SIZE) {
				uint row = row0 + i % TR, col = col0 + i / TR;
				if (row < rows && col < cols)
					result[col * rows + row] = tile[i % TR * ROW + i / TR];
			}
			barrier(); // the tile has been read
		}
}
