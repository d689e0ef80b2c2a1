// SPDX-License-Identifier: GPL-3.0-only
/*
  Part of a small stand-in for the node controller of Eucalyptus 2.0. It is	
  free software: copy it, change it and pass it on under version 3 of the
  GNU General Public License. There’s no warranty of any kind.
*/
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "ipc.h"
#include "misc.h"
#include <storage.h>
#include <vnetwork.h>
#include <euca_auth.h>
#define HANDLERS_FANOUT
#include "handlers.h"

#define MONITORING_PERIOD 5 /* seconds between two looks at the guests */
#define TEARDOWN_DURATION 180 /* seconds for which a dead one is still told of */
#define BOOTING_DURATION 60 /* seconds for a new domain to show up */
#define CREATE_TRIES 5
#define CONSOLE_MAX 65536 /* bytes, the end counts */

/* used by lower level handlers */
sem * inst_sem;			/* global_instances and all that is in it */
static sem * disk_sem;		/* heavy work on disks */
static sem * hyp_sem;		/* the connection below */
static virConnectPtr hyp_conn = NULL;
bunchOfInstances * global_instances = NULL;
struct nc_state_t nc_state;

extern struct handlers xen_libvirt_handlers;
extern struct handlers kvm_libvirt_handlers;
extern struct handlers default_libvirt_handlers;

static struct handlers * known_handlers [] = {
    &xen_libvirt_handlers,
    &kvm_libvirt_handlers,
    NULL
};

/* Asks the generator for a domain description and puts the instance's own
 * values where it left a word for them */
int
get_instance_xml(	const char *gen_libvirt_cmd_path,
			char *userId,
			char *instanceId,
			char *ramdiskId,
			char *kernelId,
			char *disk_path,
			virtualMachine *params,
			char *privMac,
//			char *privIp,
			char *brname,
			int use_virtio_net,
			int use_virtio_root,
			char **xml)
{
    char cmd [MAX_PATH];
    char number [32];

    if (strlen (gen_libvirt_cmd_path) >= MAX_PATH) {
        logprintfl (EUCAERROR, "the path of the XML generator is too long\n");
        return ERROR_FATAL;
    }
    strcpy (cmd, gen_libvirt_cmd_path);
    if (ramdiskId && ramdiskId[0]) {
	strncat (cmd, " --ramdisk", MAX_PATH);
    }
    if (use_virtio_net) {
	strncat (cmd, " --virtionet", MAX_PATH);
    }
    if (use_virtio_root) {
	strncat (cmd, " --virtioroot", MAX_PATH);
    }
    if (params->disk > 0) {
        strncat (cmd, " --ephemeral", MAX_PATH);
    }

    * xml = system_output (cmd);
    if ((* xml) == NULL) {
        logprintfl (EUCAERROR, "no XML came from: %s\n", cmd);
        return ERROR;
    }

    /* Each round reads what the rounds before it wrote, so no word may be a
     * part of another: BRIDGENAME, say, would not live past the third round */
    replace_string (xml, "BASEPATH", disk_path);
    replace_string (xml, "SWAPPATH", disk_path);
    replace_string (xml, "NAME", instanceId);
    replace_string (xml, "PRIVMACADDR", privMac);
    replace_string (xml, "BRIDGEDEV", brname);
    snprintf (number, sizeof (number), "%lld", (long long) params->mem * 1024); /* MB to kB */
    replace_string (xml, "MEMORY", number);
    snprintf (number, sizeof (number), "%d", params->cores);
    replace_string (xml, "VCPUS", number);

    return OK;
}

/* call with inst_sem held */
void change_state(	ncInstance *instance, instance_states state)
{
    instance->state = state;
    switch (state) { /* a cluster controller knows three states only */
    case STAGING:
    case CANCELED:
	instance->stateCode = PENDING;
	break;
    case SHUTOFF:
    case CRASHED:
    case TEARDOWN:
	instance->stateCode = TEARDOWN;
	break;
    case BOOTING:
	instance->retries = LIBVIRT_QUERY_RETRIES;
	/* fall through */
    case NO_STATE:
    case RUNNING:
    case BLOCKED:
    case PAUSED:
    case SHUTDOWN:
	instance->stateCode = EXTANT;
	break;
    default:
	logprintfl (EUCAERROR, "%s: %d is no state for an instance\n", instance->instanceId, state);
	return;
    }
    snprintf (instance->stateName, CHAR_BUFFER_SIZE, "%s", instance_state_names[instance->stateCode]);
}

