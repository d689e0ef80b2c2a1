/* SPDX-License-Identifier: GPL-3.0-only */
#include "behaviour.h"
#include "node_calls.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <client-marshal.h>
#include <handlers.h>

#include "line.h"

enum { STUBS = 16 };

struct note {
    char stub[32], text[NODE_CALLS_MAX];
};

struct node_answers node_answers;
static struct note *notes;

/* The controller's semaphores have names that outlive it; these end with the test. */
sem_t *__wrap_sem_open(const char *name, int flags, ...);

sem_t *__wrap_sem_open(const char *name, int flags, ...)
{
    static struct {
        char name[64];
        sem_t *lock;
    } known[64];
    int i;

    (void)flags;
    for (i = 0; i < 64 && known[i].lock && strcmp(known[i].name, name) != 0; i++)
        ;
    assert_true(i < 64);
    if (known[i].lock == NULL) {
        snprintf(known[i].name, sizeof known[i].name, "%s", name);
        known[i].lock = mmap(NULL, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_true(known[i].lock != MAP_FAILED);
        assert_int_equal(sem_init(known[i].lock, 1, 1), 0);
    }
    return known[i].lock;
}

void node_calls_start(void)
{
    char here[256];

    notes = mmap(NULL, STUBS * sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(notes != MAP_FAILED);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(setenv("EUCALYPTUS", here, 1), 0);
    assert_int_equal(init_thread(), 0);
}

static struct note *note_of(const char *stub)
{
    int i;

    for (i = 0; i < STUBS && notes[i].stub[0] && strcmp(notes[i].stub, stub) != 0; i++)
        ;
    assert_true(i < STUBS);
    snprintf(notes[i].stub, sizeof notes[i].stub, "%s", stub);
    return &notes[i];
}

const char *node_call(const char *stub)
{
    return note_of(stub)->text;
}

void node_calls_forget(void)
{
    memset(notes, 0, STUBS * sizeof *notes);
}

static const char *word(const char *text)
{
    return text ? text : "NULL";
}

static void noted(const char *stub, ncMetadata *meta, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void noted(const char *stub, ncMetadata *meta, const char *format, ...)
{
    char text[NODE_CALLS_MAX];
    va_list list;
    int used = snprintf(text, sizeof text, "%s:", word(meta->userId));

    va_start(list, format);
    vsnprintf(text + used, sizeof text - used, format, list);
    va_end(list);
    strcpy(note_of(stub)->text, text);
}

static const char *listed(char **list, int count)
{
    static char text[512];
    int i, used = 0;

    text[0] = 0;
    for (i = 0; list && i < count; i++)
        used += snprintf(text + used, sizeof text - used, " %s", list[i]);
    return list ? text : " NULL";
}

ncInstance *patterned(unsigned pattern)
{
    unsigned char *bytes = malloc(sizeof(ncInstance));
    unsigned state = pattern * 2654435761u + 1;
    size_t i;

    assert_non_null(bytes);
    for (i = 0; i < sizeof(ncInstance); i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = state >> 24;
    }
    return (ncInstance *)bytes;
}

ncStub *__wrap_ncStubCreate(char *endpoint_uri, char *logfile, char *homedir);

ncStub *__wrap_ncStubCreate(char *endpoint_uri, char *logfile, char *homedir)
{
    static ncStub stub;

    (void)logfile;
    (void)homedir;
    stub.endpoint_uri = endpoint_uri;
    return &stub;
}

int __wrap_ncRunInstanceStub(ncStub *st, ncMetadata *meta, RUN_PARAMETERS, ncInstance **outInstPtr);

int __wrap_ncRunInstanceStub(ncStub *st, ncMetadata *meta, RUN_PARAMETERS, ncInstance **outInstPtr)
{
#ifdef HAVE_STUB_ARCHID
    const char *arch = word(archId);
#else
    const char *arch = "-";
#endif

    noted("ncRunInstance", meta,
          "%s %s vm=%d/%d/%d" UNLESS_OLD_TYPES("/%s") " image=%s@%s kernel=%s@%s ramdisk=%s@%s arch=%s" IF_ACCOUNTS(" owner=%s/%s")
          " key=%s net=%d/" UNLESS_OLD_TYPES("%d/%s/%s/%s") IF_OLD_TYPES("%s/%s") " data=%s index=%s"
          IF_UUID(" uuid=%s platform=%s/%d") " groups=%d%s",
          word(instanceId), word(reservationId), MEMORY(*params), CORES(*params), DISK(*params),
          UNLESS_OLD_TYPES(params->name,) word(imageId), word(imageURL), word(kernelId), word(kernelURL), word(ramdiskId),
          word(ramdiskURL), arch, IF_ACCOUNTS(word(ownerId), word(accountId),) word(keyName),
          UNLESS_OLD_TYPES(netparams->vlan, netparams->networkIndex, netparams->privateMac, netparams->publicIp,)
          UNLESS_OLD_TYPES(netparams->privateIp,) IF_OLD_TYPES(vlan, word(privMac), word(pubMac),) word(userData),
          word(launchIndex), IF_UUID(word(uuid), word(platform), expiryTime,) groupNamesSize,
          listed(groupNames, groupNamesSize));
    (void)st;
    *outInstPtr = patterned(node_answers.pattern);
    return node_answers.status;
}

int __wrap_ncTerminateInstanceStub(ncStub *st, ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState);

int __wrap_ncTerminateInstanceStub(ncStub *st, ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState)
{
    (void)st;
    noted("ncTerminateInstance", meta, "%s", word(instanceId));
    *shutdownState = 31;
    *previousState = 47;
    return node_answers.status;
}

int __wrap_ncDescribeInstancesStub(ncStub *st, ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts,
                                   int *outInstsLen);

int __wrap_ncDescribeInstancesStub(ncStub *st, ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts,
                                   int *outInstsLen)
{
    int i;

    (void)st;
    noted("ncDescribeInstances", meta, "%d%s", instIdsLen, listed(instIds, instIdsLen));
    *outInsts = calloc(node_answers.instances + 1, sizeof **outInsts);
    for (i = 0; i < node_answers.instances; i++)
        (*outInsts)[i] = patterned(node_answers.pattern + i);
    *outInstsLen = node_answers.instances;
    return node_answers.status;
}

int __wrap_ncDescribeResourceStub(ncStub *st, ncMetadata *meta, char *resourceType, ncResource **outRes);

int __wrap_ncDescribeResourceStub(ncStub *st, ncMetadata *meta, char *resourceType, ncResource **outRes)
{
    (void)st;
    noted("ncDescribeResource", meta, "%s", word(resourceType));
    *outRes = allocate_resource("status", 1001, 1002, 1003, 1004, 1005, 1006, "subnets");
    return node_answers.status;
}

int __wrap_ncStartNetworkStub(ncStub *st, ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan,
                              char **outStatus);

int __wrap_ncStartNetworkStub(ncStub *st, ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan,
                              char **outStatus)
{
    (void)st;
    noted("ncStartNetwork", meta, "port=%d vlan=%d peers=%d%s", port, vlan, remoteHostsLen,
          listed(remoteHosts, remoteHostsLen));
    *outStatus = strdup("up and well");
    return node_answers.status;
}

int __wrap_ncRebootInstanceStub(ncStub *st, ncMetadata *meta, char *instanceId);

int __wrap_ncRebootInstanceStub(ncStub *st, ncMetadata *meta, char *instanceId)
{
    (void)st;
    noted("ncRebootInstance", meta, "%s", word(instanceId));
    return node_answers.status;
}

int __wrap_ncGetConsoleOutputStub(ncStub *st, ncMetadata *meta, char *instanceId, char **consoleOutput);

int __wrap_ncGetConsoleOutputStub(ncStub *st, ncMetadata *meta, char *instanceId, char **consoleOutput)
{
    char *text = malloc(200001);

    (void)st;
    assert_non_null(text);
    noted("ncGetConsoleOutput", meta, "%s", word(instanceId));
    memset(text, 'c', 200000);
    text[200000] = 0;
    *consoleOutput = text;
    return node_answers.status;
}

int __wrap_ncAttachVolumeStub(ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev);

int __wrap_ncAttachVolumeStub(ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev)
{
    (void)st;
    noted("ncAttachVolume", meta, "%s %s %s %s", word(instanceId), word(volumeId), word(remoteDev), word(localDev));
    return node_answers.status;
}

int __wrap_ncDetachVolumeStub(ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev,
                              char *localDev, int force);

int __wrap_ncDetachVolumeStub(ncStub *st, ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev,
                              char *localDev, int force)
{
    (void)st;
    noted("ncDetachVolume", meta, "%s %s %s %s force=%d", word(instanceId), word(volumeId), word(remoteDev),
          word(localDev), force);
    return node_answers.status;
}

int __wrap_ncPowerDownStub(ncStub *st, ncMetadata *meta);

int __wrap_ncPowerDownStub(ncStub *st, ncMetadata *meta)
{
    (void)st;
    noted("ncPowerDown", meta, "down");
    return node_answers.status;
}
