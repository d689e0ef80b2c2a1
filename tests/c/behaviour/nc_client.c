/* SPDX-License-Identifier: GPL-3.0-only */
/* The client of the node controller, from its command line to the stub that sends. The tree's NCclient.c is a part of
 * this file, with its main() under another name. */
#define _GNU_SOURCE
#include "behaviour.h"

#define main nc_client
#include <sys/wait.h>

#include "NCclient.c"
#undef main

#include "line.h"

ncStub *__wrap_ncStubCreate(char *uri, char *log, char *home);
int __wrap_ncStubDestroy(ncStub *stub);
int __wrap_ncRunInstanceStub(ncStub *stub, ncMetadata *meta, RUN_PARAMETERS, ncInstance **outInst);

static char sent[1024];

ncStub *__wrap_ncStubCreate(char *uri, char *log, char *home)
{
    static ncStub stub;

    (void)uri;
    (void)log;
    (void)home;
    return &stub;
}

int __wrap_ncStubDestroy(ncStub *stub)
{
    (void)stub;
    return 0;
}

/* Takes down what would be sent, and refuses it. */
int __wrap_ncRunInstanceStub(ncStub *stub, ncMetadata *meta, RUN_PARAMETERS, ncInstance **outInst)
{
    (void)stub;
    (void)meta;
    (void)params;
    UNLESS_OLD_TYPES((void)netparams);
    (void)outInst;
    snprintf(sent, sizeof sent, "%s %s image=%s@%s kernel=%s@%s ramdisk=%s@%s arch=%s key=%s data=%s index=%s groups=%d %s",
             instanceId, reservationId, imageId, imageURL, kernelId, kernelURL, ramdiskId, ramdiskURL,
             archId ? archId : "NULL", keyName, userData, launchIndex, groupNamesSize, groupNamesSize ? groupNames[0] : "");
    return ERROR;
}

/* The client ends its process where it likes: it runs in one of its own, which leaves what was sent in a file. */
static void leave(void)
{
    FILE *file = fopen("sent", "w");

    if (file) {
        fputs(sent, file);
        fclose(file);
    }
    _exit(0); /* what main() has not freed by its end is nobody's matter */
}

static char *ran(const char *option, const char *word)
{
    static char text[24][32]; /* it writes into its words */
    const char *given[] = {"NCclient", "-i", "i-1", "-e", "r-1", "-m", "emi:file:///e", "-k", "eki:file:///k", "-r",
                           "eri:file:///r", "-U", "user", "-I", "7", "-G", "one:two", option, word, "runInstance"};
    char *words[24] = {NULL};
    int count = 0, status;
    pid_t child;

    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if (given[i])
            words[count++] = strcpy(text[i], given[i]);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        atexit(leave);
        optind = 1;
        exit(nc_client(count, words));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return file2str("sent");
}

static void what_is_given_reaches_the_node(void **state)
{
    char *text = ran("-A", "armhf");

    (void)state;
    assert_string_equal(text, "i-1 r-1 image=emi@file:///e kernel=eki@file:///k ramdisk=eri@file:///r arch=armhf key= data=user "
                              "index=7 groups=2 one");
    free(text);
}

static void without_an_architecture_there_is_none(void **state)
{
    char *text = ran(NULL, NULL);

    (void)state;
    assert_string_equal(text, "i-1 r-1 image=emi@file:///e kernel=eki@file:///k ramdisk=eri@file:///r arch=NULL key= data=user "
                              "index=7 groups=2 one");
    free(text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_given_reaches_the_node),
    cmocka_unit_test(without_an_architecture_there_is_none),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, NULL)
