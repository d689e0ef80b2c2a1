# SPDX-License-Identifier: GPL-3.0-or-later
"""A case goes between two others only where none falls into the other."""

from __future__ import annotations

import pytest

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import State


def case(more: str = "", label: str = '"9"', body: str = "a = 9;\nbreak;", switch: str = "a") -> str:
    return f"kind = \"switch-case\"\nin = \"f\"\nswitch = \"{switch}\"\ncase = {label}\nbody = '''\n{body}'''\n{more}\n"


def f(cases: str, newline: str = "\n") -> dict[str, str]:
    return {"f.c": f"int f(int a)\n{{\n\tswitch (a) {{\n{cases}\t}}\n\treturn a;\n}}\n".replace("\n", newline)}


ONE = "\tcase 1:\n\t\ta = 1;\n\t\tbreak;\n"
TWO = "\tcase 2:\n\t\ta = 2;\n\t\treturn a;\n"
NINE = "\tcase 9:\n\t\ta = 9;\n\t\tbreak;\n"
OTHER = "\tdefault:\n\t\ta = 0;\n"
LINES = "\tcase 1: a = 1; break;\n\tcase 2: a = 2; break;\n"

DONE = [
    ("before-the-default", "", ONE + TWO + OTHER, ONE + TWO + NINE + OTHER),
    ("at-the-end", 'at = "end"', ONE + TWO, ONE + TWO + NINE),
    ("after", 'after = "1"', ONE + TWO + OTHER, ONE + NINE + TWO + OTHER),
    ("before", 'before = "2"', ONE + TWO + OTHER, ONE + NINE + TWO + OTHER),
    ("before-the-first", 'before = "1"', ONE + TWO, NINE + ONE + TWO),
    ("behind-a-default-in-the-midst", "", ONE + OTHER + "\t\tbreak;\n" + TWO, ONE + OTHER + "\t\tbreak;\n" + TWO + NINE),
    ("all-on-a-line", 'after = "1"', LINES, LINES.replace("\tcase 2", "\tcase 9: a = 9; break;\n\tcase 2")),
    ("into-nothing", "", "", "\t\tcase 9:\n\t\t\ta = 9;\n\t\t\tbreak;\n"),
    ("above-the-comment", "", ONE + "\t/* all else */\n" + OTHER, ONE + NINE + "\t/* all else */\n" + OTHER),
    ("blank-lines-part-them", 'after = "1"', ONE + "\n" + TWO, ONE + "\n" + NINE + "\n" + TWO),
    ("behind-an-exit", 'after = "1"', "\tcase 1:\n\t\texit(1);\n" + TWO, "\tcase 1:\n\t\texit(1);\n" + NINE + TWO),
    ("behind-braces", 'after = "1"', "\tcase 1: {\n\t\ta = 1;\n\t\tbreak;\n\t}\n" + TWO, "\tcase 1: {\n\t\ta = 1;\n\t\tbreak;\n\t}\n" + "\tcase 9:\n\t\ta = 9;\n\t\tbreak;\n" + TWO),
    ("before-an-arm", 'after = "1"', ONE + "#ifdef A\n" + TWO + "#endif\n", ONE + NINE + "#ifdef A\n" + TWO + "#endif\n"),
    ("labels-may-share", 'after = "2"', "\tcase 1:\n" + TWO + OTHER, "\tcase 1:\n" + TWO + NINE + OTHER),
]  # fmt: skip


@pytest.mark.parametrize(("more", "before", "then"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_case_goes_in(more: str, before: str, then: str, newline: str) -> None:
    assert after(case(more), f(before, newline)) == f(then, newline)


FALLS = "\tcase 1:\n\t\ta = 1;\n"
REFUSED = [
    ("falls-into-the-next", case('after = "1"'), f(FALLS + TWO), "no-place-for-case"),
    ("a-label-of-the-next", case('after = "1"'), f("\tcase 1:\n" + TWO), "no-place-for-case"),
    ("before-what-is-fallen-into", case('before = "2"'), f(FALLS + TWO), "no-place-for-case"),
    ("the-last-falls-out", case(), f(ONE + FALLS.replace("1", "2")), "no-place-for-case"),
    ("falls-into-the-default", case(), f(FALLS + OTHER), "no-place-for-case"),
    ("no-such-case", case('after = "7"'), f(ONE), "no-place-for-case"),
    ("in-an-arm", case('after = "1"'), f("#ifdef A\n" + ONE + "#endif\n"), "no-place-for-case"),
    ("behind-an-arm", case(), f("#ifdef A\n" + ONE + "#endif\n"), "no-place-for-case"),
    ("did-not-parse", case('after = "1"'), f("\tcase 1:\n\t\ta = @ 1;\n\t\tbreak;\n"), "no-place-for-case"),
    ("taken", case(), f(NINE.replace("a = 9", "a = 8")), "case-taken"),
    ("taken-in-an-arm", case(), f(ONE + "#ifdef A\n" + NINE + "#endif\n"), "case-taken"),
    ("shares-its-case", case(), f("\tcase 9:\n" + TWO), "case-taken"),
    ("one-of-two", case(label='["8", "9"]'), f(NINE), "case-taken"),
    ("no-switch", case(switch="b"), f(ONE), "not-found"),
    ("on-one-line", case('before = "2"'), f("\tcase 1: break; case 2: break;\n"), "no-place-for-case"),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "before", "slug"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused(toml: str, before: dict[str, str], slug: str) -> None:
    plan = unchanged(toml, before)
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


@pytest.mark.parametrize(
    "toml",
    [
        case(body="a = 9;"),
        case(body="int b;\nbreak;"),
        case('after = "1"\nbefore = "2"'),
        case(label="[]"),
        case(label='"1 2"'),
    ],
)
def test_it_is_unusable(toml: str) -> None:
    with pytest.raises(ValueError, match=r"jump|declaration|one of|empty|one expression"):
        edit_of(toml)


def test_two_switches_are_refused() -> None:
    two = f(ONE)["f.c"].replace("\treturn a;", "\tswitch (a) {\n" + TWO + "\t}\n\treturn a;")
    assert slugs(unchanged(case(), {"f.c": two})) == {"wrong-number-of-sites"}


def test_two_labels_share_a_body() -> None:
    both = "\tcase 8:\n" + NINE
    assert after(case(label='["8", "9"]'), f(ONE + OTHER)) == f(ONE + both + OTHER)


def test_the_cases_of_an_inner_switch_are_others() -> None:
    inner = "\tcase 1:\n\t\tswitch (b) {\n\t\tcase 9:\n\t\t\tbreak;\n\t\t}\n\t\tbreak;\n"
    assert after(case(), f(inner)) == f(inner + NINE)


def test_a_case_that_is_there_is_present() -> None:
    plan, _ = plan_of(case(), f(ONE + NINE.replace("\t\ta", "\t\t/* nine */ a") + TWO))
    assert plan.state is State.PRESENT
