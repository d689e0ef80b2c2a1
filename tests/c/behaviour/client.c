/* SPDX-License-Identifier: GPL-3.0-only */
/* A request through client-marshal-adb.c, as bytes, through server-marshal.c: what the node is asked for and what it
 * answers. Both sides are processes of their own, of this version or of the one without the series. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <client-marshal.h>

#include "line.h"
#include "wire.h"

#define BETWEEN "between"

/* ---- a node ---- */

static pid_t node;

/* Starts "bin/service" or "base/service" in a folder of its own, for one request; gives where it listens. */
static const char *start_node(const char *version)
{
    static char address[64];
    char folder[32], program[64], word;
    int pipes[2];

    snprintf(folder, sizeof folder, "node-%s", version);
    snprintf(program, sizeof program, "../%s/service", version);
    snprintf(address, sizeof address, "unix:%s/sock", folder);
    mkdir(folder, 0700);
    assert_int_equal(chdir(folder), 0);
    unlink("sock");
    unlink(WIRE_ASKED);
    assert_int_equal(pipe(pipes), 0);
    node = fork();
    assert_true(node >= 0);
    if (node == 0) {
        dup2(pipes[1], 1);
        close(pipes[0]);
        close(pipes[1]);
        execl(program, "service", "--listen", "unix:sock", "--requests", "1", "--timeout", "20", (char *)NULL);
        _exit(127);
    }
    assert_int_equal(chdir(".."), 0);
    close(pipes[1]);
    /* It says so when it listens. */
    assert_int_equal(read(pipes[0], &word, 1), 1);
    close(pipes[0]);
    return address;
}

/* Waits for its end, and reads what it was asked for; NULL if it was asked for nothing. The size is that of its own
 * version's struct. */
static ncInstance *end_node(const char *version, size_t *size)
{
    char path[64];
    ncInstance *inst;
    FILE *file;
    int status;

    assert_int_equal(waitpid(node, &status, 0), node);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    snprintf(path, sizeof path, "node-%s/" WIRE_ASKED, version);
    if ((file = fopen(path, "r")) == NULL)
        return NULL;
    inst = calloc(1, sizeof *inst + 1);
    assert_non_null(inst);
    *size = fread(inst, 1, sizeof *inst + 1, file);
    fclose(file);
    return inst;
}

/* ---- somebody who listens to every byte ---- */

static int unix_socket(const char *path, int listens)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (listens) {
        unlink(path);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(fd, 1), 0);
    } else {
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    }
    return fd;
}

/* Passes one request on, in pieces of 100 bytes, and the answer back; keeps both in files. */
static pid_t start_between(const char *to)
{
    int listening = unix_socket(BETWEEN, 1);
    struct pollfd ends[2];
    FILE *files[2];
    char piece[100];
    pid_t child = fork();

    assert_true(child >= 0);
    if (child != 0) {
        close(listening);
        return child;
    }
    alarm(30);
    ends[0].fd = accept(listening, NULL, NULL);
    ends[1].fd = unix_socket(to + strlen("unix:"), 0);
    files[0] = fopen("request", "w");
    files[1] = fopen("answer", "w");
    ends[0].events = ends[1].events = POLLIN;
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (poll(ends, 2, -1) < 0)
            _exit(3);
        for (int i = 0; i < 2; i++) {
            int other = i == 0 ? ends[1].fd : ends[0].fd;
            ssize_t n;

            if (ends[i].revents == 0)
                continue;
            n = read(ends[i].fd, piece, sizeof piece);
            if (n > 0 && fwrite(piece, 1, n, files[i]) == (size_t)n && (other < 0 || write(other, piece, n) == n))
                continue;
            if (other >= 0)
                shutdown(other, SHUT_WR);
            ends[i].fd = -1;
        }
    }
    fclose(files[0]);
    fclose(files[1]);
    _exit(0);
}

/* A kept file, the part behind the header fields of HTTP. */
static char *body(const char *path)
{
    FILE *file = fopen(path, "r");
    char *data = calloc(1, 1 << 20), *start;

    assert_non_null(file);
    assert_non_null(data);
    assert_in_range(fread(data, 1, (1 << 20) - 1, file), 100, (1 << 20) - 2);
    fclose(file);
    start = strstr(data, "\r\n\r\n");
    assert_non_null(start);
    memmove(data, start + 4, strlen(start + 4) + 1);
    return data;
}

/* ---- the client ---- */

static virtualMachine params = PARAMS(256, 1, 2, .name = "m1.small",
                                      .deviceMapping = {{"sda1", "root", 100, "none"}, {"sda2", "ephemeral0", 5, "ext3"}});
