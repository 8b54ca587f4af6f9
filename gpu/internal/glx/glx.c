#include <dlfcn.h>
#include <stddef.h>

typedef void (*proc)(void);

/* Reached only through gl.Init: contexts of this module bring their own lookup. */
__attribute__((visibility("hidden")))
proc glXGetProcAddress(const unsigned char *name)
{
	static proc (*lookup)(const unsigned char *);

	if (lookup == NULL) {
		void *lib = dlopen("libGL.so.1", RTLD_LAZY | RTLD_GLOBAL);
		if (lib != NULL)
			*(void **)&lookup = dlsym(lib, "glXGetProcAddressARB");
	}
	return lookup != NULL ? lookup(name) : NULL;
}
