// Sums that keep their precision at any length.

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
