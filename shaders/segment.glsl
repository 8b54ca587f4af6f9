// How a work group adds up the tiles of its segments, for fused.comp and resident.comp. Ahead of
// this file the shader declares its uniforms rows, features and tiles. It also declares put(part,
// segment, column, sum), which takes the sums of a segment of a part.

#include "accumulate.glsl"

const uint ROWS = SLOTS / LANES;
const uint BLOCK = SLOTS / SPAN;       // invocations that share a segment, each with SPAN slots: a part
const uint PARTS = LOCAL_SIZE / BLOCK;
const uint EACH = BLOCK / LANES;       // of them have the same lane
const uint SUMS = FEATURES + 1u;       // of a slot: of e, and of e·x for each of its features
const uint TOTALS = SEGMENTS * SUMS;

// The place of this invocation: its part of the group, and its slot in the part. Its other slots
// are EACH apart, in the same lane.
uint own = gl_LocalInvocationIndex;
uint part = own / BLOCK, slot = own % BLOCK;
uint lane = slot / EACH, r = slot % EACH;

precise REAL run[SUMS];
REAL total[TOTALS];

#if LANES > 1
shared VEC across[LOCAL_SIZE];

// sumLanes returns, to each slot, the sum of x over the slots of the same r.
VEC sumLanes(VEC x) {
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

// pairs returns the sum of the rows in a VEC.
REAL pairs(VEC v) {
#if WIDTH == 4
	precise REAL sum = (v.x + v.y) + (v.z + v.w);
#else
	precise REAL sum = v.x + v.y;
#endif
	return sum;
}

// add adds a tile to the running sums. In a row of the tile, a slot has the features x and, in lane
// 0, the targets d.
void add(uint tile, uint row, VEC x[FEATURES], VEC d, REAL weights[SUMS]) {
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
			if ((tile * ROWS + row) * WIDTH + i >= rows)
				e[i] = REAL(0);
	run[0] += pairs(e);
	for (uint f = 0u; f < FEATURES; f++) {
		precise VEC product = e * x[f];
		run[f + 1u] += pairs(product);
	}
}

shared REAL folded[BATCH * LOCAL_SIZE];

#if SUBGROUP > 0
// inSubgroup adds up the values of folded, in a block of span, that are the same modulo least. span
// is a power of two. It adds the upper half to the lower until they fit a subgroup, and goes on in
// the registers of the subgroup. All invocations of a subgroup call it. Each calls it for its own
// value of the first max(least, SUBGROUP) of the block, at at.
REAL inSubgroup(uint at, uint span, uint least) {
	uint left = span < SUBGROUP ? span : max(least, uint(SUBGROUP));
	REAL x[32];
	for (uint i = 0u; i < 32u; i++)
		if (i < span / left)
			x[i] = folded[at + i * left];
	for (uint upper = 16u; upper >= 1u; upper /= 2u)
		for (uint i = 0u; i < upper; i++)
			if (i + upper < span / left)
				x[i] += x[i + upper];
	for (uint other = left / 2u; other >= least; other /= 2u)
		x[0] += subgroupShuffleXor(x[0], other);
	// Where a driver numbers invocations in another way, or has fewer of them in a subgroup than it
	// says, no sum is a number, whatever the data are.
	if (gl_NumSubgroups * SUBGROUP != LOCAL_SIZE || gl_SubgroupID * SUBGROUP + gl_SubgroupInvocationID != own)
		return REAL(uintBitsToFloat(0x7FC00000u));
	return x[0];
}
#endif

// fewer returns how many values are left of a block of folded after shrink.
uint fewer(uint left, uint least) { return left > 2u * least ? left / 4u : left / 2u; }

// shrink adds up values of a block of folded, of which left are left, that are the same modulo
// fewer. It takes two levels of the tree that adds the upper half to the lower, or one level, down
// to least.
void shrink(uint at, uint left, uint least) {
	uint n = fewer(left, least);
	if (left > 2u * least)
		folded[at] = (folded[at] + folded[at + 2u * n]) + (folded[at + n] + folded[at + 3u * n]);
	else
		folded[at] += folded[at + n];
}

// putSum puts sum number i of the totals, over the rows of a part and a lane.
void putSum(uint i, uint group, REAL sum) {
	uint f = i % SUMS, l = group % LANES, column = f == 0u ? 0u : (f - 1u) * LANES + l + 1u;
	if (i < TOTALS && column <= features && (f > 0u || l == 0u))
		put(group / LANES, i / SUMS, column, sum);
}

// sumRows adds up the totals over the invocations of the same lane, and puts the sums.
void sumRows() {
	const uint groups = PARTS * LANES; // of EACH neighbours
	for (uint first = 0u; first < TOTALS; first += BATCH) {
		if (first > 0u)
			barrier(); // the sums of the last batch have been read
		for (uint i = 0u; i < BATCH; i++)
			if (first + i < TOTALS)
				folded[i * LOCAL_SIZE + own] = total[first + i];
		memoryBarrierShared();
		barrier();
#if SUBGROUP > 0
		const uint adders = EACH < SUBGROUP ? EACH : SUBGROUP, jobs = BATCH * groups * adders;
		for (uint job = own; job < jobs; job += LOCAL_SIZE) {
			uint row = job / adders;
			REAL sum = inSubgroup(row * EACH + job % adders, EACH, 1u);
			if (job % adders == 0u)
				putSum(first + row / groups, row % groups, sum);
		}
#else
		for (uint left = EACH; left > 1u; left = fewer(left, 1u)) {
			if (r < fewer(left, 1u))
				for (uint i = 0u; i < BATCH; i++)
					if (first + i < TOTALS)
						shrink(i * LOCAL_SIZE + own, left, 1u);
			memoryBarrierShared();
			barrier();
		}
		if (r == 0u)
			for (uint i = 0u; i < BATCH; i++)
				putSum(first + i, own / EACH, folded[i * LOCAL_SIZE + own]);
#endif
	}
}
