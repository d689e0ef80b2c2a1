// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the log gatherer of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>

#include <server-marshal.h>
#include <handlers.h>

adb_GetLogsResponse_t * GetLogsMarshal (adb_GetLogs_t * getLogs, const axutil_env_t * env)
{
  adb_GetLogsType_t *input = adb_GetLogs_get_GetLogs (getLogs, env);
  adb_GetLogsResponse_t *response = adb_GetLogsResponse_create (env);
  adb_GetLogsResponseType_t *output = adb_GetLogsResponseType_create (env);
  axis2_char_t *service = adb_GetLogsType_get_serviceTag (input, env);
  char *cc = NULL, *nc = NULL, *httpd = NULL, *axis2 = NULL;
  int rc = doGetLogs (service, &cc, &nc, &httpd, &axis2);

  adb_GetLogsResponseType_set_return (output, env, rc ? AXIS2_FALSE : AXIS2_TRUE);
  adb_GetLogsResponseType_set_correlationId (output, env, adb_GetLogsType_get_correlationId (input, env));
  adb_GetLogsResponseType_set_userId (output, env, adb_GetLogsType_get_userId (input, env));
  adb_GetLogsResponseType_set_serviceTag (output, env, service);
  if (cc) adb_GetLogsResponseType_set_CCLog (output, env, cc);
  if (nc) adb_GetLogsResponseType_set_NCLog (output, env, nc);
  if (httpd) adb_GetLogsResponseType_set_httpdLog (output, env, httpd);
  if (axis2) adb_GetLogsResponseType_set_axis2Log (output, env, axis2);
  free (cc);
  free (nc);
  free (httpd);
  free (axis2);
  adb_GetLogsResponse_set_GetLogsResponse (response, env, output);

  return response;
}

adb_GetKeysResponse_t * GetKeysMarshal (adb_GetKeys_t * getKeys, const axutil_env_t * env)
{
  adb_GetKeysType_t *input = adb_GetKeys_get_GetKeys (getKeys, env);
  adb_GetKeysResponse_t *response = adb_GetKeysResponse_create (env);
  adb_GetKeysResponseType_t *output = adb_GetKeysResponseType_create (env);
  axis2_char_t *service = adb_GetKeysType_get_serviceTag (input, env);
  char *cc = NULL, *nc = NULL;
  int rc = doGetKeys (service, &cc, &nc);

  adb_GetKeysResponseType_set_return (output, env, rc ? AXIS2_FALSE : AXIS2_TRUE);
  adb_GetKeysResponseType_set_correlationId (output, env, adb_GetKeysType_get_correlationId (input, env));
  adb_GetKeysResponseType_set_userId (output, env, adb_GetKeysType_get_userId (input, env));
  adb_GetKeysResponseType_set_serviceTag (output, env, service);
  if (cc) adb_GetKeysResponseType_set_CCcert (output, env, cc);
  if (nc) adb_GetKeysResponseType_set_NCcert (output, env, nc);
  free (cc);
  free (nc);
  adb_GetKeysResponse_set_GetKeysResponse (response, env, output);

  return response;
}

