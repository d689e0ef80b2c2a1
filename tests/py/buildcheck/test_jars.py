# SPDX-License-Identifier: GPL-3.0-or-later
"""buildcheck jars: what is wrong with a folder of JARs; class files are javac's own, and hostile ones are made by hand."""

from __future__ import annotations

import contextlib
import json
import struct
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from buildcheck.jars.classfile import ClassFile, ClassFileError, major
from buildcheck.jars.cli import jars

ROOT = Path(__file__).parents[3]
LICENCE = "META-INF/LICENSE"
"""What keeps an audit from warning that nothing says what the licence is."""


@dataclass(frozen=True)
class Desk:
    """A folder of JARs."""

    folder: Path

    def jar(self, name: str, classes: dict[str, bytes] | None = None, **others: str) -> Path:
        """Make a JAR of classes and files; each gets a licence."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(LICENCE, "Apache License, Version 2.0")
            for entry, data in (classes or {}).items():
                archive.writestr(entry, data)
            for entry, text in others.items():
                archive.writestr(entry, text)
        return path

    def run(self, *words: str) -> tuple[int, list[tuple[str, str]]]:
        """Return the status, and the slug and message of each finding that is no note."""
        done = CliRunner().invoke(jars, [str(self.folder), *words, "--format", "json"])
        found = (
            json.loads(done.stdout)
            if done.stdout.startswith("[")
            else [{"level": "x", "slug": "", "message": done.output}]
        )
        return done.exit_code, [(one["slug"], one["message"]) for one in found if one["level"] != "note"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "lib").mkdir()
    return Desk(tmp_path / "lib")


@cache
def javac(text: str, release: int = 8) -> bytes:
    """Return the class p.A that javac makes of a source."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "A.java").write_text(text)
        words = ["javac", "-Xlint:-options", "--release", str(release), "-d", folder, f"{folder}/A.java"]
        subprocess.run(words, check=True, capture_output=True)
        return (Path(folder) / "p/A.class").read_bytes()


OLD = """package p; public class A {
  public static final long L = 1L; public double d; protected int gone(String[] a) { return 0; }
  private void mine() { } void near() { } public <T extends Number> T same(T t) { Runnable r = () -> mine(); return t; } }"""
NEW = "package p; public class A { public static final long L = 2L; public float d; public <T extends Number> T same(T t) { return t; } }"


def test_a_class_of_javac_is_read_as_javap_prints_it(tmp_path: Path) -> None:
    data = javac(OLD)
    one = ClassFile.parse(data)
    (tmp_path / "p").mkdir()
    (tmp_path / "p/A.class").write_bytes(data)
    assert (one.major, one.name, one.visible) == (52, "p.A", True)
    javap = subprocess.run(
        ["javap", "-protected", "-s", "-cp", tmp_path, "p.A"], check=True, capture_output=True, text=True
    ).stdout
    assert len(one.members) == javap.count("descriptor:") == 5
    assert one.members == {
        "L J", "d D", "gone([Ljava/lang/String;)I", "same(Ljava/lang/Number;)Ljava/lang/Number;", "<init>()V"
    }  # fmt: skip


def test_two_versions_of_one_library(desk: Desk) -> None:
    for name in (
        "groovy-1.6.3.jar",
        "groovy-1.7.2.jar",
        "asm2-2.2.3.jar",
        "asm2.jar",
        "commons-lang-2.4.jar",
        "commons-io-1.4.jar",
    ):
        desk.jar(name)
    status, found = desk.run()
    assert status == 1
    assert [message for slug, message in found if slug == "jar-two-versions"] == [
        "asm2 is there 2 times: asm2-2.2.3.jar (2.2.3) and asm2.jar (of no version)",
        "groovy is there 2 times: groovy-1.6.3.jar (1.6.3) and groovy-1.7.2.jar (1.7.2)",
    ]


