/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The queue: who is printed when.
 */
#include <stdio.h>
#include <string.h>

#include "spool.h"

static int last_number = 0;

/* Puts a job behind all others; returns its number, or -1. */
int queue_add(struct queue *queue, const char *title, const char *owner, int copies)
{
    job_t **end = &queue->first;
    job_t *job;

    if (copies < 1) {
        return -1;
    }
    job = job_new(last_number + 1, title, owner, copies);
    if (job == NULL) {
        return -1;
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = job;
    last_number++;
    queue->count++;
    if (queue->announce != NULL) {
        queue->announce(title, job->number);
    }
    return job->number;
}

job_t *queue_find(struct queue *queue, int number)
{
    job_t *job;

    for (job = queue->first; job != NULL; job = job->next) {
        if (job->number == number) {
            return job;
        }
    }
    return NULL;
}

int queue_drop(struct queue *queue, int number)
{
    job_t **link = &queue->first;
    job_t *job;

    while (*link != NULL && (*link)->number != number) {
        link = &(*link)->next;
    }
    job = *link;
    if (job == NULL) {
        return -1;
    }
    *link = job->next;
    job_free(job);
    queue->count--;
    return 0;
}

int queue_list(struct queue *queue, FILE *out)
{
    char line[128];
    job_t *job;

    for (job = queue->first; job != NULL; job = job->next) {
        job_describe(job, line, sizeof(line));
        fprintf(out, "%s\n", line);
    }
    return queue->count;
}
