// SPDX-License-Identifier: GPL-3.0-only
/*
  Cluster controller of the reference tree: our own, much smaller than the	
  one of Eucalyptus 2.0 that it stands in for. You may use, change and hand
  it on as version 3 of the GNU General Public License says, and you’re on
  your own with it: there is no warranty.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <eucalyptus.h>
#include <misc.h>
#include <euca_axis.h>
#include "cc-client-marshal.h"

static void usage(void) {
  fprintf(stderr, "usage: CCclient [options] HOST:PORT|URL OPERATION [INSTANCE...]\n"
	  "operations: startNetwork stopNetwork describeNetworks describeResources\n"
	  "            runInstances describeInstances terminateInstances rebootInstances\n"
	  "            getConsoleOutput attachVolume detachVolume\n"
	  "  -u USER         -c CONVERSATION   -s POLICYFILE (signs messages)   -l LOGFILE\n"
	  "  -m ID:URL image -k ID:URL kernel  -r ID:URL ramdisk\n"
	  "  -t NAME:MEM:DISK:CORES  type      -n LEAST  how many must be started\n"
	  "  -K KEY  -R RESERVATION  -G GROUP  -U USERDATA  -I LAUNCHINDEX  -N VLAN\n"
	  "  -V VOLUME  -D REMOTEDEV:LOCALDEV  -F (force)\n");
  exit(2);
}

/* both halves of a word with a colon in it */
static void halve(char *word, char **first, char **second) {
  char *colon = strchr(word, ':');

  if (colon == NULL) usage();
  *colon = 0;
  *first = word;
  *second = colon + 1;
}

int main(int argc, char **argv) {
  virtualMachine vm = { 128, 1, 2, "m1.small", {} };
  ncMetadata meta = { "ccclient", EUCALYPTUS_ADMIN };
  char *amiId = NULL, *amiURL = NULL, *kernelId = NULL, *kernelURL = NULL, *ramdiskId = NULL, *ramdiskURL = NULL;
  char *keyName = NULL, *reservationId = "r-12345678", *netName = "default", *userData = "", *launchIndex = "0";
  char *volumeId = NULL, *remoteDev = NULL, *localDev = NULL, *policyFile = NULL, *log = NULL, *op, url[1024], **instIds;
  int ch, instIdsLen, minCount = 1, vlan = 0, force = 0, rc = 1;
  ccStub *st;

  while ((ch = getopt(argc, argv, "u:c:s:l:m:k:r:t:n:K:R:G:U:I:N:V:D:Fh")) != -1) {
    switch (ch) {
    case 'u': meta.userId = optarg; break;
    case 'c': meta.correlationId = optarg; break;
    case 's': policyFile = optarg; break;
    case 'l': log = optarg; break;
    case 'm': halve(optarg, &amiId, &amiURL); break;
    case 'k': halve(optarg, &kernelId, &kernelURL); break;
    case 'r': halve(optarg, &ramdiskId, &ramdiskURL); break;
    case 't':
      if (sscanf(optarg, "%63[^:]:%d:%d:%d", vm.name, &vm.mem, &vm.disk, &vm.cores) != 4) usage();
      break;
    case 'n': minCount = atoi(optarg); break;
    case 'K': keyName = optarg; break;
    case 'R': reservationId = optarg; break;
    case 'G': netName = optarg; break;
    case 'U': userData = optarg; break;
    case 'I': launchIndex = optarg; break;
    case 'N': vlan = atoi(optarg); break;
    case 'V': volumeId = optarg; break;
    case 'D': halve(optarg, &remoteDev, &localDev); break;
    case 'F': force = 1; break;
    default: usage();
    }
  }
  if (argc - optind < 2) usage();

  if (strstr(argv[optind], "://")) snprintf(url, sizeof(url), "%s", argv[optind]);
  else snprintf(url, sizeof(url), "http://%s/axis2/services/EucalyptusCC", argv[optind]);
  op = argv[optind + 1];
  instIds = argv + optind + 2;
  instIdsLen = argc - optind - 2;

  if ((st = ccStubCreate(url, log, NULL)) == NULL) return 1;
  if (policyFile && InitWSSEC(st->env, axis2_stub_get_svc_client(st->stub, st->env), policyFile)) {
    fprintf(stderr, "%s is of no use as a policy\n", policyFile);
    return 1;
  }

  if (!strcmp(op, "startNetwork")) {
    rc = cc_startNetwork(st, &meta, netName, vlan);
  } else if (!strcmp(op, "stopNetwork")) {
    rc = cc_stopNetwork(st, &meta, netName, vlan);
  } else if (!strcmp(op, "describeNetworks")) {
    rc = cc_describeNetworks(st, &meta);
  } else if (!strcmp(op, "describeResources")) {
    rc = cc_describeResources(st, &meta, &vm);
  } else if (!strcmp(op, "describeInstances")) {
    rc = cc_describeInstances(st, &meta, instIds, instIdsLen);
  } else if (instIdsLen < 1) {
    usage();
  } else if (!strcmp(op, "runInstances")) {
    if (amiId == NULL) usage();
    rc = cc_runInstances(st, &meta, amiId, amiURL, kernelId, kernelURL, ramdiskId, ramdiskURL, &vm, keyName, minCount, reservationId, instIds, instIdsLen, netName, vlan, userData, launchIndex);
  } else if (!strcmp(op, "terminateInstances")) {
    rc = cc_terminateInstances(st, &meta, instIds, instIdsLen);
  } else if (!strcmp(op, "rebootInstances")) {
    rc = cc_rebootInstances(st, &meta, instIds, instIdsLen);
  } else if (!strcmp(op, "getConsoleOutput")) {
    rc = cc_getConsoleOutput(st, &meta, instIds[0]);
  } else if (volumeId == NULL || remoteDev == NULL) {
    usage();
  } else if (!strcmp(op, "attachVolume")) {
    rc = cc_attachVolume(st, &meta, instIds[0], volumeId, remoteDev, localDev);
  } else if (!strcmp(op, "detachVolume")) {
    rc = cc_detachVolume(st, &meta, instIds[0], volumeId, remoteDev, localDev, force);
  } else {
    usage();
  }

  ccStubDestroy(st);
  return rc;
}
