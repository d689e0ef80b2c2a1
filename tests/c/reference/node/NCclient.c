// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client-marshal.h"
#include "misc.h"
#ifndef NC_LOCAL
#include "axis2_stub_EucalyptusNC.h"
#include "euca_auth.h"
#include "euca_axis.h"
#endif

#define BUFSIZE 1024
#define DEFAULT_NODE "localhost:8775"
#define DEFAULT_MAC "b8:ba:cf:b8:9d:3a"
#define NC_ENDPOINT "/axis2/services/EucalyptusNC"

/* with the option that gives it */
#define CHECK_PARAM(par, option) \
	if (par == NULL) { \
		fprintf (stderr, "%s needs %s (see -h)\n", command, option); \
		exit (1); \
	}

static char * debug_log = NULL;

static void usage (void)
{
	fprintf (stderr, "usage: NCclient [options] command\n"
		"commands:\n"
		"    runInstance            [-m -k -r -i -e -a -c -U -I -G]\n"
		"    describeInstances      [-i]\n"
		"    terminateInstance      [-i]\n"
		"    rebootInstance         [-i]\n"
		"    getConsoleOutput       [-i]\n"
		"    attachVolume           [-i -V -R -L]\n"
		"    detachVolume           [-i -V -R -L -F]\n"
		"    startNetwork\n"
		"    describeResource\n"
		"    powerDown\n"
		"options:\n"
		"    -h                     this text\n"
		"    -d                     a log of the messages in NCclient.log\n"
		"    -n HOST[:PORT]         the node (" DEFAULT_NODE ")\n"
		"    -w HOST:PORT           Walrus, for images given as ID:MANIFEST\n"
		"    -i ID                  instance\n"
		"    -m ID:MANIFEST         image; likewise\n"
		"    -k ID:MANIFEST         kernel\n"
		"    -r ID:MANIFEST         ramdisk\n"
		"    -e ID                  reservation\n"
		"    -a MAC                 of the instance\n"
		"    -c NUMBER              instances, numbered in their names from the second on\n"
		"    -V ID                  volume\n"
		"    -R DEVICE              its remote device\n"
		"    -L DEVICE              its device in the guest\n"
		"    -F                     detach it whatever the guest says\n"
		"    -U TEXT                user data\n"
		"    -I TEXT                launch index\n"
		"    -G NAME[:NAME...]      groups\n");
	exit (1);
}

/* ID:MANIFEST into the ID and an address; whole addresses may take the place
 * of a manifest */
static void parse_image (char * text, char * walrus, char ** id, char ** url)
{
	char * colon = strchr (text, ':');
	char address [BUFSIZE];

	if (colon == NULL || colon[1] == 0) {
		fprintf (stderr, "not ID:MANIFEST: %s\n", text);
		exit (1);
	}
	* colon = 0;
	if (strstr (colon + 1, "://"))
		snprintf (address, BUFSIZE, "%s", colon + 1);
	else if (walrus)
		snprintf (address, BUFSIZE, "http://%s/services/Walrus/%s", walrus, colon + 1);
	else
		snprintf (address, BUFSIZE, "%s", colon + 1);
	* id = text;
	* url = strdup (address);
}

static void print_instance (ncInstance * inst)
{
	int i;

	printf ("instanceId=%s state=%s (%d) user=%s image=%s vlan=%d MAC=%s IP=%s/%s launchTime=%d\n", inst->instanceId, inst->stateName, inst->stateCode,
		inst->userId, inst->imageId, inst->ncnet.vlan, inst->ncnet.privateMac, inst->ncnet.privateIp, inst->ncnet.publicIp, inst->launchTime);
	for (i = 0; i < inst->volumesSize; i++)
		printf ("    volumeId=%s remote=%s local=%s state=%s\n", inst->volumes[i].volumeId, inst->volumes[i].remoteDev, inst->volumes[i].localDev, inst->volumes[i].stateName);
}

