/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "soap.h"

#include "memory.h"
#include "xml.h"

#include <string.h>

static const char *const uris[] = {"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"};

const char *adb_soap_uri(enum adb_soap_version version)
{
    return uris[version];
}

const char *adb_soap_media_type(enum adb_soap_version version)
{
    return version == ADB_SOAP_11 ? "text/xml" : "application/soap+xml";
}

xmlNodePtr adb_soap_part(xmlNodePtr envelope, const char *name)
{
    xmlNodePtr node;

    for (node = envelope->children; node != NULL; node = node->next)
        if (node->type == XML_ELEMENT_NODE && node->ns != NULL && envelope->ns != NULL &&
            adb_xml_is(node, (const char *)envelope->ns->href, name))
            return node;
    return NULL;
}

/* SOAP 1.1, 4.2.3: whoever does not understand a block that must be understood has to say so. Nothing is understood
 * here, WS-Security least of all. */
static axis2_status_t check_header(const axutil_env_t *env, xmlNodePtr header, const char *uri)
{
    xmlNodePtr block;

    for (block = adb_xml_element(env, header->children); block != NULL; block = adb_xml_element(env, block->next)) {
        xmlAttrPtr must = xmlHasNsProp(block, BAD_CAST "mustUnderstand", BAD_CAST uri);
        const char *word = must != NULL && must->children != NULL && must->children->content != NULL
                               ? (const char *)must->children->content
                               : "0";

        if (strcmp(word, "0") != 0 && strcmp(word, "false") != 0) {
            adb_fault(env, ADB_FAULT_MUST_UNDERSTAND, "the header %.40s is not understood", (const char *)block->name);
            return AXIS2_FAILURE;
        }
    }
    return adb_fault_code(env) == ADB_NO_FAULT ? AXIS2_SUCCESS : AXIS2_FAILURE;
}

axis2_status_t adb_soap_parse(const axutil_env_t *env, const char *bytes, size_t length, struct adb_soap *soap)
{
    const char *uri;
    xmlNodePtr node;
    xmlDocPtr doc;

    memset(soap, 0, sizeof *soap);
    adb_clear_fault(env);
    if ((doc = adb_xml_parse(env, bytes, length)) == NULL)
        return AXIS2_FAILURE;
    soap->envelope = xmlDocGetRootElement(doc);
    if (adb_xml_is(soap->envelope, uris[ADB_SOAP_12], "Envelope")) {
        soap->version = ADB_SOAP_12;
    } else if (!adb_xml_is(soap->envelope, uris[ADB_SOAP_11], "Envelope")) {
        adb_fault(env, ADB_FAULT_VERSION_MISMATCH, "not an envelope of SOAP 1.1 or 1.2");
        return AXIS2_FAILURE;
    }
    uri = uris[soap->version];
    node = adb_xml_element(env, soap->envelope->children);
    if (node != NULL && adb_xml_is(node, uri, "Header")) {
        if (check_header(env, node, uri) != AXIS2_SUCCESS)
            return AXIS2_FAILURE;
        node = adb_xml_element(env, node->next);
    }
    if (node == NULL || !adb_xml_is(node, uri, "Body") || adb_xml_element(env, node->next) != NULL) {
        adb_fault(env, ADB_FAULT_CLIENT, "not one body, behind at most one header");
        return AXIS2_FAILURE;
    }
    soap->payload = adb_xml_element(env, node->children);
    if (soap->payload == NULL || adb_xml_element(env, soap->payload->next) != NULL)
        adb_fault(env, ADB_FAULT_CLIENT, "not one element in the body");
    return adb_fault_code(env) == ADB_NO_FAULT ? AXIS2_SUCCESS : AXIS2_FAILURE;
}

static const char *first_text(xmlNodePtr node)
{
    xmlNodePtr child;

    for (child = node->children; child != NULL; child = child->next)
        if (child->type == XML_TEXT_NODE && child->content != NULL)
            return (const char *)child->content;
    return "no reason given";
}

