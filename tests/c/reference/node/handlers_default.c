// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libvirt/libvirt.h>

#include "ipc.h"
#include "misc.h"
#include "handlers.h"

/* coming from handlers.c */
extern sem * inst_sem;
extern bunchOfInstances * global_instances;

static int doInitialize (struct nc_state_t *nc)
{
	return OK;
}

static int
doRunInstance (	struct nc_state_t *nc, ncMetadata *meta, char *instanceId, 
		char *reservationId, virtualMachine *params, 
		char *imageId, char *imageURL, 
		char *kernelId, char *kernelURL, 
		char *ramdiskId, char *ramdiskURL, 
		char *keyName, 
		netConfig *netparams, 
		char *userData, char *launchIndex, 
		char **groupNames, int groupNamesSize, ncInstance **outInst)
{
	logprintfl (EUCAERROR, "no default for doRunInstance: %s brings none of its own\n", nc->H->name);
	return ERROR_FATAL;
}

static int
doRebootInstance(	struct nc_state_t *nc, ncMetadata *meta, char *instanceId)
{
	logprintfl (EUCAERROR, "no default for doRebootInstance\n");
	return ERROR_FATAL;
}

static int
doGetConsoleOutput(	struct nc_state_t *nc, ncMetadata *meta, char *instanceId, char **consoleOutput)
{
	logprintfl (EUCAERROR, "no default for doGetConsoleOutput\n");
	return ERROR_FATAL;
}

static int
doAttachVolume(	struct nc_state_t *nc, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev)
{
	logprintfl (EUCAERROR, "no default for doAttachVolume\n");
	return ERROR_FATAL;
}

static int
doDetachVolume(	struct nc_state_t *nc, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev, int force)
{
	logprintfl (EUCAERROR, "no default for doDetachVolume\n");
	return ERROR_FATAL;
}

static int
doTerminateInstance(	struct nc_state_t *nc,
			ncMetadata *meta,
			char *instanceId,
			int *shutdownState,
			int *previousState)
{
	ncInstance * instance;
	virConnectPtr conn;
	virDomainPtr dom;
	int ret = OK;

	if ((conn = check_hypervisor_conn ()) == NULL)
		return ERROR;

	sem_p (inst_sem);
	if ((instance = find_instance (&global_instances, instanceId)) == NULL) {
		ret = NOT_FOUND;
	} else {
		* previousState = instance->stateCode;
		if (instance->state == STAGING) {
			change_state (instance, CANCELED); // its thread does the rest
		} else if (instance->state != CANCELED && instance->state != TEARDOWN) {
			dom = virDomainLookupByName (conn, instanceId);
			if (dom && virDomainDestroy (dom) != 0) {
				logprintfl (EUCAERROR, "%s: its domain cannot be ended\n", instanceId);
				ret = ERROR;
			} else {
				change_state (instance, SHUTOFF); // the monitoring thread clears away
			}
			if (dom)
				virDomainFree (dom);
		}
		* shutdownState = instance->stateCode;
	}
	sem_v (inst_sem);
	virConnectClose (conn);

	return ret;
}

/* Copies are handed out, for the caller to free: the list goes on living */
static int
doDescribeInstances(	struct nc_state_t *nc,
			ncMetadata *meta,
			char **instIds,
			int instIdsLen,
			ncInstance ***outInsts,
			int *outInstsLen)
{
	bunchOfInstances * head;
	int total, k, i;

	* outInsts = NULL;
	* outInstsLen = 0;

	sem_p (inst_sem);
	total = total_instances (&global_instances);
	* outInsts = calloc (total + 1, sizeof (ncInstance *));
	for (head = global_instances; * outInsts && head; head = head->next) {
		ncInstance * instance = head->instance, * copy;

		for (i = 0; i < instIdsLen; i++)
			if (!strncmp (instIds[i], instance->instanceId, CHAR_BUFFER_SIZE))
				break;
		if (instIdsLen > 0 && i == instIdsLen)
			continue; // not asked for
		if ((copy = malloc (sizeof (ncInstance))) == NULL)
			break;
		memcpy (copy, instance, sizeof (ncInstance));
		(* outInsts)[(* outInstsLen)++] = copy;
	}
	sem_v (inst_sem);

	if (* outInsts && head == NULL)
		return OK;
	for (k = 0; k < * outInstsLen; k++)
		free ((* outInsts)[k]);
	free (* outInsts);
	* outInsts = NULL;
	* outInstsLen = 0;
	return OUT_OF_MEMORY;
}

static int
doDescribeResource(	struct nc_state_t *nc,
			ncMetadata *meta,
			char *resourceType,
			ncResource **outRes)
{
	long long mem = nc->mem_max, disk = nc->disk_max, cores = nc->cores_max;
	bunchOfInstances * head;

	* outRes = NULL;
	sem_p (inst_sem);
	for (head = global_instances; head; head = head->next) {
		ncInstance * instance = head->instance;

		if (instance->state == TEARDOWN)
			continue; // takes nothing any more
		mem -= instance->params.mem;
		disk -= instance->params.disk + (SWAP_SIZE + 1023) / 1024;
		cores -= instance->params.cores;
	}
	sem_v (inst_sem);

	* outRes = allocate_resource ("OK", nc->mem_max, mem > 0 ? mem : 0, nc->disk_max, disk > 0 ? disk : 0, nc->cores_max, cores > 0 ? cores : 0, "none");
	if (* outRes == NULL)
		return OUT_OF_MEMORY;
	logprintfl (EUCADEBUG, "free: %lld MB, %lld GB, %lld cores\n", mem, disk, cores);

	return OK;
}

static int
doStartNetwork(	struct nc_state_t *nc,
		ncMetadata *meta,
		char **remoteHosts,
		int remoteHostsLen,
		int port,
		int vlan)
{
	char * brname = NULL;
	int rc = vnetStartNetwork (nc->vnetconfig, vlan, NULL, NULL, &brname);

	logprintfl (rc ? EUCAERROR : EUCAINFO, "network %d %s (%d)\n", vlan, rc ? "cannot be started" : "is up", rc);
	free (brname);

	return rc;
}

static int
doPowerDown(	struct nc_state_t *nc, ncMetadata *meta)
{
	bunchOfInstances * head;
	int busy = 0;

	sem_p (inst_sem);
	for (head = global_instances; head; head = head->next)
		busy += head->instance->state != TEARDOWN;
	sem_v (inst_sem);
	if (busy) {
		logprintfl (EUCAERROR, "%d instances are here, not powering down\n", busy);
		return ERROR;
	}

	return vrun ("%s /sbin/poweroff", nc->rootwrap_cmd_path) ? ERROR : OK;
}

struct handlers default_libvirt_handlers = {
    .name = "default",
    .doInitialize        = doInitialize,
    .doDescribeInstances = doDescribeInstances,
    .doRunInstance       = doRunInstance,
    .doTerminateInstance = doTerminateInstance,
    .doRebootInstance    = doRebootInstance,
    .doGetConsoleOutput  = doGetConsoleOutput,
    .doDescribeResource  = doDescribeResource,
    .doStartNetwork      = doStartNetwork,
    .doPowerDown         = doPowerDown,
    .doAttachVolume      = doAttachVolume,
    .doDetachVolume      = doDetachVolume
};

