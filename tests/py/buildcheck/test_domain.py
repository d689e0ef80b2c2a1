# SPDX-License-Identifier: GPL-3.0-or-later
"""The domain check: the series passes it, each way to break a generator is found, and nothing is proved by nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from click.testing import CliRunner

from _buildcheck import Ran
from _generators import KVM, ROOT, XEN, ended
from buildcheck import domains
from buildcheck.assembled import lay
from buildcheck.cli import main
from buildcheck.domains import Domain, Problem, Step, filled

if TYPE_CHECKING:
    from pathlib import Path

    from _buildcheck import Desk

REFERENCE = str(ROOT / "tests/c/reference")


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the reference tree with the whole series on it."""
    folder = tmp_path_factory.mktemp("patched") / "tree"
    lay(folder, ended()[1])
    return folder


def check(*words: str | Path) -> Ran:
    """Run the check with the store that all tests share: what libvirt and qemu say of a domain is asked once."""
    done = CliRunner().invoke(main, ["domain", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return Ran(done.exit_code, done.stdout, done.stderr)


def check_tree(tree: Path, *words: str | Path) -> Ran:
    return check("--tree", tree, "--format", "json", *words)


def test_the_series_is_proved_with_a_case_for_every_row_and_option(desk: Desk) -> None:
    words = ("domain", "--upstream", REFERENCE, "--patches", str(ROOT / "patches"))
    ran = desk.raw(*words, "--format", "junit")  # with a store of its own: everything is started
    assert ran.status == 0, ran.out
    for row in ("arm", "armhf", "arm64"):
        for options in ("", " --ramdisk"):
            assert f'"{KVM} --arch {row}{options}, ' in ran.out
    for options in ("", " --ramdisk", " --virtionet", " --ramdisk --virtionet --virtioroot"):
        assert f'"{KVM}{options}, ' in ran.out
    assert f'"{XEN} --ramdisk --ephemeral, ' in ran.out
    assert ran.out.count("<testcase") == 2 + (3 * 2 + 2**3) + 2**2
    assert desk.raw(*words).out.startswith("domain  proved")


class Mutant(NamedTuple):
    """A way to break the patched tree: in which file what becomes what, and how that is found."""

    name: str
    path: str
    old: str
    new: str
    slug: str
    says: str


MUTANTS = (
    Mutant("machine", KVM, "machine='versatilepb'", "machine='versatileqb'", "domain-absent", "the machine versatileqb"),
    Mutant("cpu", KVM, "cpu => 'cortex-a15'", "cpu => 'cortex-a99'", "domain-absent", "the CPU cortex-a99 on virt"),
    Mutant("bus", KVM, "dev='sda' bus='scsi'", "dev='hda' bus='ide'", "domain-absent", "the bus ide on versatilepb"),
    Mutant("nic", KVM, "nic => 'e1000'", "nic => 'smc91c111'", "domain-not-started", "qemu does not start it"),
    Mutant("acpi", KVM, '"    <memory>MEMORY', '"    <features><acpi/></features>\\n    <memory>MEMORY', "domain-refused",
           "libvirt cannot say how to start it"),
    Mutant("emulator", KVM, "qemu-system-aarch64", "qemu-system-aarch65", "domain-absent", "--arch arm64"),
    Mutant("xml", KVM, 'print "    </os>', 'print "    </so>', "domain-refused", "it is no well-formed XML"),
    Mutant("schema", KVM, "<vcpu>VCPUS</vcpu>\\n", "<vcpus>VCPUS</vcpus>\\n", "domain-refused", "schema does not allow"),
    Mutant("xen schema", XEN, "<root>/dev/sda1</root>", "<roots>/dev/sda1</roots>", "domain-refused", "schema does not allow"),
    Mutant("old output", KVM, "<acpi/>", "<apic/>", "domain-changed", "no options"),
    Mutant("old option", KVM, "    'virtionet'    =>", "    'virtio_net'    =>", "domain-changed", "--virtionet"),
    Mutant("one does not take it", XEN, "'arch=s'", "'arc=s'", "generator-option-missing", KVM),
    Mutant("no list", KVM, "'list-arches'", "'lists'", "generator-option-missing", "--list-arches"),
    Mutant("any word", KVM, "\texit(1);\n\t}\n}", "\texit(0);\n\t}\n}", "architecture-word", "is accepted"),
    Mutant("a word too many", XEN, "('i386'", "('arm', 'i386'", "architecture-word", "is not answered as arm is"),
    Mutant("silent", KVM, '; known are "', '"', "architecture-word", "does not name"),
    Mutant("on standard output", KVM, 'print STDERR "$0: unknown', 'print "$0: unknown', "architecture-word", "bytes"),
    Mutant("a row of two sorts", KVM, "words => ['armhf', 'armv7l']", "words => ['armhf', 'arm']", "architecture-word",
           "'arm' is in several rows"),
    Mutant("critic", KVM, "return defined(", "return eval('1') && defined(", "perlcritic-says", "ProhibitStringyEval"),
    Mutant("syntax", KVM, "sub has_kvm {", "sub has_kvm {{", "generator-fails", "syntax error"),
    Mutant("no word is taken", XEN, "'arch=s'", "'arch=i'", "architecture-word", "answers no word of --list-arches"),
    Mutant("a word is complained of", XEN, "if (defined($arch)", 'print STDERR "hm\\n" if $arch; if (defined($arch)',
           "architecture-word", "is answered, and complained of: hm"),
    Mutant("the list complains", KVM, "if ($list_arches) {", 'if ($list_arches) { print STDERR "hm\\n";', "generator-fails", "hm"),
    Mutant("the list says nothing", KVM, '": as without --arch; kernel: $x86_kernel\\n"', '":\\n"', "architecture-word",
           "--list-arches says nothing of i386"),
    Mutant("list fails", KVM, "for my $name (sort keys %arches) {", "for my $name (die) {", "generator-fails", "Died"),
)  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_generator_that_is_wrong_is_found(mutant: Mutant, patched: Path, tmp_path: Path) -> None:
    tree = tmp_path / "mutant"
    tree.mkdir()
    for path in (KVM, XEN):
        (tree / path).parent.mkdir(exist_ok=True)
        shutil.copy(patched / path, tree / path)
    text = (tree / mutant.path).read_text("utf-8").replace("    ", "\t")
    old, new = mutant.old.replace("    ", "\t"), mutant.new.replace("    ", "\t")
    assert old in text
    (tree / mutant.path).write_text(text.replace(old, new).replace("\t", "    "), "utf-8")
    ran = check_tree(tree, "--upstream", REFERENCE)
    assert ran.status == 1
    found = [one["message"] for one in ran.of(mutant.slug)]
    assert any(mutant.says in message for message in found), ran.found
    assert mutant.path in {one["place"]["path"] for one in ran.of(mutant.slug)}


def test_what_the_unpatched_tree_prints_too_is_a_note(tmp_path: Path) -> None:
    for name in ("before", "after"):
        program = tmp_path / name / KVM
        program.parent.mkdir(parents=True)
        text = (ROOT / "tests/c/reference" / KVM).read_text("utf-8")
        program.write_text(text.replace("'e1000'", "'smc91c111'"), "utf-8")
    ran = check_tree(tmp_path / "after", "--upstream", tmp_path / "before")
    assert ran.status == 0
    assert {one["level"] for one in ran.of("domain-not-started")} == {"note"}
    assert check_tree(tmp_path / "after", "--upstream", tmp_path / "before", "--strict").status == 1
    assert check_tree(tmp_path / "after").status == 1


def test_with_each_it_is_said_once_for_the_patch_that_brings_it(desk: Desk) -> None:
    text = (ROOT / "tests/c/reference" / KVM).read_bytes()
    desk.upstream({KVM: text})
    worse = text.replace(b"'e1000'", b"'smc91c111'")
    desk.add("fine.patch", {KVM: text + b"# fine\n"})
    desk.add("worse.patch", {KVM: worse + b"# fine\n"})
    desk.add("still.patch", {KVM: worse + b"# fine\n# still\n"})
    ran = check("--upstream", desk.tree, "--patches", desk.patches, "--each", "--format", "json")
    assert ran.status == 1
    assert len(ran.of("domain-not-started")) == 4  # those without virtio, of eight
    assert len(ran.of("domain-changed")) == 1


def test_a_tree_that_prints_no_domain_is_not_proved(desk: Desk) -> None:
    desk.add("good.patch", {"net/Makefile": b"all:\n"})
    ran = desk.run("domain", "--format", "json")
    assert (ran.status, len(ran.of("no-domain-generator"))) == (1, 1)


def test_a_second_run_starts_nothing(patched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_tree(patched, "--upstream", REFERENCE).status == 0
    monkeypatch.setattr("buildcheck.checks.domain.libvirt", None)
    assert check_tree(patched, "--upstream", REFERENCE).status == 0


@pytest.mark.parametrize("text", [b"", b"<domain", b"no XML", b"<domain>&none;</domain>", b"\0", b"<a>" * 5000])
def test_what_is_no_xml_is_said_to_be_none(text: bytes, tmp_path: Path) -> None:
    found = filled(text, "x", tmp_path, "br0")
    assert isinstance(found, Problem)
    assert found.step is Step.XML


def test_placeholders_are_told_by_their_role(tmp_path: Path) -> None:
    text = (
        b"<domain type='kvm'><name>A</name><memory>B</memory><vcpu>2</vcpu><os><kernel>C/k</kernel>"
        b"<initrd>/there/r</initrd></os><devices><disk><source file='D/d'/></disk><interface>"
        b"<source bridge='E'/><mac address='F'/></interface><serial><source path='C/log'/></serial></devices></domain>"
    )
    found = filled(text, "guest", tmp_path, "br0")
    assert isinstance(found, Domain)
    written = found.xml.decode()
    for wanted in (
        "<name>guest</name>", "<memory>262144</memory>", "<vcpu>2</vcpu>", f"<kernel>{tmp_path}/k</kernel>",
        "<initrd>/there/r</initrd>", f'file="{tmp_path}/d"', 'bridge="br0"', 'address="d0:0d:5e:ed:00:01"',
        f'path="{tmp_path}/log"',
    ):  # fmt: skip
        assert wanted in written
    assert (tmp_path / "k").exists()
    assert (tmp_path / "d").stat().st_size == 64 << 20
    assert not (tmp_path / "log").exists()


def test_without_the_schema_the_check_is_unusable(
    patched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "SCHEMA", tmp_path / "none.rng")
    ran = check_tree(patched)
    assert (ran.status, len(ran.of("no-domain-schema"))) == (2, 1)
