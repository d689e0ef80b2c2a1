/* SPDX-License-Identifier: GPL-3.0-only */
/* An installation of the node controller in the folder of the test. libvirt is its test driver, and every command that
 * goes out is written down. */
#ifndef INSTALLATION_H
#define INSTALLATION_H

#include <data.h>

extern struct installation_libvirt {
    int silent;   /* libvirt does not answer when the sweep asks */
    int troubled; /* it answers with an error that is not about the domain */
} libvirt;

extern struct installation_shell {
    int count, dry; /* dry: nothing is run, as it must be where a broken tree would run what is hostile */
    char last[8192];
} shell;

extern char home[256];
extern ncMetadata meta;

/* Files of the installation, by their path in it; the text is the caller's to free. */
void put(const char *path, const char *text, int mode);
int there(const char *path);
char *text_of(const char *path);

/* Makes it; the domains i-running, i-stopped and i-adopted are there. */
void install(void);
/* Writes eucalyptus.conf; guest_arch is what NC_GUEST_ARCH is set to, NULL leaves it out. */
void configure(const char *guest_arch);
void only_fatal_log(void);

/* The first call starts the controller. */
int started(void);

#endif
