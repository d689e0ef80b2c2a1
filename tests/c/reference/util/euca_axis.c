// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <axiom.h>
#include <axis2_client.h>
#include <neethi_policy.h>
#include <neethi_util.h>
#include <eucalyptus.h>
#include <misc.h>
#include <euca_axis.h>

#define WSSE_NAMESPACE "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

int InitWSSEC (axutil_env_t * env, axis2_svc_client_t * svc_client, char * policyFile)
{
	neethi_policy_t * policy;

	if (axis2_svc_client_engage_module (svc_client, env, "rampart") != AXIS2_SUCCESS) {
		logprintfl (EUCAERROR, "InitWSSEC: no rampart module\n");
		return ERROR;
	}
	policy = neethi_util_create_policy_from_file (env, policyFile);
	if (policy == NULL || axis2_svc_client_set_policy (svc_client, env, policy) != AXIS2_SUCCESS) {
		logprintfl (EUCAERROR, "InitWSSEC: %s is of no use as a policy\n", policyFile);
		return ERROR;
	}

	return OK;
}

/* first element of that name at a node or anywhere below it */
static axiom_node_t * below (const axutil_env_t * env, axiom_node_t * node, const char * name)
{
	axiom_node_t * child, * hit = NULL;
	axiom_element_t * element;

	if (node == NULL || axiom_node_get_node_type (node, env) != AXIOM_ELEMENT)
		return NULL;
	element = (axiom_element_t *) axiom_node_get_data_element (node, env);
	if (strcmp (axiom_element_get_localname (element, env), name) == 0)
		return node;
	for (child = axiom_node_get_first_child (node, env); child && !hit; child = axiom_node_get_next_sibling (child, env))
		hit = below (env, child, name);

	return hit;
}

/* how many elements below the signature refer to that id */
static int references_to (const axutil_env_t * env, axiom_node_t * node, const char * id)
{
	axiom_element_t * element;
	axiom_node_t * child;
	char * uri;
	int n = 0;

	if (node == NULL || axiom_node_get_node_type (node, env) != AXIOM_ELEMENT)
		return 0;
	element = (axiom_element_t *) axiom_node_get_data_element (node, env);
	if (strcmp (axiom_element_get_localname (element, env), "Reference") == 0) {
		uri = axiom_element_get_attribute_value_by_name (element, env, "URI");
		if (uri && uri[0] == '#' && strcmp (uri + 1, id) == 0)
			n = 1;
	}
	for (child = axiom_node_get_first_child (node, env); child; child = axiom_node_get_next_sibling (child, env))
		n += references_to (env, child, id);

	return n;
}

/* was this very element signed, and not a namesake somewhere else? */
static int is_signed (const axutil_env_t * env, axiom_node_t * node, axiom_node_t * signed_info)
{
	axiom_element_t * element;
	char * id;

	if (node == NULL)
		return 0;
	element = (axiom_element_t *) axiom_node_get_data_element (node, env);
	if ((id = axiom_element_get_attribute_value_by_name (element, env, "wsu:Id")) == NULL)
		id = axiom_element_get_attribute_value_by_name (element, env, "Id");

	return id != NULL && references_to (env, signed_info, id) == 1;
}

/* the certificate in a file, without its armour and white space, is the token's */
static int is_in_file (const char * token, const char * name)
{
	char path [EUCA_MAX_PATH], * home = getenv (EUCALYPTUS_ENV_VAR_NAME), * pem, * at, * end;
	int same = 0;

	snprintf (path, sizeof (path), EUCALYPTUS_KEYS_DIR "/%s", home ? home : "", name);
	if ((pem = file2str (path)) == NULL)
		return 0;
	if ((at = strstr (pem, "-----BEGIN CERTIFICATE-----")) != NULL && (end = strstr (at, "-----END")) != NULL) {
		at += strlen ("-----BEGIN CERTIFICATE-----");
		for (;;) {
			at += strspn (at, " \r\n");
			token += strspn (token, " \r\n");
			if (at == end || *token == 0 || *at != *token)
				break;
			at++;
			token++;
		}
		same = at == end && *token == 0;
	}
	free (pem);

	return same;
}

/* Rampart has checked the signature by now, but not whose it is, nor whether
 * it covers what will be acted upon */
axis2_status_t euca_authenticate (const axutil_env_t * env, axis2_msg_ctx_t * out_msg_ctx, axis2_op_ctx_t * op_ctx)
{
	axis2_msg_ctx_t * request = axis2_op_ctx_get_msg_ctx (op_ctx, env, AXIS2_WSDL_MESSAGE_LABEL_IN);
	axiom_soap_envelope_t * envelope = request ? axis2_msg_ctx_get_soap_envelope (request, env) : NULL;
	axiom_soap_header_t * header = envelope ? axiom_soap_envelope_get_header (envelope, env) : NULL;
	axiom_soap_body_t * body = envelope ? axiom_soap_envelope_get_body (envelope, env) : NULL;
	axiom_node_t * security, * signature, * token;
	axutil_array_list_t * blocks;
	char * text;

	if (header == NULL || body == NULL)
		return AXIS2_FAILURE;
	blocks = axiom_soap_header_get_header_blocks_with_namespace_URI (header, env, WSSE_NAMESPACE);
	if (blocks == NULL || axutil_array_list_size (blocks, env) != 1) {
		logprintfl (EUCAERROR, "euca_authenticate: not exactly one Security header\n");
		return AXIS2_FAILURE;
	}

	security = below (env, axiom_soap_header_get_base_node (header, env), "Security");
	signature = below (env, security, "SignedInfo");
	if (signature == NULL
	    || !is_signed (env, axiom_soap_body_get_base_node (body, env), signature)
	    || !is_signed (env, below (env, security, "Timestamp"), signature)) {
		logprintfl (EUCAERROR, "euca_authenticate: body or time stamp is not what was signed\n");
		return AXIS2_FAILURE;
	}

	token = below (env, security, "BinarySecurityToken");
	text = token ? axiom_element_get_text ((axiom_element_t *) axiom_node_get_data_element (token, env), env, token) : NULL;
	if (text == NULL || (!is_in_file (text, "cluster-cert.pem") && !is_in_file (text, "cloud-cert.pem"))) {
		logprintfl (EUCAERROR, "euca_authenticate: signed by somebody unknown\n");
		return AXIS2_FAILURE;
	}

	return AXIS2_SUCCESS;
}
