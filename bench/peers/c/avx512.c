// The fused pass in C with AVX-512 intrinsics, as a contender: it speaks the worker protocol of
// ../../PROTOCOL.md on stdin and stdout. On one thread, simd is compared with it.
//
//	gcc -O3 -march=native -o bin/avx512 bench/peers/c/avx512.c
//	bin/descent run --contenders 'c-avx512/*,simd' --threads 1 --program 'c-avx512/f64=bin/avx512'
//
// It takes one feature, in float64. x and d are arrays aligned to 64 bytes, and each sum has four
// accumulators. It reads only the parts of a request that it needs. This checks its promises:
//
//	bin/descent worker-check --features 1 -- bin/avx512
#include <immintrin.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double *x, *d;
static long n;

static long long now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// fail answers with an error and further fields, and ends the worker.
static _Noreturn void fail(const char *what, const char *fields) {
	printf("{\"error\":\"%s\"%s}\n", what, fields);
	exit(1);
}

// epoch sets g to Σe and Σe·x, with e = w₀ + w₁·x − d.
__attribute__((noinline)) static void epoch(double w0, double w1, double g[2]) {
	enum { K = 4, V = 8 };
	__m512d a = _mm512_set1_pd(w0), b = _mm512_set1_pd(w1), e[K], ex[K];
	for (int k = 0; k < K; k++)
		e[k] = ex[k] = _mm512_setzero_pd();
	long i = 0;
	for (; i + K * V <= n; i += K * V)
		for (int k = 0; k < K; k++) {
			__m512d v = _mm512_load_pd(x + i + k * V);
			__m512d r = _mm512_fmadd_pd(b, v, _mm512_sub_pd(a, _mm512_load_pd(d + i + k * V)));
			e[k] = _mm512_add_pd(e[k], r);
			ex[k] = _mm512_fmadd_pd(r, v, ex[k]);
		}
	for (; i < n; i += V) {
		__mmask8 m = n - i < V ? (1u << (n - i)) - 1 : 0xff;
		__m512d v = _mm512_maskz_loadu_pd(m, x + i);
		__m512d r = _mm512_maskz_fmadd_pd(m, b, v, _mm512_sub_pd(a, _mm512_maskz_loadu_pd(m, d + i)));
		e[0] = _mm512_add_pd(e[0], r);
		ex[0] = _mm512_fmadd_pd(r, v, ex[0]);
	}
	g[0] = _mm512_reduce_add_pd(_mm512_add_pd(_mm512_add_pd(e[0], e[1]), _mm512_add_pd(e[2], e[3])));
	g[1] = _mm512_reduce_add_pd(_mm512_add_pd(_mm512_add_pd(ex[0], ex[1]), _mm512_add_pd(ex[2], ex[3])));
}

// value copies the string or number after key in line to out. It returns 0 if there is none.
static int value(const char *line, const char *key, char *out, size_t size) {
	const char *at = strstr(line, key);
	if (!at)
		return 0;
	at += strlen(key);
	at += strspn(at, ": ");
	size_t len = *at == '"' ? strcspn(++at, "\"") : strcspn(at, ",}]");
	if (len >= size)
		return 0;
	memcpy(out, at, len);
	out[len] = 0;
	return 1;
}

// text_of writes v in JSON: a number, or the string "NaN", "Infinity" or "-Infinity".
static const char *text_of(double v, char out[32]) {
	if (isnan(v))
		return "\"NaN\"";
	if (isinf(v))
		return v > 0 ? "\"Infinity\"" : "\"-Infinity\"";
	snprintf(out, 32, "%.17g", v);
	return out;
}

// read_npy returns the values of a file that descent wrote, and sets count to their number. It
// returns NULL if the file cannot be read.
static double *read_npy(const char *path, long *count) {
	FILE *f = fopen(path, "rb");
	unsigned char head[10];
	if (!f)
		return NULL;
	if (fread(head, 1, sizeof head, f) != sizeof head) {
		fclose(f);
		return NULL;
	}
	long at = 10 + head[8] + 256 * head[9];
	fseek(f, 0, SEEK_END);
	*count = (ftell(f) - at) / 8;
	fseek(f, at, SEEK_SET);
	double *v = aligned_alloc(64, (*count * 8 + 63) / 64 * 64);
	if (v && fread(v, 8, *count, f) != (size_t)*count)
		v = NULL;
	fclose(f);
	return v;
}

// load reads the files that the request in line names.
static void load(const char *line) {
	char path[4096];
	long long begun = now();
	long rows;
	free(x), free(d);
	x = d = NULL;
	if (!value(line, "\"x\"", path, sizeof path) || !(x = read_npy(path, &n)))
		fail("x cannot be read", "");
	if (!value(line, "\"d\"", path, sizeof path) || !(d = read_npy(path, &rows)))
		fail("d cannot be read", "");
	if (rows != n)
		fail("this program has one feature", ",\"unavailable\":true");
	printf("{\"load_ns\":%lld}\n", now() - begun);
}

// descend runs the descent that the request in line asks for.
static void descend(const char *line) {
	double from[2], w0 = 0, w1 = 0, rate = 0, g[2];
	long epochs = 0, calls = 1;
	const char *w = strchr(line, '[');
	int length = 0;
	char number[32], first[32], second[32];
	if (!x || !d)
		fail("descend before load", "");
	if (value(line, "\"epochs\"", number, sizeof number))
		epochs = atol(number);
	if (value(line, "\"rate\"", number, sizeof number))
		rate = atof(number);
	if (value(line, "\"calls\"", number, sizeof number))
		calls = atol(number);
	if (!w || sscanf(w, "[%lf ,%lf ]%n", &from[0], &from[1], &length) != 2 || !length)
		fail("w must have two numbers", "");
	double step = rate * 2 / n;
	long long begun = now();
	for (; calls > 0; calls--) {
		w0 = from[0], w1 = from[1];
		for (long k = 0; k < epochs; k++) {
			epoch(w0, w1, g);
			w0 -= step * g[0];
			w1 -= step * g[1];
		}
	}
	long long took = now() - begun;
	printf("{\"run_ns\":%lld,\"w\":[%s,%s]}\n", took, text_of(w0, first), text_of(w1, second));
}

int main(void) {
	long long begun = now();
	static char line[1 << 16], op[4096];
	setvbuf(stdout, NULL, _IOLBF, 0);
	long long init = now() - begun;
	while (fgets(line, sizeof line, stdin) && value(line, "\"op\"", op, sizeof op)) {
		if (!strcmp(op, "hello")) {
			printf("{\"protocol\":1,\"name\":\"c-avx512\",\"precision\":\"f64\",\"device\":\"cpu\",\"threads\":1,\"init_ns\":%lld,\"calls\":true,\"version\":\"gcc " __VERSION__ "\","
			       "\"sync\":\"the function returns when the work is done\",\"timed\":\"the epochs\",\"untimed\":\"reading the files into aligned arrays\"}\n", init);
		} else if (!strcmp(op, "load")) {
			load(line);
		} else if (!strcmp(op, "descend")) {
			descend(line);
		} else if (!strcmp(op, "exit")) {
			return 0;
		} else {
			fail("this op is not one of hello, load, descend, exit", "");
		}
	}
	return 0;
}
