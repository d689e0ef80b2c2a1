/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a service is to the program that serves it. */
#ifndef AXIS2_SVC_SKELETON_H
#define AXIS2_SVC_SKELETON_H

#include <axiom.h>
#include <axis2_msg_ctx.h>
#include <axis2_op_ctx.h>
#include <axutil_env.h>

typedef struct axis2_svc_skeleton axis2_svc_skeleton_t;

typedef struct {
    axis2_status_t (*init)(axis2_svc_skeleton_t *skeleton, const axutil_env_t *env);
    /* The answer, or NULL for a fault. */
    axiom_node_t *(*invoke)(axis2_svc_skeleton_t *skeleton, const axutil_env_t *env, axiom_node_t *content,
                            axis2_msg_ctx_t *msg_ctx);
    axis2_status_t (*free)(axis2_svc_skeleton_t *skeleton, const axutil_env_t *env);
} axis2_svc_skeleton_ops_t;

struct axis2_svc_skeleton {
    const axis2_svc_skeleton_ops_t *ops;
};

/* The two functions by which a shared library hands out its service. */
int axis2_get_instance(axis2_svc_skeleton_t **skeleton, const axutil_env_t *env);
int axis2_remove_instance(axis2_svc_skeleton_t *skeleton, const axutil_env_t *env);

#endif
