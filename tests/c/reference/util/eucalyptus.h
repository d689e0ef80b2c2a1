// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#ifndef INCLUDE_EUCALYPTUS_H
#define INCLUDE_EUCALYPTUS_H

/* return values */
#define OK 0
#define ERROR 1
#define ERROR_FATAL 1
#define ERROR_RETRY -1

/* sizes of things that are arrays everywhere */
#define EUCA_MAX_GROUPS 64
#define EUCA_MAX_VOLUMES 256
#define EUCA_MAX_DEVMAPS 64
#define EUCA_MAX_PATH 4096
#define MAXNODES 1024
#define MAXINSTANCES 2048
#define MEGABYTE 1048576

#define EUCALYPTUS_ADMIN "eucalyptus"
#define EUCALYPTUS_ENV_VAR_NAME  "EUCALYPTUS"

/* each %s is the installation folder */
#define EUCALYPTUS_CONF_LOCATION           "%s/etc/eucalyptus/eucalyptus.conf"
#define EUCALYPTUS_CONF_OVERRIDE_LOCATION  "%s/etc/eucalyptus/eucalyptus.local.conf"
#define EUCALYPTUS_KEYS_DIR         "%s/var/lib/eucalyptus/keys"
#define EUCALYPTUS_LOG_DIR	"%s/var/log/eucalyptus"
#define EUCALYPTUS_STATE_DIR        "%s/var/lib/eucalyptus"
#define EUCALYPTUS_POLICIES_DIR     "%s/etc/eucalyptus"
#define EUCALYPTUS_LIBVIRT_URI_KVM  "qemu:///system"
#define EUCALYPTUS_LIBVIRT_URI_XEN  "xen:///"

/* helpers, most of them run as root through the first one */
#define EUCALYPTUS_ROOTWRAP "%s/usr/lib/eucalyptus/euca_rootwrap"
#define EUCALYPTUS_GEN_LIBVIRT_XML EUCALYPTUS_ROOTWRAP " %s/usr/share/eucalyptus/gen_libvirt_xml"
#define EUCALYPTUS_GEN_KVM_LIBVIRT_XML EUCALYPTUS_ROOTWRAP " %s/usr/share/eucalyptus/gen_kvm_libvirt_xml"
#define EUCALYPTUS_DETACH           EUCALYPTUS_ROOTWRAP " %s/usr/share/eucalyptus/detach.pl"
#define EUCALYPTUS_CONNECT_ISCSI    "%s/usr/share/eucalyptus/connect_iscsitarget.pl"
#define EUCALYPTUS_DISCONNECT_ISCSI "%s/usr/share/eucalyptus/disconnect_iscsitarget.pl"
#define EUCALYPTUS_GET_ISCSI        "%s/usr/share/eucalyptus/get_iscsitarget.pl"
#define EUCALYPTUS_ADD_KEY	"%s/usr/share/eucalyptus/add_key.pl"
#define EUCALYPTUS_DISK_CONVERT     "%s/usr/share/eucalyptus/partition2disk"
#define EUCALYPTUS_ROOTWRAP "%s/usr/lib/eucalyptus/euca_rootwrap"

/* words of eucalyptus.conf */
#define INSTANCE_PATH          "INSTANCE_PATH"
#define CONFIG_HYPERVISOR      "HYPERVISOR"
#define CONFIG_MAX_MEM         "MAX_MEM"
#define CONFIG_MAX_DISK        "MAX_DISK"
#define CONFIG_MAX_CORES       "MAX_CORES"
#define CONFIG_NC_CACHE_SIZE   "NC_CACHE_SIZE"
#define CONFIG_NC_SWAP_SIZE    "SWAP_SIZE"
#define CONFIG_NC_PORT         "NC_PORT"
#define CONFIG_NC_SERVICE      "NC_SERVICE"
#define CONFIG_NODES           "NODES"
#define CONFIG_SAVE_INSTANCES  "MANUAL_INSTANCES_CLEANUP"
#define CONFIG_CONCURRENT_DISK_OPS "CONCURRENT_DISK_OPS"
#define CONFIG_USE_VIRTIO_NET  "USE_VIRTIO_NET"
#define CONFIG_USE_VIRTIO_ROOT "USE_VIRTIO_ROOT"
#define CONFIG_USE_VIRTIO_DISK "USE_VIRTIO_DISK"

#endif
