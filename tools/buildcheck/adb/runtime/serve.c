/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#define _GNU_SOURCE /* accept4 */
#include "serve.h"

#include "listen.h"
#include "service.h"
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE 30         /* seconds for a request to arrive, and for its answer to leave */
#define LINGERING 500       /* milliseconds for the other side to take the answer */
#define LEFTOVER (1 << 20)  /* bytes of what it goes on sending meanwhile */

struct options {
    const char *address;
    long largest, patience, requests; /* bytes, seconds; requests 0: no end */
};

static int alarm_pipe[2] = {-1, -1};
static int listening = -1;
static pid_t owner;

/* A process that the service forks may live on without exec: it must not hold the address. (The connection is shut down
 * for all who have it.) */
static void in_child(void)
{
    close(listening);
    listening = -1;
}

/* A process that the service forked, and that did not exec, ends as if it had no handler. */
static void on_signal(int number)
{
    int error = errno;

    if (getpid() != owner) {
        signal(number, SIG_DFL);
        raise(number);
    } else if (write(alarm_pipe[1], "", 1) < 0) {
        /* It is full: the service is to end anyway. */
    }
    errno = error;
}

static axis2_status_t heed_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    owner = getpid();
    if (pipe2(alarm_pipe, O_CLOEXEC | O_NONBLOCK) != 0 || pthread_atfork(NULL, NULL, in_child) != 0)
        return AXIS2_FAILURE;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    return AXIS2_SUCCESS;
}

/* Closing with bytes unread would take the answer away from a slow reader: RFC 9112, 9.6. */
static void close_gently(struct adb_socket *connection)
{
    char bytes[4096];
    size_t left = LEFTOVER;
    ssize_t got = 1;

    shutdown(connection->fd, SHUT_WR);
    connection->deadline = adb_now() + LINGERING;
    while (got > 0 && left > sizeof bytes) {
        got = connection->stream.read(&connection->stream, bytes, sizeof bytes);
        left -= got > 0 ? (size_t)got : 0;
    }
    adb_socket_close(connection);
}

static void serve_connection(const struct adb_serving *serving, int fd, long patience)
{
    axutil_env_t *env = axutil_env_create_all(NULL, AXIS2_LOG_LEVEL_ERROR);
    struct adb_socket connection;

    adb_socket_open(&connection, fd, 1000LL * patience);
    if (env != NULL)
        adb_serve(serving, env, &connection.stream);
    axutil_env_free(env);
    close_gently(&connection);
}

/* One connection after the other. */
static int serve_all(const struct adb_serving *serving, const struct adb_listener *listener,
                     const struct options *options)
{
    struct pollfd waiting[2] = {{.fd = listener->fd, .events = POLLIN}, {.fd = alarm_pipe[0], .events = POLLIN}};
    long served = 0;
    int fd;

    while (options->requests == 0 || served < options->requests) {
        if (poll(waiting, 2, -1) < 0 && errno != EINTR)
            return 1;
        if (waiting[1].revents != 0)
            break;
        if (waiting[0].revents == 0)
            continue;
        if ((fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
            serve_connection(serving, fd, options->patience);
            served++;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            poll(NULL, 0, 100); /* until there is room again */
        }
    }
    return 0;
}

static int usage(const char *name)
{
    fprintf(stderr,
            "usage: %s --listen ADDRESS [--max-body BYTES] [--timeout SECONDS] [--requests NUMBER]\n"
            "ADDRESS is unix:PATH, 127.0.0.1:PORT or [::1]:PORT. A request may have %d bytes and take %d seconds.\n",
            name, ADB_LARGEST_REQUEST, PATIENCE);
    return 2;
}

static int number_of(const char *text, long most, long *number)
{
    char *end;

    *number = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == 0 && *number >= 1 && *number <= most;
}

static int read_options(struct options *options, int argc, char **argv)
{
    int i, good = 1;

    for (i = 1; i < argc && good; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;

        if (value == NULL)
            good = 0;
        else if (strcmp(argv[i], "--listen") == 0)
            options->address = value;
        else if (strcmp(argv[i], "--max-body") == 0)
            good = number_of(value, 1L << 30, &options->largest);
        else if (strcmp(argv[i], "--timeout") == 0)
            good = number_of(value, 3600, &options->patience);
        else if (strcmp(argv[i], "--requests") == 0)
            good = number_of(value, 1L << 30, &options->requests);
        else
            good = 0;
    }
    return good && options->address != NULL;
}

static int serve_at(const struct adb_program *program, const struct adb_serving *serving, const struct options *options,
                    const char *name)
{
    struct adb_listener listener;
    const char *problem = adb_listen(&listener, options->address);
    int result;

    if (problem != NULL) {
        fprintf(stderr, "%s: %s %s\n", name, options->address, problem);
        return 2;
    }
    fprintf(stderr, "%s: WS-Security is not implemented: nobody is authenticated, and whoever can connect to %s may do everything\n",
            name, listener.name);
    printf("%s: listening on %s\n", program->service->name, listener.name);
    fflush(stdout);
    listening = listener.fd;
    result = serve_all(serving, &listener, options);
    listening = -1;
    adb_listen_end(&listener);
    return result;
}

int adb_serve_main(const struct adb_program *program, int argc, char **argv)
{
    struct options options = {.largest = ADB_LARGEST_REQUEST, .patience = PATIENCE};
    struct adb_serving serving = {.service = program->service};
    axutil_env_t *env;
    int result = 1;

    if (!read_options(&options, argc, argv))
        return usage(argv[0]);
    serving.largest = (size_t)options.largest;
    xmlInitParser();
    env = axutil_env_create_all(NULL, AXIS2_LOG_LEVEL_ERROR);
    if (env == NULL || heed_signals() != AXIS2_SUCCESS || !program->get_instance(&serving.skeleton, env)) {
        fprintf(stderr, "%s: cannot start\n", argv[0]);
    } else {
        if (serving.skeleton->ops->init(serving.skeleton, env) == AXIS2_SUCCESS)
            result = serve_at(program, &serving, &options, argv[0]);
        program->remove_instance(serving.skeleton, env);
    }
    axutil_env_free(env);
    return result;
}
