# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks ``calls`` and ``wire`` on the reference tree with the series of this repository."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from buildcheck.builds import stage_of
from buildcheck.calls.look import Reader
from buildcheck.calls.policy import readable
from buildcheck.calls.said import difference
from buildcheck.checks.wire import look
from buildcheck.cli import main
from buildcheck.forest import forest
from buildcheck.generator import Generator
from buildcheck.prefixes import Prefix
from buildcheck.store import Store, digest
from buildcheck.subject import Subject
from buildcheck.wire.schema import schemas

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from buildcheck.compared import Looked
    from buildcheck.forest import Wood


@dataclass(frozen=True)
class Mistake:
    """What is changed in a file, and what is to be found in which, if not the same one."""

    path: str
    old: str
    new: str
    slug: str
    place: str = ""


CC, NC, STUB = "cluster/handlers.c", "node/server-marshal.c", "node/client-marshal-adb.c"
WSDL = "wsdl/eucalyptus_nc.wsdl"
IDS = "amiURL, kernelId, kernelURL, ramdiskId, ramdiskURL, archId, keyName, &ncnet"
ELEMENT = '<xs:element minOccurs="0" name="archId" type="xs:string"/>'
BATCHES: list[dict[str, Mistake]] = [
    {
        "a caller is forgotten": Mistake("node/handlers_kvm.c", "launchIndex, groupNames, groupNamesSize)))", "launchIndex, groupNames)))", "call-arity"),
        "neighbours are swapped in a definition": Mistake("node/handlers_default.c", "char *ramdiskId, char *ramdiskURL", "char *ramdiskURL, char *ramdiskId", "parameter-order"),
        "the new one stands at another place": Mistake("node/client-marshal-local.c", "ramdiskURL, archId, keyName", "archId, ramdiskURL, keyName", "argument-of-another-parameter"),
        "one place of the protocol, the call": Mistake(CC, IDS, IDS.replace(" archId,", ""), "varargs-count"),
        "a table entry of another shape": Mistake("node/handlers_xen.c", ".doRebootInstance", ".doPowerDown", "table-entry"),
        "a pointer to something else": Mistake("node/test_nc.c", "int main (", "int put_it (int *p) { return *p; }\nint more (void) { long it = 0; return put_it (&it); }\nint main (", "call-type"),
        "the old name is left in a setter": Mistake(STUB, "adb_ncRunInstanceType_set_archId(request, env, archId)", "adb_ncRunInstanceType_set_ramdiskURL(request, env, archId)", "wire-other-element"),
        "a getter of another element": Mistake(NC, "adb_ncRunInstanceType_get_archId(input, env)", "adb_ncRunInstanceType_get_keyName(input, env)", "wire-other-element"),
        "minOccurs is left out": Mistake(WSDL, ELEMENT + '\n\t      <xs:element name="reservationId"', ELEMENT.replace('minOccurs="0" ', "") + '\n\t      <xs:element name="reservationId"', "wire-breaks-peer"),
    },
    {
        "one place of the protocol, the parent": Mistake(CC, "    char *archId = va_arg(al, char *);\n    (void) archId;\n    char *keyName", "    char *keyName", "varargs-branches"),
        "swapped in the protocol": Mistake(CC, IDS, IDS.replace("ramdiskId, ramdiskURL", "ramdiskURL, ramdiskId"), "varargs-order"),
        "a getter without element": Mistake(NC, "adb_ncRunInstanceType_get_archId(input, env)", "adb_ncRunInstanceType_get_arch(input, env)", "wire-no-element"),
        "never set": Mistake(STUB, "adb_ncRunInstanceType_set_archId(request, env, archId);", ";", "wire-never-set", WSDL),
        "sent unasked": Mistake(NC, "if (outInst->archId[0]) {", "{", "wire-unasked"),
        "comes back as another member": Mistake("util/data.c", "strncpy (inst->archId, archId,", "strncpy (inst->keyName, archId,", "wire-members", STUB),
    },
    {
        "one place of the protocol, the child": Mistake(CC, "ramdiskId, ramdiskURL, archId, keyName, ncnet", "ramdiskId, ramdiskURL, NULL, keyName, ncnet", "varargs-forward"),
        "neighbours are swapped at a call": Mistake(NC, "ramdiskId, ramdiskURL,", "ramdiskURL, ramdiskId,", "argument-of-another-parameter"),
        "no test for NULL": Mistake(STUB, "*outInstPtr = copy_instance", "strncpy ((*outInstPtr)->archId, adb_ncRunInstanceType_get_archId(request, env), 8);\n            *outInstPtr = copy_instance", "wire-null"),
        "an older place": Mistake(WSDL, 'name="kernelURL"', 'name="kernelUrl"', "wire-breaks-peer"),
    },
]  # fmt: skip
"""Mistakes that can be made in one tree, because none hides another."""


