// SPDX-License-Identifier: GPL-3.0-only
/*
  Cluster controller of the reference tree: our own, much smaller than the	
  one of Eucalyptus 2.0 that it stands in for. You may use, change and hand
  it on as version 3 of the GNU General Public License says, and you’re on
  your own with it: there is no warranty.
*/
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

#include <axis2_stub.h>
#include <eucalyptus.h>
#include <misc.h>
#include <euca_axis.h>
#include <client-marshal.h>
#include <handlers.h>

/* all processes of the cluster controller look at the same four */
ccConfig *config = NULL;
ccInstanceCache *instanceCache = NULL;
ccResourceCache *resourceCache = NULL;
vnetConfig *vnetconfig = NULL;

static sem_t *locks[ENDLOCK];	// taken in the order of the enum, if more than one
static char eucahome[512];
static pthread_mutex_t init_mutex = PTHREAD_MUTEX_INITIALIZER;

int sem_mywait(int lockno) {
  int rc;

  do {
    rc = sem_wait(locks[lockno]);
  } while (rc && errno == EINTR);

  return rc;
}

int sem_mypost(int lockno) {
  return sem_post(locks[lockno]);
}

/* a process that nobody has to wait for: 0 in it, -1 if there is none */
static pid_t fork_detached(void) {
  struct stat sb;
  pid_t pid;
  int fd;

  if ((pid = fork()) < 0) return -1;
  if (pid > 0) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR);
    return pid;
  }

  if (fork() != 0) _exit(0);
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGCHLD, SIG_DFL);
  // what the web server listens on must not stay open in here
  for (fd = 3; fd < 1024; fd++) {
    if (!fstat(fd, &sb) && S_ISSOCK(sb.st_mode)) close(fd);
  }
  return 0;
}

/*
 * Talking to nodes. Each call is made by a child of its own, so that a node
 * which hangs costs a child and a time-out and not a worker of the server.
 * What the node has answered comes back through a pipe.
 */

int timeread(int fd, void *buf, size_t bytes, int timeout) {
  struct timeval left = { timeout > 0 ? timeout : 1, 0 };
  fd_set readable;

  FD_ZERO(&readable);
  FD_SET(fd, &readable);
  if (select(fd + 1, &readable, NULL, NULL, &left) < 1) {
    logprintfl(EUCAERROR, "timeread(): nothing came within %d seconds\n", timeout);
    return -1;
  }

  return read(fd, buf, bytes);
}

pid_t timewait(pid_t pid, int *status, int timeout) {
  struct timespec nap = { 0, 10 * 1000 * 1000 };
  time_t end = time(NULL) + (timeout > 0 ? timeout : 1);
  pid_t rc;

  *status = 1 << 8;
  while ((rc = waitpid(pid, status, WNOHANG)) == 0 && time(NULL) <= end) nanosleep(&nap, NULL);
  if (rc == 0) {
    logprintfl(EUCAERROR, "timewait(): process %d does not end, killing it\n", (int) pid);
    kill(pid, SIGKILL);
    while (waitpid(pid, status, 0) < 0 && errno == EINTR);
    *status = 1 << 8;
  }

  return rc;
}

