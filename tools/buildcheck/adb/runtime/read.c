/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements into objects, strictly: what the schema does not say is a fault. */
#define _POSIX_C_SOURCE 200809L
#include "date_time.h"
#include "memory.h"
#include "object.h"
#include "xml.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define XS "http://www.w3.org/2001/XMLSchema"
#define BLANKS " \t\r\n"

static const char *schema_name(enum adb_kind kind)
{
    switch (kind) {
    case ADB_TEXT:
        return "string";
    case ADB_BOOLEAN:
        return "boolean";
    case ADB_SHORT:
        return "short";
    case ADB_INT:
        return "int";
    case ADB_LONG:
        return "long";
    case ADB_TIME:
        return "dateTime";
    case ADB_OBJECT:
        break;
    }
    return NULL;
}

/* Does an xsi:type say what the schema says anyway? */
static int says_type(const axutil_env_t *env, xmlNodePtr node, const char *word, const struct adb_field *field,
                     const char *uri)
{
    const char *colon = strchr(word, ':'), *local = colon != NULL ? colon + 1 : word;
    char *prefix = colon != NULL ? adb_copy(env, word, (size_t)(colon - word)) : NULL;
    xmlNsPtr ns = xmlSearchNs(node->doc, node, BAD_CAST prefix);
    const char *its = ns != NULL && ns->href != NULL ? (const char *)ns->href : "";

    adb_release(env, prefix);
    if (field->kind == ADB_OBJECT)
        return strcmp(its, uri) == 0 && strcmp(local, field->type->name) == 0;
    return strcmp(its, XS) == 0 && strcmp(local, schema_name(field->kind)) == 0;
}

/* The text of a node without elements, which belongs to env. */
static char *text_of(const axutil_env_t *env, const xmlNode *node)
{
    size_t length = 0;
    const xmlNode *child;
    char *text;

    for (child = node->children; child != NULL; child = child->next) {
        if (child->type == XML_TEXT_NODE && child->content != NULL)
            length += strlen((const char *)child->content);
        else if (child->type != XML_COMMENT_NODE) {
            adb_fault(env, ADB_FAULT_CLIENT, "%.40s holds text only, not %.40s", (const char *)node->name,
                      child->name != NULL ? (const char *)child->name : "that");
            return NULL;
        }
    }
    text = adb_alloc(env, length + 1);
    if (text == NULL) {
        adb_fault(env, ADB_FAULT_SERVER, "out of memory");
        return NULL;
    }
    length = 0;
    for (child = node->children; child != NULL; child = child->next)
        if (child->type == XML_TEXT_NODE && child->content != NULL) {
            size_t more = strlen((const char *)child->content);

            memcpy(text + length, child->content, more);
            length += more;
        }
    text[length] = 0;
    return text;
}

/* XML Schema part 2, 4.3.6, collapse; within the text. */
static char *collapsed(char *text)
{
    char *end;

    text += strspn(text, BLANKS);
    for (end = text + strlen(text); end > text && strchr(BLANKS, end[-1]) != NULL;)
        *--end = 0;
    return text;
}

static int number_of(const char *text, long long least, long long most, long long *number)
{
    const char *digits = *text == '+' || *text == '-' ? text + 1 : text;
    char *end;

    if (*digits < '0' || *digits > '9')
        return 0;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return *end == 0 && errno == 0 && *number >= least && *number <= most;
}

static int boolean_of(const char *text, long long *number)
{
    *number = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return *number || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
}

static int simple_value(const axutil_env_t *env, enum adb_kind kind, char *text, union adb_value *value)
{
    char *word = collapsed(text);

    switch (kind) {
    case ADB_BOOLEAN:
        return boolean_of(word, &value->number);
    case ADB_SHORT:
        return number_of(word, SHRT_MIN, SHRT_MAX, &value->number);
    case ADB_INT:
        return number_of(word, INT_MIN, INT_MAX, &value->number);
    case ADB_LONG:
        return number_of(word, LLONG_MIN, LLONG_MAX, &value->number);
    default:
        if ((value->time = axutil_date_time_create(env)) == NULL)
            return 0;
        value->time->owned = 1;
        if (adb_time_parse(value->time, word) == AXIS2_SUCCESS)
            return 1;
        adb_release(env, value->time);
        return 0;
    }
}

static struct adb_object *read_object(const axutil_env_t *env, const struct adb_type *type, xmlNodePtr node);

