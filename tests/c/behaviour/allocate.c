/* SPDX-License-Identifier: GPL-3.0-only */
/* allocate_instance(): what is given lands in its member, what is not is zero, and nothing is read or written outside. */
#include "behaviour.h"

#include <stdlib.h>
#include <string.h>

#include "line.h"

/* Everything that allocate_instance() takes, so that a test names what it is about. */
struct given {
    char *uuid, *instanceId, *reservationId;
    virtualMachine *params;
    char *imageId, *imageURL, *kernelId, *kernelURL, *ramdiskId, *ramdiskURL;
    char *stateName;
    int stateCode;
    char *userId, *archId, *ownerId, *accountId;
    netConfig *ncnet;
    char *keyName, *userData, *launchIndex, *platform;
    int expiryTime;
    char **groupNames;
    int groupNamesSize;
};

static ncInstance *allocated(const struct given *g)
{
    return allocate_instance(IF_UUID(g->uuid,) g->instanceId, g->reservationId, g->params,
                             UNLESS_UUID(g->imageId, g->imageURL, g->kernelId, g->kernelURL, g->ramdiskId, g->ramdiskURL,)
                             g->stateName, g->stateCode, g->userId, IF_ARCHID(g->archId,)
                             IF_ACCOUNTS(g->ownerId, g->accountId,) g->ncnet, g->keyName, g->userData, g->launchIndex,
                             IF_UUID(g->platform, g->expiryTime,) g->groupNames, g->groupNamesSize);
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
    virtualMachine params = PARAMS(512, 2, 10, .name = "m1.small");
    netConfig ncnet = {.vlan = 10, UNLESS_OLD_TYPES(.networkIndex = 3,) .privateMac = "d0:0d:00:00:00:01", .publicIp = "1.2.3.4"};
    struct given g = {.instanceId = "instanceId", .reservationId = "reservationId", .params = &params,
                      .imageId = "imageId", .imageURL = "imageURL", .kernelId = "kernelId", .kernelURL = "kernelURL",
                      .ramdiskId = "ramdiskId", .ramdiskURL = "ramdiskURL", .stateName = "stateName", .stateCode = 7,
                      .userId = "userId", .archId = "archId", .ncnet = &ncnet, .keyName = "keyName", .userData = "userData",
                      .launchIndex = "launchIndex", .groupNames = groups, .groupNamesSize = 2,
                      .uuid = "uuid", .platform = "platform", .expiryTime = 9, .ownerId = "ownerId", .accountId = "accountId"};
    ncInstance *inst = allocated(&g), *wanted = calloc(1, sizeof *wanted);

    (void)state;
    assert_non_null(inst);
    assert_non_null(wanted);
    strcpy(wanted->instanceId, "instanceId");
    strcpy(wanted->reservationId, "reservationId");
    wanted->params = params;
#ifdef HAVE_UUID
    strcpy(wanted->uuid, "uuid");
    strcpy(wanted->platform, "platform");
    wanted->expiryTime = 9;
#else
    strcpy(wanted->imageId, "imageId");
    strcpy(wanted->imageURL, "imageURL");
    strcpy(wanted->kernelId, "kernelId");
    strcpy(wanted->kernelURL, "kernelURL");
    strcpy(wanted->ramdiskId, "ramdiskId");
    strcpy(wanted->ramdiskURL, "ramdiskURL");
#endif
    strcpy(wanted->stateName, "stateName");
    wanted->stateCode = 7;
    strcpy(wanted->userId, "userId");
    IF_ARCHID(strcpy(wanted->archId, "archId"));
    IF_ACCOUNTS(strcpy(wanted->ownerId, "ownerId"), strcpy(wanted->accountId, "accountId"));
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

/* Every string member: where it lies, and how big it is. */
#define STRING(name) {#name, offsetof(struct given, name), offsetof(ncInstance, name), sizeof ((ncInstance *)0)->name}
static const struct string {
    const char *name;
    size_t given, member, size;
} strings[] = {
    STRING(instanceId), STRING(reservationId), STRING(stateName), STRING(userId), STRING(keyName), STRING(userData),
    STRING(launchIndex), IF_ARCHID(STRING(archId),) IF_UUID(STRING(uuid), STRING(platform),)
    IF_ACCOUNTS(STRING(ownerId), STRING(accountId),)
    UNLESS_UUID(STRING(imageId), STRING(imageURL), STRING(kernelId), STRING(kernelURL), STRING(ramdiskId), STRING(ramdiskURL),)
};

static int must_end(const struct string *string)
{
#ifdef HAVE_SAFE_STRNCPY
    return 1;
#endif
    return strcmp(string->name, "archId") == 0;
}

/* Gives the string alone, length bytes with nothing behind them that may be read, ended or not: what lands is what
 * strncpy() makes of it, and archId, which this series brings, always ends. No more is read than the member holds. */
static void give(const struct string *string, size_t length, int ended)
{
    struct given g = {0};
    ncInstance *inst, *wanted = calloc(1, sizeof *wanted);
    char *text = malloc(length + 1), *copy;

    assert_non_null(wanted);
    assert_non_null(text);
    memset(text, 'x', length);
    text[length] = 0;
    copy = guarded(text, length + (ended ? 1 : 0));
    *(char **)((char *)&g + string->given) = copy;
    memcpy((char *)wanted + string->member, text, length < string->size ? length : string->size);
    if (must_end(string))
        ((char *)wanted + string->member)[string->size - 1] = 0;
    inst = allocated(&g);
    assert_non_null(inst);
    if (memcmp(inst, wanted, sizeof *wanted) != 0)
        broken("%s of %zu bytes%s", string->name, length, ended ? "" : " without an end");
    free_instance(&inst);
    guarded_free(copy);
    free(text);
    free(wanted);
}

static void all_strings(long more, int ended)
{
    size_t i;

    for (i = 0; i < sizeof strings / sizeof strings[0]; i++)
        give(&strings[i], strings[i].size + more, ended);
}

static void strings_of_511_bytes(void **state)
{
    (void)state;
    all_strings(-1, 1);
}

static void strings_of_512_bytes_without_an_end(void **state)
{
    (void)state;
    all_strings(0, 0);
}

static void strings_of_600_bytes_without_an_end(void **state)
{
    (void)state;
    all_strings(600 - CHAR_BUFFER_SIZE, 0);
}

static void strings_of_no_bytes(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof strings / sizeof strings[0]; i++)
        give(&strings[i], 0, 1);
}

