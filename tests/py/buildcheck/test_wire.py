# SPDX-License-Identifier: GPL-3.0-or-later
"""The check ``wire``: each kind of mistake is found where it is, and what is right is clean."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from _buildcheck import TREE as TREE_
from _wire import WSDL, read, wire
from buildcheck.policy import Policy, PolicyError, Way
from buildcheck.recipes import MARKER
from buildcheck.units import Unit
from buildcheck.wire.excuses import settled
from buildcheck.wire.order import misplaced
from buildcheck.wire.schema import seen, sources
from patchgen.findings import Level

if TYPE_CHECKING:
    from _buildcheck import Desk

SHARED = """\
typedef struct run adb_runType_t; typedef struct env env;
typedef struct guest { char kernel[8]; char disk[8]; char who[8]; int size; } guest;
char *strncpy(char *, const char *, unsigned long);
char *adb_runType_get_kernel(adb_runType_t *, env *); char *adb_runType_get_disk(adb_runType_t *, env *);
char *adb_runType_get_who(adb_runType_t *, env *); int adb_runType_get_size(adb_runType_t *, env *);
char *adb_runType_get_group_at(adb_runType_t *, env *, int); int adb_runType_sizeof_group(adb_runType_t *, env *);
int adb_runType_set_kernel(adb_runType_t *, env *, char *); int adb_runType_set_disk(adb_runType_t *, env *, char *);
int adb_runType_set_who(adb_runType_t *, env *, char *); int adb_runType_set_size(adb_runType_t *, env *, int);
int adb_runType_add_group(adb_runType_t *, env *, char *);
int keep(guest *to, char *kernel, char *disk);
"""
CLIENT = (
    SHARED
    + """\
void pack(adb_runType_t *out, env *e, guest *from, char **groups)
{
    adb_runType_set_who(out, e, from->who);
    adb_runType_set_kernel(out, e, from->kernel);
    adb_runType_set_disk(out, e, from->disk);
    adb_runType_set_size(out, e, from->size);
    for (int i = 0; i < 4; i++)
        adb_runType_add_group(out, e, groups[i]);
}
"""
)
SERVER = (
    SHARED
    + """\
