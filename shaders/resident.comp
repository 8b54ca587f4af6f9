// Many epochs of gradient descent in one dispatch. X and d stay in registers and shared memory
// from the first epoch to the last. An epoch gives the bits of fused.comp:
//
//	e[i]  = w[0] + Σ x[i, j]·w[j+1] − d[i]
//	g[0]  = Σ e[i],  g[j+1] = Σ e[i]·x[i, j]
//	w[c] −= scale·g[c],  scale = rate·2/N
//
// CPU twin: fusedEpoch in gpu/fused_twin_test.go.
//
// binding  name      type  shape                               access
//       0  data      VEC   tiles×(features+1)×ROWS             read
//       1  w         REAL  features+1                          both
//       2  sums      REAL  2×(segments+clusters)×(features+1)  both
//       3  arrivals  uint  3+clusters                          both
//
// location  uniform   type  unit
//        0  scale     REAL  one
//        1  rows      uint  rows of data
//        2  features  uint  features of a row
//        3  tiles     uint  tiles in data
//        4  segments  uint  segments that the tiles are dealt to, at most tiles
//        5  cluster   uint  segments in a cluster; the last may have fewer
//        6  clusters  uint  clusters; with more than one, cluster is a multiple of PARTS·SEGMENTS
//        7  epochs    uint  epochs to take, with groups·epochs below 2³¹
//        8  patience  uint  looks in vain (GLANCES each) until a group gives up
//
// Data, tiles and slots are those of fused.comp. A part of a group takes SEGMENTS segments of at
// most TILES tiles each, and an invocation takes SPAN slots. An invocation has SEGMENTS·TILES·SPAN
// pieces of tiles: HELD of them are in registers, and the rest are in shared memory.
//
// arrivals holds, in this order: the epochs taken since the caller set it to 0; whether a group has
// given up since then; the arrivals of this dispatch; the arrivals of each cluster. The caller sets
// the last two to 0 before each dispatch.
//
// Local size: 256, 512 or 1024 for one, two or four parts. With one lane and one group also 32, 64
// or 128, for one part with a SPAN of 8, 4 or 2.
// Groups: x = ⌈segments / (PARTS·SEGMENTS)⌉, one unless MANY. With MANY the groups wait for one
// another, so all must run at the same time. A group that has looked patience times in vain gives
// up, and so do the others. w is then the w after as many epochs as arrivals says, and later
// dispatches do nothing.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT between dispatches.
// Sums: in the order of fused.comp. They depend on N, P, REAL and the number of segments alone.

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
layout(location = LOCATION_segments) uniform uint segments;
layout(location = LOCATION_cluster) uniform uint cluster;
layout(location = LOCATION_clusters) uniform uint clusters;
layout(location = LOCATION_epochs) uniform uint epochs;
layout(location = LOCATION_patience) uniform uint patience;

void put(uint part, uint segment, uint column, REAL sum);

#include "segment.glsl"

const uint TAKEN = PARTS * SEGMENTS; // segments of a group
const uint WIDTHS = LANES * FEATURES + 1u;

REAL weights[SUMS]; // of this slot: w[0], and those of its features

VEC held[HELD][SUMS]; // the features of a piece, and the targets
#if KEPT > 0
shared VEC kept[KEPT * SUMS * LOCAL_SIZE];
#endif

// column is that of sum f of this slot, past the last one where it has no such feature.
uint column(uint f) { return f == 0u ? 0u : (f - 1u) * LANES + lane + 1u; }

// tileOf returns the t-th tile of the k-th segment of this part; tiles where there is none.
uint tileOf(uint k, uint t) {
	uint s = gl_WorkGroupID.x * TAKEN + k * PARTS + part;
	return s < segments ? min(s + t * segments, tiles) : tiles;
}

// hold reads the pieces of this invocation.
void hold() {
	for (uint i = 0u; i < SEGMENTS * TILES * SPAN; i++) {
		uint tile = tileOf(i / SPAN / TILES, i / SPAN % TILES), first = tile * (features + 1u) * ROWS + r + i % SPAN * EACH;
		for (uint f = 0u; f < SUMS; f++) {
			uint j = f < FEATURES ? f * LANES + lane : features;
			VEC v = VEC(0);
			if (tile < tiles && (f < FEATURES ? j < features : lane == 0u))
				v = data[first + j * ROWS];
			if (i < HELD)
				held[i][f] = v;
#if KEPT > 0
			else
				kept[((i - HELD) * SUMS + f) * LOCAL_SIZE + own] = v;
#endif
		}
	}
}

// value returns feature f of piece i, or the targets where f is FEATURES.
VEC value(uint i, uint f) {
#if KEPT > 0
	if (i >= HELD)
		return kept[((i - HELD) * SUMS + f) * LOCAL_SIZE + own];
#endif
	return held[i][f];
}

// sumSlot adds up the tiles of segment k in slot j of this invocation: 32 at most, which fused.comp too
// takes in one run.
void sumSlot(uint k, uint j) {
	for (uint f = 0u; f < SUMS; f++)
		run[f] = REAL(0);
	for (uint t = 0u; t < TILES; t++) {
		uint tile = tileOf(k, t), i = (k * TILES + t) * SPAN + j;
		if (LANES > 1 || tile < tiles) { // lanes meet in barriers, which are for all
			VEC x[FEATURES];
			for (uint f = 0u; f < FEATURES; f++)
				x[f] = value(i, f);
			add(tile, r + j * EACH, x, value(i, FEATURES), weights);
		}
	}
}

