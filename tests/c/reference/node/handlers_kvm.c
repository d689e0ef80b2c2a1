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
#include <unistd.h>
#include <pthread.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "ipc.h"
#include "misc.h"
#include <storage.h>
#include "handlers.h"

/* coming from handlers.c */
extern sem * inst_sem;
extern bunchOfInstances * global_instances;
extern struct nc_state_t nc_state;

static int doInitialize (struct nc_state_t *nc)
{
	snprintf (nc->uri, CHAR_BUFFER_SIZE, "%s", EUCALYPTUS_LIBVIRT_URI_KVM);
	snprintf (nc->rootwrap_cmd_path, MAX_PATH, EUCALYPTUS_ROOTWRAP, nc->home);
	snprintf (nc->gen_libvirt_cmd_path, MAX_PATH, EUCALYPTUS_GEN_KVM_LIBVIRT_XML, nc->home, nc->home);
	snprintf (nc->connect_storage_cmd_path, MAX_PATH, EUCALYPTUS_ROOTWRAP " " EUCALYPTUS_CONNECT_ISCSI, nc->home, nc->home);
	snprintf (nc->disconnect_storage_cmd_path, MAX_PATH, EUCALYPTUS_ROOTWRAP " " EUCALYPTUS_DISCONNECT_ISCSI, nc->home, nc->home);
	snprintf (nc->get_storage_cmd_path, MAX_PATH, EUCALYPTUS_ROOTWRAP " " EUCALYPTUS_GET_ISCSI, nc->home, nc->home);
	nc->convert_to_disk = 1; // qemu boots no bare partition

	return measure_host (nc);
}

static int
doRunInstance (	struct nc_state_t *nc, ncMetadata *meta, char *instanceId, 
		char *reservationId, virtualMachine *params, 
		char *imageId, char *imageURL, 
		char *kernelId, char *kernelURL, 
		char *ramdiskId, char *ramdiskURL, 
		char *keyName, 
//		char *privMac, char *privIp, int vlan,
		netConfig *netparams,
		char *userData, char *launchIndex, 
		char **groupNames, int groupNamesSize, ncInstance **outInst)
{
    ncInstance * instance = NULL;
    netConfig ncnet;
    int error;

    /* the older way to say the same, for whoever compares the logs:
    params->memorySize, params->diskSize, params->numberOfCores
    imageId, kernelId, ramdiskId, instanceId, reservationId
    */
    memcpy (&ncnet, netparams, sizeof (netConfig));

    sem_p (inst_sem);
    instance = find_instance (&global_instances, instanceId);
    sem_v (inst_sem);
    if (instance) {
        logprintfl (EUCAFATAL, "%s: there is one already\n", instanceId);
        return 1;
    }

    if (!(instance = allocate_instance (instanceId, 
                                        reservationId,
                                        params, 
                                        imageId, imageURL,
                                        kernelId, kernelURL,
                                        ramdiskId, ramdiskURL,
                                        instance_state_names[PENDING], 
                                        PENDING, 
                                        meta->userId, 
                                        &ncnet, keyName,
                                        userData, launchIndex, groupNames, groupNamesSize))) {
        logprintfl (EUCAFATAL, "%s: no memory for it\n", instanceId);
        return 2;
    }
    instance->launchTime = time (NULL);

    sem_p (inst_sem);
    change_state (instance, STAGING);
    error = add_instance (&global_instances, instance);
    sem_v (inst_sem);
    if (error) {
        logprintfl (EUCAFATAL, "%s: cannot be remembered\n", instanceId);
        goto error;
    }

    /* from here on the monitoring thread sees it */
    error = pthread_create (&(instance->tcb), NULL, startup_thread, instance);
    if (error) {
        logprintfl (EUCAFATAL, "%s: no thread to start it in\n", instanceId);
        sem_p (inst_sem);
        remove_instance (&global_instances, instance);
        sem_v (inst_sem);
        goto error;
    }
    pthread_detach (instance->tcb);

    * outInst = instance;
    return 0;

error:
    free_instance (&instance);
    return error;
}

/* The domain of an instance, or NULL; both are the caller's to release */
static virDomainPtr domain_of (const char * instanceId, virConnectPtr * conn)
{
	virDomainPtr dom;

	if ((* conn = check_hypervisor_conn ()) == NULL)
		return NULL;
	if ((dom = virDomainLookupByName (* conn, instanceId)) == NULL) {
		logprintfl (EUCAERROR, "%s: has no domain\n", instanceId);
		virConnectClose (* conn);
	}

	return dom;
}

