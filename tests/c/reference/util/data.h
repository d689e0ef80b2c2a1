// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#ifndef INCLUDE_DATA_H
#define INCLUDE_DATA_H

#include <pthread.h>
#include <eucalyptus.h>

#define CHAR_BUFFER_SIZE 512
#define BIG_CHAR_BUFFER_SIZE 1024

/* the first seven have the values of libvirt's virDomainState */
typedef enum instance_states_t {
    NO_STATE = 0,
    RUNNING,
    BLOCKED,
    PAUSED,
    SHUTDOWN,
    SHUTOFF,
    CRASHED,

    /* known to the node controller only */
    STAGING,
    BOOTING,
    CANCELED,

    /* what a cluster controller is told */
    PENDING,
    EXTANT,
    TEARDOWN,
    TOTAL_STATES
} instance_states;

extern char * instance_state_names [];

/* who asks, and in which conversation */
typedef struct ncMetadata_t {
    char *correlationId;
    char *userId;
} ncMetadata;

typedef struct deviceMapping_t {
	char deviceName[64];
	char virtualName[64];
	int size;
	char format[64];
} deviceMapping;

typedef struct virtualMachine_t {
	int mem, cores, disk;
	char name[64];
	deviceMapping deviceMapping[EUCA_MAX_DEVMAPS];
} virtualMachine;

int allocate_virtualMachine(virtualMachine *out, const virtualMachine *in);

typedef struct netConfig_t {
  int vlan, networkIndex;
  char privateMac[24], publicIp[24], privateIp[24];
} netConfig;

int allocate_netConfig(netConfig *out, char *pvMac, char *pvIp, char *pbIp, int vlan, int networkIndex);

typedef struct ncVolume_t {
    char volumeId[CHAR_BUFFER_SIZE];
    char remoteDev[CHAR_BUFFER_SIZE];
    char localDev[CHAR_BUFFER_SIZE];
    char localDevReal[CHAR_BUFFER_SIZE];
    char stateName[CHAR_BUFFER_SIZE];
} ncVolume;

/* written to disk and through a pipe byte for byte: see storage.c and the
 * cluster controller before changing anything */
typedef struct ncInstance_t {
    char instanceId[CHAR_BUFFER_SIZE];
    char imageId[CHAR_BUFFER_SIZE];
    char imageURL[CHAR_BUFFER_SIZE];
    char kernelId[CHAR_BUFFER_SIZE];
    char kernelURL[CHAR_BUFFER_SIZE];
    char ramdiskId[CHAR_BUFFER_SIZE];
    char ramdiskURL[CHAR_BUFFER_SIZE];
    char reservationId[CHAR_BUFFER_SIZE];
    char userId[CHAR_BUFFER_SIZE];
    int retries;
    
    /* the name is for people and for the wire, the code is what
     * a cluster is told, the state is what this node has decided */
    char stateName[CHAR_BUFFER_SIZE];
    int stateCode;
    instance_states state;

    char keyName[CHAR_BUFFER_SIZE*4];
    char privateDnsName[CHAR_BUFFER_SIZE];
    char dnsName[CHAR_BUFFER_SIZE];
    int launchTime; // of the request
    int bootTime; // of the domain
    int terminationTime;
    
    virtualMachine params;
    netConfig ncnet;
    pthread_t tcb;

    /* handed through, never looked into */
    char userData[CHAR_BUFFER_SIZE*10];
    char launchIndex[CHAR_BUFFER_SIZE];
    char groupNames[EUCA_MAX_GROUPS][CHAR_BUFFER_SIZE];
    int groupNamesSize;

    ncVolume volumes[EUCA_MAX_VOLUMES];
    int volumesSize;
} ncInstance;

typedef struct ncResource_t {
    char nodeStatus[CHAR_BUFFER_SIZE];
    int memorySizeMax;
    int memorySizeAvailable;
    int diskSizeMax;
    int diskSizeAvailable;
    int numberOfCoresMax;
    int numberOfCoresAvailable;
    char publicSubnets[CHAR_BUFFER_SIZE];
} ncResource;

/* a chain of instances; the count is right in its head only */
typedef struct bunchOfInstances_t {
    ncInstance * instance;
    int count;
    struct bunchOfInstances_t * next;
} bunchOfInstances;

typedef enum instance_error_codes_t {
    OUT_OF_MEMORY = 99,
    DUPLICATE,
    NOT_FOUND,
} instance_error_codes;

int add_instance (bunchOfInstances ** head, ncInstance * instance);
int remove_instance (bunchOfInstances ** head, ncInstance * instance);
int for_each_instance (bunchOfInstances ** head, void (* function)(bunchOfInstances **, ncInstance *, void *), void * argument);
ncInstance * find_instance (bunchOfInstances **head, char * instanceId);
/* first of a chain, then (with NULL) one after the other of the same chain */
ncInstance * get_instance (bunchOfInstances **head);
int total_instances (bunchOfInstances **head);

ncMetadata * allocate_metadata(char *correlationId, char *userId);
void free_metadata(ncMetadata ** meta);

ncInstance * allocate_instance(char *instanceId, char *reservationId, 
                               virtualMachine *params, 
                               char *imageId, char *imageURL, 
                               char *kernelId, char *kernelURL, 
                               char *ramdiskId, char *ramdiskURL,
                               char *stateName, int stateCode, char *userId, 
                               netConfig *ncnet, char *keyName, 
                               char *userData, char *launchIndex, char **groupNames, int groupNamesSize);
void free_instance(ncInstance ** inst);

ncResource * allocate_resource(char *nodeStatus, 
                               int memorySizeMax, int memorySizeAvailable,
                               int diskSizeMax, int diskSizeAvailable, 
                               int numberOfCoresMax, int numberOfCoresAvailable, char *publicSubnets);
void free_resource(ncResource ** res);

ncVolume * find_volume (ncInstance * instance, char *volumeId);
ncVolume * add_volume (ncInstance * instance, char *volumeId, char *remoteDev,
                       char *localDev, char *localDevReal, char *stateName);
ncVolume * free_volume (ncInstance * instance, char *volumeId, char *remoteDev, char *localDev);

#endif
