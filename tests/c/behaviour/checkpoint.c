/* SPDX-License-Identifier: GPL-3.0-only */
/* The checkpoint of an instance, saved and recovered: what is saved is adopted, by this version and by the one without
 * the series; whatever happens while it is saved, there is an old checkpoint or a new one; whatever is in the file, what
 * is adopted can be used. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <misc.h>
#include <storage.h>

#ifdef HAVE_BACKING
#include <backing.h>
#endif

#include "line.h"

#define ROOT "instances"
#define FOLDER ROOT "/user/i-checkpoint"
#define PATH FOLDER "/" CHECKPOINT
#define ID "i-checkpoint"

/* ---- the calls of the tree's storage.c, as they are, or as a bad day has them ---- */

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __wrap_read(int fd, void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);

static struct {
    size_t piece;    /* the most that one write() takes; 0 is any */
    size_t read;     /* the most that one read() gives; 0 is any, and none fails */
    int fails_at;    /* the call that fails, from 1; 0 is none */
    int error;       /* with what */
    int calls;       /* so far */
    int dirty[64];   /* descriptors with data that is not on the disk */
    char path[64][256];
    int renamed_dirty, renamed, synced_behind;
} day;

static int fails(void)
{
    if (++day.calls != day.fails_at)
        return 0;
    errno = day.error;
    return 1;
}

int __wrap_open(const char *path, int flags, ...)
{
    int fd, mode;
    va_list list;

    va_start(list, flags);
    mode = flags & O_CREAT ? va_arg(list, int) : 0;
    va_end(list);
    if (fails())
        return -1;
    fd = __real_open(path, flags, mode);
    if (fd >= 0 && fd < 64) {
        snprintf(day.path[fd], sizeof day.path[fd], "%s", path);
        day.dirty[fd] = 0;
    }
    return fd;
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    if (fails())
        return -1;
    if (fd >= 0 && fd < 64)
        day.dirty[fd] = 1;
    return __real_write(fd, data, day.piece && size > day.piece ? day.piece : size);
}

ssize_t __wrap_read(int fd, void *data, size_t size)
{
    if (day.read && fails())
        return -1;
    return __real_read(fd, data, day.read && size > day.read ? day.read : size);
}

