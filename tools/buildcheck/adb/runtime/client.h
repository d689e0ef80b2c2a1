/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ADB_CLIENT_H
#define ADB_CLIENT_H

#include <adb_service.h>

struct adb_stream;

/* What came back for a call; NULL, with a fault in env, when it is not the answer. */
struct adb_object *adb_client_answer(const axutil_env_t *env, const struct adb_operation *operation,
                                     struct adb_stream *stream);

#endif
