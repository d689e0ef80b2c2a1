/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads commands from the standard input, one a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool.h"

int spool_loud = 0;

static int announce(const char *title, int number)
{
    if (spool_loud) {
        fprintf(stderr, "spool: %s is %d\n", title, number);
    }
    return 0;
}

static int run(struct queue *queue, char *line, const char *owner)
{
    char *word = strtok(line, " \n");
    char *title = strtok(NULL, "\n");
    int number;

    if (word == NULL) {
        return 0;
    }
    switch (verb_of(word)) {
    case VERB_ADD:
        number = queue_add(queue, title ? title : "untitled", owner, 1);
        return send_message(stdout, "added", number, title);
    case VERB_LIST:
        return queue_list(queue, stdout);
    case VERB_DROP:
        number = title ? atoi(title) : 0;
        if (queue_drop(queue, number) < 0) {
            fprintf(stderr, "spool: there is no job %d\n", number);
            return -1;
        }
        return send_message(stdout, "dropped", number);
    default:
        fprintf(stderr, "spool: what is %s?\n", word);
        return -1;
    }
}

int main(int argc, char **argv)
{
    struct queue queue = { .first = NULL, .count = 0, .announce = announce };
    const char *owner = "nobody";
    char line[256];
    int status = 0;
    int ch;

    while ((ch = getopt(argc, argv, "o:v")) != -1) {
        switch (ch) {
        case 'o':
            owner = optarg;
            break;
        case 'v':
            spool_loud = 1;
            break;
        default:
            fprintf(stderr, "usage: spool [-v] [-o OWNER]\n");
            return 2;
        }
    }
    queue_add(&queue, "banner", owner, 1);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (run(&queue, line, owner) < 0) {
            status = 1;
        }
    }
    return status;
}
