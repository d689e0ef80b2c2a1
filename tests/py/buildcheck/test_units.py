# SPDX-License-Identifier: GPL-3.0-or-later
"""From what make asks of a compiler to units and links."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

import buildcheck
from _buildcheck import TREE
from buildcheck.makedefs import config_header, makedefs
from buildcheck.recipes import Command
from buildcheck.units import Unit, links, units

if TYPE_CHECKING:
    from pathlib import Path

    from _buildcheck import Desk


@pytest.mark.parametrize(
    ("words", "folder", "made"),
    [
        ("-c -DX -I. -I ../b a.c", "n", [Unit("n", "a.c", ("-DX", "-I.", "-I", "../b"))]),
        ("-c -o x.o a.c", "n", [Unit("n", "a.c", ())]),
        ("-ox a.c b.o -lz -L/lib -Wl,-z,defs -shared", "n", [Unit("n", "a.c", ())]),
        ("-c a.c b.c", "n/g", [Unit("n/g", "a.c", ()), Unit("n/g", "b.c", ())]),
        ("-o x a.o b.o", "n", []),
        ("-c -include c.h -D Y a.c", "n", [Unit("n", "a.c", ("-include", "c.h", "-D", "Y"))]),
    ],
)
def test_the_units_of_a_command(words: str, folder: str, made: list[Unit]) -> None:
    assert units([Command(folder, tuple(words.split()))]) == made


def test_an_object_of_another_folder_is_its_unit_and_the_order_is_kept() -> None:
    commands = [
        Command("util", ("-c", "a.c")),
        Command("node", ("-c", "-o", "own.o", "b.c")),
        Command("node", ("-o", "prog", "-lfirst", "main.c", "../util/a.o", "own.o", "-L/x", "-llast", "gone.o")),
    ]
    (link,) = links(commands)
    assert (link.output, link.shared) == ("node/prog", False)
    assert link.arguments == (
        "-lfirst", Unit("node", "main.c", ()), Unit("util", "a.c", ()), Unit("node", "b.c", ()), "-L/x", "-llast", "gone.o",
    )  # fmt: skip


def test_the_path_of_a_unit_says_whether_it_is_generated() -> None:
    assert Unit("node/generated", "a.c", ()).generated
    assert not Unit("node", "../util/a.c", ()).generated
    assert Unit("node", "../util/a.c", ()).path == "util/a.c"


def recorded(folder: Path, *words: str) -> list[str]:
    recorder = f"{buildcheck.__path__[0]}/recorder"
    subprocess.run([recorder, *words], cwd=folder, env={"BUILDCHECK_RECORD": str(folder / "record")}, check=True)
    return (folder / "record").read_text(encoding="utf-8").split("\0")


def test_the_recorder_keeps_every_word_and_makes_what_is_asked_for(tmp_path: Path) -> None:
    odd = ["-c", '-DX="a b"', "", "-I", "a dir", "sub/one.c", "two.c", "new\nline"]
    assert recorded(tmp_path, *odd) == [str(len(odd)), str(tmp_path), *odd, ""]
    assert {path.name for path in tmp_path.glob("*.o")} == {"one.o", "two.o"}
    recorded(tmp_path, "-o", "prog", "one.o")
    assert (tmp_path / "prog").exists()


def test_the_recorder_is_posix() -> None:
    subprocess.run(["dash", "-n", f"{buildcheck.__path__[0]}/recorder"], check=True)


def test_makedefs_takes_values_and_leaves_nothing_of_configure() -> None:
    assert makedefs(b"A = @A@ -e\nB = @B@\n@export@C\n", {"A": "x y"}) == b"A = x y -e\nB = \nC\n"


def test_config_header_is_as_where_nothing_was_found() -> None:
    assert (
        config_header(b"#undef A\n# undef B /* x */\n#define C 1\n")
        == b"/* #undef A */\n/* # undef B */\n#define C 1\n"
    )


def test_a_patch_of_generated_code_that_is_rejected_is_found(desk: Desk) -> None:
    rule = b"all: generated/x.c\ngenerated/x.c:\n\tmkdir generated; echo 'int x;' >$@\n\tcd generated; patch -p1 <../svc.patch; cd ..\n"
    bad = b"--- a/x.c\n+++ b/x.c\n@@ -1 +1,2 @@\n-int y;\n+int y;\n+int z;\n"
    desk.upstream({"cluster/Makefile": b"include ../Makedefs\n" + rule, "cluster/svc.patch": bad})
    desk.add("nothing.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
    ran = desk.run("compile", "--format", "json")
    assert ran.status == 1
    assert [one["place"]["path"] for one in ran.of("generated-patch-rejected")] == ["cluster/axis2_svc_generated.patch"]
