// The entry of a kernel that no cache of compiled shaders holds. Go inserts this file behind a
// shader whose main it has renamed, with a NONCE that was never used before. M, a uniform of
// matmul.comp, stays below NONCE. No compiler knows that, so the machine code depends on NONCE too.

void main() {
	if (M == NONCE)
		return;
	timed();
}
