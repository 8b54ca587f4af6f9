// The entry of a program that starts on every glibc since 2.2.5, whichever glibc it was built with.
//
// Since 2.34 the C start-up code calls __libc_start_main@GLIBC_2.34. That version runs the
// program's initializers itself. The older version runs an init function that it is given, and
// newer glibc have it too. The definition below replaces __libc_start_main in the program, and
// passes initialize to the old version.
#include <stddef.h>

typedef void (*initializer)(int, char **, char **);
extern initializer __init_array_start[] __attribute__((visibility("hidden")));
extern initializer __init_array_end[] __attribute__((visibility("hidden")));

extern void _init(void) __attribute__((visibility("hidden"))); // of crti.o

static int initialize(int argc, char **argv, char **env) {
	_init();
	for (initializer *f = __init_array_start; f < __init_array_end; f++)
		(*f)(argc, argv, env);
	return 0;
}

extern int old_start(int (*main)(int, char **, char **), int argc, char **argv,
	int (*init)(int, char **, char **), void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
__asm__(".symver old_start, __libc_start_main@GLIBC_2.2.5");

__attribute__((visibility("hidden"))) int __libc_start_main(
	int (*main)(int, char **, char **), int argc, char **argv,
	int (*init)(int, char **, char **), void (*fini)(void), void (*rtld_fini)(void), void *stack_end) {
	(void)init;
	(void)fini;
	return old_start(main, argc, argv, initialize, NULL, rtld_fini, stack_end);
}
