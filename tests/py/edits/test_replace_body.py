# SPDX-License-Identifier: GPL-3.0-or-later
"""A body is replaced only where it is known what is lost."""

from __future__ import annotations

import pytest

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State

NEW = "return 1;"


def body(new: str = NEW, calls: str = "[]", more: str = "", function: str = "f") -> str:
    return f"kind = \"replace-body\"\nin = \"{function}\"\ncalls = {calls}\nbody = '''\n{new}'''\n{more}\n"


def f(inner: str, head: str = "int f(int a, char *b)", above: str = "") -> dict[str, str]:
    return {"f.c": f"{above}{head}\n{{\n{inner}}}\n"}


DONE = [
    ("nothing-is-called", body(), f("\tint c = a;\n\n\treturn c;\n"), f("\treturn 1;\n")),
    ("what-is-called-is-listed", body(calls='["run", "go", "LOCK"]'), f("\tLOCK;\n\trun(go(a));\n"), f("\treturn 1;\n")),
    ("a-member-is-listed", body(calls='["run"]'), f("\tb->ops->run(a);\n"), f("\treturn 1;\n")),
    ("what-is-written-is-listed", body(more='writes = ["total"]'), f("\ttotal += a;\n"), f("\treturn 1;\n")),
    ("own-variables-are-written", body(), f("\tint n;\n\tfor (n = 0; n < a; n++)\n\t\tb[n] = 0;\n\t*b = 1;\n"), f("\treturn 1;\n")),
    ("an-empty-body", body(), f(""), f("    return 1;\n")),
    ("on-one-line", body(), {"f.c": "int f(int a) { return 0; }\n"}, {"f.c": "int f(int a) {\n    return 1;\n}\n"}),
    ("brace-on-the-same-line", body(), {"f.c": "int f(int a) {\n  return 0;\n}\n"}, {"f.c": "int f(int a) {\n  return 1;\n}\n"}),
    ("the-unit-of-the-function", body("if (a)\n\treturn 1;\nreturn 0;"), f("  return 0;\n"), f("  if (a)\n    return 1;\n  return 0;\n")),
    ("crlf", body("x = 1;\nreturn 1;"), {"f.c": "int f(int a)\r\n{\r\n\treturn 0;\r\n}\r\n"},
     {"f.c": "int f(int a)\r\n{\r\n\tx = 1;\r\n\treturn 1;\r\n}\r\n"}),
    ("by-position", body("return $2[$1];"), f("\treturn 0;\n"), f("\treturn b[a];\n")),
    ("by-metavariable", body("return $s[0];", more='parameters = ["a", "char *$s"]'), f("\treturn 0;\n"), f("\treturn b[0];\n")),
    ("other-style-of-the-type", body(more='parameters = ["int a", "char * b"]'), f("\treturn 0;\n"), f("\treturn 1;\n")),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "before", "then"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
def test_the_body_is_replaced(toml: str, before: dict[str, str], then: dict[str, str]) -> None:
    assert after(toml, before) == then


REFUSED = [
    ("a-call", body(), f("\treturn run(a);\n"), "effect-lost"),
    ("a-call-of-a-member", body(calls='["b"]'), f("\treturn b->run(a);\n"), "effect-lost"),
    ("a-call-through-a-pointer", body(), f("\treturn (*hook)(a);\n"), "effect-lost"),
    ("a-macro-alone", body(), f("\tLOCK;\n\treturn 0;\n"), "effect-lost"),
    ("a-global", body(), f("\ttotal = a;\n"), "effect-lost"),
    ("a-member-of-a-global", body(), f("\tstate.list[0]->n++;\n"), "effect-lost"),
    ("a-static-local", body(), f("\tstatic int n;\n\treturn n++;\n"), "effect-lost"),
    ("a-directive", body(), f("#ifdef A\n\ta = 1;\n#endif\n\treturn a;\n"), "effect-lost"),
    ("assembler", body(), f('\tasm volatile("nop");\n\treturn a;\n'), "effect-lost"),
    ("did-not-parse", body(), f("\treturn @ a;\n"), "unparsed-body"),
    ("more-parameters", body(more='parameters = ["a"]'), f("\treturn 0;\n"), "other-parameters"),
    ("another-type", body(more='parameters = ["int a", "const char *b"]'), f("\treturn 0;\n"), "other-parameters"),
    ("another-name", body(more='parameters = ["a", "s"]'), f("\treturn 0;\n"), "other-parameters"),
    ("another-order", body(more='parameters = ["b", "a"]'), f("\treturn 0;\n"), "other-parameters"),
    ("no-third", body("return $3;"), f("\treturn 0;\n"), "other-parameters"),
    ("not-there", body(function="g"), f("\treturn 0;\n"), "not-found"),
    ("twice", body(), f("\treturn 0;\n") | {"g.c": "int f(void)\n{\n}\n"}, "function-defined-twice"),
    ("twice-in-arms", body(), {"f.c": "#ifdef A\nint f(void)\n{\n}\n#else\nint f(int a)\n{\n}\n#endif\n"}, "function-defined-twice"),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "before", "slug"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused(toml: str, before: dict[str, str], slug: str) -> None:
    plan = unchanged(toml, before)
    assert plan.state is State.REFUSED
    assert slugs(plan) == {slug}


@pytest.mark.parametrize(
    "toml",
    [
        body(""),
        body("int g(void) { }"),
        body("return $x;"),
        body(more='parameters = ["char *"]'),
        body(more="sites = 2"),
    ],
)
def test_it_is_unusable(toml: str) -> None:
    with pytest.raises(ValueError, match=r"sequence|called|named parameter|unknown field"):
        edit_of(toml)


def test_what_is_not_listed_is_pointed_at() -> None:
    plan = unchanged(body(calls='["run"]'), f("\trun(a);\n\treturn go(a);\n"))
    assert [(o.name, str(finding.place)) for o, finding in zip(plan.occurrences[1:], plan.findings, strict=True)] == [
        ("go", "f.c:4:9")
    ]


def test_a_persons_word_lets_it_go() -> None:
    toml = body(more='excuse = [{file = "*.c", function = "f", reason = "only logs"}]')
    plan, _ = plan_of(toml, f("\treturn note(a);\n"))
    assert plan.state is State.ABSENT
    assert Reason.ENTRY in {occurrence.reason for occurrence in plan.occurrences}


def test_of_what_is_never_compiled_only_the_directive_is_lost() -> None:
    plan, _ = plan_of(body(), f("#if 0\n\trun(a);\n#endif\n\treturn 0;\n"))
    assert [occurrence.name for occurrence in plan.occurrences if occurrence.detail] == ["#if"]


def test_a_body_that_differs_in_a_comment_is_present() -> None:
    plan, _ = plan_of(body("return\t1;"), f("\t/* one */\n\treturn 1;\n"))
    assert plan.state is State.PRESENT


def test_a_name_that_only_calls_do_have_is_not_taken_for_a_definition() -> None:
    files = f("\treturn 0;\n") | {
        "f.h": "int f(int a, char *b) __attribute__((pure));\n",
        "g.c": "int g(void)\n{\n\treturn f(1, 0);\n}\n",
    }
    assert after(body(), files)["f.c"] == f("\treturn 1;\n")["f.c"]


def test_a_kr_definition() -> None:
    before = {"f.c": "int f(a)\nint a;\n{\n\treturn a;\n}\n"}
    assert after(body("return 1 + $1;"), before) == {"f.c": "int f(a)\nint a;\n{\n\treturn 1 + a;\n}\n"}


REG = "typedef volatile unsigned reg_t;\nextern volatile int ready;\nstruct port {\n\treg_t data;\n\tvolatile int flags;\n\tint n;\n};\nextern reg_t status;\n#define READY (ready & 1)\n"

VOLATILE = {
    "a variable": "\treturn ready;\n",
    "a variable, by its typedef": "\tint v = status;\n\treturn v;\n",
    "in a condition": "\twhile (!ready)\n\t\t;\n\treturn 0;\n",
    "for nothing": "\t(void) ready;\n\treturn 0;\n",
    "a member": "\treturn ((struct port *) b)->flags;\n",
    "a member, by its typedef": "\tstruct port *p = (struct port *) b;\n\treturn p->data;\n",
    "what a local points to": "\tvolatile char *p = b;\n\treturn *p;\n",
    "what only a cast makes so": "\treturn *(volatile int *) b;\n",
    "a static variable": "\tstatic volatile int seen;\n\treturn seen;\n",
    "by a macro": "\treturn READY;\n",
}


@pytest.mark.parametrize("inner", VOLATILE.values(), ids=VOLATILE)
def test_what_is_volatile_is_read_for_a_reason(inner: str) -> None:
    files = f(inner, above=REG)
    plan = unchanged(body(), files)
    assert slugs(plan) == {"effect-lost"}, plan.findings
    listed = sorted({o.name for o in plan.occurrences if o.detail})
    assert after(body(more=f"reads = {listed}"), files)["f.c"].endswith("\treturn 1;\n}\n")


def test_what_is_volatile_and_read_by_the_new_body_too_is_not_lost() -> None:
    done = after(body("return ready + 1;"), f("\tif (ready)\n\t\treturn 1;\n\treturn 0;\n", above=REG))
    assert done == f("\treturn ready + 1;\n", above=REG)


def test_a_parameter_that_points_to_something_volatile() -> None:
    files = f("\treturn *p + a;\n", head="int f(volatile int *p, int a)")
    assert slugs(unchanged(body(), files)) == {"effect-lost"}
    assert after(body("return *$1;"), files)["f.c"].endswith("\treturn *p;\n}\n")


@pytest.mark.parametrize(
    "inner",
    [
        "\tvolatile int n = a;\n\treturn n;\n",
        "\treturn sizeof ready;\n",
        "\tstruct port *p = (struct port *) b;\n\treturn p->n;\n",
        "\treturn '\\0'; /* ready */\n",
    ],
)
def test_what_nobody_sees_is_no_read(inner: str) -> None:
    assert after(body(), f(inner, above=REG))["f.c"].endswith("\treturn 1;\n}\n")


ACTS = ["#define NEXT take(1)\n", "#define NEXT (count++)\n", "#define NEXT (errors = 1)\n"]


@pytest.mark.parametrize("define", ACTS)
def test_a_macro_that_looks_like_a_variable_and_acts_is_lost(define: str) -> None:
    files = f("\tint v = NEXT;\n\treturn v;\n", above=define)
    assert slugs(unchanged(body(), files)) == {"effect-lost"}
    assert after(body(calls='["NEXT"]'), files)["f.c"].endswith("\treturn 1;\n}\n")


@pytest.mark.parametrize(
    "define",
    ["#define NEXT 1\n", "#define NEXT (sizeof(int) * 2)\n", "#define NEXT UINT32_C(2)\n", "#define NEXT (A == 1)\n"],
)
def test_a_macro_that_is_a_value_is_none(define: str) -> None:
    assert after(body(), f("\tint v = NEXT;\n\treturn v;\n", above=define))["f.c"].endswith("\treturn 1;\n}\n")