int keep(guest *to, char *kernel, char *disk)
{
    strncpy(to->kernel, kernel, 8);
    if (disk)
        strncpy(to->disk, disk, 8);
    return 0;
}
void unpack(adb_runType_t *in, env *e, guest *to, char **groups)
{
    char *who = adb_runType_get_who(in, e);
    int n = adb_runType_sizeof_group(in, e);
    if (who)
        strncpy(to->who, who, 8);
    keep(to, (char *) adb_runType_get_kernel(in, e), adb_runType_get_disk(in, e));
    to->size = adb_runType_get_size(in, e);
    for (int i = 0; i < n; i++)
        groups[i] = adb_runType_get_group_at(in, e, i);
}
"""
)
TREE = {"client.c": CLIENT, "server.c": SERVER}
NEW = '<xs:element name="arch" type="xs:string" minOccurs="0"/>\n'
ACCESSORS = (
    "char *adb_runType_get_arch(adb_runType_t *, env *); int adb_runType_set_arch(adb_runType_t *, env *, char *);\n"
)
GUARDED = "    if (from->who[0])\n        adb_runType_set_arch(out, e, from->who);\n"

MISTAKES = {
    "a getter without element": ("server.c", "adb_runType_get_who(in, e);", "adb_runType_get_whom(in, e);", "wire-no-element"),
    "a type that no file has": ("server.c", "adb_runType_get_who(in, e);", "adb_walkType_get_who(in, e);", "wire-no-element"),
    "one for a list": ("client.c", "adb_runType_add_group(out, e, groups[i])", "adb_runType_set_group(out, e, groups[i])", "wire-no-element"),
    "a list for one": ("server.c", "adb_runType_get_group_at(in, e, i)", "adb_runType_get_kernel_at(in, e, i)", "wire-no-element"),
    "never set": ("client.c", "    adb_runType_set_disk(out, e, from->disk);\n", "", "wire-never-set"),
    "never read": ("server.c", "adb_runType_get_disk(in, e)", "0", "wire-never-read"),
    "set from another": ("client.c", "set_disk(out, e, from->disk)", "set_disk(out, e, from->kernel)", "wire-other-element"),
    "the old name is left in a copy": ("client.c", "adb_runType_set_disk(out, e, from->disk);", "adb_runType_set_kernel(out, e, from->disk);", "wire-other-element"),
    "read into another": ("server.c", "char *who = adb_runType_get_who", "char *who = adb_runType_get_disk", "wire-other-element"),
    "passed as another": ("server.c", "keep(to, (char *) adb_runType_get_kernel(in, e), adb_runType_get_disk", "keep(to, (char *) adb_runType_get_disk(in, e), adb_runType_get_disk", "wire-other-element"),
    "comes back as another member": ("server.c", "strncpy(to->disk, disk", "strncpy(to->who, disk", "wire-members"),
    "is filled from another member": ("client.c", "set_who(out, e, from->who)", "set_who(out, e, from->disk)", "wire-members"),
    "no test for NULL": ("server.c", "    if (who)\n", "", "wire-null"),
    "no test for NULL, at once": ("server.c", "strncpy(to->who, who, 8)", "strncpy(to->who, adb_runType_get_who(in, e), 8)", "wire-null"),
}  # fmt: skip
"""What is changed in which file, and what is to be found."""


def test_the_tree_itself_is_clean() -> None:
    assert wire(TREE) == []


@pytest.mark.parametrize(("path", "old", "new", "slug"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_found_where_it_is(path: str, old: str, new: str, slug: str) -> None:
    text = TREE[path]
    assert text.count(old) == 1
    found = [one.place for one in wire(TREE | {path: text.replace(old, new)}) if str(one.slug) == slug]
    assert found
    assert all(place is not None and place.line and place.source for place in found)
    same = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))))
    line = text.count("\n", 0, text.index(old) + same) + 1
    if slug.startswith("wire-never"):  # what is not there has its place where the WSDL declares it
        assert [(place.path, place.line) for place in found if place] == [("wsdl/guests.wsdl", 9)]
    elif slug not in {"wire-null", "wire-members"}:
        assert (path, line) in {(place.path, place.line) for place in found if place is not None}


WITH_NEW = WSDL.replace('<xs:element name="size"', f'{NEW}<xs:element name="size"')
READS = SERVER.replace("    int n =", "    char *arch = adb_runType_get_arch(in, e);\n    int n =").replace(
    SHARED, SHARED + ACCESSORS
)
SETS = CLIENT.replace("    for (int", f"{GUARDED}    for (int").replace(SHARED, SHARED + ACCESSORS)


def test_a_new_element_that_is_optional_and_set_where_there_is_something_to_say_is_clean() -> None:
    found = wire({"client.c": SETS, "server.c": READS}, WITH_NEW)
    assert [str(one.slug) for one in found] == ["wire-other-element"]  # it is set from who, in this test


PEERS = {
    "new and required": (WITH_NEW.replace('name="arch" type="xs:string" minOccurs="0"', 'name="arch" type="xs:string"'), 10, "the new element arch is required"),
    "gone": (WSDL.replace('<xs:element name="disk" type="xs:string" minOccurs="0"/>\n', ""), 7, "the element disk is gone"),
    "required now": (WSDL.replace('name="disk" type="xs:string" minOccurs="0"', 'name="disk" type="xs:string"'), 9, "disk had minOccurs 0 and has 1"),
    "optional now": (WSDL.replace('name="kernel" type="xs:string"', 'name="kernel" type="xs:string" minOccurs="0"'), 8, "kernel had minOccurs 1 and has 0"),
    "another type": (WSDL.replace('name="size" type="xs:int"', 'name="size" type="xs:long"'), 10, "size was xs:int and is xs:long"),
    "fewer of a list": (WSDL.replace('maxOccurs="8"', 'maxOccurs="4"'), 11, "group had maxOccurs 8 and has 4"),
    "another order": (WSDL.replace('<xs:element name="kernel" type="xs:string"/>\n', "").replace('<xs:element name="size" type="xs:int"/>\n', '<xs:element name="size" type="xs:int"/>\n<xs:element name="kernel" type="xs:string"/>\n'), 8, "disk stands at another place"),
    "another namespace": (WSDL.replace('targetNamespace="urn:t" e', 'targetNamespace="urn:u" e').replace('xmlns:t="urn:t" t', 'xmlns:t="urn:u" t').replace('targetNamespace="urn:t">', 'targetNamespace="urn:u">'), 1, "the namespace was urn:t and is urn:u"),
    "another action": (WSDL.replace('"urn:run"', '"urn:walk"'), 18, "run: its SOAPAction was urn:run and is urn:walk"),
}  # fmt: skip


@pytest.mark.parametrize(("after", "line", "message"), PEERS.values(), ids=PEERS)
def test_what_breaks_an_older_peer_is_found_in_the_wsdl_file(after: str, line: int, message: str) -> None:
    assert after != WSDL
    found = [one for one in wire({}, after) if str(one.slug) == "wire-breaks-peer"]
    assert [message in one.message for one in found] == [True]
    (one,) = found
    assert one.place is not None
    assert (one.place.path, one.place.line) == ("wsdl/guests.wsdl", line)


@pytest.mark.parametrize("after", [WITH_NEW, WSDL.replace("</xs:sequence></xs:ext", f"{NEW}</xs:sequence></xs:ext")])
def test_a_new_optional_element_breaks_nobody_wherever_it_stands(after: str) -> None:
    assert wire({}, after) == []


def test_a_new_element_that_is_sent_unasked_is_found() -> None:
    unasked = SETS.replace("    if (from->who[0])\n", "")
    found = [one for one in wire({"client.c": unasked, "server.c": READS}, WITH_NEW) if str(one.slug) == "wire-unasked"]
    assert len(found) == 1
    assert str(found[0]).splitlines()[1:3] == [
        "          adb_runType_set_arch(out, e, from->who);",
        "          ~~~~~~~~~~~~~~~~~~~^",
    ]
    assert not [
        one for one in wire({"client.c": unasked, "server.c": READS}, WITH_NEW, WITH_NEW) if "unasked" in str(one)
    ]


def test_an_accessor_that_a_macro_puts_together_counts() -> None:
    macro = '# 18 "client.c"\nadb_runType_set_whom\n# 18 "client.c"\n(out, e, from->who);\n'
    wrong = CLIENT.replace("    adb_runType_set_who(out, e, from->who);\n", macro)
    found = [one for one in wire(TREE | {"client.c": wrong}) if str(one.slug) == "wire-no-element"]
    assert [one.message for one in found] == ["in pack: adb_runType_set_whom: runType has no element whom"]


def test_a_type_is_from_the_file_whose_header_the_unit_includes_first() -> None:
    generated = {
        f"{folder}/generated/adb_{name}.h": f"/* Written by adb from {folder}.wsdl. Changes are lost. */".encode()
        for folder, name in (("node", "runType"), ("node", "only"), ("cluster", "runType"), ("cluster", "more"))
    }
    folders = sources(
        generated | {"node/generated/axis2_stub_x.h": b"", "node/adb_hand.h": b"Written by adb from x.wsdl. "}
    )
    unit = Unit("cluster", "a.c", ("-I.", f"-I{MARKER}/node/generated", "-I./generated"))
    assert seen(unit, folders) == {"runType": "cluster.wsdl", "more": "cluster.wsdl", "only": "node.wsdl"}
    assert seen(Unit("util", "a.c", ("-I../node/generated",)), folders) == {"runType": "node.wsdl", "only": "node.wsdl"}


# --- from the command line ----------------------------------------------------------------------------

REQUIRED = WITH_NEW.replace('name="arch" type="xs:string" minOccurs="0"', 'name="arch" type="xs:string"')
EXCUSE = '[[wire]]\ntype = "runType"\nelement = "disk"\nnever = "read"\nreason = "another program does"\n'


def test_what_breaks_a_peer_is_found_once_for_the_patch_that_brings_it(desk: Desk) -> None:
    desk.upstream({"wsdl/guests.wsdl": WSDL.encode()})
    desk.add("good.patch", {"wsdl/guests.wsdl": WITH_NEW.encode()})
    desk.add("worse.patch", {"wsdl/guests.wsdl": REQUIRED.encode()})
    desk.add("later.patch", {"net/Makefile": TREE_["net/Makefile"] + b"#\n"})
    ran = desk.run("wire", "--each", "--format", "json")
    assert ran.status == 1
    (one,) = ran.of("wire-breaks-peer")
    assert (one["place"]["path"], one["place"]["line"]) == ("wsdl/guests.wsdl", 10)
    assert one["help"].endswith("since worse.patch")


def test_a_wsdl_file_that_is_broken_has_a_place_and_the_rest_is_looked_at(desk: Desk) -> None:
    desk.upstream({"wsdl/guests.wsdl": WSDL.encode()})
    broken = WSDL.replace("</xs:sequence></xs:complexType>\n", "</xs:complexType>\n", 1)
    slip = TREE_["node/own.c"].replace(b"greet(name) +", b"greet(5) +")
    desk.add("worse.patch", {"wsdl/guests.wsdl": broken.encode(), "node/own.c": slip})
    ran = desk.run("wire", "calls", "--format", "json")
    assert ran.status == 1
    (one,) = ran.of("wsdl-not-read")
    assert (one["level"], one["place"]["path"], one["place"]["line"]) == ("error", "wsdl/guests.wsdl", 6)
    assert len(ran.of("call-type")) == 1


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (EXCUSE.replace("runType", "walkType"), 2, "no WSDL file of the tree has a type walkType"),
        (EXCUSE.replace("disk", "tape"), 3, "runType has no element tape"),
        (EXCUSE.replace('"read"', '"sent"'), 4, "Invalid enum value 'sent'"),
    ],
)
def test_an_excuse_for_what_is_not_there_is_refused(text: str, line: int, message: str) -> None:
    with pytest.raises(PolicyError) as raised:
        settled(Policy("policy.toml", text), [read(WSDL)])
    finding = raised.value.finding
    assert message in finding.message
    assert finding.place is not None
    assert (finding.place.path, finding.place.line) == ("policy.toml", line)


ORDER = '[[order]]\ntype = "runType"\nelement = "disk"\nbehind = "{}"\nreason = "another program writes them so"\n'


def test_an_element_stands_where_another_program_expects_it() -> None:
    """It is named with its place and the reason; a type that does not have it yet is no matter."""
    wsdl = read(WSDL)
    names = [element.name for element in wsdl.types["runType"].elements]
    before = names[names.index("disk") - 1]
    assert not list(misplaced([wsdl], Policy("policy.toml", ORDER.format(before)).order))
    other = next(name for name in names if name not in {before, "disk"})
    (one,) = misplaced([wsdl], Policy("policy.toml", ORDER.format(other)).order)
    assert (one.slug.name, one.level) == ("wire-misplaced", Level.ERROR)
    assert one.text == f"runType: disk does not stand behind {other}"
    without = Policy("policy.toml", ORDER.format(before).replace("disk", "later")).order
    assert not list(misplaced([wsdl], without))
    with pytest.raises(PolicyError, match="runType has no element tape"):
        settled(Policy("policy.toml", ORDER.format("tape")), [wsdl])


def test_an_excuse_makes_a_note_with_its_reason() -> None:
    unread = {"client.c": CLIENT, "server.c": SERVER.replace("adb_runType_get_disk(in, e)", "0")}
    (one,) = wire(unread, excuses={("runType", "disk", Way.READ): "another program does"})
    assert (one.level, one.message) == (Level.NOTE, "disk is never read in runType; excused: another program does")
