// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <eucalyptus.h>
#include <misc.h>
#include <vnetwork.h>

static void keep(char *to, size_t size, const char *from) {
  snprintf(to, size, "%s", from ? from : "");
}

static uint32_t address_or_none(char *in) {
  return in && in[0] ? dot2hex(in) : 0;
}

int vnetInit(vnetConfig *vnetconfig, char *mode, char *eucahome, char *path, int role, char *pubInterface, char *privInterface, char *numberofaddrs, char *network, char *netmask, char *broadcast, char *nameserver, char *router, char *daemon, char *dhcpuser, char *bridgedev, char *localIp, char *cloudIp) {
  networkEntry *net;

  if (!vnetconfig || !mode || !eucahome || !path) return(1);
  if (vnetconfig->initialized) return(0);
  if (strcmp(mode, "SYSTEM") && strcmp(mode, "STATIC")) {
    logprintfl(EUCAERROR, "vnetInit(): mode is SYSTEM or STATIC here, not %s\n", mode);
    return(1);
  }
  if (role == NC && (!bridgedev || !bridgedev[0])) {
    logprintfl(EUCAERROR, "vnetInit(): a node needs a bridge in mode %s\n", mode);
    return(1);
  }
  if (role == CC && !strcmp(mode, "STATIC") && (!network || !netmask)) {
    logprintfl(EUCAERROR, "vnetInit(): mode STATIC needs a network and its mask\n");
    return(1);
  }

  memset(vnetconfig, 0, sizeof(vnetConfig));
  keep(vnetconfig->mode, sizeof(vnetconfig->mode), mode);
  keep(vnetconfig->eucahome, sizeof(vnetconfig->eucahome), eucahome);
  keep(vnetconfig->path, sizeof(vnetconfig->path), path);
  keep(vnetconfig->pubInterface, sizeof(vnetconfig->pubInterface), pubInterface);
  keep(vnetconfig->privInterface, sizeof(vnetconfig->privInterface), privInterface);
  keep(vnetconfig->bridgedev, sizeof(vnetconfig->bridgedev), bridgedev);
  keep(vnetconfig->dhcpdaemon, sizeof(vnetconfig->dhcpdaemon), daemon);
  keep(vnetconfig->dhcpuser, sizeof(vnetconfig->dhcpuser), dhcpuser);
  vnetconfig->role = role;
  vnetconfig->max_vlan = NUMBER_OF_VLANS;
  vnetconfig->cloudIp = address_or_none(cloudIp);

  net = vnetconfig->networks;
  net->nw = address_or_none(network);
  net->nm = address_or_none(netmask);
  net->bc = address_or_none(broadcast);
  net->dns = address_or_none(nameserver);
  net->router = address_or_none(router);
  net->numhosts = NUMBER_OF_HOSTS_PER_VLAN;
  if (numberofaddrs && atoi(numberofaddrs) > 0) net->numhosts = minint(atoi(numberofaddrs), NUMBER_OF_HOSTS_PER_VLAN);
  net->active = 1;
  vnetconfig->initialized = 1;

  return(0);
}

/* neither mode makes anything: a node's guests sit on its own bridge, and a
   cluster has no more than an interface */
int vnetStartNetwork(vnetConfig *vnetconfig, int vlan, char *userName, char *netName, char **outbrname) {
  char *name;

  if (!vnetconfig || !vnetconfig->initialized) return(1);
  name = vnetconfig->role == NC ? vnetconfig->bridgedev : vnetconfig->privInterface;
  if (outbrname) {
    if ((*outbrname = strdup(name)) == NULL) return(1);
  }
  logprintfl(EUCADEBUG, "vnetStartNetwork(): vlan %d of %s/%s is on %s\n", vlan, userName ? userName : "-", netName ? netName : "-", name);

  return(0);
}

int vnetStopNetwork(vnetConfig *vnetconfig, int vlan, char *userName, char *netName) {
  return(vnetconfig && vnetconfig->initialized ? 0 : 1);
}

/* hosts are the entries of VNET_MACMAP; all functions below are content to do
   nothing in SYSTEM mode, where somebody else's DHCP server rules */
static int is_static(vnetConfig *vnetconfig) {
  return(vnetconfig && vnetconfig->initialized && !strcmp(vnetconfig->mode, "STATIC"));
}

static netEntry *entry_of(vnetConfig *vnetconfig, char *mac, char *ip) {
  uint32_t address = address_or_none(ip);
  int i;

  for (i=0; i<vnetconfig->networks[0].numhosts; i++) {
    netEntry *e = vnetconfig->networks[0].addrs + i;

    if (e->ip == 0) continue;
    if (mac && mac[0] && strcasecmp(mac, e->mac)) continue;
    if (address && address != e->ip) continue;
    if ((mac && mac[0]) || address) return(e);
  }
  return(NULL);
}

int vnetAddHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan, int idx) {
  networkEntry *net;
  int i;

  if (!is_static(vnetconfig)) return(0);
  if (!mac || !ip || address_or_none(ip) == 0) return(1);
  if (entry_of(vnetconfig, mac, NULL) || entry_of(vnetconfig, NULL, ip)) {
    logprintfl(EUCAWARN, "vnetAddHost(): %s or %s is there already\n", mac, ip);
    return(1);
  }
  net = vnetconfig->networks;
  for (i = idx < 0 ? 0 : idx; i<net->numhosts; i++) {
    if (net->addrs[i].ip == 0) {
      keep(net->addrs[i].mac, sizeof(net->addrs[i].mac), mac);
      net->addrs[i].ip = dot2hex(ip);
      net->addrs[i].active = 0;
      return(0);
    }
    if (idx >= 0) break;
  }
  logprintfl(EUCAERROR, "vnetAddHost(): no place for %s/%s\n", mac, ip);
  return(1);
}

int vnetDelHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan) {
  netEntry *e;

  if (!is_static(vnetconfig)) return(0);
  if ((e = entry_of(vnetconfig, mac, ip)) == NULL) return(1);
  memset(e, 0, sizeof(netEntry));
  return(0);
}

static int set_active(vnetConfig *vnetconfig, char *mac, char *ip, char active) {
  netEntry *e;

  if (!is_static(vnetconfig)) return(0);
  if ((e = entry_of(vnetconfig, mac, ip)) == NULL) return(1);
  e->active = active;
  return(0);
}

int vnetEnableHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan) {
  return(set_active(vnetconfig, mac, ip, 1));
}

int vnetDisableHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan) {
  return(set_active(vnetconfig, mac, ip, 0));
}

/* mac and ip: 24 bytes each, of the caller's. The host is the caller's from
   now on, until vnetDisableHost */
int vnetGetNextHost(vnetConfig *vnetconfig, char *mac, char *ip, int vlan, int idx) {
  int i, from, to;

  if (!is_static(vnetconfig)) return(0);
  if (!mac || !ip || idx >= vnetconfig->networks[0].numhosts) return(1);
  from = idx < 0 ? 0 : idx;
  to = idx < 0 ? vnetconfig->networks[0].numhosts : idx + 1;
  for (i=from; i<to; i++) {
    netEntry *e = vnetconfig->networks[0].addrs + i;

    if (e->ip != 0 && !e->active) {
      char *dots = hex2dot(e->ip);

      keep(mac, 24, e->mac);
      keep(ip, 24, dots);
      free(dots);
      e->active = 1;
      return(0);
    }
  }
  return(1);
}

static void dhcp_line(FILE *to, const char *before, uint32_t address) {
  char *dots;

  if (address == 0) return;
  dots = hex2dot(address);
  fprintf(to, "  %s %s;\n", before, dots);
  free(dots);
}

int vnetGenerateDHCP(vnetConfig *vnetconfig, int *numHosts) {
  char file[EUCA_MAX_PATH], *nw, *nm, *ip;
  networkEntry *net;
  int i;
  FILE *fp;

  *numHosts = 0;
  if (!is_static(vnetconfig)) return(0);
  net = vnetconfig->networks;
  snprintf(file, sizeof(file), "%s/euca-dhcp.conf", vnetconfig->path);
  if ((fp = fopen(file, "w")) == NULL) {
    logprintfl(EUCAERROR, "vnetGenerateDHCP(): cannot write %s\n", file);
    return(1);
  }

  nw = hex2dot(net->nw);
  nm = hex2dot(net->nm);
  fprintf(fp, "default-lease-time 86400;\nmax-lease-time 86400;\nddns-update-style none;\n\n");
  fprintf(fp, "subnet %s netmask %s {\n", nw, nm);
  dhcp_line(fp, "option broadcast-address", net->bc);
  dhcp_line(fp, "option domain-name-servers", net->dns);
  dhcp_line(fp, "option routers", net->router);
  fprintf(fp, "}\n");
  free(nw);
  free(nm);

  for (i=0; i<net->numhosts; i++) {
    if (!net->addrs[i].active) continue;
    ip = hex2dot(net->addrs[i].ip);
    fprintf(fp, "host node-%s {\n  hardware ethernet %s;\n  fixed-address %s;\n}\n", ip, net->addrs[i].mac, ip);
    free(ip);
    (*numHosts)++;
  }

  return(fclose(fp) == 0 ? 0 : 1);
}

