/* SPDX-License-Identifier: GPL-3.0-only */
/* The node controller itself, with libvirt's test driver: what it hands to the shell. The tree's
 * handlers.c is a part of this file, so that what it keeps to itself can be set. */
#define _GNU_SOURCE
#include "behaviour.h"
#include "installation.h"

#include "handlers.c"

#include "line.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <server-marshal.h>

#ifdef HAVE_STYLESHEET
#include <xml.h>
#endif

/* ---- what libvirt is given ---- */

virDomainPtr __real_virDomainCreateLinux(virConnectPtr conn, const char *xml, unsigned int flags);
virDomainPtr __wrap_virDomainCreateLinux(virConnectPtr conn, const char *xml, unsigned int flags);

/* Keeps it: what the controller leaves in the folder of an instance goes with the instance. */
virDomainPtr __wrap_virDomainCreateLinux(virConnectPtr conn, const char *xml, unsigned int flags)
{
    char path[128] = "domains/";
    const char *name = strstr(xml, "<name>");

    if (name && sscanf(name, "<name>%60[a-z0-9_-]</name>", path + strlen(path)) == 1)
        put(path, xml, 0600);
    return __real_virDomainCreateLinux(conn, xml, flags);
}

/* ---- the command line ---- */

#define WORDS 100000

#ifdef HAVE_RUN_ARCHID
static char *const good[] = {"arm", "armel", "armv5tel", "armhf", "armv7l", "arm64", "aarch64",
                             "i386", "i486", "i586", "i686", "amd64", "x86_64", NULL};

static int is_good(const char *word)
{
    for (int i = 0; good[i]; i++)
        if (strcmp(good[i], word) == 0)
            return 1;
    return word[0] == 0; /* which is none */
}

static uint32_t seed = 2463534242u;

static uint32_t drawn(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % below;
}

#define LONGEST 20000

/* Pieces of good words, of what means something to a shell, a printf or a path, and any bytes at all. */
static const char *hostile(void)
{
    static const char *const pieces[] = {
        ";", "|", "&", "&&", "||", "`touch pwned`", "$(touch pwned)", ";touch pwned;", "\n", " ", "\t", "\r", "'", "\"",
        "\\", "%s", "%n", "../", "/", "-", "--arch", "=", ">pwned", "<", "*", "?", "[a-z]", "{a,b}", "#", "~", "!", "$PATH",
        "${IFS}", "arm", "hf", "64", "x86", "_", "i386", "amd", "ARM", "\303\244", "\377", "\001", "e", "l", "v7",
    };
    static char word[LONGEST + 64];
    size_t used, most;

    do {
        used = 0;
        most = drawn(200) == 0 ? drawn(LONGEST) : 1 + drawn(40);
        while (used < most) {
            if (drawn(8) == 0)
                used += sprintf(word + used, "%c", 1 + (int)drawn(255));
            else if (drawn(3) == 0)
                used += sprintf(word + used, "%s", good[drawn(13)]);
            else
                used += sprintf(word + used, "%s", pieces[drawn(sizeof pieces / sizeof pieces[0])]);
        }
        word[used] = 0;
    } while (is_good(word));
    return word;
}

/* As server-marshal.c has it behind the parser: refused, with nothing made and nothing run. */
static void ask_for(const char *word)
{
    axutil_env_t *env = axutil_env_create_all(NULL, 0);
    adb_ncRunInstance_t *request = adb_ncRunInstance_create(env);
    adb_ncRunInstanceType_t *input = adb_ncRunInstanceType_create(env);
    adb_ncRunInstanceResponse_t *response;

    adb_ncRunInstanceType_set_userId(input, env, "user");
    adb_ncRunInstanceType_set_instanceId(input, env, "i-hostile");
    adb_ncRunInstanceType_set_reservationId(input, env, "r");
    adb_ncRunInstanceType_set_imageId(input, env, "emi");
    adb_ncRunInstanceType_set_imageURL(input, env, "file:///nothing");
    adb_ncRunInstanceType_set_instanceType(input, env, adb_virtualMachineType_create(env));
    UNLESS_OLD_TYPES(adb_ncRunInstanceType_set_netParams(input, env, adb_netConfigType_create(env)));
    adb_ncRunInstanceType_set_keyName(input, env, "");
#ifdef HAVE_WIRE_ARCHID
    adb_ncRunInstanceType_set_archId(input, env, word);
#endif
    adb_ncRunInstance_set_ncRunInstance(request, env, input);
    response = ncRunInstanceMarshal(request, env);
    assert_non_null(response);
    assert_int_equal(adb_ncRunInstanceResponseType_get_return(
                         adb_ncRunInstanceResponse_get_ncRunInstanceResponse(response, env), env), AXIS2_FALSE);
    axutil_env_free(env);
}