int main (int argc, char **argv)
{
	char * node = DEFAULT_NODE, * walrus = NULL, * command;
	char * instance_id = NULL, * reservation_id = "r-client", * mac_addr = DEFAULT_MAC;
	char * image_id = NULL, * image_url = NULL;
	char * kernel_id = NULL, * kernel_url = NULL;
	char * ramdisk_id = NULL, * ramdisk_url = NULL;
	char * volume_id = NULL, * remote_dev = NULL, * local_dev = NULL;
	char * user_data = NULL, * launch_index = NULL;
	char * group_names [EUCA_MAX_GROUPS + 1], * word, * rest = NULL;
	int group_names_size = 0, count = 1, force = 0, local = 0, rc = OK, ch, i;
	char uri [BUFSIZE];
	ncStub * stub;
	ncMetadata meta = { "a-conversation", EUCALYPTUS_ADMIN };
	virtualMachine params = { 64, 1, 1, "m1.small",
		{ { "sda1", "root", 100, "none" },
		  { "sda2", "ephemeral0", 1024, "ext3" },
		  { "sda3", "swap", 512, "swap" } } };

#ifdef NC_LOCAL
	local = 1;
#endif

	while ((ch = getopt (argc, argv, "hdn:w:i:m:k:r:e:a:c:h:V:R:L:FU:I:G:")) != -1) {
		switch (ch) {
		case 'd':
			debug_log = "NCclient.log";
			break;
		case 'n':
			node = optarg;
			break;
		case 'w':
			walrus = optarg;
			break;
		case 'i':
			instance_id = optarg;
			break;
		case 'm':
			parse_image (optarg, walrus, &image_id, &image_url);
			break;
		case 'k':
			parse_image (optarg, walrus, &kernel_id, &kernel_url);
			break;
		case 'r':
			parse_image (optarg, walrus, &ramdisk_id, &ramdisk_url);
			break;
		case 'e':
			reservation_id = optarg;
			break;
		case 'a':
			mac_addr = optarg;
			break;
		case 'c':
			count = atoi (optarg);
			break;
		case 'V':
			volume_id = optarg;
			break;
		case 'R':
			remote_dev = optarg;
			break;
		case 'L':
			local_dev = optarg;
			break;
		case 'F':
			force = 1;
			break;
		case 'U':
			user_data = optarg;
			break;
		case 'I':
			launch_index = optarg;
			break;
		case 'G':
			for (word = strtok_r (optarg, ":", &rest); word && group_names_size < EUCA_MAX_GROUPS; word = strtok_r (NULL, ":", &rest))
				group_names[group_names_size++] = word;
			break;
		case 'h':
		default:
			usage ();
		}
	}
	if (optind + 1 != argc)
		usage ();
	command = argv[optind];

	snprintf (uri, BUFSIZE, "http://%s%s" NC_ENDPOINT, node, strchr (node, ':') ? "" : ":8775");
	if ((stub = ncStubCreate (uri, debug_log, NULL)) == NULL) {
		fprintf (stderr, "cannot make a connection to %s\n", local ? "this process" : uri);
		exit (1);
	}
#ifndef NC_LOCAL
	{
		char policy [BUFSIZE], * home = getenv (EUCALYPTUS_ENV_VAR_NAME);

		snprintf (policy, BUFSIZE, EUCALYPTUS_POLICIES_DIR "/nc-client-policy.xml", home ? home : "");
		if (access (policy, R_OK) == 0) { // without it, messages go unsigned
			euca_init_cert ();
			if (InitWSSEC (stub->env, axis2_stub_get_svc_client (stub->stub, stub->env), policy) != 0) {
				fprintf (stderr, "messages cannot be signed as %s says\n", policy);
				exit (1);
			}
		}
	}
#endif

	if (!strcmp (command, "runInstance")) {
		char name [BUFSIZE];

		CHECK_PARAM(instance_id, "-i");
		CHECK_PARAM(image_id, "-m");
		CHECK_PARAM(kernel_id, "-k");
		for (i = 0; i < count && rc == OK; i++) {
			ncInstance * outInst = NULL;
			netConfig netparams;

			if (i == 0)
				snprintf (name, BUFSIZE, "%s", instance_id);
			else
				snprintf (name, BUFSIZE, "%s-%d", instance_id, i);
			netparams.vlan = 3;
			snprintf (netparams.privateMac, 24, "%s", mac_addr);
			snprintf (netparams.privateIp, 24, "%s", "0.0.0.0");

			rc = ncRunInstanceStub(	stub, &meta,
						name, reservation_id,
						&params,
						image_id, image_url,
						kernel_id, kernel_url,
						ramdisk_id, ramdisk_url,
						"", /* no key, for now */
//						mac_addr, "0.0.0.0", 3,
						&netparams,
						user_data, launch_index, group_names, group_names_size, /* CC stuff */
						&outInst);
			if (rc != OK)
				fprintf (stderr, "%s was not started (%d)\n", name, rc);
			else
				print_instance (outInst);
			if (!local)
				free_instance (&outInst);
		}
#ifdef NC_LOCAL
		if (rc == OK)
			sleep (180); // as soon as we end, so do the threads that start it
#endif

	} else if (!strcmp (command, "describeInstances")) {
		ncInstance ** outInsts = NULL;
		int outInstsLen = 0;

		rc = ncDescribeInstancesStub (stub, &meta, &instance_id, instance_id ? 1 : 0, &outInsts, &outInstsLen);
		for (i = 0; i < outInstsLen; i++) {
			print_instance (outInsts[i]);
			free_instance (&outInsts[i]);
		}
		free (outInsts);

	} else if (!strcmp (command, "terminateInstance")) {
		int shutdown_state = 0, previous_state = 0;

		CHECK_PARAM(instance_id, "-i");
		rc = ncTerminateInstanceStub (stub, &meta, instance_id, &shutdown_state, &previous_state);
		if (rc == OK)
			printf ("%s: from state %d to %d\n", instance_id, previous_state, shutdown_state);

	} else if (!strcmp (command, "rebootInstance")) {
		CHECK_PARAM(instance_id, "-i");
		rc = ncRebootInstanceStub (stub, &meta, instance_id);

	} else if (!strcmp (command, "getConsoleOutput")) {
		char * output = NULL;

		CHECK_PARAM(instance_id, "-i");
		rc = ncGetConsoleOutputStub (stub, &meta, instance_id, &output);
		if (rc == OK)
			printf ("%s\n", output); // base64, as it came
		free (output);

	} else if (!strcmp (command, "attachVolume")) {
		CHECK_PARAM(instance_id, "-i");
		CHECK_PARAM(volume_id, "-V");
		CHECK_PARAM(remote_dev, "-R");
		CHECK_PARAM(local_dev, "-L");
		rc = ncAttachVolumeStub (stub, &meta, instance_id, volume_id, remote_dev, local_dev);

	} else if (!strcmp (command, "detachVolume")) {
		CHECK_PARAM(instance_id, "-i");
		CHECK_PARAM(volume_id, "-V");
		CHECK_PARAM(remote_dev, "-R");
		CHECK_PARAM(local_dev, "-L");
		rc = ncDetachVolumeStub (stub, &meta, instance_id, volume_id, remote_dev, local_dev, force);

	} else if (!strcmp (command, "startNetwork")) {
		char * peers [] = { "localhost" }, * status = NULL;

		rc = ncStartNetworkStub (stub, &meta, peers, 1, 1971, 3, &status);
		printf ("network: %s\n", status ? status : "-");
		free (status);

	} else if (!strcmp (command, "describeResource")) {
		ncResource * resource = NULL;

		rc = ncDescribeResourceStub (stub, &meta, NULL, &resource);
		if (rc == OK)
			printf ("node=%s memory=%d/%d disk=%d/%d cores=%d/%d subnets=%s\n", resource->nodeStatus,
				resource->memorySizeAvailable, resource->memorySizeMax, resource->diskSizeAvailable, resource->diskSizeMax,
				resource->numberOfCoresAvailable, resource->numberOfCoresMax, resource->publicSubnets);
		free_resource (&resource);

	} else if (!strcmp (command, "powerDown")) {
		rc = ncPowerDownStub (stub, &meta);

	} else {
		fprintf (stderr, "there is no command %s\n", command);
		usage ();
	}

	if (rc != OK)
		fprintf (stderr, "%s: error %d\n", command, rc);
	ncStubDestroy (stub);

	return rc == OK ? 0 : 1;
}

