/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of HTTP/1.1 (RFC 9112) that a request and an answer need: one of each on a connection. */
#ifndef ADB_HTTP_H
#define ADB_HTTP_H

#include <axutil_env.h>
#include <stddef.h>
#include <sys/types.h>

#define ADB_HTTP_HEAD 16384   /* bytes of a start line and its header fields */
#define ADB_HTTP_FIELDS 64    /* header fields */
#define ADB_HTTP_CHUNK_LINE 64 /* bytes of the line before a chunk */

/* Where bytes come from and go to. */
struct adb_stream {
    /* How many came; 0 at the end, -1 on an error, -2 when the time is over. */
    ssize_t (*read)(struct adb_stream *stream, char *bytes, size_t size);
    /* All of them, or AXIS2_FAILURE. */
    axis2_status_t (*write)(struct adb_stream *stream, const char *bytes, size_t length);
    /* The time for reading is over, that for writing begins. NULL where there is no time. */
    void (*renew)(struct adb_stream *stream);
};

/* What a message is refused with; 0 is fine, ADB_HTTP_SILENCE is not worth an answer. */
typedef int adb_http_status;
#define ADB_HTTP_SILENCE (-1)

struct adb_http_field {
    const char *name, *value;
};

struct adb_http_message {
    const char *start[3]; /* METHOD TARGET VERSION, or VERSION STATUS REASON */
    struct adb_http_field fields[ADB_HTTP_FIELDS];
    int count;
    char *body; /* belongs to env, and has a 0 behind it */
    size_t length;
    /* What was read of the connection. */
    struct adb_stream *stream;
    size_t begin, end; /* in bytes, of what is not used yet */
    char bytes[ADB_HTTP_HEAD + 1];
};

/* The start line and the header fields. */
adb_http_status adb_http_read_head(struct adb_http_message *message, struct adb_stream *stream);
/* The value of the only field of that name; NULL where there is none. *doubled becomes 1 where there are more. */
const char *adb_http_field(const struct adb_http_message *message, const char *name, int *doubled);
/* How long the body is to be, at most limit bytes; *chunked becomes 1 when only the chunks say. to_end: a message without
 * a length goes on to the end of the connection, and *size becomes SIZE_MAX. */
adb_http_status adb_http_body_size(const struct adb_http_message *message, size_t limit, int to_end, size_t *size,
                                   int *chunked);
/* The body, likewise. */
adb_http_status adb_http_read_body(const axutil_env_t *env, struct adb_http_message *message, size_t limit, int to_end);
/* Is that media type, in UTF-8 as far as it says? */
int adb_http_is_media(const char *value, const char *type);
const char *adb_http_reason(int status);

#endif
