// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#ifndef INCLUDE_CLIENT_MARSHAL_H
#define INCLUDE_CLIENT_MARSHAL_H

#include <data.h>

/* one connection to one node. The two middle-ware types stay incomplete
   here, so that whoever links the local flavour needs no Axis2/C */
struct axutil_env;
struct axis2_stub;

typedef struct ncStub_t {
    struct axutil_env * env;
    char * client_home;
    char * endpoint_uri;
    char * node_name;
    struct axis2_stub * stub;
} ncStub;

ncStub * ncStubCreate  (char *endpoint_uri, char *logfile, char *homedir);
int      ncStubDestroy (ncStub *st);

/* every call gives OK, or ERROR when the node refused or did not answer */
int ncRunInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId, char *reservationId, virtualMachine *params, char *imageId, char *imageURL, char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, char *keyName, netConfig *netparams, char *userData, char *launchIndex, char **groupNames, int groupNamesSize, ncInstance **outInstPtr);
int ncTerminateInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState);
int ncDescribeInstancesStub (ncStub *st, ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts, int *outInstsLen);
int ncDescribeResourceStub (ncStub *st, ncMetadata *meta, char *resourceType, ncResource **outRes);
int ncStartNetworkStub (ncStub *st, ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan, char **outStatus);
int ncRebootInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId);
int ncGetConsoleOutputStub (ncStub *st, ncMetadata *meta, char *instanceId, char **consoleOutput);
int ncAttachVolumeStub (ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev);
int ncDetachVolumeStub (ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev, int force);
int ncPowerDownStub (ncStub *st, ncMetadata *meta);

#endif

