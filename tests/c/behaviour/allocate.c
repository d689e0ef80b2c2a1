/* SPDX-License-Identifier: GPL-3.0-only */
/* allocate_instance(): what is given lands in its member, what is not is zero, and nothing is read or written outside. */
#include "behaviour.h"

#include <stdlib.h>
#include <string.h>

#include <data.h>

/* Everything that allocate_instance() takes, so that a test names what it is about. */
struct given {
    char *instanceId, *reservationId;
    virtualMachine *params;
    char *imageId, *imageURL, *kernelId, *kernelURL, *ramdiskId, *ramdiskURL;
    char *stateName;
    int stateCode;
    char *userId, *archId;
    netConfig *ncnet;
    char *keyName, *userData, *launchIndex;
    char **groupNames;
    int groupNamesSize;
};

static ncInstance *allocated(const struct given *g)
{
    return allocate_instance(g->instanceId, g->reservationId, g->params, g->imageId, g->imageURL, g->kernelId,
                             g->kernelURL, g->ramdiskId, g->ramdiskURL, g->stateName, g->stateCode, g->userId,
#ifdef HAVE_ARCHID
                             g->archId,
#endif
                             g->ncnet, g->keyName, g->userData, g->launchIndex, g->groupNames, g->groupNamesSize);
}

static void nothing_is_given(void **state)
{
    static const ncInstance zero;
    struct given g = {0};
    ncInstance *inst = allocated(&g);

    (void)state;
    assert_non_null(inst);
    assert_memory_equal(inst, &zero, sizeof zero);
    free_instance(&inst);
    assert_null(inst);
}

static void each_argument_lands_in_its_member(void **state)
{
    char *groups[] = {"first", "second", NULL};
    virtualMachine params = {.mem = 512, .cores = 2, .disk = 10, .name = "m1.small"};
    netConfig ncnet = {.vlan = 10, .networkIndex = 3, .privateMac = "d0:0d:00:00:00:01", .publicIp = "1.2.3.4"};
    struct given g = {"instanceId", "reservationId", &params, "imageId", "imageURL", "kernelId", "kernelURL",
                      "ramdiskId", "ramdiskURL", "stateName", 7, "userId", "archId", &ncnet, "keyName",
                      "userData", "launchIndex", groups, 2};
    ncInstance *inst = allocated(&g), *wanted = calloc(1, sizeof *wanted);

    (void)state;
    assert_non_null(inst);
    assert_non_null(wanted);
    strcpy(wanted->instanceId, "instanceId");
    strcpy(wanted->reservationId, "reservationId");
    wanted->params = params;
    strcpy(wanted->imageId, "imageId");
    strcpy(wanted->imageURL, "imageURL");
    strcpy(wanted->kernelId, "kernelId");
    strcpy(wanted->kernelURL, "kernelURL");
    strcpy(wanted->ramdiskId, "ramdiskId");
    strcpy(wanted->ramdiskURL, "ramdiskURL");
    strcpy(wanted->stateName, "stateName");
    wanted->stateCode = 7;
    strcpy(wanted->userId, "userId");
#ifdef HAVE_ARCHID
    strcpy(wanted->archId, "archId");
#endif
    wanted->ncnet = ncnet;
    strcpy(wanted->keyName, "keyName");
    strcpy(wanted->userData, "userData");
    strcpy(wanted->launchIndex, "launchIndex");
    strcpy(wanted->groupNames[0], "first");
    strcpy(wanted->groupNames[1], "second");
    wanted->groupNamesSize = 2;
    assert_memory_equal(inst, wanted, sizeof *wanted);
    free(wanted);
    free_instance(&inst);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_is_given),
    cmocka_unit_test(each_argument_lands_in_its_member),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, NULL)
