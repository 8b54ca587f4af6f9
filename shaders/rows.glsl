// How a work group adds up rows of sums, and learns that they are there. Ahead of this file the
// shader declares sums and arrivals. It also declares weight(column), which returns an entry of w
// before the step, and take(target, column, old, sum, last), which takes the sums.

const uint SHARES = SLOTS / COLUMNS; // slots of a part that add up a column of sums

// reduce adds up count rows of sums from row first on, column by column. It has each sum taken: as
// a part of row target, or as the gradient if there is no more to add. The caller owes a barrier()
// after the last read of folded.
void reduce(uint first, uint count, uint target, bool last) {
	uint width = features + 1u;
	for (uint block = 0u; block < width; block += COLUMNS * PARTS) {
		uint c = block + part * COLUMNS + slot % COLUMNS;
		uint terms = c < width ? count : 0u;
		REAL sum = REAL(0), lost = REAL(0), old = REAL(0);
		if (last && c < width)
			old = weight(c); // far ahead of its use, as the sums
		for (uint i = slot / COLUMNS; i < terms; i += AHEAD * SHARES) {
			REAL x[AHEAD];
			for (uint a = 0u; a < AHEAD; a++)
				if (i + a * SHARES < terms)
					x[a] = sums[(first + i + a * SHARES) * width + c];
			for (uint a = 0u; a < AHEAD; a++)
				if (i + a * SHARES < terms)
					accumulate(sum, lost, x[a]);
		}
		if (block > 0u)
			barrier(); // the sums of the last block have been read
		folded[own] = sum;
		memoryBarrierShared();
		barrier();
#if SUBGROUP > 0
		if (slot < (COLUMNS > SUBGROUP ? COLUMNS : SUBGROUP))
			sum = inSubgroup(own, SLOTS, COLUMNS);
#else
		for (uint left = SLOTS; left > COLUMNS; left = fewer(left, uint(COLUMNS))) {
			if (slot < fewer(left, uint(COLUMNS)))
				shrink(own, left, uint(COLUMNS));
			memoryBarrierShared();
			barrier();
		}
		sum = folded[own];
#endif
		if (slot < COLUMNS && c < width)
			take(target, c, old, sum, last);
	}
}

shared uint arrived;

// arrive adds n to the count at a place, and returns the count. The group that fills the count sees
// all that the others wrote before they arrived.
uint arrive(uint place, uint n) {
	memoryBarrierBuffer();
	barrier();
	if (own == 0u)
		arrived = atomicAdd(arrivals[place], n) + n;
	memoryBarrierShared();
	barrier();
	memoryBarrierBuffer();
	return arrived;
}
