/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef AXIS2_OP_H
#define AXIS2_OP_H

#include <axutil_qname.h>

typedef struct axis2_op axis2_op_t;

const axutil_qname_t *axis2_op_get_qname(axis2_op_t *op, const axutil_env_t *env);

#endif