/* what libvirt says, in our words */
static instance_states domain_state (const virDomainInfo * info)
{
    switch (info->state) {
    case VIR_DOMAIN_RUNNING:	return RUNNING;
    case VIR_DOMAIN_BLOCKED:	return BLOCKED;
    case VIR_DOMAIN_SHUTDOWN:	return SHUTDOWN;
    case VIR_DOMAIN_SHUTOFF:	return SHUTOFF;
    case VIR_DOMAIN_CRASHED:	return CRASHED;
    case VIR_DOMAIN_NOSTATE:	return NO_STATE;
    default:			return PAUSED;
    }
}

/* libvirt would print what we log */
static void quiet_libvirt (void *data, virErrorPtr err)
{
    if (err != NULL && err->code != VIR_ERR_NO_DOMAIN)
	logprintfl (EUCADEBUG, "libvirt: %s (code %d)\n", err->message ? err->message : "?", err->code);
}

/* the connection, opened again if it has died; NULL when that does not help */
virConnectPtr check_hypervisor_conn()
{
    virConnectPtr conn = NULL;

    sem_p (hyp_sem);
    if (hyp_conn != NULL && virConnectIsAlive (hyp_conn) != 1) {
	logprintfl (EUCAWARN, "the connection to %s is gone, opening another\n", nc_state.uri);
	virConnectClose (hyp_conn);
	hyp_conn = NULL;
    }
    if (hyp_conn == NULL)
	hyp_conn = virConnectOpen (nc_state.uri);
    if (hyp_conn != NULL && virConnectRef (hyp_conn) == 0)
	conn = hyp_conn;
    sem_v (hyp_sem);

    if (conn == NULL)
	logprintfl (EUCAERROR, "no connection to the hypervisor at %s\n", nc_state.uri);
    return conn;
}

/* in MB, GB and cores; the smaller one of what there is and what may be used */
int measure_host(	struct nc_state_t *nc)
{
    virConnectPtr conn = check_hypervisor_conn ();
    struct statvfs fs;
    virNodeInfo host;
    int rc;

    if (conn == NULL)
	return ERROR;
    rc = virNodeGetInfo (conn, &host);
    virConnectClose (conn);
    if (rc != 0 || statvfs (scGetInstancePath (), &fs) != 0) {
	logprintfl (EUCAERROR, "cannot find out how big this host is\n");
	return ERROR;
    }

    nc->mem_max = host.memory / 1024;
    nc->cores_max = host.cpus;
    nc->disk_max = (long long) fs.f_bavail * fs.f_frsize / BYTES_PER_DISK_UNIT;
    if (nc->config_max_mem > 0 && nc->config_max_mem < nc->mem_max)
	nc->mem_max = nc->config_max_mem;
    if (nc->config_max_disk > 0 && nc->config_max_disk < nc->disk_max)
	nc->disk_max = nc->config_max_disk;
    if (nc->config_max_cores > 0) // cores may be shared, so this one may be greater, too
	nc->cores_max = nc->config_max_cores;
    logprintfl (EUCAINFO, "for guests: %lld MB of memory, %lld GB of disk, %lld cores\n", nc->mem_max, nc->disk_max, nc->cores_max);

    return OK;
}

/* An instance from its image to its domain, in a thread of its own. Until this
 * is over, the monitoring thread leaves the instance to us */
