/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * soap [ROUNDS]: a request to run an instance, set, written, read and got, through generated code and with libxml2 by
 * hand. Prints nanoseconds for a round trip of each, the best of five, and the ratio.
 *
 * By hand means what a careful person writes: the same options of the parser, every element looked for by name and
 * namespace, every value copied out. Both sides end with the same values, which are compared.
 */
#define _POSIX_C_SOURCE 200809L
#include "adb_ncRunInstance.h"

#include "soap.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS "http://eucalyptus.ucsb.edu/"
#define SOAP "http://schemas.xmlsoap.org/soap/envelope/"
#define GROUPS 8
#define TRIES 5

static const char *const names[] = {"correlationId", "userId",    "imageId",     "kernelId",      "ramdiskId",
                                    "imageURL",      "kernelURL", "ramdiskURL",  "reservationId", "instanceId",
                                    "keyName",       "userData",  "launchIndex"};
#define NAMES (sizeof names / sizeof names[0])
#define VALUE "http://walrus.example.org:8773/services/Walrus/image/a.manifest.xml?a=b&c=d"

struct values {
    char words[NAMES][512];
    char groups[GROUPS][512];
    int vlan, index, mem, cores, disk, count;
};

static void fail(const char *what)
{
    fprintf(stderr, "soap: %s\n", what);
    exit(1);
}

static void keep(char to[512], const char *from)
{
    snprintf(to, 512, "%s", from != NULL ? from : "");
}

/* --- generated code --- */

static char *write_generated(const axutil_env_t *env, size_t *length)
{
    adb_ncRunInstance_t *message = adb_ncRunInstance_create(env);
    adb_ncRunInstanceType_t *request = adb_ncRunInstanceType_create(env);
    adb_virtualMachineType_t *vm = adb_virtualMachineType_create(env);
    adb_netConfigType_t *net = adb_netConfigType_create(env);
    axiom_node_t *node;
    int i;

    adb_ncRunInstanceType_set_correlationId(request, env, VALUE);
    adb_ncRunInstanceType_set_userId(request, env, VALUE);
    adb_ncRunInstanceType_set_imageId(request, env, VALUE);
    adb_ncRunInstanceType_set_kernelId(request, env, VALUE);
    adb_ncRunInstanceType_set_ramdiskId(request, env, VALUE);
    adb_ncRunInstanceType_set_imageURL(request, env, VALUE);
    adb_ncRunInstanceType_set_kernelURL(request, env, VALUE);
    adb_ncRunInstanceType_set_ramdiskURL(request, env, VALUE);
    adb_ncRunInstanceType_set_reservationId(request, env, VALUE);
    adb_ncRunInstanceType_set_instanceId(request, env, VALUE);
    adb_virtualMachineType_set_memory(vm, env, 512);
    adb_virtualMachineType_set_cores(vm, env, 2);
    adb_virtualMachineType_set_disk(vm, env, 10);
    adb_ncRunInstanceType_set_instanceType(request, env, vm);
    adb_ncRunInstanceType_set_keyName(request, env, VALUE);
    adb_netConfigType_set_privateMacAddress(net, env, "");
    adb_netConfigType_set_privateIp(net, env, "");
    adb_netConfigType_set_publicIp(net, env, "");
    adb_netConfigType_set_vlan(net, env, 3);
    adb_netConfigType_set_networkIndex(net, env, 4);
    adb_ncRunInstanceType_set_netParams(request, env, net);
    adb_ncRunInstanceType_set_userData(request, env, VALUE);
    adb_ncRunInstanceType_set_launchIndex(request, env, VALUE);
    for (i = 0; i < GROUPS; i++)
        adb_ncRunInstanceType_add_groupNames(request, env, VALUE);
    adb_ncRunInstance_set_ncRunInstance(message, env, request);
    if ((node = adb_write_element(env, (struct adb_object *)message)) == NULL)
        fail("not written");
    return adb_soap_print(env, ADB_SOAP_11, node, length);
}

