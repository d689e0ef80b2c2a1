# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``add-include``."""

from __future__ import annotations

import pytest

from edits.harness import Files, after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State


def toml(include: str = "<errno.h>", file: str = "a.c") -> str:
    return f'kind = "add-include"\nfile = "{file}"\ninclude = \'{include}\'\n'


FILE = """/* A licence. */
#define _GNU_SOURCE
#include <stdio.h>
# include <stdlib.h>

#ifdef A
#include <aaa.h>
#endif
#include "own.h" // ours
#include <lib.h>

int x;
#include "rows.inc"
"""
OWN = {"lib/lib.h": "int lib;\n", "a.c": FILE}

PLACES = [
    ("of-the-system", "<errno.h>", "# include <stdlib.h>\n", "# include <errno.h>\n"),
    ("quoted", '"more.h"', '#include "own.h" // ours\n', '#include "more.h"\n'),
]


@pytest.mark.parametrize(("include", "mark", "line"), [pytest.param(*case[1:], id=case[0]) for case in PLACES])
def test_places(include: str, mark: str, line: str) -> None:
    assert after(toml(include), OWN) == OWN | {"a.c": FILE.replace(mark, mark + line)}


def test_a_header_of_the_tree_goes_with_those() -> None:
    files = OWN | {"lib/lib2.h": "int lib2;\n"}
    edited = after(toml("<lib2.h>"), files)["a.c"]
    assert edited == FILE.replace("#include <lib.h>\n", "#include <lib.h>\n#include <lib2.h>\n")


def test_of_another_form_than_all() -> None:
    assert after(toml('"a.h"'), {"a.c": "#include <b.h>\nint x;\n"}) == {
        "a.c": '#include <b.h>\n#include "a.h"\nint x;\n'
    }


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("/* A licence. */\n\n// x\nint x;\n", "/* A licence. */\n\n#include <errno.h>\n\n// x\nint x;\n"),
        ("", "#include <errno.h>\n\n"),
        ("#ifdef A\nint x;\n#endif\n", "#include <errno.h>\n\n#ifdef A\nint x;\n#endif\n"),
    ],
)
def test_where_there_are_none(before: str, then: str) -> None:
    assert after(toml(), {"a.c": before}) == {"a.c": then}


def test_within_an_include_guard() -> None:
    header = "#ifndef A_H\n#define A_H\n#include <stdio.h>\nint x;\n#endif\n"
    assert after(toml(file="a.h"), {"a.h": header}) == {"a.h": header.replace("io.h>\n", "io.h>\n#include <errno.h>\n")}


def test_crlf_and_no_final_newline() -> None:
    assert after(toml(), {"a.c": "int y;\r\n"})["a.c"] == "#include <errno.h>\r\n\r\nint y;\r\n"
    assert after(toml(), {"a.c": "#include <b.h>"})["a.c"] == "#include <b.h>\n#include <errno.h>\n"


@pytest.mark.parametrize("text", ["#include <errno.h>\nint x;\n", "int x;\n#  include<errno.h> // here\n"])
def test_there_already(text: str) -> None:
    assert unchanged(toml(), {"a.c": text}).state is State.PRESENT


def test_in_an_arm_it_does_not_count() -> None:
    plan, _ = plan_of(toml("<aaa.h>"), OWN)
    assert plan.state is State.ABSENT
    assert Reason.UNCHANGED_USE in {one.reason for one in plan.occurrences}


def test_other_mentions_are_none() -> None:
    text = '#include <sys/errno.h>\n/* errno.h */\nchar *s = "errno.h";\n#if 0\n#include <errno.h>\n#endif\n'
    plan, _ = plan_of(toml(), {"a.c": text})
    assert plan.state is State.ABSENT
    reasons = {Reason.OTHER_BINDING, Reason.COMMENT, Reason.STRING}
    assert {one.reason for one in plan.occurrences if one.reason} == reasons
    assert len(plan.occurrences) == 5  # four mentions, and the include that the new one stands behind


def test_in_the_other_form_it_refuses() -> None:
    assert slugs(unchanged(toml('"stdio.h"'), OWN)) == {"included-otherwise"}


def test_no_such_file() -> None:
    assert slugs(unchanged(toml(file="b.c"), OWN)) == {"not-found"}


@pytest.mark.parametrize("include", ["errno.h", "<errno.h", "<>", '<a"b>'])
def test_unusable(include: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        edit_of(toml(include))


DEFINED: Files = {
    "a.c": "#include <a.h>\nint a(void) { return b(); }\n",
    "b.c": "#include <b.h>\nint b(void) { return 1; }\n",
}


@pytest.mark.parametrize("names", ['"b"', '["nowhere", "b"]'])
def test_the_file_is_told_by_a_function(names: str) -> None:
    made = after(f'kind = "add-include"\ndefines = {names}\ninclude = "<errno.h>"\n', DEFINED)
    assert made["a.c"] == DEFINED["a.c"]
    assert made["b.c"].startswith("#include <b.h>\n#include <errno.h>\n")


@pytest.mark.parametrize("names", ['"nowhere"', '"twice"'])
def test_a_function_that_tells_no_file_is_refused(names: str) -> None:
    tree = DEFINED | dict.fromkeys(("c.c", "d.c"), "static int twice(void) { return 2; }\n")
    plan, _ = plan_of(f'kind = "add-include"\ndefines = {names}\ninclude = "<errno.h>"\n', tree)
    assert slugs(plan) & {"not-found", "several-files"}


@pytest.mark.parametrize("keys", ["", 'file = "a.c"\ndefines = "a"\n'])
def test_the_file_is_told_in_one_way(keys: str) -> None:
    with pytest.raises(ValueError, match="one of: file, defines"):
        edit_of(f'kind = "add-include"\n{keys}include = "<errno.h>"\n')
