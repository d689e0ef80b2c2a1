// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#ifndef INCLUDE_MISC_H
#define INCLUDE_MISC_H

#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>
#include <eucalyptus.h>

enum {EUCADEBUG2, EUCADEBUG, EUCAINFO, EUCAWARN, EUCAERROR, EUCAFATAL};

/* logging: to standard error until logfile() has been told otherwise */
int logfile(char *file, int in_loglevel);
int logprintf(const char *format, ...) __attribute__ ((format (printf, 1, 2)));
int logprintfl(int level, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void eventlog(char *hostTag, char *userTag, char *cid, char *eventTag, char *other);

/* strings */
char * replace_string (char ** stringp, char * source, char * destination);
int sscanf_lines (char * lines, char * format, void * valp);
char * fp2str (FILE * fp);
char * file2str (const char * path);

/* commands: all of them go through the shell */
char * system_output (char * shell_command);
int vrun (const char * fmt, ...) __attribute__ ((format (printf, 1, 2)));

/* files; the check_ family returns 0 when the thing is there */
int check_file (char *file);
int check_directory (char *dir);
int check_process (pid_t pid, char *search);
int ensure_path_exists (const char * path);
int copy_file (const char * src, const char * dst);
int touch (const char * path);
long long dir_size (const char * path);

/* configuration: the last file that has the key wins; free() the result */
char * getConfString (char configFiles[][EUCA_MAX_PATH], int numFiles, char *key);
int get_conf_var (const char *path, const char *name, char **value); // 1 found, 0 not, -1 no file

int maxint (int a, int b);
int minint (int a, int b);

#endif
