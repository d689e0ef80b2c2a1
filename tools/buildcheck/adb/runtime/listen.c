/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* SOCK_CLOEXEC */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define WAITING 128 /* connections that may wait for the one that is served */

static const char outside[] = "is neither a Unix socket nor on the loopback interface. WS-Security is not implemented, "
                              "so no other address is taken";

static const char *open_socket(struct adb_listener *listener, int family, const struct sockaddr *address, socklen_t size)
{
    int on = 1;

    listener->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0)
        return "no socket can be opened";
    if (family != AF_UNIX)
        setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener->fd, address, size) == 0 && listen(listener->fd, WAITING) == 0)
        return NULL;
    close(listener->fd);
    listener->fd = -1;
    return strerror(errno);
}

/* A socket that nobody listens on is left over from a process that was killed. */
static int is_left_over(const struct sockaddr_un *address)
{
    struct stat found;
    int fd, refused;

    if (lstat(address->sun_path, &found) != 0 || !S_ISSOCK(found.st_mode))
        return 0;
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
        return 0;
    refused = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static const char *listen_unix(struct adb_listener *listener, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *problem;
    mode_t mask;

    if (*path == 0 || strlen(path) >= sizeof address.sun_path)
        return "is no path that a socket can have";
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (is_left_over(&address))
        unlink(path);
    mask = umask(077); /* for whoever started it only */
    problem = open_socket(listener, AF_UNIX, (struct sockaddr *)&address, sizeof address);
    umask(mask);
    if (problem == NULL)
        snprintf(listener->path, sizeof listener->path, "%s", path);
    return problem;
}

static int port_of(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);

    return *text >= '0' && *text <= '9' && *end == 0 && port >= 0 && port <= 65535 ? (int)port : -1;
}

static const char *listen_v4(struct adb_listener *listener, struct in_addr host, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = host};
    socklen_t size = sizeof address;
    const char *problem;
    char text[INET_ADDRSTRLEN];

    if (ntohl(host.s_addr) >> 24 != 127)
        return outside;
    if ((problem = open_socket(listener, AF_INET, (struct sockaddr *)&address, sizeof address)) != NULL)
        return problem;
    getsockname(listener->fd, (struct sockaddr *)&address, &size);
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    snprintf(listener->name, sizeof listener->name, "%s:%d", text, ntohs(address.sin_port));
    return NULL;
}

static const char *listen_v6(struct adb_listener *listener, struct in6_addr host, int port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = host};
    socklen_t size = sizeof address;
    const char *problem;

    if (!IN6_IS_ADDR_LOOPBACK(&host))
        return outside;
    if ((problem = open_socket(listener, AF_INET6, (struct sockaddr *)&address, sizeof address)) != NULL)
        return problem;
    getsockname(listener->fd, (struct sockaddr *)&address, &size);
    snprintf(listener->name, sizeof listener->name, "[::1]:%d", ntohs(address.sin6_port));
    return NULL;
}

const char *adb_listen(struct adb_listener *listener, const char *address)
{
    const char *colon = strrchr(address, ':');
    struct in6_addr v6;
    struct in_addr v4;
    size_t length;
    char host[64];
    int port;

    memset(listener, 0, sizeof *listener);
    listener->fd = -1;
    if (strncmp(address, "unix:", 5) == 0) {
        snprintf(listener->name, sizeof listener->name, "%s", address);
        return listen_unix(listener, address + 5);
    }
    if (colon == NULL || (port = port_of(colon + 1)) < 0)
        return "is neither unix:PATH nor HOST:PORT";
    length = (size_t)(colon - address);
    if (length >= sizeof host)
        return outside;
    memcpy(host, address, length);
    host[length] = 0;
    if (strcmp(host, "localhost") == 0)
        strcpy(host, "127.0.0.1");
    if (inet_pton(AF_INET, host, &v4) == 1)
        return listen_v4(listener, v4, port);
    if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = 0;
        if (inet_pton(AF_INET6, host + 1, &v6) == 1)
            return listen_v6(listener, v6, port);
    }
    return outside; /* names are not looked up */
}

void adb_listen_end(struct adb_listener *listener)
{
    if (listener->fd >= 0)
        close(listener->fd);
    if (listener->path[0] != 0)
        unlink(listener->path);
}
