/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree as the authentication code of the tree reads it: an axiom node is a node of libxml2. */
#define _POSIX_C_SOURCE 200809L
#include <axiom.h>

#include "memory.h"
#include "soap.h"

#include <libxml/tree.h>
#include <string.h>

struct axutil_array_list {
    int size;
};

int axutil_array_list_size(axutil_array_list_t *list, const axutil_env_t *env)
{
    (void)env;
    return list != NULL ? list->size : 0;
}

axiom_types_t axiom_node_get_node_type(axiom_node_t *node, const axutil_env_t *env)
{
    (void)env;
    return node != NULL && ((xmlNodePtr)node)->type == XML_ELEMENT_NODE ? AXIOM_ELEMENT : AXIOM_INVALID;
}

void *axiom_node_get_data_element(axiom_node_t *node, const axutil_env_t *env)
{
    (void)env;
    return node;
}

axiom_node_t *axiom_node_get_first_child(axiom_node_t *node, const axutil_env_t *env)
{
    (void)env;
    return node != NULL ? (axiom_node_t *)((xmlNodePtr)node)->children : NULL;
}

axiom_node_t *axiom_node_get_next_sibling(axiom_node_t *node, const axutil_env_t *env)
{
    (void)env;
    return node != NULL ? (axiom_node_t *)((xmlNodePtr)node)->next : NULL;
}

axis2_char_t *axiom_element_get_localname(axiom_element_t *element, const axutil_env_t *env)
{
    (void)env;
    return element != NULL ? (axis2_char_t *)((xmlNodePtr)element)->name : NULL;
}

/* What libxml2 has allocated, as memory of env. */
static axis2_char_t *belonging(const axutil_env_t *env, xmlChar *text)
{
    axis2_char_t *copy = text != NULL ? adb_copy(env, (const char *)text, strlen((const char *)text)) : NULL;

    if (text != NULL)
        xmlFree(text);
    return copy;
}

axis2_char_t *axiom_element_get_text(axiom_element_t *element, const axutil_env_t *env, axiom_node_t *node)
{
    xmlNodePtr child;

    (void)node;
    if (element == NULL)
        return NULL;
    for (child = ((xmlNodePtr)element)->children; child != NULL; child = child->next)
        if (child->type == XML_TEXT_NODE)
            return belonging(env, xmlNodeListGetString(child->doc, child, 1));
    return NULL;
}

axis2_char_t *axiom_element_get_attribute_value_by_name(axiom_element_t *element, const axutil_env_t *env,
                                                        axis2_char_t *name)
{
    const char *colon = name != NULL ? strchr(name, ':') : NULL;
    size_t length = colon != NULL ? (size_t)(colon - name) : 0;
    xmlAttrPtr attribute;

    if (element == NULL || name == NULL)
        return NULL;
    for (attribute = ((xmlNodePtr)element)->properties; attribute != NULL; attribute = attribute->next) {
        const char *prefix =
            attribute->ns != NULL && attribute->ns->prefix != NULL ? (const char *)attribute->ns->prefix : "";

        if (strcmp((const char *)attribute->name, colon != NULL ? colon + 1 : name) == 0 && strlen(prefix) == length &&
            strncmp(prefix, name, length) == 0)
            return belonging(env, xmlNodeListGetString(attribute->doc, attribute->children, 1));
    }
    return NULL;
}

axiom_soap_header_t *axiom_soap_envelope_get_header(axiom_soap_envelope_t *envelope, const axutil_env_t *env)
{
    (void)env;
    return envelope != NULL ? (axiom_soap_header_t *)adb_soap_part((xmlNodePtr)envelope, "Header") : NULL;
}

axiom_soap_body_t *axiom_soap_envelope_get_body(axiom_soap_envelope_t *envelope, const axutil_env_t *env)
{
    (void)env;
    return envelope != NULL ? (axiom_soap_body_t *)adb_soap_part((xmlNodePtr)envelope, "Body") : NULL;
}

axiom_node_t *axiom_soap_header_get_base_node(axiom_soap_header_t *header, const axutil_env_t *env)
{
    (void)env;
    return (axiom_node_t *)header;
}

axiom_node_t *axiom_soap_body_get_base_node(axiom_soap_body_t *body, const axutil_env_t *env)
{
    (void)env;
    return (axiom_node_t *)body;
}

axutil_array_list_t *axiom_soap_header_get_header_blocks_with_namespace_URI(axiom_soap_header_t *header,
                                                                            const axutil_env_t *env,
                                                                            const axis2_char_t *uri)
{
    axutil_array_list_t *list;
    xmlNodePtr block;
    int size = 0;

    if (header == NULL)
        return NULL;
    for (block = ((xmlNodePtr)header)->children; block != NULL; block = block->next)
        if (block->type == XML_ELEMENT_NODE && block->ns != NULL && block->ns->href != NULL &&
            strcmp((const char *)block->ns->href, uri) == 0)
            size++;
    if (size == 0 || (list = adb_alloc(env, sizeof *list)) == NULL)
        return NULL;
    list->size = size;
    return list;
}
