// SPDX-License-Identifier: GPL-3.0-only
/*
  Cluster controller of the reference tree: our own, much smaller than the	
  one of Eucalyptus 2.0 that it stands in for. You may use, change and hand
  it on as version 3 of the GNU General Public License says, and you’re on
  your own with it: there is no warranty.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <eucalyptus.h>
#include <misc.h>
#include <data.h>
#include <adb-helpers.h>
#include <handlers.h>
#include <server-marshal.h>
#include "adb_netConfigType.h"
#include "adb_volumeType.h"

/* all reply types begin alike, but they are types of their own */
#define WORD_FOR(rc) ((rc) ? "ERROR" : "OK")
#define BOOL_FOR(rc) ((rc) ? AXIS2_FALSE : AXIS2_TRUE)

adb_StartNetworkResponse_t *StartNetworkMarshal(adb_StartNetwork_t *startNetwork, const axutil_env_t *env) {
  adb_startNetworkType_t *in = adb_StartNetwork_get_StartNetwork(startNetwork, env);
  adb_startNetworkResponseType_t *out = adb_startNetworkResponseType_create(env);
  adb_StartNetworkResponse_t *response = adb_StartNetworkResponse_create(env);
  ncMetadata ccMeta;
  int rc;

  ccMeta.correlationId = adb_startNetworkType_get_correlationId(in, env);
  ccMeta.userId = adb_startNetworkType_get_userId(in, env);

  rc = doStartNetwork(&ccMeta, adb_startNetworkType_get_netName(in, env), adb_startNetworkType_get_vlan(in, env));

  adb_startNetworkResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_startNetworkResponseType_set_userId(out, env, ccMeta.userId);
  adb_startNetworkResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_startNetworkResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_StartNetworkResponse_set_StartNetworkResponse(response, env, out);
  return response;
}

adb_StopNetworkResponse_t *StopNetworkMarshal(adb_StopNetwork_t *stopNetwork, const axutil_env_t *env) {
  adb_stopNetworkType_t *in = adb_StopNetwork_get_StopNetwork(stopNetwork, env);
  adb_stopNetworkResponseType_t *out = adb_stopNetworkResponseType_create(env);
  adb_StopNetworkResponse_t *response = adb_StopNetworkResponse_create(env);
  ncMetadata ccMeta;
  int rc;

  ccMeta.correlationId = adb_stopNetworkType_get_correlationId(in, env);
  ccMeta.userId = adb_stopNetworkType_get_userId(in, env);

  rc = doStopNetwork(&ccMeta, adb_stopNetworkType_get_netName(in, env), adb_stopNetworkType_get_vlan(in, env));

  adb_stopNetworkResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_stopNetworkResponseType_set_userId(out, env, ccMeta.userId);
  adb_stopNetworkResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_stopNetworkResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_StopNetworkResponse_set_StopNetworkResponse(response, env, out);
  return response;
}

adb_DescribeNetworksResponse_t *DescribeNetworksMarshal(adb_DescribeNetworks_t *describeNetworks, const axutil_env_t *env) {
  adb_describeNetworksType_t *in = adb_DescribeNetworks_get_DescribeNetworks(describeNetworks, env);
  adb_describeNetworksResponseType_t *out = adb_describeNetworksResponseType_create(env);
  adb_DescribeNetworksResponse_t *response = adb_DescribeNetworksResponse_create(env);
  vnetConfig *networks = calloc(1, sizeof(vnetConfig));
  ncMetadata ccMeta;
  int rc = 1;

  ccMeta.correlationId = adb_describeNetworksType_get_correlationId(in, env);
  ccMeta.userId = adb_describeNetworksType_get_userId(in, env);

  if (networks) rc = doDescribeNetworks(&ccMeta, networks);
  adb_describeNetworksResponseType_set_mode(out, env, rc ? "" : networks->mode);
  adb_describeNetworksResponseType_set_addrsPerNetwork(out, env, rc ? 0 : networks->networks[0].numhosts);
  adb_describeNetworksResponseType_set_useVlans(out, env, 0);
  free(networks);

  adb_describeNetworksResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_describeNetworksResponseType_set_userId(out, env, ccMeta.userId);
  adb_describeNetworksResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_describeNetworksResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_DescribeNetworksResponse_set_DescribeNetworksResponse(response, env, out);
  return response;
}

