// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <curl/curl.h>
#include <eucalyptus.h>
#include <euca_auth.h>
#include <misc.h>
#include <storage.h>

#define BUFSIZE 512 /* of every path in this file */
#define FETCH_TRIES 3
#define DEFAULT_SWAP_MB 512

static char instances_root [BUFSIZE] = "";
static char config_dir [BUFSIZE] = "";
static long long cache_limit_mb = 0;
static long long swap_mb = DEFAULT_SWAP_MB;
static int configured = 0;
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

/* nothing is cut off in silence: a path that has no room is an error */
static int make_path (char path [BUFSIZE], const char * format, ...)
{
    va_list ap;
    int n;

    va_start (ap, format);
    n = vsnprintf (path, BUFSIZE, format, ap);
    va_end (ap);
    if (n >= 0 && n < BUFSIZE)
        return OK;
    logprintfl (EUCAERROR, "path too long: %s...\n", path);

    return ERROR;
}

static void curl_start (void)
{
    curl_global_init (CURL_GLOBAL_ALL);
}

/* a number from the configuration, or what was there before */
static void number_from_config (char files [][EUCA_MAX_PATH], int n, char * key, long long * value)
{
    char * word = getConfString (files, n, key);

    if (word != NULL && word[0] >= '0' && word[0] <= '9')
        *value = atoll (word);
    free (word);
}

int scInitConfig (void)
{
    char files [2][EUCA_MAX_PATH], * home = getenv (EUCALYPTUS_ENV_VAR_NAME), * where;
    int ret;

    if (configured)
        return OK;
    if (home == NULL)
        home = "";

    if (make_path (config_dir, "%s/etc/eucalyptus", home) != OK)
        return ERROR_FATAL;
    snprintf (files[0], EUCA_MAX_PATH, EUCALYPTUS_CONF_LOCATION, home);
    snprintf (files[1], EUCA_MAX_PATH, EUCALYPTUS_CONF_OVERRIDE_LOCATION, home);
    if ((where = getConfString (files, 2, INSTANCE_PATH)) == NULL) {
        logprintfl (EUCAFATAL, "no %s in %s\n", INSTANCE_PATH, files[0]);
        return ERROR_FATAL;
    }
    ret = scSetInstancePath (where);
    free (where);
    if (ret != OK)
        return ERROR_FATAL;

    number_from_config (files, 2, CONFIG_NC_CACHE_SIZE, &cache_limit_mb);
    number_from_config (files, 2, CONFIG_NC_SWAP_SIZE, &swap_mb);
    pthread_once (&curl_once, curl_start);
    configured = 1;

    return OK;
}

const char * scGetInstancePath (void)
{
    return instances_root;
}

const char * scGetConfigDir (void)
{
    return config_dir;
}

int scSetInstancePath (const char * path)
{
    struct stat st;

    if (path == NULL || strlen (path) >= BUFSIZE || stat (path, &st) != 0 || !S_ISDIR (st.st_mode)) {
        logprintfl (EUCAFATAL, "the instances folder %s cannot be used\n", path ? path : "(none)");
        return ERROR;
    }
    strcpy (instances_root, path);

    return OK;
}

/* --------------------------------------------------------------- checkpoint */

/* INSTANCE_PATH/user/instance/instance-checkpoint, the struct as it lies in
 * memory */
void scSaveInstanceInfo (const ncInstance * instance)
{
    char checkpoint_path [BUFSIZE];
    int fd;

    if (make_path (checkpoint_path, "%s/%s/%s/instance-checkpoint", instances_root, instance->userId, instance->instanceId) != OK)
        return;
    if ((fd = open (checkpoint_path, O_CREAT | O_WRONLY, 0600)) < 0) {
        logprintfl (EUCADEBUG, "no checkpoint for %s: %s\n", instance->instanceId, strerror (errno));
        return;
    }
    write (fd, instance, sizeof (struct ncInstance_t));
    close (fd);
}

