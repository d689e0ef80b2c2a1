/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address of a service: a Unix socket or the loopback interface, and nothing else. */
#ifndef ADB_LISTEN_H
#define ADB_LISTEN_H

#include <stddef.h>

struct adb_listener {
    int fd;
    char path[256]; /* of a Unix socket, to be removed at the end; empty otherwise */
    char name[320]; /* what it listens on, with the port that it got */
};

/* address: unix:PATH, 127.A.B.C:PORT, localhost:PORT (which is 127.0.0.1, without asking anybody) or [::1]:PORT; port 0
 * takes a free one. NULL, or why it is refused. */
const char *adb_listen(struct adb_listener *listener, const char *address);
void adb_listen_end(struct adb_listener *listener);

#endif