int __wrap_fsync(int fd)
{
    struct stat st;

    if (fails())
        return -1;
    if (fd >= 0 && fd < 64)
        day.dirty[fd] = 0;
    if (day.renamed && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        day.synced_behind = 1;
    return __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    int fd;

    if (fails())
        return -1;
    for (fd = 0; fd < 64; fd++)
        if (day.dirty[fd] && strcmp(day.path[fd], from) == 0)
            day.renamed_dirty = 1;
    day.renamed = 1;
    return __real_rename(from, to);
}

static void new_day(void)
{
    memset(&day, 0, sizeof day);
}

/* ---- instances and files ---- */

/* xorshift: the same numbers on every machine */
static uint32_t drawn(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* DO(string) for each string of an instance. */
#define EACH_STRING(inst, DO)                                                                                        \
    do {                                                                                                             \
        DO((inst)->instanceId), DO((inst)->userId), DO((inst)->imageId), DO((inst)->imageURL), DO((inst)->kernelId); \
        DO((inst)->kernelURL), DO((inst)->ramdiskId), DO((inst)->ramdiskURL), DO((inst)->reservationId);             \
        DO((inst)->stateName), DO((inst)->keyName), DO((inst)->privateDnsName), DO((inst)->dnsName);                 \
        DO((inst)->userData), DO((inst)->launchIndex), DO((inst)->ncnet.privateMac), DO((inst)->ncnet.publicIp);     \
        DO((inst)->ncnet.privateIp);                                                                                 \
        IF_ARCHID(DO((inst)->archId);)                                                                               \
        IF_UUID(DO((inst)->uuid); DO((inst)->platform);)                                                             \
        IF_ACCOUNTS(DO((inst)->ownerId); DO((inst)->accountId);)                                                     \
        IF_OLD_TYPES(DO((inst)->ncnet.publicMac);)                                                                   \
        UNLESS_OLD_TYPES(DO((inst)->params.name);)                                                                   \
        for (int i = 0; i < EUCA_MAX_DEVMAPS; i++) {                                                                 \
            UNLESS_OLD_TYPES(DO((inst)->params.deviceMapping[i].deviceName);)                                        \
            UNLESS_OLD_TYPES(DO((inst)->params.deviceMapping[i].virtualName);)                                       \
            UNLESS_OLD_TYPES(DO((inst)->params.deviceMapping[i].format);)                                            \
            IF_ACCOUNTS(DO((inst)->params.virtualBootRecord[i].id);)                                                 \
            IF_ACCOUNTS(DO((inst)->params.virtualBootRecord[i].typeName);)                                           \
        }                                                                                                            \
        for (int i = 0; i < EUCA_MAX_GROUPS; i++)                                                                    \
            DO((inst)->groupNames[i]);                                                                               \
        for (int i = 0; i < EUCA_MAX_VOLUMES; i++) {                                                                 \
            DO((inst)->volumes[i].volumeId), DO((inst)->volumes[i].remoteDev), DO((inst)->volumes[i].localDev);      \
            DO((inst)->volumes[i].localDevReal), DO((inst)->volumes[i].stateName);                                   \
        }                                                                                                            \
    } while (0)

/* An instance in which every byte of every member says which seed it is of. */
static ncInstance *made(uint32_t seed)
{
    ncInstance *inst = calloc(1, sizeof *inst);
    uint32_t random = seed * 2654435761u + 1;
    char *byte;

    assert_non_null(inst);
    for (byte = (char *)inst; byte < (char *)inst + sizeof *inst; byte++)
        *byte = 'a' + drawn(&random) % 26;
    strcpy(inst->instanceId, ID);
    strcpy(inst->userId, "user");
    inst->groupNamesSize = seed % EUCA_MAX_GROUPS;
    inst->volumesSize = seed % EUCA_MAX_VOLUMES;
#define ENDS(string) ((string)[sizeof(string) - 1] = 0)
    EACH_STRING(inst, ENDS);
    return inst;
}

/* One that has the seed in its strings and in its numbers, small enough to be told apart at a glance. */
static int is_of(const void *file, size_t size, uint32_t seed)
{
    ncInstance *inst = made(seed);
    int same = size == sizeof *inst && memcmp(file, inst, size) == 0;

    free(inst);
    return same;
}

static void make_folders(void)
{
    mkdir(ROOT, 0700);
    mkdir(ROOT "/user", 0700);
    mkdir(FOLDER, 0700);
    assert_int_equal(scSetInstancePath(ROOT), OK);
}

static void save(uint32_t seed)
{
    ncInstance *inst = made(seed);

    SAVE_CHECKPOINT(inst);
    free(inst);
}

/* The bytes of a file, for the caller to free; NULL if there is none. */
static char *bytes_of(const char *path, size_t *size)
{
    int fd = __real_open(path, O_RDONLY);
    struct stat st;
    char *data;

    if (fd < 0)
        return NULL;
    assert_int_equal(fstat(fd, &st), 0);
    *size = st.st_size;
    data = malloc(*size + 1);
    assert_non_null(data);
    assert_int_equal(read(fd, data, *size), *size);
    close(fd);
    return data;
}

/* Which of the two instances the file has, 0 if it has neither. */
static uint32_t which(uint32_t one, uint32_t other)
{
    size_t size = 0;
    char *data = bytes_of(PATH, &size);
    uint32_t found = 0;

    if (data)
        found = is_of(data, size, one) ? one : is_of(data, size, other) ? other : 0;
    free(data);
    return found;
}

/* Writes size bytes of the instance to the checkpoint; what is longer than the instance ends in zeros. */
static void put(const ncInstance *inst, size_t size)
{
    int fd = __real_open(PATH, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    size_t have = size < sizeof *inst ? size : sizeof *inst;

    assert_true(fd >= 0);
    assert_int_equal(__real_write(fd, inst, have), have);
    assert_int_equal(ftruncate(fd, size), 0);
    close(fd);
}

static int open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* The adopted instance is that of the seed: the first size bytes of it, and zeros. */
static int adopted_is(uint32_t seed, size_t size)
{
    ncInstance *inst = RECOVER_CHECKPOINT(ID), *wanted = made(seed);
    int same;

    if (size < sizeof *wanted)
        memset((char *)wanted + OLD_END, 0, sizeof *wanted - OLD_END);
    wanted->stateCode = NO_STATE;
    same = inst != NULL && memcmp(inst, wanted, OLD_END) == 0 &&
           memcmp((char *)inst + OLD_END, (char *)wanted + OLD_END, sizeof *wanted - OLD_END) == 0;
    free(inst);
    free(wanted);
    return same;
}

/* ---- roles: what the version without the series does, and what it is asked ---- */

static int role_save(int argc, char **argv)
{
    assert_int_equal(argc, 2);
    make_folders();
    save(atoi(argv[1]));
    return 0;
}

/* 0 if what every version has is adopted as the seed says. */
static int role_adopt(int argc, char **argv)
{
    ncInstance *inst, *wanted;
    int same;

    if (argc != 2 || scSetInstancePath(ROOT) != OK)
        return 3;
    wanted = made(atoi(argv[1]));
    wanted->stateCode = NO_STATE;
    inst = RECOVER_CHECKPOINT(ID);
    same = inst != NULL && memcmp(inst, wanted, OLD_END) == 0;
    free(inst);
    free(wanted);
    return !same;
}

/* ---- tests ---- */

static void what_is_saved_is_adopted(void **state)
{
    (void)state;
    make_folders();
    save(5);
    assert_true(adopted_is(5, sizeof(ncInstance)));
    save(6);
    assert_true(adopted_is(6, sizeof(ncInstance)));
    assert_null(RECOVER_CHECKPOINT("i-another"));
}

static void one_of_the_unpatched_version_is_adopted(void **state)
{
    size_t size = 0;
    char *data;

    (void)state;
    assert_int_equal(behaviour_run("base/checkpoint", "--role", "save", "7", NULL), 0);
    make_folders();
    data = bytes_of(PATH, &size);
    assert_non_null(data);
    free(data);
    assert_true(adopted_is(7, size));
    save(8);
    assert_true(adopted_is(8, sizeof(ncInstance)));
}

static void the_unpatched_version_adopts_one_of_this(void **state)
{
    (void)state;
    make_folders();
    save(9);
    assert_int_equal(behaviour_run("base/checkpoint", "--role", "adopt", "9", NULL), 0);
    assert_int_equal(behaviour_run("base/checkpoint", "--role", "adopt", "10", NULL), 1);
}

/* Writing over one of the other version: no byte of it stays. */
static void the_two_versions_take_turns(void **state)
{
    (void)state;
    make_folders();
    for (int i = 11; i < 15; i++) {
        char word[16];

        save(i);
        snprintf(word, sizeof word, "%d", i + 10);
        assert_int_equal(behaviour_run("base/checkpoint", "--role", "adopt", "--", NULL), 1);
        assert_int_equal(behaviour_run("base/checkpoint", "--role", "save", word, NULL), 0);
        ncInstance *inst = RECOVER_CHECKPOINT(ID), *wanted = made(i + 10);
        assert_non_null(inst);
        wanted->stateCode = NO_STATE;
        assert_memory_equal(inst, wanted, OLD_END);
        free(inst);
        free(wanted);
    }
}

/* DESIGN 6: shorter than the end of the last old member is rejected; from there the old members are taken and new ones
 * are zero; a whole one is taken whole. */
static void is_judged(const ncInstance *inst, size_t size)
{
    ncInstance *found;

    if (size >= OLD_END) {
        if (!adopted_is(16, size))
            broken("%zu bytes of %zu are not adopted as they should be", size, sizeof *inst);
        return;
    }
    found = RECOVER_CHECKPOINT(ID);
    if (found != NULL)
        broken("%zu bytes of %zu are adopted", size, sizeof *inst);
}

static void length(const ncInstance *inst, size_t size)
{
    put(inst, size);
    is_judged(inst, size);
}

static void of_any_length(void **state)
{
    ncInstance *inst = made(16);
    uint32_t seed = 17;
    size_t size;

    (void)state;
    make_folders();
    logfile("log", EUCAFATAL);
    if (getenv("BEHAVIOUR_THOROUGH")) {
        put(inst, sizeof *inst + 1);
        for (size = sizeof *inst + 1; size > 0; size--) {
            is_judged(inst, size);
            assert_int_equal(truncate(PATH, size - 1), 0);
        }
        is_judged(inst, 0);
    } else {
        for (size = 0; size < 300; size++)
            length(inst, size);
        for (size = OLD_END - 100; size <= sizeof *inst + 1; size++)
            length(inst, size);
        for (int i = 0; i < 500; i++)
            length(inst, drawn(&seed) % (sizeof *inst + 2));
    }
    free(inst);
}

static int ends(const char *string, size_t size)
{
    return memchr(string, 0, size) != NULL;
}

#define CHECK(string) assert_true(ends((string), sizeof(string)))

/* Whatever the file has: what is adopted is of this name, its strings end, and its counts are in range. */
static void check_usable(const ncInstance *inst)
{
    assert_string_equal(inst->instanceId, ID);
    assert_in_range(inst->groupNamesSize, 0, EUCA_MAX_GROUPS);
    assert_in_range(inst->volumesSize, 0, EUCA_MAX_VOLUMES);
    assert_int_equal(inst->stateCode, NO_STATE);
    EACH_STRING(inst, CHECK);
}

/* No string of the file ends: each is ended at the end of its member. */
static void strings_without_an_end(void **state)
{
    ncInstance *inst = made(18), *found;

    (void)state;
    memset(inst, 'x', sizeof *inst);
    strcpy(inst->instanceId, ID);
    inst->groupNamesSize = 1;
    inst->volumesSize = 1;
    make_folders();
    put(inst, sizeof *inst);
    found = RECOVER_CHECKPOINT(ID);
    assert_non_null(found);
    check_usable(found);
#ifdef HAVE_ARCHID
    assert_int_equal(strlen(found->archId), sizeof found->archId - 1);
#endif
    free(found);
    free(inst);
}

static void counts_out_of_range(void **state)
{
    static const int wrong[] = {-1, INT32_MIN, INT32_MAX, 257, 1 << 16};
    size_t i;

    (void)state;
    make_folders();
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ncInstance *inst = made(19);

        inst->volumesSize = wrong[i];
        put(inst, sizeof *inst);
        assert_null(RECOVER_CHECKPOINT(ID));
        inst->volumesSize = 1;
        inst->groupNamesSize = wrong[i];
        put(inst, sizeof *inst);
        assert_null(RECOVER_CHECKPOINT(ID));
        free(inst);
    }
}

/* Thousands, one to sixteen bits each, half of them in the numbers and at the ends of strings. */
static void with_flipped_bits(void **state)
{
    static const size_t hot[] = {
        offsetof(ncInstance, instanceId), offsetof(ncInstance, retries), offsetof(ncInstance, imageId) - 1,
        offsetof(ncInstance, stateCode), offsetof(ncInstance, state), offsetof(ncInstance, params),
        offsetof(ncInstance, ncnet), offsetof(ncInstance, tcb), offsetof(ncInstance, userData) - 1,
        offsetof(ncInstance, groupNamesSize), offsetof(ncInstance, volumesSize), OLD_END - 4,
    };
    int rounds = getenv("BEHAVIOUR_THOROUGH") ? 100000 : 3000, adopted = 0;
    uint32_t seed = 20;
    ncInstance *inst = made(20);
    int fd;

    (void)state;
    make_folders();
    logfile("log", EUCAFATAL);
    put(inst, sizeof *inst);
    fd = __real_open(PATH, O_RDWR);
    assert_true(fd >= 0);
    for (int round = 0; round < rounds; round++) {
        size_t at[16];
        int flips = 1 + drawn(&seed) % 16;
        ncInstance *found;

        for (int i = 0; i < flips; i++) {
            char byte;

            at[i] = drawn(&seed) % 2 ? drawn(&seed) % sizeof *inst
                                     : hot[drawn(&seed) % (sizeof hot / sizeof hot[0])] + drawn(&seed) % 8;
            at[i] = at[i] < sizeof *inst ? at[i] : sizeof *inst - 1;
            assert_int_equal(pread(fd, &byte, 1, at[i]), 1);
            byte ^= 1 << drawn(&seed) % 8;
            assert_int_equal(pwrite(fd, &byte, 1, at[i]), 1);
        }
        found = RECOVER_CHECKPOINT(ID);
        if (found) {
            check_usable(found);
            adopted++;
        }
        free(found);
        for (int i = 0; i < flips; i++)
            assert_int_equal(pwrite(fd, (char *)inst + at[i], 1, at[i]), 1);
    }
    close(fd);
    assert_in_range(adopted, rounds / 20, rounds - rounds / 20);
    free(inst);
}

/* Kills a child that saves at its stop number n, which is before or behind a system call. 0: it was done before. */
static int killed_at(int n, uint32_t seed)
{
    int status, stops = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        save(seed);
        raise(SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)), 0);
    do {
        assert_int_equal(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSTOPPED(status));
    } while (WSTOPSIG(status) == (SIGTRAP | 0x80) && ++stops < n);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return stops == n;
}

