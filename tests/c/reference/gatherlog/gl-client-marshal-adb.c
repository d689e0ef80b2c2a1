// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the log gatherer of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eucalyptus.h"
#include "gl-client-marshal.h"

static char * own_copy (char *text)
{
  return text ? strdup (text) : NULL;
}

int glGetLogs (char *service, char **clog, char **nlog, char **hlog, char **alog, axutil_env_t *env, axis2_stub_t *stub)
{
  adb_GetLogs_t *input = adb_GetLogs_create (env);
  adb_GetLogsType_t *request = adb_GetLogsType_create (env);
  adb_GetLogsResponse_t *output;
  adb_GetLogsResponseType_t *response;

  adb_GetLogsType_set_serviceTag (request, env, service);
  adb_GetLogs_set_GetLogs (input, env, request);
  if ((output = axis2_stub_op_EucalyptusGL_GetLogs (stub, env, input)) == NULL) return ERROR;

  response = adb_GetLogsResponse_get_GetLogsResponse (output, env);
  if (adb_GetLogsResponseType_get_return (response, env) != AXIS2_TRUE) return ERROR;
  *clog = own_copy (adb_GetLogsResponseType_get_CCLog (response, env));
  *nlog = own_copy (adb_GetLogsResponseType_get_NCLog (response, env));
  *hlog = own_copy (adb_GetLogsResponseType_get_httpdLog (response, env));
  *alog = own_copy (adb_GetLogsResponseType_get_axis2Log (response, env));

  return OK;
}

int glGetKeys (char *service, char **cccert, char **nccert, axutil_env_t *env, axis2_stub_t *stub)
{
  adb_GetKeys_t *input = adb_GetKeys_create (env);
  adb_GetKeysType_t *request = adb_GetKeysType_create (env);
  adb_GetKeysResponse_t *output;
  adb_GetKeysResponseType_t *response;

  adb_GetKeysType_set_serviceTag (request, env, service);
  adb_GetKeys_set_GetKeys (input, env, request);
  if ((output = axis2_stub_op_EucalyptusGL_GetKeys (stub, env, input)) == NULL) return ERROR;

  response = adb_GetKeysResponse_get_GetKeysResponse (output, env);
  if (adb_GetKeysResponseType_get_return (response, env) != AXIS2_TRUE) return ERROR;
  *cccert = own_copy (adb_GetKeysResponseType_get_CCcert (response, env));
  *nccert = own_copy (adb_GetKeysResponseType_get_NCcert (response, env));

  return OK;
}

