/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects into elements. What the schema does not allow is not sent. */
#define _POSIX_C_SOURCE 200809L
#include "date_time.h"
#include "memory.h"
#include "object.h"
#include "xml.h"

#include <stdio.h>

#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define NUMBER_SIZE 24

/* The namespaces of a message, declared where they are first needed. */
struct writer {
    const axutil_env_t *env;
    xmlDocPtr doc;
    xmlNsPtr schema, instance;
};

static axis2_status_t out_of_memory(const axutil_env_t *env)
{
    adb_fault(env, ADB_FAULT_SERVER, "out of memory");
    return AXIS2_FAILURE;
}

static axis2_status_t write_fields(struct writer *writer, const struct adb_object *object, xmlNodePtr node);

/* xsi:nil="true" */
static axis2_status_t write_nil(struct writer *writer, xmlNodePtr node)
{
    if (writer->instance == NULL)
        writer->instance = xmlNewNs(xmlDocGetRootElement(writer->doc), BAD_CAST XSI, BAD_CAST "xsi");
    if (writer->instance == NULL || xmlNewNsProp(node, writer->instance, BAD_CAST "nil", BAD_CAST "true") == NULL)
        return out_of_memory(writer->env);
    return AXIS2_SUCCESS;
}

static axis2_status_t write_text(struct writer *writer, const struct adb_field *field, xmlNodePtr node,
                                 const char *text)
{
    xmlNodePtr content;
    size_t at;

    if (!adb_xml_can_hold(text, &at)) {
        adb_fault(writer->env, ADB_FAULT_SERVER, "%s: byte %zu is not a character of XML in UTF-8", field->name, at);
        return AXIS2_FAILURE;
    }
    if (*text == 0)
        return AXIS2_SUCCESS;
    if ((content = xmlNewDocText(writer->doc, BAD_CAST text)) == NULL)
        return out_of_memory(writer->env);
    xmlAddChild(node, content);
    return AXIS2_SUCCESS;
}

static axis2_status_t write_content(struct writer *writer, const struct adb_field *field, xmlNodePtr node,
                                    union adb_value value)
{
    char text[ADB_TIME_SIZE > NUMBER_SIZE ? ADB_TIME_SIZE : NUMBER_SIZE];

    switch (field->kind) {
    case ADB_TEXT:
        return write_text(writer, field, node, value.text);
    case ADB_BOOLEAN:
        return write_text(writer, field, node, value.number != 0 ? "true" : "false");
    case ADB_SHORT:
    case ADB_INT:
    case ADB_LONG:
        snprintf(text, sizeof text, "%lld", value.number);
        return write_text(writer, field, node, text);
    case ADB_TIME:
        adb_time_format(value.time, text);
        return write_text(writer, field, node, text);
    case ADB_OBJECT:
        break;
    }
    return write_fields(writer, value.object, node);
}

static int is_nothing(enum adb_kind kind, union adb_value value)
{
    return (kind == ADB_TEXT && value.text == NULL) || (kind == ADB_TIME && value.time == NULL) ||
           (kind == ADB_OBJECT && value.object == NULL);
}

/* value NULL: a nil element. */
static axis2_status_t write_value(struct writer *writer, const struct adb_type *type, const struct adb_field *field,
                                  xmlNodePtr parent, const union adb_value *value)
{
    xmlNodePtr node = xmlNewDocNode(writer->doc, NULL, BAD_CAST field->name, NULL);
    int nil = value == NULL || is_nothing(field->kind, *value);

    if (node == NULL)
        return out_of_memory(writer->env);
    if (parent != NULL)
        xmlAddChild(parent, node);
    else
        xmlDocSetRootElement(writer->doc, node);
    if (writer->schema == NULL &&
        (writer->schema = xmlNewNs(xmlDocGetRootElement(writer->doc), BAD_CAST type->uri, BAD_CAST "n")) == NULL)
        return out_of_memory(writer->env);
    if (field->qualified)
        xmlSetNs(node, writer->schema);
    if (nil && !field->nillable) {
        adb_fault(writer->env, ADB_FAULT_SERVER, "%s: %s is NULL", type->name, field->name);
        return AXIS2_FAILURE;
    }
    return nil ? write_nil(writer, node) : write_content(writer, field, node, *value);
}

static axis2_status_t write_field(struct writer *writer, const struct adb_object *object, int at, xmlNodePtr parent)
{
    const struct adb_type *type = object->type;
    const struct adb_field *field = &type->fields[at];
    const struct adb_slot *slot = &object->slots[at];
    const union adb_value *values = slot->many != NULL ? slot->many : &slot->one;
    int i;

    if (slot->count == 0 && field->least == 1 && field->nillable)
        return write_value(writer, type, field, parent, NULL);
    if (slot->count < field->least) {
        adb_fault(writer->env, ADB_FAULT_SERVER, "%s: no %s was set", type->name, field->name);
        return AXIS2_FAILURE;
    }
    if (field->most != ADB_UNBOUNDED && slot->count > field->most) {
        adb_fault(writer->env, ADB_FAULT_SERVER, "%s: more than %d %s", type->name, field->most, field->name);
        return AXIS2_FAILURE;
    }
    for (i = 0; i < slot->count; i++)
        if (write_value(writer, type, field, parent, &values[i]) != AXIS2_SUCCESS)
            return AXIS2_FAILURE;
    return AXIS2_SUCCESS;
}

static axis2_status_t write_fields(struct writer *writer, const struct adb_object *object, xmlNodePtr node)
{
    int at;

    for (at = 0; at < object->type->count; at++)
        if (write_field(writer, object, at, node) != AXIS2_SUCCESS)
            return AXIS2_FAILURE;
    return AXIS2_SUCCESS;
}

axiom_node_t *adb_write_element(const axutil_env_t *env, const struct adb_object *object)
{
    struct writer writer = {.env = env};

    adb_clear_fault(env);
    if (object == NULL) {
        adb_fault(env, ADB_FAULT_SERVER, "there is no message");
        return NULL;
    }
    if ((writer.doc = adb_xml_new(env)) == NULL) {
        out_of_memory(env);
        return NULL;
    }
    if (write_field(&writer, object, 0, NULL) != AXIS2_SUCCESS)
        return NULL;
    return (axiom_node_t *)xmlDocGetRootElement(writer.doc);
}