void *startup_thread(	void *arg)
{
    ncInstance * instance = (ncInstance *) arg;
    char * disk_path = NULL, * brname = NULL, * xml = NULL;
    virDomainPtr dom = NULL;
    virConnectPtr conn;
    int error, tries, wanted;

    if ((conn = check_hypervisor_conn ()) == NULL)
	goto shutoff;

    error = vnetStartNetwork (nc_state.vnetconfig, instance->ncnet.vlan, NULL, NULL, &brname);
    if (error) {
	logprintfl (EUCAFATAL, "%s: network %d cannot be started\n", instance->instanceId, instance->ncnet.vlan);
	goto shutoff;
    }
    logprintfl (EUCAINFO, "%s: network %d is on bridge %s\n", instance->instanceId, instance->ncnet.vlan, brname ? brname : "-");

    error = scMakeInstanceImage (nc_state.home, instance->userId,
                                 instance->imageId, instance->imageURL,
                                 instance->kernelId, instance->kernelURL,
                                 instance->ramdiskId, instance->ramdiskURL,
                                 instance->instanceId, instance->keyName,
                                 &disk_path, disk_sem, nc_state.convert_to_disk,
				 (long long) instance->params.disk * 1024);
    if (error) {
	logprintfl (EUCAFATAL, "%s: the image cannot be made (error %d)\n", instance->instanceId, error);
	goto shutoff;
    }

    sem_p (inst_sem);
    wanted = instance->state != TEARDOWN && instance->state != CANCELED;
    sem_v (inst_sem);
    if (!wanted) {
	logprintfl (EUCAINFO, "%s: no longer wanted\n", instance->instanceId);
	goto shutoff;
    }

    error = get_instance_xml (nc_state.gen_libvirt_cmd_path,
			      instance->userId, instance->instanceId,
			      instance->ramdiskId,
			      instance->kernelId, disk_path,
                              &(instance->params),
			      instance->ncnet.privateMac, 
			      brname,
		      	      nc_state.config_use_virtio_net, nc_state.config_use_virtio_root,
                              &xml);
    if (error)
	goto shutoff;

    if (scStoreStringToInstanceFile (instance->userId, instance->instanceId, "libvirt.xml", xml) != OK)
	logprintfl (EUCAWARN, "%s: libvirt.xml is not on disk, a reboot will fail\n", instance->instanceId);
    scSaveInstanceInfo (instance); /* for the next life of this process */

    for (tries = 0; tries < CREATE_TRIES && dom == NULL; tries++) {
	if (tries > 0)
	    sleep (1);
	dom = virDomainCreateLinux (conn, xml, 0);
    }
    if (dom == NULL) {
	logprintfl (EUCAFATAL, "%s: the hypervisor refused %d times\n", instance->instanceId, tries);
	goto shutoff;
    }

    sem_p (inst_sem);
    wanted = instance->state != TEARDOWN && instance->state != CANCELED;
    if (wanted) {
	instance->bootTime = time (NULL);
	change_state (instance, BOOTING);
    }
    sem_v (inst_sem);
    if (wanted) {
	eventlog ("NC", instance->userId, "", "instanceBoot", "begin");
	goto out;
    }
    virDomainDestroy (dom);

shutoff:
    sem_p (inst_sem);
    change_state (instance, SHUTOFF);
    sem_v (inst_sem);
out:
    if (dom)
	virDomainFree (dom);
    if (conn)
	virConnectClose (conn);
    free (xml);
    free (brname);
    free (disk_path);
    return NULL;
}

/* Takes over the guests that an earlier life of this process has left */
void adopt_instances()
{
    virConnectPtr conn;
    virDomainInfo info;
    virDomainPtr dom;
    int ids [MAXDOMS];
    int n, i;

    if ((conn = check_hypervisor_conn ()) == NULL)
	return;
    n = virConnectListDomains (conn, ids, MAXDOMS);
    if (n > 0)
	logprintfl (EUCAINFO, "%d domains are already here\n", n);

    for (i = 0; i < n; i++) {
	ncInstance * instance;
	const char * name;
	instance_states state;

	if ((dom = virDomainLookupByID (conn, ids[i])) == NULL)
	    continue; // over in the meantime
	name = virDomainGetName (dom);
	if (name == NULL || !strcmp (name, "Domain-0")) {
	    virDomainFree (dom);
	    continue;
	}
	state = virDomainGetInfo (dom, &info) == 0 ? domain_state (&info) : RUNNING;

	if ((instance = scRecoverInstanceInfo (name)) == NULL) {
	    logprintfl (EUCAWARN, "the domain %s is none of ours, or its checkpoint is unusable: left alone\n", name);
	    virDomainFree (dom);
	    continue;
	}
	virDomainFree (dom);

	change_state (instance, state);
	sem_p (inst_sem);
	int error = add_instance (&global_instances, instance);
	sem_v (inst_sem);
	if (error) {
	    logprintfl (EUCAERROR, "%s: cannot be adopted (error %d)\n", instance->instanceId, error);
	    free_instance (&instance);
	    continue;
	}
	logprintfl (EUCAINFO, "adopted %s of user %s\n", instance->instanceId, instance->userId);
    }
    virConnectClose (conn);
}

