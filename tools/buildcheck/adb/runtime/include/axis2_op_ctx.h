/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef AXIS2_OP_CTX_H
#define AXIS2_OP_CTX_H

#include <axis2_msg_ctx.h>
#include <axis2_op.h>

typedef enum { AXIS2_WSDL_MESSAGE_LABEL_IN } axis2_wsdl_msg_labels_t;

axis2_op_t *axis2_op_ctx_get_op(axis2_op_ctx_t *op_ctx, const axutil_env_t *env);
axis2_msg_ctx_t *axis2_op_ctx_get_msg_ctx(axis2_op_ctx_t *op_ctx, const axutil_env_t *env,
                                          axis2_wsdl_msg_labels_t label);

#endif
