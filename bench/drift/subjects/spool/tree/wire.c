/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The control language: words in, messages out.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spool.h"

static const struct command commands[] = {
    { "add", VERB_ADD, 3 },
    { "list", VERB_LIST, 0 },
    { "drop", VERB_DROP, 1 },
    { NULL, VERB_NONE, 0 }
};

enum verb verb_of(const char *word)
{
    const struct command *row;

    for (row = commands; row->word != NULL; row++) {
        if (strcmp(row->word, word) == 0) {
            return row->verb;
        }
    }
    return VERB_NONE;
}

const struct command *command_of(enum verb verb)
{
    const struct command *row;

    for (row = commands; row->word != NULL; row++) {
        if (row->verb == verb) {
            return row;
        }
    }
    return NULL;
}

/* Says what happened. What follows depends on the word:
 *     "added":   the number, the title
 *     "dropped": the number
 */
int send_message(FILE *out, const char *what, ...)
{
    va_list list;
    int length = -1;

    va_start(list, what);
    if (strcmp(what, "added") == 0) {
        int number = va_arg(list, int);
        char *title = va_arg(list, char *);

        length = fprintf(out, "added %d %s\n", number, title);
    } else if (strcmp(what, "dropped") == 0) {
        int number = va_arg(list, int);

        length = fprintf(out, "dropped %d\n", number);
    }
    va_end(list);
    return length;
}
