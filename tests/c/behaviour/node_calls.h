/* SPDX-License-Identifier: GPL-3.0-only */
/*
 * The node's side of every call that a cluster controller makes, in the place of the stubs that would send SOAP:
 * each writes down what it was given, where other processes see it too, and gives back what a test has set.
 */
#ifndef NODE_CALLS_H
#define NODE_CALLS_H

#include <data.h>

#define NODE_CALLS_MAX 2048 /* bytes of a note */

/* What the stubs give back; set it before the call, whose child takes it over. */
struct node_answers {
    int status;         /* of every stub */
    int instances;      /* of ncDescribeInstances */
    unsigned pattern;   /* of the first instance; the next ones have the next numbers */
};

extern struct node_answers node_answers;

/* Makes the controller ready for ncClientCall() in the current folder, without nodes. */
void node_calls_start(void);

/* What the stub of that name was given last, "" where it was not called; and forget it. */
const char *node_call(const char *stub);
void node_calls_forget(void);

/* An instance full of bytes that are another one's nowhere; the caller frees it. */
ncInstance *patterned(unsigned pattern);

#endif