/* The attributes that XML Schema part 1, 2.6 allows everywhere; *nil becomes 1 for a nil element. */
static int attributes(const axutil_env_t *env, const struct adb_type *type, const struct adb_field *field,
                      xmlNodePtr node, int *nil)
{
    xmlAttrPtr attribute;

    for (attribute = node->properties; attribute != NULL; attribute = attribute->next) {
        const char *uri = attribute->ns != NULL ? (const char *)attribute->ns->href : "";
        const char *name = (const char *)attribute->name;
        char *value;
        int good = 0;

        if ((value = text_of(env, (xmlNodePtr)attribute)) == NULL)
            return 0;
        if (strcmp(uri, XSI) == 0 && strcmp(name, "nil") == 0) {
            long long number = 0;

            good = boolean_of(collapsed(value), &number) && (!number || (field->nillable && node->children == NULL));
            *nil = number != 0;
        } else if (strcmp(uri, XSI) == 0 && strcmp(name, "type") == 0) {
            good = says_type(env, node, collapsed(value), field, type->uri);
        } else if (strcmp(uri, XSI) == 0) {
            good = strcmp(name, "schemaLocation") == 0 || strcmp(name, "noNamespaceSchemaLocation") == 0;
        }
        adb_release(env, value);
        if (!good) {
            adb_fault(env, ADB_FAULT_CLIENT, "%.40s cannot have that attribute %.40s", field->name, name);
            return 0;
        }
    }
    return 1;
}

/* One element, which is field, into its slot. */
static axis2_status_t read_value(const axutil_env_t *env, struct adb_object *object, int at, xmlNodePtr node)
{
    const struct adb_field *field = &object->type->fields[at];
    union adb_value value = {NULL};
    char *text;
    int nil = 0;

    if (!attributes(env, object->type, field, node, &nil))
        return AXIS2_FAILURE;
    if (nil) {
        /* stays NULL */
    } else if (field->kind == ADB_OBJECT) {
        if ((value.object = read_object(env, field->type, node)) == NULL)
            return AXIS2_FAILURE;
        value.object->owned = 1;
    } else {
        if ((text = text_of(env, node)) == NULL)
            return AXIS2_FAILURE;
        if (field->kind == ADB_TEXT) {
            value.text = text;
        } else {
            int good = simple_value(env, field->kind, text, &value);

            adb_release(env, text);
            if (!good) {
                adb_fault(env, ADB_FAULT_CLIENT, "%s is not an xs:%s", field->name, schema_name(field->kind));
                return AXIS2_FAILURE;
            }
        }
    }
    /* On failure the value stays behind in env, and goes with it. */
    if (adb_append(object, env, at, value) != AXIS2_SUCCESS) {
        adb_fault(env, ADB_FAULT_SERVER, "out of memory");
        return AXIS2_FAILURE;
    }
    return AXIS2_SUCCESS;
}

static int is_field(const struct adb_type *type, const struct adb_field *field, const xmlNode *node)
{
    return adb_xml_is(node, field->qualified ? type->uri : NULL, field->name);
}

/* The elements from node on, in the order of the schema. */
static axis2_status_t read_fields(const axutil_env_t *env, struct adb_object *object, xmlNodePtr node)
{
    const struct adb_type *type = object->type;
    int at;

    node = adb_xml_element(env, node);
    for (at = 0; at < type->count; at++) {
        const struct adb_field *field = &type->fields[at];
        int count = 0;

        for (; node != NULL && is_field(type, field, node); node = adb_xml_element(env, node->next), count++) {
            if (field->most != ADB_UNBOUNDED && count == field->most) {
                adb_fault(env, ADB_FAULT_CLIENT, "%s: more than %d %s", type->name, field->most, field->name);
                return AXIS2_FAILURE;
            }
            if (read_value(env, object, at, node) != AXIS2_SUCCESS)
                return AXIS2_FAILURE;
        }
        if (count < field->least) {
            adb_fault(env, ADB_FAULT_CLIENT, "%s: no %s, but %.40s", type->name, field->name,
                      node != NULL ? (const char *)node->name : "its end");
            return AXIS2_FAILURE;
        }
    }
    if (node != NULL)
        adb_fault(env, ADB_FAULT_CLIENT, "%s: no %.40s can be there", type->name, (const char *)node->name);
    /* Text between elements ends the list early, with a fault. */
    return adb_fault_code(env) == ADB_NO_FAULT ? AXIS2_SUCCESS : AXIS2_FAILURE;
}

static struct adb_object *read_object(const axutil_env_t *env, const struct adb_type *type, xmlNodePtr node)
{
    struct adb_object *object = adb_object_create(env, type);

    if (object == NULL) {
        adb_fault(env, ADB_FAULT_SERVER, "out of memory");
        return NULL;
    }
    if (read_fields(env, object, node->children) != AXIS2_SUCCESS) {
        adb_object_free(object, env);
        return NULL;
    }
    return object;
}

struct adb_object *adb_read_element(const axutil_env_t *env, const struct adb_type *type, axiom_node_t *element)
{
    xmlNodePtr node = (xmlNodePtr)element;
    struct adb_object *object;

    adb_clear_fault(env);
    if (node == NULL || !is_field(type, &type->fields[0], node)) {
        adb_fault(env, ADB_FAULT_CLIENT, "no %s, but %.40s", type->fields[0].name,
                  node != NULL ? (const char *)node->name : "nothing");
        return NULL;
    }
    if ((object = adb_object_create(env, type)) == NULL) {
        adb_fault(env, ADB_FAULT_SERVER, "out of memory");
        return NULL;
    }
    if (read_value(env, object, 0, node) != AXIS2_SUCCESS) {
        adb_object_free(object, env);
        return NULL;
    }
    return object;
}