def changed(wood: Wood, subject: Subject, mistakes: Iterable[Mistake]) -> Wood:
    """Return the prefix with the mistakes in it."""
    texts: dict[str, str] = {}
    for one in mistakes:
        text = texts.get(one.path) or wood.prefix.tree.read(one.path).decode()
        assert one.old in text, one
        texts[one.path] = text.replace(one.old, one.new, 1)
    files = {path: text.encode() for path, text in texts.items()}
    digests = {**wood.prefix.files, **{path: digest(data) for path, data in files.items()}}
    prefix = Prefix(0, "", wood.prefix.tree.with_files(files), digests)
    return replace(wood, prefix=prefix, stage=stage_of(subject, prefix, wood.recipes, {}))


def found(wrong: Looked, right: Looked) -> set[tuple[str, str]]:
    """Return the slug and the file of what is new, where it has a line and its text."""
    listed = [said.finding(wrong.read) for said in difference(wrong.said, right.said)[0]]
    return {(str(one.slug), one.place.path) for one in listed if one.place is not None and one.place.source}


@pytest.mark.timeout(900)  # what pycparser takes for the headers of libvirt, where nothing of it is kept yet
def test_the_series_is_clean_but_for_the_known_slip_and_each_mistake_in_it_is_found(root: Path) -> None:
    words = [
        "--upstream",
        str(root / "tests/c/reference"),
        "--patches",
        str(root / "patches"),
        "--policy",
        str(root / "policy.toml"),
    ]
    done = CliRunner().invoke(main, ["calls", "wire", *words])
    assert done.exit_code == 0, done.output
    assert not re.search(r": (error|warning): ", done.stdout)
    slips = [line for line in done.stdout.splitlines() if "[varargs-" in line]
    assert len(slips) == 1
    assert re.match(
        r"cluster/handlers\.c:\d+:\d+: note: in doDetachVolume: ncClientCall: with ncDetachVolume, 4 ", slips[0]
    )
    assert slips[0].endswith("force is taken out all the same (the unpatched tree has it too) [varargs-count]")
    assert CliRunner().invoke(main, ["calls", "--strict", *words]).exit_code == 1

    store = Store.usual()
    subject = Subject.of_series(str(root / "tests/c/reference"), root / "patches", "series", store, each=False)
    reader = Reader(store, readable(root / "policy.toml"))
    first, last = forest(subject, Generator(store))
    before = schemas(first.prefix)[0]
    calls, wire = reader.look(last), look(reader, last, before, {})
    assert not calls.unproved
    assert not wire.unproved
    missed = []
    for batch in BATCHES:
        wood = changed(last, subject, batch.values())
        new = found(reader.look(wood), calls) | found(look(reader, wood, before, {}), wire)
        missed += [(name, one, new) for name, one in batch.items() if (one.slug, one.place or one.path) not in new]
    assert not missed


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_prefix_is_clean(root: Path) -> None:
    words = [
        "--upstream",
        str(root / "tests/c/reference"),
        "--patches",
        str(root / "patches"),
        "--policy",
        str(root / "policy.toml"),
    ]
    done = CliRunner().invoke(main, ["calls", "wire", "--each", *words])
    assert done.exit_code == 0, done.output