/* room for a list of strings, and a NULL behind it that the node's side of the
   common code looks at; the strings themselves stay the message's */
static char **new_list(int *len) {
  char **list = calloc(*len + 1, sizeof(char *));

  if (list == NULL) *len = 0;
  return list;
}

adb_RunInstancesResponse_t *RunInstancesMarshal(adb_RunInstances_t *runInstances, const axutil_env_t *env) {
  adb_runInstancesType_t *in = adb_RunInstances_get_RunInstances(runInstances, env);
  adb_runInstancesResponseType_t *out = adb_runInstancesResponseType_create(env);
  adb_RunInstancesResponse_t *response = adb_RunInstancesResponse_create(env);
  ncMetadata ccMeta;
  ccInstance *outInsts = NULL;
  virtualMachine ccvm;
  int i, rc, minCount, maxCount, vlan, instIdsLen, netNamesLen, macAddrsLen, *networkIndexList, networkIndexListLen, outInstsLen = 0;
  char *emiId, *emiURL, *kernelId, *kernelURL, *ramdiskId, *ramdiskURL, *keyName, *reservationId, *userData, *launchIndex, **instIds, **netNames, **macAddrs;

  ccMeta.correlationId = adb_runInstancesType_get_correlationId(in, env);
  ccMeta.userId = adb_runInstancesType_get_userId(in, env);

  emiId = adb_runInstancesType_get_imageId(in, env);
  emiURL = adb_runInstancesType_get_imageURL(in, env);
  kernelId = adb_runInstancesType_get_kernelId(in, env);
  kernelURL = adb_runInstancesType_get_kernelURL(in, env);
  ramdiskId = adb_runInstancesType_get_ramdiskId(in, env);
  ramdiskURL = adb_runInstancesType_get_ramdiskURL(in, env);
  copy_vm_type_from_adb(&ccvm, adb_runInstancesType_get_instanceType(in, env), env);
  keyName = adb_runInstancesType_get_keyName(in, env);
  maxCount = adb_runInstancesType_get_maxCount(in, env);
  minCount = adb_runInstancesType_get_minCount(in, env);
  reservationId = adb_runInstancesType_get_reservationId(in, env);
  instIdsLen = adb_runInstancesType_sizeof_instanceIds(in, env);
  instIds = new_list(&instIdsLen);
  for (i = 0; i < instIdsLen; i++) instIds[i] = adb_runInstancesType_get_instanceIds_at(in, env, i);
  netNamesLen = adb_runInstancesType_sizeof_netNames(in, env);
  netNames = new_list(&netNamesLen);
  for (i = 0; i < netNamesLen; i++) netNames[i] = adb_runInstancesType_get_netNames_at(in, env, i);
  macAddrsLen = adb_runInstancesType_sizeof_macAddresses(in, env);
  macAddrs = new_list(&macAddrsLen);
  for (i = 0; i < macAddrsLen; i++) macAddrs[i] = adb_runInstancesType_get_macAddresses_at(in, env, i);
  networkIndexListLen = adb_runInstancesType_sizeof_networkIndexList(in, env);
  networkIndexList = networkIndexListLen > 0 ? calloc(networkIndexListLen, sizeof(int)) : NULL;
  for (i = 0; networkIndexList && i < networkIndexListLen; i++) networkIndexList[i] = adb_runInstancesType_get_networkIndexList_at(in, env, i);
  vlan = adb_runInstancesType_get_vlan(in, env);
  userData = adb_runInstancesType_get_userData(in, env);
  if (userData == NULL) userData = "";
  launchIndex = adb_runInstancesType_get_launchIndex(in, env);

  rc = doRunInstances(&ccMeta, emiId, kernelId, ramdiskId, emiURL, kernelURL, ramdiskURL, instIds, instIdsLen, netNames, netNamesLen, macAddrs, macAddrsLen, networkIndexList, networkIndexListLen, minCount, maxCount, ccMeta.userId, reservationId, &ccvm, keyName, vlan, userData, launchIndex, NULL, &outInsts, &outInstsLen);
  if (rc) logprintfl(EUCAERROR, "RunInstancesMarshal(): doRunInstances() gave %d\n", rc);

  for (i = 0; !rc && i < outInstsLen; i++) {
    adb_ccInstanceType_t *instance = adb_ccInstanceType_create(env);

    ccInstanceUnmarshal(instance, &(outInsts[i]), env);
    adb_runInstancesResponseType_add_instances(out, env, instance);
  }
  free(outInsts);
  free(networkIndexList);
  free(instIds);
  free(netNames);
  free(macAddrs);

  adb_runInstancesResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_runInstancesResponseType_set_userId(out, env, ccMeta.userId);
  adb_runInstancesResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_runInstancesResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_RunInstancesResponse_set_RunInstancesResponse(response, env, out);
  return response;
}

