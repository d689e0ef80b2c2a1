/* SPDX-License-Identifier: GPL-3.0-only */
/* A node without a hypervisor below the tree's own server-marshal.c: it writes down the instance that it is asked for,
 * and gives it back. */
#include <stdio.h>
#include <string.h>

#define HANDLERS_FANOUT
#include <handlers.h>

#include "line.h"
#include "wire.h"

static int keep(const ncInstance *inst)
{
    FILE *file = fopen(WIRE_ASKED, "w");
    int ret = ERROR;

    if (file != NULL) {
        ret = fwrite(inst, sizeof *inst, 1, file) == 1 ? OK : ERROR;
        if (fclose(file) != 0)
            ret = ERROR;
    }
    return ret;
}

int doRunInstance(ncMetadata *meta, RUN_PARAMETERS, ncInstance **outInst)
{
    static ncInstance *inst;
    netConfig net = {0};

    free_instance(&inst);
    if (strcmp(instanceId, WIRE_REFUSED) == 0)
        return ERROR;
    UNLESS_OLD_TYPES(net = *netparams);
    IF_OLD_TYPES(strcpy(net.privateMac, privMac), strcpy(net.publicMac, pubMac), net.vlan = vlan);
    groupNames[groupNamesSize] = NULL; /* server-marshal.c has room for it */
    inst = allocate_instance(IF_UUID(uuid,) instanceId, reservationId, params,
                             UNLESS_UUID(imageId, imageURL, kernelId, kernelURL, ramdiskId, ramdiskURL,)
                             "Pending", PENDING, meta->userId,
#if defined HAVE_RUN_ARCHID
                             archId,
#elif defined HAVE_ARCHID
                             NULL,
#endif
                             IF_ACCOUNTS(ownerId, accountId,) &net, keyName, userData, launchIndex,
                             IF_UUID(platform, expiryTime,) groupNames, groupNamesSize);
    if (inst == NULL)
        return OUT_OF_MEMORY;
    IF_UUID(strcpy(inst->imageId, imageId), strcpy(inst->imageURL, imageURL), strcpy(inst->kernelId, kernelId),
            strcpy(inst->kernelURL, kernelURL), strcpy(inst->ramdiskId, ramdiskId), strcpy(inst->ramdiskURL, ramdiskURL));
    inst->launchTime = WIRE_LAUNCH_TIME;
    *outInst = inst;
    return keep(inst);
}

int doDescribeInstances(ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts, int *outInstsLen)
{
    return ERROR;
}

int doPowerDown(ncMetadata *meta)
{
    return ERROR;
}

int doTerminateInstance(ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState)
{
    return ERROR;
}

int doRebootInstance(ncMetadata *meta, char *instanceId)
{
    return ERROR;
}

int doGetConsoleOutput(ncMetadata *meta, char *instanceId, char **consoleOutput)
{
    return ERROR;
}

int doDescribeResource(ncMetadata *meta, char *resourceType, ncResource **outRes)
{
    return ERROR;
}

int doStartNetwork(ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan)
{
    return ERROR;
}

int doAttachVolume(ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev)
{
    return ERROR;
}

int doDetachVolume(ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev, int force)
{
    return ERROR;
}
