// The fused pass in C with AVX-512 intrinsics as a contender: the worker protocol of ../../README.md on stdin and
// stdout. It is what simd is held against on one thread.
//
//	gcc -O3 -march=native -o bin/avx512 bench/peers/c/avx512.c
//	bin/descent run --contenders 'c-avx512/*,simd' --threads 1 --program 'c-avx512/f64=bin/avx512'
//
// One feature, float64. x and d are two arrays, aligned to 64 bytes; four accumulators for each sum. It reads the
// protocol's messages only as far as it needs them. What it promises is checked by
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

// fail answers with an error, and what more there is to say of it; then the worker ends.
static int fail(const char *what, const char *more) {
	printf("{\"error\":\"%s\"%s}\n", what, more);
	return 1;
}

// epoch leaves Σe and Σe·x in g, with e = w₀ + w₁·x − d.
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

// value copies the string or number that follows key in line.
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

// text_of writes a number as JSON has it: those that are none as strings.
static const char *text_of(double v, char out[32]) {
	if (isnan(v))
		return "\"NaN\"";
	if (isinf(v))
		return v > 0 ? "\"Infinity\"" : "\"-Infinity\"";
	snprintf(out, 32, "%.17g", v);
	return out;
}

// read_npy returns the values of a file that descent wrote, and how many there are.
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

int main(void) {
	static char line[1 << 16], text[4096];
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof line, stdin) && value(line, "\"op\"", text, sizeof text)) {
		if (!strcmp(text, "hello")) {
			puts("{\"protocol\":1,\"name\":\"c-avx512\",\"precision\":\"f64\",\"device\":\"cpu\",\"threads\":1,\"init_ns\":1,\"calls\":true,\"version\":\"gcc " __VERSION__ "\","
			     "\"sync\":\"the function returns when the work is done\",\"timed\":\"the epochs\",\"untimed\":\"reading the files into aligned arrays\"}");
		} else if (!strcmp(text, "load")) {
			long long begun = now();
			long samples;
			free(x), free(d);
			x = d = NULL;
			if (!value(line, "\"x\"", text, sizeof text) || !(x = read_npy(text, &n)))
				return fail("x cannot be read", "");
			if (!value(line, "\"d\"", text, sizeof text) || !(d = read_npy(text, &samples)))
				return fail("d cannot be read", "");
			if (samples != n)
				return fail("this program has one feature", ",\"unavailable\":true");
			printf("{\"load_ns\":%lld}\n", now() - begun);
		} else if (!strcmp(text, "descend")) {
			double from[2], w0 = 0, w1 = 0, rate = 0, g[2];
			long epochs = 0, calls = 1;
			const char *w = strchr(line, '[');
			int length = 0;
			char first[32], second[32];
			if (!x || !d)
				return fail("descend before load", "");
			if (value(line, "\"epochs\"", text, sizeof text))
				epochs = atol(text);
			if (value(line, "\"rate\"", text, sizeof text))
				rate = atof(text);
			if (value(line, "\"calls\"", text, sizeof text))
				calls = atol(text);
			if (!w || sscanf(w, "[%lf ,%lf ]%n", &from[0], &from[1], &length) != 2 || !length)
				return fail("w has not two numbers", "");
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
		} else if (!strcmp(text, "exit")) {
			return 0;
		} else {
			return fail("this op is not one of hello, load, descend, exit", "");
		}
	}
	return 0;
}
