/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment: memory that is freed with it, the first fault, and the log. */
#ifndef ADB_MEMORY_H
#define ADB_MEMORY_H

#include <axutil_env.h>
#include <stdarg.h>
#include <stddef.h>

#if defined __GNUC__
#define ADB_PRINTF(string, first) __attribute__((__format__(__printf__, string, first)))
#else
#define ADB_PRINTF(string, first)
#endif

/* Whose fault it is that a message did not go through, in the words of SOAP 1.1, section 4.4.1. */
enum adb_fault_code {
    ADB_NO_FAULT,
    ADB_FAULT_CLIENT,
    ADB_FAULT_SERVER,
    ADB_FAULT_VERSION_MISMATCH,
    ADB_FAULT_MUST_UNDERSTAND
};

/* Zeroed; NULL when there is none. Each block comes from malloc by itself, so that a sanitizer sees its ends. */
void *adb_alloc(const axutil_env_t *env, size_t size);
/* Keeps the content; what is new is not zeroed. On NULL the old block is still there. block may be NULL. */
void *adb_resize(const axutil_env_t *env, void *block, size_t size);
void adb_release(const axutil_env_t *env, void *block);
/* A copy of text with an end to it. */
char *adb_copy(const axutil_env_t *env, const char *text, size_t length);
/* Has release(thing) called when env is freed; AXIS2_FAILURE calls it at once. */
axis2_status_t adb_own(const axutil_env_t *env, void *thing, void (*release)(void *));

/* The first one stays. What is not ASCII text in it becomes a question mark. */
void adb_fault(const axutil_env_t *env, enum adb_fault_code code, const char *format, ...) ADB_PRINTF(3, 4);
enum adb_fault_code adb_fault_code(const axutil_env_t *env);
const char *adb_fault_text(const axutil_env_t *env);
void adb_clear_fault(const axutil_env_t *env);

void adb_log_error(const axutil_env_t *env, const char *format, ...) ADB_PRINTF(2, 3);
/* A whole message, at AXIS2_LOG_LEVEL_TRACE and to a file only. */
void adb_log_message(const axutil_env_t *env, const char *what, const char *message, size_t length);

#endif
