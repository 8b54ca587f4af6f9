// Sums that keep their precision at any length, in an order that is the same at every
// run. Go inserts this file ahead of the shaders that add.

// accumulate adds x to sum by Kahan's compensated summation (1965): over terms t the
// error of sum stays below about 2u·Σ|t|, u being half the distance from 1 to the next
// number. Without "precise" a compiler may simplify the carry to zero.
void accumulate(inout REAL sum, inout REAL carry, REAL x) {
	precise REAL y = x - carry;
	precise REAL t = sum + y;
	precise REAL c = (t - sum) - y;
	sum = t;
	carry = c;
}

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
