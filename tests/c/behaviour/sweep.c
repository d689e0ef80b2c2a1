/* SPDX-License-Identifier: GPL-3.0-only */
/* What the node controller removes when it starts, and what it must not. The tree's handlers.c is a part of this file,
 * so that its instances can be seen. */
#define _GNU_SOURCE
#include "behaviour.h"
#include "installation.h"

#include "handlers.c"

#include "line.h"

static void make_remains(void)
{
    static const char *names[] = {"i-running", "i-stopped", "i-gone", "i-adopted"};
    char path[64];

    install();
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "instances/user/%s/disk", names[i]);
        put(path, names[i], 0600);
    }
    put("instances/user/i-running/" CHECKPOINT, "cut off", 0600);
    put("instances/eucalyptus/cache/emi/root", "cached", 0600);
    put("instances/eucalyptus/work/file", "work", 0600);
    ncInstance *inst = allocate_instance(IF_UUID(NULL,) "i-adopted", NULL, NULL, UNLESS_UUID(NULL, NULL, NULL, NULL, NULL, NULL,)
                                         NULL, 0, "user", IF_ARCHID(NULL,) IF_ACCOUNTS(NULL, NULL,)
                                         NULL, NULL, NULL, NULL, IF_UUID(NULL, 0,) NULL, 0);
    assert_int_equal(scInitConfig(), OK);
    SAVE_CHECKPOINT(inst);
    free_instance(&inst);
}

static void what_libvirt_knows_stays(void **state)
{
    (void)state;
    make_remains();
    assert_int_equal(started(), OK);
    assert_true(there("instances/user/i-running/disk"));
    assert_true(there("instances/user/i-stopped/disk"));
    assert_true(there("instances/user/i-adopted/disk"));
    assert_true(there("instances/eucalyptus/cache/emi/root"));
    assert_true(there("instances/eucalyptus/work/file"));
    assert_false(there("instances/user/i-gone"));
    assert_non_null(find_instance(&global_instances, "i-adopted"));
    assert_null(find_instance(&global_instances, "i-running"));
    char *log = text_of("var/log/eucalyptus/nc.log");
    assert_non_null(strstr(log, "EUCAERROR"));
    assert_non_null(strstr(log, "i-running"));
    free(log);
}

static void nothing_is_removed(void)
{
    assert_int_equal(started(), OK);
    assert_true(there("instances/user/i-running/disk"));
    assert_true(there("instances/user/i-stopped/disk"));
    assert_true(there("instances/user/i-gone/disk"));
    assert_true(there("instances/user/i-adopted/disk"));
}

static void while_libvirt_cannot_be_asked_everything_stays(void **state)
{
    (void)state;
    make_remains();
    libvirt.silent = 1;
    nothing_is_removed();
}

static void while_libvirt_is_in_trouble_everything_stays(void **state)
{
    (void)state;
    make_remains();
    libvirt.troubled = 1;
    nothing_is_removed();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_libvirt_knows_stays),
    cmocka_unit_test(while_libvirt_cannot_be_asked_everything_stays),
    cmocka_unit_test(while_libvirt_is_in_trouble_everything_stays),
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, NULL)
