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
#include "gl-client-marshal.h"

static void show (const char *title, char *encoded)
{
  char *text = encoded ? base64_dec ((unsigned char *) encoded, strlen (encoded)) : NULL;

  printf ("---- %s\n%s\n", title, text ? text : "(none)");
  free (text);
  free (encoded);
}

int main (int argc, char **argv)
{
  char *home = getenv ("AXIS2C_HOME"), uri[1024], *a = NULL, *b = NULL, *c = NULL, *d = NULL;
  axis2_stub_t *stub;
  axutil_env_t *env;
  int rc;

  if (argc != 3 || home == NULL || (strcmp (argv[2], "getLogs") && strcmp (argv[2], "getKeys"))) {
    fprintf (stderr, "usage: AXIS2C_HOME=... GLclient HOST:PORT getLogs|getKeys\n");
    return 2;
  }
  snprintf (uri, sizeof (uri), "http://%s/axis2/services/EucalyptusGL", argv[1]);
  env = axutil_env_create_all (NULL, AXIS2_LOG_LEVEL_ERROR);
  if (env == NULL || (stub = axis2_stub_create_EucalyptusGL (env, home, uri)) == NULL) {
    fprintf (stderr, "no stub for %s\n", uri);
    return 1;
  }

  if (!strcmp (argv[2], "getLogs")) {
    rc = glGetLogs ("self", &a, &b, &c, &d, env, stub);
    if (rc == OK) {
      show ("CC", a);
      show ("NC", b);
      show ("httpd", c);
      show ("axis2", d);
    }
  } else {
    rc = glGetKeys ("self", &a, &b, env, stub);
    if (rc == OK) {
      show ("CC", a);
      show ("NC", b);
    }
  }
  if (rc != OK) fprintf (stderr, "%s gave no answer\n", uri);

  return rc == OK ? 0 : 1;
}