/* sdc is vdc where disks are virtio ones */
static int describe_volume (struct nc_state_t *nc, const char *source, char *localDev, char *real, char *xml, int size)
{
	const char * bus = "scsi";

	if (get_guest_device (localDev, real, CHAR_BUFFER_SIZE) != OK)
		return ERROR;
	if (nc->config_use_virtio_disk && real[0] == 's')
		real[0] = 'v';
	if (real[0] == 'v')
		bus = "virtio";
	else if (real[0] == 'h')
		bus = "ide";

	return get_disk_xml (source, real, bus, xml, size);
}

/* call with inst_sem held: volumes that came later are not in libvirt.xml */
static void attach_again (ncInstance *instance, virDomainPtr dom)
{
	char xml [MAX_PATH * 2], real [CHAR_BUFFER_SIZE], * device;
	int i;

	for (i = 0; i < instance->volumesSize; i++) {
		ncVolume * vol = instance->volumes + i;

		device = is_iscsi_target (vol->remoteDev) ? get_iscsi_target (nc_state.get_storage_cmd_path, vol->remoteDev) : strdup (vol->remoteDev);
		if (!device || describe_volume (&nc_state, device, vol->localDev, real, xml, sizeof (xml)) != OK || virDomainAttachDevice (dom, xml) != 0)
			logprintfl (EUCAWARN, "%s: is without %s after its reboot\n", instance->instanceId, vol->volumeId);
		free (device);
	}
}

/* what was written at launch is used again as it stands */
static void *rebooting_thread (void *arg)
{
	ncInstance * instance = (ncInstance *) arg;
	char path [MAX_PATH], * xml;
	virDomainPtr dom, fresh;
	virConnectPtr conn;

	snprintf (path, MAX_PATH, "%s/%s/%s/libvirt.xml", scGetInstancePath (), instance->userId, instance->instanceId);
	if ((xml = file2str (path)) == NULL) {
		logprintfl (EUCAERROR, "%s: not rebooted, %s cannot be read\n", instance->instanceId, path);
		return NULL;
	}
	if ((dom = domain_of (instance->instanceId, &conn)) == NULL) {
		free (xml);
		return NULL;
	}

	/* under the lock, so that the monitoring thread does not see the gap */
	sem_p (inst_sem);
	if (instance->state == TEARDOWN || instance->state == SHUTOFF) {
		logprintfl (EUCAINFO, "%s: not rebooted, it has ended\n", instance->instanceId);
	} else if (virDomainDestroy (dom) != 0) {
		logprintfl (EUCAERROR, "%s: not rebooted, it does not end\n", instance->instanceId);
	} else if ((fresh = virDomainCreateLinux (conn, xml, 0)) == NULL) {
		logprintfl (EUCAERROR, "%s: ended for a reboot and does not start again\n", instance->instanceId);
		change_state (instance, SHUTOFF);
	} else {
		instance->bootTime = time (NULL);
		change_state (instance, BOOTING);
		attach_again (instance, fresh);
		virDomainFree (fresh);
		logprintfl (EUCAINFO, "%s: rebooted\n", instance->instanceId);
	}
	sem_v (inst_sem);

	virDomainFree (dom);
	virConnectClose (conn);
	free (xml);
	return NULL;
}

static int
doRebootInstance(	struct nc_state_t *nc,
			ncMetadata *meta,
			char *instanceId)
{
	ncInstance * instance;
	pthread_t thread;
	int ret = NOT_FOUND;

	sem_p (inst_sem);
	instance = find_instance (&global_instances, instanceId);
	if (instance && instance->state >= RUNNING && instance->state <= PAUSED) {
		ret = pthread_create (&thread, NULL, rebooting_thread, instance) ? ERROR : OK;
		if (ret == OK)
			pthread_detach (thread);
	}
	sem_v (inst_sem);
	if (ret != OK)
		logprintfl (EUCAERROR, "%s: cannot be rebooted\n", instanceId);

	return ret;
}

static int
doGetConsoleOutput(	struct nc_state_t *nc,
			ncMetadata *meta,
			char *instanceId,
			char **consoleOutput)
{
	char path [MAX_PATH];
	ncInstance * instance;

	* consoleOutput = NULL;
	sem_p (inst_sem);
	if ((instance = find_instance (&global_instances, instanceId)) != NULL)
		snprintf (path, MAX_PATH, "%s/%s/%s/console.log", scGetInstancePath (), instance->userId, instance->instanceId);
	sem_v (inst_sem);
	if (instance == NULL)
		return NOT_FOUND;

	return read_console (nc, path, consoleOutput);
}