adb_DescribeInstancesResponse_t *DescribeInstancesMarshal(adb_DescribeInstances_t *describeInstances, const axutil_env_t *env) {
  adb_describeInstancesType_t *in = adb_DescribeInstances_get_DescribeInstances(describeInstances, env);
  adb_describeInstancesResponseType_t *out = adb_describeInstancesResponseType_create(env);
  adb_DescribeInstancesResponse_t *response = adb_DescribeInstancesResponse_create(env);
  ccInstance *outInsts = NULL;
  ncMetadata ccMeta;
  char **instIds;
  int i, rc, instIdsLen, outInstsLen = 0;

  ccMeta.correlationId = adb_describeInstancesType_get_correlationId(in, env);
  ccMeta.userId = adb_describeInstancesType_get_userId(in, env);

  instIdsLen = adb_describeInstancesType_sizeof_instIds(in, env);
  instIds = new_list(&instIdsLen);
  for (i = 0; i < instIdsLen; i++) instIds[i] = adb_describeInstancesType_get_instIds_at(in, env, i);
  rc = doDescribeInstances(&ccMeta, instIds, instIdsLen, &outInsts, &outInstsLen);
  for (i = 0; !rc && i < outInstsLen; i++) {
    adb_ccInstanceType_t *instance = adb_ccInstanceType_create(env);

    ccInstanceUnmarshal(instance, &(outInsts[i]), env);
    adb_describeInstancesResponseType_add_instances(out, env, instance);
  }
  free(outInsts);
  free(instIds);

  adb_describeInstancesResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_describeInstancesResponseType_set_userId(out, env, ccMeta.userId);
  adb_describeInstancesResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_describeInstancesResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_DescribeInstancesResponse_set_DescribeInstancesResponse(response, env, out);
  return response;
}

