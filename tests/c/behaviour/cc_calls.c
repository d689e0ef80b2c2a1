/* SPDX-License-Identifier: GPL-3.0-only */
/*
 * ncClientCall() and its callers: the caller, the child's branch and the parent's take the same arguments in the same
 * order. The compiler sees none of it, so each argument of each message has a value that no other one has.
 */
#include "behaviour.h"
#include "node_calls.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <handlers.h>

#include "line.h"

#define PATIENCE 120 /* seconds; under valgrind, a child takes its time */
#define CALL(op, ...) ncClientCall(&meta, PATIENCE, NCCALL, "http://node:1/a", op, __VA_ARGS__)

static ncMetadata meta = {"correlation", "somebody"};
static virtualMachine vm = PARAMS(101, 102, 103, .name = "vm");
static netConfig net = {.vlan = 201, UNLESS_OLD_TYPES(.networkIndex = 202,) .privateMac = "mac", .publicIp = "public",
                        IF_OLD_TYPES(.publicMac = "other",) .privateIp = "private"};
#define SEEN_VM "vm=101/102/103" UNLESS_OLD_TYPES("/vm")

#define NET UNLESS_OLD_TYPES(&net) IF_OLD_TYPES(net.privateMac, net.publicMac, net.vlan)

#ifdef HAVE_CC_ARCHID
#define ARCH "armhf",
#define SEEN_ARCH "armhf"
#elif defined HAVE_STUB_ARCHID
#define ARCH
#define SEEN_ARCH "NULL"
#else
#define ARCH
#define SEEN_ARCH "-"
#endif

static void the_run_of_an_instance(void **state)
{
    char *groups[] = {"one", "two", "three"};
    ncInstance *got = NULL, *sent = patterned(7);

    (void)state;
    node_calls_start();
    node_answers = (struct node_answers){.pattern = 7};
    assert_int_equal(CALL("ncRunInstance", IF_UUID("uuid",) "inst", "resv", &vm, "iid", "iurl", "kid", "kurl", "rid", "rurl",
                          ARCH IF_ACCOUNTS("owner", "account",) "key", NET, "data", "index", IF_UUID("linux", 301,) groups,
                          3, &got),
                     0);
    assert_string_equal(node_call("ncRunInstance"),
                        "somebody:inst resv " SEEN_VM " image=iid@iurl kernel=kid@kurl ramdisk=rid@rurl "
                        "arch=" SEEN_ARCH IF_ACCOUNTS(" owner=owner/account") " key=key "
                        UNLESS_OLD_TYPES("net=201/202/mac/public/private") IF_OLD_TYPES("net=201/mac/other")
                        " data=data index=index" IF_UUID(" uuid=uuid platform=linux/301") " groups=3 one two three");
    assert_non_null(got);
#ifdef HAVE_WHOLE_READ
    assert_memory_equal(got, sent, sizeof *got);
#else
    assert_memory_equal(got, sent, 512); /* of the rest, what one read() of this kernel gives */
#endif
    free(got);
    node_answers.status = 1;
    assert_int_not_equal(CALL("ncRunInstance", IF_UUID("uuid",) "inst", "resv", &vm, "iid", "iurl", "kid", "kurl", "rid",
                              "rurl", ARCH IF_ACCOUNTS("owner", "account",) "key", NET, "data", "index",
                              IF_UUID("linux", 301,) groups, 3, &got),
                         0);
    assert_null(got);
    free(sent);
}

