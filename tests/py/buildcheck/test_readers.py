# SPDX-License-Identifier: GPL-3.0-or-later
"""What compilers write is read: gcc's JSON, clang's bitstream, and neither when it is damaged."""

from __future__ import annotations

import contextlib
import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildcheck import clang, gcc
from buildcheck.diagnostics import Diagnostic, difference, located
from buildcheck.headers import missing, package
from patchgen.findings import Level

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
#include "part.h"
int f(int a) { if (a = 1) return "x"; return undeclared + a; }
struct s { int a; };
int h(struct s *p) { int \u00e9t\u00e9; return p->b; }
int k(void) {
#include <no/such.h>
"""
PART = "static int part(void) { char *x = 1; }\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "one.c").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "part.h").write_text(PART, encoding="utf-8")
    return tmp_path


def of_gcc(place: Path) -> list[Diagnostic]:
    words = ["gcc", "-Wall", "-Wextra", *gcc.OPTIONS, "-c", "one.c"]
    return gcc.read(
        subprocess.run(
            words, cwd=place, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, capture_output=True, check=False
        ).stderr
    )


def serialised(place: Path) -> bytes:
    words = ["clang", "-Wall", "-Wextra", "-fsyntax-only", "--serialize-diagnostics", "told", "one.c"]
    subprocess.run(words, cwd=place, capture_output=True, check=False)
    return (place / "told").read_bytes()


def test_gcc_is_read_with_place_text_option_and_end(place: Path) -> None:
    found = {(one.path, one.line, one.option): one for one in of_gcc(place)}
    assert found["one.c", 2, "-Wparentheses"].text == "suggest parentheses around assignment used as truth value"
    assert found["part.h", 1, "-Wint-conversion"].level is Level.WARNING
    fatal = [one for one in found.values() if one.fatal]
    assert [(one.line, one.level, missing(one)) for one in fatal] == [(6, Level.ERROR, "no/such.h")]
    assert found["one.c", 4, ""].text == "'struct s' has no member named 'b'"


def test_clang_is_read_with_place_text_option_and_end(place: Path) -> None:
    found = clang.read(serialised(place))
    by = {(one.path.removeprefix("./"), one.line, one.option): one for one in found}
    assert (
        by["one.c", 2, "-Wparentheses"].text == "using the result of an assignment as a condition without parentheses"
    )
    assert by["part.h", 1, "-Wint-conversion"].level is Level.WARNING
    fatal = [one for one in found if one.fatal]
    assert [(one.line, missing(one)) for one in fatal] == [(6, "no/such.h")]
    assert not any("note" in one.text for one in found)


def test_clang_is_read_as_clang_itself_prints_it(place: Path) -> None:
    words = ["clang", "-Wall", "-Wextra", "-fsyntax-only", "-fno-caret-diagnostics", "one.c"]
    said = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False).stderr
    printed = [line for line in said.splitlines() if ": warning: " in line or "error: " in line]
    read = [
        f"{one.path}:{one.line}:{one.column}: {'fatal ' * one.fatal}{one.level.value}: {one.text}{f' [{one.option}]' * bool(one.option)}"
        for one in clang.read(serialised(place))
    ]
    assert read == printed


@given(data=st.data())
def test_a_damaged_bitstream_is_an_error_of_the_value(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever byte is cut off or changed, the reader ends, with diagnostics or a ValueError."""
    whole = _SAMPLE.get("told")
    if whole is None:
        folder = tmp_path_factory.mktemp("told")
        (folder / "one.c").write_text(SOURCE, encoding="utf-8")
        (folder / "part.h").write_text(PART, encoding="utf-8")
        whole = _SAMPLE["told"] = serialised(folder)
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for at in data.draw(st.lists(st.integers(0, max(len(damaged) - 1, 0)), max_size=8)):
        if damaged:
            damaged[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        assert isinstance(clang.read(bytes(damaged)), list)


_SAMPLE: dict[str, bytes] = {}


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"gcc: fatal error: no input files",
        b"[",
        b"[1]",
        b'[{"kind": "error"}]',
        b'[{"kind": "error", "locations": 3, "message": 1}]',
        b"[" * 10000,
    ],
)
def test_what_is_no_json_of_gcc_is_an_error_of_the_value(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"gcc wrote|Expecting"):
        gcc.read(said)


def test_a_diagnostic_without_a_place_is_kept() -> None:
    said = json.dumps([{"kind": "error", "locations": [], "message": "out of it", "children": []}]).encode()
    assert gcc.read(said) == [Diagnostic("", 0, 0, 1, Level.ERROR, "out of it")]


DIAGNOSTICS = st.builds(
    Diagnostic,
    path=st.sampled_from(["a.c", "b.h"]),
    line=st.integers(1, 9),
    column=st.just(1),
    end=st.just(2),
    level=st.sampled_from([Level.ERROR, Level.WARNING]),
    text=st.sampled_from(["one", "two"]),
    function=st.sampled_from(["", "f"]),
)


@given(before=st.lists(DIAGNOSTICS), after=st.lists(DIAGNOSTICS), shift=st.integers(1, 50))
def test_the_difference_is_that_of_multisets_without_lines(
    before: list[Diagnostic], after: list[Diagnostic], shift: int
) -> None:
    """What is new and what is known are all; nothing is new of itself, moved or not; what is there n times more is new n times."""
    new, known = difference(after, before)
    assert sorted(map(repr, new + known)) == sorted(map(repr, after))
    moved = [Diagnostic(one.path, one.line + shift, 1, 2, one.level, one.text, function=one.function) for one in after]
    assert difference(moved, after) == ([], moved)
    for one in after:
        same = [(other.identity, other.level) for other in after].count((one.identity, one.level))
        there = [(other.identity, other.level) for other in before].count((one.identity, one.level))
        fresh = [(other.identity, other.level) for other in new].count((one.identity, one.level))
        assert fresh == max(same - there, 0)


def test_the_function_of_a_line_is_that_around_it() -> None:
    data = b"int a;\nint f(void)\n{\n  return 1;\n}\n\nstatic int *\ng (int x)\n{\n  return 0;\n}\n"
    found = located([Diagnostic("a.c", line, 1, 2, Level.ERROR, "x") for line in range(1, 12)], lambda _: data)
    assert [one.function for one in found] == ["", "f", "f", "f", "f", "", "g", "g", "g", "g", "g"]
    assert located([Diagnostic("/usr/x.h", 1, 1, 2, Level.ERROR, "x")], lambda _: None)[0].function == ""


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("libvirt/libvirt.h", "libvirt-dev"),
        ("openssl/evp.h", "libssl-dev"),
        ("curl/curl.h", "libcurl4-openssl-dev"),
        ("libxml/parser.h", "libxml2-dev"),
        ("stdio.h", "libc6-dev"),
        ("sys/mman.h", "libc6-dev"),
        ("sys/capability.h", "libcap-dev"),
        ("nobody.h", ""),
    ],
)
def test_the_package_of_a_header(header: str, name: str) -> None:
    assert package(header) == name
