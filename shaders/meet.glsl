// How work groups wait for one another. They must run at the same time. Ahead of this file the
// shader declares arrivals and patience.

const uint UP = 0x80000000u; // in a count: somebody has given up
const uint GLANCES = 32u;    // of a look, without a loop: llvmpipe ends an invocation's loops after 65,535 rounds in all

uint looked = 0u; // in vain, in this dispatch: a wait that ends within a look costs no patience

// await adds n to the count at a place, and waits until the count is full. It reports whether it
// became full. Nobody waits for ever: a group that has looked patience times in vain says so and
// goes, and so do all groups that see this. A group that finds the count full goes on, whatever
// else was said. One invocation of a group calls it.
bool await(uint place, uint n, uint full) {
	uint seen = atomicAdd(arrivals[place], n) + n;
	while (seen < full) {
		for (uint i = 0u; i < GLANCES; i++)
			if (seen < full)
				seen = atomicAdd(arrivals[place], 0u);
		if (seen < full && ++looked == patience)
			seen = atomicOr(arrivals[place], UP) | UP;
	}
	return (seen & ~UP) >= full;
}
