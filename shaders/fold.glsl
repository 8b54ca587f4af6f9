// Sums over a work group, in an order that is the same at every run.

shared REAL folded[LOCAL_SIZE];

// fold returns, to invocations whose slot is below width, the sum of x over all slots
// that are the same modulo width, a power of two: a tree of log2(LOCAL_SIZE / width)
// additions. All invocations must call it, each with a slot of its own below LOCAL_SIZE.
REAL fold(REAL x, uint slot, uint width) {
	barrier(); // the sums of the last call have been read
	folded[slot] = x;
	for (uint other = LOCAL_SIZE / 2u; other >= width; other /= 2u) {
		memoryBarrierShared();
		barrier();
		if (slot < other)
			folded[slot] += folded[slot + other];
	}
	return folded[slot];
}
