// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define HANDLERS_FANOUT
#include "handlers.h"
#include "client-marshal.h"

/* the same calls with no wire in between: the controller runs in this process */

ncStub * ncStubCreate (char *endpoint_uri, char *logfile, char *homedir)
{
  ncStub * st = calloc (1, sizeof (ncStub));

  if (st && endpoint_uri) st->endpoint_uri = strdup (endpoint_uri);
  if (st && homedir) st->client_home = strdup (homedir);
  return st;
}

int ncStubDestroy (ncStub *st)
{
  if (st == NULL) return ERROR;
  free (st->endpoint_uri);
  free (st->client_home);
  free (st->node_name);
  free (st);
  return OK;
}

int ncRunInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId, char *reservationId, virtualMachine *params, char *imageId, char *imageURL, char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, char *keyName, netConfig *netparams, char *userData, char *launchIndex, char **groupNames, int groupNamesSize, ncInstance **outInstPtr)
{
  return doRunInstance (meta, instanceId, reservationId, params, imageId, imageURL, kernelId, kernelURL, ramdiskId, ramdiskURL, keyName, netparams, userData, launchIndex, groupNames, groupNamesSize, outInstPtr);
}

int ncTerminateInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState)
{
  return doTerminateInstance (meta, instanceId, shutdownState, previousState);
}

int ncDescribeInstancesStub (ncStub *st, ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts, int *outInstsLen)
{
  return doDescribeInstances (meta, instIds, instIdsLen, outInsts, outInstsLen);
}

int ncDescribeResourceStub (ncStub *st, ncMetadata *meta, char *resourceType, ncResource **outRes)
{
  return doDescribeResource (meta, resourceType, outRes);
}

int ncStartNetworkStub (ncStub *st, ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan, char **outStatus)
{
  int rc = doStartNetwork (meta, remoteHosts, remoteHostsLen, port, vlan);

  if (outStatus) *outStatus = strdup (rc == OK ? "SUCCESS" : "FAIL");
  return rc;
}

int ncRebootInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId)
{
  return doRebootInstance (meta, instanceId);
}

int ncGetConsoleOutputStub (ncStub *st, ncMetadata *meta, char *instanceId, char **consoleOutput)
{
  return doGetConsoleOutput (meta, instanceId, consoleOutput);
}

int ncAttachVolumeStub (ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev)
{
  return doAttachVolume (meta, instanceId, volumeId, remoteDev, localDev);
}

int ncDetachVolumeStub (ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev, int force)
{
  return doDetachVolume (meta, instanceId, volumeId, remoteDev, localDev, force);
}

int ncPowerDownStub (ncStub *st, ncMetadata *meta)
{
  return doPowerDown (meta);
}

