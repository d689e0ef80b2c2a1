// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#ifndef INCLUDE_IPC_H
#define INCLUDE_IPC_H

#include <semaphore.h>

/* counting semaphore: private to the process, or shared by name */
typedef struct sem_struct {
	sem_t * posix;
	sem_t own;
	char * name;
} sem;

sem * sem_alloc (const int val, const char * name);   // name NULL: private
int sem_p (sem * s);
int sem_v (sem * s);
void sem_free (sem * s);

#endif
