/* SPDX-License-Identifier: GPL-3.0-or-later */
/* adb-serve LIBRARY --listen ADDRESS: serves what a service library of the tree's own Makefiles has. */
#define _POSIX_C_SOURCE 200809L
#include "serve.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

axis2_status_t __wrap_euca_authenticate(const axutil_env_t *env, axis2_msg_ctx_t *out_msg_ctx, axis2_op_ctx_t *op_ctx);
axis2_status_t euca_authenticate(const axutil_env_t *env, axis2_msg_ctx_t *out_msg_ctx, axis2_op_ctx_t *op_ctx);

/* A program's names go before those of a library that it loads: this is found instead of the library's own. */
axis2_status_t euca_authenticate(const axutil_env_t *env, axis2_msg_ctx_t *out_msg_ctx, axis2_op_ctx_t *op_ctx)
{
    return __wrap_euca_authenticate(env, out_msg_ctx, op_ctx);
}

/* POSIX has a function as an object: dlsym(3). */
static int find(void *library, const char *name, void *function, size_t size)
{
    void *found = dlsym(library, name);

    memcpy(function, &found, size);
    return found != NULL;
}

int main(int argc, char **argv)
{
    const struct adb_service *(*get_service)(void);
    struct adb_program program;
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;

    if (library == NULL || !find(library, "adb_get_service", &get_service, sizeof get_service) ||
        !find(library, "axis2_get_instance", &program.get_instance, sizeof program.get_instance) ||
        !find(library, "axis2_remove_instance", &program.remove_instance, sizeof program.remove_instance)) {
        fprintf(stderr, "usage: %s LIBRARY --listen ADDRESS ...\n%s\n", argv[0], argc > 1 ? dlerror() : "no library");
        return 2;
    }
    program.service = get_service();
    argv[1] = argv[0];
    /* The library stays: what its threads do has no end. */
    return adb_serve_main(&program, argc - 1, argv + 1);
}