static void read_generated(const axutil_env_t *env, const char *text, size_t length, struct values *values)
{
    adb_ncRunInstanceType_t *request;
    adb_virtualMachineType_t *vm;
    adb_netConfigType_t *net;
    struct adb_object *message;
    struct adb_soap soap;
    int i;

    if (adb_soap_parse(env, text, length, &soap) != AXIS2_SUCCESS ||
        (message = adb_read_element(env, &adb_ncRunInstance_type, (axiom_node_t *)soap.payload)) == NULL)
        fail("not read");
    request = adb_ncRunInstance_get_ncRunInstance((adb_ncRunInstance_t *)message, env);
    keep(values->words[0], adb_ncRunInstanceType_get_correlationId(request, env));
    keep(values->words[1], adb_ncRunInstanceType_get_userId(request, env));
    keep(values->words[2], adb_ncRunInstanceType_get_imageId(request, env));
    keep(values->words[3], adb_ncRunInstanceType_get_kernelId(request, env));
    keep(values->words[4], adb_ncRunInstanceType_get_ramdiskId(request, env));
    keep(values->words[5], adb_ncRunInstanceType_get_imageURL(request, env));
    keep(values->words[6], adb_ncRunInstanceType_get_kernelURL(request, env));
    keep(values->words[7], adb_ncRunInstanceType_get_ramdiskURL(request, env));
    keep(values->words[8], adb_ncRunInstanceType_get_reservationId(request, env));
    keep(values->words[9], adb_ncRunInstanceType_get_instanceId(request, env));
    keep(values->words[10], adb_ncRunInstanceType_get_keyName(request, env));
    keep(values->words[11], adb_ncRunInstanceType_get_userData(request, env));
    keep(values->words[12], adb_ncRunInstanceType_get_launchIndex(request, env));
    vm = adb_ncRunInstanceType_get_instanceType(request, env);
    values->mem = adb_virtualMachineType_get_memory(vm, env);
    values->cores = adb_virtualMachineType_get_cores(vm, env);
    values->disk = adb_virtualMachineType_get_disk(vm, env);
    net = adb_ncRunInstanceType_get_netParams(request, env);
    values->vlan = adb_netConfigType_get_vlan(net, env);
    values->index = adb_netConfigType_get_networkIndex(net, env);
    values->count = adb_ncRunInstanceType_sizeof_groupNames(request, env);
    for (i = 0; i < values->count && i < GROUPS; i++)
        keep(values->groups[i], adb_ncRunInstanceType_get_groupNames_at(request, env, i));
}

static void generated(struct values *values)
{
    axutil_env_t *env = axutil_env_create_all(NULL, AXIS2_LOG_LEVEL_ERROR);
    size_t length;
    char *text = write_generated(env, &length);

    read_generated(env, text, length, values);
    axutil_env_free(env);
}

/* --- by hand --- */

static void text_child(xmlNodePtr parent, const char *name, const char *value)
{
    xmlNewTextChild(parent, parent->ns, BAD_CAST name, BAD_CAST value);
}

static void number_child(xmlNodePtr parent, const char *name, int value)
{
    char text[16];

    snprintf(text, sizeof text, "%d", value);
    text_child(parent, name, text);
}

