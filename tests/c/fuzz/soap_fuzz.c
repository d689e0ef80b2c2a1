/* SPDX-License-Identifier: GPL-3.0-only */
/*
 * Bytes from nowhere, for libFuzzer: a node controller's service with the tree's own server-marshal.c above handlers
 * that do nothing (tests/c/adb), and a client that reads an answer.
 *
 *   "POST "...  a whole HTTP request        "HTTP/"...  a whole HTTP answer, for the client
 *   otherwise   the body of a request that is right otherwise
 *
 * Besides what the sanitizers see: whatever is answered is HTTP, a SOAP answer is well-formed and a good one is what
 * its schema says; a request that can be read can be written, and reads back as the same.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "memory.h"
#include "service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct in_memory {
    struct adb_stream stream;
    const char *in;
    size_t left, step; /* step: the most that one read gives */
    char *out;
    size_t length;
};

static ssize_t read_some(struct adb_stream *stream, char *bytes, size_t size)
{
    struct in_memory *self = (struct in_memory *)stream;

    if (size > self->left)
        size = self->left;
    if (size > self->step)
        size = self->step;
    memcpy(bytes, self->in, size);
    self->in += size;
    self->left -= size;
    return (ssize_t)size;
}

static axis2_status_t write_all(struct adb_stream *stream, const char *bytes, size_t length)
{
    struct in_memory *self = (struct in_memory *)stream;

    self->out = realloc(self->out, self->length + length + 1);
    assert(self->out != NULL);
    memcpy(self->out + self->length, bytes, length);
    self->length += length;
    self->out[self->length] = 0;
    return AXIS2_SUCCESS;
}

static void open_memory(struct in_memory *self, const char *data, size_t size)
{
    memset(self, 0, sizeof *self);
    self->stream.read = read_some;
    self->stream.write = write_all;
    self->in = data;
    self->left = size;
    self->step = size % 7 == 0 ? 1 : 4096;
}

static const struct adb_operation *operation_named(const char *name)
{
    const struct adb_service *service = adb_get_service();
    int i;

    for (i = 0; i < service->count; i++)
        if (strcmp(service->operations[i].name, name) == 0)
            return &service->operations[i];
    abort();
}

/* An answer of the service. */
static void check_answer(const char *answer, size_t length)
{
    axutil_env_t *env = axutil_env_create_all(NULL, AXIS2_LOG_LEVEL_ERROR);
    const char *body, *reason;
    struct adb_soap soap;
    int i, good = 0;

    if (strncmp(answer, "HTTP/1.1 100 Continue\r\n\r\n", 25) == 0) {
        answer += 25;
        length -= 25;
    }
    if (length > 0) {
        assert(strncmp(answer, "HTTP/1.1 ", 9) == 0);
        body = strstr(answer, "\r\n\r\n");
        assert(body != NULL);
        body += 4;
        if (strstr(answer, "Content-Type: text/plain") == NULL) {
            assert(adb_soap_parse(env, body, length - (size_t)(body - answer), &soap) == AXIS2_SUCCESS);
            if (!adb_soap_is_fault(&soap, &reason)) {
                assert(strncmp(answer + 9, "200 ", 4) == 0);
                for (i = 0; i < adb_get_service()->count; i++)
                    good |= adb_read_element(env, adb_get_service()->operations[i].output,
                                             (axiom_node_t *)soap.payload) != NULL;
                assert(good);
            }
        }
    }
    axutil_env_free(env);
}

static void serve(const char *data, size_t size)
{
    axutil_env_t *env = axutil_env_create_all(NULL, AXIS2_LOG_LEVEL_ERROR);
    struct adb_serving serving = {adb_get_service(), NULL, 1 << 18};
    struct in_memory connection;

    axis2_get_instance(&serving.skeleton, env);
    open_memory(&connection, data, size);
    adb_serve(&serving, env, &connection.stream);
    if (connection.out != NULL)
        check_answer(connection.out, connection.length);
    free(connection.out);
    axutil_env_free(env);
}

/* What can be read can be written and read again. */
static void check_body(const char *data, size_t size)
{
    axutil_env_t *env = axutil_env_create_all(NULL, AXIS2_LOG_LEVEL_ERROR);
    const struct adb_service *service = adb_get_service();
    struct adb_soap soap;
    int i;

    if (adb_soap_parse(env, data, size, &soap) == AXIS2_SUCCESS)
        for (i = 0; i < service->count; i++) {
            const struct adb_type *type = service->operations[i].input;
            struct adb_object *object = adb_read_element(env, type, (axiom_node_t *)soap.payload), *again;
            size_t length, length_again;
            char *text, *text_again;
            struct adb_soap second;

            if (object == NULL)
                continue;
            text = adb_soap_print(env, soap.version, adb_write_element(env, object), &length);
            assert(text != NULL && adb_soap_parse(env, text, length, &second) == AXIS2_SUCCESS);
            again = adb_read_element(env, type, (axiom_node_t *)second.payload);
            assert(again != NULL);
            text_again = adb_soap_print(env, soap.version, adb_write_element(env, again), &length_again);
            assert(length == length_again && memcmp(text, text_again, length) == 0);
            assert(adb_object_free(object, env) == AXIS2_SUCCESS && adb_object_free(again, env) == AXIS2_SUCCESS);
        }
    axutil_env_free(env);
}

static void answer_client(const char *data, size_t size)
{
    static const char *const names[] = {"ncRunInstance", "ncDescribeInstances"};
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        axutil_env_t *env = axutil_env_create_all(NULL, AXIS2_LOG_LEVEL_ERROR);
        struct in_memory connection;

        open_memory(&connection, data, size);
        adb_client_answer(env, operation_named(names[i]), &connection.stream);
        axutil_env_free(env);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "POST /axis2/services/EucalyptusNC HTTP/1.1\r\nHost: a\r\n"
                               "Content-Type: text/xml\r\nContent-Length: %zu\r\n\r\n";
    char *request;
    int length;

    if (size >= 5 && memcmp(data, "POST ", 5) == 0) {
        serve((const char *)data, size);
    } else if (size >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        answer_client((const char *)data, size);
    } else {
        if ((request = malloc(sizeof head + 32 + size)) == NULL)
            return 0;
        length = sprintf(request, head, size);
        memcpy(request + length, data, size);
        serve(request, (size_t)length + size);
        check_body(request + length, size);
        free(request);
    }
    return 0;
}
