/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef AXIS2_SVC_CLIENT_H
#define AXIS2_SVC_CLIENT_H

#include <axutil_env.h>
#include <neethi_policy.h>

typedef struct axis2_svc_client axis2_svc_client_t;

/* Both give AXIS2_FAILURE, always, and say why: there are no modules, and no WS-Security. */
axis2_status_t axis2_svc_client_engage_module(axis2_svc_client_t *svc_client, const axutil_env_t *env,
                                              const axis2_char_t *module_name);
axis2_status_t axis2_svc_client_set_policy(axis2_svc_client_t *svc_client, const axutil_env_t *env,
                                           neethi_policy_t *policy);

#endif
