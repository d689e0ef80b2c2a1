# SPDX-License-Identifier: GPL-3.0-or-later
"""What debian/ tells people is so: the five commands of README.source, and the words and limits of README.Debian."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = ROOT / "debian"
LAST = "dpkg-buildpackage -us -uc"
"""The fifth command: the full build wants Axis2/C. Here it is the source package that it would begin with."""


def commands() -> list[str]:
    """Return the five commands, as they stand in README.source."""
    text = (DEBIAN / "README.source").read_text()
    block = text.partition("(five commands):\n\n")[2].partition("\n\n")[0]
    return [line.strip() for line in block.splitlines()]


def patched(folder: Path) -> Path:
    """Return the reference tree with the series on it."""
    where = folder / "patched"
    shutil.copytree(ROOT / "tests/c/reference", where)
    for patch in (ROOT / "patches/series").read_text().split():
        subprocess.run(["patch", "-sp1", "--fuzz=0", "-i", ROOT / "patches" / patch], cwd=where, check=True)
    return where


def test_there_are_five() -> None:
    assert len(commands()) == 5
    assert commands()[-1] == LAST


@pytest.mark.slow
def test_the_five_commands_take_a_package_to_a_new_tarball(tmp_path: Path) -> None:
    """The package of one tarball, with a patch of a person's own in it, becomes that of the next."""
    old = tmp_path / "eucalyptus_2.0.3~reference.orig.tar.gz"
    subprocess.run([ROOT / "tools/reference-tarball", old], check=True)
    subprocess.run(
        [sys.executable, "-m", "patchgen", "source", "-q", "--upstream", old, "-o", tmp_path / "out"],
        cwd=ROOT,
        check=True,
    )
    (description,) = (tmp_path / "out").glob("*.dsc")
    tree = tmp_path / "eucalyptus"
    subprocess.run(
        ["dpkg-source", "--skip-patches", "--no-check", "-x", description, tree], check=True, capture_output=True
    )
    new = tmp_path / "eucalyptus-2.0.4"
    shutil.copytree(ROOT / "tests/c/reference", new)
    data = new / "util/data.c"
    data.write_text("/* moved down */\n" + data.read_text())
    subprocess.run(["tar", "-czf", "eucalyptus_2.0.4.orig.tar.gz", new.name], cwd=tmp_path, check=True)
    version = (new / "VERSION").read_text()
    (tree / "debian/patches/mine.patch").write_text(
        "Description: the version\nAuthor: A <a@example.org>\nForwarded: not-needed\n\n"
        f"--- a/VERSION\n+++ b/VERSION\n@@ -1 +1 @@\n-{version.strip()}\n+2.0.4\n"
    )
    series = tree / "debian/patches/series"
    series.write_text("mine.patch\n" + series.read_text())
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DEBFULLNAME": "A",
        "DEBEMAIL": "a@example.org",
    }
    for command in commands()[:-1]:
        done = subprocess.run(
            ["sh", "-c", command], cwd=tree, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    subprocess.run(["dpkg-source", "-b", tree.name], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "eucalyptus_2.0.4-1.dsc").is_file()
    assert series.read_text().startswith("mine.patch\n")


def test_the_words_of_readme_debian_are_those_of_the_generator(tmp_path: Path) -> None:
    generator = patched(tmp_path) / "tools/gen_kvm_libvirt_xml"
    done = subprocess.run(["perl", generator, "--list-arches"], check=True, capture_output=True, text=True)
    rows = {frozenset(re.split(r"[ ,]+", line.partition(":")[0].strip())) for line in done.stdout.splitlines()}
    text = (DEBIAN / "eucalyptus-nc.README.Debian").read_text()
    told = re.findall(r"^    ((?:[a-z]\w*, )+[a-z]\w*)$|^    ((?:[a-z]\w*, )+[a-z]\w*)  +\w", text, re.MULTILINE)
    words = {word for groups in told for group in groups if group for word in group.split(", ")}
    assert words == {word for row in rows for word in row}
    (script,) = re.findall(r'NC_GUEST_ARCH="(\w+)"', text)
    assert script in words


def test_what_readme_debian_runs_is_in_the_package() -> None:
    text = (DEBIAN / "eucalyptus-nc.README.Debian").read_text()
    assert "gen_kvm=/usr/share/eucalyptus/gen_kvm_libvirt_xml" in text
    assert "usr/share/eucalyptus/gen_kvm_libvirt_xml" in (DEBIAN / "eucalyptus-nc.install").read_text().split()
    assert "etc/eucalyptus/eucalyptus.conf" in (DEBIAN / "eucalyptus-common.install").read_text().split()
    assert (DEBIAN / "units/generated-adb/eucalyptus-nc.service").is_file()
    assert (DEBIAN / "units/axis2c/eucalyptus-nc.service").is_file()
