/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef AXIS2_CLIENT_H
#define AXIS2_CLIENT_H

#include <axis2_stub.h>
#include <axis2_svc_client.h>

#endif