adb_DescribeResourcesResponse_t *DescribeResourcesMarshal(adb_DescribeResources_t *describeResources, const axutil_env_t *env) {
  adb_describeResourcesType_t *in = adb_DescribeResources_get_DescribeResources(describeResources, env);
  adb_describeResourcesResponseType_t *out = adb_describeResourcesResponseType_create(env);
  adb_DescribeResourcesResponse_t *response = adb_DescribeResourcesResponse_create(env);
  virtualMachine *types, **ccvms;
  ncMetadata ccMeta;
  char **serviceTags = NULL;
  int i, rc = 1, vmLen, *outTypesMax = NULL, *outTypesAvail = NULL, outTypesLen = 0, serviceTagsLen = 0;

  ccMeta.correlationId = adb_describeResourcesType_get_correlationId(in, env);
  ccMeta.userId = adb_describeResourcesType_get_userId(in, env);

  vmLen = adb_describeResourcesType_sizeof_instanceTypes(in, env);
  types = calloc(vmLen + 1, sizeof(virtualMachine));
  ccvms = calloc(vmLen + 1, sizeof(virtualMachine *));
  if (types && ccvms) {
    for (i = 0; i < vmLen; i++) {
      ccvms[i] = &(types[i]);
      copy_vm_type_from_adb(ccvms[i], adb_describeResourcesType_get_instanceTypes_at(in, env, i), env);
    }
    rc = doDescribeResources(&ccMeta, ccvms, vmLen, &outTypesMax, &outTypesAvail, &outTypesLen, &serviceTags, &serviceTagsLen);
  }
  for (i = 0; !rc && i < outTypesLen; i++) {
    adb_ccResourceType_t *resource = adb_ccResourceType_create(env);

    adb_ccResourceType_set_instanceType(resource, env, copy_vm_type_to_adb(env, ccvms[i]));
    adb_ccResourceType_set_maxInstances(resource, env, outTypesMax[i]);
    adb_ccResourceType_set_availableInstances(resource, env, outTypesAvail[i]);
    adb_describeResourcesResponseType_add_resources(out, env, resource);
  }
  for (i = 0; i < serviceTagsLen; i++) {
    if (serviceTags[i]) adb_describeResourcesResponseType_add_serviceTags(out, env, serviceTags[i]);
    free(serviceTags[i]);
  }
  free(serviceTags);
  free(outTypesMax);
  free(outTypesAvail);
  free(types);
  free(ccvms);

  adb_describeResourcesResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_describeResourcesResponseType_set_userId(out, env, ccMeta.userId);
  adb_describeResourcesResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_describeResourcesResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_DescribeResourcesResponse_set_DescribeResourcesResponse(response, env, out);
  return response;
}

adb_TerminateInstancesResponse_t *TerminateInstancesMarshal(adb_TerminateInstances_t *terminateInstances, const axutil_env_t *env) {
  adb_terminateInstancesType_t *in = adb_TerminateInstances_get_TerminateInstances(terminateInstances, env);
  adb_terminateInstancesResponseType_t *out = adb_terminateInstancesResponseType_create(env);
  adb_TerminateInstancesResponse_t *response = adb_TerminateInstancesResponse_create(env);
  ncMetadata ccMeta;
  char **instIds;
  int i, rc, instIdsLen, *outStatus = NULL;

  ccMeta.correlationId = adb_terminateInstancesType_get_correlationId(in, env);
  ccMeta.userId = adb_terminateInstancesType_get_userId(in, env);

  instIdsLen = adb_terminateInstancesType_sizeof_instanceIds(in, env);
  instIds = new_list(&instIdsLen);
  for (i = 0; i < instIdsLen; i++) instIds[i] = adb_terminateInstancesType_get_instanceIds_at(in, env, i);
  rc = doTerminateInstances(&ccMeta, instIds, instIdsLen, &outStatus);
  for (i = 0; !rc && i < instIdsLen; i++) adb_terminateInstancesResponseType_add_isTerminated(out, env, outStatus[i] ? AXIS2_TRUE : AXIS2_FALSE);
  free(outStatus);
  free(instIds);

  adb_terminateInstancesResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_terminateInstancesResponseType_set_userId(out, env, ccMeta.userId);
  adb_terminateInstancesResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_terminateInstancesResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_TerminateInstancesResponse_set_TerminateInstancesResponse(response, env, out);
  return response;
}