static xmlChar *write_by_hand(int *length)
{
    xmlDocPtr doc = xmlNewDoc(BAD_CAST "1.0");
    xmlNodePtr envelope = xmlNewDocNode(doc, NULL, BAD_CAST "Envelope", NULL), request, part;
    xmlNsPtr soap;
    xmlChar *text = NULL;
    size_t i;

    xmlDocSetRootElement(doc, envelope);
    soap = xmlNewNs(envelope, BAD_CAST SOAP, BAD_CAST "soapenv");
    xmlSetNs(envelope, soap);
    part = xmlNewChild(envelope, soap, BAD_CAST "Body", NULL);
    request = xmlNewChild(part, NULL, BAD_CAST "ncRunInstance", NULL);
    xmlSetNs(request, xmlNewNs(request, BAD_CAST NS, BAD_CAST "n"));
    for (i = 0; i < NAMES; i++) {
        if (strcmp(names[i], "keyName") == 0) {
            part = xmlNewChild(request, request->ns, BAD_CAST "instanceType", NULL);
            number_child(part, "memory", 512);
            number_child(part, "cores", 2);
            number_child(part, "disk", 10);
        }
        if (strcmp(names[i], "userData") == 0) {
            part = xmlNewChild(request, request->ns, BAD_CAST "netParams", NULL);
            text_child(part, "privateMacAddress", "");
            text_child(part, "privateIp", "");
            text_child(part, "publicIp", "");
            number_child(part, "vlan", 3);
            number_child(part, "networkIndex", 4);
        }
        text_child(request, names[i], VALUE);
    }
    for (i = 0; i < GROUPS; i++)
        text_child(request, "groupNames", VALUE);
    xmlDocDumpFormatMemoryEnc(doc, &text, length, "UTF-8", 0);
    xmlFreeDoc(doc);
    return text;
}

static int is(xmlNodePtr node, const char *uri, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0 && node->ns != NULL &&
           strcmp((const char *)node->ns->href, uri) == 0;
}

static xmlNodePtr child(xmlNodePtr parent, const char *uri, const char *name)
{
    xmlNodePtr node = parent != NULL ? parent->children : NULL;

    while (node != NULL && !is(node, uri, name))
        node = node->next;
    return node;
}

static void text_of(xmlNodePtr node, char to[512])
{
    xmlChar *text = node != NULL ? xmlNodeGetContent(node) : NULL;

    keep(to, (const char *)text);
    xmlFree(text);
}

static int number_of(xmlNodePtr parent, const char *name)
{
    char text[512];

    text_of(child(parent, NS, name), text);
    return (int)strtol(text, NULL, 10);
}

static void by_hand(struct values *values)
{
    int length = 0;
    xmlChar *text = write_by_hand(&length);
    xmlDocPtr doc = xmlReadMemory((char *)text, length, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    xmlNodePtr request = child(child(xmlDocGetRootElement(doc), SOAP, "Body"), NS, "ncRunInstance"), part;
    size_t i;

    if (request == NULL)
        fail("not read by hand");
    for (i = 0; i < NAMES; i++)
        text_of(child(request, NS, names[i]), values->words[i]);
    part = child(request, NS, "instanceType");
    values->mem = number_of(part, "memory");
    values->cores = number_of(part, "cores");
    values->disk = number_of(part, "disk");
    part = child(request, NS, "netParams");
    values->vlan = number_of(part, "vlan");
    values->index = number_of(part, "networkIndex");
    values->count = 0;
    for (part = request->children; part != NULL; part = part->next)
        if (is(part, NS, "groupNames") && values->count < GROUPS)
            text_of(part, values->groups[values->count++]);
    xmlFreeDoc(doc);
    xmlFree(text);
}

static double best(void (*trip)(struct values *), int rounds, struct values *values)
{
    double found = 0;
    int try, i;

    for (try = 0; try < TRIES; try++) {
        struct timespec begin, end;
        double took;

        clock_gettime(CLOCK_MONOTONIC, &begin);
        for (i = 0; i < rounds; i++)
            trip(values);
        clock_gettime(CLOCK_MONOTONIC, &end);
        took = ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / rounds;
        if (try == 0 || took < found)
            found = took;
    }
    return found;
}

int main(int argc, char **argv)
{
    static struct values first, second;
    int rounds = argc > 1 ? atoi(argv[1]) : 5000;
    double ours, theirs;

    if (rounds < 1)
        fail("usage: soap [ROUNDS]");
    xmlInitParser();
    theirs = best(by_hand, rounds, &second);
    ours = best(generated, rounds, &first);
    if (memcmp(&first, &second, sizeof first) != 0)
        fail("the two do not agree");
    printf("generated %.0f ns\nlibxml2 by hand %.0f ns\nratio %.2f\n", ours, theirs, ours / theirs);
    return 0;
}