@pytest.mark.parametrize(("again", "status"), [(OLD, 0), (NEW, 1)])
def test_one_class_in_two_jars(desk: Desk, again: str, status: int) -> None:
    desk.jar("one-1.jar", {"p/A.class": javac(OLD)})
    desk.jar("other-1.jar", {"p/A.class": javac(again), "META-INF/versions/9/p/B.class": b""})
    ended, ((slug, message),) = desk.run()
    assert (ended, slug) == (status, "jar-class-twice")
    assert ("not the same" in message) is bool(status)


@pytest.mark.parametrize(("release", "status"), [(8, 0), (9, 1), (17, 1)])
def test_a_class_for_a_later_java(desk: Desk, release: int, status: int) -> None:
    desk.jar("a-1.jar", {"p/A.class": javac(OLD, release)})
    ended, found = desk.run("--target", "8")
    assert ended == status
    assert found == ([("jar-class-version", f"p.A is for Java {release}; Java 8 is to run it")] if status else [])


def test_a_link_whose_api_is_another(desk: Desk, tmp_path: Path) -> None:
    bundled, system = Desk(tmp_path / "bundled"), Desk(tmp_path / "system")
    bundled.jar("a-1.0.jar", {"p/A.class": javac(OLD), "p/Gone.class": javac(OLD)})
    system.jar("a.jar", {"p/A.class": javac(NEW)})
    bundled.jar("b-1.0.jar", {"p/A.class": javac(OLD)})
    (desk.folder / "a.jar").symlink_to(system.folder / "a.jar")
    (desk.folder / "b.jar").symlink_to(bundled.folder / "b-1.0.jar")
    status, found = desk.run("--bundled", str(bundled.folder))
    (message,) = [message for slug, message in found if slug == "jar-link-differs"]
    assert status == 1
    assert "lacks of a-1.0.jar p.A.d D, p.A.gone([Ljava/lang/String;)I, p.Gone" in message


def test_a_link_to_nothing(desk: Desk) -> None:
    desk.jar("a-1.jar")
    (desk.folder / "b.jar").symlink_to("/usr/share/java/absent.jar")
    assert desk.run() == (1, [("jar-link-dangling", "it leads to /usr/share/java/absent.jar, where nothing is")])


def test_what_the_build_needs_and_is_not_there(desk: Desk, tmp_path: Path) -> None:
    desk.jar("bcprov-1.43.jar", {"p/A.class": javac(OLD)})
    (tmp_path / "list.toml").write_text(
        '[[jar]]\nname = "bcprov"\nclasses = ["p.A", "p.B"]\n[[jar]]\nname = ["guava", "google-collections"]\nwhy = "msgs"\n'
        '[[jar]]\nname = ["absent", "bcprov"]\n'
    )
    assert desk.run("--needs", str(tmp_path / "list.toml")) == (
        1,
        [("jar-missing", "p.B is not in it"), ("jar-missing", "guava or google-collections is not there: msgs")],
    )


def test_a_licence_is_told_where_there_is_one(desk: Desk) -> None:
    desk.jar("a-1.jar")
    with zipfile.ZipFile(desk.folder / "b-1.jar", "w") as archive:
        archive.writestr("x", "")
    with zipfile.ZipFile(desk.folder / "c-1.jar", "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Bundle-License: http://www.apac\r\n he.org\r\n\r\nName: x\r\n")
    (desk.folder / "licenses").mkdir()
    (desk.folder / "licenses/D-LICENSE.txt").write_text("Permission is hereby granted, free of charge, to any")
    with zipfile.ZipFile(desk.folder / "d-1.jar", "w") as archive:
        archive.writestr("x", "")
    assert desk.run() == (0, [("jar-licence", "nothing says what its licence is")])
    assert desk.run("--strict")[0] == 1
    said = CliRunner().invoke(jars, [str(desk.folder)]).output
    for words in (
        "META-INF/LICENSE (Apache-2.0)",
        "Bundle-License: http://www.apache.org",
        "licenses/D-LICENSE.txt (MIT)",
    ):
        assert words in said


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p/A.class", bytes(2**25))


