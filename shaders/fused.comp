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
//        1  rows      uint  samples in data
//        2  features  uint  features of a sample
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
// Data: a VEC is 16 bytes of REAL, the values of WIDTH neighbouring samples. A tile is ROWS
// VECs of samples, column by column: those of each feature, then the targets; the last
// tile is filled up with zeros. LANES·ROWS = 256 slots share a tile: slot lane·ROWS + r
// takes VEC r of every LANES-th feature from lane on, FEATURES at most. So neighbours read
// neighbouring VECs, and nothing twice. The group works on UNROLL tiles at a time.
//
// Local size: 256, 512 or 1024: the slots of one, two or four segments.
// Groups: x = ⌈(end − start)·256/local size⌉. A segment has every stride-th tile. The last segment
// of a cluster to arrive adds the cluster up, and the last cluster to arrive adds up all and
// steps w. Who is last decides who adds, not what is added in which order.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT between epochs and before w is
// read; none between the dispatches of one epoch.
// Sums: the samples of a VEC in pairs; up to 32 tiles one after the other; such runs in a
// compensated total; slots in a tree of at most 8 levels; segments and then clusters in
// compensated totals, joined in trees of at most 8 levels. A product goes through at most
// about 70 roundings whatever N is, in an order that depends on N, P, REAL and the number of
// segments alone, and not on the local size, UNROLL or SUBGROUP. Products are rounded before
// they are added, lest a driver's choice of fused operations show.

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

const uint ROWS = SLOTS / LANES;
const uint PARTS = LOCAL_SIZE / SLOTS; // segments of a group
const uint RUN = 32u;                  // tiles in a row; a multiple of UNROLL
const uint SUMS = FEATURES + 1u;       // of a slot: of e, and of e·x for each of its features
const uint SHARES = SLOTS / COLUMNS;   // slots of a part that add up a column of sums

// Where this invocation stands: in which part of the group, and in which slot of it.
uint part = gl_LocalInvocationIndex / SLOTS, slot = gl_LocalInvocationIndex % SLOTS;
uint lane = slot / ROWS, r = slot % ROWS;

precise REAL run[SUMS];
REAL total[SUMS], carry[SUMS];

#if LANES > 1
shared VEC across[LOCAL_SIZE];

// sumLanes returns, to each slot, the sum of x over the slots of the same r.
VEC sumLanes(VEC x) {
	uint own = gl_LocalInvocationIndex;
	barrier(); // the sums of the last call have been read
	across[own] = x;
	for (uint other = SLOTS / 2u; other >= ROWS; other /= 2u) {
		memoryBarrierShared();
		barrier();
		if (slot < other)
			across[own] += across[own + other];
	}
	memoryBarrierShared();
	barrier();
	return across[part * SLOTS + r];
}
#endif

// pairs returns the sum of the samples of a VEC.
REAL pairs(VEC v) {
#if WIDTH == 4
	precise REAL sum = (v.x + v.y) + (v.z + v.w);
#else
	precise REAL sum = v.x + v.y;
#endif
	return sum;
}

// add takes a tile of which this slot has the features x and, in lane 0, the targets d,
// into the running sums.
void add(uint tile, VEC x[FEATURES], VEC d, REAL weights[SUMS]) {
	precise VEC e = VEC(0);
	if (lane == 0u)
		e = VEC(weights[0]) - d;
	for (uint f = 0u; f < FEATURES; f++)
		e += weights[f + 1u] * x[f];
#if LANES > 1
	e = sumLanes(e);
#endif
	if (tile + 1u >= tiles)
		for (uint i = 0u; i < WIDTH; i++)
			if ((tile * ROWS + r) * WIDTH + i >= rows)
				e[i] = REAL(0);
	run[0] += pairs(e);
	for (uint f = 0u; f < FEATURES; f++) {
		precise VEC product = e * x[f];
		run[f + 1u] += pairs(product);
	}
}

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
			add(s + (k + u) * stride, x[u], d[u], weights);
		if ((k + UNROLL) % RUN == 0u && k + UNROLL < count)
			join();
	}
	join();
}

shared REAL folded[BATCH * LOCAL_SIZE];

