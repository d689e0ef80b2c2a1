/* SPDX-License-Identifier: GPL-3.0-only */
#include "behaviour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int usage(const char *name)
{
    fprintf(stderr, "usage: %s TEST | --list | --role NAME [WORD...]\n", name);
    return 2;
}

int behaviour_main(int argc, char **argv, const struct CMUnitTest *tests, const struct behaviour_role *roles)
{
    const struct CMUnitTest *test;
    const struct behaviour_role *role;

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (test = tests; test->name; test++)
            puts(test->name);
        return 0;
    }
    if (argc > 2 && strcmp(argv[1], "--role") == 0) {
        for (role = roles; role && role->name; role++)
            if (strcmp(role->name, argv[2]) == 0)
                return role->run(argc - 2, argv + 2);
        return usage(argv[0]);
    }
    for (test = tests; argc == 2 && test->name; test++)
        if (strcmp(test->name, argv[1]) == 0)
            return _cmocka_run_group_tests(test->name, test, 1, NULL, NULL) ? 1 : 0;
    return usage(argv[0]);
}

void behaviour_broken(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    _assert_true(0, text, file, line);
}

char *guarded(const void *data, size_t size)
{
    /* A block of its own: behind it, and before it, is what the sanitizer forbids. */
    char *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    memcpy(copy, data, size);
    return copy;
}

void guarded_free(char *copy)
{
    free(copy);
}

int behaviour_run(const char *program, ...)
{
    char *words[32] = {(char *)program};
    int count = 1, status;
    va_list list;
    pid_t child;

    va_start(list, program);
    while (count < 31 && (words[count] = va_arg(list, char *)) != NULL)
        count++;
    va_end(list);
    words[count] = NULL;
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execv(program, words);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status))
        broken("%s: ended by signal %d", program, WTERMSIG(status));
    return WEXITSTATUS(status);
}