/* call with inst_sem held */
static void refresh_instance_info (struct nc_state_t *nc, virConnectPtr conn, ncInstance *instance)
{
    instance_states was = instance->state, is;
    virDomainInfo info;
    virDomainPtr dom;
    virErrorPtr why;
    char * ip = NULL;
    int gone;

    if (was == STAGING || was == CANCELED || was == SHUTOFF || was == CRASHED || was == TEARDOWN)
	return; // there is no domain to look at

    if ((dom = virDomainLookupByName (conn, instance->instanceId)) == NULL) {
	if ((why = virGetLastError ()) != NULL && why->code != VIR_ERR_NO_DOMAIN)
	    return; // it is libvirt that has a problem
	if (was == BOOTING && time (NULL) < instance->bootTime + BOOTING_DURATION)
	    return;
	if (was != SHUTDOWN && instance->retries-- > 0) {
	    logprintfl (EUCAWARN, "%s: not found, looking %d more times\n", instance->instanceId, instance->retries + 1);
	    return;
	}
	logprintfl (EUCAINFO, "%s: its domain is gone\n", instance->instanceId);
	change_state (instance, SHUTOFF);
	return;
    }
    gone = virDomainGetInfo (dom, &info) != 0;
    virDomainFree (dom);
    if (gone)
	return; // between the two calls; the next round will tell

    instance->retries = LIBVIRT_QUERY_RETRIES;
    is = domain_state (&info);
    if (is != was && is != NO_STATE) {
	logprintfl (EUCAINFO, "%s: from %s to %s\n", instance->instanceId, instance_state_names[was], instance_state_names[is]);
	change_state (instance, is);
    }

    /* where addresses come from outside, the neighbour table knows them */
    if (!strcmp (instance->ncnet.privateIp, "0.0.0.0") && mac2ip (nc->vnetconfig, instance->ncnet.privateMac, &ip) == 0 && ip != NULL) {
	snprintf (instance->ncnet.privateIp, sizeof (instance->ncnet.privateIp), "%s", ip);
	if (!strcmp (instance->ncnet.publicIp, "0.0.0.0"))
	    snprintf (instance->ncnet.publicIp, sizeof (instance->ncnet.publicIp), "%s", ip);
	free (ip);
    }
}

/* call with inst_sem held: the files of a dead instance, and what libvirt may
 * have kept of it */
static void clear_away (struct nc_state_t *nc, virConnectPtr conn, ncInstance *instance)
{
    virDomainPtr dom = virDomainLookupByName (conn, instance->instanceId);

    if (dom != NULL) {
	virDomainDestroy (dom);
	virDomainFree (dom);
    }
    if (nc->save_instance_files)
	logprintfl (EUCAINFO, "%s: its files are kept, as configured\n", instance->instanceId);
    else if (scCleanupInstanceImage (instance->userId, instance->instanceId) != OK)
	logprintfl (EUCAWARN, "%s: its files cannot be removed\n", instance->instanceId);
    instance->terminationTime = time (NULL);
    change_state (instance, TEARDOWN);
}