static void every_other_message(void **state)
{
    char *peers[] = {"p", "q"}, *ids[] = {"x", "y"}, *text = NULL;
    int shutdown = 0, previous = 0, count = -1;
    ncInstance **insts = NULL;
    ncResource *res = NULL;

    (void)state;
    node_calls_start();
    node_answers = (struct node_answers){0};

    assert_int_equal(CALL("ncGetConsoleOutput", "inst", &text), 0);
    assert_string_equal(node_call("ncGetConsoleOutput"), "somebody:inst");
    assert_int_equal(strlen(text), 200000);
    assert_int_equal(strspn(text, "c"), 200000);
    free(text);

    assert_int_equal(CALL("ncAttachVolume", "inst", "vol", "remote", "local"), 0);
    assert_string_equal(node_call("ncAttachVolume"), "somebody:inst vol remote local");
    assert_int_equal(CALL("ncDetachVolume", "inst", "vol", "remote", "local", 57), 0);
    assert_string_equal(node_call("ncDetachVolume"), "somebody:inst vol remote local force=57");

    assert_int_equal(ncClientCall(&meta, PATIENCE, NCCALL, "http://node:1/a", "ncPowerDown"), 0);
    assert_string_equal(node_call("ncPowerDown"), "somebody:down");
    assert_int_equal(CALL("ncRebootInstance", "inst"), 0);
    assert_string_equal(node_call("ncRebootInstance"), "somebody:inst");

    assert_int_equal(CALL("ncTerminateInstance", "inst", &shutdown, &previous), 0);
    assert_string_equal(node_call("ncTerminateInstance"), "somebody:inst");
    assert_int_equal(shutdown, 31);
    assert_int_equal(previous, 47);

    assert_int_equal(CALL("ncStartNetwork", peers, 2, 71, 72, &text), 0);
    assert_string_equal(node_call("ncStartNetwork"), "somebody:port=71 vlan=72 peers=2 p q");
    assert_string_equal(text, "up and well");
    free(text);
    assert_int_equal(CALL("ncStartNetwork", NULL, 0, 73, 74, NULL), 0);
    assert_string_equal(node_call("ncStartNetwork"), "somebody:port=73 vlan=74 peers=0 NULL");

    assert_int_equal(CALL("ncDescribeInstances", ids, 2, &insts, &count), 0);
    assert_string_equal(node_call("ncDescribeInstances"), "somebody:2 x y");
    assert_int_equal(count, 0);
    free(insts);

    assert_int_equal(CALL("ncDescribeResource", "kind", &res), 0);
    assert_string_equal(node_call("ncDescribeResource"), "somebody:kind");
    assert_non_null(res);
    assert_string_equal(res->nodeStatus, "status");
    assert_int_equal(res->memorySizeMax, 1001);
    assert_int_equal(res->numberOfCoresAvailable, 1006);
    free(res);
}

static void what_a_node_refuses_has_failed(void **state)
{
    char *text = "before";
    int shutdown = 5, previous = 6, count = -1;
    ncInstance **insts = NULL;
    ncResource *res = NULL;

    (void)state;
    node_calls_start();
    node_answers = (struct node_answers){.status = 1};
    assert_int_not_equal(CALL("ncGetConsoleOutput", "inst", &text), 0);
    assert_null(text);
    assert_int_not_equal(CALL("ncAttachVolume", "inst", "vol", "remote", "local"), 0);
    assert_int_not_equal(CALL("ncDetachVolume", "inst", "vol", "remote", "local", 1), 0);
    assert_int_not_equal(ncClientCall(&meta, PATIENCE, NCCALL, "http://node:1/a", "ncPowerDown"), 0);
    assert_int_not_equal(CALL("ncRebootInstance", "inst"), 0);
    assert_int_not_equal(CALL("ncTerminateInstance", "inst", &shutdown, &previous), 0);
    assert_int_not_equal(CALL("ncStartNetwork", NULL, 0, 1, 2, &text), 0);
    assert_null(text);
    assert_int_not_equal(CALL("ncDescribeInstances", NULL, 0, &insts, &count), 0);
    assert_null(insts);
    assert_int_equal(count, 0);
    assert_int_not_equal(CALL("ncDescribeResource", NULL, &res), 0);
    assert_null(res);
    assert_int_not_equal(CALL("ncFly", "inst"), 0);
}

