// One epoch of gradient descent in one dispatch that reads every element of X and d once:
//
//	e[i]  = w[0] + Σ x[i, j]·w[j+1] − d[i]
//	g[0]  = Σ e[i],  g[j+1] = Σ e[i]·x[i, j]
//	w[c] −= scale·g[c],  scale = rate·2/N
//
// CPU twin: fusedEpoch in gpu/fused_twin_test.go.
//
// binding  name      type  shape                             access
//       0  data      VEC   tiles×(features+1)×ROWS           read
//       1  w         REAL  features+1                        both
//       2  sums      REAL  (segments+clusters)×(features+1)  both
//       3  arrivals  uint  clusters+1, 0 between epochs      both
//
// location  uniform   type  unit
//        0  scale     REAL  one
//        1  rows      uint  rows of data
//        2  features  uint  features of a row
//        3  tiles     uint  tiles in data
//        4  stride    uint  segments that the tiles of data are dealt to, at most tiles
//        5  start     uint  the first of them in this dispatch, a multiple of 4
//        6  end       uint  the one after the last in this dispatch
//        7  before    uint  segments of the data in front of data
//        8  segments  uint  segments of all data
//        9  cluster   uint  segments in a cluster, a multiple of 4; the last of data may have fewer
//       10  beforeClusters  uint  clusters of the data in front of data
//       11  clusters  uint  clusters of all data
//
// Data: a VEC is 16 bytes of REAL, the values of WIDTH neighbouring rows of data. A tile is ROWS
// VECs, column by column: the VECs of each feature, then the VECs of the targets. The last tile is
// filled up with zeros. LANES·ROWS = 256 slots share a tile: slot lane·ROWS + r takes VEC r of
// every LANES-th feature from lane on, FEATURES at most. So neighbours read neighbouring VECs, and
// nothing is read twice. The group works on UNROLL tiles at a time.
//
// Local size: 256, 512 or 1024: the slots of one, two or four segments.
// Groups: x = ⌈(end − start)·256/local size⌉. A segment has every stride-th tile. The last segment
// of a cluster to arrive adds the cluster up. The last cluster to arrive adds up all clusters and
// steps w. Who is last decides who adds, but not what is added in which order.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT between epochs and before w is
// read; none between the dispatches of one epoch.
// Sums: the rows of a VEC in pairs; up to 32 tiles one after the other; such runs in a
// compensated total; slots in a tree of at most 8 levels; segments and then clusters in
// compensated totals, joined in trees of at most 8 levels. A product goes through at most
// about 70 roundings whatever N is. The order depends on N, P, REAL and the number of segments
// alone, and not on the local size, UNROLL or SUBGROUP. Products are rounded before they are added,
// so that a driver's choice of fused operations does not show.

// NVIDIA's compiler would keep arrays that a loop indexes in memory; others pass over this line.
#pragma optionNV(unroll all)

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_DATA) readonly restrict buffer Data { VEC data[]; };
layout(std430, binding = BINDING_WEIGHTS) coherent restrict buffer Weights { REAL w[]; };
layout(std430, binding = BINDING_SUMS) coherent restrict buffer Sums { REAL sums[]; };
layout(std430, binding = BINDING_ARRIVALS) coherent restrict buffer Arrivals { uint arrivals[]; };

layout(location = LOCATION_scale) uniform REAL scale;
layout(location = LOCATION_rows) uniform uint rows;
layout(location = LOCATION_features) uniform uint features;
layout(location = LOCATION_tiles) uniform uint tiles;
layout(location = LOCATION_stride) uniform uint stride;
layout(location = LOCATION_start) uniform uint start;
layout(location = LOCATION_end) uniform uint end;
layout(location = LOCATION_before) uniform uint before;
layout(location = LOCATION_segments) uniform uint segments;
layout(location = LOCATION_cluster) uniform uint cluster;
layout(location = LOCATION_beforeClusters) uniform uint beforeClusters;
layout(location = LOCATION_clusters) uniform uint clusters;

void put(uint part, uint segment, uint column, REAL sum);
REAL weight(uint column);
void take(uint target, uint column, REAL old, REAL sum, bool last);

#include "segment.glsl"
#include "rows.glsl"

const uint RUN = 32u; // tiles in a row; a multiple of UNROLL

REAL carry[SUMS];

// join takes the running sums into the totals, and starts them anew.
void join() {
	for (uint i = 0u; i < SUMS; i++) {
		accumulate(total[i], carry[i], run[i]);
		run[i] = REAL(0);
	}
}

// sumTiles adds up the tiles of segment s in this slot.
void sumTiles(uint s) {
	REAL weights[SUMS];
	weights[0] = w[0];
	for (uint f = 0u; f < FEATURES; f++) {
		uint j = f * LANES + lane;
		weights[f + 1u] = j < features ? w[j + 1u] : REAL(0);
	}
	for (uint i = 0u; i < SUMS; i++)
		run[i] = total[i] = carry[i] = REAL(0);

	// The parts of a group go round equally often, for the barriers within.
	uint count = (max(tiles, s) - s + stride - 1u) / stride;
	uint rounds = (tiles - (s - part) + stride - 1u) / stride;
	for (uint k = 0u; k < rounds; k += UNROLL) {
		VEC x[UNROLL][FEATURES], d[UNROLL];
		for (uint u = 0u; u < UNROLL; u++) {
			uint tile = s + (k + u) * stride;
			uint first = tile * (features + 1u) * ROWS + r;
			for (uint f = 0u; f < FEATURES; f++) {
				uint j = f * LANES + lane;
				x[u][f] = VEC(0);
				if (tile < tiles && (LANES == 1 || j < features))
					x[u][f] = data[first + j * ROWS];
			}
			d[u] = VEC(0);
			if (tile < tiles && lane == 0u)
				d[u] = data[first + features * ROWS];
		}
		for (uint u = 0u; u < UNROLL; u++)
			add(s + (k + u) * stride, r, x[u], d[u], weights);
		if ((k + UNROLL) % RUN == 0u && k + UNROLL < count)
			join();
	}
	join();
}

// put makes the sums of a segment a row of sums.
void put(uint part, uint segment, uint column, REAL sum) {
	uint s = start + gl_WorkGroupID.x * PARTS + part;
	if (s < end)
		sums[(before + s) * (features + 1u) + column] = sum;
}

REAL weight(uint column) { return w[column]; }

// take steps w by the gradient, and makes other sums a part of row target.
void take(uint target, uint column, REAL old, REAL sum, bool last) {
	if (last) {
		precise REAL change = scale * sum;
		precise REAL next = old - change;
		w[column] = next;
	} else
		sums[target * (features + 1u) + column] = sum;
}

// fill reports whether n more make the count at a place full, which is then 0 again.
bool fill(uint place, uint n, uint full) {
	if (arrive(place, n) != full)
		return false;
	if (own == 0u)
		arrivals[place] = 0u;
	return true;
}

void main() {
	uint first = start + gl_WorkGroupID.x * PARTS;
	sumTiles(first + part);
	sumRows();

	uint mine = first / cluster, size = min(cluster, stride - mine * cluster);
	if (fill(beforeClusters + mine, min(PARTS, end - first), size)) {
		reduce(before + mine * cluster, size, segments + beforeClusters + mine, clusters == 1u);
		if (clusters > 1u && fill(clusters, 1u, clusters))
			reduce(segments, clusters, 0u, true);
	}
}
