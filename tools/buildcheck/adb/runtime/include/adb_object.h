/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What generated types are made of: an object is a description and a slot for each of its elements.
 *
 * Ownership. An object belongs to the environment that it was made with until it is set or added to
 * another one; from then on it is part of that one, and cannot be set a second time. Strings are copied in,
 * and what a getter returns belongs to the object: it holds until that element is set again or the object is
 * freed. What nobody frees is freed with the environment.
 *
 * An object that is NULL reads as one without elements; setting something in it fails.
 */
#ifndef ADB_OBJECT_H
#define ADB_OBJECT_H

#include <axiom.h>
#include <axutil_date_time.h>
#include <axutil_env.h>

enum adb_kind { ADB_TEXT, ADB_BOOLEAN, ADB_SHORT, ADB_INT, ADB_LONG, ADB_TIME, ADB_OBJECT };

#define ADB_UNBOUNDED (-1)

struct adb_type;

struct adb_field {
    const char *name;
    const struct adb_type *type; /* of an ADB_OBJECT */
    enum adb_kind kind;
    int least, most; /* most may be ADB_UNBOUNDED */
    int qualified;   /* is the element in the namespace of the schema? */
    int nillable;    /* may a required one go out as xsi:nil? */
};

struct adb_type {
    const char *name;
    const char *uri; /* the namespace of the schema */
    const struct adb_field *fields;
    int count;
};

struct adb_object;

struct adb_object *adb_object_create(const axutil_env_t *env, const struct adb_type *type);
/* At once, with everything below it; AXIS2_FAILURE when it is NULL or part of another object. */
axis2_status_t adb_object_free(struct adb_object *object, const axutil_env_t *env);

/* field counts from 0 in the order of the description; at is 0 for an element that is no list. */
int adb_count(const struct adb_object *object, int field);
axis2_char_t *adb_get_text(const struct adb_object *object, int field, int at);
long long adb_get_number(const struct adb_object *object, int field, int at);
axutil_date_time_t *adb_get_time(const struct adb_object *object, int field, int at);
struct adb_object *adb_get_object(const struct adb_object *object, int field, int at);

/* Replaces. NULL takes the element away, which is AXIS2_FAILURE where it is required. */
axis2_status_t adb_set_text(struct adb_object *object, const axutil_env_t *env, int field, const axis2_char_t *value);
axis2_status_t adb_set_number(struct adb_object *object, const axutil_env_t *env, int field, long long value);
axis2_status_t adb_set_time(struct adb_object *object, const axutil_env_t *env, int field, axutil_date_time_t *value);
axis2_status_t adb_set_object(struct adb_object *object, const axutil_env_t *env, int field, struct adb_object *value);

/* Appends. One more than there may be is appended too, so that the message fails as a whole and nothing is lost in
 * silence; the result is AXIS2_FAILURE then. */
axis2_status_t adb_add_text(struct adb_object *object, const axutil_env_t *env, int field, const axis2_char_t *value);
axis2_status_t adb_add_number(struct adb_object *object, const axutil_env_t *env, int field, long long value);
axis2_status_t adb_add_time(struct adb_object *object, const axutil_env_t *env, int field, axutil_date_time_t *value);
axis2_status_t adb_add_object(struct adb_object *object, const axutil_env_t *env, int field, struct adb_object *value);

/* The element of type's only field, and back. NULL, with a fault in env, when what is there is not what the schema
 * says. The node belongs to env. */
axiom_node_t *adb_write_element(const axutil_env_t *env, const struct adb_object *object);
struct adb_object *adb_read_element(const axutil_env_t *env, const struct adb_type *type, axiom_node_t *node);

#endif