static void killed_between_any_two_calls(void **state)
{
    uint32_t old = 21, saved = 0;
    int n = 0, olds = 0, news = 0;

    (void)state;
    make_folders();
    day.piece = 100000;
    save(old);
    assert_int_equal(which(old, old), old);
    do {
        uint32_t next = old + 1;

        n++;
        if (!killed_at(n, next))
            break;
        saved = which(old, next);
        if (saved == 0)
            broken("killed at stop %d of its system calls, it leaves neither the old checkpoint nor the new one", n);
        olds += saved == old;
        news += saved == next;
        assert_true(adopted_is(saved, sizeof(ncInstance)));
        old = saved;
    } while (n < 1000);
    /* Eight pieces and what is around them, each before and behind. */
    assert_in_range(n, 20, 999);
    assert_true(olds > 0);
    assert_true(news > 0);
}

static void only_the_checkpoint_is_there(void)
{
    DIR *folder = opendir(FOLDER);
    struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            assert_string_equal(entry->d_name, CHECKPOINT);
    closedir(folder);
}

/* The kernel says EFBIG where a file gets longer, in the middle of a write: as a full disk does. */
static void on_a_full_disk(void **state)
{
    static const size_t limits[] = {0, 1, 4096, sizeof(ncInstance) / 2, OLD_END, sizeof(ncInstance) - 1};
    struct rlimit usual, limit;
    size_t i;

    (void)state;
    make_folders();
    save(30);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    for (i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (limits[i] >= sizeof(ncInstance))
            continue; /* nothing is behind the old members yet */
        limit = usual;
        limit.rlim_cur = limits[i];
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        save(31);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
        if (which(30, 31) != 30)
            broken("with room for %zu bytes the old checkpoint is gone", limits[i]);
        only_the_checkpoint_is_there();
    }
    save(31);
    assert_int_equal(which(30, 31), 31);
}

