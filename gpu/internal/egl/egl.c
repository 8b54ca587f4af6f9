#include "egl.h"

#include <dlfcn.h>
#include <stdlib.h>

enum { OPENGL_API = 0x30A2 };

typedef uintptr_t handle;

static void *(*get_proc_address)(const char *);
static int (*get_error)(void);
static const char *(*query_string)(handle, int);
static unsigned (*initialize)(handle, int *, int *);
static unsigned (*bind_api)(unsigned);
static unsigned (*choose_config)(handle, const int32_t *, handle *, int, int *);
static handle (*create_pbuffer)(handle, handle, const int32_t *);
static handle (*create_context)(handle, handle, handle, const int32_t *);
static unsigned (*make_current)(handle, handle, handle, handle);
static unsigned (*destroy_context)(handle, handle);
static unsigned (*destroy_surface)(handle, handle);
static unsigned (*release_thread)(void);

/* Extensions: NULL where they are not offered. The attribute lists of the two
 * display functions differ in type, and are always NULL here. */
static unsigned (*query_devices)(int, handle *, int *);
static const char *(*query_device_string)(handle, int);
static handle (*get_platform_display)(unsigned, handle, const void *);

const char *egl_load(void)
{
	static const struct { const char *name; void *function; } core[] = {
		{"eglGetProcAddress", &get_proc_address},
		{"eglGetError", &get_error},
		{"eglQueryString", &query_string},
		{"eglInitialize", &initialize},
		{"eglBindAPI", &bind_api},
		{"eglChooseConfig", &choose_config},
		{"eglCreatePbufferSurface", &create_pbuffer},
		{"eglCreateContext", &create_context},
		{"eglMakeCurrent", &make_current},
		{"eglDestroyContext", &destroy_context},
		{"eglDestroySurface", &destroy_surface},
		{"eglReleaseThread", &release_thread},
	};
	void *library;
	size_t i;

	/* Mesa prints the reason of every attempt that fails; the attempts here are
	 * many, and their failures are reported by their caller. Set it to see them. */
	setenv("EGL_LOG_LEVEL", "fatal", 0);

	library = dlopen("libEGL.so.1", RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL)
		return dlerror();
	for (i = 0; i < sizeof core / sizeof *core; i++)
		if ((*(void **)core[i].function = dlsym(library, core[i].name)) == NULL)
			return dlerror();

	*(void **)&query_devices = get_proc_address("eglQueryDevicesEXT");
	*(void **)&query_device_string = get_proc_address("eglQueryDeviceStringEXT");
	*(void **)&get_platform_display = get_proc_address("eglGetPlatformDisplayEXT");
	if (get_platform_display == NULL)
		*(void **)&get_platform_display = dlsym(library, "eglGetPlatformDisplay");
	return NULL;
}

int egl_error(void) { return get_error(); }

void *egl_proc(const char *name) { return get_proc_address(name); }

int egl_devices(uintptr_t *devices, int max)
{
	int n = 0;

	if (query_devices == NULL || !query_devices(max, devices, &n))
		return -1;
	return n;
}

const char *egl_device_string(uintptr_t device, int name)
{
	return query_device_string != NULL ? query_device_string(device, name) : NULL;
}

const char *egl_string(uintptr_t display, int name) { return query_string(display, name); }

uintptr_t egl_display(unsigned platform, uintptr_t native)
{
	return get_platform_display != NULL ? get_platform_display(platform, native, NULL) : 0;
}

int egl_initialize(uintptr_t display) { return initialize(display, NULL, NULL); }

uintptr_t egl_choose_config(uintptr_t display, const int32_t *attributes)
{
	handle config = 0;
	int n = 0;

	return choose_config(display, attributes, &config, 1, &n) && n > 0 ? config : 0;
}

uintptr_t egl_create_pbuffer(uintptr_t display, uintptr_t config, const int32_t *attributes)
{
	return create_pbuffer(display, config, attributes);
}

uintptr_t egl_create_context(uintptr_t display, uintptr_t config, const int32_t *attributes)
{
	/* The API is a setting of the thread, and starts as OpenGL ES. */
	return bind_api(OPENGL_API) ? create_context(display, config, 0, attributes) : 0;
}

int egl_make_current(uintptr_t display, uintptr_t surface, uintptr_t context)
{
	return make_current(display, surface, surface, context);
}

void egl_destroy(uintptr_t display, uintptr_t surface, uintptr_t context)
{
	make_current(display, 0, 0, 0);
	if (context != 0)
		destroy_context(display, context);
	if (surface != 0)
		destroy_surface(display, surface);
	release_thread();
}