static void check_nothing_happened(void)
{
    assert_int_equal(shell.count, 0);
    assert_null(global_instances);
    assert_false(there("executed"));
    assert_int_equal(access("pwned", F_OK), -1);
}

static void start_for_words(void)
{
    install();
    put("node.xml", "<node/>", 0644);
    put("instances/eucalyptus/work/file", "work", 0600);
    assert_int_equal(started(), OK);
    assert_int_equal(unlink("home/instances/user/image"), 0);
    shell.count = 0;
    shell.dry = 1;
    only_fatal_log();
}

static void a_hostile_word_from_the_wire_reaches_nothing(void **state)
{
    (void)state;
    start_for_words();
    for (int i = 0; i < WORDS; i++)
        ask_for(hostile());
    check_nothing_happened();
}

static int run(char *archId, ncInstance **out)
{
    virtualMachine params = PARAMS(64, 1, 1);
    netConfig net = {0};
    char url[PATH_MAX + 64], name[64], *groups[] = {NULL};

    snprintf(url, sizeof url, "file://%s/instances/user/image", home);
    snprintf(name, sizeof name, "i-%s", archId ? archId : "none");
    return doRunInstance(&meta, IF_UUID("u",) name, "r", &params, "emi", url, NULL, NULL, NULL, NULL, archId,
                         IF_ACCOUNTS(NULL, NULL,) NULL, UNLESS_OLD_TYPES(&net,)
                         IF_OLD_TYPES(net.privateMac, net.publicMac, net.vlan,) NULL, NULL, IF_UUID(NULL, 0,) groups, 0, out);
}

/* The configuration is read again for each word, as init() reads it. It lies in memory: a disk would take its time. */
static void a_hostile_word_from_the_configuration_reaches_nothing(void **state)
{
    char files[2][EUCA_MAX_PATH] = {"", ""}, text[LONGEST + 128];
#ifdef HAVE_ONE_CONFIGURATION
#define getConfString(files, count, key) getConfString((files)[0], (key))
#endif
    int hostiles = 0, fd = memfd_create("eucalyptus.conf", 0);
    ncInstance *none = NULL;

    (void)state;
    start_for_words();
    assert_true(fd >= 0);
    snprintf(files[0], sizeof files[0], "/proc/self/fd/%d", fd);
    while (hostiles < WORDS) {
        int size = snprintf(text, sizeof text, drawn(2) ? "NC_GUEST_ARCH=\"%s\"\n" : "NC_GUEST_ARCH=%s\n", hostile());

        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, text, size, 0), size);
        free(default_guest_arch);
        default_guest_arch = getConfString(files, 2, "NC_GUEST_ARCH");
        if (default_guest_arch == NULL || is_good(default_guest_arch))
            continue; /* the reader cut it to a good one */
        hostiles++;
        assert_int_equal(run(drawn(2) ? NULL : "", &none), ERROR);
    }
    free(default_guest_arch);
    default_guest_arch = NULL;
    close(fd);
    check_nothing_happened();
}