// sumRows adds up the totals over the slots of the same lane, into the one with r = 0.
void sumRows() {
	uint own = gl_LocalInvocationIndex;
	for (uint first = 0u; first < SUMS; first += BATCH) {
		barrier(); // the sums of the last batch have been read
		for (uint i = 0u; i < BATCH; i++)
			if (first + i < SUMS)
				folded[i * LOCAL_SIZE + own] = total[first + i];
		for (uint other = ROWS / 2u; other >= LEAST; other /= 2u) {
			memoryBarrierShared();
			barrier();
			if (r < other)
				for (uint i = 0u; i < BATCH; i++)
					if (first + i < SUMS)
						folded[i * LOCAL_SIZE + own] += folded[i * LOCAL_SIZE + own + other];
		}
		for (uint i = 0u; i < BATCH; i++)
			if (first + i < SUMS)
				total[first + i] = folded[i * LOCAL_SIZE + own];
	}
#if SUBGROUP > 0
	for (uint other = uint(LEAST) / 2u; other >= 1u; other /= 2u)
		for (uint i = 0u; i < SUMS; i++)
			total[i] += subgroupShuffleXor(total[i], other);
	// Where a driver numbers invocations in another way, or has fewer of them in a subgroup than it
	// says, no sum is a number, whatever the data are.
	if (gl_NumSubgroups * SUBGROUP != LOCAL_SIZE || gl_SubgroupID * SUBGROUP + gl_SubgroupInvocationID != own)
		for (uint i = 0u; i < SUMS; i++)
			total[i] = REAL(uintBitsToFloat(0x7FC00000u));
#endif
}

// reduce adds up count rows of sums from row first on, and writes the result to row target, or
// steps w by it where there is no more to add.
void reduce(uint first, uint count, uint target, bool last) {
	uint width = features + 1u, own = gl_LocalInvocationIndex;
	for (uint block = 0u; block < width; block += COLUMNS * PARTS) {
		uint c = block + part * COLUMNS + slot % COLUMNS;
		uint terms = c < width ? count : 0u;
		REAL sum = REAL(0), lost = REAL(0), old = REAL(0);
		if (last && c < width)
			old = w[c]; // far ahead of its use, as the sums
		for (uint i = slot / COLUMNS; i < terms; i += AHEAD * SHARES) {
			REAL x[AHEAD];
			for (uint a = 0u; a < AHEAD; a++)
				if (i + a * SHARES < terms)
					x[a] = sums[(first + i + a * SHARES) * width + c];
			for (uint a = 0u; a < AHEAD; a++)
				if (i + a * SHARES < terms)
					accumulate(sum, lost, x[a]);
		}
		barrier(); // the sums of the last block have been read
		folded[own] = sum;
		for (uint other = SLOTS / 2u; other >= COLUMNS; other /= 2u) {
			memoryBarrierShared();
			barrier();
			if (slot < other)
				folded[own] += folded[own + other];
		}
		if (slot < COLUMNS && c < width) {
			if (last) {
				precise REAL change = scale * folded[own];
				precise REAL next = old - change;
				w[c] = next;
			} else
				sums[target * width + c] = folded[own];
		}
	}
}

shared uint arrived;

// arrive adds n to the count at a place, and reports whether it is now full. To the group that
// fills it, all is visible that the others wrote before they arrived. The count is then 0 again.
bool arrive(uint place, uint n, uint full) {
	memoryBarrierBuffer();
	barrier();
	if (gl_LocalInvocationIndex == 0u) {
		arrived = atomicAdd(arrivals[place], n) + n;
		if (arrived == full)
			arrivals[place] = 0u;
	}
	memoryBarrierShared();
	barrier();
	memoryBarrierBuffer();
	return arrived == full;
}

void main() {
	uint first = start + gl_WorkGroupID.x * PARTS, s = first + part;
	sumTiles(s);
	sumRows();
	if (r == 0u && s < end) {
		uint row = (before + s) * (features + 1u);
		if (lane == 0u)
			sums[row] = total[0];
		for (uint f = 0u; f < FEATURES; f++)
			if (f * LANES + lane < features)
				sums[row + f * LANES + lane + 1u] = total[f + 1u];
	}

	uint own = first / cluster, size = min(cluster, stride - own * cluster);
	if (arrive(beforeClusters + own, min(PARTS, end - first), size)) {
		reduce(before + own * cluster, size, segments + beforeClusters + own, clusters == 1u);
		if (clusters > 1u && arrive(clusters, 1u, clusters))
			reduce(segments, clusters, 0u, true);
	}
}
