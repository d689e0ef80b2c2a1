/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What generated stubs and skeletons have in common: the description of a service, and the calls that it takes. */
#ifndef ADB_SERVICE_H
#define ADB_SERVICE_H

#include <adb_object.h>
#include <axis2_stub.h>
#include <axis2_svc_skeleton.h>

struct adb_operation {
    const char *name;
    const char *action; /* SOAPAction, as the WSDL has it */
    const struct adb_type *input, *output;
};

struct adb_service {
    const char *name;
    const struct adb_operation *operations;
    int count;
};

/* endpoint: http://HOST[:PORT]/PATH, or unix:PATH of a socket. NULL, with a message, for anything else. */
axis2_stub_t *adb_stub_create(const axutil_env_t *env, const struct adb_service *service, const axis2_char_t *endpoint);
/* Sends a request and waits for the answer; NULL for a fault, or when there is none. */
struct adb_object *adb_stub_call(axis2_stub_t *stub, const axutil_env_t *env, int operation, struct adb_object *input);

/* The service of this program or library: every generated service skeleton defines it. */
const struct adb_service *adb_get_service(void);

#endif
