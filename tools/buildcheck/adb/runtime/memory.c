/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "memory.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAULT_TEXT 256

struct block {
    struct block *before, *after; /* a ring through the environment */
    void (*release)(void *);      /* of a thing that is not a block */
    void *thing;
};

/* Room for the header that keeps what is behind it aligned for everything. */
#define HEADER ((sizeof(struct block) + 15) / 16 * 16)

struct memory {
    struct block ring;
    enum adb_fault_code code;
    char text[FAULT_TEXT];
};

struct axutil_env {
    struct memory *memory; /* apart, for an environment is handed around as const */
    FILE *log;             /* NULL: standard error */
    axutil_log_levels_t level;
};

axutil_env_t *axutil_env_create_all(const axis2_char_t *log_file, axutil_log_levels_t level)
{
    axutil_env_t *env = calloc(1, sizeof *env);

    if (env == NULL || (env->memory = calloc(1, sizeof *env->memory)) == NULL) {
        free(env);
        return NULL;
    }
    env->memory->ring.before = env->memory->ring.after = &env->memory->ring;
    env->level = level;
    if (log_file != NULL && *log_file != 0) {
        int fd = open(log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

        if (fd < 0 || (env->log = fdopen(fd, "a")) == NULL) {
            fprintf(stderr, "adb: the log %s cannot be opened\n", log_file);
            if (fd >= 0)
                close(fd);
            axutil_env_free(env);
            return NULL;
        }
    }
    return env;
}

void axutil_env_free(axutil_env_t *env)
{
    struct block *block, *next;

    if (env == NULL)
        return;
    for (block = env->memory->ring.after; block != &env->memory->ring; block = next) {
        next = block->after;
        if (block->release != NULL)
            block->release(block->thing);
        free(block);
    }
    if (env->log != NULL)
        fclose(env->log);
    free(env->memory);
    free(env);
}

static void enter(const axutil_env_t *env, struct block *block)
{
    struct block *ring = &env->memory->ring;

    block->before = ring->before;
    block->after = ring;
    ring->before->after = block;
    ring->before = block;
}

static void leave(struct block *block)
{
    block->before->after = block->after;
    block->after->before = block->before;
}

void *adb_alloc(const axutil_env_t *env, size_t size)
{
    struct block *block;

    if (env == NULL || size > SIZE_MAX - HEADER || (block = calloc(1, HEADER + size)) == NULL)
        return NULL;
    enter(env, block);
    return (char *)block + HEADER;
}

void *adb_resize(const axutil_env_t *env, void *old, size_t size)
{
    struct block *block, *bigger;

    if (old == NULL)
        return adb_alloc(env, size);
    if (size > SIZE_MAX - HEADER)
        return NULL;
    block = (struct block *)((char *)old - HEADER);
    leave(block);
    bigger = realloc(block, HEADER + size);
    enter(env, bigger != NULL ? bigger : block);
    return bigger != NULL ? (char *)bigger + HEADER : NULL;
}

void adb_release(const axutil_env_t *env, void *memory)
{
    struct block *block;

    (void)env;
    if (memory == NULL)
        return;
    block = (struct block *)((char *)memory - HEADER);
    leave(block);
    free(block);
}

char *adb_copy(const axutil_env_t *env, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? adb_alloc(env, length + 1) : NULL;

    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

axis2_status_t adb_own(const axutil_env_t *env, void *thing, void (*release)(void *))
{
    struct block *block = calloc(1, sizeof *block);

    if (block == NULL) {
        release(thing);
        return AXIS2_FAILURE;
    }
    block->release = release;
    block->thing = thing;
    enter(env, block);
    return AXIS2_SUCCESS;
}

/* Makes text fit for a terminal, a log and XML. */
static void tame(char *text)
{
    for (; *text != 0; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

void adb_fault(const axutil_env_t *env, enum adb_fault_code code, const char *format, ...)
{
    struct memory *memory = env->memory;
    va_list arguments;

    if (memory->code != ADB_NO_FAULT)
        return;
    memory->code = code;
    va_start(arguments, format);
    vsnprintf(memory->text, sizeof memory->text, format, arguments);
    va_end(arguments);
    tame(memory->text);
}

enum adb_fault_code adb_fault_code(const axutil_env_t *env)
{
    return env->memory->code;
}

const char *adb_fault_text(const axutil_env_t *env)
{
    return env->memory->text;
}

void adb_clear_fault(const axutil_env_t *env)
{
    env->memory->code = ADB_NO_FAULT;
    env->memory->text[0] = 0;
}

void adb_log_error(const axutil_env_t *env, const char *format, ...)
{
    FILE *log = env != NULL && env->log != NULL ? env->log : stderr;
    char text[2 * FAULT_TEXT];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tame(text);
    fprintf(log, "adb: %s\n", text);
    fflush(log);
}

void adb_log_message(const axutil_env_t *env, const char *what, const char *message, size_t length)
{
    if (env->log == NULL || env->level != AXIS2_LOG_LEVEL_TRACE)
        return;
    fprintf(env->log, "adb: %s, %zu bytes\n", what, length);
    fwrite(message, 1, length, env->log);
    fputc('\n', env->log);
    fflush(env->log);
}
