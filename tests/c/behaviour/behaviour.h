/* SPDX-License-Identifier: GPL-3.0-only */
/* What every test program here has: cmocka, a table of its tests, and a main(). */
#ifndef BEHAVIOUR_H
#define BEHAVIOUR_H

/* In the order that cmocka.h asks for. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

/* What a program does when another one runs it: bin/PROGRAM --role NAME WORD... */
struct behaviour_role {
    const char *name;
    int (*run)(int argc, char **argv);
};

/* main(): runs the one test that is named, lists them all with --list, or takes a role. 2 is a wrong call. */
int behaviour_main(int argc, char **argv, const struct CMUnitTest *tests, const struct behaviour_role *roles);

#define BEHAVIOUR_MAIN(tests, roles)                       \
    int main(int argc, char **argv)                        \
    {                                                      \
        return behaviour_main(argc, argv, (tests), (roles)); \
    }

/* Ends a table of tests or of roles. */
#define BEHAVIOUR_END {0}

/* Fails the test with a message; what fail_msg() says does not come into cmocka's XML. */
#define broken(...) behaviour_broken(__FILE__, __LINE__, __VA_ARGS__)
void behaviour_broken(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Copies of size bytes, ended by nothing: the byte behind them may not be read. guarded_free() takes them back. */
char *guarded(const void *data, size_t size);
void guarded_free(char *copy);

/* Runs a program of this folder, such as "bin/checkpoint", with the words up to a NULL; gives its exit status, and
 * fails the test when a signal ends it. */
int behaviour_run(const char *program, ...);

#endif
