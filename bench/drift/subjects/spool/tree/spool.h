/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A print spooler in small: jobs, a queue of them, and what is said of both.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stddef.h>
#include <stdio.h>

#define NAME_SIZE 32

enum verb { VERB_ADD, VERB_LIST, VERB_DROP, VERB_NONE };

struct page_size {
    int width;
    int height;
};

/* one job; jobs are chained in the order in which they came */
typedef struct job {
    int number;
    char title[NAME_SIZE];
    char owner[NAME_SIZE];
    struct page_size size;
    int copies;
    struct job *next;
} job_t;

struct queue {
    job_t *first;
    int count;
    int (*announce)(const char *title, int number);
};

/* one word of the control language */
struct command {
    const char *word;
    enum verb verb;
    int arguments;
};

extern int spool_loud;

/* job.c */
job_t *job_new(int number, const char *title, const char *owner, int copies);
void job_free(job_t *job);
int job_describe(const job_t *job, char *out, size_t room);

/* queue.c */
int queue_add(struct queue *queue, const char *title, const char *owner, int copies);
job_t *queue_find(struct queue *queue, int number);
int queue_drop(struct queue *queue, int number);
int queue_list(struct queue *queue, FILE *out);

/* wire.c */
enum verb verb_of(const char *word);
const struct command *command_of(enum verb verb);
int send_message(FILE *out, const char *what, ...);

#endif
