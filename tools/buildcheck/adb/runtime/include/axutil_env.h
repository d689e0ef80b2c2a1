/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The environment that every call takes, and the plain types.
 *
 * The names are those of Axis2/C that the tree uses; the code is this project's own. What belongs to an
 * environment (objects, strings, documents) is freed with it, at the latest.
 */
#ifndef AXUTIL_ENV_H
#define AXUTIL_ENV_H

typedef char axis2_char_t;
typedef int axis2_bool_t;
#define AXIS2_FALSE 0
#define AXIS2_TRUE 1

typedef enum { AXIS2_FAILURE = 0, AXIS2_SUCCESS = 1 } axis2_status_t;

/* ERROR: only what failed. TRACE: the messages sent and received as well, where there is a log file. */
typedef enum { AXIS2_LOG_LEVEL_ERROR, AXIS2_LOG_LEVEL_TRACE } axutil_log_levels_t;

typedef struct axutil_env axutil_env_t;

/* log_file NULL: errors go to standard error. NULL when there is no memory or the file cannot be opened. */
axutil_env_t *axutil_env_create_all(const axis2_char_t *log_file, axutil_log_levels_t level);
void axutil_env_free(axutil_env_t *env);

#endif
