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

// fold returns, to invocations below width, the sum of x over all invocations of the
// work group whose index is the same modulo width, a power of two: a tree of
// log2(LOCAL_SIZE / width) additions. All invocations must call it.
REAL fold(REAL x, uint width) {
	uint lane = gl_LocalInvocationIndex;
	barrier(); // the sums of the last call have been read
	folded[lane] = x;
	for (uint other = LOCAL_SIZE / 2u; other >= width; other /= 2u) {
		memoryBarrierShared();
		barrier();
		if (lane < other)
			folded[lane] += folded[lane + other];
	}
	return folded[lane];
}