adb_RebootInstancesResponse_t *RebootInstancesMarshal(adb_RebootInstances_t *rebootInstances, const axutil_env_t *env) {
  adb_rebootInstancesType_t *in = adb_RebootInstances_get_RebootInstances(rebootInstances, env);
  adb_rebootInstancesResponseType_t *out = adb_rebootInstancesResponseType_create(env);
  adb_RebootInstancesResponse_t *response = adb_RebootInstancesResponse_create(env);
  ncMetadata ccMeta;
  char **instIds;
  int i, rc, instIdsLen;

  ccMeta.correlationId = adb_rebootInstancesType_get_correlationId(in, env);
  ccMeta.userId = adb_rebootInstancesType_get_userId(in, env);

  instIdsLen = adb_rebootInstancesType_sizeof_instanceIds(in, env);
  instIds = new_list(&instIdsLen);
  for (i = 0; i < instIdsLen; i++) instIds[i] = adb_rebootInstancesType_get_instanceIds_at(in, env, i);
  rc = doRebootInstances(&ccMeta, instIds, instIdsLen);
  free(instIds);

  adb_rebootInstancesResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_rebootInstancesResponseType_set_userId(out, env, ccMeta.userId);
  adb_rebootInstancesResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_rebootInstancesResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_RebootInstancesResponse_set_RebootInstancesResponse(response, env, out);
  return response;
}

adb_GetConsoleOutputResponse_t *GetConsoleOutputMarshal(adb_GetConsoleOutput_t *getConsoleOutput, const axutil_env_t *env) {
  adb_getConsoleOutputType_t *in = adb_GetConsoleOutput_get_GetConsoleOutput(getConsoleOutput, env);
  adb_getConsoleOutputResponseType_t *out = adb_getConsoleOutputResponseType_create(env);
  adb_GetConsoleOutputResponse_t *response = adb_GetConsoleOutputResponse_create(env);
  char *instId, *consoleOutput = NULL;
  ncMetadata ccMeta;
  int rc;

  ccMeta.correlationId = adb_getConsoleOutputType_get_correlationId(in, env);
  ccMeta.userId = adb_getConsoleOutputType_get_userId(in, env);

  instId = adb_getConsoleOutputType_get_instanceId(in, env);
  rc = doGetConsoleOutput(&ccMeta, instId, &consoleOutput);
  adb_getConsoleOutputResponseType_set_instanceId(out, env, instId);
  adb_getConsoleOutputResponseType_set_timestamp(out, env, unix_to_datetime(time(NULL), env));
  adb_getConsoleOutputResponseType_set_consoleOutput(out, env, consoleOutput ? consoleOutput : "");
  free(consoleOutput);

  adb_getConsoleOutputResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_getConsoleOutputResponseType_set_userId(out, env, ccMeta.userId);
  adb_getConsoleOutputResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_getConsoleOutputResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_GetConsoleOutputResponse_set_GetConsoleOutputResponse(response, env, out);
  return response;
}

adb_AttachVolumeResponse_t *AttachVolumeMarshal(adb_AttachVolume_t *attachVolume, const axutil_env_t *env) {
  adb_attachVolumeType_t *in = adb_AttachVolume_get_AttachVolume(attachVolume, env);
  adb_attachVolumeResponseType_t *out = adb_attachVolumeResponseType_create(env);
  adb_AttachVolumeResponse_t *response = adb_AttachVolumeResponse_create(env);
  ncMetadata ccMeta;
  int rc;

  ccMeta.correlationId = adb_attachVolumeType_get_correlationId(in, env);
  ccMeta.userId = adb_attachVolumeType_get_userId(in, env);

  rc = doAttachVolume(&ccMeta, adb_attachVolumeType_get_volumeId(in, env), adb_attachVolumeType_get_instanceId(in, env), adb_attachVolumeType_get_remoteDev(in, env), adb_attachVolumeType_get_localDev(in, env));

  adb_attachVolumeResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_attachVolumeResponseType_set_userId(out, env, ccMeta.userId);
  adb_attachVolumeResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_attachVolumeResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_AttachVolumeResponse_set_AttachVolumeResponse(response, env, out);
  return response;
}