static void *monitoring_thread (void *arg)
{
    struct nc_state_t * nc = (struct nc_state_t *) arg;
    bunchOfInstances * head, * next;
    virConnectPtr conn;

    for (;; sleep (MONITORING_PERIOD)) {
	if ((conn = check_hypervisor_conn ()) == NULL)
	    continue;

	sem_p (inst_sem);
	for (head = global_instances; head; head = next) {
	    ncInstance * instance = head->instance;

	    next = head->next; // head may go away
	    refresh_instance_info (nc, conn, instance);
	    if (instance->state == SHUTOFF || instance->state == CRASHED) {
		clear_away (nc, conn, instance);
	    } else if (instance->state == TEARDOWN && time (NULL) > instance->terminationTime + TEARDOWN_DURATION) {
		logprintfl (EUCAINFO, "%s: forgotten\n", instance->instanceId);
		remove_instance (&global_instances, instance);
		free_instance (&instance);
	    }
	}
	sem_v (inst_sem);
	virConnectClose (conn);
    }

    return NULL;
}

/* leaves var alone when the file has no such word */
#define GET_VAR_INT(var,name) \
	value = getConfString (config_files, 2, name); \
	if (value) { \
		var = atoi (value); \
		free (value); \
	}

/* on the first call only; 0 when the controller can work */
static int init (void)
{
	static int initialized = 0;
	char config_files [2][EUCA_MAX_PATH];
	char path [MAX_PATH], * value, * mode, * bridge, * pubInterface, * privInterface;
	struct handlers ** h;
	struct stat st;
	pthread_t thread;
	int disk_ops = 4, i;

	if (initialized)
		return initialized > 0 ? 0 : 1;
	initialized = -1; // for good, unless we get to the end

	memset (&nc_state, 0, sizeof (nc_state));
	value = getenv (EUCALYPTUS_ENV_VAR_NAME);
	if (value && strlen (value) + 64 < CHAR_BUFFER_SIZE) // room for what is put behind it
		strcpy (nc_state.home, value);

	snprintf (path, MAX_PATH, EUCALYPTUS_LOG_DIR "/nc.log", nc_state.home);
	if (logfile (path, EUCADEBUG) != OK)
		logprintfl (EUCAWARN, "%s cannot be written, logging goes to standard error\n", path);

	snprintf (config_files[0], EUCA_MAX_PATH, EUCALYPTUS_CONF_LOCATION, nc_state.home);
	snprintf (config_files[1], EUCA_MAX_PATH, EUCALYPTUS_CONF_OVERRIDE_LOCATION, nc_state.home);
	if (stat (config_files[0], &st) != 0) {
		logprintfl (EUCAFATAL, "no configuration at %s\n", config_files[0]);
		return 1;
	}

	GET_VAR_INT(nc_state.config_max_mem,       CONFIG_MAX_MEM);
	GET_VAR_INT(nc_state.config_max_disk,      CONFIG_MAX_DISK);
	GET_VAR_INT(nc_state.config_max_cores,     CONFIG_MAX_CORES);
	GET_VAR_INT(nc_state.save_instance_files,  CONFIG_SAVE_INSTANCES);
	GET_VAR_INT(disk_ops,                      CONFIG_CONCURRENT_DISK_OPS);

	inst_sem = sem_alloc (1, NULL);
	disk_sem = sem_alloc (disk_ops > 0 ? disk_ops : 1, NULL);
	hyp_sem = sem_alloc (1, NULL);
	if (!inst_sem || !disk_sem || !hyp_sem) {
		logprintfl (EUCAFATAL, "no semaphores\n");
		return ERROR_FATAL;
	}

	/* whose hypervisor is it? */
	value = getConfString (config_files, 2, CONFIG_HYPERVISOR);
	for (h = known_handlers; value && *h; h++)
		if (!strcmp ((*h)->name, value))
			nc_state.H = *h;
	if (nc_state.H == NULL) {
		logprintfl (EUCAFATAL, CONFIG_HYPERVISOR " is %s: should be kvm or xen\n", value ? value : "not set");
		free (value);
		return ERROR_FATAL;
	}
	free (value);
	nc_state.D = &default_libvirt_handlers;

	/* only one of the two has virtio devices */
	if (!strcmp (nc_state.H->name, "kvm")) {
		GET_VAR_INT(nc_state.config_use_virtio_net,  CONFIG_USE_VIRTIO_NET);
		GET_VAR_INT(nc_state.config_use_virtio_disk, CONFIG_USE_VIRTIO_DISK);
		GET_VAR_INT(nc_state.config_use_virtio_root, CONFIG_USE_VIRTIO_ROOT);
	}

	virInitialize ();
	virSetErrorFunc (NULL, quiet_libvirt);

	/* storage first, since a hypervisor wants to know where guests live, and
	 * the sweep last, since it must know which guests do */
	if (scInitConfig () != OK) {
		logprintfl (EUCAFATAL, "storage cannot be set up\n");
		return ERROR_FATAL;
	}
	if (nc_state.H->doInitialize && nc_state.H->doInitialize (&nc_state) != OK) {
		logprintfl (EUCAFATAL, "the %s part cannot be set up\n", nc_state.H->name);
		return ERROR_FATAL;
	}

	adopt_instances ();

	if ((nc_state.vnetconfig = calloc (1, sizeof (vnetConfig))) == NULL)
		return ERROR_FATAL;
	snprintf (nc_state.config_network_path, MAX_PATH, "%s/var/run/eucalyptus/net", nc_state.home);
	mode = getConfString (config_files, 2, "VNET_MODE");
	bridge = getConfString (config_files, 2, "VNET_BRIDGE");
	pubInterface = getConfString (config_files, 2, "VNET_PUBINTERFACE");
	privInterface = getConfString (config_files, 2, "VNET_PRIVINTERFACE");
	i = vnetInit (nc_state.vnetconfig, mode ? mode : "SYSTEM", nc_state.home, nc_state.config_network_path, NC, pubInterface, privInterface,
		      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, bridge, NULL, NULL);
	free (mode);
	free (bridge);
	free (pubInterface);
	free (privInterface);
	if (i != 0) {
		logprintfl (EUCAFATAL, "the network cannot be set up\n");
		return ERROR_FATAL;
	}

	if (scFSCK (&global_instances) < 0)
		logprintfl (EUCAWARN, "what is in %s could not all be checked\n", scGetInstancePath ());

	if (pthread_create (&thread, NULL, monitoring_thread, &nc_state) != 0) {
		logprintfl (EUCAFATAL, "nobody would watch the guests: no thread\n");
		return ERROR_FATAL;
	}
	pthread_detach (thread);

	initialized = 1;
	return OK;
}