static netConfig net = {.vlan = 3, .privateMac = "d0:0d:00:00:00:01", IF_OLD_TYPES(.publicMac = "d0:0d:00:00:00:02")
                        UNLESS_OLD_TYPES(.networkIndex = 7, .publicIp = "1.2.3.4", .privateIp = "10.0.0.1")};

static int call(const char *address, char *name, char *archId, ncInstance **out)
{
    char *groups[] = {"default", "<&\"'>", NULL};
    ncMetadata meta = {NULL, "admin"};
    ncStub *stub = ncStubCreate((char *)address, NULL, ".");
    int rc;

    if (stub == NULL)
        return -1;
    rc = ncRunInstanceStub(stub, &meta, IF_UUID("u-1",) name, "r-1", &params, "emi-1", "http://walrus/emi", "eki-1",
                           "http://walrus/eki", "eri-1", "http://walrus/eri", IF_RUN_ARCHID(archId,)
                           IF_ACCOUNTS("owner", "account",) "key \303\244", UNLESS_OLD_TYPES(&net,)
                           IF_OLD_TYPES(net.privateMac, net.publicMac, net.vlan,) "user data\n", "0",
                           IF_UUID("linux", 9,) groups, 2, out);
    ncStubDestroy(stub);
    return rc;
}

/* The instance that the node is to be asked for. */
static ncInstance *asked(const char *archId)
{
    ncInstance *inst = calloc(1, sizeof *inst);

    assert_non_null(inst);
    strcpy(inst->instanceId, "i-wire");
    strcpy(inst->imageId, "emi-1");
    strcpy(inst->imageURL, "http://walrus/emi");
    strcpy(inst->kernelId, "eki-1");
    strcpy(inst->kernelURL, "http://walrus/eki");
    strcpy(inst->ramdiskId, "eri-1");
    strcpy(inst->ramdiskURL, "http://walrus/eri");
    strcpy(inst->reservationId, "r-1");
    strcpy(inst->userId, "admin");
    strcpy(inst->stateName, "Pending");
    inst->stateCode = PENDING;
    strcpy(inst->keyName, "key \303\244");
    inst->launchTime = WIRE_LAUNCH_TIME;
    inst->params = params;
    inst->ncnet = net;
    strcpy(inst->userData, "user data\n");
    strcpy(inst->launchIndex, "0");
    strcpy(inst->groupNames[0], "default");
    strcpy(inst->groupNames[1], "<&\"'>");
    inst->groupNamesSize = 2;
    IF_UUID(strcpy(inst->uuid, "u-1"), strcpy(inst->platform, "linux"), inst->expiryTime = 9);
    IF_ACCOUNTS(strcpy(inst->ownerId, "owner"), strcpy(inst->accountId, "account"));
    IF_ARCHID(strcpy(inst->archId, archId));
    return inst;
}

/* What of it comes back: no address, no state but its name, and no ids where allocate_instance() takes none. */
static ncInstance *answered(const char *archId)
{
    ncInstance *inst = asked(archId);

    memset(inst->imageURL, 0, sizeof inst->imageURL);
    memset(inst->kernelURL, 0, sizeof inst->kernelURL);
    memset(inst->ramdiskURL, 0, sizeof inst->ramdiskURL);
    IF_UUID(memset(inst->imageId, 0, sizeof inst->imageId));
    IF_UUID(memset(inst->kernelId, 0, sizeof inst->kernelId));
    IF_UUID(memset(inst->ramdiskId, 0, sizeof inst->ramdiskId));
    IF_OLD_TYPES(memset(inst->ncnet.publicMac, 0, sizeof inst->ncnet.publicMac));
    inst->stateCode = 0;
    return inst;
}

/* role: call ADDRESS FILE [WORD]; the answer goes into the file. The exit status is 0, 10 where the call failed. */
static int role_call(int argc, char **argv)
{
    ncInstance *out = NULL;
    FILE *file;

    if (argc < 3)
        return 2;
    if (call(argv[1], "i-wire", argv[3], &out) != OK || out == NULL)
        return 10;
    file = fopen(argv[2], "w");
    assert_non_null(file);
    assert_int_equal(fwrite(out, sizeof *out, 1, file), 1);
    fclose(file);
    free_instance(&out);
    return 0;
}

/* ---- tests ---- */

static void comes_and_goes(char *archId, const char *arrives)
{
    ncInstance *wanted = asked(arrives), *back = answered(arrives), *out = NULL, *got;
    size_t size = 0;

    assert_int_equal(call(start_node("bin"), "i-wire", archId, &out), OK);
    got = end_node("bin", &size);
    assert_non_null(got);
    assert_int_equal(size, sizeof *got);
    assert_memory_equal(got, wanted, sizeof *got);
    assert_non_null(out);
    assert_memory_equal(out, back, sizeof *out);
    free(got);
    free(wanted);
    free(back);
    free_instance(&out);
}

