/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NEETHI_UTIL_H
#define NEETHI_UTIL_H

#include <axutil_env.h>
#include <neethi_policy.h>

/* NULL, always: WS-Security is not implemented. */
neethi_policy_t *neethi_util_create_policy_from_file(const axutil_env_t *env, const axis2_char_t *file_name);

#endif
