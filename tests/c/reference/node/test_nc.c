// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libvirt/libvirt.h>
#include "eucalyptus.h"
#include "handlers.h"

/* Can this user run guests here? To be called as the node controller's user */

int main (int argc, char **argv)
{
	const char * uri = NULL;
	int ids [MAXDOMS], n, i;
	unsigned long version;
	virNodeInfo host;
	virConnectPtr conn;
	virDomainPtr dom;

	if (argc == 2 && !strcmp (argv[1], "kvm"))
		uri = EUCALYPTUS_LIBVIRT_URI_KVM;
	else if (argc == 2 && !strcmp (argv[1], "xen"))
		uri = EUCALYPTUS_LIBVIRT_URI_XEN;
	if (uri == NULL) {
		fprintf (stderr, "usage: %s kvm|xen\n", argv[0]);
		return 2;
	}

	if ((conn = virConnectOpen (uri)) == NULL) {
		fprintf (stderr, "no connection to %s: does libvirtd run, and may this user talk to it?\n", uri);
		return 1;
	}
	if (virConnectGetVersion (conn, &version) == 0)
		printf ("hypervisor %s, version %lu.%lu.%lu\n", virConnectGetType (conn), version / 1000000, version / 1000 % 1000, version % 1000);
	if (virNodeGetInfo (conn, &host) == 0)
		printf ("host %s, %lu MB, %u cores\n", host.model, host.memory / 1024, host.cpus);

	if ((n = virConnectListDomains (conn, ids, MAXDOMS)) < 0) {
		fprintf (stderr, "connected, but its domains cannot be listed\n");
		virConnectClose (conn);
		return 1;
	}
	for (i = 0; i < n; i++) {
		if ((dom = virDomainLookupByID (conn, ids[i])) == NULL)
			continue;
		printf ("domain %d is %s\n", ids[i], virDomainGetName (dom));
		virDomainFree (dom);
	}
	virConnectClose (conn);

	return 0;
}

