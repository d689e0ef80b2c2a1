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

#include <data.h>
#include <adb-helpers.h>
#include "cc-client-marshal.h"
#include "adb_netConfigType.h"
#include "adb_volumeType.h"

#define TEXT(word) ((word) ? (word) : "-")

ccStub *ccStubCreate(char *endpoint_uri, char *logfile, char *homedir) {
  ccStub *st = calloc(1, sizeof(ccStub));

  if (st == NULL) return NULL;
  if (homedir == NULL) homedir = getenv("AXIS2C_HOME");
  st->client_home = strdup(homedir ? homedir : "");
  st->endpoint_uri = strdup(endpoint_uri);
  st->env = axutil_env_create_all(logfile, AXIS2_LOG_LEVEL_TRACE);
  if (st->env) st->stub = axis2_stub_create_EucalyptusCC(st->env, st->client_home, st->endpoint_uri);
  if (st->stub == NULL) {
    fprintf(stderr, "cannot talk to %s from %s\n", endpoint_uri, homedir ? homedir : "nowhere: AXIS2C_HOME is not set");
    ccStubDestroy(st);
    st = NULL;
  }

  return st;
}

int ccStubDestroy(ccStub *st) {
  if (st->stub) axis2_stub_free(st->stub, st->env);
  if (st->env) axutil_env_free(st->env);
  free(st->client_home);
  free(st->endpoint_uri);
  free(st);
  return 0;
}

static int no_answer(char *operation) {
  fprintf(stderr, "%s: no answer\n", operation);
  return 1;
}

/* what all replies say, in words */
static int conclude(char *operation, axis2_bool_t status, char *statusMessage) {
  printf("%s: %s (%s)\n", operation, status == AXIS2_TRUE ? "success" : "failure", TEXT(statusMessage));
  return status == AXIS2_TRUE ? 0 : 1;
}

static void print_instance(ccStub *st, adb_ccInstanceType_t *in) {
  adb_netConfigType_t *net = adb_ccInstanceType_get_netParams(in, st->env);
  virtualMachine vm;
  int i;

  copy_vm_type_from_adb(&vm, adb_ccInstanceType_get_instanceType(in, st->env), st->env);
  printf("INSTANCE %s %s state=%s node=%s\n", TEXT(adb_ccInstanceType_get_instanceId(in, st->env)), TEXT(adb_ccInstanceType_get_reservationId(in, st->env)), TEXT(adb_ccInstanceType_get_stateName(in, st->env)), TEXT(adb_ccInstanceType_get_serviceTag(in, st->env)));
  printf("  image=%s kernel=%s ramdisk=%s owner=%s key=%s index=%s launched=%ld\n", TEXT(adb_ccInstanceType_get_imageId(in, st->env)), TEXT(adb_ccInstanceType_get_kernelId(in, st->env)), TEXT(adb_ccInstanceType_get_ramdiskId(in, st->env)), TEXT(adb_ccInstanceType_get_ownerId(in, st->env)), TEXT(adb_ccInstanceType_get_keyName(in, st->env)), TEXT(adb_ccInstanceType_get_launchIndex(in, st->env)), (long) datetime_to_unix(adb_ccInstanceType_get_launchTime(in, st->env), st->env));
  printf("  type=%s mem=%d disk=%d cores=%d\n", vm.name, vm.mem, vm.disk, vm.cores);
  if (net) printf("  mac=%s private=%s public=%s vlan=%d index=%d\n", TEXT(adb_netConfigType_get_privateMacAddress(net, st->env)), TEXT(adb_netConfigType_get_privateIp(net, st->env)), TEXT(adb_netConfigType_get_publicIp(net, st->env)), adb_netConfigType_get_vlan(net, st->env), adb_netConfigType_get_networkIndex(net, st->env));
  for (i = 0; i < adb_ccInstanceType_sizeof_groupNames(in, st->env); i++) printf("  group=%s\n", TEXT(adb_ccInstanceType_get_groupNames_at(in, st->env, i)));
  for (i = 0; i < adb_ccInstanceType_sizeof_volumes(in, st->env); i++) {
    adb_volumeType_t *volume = adb_ccInstanceType_get_volumes_at(in, st->env, i);

    printf("  volume=%s remote=%s local=%s state=%s\n", TEXT(adb_volumeType_get_volumeId(volume, st->env)), TEXT(adb_volumeType_get_remoteDev(volume, st->env)), TEXT(adb_volumeType_get_localDev(volume, st->env)), TEXT(adb_volumeType_get_state(volume, st->env)));
  }
}