static int
doAttachVolume (	struct nc_state_t *nc,
			ncMetadata *meta,
			char *instanceId,
			char *volumeId,
			char *remoteDev,
			char *localDev)
{
	char xml [MAX_PATH * 2], real [CHAR_BUFFER_SIZE], * device;
	int ret = ERROR, iscsi = is_iscsi_target (remoteDev);
	ncInstance * instance;
	virConnectPtr conn;
	virDomainPtr dom;

	sem_p (inst_sem);
	instance = find_instance (&global_instances, instanceId);
	sem_v (inst_sem);
	if (instance == NULL)
		return NOT_FOUND;
	if ((dom = domain_of (instanceId, &conn)) == NULL)
		return ERROR;

	device = iscsi ? connect_iscsi_target (nc->connect_storage_cmd_path, remoteDev) : strdup (remoteDev);
	if (device && describe_volume (nc, device, localDev, real, xml, sizeof (xml)) == OK && virDomainAttachDevice (dom, xml) == 0) {
		sem_p (inst_sem);
		instance = find_instance (&global_instances, instanceId); // it may have gone since
		if (instance && add_volume (instance, volumeId, remoteDev, localDev, real, "attached") != NULL) {
			scSaveInstanceInfo (instance);
			ret = OK;
		}
		sem_v (inst_sem);
		if (ret != OK) {
			logprintfl (EUCAERROR, "%s: %s cannot be remembered, taking it off again\n", instanceId, volumeId);
			virDomainDetachDevice (dom, xml);
		}
	}
	if (ret != OK) {
		logprintfl (EUCAERROR, "%s: %s was not attached\n", instanceId, volumeId);
		if (iscsi)
			disconnect_iscsi_target (nc->disconnect_storage_cmd_path, remoteDev);
	}

	free (device);
	virDomainFree (dom);
	virConnectClose (conn);
	return ret;
}

static int
doDetachVolume (	struct nc_state_t *nc,
			ncMetadata *meta,
			char *instanceId,
			char *volumeId,
			char *remoteDev,
			char *localDev,
			int force)
{
	char xml [MAX_PATH * 2], real [CHAR_BUFFER_SIZE], * device;
	int ret = ERROR, iscsi = is_iscsi_target (remoteDev);
	ncInstance * instance;
	virConnectPtr conn;
	virDomainPtr dom;

	sem_p (inst_sem);
	instance = find_instance (&global_instances, instanceId);
	if (instance && find_volume (instance, volumeId) == NULL)
		instance = NULL;
	sem_v (inst_sem);
	if (instance == NULL)
		return NOT_FOUND;
	if ((dom = domain_of (instanceId, &conn)) == NULL)
		return ERROR;

	device = iscsi ? get_iscsi_target (nc->get_storage_cmd_path, remoteDev) : strdup (remoteDev);
	if (device && describe_volume (nc, device, localDev, real, xml, sizeof (xml)) == OK && virDomainDetachDevice (dom, xml) == 0)
		ret = OK;
	else
		logprintfl (EUCAERROR, "%s: the guest does not let go of %s%s\n", instanceId, volumeId, force ? ", which it loses now" : "");
	if (force)
		ret = OK;

	if (ret == OK) {
		sem_p (inst_sem);
		if ((instance = find_instance (&global_instances, instanceId)) != NULL) {
			free_volume (instance, volumeId, remoteDev, localDev);
			scSaveInstanceInfo (instance);
		}
		sem_v (inst_sem);
		if (iscsi && disconnect_iscsi_target (nc->disconnect_storage_cmd_path, remoteDev) != 0)
			logprintfl (EUCAERROR, "%s: the host is still connected to %s\n", instanceId, remoteDev);
	}

	free (device);
	virDomainFree (dom);
	virConnectClose (conn);
	return ret;
}

struct handlers kvm_libvirt_handlers = {
    .name = "kvm",
    .doInitialize        = doInitialize,
    .doDescribeInstances = NULL,
    .doRunInstance       = doRunInstance,
    .doTerminateInstance = NULL,
    .doRebootInstance    = doRebootInstance,
    .doGetConsoleOutput  = doGetConsoleOutput,
    .doDescribeResource  = NULL,
    .doStartNetwork      = NULL,
    .doPowerDown         = NULL,
    .doAttachVolume      = doAttachVolume,
    .doDetachVolume      = doDetachVolume
};

