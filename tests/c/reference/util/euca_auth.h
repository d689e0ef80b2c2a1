// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#ifndef INCLUDE_EUCA_AUTH_H
#define INCLUDE_EUCA_AUTH_H

/* 0 once the node's key and certificate can be read */
int euca_init_cert (void);
/* all three return malloc()ed strings, or NULL */
char * euca_get_cert (int newlines); // 0: all on one line, for an HTTP header
char * euca_sign_url (const char * verb, const char * date, const char * url);
char * base64_enc (unsigned char * in, int size);
char * base64_dec (unsigned char * in, int size);

#endif
