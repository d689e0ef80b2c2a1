// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <data.h>

/* indexed by instance_states */
char * instance_state_names [] = {
    "Unknown",
    "Running",
    "Waiting",
    "Paused",
    "Shutdown",
    "Shutoff",
    "Crashed",

    "Staging",
    "Booting",
    "Canceled",

    "Pending",
    "Extant",
    "Teardown"
};

int allocate_virtualMachine(virtualMachine *out, const virtualMachine *in)
{
	int map;

	if (out == NULL)
		return ERROR;
	memset (out, 0, sizeof (virtualMachine));
	if (in == NULL)
		return OK;

	out->mem = in->mem;
	out->cores = in->cores;
	out->disk = in->disk;
	snprintf (out->name, sizeof (out->name), "%.63s", in->name);
	/* of the maps the sizes are all that anybody asks for */
	for (map = 0; map < EUCA_MAX_DEVMAPS; map++)
		out->deviceMapping[map].size = in->deviceMapping[map].size;

	return OK;
}

int allocate_netConfig(netConfig *out, char *pvMac, char *pvIp, char *pbIp, int vlan, int networkIndex)
{
  if (out == NULL)
    return ERROR;

  memset (out, 0, sizeof (netConfig));
  out->vlan = vlan;
  out->networkIndex = networkIndex;
  if (pvMac) strncpy (out->privateMac, pvMac, sizeof (out->privateMac) - 1);
  if (pvIp) strncpy (out->privateIp, pvIp, sizeof (out->privateIp) - 1);
  if (pbIp) strncpy (out->publicIp, pbIp, sizeof (out->publicIp) - 1);

  return OK;
}

ncMetadata * allocate_metadata(char *correlationId, char *userId)
{
    ncMetadata * meta = calloc (1, sizeof (ncMetadata));

    if (meta == NULL)
        return NULL;
    if (correlationId != NULL)
        meta->correlationId = strdup (correlationId);
    if (userId != NULL)
        meta->userId = strdup (userId);

    return meta;
}

void free_metadata(ncMetadata ** meta)
{
    if (meta == NULL || *meta == NULL)
        return;
    free ((*meta)->correlationId);
    free ((*meta)->userId);
    free (*meta);
    *meta = NULL;
}

/* An instance of which no more is known than is said here: state and times are
 * the caller's business. Any pointer may be NULL, and its part is then zero:
 *
 *     virtualMachine *params,
 *     char *ramdiskId, char *ramdiskURL,
 *     char *stateName, int stateCode, char *userId,
 *     netConfig *ncnet, char *keyName
 *
 * and so on. Strings are cut, and not ended, where their part is full */
ncInstance * allocate_instance (char *instanceId, char *reservationId, 
                                virtualMachine *params, 
                                char *imageId, char *imageURL, 
                                char *kernelId, char *kernelURL, 
                                char *ramdiskId, char *ramdiskURL, 
                                char *stateName, int stateCode, char *userId, 
                                netConfig *ncnet, char *keyName, 
                                char *userData, char *launchIndex, char **groupNames, int groupNamesSize)
{
    ncInstance * inst = calloc (1, sizeof (ncInstance));

    if (inst == NULL) {
        return NULL;
    }

    if (instanceId != NULL) {
        strncpy (inst->instanceId, instanceId, CHAR_BUFFER_SIZE);
    }
    if (reservationId != NULL) {
        strncpy (inst->reservationId, reservationId, CHAR_BUFFER_SIZE);
    }
    if (userId != NULL) {
        strncpy (inst->userId, userId, CHAR_BUFFER_SIZE);
    }
    if (imageId != NULL) {
        strncpy (inst->imageId, imageId, CHAR_BUFFER_SIZE);
    }
    if (imageURL != NULL) {
        strncpy (inst->imageURL, imageURL, CHAR_BUFFER_SIZE);
    }
    if (kernelId != NULL) {
        strncpy (inst->kernelId, kernelId, CHAR_BUFFER_SIZE);
    }
    if (kernelURL != NULL) {
        strncpy (inst->kernelURL, kernelURL, CHAR_BUFFER_SIZE);
    }
    if (ramdiskId != NULL) {
        strncpy (inst->ramdiskId, ramdiskId, CHAR_BUFFER_SIZE);
    }
    if (ramdiskURL != NULL) {
        strncpy (inst->ramdiskURL, ramdiskURL, CHAR_BUFFER_SIZE);
    }
    if (stateName != NULL) {
        strncpy (inst->stateName, stateName, CHAR_BUFFER_SIZE);
    }
    if (keyName != NULL) {
        strncpy (inst->keyName, keyName, CHAR_BUFFER_SIZE*4);
    }
    if (userData != NULL) {
        strncpy (inst->userData, userData, CHAR_BUFFER_SIZE*10);
    }
    if (launchIndex != NULL) {
        strncpy (inst->launchIndex, launchIndex, CHAR_BUFFER_SIZE);
    }

    /* params and ncnet have no pointers in them */
    if (params != NULL) {
        memcpy (&(inst->params), params, sizeof (virtualMachine));
    }
    if (ncnet != NULL) {
        memcpy (&(inst->ncnet), ncnet, sizeof (netConfig));
    }
    inst->stateCode = stateCode;
    inst->groupNamesSize = groupNamesSize;
    if (groupNames && groupNamesSize) {
        int i;

        for (i=0; groupNames[i] && i<groupNamesSize; i++) {
            strncpy (inst->groupNames[i], groupNames[i], CHAR_BUFFER_SIZE);
        }
    }

    return inst;
}

void free_instance(ncInstance ** inst)
{
    if (inst == NULL)
        return;
    free (*inst);
    *inst = NULL;
}

