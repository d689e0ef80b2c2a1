/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "service.h"

#include "memory.h"
#include "xml.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct axutil_qname {
    const char *local;
};

struct axis2_op {
    struct axutil_qname name;
};

struct axis2_op_ctx {
    struct axis2_op *op;
    struct axis2_msg_ctx *in;
};

struct axis2_msg_ctx {
    struct axis2_op_ctx *op_ctx;
    xmlNodePtr envelope;
};

axis2_char_t *axutil_qname_get_localpart(const axutil_qname_t *name, const axutil_env_t *env)
{
    (void)env;
    return (axis2_char_t *)name->local;
}

const axutil_qname_t *axis2_op_get_qname(axis2_op_t *op, const axutil_env_t *env)
{
    (void)env;
    return &op->name;
}

axis2_op_t *axis2_op_ctx_get_op(axis2_op_ctx_t *op_ctx, const axutil_env_t *env)
{
    (void)env;
    return op_ctx->op;
}

axis2_msg_ctx_t *axis2_op_ctx_get_msg_ctx(axis2_op_ctx_t *op_ctx, const axutil_env_t *env,
                                          axis2_wsdl_msg_labels_t label)
{
    (void)env;
    (void)label;
    return op_ctx->in;
}

axis2_op_ctx_t *axis2_msg_ctx_get_op_ctx(axis2_msg_ctx_t *msg_ctx, const axutil_env_t *env)
{
    (void)env;
    return msg_ctx->op_ctx;
}

axiom_soap_envelope_t *axis2_msg_ctx_get_soap_envelope(axis2_msg_ctx_t *msg_ctx, const axutil_env_t *env)
{
    (void)env;
    return (axiom_soap_envelope_t *)msg_ctx->envelope;
}

struct answer {
    int status;
    const char *type;
    const char *body;
    size_t length;
};

/* The operation whose request the payload is; the header SOAPAction has no say in it. */
static const struct adb_operation *operation_of(const struct adb_service *service, xmlNodePtr payload)
{
    int i;

    for (i = 0; i < service->count; i++) {
        const struct adb_type *input = service->operations[i].input;

        if (adb_xml_is(payload, input->uri, input->fields[0].name))
            return &service->operations[i];
    }
    return NULL;
}

/* The operation's answer; NULL with a fault in env. */
static axiom_node_t *invoke(const struct adb_serving *serving, const axutil_env_t *env, const struct adb_soap *soap)
{
    const struct adb_operation *operation = operation_of(serving->service, soap->payload);
    struct axis2_op op;
    struct axis2_op_ctx op_ctx = {&op, NULL};
    struct axis2_msg_ctx msg_ctx = {&op_ctx, soap->envelope};
    axiom_node_t *payload;

    if (operation == NULL) {
        adb_fault(env, ADB_FAULT_CLIENT, "%s has no operation %.40s", serving->service->name,
                  (const char *)soap->payload->name);
        return NULL;
    }
    op.name.local = operation->name;
    op_ctx.in = &msg_ctx;
    payload = serving->skeleton->ops->invoke(serving->skeleton, env, (axiom_node_t *)soap->payload, &msg_ctx);
    if (payload == NULL)
        adb_fault(env, ADB_FAULT_SERVER, "%s gave no answer", operation->name);
    return payload;
}

static void answer_message(const struct adb_serving *serving, const axutil_env_t *env,
                           const struct adb_http_message *message, struct answer *answer)
{
    struct adb_soap soap;
    axiom_node_t *payload = NULL;

    if (adb_soap_parse(env, message->body, message->length, &soap) == AXIS2_SUCCESS)
        payload = invoke(serving, env, &soap);
    answer->type = adb_soap_media_type(soap.version);
    if (payload != NULL && (answer->body = adb_soap_print(env, soap.version, payload, &answer->length)) != NULL) {
        answer->status = 200;
        return;
    }
    if (payload != NULL)
        adb_fault(env, ADB_FAULT_SERVER, "out of memory");
    adb_log_error(env, "%s: fault: %s", serving->service->name, adb_fault_text(env));
    answer->body = adb_soap_print_fault(env, soap.version, &answer->length);
    /* SOAP 1.1, 6.2; SOAP 1.2 part 2, table 20. */
    answer->status = soap.version == ADB_SOAP_12 && adb_fault_code(env) == ADB_FAULT_CLIENT ? 400 : 500;
}

