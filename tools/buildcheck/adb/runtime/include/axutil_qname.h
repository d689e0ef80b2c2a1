/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef AXUTIL_QNAME_H
#define AXUTIL_QNAME_H

#include <axutil_env.h>

typedef struct axutil_qname axutil_qname_t;

axis2_char_t *axutil_qname_get_localpart(const axutil_qname_t *name, const axutil_env_t *env);

#endif