/* ---- the way in ---- */

int doDescribeInstances (ncMetadata *meta, char **instIds, int instIdsLen, ncInstance ***outInsts, int *outInstsLen)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCADEBUG, "doDescribeInstances() for %s, %d by name\n", meta->userId ? meta->userId : "-", instIdsLen);

	if (nc_state.H->doDescribeInstances)
		ret = nc_state.H->doDescribeInstances (&nc_state, meta, instIds, instIdsLen, outInsts, outInstsLen);
	else
		ret = nc_state.D->doDescribeInstances (&nc_state, meta, instIds, instIdsLen, outInsts, outInstsLen);

	return ret;
}

int doPowerDown (ncMetadata *meta)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCAINFO, "doPowerDown() is called\n");

	if (nc_state.H->doPowerDown)
		ret = nc_state.H->doPowerDown (&nc_state, meta);
	else
		ret = nc_state.D->doPowerDown (&nc_state, meta);

	return ret;
}

int doRunInstance (ncMetadata *meta, char *instanceId, char *reservationId, virtualMachine *params, char *imageId, char *imageURL, char *kernelId, char *kernelURL, char *ramdiskId, char *ramdiskURL, char *keyName, netConfig *netparams, char *userData, char *launchIndex, char **groupNames, int groupNamesSize, ncInstance **outInst)
{
	int ret, i;

	if (init ())
		return 1;
	logprintfl (EUCAINFO, "doRunInstance() of %s: cores=%d disk=%d memory=%d\n", instanceId, params->cores, params->disk, params->mem);
	logprintfl (EUCAINFO, "    image  %s from %s\n", imageId, imageURL);
	if (kernelId && kernelURL)
		logprintfl (EUCAINFO, "    kernelId=%s kernelURL=%s\n", kernelId, kernelURL);
	if (ramdiskId && ramdiskURL)
		logprintfl (EUCAINFO, "    ramdiskId=%s ramdiskURL=%s\n", ramdiskId, ramdiskURL);
	logprintfl (EUCAINFO, "    net    vlan=%d index=%d MAC=%s IP=%s/%s\n", netparams->vlan, netparams->networkIndex,
		    netparams->privateMac, netparams->privateIp, netparams->publicIp);
	for (i = 0; i < EUCA_MAX_DEVMAPS; i++) {
		deviceMapping * map = &params->deviceMapping[i];
		if (map->deviceName[0] && map->virtualName[0])
			logprintfl (EUCAINFO, "    map    %s=%s size=%d format=%s\n", map->deviceName, map->virtualName, map->size, map->format);
	}

	if (nc_state.H->doRunInstance)
 	  ret = nc_state.H->doRunInstance (&nc_state, meta, instanceId, reservationId, params, imageId, imageURL, kernelId, kernelURL, ramdiskId, ramdiskURL, keyName, netparams, userData, launchIndex, groupNames, groupNamesSize, outInst);
	else
	  	ret = nc_state.D->doRunInstance (&nc_state, meta, instanceId, reservationId, params, imageId, imageURL, kernelId, kernelURL, ramdiskId, ramdiskURL, keyName, netparams, userData, launchIndex, groupNames, groupNamesSize, outInst);

	return ret;
}