/* What can be said of a request before its body is read. */
static adb_http_status check_head(const struct adb_serving *serving, const struct adb_http_message *message)
{
    static const char folder[] = "/axis2/services/";
    int doubled = 0;
    const char *type;

    if (strncmp(message->start[2], "HTTP/", 5) != 0)
        return 400;
    if (strcmp(message->start[2], "HTTP/1.1") != 0 && strcmp(message->start[2], "HTTP/1.0") != 0)
        return 505;
    if (strcmp(message->start[0], "POST") != 0)
        return 405;
    if (strncmp(message->start[1], folder, sizeof folder - 1) != 0 ||
        strcmp(message->start[1] + sizeof folder - 1, serving->service->name) != 0)
        return 404;
    if (adb_http_field(message, "Host", &doubled) == NULL && strcmp(message->start[2], "HTTP/1.1") == 0)
        return 400;
    type = adb_http_field(message, "Content-Type", &doubled);
    if (doubled)
        return 400;
    return adb_http_is_media(type, "text/xml") || adb_http_is_media(type, "application/soap+xml") ? 0 : 415;
}

/* Whoever waits for leave to send the body gets it, or learns that there is no need to send it. */
static adb_http_status expect(const struct adb_serving *serving, const struct adb_http_message *message,
                              struct adb_stream *stream)
{
    static const char leave[] = "HTTP/1.1 100 Continue\r\n\r\n";
    int doubled = 0, chunked;
    const char *word = adb_http_field(message, "Expect", &doubled);
    size_t size;
    adb_http_status status = adb_http_body_size(message, serving->largest, 0, &size, &chunked);

    if (word == NULL || status != 0)
        return status;
    if (doubled || strcasecmp(word, "100-continue") != 0)
        return 417;
    if (message->begin < message->end)
        return 0;
    return stream->write(stream, leave, sizeof leave - 1) == AXIS2_SUCCESS ? 0 : ADB_HTTP_SILENCE;
}

static void send_answer(struct adb_stream *stream, const struct answer *answer)
{
    char head[256];
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %d %s\r\n"
                          "Content-Type: %s; charset=UTF-8\r\n"
                          "Content-Length: %zu\r\n"
                          "%sConnection: close\r\n\r\n",
                          answer->status, adb_http_reason(answer->status), answer->type, answer->length,
                          answer->status == 405 ? "Allow: POST\r\n" : "");

    if (stream->write(stream, head, (size_t)length) == AXIS2_SUCCESS)
        stream->write(stream, answer->body, answer->length);
}

void adb_serve(const struct adb_serving *serving, const axutil_env_t *env, struct adb_stream *stream)
{
    struct adb_http_message *message = adb_alloc(env, sizeof *message);
    struct answer answer = {.type = "text/plain"};
    adb_http_status status = message != NULL ? adb_http_read_head(message, stream) : ADB_HTTP_SILENCE;

    if (status == 0)
        status = check_head(serving, message);
    if (status == 0)
        status = expect(serving, message, stream);
    if (status == 0)
        status = adb_http_read_body(env, message, serving->largest, 0);
    if (status == ADB_HTTP_SILENCE)
        return;
    if (status == 0) {
        answer_message(serving, env, message, &answer);
    } else {
        answer.status = status;
        answer.body = adb_http_reason(status);
        answer.length = strlen(answer.body);
    }
    if (stream->renew != NULL)
        stream->renew(stream);
    if (answer.body != NULL)
        send_answer(stream, &answer);
}