int adb_soap_is_fault(const struct adb_soap *soap, const char **reason)
{
    xmlNodePtr node;

    if (!adb_xml_is(soap->payload, uris[soap->version], "Fault"))
        return 0;
    *reason = "no reason given";
    for (node = soap->payload->children; node != NULL; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (strcmp((const char *)node->name, "faultstring") == 0)
            *reason = first_text(node);
        else if (strcmp((const char *)node->name, "Reason") == 0 && xmlFirstElementChild(node) != NULL)
            *reason = first_text(xmlFirstElementChild(node));
    }
    return 1;
}

/* An envelope around what is the root of doc, if anything; the body of it. */
static xmlNodePtr wrap(xmlDocPtr doc, enum adb_soap_version version)
{
    xmlNodePtr payload = xmlDocGetRootElement(doc);
    xmlNodePtr envelope = xmlNewDocNode(doc, NULL, BAD_CAST "Envelope", NULL), body;
    xmlNsPtr ns;

    if (envelope == NULL)
        return NULL;
    if (payload != NULL)
        xmlUnlinkNode(payload);
    xmlDocSetRootElement(doc, envelope);
    ns = xmlNewNs(envelope, BAD_CAST uris[version], BAD_CAST "soapenv");
    xmlSetNs(envelope, ns);
    if (ns == NULL || (body = xmlNewChild(envelope, ns, BAD_CAST "Body", NULL)) == NULL) {
        xmlFreeNode(payload);
        return NULL;
    }
    if (payload != NULL)
        xmlAddChild(body, payload);
    return body;
}

char *adb_soap_print(const axutil_env_t *env, enum adb_soap_version version, axiom_node_t *payload, size_t *length)
{
    xmlDocPtr doc = ((xmlNodePtr)payload)->doc;

    return wrap(doc, version) != NULL ? adb_xml_print(env, doc, length) : NULL;
}

static const char *code_name(enum adb_fault_code code, enum adb_soap_version version)
{
    switch (code) {
    case ADB_FAULT_CLIENT:
        return version == ADB_SOAP_11 ? "soapenv:Client" : "soapenv:Sender";
    case ADB_FAULT_VERSION_MISMATCH:
        return "soapenv:VersionMismatch";
    case ADB_FAULT_MUST_UNDERSTAND:
        return "soapenv:MustUnderstand";
    case ADB_FAULT_SERVER:
    case ADB_NO_FAULT:
        break;
    }
    return version == ADB_SOAP_11 ? "soapenv:Server" : "soapenv:Receiver";
}

char *adb_soap_print_fault(const axutil_env_t *env, enum adb_soap_version version, size_t *length)
{
    const xmlChar *code = BAD_CAST code_name(adb_fault_code(env), version), *text = BAD_CAST adb_fault_text(env);
    xmlDocPtr doc = adb_xml_new(env);
    xmlNodePtr body = doc != NULL ? wrap(doc, version) : NULL, fault, part;

    if (body == NULL || (fault = xmlNewChild(body, body->ns, BAD_CAST "Fault", NULL)) == NULL)
        return NULL;
    if (version == ADB_SOAP_11) {
        /* Unqualified: SOAP 1.1, 4.4. Created without a namespace, xmlNewTextChild would hand down the parent's. */
        if ((part = xmlNewTextChild(fault, NULL, BAD_CAST "faultcode", code)) != NULL)
            xmlSetNs(part, NULL);
        if ((part = xmlNewTextChild(fault, NULL, BAD_CAST "faultstring", text)) != NULL)
            xmlSetNs(part, NULL);
    } else {
        if ((part = xmlNewChild(fault, fault->ns, BAD_CAST "Code", NULL)) != NULL)
            xmlNewTextChild(part, fault->ns, BAD_CAST "Value", code);
        if ((part = xmlNewChild(fault, fault->ns, BAD_CAST "Reason", NULL)) != NULL &&
            (part = xmlNewTextChild(part, fault->ns, BAD_CAST "Text", text)) != NULL)
            xmlNodeSetLang(part, BAD_CAST "en");
    }
    return adb_xml_print(env, doc, length);
}
