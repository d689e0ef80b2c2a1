/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ADB_OBJECT_INTERNAL_H
#define ADB_OBJECT_INTERNAL_H

#include <adb_object.h>

union adb_value {
    char *text; /* NULL: nil */
    long long number;
    struct axutil_date_time *time;
    struct adb_object *object;
};

struct adb_slot {
    int count, room;
    union adb_value one;   /* where there is at most one */
    union adb_value *many; /* where there may be more */
};

struct adb_object {
    const struct adb_type *type;
    int owned; /* part of another object? */
    struct adb_slot slots[];
};

/* Puts a value into a slot as it is: the reader has made it, and knows that it fits. */
axis2_status_t adb_append(struct adb_object *object, const axutil_env_t *env, int field, union adb_value value);
void adb_object_release(struct adb_object *object, const axutil_env_t *env);

#endif
