/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ADB_DATE_TIME_H
#define ADB_DATE_TIME_H

#include <axutil_date_time.h>

struct axutil_date_time {
    int year, month, day, hour, minute, second, milliseconds;
    int owned; /* part of an object? */
};

/* "-2147483648-..." and more. */
#define ADB_TIME_SIZE 96

/* XML Schema part 2, 3.2.7: 2010-08-24T14:01:02.5Z, with an offset that is taken into account or with none, which
 * counts as UTC. AXIS2_FAILURE for anything else. */
axis2_status_t adb_time_parse(struct axutil_date_time *time, const char *text);
void adb_time_format(const struct axutil_date_time *time, char text[ADB_TIME_SIZE]);

#endif