int cc_startNetwork(ccStub *st, ncMetadata *meta, char *netName, int vlan) {
  adb_StartNetwork_t *request = adb_StartNetwork_create(st->env);
  adb_startNetworkType_t *in = adb_startNetworkType_create(st->env);
  adb_StartNetworkResponse_t *response;
  adb_startNetworkResponseType_t *out;

  adb_startNetworkType_set_correlationId(in, st->env, meta->correlationId);
  adb_startNetworkType_set_userId(in, st->env, meta->userId);
  adb_startNetworkType_set_vlan(in, st->env, vlan);
  adb_startNetworkType_set_netName(in, st->env, netName);
  adb_StartNetwork_set_StartNetwork(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_StartNetwork(st->stub, st->env, request);
  if (response == NULL) return no_answer("StartNetwork");
  out = adb_StartNetworkResponse_get_StartNetworkResponse(response, st->env);
  return conclude("StartNetwork", adb_startNetworkResponseType_get_return(out, st->env), adb_startNetworkResponseType_get_statusMessage(out, st->env));
}

int cc_stopNetwork(ccStub *st, ncMetadata *meta, char *netName, int vlan) {
  adb_StopNetwork_t *request = adb_StopNetwork_create(st->env);
  adb_stopNetworkType_t *in = adb_stopNetworkType_create(st->env);
  adb_StopNetworkResponse_t *response;
  adb_stopNetworkResponseType_t *out;

  adb_stopNetworkType_set_correlationId(in, st->env, meta->correlationId);
  adb_stopNetworkType_set_userId(in, st->env, meta->userId);
  adb_stopNetworkType_set_vlan(in, st->env, vlan);
  adb_stopNetworkType_set_netName(in, st->env, netName);
  adb_StopNetwork_set_StopNetwork(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_StopNetwork(st->stub, st->env, request);
  if (response == NULL) return no_answer("StopNetwork");
  out = adb_StopNetworkResponse_get_StopNetworkResponse(response, st->env);
  return conclude("StopNetwork", adb_stopNetworkResponseType_get_return(out, st->env), adb_stopNetworkResponseType_get_statusMessage(out, st->env));
}

int cc_describeNetworks(ccStub *st, ncMetadata *meta) {
  adb_DescribeNetworks_t *request = adb_DescribeNetworks_create(st->env);
  adb_describeNetworksType_t *in = adb_describeNetworksType_create(st->env);
  adb_DescribeNetworksResponse_t *response;
  adb_describeNetworksResponseType_t *out;

  adb_describeNetworksType_set_correlationId(in, st->env, meta->correlationId);
  adb_describeNetworksType_set_userId(in, st->env, meta->userId);
  adb_DescribeNetworks_set_DescribeNetworks(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_DescribeNetworks(st->stub, st->env, request);
  if (response == NULL) return no_answer("DescribeNetworks");
  out = adb_DescribeNetworksResponse_get_DescribeNetworksResponse(response, st->env);
  printf("NETWORKS mode=%s addresses=%d vlans=%d\n", TEXT(adb_describeNetworksResponseType_get_mode(out, st->env)), adb_describeNetworksResponseType_get_addrsPerNetwork(out, st->env), adb_describeNetworksResponseType_get_useVlans(out, st->env));
  return conclude("DescribeNetworks", adb_describeNetworksResponseType_get_return(out, st->env), adb_describeNetworksResponseType_get_statusMessage(out, st->env));
}

int cc_runInstances(ccStub *st, ncMetadata *meta, char *amiId, char *amiURL, char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, virtualMachine *vm, char *keyName, int minCount, char *reservationId, char **instIds, int instIdsLen, char *netName, int vlan, char *userData, char *launchIndex) {
  adb_RunInstances_t *request = adb_RunInstances_create(st->env);
  adb_runInstancesType_t *in = adb_runInstancesType_create(st->env);
  adb_RunInstancesResponse_t *response;
  adb_runInstancesResponseType_t *out;
  int i;

  adb_runInstancesType_set_correlationId(in, st->env, meta->correlationId);
  adb_runInstancesType_set_userId(in, st->env, meta->userId);
  if (amiId) adb_runInstancesType_set_imageId(in, st->env, amiId);
  if (kernelId) adb_runInstancesType_set_kernelId(in, st->env, kernelId);
  if (ramdiskId) adb_runInstancesType_set_ramdiskId(in, st->env, ramdiskId);
  if (amiURL) adb_runInstancesType_set_imageURL(in, st->env, amiURL);
  if (kernelURL) adb_runInstancesType_set_kernelURL(in, st->env, kernelURL);
  if (ramdiskURL) adb_runInstancesType_set_ramdiskURL(in, st->env, ramdiskURL);
  adb_runInstancesType_set_instanceType(in, st->env, copy_vm_type_to_adb(st->env, vm));
  if (keyName) adb_runInstancesType_set_keyName(in, st->env, keyName);
  adb_runInstancesType_set_maxCount(in, st->env, instIdsLen);
  adb_runInstancesType_set_minCount(in, st->env, minCount);
  adb_runInstancesType_set_reservationId(in, st->env, reservationId);
  for (i = 0; i < instIdsLen; i++) {
    adb_runInstancesType_add_instanceIds(in, st->env, instIds[i]);
    // a controller that is not told any address makes one up
    adb_runInstancesType_add_macAddresses(in, st->env, "00:00:00:00:00:00");
    adb_runInstancesType_add_networkIndexList(in, st->env, -1);
  }
  adb_runInstancesType_add_netNames(in, st->env, netName);
  adb_runInstancesType_set_vlan(in, st->env, vlan);
  adb_runInstancesType_set_userData(in, st->env, userData);
  adb_runInstancesType_set_launchIndex(in, st->env, launchIndex);
  adb_RunInstances_set_RunInstances(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_RunInstances(st->stub, st->env, request);
  if (response == NULL) return no_answer("RunInstances");
  out = adb_RunInstancesResponse_get_RunInstancesResponse(response, st->env);
  for (i = 0; i < adb_runInstancesResponseType_sizeof_instances(out, st->env); i++) print_instance(st, adb_runInstancesResponseType_get_instances_at(out, st->env, i));
  return conclude("RunInstances", adb_runInstancesResponseType_get_return(out, st->env), adb_runInstancesResponseType_get_statusMessage(out, st->env));
}

int cc_describeInstances(ccStub *st, ncMetadata *meta, char **instIds, int instIdsLen) {
  adb_DescribeInstances_t *request = adb_DescribeInstances_create(st->env);
  adb_describeInstancesType_t *in = adb_describeInstancesType_create(st->env);
  adb_DescribeInstancesResponse_t *response;
  adb_describeInstancesResponseType_t *out;
  int i;

  adb_describeInstancesType_set_correlationId(in, st->env, meta->correlationId);
  adb_describeInstancesType_set_userId(in, st->env, meta->userId);
  for (i = 0; i < instIdsLen; i++) adb_describeInstancesType_add_instIds(in, st->env, instIds[i]);
  adb_DescribeInstances_set_DescribeInstances(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_DescribeInstances(st->stub, st->env, request);
  if (response == NULL) return no_answer("DescribeInstances");
  out = adb_DescribeInstancesResponse_get_DescribeInstancesResponse(response, st->env);
  for (i = 0; i < adb_describeInstancesResponseType_sizeof_instances(out, st->env); i++) print_instance(st, adb_describeInstancesResponseType_get_instances_at(out, st->env, i));
  return conclude("DescribeInstances", adb_describeInstancesResponseType_get_return(out, st->env), adb_describeInstancesResponseType_get_statusMessage(out, st->env));
}

int cc_terminateInstances(ccStub *st, ncMetadata *meta, char **instIds, int instIdsLen) {
  adb_TerminateInstances_t *request = adb_TerminateInstances_create(st->env);
  adb_terminateInstancesType_t *in = adb_terminateInstancesType_create(st->env);
  adb_TerminateInstancesResponse_t *response;
  adb_terminateInstancesResponseType_t *out;
  int i;

  adb_terminateInstancesType_set_correlationId(in, st->env, meta->correlationId);
  adb_terminateInstancesType_set_userId(in, st->env, meta->userId);
  for (i = 0; i < instIdsLen; i++) adb_terminateInstancesType_add_instanceIds(in, st->env, instIds[i]);
  adb_TerminateInstances_set_TerminateInstances(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_TerminateInstances(st->stub, st->env, request);
  if (response == NULL) return no_answer("TerminateInstances");
  out = adb_TerminateInstancesResponse_get_TerminateInstancesResponse(response, st->env);
  for (i = 0; i < instIdsLen && i < adb_terminateInstancesResponseType_sizeof_isTerminated(out, st->env); i++) printf("TERMINATED %s %s\n", instIds[i], adb_terminateInstancesResponseType_get_isTerminated_at(out, st->env, i) == AXIS2_TRUE ? "yes" : "no");
  return conclude("TerminateInstances", adb_terminateInstancesResponseType_get_return(out, st->env), adb_terminateInstancesResponseType_get_statusMessage(out, st->env));
}

int cc_rebootInstances(ccStub *st, ncMetadata *meta, char **instIds, int instIdsLen) {
  adb_RebootInstances_t *request = adb_RebootInstances_create(st->env);
  adb_rebootInstancesType_t *in = adb_rebootInstancesType_create(st->env);
  adb_RebootInstancesResponse_t *response;
  adb_rebootInstancesResponseType_t *out;
  int i;

  adb_rebootInstancesType_set_correlationId(in, st->env, meta->correlationId);
  adb_rebootInstancesType_set_userId(in, st->env, meta->userId);
  for (i = 0; i < instIdsLen; i++) adb_rebootInstancesType_add_instanceIds(in, st->env, instIds[i]);
  adb_RebootInstances_set_RebootInstances(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_RebootInstances(st->stub, st->env, request);
  if (response == NULL) return no_answer("RebootInstances");
  out = adb_RebootInstancesResponse_get_RebootInstancesResponse(response, st->env);
  return conclude("RebootInstances", adb_rebootInstancesResponseType_get_return(out, st->env), adb_rebootInstancesResponseType_get_statusMessage(out, st->env));
}

int cc_getConsoleOutput(ccStub *st, ncMetadata *meta, char *instId) {
  adb_GetConsoleOutput_t *request = adb_GetConsoleOutput_create(st->env);
  adb_getConsoleOutputType_t *in = adb_getConsoleOutputType_create(st->env);
  adb_GetConsoleOutputResponse_t *response;
  adb_getConsoleOutputResponseType_t *out;

  adb_getConsoleOutputType_set_correlationId(in, st->env, meta->correlationId);
  adb_getConsoleOutputType_set_userId(in, st->env, meta->userId);
  adb_getConsoleOutputType_set_instanceId(in, st->env, instId);
  adb_GetConsoleOutput_set_GetConsoleOutput(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_GetConsoleOutput(st->stub, st->env, request);
  if (response == NULL) return no_answer("GetConsoleOutput");
  out = adb_GetConsoleOutputResponse_get_GetConsoleOutputResponse(response, st->env);
  printf("CONSOLE %s\n%s\n", instId, TEXT(adb_getConsoleOutputResponseType_get_consoleOutput(out, st->env)));
  return conclude("GetConsoleOutput", adb_getConsoleOutputResponseType_get_return(out, st->env), adb_getConsoleOutputResponseType_get_statusMessage(out, st->env));
}

int cc_describeResources(ccStub *st, ncMetadata *meta, virtualMachine *vm) {
  adb_DescribeResources_t *request = adb_DescribeResources_create(st->env);
  adb_describeResourcesType_t *in = adb_describeResourcesType_create(st->env);
  adb_DescribeResourcesResponse_t *response;
  adb_describeResourcesResponseType_t *out;
  int i;

  adb_describeResourcesType_set_correlationId(in, st->env, meta->correlationId);
  adb_describeResourcesType_set_userId(in, st->env, meta->userId);
  adb_describeResourcesType_add_instanceTypes(in, st->env, copy_vm_type_to_adb(st->env, vm));
  adb_DescribeResources_set_DescribeResources(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_DescribeResources(st->stub, st->env, request);
  if (response == NULL) return no_answer("DescribeResources");
  out = adb_DescribeResourcesResponse_get_DescribeResourcesResponse(response, st->env);
  for (i = 0; i < adb_describeResourcesResponseType_sizeof_resources(out, st->env); i++) {
    adb_ccResourceType_t *resource = adb_describeResourcesResponseType_get_resources_at(out, st->env, i);

    printf("RESOURCE max=%d available=%d\n", adb_ccResourceType_get_maxInstances(resource, st->env), adb_ccResourceType_get_availableInstances(resource, st->env));
  }
  for (i = 0; i < adb_describeResourcesResponseType_sizeof_serviceTags(out, st->env); i++) printf("NODE %s\n", TEXT(adb_describeResourcesResponseType_get_serviceTags_at(out, st->env, i)));
  return conclude("DescribeResources", adb_describeResourcesResponseType_get_return(out, st->env), adb_describeResourcesResponseType_get_statusMessage(out, st->env));
}

int cc_attachVolume(ccStub *st, ncMetadata *meta, char *instId, char *volumeId, char *remoteDev, char *localDev) {
  adb_AttachVolume_t *request = adb_AttachVolume_create(st->env);
  adb_attachVolumeType_t *in = adb_attachVolumeType_create(st->env);
  adb_AttachVolumeResponse_t *response;
  adb_attachVolumeResponseType_t *out;

  adb_attachVolumeType_set_correlationId(in, st->env, meta->correlationId);
  adb_attachVolumeType_set_userId(in, st->env, meta->userId);
  adb_attachVolumeType_set_instanceId(in, st->env, instId);
  adb_attachVolumeType_set_volumeId(in, st->env, volumeId);
  adb_attachVolumeType_set_remoteDev(in, st->env, remoteDev);
  adb_attachVolumeType_set_localDev(in, st->env, localDev);
  adb_AttachVolume_set_AttachVolume(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_AttachVolume(st->stub, st->env, request);
  if (response == NULL) return no_answer("AttachVolume");
  out = adb_AttachVolumeResponse_get_AttachVolumeResponse(response, st->env);
  return conclude("AttachVolume", adb_attachVolumeResponseType_get_return(out, st->env), adb_attachVolumeResponseType_get_statusMessage(out, st->env));
}

int cc_detachVolume(ccStub *st, ncMetadata *meta, char *instId, char *volumeId, char *remoteDev, char *localDev, int force) {
  adb_DetachVolume_t *request = adb_DetachVolume_create(st->env);
  adb_detachVolumeType_t *in = adb_detachVolumeType_create(st->env);
  adb_DetachVolumeResponse_t *response;
  adb_detachVolumeResponseType_t *out;

  adb_detachVolumeType_set_correlationId(in, st->env, meta->correlationId);
  adb_detachVolumeType_set_userId(in, st->env, meta->userId);
  adb_detachVolumeType_set_instanceId(in, st->env, instId);
  adb_detachVolumeType_set_volumeId(in, st->env, volumeId);
  adb_detachVolumeType_set_remoteDev(in, st->env, remoteDev);
  adb_detachVolumeType_set_localDev(in, st->env, localDev);
  adb_detachVolumeType_set_force(in, st->env, force ? AXIS2_TRUE : AXIS2_FALSE);
  adb_DetachVolume_set_DetachVolume(request, st->env, in);

  response = axis2_stub_op_EucalyptusCC_DetachVolume(st->stub, st->env, request);
  if (response == NULL) return no_answer("DetachVolume");
  out = adb_DetachVolumeResponse_get_DetachVolumeResponse(response, st->env);
  return conclude("DetachVolume", adb_detachVolumeResponseType_get_return(out, st->env), adb_detachVolumeResponseType_get_statusMessage(out, st->env));
}
