# SPDX-License-Identifier: GPL-3.0-or-later
"""A function within a function (GCC, Nested Functions) is another function: what stands in it is no place of the one around."""

from __future__ import annotations

import re

import pytest

from edits.harness import after, plan_of, slugs, unchanged
from patchgen.edits import Reason, State

INNER = """\
	int inner(int q)
	{
		int v = 3;
		if (q > 2)
			x(q);
		run(q);
	out:
		return q + v;
	}
"""


def insert(place: str, function: str = "f", more: str = "", statement: str = "note();") -> str:
    """Return the edit in TOML."""
    return f'kind = "insert-statement"\nin = "{function}"\n{place}\nstatement = "{statement}"\n{more}\n'


def outer(body: str) -> dict[str, str]:
    """Return a file with a function around another."""
    return {
        "f.c": f"int run(int);\nint x(int);\nvoid note(void);\nint f(int a)\n{{\n{INNER}{body}\treturn inner(a);\n}}\n"
    }


ANCHORS = [
    ('before = { call = "run" }', "\trun(a);\n"),
    ('before = { statement = "run($q);" }', "\trun(a);\n"),
    ('before = { expression = "run($q)" }', "\ta = run(a);\n"),
    ('after = { declaration = "v" }', "\tint v = 2;\n"),
    ('first-in = { if = "$q > 1" }', "\tif (a > 1) {\n\t\tx(a);\n\t}\n"),
    ('before = { if = "$q > 2" }', "\tif (a > 2) {\n\t\tx(a);\n\t}\n"),
]


@pytest.mark.parametrize(("place", "own"), ANCHORS, ids=[place for place, _ in ANCHORS])
def test_an_anchor_is_looked_for_in_the_function_itself(place: str, own: str) -> None:
    assert slugs(unchanged(insert(place), outer(""))) == {"not-found"}
    done, wanted = after(insert(place), outer(own))["f.c"], outer(own)["f.c"]
    assert re.sub(r"\t+note\(\);\n", "", done) == wanted
    assert INNER in done


def test_the_return_of_an_inner_function_is_not_one_of_the_function() -> None:
    files = outer("")
    done = after(insert("before = { return = true }"), files)
    assert done["f.c"] == files["f.c"].replace("\treturn inner", "\tnote();\n\treturn inner")


def test_what_stands_in_an_inner_function_is_in_the_ledger() -> None:
    plan, _ = plan_of(insert('before = { call = "run" }'), outer("\trun(a);\n"))
    assert (plan.state, [o.reason for o in plan.occurrences]) == (State.ABSENT, [Reason.OTHER_BINDING, None])


def test_the_inner_function_can_be_named() -> None:
    files = outer("\trun(a);\n")
    done = after(insert('before = { call = "run" }', "inner"), files)
    assert done["f.c"] == files["f.c"].replace("\t\trun(q)", "\t\tnote();\n\t\trun(q)")


def test_what_an_inner_function_holds_binds_nothing() -> None:
    toml = insert('at = "start"', more='bind = ["run($x)"]', statement="note($x);")
    assert slugs(unchanged(toml, outer(""))) == {"nothing-to-bind"}
    assert "\tnote(a);\n" in after(toml, outer("\trun(a);\n"))["f.c"]


@pytest.mark.parametrize("where", ['in = "f"\n', 'in = "*"\nfiles = ["*.c"]\nsites = 2\n'])
def test_an_expression_is_replaced_in_the_function_itself(where: str) -> None:
    toml = f'kind = "replace-expression"\n{where}expression = "run($x)"\nwith = "walk($x)"\n'
    files = outer("\ta = run(a);\n")
    done = files["f.c"].replace("a = run(a)", "a = walk(a)")
    assert after(toml, files)["f.c"] == (done if "*" not in where else done.replace("run(q)", "walk(q)"))


def test_what_may_be_another_function_is_refused() -> None:
    """A macro that is a loop, and is read as the head of a function; something of it does not parse."""
    loop = "int run(int);\nint f(int a)\n{\n\tEVERY i IN(a) {\n\t\trun(i);\n\t}\n\treturn a;\n}\n"
    assert slugs(unchanged(insert('before = { call = "run" }'), {"f.c": loop})) == {"anchor-unparsed"}


@pytest.mark.parametrize("measured", ["int n = sizeof run(a);", "int n = sizeof(run(a));", "char b[sizeof run(a)];"])
def test_what_is_only_measured_is_not_called(measured: str) -> None:
    files = {"f.c": f"int run(int);\nint f(int a)\n{{\n\t{measured}\n\treturn run(a);\n}}\n"}
    done = after(insert('before = { call = "run" }'), files)
    assert done["f.c"] == files["f.c"].replace("\treturn", "\tnote();\n\treturn")


def test_a_block_behind_a_macro_is_no_function_within() -> None:
    text = "int run(int a);\nint f(int b)\n{\n\tEACH (b) {\n\t\trun(0);\n\t}\n\treturn b;\n}\n"
    toml = 'kind = "set-argument"\nfunction = "run"\nparameter = "a"\nin = "f"\nfrom = "0"\nargument = "b"\nsites = 1\n'
    assert after(toml, {"f.c": text})["f.c"] == text.replace("run(0)", "run(b)")
    toml = 'kind = "replace-expression"\nin = "f"\nexpression = "run($x)"\nwith = "walk($x)"\n'
    assert after(toml, {"f.c": text})["f.c"] == text.replace("run(0)", "walk(0)")
