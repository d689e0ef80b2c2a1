/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "date_time.h"

#include "memory.h"

#include <stdio.h>
#include <string.h>

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

axutil_date_time_t *axutil_date_time_create(const axutil_env_t *env)
{
    axutil_date_time_t *time = adb_alloc(env, sizeof *time);

    if (time != NULL) {
        time->year = 1970;
        time->month = time->day = 1;
    }
    return time;
}

axis2_status_t axutil_date_time_set_date_time(axutil_date_time_t *time, const axutil_env_t *env, int year, int month,
                                              int day, int hour, int minute, int second, int milliseconds)
{
    (void)env;
    if (time == NULL || year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_of(year, month) ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || milliseconds < 0 ||
        milliseconds > 999)
        return AXIS2_FAILURE;
    time->year = year;
    time->month = month;
    time->day = day;
    time->hour = hour;
    time->minute = minute;
    time->second = second;
    time->milliseconds = milliseconds;
    return AXIS2_SUCCESS;
}

#define GETTER(name, member)                                                                                          \
    int axutil_date_time_get_##name(axutil_date_time_t *time, const axutil_env_t *env)                                \
    {                                                                                                                 \
        (void)env;                                                                                                    \
        return time != NULL ? time->member : 0;                                                                       \
    }

GETTER(year, year)
GETTER(month, month)
GETTER(date, day)
GETTER(hour, hour)
GETTER(minute, minute)
GETTER(second, second)

/* Takes exactly width digits, and the separator behind them unless it is 0. */
static int digits(const char **text, int width, char separator)
{
    int value = 0;

    for (; width > 0; width--, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = 10 * value + (**text - '0');
    }
    if (separator != 0) {
        if (**text != separator)
            return -1;
        (*text)++;
    }
    return value;
}

/* Moves a moment by minutes, less than a day either way. */
static axis2_status_t move(struct axutil_date_time *time, int minutes)
{
    int total = time->hour * 60 + time->minute + minutes;

    if (total < 0) {
        total += 24 * 60;
        if (--time->day < 1) {
            if (--time->month < 1) {
                time->month = 12;
                time->year--;
            }
            time->day = days_of(time->year, time->month);
        }
    } else if (total >= 24 * 60) {
        total -= 24 * 60;
        if (++time->day > days_of(time->year, time->month)) {
            time->day = 1;
            if (++time->month > 12) {
                time->month = 1;
                time->year++;
            }
        }
    }
    time->hour = total / 60;
    time->minute = total % 60;
    return time->year >= 1 && time->year <= 9999 ? AXIS2_SUCCESS : AXIS2_FAILURE;
}

axis2_status_t adb_time_parse(struct axutil_date_time *time, const char *text)
{
    int year = digits(&text, 4, '-'), month = digits(&text, 2, '-'), day = digits(&text, 2, 'T');
    int hour = digits(&text, 2, ':'), minute = digits(&text, 2, ':'), second = digits(&text, 2, 0);
    int milliseconds = 0, east = 0, scale = 100;

    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0)
        return AXIS2_FAILURE;
    if (*text == '.') {
        if (*++text < '0' || *text > '9')
            return AXIS2_FAILURE;
        for (; *text >= '0' && *text <= '9'; text++, scale /= 10)
            milliseconds += scale * (*text - '0'); /* what is finer than that is cut off */
    }
    if (*text == 'Z') {
        text++;
    } else if (*text == '+' || *text == '-') {
        int sign = *text++ == '+' ? 1 : -1, hours = digits(&text, 2, ':'), minutes = digits(&text, 2, 0);

        if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 14 * 60)
            return AXIS2_FAILURE;
        east = sign * (hours * 60 + minutes);
    }
    if (*text != 0)
        return AXIS2_FAILURE;
    if (axutil_date_time_set_date_time(time, NULL, year, month, day, hour, minute, second, milliseconds) !=
        AXIS2_SUCCESS)
        return AXIS2_FAILURE;
    return move(time, -east);
}

void adb_time_format(const struct axutil_date_time *time, char text[ADB_TIME_SIZE])
{
    int length = snprintf(text, ADB_TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", time->year, time->month, time->day,
                          time->hour, time->minute, time->second);

    if (time->milliseconds != 0)
        length += snprintf(text + length, ADB_TIME_SIZE - length, ".%03d", time->milliseconds);
    snprintf(text + length, ADB_TIME_SIZE - length, "Z");
}
