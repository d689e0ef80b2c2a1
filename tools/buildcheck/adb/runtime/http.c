/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "http.h"

#include "memory.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

const char *adb_http_reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Refused";
    }
}

/* RFC 9110, 5.6.2. */
static int is_token(const char *text)
{
    const char *at;

    for (at = text; *at != 0; at++)
        if (!((*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') ||
              strchr("!#$%&'*+-.^_`|~", *at) != NULL))
            return 0;
    return at > text;
}

static int is_visible(const char *text)
{
    for (; *text != 0; text++)
        if ((*text < ' ' && *text != '\t') || *text == 0x7f)
            return 0;
    return 1;
}

/* NAME: VALUE, in place. */
static int split_field(char *line, struct adb_http_field *field)
{
    char *colon = strchr(line, ':'), *value, *end;

    if (colon == NULL)
        return 0;
    *colon = 0;
    value = colon + 1 + strspn(colon + 1, " \t");
    for (end = value + strlen(value); end > value && (end[-1] == ' ' || end[-1] == '\t');)
        *--end = 0;
    field->name = line;
    field->value = value;
    return is_token(line) && is_visible(value);
}

/* Three words with one blank between them; the third may have more. */
static int split_start(char *line, const char *start[3])
{
    char *first = strchr(line, ' '), *second = first != NULL ? strchr(first + 1, ' ') : NULL;

    if (second == NULL || first == line || second == first + 1 || !is_visible(line))
        return 0;
    *first = *second = 0;
    start[0] = line;
    start[1] = first + 1;
    start[2] = second + 1;
    return 1;
}

static adb_http_status split_head(struct adb_http_message *message, char *head)
{
    char *line = head, *end;

    for (; *line != 0; line = end + 2) {
        if ((end = strstr(line, "\r\n")) == NULL || memchr(line, '\n', (size_t)(end - line)) != NULL)
            return 400;
        *end = 0;
        if (line == head) {
            if (!split_start(line, message->start))
                return 400;
        } else if (message->count == ADB_HTTP_FIELDS) {
            return 431;
        } else if (!split_field(line, &message->fields[message->count++])) {
            return 400;
        }
    }
    return message->start[0] != NULL ? 0 : 400;
}

/* More bytes into what is free of the buffer. */
static adb_http_status fill(struct adb_http_message *message)
{
    ssize_t got = message->stream->read(message->stream, message->bytes + message->end, ADB_HTTP_HEAD - message->end);

    if (got <= 0)
        return got == -2 ? 408 : got == 0 && message->end > 0 ? 400 : ADB_HTTP_SILENCE;
    message->end += (size_t)got;
    return 0;
}

/* Where the empty line behind the header fields begins, from byte on; NULL while it has not come. */
static char *end_of_head(struct adb_http_message *message, size_t from)
{
    char *at = message->bytes + (from > 3 ? from - 3 : 0), *last = message->bytes + message->end;

    for (; last - at >= 4; at++)
        if (memcmp(at, "\r\n\r\n", 4) == 0)
            return at;
    return NULL;
}

adb_http_status adb_http_read_head(struct adb_http_message *message, struct adb_stream *stream)
{
    char *end = NULL;

    memset(message, 0, offsetof(struct adb_http_message, bytes));
    message->stream = stream;
    while (end == NULL) {
        size_t searched = message->end;
        adb_http_status status = message->end == ADB_HTTP_HEAD ? 431 : fill(message);

        if (status != 0)
            return status;
        end = end_of_head(message, searched);
    }
    message->begin = (size_t)(end - message->bytes) + 4;
    end[2] = 0;
    return strlen(message->bytes) == (size_t)(end + 2 - message->bytes) ? split_head(message, message->bytes) : 400;
}

const char *adb_http_field(const struct adb_http_message *message, const char *name, int *doubled)
{
    const char *value = NULL;
    int i;

    for (i = 0; i < message->count; i++)
        if (strcasecmp(message->fields[i].name, name) == 0) {
            *doubled |= value != NULL;
            value = message->fields[i].value;
        }
    return value;
}

/* Some bytes, from the buffer first. */
static ssize_t take(struct adb_http_message *message, char *to, size_t size)
{
    size_t kept = message->end - message->begin;

    if (kept == 0)
        return message->stream->read(message->stream, to, size);
    if (size > kept)
        size = kept;
    memcpy(to, message->bytes + message->begin, size);
    message->begin += size;
    return (ssize_t)size;
}

static adb_http_status status_of(ssize_t got)
{
    return got == -2 ? 408 : 400;
}

/* Makes room for more behind the body. It grows with what came, never with what was announced. */
static adb_http_status grow(const axutil_env_t *env, struct adb_http_message *message, size_t *room)
{
    /* The sizes double from one that the limit on bodies keeps far from overflowing. */
    size_t bigger = *room > 0 ? 2 * *room : ADB_HTTP_HEAD;
    char *body = adb_resize(env, message->body, bigger + 1);

    if (body == NULL)
        return 500;
    message->body = body;
    *room = bigger;
    return 0;
}

static adb_http_status append(const axutil_env_t *env, struct adb_http_message *message, size_t *room, size_t length)
{
    while (length > 0) {
        adb_http_status status = message->length == *room ? grow(env, message, room) : 0;
        size_t size = *room - message->length;
        ssize_t got;

        if (status != 0)
            return status;
        got = take(message, message->body + message->length, size < length ? size : length);
        if (got <= 0)
            return status_of(got);
        message->length += (size_t)got;
        length -= (size_t)got;
    }
    return 0;
}

/* What has no length goes on to the end of the connection. */
static adb_http_status append_rest(const axutil_env_t *env, struct adb_http_message *message, size_t *room, size_t limit)
{
    while (message->length <= limit) {
        adb_http_status status = message->length == *room ? grow(env, message, room) : 0;
        ssize_t got;

        if (status != 0)
            return status;
        got = take(message, message->body + message->length, *room - message->length);
        if (got <= 0)
            return got == 0 ? 0 : status_of(got);
        message->length += (size_t)got;
    }
    return 413;
}

/* A line without its end, of fewer than size bytes. */
static adb_http_status take_line(struct adb_http_message *message, char *line, size_t size)
{
    size_t length = 0;

    for (;;) {
        ssize_t got = take(message, line + length, 1);

        if (got <= 0)
            return status_of(got);
        if (line[length] == 0 || length + 1 == size)
            return 400;
        if (line[length] == '\n') {
            if (length == 0 || line[length - 1] != '\r')
                return 400;
            line[length - 1] = 0;
            return 0;
        }
        length++;
    }
}

/* 1*HEXDIG; extensions are not taken. */
static int chunk_size(const char *line, size_t *size)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at;

    *size = 0;
    for (at = line; *at != 0; at++) {
        const char *digit = strchr(digits, *at);

        if (digit == NULL || *size > (SIZE_MAX >> 8))
            return 0;
        *size = *size << 4 | (size_t)((digit - digits) % 16);
    }
    return at > line;
}