/* whoever does not read it has had enough: no reason to complain here */
static void pipe_put(int fd, const void *buf, size_t bytes) {
  const char *from = buf;
  ssize_t n;

  while (bytes > 0) {
    n = write(fd, from, bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    from += n;
    bytes -= n;
  }
}

/* strings go with their length before them, and none at all as length 0 */
static void pipe_put_string(int fd, char *word) {
  int len = word ? strlen(word) + 1 : 0;

  pipe_put(fd, &len, sizeof(int));
  pipe_put(fd, word, len);
}

static int pipe_get_string(int fd, char **word, int timeout) {
  int len = 0, have = 0, n;

  *word = NULL;
  if (timeread(fd, &len, sizeof(int), timeout) <= 0 || len < 0) return 1;
  if (len == 0) return 0;
  if ((*word = calloc(len, 1)) == NULL) return 1;
  while (have < len && (n = timeread(fd, *word + have, len - have, timeout)) > 0) have += n;
  (*word)[len - 1] = 0;

  return have < len;
}

/* What follows ncOp is what the branches of that name take out, here and in
   the child: same number, same order, same types. No compiler looks after it. */
int ncClientCall(ncMetadata *meta, int timeout, int ncLock, char *ncURL, char *ncOp, ...) {
  va_list al;
  int filedes[2], status, len, i, rbytes, rc = 0, failed = 0;
  pid_t pid;

  logprintfl(EUCADEBUG2, "ncClientCall(): %s to %s\n", ncOp, ncURL);
  if (pipe(filedes)) {
    logprintfl(EUCAERROR, "ncClientCall(): no pipe for %s: %s\n", ncOp, strerror(errno));
    return 1;
  }

  sem_mywait(ncLock);
  va_start(al, ncOp);

  pid = fork();
  if (pid == 0) {
    ncStub *ncs = NULL;

    close(filedes[0]);
    ncs = ncStubCreate(ncURL, NULL, NULL);
    if (ncs == NULL || (config->use_wssec && InitWSSEC(ncs->env, axis2_stub_get_svc_client(ncs->stub, ncs->env), config->policyFile))) {
      logprintfl(EUCAERROR, "ncClientCall(): cannot get ready to talk to %s\n", ncURL);
      _exit(1);
    }

    if (!strcmp(ncOp, "ncGetConsoleOutput")) {
      char *instId = va_arg(al, char *);
      char **consoleOutput = va_arg(al, char **);

      rc = ncGetConsoleOutputStub(ncs, meta, instId, consoleOutput);
      pipe_put_string(filedes[1], rc ? NULL : *consoleOutput);
    } else if (!strcmp(ncOp, "ncAttachVolume")) {
      char *instanceId = va_arg(al, char *);
      char *volumeId = va_arg(al, char *);
      char *remoteDev = va_arg(al, char *);
      char *localDev = va_arg(al, char *);

      rc = ncAttachVolumeStub(ncs, meta, instanceId, volumeId, remoteDev, localDev);
    } else if (!strcmp(ncOp, "ncDetachVolume")) {
      char *instanceId = va_arg(al, char *);
      char *volumeId = va_arg(al, char *);
      char *remoteDev = va_arg(al, char *);
      char *localDev = va_arg(al, char *);
      int force = va_arg(al, int);

      rc = ncDetachVolumeStub(ncs, meta, instanceId, volumeId, remoteDev, localDev, force);
    } else if (!strcmp(ncOp, "ncPowerDown")) {
      rc = ncPowerDownStub(ncs, meta);
    } else if (!strcmp(ncOp, "ncTerminateInstance")) {
      char *instId = va_arg(al, char *);
      int *shutdownState = va_arg(al, int *);
      int *previousState = va_arg(al, int *);

      rc = ncTerminateInstanceStub(ncs, meta, instId, shutdownState, previousState);
      len = !rc;
      pipe_put(filedes[1], &len, sizeof(int));
      pipe_put(filedes[1], shutdownState, sizeof(int));
      pipe_put(filedes[1], previousState, sizeof(int));
    } else if (!strcmp(ncOp, "ncStartNetwork")) {
      char **peers = va_arg(al, char **);
      int peersLen = va_arg(al, int);
      int port = va_arg(al, int);
      int vlan = va_arg(al, int);
      char **outStatus = va_arg(al, char **);
      char *networkStatus = NULL;

      rc = ncStartNetworkStub(ncs, meta, peers, peersLen, port, vlan, outStatus ? outStatus : &networkStatus);
      if (outStatus) networkStatus = *outStatus;
      pipe_put_string(filedes[1], rc ? NULL : networkStatus);
    } else if (!strcmp(ncOp, "ncRunInstance")) {
      char *instId = va_arg(al, char *);
      char *reservationId = va_arg(al, char *);
      virtualMachine *ncvm = va_arg(al, virtualMachine *);
      char *imageId = va_arg(al, char *);
      char *imageURL = va_arg(al, char *);
      char *kernelId = va_arg(al, char *);
      char *kernelURL = va_arg(al, char *);
      char *ramdiskId = va_arg(al, char *);
      char *ramdiskURL = va_arg(al, char *);
      char *keyName = va_arg(al, char *);
      netConfig *ncnet = va_arg(al, netConfig *);
      char *userData = va_arg(al, char *);
      char *launchIndex = va_arg(al, char *);
      char **netNames = va_arg(al, char **);
      int netNamesLen = va_arg(al, int);
      ncInstance **outInst = va_arg(al, ncInstance **);

      rc = ncRunInstanceStub(ncs, meta, instId, reservationId, ncvm, imageId, imageURL, kernelId, kernelURL, ramdiskId, ramdiskURL, keyName, ncnet, userData, launchIndex, netNames, netNamesLen, outInst);
      len = (!rc && *outInst);
      pipe_put(filedes[1], &len, sizeof(int));
      if (len) pipe_put(filedes[1], *outInst, sizeof(ncInstance));
    } else if (!strcmp(ncOp, "ncRebootInstance")) {
      char *instId = va_arg(al, char *);

      rc = ncRebootInstanceStub(ncs, meta, instId);
    } else if (!strcmp(ncOp, "ncDescribeInstances")) {
      char **instIds = va_arg(al, char **);
      int instIdsLen = va_arg(al, int);
      ncInstance ***ncOutInsts = va_arg(al, ncInstance ***);
      int *ncOutInstsLen = va_arg(al, int *);

      rc = ncDescribeInstancesStub(ncs, meta, instIds, instIdsLen, ncOutInsts, ncOutInstsLen);
      len = rc ? -1 : *ncOutInstsLen;
      pipe_put(filedes[1], &len, sizeof(int));
      for (i = 0; i < len; i++) pipe_put(filedes[1], (*ncOutInsts)[i], sizeof(ncInstance));
    } else if (!strcmp(ncOp, "ncDescribeResource")) {
      char *resourceType = va_arg(al, char *);
      ncResource **outRes = va_arg(al, ncResource **);

      rc = ncDescribeResourceStub(ncs, meta, resourceType, outRes);
      len = (!rc && *outRes);
      pipe_put(filedes[1], &len, sizeof(int));
      if (len) pipe_put(filedes[1], *outRes, sizeof(ncResource));
    } else {
      logprintfl(EUCAERROR, "ncClientCall(): nodes do not know %s\n", ncOp);
      rc = 1;
    }

    _exit(rc ? 1 : 0);
  }

  close(filedes[1]);
  if (pid < 0) {
    logprintfl(EUCAERROR, "ncClientCall(): no process for %s: %s\n", ncOp, strerror(errno));
    failed = 1;
  } else if (!strcmp(ncOp, "ncGetConsoleOutput")) {
    char *instId = va_arg(al, char *);
    char **consoleOutput = va_arg(al, char **);

    if (pipe_get_string(filedes[0], consoleOutput, timeout)) {
      logprintfl(EUCAERROR, "ncClientCall(): console output did not arrive whole from %s\n", ncURL);
      failed = 1;
    }
  } else if (!strcmp(ncOp, "ncTerminateInstance")) {
    char *instId = va_arg(al, char *);
    int *shutdownState = va_arg(al, int *);
    int *previousState = va_arg(al, int *);

    rbytes = timeread(filedes[0], &len, sizeof(int), timeout);
    if (rbytes <= 0 || !len) {
      logprintfl(EUCADEBUG, "ncClientCall(): %s terminated nothing\n", ncURL);
      failed = 1;
    } else if (timeread(filedes[0], shutdownState, sizeof(int), timeout) <= 0 || timeread(filedes[0], previousState, sizeof(int), timeout) <= 0) {
      failed = 1;
    }
  } else if (!strcmp(ncOp, "ncStartNetwork")) {
    char **peers = va_arg(al, char **);
    int peersLen = va_arg(al, int);
    int port = va_arg(al, int);
    int vlan = va_arg(al, int);
    char **outStatus = va_arg(al, char **);
    char *networkStatus = NULL;

    failed = pipe_get_string(filedes[0], &networkStatus, timeout);
    if (outStatus) *outStatus = networkStatus;
    else free(networkStatus);
  } else if (!strcmp(ncOp, "ncRunInstance")) {
    char *instId = va_arg(al, char *);
    char *reservationId = va_arg(al, char *);
    virtualMachine *ncvm = va_arg(al, virtualMachine *);
    char *imageId = va_arg(al, char *);
    char *imageURL = va_arg(al, char *);
    char *kernelId = va_arg(al, char *);
    char *kernelURL = va_arg(al, char *);
    char *ramdiskId = va_arg(al, char *);
    char *ramdiskURL = va_arg(al, char *);
    char *keyName = va_arg(al, char *);
    netConfig *ncnet = va_arg(al, netConfig *);
    char *userData = va_arg(al, char *);
    char *launchIndex = va_arg(al, char *);
    char **netNames = va_arg(al, char **);
    int netNamesLen = va_arg(al, int);
    ncInstance **outInst = va_arg(al, ncInstance **);

    *outInst = NULL;
    rbytes = timeread(filedes[0], &len, sizeof(int), timeout);
    if (rbytes <= 0 || !len) {
      failed = 1;
    } else if ((*outInst = calloc(1, sizeof(ncInstance))) == NULL) {
      failed = 1;
    } else {
      rbytes = timeread(filedes[0], *outInst, sizeof(ncInstance), timeout);
      if (rbytes <= 0) {
	logprintfl(EUCAERROR, "ncClientCall(): what %s started did not arrive\n", ncURL);
	free(*outInst);
	*outInst = NULL;
	failed = 1;
      }
    }
  } else if (!strcmp(ncOp, "ncDescribeInstances")) {
    char **instIds = va_arg(al, char **);
    int instIdsLen = va_arg(al, int);
    ncInstance ***ncOutInsts = va_arg(al, ncInstance ***);
    int *ncOutInstsLen = va_arg(al, int *);

    *ncOutInsts = NULL;
    *ncOutInstsLen = 0;
    rbytes = timeread(filedes[0], &len, sizeof(int), timeout);
    if (rbytes <= 0 || len < 0 || len > MAXINSTANCES) {
      failed = 1;
    } else if (len > 0) {
      *ncOutInsts = calloc(len, sizeof(ncInstance *));
      for (i = 0; i < len && *ncOutInsts && !failed; i++) {
	(*ncOutInsts)[i] = calloc(1, sizeof(ncInstance));
	if ((*ncOutInsts)[i] == NULL) break;
	rbytes = timeread(filedes[0], (*ncOutInsts)[i], sizeof(ncInstance), timeout);
	if (rbytes <= 0) {
	  logprintfl(EUCAERROR, "ncClientCall(): instance %d of %d did not arrive from %s\n", i + 1, len, ncURL);
	  failed = 1;
	}
	*ncOutInstsLen = i + 1;
      }
      if (*ncOutInstsLen < len) failed = 1;
    }
  } else if (!strcmp(ncOp, "ncDescribeResource")) {
    char *resourceType = va_arg(al, char *);
    ncResource **outRes = va_arg(al, ncResource **);

    *outRes = NULL;
    rbytes = timeread(filedes[0], &len, sizeof(int), timeout);
    if (rbytes <= 0 || !len || (*outRes = calloc(1, sizeof(ncResource))) == NULL) {
      failed = 1;
    } else if (timeread(filedes[0], *outRes, sizeof(ncResource), timeout) <= 0) {
      free(*outRes);
      *outRes = NULL;
      failed = 1;
    }
  }
  va_end(al);

  // a child that is still writing now will not be listened to any more
  close(filedes[0]);
  if (pid > 0) {
    if (failed) kill(pid, SIGKILL);
    timewait(pid, &status, timeout);
    rc = WEXITSTATUS(status);
  }
  sem_mypost(ncLock);

  if (failed) rc = 1;
  logprintfl(EUCADEBUG2, "ncClientCall(): %s to %s: %s\n", ncOp, ncURL, rc ? "failed" : "done");
  return rc;
}

/*
 * Networks. There is one in the two modes that we know, and it is there before
 * us: SYSTEM leaves addresses to whoever gives them out, STATIC has a list.
 */

int doStartNetwork(ncMetadata *ccMeta, char *netName, int vlan) {
  char *brname = NULL;
  int rc;

  if (initialize()) return 1;
  logprintfl(EUCAINFO, "doStartNetwork(): %s, vlan %d, for %s\n", SP(netName), vlan, SP(ccMeta->userId));

  sem_mywait(VNET);
  rc = vnetStartNetwork(vnetconfig, vlan, ccMeta->userId, netName, &brname);
  sem_mypost(VNET);
  free(brname);

  return rc;
}

int doStopNetwork(ncMetadata *ccMeta, char *netName, int vlan) {
  int rc;

  if (initialize()) return 1;
  logprintfl(EUCAINFO, "doStopNetwork(): %s, vlan %d, for %s\n", SP(netName), vlan, SP(ccMeta->userId));

  sem_mywait(VNET);
  rc = vnetStopNetwork(vnetconfig, vlan, ccMeta->userId, netName);
  sem_mypost(VNET);

  return rc;
}

int doDescribeNetworks(ncMetadata *ccMeta, vnetConfig *outvnetConfig) {
  if (initialize()) return 1;

  sem_mywait(VNET);
  memcpy(outvnetConfig, vnetconfig, sizeof(vnetConfig));
  sem_mypost(VNET);

  return 0;
}

/* an address of its own for a guest; the caller holds VNET */
static int give_address(netConfig *ccnet, char *instId, char *wantedMac, int vlan, int nidx) {
  char mac[24] = "", ip[24] = "0.0.0.0";

  if (!strcmp(vnetconfig->mode, "STATIC")) {
    if (vnetGetNextHost(vnetconfig, mac, ip, 0, -1)) return 1;
    if (vnetKickDHCP(vnetconfig)) logprintfl(EUCAWARN, "give_address(): the DHCP server does not know of %s yet\n", ip);
  } else if (wantedMac && strlen(wantedMac) == 17 && strcmp(wantedMac, "00:00:00:00:00:00")) {
    snprintf(mac, sizeof(mac), "%s", wantedMac);
  } else if (instId2mac(instId, mac)) {
    return 1;
  }

  return allocate_netConfig(ccnet, mac, ip, ip, vlan, nidx);
}

static void take_address_back(netConfig *ccnet) {
  if (strcmp(vnetconfig->mode, "STATIC")) return;

  sem_mywait(VNET);
  vnetDisableHost(vnetconfig, ccnet->privateMac, ccnet->privateIp, 0);
  sem_mypost(VNET);
}

/*
 * Choice of a node. Room is taken here at once, and told by the node itself
 * from its next report on.
 */

static int has_room(ccResource *res, virtualMachine *vm) {
  return res->availMemory >= vm->mem && res->availDisk >= vm->disk && res->availCores >= vm->cores;
}

static void take_room(ccResource *res, virtualMachine *vm) {
  res->availMemory -= vm->mem;
  res->availDisk -= vm->disk;
  res->availCores -= vm->cores;
  res->idleStart = 0;
}

static void give_room_back(ccResource *res, virtualMachine *vm) {
  res->availMemory = minint(res->maxMemory, res->availMemory + vm->mem);
  res->availDisk = minint(res->maxDisk, res->availDisk + vm->disk);
  res->availCores = minint(res->maxCores, res->availCores + vm->cores);
}

int schedule_instance(virtualMachine *vm, char *targetNode, int *outresid) {
  if (targetNode != NULL) return schedule_instance_explicit(vm, targetNode, outresid);
  if (config->schedPolicy == SCHEDROUNDROBIN) return schedule_instance_roundrobin(vm, outresid);
  return schedule_instance_greedy(vm, outresid);
}

int schedule_instance_explicit(virtualMachine *vm, char *targetNode, int *outresid) {
  int i;

  for (i = 0; i < resourceCache->numResources; i++) {
    ccResource *res = &(resourceCache->resources[i]);

    if (strcmp(res->hostname, targetNode) && strcmp(res->ncURL, targetNode)) continue;
    *outresid = i;
    return !(res->state == RESUP && has_room(res, vm));
  }

  return 1;
}

/* the first that is up; to save power, one that sleeps only if none is */
int schedule_instance_greedy(virtualMachine *vm, int *outresid) {
  int i, asleep = -1;

  for (i = 0; i < resourceCache->numResources; i++) {
    ccResource *res = &(resourceCache->resources[i]);

    if (!has_room(res, vm)) continue;
    if (res->state == RESUP || res->state == RESWAKING) {
      *outresid = i;
      return 0;
    }
    if (res->state == RESASLEEP && asleep < 0) asleep = i;
  }

  if (asleep < 0 || config->schedPolicy != SCHEDPOWERSAVE) return 1;
  *outresid = asleep;
  return powerUp(&(resourceCache->resources[asleep]));
}

/* the next one after the last */
int schedule_instance_roundrobin(virtualMachine *vm, int *outresid) {
  int tries, i;

  for (tries = 0; tries < resourceCache->numResources; tries++) {
    i = (config->schedState + tries) % resourceCache->numResources;
    if (resourceCache->resources[i].state == RESUP && has_room(&(resourceCache->resources[i]), vm)) {
      config->schedState = (i + 1) % resourceCache->numResources;
      *outresid = i;
      return 0;
    }
  }

  return 1;
}

void changeState(ccResource *in, int newstate) {
  if (in->state == newstate) return;
  logprintfl(EUCAINFO, "changeState(): node %s goes from %d to %d\n", in->hostname, in->state, newstate);
  in->state = newstate;
  in->stateChange = time(NULL);
  in->idleStart = 0;
}

int powerUp(ccResource *res) {
  if (vrun("powerwake %s", res->hostname)) {
    logprintfl(EUCAERROR, "powerUp(): %s cannot be woken\n", res->hostname);
    return 1;
  }
  changeState(res, RESWAKING);
  return 0;
}

int powerDown(ncMetadata *ccMeta, ccResource *res) {
  return ncClientCall(ccMeta, NCCALL_TIMEOUT_SHORT, res->lockidx, res->ncURL, "ncPowerDown");
}

/*
 * Instances.
 */

/* the user may have had enough before a node took it */
static int is_wanted(char *instId) {
  ccInstance *myInstance = NULL;
  int wanted;

  if (find_instanceCacheId(instId, &myInstance)) return 0;
  wanted = strcmp(myInstance->state, "Teardown");
  free(myInstance);

  return wanted;
}

static void set_state(char *instId, char *state) {
  ccInstance *myInstance = NULL;

  if (find_instanceCacheId(instId, &myInstance)) return;
  snprintf(myInstance->state, sizeof(myInstance->state), "%s", state);
  refresh_instanceCache(instId, myInstance);
  free(myInstance);
}

int doRunInstances(ncMetadata *ccMeta, char *amiId, char *kernelId, char *ramdiskId, char *amiURL, char *kernelURL, char *ramdiskURL, char **instIds, int instIdsLen, char **netNames, int netNamesLen, char **macAddrs, int macAddrsLen, int *networkIndexList, int networkIndexListLen, int minCount, int maxCount, char *ownerId, char *reservationId, virtualMachine *ccvm, char *keyName, int vlan, char *userData, char *launchIndex, char *targetNode, ccInstance **outInsts, int *outInstsLen) {
  char groupNames[64][32];
  int i, nidx, rc, found, *where = NULL;
  ccInstance *retInsts = NULL;
  ccResource *nodes = NULL;
  virtualMachine ncvm;
  netConfig ncnet;
  pid_t pid;

  *outInsts = NULL;
  *outInstsLen = 0;
  if (initialize()) return 1;
  logprintfl(EUCAINFO, "doRunInstances(): %s wants %d to %d of image %s with kernel %s and ramdisk %s in reservation %s\n", SP(ownerId), minCount, maxCount, SP(amiId), SP(kernelId), SP(ramdiskId), SP(reservationId));

  if (ccvm == NULL || minCount < 1 || maxCount < minCount || maxCount > MAXINSTANCES || instIdsLen < maxCount) {
    logprintfl(EUCAERROR, "doRunInstances(): %d to %d instances with %d names: that cannot be done\n", minCount, maxCount, instIdsLen);
    return 1;
  }
  memcpy(&ncvm, ccvm, sizeof(virtualMachine));
  bzero(groupNames, sizeof(groupNames));
  for (i = 0; i < netNamesLen && i < 64; i++) snprintf(groupNames[i], sizeof(groupNames[i]), "%s", SP(netNames[i]));

  where = calloc(maxCount, sizeof(int));
  nodes = calloc(maxCount, sizeof(ccResource));
  retInsts = calloc(maxCount, sizeof(ccInstance));
  if (where == NULL || nodes == NULL || retInsts == NULL) {
    free(where);
    free(nodes);
    free(retInsts);
    return 1;
  }

  // a node, an address and a place in the cache for each, before the monitor
  // may count the room again; fewer than the least are none at all
  sem_mywait(RESCACHE);
  for (rc = 0, found = 0; found < maxCount; found++) {
    rc = schedule_instance(ccvm, targetNode, &(where[found]));
    if (rc) break;
    memcpy(&(nodes[found]), &(resourceCache->resources[where[found]]), sizeof(ccResource));

    nidx = (networkIndexList && found < networkIndexListLen) ? networkIndexList[found] : -1;
    sem_mywait(VNET);
    rc = give_address(&ncnet, instIds[found], (macAddrs && found < macAddrsLen) ? macAddrs[found] : NULL, vlan, nidx);
    sem_mypost(VNET);
    if (rc) break;

    allocate_ccInstance(&(retInsts[found]), instIds[found], amiId, kernelId, ramdiskId, amiURL, kernelURL, ramdiskURL, ownerId, "Pending", time(NULL), reservationId, &ncnet, ccvm, where[found], keyName, nodes[found].ncURL, userData, launchIndex, groupNames, NULL, 0);
    rc = add_instanceCache(instIds[found], &(retInsts[found]));
    if (rc) {
      take_address_back(&ncnet);
      break;
    }
    take_room(&(resourceCache->resources[where[found]]), ccvm);
  }
  if (rc) logprintfl(EUCAWARN, "doRunInstances(): node, address and place for %d of %d\n", found, maxCount);
  if (found < minCount) {
    while (found-- > 0) {
      del_instanceCacheId(instIds[found]);
      give_room_back(&(resourceCache->resources[where[found]]), ccvm);
    }
    found = 0;
  }
  sem_mypost(RESCACHE);

  // the cloud gets its answer now, the nodes get their chances
  for (i = 0; i < found; i++) {
    char *instId = instIds[i];
    ccResource *res = &(nodes[i]);

    print_ccInstance("doRunInstances():", &(retInsts[i]));
    pid = fork_detached();
    if (pid == 0) {
      time_t giveUp = time(NULL) + config->wakeThresh;

      memcpy(&ncnet, &(retInsts[i].ccnet), sizeof(netConfig));
      for (rc = 1; rc && is_wanted(instId); ) {
	ncInstance *outInst = NULL;

	rc = ncClientCall(ccMeta, NCCALL_TIMEOUT, res->lockidx, res->ncURL, "ncStartNetwork", NULL, 0, 0, vlan, NULL);
	if (!rc) rc = ncClientCall(ccMeta, NCCALL_TIMEOUT, res->lockidx, res->ncURL, "ncRunInstance", instId, reservationId, &ncvm, amiId, amiURL, kernelId, kernelURL, ramdiskId, ramdiskURL, keyName, &ncnet, userData, launchIndex, netNames, netNamesLen, &outInst);
	if (!rc || time(NULL) >= giveUp) break;
	sleep(1);
      }
      if (rc) {
	logprintfl(EUCAERROR, "doRunInstances(): %s did not take %s\n", res->ncURL, instId);
	set_state(instId, "Teardown");
      } else {
	logprintfl(EUCAINFO, "doRunInstances(): %s runs %s\n", res->ncURL, instId);
      }
      _exit(rc ? 1 : 0);
    }
    if (pid < 0) set_state(instId, "Teardown");
  }
  free(where);
  free(nodes);

  if (found == 0) {
    free(retInsts);
    return 1;
  }
  *outInsts = retInsts;
  *outInstsLen = found;
  shawn();

  return 0;
}

int doDescribeInstances(ncMetadata *ccMeta, char **instIds, int instIdsLen, ccInstance **outInsts, int *outInstsLen) {
  int i, j, count = 0;

  *outInsts = NULL;
  *outInstsLen = 0;
  if (initialize()) return 1;

  sem_mywait(INSTCACHE);
  if (instanceCache->numInsts > 0 && (*outInsts = calloc(instanceCache->numInsts, sizeof(ccInstance))) == NULL) {
    sem_mypost(INSTCACHE);
    return 1;
  }
  for (i = 0; i < MAXINSTANCES && count < instanceCache->numInsts; i++) {
    if (instanceCache->cacheState[i] != INSTVALID) continue;
    for (j = 0; j < instIdsLen && strcmp(instanceCache->instances[i].instanceId, SP(instIds[j])); j++);
    if (instIdsLen > 0 && j == instIdsLen) continue;
    memcpy(&((*outInsts)[count++]), &(instanceCache->instances[i]), sizeof(ccInstance));
  }
  sem_mypost(INSTCACHE);

  *outInstsLen = count;
  logprintfl(EUCADEBUG, "doDescribeInstances(): %d asked for, %d told\n", instIdsLen, count);
  return 0;
}

/* the nodes that an instance may be on: its own, or all if we do not know it */
static ccResource *candidates(char *instId, int *count) {
  ccInstance *myInstance = NULL;
  ccResource *out = NULL;
  int first = 0;

  *count = 0;
  sem_mywait(RESCACHE);
  *count = resourceCache->numResources;
  if (!find_instanceCacheId(instId, &myInstance)) {
    if (myInstance->ncHostIdx >= 0 && myInstance->ncHostIdx < *count) {
      first = myInstance->ncHostIdx;
      *count = 1;
    }
    free(myInstance);
  }
  if (*count > 0 && (out = calloc(*count, sizeof(ccResource))) != NULL) memcpy(out, &(resourceCache->resources[first]), *count * sizeof(ccResource));
  sem_mypost(RESCACHE);
  if (out == NULL) *count = 0;

  return out;
}

int doTerminateInstances(ncMetadata *ccMeta, char **instIds, int instIdsLen, int **outStatus) {
  int i, j, rc, count, shutdownState, previousState;
  ccResource *nodes;

  *outStatus = NULL;
  if (initialize()) return 1;
  if (instIdsLen < 1 || (*outStatus = calloc(instIdsLen, sizeof(int))) == NULL) return 1;

  for (i = 0; i < instIdsLen; i++) {
    logprintfl(EUCAINFO, "doTerminateInstances(): %s, for %s\n", SP(instIds[i]), SP(ccMeta->userId));
    // whoever is still trying to start it looks at this between two tries
    set_state(instIds[i], "Teardown");
    nodes = candidates(instIds[i], &count);
    for (j = 0, rc = 1; j < count && rc; j++) {
      rc = ncClientCall(ccMeta, NCCALL_TIMEOUT, nodes[j].lockidx, nodes[j].ncURL, "ncTerminateInstance", instIds[i], &shutdownState, &previousState);
    }
    if (!rc) {
      (*outStatus)[i] = 1;
      logprintfl(EUCADEBUG, "doTerminateInstances(): %s went from %d to %d\n", instIds[i], previousState, shutdownState);
    }
    free(nodes);
  }

  return 0;
}

int doRebootInstances(ncMetadata *ccMeta, char **instIds, int instIdsLen) {
  int i, j, rc, count, ret = 0;
  ccResource *nodes;

  if (initialize()) return 1;

  for (i = 0; i < instIdsLen; i++) {
    logprintfl(EUCAINFO, "doRebootInstances(): %s, for %s\n", SP(instIds[i]), SP(ccMeta->userId));
    nodes = candidates(instIds[i], &count);
    for (j = 0, rc = 1; j < count && rc; j++) {
      rc = ncClientCall(ccMeta, NCCALL_TIMEOUT, nodes[j].lockidx, nodes[j].ncURL, "ncRebootInstance", instIds[i]);
    }
    if (rc) ret = 1;
    free(nodes);
  }

  return ret;
}

int doGetConsoleOutput(ncMetadata *ccMeta, char *instId, char **consoleOutput) {
  int j, rc, count;
  ccResource *nodes;

  *consoleOutput = NULL;
  if (initialize()) return 1;

  nodes = candidates(instId, &count);
  for (j = 0, rc = 1; j < count && rc; j++) {
    rc = ncClientCall(ccMeta, NCCALL_TIMEOUT, nodes[j].lockidx, nodes[j].ncURL, "ncGetConsoleOutput", instId, consoleOutput);
  }
  free(nodes);

  return rc;
}

int doAttachVolume(ncMetadata *ccMeta, char *volumeId, char *instanceId, char *remoteDev, char *localDev) {
  int j, rc, count;
  ccResource *nodes;

  if (initialize()) return 1;
  logprintfl(EUCAINFO, "doAttachVolume(): %s to %s as %s\n", SP(volumeId), SP(instanceId), SP(localDev));

  nodes = candidates(instanceId, &count);
  for (j = 0, rc = 1; j < count && rc; j++) {
    rc = ncClientCall(ccMeta, NCCALL_TIMEOUT, nodes[j].lockidx, nodes[j].ncURL, "ncAttachVolume", instanceId, volumeId, remoteDev, localDev);
  }
  free(nodes);

  return rc;
}

int doDetachVolume(ncMetadata *ccMeta, char *volumeId, char *instanceId, char *remoteDev, char *localDev, int force) {
  int j, rc, count;
  ccResource *nodes;

  if (initialize()) return 1;
  logprintfl(EUCAINFO, "doDetachVolume(): %s from %s%s\n", SP(volumeId), SP(instanceId), force ? ", whatever it costs" : "");

  nodes = candidates(instanceId, &count);
  for (j = 0, rc = 1; j < count && rc; j++) {
    rc = ncClientCall(ccMeta, NCCALL_TIMEOUT, nodes[j].lockidx, nodes[j].ncURL, "ncDetachVolume", instanceId, volumeId, remoteDev, localDev);
  }
  free(nodes);

  return rc;
}

int doDescribeResources(ncMetadata *ccMeta, virtualMachine **ccvms, int vmLen, int **outTypesMax, int **outTypesAvail, int *outTypesLen, char ***outServiceTags, int *outServiceTagsLen) {
  int i, j, count;

  *outTypesMax = *outTypesAvail = NULL;
  *outServiceTags = NULL;
  *outTypesLen = *outServiceTagsLen = 0;
  if (initialize()) return 1;
  if (vmLen < 1) return 1;

  *outTypesMax = calloc(vmLen, sizeof(int));
  *outTypesAvail = calloc(vmLen, sizeof(int));
  *outServiceTags = calloc(MAXNODES, sizeof(char *));
  if (!*outTypesMax || !*outTypesAvail || !*outServiceTags) return 1;
  *outTypesLen = vmLen;

  sem_mywait(RESCACHE);
  for (i = 0; i < resourceCache->numResources; i++) {
    ccResource *res = &(resourceCache->resources[i]);

    (*outServiceTags)[(*outServiceTagsLen)++] = strdup(res->ncURL);
    if (res->state == RESDOWN) continue;
    for (j = 0; j < vmLen; j++) {
      virtualMachine *vm = ccvms[j];

      if (vm->mem <= 0 || vm->disk <= 0 || vm->cores <= 0) continue;
      count = minint(res->maxMemory / vm->mem, minint(res->maxDisk / vm->disk, res->maxCores / vm->cores));
      (*outTypesMax)[j] += maxint(0, count);
      count = minint(res->availMemory / vm->mem, minint(res->availDisk / vm->disk, res->availCores / vm->cores));
      (*outTypesAvail)[j] += maxint(0, count);
    }
  }
  sem_mypost(RESCACHE);

  return 0;
}

/*
 * The cache of instances. Its slots are large and most of them were never
 * touched: look at cacheState first, a hole that is read costs a page.
 */

/* the caller holds INSTCACHE; -1 if there is none */
static int slot_of(char *instanceId) {
  int i;

  for (i = 0; instanceId && i < MAXINSTANCES; i++) {
    if (instanceCache->cacheState[i] == INSTVALID && !strcmp(instanceCache->instances[i].instanceId, instanceId)) return i;
  }

  return -1;
}

int add_instanceCache(char *instanceId, ccInstance *in) {
  int i, rc = 1;

  sem_mywait(INSTCACHE);
  if (slot_of(instanceId) >= 0) {
    logprintfl(EUCAWARN, "add_instanceCache(): %s is there already\n", instanceId);
  } else {
    for (i = 0; i < MAXINSTANCES && instanceCache->cacheState[i] == INSTVALID; i++);
    if (i < MAXINSTANCES) {
      rc = allocate_ccInstance(&(instanceCache->instances[i]), in->instanceId, in->amiId, in->kernelId, in->ramdiskId, in->amiURL, in->kernelURL, in->ramdiskURL, in->ownerId, in->state, in->ts, in->reservationId, &(in->ccnet), &(in->ccvm), in->ncHostIdx, in->keyName, in->serviceTag, in->userData, in->launchIndex, in->groupNames, in->volumes, in->volumesSize);
      instanceCache->lastseen[i] = time(NULL);
      instanceCache->confirmed[i] = 0;
      instanceCache->cacheState[i] = INSTVALID;
      instanceCache->numInsts++;
    } else {
      logprintfl(EUCAERROR, "add_instanceCache(): no place for %s\n", instanceId);
    }
  }
  sem_mypost(INSTCACHE);

  return rc;
}

/* what is known of it now; when it was seen last is not touched */
int refresh_instanceCache(char *instanceId, ccInstance *in) {
  int i;

  sem_mywait(INSTCACHE);
  i = slot_of(instanceId);
  if (i >= 0) memcpy(&(instanceCache->instances[i]), in, sizeof(ccInstance));
  sem_mypost(INSTCACHE);

  return i >= 0 ? 0 : add_instanceCache(instanceId, in);
}

/* a node has told of it */
static void confirm_instanceCache(char *instanceId) {
  int i;

  sem_mywait(INSTCACHE);
  if ((i = slot_of(instanceId)) >= 0) {
    instanceCache->lastseen[i] = time(NULL);
    instanceCache->confirmed[i] = 1;
  }
  sem_mypost(INSTCACHE);
}

/* the caller holds INSTCACHE */
static void drop_slot(int i) {
  take_address_back(&(instanceCache->instances[i].ccnet));
  bzero(&(instanceCache->instances[i]), sizeof(ccInstance));
  instanceCache->cacheState[i] = INSTINVALID;
  instanceCache->numInsts--;
}

int del_instanceCacheId(char *instanceId) {
  int i;

  sem_mywait(INSTCACHE);
  if ((i = slot_of(instanceId)) >= 0) drop_slot(i);
  sem_mypost(INSTCACHE);

  return i < 0;
}

/* out: a copy, to be freed */
int find_instanceCacheId(char *instanceId, ccInstance **out) {
  int i, rc = 1;

  *out = NULL;
  sem_mywait(INSTCACHE);
  if ((i = slot_of(instanceId)) >= 0 && (*out = malloc(sizeof(ccInstance))) != NULL) {
    rc = allocate_ccInstance(*out, instanceCache->instances[i].instanceId, instanceCache->instances[i].amiId, instanceCache->instances[i].kernelId, instanceCache->instances[i].ramdiskId, instanceCache->instances[i].amiURL, instanceCache->instances[i].kernelURL, instanceCache->instances[i].ramdiskURL, instanceCache->instances[i].ownerId, instanceCache->instances[i].state, instanceCache->instances[i].ts, instanceCache->instances[i].reservationId, &(instanceCache->instances[i].ccnet), &(instanceCache->instances[i].ccvm), instanceCache->instances[i].ncHostIdx, instanceCache->instances[i].keyName, instanceCache->instances[i].serviceTag, instanceCache->instances[i].userData, instanceCache->instances[i].launchIndex, instanceCache->instances[i].groupNames, instanceCache->instances[i].volumes, instanceCache->instances[i].volumesSize);
  }
  sem_mypost(INSTCACHE);

  return rc;
}

int find_instanceCacheIP(char *ip, ccInstance **out) {
  int i, rc = 1;

  *out = NULL;
  if (ip == NULL || ip[0] == 0 || !strcmp(ip, "0.0.0.0")) return 1;
  sem_mywait(INSTCACHE);
  for (i = 0; i < MAXINSTANCES; i++) {
    if (instanceCache->cacheState[i] != INSTVALID) continue;
    if (strcmp(instanceCache->instances[i].ccnet.privateIp, ip) && strcmp(instanceCache->instances[i].ccnet.publicIp, ip)) continue;
    if ((*out = malloc(sizeof(ccInstance))) != NULL) {
      rc = allocate_ccInstance(*out, instanceCache->instances[i].instanceId, instanceCache->instances[i].amiId, instanceCache->instances[i].kernelId, instanceCache->instances[i].ramdiskId, instanceCache->instances[i].amiURL, instanceCache->instances[i].kernelURL, instanceCache->instances[i].ramdiskURL, instanceCache->instances[i].ownerId, instanceCache->instances[i].state, instanceCache->instances[i].ts, instanceCache->instances[i].reservationId, &(instanceCache->instances[i].ccnet), &(instanceCache->instances[i].ccvm), instanceCache->instances[i].ncHostIdx, instanceCache->instances[i].keyName, instanceCache->instances[i].serviceTag, instanceCache->instances[i].userData, instanceCache->instances[i].launchIndex, instanceCache->instances[i].groupNames, instanceCache->instances[i].volumes, instanceCache->instances[i].volumesSize);
    }
    break;
  }
  sem_mypost(INSTCACHE);

  return rc;
}

/* forget what no node has told of for long; what none has told of yet has
   all the time that its node was given to wake up */
void expire_instanceCache(void) {
  time_t now = time(NULL), patience;
  int i;

  sem_mywait(INSTCACHE);
  for (i = 0; i < MAXINSTANCES; i++) {
    if (instanceCache->cacheState[i] != INSTVALID) continue;
    patience = config->instanceTimeout;
    if (!instanceCache->confirmed[i] && strcmp(instanceCache->instances[i].state, "Teardown")) patience += config->wakeThresh;
    if (now - instanceCache->lastseen[i] <= patience) continue;
    logprintfl(EUCAINFO, "expire_instanceCache(): nobody tells of %s any more\n", instanceCache->instances[i].instanceId);
    drop_slot(i);
  }
  sem_mypost(INSTCACHE);
}

/*
 * From one form to the other.
 */

int allocate_ccInstance(ccInstance *out, char *id, char *amiId, char *kernelId, char *ramdiskId, char *amiURL, char *kernelURL, char *ramdiskURL, char *ownerId, char *state, time_t ts, char *reservationId, netConfig *ccnet, virtualMachine *ccvm, int ncHostIdx, char *keyName, char *serviceTag, char *userData, char *launchIndex, char groupNames[][32], ncVolume *volumes, int volumesSize) {
  if (out == NULL) return 1;
  bzero(out, sizeof(ccInstance));

  if (id) strncpy(out->instanceId, id, sizeof(out->instanceId) - 1);
  if (amiId) strncpy(out->amiId, amiId, sizeof(out->amiId) - 1);
  if (kernelId) strncpy(out->kernelId, kernelId, sizeof(out->kernelId) - 1);
  if (ramdiskId) strncpy(out->ramdiskId, ramdiskId, sizeof(out->ramdiskId) - 1);
  if (amiURL) strncpy(out->amiURL, amiURL, sizeof(out->amiURL) - 1);
  if (kernelURL) strncpy(out->kernelURL, kernelURL, sizeof(out->kernelURL) - 1);
  if (ramdiskURL) strncpy(out->ramdiskURL, ramdiskURL, sizeof(out->ramdiskURL) - 1);
  if (ownerId) strncpy(out->ownerId, ownerId, sizeof(out->ownerId) - 1);
  if (state) strncpy(out->state, state, sizeof(out->state) - 1);
  if (reservationId) strncpy(out->reservationId, reservationId, sizeof(out->reservationId) - 1);
  if (keyName) strncpy(out->keyName, keyName, sizeof(out->keyName) - 1);
  if (serviceTag) strncpy(out->serviceTag, serviceTag, sizeof(out->serviceTag) - 1);
  if (userData) strncpy(out->userData, userData, sizeof(out->userData) - 1);
  if (launchIndex) strncpy(out->launchIndex, launchIndex, sizeof(out->launchIndex) - 1);
  out->ts = ts;
  out->ncHostIdx = ncHostIdx;
  if (ccnet) memcpy(&(out->ccnet), ccnet, sizeof(netConfig));
  if (ccvm) memcpy(&(out->ccvm), ccvm, sizeof(virtualMachine));
  if (groupNames) memcpy(out->groupNames, groupNames, sizeof(out->groupNames));
  if (volumes) {
    out->volumesSize = maxint(0, minint(volumesSize, EUCA_MAX_VOLUMES));
    memcpy(out->volumes, volumes, out->volumesSize * sizeof(ncVolume));
  }

  return 0;
}

void print_ccInstance(char *tag, ccInstance *in) {
  int groups, i;

  for (groups = 0; groups < 64 && in->groupNames[groups][0]; groups++);
  logprintfl(EUCADEBUG, "%s instanceId=%s reservationId=%s state=%s ownerId=%s node=%s amiURL=%s kernelURL=%s ramdiskURL=%s mem=%d disk=%d cores=%d mac=%s privateIp=%s vlan=%d groups=%d volumes=%d\n", tag, in->instanceId, in->reservationId, in->state, in->ownerId, in->serviceTag, in->amiURL, in->kernelURL, in->ramdiskURL, in->ccvm.mem, in->ccvm.disk, in->ccvm.cores, in->ccnet.privateMac, in->ccnet.privateIp, in->ccnet.vlan, groups, in->volumesSize);
  for (i = 0; i < in->volumesSize; i++) logprintfl(EUCADEBUG, "%s instanceId=%s volumeId=%s remoteDev=%s localDev=%s\n", tag, in->instanceId, in->volumes[i].volumeId, in->volumes[i].remoteDev, in->volumes[i].localDev);
}

/* what a node tells goes over what we know; what it does not tell stays */
static void keep_told(char *to, size_t size, char *told) {
  if (told[0]) snprintf(to, size, "%.*s", (int) size - 1, told);
}

/* dst is the cluster's view, src the node's */
int ccInstance_to_ncInstance(ccInstance *dst, ncInstance *src) {
  int i;

  keep_told(dst->instanceId, sizeof(dst->instanceId), src->instanceId);
  keep_told(dst->reservationId, sizeof(dst->reservationId), src->reservationId);
  keep_told(dst->ownerId, sizeof(dst->ownerId), src->userId);
  keep_told(dst->amiId, sizeof(dst->amiId), src->imageId);
  keep_told(dst->kernelId, sizeof(dst->kernelId), src->kernelId);
  keep_told(dst->ramdiskId, sizeof(dst->ramdiskId), src->ramdiskId);
  keep_told(dst->amiURL, sizeof(dst->amiURL), src->imageURL);
  keep_told(dst->kernelURL, sizeof(dst->kernelURL), src->kernelURL);
  keep_told(dst->ramdiskURL, sizeof(dst->ramdiskURL), src->ramdiskURL);
  keep_told(dst->state, sizeof(dst->state), src->stateName);
  keep_told(dst->keyName, sizeof(dst->keyName), src->keyName);
  keep_told(dst->userData, sizeof(dst->userData), src->userData);
  keep_told(dst->launchIndex, sizeof(dst->launchIndex), src->launchIndex);
  if (src->launchTime > 0) dst->ts = src->launchTime;

  for (i = 0; i < src->groupNamesSize && i < 64; i++) snprintf(dst->groupNames[i], sizeof(dst->groupNames[i]), "%.31s", src->groupNames[i]);

  // in SYSTEM mode nodes know no addresses, and we may have found one
  keep_told(dst->ccnet.privateMac, sizeof(dst->ccnet.privateMac), src->ncnet.privateMac);
  if (strcmp(src->ncnet.privateIp, "0.0.0.0")) keep_told(dst->ccnet.privateIp, sizeof(dst->ccnet.privateIp), src->ncnet.privateIp);
  if (strcmp(src->ncnet.publicIp, "0.0.0.0")) keep_told(dst->ccnet.publicIp, sizeof(dst->ccnet.publicIp), src->ncnet.publicIp);
  dst->ccnet.vlan = src->ncnet.vlan;
  dst->ccnet.networkIndex = src->ncnet.networkIndex;
  memcpy(&(dst->ccvm), &(src->params), sizeof(virtualMachine));

  dst->volumesSize = maxint(0, minint(src->volumesSize, EUCA_MAX_VOLUMES));
  memcpy(dst->volumes, src->volumes, dst->volumesSize * sizeof(ncVolume));

  return 0;
}

/*
 * Upkeep.
 */

/* asks all nodes that are not asleep for what they have left */
int refresh_resources(ncMetadata *ccMeta, int timeout) {
  ccResource *nodes;
  int i, j, rc, count;

  sem_mywait(RESCACHE);
  count = resourceCache->numResources;
  nodes = calloc(count + 1, sizeof(ccResource));
  if (nodes) memcpy(nodes, resourceCache->resources, count * sizeof(ccResource));
  sem_mypost(RESCACHE);
  if (nodes == NULL) return 1;

  for (i = 0; i < count; i++) {
    ccResource *res = &(resourceCache->resources[i]);
    ncResource *ncRes = NULL;
    int sleepy = 0;

    if (nodes[i].state == RESASLEEP) continue;
    rc = ncClientCall(ccMeta, timeout, nodes[i].lockidx, nodes[i].ncURL, "ncDescribeResource", NULL, &ncRes);

    sem_mywait(RESCACHE);
    if (strcmp(res->ncURL, nodes[i].ncURL)) {
      // the list of nodes was another one meanwhile
    } else if (rc) {
      if (res->state != RESWAKING || time(NULL) - res->stateChange > config->wakeThresh) changeState(res, RESDOWN);
    } else {
      res->maxMemory = ncRes->memorySizeMax;
      res->availMemory = ncRes->memorySizeAvailable;
      res->maxDisk = ncRes->diskSizeMax;
      res->availDisk = ncRes->diskSizeAvailable;
      res->maxCores = ncRes->numberOfCoresMax;
      res->availCores = ncRes->numberOfCoresAvailable;
      changeState(res, RESUP);

      // room that was promised to what the node has not seen yet
      sem_mywait(INSTCACHE);
      for (j = 0; j < MAXINSTANCES; j++) {
	if (instanceCache->cacheState[j] != INSTVALID || instanceCache->confirmed[j]) continue;
	if (instanceCache->instances[j].ncHostIdx == i && !strcmp(instanceCache->instances[j].state, "Pending")) take_room(res, &(instanceCache->instances[j].ccvm));
      }
      sem_mypost(INSTCACHE);

      if (res->availCores < res->maxCores || res->availMemory < res->maxMemory) res->idleStart = 0;
      else if (res->idleStart == 0) res->idleStart = time(NULL);
      sleepy = (config->schedPolicy == SCHEDPOWERSAVE && res->idleStart && time(NULL) - res->idleStart > config->idleThresh);
      if (sleepy) changeState(res, RESASLEEP);
    }
    sem_mypost(RESCACHE);

    if (sleepy && powerDown(ccMeta, &(nodes[i]))) {
      sem_mywait(RESCACHE);
      if (!strcmp(res->ncURL, nodes[i].ncURL)) changeState(res, RESUP);
      sem_mypost(RESCACHE);
    }
    free(ncRes);
  }
  free(nodes);

  sem_mywait(RESCACHE);
  resourceCache->lastResourceUpdate = time(NULL);
  sem_mypost(RESCACHE);
  return 0;
}

/* an address that a guest has now cannot be another one's any more */
static void claim_address(ccInstance *myInstance) {
  ccInstance *other = NULL;
  char *ip = NULL;

  if (!strcmp(vnetconfig->mode, "STATIC")) return;
  if (mac2ip(vnetconfig, myInstance->ccnet.privateMac, &ip)) return;

  if (!find_instanceCacheIP(ip, &other) && strcmp(other->instanceId, myInstance->instanceId)) {
    logprintfl(EUCAINFO, "claim_address(): %s has gone over from %s to %s\n", ip, other->instanceId, myInstance->instanceId);
    snprintf(other->ccnet.privateIp, sizeof(other->ccnet.privateIp), "0.0.0.0");
    snprintf(other->ccnet.publicIp, sizeof(other->ccnet.publicIp), "0.0.0.0");
    refresh_instanceCache(other->instanceId, other);
  }
  snprintf(myInstance->ccnet.privateIp, sizeof(myInstance->ccnet.privateIp), "%s", ip);
  snprintf(myInstance->ccnet.publicIp, sizeof(myInstance->ccnet.publicIp), "%s", ip);
  free(other);
  free(ip);
}

/* asks the nodes that are up for what they run */
int refresh_instances(ncMetadata *ccMeta, int timeout) {
  ccInstance *myInstance = NULL;
  ncInstance **ncOutInsts = NULL;
  ccResource *nodes;
  int i, j, count, ncOutInstsLen = 0, ret = 0;

  sem_mywait(RESCACHE);
  count = resourceCache->numResources;
  nodes = calloc(count + 1, sizeof(ccResource));
  if (nodes) memcpy(nodes, resourceCache->resources, count * sizeof(ccResource));
  sem_mypost(RESCACHE);
  if (nodes == NULL) return 1;

  for (i = 0; i < count; i++) {
    if (nodes[i].state != RESUP) continue;
    ncOutInsts = NULL;
    ncOutInstsLen = 0;
    if (ncClientCall(ccMeta, timeout, nodes[i].lockidx, nodes[i].ncURL, "ncDescribeInstances", NULL, 0, &ncOutInsts, &ncOutInstsLen)) {
      logprintfl(EUCAWARN, "refresh_instances(): %s does not tell what it runs\n", nodes[i].hostname);
      ret = 1;
    }
    for (j = 0; j < ncOutInstsLen; j++) {
      if (ncOutInsts[j]->instanceId[0] && strlen(ncOutInsts[j]->instanceId) < sizeof(myInstance->instanceId)) {
	if (find_instanceCacheId(ncOutInsts[j]->instanceId, &myInstance)) myInstance = calloc(1, sizeof(ccInstance));
	if (myInstance) {
	  ccInstance_to_ncInstance(myInstance, ncOutInsts[j]);
	  myInstance->ncHostIdx = i;
	  snprintf(myInstance->serviceTag, sizeof(myInstance->serviceTag), "%.63s", nodes[i].ncURL);
	  claim_address(myInstance);
	  if (!refresh_instanceCache(myInstance->instanceId, myInstance)) confirm_instanceCache(myInstance->instanceId);
	  print_ccInstance("refresh_instances():", myInstance);
	  free(myInstance);
	}
      }
      free(ncOutInsts[j]);
    }
    free(ncOutInsts);
  }
  free(nodes);

  return ret;
}

/* what is mapped goes to its files */
void shawn(void) {
  if (instanceCache) msync(instanceCache, sizeof(ccInstanceCache), MS_ASYNC);
  if (resourceCache) msync(resourceCache, sizeof(ccResourceCache), MS_ASYNC);
  if (config) msync(config, sizeof(ccConfig), MS_ASYNC);
  if (vnetconfig) msync(vnetconfig, sizeof(vnetConfig), MS_ASYNC);
}

static int is_alive(pid_t pid) {
  return kill(pid, 0) == 0 || errno == EPERM;
}

/* until the process that wanted it is gone; another will want one again */
void monitor_loop(pid_t parent) {
  ncMetadata ccMeta = { "monitor", EUCALYPTUS_ADMIN };
  int s;

  while (is_alive(parent)) {
    update_config();
    refresh_resources(&ccMeta, NCCALL_TIMEOUT_SHORT);
    refresh_instances(&ccMeta, NCCALL_TIMEOUT_SHORT);
    expire_instanceCache();
    shawn();
    for (s = 0; s < config->ncPollingFrequency && is_alive(parent); s++) sleep(1);
  }
}

/* one for all processes: it holds a lock that goes when it goes */
int start_monitor(void) {
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  char path[EUCA_MAX_PATH];
  pid_t parent = getpid(), pid;
  int fd;

  snprintf(path, sizeof(path), EUCALYPTUS_STATE_DIR "/CC/monitor.lock", eucahome);
  if ((fd = open(path, O_RDWR | O_CREAT, 0600)) < 0) {
    logprintfl(EUCAERROR, "start_monitor(): cannot open %s: %s\n", path, strerror(errno));
    return 1;
  }
  if (fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK) {
    close(fd);
    return 0;
  }

  pid = fork_detached();
  if (pid == 0) {
    whole.l_type = F_WRLCK;
    if (fcntl(fd, F_SETLK, &whole) == 0) {
      logprintfl(EUCAINFO, "start_monitor(): looking after the nodes, for %d\n", (int) parent);
      monitor_loop(parent);
    }
    _exit(0);
  }
  close(fd);

  return pid < 0;
}

/*
 * Set-up.
 */

/* A file, or memory, that all processes share; it comes with a lock. What is
   in it stays from one life of the controller to the next. */
int setup_shared_buffer(void **buf, char *bufname, size_t bytes, sem_t **lock, char *lockname, int mode) {
  char path[EUCA_MAX_PATH];
  struct stat sb;
  int fd = -1, rc = 1;

  *buf = NULL;
  if (lock && *lock == NULL && (*lock = sem_open(lockname, O_CREAT, 0644, 1)) == SEM_FAILED) {
    logprintfl(EUCAERROR, "setup_shared_buffer(): no lock %s: %s\n", lockname, strerror(errno));
    *lock = NULL;
    return 1;
  }

  if (mode == SHARED_FILE) {
    snprintf(path, sizeof(path), EUCALYPTUS_STATE_DIR "/CC/%s", eucahome, bufname);
    fd = open(path, O_RDWR | O_CREAT, 0600);
  } else if (mode == SHARED_MEM) {
    snprintf(path, sizeof(path), "/%s", bufname);
    fd = shm_open(path, O_RDWR | O_CREAT, 0600);
  }

  if (lock) while (sem_wait(*lock) && errno == EINTR);
  if (fd >= 0 && fstat(fd, &sb) == 0 && ((size_t) sb.st_size == bytes || ftruncate(fd, bytes) == 0)) {
    *buf = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (*buf == MAP_FAILED) *buf = NULL;
    else rc = 0;
  }
  if (rc) logprintfl(EUCAERROR, "setup_shared_buffer(): cannot map %s: %s\n", path, strerror(errno));
  if (lock) sem_post(*lock);
  if (fd >= 0) close(fd);

  return rc;
}

/* one installation's locks are not another's */
static char *lock_name(int lockno) {
  static char name[64];
  unsigned long sum = 5381;
  char *c;

  for (c = eucahome; *c; c++) sum = sum * 33 + (unsigned char) *c;
  snprintf(name, sizeof(name), "/eucalyptusCC-%08lx-lock%d", sum & 0xffffffffUL, lockno);
  return name;
}

/* what each process needs for itself */
int init_thread(void) {
  char path[EUCA_MAX_PATH], *home = getenv(EUCALYPTUS_ENV_VAR_NAME);
  int i;

  snprintf(eucahome, sizeof(eucahome), "%s", home ? home : "");
  snprintf(path, sizeof(path), EUCALYPTUS_LOG_DIR, eucahome);
  ensure_path_exists(path);
  snprintf(path, sizeof(path), EUCALYPTUS_LOG_DIR "/cc.log", eucahome);
  logfile(path, EUCADEBUG);
  snprintf(path, sizeof(path), EUCALYPTUS_STATE_DIR "/CC", eucahome);
  if (ensure_path_exists(path)) return 1;

  for (i = 0; i < ENDLOCK; i++) {
    if (locks[i] == NULL && (locks[i] = sem_open(lock_name(i), O_CREAT, 0644, 1)) == SEM_FAILED) {
      logprintfl(EUCAERROR, "init_thread(): no lock %s: %s\n", lock_name(i), strerror(errno));
      locks[i] = NULL;
      return 1;
    }
  }

  if (setup_shared_buffer((void **) &config, "eucalyptusCCConfig", sizeof(ccConfig), &(locks[CONFIG]), lock_name(CONFIG), SHARED_FILE)) return 1;
  if (setup_shared_buffer((void **) &instanceCache, "eucalyptusCCInstanceCache", sizeof(ccInstanceCache), &(locks[INSTCACHE]), lock_name(INSTCACHE), SHARED_FILE)) return 1;
  if (setup_shared_buffer((void **) &resourceCache, "eucalyptusCCResourceCache", sizeof(ccResourceCache), &(locks[RESCACHE]), lock_name(RESCACHE), SHARED_FILE)) return 1;
  if (setup_shared_buffer((void **) &vnetconfig, "eucalyptusCCVNETConfig", sizeof(vnetConfig), &(locks[VNET]), lock_name(VNET), SHARED_FILE)) return 1;

  return 0;
}

/* a value of eucalyptus.conf, to be freed; NULL if it is not there or empty */
static char *conf_word(char *key) {
  char *value = getConfString(config->configFiles, 2, key);

  if (value && value[0] == 0) {
    free(value);
    value = NULL;
  }
  return value;
}

static int conf_number(char *key, int least, int otherwise) {
  char *value = conf_word(key);
  int number = value ? atoi(value) : otherwise;

  free(value);
  return number < least ? otherwise : number;
}

/* MAC=IP pairs of STATIC mode; the caller holds VNET */
static void read_macmap(void) {
  char *macmap = conf_word("VNET_MACMAP"), *pair, *ip, *mac, *rest = NULL;

  for (pair = macmap ? strtok_r(macmap, " \t", &rest) : NULL; pair; pair = strtok_r(NULL, " \t", &rest)) {
    if ((ip = strchr(pair, '=')) == NULL) {
      logprintfl(EUCAWARN, "read_macmap(): %s is not MAC=IP\n", pair);
      continue;
    }
    *ip++ = 0;
    if (ip2mac(vnetconfig, ip, &mac) == 0) free(mac);
    else vnetAddHost(vnetconfig, pair, ip, 0, -1);
  }
  free(macmap);
}

static int read_network(void) {
  char *keys[] = { "VNET_PUBINTERFACE", "VNET_PRIVINTERFACE", "VNET_ADDRSPERNET", "VNET_SUBNET", "VNET_NETMASK", "VNET_BROADCAST", "VNET_DNS", "VNET_ROUTER", "VNET_DHCPDAEMON", "VNET_DHCPUSER", "VNET_BRIDGE", "VNET_LOCALIP", "VNET_CLOUDIP" };
  char *word[13], *mode = conf_word("VNET_MODE"), path[EUCA_MAX_PATH];
  int i, rc;

  for (i = 0; i < 13; i++) word[i] = conf_word(keys[i]);
  snprintf(path, sizeof(path), "%s/var/run/eucalyptus/net", eucahome);
  ensure_path_exists(path);

  sem_mywait(VNET);
  if (strcmp(vnetconfig->mode, mode ? mode : "SYSTEM")) vnetconfig->initialized = 0;
  rc = vnetInit(vnetconfig, mode ? mode : "SYSTEM", eucahome, path, CC, word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7], word[8], word[9], word[10], word[11], word[12]);
  if (!rc && !strcmp(vnetconfig->mode, "STATIC")) read_macmap();
  sem_mypost(VNET);

  for (i = 0; i < 13; i++) free(word[i]);
  free(mode);
  return rc;
}

