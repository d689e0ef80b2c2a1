/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "object.h"

#include "date_time.h"
#include "memory.h"

#include <limits.h>
#include <string.h>

struct adb_object *adb_object_create(const axutil_env_t *env, const struct adb_type *type)
{
    struct adb_object *object = adb_alloc(env, sizeof *object + type->count * sizeof object->slots[0]);

    if (object != NULL)
        object->type = type;
    return object;
}

static int is_list(const struct adb_field *field)
{
    return field->most == ADB_UNBOUNDED || field->most > 1;
}

static union adb_value *values(struct adb_object *object, int field)
{
    struct adb_slot *slot = &object->slots[field];

    return is_list(&object->type->fields[field]) ? slot->many : &slot->one;
}

static void release_value(const axutil_env_t *env, enum adb_kind kind, union adb_value value)
{
    if (kind == ADB_TEXT)
        adb_release(env, value.text);
    else if (kind == ADB_TIME)
        adb_release(env, value.time);
    else if (kind == ADB_OBJECT && value.object != NULL)
        adb_object_release(value.object, env);
}

static void empty(struct adb_object *object, const axutil_env_t *env, int field)
{
    struct adb_slot *slot = &object->slots[field];
    int i;

    for (i = 0; i < slot->count; i++)
        release_value(env, object->type->fields[field].kind, values(object, field)[i]);
    slot->count = 0;
}

void adb_object_release(struct adb_object *object, const axutil_env_t *env)
{
    int field;

    for (field = 0; field < object->type->count; field++) {
        empty(object, env, field);
        adb_release(env, object->slots[field].many);
    }
    adb_release(env, object);
}

axis2_status_t adb_object_free(struct adb_object *object, const axutil_env_t *env)
{
    if (object == NULL || object->owned)
        return AXIS2_FAILURE;
    adb_object_release(object, env);
    return AXIS2_SUCCESS;
}

axis2_status_t adb_append(struct adb_object *object, const axutil_env_t *env, int field, union adb_value value)
{
    struct adb_slot *slot = &object->slots[field];

    if (!is_list(&object->type->fields[field])) {
        slot->one = value;
        slot->count = 1;
        return AXIS2_SUCCESS;
    }
    if (slot->count == slot->room) {
        int room = slot->room > 0 ? 2 * slot->room : 4;
        union adb_value *many =
            slot->room > INT_MAX / 2 ? NULL : adb_resize(env, slot->many, (size_t)room * sizeof *many);

        if (many == NULL)
            return AXIS2_FAILURE;
        slot->many = many;
        slot->room = room;
    }
    slot->many[slot->count++] = value;
    return AXIS2_SUCCESS;
}

/* Reading. */

static const union adb_value *value_at(const struct adb_object *object, int field, int at)
{
    static const union adb_value none;
    const struct adb_slot *slot;

    if (object == NULL || at < 0 || at >= object->slots[field].count)
        return &none;
    slot = &object->slots[field];
    return is_list(&object->type->fields[field]) ? &slot->many[at] : &slot->one;
}

int adb_count(const struct adb_object *object, int field)
{
    return object != NULL ? object->slots[field].count : 0;
}

axis2_char_t *adb_get_text(const struct adb_object *object, int field, int at)
{
    return value_at(object, field, at)->text;
}

long long adb_get_number(const struct adb_object *object, int field, int at)
{
    return value_at(object, field, at)->number;
}

axutil_date_time_t *adb_get_time(const struct adb_object *object, int field, int at)
{
    return value_at(object, field, at)->time;
}

struct adb_object *adb_get_object(const struct adb_object *object, int field, int at)
{
    return value_at(object, field, at)->object;
}

/* Writing. */

static axis2_status_t take_away(struct adb_object *object, const axutil_env_t *env, int field)
{
    const struct adb_field *description = &object->type->fields[field];

    empty(object, env, field);
    return description->least == 0 || description->nillable ? AXIS2_SUCCESS : AXIS2_FAILURE;
}

static axis2_status_t append(struct adb_object *object, const axutil_env_t *env, int field, union adb_value value)
{
    int most = object->type->fields[field].most;

    if (adb_append(object, env, field, value) != AXIS2_SUCCESS) {
        release_value(env, object->type->fields[field].kind, value);
        return AXIS2_FAILURE;
    }
    return most == ADB_UNBOUNDED || object->slots[field].count <= most ? AXIS2_SUCCESS : AXIS2_FAILURE;
}

