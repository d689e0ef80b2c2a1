/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stubs: a request out over HTTP, the answer in. */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* SOCK_NONBLOCK */
#include <adb_service.h>

#include "client.h"
#include "memory.h"
#include "soap.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE 60 /* seconds for a call, from the connection to the last byte */
#define LARGEST (64 << 20)

struct axis2_svc_client {
    int no_security; /* there is nothing to configure */
};

struct axis2_stub {
    const struct adb_service *service;
    struct axis2_svc_client client;
    const char *host, *port, *path; /* of http: */
    const char *socket;             /* of unix: */
};

static axis2_stub_t *refused(const axutil_env_t *env, const char *endpoint, const char *why)
{
    adb_log_error(env, "%s: %s", endpoint, why);
    return NULL;
}

/* http://HOST[:PORT][/PATH]; text is changed and kept. */
static int split_address(axis2_stub_t *stub, char *text)
{
    char *slash = strchr(text, '/'), *colon, *bracket;

    stub->port = "80";
    if (slash != NULL)
        *slash = 0;
    stub->host = text;
    if (*text == '[' && (bracket = strchr(text, ']')) != NULL) {
        stub->host = text + 1;
        *bracket = 0;
        colon = bracket[1] == ':' ? bracket + 1 : NULL;
        if (colon == NULL && bracket[1] != 0)
            return 0;
    } else {
        colon = strchr(text, ':');
    }
    if (colon != NULL) {
        *colon = 0;
        stub->port = colon + 1;
    }
    return *stub->host != 0 && *stub->port != 0 && stub->port[strspn(stub->port, "0123456789")] == 0;
}

axis2_stub_t *adb_stub_create(const axutil_env_t *env, const struct adb_service *service, const axis2_char_t *endpoint)
{
    axis2_stub_t *stub;
    const char *slash;
    char *text;

    if (env == NULL || endpoint == NULL)
        return NULL;
    if (strpbrk(endpoint, " \t\r\n") != NULL)
        return refused(env, endpoint, "an address has no blanks");
    if ((stub = adb_alloc(env, sizeof *stub)) == NULL || (text = adb_copy(env, endpoint, strlen(endpoint))) == NULL)
        return NULL;
    stub->service = service;
    if (strncmp(endpoint, "unix:", 5) == 0) {
        char *path = adb_alloc(env, strlen(service->name) + sizeof "/axis2/services/");

        if (path == NULL)
            return NULL;
        sprintf(path, "/axis2/services/%s", service->name);
        stub->socket = text + 5;
        stub->path = path;
        stub->host = "localhost";
        stub->port = "";
        if (strlen(stub->socket) == 0 || strlen(stub->socket) >= sizeof((struct sockaddr_un *)0)->sun_path)
            return refused(env, endpoint, "no such socket can be");
        return stub;
    }
    if (strncmp(endpoint, "http://", 7) != 0)
        return refused(env, endpoint, "neither http:// nor unix:");
    slash = strchr(endpoint + 7, '/');
    stub->path = slash != NULL ? slash : "/";
    if (slash != NULL && (stub->path = adb_copy(env, slash, strlen(slash))) == NULL)
        return NULL;
    return split_address(stub, text + 7) ? stub : refused(env, endpoint, "not http://HOST[:PORT]/PATH");
}

void axis2_stub_free(axis2_stub_t *stub, const axutil_env_t *env)
{
    /* It may have been given out twice; it goes with env. */
    (void)stub;
    (void)env;
}

axis2_svc_client_t *axis2_stub_get_svc_client(const axis2_stub_t *stub, const axutil_env_t *env)
{
    (void)env;
    return stub != NULL ? (axis2_svc_client_t *)&stub->client : NULL;
}

static int connect_to(const struct sockaddr *address, socklen_t length, int family, long long deadline)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
    socklen_t size = sizeof error;

    if (fd < 0)
        return -1;
    if (connect(fd, address, length) == 0)
        return fd;
    error = errno;
    if (error == EINPROGRESS && adb_socket_wait(fd, POLLOUT, deadline) == AXIS2_SUCCESS &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

static int connect_unix(const char *path, long long deadline)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    memcpy(address.sun_path, path, strlen(path) + 1);
    /* EAGAIN: the other side is busy with one that came before. */
    while ((fd = connect_to((struct sockaddr *)&address, sizeof address, AF_UNIX, deadline)) < 0 && errno == EAGAIN &&
           adb_now() < deadline)
        poll(NULL, 0, 10);
    return fd;
}

static int connect_http(const char *host, const char *port, long long deadline)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found = NULL, *at;
    int fd = -1;

    if (getaddrinfo(host, port, &wanted, &found) != 0)
        return -1;
    for (at = found; at != NULL && fd < 0; at = at->ai_next)
        fd = connect_to(at->ai_addr, at->ai_addrlen, at->ai_family, deadline);
    freeaddrinfo(found);
    return fd;
}

