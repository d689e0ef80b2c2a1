// SPDX-License-Identifier: GPL-3.0-only
/*
  Cluster controller of the reference tree: our own, much smaller than the	
  one of Eucalyptus 2.0 that it stands in for. You may use, change and hand
  it on as version 3 of the GNU General Public License says, and you’re on
  your own with it: there is no warranty.
*/
#ifndef INCLUDE_CC_CLIENT_MARSHAL_H
#define INCLUDE_CC_CLIENT_MARSHAL_H

#include <data.h>
#include "axis2_stub_EucalyptusCC.h"

/* the way to one cluster controller */
typedef struct ccStub_t {
  axutil_env_t *env;
  char *client_home;
  char *endpoint_uri;
  axis2_stub_t *stub;
} ccStub;

ccStub *ccStubCreate(char *endpoint_uri, char *logfile, char *homedir);
int ccStubDestroy(ccStub *st);

/* each sends one request, prints what was answered and returns 0 if that was
   not an error */
int cc_startNetwork(ccStub *st, ncMetadata *meta, char *netName, int vlan);
int cc_stopNetwork(ccStub *st, ncMetadata *meta, char *netName, int vlan);
int cc_describeNetworks(ccStub *st, ncMetadata *meta);
int cc_runInstances(ccStub *st, ncMetadata *meta, char *amiId, char *amiURL, char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, virtualMachine *vm, char *keyName, int minCount, char *reservationId, char **instIds, int instIdsLen, char *netName, int vlan, char *userData, char *launchIndex);
int cc_describeInstances(ccStub *st, ncMetadata *meta, char **instIds, int instIdsLen);
int cc_terminateInstances(ccStub *st, ncMetadata *meta, char **instIds, int instIdsLen);
int cc_rebootInstances(ccStub *st, ncMetadata *meta, char **instIds, int instIdsLen);
int cc_getConsoleOutput(ccStub *st, ncMetadata *meta, char *instId);
int cc_describeResources(ccStub *st, ncMetadata *meta, virtualMachine *vm);
int cc_attachVolume(ccStub *st, ncMetadata *meta, char *instId, char *volumeId, char *remoteDev, char *localDev);
int cc_detachVolume(ccStub *st, ncMetadata *meta, char *instId, char *volumeId, char *remoteDev, char *localDev, int force);

#endif
