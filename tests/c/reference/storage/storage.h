// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#ifndef INCLUDE_STORAGE_H
#define INCLUDE_STORAGE_H

#include <data.h>
#include <ipc.h>

/* start-up: the first reads eucalyptus.conf and must precede all others */
int scInitConfig (void);
long long scFSCK (bunchOfInstances ** instances);

const char * scGetInstancePath (void);
int scSetInstancePath (const char * path);
const char * scGetConfigDir (void);

/* an instance's folder and what is in it */
int scMakeInstanceImage (char *euca_home, char *userId, 
                         char *imageId, char *imageURL, 
                         char *kernelId, char *kernelURL, 
                         char *ramdiskId, char *ramdiskURL, 
                         char *instanceId, char *keyName, 
                         char **instance_path, // out: the folder, for the caller to free
                         sem * s, // held while the disk is busy, may be NULL
                         int convert_to_disk, // one partitioned `disk` and not `root`, `ephemeral` and `swap`
                         long long total_disk_limit); // MB, 0 for none
int scCleanupInstanceImage (char *userId, char *instanceId);
int scStoreStringToInstanceFile (const char *userId, const char *instanceId, const char *file, const char *data);

/* the checkpoint */
void scSaveInstanceInfo (const ncInstance * instance);
ncInstance * scRecoverInstanceInfo (const char *instanceId);

#endif
