/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that has its service linked into it. */
#include "serve.h"

int main(int argc, char **argv)
{
    const struct adb_program program = {adb_get_service(), axis2_get_instance, axis2_remove_instance};

    return adb_serve_main(&program, argc, argv);
}
