/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ADB_SERVE_H
#define ADB_SERVE_H

#include <adb_service.h>

typedef int adb_get_instance(axis2_svc_skeleton_t **skeleton, const axutil_env_t *env);
typedef int adb_remove_instance(axis2_svc_skeleton_t *skeleton, const axutil_env_t *env);

/* What the service is, and how it is made and unmade. */
struct adb_program {
    const struct adb_service *service;
    adb_get_instance *get_instance;
    adb_remove_instance *remove_instance;
};

/* main() of a service: 0 when it was told to end, 1 when it cannot go on, 2 when it is called in a wrong way or told to
 * listen where it may not. argv[0] is its name. */
int adb_serve_main(const struct adb_program *program, int argc, char **argv);

#endif
