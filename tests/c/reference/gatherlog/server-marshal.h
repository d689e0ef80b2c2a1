// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the log gatherer of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#ifndef INCLUDE_GL_SERVER_MARSHAL_H
#define INCLUDE_GL_SERVER_MARSHAL_H

#include "axis2_skel_EucalyptusGL.h"

adb_GetLogsResponse_t * GetLogsMarshal (adb_GetLogs_t * getLogs, const axutil_env_t * env);
adb_GetKeysResponse_t * GetKeysMarshal (adb_GetKeys_t * getKeys, const axutil_env_t * env);

#endif

