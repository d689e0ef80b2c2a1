/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef AXUTIL_ARRAY_LIST_H
#define AXUTIL_ARRAY_LIST_H

#include <axutil_env.h>

typedef struct axutil_array_list axutil_array_list_t;

int axutil_array_list_size(axutil_array_list_t *list, const axutil_env_t *env);

#endif
