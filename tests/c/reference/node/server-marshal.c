// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>

#define HANDLERS_FANOUT
#include <handlers.h>
#include <server-marshal.h>
#include <misc.h>
#include <adb-helpers.h>

/* one operation at a time, whatever the web server does */
pthread_mutex_t ncHandlerLock = PTHREAD_MUTEX_INITIALIZER;

static void copy_instance_to_adb (adb_instanceType_t * instance, const axutil_env_t *env, ncInstance * outInst)
{
    int i;

    adb_instanceType_set_reservationId(instance, env, outInst->reservationId);
    adb_instanceType_set_instanceId(instance, env, outInst->instanceId);
    adb_instanceType_set_imageId(instance, env, outInst->imageId);
    adb_instanceType_set_kernelId(instance, env, outInst->kernelId);
    adb_instanceType_set_ramdiskId(instance, env, outInst->ramdiskId);
    adb_instanceType_set_userId(instance, env, outInst->userId);
    adb_instanceType_set_keyName(instance, env, outInst->keyName);
    adb_instanceType_set_instanceType(instance, env, copy_vm_type_to_adb (env, &(outInst->params)));

    {
	adb_netConfigType_t * netConfig = adb_netConfigType_create(env);
	adb_netConfigType_set_privateMacAddress(netConfig, env, outInst->ncnet.privateMac);
	adb_netConfigType_set_privateIp(netConfig, env, outInst->ncnet.privateIp);
	adb_netConfigType_set_publicIp(netConfig, env, outInst->ncnet.publicIp);
	adb_netConfigType_set_vlan(netConfig, env, outInst->ncnet.vlan);
	adb_netConfigType_set_networkIndex(netConfig, env, outInst->ncnet.networkIndex);
	adb_instanceType_set_netParams(instance, env, netConfig);
    }

    adb_instanceType_set_stateName(instance, env, outInst->stateName);
    adb_instanceType_set_launchTime(instance, env, unix_to_datetime (outInst->launchTime, env));
    adb_instanceType_set_userData(instance, env, outInst->userData);
    adb_instanceType_set_launchIndex(instance, env, outInst->launchIndex);
    for (i = 0; i < outInst->groupNamesSize; i++) {
	adb_instanceType_add_groupNames(instance, env, outInst->groupNames[i]);
    }
    for (i = 0; i < outInst->volumesSize; i++) {
	adb_volumeType_t * volume = adb_volumeType_create(env);
	adb_volumeType_set_volumeId(volume, env, outInst->volumes[i].volumeId);
	adb_volumeType_set_remoteDev(volume, env, outInst->volumes[i].remoteDev);
	adb_volumeType_set_localDev(volume, env, outInst->volumes[i].localDev);
	adb_volumeType_set_state(volume, env, outInst->volumes[i].stateName);
	adb_instanceType_add_volumes(instance, env, volume);
    }
}

/* for buffers that were zeroed before */
static void copy_if_any (char * to, size_t size, const axis2_char_t * from)
{
    if (from)
	strncpy (to, from, size - 1);
}