/* the folder says whose instance it is: every user's is looked into */
ncInstance * scRecoverInstanceInfo (const char *instanceId)
{
    ncInstance * instance = malloc (sizeof (struct ncInstance_t));
    char checkpoint_path [BUFSIZE], userId [BUFSIZE] = "";
    struct dirent * user;
    DIR * users;
    int fd;

    if (instance == NULL)
        return NULL;

    if ((users = opendir (instances_root)) == NULL) {
        logprintfl (EUCAERROR, "cannot look through %s: %s\n", instances_root, strerror (errno));
        free (instance);
        return NULL;
    }
    while (userId[0] == 0 && (user = readdir (users)) != NULL) {
        if (user->d_name[0] == '.')
            continue;
        if (make_path (checkpoint_path, "%s/%s/%s/instance-checkpoint", instances_root, user->d_name, instanceId) != OK)
            continue;
        if (check_file (checkpoint_path) == 0)
            strcpy (userId, user->d_name);
    }
    closedir (users);

    if (userId[0] == 0) {
        logprintfl (EUCADEBUG, "nobody has a checkpoint of %s\n", instanceId);
        free (instance);
        return NULL;
    }
    if ((fd = open (checkpoint_path, O_RDONLY)) < 0 ||
        read (fd, instance, sizeof (struct ncInstance_t)) < (ssize_t) sizeof (struct ncInstance_t)) {
        logprintfl (EUCAWARN, "the checkpoint of %s (user %s) cannot be used\n", instanceId, userId);
        free (instance);
        return NULL;
    }
    close (fd);
    instance->stateCode = NO_STATE;

    return instance;
}

int scStoreStringToInstanceFile (const char *userId, const char *instanceId, const char *file, const char *data)
{
    char path [BUFSIZE];
    FILE * fp;
    int ret;

    if (make_path (path, "%s/%s/%s/%s", instances_root, userId, instanceId, file) != OK)
        return ERROR;
    if ((fp = fopen (path, "w")) == NULL) {
        logprintfl (EUCAERROR, "cannot write %s: %s\n", path, strerror (errno));
        return ERROR;
    }
    ret = fputs (data, fp) < 0 ? ERROR : OK;
    if (fclose (fp) != 0)
        ret = ERROR;

    return ret;
}

/* ------------------------------------------------------------------- sweep */

/* Start-up: in every user's folder, what is not the folder of an instance that
 * we know is taken for the remains of one. Gives the bytes in the folders that
 * were left alone, -1 on error */
long long scFSCK (bunchOfInstances ** instances)
{
    char user_path [BUFSIZE], path [BUFSIZE];
    struct dirent * user, * entry;
    long long kept = 0, bytes;
    DIR * users, * folders;

    if (instances == NULL || instances_root[0] == 0)
        return -1;
    if ((users = opendir (instances_root)) == NULL) {
        logprintfl (EUCAERROR, "cannot sweep %s: %s\n", instances_root, strerror (errno));
        return -1;
    }
    while ((user = readdir (users)) != NULL) {
        if (user->d_name[0] == '.')
            continue;
        if (make_path (user_path, "%s/%s", instances_root, user->d_name) != OK || (folders = opendir (user_path)) == NULL)
            continue; // a plain file, most likely

        while ((entry = readdir (folders)) != NULL) {
            char * name = entry->d_name;

            if (!strcmp (name, ".") || !strcmp (name, ".."))
                continue;
            if (!strcmp (user->d_name, EUCALYPTUS_ADMIN) && (!strcmp (name, "cache") || !strcmp (name, "work")))
                continue;
            if (make_path (path, "%s/%s", user_path, name) != OK || check_directory (path) != 0)
                continue;

            if (find_instance (instances, name) == NULL) {
                logprintfl (EUCAINFO, "removing %s, which belongs to no known instance\n", path);
                vrun ("rm -rf %s", path);
            } else if ((bytes = dir_size (path)) > 0) {
                kept += bytes;
            }
        }
        closedir (folders);
    }
    closedir (users);

    return kept;
}

int scCleanupInstanceImage (char *userId, char *instanceId)
{
    if (userId == NULL || userId[0] == 0 || instanceId == NULL || instanceId[0] == 0)
        return ERROR;

    return vrun ("rm -rf %s/%s/%s", instances_root, userId, instanceId);
}

/* ------------------------------------------------------------------- images */

/* what Walrus wants to see before it decrypts an image for a node */
static struct curl_slist * walrus_headers (const char * url)
{
    struct curl_slist * list = NULL;
    char line [8192], date [64], * cert, * signature;
    time_t now = time (NULL);
    struct tm utc;