int doTerminateInstance (ncMetadata *meta, char *instanceId, int *shutdownState, int *previousState)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCAINFO, "doTerminateInstance() of %s\n", instanceId);

	if (nc_state.H->doTerminateInstance)
		ret = nc_state.H->doTerminateInstance(&nc_state, meta, instanceId, shutdownState, previousState);
	else
		ret = nc_state.D->doTerminateInstance(&nc_state, meta, instanceId, shutdownState, previousState);

	return ret;
}

int doRebootInstance (ncMetadata *meta, char *instanceId)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCAINFO, "doRebootInstance() of %s\n", instanceId);

	if (nc_state.H->doRebootInstance)
		ret = nc_state.H->doRebootInstance(&nc_state, meta, instanceId);
	else
		ret = nc_state.D->doRebootInstance(&nc_state, meta, instanceId);

	return ret;
}

int doGetConsoleOutput (ncMetadata *meta, char *instanceId, char **consoleOutput)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCAINFO, "doGetConsoleOutput() of %s\n", instanceId);

	if (nc_state.H->doGetConsoleOutput)
		ret = nc_state.H->doGetConsoleOutput(&nc_state, meta, instanceId, consoleOutput);
	else
		ret = nc_state.D->doGetConsoleOutput(&nc_state, meta, instanceId, consoleOutput);

	return ret;
}

int doDescribeResource (ncMetadata *meta, char *resourceType, ncResource **outRes)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCADEBUG, "doDescribeResource() is called\n");

	if (nc_state.H->doDescribeResource)
		ret = nc_state.H->doDescribeResource (&nc_state, meta, resourceType, outRes);
	else
		ret = nc_state.D->doDescribeResource (&nc_state, meta, resourceType, outRes);

	return ret;
}

int doStartNetwork (ncMetadata *meta, char **remoteHosts, int remoteHostsLen, int port, int vlan)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCAINFO, "doStartNetwork() of vlan %d\n", vlan);

	if (nc_state.H->doStartNetwork)
		ret = nc_state.H->doStartNetwork (&nc_state, meta, remoteHosts, remoteHostsLen, port, vlan);
	else
		ret = nc_state.D->doStartNetwork (&nc_state, meta, remoteHosts, remoteHostsLen, port, vlan);

	return ret;
}

int doAttachVolume (ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCAINFO, "doAttachVolume() of %s to %s: %s as %s\n", volumeId, instanceId, remoteDev, localDev);

	if (nc_state.H->doAttachVolume)
		ret = nc_state.H->doAttachVolume (&nc_state, meta, instanceId, volumeId, remoteDev, localDev);
	else
		ret = nc_state.D->doAttachVolume (&nc_state, meta, instanceId, volumeId, remoteDev, localDev);

	return ret;
}