// sumTiles adds up the tiles of each segment in this invocation: a tree over its slots.
void sumTiles() {
	for (uint k = 0u; k < SEGMENTS; k++) {
		REAL sum[SPAN][SUMS];
		for (uint j = 0u; j < SPAN; j++) {
			sumSlot(k, j);
			for (uint f = 0u; f < SUMS; f++)
				sum[j][f] = run[f];
		}
		for (uint other = SPAN / 2u; other >= 1u; other /= 2u)
			for (uint j = 0u; j < other; j++)
				for (uint f = 0u; f < SUMS; f++)
					sum[j][f] += sum[j + other][f];
		for (uint f = 0u; f < SUMS; f++)
			total[k * SUMS + f] = sum[0][f];
	}
}

// stepped returns old after a step by a gradient.
REAL stepped(REAL old, REAL gradient) {
	precise REAL change = scale * gradient;
	precise REAL next = old - change;
	return next;
}

#if MANY
REAL weight(uint column);
void take(uint target, uint column, REAL old, REAL sum, bool last);

#include "rows.glsl"
#include "meet.glsl"

const uint TAKEN_EPOCHS = 0u, GIVEN_UP = 1u, ARRIVED = 2u, CLUSTERS = 3u; // places in arrivals

shared REAL fresh[WIDTHS]; // w
shared bool met;
uint base; // the first row of sums of this epoch

void put(uint part, uint segment, uint column, REAL sum) {
	uint s = gl_WorkGroupID.x * TAKEN + segment * PARTS + part;
	if (s < segments)
		sums[(base + s) * (features + 1u) + column] = sum;
}

REAL weight(uint column) { return fresh[column]; }

void take(uint target, uint column, REAL old, REAL sum, bool last) {
	if (last)
		fresh[column] = stepped(old, sum);
	else
		sums[target * (features + 1u) + column] = sum;
}

// begin reports whether no group of an earlier dispatch has given up.
bool begin() {
	if (own == 0u)
		met = arrivals[GIVEN_UP] == 0u;
	for (uint c = own; c <= features; c += LOCAL_SIZE)
		fresh[c] = w[c];
	memoryBarrierShared();
	barrier();
	return met;
}

// meet waits until the rows of all segments or, where there are several, of all clusters are there, and reports
// whether that came to be.
bool meet(uint epoch) {
	bool complete = true;
	if (clusters > 1u) {
		uint first = gl_WorkGroupID.x * TAKEN, mine = first / cluster, size = min(cluster, segments - mine * cluster);
		complete = arrive(CLUSTERS + mine, min(TAKEN, segments - first)) == size * (epoch + 1u);
		if (complete)
			reduce(base + mine * cluster, size, base + segments + mine, false);
	}
	memoryBarrierBuffer();
	barrier();
	if (own == 0u) {
		uint n = complete ? 1u : 0u;
		met = await(ARRIVED, n, (clusters > 1u ? clusters : gl_NumWorkGroups.x) * (epoch + 1u));
		if (!met)
			arrivals[GIVEN_UP] = 1u;
	}
	memoryBarrierShared();
	barrier();
	memoryBarrierBuffer();
	return met;
}

// advance takes the weights one epoch on. It reports whether all groups were there to do so.
bool advance(uint epoch) {
	base = epoch % 2u * (segments + clusters); // those of the last epoch may still be read
	sumTiles();
	sumRows();
	if (!meet(epoch))
		return false;
	if (clusters > 1u)
		reduce(base + segments, clusters, 0u, true);
	else
		reduce(base, segments, 0u, true);
	memoryBarrierShared();
	barrier();
	for (uint f = 0u; f < SUMS; f++)
		if (column(f) <= features)
			weights[f] = fresh[column(f)];
	return true;
}

// end tells how many epochs this dispatch has taken.
void end(uint taken) {
	if (own == 0u)
		arrivals[TAKEN_EPOCHS] += taken;
}
#else
shared REAL row[TAKEN * WIDTHS]; // the sums of all segments

void put(uint part, uint segment, uint column, REAL sum) { row[(segment * PARTS + part) * WIDTHS + column] = sum; }

bool begin() { return true; }

// advance takes the weights one epoch on.
bool advance(uint epoch) {
	sumTiles();
	sumRows();
	memoryBarrierShared();
	barrier();
	for (uint f = 0u; f < SUMS; f++) {
		REAL x[TAKEN];
		for (uint s = 0u; s < TAKEN; s++)
			x[s] = row[s * WIDTHS + min(column(f), features)];
		for (uint other = TAKEN / 2u; other >= 1u; other /= 2u)
			for (uint s = 0u; s < other; s++)
				x[s] += x[s + other];
		if (column(f) <= features)
			weights[f] = stepped(weights[f], x[0]);
	}
	return true;
}

void end(uint taken) {}
#endif

void main() {
	if (!begin())
		return;
	for (uint f = 0u; f < SUMS; f++)
		weights[f] = column(f) <= features ? w[column(f)] : REAL(0);
	hold();
	uint epoch = 0u;
	while (epoch < epochs && advance(epoch))
		epoch++;
	if (gl_WorkGroupID.x == 0u) {
		if (part == 0u && r == 0u)
			for (uint f = 0u; f < SUMS; f++)
				if (column(f) <= features && (f > 0u || lane == 0u))
					w[column(f)] = weights[f];
		end(epoch);
	}
}
