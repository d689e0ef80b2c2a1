// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include "greet.h"

int greet(const char *who)
{
    return printf("Good morning, %s\n", who);
}
