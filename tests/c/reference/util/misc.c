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
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include <misc.h>

#define STRING_MAX (64*1024) // replace_string

static const char * level_names [] = { "DEBUG2", "DEBUG", "INFO", "WARN", "ERROR", "FATAL" };
static FILE * log_stream = NULL;
static int log_level = EUCADEBUG;

int logfile(char *file, int in_loglevel)
{
	FILE * fresh = NULL;

	if (in_loglevel >= EUCADEBUG2 && in_loglevel <= EUCAFATAL)
		log_level = in_loglevel;
	if (file != NULL && (fresh = fopen (file, "a")) == NULL)
		return ERROR;
	if (log_stream != NULL)
		fclose (log_stream);
	log_stream = fresh;

	return OK;
}

static int log_line (const char * stamp, const char * format, va_list ap)
{
	FILE * to = log_stream ? log_stream : stderr;
	int n;

	/* one line at a time, however many threads there are */
	flockfile (to);
	fputs (stamp, to);
	n = vfprintf (to, format, ap);
	fflush (to);
	funlockfile (to);

	return n < 0 ? ERROR : OK;
}

int logprintf(const char *format, ...)
{
	va_list ap;
	int ret;

	va_start (ap, format);
	ret = log_line ("", format, ap);
	va_end (ap);

	return ret;
}

int logprintfl(int level, const char *format, ...)
{
	char stamp [128], when [64];
	time_t now = time (NULL);
	struct tm local;
	va_list ap;
	int ret;

	if (level < log_level || level > EUCAFATAL)
		return OK;

	strftime (when, sizeof (when), "%a %b %e %H:%M:%S %Y", localtime_r (&now, &local));
	snprintf (stamp, sizeof (stamp), "[%s][%06d][EUCA%-6s] ", when, (int) getpid (), level_names [level]);
	va_start (ap, format);
	ret = log_line (stamp, format, ap);
	va_end (ap);

	return ret;
}

void eventlog(char *hostTag, char *userTag, char *cid, char *eventTag, char *other)
{
	logprintfl (EUCADEBUG2, "event %s host=%s user=%s conversation=%s %s\n", eventTag ? eventTag : "-",
		    hostTag ? hostTag : "-", userTag ? userTag : "-", cid ? cid : "-", other ? other : "");
}

/* Every source in the string becomes destination. The old string is freed.
 * Later calls look at what earlier ones put in, so that no placeholder may be
 * a part of another one */
char * replace_string (char ** stringp, char * source, char * destination)
{
	char * from, * hit, * result;
	size_t used = 0, room = STRING_MAX - 1, piece;

	if (stringp == NULL || *stringp == NULL || source == NULL || source[0] == 0 || destination == NULL)
		return NULL;
	if ((result = malloc (STRING_MAX)) == NULL)
		return NULL;

	for (from = *stringp; ; from = hit + strlen (source)) {
		hit = strstr (from, source);
		piece = hit ? (size_t) (hit - from) : strlen (from);
		if (piece > room - used)
			piece = room - used;
		memcpy (result + used, from, piece);
		used += piece;
		if (hit == NULL)
			break;

		piece = strlen (destination);
		if (piece > room - used)
			piece = room - used;
		memcpy (result + used, destination, piece);
		used += piece;
	}
	result[used] = 0;

	free (*stringp);
	*stringp = result;
	return result;
}

/* tries a scanf format with a single conversion on one line after the other */
int sscanf_lines (char * lines, char * format, void * valp)
{
	char * copy, * line, * rest = NULL;
	int found = 0;

	if (lines == NULL || (copy = strdup (lines)) == NULL)
		return 0;
	for (line = strtok_r (copy, "\n", &rest); line && !found; line = strtok_r (NULL, "\n", &rest))
		found = sscanf (line, format, valp) == 1;
	free (copy);

	return found;
}

/* all that can be read; NULL if that is nothing */
char * fp2str (FILE * fp)
{
	size_t size = 0, used = 0, got;
	char * text = NULL, * more;

	do {
		if (size - used < 2) {
			size += BUFSIZ;
			if ((more = realloc (text, size)) == NULL) {
				free (text);
				return NULL;
			}
			text = more;
		}
		got = fread (text + used, 1, size - used - 1, fp);
		used += got;
	} while (got > 0);

	if (used == 0) {
		free (text);
		return NULL;
	}
	text[used] = 0;

	return text;
}

char * file2str (const char * path)
{
	FILE * fp = fopen (path, "r");
	char * text;

	if (fp == NULL)
		return NULL;
	text = fp2str (fp);
	fclose (fp);

	return text;
}

/* the output of a command; how the command ended is not looked at */
char * system_output (char * shell_command)
{
	char * text;
	FILE * fp;

	logprintfl (EUCADEBUG2, "output of: %s\n", shell_command);
	if ((fp = popen (shell_command, "r")) == NULL)
		return NULL;
	text = fp2str (fp);
	pclose (fp);

	return text;
}

/* 0 if the command ended well, its exit status or -1 if not */
int vrun (const char * fmt, ...)
{
	char command [EUCA_MAX_PATH];
	va_list ap;
	int n;

	va_start (ap, fmt);
	n = vsnprintf (command, sizeof (command), fmt, ap);
	va_end (ap);
	if (n < 0 || n >= (int) sizeof (command)) {
		logprintfl (EUCAERROR, "a command is too long, not run: %.64s...\n", command);
		return -1;
	}

	logprintfl (EUCADEBUG2, "running: %s\n", command);
	n = system (command);
	if (n == 0)
		return 0;
	logprintfl (EUCAERROR, "failed (status %d): %s\n", n, command);

	return (n != -1 && WIFEXITED (n)) ? WEXITSTATUS (n) : -1;
}

