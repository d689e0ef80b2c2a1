/* SPDX-License-Identifier: GPL-3.0-only */
/*
 * A node controller without a hypervisor, below the tree's own server-marshal.c: it keeps the instance that was run
 * last, and gives back what it was given. An instance, volume or network named "refused" is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HANDLERS_FANOUT
#include <handlers.h>
#include <misc.h>

static ncInstance *last;

static int refused(const char *name)
{
    return name == NULL || strcmp(name, "refused") == 0;
}

static int is_last(const char *instanceId)
{
    return last != NULL && instanceId != NULL && strncmp(last->instanceId, instanceId, CHAR_BUFFER_SIZE) == 0;
}

/* What strncpy has cut off has no end, and the marshalling code reads to one. */
static void end_words(ncInstance *instance)
{
    char *words[] = {instance->instanceId, instance->imageId,   instance->kernelId,      instance->ramdiskId,
                     instance->userId,     instance->stateName, instance->reservationId, instance->launchIndex};
    size_t i;

    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        words[i][CHAR_BUFFER_SIZE - 1] = 0;
    instance->keyName[sizeof instance->keyName - 1] = 0;
    instance->userData[sizeof instance->userData - 1] = 0;
    for (i = 0; i < EUCA_MAX_GROUPS; i++)
        instance->groupNames[i][CHAR_BUFFER_SIZE - 1] = 0;
}

int doRunInstance(ncMetadata *meta, char *instanceId, char *reservationId, virtualMachine *params, char *imageId,
                  char *imageURL, char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, char *keyName,
                  netConfig *netparams, char *userData, char *launchIndex, char **groupNames, int groupNamesSize,
                  ncInstance **outInst)
{
    if (refused(instanceId))
        return ERROR;
    free(last);
    last = allocate_instance(instanceId, reservationId, params, imageId, imageURL, kernelId, kernelURL, ramdiskId,
                             ramdiskURL, "Pending", 0, meta->userId, netparams, keyName, userData, launchIndex,
                             groupNames, groupNamesSize);
    if (last == NULL)
        return OUT_OF_MEMORY;
    end_words(last);
    last->launchTime = 1303833600;
    *outInst = last;
    return OK;
}

int doDescribeInstances(ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts, int *outInstsLen)
{
    int i, wanted = instIdsLen == 0;

    *outInstsLen = 0;
    for (i = 0; i < instIdsLen; i++) {
        if (refused(instIds[i]))
            return ERROR;
        wanted |= is_last(instIds[i]);
    }
    if ((*outInsts = calloc(1, sizeof **outInsts)) == NULL)
        return OUT_OF_MEMORY;
    if (wanted && last != NULL && ((*outInsts)[0] = malloc(sizeof *last)) != NULL)
        memcpy((*outInsts)[(*outInstsLen)++], last, sizeof *last);
    return OK;
}

int doTerminateInstance(ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState)
{
    *shutdownState = 32;
    *previousState = 16;
    return is_last(instanceId) ? OK : NOT_FOUND;
}

/* With FAKE_FORK set it leaves a process behind, as the cluster controller does. */
int doRebootInstance(ncMetadata *meta, char *instanceId)
{
    if (getenv("FAKE_FORK") != NULL && fork() == 0) {
        sleep((unsigned)atoi(getenv("FAKE_FORK")));
        _exit(0);
    }
    return is_last(instanceId) ? OK : NOT_FOUND;
}

int doGetConsoleOutput(ncMetadata *meta, char *instanceId, char **consoleOutput)
{
    *consoleOutput = NULL;
    if (refused(instanceId))
        return ERROR;
    *consoleOutput = strdup("Y29uc29sZQ==");
    return OK;
}

int doDescribeResource(ncMetadata *meta, char *resourceType, ncResource **outRes)
{
    *outRes = allocate_resource("OK", 4096, 2048, 100, 50, 8, 4, "none");
    return *outRes != NULL ? OK : OUT_OF_MEMORY;
}

int doStartNetwork(ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan)
{
    return remoteHostsLen > 0 && refused(remoteHosts[0]) ? ERROR : OK;
}

int doAttachVolume(ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev)
{
    ncVolume *volume;

    if (!is_last(instanceId) || refused(volumeId) || last->volumesSize == EUCA_MAX_VOLUMES)
        return ERROR;
    volume = &last->volumes[last->volumesSize++];
    snprintf(volume->volumeId, CHAR_BUFFER_SIZE, "%s", volumeId);
    snprintf(volume->remoteDev, CHAR_BUFFER_SIZE, "%s", remoteDev);
    snprintf(volume->localDev, CHAR_BUFFER_SIZE, "%s", localDev);
    snprintf(volume->stateName, CHAR_BUFFER_SIZE, "attached");
    return OK;
}

int doDetachVolume(ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev, int force)
{
    if (!is_last(instanceId) || refused(volumeId) || last->volumesSize == 0)
        return ERROR;
    last->volumesSize--;
    return OK;
}

int doPowerDown(ncMetadata *meta)
{
    return OK;
}
