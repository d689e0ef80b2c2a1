/* SPDX-License-Identifier: GPL-3.0-only */
/*
 * The pipe of ncClientCall(): an ncInstance arrives whole, in whatever pieces, or it does not arrive. The child's
 * write() and the parent's read() are wrapped, and between them is a pipe of the kernel's.
 */
#include "behaviour.h"
#include "node_calls.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <handlers.h>

#include "line.h"

#define SIZE sizeof(ncInstance)
#define LENGTH sizeof(int) /* goes before the instances */
#define WHOLE ((size_t)-1)

static ncMetadata meta = {"correlation", "somebody"};
static virtualMachine vm;
UNLESS_OLD_TYPES(static netConfig net;)

/* How the pipe behaves; the child has its own copy, and counts in it. */
static struct {
    pid_t parent;
    size_t piece;    /* the child writes no more at once, and goes on when that was read; 0: as it likes */
    size_t read;     /* the parent gets no more at once, but for the length, which no pipe cuts; 0: what there is */
    size_t dies;     /* so many bytes are the child's last */
    size_t rests;    /* so many bytes, then nothing for a while, then the others */
    size_t written;
    size_t arrived;  /* so much the parent has of an instance; with the next it gets one byte more at once, if it is to */
    int grows;
    int signals;     /* the parent gets one each millisecond, once the length is there */
} pipe_is;

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted++;
}

static void every(int microseconds)
{
    struct itimerval timer = {{0, microseconds}, {0, microseconds}};

    assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    struct timespec moment = {0, 3000000};
    int waiting = 0;
    ssize_t done;

    if (pipe_is.parent == 0 || getpid() == pipe_is.parent)
        return __real_write(fd, data, size);
    if (pipe_is.written >= pipe_is.dies)
        _exit(0);
    if (pipe_is.written == pipe_is.rests)
        sleep(2);
    if (size > pipe_is.dies - pipe_is.written)
        size = pipe_is.dies - pipe_is.written;
    if (pipe_is.written < pipe_is.rests && size > pipe_is.rests - pipe_is.written)
        size = pipe_is.rests - pipe_is.written;
    if (pipe_is.piece && size > pipe_is.piece) {
        size = pipe_is.piece;
        while (ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0)
            ;
        if (pipe_is.signals)
            nanosleep(&moment, NULL);
    }
    done = __real_write(fd, data, size);
    if (done > 0)
        pipe_is.written += done;
    return done;
}

ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __wrap_read(int fd, void *data, size_t size);

ssize_t __wrap_read(int fd, void *data, size_t size)
{
    ssize_t done;

    if (pipe_is.parent != getpid())
        return __real_read(fd, data, size);
    done = __real_read(fd, data, pipe_is.read && size > LENGTH && size > pipe_is.read ? pipe_is.read : size);
    if (pipe_is.signals && done == (ssize_t)LENGTH && size == LENGTH)
        every(1000);
    if (pipe_is.grows && done > 0 && (size > LENGTH || pipe_is.arrived) && (pipe_is.arrived += done) == SIZE) {
        pipe_is.arrived = 0;
        pipe_is.read++;
    }
    return done;
}

static void a_pipe(size_t piece, size_t read)
{
    memset(&pipe_is, 0, sizeof pipe_is);
    pipe_is.parent = getpid();
    pipe_is.piece = piece;
    pipe_is.read = read;
    pipe_is.dies = pipe_is.rests = WHOLE;
}

static int run(int timeout, ncInstance **got)
{
    return ncClientCall(&meta, timeout, NCCALL, "http://node:1/a", "ncRunInstance", IF_UUID("uuid",) "inst", "resv", &vm, "iid",
                        "iurl", "kid", "kurl", "rid", "rurl",
#ifdef HAVE_CC_ARCHID
                        "arch",
#endif
                        IF_ACCOUNTS("owner", "account",) "key", UNLESS_OLD_TYPES(&net,) IF_OLD_TYPES("mac", "other", 1,)
                        "data", "index", IF_UUID("linux", 0,) NULL, 0, got);
}

static int describe(int timeout, ncInstance ***got, int *count)
{
    return ncClientCall(&meta, timeout, NCCALL, "http://node:1/a", "ncDescribeInstances", NULL, 0, got, count);
}

static void is_pattern(const ncInstance *got, unsigned pattern, size_t piece)
{
    ncInstance *sent = patterned(pattern);

    if (got == NULL || memcmp(got, sent, SIZE) != 0)
        fail_msg("pattern %u did not arrive in pieces of %zu", pattern, piece);
    free(sent);
}

static void arrives(size_t piece, size_t read, unsigned pattern)
{
    ncInstance *got = NULL;

    a_pipe(piece, read);
    node_answers = (struct node_answers){.pattern = pattern};
    assert_int_equal(run(60, &got), 0);
    is_pattern(got, pattern, piece ? piece : read);
    free(got);
}

/* Of many instances each one is read in pieces that are a byte larger. */
static void all_arrive(size_t first, size_t last)
{
    enum { AT_ONCE = 64 };
    ncInstance **got;
    size_t read;
    int found;

    for (read = first; read <= last; read += AT_ONCE) {
        got = NULL;
        a_pipe(0, read);
        pipe_is.grows = 1;
        node_answers = (struct node_answers){.pattern = (unsigned)read, .instances = AT_ONCE};
        assert_int_equal(describe(60, &got, &found), 0);
        assert_int_equal(found, AT_ONCE);
        assert_int_equal(pipe_is.read, read + AT_ONCE);
        while (found-- > 0) {
            is_pattern(got[found], (unsigned)read + (unsigned)found, read + (size_t)found);
            free(got[found]);
        }
        free(got);
    }
}