/* All are given but one. */
static void each_argument_is_left_out(void **state)
{
    char *groups[] = {"group", NULL};
    virtualMachine params = PARAMS(1, 0, 0);
    netConfig ncnet = {.vlan = 1};
    struct given all = {.params = &params, .stateCode = 1, .ncnet = &ncnet, .groupNames = groups, .groupNamesSize = 1};
    char words[sizeof strings / sizeof strings[0]][2] = {0};
    size_t i, at;

    (void)state;
    for (i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        words[i][0] = 'a' + i;
        *(char **)((char *)&all + strings[i].given) = words[i];
    }
    for (i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        struct given g = all;
        ncInstance *inst;

        *(char **)((char *)&g + strings[i].given) = NULL;
        inst = allocated(&g);
        assert_non_null(inst);
        for (at = 0; at < sizeof strings / sizeof strings[0]; at++) {
            const char *member = (char *)inst + strings[at].member;

            if (at == i)
                assert_int_equal(member[0], 0);
            else
                assert_string_equal(member, *(char **)((char *)&all + strings[at].given));
        }
        assert_int_equal(MEMORY(inst->params), 1);
        assert_int_equal(inst->ncnet.vlan, 1);
        free_instance(&inst);
    }
}

static void structures_and_groups_are_left_out(void **state)
{
    char *groups[] = {"group", NULL};
    struct given g = {.instanceId = "i", .groupNames = NULL, .groupNamesSize = 3};
    ncInstance *inst = allocated(&g);

    (void)state;
    assert_non_null(inst);
    assert_int_equal(MEMORY(inst->params), 0);
    assert_int_equal(inst->ncnet.vlan, 0);
    assert_int_equal(inst->groupNames[0][0], 0);
    free_instance(&inst);
    g.groupNames = groups;
    g.groupNamesSize = 0;
    inst = allocated(&g);
    assert_non_null(inst);
    assert_int_equal(inst->groupNames[0][0], 0);
    free_instance(&inst);
}

/* As many groups as there can be, each as long as can be. The caller has room for one more: it is looked at. */
static void groups_fill_their_member(void **state)
{
    char *groups[EUCA_MAX_GROUPS + 1] = {NULL}, text[sizeof ((ncInstance *)0)->groupNames[0]];
    struct given g = {.groupNames = groups, .groupNamesSize = EUCA_MAX_GROUPS};
    ncInstance *inst;
    int i;

    (void)state;
    memset(text, 'g', sizeof text);
#ifdef HAVE_SAFE_STRNCPY
    text[sizeof text - 1] = 0;
#endif
    for (i = 0; i < EUCA_MAX_GROUPS; i++)
        groups[i] = guarded(text, sizeof text);
    inst = allocated(&g);
    assert_non_null(inst);
    assert_int_equal(inst->groupNamesSize, EUCA_MAX_GROUPS);
    for (i = 0; i < EUCA_MAX_GROUPS; i++) {
        assert_memory_equal(inst->groupNames[i], text, sizeof text);
        guarded_free(groups[i]);
    }
    assert_int_equal(inst->volumesSize, 0);
    free_instance(&inst);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_is_given),
    cmocka_unit_test(each_argument_lands_in_its_member),
    cmocka_unit_test(each_argument_is_left_out),
    cmocka_unit_test(structures_and_groups_are_left_out),
    cmocka_unit_test(strings_of_no_bytes),
    cmocka_unit_test(strings_of_511_bytes),
    cmocka_unit_test(strings_of_512_bytes_without_an_end),
    cmocka_unit_test(strings_of_600_bytes_without_an_end),
    cmocka_unit_test(groups_fill_their_member),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, NULL)
