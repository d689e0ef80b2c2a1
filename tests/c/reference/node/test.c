// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data.h"
#include "misc.h"

/* the list of instances and the words of a description, without a node */

#define INSTS 50 /* that many pointers are kept */

static int failures = 0;

static void expect (int fine, const char * what)
{
	printf ("%s %s\n", fine ? "ok    " : "FAILED", what);
	if (!fine)
		failures++;
}

static void count_one (bunchOfInstances ** head, ncInstance * instance, void * argument)
{
	(* (int *) argument)++;
}

static void test_words (void)
{
	char * text = strdup ("<a>NAME</a> and <b>NAME</b> at BASEPATH/disk");

	replace_string (&text, "BASEPATH", "/x/NAME");
	replace_string (&text, "NAME", "i-1");
	expect (!strcmp (text, "<a>i-1</a> and <b>i-1</b> at /x/i-1/disk"), "later words change what earlier ones put in");
	free (text);
}

static void test_volumes (ncInstance * inst)
{
	expect (add_volume (inst, "v1", "/dev/r1", "/dev/sdb", "vdb", "attached") != NULL, "a volume");
	expect (add_volume (inst, "v2", "/dev/r2", "/dev/sdc", "vdc", "attached") != NULL, "another volume");
	expect (inst->volumesSize == 2, "two volumes");
	expect (free_volume (inst, "v1", "/dev/r1", "/dev/sdb") != NULL, "the first one goes");
	expect (find_volume (inst, "v1") == NULL && find_volume (inst, "v2") != NULL, "the second one stays");
}

int main (void)
{
	bunchOfInstances * bag = NULL;
	ncInstance * inst = NULL, * insts[INSTS];
	char id [16];
	int i, n = 0;

	inst = allocate_instance ("i1", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0);
	expect (inst != NULL, "an instance of which only the name is known");
	if (inst == NULL)
		return 1;
	expect (inst->imageId[0] == 0 && inst->userId[0] == 0 && inst->groupNamesSize == 0, "all else is empty");
	expect (find_instance (&bag, "i1") == NULL, "an empty list has none");
	expect (remove_instance (&bag, inst) != OK, "and loses none");
	expect (add_instance (&bag, inst) == OK, "it is put in");
	expect (add_instance (&bag, inst) == DUPLICATE, "but once");
	expect (find_instance (&bag, "i1") == inst, "and found");
	expect (get_instance (&bag) == inst, "and walked to");
	test_volumes (inst);
	expect (remove_instance (&bag, inst) == OK && total_instances (&bag) == 0, "and taken out");
	free_instance (&inst);

	for (i = 0; i < INSTS; i++) {
		snprintf (id, sizeof (id), "i-%d", i);
		inst = insts[i] = allocate_instance(id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0);
		if (inst == NULL || add_instance (&bag, inst) != OK)
			expect (0, "one of many");
	}
	expect (total_instances (&bag) == INSTS, "many");
	for_each_instance (&bag, count_one, &n);
	expect (n == INSTS, "visited one by one");
	for (i = 0; i < INSTS; i += 2)
		remove_instance (&bag, insts[i]);
	expect (total_instances (&bag) == INSTS / 2 && find_instance (&bag, "i-1") == insts[1] && !find_instance (&bag, "i-2"), "half of them");
	for (i = INSTS - 1; i > 0; i -= 2)
		remove_instance (&bag, insts[i]);
	expect (total_instances (&bag) == 0, "none of them");
	for (i = 0; i < INSTS; i++)
		free_instance (&insts[i]);

	test_words ();
	return failures ? 1 : 0;
}