def encrypted(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("p/A.class", b"\xca\xfe\xba\xbe")
    data = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(magic) + at] |= 1
    path.write_bytes(data)


def lying(path: Path) -> None:
    """Write an entry that says it is short, and is not."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p/A.class", bytes(2**20))
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\x01\x02") + 24 :][:4] = b""
    struct.pack_into("<I", data, data.find(b"PK\x01\x02") + 24, 9)
    path.write_bytes(data)


HOSTILE = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("no archive"),
    "cut": lambda path: path.write_bytes(Path(path.parent / "good-1.jar").read_bytes()[:-30]),
    "bomb": bomb,
    "encrypted": encrypted,
    "lying": lying,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_jar_is_named_and_the_others_are_audited(desk: Desk, kind: str) -> None:
    desk.jar("good-1.jar", {"p/A.class": javac(OLD, 9)})
    HOSTILE[kind](desk.folder / "bad-1.jar")
    status, found = desk.run("--target", "8")
    assert status == 1
    assert {"jar-unreadable", "jar-class-version"} <= {slug for slug, _ in found}


def test_names_that_lead_out_of_a_jar_are_names_and_nothing_else(desk: Desk) -> None:
    desk.jar("a-1.jar", {"../../outside.class": b"\xca\xfe\xba\xbe\0\0\0\x34"})
    assert desk.run("--target", "8") == (0, [])
    assert not (desk.folder.parent / "outside.class").exists()


@given(data=st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: b"\xca\xfe\xba\xbe\0\0\0\x34" + tail))
def test_any_bytes_are_a_class_or_an_error_of_ours(data: bytes) -> None:
    """Any bytes at all, cut class files too, are read or refused, and nothing else happens."""
    for read in (ClassFile.parse, major):
        with contextlib.suppress(ClassFileError):
            read(data)


def test_every_cut_of_a_class_is_refused() -> None:
    data = javac(OLD)
    whole = ClassFile.parse(data)
    refused = 0
    for length in range(len(data)):
        try:
            assert ClassFile.parse(data[:length]) == whole, (
                "what is cut off are attributes of the class, which are not read"
            )
        except ClassFileError:
            refused += 1
    assert refused > len(data) // 2


@pytest.mark.parametrize("text", ["[[jar]", "[[jar]]\n", "[[jar]]\nname = 1\n", "\0"])
def test_a_list_that_cannot_be_used(desk: Desk, tmp_path: Path, text: str) -> None:
    desk.jar("a-1.jar")
    (tmp_path / "list.toml").write_text(text)
    status, ((_, said),) = desk.run("--needs", str(tmp_path / "list.toml"))
    assert (status, "[jars-list]" in said) == (2, True)


@pytest.mark.parametrize("name", ["absent", "lib"])
def test_no_jars_at_all(tmp_path: Path, name: str) -> None:
    (tmp_path / "lib").mkdir()
    done = CliRunner().invoke(jars, [str(tmp_path / name)])
    assert (done.exit_code, "[no-jars]" in done.output) == (2, True)


def test_the_jars_of_the_offline_tarball(tmp_path: Path) -> None:
    subprocess.run([ROOT / "tools/reference-tarball", "--offline", tmp_path / "orig.tar.gz"], check=True)
    subprocess.run(["tar", "-xf", tmp_path / "orig.tar.gz", "-C", tmp_path, "--wildcards", "*/clc/lib/*"], check=True)
    (lib,) = tmp_path.glob("*/clc/lib")
    words = [str(lib), "--target", "8", "--needs", str(ROOT / "jars.toml"), "--format", "json"]
    done = CliRunner().invoke(jars, words)
    assert {one["slug"] for one in json.loads(done.stdout)} == {"jar-licence"}, (
        "javac made them: they have no licence in them"
    )
    assert done.exit_code == 0
