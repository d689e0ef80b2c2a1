/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Envelopes of SOAP 1.1 and 1.2, document/literal: one element in the body. */
#ifndef ADB_SOAP_H
#define ADB_SOAP_H

#include <adb_object.h>
#include <libxml/tree.h>
#include <stddef.h>

enum adb_soap_version { ADB_SOAP_11, ADB_SOAP_12 };

struct adb_soap {
    enum adb_soap_version version;
    xmlNodePtr envelope;
    xmlNodePtr payload; /* the element in the body */
};

/* The version is set even when there is a fault in env. */
axis2_status_t adb_soap_parse(const axutil_env_t *env, const char *bytes, size_t length, struct adb_soap *soap);
/* Is the payload a fault? Then *reason becomes its text, which belongs to the document or is constant. */
int adb_soap_is_fault(const struct adb_soap *soap, const char **reason);

/* The message around a payload, or around the fault in env, as bytes that belong to env. NULL: out of memory. */
char *adb_soap_print(const axutil_env_t *env, enum adb_soap_version version, axiom_node_t *payload, size_t *length);
char *adb_soap_print_fault(const axutil_env_t *env, enum adb_soap_version version, size_t *length);

const char *adb_soap_media_type(enum adb_soap_version version);
const char *adb_soap_uri(enum adb_soap_version version);
/* The first element below the envelope that is Header or Body; NULL where there is none. */
xmlNodePtr adb_soap_part(xmlNodePtr envelope, const char *name);

#endif
