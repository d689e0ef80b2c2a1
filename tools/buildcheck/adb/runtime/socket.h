/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections with an end to their patience. */
#ifndef ADB_SOCKET_H
#define ADB_SOCKET_H

#include "http.h"

struct adb_socket {
    struct adb_stream stream;
    int fd;
    long long patience, deadline; /* in milliseconds; the deadline is one of the monotonic clock */
};

long long adb_now(void);
/* Makes fd, which may not block, a stream that lives for that many milliseconds. */
void adb_socket_open(struct adb_socket *self, int fd, long long milliseconds);
/* Also for processes that have inherited it. */
void adb_socket_close(struct adb_socket *self);
/* Waits until fd is ready for events of poll(2); AXIS2_FAILURE when the time is over. */
axis2_status_t adb_socket_wait(int fd, short events, long long deadline);

#endif
