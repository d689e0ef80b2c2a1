# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands around the tools: what they need they install or name, and the tarball is always the same one."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tomllib
from pathlib import Path

import pytest

from patchgen.upstream import open_upstream

ROOT = Path(__file__).resolve().parents[2]


class Machine:
    """A PATH with a shell, and programs that say what they were called with; nothing is installed for real."""

    def __init__(self, folder: Path, uid: int) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls = folder / "calls"
        self.calls.touch()
        for name in ("sh", "tr", "cat", "chmod", "env", "false"):
            (self.bin / name).symlink_to(shutil.which(name) or "")
        self.add("id", f"echo {uid}")

    def add(self, name: str, script: str = "") -> None:
        program = self.bin / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.calls}\n{script}\n')
        program.chmod(0o755)

    def need(self, *commands: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "tools/need", *commands],
            env={"PATH": str(self.bin)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def called(self, name: str) -> list[str]:
        return [line for line in self.calls.read_text().splitlines() if line.startswith(name + " ")]


INSTALL = (
    "for name; do case $name in -*|install) ;; *) printf '#!/bin/sh\\n' >{bin}/$name; chmod +x {bin}/$name;; esac; done"
)


def test_need_is_silent_where_everything_is_there(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=1000)
    machine.add("quilt")
    done = machine.need("sh", "quilt")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not machine.called("apt-get")


def test_need_installs_what_is_missing_as_root(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=0)
    machine.add("apt-get", INSTALL.format(bin=machine.bin))
    assert machine.need("quilt", "sh", "git").returncode == 0
    assert machine.called("apt-get") == ["apt-get install --yes --no-install-recommends quilt git"]


def test_need_updates_the_lists_when_the_first_try_fails(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=0)
    fresh = f'if [ "$1" = update ]; then : >{tmp_path}/lists; elif [ -e {tmp_path}/lists ]; then'
    machine.add("apt-get", f"{fresh} {INSTALL.format(bin=machine.bin)}; else exit 100; fi")
    assert machine.need("quilt").returncode == 0
    assert [line.split()[1] for line in machine.called("apt-get")] == ["install", "update", "install"]


def test_need_goes_through_sudo_for_anyone_else(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=1000)
    machine.add("apt-get", INSTALL.format(bin=machine.bin))
    machine.add("sudo", 'shift; exec "$@"')
    assert machine.need("quilt").returncode == 0
    assert machine.called("sudo") == [
        "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends quilt"
    ]


@pytest.mark.parametrize("sudo", ["", "exit 1"])
def test_need_names_the_one_line_to_run_where_nothing_else_goes(tmp_path: Path, sudo: str) -> None:
    machine = Machine(tmp_path, uid=1000)
    machine.add("python3", "exit 1")
    if sudo:
        machine.add("sudo", sudo)
    done = machine.need("venv", "quilt", "spatch", "xz")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("apt-get install python3-venv quilt coccinelle xz-utils")


def test_need_does_not_believe_an_installation_that_brings_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=0)
    machine.add("apt-get")
    assert machine.need("quilt").returncode == 2


def pack(folder: Path, to: Path, **environment: str) -> str:
    """Pack the reference tree of *folder* and return the digest of the tarball."""
    subprocess.run([folder / "tools/reference-tarball", to], env=os.environ | environment, check=True)
    return hashlib.sha256(to.read_bytes()).hexdigest()


def test_the_reference_tarball_is_always_the_same(clone: Path, tmp_path: Path) -> None:
    first = pack(ROOT, tmp_path / "first.tar.gz")
    for path in clone.rglob("*"):
        # Another checkout: other times, another umask.
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() or path.stat().st_mode & 0o100 else 0o600)
    assert pack(clone, tmp_path / "second.tar.gz", LC_ALL="C.UTF-8", TZ="Asia/Tokyo") == first


def test_the_reference_tarball_is_an_orig_tarball_that_nobody_takes_for_the_real_one(tmp_path: Path) -> None:
    tarball = tmp_path / "new-folder/x.tar.gz"
    pack(ROOT, tarball)
    with tarfile.open(tarball) as archive:
        members = archive.getmembers()
    assert {member.name.partition("/")[0] for member in members} == {"eucalyptus-2.0.3~reference"}
    assert {(member.uid, member.gid, member.uname, member.mtime) for member in members} == {
        (0, 0, "", members[0].mtime)
    }
    assert all(member.isfile() or member.isdir() for member in members)
    packed = open_upstream(str(tarball))
    assert packed.digest() == open_upstream(str(ROOT / "tests/c/reference")).digest()


def test_the_demo_runs_and_says_what_happened(clone: Path, home: dict[str, str]) -> None:
    done = subprocess.run([clone / "tools/demo"], env=home, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^(\d)\. ", done.stdout, re.MULTILINE) == list("123456")
    assert "diff finds no difference" in done.stdout
    assert "nothing refused, nothing to write" in done.stdout
    assert not done.stderr


def test_a_refusal_ends_the_demo(clone: Path, home: dict[str, str]) -> None:
    shutil.rmtree(clone / "semantic")
    shutil.copytree(clone / "docs/example/semantic", clone / "semantic")
    done = subprocess.run([clone / "tools/demo"], env=home, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Nothing was refused" not in done.stdout
    assert "this ended with status 1: patchgen refresh" in done.stderr


def test_each_target_of_the_makefile_is_in_its_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    done = subprocess.run(["make", "-C", ROOT, "--no-print-directory"], capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^make ([\w-]+)", done.stdout, re.MULTILINE))
    phony = set(re.findall(r"^\.PHONY: (.*)", makefile, re.MULTILINE)[0].split())
    assert phony - {"lint", "test"} == listed


def test_the_shell_scripts_are_posix() -> None:
    for name in ("tools/need", "tools/demo", "tools/reference-tarball", ".ci/run"):
        assert (ROOT / name).read_text(encoding="utf-8").startswith("#!/bin/sh\n"), name
        subprocess.run(["dash", "-n", ROOT / name], check=True)


def test_each_rule_that_is_off_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["tool"]["ruff"]["lint"]
    rules = [*settings["ignore"], *(rule for rules in settings["per-file-ignores"].values() for rule in rules)]
    assert settings["select"] == ["ALL"]
    for rule in rules:
        assert re.search(rf'"{rule}", +# \w', text), rule


def test_no_place_of_one_machine_is_in_the_build_files() -> None:
    for name in ("Makefile", "pyproject.toml", "tools/need", "tools/demo", "tools/reference-tarball", ".ci/run"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.findall(r"https?://|/(?:home|root|work|opt|usr/local)/|index-url", text), name
