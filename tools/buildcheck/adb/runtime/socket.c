/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "socket.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

long long adb_now(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

axis2_status_t adb_socket_wait(int fd, short events, long long deadline)
{
    struct pollfd waiting = {.fd = fd, .events = events};
    long long left;
    int ready;

    do {
        left = deadline - adb_now();
        if (left <= 0)
            return AXIS2_FAILURE;
        ready = poll(&waiting, 1, left > INT_MAX ? INT_MAX : (int)left);
    } while (ready == 0 || (ready < 0 && errno == EINTR));
    return ready > 0 ? AXIS2_SUCCESS : AXIS2_FAILURE;
}

static ssize_t read_some(struct adb_stream *stream, char *bytes, size_t size)
{
    struct adb_socket *self = (struct adb_socket *)stream;
    ssize_t got;

    for (;;) {
        /* First, so that one who sends a byte at a time does not live longer. */
        if (adb_socket_wait(self->fd, POLLIN, self->deadline) != AXIS2_SUCCESS)
            return -2;
        got = recv(self->fd, bytes, size, 0);
        if (got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return got >= 0 ? got : -1;
    }
}

static axis2_status_t write_all(struct adb_stream *stream, const char *bytes, size_t length)
{
    struct adb_socket *self = (struct adb_socket *)stream;

    while (length > 0) {
        ssize_t done;

        if (adb_socket_wait(self->fd, POLLOUT, self->deadline) != AXIS2_SUCCESS)
            return AXIS2_FAILURE;
        done = send(self->fd, bytes, length, MSG_NOSIGNAL);
        if (done < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return AXIS2_FAILURE;
        if (done > 0) {
            bytes += done;
            length -= (size_t)done;
        }
    }
    return AXIS2_SUCCESS;
}

static void renew(struct adb_stream *stream)
{
    struct adb_socket *self = (struct adb_socket *)stream;

    self->deadline = adb_now() + self->patience;
}

void adb_socket_open(struct adb_socket *self, int fd, long long milliseconds)
{
    self->stream.read = read_some;
    self->stream.write = write_all;
    self->stream.renew = renew;
    self->fd = fd;
    self->patience = milliseconds;
    renew(&self->stream);
}

void adb_socket_close(struct adb_socket *self)
{
    shutdown(self->fd, SHUT_RDWR);
    close(self->fd);
}
