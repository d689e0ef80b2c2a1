/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to a tree of libxml2 and back. */
#ifndef ADB_XML_H
#define ADB_XML_H

#include <axutil_env.h>
#include <libxml/tree.h>

/* How deep elements may nest: an envelope needs six levels in all three services. */
#define ADB_XML_DEPTH 32
/* How many attributes and namespaces a tag may have: the library compares each with each. */
#define ADB_XML_ATTRIBUTES 64
/* How many elements a message may have: each takes far more memory than it has bytes. */
#define ADB_XML_ELEMENTS 200000

/* The document belongs to env. NULL, with a fault in env, when it is not well-formed UTF-8, has a document type
 * declaration (and so could have entities) or a processing instruction, or is beyond one of these limits. */
xmlDocPtr adb_xml_parse(const axutil_env_t *env, const char *bytes, size_t length);
/* An empty document that belongs to env. */
xmlDocPtr adb_xml_new(const axutil_env_t *env);
/* The bytes belong to env, and have a 0 behind them. NULL when there is no memory. */
char *adb_xml_print(const axutil_env_t *env, xmlDocPtr doc, size_t *length);

/* The next element from node on; NULL and no fault at the end, NULL and a fault when there is text before it. */
xmlNodePtr adb_xml_element(const axutil_env_t *env, xmlNodePtr node);
int adb_xml_is(const xmlNode *node, const char *uri, const char *name);
/* Is every character of text one that XML 1.0 can hold, in UTF-8? *at becomes the offset of the first that is not. */
int adb_xml_can_hold(const char *text, size_t *at);

#endif