static void the_same_instance_comes_back(void **state)
{
    (void)state;
    comes_and_goes(NULL, "");
}

static void its_architecture_too(void **state)
{
    (void)state;
    comes_and_goes("armhf", "armhf");
    comes_and_goes("<arch>&\303\244", "<arch>&\303\244");
    comes_and_goes("", "");
}

static void a_refusal_comes_back(void **state)
{
    ncInstance *out = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(call(start_node("bin"), WIRE_REFUSED, NULL, &out), ERROR);
    assert_null(end_node("bin", &size));
    assert_null(out);
}

/* Sends the request of a client of that version to a node of that version, and keeps all bytes. */
static int exchange(const char *client, const char *version, const char *archId)
{
    char program[64];
    const char *address = start_node(version);
    pid_t between = start_between(address);
    int status, rc;

    snprintf(program, sizeof program, "%s/client", client);
    rc = behaviour_run(program, "--role", "call", "unix:" BETWEEN, "out", archId, NULL);
    assert_int_equal(waitpid(between, &status, 0), between);
    assert_int_equal(status, 0);
    return rc;
}

static void without_architecture_every_byte_is_as_before(void **state)
{
    /* An empty word is none: it is what a cloud controller sends whose image has no architecture. */
    static const struct {
        const char *version, *archId;
    } sides[] = {{"base", NULL}, {"bin", NULL}, {"bin", ""}};
    char *requests[3], *answers[3];
    size_t size = 0;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(exchange(sides[i].version, sides[i].version, sides[i].archId), 0);
        free(end_node(sides[i].version, &size));
        requests[i] = body("request");
        answers[i] = body("answer");
    }
    for (int i = 0; i < 3; i++) {
        assert_non_null(strstr(requests[i], "emi-1"));
        assert_string_equal(requests[i], requests[0]);
        assert_non_null(strstr(answers[i], "emi-1"));
        assert_string_equal(answers[i], answers[0]);
    }
    for (int i = 0; i < 3; i++) {
        free(requests[i]);
        free(answers[i]);
    }
}

/* The members that upstream has, whichever version the struct is of. */
static void check_old_members(const void *data, const ncInstance *wanted)
{
    assert_memory_equal(data, wanted, OLD_END);
}

static void an_old_client_and_this_node(void **state)
{
    ncInstance *wanted = asked(""), *got;
    size_t size = 0;

    (void)state;
    assert_int_equal(exchange("base", "bin", NULL), 0);
    got = end_node("bin", &size);
    assert_non_null(got);
    assert_memory_equal(got, wanted, sizeof *got);
    free(got);
    free(wanted);
    wanted = answered("");
    got = calloc(1, sizeof *got);
    FILE *file = fopen("out", "r");
    assert_non_null(file);
    assert_in_range(fread(got, 1, sizeof *got, file), OLD_END, sizeof *got);
    fclose(file);
    check_old_members(got, wanted);
    free(got);
    free(wanted);
}

static void this_client_and_an_old_node(void **state)
{
    ncInstance *wanted = asked(""), *back = answered(""), *out = NULL, *got;
    size_t size = 0;

    (void)state;
    assert_int_equal(call(start_node("base"), "i-wire", NULL, &out), OK);
    got = end_node("base", &size);
    assert_non_null(got);
    check_old_members(got, wanted);
    assert_non_null(out);
    assert_memory_equal(out, back, sizeof *out);
    free(got);
    free(wanted);
    free(back);
    free_instance(&out);
}

/* Our stand-in for Axis2/C refuses what the schema does not know; Axis2/C itself may not. In no case does the old node
 * take the word for anything else. */
static void an_old_node_starts_nothing_of_another_architecture(void **state)
{
    ncInstance *out = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(call(start_node("base"), "i-wire", "armhf", &out), ERROR);
    assert_null(end_node("base", &size));
    assert_null(out);
}

static const struct behaviour_role roles[] = {{"call", role_call}, BEHAVIOUR_END};

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_same_instance_comes_back),
    cmocka_unit_test(its_architecture_too),
    cmocka_unit_test(a_refusal_comes_back),
    cmocka_unit_test(without_architecture_every_byte_is_as_before),
    cmocka_unit_test(an_old_client_and_this_node),
    cmocka_unit_test(this_client_and_an_old_node),
    cmocka_unit_test(an_old_node_starts_nothing_of_another_architecture),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, roles)
