/* EGL, as much of it as a compute context needs. libEGL.so.1 is opened at run
 * time, so nothing here comes from its headers and nothing is linked. Handles are
 * uintptr_t because drivers may hand out values that are no addresses, which Go
 * must not take for pointers. Functions return what the EGL function returns. */
#include <stdint.h>

/* NULL once the library and its core functions are there, else what is wrong. */
const char *egl_load(void);

int egl_error(void);
void *egl_proc(const char *name);

/* The number of devices, or -1 where the library cannot list them. */
int egl_devices(uintptr_t *devices, int max);
const char *egl_device_string(uintptr_t device, int name);

/* display may be 0: the client extensions. */
const char *egl_string(uintptr_t display, int name);
uintptr_t egl_display(unsigned platform, uintptr_t native);
int egl_initialize(uintptr_t display);

uintptr_t egl_choose_config(uintptr_t display, const int32_t *attributes);
uintptr_t egl_create_pbuffer(uintptr_t display, uintptr_t config, const int32_t *attributes);
uintptr_t egl_create_context(uintptr_t display, uintptr_t config, const int32_t *attributes);
int egl_make_current(uintptr_t display, uintptr_t surface, uintptr_t context);
void egl_destroy(uintptr_t display, uintptr_t surface, uintptr_t context);
