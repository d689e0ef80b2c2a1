// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the log gatherer of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "euca_auth.h"
#include "eucalyptus.h"
#include "handlers.h"
#include "misc.h"

#define LOG_MAX 65536 /* bytes of a log, the last ones */

/* pattern has one place, for the installation folder */
static char * encoded_file (const char *folder_pattern, const char *name)
{
  char folder[EUCA_MAX_PATH / 2], path[EUCA_MAX_PATH], *home = getenv (EUCALYPTUS_ENV_VAR_NAME), *text, *encoded;
  size_t length;

  snprintf (folder, sizeof (folder), folder_pattern, home ? home : "");
  snprintf (path, sizeof (path), "%s/%s", folder, name);
  if ((text = file2str (path)) == NULL) return NULL;
  length = strlen (text);
  if (length > LOG_MAX)
    encoded = base64_enc ((unsigned char *) text + length - LOG_MAX, LOG_MAX);
  else
    encoded = base64_enc ((unsigned char *) text, length);
  free (text);

  return encoded;
}

int doGetLogs (char *service, char **outCCLog, char **outNCLog, char **outHTTPDLog, char **outAxis2Log)
{
  logprintfl (EUCAINFO, "logs are asked for, by %s\n", service ? service : "nobody");
  *outCCLog = encoded_file (EUCALYPTUS_LOG_DIR, "cc.log");
  *outNCLog = encoded_file (EUCALYPTUS_LOG_DIR, "nc.log");
  *outHTTPDLog = encoded_file (EUCALYPTUS_LOG_DIR, "httpd-cc_error_log");
  if (*outHTTPDLog == NULL) *outHTTPDLog = encoded_file (EUCALYPTUS_LOG_DIR, "httpd-nc_error_log");
  *outAxis2Log = encoded_file (EUCALYPTUS_LOG_DIR, "axis2c.log");

  return OK;
}

int doGetKeys (char *service, char **outCCCert, char **outNCCert)
{
  logprintfl (EUCAINFO, "certificates are asked for, by %s\n", service ? service : "nobody");
  *outCCCert = encoded_file (EUCALYPTUS_KEYS_DIR, "cluster-cert.pem");
  *outNCCert = encoded_file (EUCALYPTUS_KEYS_DIR, "node-cert.pem");

  return OK;
}

