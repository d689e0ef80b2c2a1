// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the log gatherer of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#ifndef INCLUDE_GL_CLIENT_MARSHAL_H
#define INCLUDE_GL_CLIENT_MARSHAL_H

#include "axis2_stub_EucalyptusGL.h"

/* what comes back is base64, the caller's to free, NULL where there is none */
int glGetLogs (char *service, char **clog, char **nlog, char **hlog, char **alog, axutil_env_t *env, axis2_stub_t *stub);
int glGetKeys (char *service, char **cccert, char **nccert, axutil_env_t *env, axis2_stub_t *stub);

#endif

