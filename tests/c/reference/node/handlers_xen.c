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

static int doInitialize (struct nc_state_t *nc)
{
	snprintf (nc->uri, CHAR_BUFFER_SIZE, "%s", EUCALYPTUS_LIBVIRT_URI_XEN);
	snprintf (nc->rootwrap_cmd_path, MAX_PATH, EUCALYPTUS_ROOTWRAP, nc->home);
	snprintf (nc->gen_libvirt_cmd_path, MAX_PATH, EUCALYPTUS_GEN_LIBVIRT_XML, nc->home, nc->home);
	snprintf (nc->detach_cmd_path, MAX_PATH, EUCALYPTUS_DETACH, nc->home, nc->home);
	snprintf (nc->connect_storage_cmd_path, MAX_PATH, EUCALYPTUS_ROOTWRAP " " EUCALYPTUS_CONNECT_ISCSI, nc->home, nc->home);
	snprintf (nc->disconnect_storage_cmd_path, MAX_PATH, EUCALYPTUS_ROOTWRAP " " EUCALYPTUS_DISCONNECT_ISCSI, nc->home, nc->home);
	snprintf (nc->get_storage_cmd_path, MAX_PATH, EUCALYPTUS_ROOTWRAP " " EUCALYPTUS_GET_ISCSI, nc->home, nc->home);
	nc->convert_to_disk = 0;

	return measure_host (nc);
}

static int
doRunInstance(		struct nc_state_t *nc, ncMetadata *meta, 
			char *instanceId, char *reservationId, virtualMachine *params, 
			char *imageId, char *imageURL, 
			char *kernelId, char *kernelURL, 
			char *ramdiskId, char *ramdiskURL, 
			char *keyName, 
//			char *privMac, char *privIp, int vlan,
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
        free_instance (&instance);
        logprintfl (EUCAFATAL, "%s: cannot be remembered\n", instanceId);
        return error;
    }

    /* from here on the monitoring thread sees it */
    if (pthread_create (&(instance->tcb), NULL, startup_thread, instance) != 0) {
        logprintfl (EUCAFATAL, "%s: no thread to start it in\n", instanceId);
        sem_p (inst_sem);
        remove_instance (&global_instances, instance);
        sem_v (inst_sem);
        free_instance (&instance);
        return 1;
    }
    pthread_detach (instance->tcb);

    * outInst = instance;
    return 0;
}

static int
doRebootInstance(	struct nc_state_t *nc,
			ncMetadata *meta,
			char *instanceId)
{
	ncInstance * instance;
	virConnectPtr conn;
	virDomainPtr dom;
	int ret = ERROR;

	sem_p (inst_sem);
	instance = find_instance (&global_instances, instanceId);
	sem_v (inst_sem);
	if (instance == NULL)
		return NOT_FOUND;

	if ((conn = check_hypervisor_conn ()) == NULL)
		return ERROR;
	if ((dom = virDomainLookupByName (conn, instanceId)) != NULL) {
		ret = virDomainReboot (dom, 0) == 0 ? OK : ERROR;
		virDomainFree (dom);
	}
	virConnectClose (conn);
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
	instance = find_instance (&global_instances, instanceId);
	sem_v (inst_sem);
	if (instance == NULL)
		return NOT_FOUND;

	/* kept by Xen's own console daemon */
	snprintf (path, MAX_PATH, "/var/log/xen/console/guest-%s.log", instanceId);
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
	if (get_guest_device (localDev, real, sizeof (real)) != OK || (conn = check_hypervisor_conn ()) == NULL)
		return ERROR;

	device = iscsi ? connect_iscsi_target (nc->connect_storage_cmd_path, remoteDev) : strdup (remoteDev);
	dom = virDomainLookupByName (conn, instanceId);
	if (dom && device && get_disk_xml (device, real, NULL, xml, sizeof (xml)) == OK && virDomainAttachDevice (dom, xml) == 0) {
		sem_p (inst_sem);
		instance = find_instance (&global_instances, instanceId); // it may have gone since
		if (instance && add_volume (instance, volumeId, remoteDev, localDev, real, "attached") != NULL) {
			scSaveInstanceInfo (instance);
			ret = OK;
		}
		sem_v (inst_sem);
	}
	if (ret != OK) {
		logprintfl (EUCAERROR, "%s: %s was not attached\n", instanceId, volumeId);
		if (iscsi)
			disconnect_iscsi_target (nc->disconnect_storage_cmd_path, remoteDev);
	}

	free (device);
	if (dom)
		virDomainFree (dom);
	virConnectClose (conn);
	return ret;
}

/* libvirt's Xen driver takes no disk off a guest, so a script does */
static int
doDetachVolume (	struct nc_state_t *nc,
			ncMetadata *meta,
			char *instanceId,
			char *volumeId,
			char *remoteDev,
			char *localDev,
			int force)
{
	char xml [MAX_PATH * 2], real [CHAR_BUFFER_SIZE], file [] = "/tmp/detach-XXXXXX", * device;
	int ret = ERROR, iscsi = is_iscsi_target (remoteDev), fd;
	ncInstance * instance;

	sem_p (inst_sem);
	instance = find_instance (&global_instances, instanceId);
	if (instance && find_volume (instance, volumeId) == NULL)
		instance = NULL;
	sem_v (inst_sem);
	if (instance == NULL)
		return NOT_FOUND;
	if (get_guest_device (localDev, real, sizeof (real)) != OK)
		return ERROR;

	device = iscsi ? get_iscsi_target (nc->get_storage_cmd_path, remoteDev) : strdup (remoteDev);
#if 0
	virConnectPtr conn = check_hypervisor_conn ();
	virDomainPtr dom;

	/* as it is done for KVM, should the driver ever learn it */
	if (device && conn && get_disk_xml (device, real, NULL, xml, sizeof (xml)) == OK) {
		dom = virDomainLookupByName (conn, instanceId);
		if (dom && virDomainDetachDevice (dom, xml) == 0) {
			ret = OK;
		}
		if (dom) {
			virDomainFree (dom);
		}
		virConnectClose (conn);
	}
#endif
	if (device && get_disk_xml (device, real, NULL, xml, sizeof (xml)) == OK && (fd = mkstemp (file)) >= 0) {
		size_t length = strlen (xml);

		if (write (fd, xml, length) == (ssize_t) length)
			ret = vrun ("%s %s %s %s", nc->detach_cmd_path, instanceId, real, file) ? ERROR : OK;
		close (fd);
		unlink (file);
	}
	if (ret != OK)
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
	return ret;
}

struct handlers xen_libvirt_handlers = {
    .name = "xen",
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

