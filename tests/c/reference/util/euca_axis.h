// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#ifndef INCLUDE_EUCA_AXIS_H
#define INCLUDE_EUCA_AXIS_H

#include <axutil_env.h>
#include <axis2_msg_ctx.h>
#include <axis2_op_ctx.h>
#include <axis2_svc_client.h>

/* client side: 0 when messages will be signed as the policy file says */
int InitWSSEC (axutil_env_t * env, axis2_svc_client_t * svc_client, char * policyFile);

/* server side: called by the generated service skeletons, see the
 * axis2_svc_generated.patch files */
axis2_status_t euca_authenticate (const axutil_env_t * env, axis2_msg_ctx_t * out_msg_ctx, axis2_op_ctx_t * op_ctx);

/* the request in a service skeleton is authentic, or the operation ends here */
#define EUCA_AUTHENTICATE(env, msg_ctx, op_ctx) \
	do { \
		if (AXIS2_SUCCESS != euca_authenticate (env, msg_ctx, op_ctx)) \
			return NULL; \
	} while (0)

#endif