/* Each is refused when it is one too many, and with none too many it is not; nothing has been made for it by then. */
static void what_cannot_run_here_is_refused(void **state)
{
    virtualMachine small = PARAMS(256, 1, 0), params = small;
    struct guest_arch *row = find_guest_arch("arm");
    const char *emulator = row->emulator;
    char *word = "arm";
    ncInstance *none = NULL;

    (void)state;
    start_for_words();
    row->emulator = "/bin/true";
    assert_int_equal(settle_guest_arch("i-arm", MEMORY(params), CORES(params), &word), OK);
    assert_string_equal(word, "arm");
    MEMORY(params)++;
    assert_int_equal(settle_guest_arch("i-arm", MEMORY(params), CORES(params), &word), ERROR);
    params = small;
    CORES(params)++;
    word = "arm";
    assert_int_equal(settle_guest_arch("i-arm", MEMORY(params), CORES(params), &word), ERROR);
    params = small;
    row->emulator = "/there/is/no/emulator";
    word = "arm";
    assert_int_equal(settle_guest_arch("i-arm", MEMORY(params), CORES(params), &word), ERROR);
    assert_int_equal(run("arm", &none), ERROR);
    row->emulator = emulator;
    word = "amd64";
    MEMORY(params) = CORES(params) = 100000;
    assert_int_equal(settle_guest_arch("i-amd64", MEMORY(params), CORES(params), &word), OK);
    check_nothing_happened();
}

/* The whole start of a controller for each. */
static void a_controller_that_is_configured_so_starts_and_refuses(void **state)
{
    (void)state;
    install();
    put("node.xml", "<node/>", 0644);
    for (int i = 0; i < 50; i++) {
        char quoted[LONGEST + 128];
        ncInstance *none = NULL;
        int status;
        pid_t child;

        do
            snprintf(quoted, sizeof quoted, "\"%s\"", hostile());
        while (strpbrk(quoted + 1, "\n") || strlen(quoted) > 2000 || strchr(quoted + 1, '"') != quoted + strlen(quoted) - 1);
        configure(quoted);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            shell.count = 0;
            if (started() != OK)
                _exit(1);
            shell.count = 0;
            shell.dry = 1;
            if (run(NULL, &none) != ERROR)
                _exit(2);
            _exit(shell.count || global_instances ? 3 : 0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status != 0)
            broken("NC_GUEST_ARCH=%s ends the controller with %x", quoted, status);
    }
}
#endif

/* ---- the domain ---- */

#ifdef HAVE_STYLESHEET
/* role: the domain of each of a few guests. */
static int role_commands(int argc, char **argv)
{
    install();
    only_fatal_log();
    for (int i = 0; i < 4; i++) {
        ncInstance *inst = calloc(1, sizeof *inst);
        char *domain;

        assert_non_null(inst);
        strcpy(inst->instanceId, "i-xml");
        strcpy(inst->ramdiskId, i & 1 ? "eri" : "");
        inst->params.mem = 64;
        inst->params.cores = 1;
        IF_ARCHID(strcpy(inst->archId, argc > 1 ? argv[1] : ""));
        assert_int_equal(gen_instance_xml(inst, i & 2 ? "xen" : "kvm", home, "br0"), OK);
        assert_int_equal(gen_libvirt_instance_xml(inst, home, home), OK);
        domain = text_of("libvirt.xml");
        assert_non_null(domain);
        puts(domain);
        free(domain);
        free(inst);
    }
    return 0;
}
#else

static int xml_for(const char *generator, char *ramdisk, int disk, int net, int root, char *archId, char **xml)
{
    virtualMachine params = PARAMS(64, 1, disk);

    return get_instance_xml(generator, "user", "i-xml", UNLESS_OLD_TYPES(ramdisk, "eki",) IF_OLD_TYPES(ramdisk != NULL,)
#ifdef HAVE_XML_ARCHID
                            archId,
#endif
                            "/instances/user/i-xml", &params, "d0:0d:00:00:00:01", IF_OLD_TYPES("d0:0d:00:00:00:02",)
                            "br0", UNLESS_OLD_TYPES(net, root,) xml);
}

/* role: what the shell is given for each combination of what 2.0 knows. */
static int role_commands(int argc, char **argv)
{
    shell.dry = 1;
    only_fatal_log();
    for (int i = 0; i < 16; i++) {
        char *xml = NULL;

        xml_for("GENERATOR", i & 1 ? "eri" : NULL, i & 2 ? 5 : 0, i & 4, i & 8, argc > 1 ? argv[1] : NULL, &xml);
        puts(shell.last);
    }
    return 0;
}
#endif

