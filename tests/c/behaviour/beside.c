/* SPDX-License-Identifier: GPL-3.0-only */
/* What the saver of a checkpoint is made of. Not all that it answers is asked for by every version of the tree. The tree's
 * storage.c is a part of this file. */
#define _GNU_SOURCE
#include "behaviour.h"

#include "storage.c"

static void a_name_fits_or_is_none(void **state)
{
    char room[16], path[17];

    (void)state;
    for (size_t length = 0; length < sizeof path; length++) {
        int fits = length + strlen(".new") < sizeof room;

        memset(path, 'p', length);
        path[length] = 0;
        errno = 0;
        assert_int_equal(name_beside(room, sizeof room, path) == 0, fits);
        assert_int_equal(errno, fits ? 0 : ENAMETOOLONG);
        if (fits) {
            assert_memory_equal(room, path, length);
            assert_string_equal(room + length, ".new");
        }
    }
}

/* The number of bytes, or -1: a caller that compared what write() gave need not know that it was replaced. */
static void what_is_committed_is_said_as_write_says_it(void **state)
{
    static const char data[] = "what is written";
    static char longest[EUCA_MAX_PATH];
    int fd;

    (void)state;
    assert_int_equal(logfile("log", EUCAFATAL), OK);
    fd = open_checkpoint("file");
    assert_true(fd >= 0);
    assert_int_equal(commit_checkpoint(fd, "file", data, sizeof data), (ssize_t)sizeof data);
    close(fd);
    fd = open("/dev/full", O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(commit_checkpoint(fd, "file", data, sizeof data), -1);
    close(fd);
    fd = open_checkpoint("file");
    assert_true(fd >= 0);
    memset(longest, 'p', sizeof longest - 1);
    assert_int_equal(commit_checkpoint(fd, longest, data, sizeof data), -1);
    assert_int_equal(open_checkpoint(longest), -1);
    close(fd);
    assert_int_equal(unlink("file.new"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_name_fits_or_is_none),
    cmocka_unit_test(what_is_committed_is_said_as_write_says_it),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, NULL)