static adb_http_status read_chunks(const axutil_env_t *env, struct adb_http_message *message, size_t limit)
{
    char line[ADB_HTTP_CHUNK_LINE];
    size_t room = 0, size;
    adb_http_status status;

    for (;;) {
        if ((status = take_line(message, line, sizeof line)) != 0)
            return status;
        if (!chunk_size(line, &size))
            return 400;
        if (size > limit - message->length)
            return 413;
        if (size == 0)
            break;
        if ((status = append(env, message, &room, size)) != 0 || (status = take_line(message, line, sizeof line)) != 0)
            return status;
        if (*line != 0)
            return 400;
    }
    /* No trailer is taken. */
    if ((status = take_line(message, line, sizeof line)) != 0)
        return status;
    return *line != 0 ? 400 : room == 0 ? grow(env, message, &room) : 0;
}

/* 1*DIGIT */
static int content_length(const char *text, size_t *length)
{
    *length = 0;
    if (*text == 0)
        return 0;
    for (; *text >= '0' && *text <= '9'; text++)
        *length = *length > SIZE_MAX / 16 ? *length : 10 * *length + (size_t)(*text - '0');
    return *text == 0;
}

adb_http_status adb_http_body_size(const struct adb_http_message *message, size_t limit, int to_end, size_t *size,
                                   int *chunked)
{
    int doubled = 0;
    const char *length = adb_http_field(message, "Content-Length", &doubled);
    const char *coding = adb_http_field(message, "Transfer-Encoding", &doubled);

    *size = SIZE_MAX;
    *chunked = coding != NULL;
    /* What two readers could read in two ways is refused: RFC 9112, 6.3. */
    if (doubled || (length != NULL && coding != NULL))
        return 400;
    if (coding != NULL)
        return strcasecmp(coding, "chunked") == 0 ? 0 : 501;
    if (length == NULL)
        return to_end ? 0 : 411;
    if (!content_length(length, size))
        return 400;
    return *size <= limit ? 0 : 413;
}

adb_http_status adb_http_read_body(const axutil_env_t *env, struct adb_http_message *message, size_t limit, int to_end)
{
    size_t room = 0, size;
    int chunked;
    adb_http_status status = adb_http_body_size(message, limit, to_end, &size, &chunked);

    if (status != 0)
        return status;
    if (chunked)
        status = read_chunks(env, message, limit);
    else if ((status = grow(env, message, &room)) == 0)
        status = size != SIZE_MAX ? append(env, message, &room, size) : append_rest(env, message, &room, limit);
    if (status == 0)
        message->body[message->length] = 0;
    return status;
}

int adb_http_is_media(const char *value, const char *type)
{
    size_t length = strlen(type);
    const char *charset;

    if (value == NULL || strncasecmp(value, type, length) != 0 || (value[length] != 0 && strchr("; \t", value[length]) == NULL))
        return 0;
    for (charset = value + length; *charset != 0; charset++)
        if (strncasecmp(charset, "charset=", 8) == 0) {
            charset += 8 + (charset[8] == '"');
            return strncasecmp(charset, "utf-8", 5) == 0 && (charset[5] == 0 || strchr("\"; \t", charset[5]) != NULL);
        }
    return 1;
}