static void without_an_architecture_the_command_is_as_before(void **state)
{
    (void)state;
    assert_int_equal(system("base/node --role commands >before && bin/node --role commands >after && "
                            "bin/node --role commands '' >empty && test -s before && cmp before after && cmp before empty"), 0);
}

#ifdef HAVE_XML_ARCHID
static void a_hostile_word_of_an_instance_reaches_nothing(void **state)
{
    char *xml = NULL;

    (void)state;
    install();
    only_fatal_log();
    shell.dry = 1;
    for (int i = 0; i < WORDS; i++)
        assert_int_equal(xml_for("usr/bin/generator", NULL, 0, 0, 0, (char *)hostile(), &xml), ERROR);
    assert_null(xml);
    check_nothing_happened();
}

/* Room for the command line. */
#define COMMAND IF_OLD_TYPES(512) UNLESS_OLD_TYPES(MAX_PATH)

/* A command line that has just room, just none, and much less. */
static void an_option_that_does_not_fit_is_refused(void **state)
{
    static char path[COMMAND + 1];
    int refused = 0, passed = 0;

    (void)state;
    only_fatal_log();
    shell.dry = 1;
    for (size_t length = COMMAND - 64; length < COMMAND; length++) {
        for (int i = 0; good[i]; i++) {
            size_t whole = length + strlen(" --arch ") + strlen(good[i]);
            char *xml = NULL;

            memset(path, 'g', length);
            path[length] = 0;
            shell.count = 0;
            assert_int_equal(xml_for(path, NULL, 0, 0, 0, good[i], &xml), ERROR); /* dry: there is no XML */
            if (shell.count == 0) {
                refused++;
                assert_true(whole >= COMMAND);
                continue;
            }
            passed++;
            assert_true(whole < COMMAND);
            assert_int_equal(strlen(shell.last), whole);
            assert_string_equal(shell.last + length + strlen(" --arch "), good[i]);
        }
    }
    assert_in_range(refused, 100, 64 * 13);
    assert_in_range(passed, 100, 64 * 13);
}

/* The recorder is reached, by every good word and with no more than that; and by none without a word. */
static void a_good_word_reaches_the_generator_as_it_is(void **state)
{
    char command[MAX_PATH], line[2 * PATH_MAX + 256], *executed;

    (void)state;
    install();
    snprintf(command, sizeof command, EUCALYPTUS_GEN_KVM_LIBVIRT_XML, home, home);
    for (int i = 0; good[i]; i++) {
        char *xml = NULL;

        unlink("home/executed");
        assert_int_equal(xml_for(command, NULL, 0, 0, 0, good[i], &xml), OK);
        assert_non_null(strstr(xml, "<domain"));
        free(xml);
        executed = text_of("executed");
        assert_non_null(executed);
        snprintf(line, sizeof line, "[%s/usr/share/eucalyptus/gen_kvm_libvirt_xml][--arch][%s]\n", home, good[i]);
        assert_string_equal(executed, line);
        free(executed);
    }
}

#endif

#ifdef HAVE_DOMAIN_ARCHID
/* Waits until nothing is left to start. */
static void all_are_started(void)
{
    int busy = 1;

    for (int i = 0; i < 300 && busy; i++) {
        usleep(100000);
        busy = 0;
        sem_p(inst_sem);
        for (bunchOfInstances *at = global_instances; at; at = at->next)
            busy += at->instance->state == STAGING || at->instance->state == BOOTING;
        sem_v(inst_sem);
    }
    assert_int_equal(busy, 0);
}

/* So many domains were made. */
static void made_are(int count)
{
    int found = 0;
#ifdef HAVE_STYLESHEET
    DIR *folder = opendir("home/domains");

    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        found += entry->d_name[0] != '.';
    closedir(folder);
#else
    char *executed = text_of("executed");

    assert_non_null(executed);
    for (char *at = executed; (at = strchr(at, '\n')) != NULL; at++)
        found++;
    free(executed);
#endif
    assert_int_equal(found, count);
}

