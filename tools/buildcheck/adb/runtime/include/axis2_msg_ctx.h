/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef AXIS2_MSG_CTX_H
#define AXIS2_MSG_CTX_H

#include <axiom.h>
#include <axutil_env.h>

typedef struct axis2_msg_ctx axis2_msg_ctx_t;
typedef struct axis2_op_ctx axis2_op_ctx_t;

axis2_op_ctx_t *axis2_msg_ctx_get_op_ctx(axis2_msg_ctx_t *msg_ctx, const axutil_env_t *env);
axiom_soap_envelope_t *axis2_msg_ctx_get_soap_envelope(axis2_msg_ctx_t *msg_ctx, const axutil_env_t *env);

#endif
