// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
/* euca_rootwrap PROGRAM ARGUMENTS: installed set-uid root for one group. It
 * asks no questions about the program: who may run it is root */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main (int argc, char ** argv)
{
	if (argc < 2) {
		fprintf (stderr, "usage: euca_rootwrap PROGRAM [ARGUMENT...]\n");
		return 1;
	}

	if (setresgid (0, 0, 0) != 0)
		perror ("euca_rootwrap: group");
	if (setresuid (0, 0, 0) != 0)
		perror ("euca_rootwrap: user");

	execvp (argv[1], argv + 1);
	fprintf (stderr, "euca_rootwrap: %s: %s\n", argv[1], strerror (errno));
	return 1;
}
