/* SPDX-License-Identifier: GPL-3.0-only */
/* In what other lines of upstream differ from 2.0, where these tests touch it (docs/lines.md): one source serves all. The
 * facts are those of behaviour.toml. IF_X(words) are the words where the tree has X, and nothing elsewhere. */
#ifndef LINE_H
#define LINE_H

#include <stddef.h>

#include <data.h>

/* Trunk and later: an instance has a uuid, a platform and an end, and allocate_instance() takes no ids of images. */
#ifdef HAVE_UUID
#define IF_UUID(...) __VA_ARGS__
#define UNLESS_UUID(...)
#else
#define IF_UUID(...)
#define UNLESS_UUID(...) __VA_ARGS__
#endif

/* 3.x: an instance belongs to an account. */
#ifdef HAVE_ACCOUNTS
#define IF_ACCOUNTS(...) __VA_ARGS__
#else
#define IF_ACCOUNTS(...)
#endif

#ifdef HAVE_ARCHID
#define IF_ARCHID(...) __VA_ARGS__
#else
#define IF_ARCHID(...)
#endif

#ifdef HAVE_RUN_ARCHID
#define IF_RUN_ARCHID(...) __VA_ARGS__
#else
#define IF_RUN_ARCHID(...)
#endif

/* 1.6: other types, without names and maps of devices, and the addresses of a guest one by one. */
#ifdef HAVE_OLD_TYPES
typedef ncInstParams virtualMachine;
typedef ncNetConf netConfig;
#define UNLESS_OLD_TYPES(...)
#define IF_OLD_TYPES(...) __VA_ARGS__
#define PARAMS(memory, count, gigabytes, ...) {.memorySize = (memory), .numberOfCores = (count), .diskSize = (gigabytes)}
#define MEMORY(params) ((params).memorySize)
#define CORES(params) ((params).numberOfCores)
#define DISK(params) ((params).diskSize)
#else
#define UNLESS_OLD_TYPES(...) __VA_ARGS__
#define IF_OLD_TYPES(...)
#define PARAMS(memory, count, gigabytes, ...) {.mem = (memory), .cores = (count), .disk = (gigabytes), __VA_ARGS__}
#define MEMORY(params) ((params).mem)
#define CORES(params) ((params).cores)
#define DISK(params) ((params).disk)
#endif

/* Behind the last member that upstream has. */
#if defined HAVE_ACCOUNTS
#define OLD_END (offsetof(ncInstance, netbytes) + sizeof(long long))
#elif defined HAVE_UUID
#define OLD_END (offsetof(ncInstance, expiryTime) + sizeof(int))
#else
#define OLD_END (offsetof(ncInstance, volumesSize) + sizeof(int))
#endif

/* The functions and the file of the checkpoint. */
#ifdef HAVE_BACKING
#define SAVE_CHECKPOINT save_instance_struct
#define RECOVER_CHECKPOINT load_instance_struct
#define CHECKPOINT "instance.checkpoint"
#else
#define SAVE_CHECKPOINT scSaveInstanceInfo
#define RECOVER_CHECKPOINT scRecoverInstanceInfo
#define CHECKPOINT "instance-checkpoint"
#endif

/* What doRunInstance() and ncRunInstanceStub() have between the first parameters and the last one. */
#define RUN_PARAMETERS                                                                                                  \
    IF_UUID(char *uuid,) char *instanceId, char *reservationId, virtualMachine *params, char *imageId, char *imageURL,  \
    char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, IF_RUN_ARCHID(char *archId,)                    \
    IF_ACCOUNTS(char *ownerId, char *accountId,) char *keyName, UNLESS_OLD_TYPES(netConfig *netparams,)                 \
    IF_OLD_TYPES(char *privMac, char *pubMac, int vlan,) char *userData, char *launchIndex,                             \
    IF_UUID(char *platform, int expiryTime,) char **groupNames, int groupNamesSize

#endif