/* Seconds: ADB_CLIENT_TIMEOUT in the environment, for tests. */
static long long patience(void)
{
    const char *word = getenv("ADB_CLIENT_TIMEOUT");
    int seconds = word != NULL ? atoi(word) : 0;

    return 1000LL * (seconds > 0 ? seconds : PATIENCE);
}

static axis2_status_t send_request(const axis2_stub_t *stub, const axutil_env_t *env, struct adb_stream *stream,
                                   const char *action, const char *body, size_t length)
{
    static const char format[] = "POST %s HTTP/1.1\r\n"
                                 "Host: %s%s%s%s%s\r\n"
                                 "Content-Type: text/xml; charset=UTF-8\r\n"
                                 "Content-Length: %zu\r\n"
                                 "SOAPAction: \"%s\"\r\n"
                                 "Connection: close\r\n\r\n";
    int v6 = strchr(stub->host, ':') != NULL;
    size_t size = sizeof format + strlen(stub->path) + strlen(stub->host) + strlen(stub->port) + strlen(action) + 32;
    char *head = adb_alloc(env, size);
    axis2_status_t status;

    if (head == NULL)
        return AXIS2_FAILURE;
    snprintf(head, size, format, stub->path, v6 ? "[" : "", stub->host, v6 ? "]" : "", *stub->port != 0 ? ":" : "",
             stub->port, length, action);
    status = stream->write(stream, head, strlen(head));
    adb_release(env, head);
    return status == AXIS2_SUCCESS ? stream->write(stream, body, length) : status;
}

struct adb_object *adb_client_answer(const axutil_env_t *env, const struct adb_operation *operation,
                                     struct adb_stream *stream)
{
    struct adb_http_message *message = adb_alloc(env, sizeof *message);
    struct adb_object *output = NULL;
    adb_http_status status = message != NULL ? adb_http_read_head(message, stream) : 500;
    const char *reason = NULL;
    struct adb_soap soap;

    if (status == 0 && strncmp(message->start[0], "HTTP/1.", 7) != 0)
        status = 400;
    if (status == 0)
        status = adb_http_read_body(env, message, LARGEST, 1);
    if (status != 0) {
        adb_fault(env, ADB_FAULT_SERVER, status == 408 ? "the time is over" : "what came is no answer of HTTP/1.1");
    } else {
        int good = strcmp(message->start[1], "200") == 0;

        adb_log_message(env, "answer", message->body, message->length);
        if (adb_soap_parse(env, message->body, message->length, &soap) != AXIS2_SUCCESS) {
            if (!good) {
                adb_clear_fault(env);
                adb_fault(env, ADB_FAULT_SERVER, "HTTP status %.3s", message->start[1]);
            }
        } else if (adb_soap_is_fault(&soap, &reason)) {
            adb_fault(env, ADB_FAULT_SERVER, "fault: %.200s", reason);
        } else if (!good) {
            adb_fault(env, ADB_FAULT_SERVER, "HTTP status %.3s", message->start[1]);
        } else {
            output = adb_read_element(env, operation->output, (axiom_node_t *)soap.payload);
        }
    }
    if (message != NULL)
        adb_release(env, message->body);
    adb_release(env, message);
    return output;
}

struct adb_object *adb_stub_call(axis2_stub_t *stub, const axutil_env_t *env, int operation, struct adb_object *input)
{
    const struct adb_operation *called;
    struct adb_object *output = NULL;
    struct adb_socket connection;
    axiom_node_t *payload;
    size_t length = 0;
    char *request;
    int fd;

    if (stub == NULL || env == NULL)
        return NULL;
    called = &stub->service->operations[operation];
    adb_socket_open(&connection, -1, patience());
    payload = adb_write_element(env, input);
    request = payload != NULL ? adb_soap_print(env, ADB_SOAP_11, payload, &length) : NULL;
    if (request == NULL) {
        adb_log_error(env, "%s: not sent: %s", called->name, adb_fault_text(env));
        return NULL;
    }
    adb_log_message(env, "request", request, length);
    fd = stub->socket != NULL ? connect_unix(stub->socket, connection.deadline)
                              : connect_http(stub->host, stub->port, connection.deadline);
    if (fd < 0) {
        adb_fault(env, ADB_FAULT_SERVER, "nobody answers at %.200s", stub->socket != NULL ? stub->socket : stub->host);
    } else {
        connection.fd = fd;
        /* Whoever refuses a request early answers it all the same. */
        send_request(stub, env, &connection.stream, called->action, request, length);
        output = adb_client_answer(env, called, &connection.stream);
        adb_socket_close(&connection);
    }
    adb_release(env, request);
    if (output == NULL)
        adb_log_error(env, "%s: %s", called->name, adb_fault_text(env));
    return output;
}