adb_DetachVolumeResponse_t *DetachVolumeMarshal(adb_DetachVolume_t *detachVolume, const axutil_env_t *env) {
  adb_detachVolumeType_t *in = adb_DetachVolume_get_DetachVolume(detachVolume, env);
  adb_detachVolumeResponseType_t *out = adb_detachVolumeResponseType_create(env);
  adb_DetachVolumeResponse_t *response = adb_DetachVolumeResponse_create(env);
  ncMetadata ccMeta;
  int rc, force;

  ccMeta.correlationId = adb_detachVolumeType_get_correlationId(in, env);
  ccMeta.userId = adb_detachVolumeType_get_userId(in, env);

  force = (adb_detachVolumeType_get_force(in, env) == AXIS2_TRUE);
  rc = doDetachVolume(&ccMeta, adb_detachVolumeType_get_volumeId(in, env), adb_detachVolumeType_get_instanceId(in, env), adb_detachVolumeType_get_remoteDev(in, env), adb_detachVolumeType_get_localDev(in, env), force);

  adb_detachVolumeResponseType_set_correlationId(out, env, ccMeta.correlationId);
  adb_detachVolumeResponseType_set_userId(out, env, ccMeta.userId);
  adb_detachVolumeResponseType_set_statusMessage(out, env, WORD_FOR(rc));
  adb_detachVolumeResponseType_set_return(out, env, BOOL_FOR(rc));
  adb_DetachVolumeResponse_set_DetachVolumeResponse(response, env, out);
  return response;
}

/* fills the wire's form of an instance */
int ccInstanceUnmarshal(adb_ccInstanceType_t *dst, ccInstance *src, const axutil_env_t *env) {
  adb_netConfigType_t *netconf = adb_netConfigType_create(env);
  int i;

  adb_ccInstanceType_set_imageId(dst, env, src->amiId);
  adb_ccInstanceType_set_kernelId(dst, env, src->kernelId);
  adb_ccInstanceType_set_ramdiskId(dst, env, src->ramdiskId);
  adb_ccInstanceType_set_instanceId(dst, env, src->instanceId);
  adb_ccInstanceType_set_instanceType(dst, env, copy_vm_type_to_adb(env, &(src->ccvm)));
  adb_ccInstanceType_set_keyName(dst, env, src->keyName);
  adb_ccInstanceType_set_launchTime(dst, env, unix_to_datetime(src->ts, env));
  adb_ccInstanceType_set_stateName(dst, env, src->state);

  adb_netConfigType_set_privateMacAddress(netconf, env, src->ccnet.privateMac);
  adb_netConfigType_set_privateIp(netconf, env, src->ccnet.privateIp);
  adb_netConfigType_set_publicIp(netconf, env, src->ccnet.publicIp);
  adb_netConfigType_set_vlan(netconf, env, src->ccnet.vlan);
  adb_netConfigType_set_networkIndex(netconf, env, src->ccnet.networkIndex);
  adb_ccInstanceType_set_netParams(dst, env, netconf);

  adb_ccInstanceType_set_ownerId(dst, env, src->ownerId);
  adb_ccInstanceType_set_reservationId(dst, env, src->reservationId);
  adb_ccInstanceType_set_serviceTag(dst, env, src->serviceTag);
  adb_ccInstanceType_set_userData(dst, env, src->userData);
  adb_ccInstanceType_set_launchIndex(dst, env, src->launchIndex);

  for (i = 0; i < 64 && src->groupNames[i][0]; i++) adb_ccInstanceType_add_groupNames(dst, env, src->groupNames[i]);

  for (i = 0; i < src->volumesSize && i < EUCA_MAX_VOLUMES; i++) {
    adb_volumeType_t *volume = adb_volumeType_create(env);

    adb_volumeType_set_volumeId(volume, env, src->volumes[i].volumeId);
    adb_volumeType_set_remoteDev(volume, env, src->volumes[i].remoteDev);
    adb_volumeType_set_localDev(volume, env, src->volumes[i].localDev);
    adb_volumeType_set_state(volume, env, src->volumes[i].stateName);
    adb_ccInstanceType_add_volumes(dst, env, volume);
  }

  return 0;
}
