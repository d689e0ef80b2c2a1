// SPDX-License-Identifier: GPL-3.0-only
/*
  Cluster controller of the reference tree: our own, much smaller than the	
  one of Eucalyptus 2.0 that it stands in for. You may use, change and hand
  it on as version 3 of the GNU General Public License says, and you’re on
  your own with it: there is no warranty.
*/
#ifndef INCLUDE_HANDLERS_H
#define INCLUDE_HANDLERS_H

#include <time.h>
#include <semaphore.h>
#include <data.h>
#include <vnetwork.h>

/* seconds */
#define NCCALL_TIMEOUT 60
#define NCCALL_TIMEOUT_SHORT 20
#define DEFAULT_POLLING 6
#define DEFAULT_INSTANCE_TIMEOUT 300
#define DEFAULT_IDLETHRESH 300
#define DEFAULT_WAKETHRESH 300

/* one call at a time to a node; nodes that are this far apart share a lock */
#define NCLOCKS 32

/* for logging */
#define SP(word) ((word) ? (word) : "-")

enum {SHARED_MEM, SHARED_FILE};
enum {INIT, CONFIG, RESCACHE, INSTCACHE, VNET, NCCALL, ENDLOCK = NCCALL + NCLOCKS};
enum {RESDOWN, RESUP, RESASLEEP, RESWAKING};
enum {INSTINVALID, INSTVALID};
enum {SCHEDGREEDY, SCHEDROUNDROBIN, SCHEDPOWERSAVE};

typedef struct instance_t {
  char instanceId[16];
  char reservationId[16];

  char amiId[16];
  char kernelId[16];
  char ramdiskId[16];

  char amiURL[512];
  char kernelURL[512];
  char ramdiskURL[512];

  char state[16];
  time_t ts;

  char ownerId[16];
  char keyName[1024];

  netConfig ccnet;
  virtualMachine ccvm;

  int ncHostIdx;
  char serviceTag[64];

  char userData[4096];
  char launchIndex[64];

  char groupNames[64][32];
  ncVolume volumes[EUCA_MAX_VOLUMES];
  int volumesSize;
} ccInstance;

int allocate_ccInstance(ccInstance *out, char *id, char *amiId, char *kernelId, char *ramdiskId, char *amiURL, char *kernelURL, char *ramdiskURL, char *ownerId, char *state, time_t ts, char *reservationId, netConfig *ccnet, virtualMachine *ccvm, int ncHostIdx, char *keyName, char *serviceTag, char *userData, char *launchIndex, char groupNames[][32], ncVolume *volumes, int volumesSize);
void print_ccInstance(char *tag, ccInstance *in);

typedef struct resource_t {
  char ncURL[384];
  char hostname[256];
  int maxMemory, availMemory, maxDisk, availDisk, maxCores, availCores;
  int state;
  int lockidx;
  time_t stateChange, idleStart;
} ccResource;

/* the four below are mapped from files that outlive us: no pointers, and only
   what is all zeros may mean "not yet" */
typedef struct ccInstanceCache_t {
  ccInstance instances[MAXINSTANCES];
  time_t lastseen[MAXINSTANCES];
  char cacheState[MAXINSTANCES];
  char confirmed[MAXINSTANCES];	// some node has reported it
  int numInsts;
} ccInstanceCache;

typedef struct ccResourceCache_t {
  ccResource resources[MAXNODES];
  int numResources;
  time_t lastResourceUpdate;
} ccResourceCache;

typedef struct ccConfig_t {
  char eucahome[512];
  char policyFile[1024];
  char configFiles[2][EUCA_MAX_PATH];
  long long configMtime[2];	// in nanoseconds
  int initialized;
  int use_wssec;
  int schedPolicy, schedState;
  int idleThresh, wakeThresh;
  time_t instanceTimeout, ncPollingFrequency;
} ccConfig;
/* ...and vnetConfig, which is the network code's */

int timeread(int fd, void *buf, size_t bytes, int timeout);
pid_t timewait(pid_t pid, int *status, int timeout);
int ncClientCall(ncMetadata *meta, int timeout, int ncLock, char *ncURL, char *ncOp, ...);

int doStartNetwork(ncMetadata *ccMeta, char *netName, int vlan);
int doStopNetwork(ncMetadata *ccMeta, char *netName, int vlan);
int doDescribeNetworks(ncMetadata *ccMeta, vnetConfig *outvnetConfig);
int doRunInstances(ncMetadata *ccMeta, char *amiId, char *kernelId, char *ramdiskId, char *amiURL, char *kernelURL, char *ramdiskURL, char **instIds, int instIdsLen, char **netNames, int netNamesLen, char **macAddrs, int macAddrsLen, int *networkIndexList, int networkIndexListLen, int minCount, int maxCount, char *ownerId, char *reservationId, virtualMachine *ccvm, char *keyName, int vlan, char *userData, char *launchIndex, char *targetNode, ccInstance **outInsts, int *outInstsLen);
int doDescribeInstances(ncMetadata *ccMeta, char **instIds, int instIdsLen, ccInstance **outInsts, int *outInstsLen);
int doTerminateInstances(ncMetadata *ccMeta, char **instIds, int instIdsLen, int **outStatus);
int doRebootInstances(ncMetadata *ccMeta, char **instIds, int instIdsLen);
int doGetConsoleOutput(ncMetadata *ccMeta, char *instId, char **consoleOutput);
int doDescribeResources(ncMetadata *ccMeta, virtualMachine **ccvms, int vmLen, int **outTypesMax, int **outTypesAvail, int *outTypesLen, char ***outServiceTags, int *outServiceTagsLen);
int doAttachVolume(ncMetadata *ccMeta, char *volumeId, char *instanceId, char *remoteDev, char *localDev);
int doDetachVolume(ncMetadata *ccMeta, char *volumeId, char *instanceId, char *remoteDev, char *localDev, int force);

int ccInstance_to_ncInstance(ccInstance *dst, ncInstance *src);

/* node choice; the caller holds RESCACHE */
int schedule_instance(virtualMachine *vm, char *targetNode, int *outresid);
int schedule_instance_greedy(virtualMachine *vm, int *outresid);
int schedule_instance_roundrobin(virtualMachine *vm, int *outresid);
int schedule_instance_explicit(virtualMachine *vm, char *targetNode, int *outresid);
int powerUp(ccResource *res);
int powerDown(ncMetadata *ccMeta, ccResource *res);
void changeState(ccResource *in, int newstate);

/* set-up, once a process and once a change of the configuration */
int initialize(void);
int init_thread(void);
int update_config(void);
int refreshNodes(void);
int setup_shared_buffer(void **buf, char *bufname, size_t bytes, sem_t **lock, char *lockname, int mode);
int sem_mywait(int lockno);
int sem_mypost(int lockno);

/* upkeep, by the monitor process */
int start_monitor(void);
void monitor_loop(pid_t parent);
int refresh_resources(ncMetadata *ccMeta, int timeout);
int refresh_instances(ncMetadata *ccMeta, int timeout);
void shawn(void);

int add_instanceCache(char *instanceId, ccInstance *in);
int refresh_instanceCache(char *instanceId, ccInstance *in);
int del_instanceCacheId(char *instanceId);
int find_instanceCacheId(char *instanceId, ccInstance **out);
int find_instanceCacheIP(char *ip, ccInstance **out);
void expire_instanceCache(void);

#endif