int check_file (char *file)
{
	struct stat st;

	return (file && stat (file, &st) == 0 && S_ISREG (st.st_mode)) ? 0 : 1;
}

int check_directory (char *dir)
{
	struct stat st;

	return (dir && stat (dir, &st) == 0 && S_ISDIR (st.st_mode)) ? 0 : 1;
}

/* is there such a process, and does its command line have that word in it? */
int check_process (pid_t pid, char *search)
{
	char path [64], line [EUCA_MAX_PATH];
	size_t n, i;
	FILE * fp;

	snprintf (path, sizeof (path), "/proc/%d/cmdline", (int) pid);
	if ((fp = fopen (path, "r")) == NULL)
		return 1;
	n = fread (line, 1, sizeof (line) - 1, fp);
	fclose (fp);
	for (i = 0; i < n; i++)
		if (line[i] == 0)
			line[i] = ' ';
	line[n] = 0;

	return (search == NULL || strstr (line, search)) ? 0 : 1;
}

int ensure_path_exists (const char * path)
{
	char partial [EUCA_MAX_PATH];
	struct stat st;
	size_t i;

	if (path == NULL || path[0] == 0 || strlen (path) >= sizeof (partial))
		return ERROR;
	for (i = 1; i == 1 || path[i - 1]; i++) {
		if (path[i] != '/' && path[i] != 0)
			continue;
		memcpy (partial, path, i);
		partial[i] = 0;
		if (mkdir (partial, 0755) != 0 && errno != EEXIST) {
			logprintfl (EUCAERROR, "cannot make the folder %s: %s\n", partial, strerror (errno));
			return ERROR;
		}
	}

	return (stat (path, &st) == 0 && S_ISDIR (st.st_mode)) ? OK : ERROR;
}

int copy_file (const char * src, const char * dst)
{
	char block [65536];
	int from, to, ret = OK;
	ssize_t n;

	if ((from = open (src, O_RDONLY)) < 0)
		return ERROR;
	if ((to = open (dst, O_CREAT | O_WRONLY | O_TRUNC, 0600)) < 0) {
		close (from);
		return ERROR;
	}
	while (ret == OK && (n = read (from, block, sizeof (block))) != 0)
		if (n < 0 || write (to, block, n) != n)
			ret = ERROR;
	close (from);
	if (close (to) != 0)
		ret = ERROR;

	return ret;
}

int touch (const char * path)
{
	int fd = open (path, O_CREAT | O_WRONLY, 0644);

	if (fd < 0)
		return ERROR;
	close (fd);

	return utime (path, NULL) == 0 ? OK : ERROR;
}

/* bytes of all files below a folder, -1 if it cannot be read */
long long dir_size (const char * path)
{
	char below [EUCA_MAX_PATH];
	struct dirent * entry;
	long long sum = 0, part;
	struct stat st;
	DIR * dir;

	if ((dir = opendir (path)) == NULL)
		return -1;
	while ((entry = readdir (dir)) != NULL) {
		if (!strcmp (entry->d_name, ".") || !strcmp (entry->d_name, ".."))
			continue;
		if (snprintf (below, sizeof (below), "%s/%s", path, entry->d_name) >= (int) sizeof (below))
			continue;
		if (lstat (below, &st) != 0)
			continue;
		if (S_ISREG (st.st_mode))
			sum += st.st_size;
		else if (S_ISDIR (st.st_mode) && (part = dir_size (below)) > 0)
			sum += part;
	}
	closedir (dir);

	return sum;
}

/* lines are NAME=value or NAME="value"; anything after a hash is a comment */
int get_conf_var (const char *path, const char *name, char **value)
{
	char line [EUCA_MAX_PATH], * at, * end;
	size_t length = strlen (name);
	int found = 0;
	FILE * fp;

	*value = NULL;
	if ((fp = fopen (path, "r")) == NULL)
		return -1;

	while (!found && fgets (line, sizeof (line), fp) != NULL) {
		for (at = line; isblank ((unsigned char) *at); at++) ;
		if (strncmp (at, name, length) != 0)
			continue;
		for (at += length; isblank ((unsigned char) *at); at++) ;
		if (*at++ != '=')
			continue;
		while (isblank ((unsigned char) *at))
			at++;
		if (*at == '"') {
			at++;
			end = at + strcspn (at, "\"\n");
		} else {
			end = at + strcspn (at, "#\n");
			while (end > at && isspace ((unsigned char) end[-1]))
				end--;
		}
		*end = 0;
		*value = strdup (at);
		found = 1;
	}
	fclose (fp);

	return found;
}

char * getConfString (char configFiles[][EUCA_MAX_PATH], int numFiles, char *key)
{
	char * value = NULL;

	while (numFiles-- > 0)
		if (get_conf_var (configFiles[numFiles], key, &value) == 1)
			return value;

	return NULL;
}

int maxint (int a, int b)
{
	return a > b ? a : b;
}

int minint (int a, int b)
{
	return a < b ? a : b;
}