    strftime (date, sizeof (date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r (&now, &utc));
    cert = euca_get_cert (0);
    signature = euca_sign_url ("GET", date, url);
    if (cert != NULL && signature != NULL) {
        list = curl_slist_append (list, "Authorization: Euca");
        list = curl_slist_append (list, "EucaOperation: GetDecryptedImage");
        snprintf (line, sizeof (line), "Date: %s", date);
        list = curl_slist_append (list, line);
        snprintf (line, sizeof (line), "EucaCert: %s", cert);
        list = curl_slist_append (list, line);
        snprintf (line, sizeof (line), "EucaSignature: %s", signature);
        list = curl_slist_append (list, line);
    }
    free (cert);
    free (signature);

    return list;
}

/* one file over HTTP; a manifest's address stands for the image itself */
static int fetch (const char * url, const char * path)
{
    struct curl_slist * headers = NULL;
    char reason [CURL_ERROR_SIZE];
    CURLcode result = CURLE_OK;
    int try, ret = ERROR;
    size_t length = strlen (url);
    CURL * curl;
    FILE * fp;

    if (length > 13 && strcmp (url + length - 13, ".manifest.xml") == 0)
        headers = walrus_headers (url);

    for (try = 1; ret != OK && try <= FETCH_TRIES; try++) {
        if (try > 1)
            sleep (try);
        if ((fp = fopen (path, "w")) == NULL) {
            logprintfl (EUCAERROR, "cannot write %s: %s\n", path, strerror (errno));
            break;
        }
        if ((curl = curl_easy_init ()) == NULL) {
            fclose (fp);
            break;
        }
        reason[0] = 0;
        curl_easy_setopt (curl, CURLOPT_URL, url);
        curl_easy_setopt (curl, CURLOPT_WRITEDATA, fp); // curl's own fwrite does
        curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, reason);
        curl_easy_setopt (curl, CURLOPT_FAILONERROR, 1L);
        curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
        curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
        if (headers != NULL)
            curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
        result = curl_easy_perform (curl);
        curl_easy_cleanup (curl);

        if (fclose (fp) == 0 && result == CURLE_OK)
            ret = OK;
        else
            logprintfl (EUCAWARN, "try %d of %d for %s: %s\n", try, FETCH_TRIES, url, reason[0] ? reason : curl_easy_strerror (result));
    }
    curl_slist_free_all (headers);
    if (ret != OK)
        unlink (path);

    return ret;
}

/* A part of an image into an instance's folder. A cache, if there is to be
 * one, is the admin user's; it only ever grows, up to its limit */
static int fetch_part (const char * id, const char * url, const char * folder, const char * name)
{
    char cache [BUFSIZE], cached [BUFSIZE], partial [BUFSIZE], target [BUFSIZE];

    if (make_path (target, "%s/%s", folder, name) != OK)
        return ERROR;
    if (cache_limit_mb < 1)
        return fetch (url, target);

    if (make_path (cache, "%s/%s/cache/%s", instances_root, EUCALYPTUS_ADMIN, id) != OK
        || make_path (cached, "%s/%s", cache, name) != OK
        || make_path (partial, "%s/partial", cache) != OK
        || ensure_path_exists (cache) != OK)
        return fetch (url, target);
    *strrchr (cache, '/') = 0; // all of it

    if (check_file (cached) != 0) {
        if (dir_size (cache) / MEGABYTE >= cache_limit_mb)
            return fetch (url, target);
        if (fetch (url, partial) != OK)
            return ERROR;
        if (rename (partial, cached) != 0)
            return ERROR;
    }

    return copy_file (cached, target);
}

static int make_sparse (const char * path, long long mb)
{
    int fd = open (path, O_CREAT | O_WRONLY | O_TRUNC, 0600), ret;

    if (fd < 0)
        return ERROR;
    ret = ftruncate (fd, (off_t) mb * MEGABYTE) == 0 ? OK : ERROR;
    close (fd);

    return ret;
}

static int is_given (const char * word)
{
    return word != NULL && word[0] != 0;
}