/* Keeps the place, so that the message fails as a whole. */
static axis2_status_t add_nothing(struct adb_object *object, const axutil_env_t *env, int field)
{
    static const union adb_value nothing;

    append(object, env, field, nothing);
    return AXIS2_FAILURE;
}

/* Nobody looks at what a setter returns. */
static axis2_status_t misused(struct adb_object *object, const axutil_env_t *env, int field)
{
    adb_log_error(env, "%s: %s: what is to be set is part of another object, or of another type", object->type->name,
                  object->type->fields[field].name);
    return AXIS2_FAILURE;
}

static axis2_status_t put_text(struct adb_object *object, const axutil_env_t *env, int field, const char *text)
{
    union adb_value value;

    /* Copied before the old one goes: it may be the old one. */
    if ((value.text = adb_copy(env, text, strlen(text))) == NULL)
        return AXIS2_FAILURE;
    if (!is_list(&object->type->fields[field]))
        empty(object, env, field);
    return append(object, env, field, value);
}

axis2_status_t adb_set_text(struct adb_object *object, const axutil_env_t *env, int field, const axis2_char_t *value)
{
    if (object == NULL)
        return AXIS2_FAILURE;
    return value != NULL ? put_text(object, env, field, value) : take_away(object, env, field);
}

axis2_status_t adb_add_text(struct adb_object *object, const axutil_env_t *env, int field, const axis2_char_t *value)
{
    if (object == NULL)
        return AXIS2_FAILURE;
    return value != NULL ? put_text(object, env, field, value) : add_nothing(object, env, field);
}

axis2_status_t adb_set_number(struct adb_object *object, const axutil_env_t *env, int field, long long number)
{
    union adb_value value = {.number = number};

    return object != NULL ? append(object, env, field, value) : AXIS2_FAILURE;
}

axis2_status_t adb_add_number(struct adb_object *object, const axutil_env_t *env, int field, long long number)
{
    return adb_set_number(object, env, field, number);
}

static axis2_status_t put_time(struct adb_object *object, const axutil_env_t *env, int field, axutil_date_time_t *time)
{
    union adb_value value = {.time = time};

    if (time->owned)
        return misused(object, env, field);
    time->owned = 1;
    if (!is_list(&object->type->fields[field]))
        empty(object, env, field);
    return append(object, env, field, value);
}

axis2_status_t adb_set_time(struct adb_object *object, const axutil_env_t *env, int field, axutil_date_time_t *value)
{
    if (object == NULL)
        return AXIS2_FAILURE;
    if (value != NULL && value == adb_get_time(object, field, 0))
        return AXIS2_SUCCESS;
    return value != NULL ? put_time(object, env, field, value) : take_away(object, env, field);
}

axis2_status_t adb_add_time(struct adb_object *object, const axutil_env_t *env, int field, axutil_date_time_t *value)
{
    if (object == NULL)
        return AXIS2_FAILURE;
    return value != NULL ? put_time(object, env, field, value) : add_nothing(object, env, field);
}

static axis2_status_t put_object(struct adb_object *object, const axutil_env_t *env, int field, struct adb_object *part)
{
    union adb_value value = {.object = part};

    /* Types do not nest in a circle, so part cannot hold object. */
    if (part->owned || part->type != object->type->fields[field].type)
        return misused(object, env, field);
    part->owned = 1;
    if (!is_list(&object->type->fields[field]))
        empty(object, env, field);
    return append(object, env, field, value);
}

axis2_status_t adb_set_object(struct adb_object *object, const axutil_env_t *env, int field, struct adb_object *value)
{
    if (object == NULL)
        return AXIS2_FAILURE;
    if (value != NULL && value == adb_get_object(object, field, 0))
        return AXIS2_SUCCESS;
    return value != NULL ? put_object(object, env, field, value) : take_away(object, env, field);
}

axis2_status_t adb_add_object(struct adb_object *object, const axutil_env_t *env, int field, struct adb_object *value)
{
    if (object == NULL)
        return AXIS2_FAILURE;
    return value != NULL ? put_object(object, env, field, value) : add_nothing(object, env, field);
}