/* What a read() gives is one byte, two ... to all of it: what is special to a page, to the pipe and to the struct; if there is
 * time for it, every size that a pipe can have (64 KiB, pipe(7)), and more. */
static void what_is_read_has_every_size(void **state)
{
    static const size_t around[] = {512, 4096, 16384, 32768, 65536, 131072, 262144, SIZE / 2, SIZE};
    unsigned random = 20261122, i;
    size_t size;

    (void)state;
    node_calls_start();
    for (size = 1; size <= 24; size++)
        arrives(0, size, (unsigned)size);
    for (i = 0; i < sizeof around / sizeof around[0]; i++)
        for (size = around[i] - 1; size <= around[i] + 1; size++)
            arrives(0, size, (unsigned)size);
    for (i = 0; i < 16; i++) {
        random = random * 1664525u + 1013904223u;
        arrives(0, 25 + random % (SIZE - 25), random);
    }
    if (getenv("BEHAVIOUR_THOROUGH"))
        all_arrive(25, 65536 + 1);
}

/* What is written comes in pieces, each when the one before it was read: the kernel's own pieces. */
static void what_is_written_has_every_size(void **state)
{
    static const size_t around[] = {512, 4096, 65536, 131072};
    unsigned i;
    size_t size;

    (void)state;
    node_calls_start();
    for (i = 0; i < sizeof around / sizeof around[0]; i++)
        for (size = around[i] - 1; size <= around[i] + 1; size++)
            arrives(size, 0, (unsigned)size);
    arrives(97, 0, 97);
}

static void several_stay_in_step(void **state)
{
    static const size_t reads[] = {0, 1000, 65535, 65537, SIZE - 1};
    ncInstance **got;
    unsigned i, count;
    int found;

    (void)state;
    node_calls_start();
    for (i = 0; i < sizeof reads / sizeof reads[0]; i++)
        for (count = 0; count <= 5; count += count ? 2 : 1) {
            got = NULL;
            a_pipe(0, reads[i]);
            node_answers = (struct node_answers){.pattern = 50, .instances = (int)count};
            assert_int_equal(describe(60, &got, &found), 0);
            assert_int_equal(found, count);
            while (found-- > 0) {
                is_pattern(got[found], 50 + (unsigned)found, reads[i]);
                free(got[found]);
            }
            free(got);
        }
}

static const size_t ends[] = {0, LENGTH, LENGTH + 1, LENGTH + 512, LENGTH + 65535, LENGTH + 65536, LENGTH + SIZE - 1};

static void a_child_that_dies_early_has_started_nothing(void **state)
{
    ncInstance *got;
    unsigned i;

    (void)state;
    node_calls_start();
    for (i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        got = NULL;
        a_pipe(0, 0);
        pipe_is.dies = ends[i];
        node_answers = (struct node_answers){.pattern = 3};
        assert_int_not_equal(run(60, &got), 0);
        assert_null(got);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
    }
}

static void of_several_the_whole_ones_count(void **state)
{
    static const ncInstance nothing;
    ncInstance **got;
    unsigned i;
    int found, whole;

    (void)state;
    node_calls_start();
    for (i = 1; i < sizeof ends / sizeof ends[0]; i++) {
        got = NULL;
        a_pipe(0, 0);
        pipe_is.dies = SIZE + ends[i];
        node_answers = (struct node_answers){.pattern = 60, .instances = 3};
        assert_int_not_equal(describe(60, &got, &found), 0);
        assert_in_range(found, 1, 3);
        for (whole = 0; whole < found && memcmp(got[whole], &nothing, SIZE) != 0; whole++)
            is_pattern(got[whole], 60 + (unsigned)whole, 0);
        assert_int_equal(whole, 1);
        while (found-- > 0)
            free(got[found]);
        free(got);
    }
}

static void a_child_that_says_nothing_is_given_up(void **state)
{
    time_t begin = time(NULL);
    ncInstance *got = NULL;

    (void)state;
    node_calls_start();
    a_pipe(0, 0);
    pipe_is.rests = LENGTH + 100000;
    node_answers = (struct node_answers){.pattern = 4};
    assert_int_not_equal(run(1, &got), 0);
    assert_null(got);
    assert_in_range(time(NULL) - begin, 0, 3);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    /* With more patience it does come. */
    a_pipe(0, 0);
    pipe_is.rests = LENGTH + 100000;
    assert_int_equal(run(60, &got), 0);
    is_pattern(got, 4, 0);
    free(got);
}

static void signals_do_not_cut_it(void **state)
{
    struct sigaction action = {.sa_handler = interrupt};
    ncInstance *got = NULL;

    (void)state;
    node_calls_start();
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    a_pipe(20000, 0);
    pipe_is.signals = 1;
    node_answers = (struct node_answers){.pattern = 5};
    assert_int_equal(run(60, &got), 0);
    every(0);
    assert_true(interrupted > 10);
    is_pattern(got, 5, 20000);
    free(got);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_read_has_every_size),
    cmocka_unit_test(what_is_written_has_every_size),
    cmocka_unit_test(several_stay_in_step),
    cmocka_unit_test(a_child_that_dies_early_has_started_nothing),
    cmocka_unit_test(of_several_the_whole_ones_count),
    cmocka_unit_test(a_child_that_says_nothing_is_given_up),
    cmocka_unit_test(signals_do_not_cut_it),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, NULL)