/* the key goes into the file system while that is still a file of its own */
static int add_key (const char * home, const char * folder, const char * key)
{
    char helper [BUFSIZE], path [BUFSIZE];
    FILE * fp;
    int ret;

    if (make_path (helper, EUCALYPTUS_ADD_KEY, home) != OK || make_path (path, "%s/key.pub", folder) != OK)
        return ERROR;
    if (access (helper, X_OK) != 0) {
        logprintfl (EUCAWARN, "no %s: the instance in %s starts without a key\n", helper, folder);
        return OK;
    }
    if ((fp = fopen (path, "w")) == NULL)
        return ERROR;
    fprintf (fp, "%s\n", key);
    fclose (fp);

    ret = vrun (EUCALYPTUS_ROOTWRAP " %s %s/root %s", home, helper, folder, path);

    return ret == 0 ? OK : ERROR;
}

/* from `root` to what the hypervisor's generator has in its domain */
static int make_disks (const char * home, const char * folder, int convert_to_disk, long long limit)
{
    char root [BUFSIZE], swap [BUFSIZE], ephemeral [BUFSIZE];
    long long root_mb, rest;
    struct stat st;

    if (make_path (root, "%s/root", folder) != OK || stat (root, &st) != 0)
        return ERROR;
    root_mb = ((long long) st.st_size + MEGABYTE - 1) / MEGABYTE;
    rest = limit - root_mb - (convert_to_disk ? 1 : swap_mb);
    if (limit > 0 && rest < 0) {
        logprintfl (EUCAERROR, "%lld MB of disk are not enough for the %lld MB of %s\n", limit, root_mb, root);
        return ERROR;
    }

    if (convert_to_disk) {
        if (vrun (EUCALYPTUS_DISK_CONVERT " %s %s/disk %lld", home, root, folder, limit) != 0)
            return ERROR;
        unlink (root);
        return OK;
    }

    if (make_path (swap, "%s/swap", folder) != OK || make_path (ephemeral, "%s/ephemeral", folder) != OK)
        return ERROR;
    if (swap_mb > 0 && (make_sparse (swap, swap_mb) != OK || vrun ("mkswap %s >/dev/null", swap) != 0))
        return ERROR;
    if (limit > 0 && (make_sparse (ephemeral, rest < 8 ? 8 : rest) != OK || vrun ("mkfs.ext3 -q -F %s", ephemeral) != 0))
        return ERROR;

    return OK;
}

int scMakeInstanceImage (char *euca_home, char *userId, 
                         char *imageId, char *imageURL, 
                         char *kernelId, char *kernelURL, 
                         char *ramdiskId, char *ramdiskURL, 
                         char *instanceId, char *keyName, 
                         char **instance_path, sem * s, 
                         int convert_to_disk, long long total_disk_limit)
{
    char folder [BUFSIZE];
    int ret = OK;

    if (!configured && scInitConfig () != OK)
        return ERROR;
    if (!is_given (userId) || !is_given (instanceId) || !is_given (imageId) || !is_given (imageURL)) {
        logprintfl (EUCAERROR, "an instance needs an id, a user and an image with an address\n");
        return ERROR;
    }
    if (make_path (folder, "%s/%s/%s", instances_root, userId, instanceId) != OK
        || ensure_path_exists (folder) != OK)
        return ERROR;
    logprintfl (EUCAINFO, "preparing %s from image %s\n", folder, imageId);

    if (s != NULL)
        sem_p (s);
    if (is_given (kernelId) && is_given (kernelURL))
        ret = fetch_part (kernelId, kernelURL, folder, "kernel");
    if (ret == OK && is_given (ramdiskId) && is_given (ramdiskURL))
        ret = fetch_part (ramdiskId, ramdiskURL, folder, "ramdisk");
    if (ret == OK)
        ret = fetch_part (imageId, imageURL, folder, "root");
    if (ret == OK && is_given (keyName))
        ret = add_key (euca_home, folder, keyName);
    if (ret == OK)
        ret = make_disks (euca_home, folder, convert_to_disk, total_disk_limit);
    if (s != NULL)
        sem_v (s);

    if (ret != OK) {
        logprintfl (EUCAERROR, "no disk for instance %s\n", instanceId);
        return ret;
    }
    if (instance_path != NULL)
        *instance_path = strdup (folder);

    return OK;
}
