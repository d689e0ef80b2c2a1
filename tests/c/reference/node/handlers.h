// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#ifndef INCLUDE_HANDLERS_H
#define INCLUDE_HANDLERS_H

#include <pthread.h>
#include <libvirt/libvirt.h>
#include <vnetwork.h>
#include "data.h"

#define LIBVIRT_QUERY_RETRIES 5
#define MAXDOMS 1024
#define BYTES_PER_DISK_UNIT 1073741824 /* disks are counted in GB */
#define SWAP_SIZE 512 /* MB */
#ifndef MAX_PATH
#define MAX_PATH 4096
#endif

struct handlers;

/* what the controller knows of itself and of its host; filled by init() */
struct nc_state_t {
	struct handlers *H;		/* of the hypervisor in use */
	struct handlers *D;		/* where H has nothing to say */
	vnetConfig *vnetconfig;
	// the most that guests may have together, 0 is as much as there is
	long long config_max_disk;
	long long config_max_mem;
	long long config_max_cores;
	// found out at start
	long long disk_max;
	long long mem_max;
	long long cores_max;
	// places
	char home[CHAR_BUFFER_SIZE];
	char uri[CHAR_BUFFER_SIZE];
	char config_network_path[MAX_PATH];
	char gen_libvirt_cmd_path[MAX_PATH];
	char rootwrap_cmd_path[MAX_PATH];
	char detach_cmd_path[MAX_PATH];
	char connect_storage_cmd_path[MAX_PATH];
	char disconnect_storage_cmd_path[MAX_PATH];
	char get_storage_cmd_path[MAX_PATH];
	// switches
	int config_use_virtio_net;
	int config_use_virtio_disk;
	int config_use_virtio_root;
	int convert_to_disk;
	int save_instance_files;
};

struct handlers {
    char name[CHAR_BUFFER_SIZE];
    int (*doInitialize)		(struct nc_state_t *nc);
    int (*doPowerDown)		(struct nc_state_t *nc,
		    		ncMetadata *meta);
    int (*doDescribeInstances)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char **instIds,
				int instIdsLen,
				ncInstance ***outInsts,
				int *outInstsLen);
    int (*doRunInstance)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char *instanceId,
				char *reservationId,
				virtualMachine *params,
				char *imageId,
				char *imageURL,
				char *kernelId,
				char *kernelURL,
				char *ramdiskId,
				char *ramdiskURL,
				char *keyName,
				netConfig *netparams,
				char *userData,
				char *launchIndex,
				char **groupNames,
				int groupNamesSize,
				ncInstance **outInst);
    int (*doTerminateInstance)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char *instanceId,
				int *shutdownState,
				int *previousState);
    int (*doRebootInstance)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char *instanceId);
    int (*doGetConsoleOutput)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char *instanceId,
				char **consoleOutput);
    int (*doDescribeResource)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char *resourceType,
				ncResource **outRes);
    int (*doStartNetwork)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char **remoteHosts,
				int remoteHostsLen,
				int port,
				int vlan);
    int (*doAttachVolume)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char *instanceId,
				char *volumeId,
				char *remoteDev,
				char *localDev);
    int (*doDetachVolume)	(struct nc_state_t *nc,
		    		ncMetadata *meta,
				char *instanceId,
				char *volumeId,
				char *remoteDev,
				char *localDev,
				int force);
};

#ifdef HANDLERS_FANOUT
/* the way in: each passes its work on to H, else to D */
int doPowerDown			(ncMetadata *meta);
int doDescribeInstances		(ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts, int *outInstsLen);
int doRunInstance		(ncMetadata *meta, char *instanceId, char *reservationId, virtualMachine *params, char *imageId, char *imageURL, char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, char *keyName, netConfig *netparams, char *userData, char *launchIndex, char **groupNames, int groupNamesSize, ncInstance **outInst);
int doTerminateInstance		(ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState);
int doRebootInstance		(ncMetadata *meta, char *instanceId);
int doGetConsoleOutput		(ncMetadata *meta, char *instanceId, char **consoleOutput);
int doDescribeResource		(ncMetadata *meta, char *resourceType, ncResource **outRes);
int doStartNetwork		(ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan);
int doAttachVolume		(ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev);
int doDetachVolume		(ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev, int force);
#endif /* HANDLERS_FANOUT */

/* shared by the hypervisors */
int
get_instance_xml(	const char *gen_libvirt_cmd_path,
			char *userId,
			char *instanceId,
			char *ramdiskId,
			char *kernelId,
			char *disk_path,
			virtualMachine *params,
			char *privMac,
//			char *pubMac,
			char *brname,
			int use_virtio_net,
			int use_virtio_root,
			char **xml);
void *startup_thread(	void *arg);
void change_state(	ncInstance *instance, instance_states state);
void adopt_instances();
virConnectPtr check_hypervisor_conn(); // the caller's own reference: close it
int measure_host(	struct nc_state_t *nc);
int get_guest_device(	const char *localDev, char *localDevReal, int size);
int get_disk_xml(	const char *source, const char *target, const char *bus, char *xml, int size);
int read_console(	struct nc_state_t *nc, const char *path, char **consoleOutput);
int is_iscsi_target(	const char *dev_string);
char *connect_iscsi_target(	const char *storage_cmd_path, char *dev_string);
char *get_iscsi_target(		const char *storage_cmd_path, char *dev_string);
int disconnect_iscsi_target(	const char *storage_cmd_path, char *dev_string);

#endif
