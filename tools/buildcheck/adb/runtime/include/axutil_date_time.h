/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A moment in UTC, to the millisecond. */
#ifndef AXUTIL_DATE_TIME_H
#define AXUTIL_DATE_TIME_H

#include <axutil_env.h>

typedef struct axutil_date_time axutil_date_time_t;

/* Belongs to env until it is set into an object, and then to the object. */
axutil_date_time_t *axutil_date_time_create(const axutil_env_t *env);

/* Month and day count from 1. AXIS2_FAILURE, and no change, when there is no such moment in the years 1 to 9999. */
axis2_status_t axutil_date_time_set_date_time(axutil_date_time_t *time, const axutil_env_t *env, int year, int month,
                                              int day, int hour, int minute, int second, int milliseconds);

int axutil_date_time_get_year(axutil_date_time_t *time, const axutil_env_t *env);
int axutil_date_time_get_month(axutil_date_time_t *time, const axutil_env_t *env);
int axutil_date_time_get_date(axutil_date_time_t *time, const axutil_env_t *env);
int axutil_date_time_get_hour(axutil_date_time_t *time, const axutil_env_t *env);
int axutil_date_time_get_minute(axutil_date_time_t *time, const axutil_env_t *env);
int axutil_date_time_get_second(axutil_date_time_t *time, const axutil_env_t *env);

#endif