/* The domain of the instance was made for the word, or as 2.0 makes it: the generator was told, or it is in the domain. */
static void made_for(const char *instance, const char *word)
{
#ifdef HAVE_STYLESHEET
    static const char *const arches[][2] = {{"arm", "armv6l"}, {"armel", "armv6l"}, {"armv5tel", "armv6l"}, {"armhf", "armv7l"},
                                            {"armv7l", "armv7l"}, {"arm64", "aarch64"}, {"aarch64", "aarch64"}};
    char path[128], wanted[64] = "<type>hvm</type>", *text;

    for (size_t i = 0; i < sizeof arches / sizeof arches[0]; i++)
        if (strcmp(arches[i][0], word) == 0)
            snprintf(wanted, sizeof wanted, "<type arch=\"%s\" machine=", arches[i][1]);
    snprintf(path, sizeof path, "domains/%s", instance);
#else
    const char *path = "executed";
    char wanted[64], *text;

    snprintf(wanted, sizeof wanted, word[0] ? "[--arch][%s]\n" : "xml][--ephemeral]\n", word);
#endif
    text = text_of(path);
    if (text == NULL || strstr(text, wanted) == NULL)
        broken("%s was not made for '%s'", instance, word);
    free(text);
}

static void start_for_guests(void)
{
    install();
    put("node.xml", "<node/>", 0644);
    put("instances/eucalyptus/image", "image", 0644);
    assert_int_equal(started(), OK);
    put("instances/user/image", "image", 0644);
}

/* The maker of the domain is told each of them; the instance has the word, and where there is none, none. */
static void a_good_word_of_a_request_goes_all_the_way(void **state)
{
    char name[64];
    ncInstance *out = NULL;
    int count = 0;

    (void)state;
    start_for_guests();
    for (; good[count]; count++) {
        assert_int_equal(run(good[count], &out), OK);
        assert_string_equal(out->archId, good[count]);
    }
    assert_int_equal(run(NULL, &out), OK);
    assert_string_equal(out->archId, "");
    all_are_started();
    made_are(count + 1);
    for (int i = 0; good[i]; i++) {
        snprintf(name, sizeof name, "i-%s", good[i]);
        made_for(name, good[i]);
    }
    made_for("i-none", "");
}

/* The maker is told; of the instance nothing is, for above the node nobody has named an architecture. */
static void a_good_word_of_the_configuration_stays_in_the_node(void **state)
{
    ncInstance *out = NULL;

    (void)state;
    start_for_guests();
    default_guest_arch = "armhf";
    assert_false(is_x86_guest(NULL));
    assert_false(is_x86_guest(""));
    assert_true(is_x86_guest("amd64"));
    assert_int_equal(run(NULL, &out), OK);
    assert_string_equal(out->archId, "");
    assert_int_equal(run("arm64", &out), OK);
    assert_string_equal(out->archId, "arm64");
    all_are_started();
    made_are(2);
    made_for("i-none", "armhf");
    made_for("i-arm64", "arm64");
    default_guest_arch = NULL;
    assert_true(is_x86_guest(NULL));
    assert_false(is_x86_guest("vax"));
}
#endif

static const struct behaviour_role roles[] = {{"commands", role_commands}, BEHAVIOUR_END};

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(without_an_architecture_the_command_is_as_before),
#ifdef HAVE_RUN_ARCHID
    cmocka_unit_test(a_hostile_word_from_the_wire_reaches_nothing),
    cmocka_unit_test(a_hostile_word_from_the_configuration_reaches_nothing),
    cmocka_unit_test(what_cannot_run_here_is_refused),
    cmocka_unit_test(a_controller_that_is_configured_so_starts_and_refuses),
#endif
#ifdef HAVE_XML_ARCHID
    cmocka_unit_test(a_hostile_word_of_an_instance_reaches_nothing),
    cmocka_unit_test(an_option_that_does_not_fit_is_refused),
    cmocka_unit_test(a_good_word_reaches_the_generator_as_it_is),
#endif
#ifdef HAVE_DOMAIN_ARCHID
    cmocka_unit_test(a_good_word_of_a_request_goes_all_the_way),
    cmocka_unit_test(a_good_word_of_the_configuration_stays_in_the_node),
#endif
    BEHAVIOUR_END,
};

BEHAVIOUR_MAIN(tests, roles)