int doDetachVolume (ncMetadata *meta, char *instanceId, char *volumeId, char *remoteDev, char *localDev, int force)
{
	int ret;

	if (init ())
		return 1;
	logprintfl (EUCAINFO, "doDetachVolume() of %s from %s: %s as %s%s\n", volumeId, instanceId, remoteDev, localDev, force ? ", by force" : "");

	if (nc_state.H->doDetachVolume)
		ret = nc_state.H->doDetachVolume (&nc_state, meta, instanceId, volumeId, remoteDev, localDev, force);
	else
		ret = nc_state.D->doDetachVolume (&nc_state, meta, instanceId, volumeId, remoteDev, localDev, force);

	return ret;
}

/* ---- what the hypervisors share ---- */

/* /dev/sdc becomes sdc; ERROR for anything that is not a plain name */
int get_guest_device(	const char *localDev, char *localDevReal, int size)
{
	const char * name = localDev;

	if (name && !strncmp (name, "/dev/", 5))
		name += 5;
	if (!name || !*name || strlen (name) >= (size_t) size || name[strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789")]) {
		logprintfl (EUCAERROR, "not a device for a guest: %s\n", localDev ? localDev : "(none)");
		return ERROR;
	}
	strcpy (localDevReal, name);

	return OK;
}

/* a disk as libvirt wants it described; bus NULL when the target says it all */
int get_disk_xml(	const char *source, const char *target, const char *bus, char *xml, int size)
{
	struct stat st;
	int plain, n;

	if (stat (source, &st) != 0 || source[strcspn (source, "'<>&")]) {
		logprintfl (EUCAERROR, "there is no %s on this host\n", source);
		return ERROR;
	}
	plain = S_ISREG (st.st_mode);
	n = snprintf (xml, size, "<disk type='%s' device='disk'><source %s='%s'/><target dev='%s'%s%s%s/></disk>", plain ? "file" : "block",
		      plain ? "file" : "dev", source, target, bus ? " bus='" : "", bus ? bus : "", bus ? "'" : "");

	return (n < 0 || n >= size) ? ERROR : OK;
}

/* the end of a console's log, ready for the wire; root may be needed to see it */
int read_console(	struct nc_state_t *nc, const char *path, char **consoleOutput)
{
	char command [MAX_PATH * 2 + 32], * text, * tail;
	size_t length;

	if (access (path, R_OK) == 0) {
		text = file2str (path);
	} else if (errno == EACCES) {
		snprintf (command, sizeof (command), "%s tail -c %d %s", nc->rootwrap_cmd_path, CONSOLE_MAX, path);
		text = system_output (command);
	} else {
		text = NULL;
	}
	if (text == NULL)
		text = strdup (""); // has not said anything yet
	if (text == NULL)
		return OUT_OF_MEMORY;

	length = strlen (text);
	tail = length > CONSOLE_MAX ? text + length - CONSOLE_MAX : text;
	* consoleOutput = base64_enc ((unsigned char *) tail, strlen (tail));
	free (text);

	return * consoleOutput ? OK : ERROR;
}

/* a target of iSCSI is a list with commas, anything else is a device here */
int is_iscsi_target(	const char *dev_string)
{
	return dev_string && strchr (dev_string, ',') != NULL;
}

static char *run_storage_command (const char *storage_cmd_path, char *dev_string)
{
	char command [MAX_PATH], * text;

	snprintf (command, MAX_PATH, "%s %s", storage_cmd_path, dev_string);
	if ((text = system_output (command)) != NULL)
		text[strcspn (text, "\r\n")] = 0; // the first line is the device
	else
		logprintfl (EUCAERROR, "no answer from: %s\n", command);

	return text;
}

/* both give the local device, to be freed, or NULL */
char *connect_iscsi_target(	const char *storage_cmd_path, char *dev_string)
{
	return run_storage_command (storage_cmd_path, dev_string);
}

char *get_iscsi_target(		const char *storage_cmd_path, char *dev_string)
{
	return run_storage_command (storage_cmd_path, dev_string);
}

int disconnect_iscsi_target(	const char *storage_cmd_path, char *dev_string)
{
	return vrun ("%s %s", storage_cmd_path, dev_string);
}