static void configured(void)
{
    FILE *file;

    assert_int_equal(mkdir("etc", 0700) | mkdir("etc/eucalyptus", 0700), 0);
    assert_non_null(file = fopen("etc/eucalyptus/eucalyptus.conf", "w"));
    fputs("ENABLE_WS_SECURITY=\"N\"\nNODES=\"node:1\"\nSCHEDPOLICY=\"GREEDY\"\nVNET_MODE=\"SYSTEM\"\nPOWER_WAKETHRESH=\"1\"\n"
          "VNET_PUBINTERFACE=\"lo\"\nVNET_PRIVINTERFACE=\"lo\"\nNC_POLLING_FREQUENCY=\"1\"\n",
          file);
    assert_int_equal(fclose(file), 0);
}

static void wait_for(const char *stub)
{
    int tries;

    for (tries = 0; tries < 2000 && node_call(stub)[0] == 0; tries++)
        usleep(10000);
}

/* The monitor looks after the nodes as long as we can be seen, and whoever reads what we say waits for it. */
static void end_the_others(void)
{
    signal(SIGUSR1, SIG_IGN);
    kill(0, SIGUSR1);
}

/* The third place: what the controller's own functions put behind the word. doDetachVolume() is left out: as upstream has
 * it, it gives no force, and the child takes for it what happens to be there. */
static void the_callers(void **state)
{
    char *ids[] = {"i-0A1B2C3D"}, *groups[] = {"one", "two", NULL}, *text = NULL;
    int *status = NULL, count = 0;
    ccInstance *insts = NULL;

    (void)state;
    setpgid(0, 0);
    configured();
    node_calls_start();
    node_answers = (struct node_answers){0};
    assert_int_equal(doRunInstances(&meta, "iid", "kid", "rid", "iurl", "kurl", "rurl", ARCH ids, 1, groups, 2, NULL, 0, NULL,
                                    0, 1, 1, "somebody", "resv", &vm, "key", 203, "data", "index", NULL, &insts, &count),
                     0);
    assert_int_equal(count, 1);
    free(insts);
    wait_for("ncRunInstance");
    assert_string_equal(node_call("ncStartNetwork"), "somebody:port=0 vlan=203 peers=0 NULL");
    assert_string_equal(node_call("ncRunInstance"),
                        "somebody:i-0A1B2C3D resv " SEEN_VM " image=iid@iurl kernel=kid@kurl ramdisk=rid@rurl "
                        "arch=" SEEN_ARCH IF_ACCOUNTS(" owner=somebody/NULL") " key=key "
                        UNLESS_OLD_TYPES("net=203/-1/D0:0D:0A:1B:2C:3D/0.0.0.0/0.0.0.0")
                        IF_OLD_TYPES("net=203/D0:0D:0A:1B:2C:3D/D0:0D:0A:1B:2C:3D") " data=data index=index"
                        IF_UUID(" uuid=NULL platform=NULL/0") " groups=2 one two");

    assert_int_equal(doGetConsoleOutput(&meta, ids[0], &text), 0);
    assert_string_equal(node_call("ncGetConsoleOutput"), "somebody:i-0A1B2C3D");
    assert_int_equal(strlen(text), 200000);
    free(text);
    assert_int_equal(doAttachVolume(&meta, "vol", ids[0], "remote", "local"), 0);
    assert_string_equal(node_call("ncAttachVolume"), "somebody:i-0A1B2C3D vol remote local");
    assert_int_equal(doRebootInstances(&meta, ids, 1), 0);
    assert_string_equal(node_call("ncRebootInstance"), "somebody:i-0A1B2C3D");
    assert_int_equal(doTerminateInstances(&meta, ids, 1, &status), 0);
    assert_string_equal(node_call("ncTerminateInstance"), "somebody:i-0A1B2C3D");
    assert_int_equal(status[0], 1);
    free(status);
    end_the_others();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_run_of_an_instance),
    cmocka_unit_test(every_other_message),
    cmocka_unit_test(what_a_node_refuses_has_failed),
    cmocka_unit_test(the_callers),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, NULL)
