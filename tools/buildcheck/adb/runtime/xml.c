/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "xml.h"

#include "memory.h"

#include <libxml/parser.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

/* What a parser may not meet, and how deep and far it is. */
struct guard {
    int depth, elements;
    const char *refused;
    startElementNsSAX2Func start;
    endElementNsSAX2Func end;
};

static void refuse(xmlParserCtxtPtr context, const char *what)
{
    struct guard *guard = context->_private;

    if (guard->refused == NULL)
        guard->refused = what;
    xmlStopParser(context);
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **uris, int attributes, int defaulted, const xmlChar **values)
{
    struct guard *guard = ((xmlParserCtxtPtr)context)->_private;

    if (++guard->depth > ADB_XML_DEPTH) {
        refuse(context, "elements nest too deep");
        return;
    }
    if (++guard->elements > ADB_XML_ELEMENTS) {
        refuse(context, "too many elements");
        return;
    }
    guard->start(context, name, prefix, uri, namespaces, uris, attributes, defaulted, values);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct guard *guard = ((xmlParserCtxtPtr)context)->_private;

    /* Once it is refused the tree has no node for this one. */
    if (guard->refused == NULL) {
        guard->depth--;
        guard->end(context, name, prefix, uri);
    }
}

/* Called before anything of the declaration is read: no entity is ever declared, let alone expanded. */
static void on_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    refuse(context, "a document type declaration is not taken");
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data)
{
    (void)target;
    (void)data;
    refuse(context, "a processing instruction is not taken");
}

/* The library would go on after an error, on what count_attributes has not understood. */
static void on_error(void *context, xmlErrorPtr error)
{
    if (error->level != XML_ERR_WARNING && context != NULL)
        xmlStopParser(context);
}

/* Behind the next place of end from at on; last where there is none. */
static const char *skip(const char *at, const char *last, const char *end)
{
    size_t length = strlen(end);

    for (; (size_t)(last - at) >= length; at++)
        if (memcmp(at, end, length) == 0)
            return at + length;
    return last;
}

/* Is there a tag with too many attributes? Up to its first error, text is taken apart here as the library does it, and
 * from there on it is not read. */
static int has_crowded_tag(const char *at, const char *last)
{
    while (at < last) {
        int attributes = 0;

        if (*at != '<') {
            if ((at = memchr(at, '<', (size_t)(last - at))) == NULL)
                return 0;
        } else if (last - at >= 4 && memcmp(at, "<!--", 4) == 0) {
            at = skip(at + 4, last, "-->");
        } else if (last - at >= 9 && memcmp(at, "<![CDATA[", 9) == 0) {
            at = skip(at + 9, last, "]]>");
        } else if (last - at >= 2 && at[1] == '?') {
            at = skip(at + 2, last, "?>");
        } else {
            for (at++; at < last && *at != '>'; at++)
                if (*at == '"' || *at == '\'') {
                    if (++attributes > ADB_XML_ATTRIBUTES)
                        return 1;
                    if ((at = memchr(at + 1, *at, (size_t)(last - at - 1))) == NULL)
                        return 0;
                }
        }
    }
    return 0;
}

static void free_doc(void *doc)
{
    xmlFreeDoc(doc);
}

static xmlDocPtr belonging(const axutil_env_t *env, xmlDocPtr doc)
{
    return doc != NULL && adb_own(env, doc, free_doc) == AXIS2_SUCCESS ? doc : NULL;
}

xmlDocPtr adb_xml_new(const axutil_env_t *env)
{
    return belonging(env, xmlNewDoc(BAD_CAST "1.0"));
}

/* Does an XML declaration name another encoding? It is read before the parser could switch to it. */
static int names_other_encoding(const char *bytes, size_t length)
{
    static const char start[] = "<?xml";
    char declaration[128], *word, *end;

    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        length -= 3;
    }
    if (length < sizeof start - 1 || memcmp(bytes, start, sizeof start - 1) != 0)
        return 0;
    if (length >= sizeof declaration)
        length = sizeof declaration - 1;
    memcpy(declaration, bytes, length);
    declaration[length] = 0;
    if ((end = strstr(declaration, "?>")) == NULL)
        return 1; /* far too long */
    *end = 0;
    if ((word = strstr(declaration, "encoding")) == NULL)
        return 0;
    word += strcspn(word, "\"'");
    word += *word != 0;
    word[strcspn(word, "\"'")] = 0;
    return strcasecmp(word, "UTF-8") != 0 && strcasecmp(word, "US-ASCII") != 0;
}

