/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NEETHI_POLICY_H
#define NEETHI_POLICY_H

typedef struct neethi_policy neethi_policy_t;

#endif