/* Each call of the saver fails in turn, and the rest of it goes on. */
static void when_a_call_fails(void **state)
{
    static const int errors[] = {ENOSPC, EIO, EDQUOT};
    int fds, n, behind = 0;
    size_t i;

    (void)state;
    make_folders();
    for (i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        for (n = 1; n < 100; n++) {
            uint32_t found;

            new_day();
            save(40);
            assert_int_equal(which(40, 41), 40);
            fds = open_files();
            new_day();
            day.piece = 200000;
            day.fails_at = n;
            day.error = errors[i];
            save(41);
            assert_int_equal(open_files(), fds);
            found = which(40, 41);
            if (found == 0 || (found == 41 && !day.renamed))
                broken("when call %d fails, the checkpoint is neither the old nor the new one", n);
            only_the_checkpoint_is_there();
            if (day.calls < n)
                break;
            behind = n;
        }
        assert_in_range(behind, 6, 50);
    }
}

static void an_interrupted_write_goes_on(void **state)
{
    int n;

    (void)state;
    make_folders();
    for (n = 2; n < 6; n++) {
        new_day();
        save(50);
        new_day();
        day.piece = 200000;
        day.fails_at = n;
        day.error = EINTR;
        save(51);
        assert_int_equal(which(50, 51), 51);
    }
}

