/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tree asks of Rampart/C and Neethi/C: they are not here, and everything says so. */
#define _POSIX_C_SOURCE 200809L
#include <axis2_svc_client.h>
#include <neethi_util.h>

#include "memory.h"

#include <stddef.h>

static void refuse(const axutil_env_t *env, const char *what, const char *which)
{
    adb_log_error(env, "WS-Security is not implemented: %s %s is refused", what, which != NULL ? which : "");
}

axis2_status_t axis2_svc_client_engage_module(axis2_svc_client_t *svc_client, const axutil_env_t *env,
                                              const axis2_char_t *module_name)
{
    (void)svc_client;
    refuse(env, "module", module_name);
    return AXIS2_FAILURE;
}

axis2_status_t axis2_svc_client_set_policy(axis2_svc_client_t *svc_client, const axutil_env_t *env,
                                           neethi_policy_t *policy)
{
    (void)svc_client;
    (void)policy;
    refuse(env, "a policy", "");
    return AXIS2_FAILURE;
}

neethi_policy_t *neethi_util_create_policy_from_file(const axutil_env_t *env, const axis2_char_t *file_name)
{
    refuse(env, "the policy", file_name);
    return NULL;
}
