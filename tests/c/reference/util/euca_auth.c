// SPDX-License-Identifier: GPL-3.0-only
/*
 * Reference tree: this project’s own stand-in for Eucalyptus 2.0.x, for tests.
 *	
 * Version 3 of the GNU General Public License and no later one applies; the
 * folder’s TRAPS file says which habits of the original are copied here and
 * why.  No line was taken from the original: names, layouts and behaviour only.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <eucalyptus.h>
#include <euca_auth.h>
#include <misc.h>

static pthread_mutex_t cert_lock = PTHREAD_MUTEX_INITIALIZER;
static EVP_PKEY * node_key = NULL;
static char * node_cert = NULL;

int euca_init_cert (void)
{
	char path [EUCA_MAX_PATH], * home = getenv (EUCALYPTUS_ENV_VAR_NAME);
	FILE * fp;
	int ret = 1;

	pthread_mutex_lock (&cert_lock);
	if (node_key != NULL && node_cert != NULL) {
		ret = 0;
		goto out;
	}
	if (home == NULL)
		home = "";

	if (node_cert == NULL) {
		snprintf (path, sizeof (path), EUCALYPTUS_KEYS_DIR "/node-cert.pem", home);
		if ((node_cert = file2str (path)) == NULL) {
			logprintfl (EUCADEBUG, "no certificate in %s\n", path);
			goto out;
		}
	}
	snprintf (path, sizeof (path), EUCALYPTUS_KEYS_DIR "/node-pk.pem", home);
	if ((fp = fopen (path, "r")) == NULL) {
		logprintfl (EUCADEBUG, "no private key in %s\n", path);
		goto out;
	}
	node_key = PEM_read_PrivateKey (fp, NULL, NULL, NULL);
	fclose (fp);
	if (node_key == NULL)
		logprintfl (EUCAERROR, "%s is not a private key\n", path);
	else
		ret = 0;

out:
	pthread_mutex_unlock (&cert_lock);
	return ret;
}

char * euca_get_cert (int newlines)
{
	char * text, * from, * to;

	if (euca_init_cert () != 0 || (text = strdup (node_cert)) == NULL)
		return NULL;
	if (!newlines) {
		for (from = to = text; *from; from++)
			if (*from != '\n')
				*to++ = *from;
		*to = 0;
	}

	return text;
}

char * base64_enc (unsigned char * in, int size)
{
	char * out;

	if (in == NULL || size < 0 || (out = malloc (4 * ((size_t) size / 3 + 1) + 1)) == NULL)
		return NULL;
	EVP_EncodeBlock ((unsigned char *) out, in, size);

	return out;
}

/* what is returned ends in a NUL: good for text */
char * base64_dec (unsigned char * in, int size)
{
	char * out;
	int n;

	if (in == NULL || size < 0 || (out = malloc ((size_t) size + 1)) == NULL)
		return NULL;
	if ((n = EVP_DecodeBlock ((unsigned char *) out, in, size)) < 0) {
		free (out);
		return NULL;
	}
	/* padding counts as zero bytes */
	while (size > 0 && in[--size] == '=')
		n--;
	out[n] = 0;

	return out;
}

/* what Walrus expects: RSA and SHA1 on the three, a line each, in base64 */
char * euca_sign_url (const char * verb, const char * date, const char * url)
{
	unsigned char * raw = NULL;
	char * text = NULL, * signature = NULL;
	EVP_MD_CTX * digest;
	size_t length, n = 0;

	if (verb == NULL || date == NULL || url == NULL || euca_init_cert () != 0)
		return NULL;

	length = strlen (verb) + strlen (date) + strlen (url) + 3;
	digest = EVP_MD_CTX_new ();
	text = malloc (length + 1);
	if (digest == NULL || text == NULL)
		goto out;
	snprintf (text, length + 1, "%s\n%s\n%s\n", verb, date, url);

	if (EVP_DigestSignInit (digest, NULL, EVP_sha1 (), NULL, node_key) == 1
	    && EVP_DigestSign (digest, NULL, &n, (unsigned char *) text, length) == 1
	    && (raw = malloc (n)) != NULL
	    && EVP_DigestSign (digest, raw, &n, (unsigned char *) text, length) == 1)
		signature = base64_enc (raw, (int) n);
	else
		logprintfl (EUCAERROR, "cannot sign a request for %s\n", url);

out:
	free (raw);
	free (text);
	EVP_MD_CTX_free (digest);
	return signature;
}
