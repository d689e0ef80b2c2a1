/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One job.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spool.h"

/* Returns a job that nobody else has, or NULL. The strings are copied and cut. */
job_t *job_new(int number, const char *title, const char *owner, int copies)
{
    job_t *job = calloc(1, sizeof(*job));

    if (job == NULL) {
        return NULL;
    }
    job->number = number;
    if (title != NULL) {
        strncpy(job->title, title, NAME_SIZE - 1);
    }
    if (owner != NULL) {
        strncpy(job->owner, owner, NAME_SIZE - 1);
    }
    job->copies = copies;
    job->size.width = 210;
    job->size.height = 297;
    return job;
}

void job_free(job_t *job)
{
    free(job);
}

/* Writes one line about the job, without its end; returns its length. */
int job_describe(const job_t *job, char *out, size_t room)
{
    int length = snprintf(out, room, "%d %s", job->number, job->title);

    if (job->copies > 1) {
        length += snprintf(out + length, room - length, " x%d", job->copies);
    }
    return length;
}
