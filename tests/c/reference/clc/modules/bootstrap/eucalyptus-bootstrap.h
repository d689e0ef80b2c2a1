// SPDX-License-Identifier: GPL-3.0-only
#ifndef EUCALYPTUS_BOOTSTRAP_H
#define EUCALYPTUS_BOOTSTRAP_H

/* below JAVA_HOME, in the order in which they are tried */
static char *libjvm_paths[] = {
	"jre/lib/amd64/server",
	"lib/amd64/server",
	"jre/lib/i386/server",
	"lib/i386/server",
	NULL,
};

/* a JVM of 2010 */
static char *jvm_default_opts[] = {
	"-Xbootclasspath/p:/usr/share/eucalyptus/openjdk-crypto.jar",
	"-Xmx512m",
	"-XX:MaxPermSize=128m",
	"-XX:+UseConcMarkSweepGC",
	"-Djava.net.preferIPv4Stack=true",
	"-Deuca.version=2.0.2",
	NULL,
};

#endif /* EUCALYPTUS_BOOTSTRAP_H */
