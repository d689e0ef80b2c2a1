/* SPDX-License-Identifier: GPL-3.0-only */
/*
 * nc_chat ENDPOINT [WORD]: every operation of a node controller through the tree's client-marshal-adb.c, one line for
 * each. WORD goes into every string of the request, and is compared with what comes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-marshal.h"
#include "misc.h"

static const char *word = "plain";

static const char *same(const char *text)
{
    return strcmp(text, word) == 0 ? "same" : *text == 0 ? "empty" : "different";
}

static void print_instance(const ncInstance *i)
{
    int at;

    printf("  ids %s %s %s %s %s %s %s %s\n", same(i->instanceId), same(i->reservationId), same(i->imageId),
           same(i->kernelId), same(i->ramdiskId), same(i->userId), same(i->keyName), same(i->launchIndex));
    printf("  data %s state %s time %d\n", same(i->userData), i->stateName, i->launchTime);
    printf("  params %d %d %d %s maps %s %s %d %s\n", i->params.mem, i->params.cores, i->params.disk,
           same(i->params.name), i->params.deviceMapping[0].deviceName, i->params.deviceMapping[0].virtualName,
           i->params.deviceMapping[0].size, i->params.deviceMapping[0].format);
    printf("  net %s %s %s %d %d\n", i->ncnet.privateMac, i->ncnet.privateIp, i->ncnet.publicIp, i->ncnet.vlan,
           i->ncnet.networkIndex);
    printf("  groups %d", i->groupNamesSize);
    for (at = 0; at < i->groupNamesSize; at++)
        printf(" %s", same(i->groupNames[at]));
    printf("\n  volumes %d", i->volumesSize);
    for (at = 0; at < i->volumesSize; at++)
        printf(" %s %s %s %s", same(i->volumes[at].volumeId), same(i->volumes[at].remoteDev),
               same(i->volumes[at].localDev), i->volumes[at].stateName);
    printf("\n");
}

static void run(ncStub *stub, ncMetadata *meta, char *id)
{
    virtualMachine vm = {64, 1, 2, "", {{"sda1", "root", 100, "none"}}};
    netConfig net = {3, 7, "d0:0d:00:00:00:01", "0.0.0.0", "10.0.0.1"};
    char *text = (char *)word, *groups[] = {text, text, NULL};
    ncInstance *instance = NULL;
    int rc;

    snprintf(vm.name, sizeof vm.name, "%s", word);
    rc = ncRunInstanceStub(stub, meta, id, text, &vm, text, text, text, NULL, text, NULL, text, &net, text, text, groups,
                           2, &instance);
    printf("run %d\n", rc);
    if (instance != NULL)
        print_instance(instance);
    free_instance(&instance);
}

int main(int argc, char **argv)
{
    ncMetadata meta;
    ncResource *resource = NULL;
    ncInstance **instances = NULL;
    char *text, *output = NULL, *peers[] = {"10.0.0.2", "10.0.0.3"}, *status = NULL;
    int shutdownState = 0, previousState = 0, size = 0, i, rc;
    ncStub *stub;

    if (argc > 2)
        word = argv[2];
    text = (char *)word;
    meta.correlationId = NULL;
    meta.userId = text;
    if (argc < 2 || (stub = ncStubCreate(argv[1], NULL, "/nowhere")) == NULL)
        return 2;

    run(stub, &meta, text);
    run(stub, &meta, "refused");
    printf("attach %d\n", ncAttachVolumeStub(stub, &meta, text, text, text, text));
    rc = ncDescribeInstancesStub(stub, &meta, NULL, 0, &instances, &size);
    printf("describe %d %d\n", rc, size);
    for (i = 0; i < size; i++) {
        print_instance(instances[i]);
        free_instance(&instances[i]);
    }
    free(instances);
    rc = ncDescribeResourceStub(stub, &meta, NULL, &resource);
    printf("resource %d %s %d %d\n", rc, resource != NULL ? resource->nodeStatus : "-",
           resource != NULL ? resource->memorySizeMax : 0, resource != NULL ? resource->numberOfCoresAvailable : 0);
    free_resource(&resource);
    rc = ncGetConsoleOutputStub(stub, &meta, text, &output);
    printf("console %d %s\n", rc, output != NULL ? output : "-");
    free(output);
    rc = ncStartNetworkStub(stub, &meta, peers, 2, 1234, 5, &status);
    printf("network %d %s\n", rc, status != NULL ? status : "-");
    free(status);
    printf("reboot %d\n", ncRebootInstanceStub(stub, &meta, text));
    printf("detach %d\n", ncDetachVolumeStub(stub, &meta, text, text, text, text, 1));
    rc = ncTerminateInstanceStub(stub, &meta, text, &shutdownState, &previousState);
    printf("terminate %d %d %d\n", rc, shutdownState, previousState);
    printf("power %d\n", ncPowerDownStub(stub, &meta));
    ncStubDestroy(stub);
    return 0;
}
