/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message as a tree, to be read. A node is a node of libxml2; what comes back as text belongs to env. */
#ifndef AXIOM_H
#define AXIOM_H

#include <axutil_array_list.h>
#include <axutil_env.h>

typedef struct axiom_node axiom_node_t;
typedef struct axiom_element axiom_element_t;
typedef struct axiom_soap_envelope axiom_soap_envelope_t;
typedef struct axiom_soap_header axiom_soap_header_t;
typedef struct axiom_soap_body axiom_soap_body_t;

/* AXIOM_INVALID stands for everything that is no element. */
typedef enum { AXIOM_INVALID, AXIOM_ELEMENT } axiom_types_t;

axiom_types_t axiom_node_get_node_type(axiom_node_t *node, const axutil_env_t *env);
void *axiom_node_get_data_element(axiom_node_t *node, const axutil_env_t *env);
axiom_node_t *axiom_node_get_first_child(axiom_node_t *node, const axutil_env_t *env);
axiom_node_t *axiom_node_get_next_sibling(axiom_node_t *node, const axutil_env_t *env);

axis2_char_t *axiom_element_get_localname(axiom_element_t *element, const axutil_env_t *env);
/* The text right below the element, NULL where there is none. */
axis2_char_t *axiom_element_get_text(axiom_element_t *element, const axutil_env_t *env, axiom_node_t *node);
/* The name as it is written, with its prefix if it has one. */
axis2_char_t *axiom_element_get_attribute_value_by_name(axiom_element_t *element, const axutil_env_t *env,
                                                        axis2_char_t *name);

axiom_soap_header_t *axiom_soap_envelope_get_header(axiom_soap_envelope_t *envelope, const axutil_env_t *env);
axiom_soap_body_t *axiom_soap_envelope_get_body(axiom_soap_envelope_t *envelope, const axutil_env_t *env);
axiom_node_t *axiom_soap_header_get_base_node(axiom_soap_header_t *header, const axutil_env_t *env);
axiom_node_t *axiom_soap_body_get_base_node(axiom_soap_body_t *body, const axutil_env_t *env);
/* NULL where there is no such block. */
axutil_array_list_t *axiom_soap_header_get_header_blocks_with_namespace_URI(axiom_soap_header_t *header,
                                                                            const axutil_env_t *env,
                                                                            const axis2_char_t *uri);

#endif