/* the list of nodes; those that were in it keep what is known of them */
int refreshNodes(void) {
  char *nodes = conf_word(CONFIG_NODES), *service = conf_word(CONFIG_NC_SERVICE), *node, *colon, *rest = NULL;
  int port = conf_number(CONFIG_NC_PORT, 1, 8775), count = 0, i, j;
  ccResource *fresh = calloc(MAXNODES, sizeof(ccResource)), *res;

  if (fresh == NULL) {
    free(nodes);
    free(service);
    return 1;
  }

  sem_mywait(RESCACHE);
  for (node = nodes ? strtok_r(nodes, " \t", &rest) : NULL; node && count < MAXNODES; node = strtok_r(NULL, " \t", &rest)) {
    res = &(fresh[count]);
    // NAME or NAME:PORT
    if ((colon = strchr(node, ':')) != NULL) *colon++ = 0;
    snprintf(res->hostname, sizeof(res->hostname), "%s", node);
    snprintf(res->ncURL, sizeof(res->ncURL), "http://%s:%d/%s", res->hostname, colon ? atoi(colon) : port, service ? service : "axis2/services/EucalyptusNC");
    for (j = 0; j < resourceCache->numResources; j++) {
      if (!strcmp(res->ncURL, resourceCache->resources[j].ncURL)) memcpy(res, &(resourceCache->resources[j]), sizeof(ccResource));
    }
    res->lockidx = NCCALL + count % NCLOCKS;
    count++;
  }
  memcpy(resourceCache->resources, fresh, MAXNODES * sizeof(ccResource));
  resourceCache->numResources = count;

  // instances know their node by its number, and numbers have changed hands
  sem_mywait(INSTCACHE);
  for (i = 0; i < MAXINSTANCES; i++) {
    if (instanceCache->cacheState[i] != INSTVALID) continue;
    instanceCache->instances[i].ncHostIdx = -1;
    for (j = 0; j < count; j++) {
      if (!strncmp(instanceCache->instances[i].serviceTag, fresh[j].ncURL, sizeof(instanceCache->instances[i].serviceTag) - 1)) instanceCache->instances[i].ncHostIdx = j;
    }
  }
  sem_mypost(INSTCACHE);
  sem_mypost(RESCACHE);

  logprintfl(EUCAINFO, "refreshNodes(): %d nodes\n", count);
  free(fresh);
  free(nodes);
  free(service);
  return 0;
}

