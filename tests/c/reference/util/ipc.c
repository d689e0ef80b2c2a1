// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <ipc.h>

/* A named one is made anew with that value, whatever an earlier process may
 * have left; whoever is forked later shares it */
sem * sem_alloc (const int val, const char * name)
{
	sem * s = calloc (1, sizeof (sem));

	if (s == NULL)
		return NULL;

	if (name == NULL) {
		if (sem_init (&(s->own), 0, val) == 0) {
			s->posix = &(s->own);
			return s;
		}
	} else if ((s->name = malloc (strlen (name) + 2)) != NULL) {
		s->name[0] = '/';
		strcpy (s->name + 1, name[0] == '/' ? name + 1 : name);
		sem_unlink (s->name);
		s->posix = sem_open (s->name, O_CREAT | O_EXCL, 0600, val);
		if (s->posix != SEM_FAILED)
			return s;
	}
	free (s->name);
	free (s);

	return NULL;
}

int sem_p (sem * s)
{
	int ret;

	if (s == NULL)
		return -1;
	do {
		ret = sem_wait (s->posix);
	} while (ret != 0 && errno == EINTR);

	return ret;
}

int sem_v (sem * s)
{
	return s ? sem_post (s->posix) : -1;
}

void sem_free (sem * s)
{
	if (s == NULL)
		return;
	if (s->name != NULL) {
		sem_close (s->posix);
		sem_unlink (s->name);
		free (s->name);
	} else {
		sem_destroy (s->posix);
	}
	free (s);
}
