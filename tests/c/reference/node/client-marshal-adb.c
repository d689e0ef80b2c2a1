// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "axis2_stub_EucalyptusNC.h"
#include "client-marshal.h"
#include "misc.h"
#include <adb-helpers.h>

#define CORRELATION_ID NULL /* nobody asks for it yet */
#define NULL_ERROR_MSG " got no answer from %s\n"

ncStub * ncStubCreate (char *endpoint_uri, char *logfile, char *homedir)
{
    char * at, * end;
    ncStub * st;

    if (homedir == NULL)
        homedir = getenv ("AXIS2C_HOME");
    if (endpoint_uri == NULL || homedir == NULL || (st = calloc (1, sizeof (ncStub))) == NULL) {
        logprintfl (EUCAERROR, "ncStubCreate: AXIS2C_HOME is not set, or there is no node\n");
        return NULL;
    }
    st->endpoint_uri = strdup (endpoint_uri);
    st->client_home = strdup (homedir);

    /* http://NAME:PORT/... */
    at = strstr (endpoint_uri, "://");
    at = at ? at + 3 : endpoint_uri;
    if ((st->node_name = strdup (at)) != NULL && (end = strpbrk (st->node_name, ":/")) != NULL)
        * end = 0;

    st->env = axutil_env_create_all (logfile, logfile ? AXIS2_LOG_LEVEL_TRACE : AXIS2_LOG_LEVEL_ERROR);
    if (st->env)
        st->stub = axis2_stub_create_EucalyptusNC (st->env, st->client_home, st->endpoint_uri);
    if (st->stub == NULL) {
        logprintfl (EUCAERROR, "ncStubCreate: no stub for %s\n", endpoint_uri);
        ncStubDestroy (st);
        return NULL;
    }

    return st;
}

int ncStubDestroy (ncStub *st)
{
    if (st == NULL)
        return ERROR;
    if (st->stub)
        axis2_stub_free (st->stub, st->env);
    if (st->env)
        axutil_env_free (st->env);
    free (st->client_home);
    free (st->endpoint_uri);
    free (st->node_name);
    free (st);

    return OK;
}

/* what copy_instance_to_adb has packed */
static ncInstance * copy_instance_from_adb (adb_instanceType_t * instance, axutil_env_t * env)
{
    int i, volumesSize;
    netConfig ncnet;
    virtualMachine params;
    char * groupNames[EUCA_MAX_GROUPS + 1]; // allocation looks one too far
    int groupNamesSize = adb_instanceType_sizeof_groupNames(instance, env);
    adb_netConfigType_t * netconf = adb_instanceType_get_netParams(instance, env);
    ncInstance * outInst;

    copy_vm_type_from_adb (&params, adb_instanceType_get_instanceType(instance, env), env);

    bzero (&ncnet, sizeof (netConfig));
    if (netconf != NULL) {
        ncnet.vlan = adb_netConfigType_get_vlan(netconf, env);
        ncnet.networkIndex = adb_netConfigType_get_networkIndex(netconf, env);
        strncpy(ncnet.privateMac, adb_netConfigType_get_privateMacAddress(netconf, env), 24);
        strncpy(ncnet.privateIp, adb_netConfigType_get_privateIp(netconf, env), 24);
        strncpy(ncnet.publicIp, adb_netConfigType_get_publicIp(netconf, env), 24);
    }

    if (groupNamesSize > EUCA_MAX_GROUPS)
        groupNamesSize = EUCA_MAX_GROUPS;
    for (i = 0; i < groupNamesSize; i++)
        groupNames[i] = adb_instanceType_get_groupNames_at(instance, env, i);

    outInst = allocate_instance(
        (char *)adb_instanceType_get_instanceId(instance, env),
        (char *)adb_instanceType_get_reservationId(instance, env),
        &params,
        (char *)adb_instanceType_get_imageId(instance, env),
        NULL, // the URL does not come back
        (char *)adb_instanceType_get_kernelId(instance, env),
        NULL, // nor does this one
        (char *)adb_instanceType_get_ramdiskId(instance, env),
        NULL, // nor this
        (char *)adb_instanceType_get_stateName(instance, env),
        0,
        (char *)adb_instanceType_get_userId(instance, env),
        &ncnet,
        (char *)adb_instanceType_get_keyName(instance, env),
        (char *)adb_instanceType_get_userData(instance, env),
        (char *)adb_instanceType_get_launchIndex(instance, env),
        groupNames, groupNamesSize
        );
    if (outInst == NULL)
        return NULL;
    outInst->launchTime = datetime_to_unix (adb_instanceType_get_launchTime(instance, env), env);

    volumesSize = adb_instanceType_sizeof_volumes(instance, env);
    for (i = 0; i < volumesSize && i < EUCA_MAX_VOLUMES; i++) {
        adb_volumeType_t * volume = adb_instanceType_get_volumes_at(instance, env, i);
        strncpy(outInst->volumes[i].volumeId, adb_volumeType_get_volumeId(volume, env), CHAR_BUFFER_SIZE);
        strncpy(outInst->volumes[i].remoteDev, adb_volumeType_get_remoteDev(volume, env), CHAR_BUFFER_SIZE);
        strncpy(outInst->volumes[i].localDev, adb_volumeType_get_localDev(volume, env), CHAR_BUFFER_SIZE);
        strncpy(outInst->volumes[i].stateName, adb_volumeType_get_state(volume, env), CHAR_BUFFER_SIZE);
        outInst->volumesSize++;
    }

    return outInst;
}

int ncRunInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId, char *reservationId, virtualMachine *params, char *imageId, char *imageURL, char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, char *keyName, netConfig *netparams, char *userData, char *launchIndex, char **groupNames, int groupNamesSize, ncInstance **outInstPtr)
{
    int i, status = OK;
    axutil_env_t * env = st->env;
    adb_ncRunInstance_t * input = adb_ncRunInstance_create(env);
    adb_ncRunInstanceType_t * request = adb_ncRunInstanceType_create(env);
    adb_netConfigType_t * netConfig;

    /* the envelope */
    adb_ncRunInstanceType_set_nodeName(request, env, st->node_name);
    adb_ncRunInstanceType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncRunInstanceType_set_userId(request, env, meta->userId);

    /* the instance */
    adb_ncRunInstanceType_set_instanceId(request, env, instanceId);
    adb_ncRunInstanceType_set_reservationId(request, env, reservationId);
    adb_ncRunInstanceType_set_instanceType(request, env, copy_vm_type_to_adb (env, params));

    adb_ncRunInstanceType_set_imageId(request, env, imageId);
    adb_ncRunInstanceType_set_imageURL(request, env, imageURL);
    adb_ncRunInstanceType_set_kernelId(request, env, kernelId);
    adb_ncRunInstanceType_set_kernelURL(request, env, kernelURL);
    adb_ncRunInstanceType_set_ramdiskId(request, env, ramdiskId);
    adb_ncRunInstanceType_set_ramdiskURL(request, env, ramdiskURL);
    adb_ncRunInstanceType_set_keyName(request, env, keyName);
//    adb_ncRunInstanceType_set_privateMacAddress(request, env, privMac);
//    adb_ncRunInstanceType_set_privateIp(request, env, privIp);
//    adb_ncRunInstanceType_set_vlan(request, env, vlan);
    netConfig = adb_netConfigType_create(env);
    adb_netConfigType_set_privateMacAddress(netConfig, env, netparams->privateMac);
    adb_netConfigType_set_privateIp(netConfig, env, netparams->privateIp);
    adb_netConfigType_set_publicIp(netConfig, env, netparams->publicIp);
    adb_netConfigType_set_vlan(netConfig, env, netparams->vlan);
    adb_netConfigType_set_networkIndex(netConfig, env, netparams->networkIndex);
    adb_ncRunInstanceType_set_netParams(request, env, netConfig);
    adb_ncRunInstanceType_set_userData(request, env, userData);
    adb_ncRunInstanceType_set_launchIndex(request, env, launchIndex);
    for (i = 0; i < groupNamesSize; i++)
        adb_ncRunInstanceType_add_groupNames(request, env, groupNames[i]);
    adb_ncRunInstance_set_ncRunInstance(input, env, request);

    {
        adb_ncRunInstanceResponse_t * output = axis2_stub_op_EucalyptusNC_ncRunInstance(st->stub, env, input);
        adb_ncRunInstanceResponseType_t * response;

        if (output == NULL) {
            logprintfl (EUCAERROR, "RunInstance" NULL_ERROR_MSG, st->endpoint_uri);
            return ERROR;
        }
        response = adb_ncRunInstanceResponse_get_ncRunInstanceResponse(output, env);
        if (adb_ncRunInstanceResponseType_get_return(response, env) != AXIS2_TRUE) {
            logprintfl (EUCAERROR, "RunInstance of %s was refused\n", instanceId);
            status = ERROR;
        } else {
            *outInstPtr = copy_instance_from_adb (adb_ncRunInstanceResponseType_get_instance(response, env), env);
            if (*outInstPtr == NULL)
                status = OUT_OF_MEMORY;
        }
    }

    return status;
}

int ncTerminateInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState)
{
    axutil_env_t * env = st->env;
    adb_ncTerminateInstance_t * input = adb_ncTerminateInstance_create(env);
    adb_ncTerminateInstanceType_t * request = adb_ncTerminateInstanceType_create(env);
    adb_ncTerminateInstanceResponse_t * output;
    adb_ncTerminateInstanceResponseType_t * response;
    char * word;

    adb_ncTerminateInstanceType_set_nodeName(request, env, st->node_name);
    adb_ncTerminateInstanceType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncTerminateInstanceType_set_userId(request, env, meta->userId);
    adb_ncTerminateInstanceType_set_instanceId(request, env, instanceId);
    adb_ncTerminateInstance_set_ncTerminateInstance(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncTerminateInstance(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "TerminateInstance" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncTerminateInstanceResponse_get_ncTerminateInstanceResponse(output, env);
    if (adb_ncTerminateInstanceResponseType_get_return(response, env) != AXIS2_TRUE)
        return ERROR; // not there, most likely

    word = adb_ncTerminateInstanceResponseType_get_shutdownState(response, env);
    *shutdownState = word ? atoi (word) : 0;
    word = adb_ncTerminateInstanceResponseType_get_previousState(response, env);
    *previousState = word ? atoi (word) : 0;

    return OK;
}

int ncDescribeInstancesStub (ncStub *st, ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts, int *outInstsLen)
{
    axutil_env_t * env = st->env;
    adb_ncDescribeInstances_t * input = adb_ncDescribeInstances_create(env);
    adb_ncDescribeInstancesType_t * request = adb_ncDescribeInstancesType_create(env);
    adb_ncDescribeInstancesResponse_t * output;
    adb_ncDescribeInstancesResponseType_t * response;
    int i, n;

    *outInsts = NULL;
    *outInstsLen = 0;

    adb_ncDescribeInstancesType_set_nodeName(request, env, st->node_name);
    adb_ncDescribeInstancesType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncDescribeInstancesType_set_userId(request, env, meta->userId);
    for (i = 0; i < instIdsLen; i++)
        adb_ncDescribeInstancesType_add_instanceIds(request, env, instIds[i]);
    adb_ncDescribeInstances_set_ncDescribeInstances(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncDescribeInstances(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "DescribeInstances" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncDescribeInstancesResponse_get_ncDescribeInstancesResponse(output, env);
    if (adb_ncDescribeInstancesResponseType_get_return(response, env) != AXIS2_TRUE) {
        logprintfl (EUCAERROR, "DescribeInstances was refused\n");
        return ERROR;
    }

    n = adb_ncDescribeInstancesResponseType_sizeof_instances(response, env);
    if (n == 0)
        return OK;
    if ((*outInsts = calloc (n, sizeof (ncInstance *))) == NULL)
        return OUT_OF_MEMORY;
    for (i = 0; i < n; i++) {
        ncInstance * one = copy_instance_from_adb (adb_ncDescribeInstancesResponseType_get_instances_at(response, env, i), env);

        if (one)
            (*outInsts)[(*outInstsLen)++] = one;
    }

    return OK;
}

int ncDescribeResourceStub (ncStub *st, ncMetadata *meta, char *resourceType, ncResource **outRes)
{
    axutil_env_t * env = st->env;
    adb_ncDescribeResource_t * input = adb_ncDescribeResource_create(env);
    adb_ncDescribeResourceType_t * request = adb_ncDescribeResourceType_create(env);
    adb_ncDescribeResourceResponse_t * output;
    adb_ncDescribeResourceResponseType_t * response;

    adb_ncDescribeResourceType_set_nodeName(request, env, st->node_name);
    adb_ncDescribeResourceType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncDescribeResourceType_set_userId(request, env, meta->userId);
    if (resourceType)
        adb_ncDescribeResourceType_set_resourceType(request, env, resourceType);
    adb_ncDescribeResource_set_ncDescribeResource(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncDescribeResource(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "DescribeResource" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncDescribeResourceResponse_get_ncDescribeResourceResponse(output, env);
    if (adb_ncDescribeResourceResponseType_get_return(response, env) != AXIS2_TRUE) {
        logprintfl (EUCAERROR, "DescribeResource was refused\n");
        return ERROR;
    }

    *outRes = allocate_resource (
        (char *)adb_ncDescribeResourceResponseType_get_nodeStatus(response, env),
        adb_ncDescribeResourceResponseType_get_memorySizeMax(response, env),
        adb_ncDescribeResourceResponseType_get_memorySizeAvailable(response, env),
        adb_ncDescribeResourceResponseType_get_diskSizeMax(response, env),
        adb_ncDescribeResourceResponseType_get_diskSizeAvailable(response, env),
        adb_ncDescribeResourceResponseType_get_numberOfCoresMax(response, env),
        adb_ncDescribeResourceResponseType_get_numberOfCoresAvailable(response, env),
        (char *)adb_ncDescribeResourceResponseType_get_publicSubnets(response, env));

    return *outRes ? OK : OUT_OF_MEMORY;
}

int ncStartNetworkStub (ncStub *st, ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan, char **outStatus)
{
    axutil_env_t * env = st->env;
    adb_ncStartNetwork_t * input = adb_ncStartNetwork_create(env);
    adb_ncStartNetworkType_t * request = adb_ncStartNetworkType_create(env);
    adb_ncStartNetworkResponse_t * output;
    adb_ncStartNetworkResponseType_t * response;
    char * word;
    int i;

    adb_ncStartNetworkType_set_nodeName(request, env, st->node_name);
    adb_ncStartNetworkType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncStartNetworkType_set_userId(request, env, meta->userId);
    adb_ncStartNetworkType_set_remoteHostPort(request, env, port);
    adb_ncStartNetworkType_set_vlan(request, env, vlan);
    for (i = 0; i < remoteHostsLen; i++)
        adb_ncStartNetworkType_add_remoteHosts(request, env, remoteHosts[i]);
    adb_ncStartNetwork_set_ncStartNetwork(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncStartNetwork(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "StartNetwork" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncStartNetworkResponse_get_ncStartNetworkResponse(output, env);
    word = adb_ncStartNetworkResponseType_get_networkStatus(response, env);
    if (outStatus)
        *outStatus = word ? strdup (word) : NULL;

    return adb_ncStartNetworkResponseType_get_return(response, env) == AXIS2_TRUE ? OK : ERROR;
}

int ncRebootInstanceStub (ncStub *st, ncMetadata *meta, char *instanceId)
{
    axutil_env_t * env = st->env;
    adb_ncRebootInstance_t * input = adb_ncRebootInstance_create(env);
    adb_ncRebootInstanceType_t * request = adb_ncRebootInstanceType_create(env);
    adb_ncRebootInstanceResponse_t * output;
    adb_ncRebootInstanceResponseType_t * response;

    adb_ncRebootInstanceType_set_nodeName(request, env, st->node_name);
    adb_ncRebootInstanceType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncRebootInstanceType_set_userId(request, env, meta->userId);
    adb_ncRebootInstanceType_set_instanceId(request, env, instanceId);
    adb_ncRebootInstance_set_ncRebootInstance(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncRebootInstance(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "RebootInstance" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncRebootInstanceResponse_get_ncRebootInstanceResponse(output, env);

    return adb_ncRebootInstanceResponseType_get_return(response, env) == AXIS2_TRUE ? OK : ERROR;
}

int ncGetConsoleOutputStub (ncStub *st, ncMetadata *meta, char *instanceId, char **consoleOutput)
{
    axutil_env_t * env = st->env;
    adb_ncGetConsoleOutput_t * input = adb_ncGetConsoleOutput_create(env);
    adb_ncGetConsoleOutputType_t * request = adb_ncGetConsoleOutputType_create(env);
    adb_ncGetConsoleOutputResponse_t * output;
    adb_ncGetConsoleOutputResponseType_t * response;
    char * text;

    *consoleOutput = NULL;
    adb_ncGetConsoleOutputType_set_nodeName(request, env, st->node_name);
    adb_ncGetConsoleOutputType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncGetConsoleOutputType_set_userId(request, env, meta->userId);
    adb_ncGetConsoleOutputType_set_instanceId(request, env, instanceId);
    adb_ncGetConsoleOutput_set_ncGetConsoleOutput(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncGetConsoleOutput(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "GetConsoleOutput" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncGetConsoleOutputResponse_get_ncGetConsoleOutputResponse(output, env);
    if (adb_ncGetConsoleOutputResponseType_get_return(response, env) != AXIS2_TRUE)
        return ERROR;
    text = adb_ncGetConsoleOutputResponseType_get_consoleOutput(response, env);
    *consoleOutput = strdup (text ? text : "");

    return OK;
}

int ncAttachVolumeStub (ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev)
{
    axutil_env_t * env = st->env;
    adb_ncAttachVolume_t * input = adb_ncAttachVolume_create(env);
    adb_ncAttachVolumeType_t * request = adb_ncAttachVolumeType_create(env);
    adb_ncAttachVolumeResponse_t * output;
    adb_ncAttachVolumeResponseType_t * response;

    adb_ncAttachVolumeType_set_nodeName(request, env, st->node_name);
    adb_ncAttachVolumeType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncAttachVolumeType_set_userId(request, env, meta->userId);
    adb_ncAttachVolumeType_set_instanceId(request, env, instanceId);
    adb_ncAttachVolumeType_set_volumeId(request, env, volumeId);
    adb_ncAttachVolumeType_set_remoteDev(request, env, remoteDev);
    adb_ncAttachVolumeType_set_localDev(request, env, localDev);
    adb_ncAttachVolume_set_ncAttachVolume(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncAttachVolume(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "AttachVolume" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncAttachVolumeResponse_get_ncAttachVolumeResponse(output, env);

    return adb_ncAttachVolumeResponseType_get_return(response, env) == AXIS2_TRUE ? OK : ERROR;
}

int ncDetachVolumeStub (ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev, int force)
{
    axutil_env_t * env = st->env;
    adb_ncDetachVolume_t * input = adb_ncDetachVolume_create(env);
    adb_ncDetachVolumeType_t * request = adb_ncDetachVolumeType_create(env);
    adb_ncDetachVolumeResponse_t * output;
    adb_ncDetachVolumeResponseType_t * response;

    adb_ncDetachVolumeType_set_nodeName(request, env, st->node_name);
    adb_ncDetachVolumeType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncDetachVolumeType_set_userId(request, env, meta->userId);
    adb_ncDetachVolumeType_set_instanceId(request, env, instanceId);
    adb_ncDetachVolumeType_set_volumeId(request, env, volumeId);
    adb_ncDetachVolumeType_set_remoteDev(request, env, remoteDev);
    adb_ncDetachVolumeType_set_localDev(request, env, localDev);
    adb_ncDetachVolumeType_set_force(request, env, force ? AXIS2_TRUE : AXIS2_FALSE);
    adb_ncDetachVolume_set_ncDetachVolume(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncDetachVolume(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "DetachVolume" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncDetachVolumeResponse_get_ncDetachVolumeResponse(output, env);

    return adb_ncDetachVolumeResponseType_get_return(response, env) == AXIS2_TRUE ? OK : ERROR;
}

int ncPowerDownStub (ncStub *st, ncMetadata *meta)
{
    axutil_env_t * env = st->env;
    adb_ncPowerDown_t * input = adb_ncPowerDown_create(env);
    adb_ncPowerDownType_t * request = adb_ncPowerDownType_create(env);
    adb_ncPowerDownResponse_t * output;
    adb_ncPowerDownResponseType_t * response;

    adb_ncPowerDownType_set_nodeName(request, env, st->node_name);
    adb_ncPowerDownType_set_correlationId(request, env, CORRELATION_ID);
    adb_ncPowerDownType_set_userId(request, env, meta->userId);
    adb_ncPowerDown_set_ncPowerDown(input, env, request);

    output = axis2_stub_op_EucalyptusNC_ncPowerDown(st->stub, env, input);
    if (output == NULL) {
        logprintfl (EUCAERROR, "PowerDown" NULL_ERROR_MSG, st->endpoint_uri);
        return ERROR;
    }
    response = adb_ncPowerDownResponse_get_ncPowerDownResponse(output, env);

    return adb_ncPowerDownResponseType_get_return(response, env) == AXIS2_TRUE ? OK : ERROR;
}