xmlDocPtr adb_xml_parse(const axutil_env_t *env, const char *bytes, size_t length)
{
    struct guard guard = {0};
    xmlParserCtxtPtr context;
    xmlDocPtr doc;
    int line, good;

    if (length == 0 || length > INT_MAX || memchr(bytes, 0, length) != NULL || names_other_encoding(bytes, length)) {
        adb_fault(env, ADB_FAULT_CLIENT, length == 0 ? "no message" : "not XML in UTF-8");
        return NULL;
    }
    if (has_crowded_tag(bytes, bytes + length)) {
        adb_fault(env, ADB_FAULT_CLIENT, "too many attributes");
        return NULL;
    }
    if ((context = xmlNewParserCtxt()) == NULL) {
        adb_fault(env, ADB_FAULT_SERVER, "out of memory");
        return NULL;
    }
    guard.start = context->sax->startElementNs;
    guard.end = context->sax->endElementNs;
    context->_private = &guard;
    context->sax->startElementNs = on_start;
    context->sax->endElementNs = on_end;
    context->sax->internalSubset = on_doctype;
    context->sax->externalSubset = on_doctype;
    context->sax->processingInstruction = on_instruction;
    context->sax->comment = NULL; /* a comment of 7 bytes would take 300 in the tree */
    context->sax->serror = on_error;
    /* No DTD is loaded, no entity expanded, no network used, and the library's own limits stay. */
    doc = xmlCtxtReadMemory(context, bytes, (int)length, NULL, "UTF-8",
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    line = context->lastError.line;
    good = context->wellFormed && context->nsWellFormed && doc != NULL;
    if (guard.refused != NULL)
        adb_fault(env, ADB_FAULT_CLIENT, "%s", guard.refused);
    else if (!good)
        adb_fault(env, ADB_FAULT_CLIENT, "not well-formed XML in UTF-8, line %d", line);
    if (guard.refused != NULL || !good) {
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(context);
    return belonging(env, doc);
}

char *adb_xml_print(const axutil_env_t *env, xmlDocPtr doc, size_t *length)
{
    xmlChar *bytes = NULL;
    char *copy;
    int size = 0;

    xmlDocDumpFormatMemoryEnc(doc, &bytes, &size, "UTF-8", 0);
    copy = bytes != NULL ? adb_copy(env, (const char *)bytes, (size_t)size) : NULL;
    if (bytes != NULL)
        xmlFree(bytes);
    *length = (size_t)size;
    return copy;
}

static int is_blank(const xmlChar *text)
{
    return text == NULL || text[strspn((const char *)text, " \t\r\n")] == 0;
}

xmlNodePtr adb_xml_element(const axutil_env_t *env, xmlNodePtr node)
{
    for (; node != NULL; node = node->next) {
        if (node->type == XML_ELEMENT_NODE)
            return node;
        if (node->type == XML_COMMENT_NODE || (node->type == XML_TEXT_NODE && is_blank(node->content)))
            continue;
        adb_fault(env, ADB_FAULT_CLIENT, "text between the elements of %.40s",
                  node->parent != NULL && node->parent->name != NULL ? (const char *)node->parent->name : "a message");
        return NULL;
    }
    return NULL;
}

int adb_xml_is(const xmlNode *node, const char *uri, const char *name)
{
    const char *its = node->ns != NULL ? (const char *)node->ns->href : NULL;

    if (strcmp((const char *)node->name, name) != 0)
        return 0;
    return uri == NULL ? its == NULL || *its == 0 : its != NULL && strcmp(its, uri) == 0;
}

/* The character at text, and how many bytes it takes; 0 for what is not UTF-8 (RFC 3629, section 4). */
static int decode(const unsigned char *text, unsigned long *character)
{
    static const unsigned long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    int bytes = *text < 0x80 ? 1 : (*text & 0xe0) == 0xc0 ? 2 : (*text & 0xf0) == 0xe0 ? 3 : (*text & 0xf8) == 0xf0 ? 4 : 0;
    int i;

    *character = bytes == 1 ? *text : *text & (0xffU >> (bytes + 1));
    for (i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0; /* the 0 at the end too */
        *character = *character << 6 | (text[i] & 0x3f);
    }
    return bytes > 0 && *character >= smallest[bytes] ? bytes : 0;
}

/* XML 1.0, production 2. */
static int is_character(unsigned long c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
           (c >= 0x10000 && c <= 0x10ffff);
}

int adb_xml_can_hold(const char *text, size_t *at)
{
    const unsigned char *here = (const unsigned char *)text;
    unsigned long character;
    int bytes;

    for (; *here != 0; here += bytes) {
        bytes = decode(here, &character);
        if (bytes == 0 || !is_character(character)) {
            *at = (size_t)(here - (const unsigned char *)text);
            return 0;
        }
    }
    return 1;
}
