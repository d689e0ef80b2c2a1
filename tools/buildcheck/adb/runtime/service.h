/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A service: one request in, one answer out. */
#ifndef ADB_SERVICE_INTERNAL_H
#define ADB_SERVICE_INTERNAL_H

#include "http.h"
#include "soap.h"

#include <adb_service.h>

#define ADB_LARGEST_REQUEST (4 << 20)

/* What a connection is served with. */
struct adb_serving {
    const struct adb_service *service;
    axis2_svc_skeleton_t *skeleton;
    size_t largest; /* body, in bytes */
};

/* Reads a request, has it done, answers. The environment is for this connection only. */
void adb_serve(const struct adb_serving *serving, const axutil_env_t *env, struct adb_stream *stream);

#endif
