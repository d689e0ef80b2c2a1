/* SPDX-License-Identifier: GPL-3.0-only */
/* What a test needs of cmocka, where Debian has no cmocka for the architecture: it runs, and the first thing that is
 * wrong ends it. */
#include "behaviour.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void wrong(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(1);
}

int _cmocka_run_group_tests(const char *name, const struct CMUnitTest *const tests, const size_t count,
                            CMFixtureFunction setup, CMFixtureFunction teardown)
{
    void *state = NULL;

    (void)setup;
    (void)teardown;
    for (size_t i = 0; i < count; i++)
        tests[i].test_func(&state);
    printf("%s passed\n", name);
    return 0;
}

void _assert_true(const LargestIntegralType result, const char *const expression, const char *const file, const int line)
{
    if (!result)
        wrong(expression, file, line);
}

void _assert_int_equal(const LargestIntegralType a, const LargestIntegralType b, const char *const file, const int line)
{
    if (a != b)
        wrong("two numbers differ", file, line);
}

void _assert_string_equal(const char *const a, const char *const b, const char *const file, const int line)
{
    if (strcmp(a, b) != 0)
        wrong("two strings differ", file, line);
}

void _assert_memory_equal(const void *const a, const void *const b, const size_t size, const char *const file,
                          const int line)
{
    if (memcmp(a, b, size) != 0)
        wrong("two pieces of memory differ", file, line);
}

void _assert_in_range(const LargestIntegralType value, const LargestIntegralType least, const LargestIntegralType most,
                      const char *const file, const int line)
{
    if (value < least || value > most)
        wrong("a number is out of range", file, line);
}
