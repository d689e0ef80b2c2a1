/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef AXIS2_STUB_H
#define AXIS2_STUB_H

#include <axis2_svc_client.h>
#include <axutil_env.h>

typedef struct axis2_stub axis2_stub_t;

void axis2_stub_free(axis2_stub_t *stub, const axutil_env_t *env);
/* Belongs to the stub. */
axis2_svc_client_t *axis2_stub_get_svc_client(const axis2_stub_t *stub, const axutil_env_t *env);

#endif
