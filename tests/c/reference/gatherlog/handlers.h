// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the log gatherer of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#ifndef INCLUDE_GL_HANDLERS_H
#define INCLUDE_GL_HANDLERS_H

/* all results are base64 and the caller's to free; NULL where this host has
   no such file */
int doGetLogs (char *service, char **outCCLog, char **outNCLog, char **outHTTPDLog, char **outAxis2Log);
int doGetKeys (char *service, char **outCCCert, char **outNCCert);

#endif