adb_ncRunInstanceResponse_t * ncRunInstanceMarshal (adb_ncRunInstance_t * ncRunInstance, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncRunInstanceType_t * input          = adb_ncRunInstance_get_ncRunInstance(ncRunInstance, env);
    adb_ncRunInstanceResponse_t * response   = adb_ncRunInstanceResponse_create(env);
    adb_ncRunInstanceResponseType_t * output = adb_ncRunInstanceResponseType_create(env);

    // who asks
    axis2_char_t * correlationId = adb_ncRunInstanceType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncRunInstanceType_get_userId(input, env);
    eventlog ("NC", userId, correlationId, "RunInstance", "begin");

    // what for
    axis2_char_t * instanceId = adb_ncRunInstanceType_get_instanceId(input, env);
    axis2_char_t * reservationId = adb_ncRunInstanceType_get_reservationId(input, env);
    virtualMachine params;
    copy_vm_type_from_adb (&params, adb_ncRunInstanceType_get_instanceType(input, env), env);
    axis2_char_t * imageId = adb_ncRunInstanceType_get_imageId(input, env);
    axis2_char_t * imageURL = adb_ncRunInstanceType_get_imageURL(input, env);
    axis2_char_t * kernelId = adb_ncRunInstanceType_get_kernelId(input, env);
    axis2_char_t * kernelURL = adb_ncRunInstanceType_get_kernelURL(input, env);
    axis2_char_t * ramdiskId = adb_ncRunInstanceType_get_ramdiskId(input, env);
    axis2_char_t * ramdiskURL = adb_ncRunInstanceType_get_ramdiskURL(input, env);
    axis2_char_t * keyName = adb_ncRunInstanceType_get_keyName(input, env);

    netConfig netparams;
    memset (&netparams, 0, sizeof (netparams));
    adb_netConfigType_t * netConf = adb_ncRunInstanceType_get_netParams(input, env);
    if (netConf != NULL) {
	netparams.vlan = adb_netConfigType_get_vlan(netConf, env);
	netparams.networkIndex = adb_netConfigType_get_networkIndex(netConf, env);
	copy_if_any (netparams.privateMac, sizeof (netparams.privateMac), adb_netConfigType_get_privateMacAddress(netConf, env));
	copy_if_any (netparams.privateIp, sizeof (netparams.privateIp), adb_netConfigType_get_privateIp(netConf, env));
	copy_if_any (netparams.publicIp, sizeof (netparams.publicIp), adb_netConfigType_get_publicIp(netConf, env));
    }

    axis2_char_t * userData = adb_ncRunInstanceType_get_userData(input, env);
    axis2_char_t * launchIndex = adb_ncRunInstanceType_get_launchIndex(input, env);
    char * groupNames [EUCA_MAX_GROUPS + 1]; // allocation looks one too far
    int groupNamesSize = adb_ncRunInstanceType_sizeof_groupNames(input, env);
    int i;
    if (groupNamesSize > EUCA_MAX_GROUPS)
	groupNamesSize = EUCA_MAX_GROUPS;
    for (i = 0; i < groupNamesSize; i++)
	groupNames[i] = adb_ncRunInstanceType_get_groupNames_at(input, env, i);

    ncMetadata meta = { correlationId, userId };
    ncInstance * outInst = NULL;

    int error = doRunInstance (&meta, instanceId, reservationId, &params, 
                               imageId, imageURL, 
                               kernelId, kernelURL, 
                               ramdiskId, ramdiskURL, 
                               keyName, &netparams, 
                               userData, launchIndex, 
                               groupNames, groupNamesSize, &outInst);

    if (error) {
        logprintfl (EUCAERROR, "ncRunInstanceMarshal: doRunInstance() of %s ended with %d\n", instanceId, error);
        adb_ncRunInstanceResponseType_set_return(output, env, AXIS2_FALSE);
    } else {
        adb_instanceType_t * instance = adb_instanceType_create(env);

        copy_instance_to_adb (instance, env, outInst);
        adb_ncRunInstanceResponseType_set_instance(output, env, instance);
        adb_ncRunInstanceResponseType_set_return(output, env, AXIS2_TRUE);
        adb_ncRunInstanceResponseType_set_correlationId(output, env, correlationId);
        adb_ncRunInstanceResponseType_set_userId(output, env, userId);
    }
    adb_ncRunInstanceResponse_set_ncRunInstanceResponse(response, env, output);
    pthread_mutex_unlock(&ncHandlerLock);

    eventlog ("NC", userId, correlationId, "RunInstance", "end");
    return response;
}

