// SPDX-License-Identifier: GPL-3.0-only
/* Starts the controllers in Java: finds the virtual machine of a JDK and runs one class in it. */
#include <dlfcn.h>
#include <getopt.h>
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eucalyptus-bootstrap.h"

#define MAX_OPTS 64
#define MAX_PATH_LEN 4096

typedef jint (JNICALL *create_vm) (JavaVM **vm, void **env, void *args);

/* the first virtual machine that is there; 0 without one */
static int find_libjvm (const char *java_home, char *found, size_t size)
{
	int which;

	for (which = 0; libjvm_paths[which] != NULL; which++) {
		if (snprintf (found, size, "%s/%s/libjvm.so", java_home, libjvm_paths[which]) < (int) size
		    && access (found, R_OK) == 0)
			return 1;
	}
	return 0;
}

static int run (const char *libjvm, const char *class_path)
{
	static char path_opt[MAX_PATH_LEN];
	JavaVMOption options[MAX_OPTS];
	JavaVMInitArgs args;
	JavaVM *vm = NULL;
	JNIEnv *env = NULL;
	create_vm create;
	jclass main_class;
	jmethodID load;
	void *library;
	int used = 0;

	if ((library = dlopen (libjvm, RTLD_NOW | RTLD_GLOBAL)) == NULL
	    || (create = (create_vm) dlsym (library, "JNI_CreateJavaVM")) == NULL) {
		fprintf (stderr, "eucalyptus-cloud: %s\n", dlerror ());
		return 1;
	}
	memset (options, 0, sizeof (options));
	for (; jvm_default_opts[used] != NULL && used < MAX_OPTS - 1; used++)
		options[used].optionString = jvm_default_opts[used];
	snprintf (path_opt, sizeof (path_opt), "-Djava.class.path=%s", class_path);
	options[used++].optionString = path_opt;
	args.version = JNI_VERSION_1_4;
	args.nOptions = used;
	args.options = options;
	args.ignoreUnrecognized = JNI_FALSE;
	if (create (&vm, (void **) &env, &args) != JNI_OK) {
		fprintf (stderr, "eucalyptus-cloud: %s does not take the options\n", libjvm);
		return 1;
	}
	main_class = (*env)->FindClass (env, "com/eucalyptus/bootstrap/SystemBootstrapper");
	load = main_class == NULL ? NULL : (*env)->GetStaticMethodID (env, main_class, "load", "()V");
	if (load == NULL) {
		(*env)->ExceptionDescribe (env);
		return 1;
	}
	(*env)->CallStaticVoidMethod (env, main_class, load);
	return (*vm)->DestroyJavaVM (vm) == JNI_OK ? 0 : 1;
}

int main (int argc, char *argv[])
{
	char libjvm[MAX_PATH_LEN];
	const char *java_home = getenv ("JAVA_HOME"), *class_path = "/usr/share/eucalyptus";
	int option, only_check = 0;

	while ((option = getopt (argc, argv, "Ch:c:")) != -1) {
		switch (option) {
		case 'C':
			only_check = 1;
			break;
		case 'h':
			java_home = optarg;
			break;
		case 'c':
			class_path = optarg;
			break;
		default:
			fprintf (stderr, "usage: %s [-C] [-h JAVA_HOME] [-c CLASSPATH]\n", argv[0]);
			return 2;
		}
	}
	if (java_home == NULL || !find_libjvm (java_home, libjvm, sizeof (libjvm))) {
		fprintf (stderr, "eucalyptus-cloud: there is no libjvm.so below %s\n", java_home ? java_home : "JAVA_HOME, which is not set");
		return 1;
	}
	if (only_check) {
		puts (libjvm);
		return 0;
	}
	return run (libjvm, class_path);
}