/* stops the DHCP server that runs on our file, if one does, and starts it
   again if it has anybody to serve */
int vnetKickDHCP(vnetConfig *vnetconfig) {
  char file[EUCA_MAX_PATH], *text, *user = "";
  int pid, numHosts;

  if (!is_static(vnetconfig)) return(0);
  if (vnetGenerateDHCP(vnetconfig, &numHosts)) return(1);

  snprintf(file, sizeof(file), "%s/euca-dhcp.pid", vnetconfig->path);
  if ((text = file2str(file)) != NULL) {
    pid = atoi(text);
    free(text);
    if (pid > 1 && check_process(pid, "euca-dhcp.pid") == 0)
      vrun(EUCALYPTUS_ROOTWRAP " kill %d", vnetconfig->eucahome, pid);
  }
  if (numHosts == 0 || vnetconfig->dhcpdaemon[0] == 0) return(0);

  snprintf(file, sizeof(file), "%s/euca-dhcp.leases", vnetconfig->path);
  touch(file);
  if (vnetconfig->dhcpuser[0] && strcmp(vnetconfig->dhcpuser, "root")) user = vnetconfig->dhcpuser;
  return(vrun(EUCALYPTUS_ROOTWRAP " %s%s%s -cf %s/euca-dhcp.conf -lf %s -pf %s/euca-dhcp.pid %s", vnetconfig->eucahome, vnetconfig->dhcpdaemon, user[0] ? " -user " : "", user, vnetconfig->path, file, vnetconfig->path, vnetconfig->privInterface) ? 1 : 0);
}

/* locally administered addresses: i-ABCD0123 is D0:0D:AB:CD:01:23 */
int instId2mac(char *instId, char *outmac) {
  int i;

  if (!instId || !outmac || strlen(instId) != 10 || strncmp(instId, "i-", 2)) return(1);
  for (i=2; i<10; i++) if (!isxdigit((unsigned char)instId[i])) return(1);
  snprintf(outmac, 24, "D0:0D:%.2s:%.2s:%.2s:%.2s", instId+2, instId+4, instId+6, instId+8);
  for (; *outmac; outmac++) *outmac = toupper((unsigned char)*outmac);

  return(0);
}

/* STATIC knows; in SYSTEM mode the kernel's neighbours are asked */
int mac2ip(vnetConfig *vnetconfig, char *mac, char **ip) {
  char line[256], found[64], hardware[64];
  netEntry *e;
  FILE *fp;

  if (!vnetconfig || !mac || !ip) return(1);
  *ip = NULL;
  if (is_static(vnetconfig)) {
    if ((e = entry_of(vnetconfig, mac, NULL)) == NULL) return(1);
    *ip = hex2dot(e->ip);
    return(0);
  }

  if ((fp = fopen("/proc/net/arp", "r")) == NULL) return(1);
  while (*ip == NULL && fgets(line, sizeof(line), fp))
    if (sscanf(line, "%63s %*s %*s %63s", found, hardware) == 2 && !strcasecmp(hardware, mac)) *ip = strdup(found);
  fclose(fp);

  return(*ip ? 0 : 1);
}

int ip2mac(vnetConfig *vnetconfig, char *ip, char **mac) {
  char line[256], found[64], hardware[64];
  netEntry *e;
  FILE *fp;

  if (!vnetconfig || !ip || !mac) return(1);
  *mac = NULL;
  if (is_static(vnetconfig)) {
    if ((e = entry_of(vnetconfig, NULL, ip)) == NULL) return(1);
    *mac = strdup(e->mac);
    return(0);
  }

  if ((fp = fopen("/proc/net/arp", "r")) == NULL) return(1);
  while (*mac == NULL && fgets(line, sizeof(line), fp))
    if (sscanf(line, "%63s %*s %*s %63s", found, hardware) == 2 && !strcmp(found, ip)) *mac = strdup(hardware);
  fclose(fp);

  return(*mac ? 0 : 1);
}

char *hex2dot(uint32_t in) {
  char *out = malloc(16);

  if (out) snprintf(out, 16, "%u.%u.%u.%u", in >> 24, (in >> 16) & 255, (in >> 8) & 255, in & 255);
  return(out);
}

uint32_t dot2hex(char *in) {
  struct in_addr address;

  if (!in || inet_pton(AF_INET, in, &address) != 1) return(0);
  return(ntohl(address.s_addr));
}