ncResource * allocate_resource(char *nodeStatus, 
                               int memorySizeMax, int memorySizeAvailable, 
                               int diskSizeMax, int diskSizeAvailable, 
                               int numberOfCoresMax, int numberOfCoresAvailable, char *publicSubnets)
{
    ncResource * res;

    if (nodeStatus == NULL || (res = calloc (1, sizeof (ncResource))) == NULL)
        return NULL;

    strncpy (res->nodeStatus, nodeStatus, CHAR_BUFFER_SIZE - 1);
    if (publicSubnets)
        strncpy (res->publicSubnets, publicSubnets, CHAR_BUFFER_SIZE - 1);
    res->numberOfCoresMax       = numberOfCoresMax;
    res->numberOfCoresAvailable = numberOfCoresAvailable;
    res->diskSizeMax            = diskSizeMax;
    res->diskSizeAvailable      = diskSizeAvailable;
    res->memorySizeMax          = memorySizeMax;
    res->memorySizeAvailable    = memorySizeAvailable;

    return res;
}

void free_resource(ncResource ** res)
{
    if (res == NULL)
        return;
    free (*res);
    *res = NULL;
}

/* the link that points to an instance of that name, or the one at the end */
static bunchOfInstances ** link_of (bunchOfInstances ** head, const char * instanceId)
{
    bunchOfInstances ** link = head;

    while (*link != NULL && strcmp ((*link)->instance->instanceId, instanceId) != 0)
        link = &((*link)->next);

    return link;
}

int add_instance (bunchOfInstances ** head, ncInstance * instance)
{
    bunchOfInstances ** link, * entry;

    if (head == NULL || instance == NULL)
        return ERROR;
    link = link_of (head, instance->instanceId);
    if (*link != NULL)
        return DUPLICATE;
    if ((entry = calloc (1, sizeof (bunchOfInstances))) == NULL)
        return OUT_OF_MEMORY;

    entry->instance = instance;
    *link = entry;
    (*head)->count++;

    return OK;
}

/* takes it off the chain; the instance itself stays with the caller */
int remove_instance (bunchOfInstances ** head, ncInstance * instance)
{
    bunchOfInstances ** link, * entry;
    int left;

    if (head == NULL || *head == NULL || instance == NULL)
        return NOT_FOUND;
    left = (*head)->count - 1;
    link = link_of (head, instance->instanceId);
    if ((entry = *link) == NULL)
        return NOT_FOUND;

    *link = entry->next;
    free (entry);
    if (*head != NULL)
        (*head)->count = left;

    return OK;
}

/* the function may remove the instance that it is given, but no other */
int for_each_instance (bunchOfInstances ** head, void (* function)(bunchOfInstances **, ncInstance *, void *), void * argument)
{
    bunchOfInstances * entry, * following;

    for (entry = *head; entry != NULL; entry = following) {
        following = entry->next;
        function (head, entry->instance, argument);
    }

    return OK;
}

ncInstance * find_instance (bunchOfInstances **head, char * instanceId)
{
    bunchOfInstances * entry = *link_of (head, instanceId);

    return entry ? entry->instance : NULL;
}

ncInstance * get_instance (bunchOfInstances **head)
{
    static bunchOfInstances * upcoming = NULL;
    ncInstance * instance = NULL;

    if (head != NULL)
        upcoming = *head;
    if (upcoming != NULL) {
        instance = upcoming->instance;
        upcoming = upcoming->next;
    }

    return instance;
}

int total_instances (bunchOfInstances **head)
{
    return *head ? (*head)->count : 0;
}

ncVolume * find_volume (ncInstance * instance, char *volumeId)
{
    int i;

    for (i = 0; i < instance->volumesSize; i++)
        if (strncmp (instance->volumes[i].volumeId, volumeId, CHAR_BUFFER_SIZE) == 0)
            return instance->volumes + i;

    return NULL;
}

/* writes over a volume of the same name; NULL if there is no place left */
ncVolume * add_volume (ncInstance * instance, char *volumeId, char *remoteDev,
                       char *localDev, char *localDevReal, char *stateName)
{
    ncVolume * vol = find_volume (instance, volumeId);

    if (vol == NULL) {
        if (instance->volumesSize >= EUCA_MAX_VOLUMES)
            return NULL;
        vol = instance->volumes + instance->volumesSize++;
    }

    memset (vol, 0, sizeof (ncVolume));
    strncpy (vol->volumeId, volumeId, CHAR_BUFFER_SIZE - 1);
    if (remoteDev)
        strncpy (vol->remoteDev, remoteDev, CHAR_BUFFER_SIZE - 1);
    if (localDev)
        strncpy (vol->localDev, localDev, CHAR_BUFFER_SIZE - 1);
    if (localDevReal)
        strncpy (vol->localDevReal, localDevReal, CHAR_BUFFER_SIZE - 1);
    if (stateName)
        strncpy (vol->stateName, stateName, CHAR_BUFFER_SIZE - 1);

    return vol;
}

/* closes the gap; what is returned tells that it was there, no more. A device
 * that is given must be the volume's own */
ncVolume * free_volume (ncInstance * instance, char *volumeId, char *remoteDev, char *localDev)
{
    ncVolume * vol = find_volume (instance, volumeId);
    ncVolume * end = instance->volumes + instance->volumesSize;

    if (vol == NULL)
        return NULL;
    if ((remoteDev && strcmp (remoteDev, vol->remoteDev)) || (localDev && strcmp (localDev, vol->localDev)))
        return NULL;

    memmove (vol, vol + 1, (end - vol - 1) * sizeof (ncVolume));
    memset (end - 1, 0, sizeof (ncVolume));
    instance->volumesSize--;

    return vol;
}
