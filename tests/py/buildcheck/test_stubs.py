# SPDX-License-Identifier: GPL-3.0-or-later
"""buildcheck stubs: what each call of the stub generator sees, and what make makes of how it ends; make and sh are real."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from buildcheck.adb.home import Compiler, make_home
from buildcheck.cli import main

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "tests/c/reference"
MAKEDEFS = """\
export AXIS2_HOME = @AXIS2_HOME@
export AXIS2C_HOME = @AXIS2C_HOME@
export AXIS2C_SERVICES = @AXIS2C_SERVICES@
WSDL2C = @WSDL2C@
"""
MAKEFILE = """\
include ../Makedefs
generated/stubs:
\tmkdir -p generated
\tAXIS2_HOME="$(AXIS2_HOME)" sh $(WSDL2C) one
\tsh $(WSDL2C) two
"""
PATCHED = MAKEDEFS.replace("export AXIS2_HOME", "OF_MAKE := $(AXIS2_HOME)\nexport AXIS2_HOME").replace(
    "@AXIS2_HOME@", "$(or @AXIS2_HOME@,$(OF_MAKE))"
)


def run(*words: str) -> tuple[int, list[dict[str, Any]]]:
    done = CliRunner().invoke(main, ["stubs", *words, "--format", "json"])
    return done.exit_code, json.loads(done.stdout)


def small(folder: Path, makedefs: str, makefile: str) -> list[str]:
    """Return what is said of a small tree, without the notes."""
    (folder / "node").mkdir()
    (folder / "Makedefs.in").write_text(makedefs)
    (folder / "node/Makefile").write_text(makefile)
    _, found = run("--tree", str(folder))
    return [one["message"] for one in found if one["level"] != "note"]


def test_what_the_unpatched_tree_does() -> None:
    status, found = run("--tree", str(REFERENCE))
    blind = [one["message"] for one in found if one["slug"] == "stub-call-blind"]
    assert status == 1
    assert [message for message in blind if "no AXIS2_HOME" not in message] == []
    assert all(message.endswith("where only the environment of make has it") for message in blind)
    assert len(blind) == 7
    ends = sorted(one["message"] for one in found if one["slug"] == "stub-call-status")
    folders = {"cluster": 3, "gatherlog": 2, "node": 2}
    assert ends == sorted(
        text
        for folder, calls in folders.items()
        for text in (
            f"make goes on in {folder}/Makefile when the generator fails: it comes to call {calls} of {calls}",
            f"make stops in {folder}/Makefile when the generator says nothing but its class path, at call 1 of {calls}",
            f"make stops in {folder}/Makefile when the generator says nothing, at call 1 of {calls}",
        )
    )


def test_after_the_series_every_call_sees_what_it_should() -> None:
    words = ["--upstream", str(REFERENCE), "--patches", str(ROOT / "patches")]
    status, found = run(*words)
    assert status == 0
    assert {one["level"] for one in found} == {"note"}
    assert [one["slug"] for one in found if one["slug"] == "stub-calls"] == ["stub-calls"] * 7
    lines = [(one["place"]["path"], one["place"]["line"]) for one in found if one["slug"] == "stub-calls"]
    assert len(set(lines)) == 7


def test_a_patch_that_takes_a_variable_away_is_told(tmp_path: Path) -> None:
    assert small(tmp_path, PATCHED.replace("export AXIS2C_SERVICES", "AXIS2C_SERVICES"), MAKEFILE)[0] == (
        "call 1 in node/Makefile sees no AXIS2C_SERVICES where configure has it"
    )


@pytest.mark.parametrize(
    ("makedefs", "makefile", "said"),
    [
        (PATCHED, MAKEFILE, []),
        (
            PATCHED,
            MAKEFILE.replace("\tAXIS2", "\t-AXIS2"),
            ["make goes on in node/Makefile when the generator fails: it comes to call 2 of 2"],
        ),
        (
            PATCHED,
            MAKEFILE.replace("generated/stubs", "stubs"),
            ["make generated/stubs comes to no call in node/Makefile"],
        ),
        (PATCHED, "include ../Makedefs\nall:\n", ["no Makefile calls the stub generator"]),
        (
            MAKEDEFS,
            MAKEFILE,
            [
                f"call {call} in node/Makefile sees no AXIS2_HOME where only the environment of make has it"
                for call in (1, 2)
            ],
        ),
    ],
    ids=["good", "dash", "no target", "no call", "unpatched"],
)
def test_a_small_tree(tmp_path: Path, makedefs: str, makefile: str, said: list[str]) -> None:
    found = small(tmp_path, makedefs, makefile)
    assert len(found) == len(said)
    assert all(one.startswith(wanted) for one, wanted in zip(found, said, strict=True))


def jdk() -> Path:
    javac = shutil.which("javac")
    assert javac
    return Path(javac).resolve().parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "environment", "wanted"),
    [
        (["--with-axis2=/opt/axis2"], {}, "/opt/axis2"),
        ([], {"AXIS2_HOME": "/opt/axis2"}, "/opt/axis2"),
        (["--with-axis2=/opt/axis2-*"], {}, "/opt/axis2-*"),
        ([], {}, ""),
    ],
    ids=["option", "environment", "pattern", "nothing"],
)
def test_configure_itself_writes_what_the_check_takes_for_it(
    tmp_path: Path, words: list[str], environment: dict[str, str], wanted: str
) -> None:
    from adb.harness import built  # noqa: PLC0415 - it builds at import

    where = tmp_path / "tree"
    shutil.copytree(REFERENCE, where)
    for patch in (ROOT / "patches/series").read_text().split():
        subprocess.run(["patch", "-sp1", "--fuzz=0", "-i", ROOT / "patches" / patch], cwd=where, check=True)
    home = built("home", lambda folder: make_home(folder / "axis2c", Compiler(("gcc",), ("-O1", "-g")))) / "axis2c"
    for program in ("autoconf", "autoheader"):
        subprocess.run([program], cwd=where, check=True, capture_output=True)
    own = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "JAVA_HOME": str(jdk()), **environment}
    command = ["./configure", f"--with-axis2c={home}", *words]
    subprocess.run(command, cwd=where, env=own, check=True, capture_output=True)
    found = re.search(
        r"^export AXIS2_HOME = \$\(or (.*),\$\(AXIS2_HOME_OF_MAKE\)\)$", (where / "Makedefs").read_text(), re.MULTILINE
    )
    assert found
    assert found[1] == wanted
