// Multiply-adds on numbers in registers, as many as a device can make:
//
//	y[k] = k,  then rounds·STEPS times  y[k] = factor·y[k] + addend,  for k < CHAINS
//	result[invocation] = Σ y[k]
//
// It measures the arithmetic of a device. The CHAINS numbers of an invocation depend on nothing but
// themselves, so that many multiply-adds are under way at once. Each may be one operation or two,
// as the compiler likes.
//
// CPU twin: mulAdds in gpu/device/arithmetic_test.go.
//
// binding  name    type  shape       access
//       2  result  REAL  groups×256  write
//
// location  uniform  type  unit
//        0  factor   REAL  one
//        1  rounds   uint  STEPS multiply-adds of every number
//        2  addend   uint  one
//
// Local size: 256.
// Groups: x, any number, each with 256 elements of its own.
// Barrier owed by the caller: GL_SHADER_STORAGE_BARRIER_BIT before result is read.
// Rounding: none if all numbers are whole and small. Otherwise one or two for a multiply-add.

layout(local_size_x = LOCAL_SIZE) in;

layout(std430, binding = BINDING_RESULT) writeonly restrict buffer Result { REAL result[]; };

layout(location = LOCATION_factor) uniform REAL factor;
layout(location = LOCATION_rounds) uniform uint rounds;
layout(location = LOCATION_addend) uniform uint addend;

void main() {
	REAL y[CHAINS], b = REAL(addend);
	for (uint k = 0u; k < CHAINS; k++)
		y[k] = REAL(k);
	for (uint round = 0u; round < rounds; round++)
		for (uint s = 0u; s < STEPS; s++)
			for (uint k = 0u; k < CHAINS; k++)
				y[k] = factor * y[k] + b;
	REAL sum = REAL(0);
	for (uint k = 0u; k < CHAINS; k++)
		sum += y[k];
	result[gl_GlobalInvocationID.x] = sum;
}
