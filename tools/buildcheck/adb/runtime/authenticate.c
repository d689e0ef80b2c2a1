/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stands in for the tree's euca_authenticate, which looks at a signature that Rampart/C has checked. Rampart/C is not
 * here, so nobody can be authenticated; therefore the service cannot be reached from outside (listen.c), and says so
 * when it starts (serve.c). A program is linked with -Wl,--wrap=euca_authenticate.
 */
#define _POSIX_C_SOURCE 200809L
#include <axis2_op_ctx.h>

axis2_status_t __wrap_euca_authenticate(const axutil_env_t *env, axis2_msg_ctx_t *out_msg_ctx, axis2_op_ctx_t *op_ctx);

axis2_status_t __wrap_euca_authenticate(const axutil_env_t *env, axis2_msg_ctx_t *out_msg_ctx, axis2_op_ctx_t *op_ctx)
{
    (void)env;
    (void)out_msg_ctx;
    (void)op_ctx;
    return AXIS2_SUCCESS;
}
