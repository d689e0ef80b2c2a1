/* SPDX-License-Identifier: GPL-3.0-only */
#include "behaviour.h"
#include "installation.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libvirt/libvirt.h>

#include <misc.h>

#define HANDLERS_FANOUT
#include "../node/handlers.h" /* of three files of that name */

/* ---- what goes out: libvirt is its test driver, and every command is written down ---- */

virConnectPtr __real_virConnectOpen(const char *uri);
virConnectPtr __real_virConnectOpenReadOnly(const char *uri);
virDomainPtr __real_virDomainLookupByName(virConnectPtr conn, const char *name);
FILE *__real_popen(const char *command, const char *type);
int __real_system(const char *command);
virConnectPtr __wrap_virConnectOpen(const char *uri);
virConnectPtr __wrap_virConnectOpenReadOnly(const char *uri);
virDomainPtr __wrap_virDomainLookupByName(virConnectPtr conn, const char *name);
FILE *__wrap_popen(const char *command, const char *type);
int __wrap_system(const char *command);

static char driver[PATH_MAX + 16];
struct installation_libvirt libvirt;
struct installation_shell shell;

virConnectPtr __wrap_virConnectOpen(const char *uri)
{
    return __real_virConnectOpen(driver);
}

virConnectPtr __wrap_virConnectOpenReadOnly(const char *uri)
{
    return libvirt.silent ? NULL : __real_virConnectOpenReadOnly(driver);
}

virDomainPtr __wrap_virDomainLookupByName(virConnectPtr conn, const char *name)
{
    return __real_virDomainLookupByName(conn, libvirt.troubled ? NULL : name);
}

static void note(const char *command)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    shell.count++;
    snprintf(shell.last, sizeof shell.last, "%s", command);
    pthread_mutex_unlock(&lock);
}

FILE *__wrap_popen(const char *command, const char *type)
{
    note(command);
    return shell.dry ? NULL : __real_popen(command, type);
}

int __wrap_system(const char *command)
{
    note(command);
    return shell.dry ? -1 : __real_system(command);
}

/* ---- an installation ---- */

char home[256];

void put(const char *path, const char *text, int mode)
{
    char whole[PATH_MAX + 256], folder[PATH_MAX + 256];
    FILE *file;

    snprintf(whole, sizeof whole, "%s/%s", home, path);
    snprintf(folder, sizeof folder, "%s", whole);
    *strrchr(folder, '/') = 0;
    assert_int_equal(ensure_path_exists(folder), 0);
    file = fopen(whole, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(whole, mode), 0);
}

int there(const char *path)
{
    char whole[PATH_MAX + 256];

    snprintf(whole, sizeof whole, "%s/%s", home, path);
    return access(whole, F_OK) == 0;
}

char *text_of(const char *path)
{
    char whole[PATH_MAX + 256];

    snprintf(whole, sizeof whole, "%s/%s", home, path);
    return file2str(whole);
}

#define DOMAIN(name, state)                                                                                            \
    "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>" name "</name>"                \
    "<memory>8192</memory><os><type>hvm</type></os><test:runstate>" state "</test:runstate></domain>"

void configure(const char *guest_arch)
{
    char text[16384];

    snprintf(text, sizeof text, "HYPERVISOR=\"kvm\"\nVNET_MODE=\"SYSTEM\"\nVNET_BRIDGE=\"br0\"\n"
             "INSTANCE_PATH=\"%s/instances\"\n%s%s\n", home, guest_arch ? "NC_GUEST_ARCH=" : "", guest_arch ? guest_arch : "");
    put("etc/eucalyptus/eucalyptus.conf", text, 0644);
}

/* The recorder stands where the helper is that runs everything: it writes its words down and runs them. */
void install(void)
{
    char *generator, *stylesheet;

    assert_non_null(getcwd(home, sizeof home - 8));
    strcat(home, "/home");
    setenv("EUCALYPTUS", home, 1);
    snprintf(driver, sizeof driver, "test://%s/node.xml", home);
    put("node.xml", "<node>" DOMAIN("i-running", "1") DOMAIN("i-stopped", "5") DOMAIN("i-adopted", "1") "</node>", 0644);
    put("var/log/eucalyptus/nc.log", "", 0644);
    put("usr/lib/eucalyptus/euca_rootwrap",
        "#!/bin/sh\nline=$(printf '[%s]' \"$@\")\nprintf '%s\\n' \"$line\" >>\"$EUCALYPTUS/executed\"\nexec \"$@\"\n", 0755);
    put("usr/share/eucalyptus/partition2disk", "#!/bin/sh\ncp \"$1\" \"$2\"\n", 0755);
    generator = file2str("tree/tools/gen_kvm_libvirt_xml");
    assert_non_null(generator);
    put("usr/share/eucalyptus/gen_kvm_libvirt_xml", generator, 0755);
    free(generator);
    if ((stylesheet = file2str("tree/tools/libvirt.xsl")) != NULL) /* in 3.x */
        put("etc/eucalyptus/libvirt.xsl", stylesheet, 0644);
    free(stylesheet);
    put("instances/user/image", "image", 0644);
    configure(NULL);
}

void only_fatal_log(void)
{
    assert_int_equal(logfile("/dev/null", EUCAFATAL), OK);
}

ncMetadata meta = {NULL, "user"};

/* The first call starts the controller. */
int started(void)
{
    ncInstance **insts = NULL;
    int count = 0, rc = doDescribeInstances(&meta, NULL, 0, &insts, &count);

    for (int i = 0; i < count; i++)
        free_instance(&insts[i]);
    free(insts);
    return rc;
}