/* In pieces, and with a signal at each of them; what fails otherwise is no checkpoint. */
static void an_interrupted_read_goes_on(void **state)
{
    ncInstance *inst = made(52);
    int n, adopted = 0;

    (void)state;
    make_folders();
    logfile("log", EUCAFATAL);
    put(inst, sizeof *inst);
    for (n = 2; n < 6; n++) {
        new_day();
        day.read = 200000;
        day.fails_at = n;
        day.error = EINTR;
        adopted += adopted_is(52, sizeof *inst);
        assert_in_range(day.calls, n, 50);
        new_day();
        day.read = 200000;
        day.fails_at = n;
        day.error = EIO;
        assert_null(RECOVER_CHECKPOINT(ID));
    }
    new_day();
    assert_int_equal(adopted, 4);
    free(inst);
}

static void it_is_on_the_disk_before_it_takes_the_old_ones_place(void **state)
{
    (void)state;
    make_folders();
    save(60);
    new_day();
    save(61);
    assert_int_equal(which(60, 61), 61);
    assert_true(day.renamed);
    assert_false(day.renamed_dirty);
    assert_true(day.synced_behind);
}

static void every_descriptor_is_closed(void **state)
{
    ncInstance *inst = made(70);
    int fds;

    (void)state;
    make_folders();
    put(inst, sizeof *inst);
    fds = open_files();
    save(70);
    for (size_t size = 0; size <= sizeof *inst; size += sizeof *inst / 4) {
        put(inst, size);
        free(RECOVER_CHECKPOINT(ID));
    }
    strcpy(inst->instanceId, "i-another");
    put(inst, sizeof *inst);
    assert_null(RECOVER_CHECKPOINT(ID));
    assert_int_equal(open_files(), fds);
    free(inst);
}

static const struct behaviour_role roles[] = {{"save", role_save}, {"adopt", role_adopt}, BEHAVIOUR_END};

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_saved_is_adopted),
    cmocka_unit_test(one_of_the_unpatched_version_is_adopted),
    cmocka_unit_test(the_unpatched_version_adopts_one_of_this),
    cmocka_unit_test(the_two_versions_take_turns),
    cmocka_unit_test(of_any_length),
    cmocka_unit_test(strings_without_an_end),
    cmocka_unit_test(counts_out_of_range),
    cmocka_unit_test(with_flipped_bits),
    cmocka_unit_test(killed_between_any_two_calls),
    cmocka_unit_test(on_a_full_disk),
    cmocka_unit_test(when_a_call_fails),
    cmocka_unit_test(an_interrupted_write_goes_on),
    cmocka_unit_test(an_interrupted_read_goes_on),
    cmocka_unit_test(it_is_on_the_disk_before_it_takes_the_old_ones_place),
    cmocka_unit_test(every_descriptor_is_closed),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, roles)
