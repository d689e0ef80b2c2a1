// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#ifndef INCLUDE_VNETWORK_H
#define INCLUDE_VNETWORK_H

#include <stdint.h>

#define NUMBER_OF_VLANS 4096
#define NUMBER_OF_HOSTS_PER_VLAN 256

enum {NC, CC, CLC};

typedef struct netEntry_t {
  char mac[24];
  char active;
  uint32_t ip;
} netEntry;

typedef struct networkEntry_t {
  uint32_t nw, nm, bc, dns, router;
  int numhosts;
  char active;
  netEntry addrs[NUMBER_OF_HOSTS_PER_VLAN];
} networkEntry;

/* lives in a shared mapping on the cluster controller: no pointers in it */
typedef struct vnetConfig_t {
  char eucahome[512];
  char path[512];
  char mode[32];
  char dhcpdaemon[512];
  char dhcpuser[32];
  char pubInterface[32];
  char privInterface[32];
  char bridgedev[32];
  uint32_t cloudIp;
  int role;
  int initialized;
  int max_vlan;
  networkEntry networks[1]; // SYSTEM and STATIC know a single network
} vnetConfig;

/* mode is "SYSTEM" or "STATIC"; any string but the first four may be NULL */
int vnetInit(vnetConfig *vnetconfig, char *mode, char *eucahome, char *path, int role, char *pubInterface, char *privInterface, char *numberofaddrs, char *network, char *netmask, char *broadcast, char *nameserver, char *router, char *daemon, char *dhcpuser, char *bridgedev, char *localIp, char *cloudIp);

int vnetStartNetwork(vnetConfig *vnetconfig, int vlan, char *userName, char *netName, char **outbrname);
int vnetStopNetwork(vnetConfig *vnetconfig, int vlan, char *userName, char *netName);

/* hosts: the CC's part, and only in STATIC mode (VNET_MACMAP) */
int vnetAddHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan, int idx);
int vnetDelHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan);
int vnetEnableHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan);
int vnetDisableHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan);
int vnetGetNextHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan, int idx); // idx -1: any free one
int vnetGenerateDHCP(vnetConfig *vnetconfig, int *numHosts);
int vnetKickDHCP(vnetConfig *vnetconfig);

int instId2mac(char *instId, char *outmac); // outmac: 24 bytes
int mac2ip(vnetConfig *vnetconfig, char *mac, char **ip);
int ip2mac(vnetConfig *vnetconfig, char *ip, char **mac);
char *hex2dot(uint32_t in);
uint32_t dot2hex(char *in);

#endif
