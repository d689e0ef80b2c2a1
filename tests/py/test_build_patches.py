# SPDX-License-Identifier: GPL-3.0-or-later
"""The patches of the build: each thing that one promises is so with it, and is not so without it.

make, the shell, ant, javac, autoconf and gcc are the real ones. Where Axis2 is needed, a stand-in for its generator writes
down what it sees.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from adb.harness import REFERENCE, ROOT, built
from buildcheck.adb.home import Compiler, make_home

SERIES = [line for line in (ROOT / "patches/series").read_text().split() if line.endswith(".patch")]
STUBS = ("gatherlog", "node", "cluster")
GENERATOR = """\
env | grep ^AXIS | tr '\\n' ' ' >>"$RECORD"
echo >>"$RECORD"
echo "${SAY-a line}"
exit "${STATUS-0}"
"""


def _jdk() -> Path:
    """Return the JDK that javac belongs to."""
    javac = shutil.which("javac")
    assert javac
    return Path(javac).resolve().parents[1]


@pytest.fixture(params=[False, True], ids=["without", "with"])
def patched(request: pytest.FixtureRequest) -> bool:
    assert isinstance(request.param, bool)
    return request.param


def tree(folder: Path, name: str, *, patched: bool) -> Path:
    """Return a copy of the reference tree with the series up to the patch, and with or without it."""
    where = folder / "tree"
    shutil.copytree(REFERENCE, where)
    last = SERIES.index(f"{name}.patch") + patched
    for patch in SERIES[:last]:
        subprocess.run(["patch", "-sp1", "--fuzz=0", "-i", ROOT / "patches" / patch], cwd=where, check=True)
    return where


def stubs(
    where: Path, *, axis2: str = "", library: bool = True, environment: dict[str, str] | None = None
) -> list[tuple[int, list[dict[str, str]], str]]:
    """Make the stubs of each folder.

    :returns: for each folder, make's status, what the generator saw at each call, and what make complained of.
    """
    home = where / "axis2c"
    (home / "lib").mkdir(parents=True)
    if library:
        (home / "lib/libaxutil.so").touch()
    (where / "WSDL2C.sh").write_text(GENERATOR)
    makedefs = (where / "Makedefs.in").read_text()
    values = {"AXIS2C_HOME": home, "AXIS2_HOME": axis2, "WSDL2C": where / "WSDL2C.sh", "PERL": "true", "CC": "true"}
    (where / "Makedefs").write_text(re.sub(r"@(\w+)@", lambda match: str(values.get(match[1], "")), makedefs))
    done = []
    for folder in STUBS:
        record = where / f"{folder}.record"
        told = subprocess.run(
            ["make", "generated/stubs", "RM=rm"],
            cwd=where / folder,
            env=_clean() | {"RECORD": str(record)} | (environment or {}),
            check=False,
            capture_output=True,
            text=True,
        )
        lines = record.read_text().splitlines() if record.exists() else []
        done.append(
            (told.returncode, [dict(word.split("=", 1) for word in line.split()) for line in lines], told.stderr)
        )
    return done


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AXIS", "MAKE", "MFLAGS"))}


def test_each_call_sees_the_axis2_home_of_the_environment(tmp_path: Path, *, patched: bool) -> None:
    where = tree(tmp_path, "stubs-axis2-home", patched=patched)
    calls = [seen for _, seen, _ in stubs(where, environment={"AXIS2_HOME": "/opt/axis2"})]
    assert [len(seen) for seen in calls] == [2, 2, 3]
    homes = {(seen["AXIS2_HOME"], seen.get("AXIS_HOME")) for folder in calls for seen in folder}
    assert homes == ({("/opt/axis2", "/opt/axis2")} if patched else {("", None)})


def test_what_configure_was_given_counts_first(tmp_path: Path) -> None:
    where = tree(tmp_path, "stubs-axis2-home", patched=True)
    calls = [seen for _, seen, _ in stubs(where, axis2="/given", environment={"AXIS2_HOME": "/opt/axis2"})]
    assert {seen["AXIS2_HOME"] for folder in calls for seen in folder} == {"/given"}


def test_a_generator_that_fails_stops_make(tmp_path: Path, *, patched: bool) -> None:
    where = tree(tmp_path, "stubs-generator-status", patched=patched)
    done = stubs(where, environment={"STATUS": "1"})
    assert all(status for status, _, _ in done) is patched, (
        "true for perl, patch and the compiler: only the status is left"
    )
    assert [len(seen) for _, seen, _ in done] == ([1, 1, 1] if patched else [2, 2, 3])


def test_a_generator_that_is_silent_does_not_stop_make(tmp_path: Path, *, patched: bool) -> None:
    where = tree(tmp_path, "stubs-generator-status", patched=patched)
    done = stubs(where, environment={"SAY": "this is the classpath"})
    assert [len(seen) for _, seen, _ in done] == ([2, 2, 3] if patched else [1, 1, 1])


def test_libaxutil_need_not_lie_in_one_place(tmp_path: Path, *, patched: bool) -> None:
    where = tree(tmp_path, "stubs-libaxutil-prerequisite", patched=patched)
    for _, seen, complaint in stubs(where, library=False):
        assert bool(seen) is patched
        assert ("No rule to make target" in complaint) is not patched


def test_every_link_has_ldflags(tmp_path: Path, *, patched: bool) -> None:
    where = tree(tmp_path, "make-ldflags", patched=patched)
    stubs(where)
    linked = {}
    for folder in ("util", *STUBS):
        told = subprocess.run(
            ["make", "-n", "all", "CC=gcc", "RM=rm", "LDFLAGS=-Wl,-z,now"],
            cwd=where / folder,
            env=_clean(),
            check=True,
            capture_output=True,
            text=True,
        )
        for line in told.stdout.splitlines():
            words = line.split()
            if "gcc" in words and "-o" in words and "-c" not in words:
                linked[folder, words[words.index("-o") + 1]] = "-Wl,-z,now" in words
    assert len(linked) == 10
    assert set(linked.values()) == {patched}


def offline(folder: Path, name: str, *, patched: bool) -> Path:
    """Return the tree of the offline tarball, the patch pushed or not."""

    def pack(to: Path) -> None:
        subprocess.run([ROOT / "tools/reference-tarball", "--offline", to / "orig.tar.gz"], check=True)

    where = tree(folder, name, patched=patched)
    tarball = built("offline-tarball", pack) / "orig.tar.gz"
    subprocess.run(
        ["tar", "-xf", tarball, "-C", where, "--strip-components=1", "--wildcards", "*/clc/lib/*"], check=True
    )
    return where


def ant(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**_clean(), "JAVA_HOME": str(_jdk())}
    return subprocess.run(
        ["ant", "-e", *words], cwd=where / "clc", env=environment, check=False, capture_output=True, text=True
    )


def test_the_jars_of_the_offline_tarball_are_used_and_kept(tmp_path: Path, *, patched: bool) -> None:
    where = offline(tmp_path, "clc-bundled-jars", patched=patched)
    jars = sorted(jar.name for jar in (where / "clc/lib").iterdir())
    assert "bcprov-1.43.jar" in jars
    nowhere = f"-Ddeps.url=file://{tmp_path}/nowhere"
    done = ant(where, nowhere, "deps", "distclean")
    assert (done.returncode == 0) is patched, done.stderr
    ant(where, nowhere, "distclean")
    left = sorted(jar.name for jar in (where / "clc/lib").glob("*"))
    assert left == (jars if patched else [])


def test_the_level_of_java_is_one_property(tmp_path: Path, *, patched: bool) -> None:
    where = offline(tmp_path, "clc-java-level", patched=patched)
    done = ant(where, "-Djava.level=8", "build")
    assert (done.returncode == 0) is patched, done.stderr
    as_it_was = ant(where, "clean", "build")
    assert "Source option 6 is no longer supported" in as_it_was.stdout + as_it_was.stderr


def test_configure_knows_the_java_and_the_ant_of_today(tmp_path: Path, *, patched: bool) -> None:
    where = tree(tmp_path, "configure-modern-tools", patched=patched)
    home = built("home", lambda folder: make_home(folder / "axis2c", Compiler(("gcc",), ("-O1", "-g")))) / "axis2c"
    subprocess.run(["autoconf"], cwd=where, check=True, capture_output=True)
    subprocess.run(["autoheader"], cwd=where, check=True, capture_output=True)
    done = subprocess.run(
        ["./configure", f"--with-axis2c={home}"],
        cwd=where,
        env={**_clean(), "JAVA_HOME": str(_jdk())},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode == 0) is patched, done.stderr
    assert ("needs at least JDK version" in done.stderr) is not patched
    assert (where / "Makedefs").exists() is patched


@pytest.mark.parametrize(("version", "enough"), [("1.6.4", False), ("1.6.5", True), ("1.7", True), ("1.10.13", True)])
def test_versions_of_ant_are_compared_as_versions(tmp_path: Path, version: str, *, enough: bool) -> None:
    where = tree(tmp_path, "configure-modern-tools", patched=True)
    lines = (where / "configure.in").read_text().splitlines()
    (test,) = [line for line in lines if '"$ant_version"' in line and line.startswith("if ")]
    status = subprocess.run(["dash", "-c", f"ant_version={version}\n{test} exit 1; fi"], check=False).returncode
    assert (status == 0) is enough


def test_the_launcher_finds_the_virtual_machine_of_this_jdk(tmp_path: Path, *, patched: bool) -> None:
    where = tree(tmp_path, "bootstrap-any-arch", patched=patched)
    (where / "Makedefs").write_text(f"CC = gcc\nCFLAGS = -Wall -Werror\nRM = rm\nJAVA_HOME = {_jdk()}\n")
    bootstrap = where / "clc/modules/bootstrap"
    subprocess.run(["make", "all"], cwd=bootstrap, env=_clean(), check=True, capture_output=True)
    done = subprocess.run(
        [bootstrap / "eucalyptus-cloud", "-C", "-h", _jdk()], check=False, capture_output=True, text=True
    )
    assert (done.returncode == 0) is patched
    if patched:
        assert done.stdout == f"{_jdk()}/lib/server/libjvm.so\n"
    else:
        assert "there is no libjvm.so below" in done.stderr
