# SPDX-License-Identifier: GPL-3.0-or-later
"""One type written in two ways is one type; another type is another, and a declaration may say nothing."""

from __future__ import annotations

import pytest

from edits.harness import after, slugs, unchanged
from patchgen.edits import State

BEHIND_A = """
kind = "add-parameter"
function = "f"
parameter = "int z"
after = "a"
argument = "0"
"""
USE = "int g(void)\n{\n\treturn f(1, 0);\n}\n"

ALIKE = {
    "an array and a pointer": ("char *b", "char b[]"),
    "an array of some size": ("char *b", "char b[16]"),
    "an array of arrays": ("char (*b)[4]", "char b[][4]"),
    "an array of pointers": ("char **b", "char *b[]"),
    "unsigned": ("unsigned b", "unsigned int b"),
    "long int": ("long b", "long int b"),
    "unsigned long long": ("unsigned long long b", "long long unsigned int b"),
    "short": ("short b", "signed short int b"),
    "const of the parameter": ("int b", "const int b"),
    "const of a pointer": ("char *b", "char *const b"),
    "const behind the type": ("const char *b", "char const *b"),
    "restrict": ("char *b", "char *restrict b"),
    "register": ("int b", "register int b"),
    "a typedef": ("text_t b", "char *b"),
    "a typedef of a typedef": ("words_t b", "char **b"),
}
UNLIKE = {
    "const of what is pointed to": ("char *b", "const char *b"),
    "signed and unsigned": ("int b", "unsigned b"),
    "signed char": ("char b", "signed char b"),
    "a pointer more": ("char *b", "char **b"),
    "const and a typedef of a pointer": ("const text_t b", "const char *b"),
    "another struct": ("struct p *b", "struct q *b"),
    "an array of arrays and a pointer to a pointer": ("char b[][4]", "char **b"),
}
TYPEDEFS = "typedef char *text_t;\ntypedef text_t *words_t;\n"


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_one_type_in_two_spellings_is_one(one: str, other: str) -> None:
    text = f"{TYPEDEFS}int f(int a, {one});\nint f(int a, {other})\n{{\n\treturn a;\n}}\n{USE}"
    assert after(BEHIND_A, {"a.c": text})["a.c"] == text.replace("int a,", "int a, int z,").replace("f(1,", "f(1, 0,")


@pytest.mark.parametrize(("one", "other"), UNLIKE.values(), ids=UNLIKE)
def test_two_types_are_two(one: str, other: str) -> None:
    plan = unchanged(
        BEHIND_A, {"a.c": f"{TYPEDEFS}int f(int a, {one});\nint f(int a, {other})\n{{\n\treturn a;\n}}\n{USE}"}
    )
    assert (plan.state, "declarations-disagree" in slugs(plan)) == (State.REFUSED, True)


def test_a_definition_of_kernighan_and_ritchie_beside_a_prototype() -> None:
    text = f"int f(int a, char *b);\nint f(a, b)\n\tint a;\n\tchar *b;\n{{\n\treturn a;\n}}\n{USE}"
    done = after(BEHIND_A, {"a.c": text})["a.c"]
    assert done.startswith("int f(int a, int z, char *b);\nint f(a, z, b)\n\tint a;\n\tint z;\n\tchar *b;\n{")


def test_a_definition_of_kernighan_and_ritchie_with_other_types_disagrees() -> None:
    text = f"int f(int a, char *b);\nint f(a, b)\n\tint a, b;\n{{\n\treturn a;\n}}\n{USE}"
    assert slugs(unchanged(BEHIND_A, {"a.c": text})) == {"declarations-disagree", "unresolved-call"}


def test_a_declaration_without_a_list_says_nothing_and_stays() -> None:
    text = f"int f();\nint f(int a, char *b)\n{{\n\treturn a;\n}}\n{USE}"
    assert after(BEHIND_A, {"a.c": text})["a.c"].startswith("int f();\nint f(int a, int z, char *b)\n")


def test_a_list_of_void_says_that_there_is_nothing() -> None:
    text = f"int f(void);\nint f(int a, char *b)\n{{\n\treturn a;\n}}\n{USE}"
    assert unchanged(BEHIND_A, {"a.c": text}).state is State.REFUSED


def test_only_the_anchor_is_called_otherwise_in_the_definition() -> None:
    text = f"int f(int a, char *b);\nint f(int first, char *b)\n{{\n\treturn first;\n}}\n{USE}"
    assert "int f(int first, int z, char *b)\n" in after(BEHIND_A, {"a.c": text})["a.c"]


@pytest.mark.parametrize("definition", ["int f(int first, int second)", "int f(int b, int a)", "int f(int b, int c)"])
def test_more_than_the_anchor_is_called_otherwise(definition: str) -> None:
    plan = unchanged(BEHIND_A, {"a.c": f"int f(int a, int b);\n{definition}\n{{\n\treturn 1;\n}}\n{USE}"})
    assert plan.state is State.REFUSED


def test_a_lone_parameter_of_another_name_may_be_anything() -> None:
    plan = unchanged(BEHIND_A, {"a.c": "int f(int a);\nint f(int first)\n{\n\treturn first;\n}\n"})
    assert "no-such-parameter" in slugs(plan)
