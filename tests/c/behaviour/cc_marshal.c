/* SPDX-License-Identifier: GPL-3.0-only */
/* What the cluster controller makes of a request, between the parser and its own function. */
#include "behaviour.h"

#include <stdio.h>
#include <string.h>

#define HANDLERS_FANOUT
#include <server-marshal.h>

#include <data.h>

int __wrap_doRunInstances(ncMetadata *meta, char *imageId, char *kernelId, char *ramdiskId, char *imageURL, char *kernelURL,
                          char *ramdiskURL, char *archId);

static char asked[256];

/* Those of its arguments that name what is run; it refuses. Behind the architecture come others, which stay where they are. */
int __wrap_doRunInstances(ncMetadata *meta, char *imageId, char *kernelId, char *ramdiskId, char *imageURL, char *kernelURL,
                          char *ramdiskURL, char *archId)
{
    (void)meta;
    snprintf(asked, sizeof asked, "image=%s@%s kernel=%s@%s ramdisk=%s@%s arch=%s", imageId, imageURL, kernelId, kernelURL,
             ramdiskId, ramdiskURL, archId ? archId : "NULL");
    return 1;
}

static void ask(const char *word)
{
    axutil_env_t *env = axutil_env_create_all(NULL, 0);
    adb_RunInstances_t *request = adb_RunInstances_create(env);
    adb_runInstancesType_t *input = adb_runInstancesType_create(env);
    adb_RunInstancesResponse_t *response;

    adb_runInstancesType_set_userId(input, env, "user");
    adb_runInstancesType_set_imageId(input, env, "emi");
    adb_runInstancesType_set_imageURL(input, env, "e");
    adb_runInstancesType_set_kernelId(input, env, "eki");
    adb_runInstancesType_set_kernelURL(input, env, "k");
    adb_runInstancesType_set_ramdiskId(input, env, "eri");
    adb_runInstancesType_set_ramdiskURL(input, env, "r");
    adb_runInstancesType_set_instanceType(input, env, adb_virtualMachineType_create(env));
    if (word)
        adb_runInstancesType_set_archId(input, env, word);
    adb_RunInstances_set_RunInstances(request, env, input);
    response = RunInstancesMarshal(request, env);
    assert_non_null(response);
    assert_int_equal(adb_runInstancesResponseType_get_return(adb_RunInstancesResponse_get_RunInstancesResponse(response, env), env),
                     AXIS2_FALSE);
    axutil_env_free(env);
}

static void what_is_asked_reaches_the_controller(void **state)
{
    (void)state;
    ask("armhf");
    assert_string_equal(asked, "image=emi@e kernel=eki@k ramdisk=eri@r arch=armhf");
}

static void without_an_architecture_there_is_none(void **state)
{
    (void)state;
    ask(NULL);
    assert_string_equal(asked, "image=emi@e kernel=eki@k ramdisk=eri@r arch=NULL");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_asked_reaches_the_controller),
    cmocka_unit_test(without_an_architecture_there_is_none),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, NULL)