adb_ncTerminateInstanceResponse_t * ncTerminateInstanceMarshal (adb_ncTerminateInstance_t * ncTerminateInstance, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncTerminateInstanceType_t * input          = adb_ncTerminateInstance_get_ncTerminateInstance(ncTerminateInstance, env);
    adb_ncTerminateInstanceResponse_t * response   = adb_ncTerminateInstanceResponse_create(env);
    adb_ncTerminateInstanceResponseType_t * output = adb_ncTerminateInstanceResponseType_create(env);

    axis2_char_t * correlationId = adb_ncTerminateInstanceType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncTerminateInstanceType_get_userId(input, env);
    axis2_char_t * instanceId = adb_ncTerminateInstanceType_get_instanceId(input, env);
    ncMetadata meta = { correlationId, userId };
    int shutdownState = 0, previousState = 0;
    char number [16];

    int error = doTerminateInstance (&meta, instanceId, &shutdownState, &previousState);

    adb_ncTerminateInstanceResponseType_set_instanceId(output, env, instanceId);
    if (error) {
        logprintfl (EUCAERROR, "ncTerminateInstanceMarshal: %s is not terminated (%d)\n", instanceId, error);
        adb_ncTerminateInstanceResponseType_set_return(output, env, AXIS2_FALSE);
    } else {
        adb_ncTerminateInstanceResponseType_set_return(output, env, AXIS2_TRUE);
        adb_ncTerminateInstanceResponseType_set_correlationId(output, env, correlationId);
        adb_ncTerminateInstanceResponseType_set_userId(output, env, userId);
        /* numbers, yet strings on the wire */
        snprintf (number, sizeof (number), "%d", shutdownState);
        adb_ncTerminateInstanceResponseType_set_shutdownState(output, env, number);
        snprintf (number, sizeof (number), "%d", previousState);
        adb_ncTerminateInstanceResponseType_set_previousState(output, env, number);
    }
    adb_ncTerminateInstanceResponse_set_ncTerminateInstanceResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

adb_ncDescribeInstancesResponse_t * ncDescribeInstancesMarshal (adb_ncDescribeInstances_t * ncDescribeInstances, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncDescribeInstancesType_t * input          = adb_ncDescribeInstances_get_ncDescribeInstances(ncDescribeInstances, env);
    adb_ncDescribeInstancesResponse_t * response   = adb_ncDescribeInstancesResponse_create(env);
    adb_ncDescribeInstancesResponseType_t * output = adb_ncDescribeInstancesResponseType_create(env);

    axis2_char_t * correlationId = adb_ncDescribeInstancesType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncDescribeInstancesType_get_userId(input, env);
    ncMetadata meta = { correlationId, userId };
    int instIdsLen = adb_ncDescribeInstancesType_sizeof_instanceIds(input, env);
    char ** instIds = calloc (instIdsLen + 1, sizeof (char *));
    ncInstance ** outInsts = NULL;
    int outInstsLen = 0, error = OUT_OF_MEMORY, i;

    if (instIds) {
	for (i = 0; i < instIdsLen; i++)
	    instIds[i] = adb_ncDescribeInstancesType_get_instanceIds_at(input, env, i);
	error = doDescribeInstances (&meta, instIds, instIdsLen, &outInsts, &outInstsLen);
	free (instIds);
    }

    if (error) {
        logprintfl (EUCAERROR, "ncDescribeInstancesMarshal: no description (%d)\n", error);
        adb_ncDescribeInstancesResponseType_set_return(output, env, AXIS2_FALSE);
    } else {
        adb_ncDescribeInstancesResponseType_set_return(output, env, AXIS2_TRUE);
        adb_ncDescribeInstancesResponseType_set_correlationId(output, env, correlationId);
        adb_ncDescribeInstancesResponseType_set_userId(output, env, userId);
        for (i = 0; i < outInstsLen; i++) {
            adb_instanceType_t * instance = adb_instanceType_create(env);

            copy_instance_to_adb (instance, env, outInsts[i]);
            free (outInsts[i]); // a copy
            adb_ncDescribeInstancesResponseType_add_instances(output, env, instance);
        }
        free (outInsts);
    }
    adb_ncDescribeInstancesResponse_set_ncDescribeInstancesResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

adb_ncDescribeResourceResponse_t * ncDescribeResourceMarshal (adb_ncDescribeResource_t * ncDescribeResource, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncDescribeResourceType_t * input          = adb_ncDescribeResource_get_ncDescribeResource(ncDescribeResource, env);
    adb_ncDescribeResourceResponse_t * response   = adb_ncDescribeResourceResponse_create(env);
    adb_ncDescribeResourceResponseType_t * output = adb_ncDescribeResourceResponseType_create(env);

    axis2_char_t * correlationId = adb_ncDescribeResourceType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncDescribeResourceType_get_userId(input, env);
    axis2_char_t * resourceType = adb_ncDescribeResourceType_get_resourceType(input, env);
    ncMetadata meta = { correlationId, userId };
    ncResource * outRes = NULL;

    int error = doDescribeResource (&meta, resourceType, &outRes);

    if (error) {
        logprintfl (EUCAERROR, "ncDescribeResourceMarshal: no description (%d)\n", error);
        adb_ncDescribeResourceResponseType_set_return(output, env, AXIS2_FALSE);
    } else {
        adb_ncDescribeResourceResponseType_set_return(output, env, AXIS2_TRUE);
        adb_ncDescribeResourceResponseType_set_correlationId(output, env, correlationId);
        adb_ncDescribeResourceResponseType_set_userId(output, env, userId);
        adb_ncDescribeResourceResponseType_set_nodeStatus(output, env, outRes->nodeStatus);
        adb_ncDescribeResourceResponseType_set_memorySizeMax(output, env, outRes->memorySizeMax);
        adb_ncDescribeResourceResponseType_set_memorySizeAvailable(output, env, outRes->memorySizeAvailable);
        adb_ncDescribeResourceResponseType_set_diskSizeMax(output, env, outRes->diskSizeMax);
        adb_ncDescribeResourceResponseType_set_diskSizeAvailable(output, env, outRes->diskSizeAvailable);
        adb_ncDescribeResourceResponseType_set_numberOfCoresMax(output, env, outRes->numberOfCoresMax);
        adb_ncDescribeResourceResponseType_set_numberOfCoresAvailable(output, env, outRes->numberOfCoresAvailable);
        adb_ncDescribeResourceResponseType_set_publicSubnets(output, env, outRes->publicSubnets);
        free_resource (&outRes);
    }
    adb_ncDescribeResourceResponse_set_ncDescribeResourceResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

adb_ncStartNetworkResponse_t * ncStartNetworkMarshal (adb_ncStartNetwork_t * ncStartNetwork, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncStartNetworkType_t * input          = adb_ncStartNetwork_get_ncStartNetwork(ncStartNetwork, env);
    adb_ncStartNetworkResponse_t * response   = adb_ncStartNetworkResponse_create(env);
    adb_ncStartNetworkResponseType_t * output = adb_ncStartNetworkResponseType_create(env);

    axis2_char_t * correlationId = adb_ncStartNetworkType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncStartNetworkType_get_userId(input, env);
    ncMetadata meta = { correlationId, userId };
    int remoteHostPort = adb_ncStartNetworkType_get_remoteHostPort(input, env);
    int vlan = adb_ncStartNetworkType_get_vlan(input, env);
    int remoteHostsLen = adb_ncStartNetworkType_sizeof_remoteHosts(input, env);
    char ** remoteHosts = calloc (remoteHostsLen + 1, sizeof (char *));
    int error = OUT_OF_MEMORY, i;

    if (remoteHosts) {
	for (i = 0; i < remoteHostsLen; i++)
	    remoteHosts[i] = adb_ncStartNetworkType_get_remoteHosts_at(input, env, i);
	error = doStartNetwork (&meta, remoteHosts, remoteHostsLen, remoteHostPort, vlan);
	free (remoteHosts);
    }

    if (error)
        logprintfl (EUCAERROR, "ncStartNetworkMarshal: network %d did not start (%d)\n", vlan, error);
    adb_ncStartNetworkResponseType_set_return(output, env, error ? AXIS2_FALSE : AXIS2_TRUE);
    adb_ncStartNetworkResponseType_set_networkStatus(output, env, error ? "FAIL" : "SUCCESS");
    adb_ncStartNetworkResponseType_set_correlationId(output, env, correlationId);
    adb_ncStartNetworkResponseType_set_userId(output, env, userId);
    adb_ncStartNetworkResponseType_set_statusMessage(output, env, error ? 2 : 0);
    adb_ncStartNetworkResponse_set_ncStartNetworkResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

adb_ncRebootInstanceResponse_t * ncRebootInstanceMarshal (adb_ncRebootInstance_t * ncRebootInstance, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncRebootInstanceType_t * input          = adb_ncRebootInstance_get_ncRebootInstance(ncRebootInstance, env);
    adb_ncRebootInstanceResponse_t * response   = adb_ncRebootInstanceResponse_create(env);
    adb_ncRebootInstanceResponseType_t * output = adb_ncRebootInstanceResponseType_create(env);

    axis2_char_t * correlationId = adb_ncRebootInstanceType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncRebootInstanceType_get_userId(input, env);
    axis2_char_t * instanceId = adb_ncRebootInstanceType_get_instanceId(input, env);
    ncMetadata meta = { correlationId, userId };

    int error = doRebootInstance (&meta, instanceId);

    if (error) {
        logprintfl (EUCAERROR, "ncRebootInstanceMarshal: %s does not reboot (%d)\n", instanceId, error);
        adb_ncRebootInstanceResponseType_set_return(output, env, AXIS2_FALSE);
    } else {
        adb_ncRebootInstanceResponseType_set_return(output, env, AXIS2_TRUE);
        adb_ncRebootInstanceResponseType_set_correlationId(output, env, correlationId);
        adb_ncRebootInstanceResponseType_set_userId(output, env, userId);
        adb_ncRebootInstanceResponseType_set_status(output, env, AXIS2_TRUE);
    }
    adb_ncRebootInstanceResponse_set_ncRebootInstanceResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

adb_ncGetConsoleOutputResponse_t * ncGetConsoleOutputMarshal (adb_ncGetConsoleOutput_t * ncGetConsoleOutput, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncGetConsoleOutputType_t * input          = adb_ncGetConsoleOutput_get_ncGetConsoleOutput(ncGetConsoleOutput, env);
    adb_ncGetConsoleOutputResponse_t * response   = adb_ncGetConsoleOutputResponse_create(env);
    adb_ncGetConsoleOutputResponseType_t * output = adb_ncGetConsoleOutputResponseType_create(env);

    axis2_char_t * correlationId = adb_ncGetConsoleOutputType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncGetConsoleOutputType_get_userId(input, env);
    axis2_char_t * instanceId = adb_ncGetConsoleOutputType_get_instanceId(input, env);
    ncMetadata meta = { correlationId, userId };
    char * consoleOutput = NULL;

    int error = doGetConsoleOutput (&meta, instanceId, &consoleOutput);

    if (error) {
        logprintfl (EUCAERROR, "ncGetConsoleOutputMarshal: nothing from %s (%d)\n", instanceId, error);
        adb_ncGetConsoleOutputResponseType_set_return(output, env, AXIS2_FALSE);
    } else {
        adb_ncGetConsoleOutputResponseType_set_return(output, env, AXIS2_TRUE);
        adb_ncGetConsoleOutputResponseType_set_correlationId(output, env, correlationId);
        adb_ncGetConsoleOutputResponseType_set_userId(output, env, userId);
        adb_ncGetConsoleOutputResponseType_set_consoleOutput(output, env, consoleOutput);
    }
    free (consoleOutput);
    adb_ncGetConsoleOutputResponse_set_ncGetConsoleOutputResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

adb_ncAttachVolumeResponse_t * ncAttachVolumeMarshal (adb_ncAttachVolume_t * ncAttachVolume, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncAttachVolumeType_t * input          = adb_ncAttachVolume_get_ncAttachVolume(ncAttachVolume, env);
    adb_ncAttachVolumeResponse_t * response   = adb_ncAttachVolumeResponse_create(env);
    adb_ncAttachVolumeResponseType_t * output = adb_ncAttachVolumeResponseType_create(env);

    axis2_char_t * correlationId = adb_ncAttachVolumeType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncAttachVolumeType_get_userId(input, env);
    axis2_char_t * instanceId = adb_ncAttachVolumeType_get_instanceId(input, env);
    axis2_char_t * volumeId = adb_ncAttachVolumeType_get_volumeId(input, env);
    axis2_char_t * remoteDev = adb_ncAttachVolumeType_get_remoteDev(input, env);
    axis2_char_t * localDev = adb_ncAttachVolumeType_get_localDev(input, env);
    ncMetadata meta = { correlationId, userId };

    int error = doAttachVolume (&meta, instanceId, volumeId, remoteDev, localDev);

    if (error) {
        logprintfl (EUCAERROR, "ncAttachVolumeMarshal: %s without %s (%d)\n", instanceId, volumeId, error);
        adb_ncAttachVolumeResponseType_set_return(output, env, AXIS2_FALSE);
    } else {
        adb_ncAttachVolumeResponseType_set_return(output, env, AXIS2_TRUE);
        adb_ncAttachVolumeResponseType_set_correlationId(output, env, correlationId);
        adb_ncAttachVolumeResponseType_set_userId(output, env, userId);
    }
    adb_ncAttachVolumeResponse_set_ncAttachVolumeResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

adb_ncDetachVolumeResponse_t * ncDetachVolumeMarshal (adb_ncDetachVolume_t * ncDetachVolume, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncDetachVolumeType_t * input          = adb_ncDetachVolume_get_ncDetachVolume(ncDetachVolume, env);
    adb_ncDetachVolumeResponse_t * response   = adb_ncDetachVolumeResponse_create(env);
    adb_ncDetachVolumeResponseType_t * output = adb_ncDetachVolumeResponseType_create(env);

    axis2_char_t * correlationId = adb_ncDetachVolumeType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncDetachVolumeType_get_userId(input, env);
    axis2_char_t * instanceId = adb_ncDetachVolumeType_get_instanceId(input, env);
    axis2_char_t * volumeId = adb_ncDetachVolumeType_get_volumeId(input, env);
    axis2_char_t * remoteDev = adb_ncDetachVolumeType_get_remoteDev(input, env);
    axis2_char_t * localDev = adb_ncDetachVolumeType_get_localDev(input, env);
    int force = adb_ncDetachVolumeType_get_force(input, env) == AXIS2_TRUE;
    ncMetadata meta = { correlationId, userId };

    int error = doDetachVolume (&meta, instanceId, volumeId, remoteDev, localDev, force);

    if (error) {
        logprintfl (EUCAERROR, "ncDetachVolumeMarshal: %s still with %s (%d)\n", instanceId, volumeId, error);
        adb_ncDetachVolumeResponseType_set_return(output, env, AXIS2_FALSE);
    } else {
        adb_ncDetachVolumeResponseType_set_return(output, env, AXIS2_TRUE);
        adb_ncDetachVolumeResponseType_set_correlationId(output, env, correlationId);
        adb_ncDetachVolumeResponseType_set_userId(output, env, userId);
    }
    adb_ncDetachVolumeResponse_set_ncDetachVolumeResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

adb_ncPowerDownResponse_t * ncPowerDownMarshal (adb_ncPowerDown_t * ncPowerDown, const axutil_env_t * env)
{
    pthread_mutex_lock(&ncHandlerLock);

    adb_ncPowerDownType_t * input          = adb_ncPowerDown_get_ncPowerDown(ncPowerDown, env);
    adb_ncPowerDownResponse_t * response   = adb_ncPowerDownResponse_create(env);
    adb_ncPowerDownResponseType_t * output = adb_ncPowerDownResponseType_create(env);

    axis2_char_t * correlationId = adb_ncPowerDownType_get_correlationId(input, env);
    axis2_char_t * userId = adb_ncPowerDownType_get_userId(input, env);
    ncMetadata meta = { correlationId, userId };

    int error = doPowerDown (&meta);

    if (error)
        logprintfl (EUCAERROR, "ncPowerDownMarshal: staying up (%d)\n", error);
    adb_ncPowerDownResponseType_set_return(output, env, error ? AXIS2_FALSE : AXIS2_TRUE);
    adb_ncPowerDownResponseType_set_correlationId(output, env, correlationId);
    adb_ncPowerDownResponseType_set_userId(output, env, userId);
    adb_ncPowerDownResponse_set_ncPowerDownResponse(response, env, output);

    pthread_mutex_unlock(&ncHandlerLock);
    return response;
}