/* reads eucalyptus.conf if it is not the one that was read last */
int update_config(void) {
  char *word;
  long long mtime[2] = { 0, 0 };
  struct stat sb;
  int i, rc = 0;

  sem_mywait(CONFIG);
  snprintf(config->configFiles[0], EUCA_MAX_PATH, EUCALYPTUS_CONF_LOCATION, eucahome);
  snprintf(config->configFiles[1], EUCA_MAX_PATH, EUCALYPTUS_CONF_OVERRIDE_LOCATION, eucahome);
  for (i = 0; i < 2; i++) {
    if (stat(config->configFiles[i], &sb) == 0) mtime[i] = sb.st_mtim.tv_sec * 1000000000LL + sb.st_mtim.tv_nsec;
  }
  if (config->initialized && mtime[0] == config->configMtime[0] && mtime[1] == config->configMtime[1]) {
    sem_mypost(CONFIG);
    return 0;
  }

  snprintf(config->eucahome, sizeof(config->eucahome), "%s", eucahome);
  snprintf(config->policyFile, sizeof(config->policyFile), EUCALYPTUS_POLICIES_DIR "/nc-client-policy.xml", eucahome);
  word = conf_word("ENABLE_WS_SECURITY");
  config->use_wssec = (word == NULL || word[0] != 'N');
  free(word);

  word = conf_word("SCHEDPOLICY");
  config->schedPolicy = SCHEDROUNDROBIN;
  if (word && !strcmp(word, "GREEDY")) config->schedPolicy = SCHEDGREEDY;
  else if (word && !strcmp(word, "POWERSAVE")) config->schedPolicy = SCHEDPOWERSAVE;
  else if (word && strcmp(word, "ROUNDROBIN")) logprintfl(EUCAWARN, "update_config(): no policy is called %s, taking turns\n", word);
  free(word);

  config->idleThresh = conf_number("POWER_IDLETHRESH", 1, DEFAULT_IDLETHRESH);
  config->wakeThresh = conf_number("POWER_WAKETHRESH", 1, DEFAULT_WAKETHRESH);
  config->instanceTimeout = conf_number("INSTANCE_TIMEOUT", 1, DEFAULT_INSTANCE_TIMEOUT);
  config->ncPollingFrequency = conf_number("NC_POLLING_FREQUENCY", 1, DEFAULT_POLLING);

  if (read_network()) {
    logprintfl(EUCAFATAL, "update_config(): the network settings in %s cannot be used\n", config->configFiles[0]);
    rc = 1;
  } else {
    rc = refreshNodes();
  }

  config->configMtime[0] = mtime[0];
  config->configMtime[1] = mtime[1];
  config->initialized = !rc;
  sem_mypost(CONFIG);

  return rc;
}

/* first of all in every request */
int initialize(void) {
  static int mapped = 0;
  ncMetadata ccMeta = { "initialize", EUCALYPTUS_ADMIN };
  int rc = 0;

  pthread_mutex_lock(&init_mutex);
  if (!mapped) {
    rc = init_thread();
    mapped = !rc;
  }
  if (!rc) rc = update_config();
  if (!rc) {
    // the very first request shall not find an empty house
    sem_mywait(INIT);
    if (resourceCache->lastResourceUpdate == 0) refresh_resources(&ccMeta, NCCALL_TIMEOUT_SHORT);
    sem_mypost(INIT);
    rc = start_monitor();
  }
  pthread_mutex_unlock(&init_mutex);

  if (rc) logprintfl(EUCAERROR, "initialize(): the cluster controller is not fit for work\n");
  return rc;
}
