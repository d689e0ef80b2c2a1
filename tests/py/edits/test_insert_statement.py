# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements go where the program is what the edit says, and nowhere else."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State


def insert(place: str, statement: str = "note();", function: str = "f", more: str = "") -> str:
    return f"kind = \"insert-statement\"\nin = \"{function}\"\n{place}\nstatement = '''\n{statement}'''\n{more}\n"


def f(body: str, head: str = "int f(int a, char *b)") -> dict[str, str]:
    return {"f.c": f"{head}\n{{\n{body}}}\n"}


DONE = [
    ("before-a-call", 'before = {call = "run"}', "\tint x = 1;\n\n\trun(x);\n", "\tint x = 1;\n\n\tnote();\n\trun(x);\n"),
    ("after-a-call", 'after = {call = "run"}', "\trun(1);\n\treturn 0;\n", "\trun(1);\n\tnote();\n\treturn 0;\n"),
    ("a-call-in-a-condition", 'before = {call = "run"}', "\tif (!run(1)) {\n\t}\n", "\tnote();\n\tif (!run(1)) {\n\t}\n"),
    ("a-member-called", 'after = {call = "run"}', "\th->run(1);\n", "\th->run(1);\n\tnote();\n"),
    ("above-the-comment", 'before = {call = "run"}', "\ta();\n\n\t/* go\n\t * on */\n\t// now\n\trun(1);\n",
     "\ta();\n\n\tnote();\n\t/* go\n\t * on */\n\t// now\n\trun(1);\n"),
    ("a-comment-apart-stays", 'before = {call = "run"}', "\t/* part 1 */\n\n\trun(1);\n", "\t/* part 1 */\n\n\tnote();\n\trun(1);\n"),
    ("trailing-comment", 'after = {call = "run"}', "\trun(1); /* go */\n\tx();\n", "\trun(1); /* go */\n\tnote();\n\tx();\n"),
    ("after-a-declaration", 'after = {declaration = "x"}', "\tint x, y;\n\tint z;\n", "\tint x, y;\n\tnote();\n\tint z;\n"),
    ("before-a-statement", 'before = {statement = "$x = b;"}', "\ta = 1;\n\ta  =  b;\n", "\ta = 1;\n\tnote();\n\ta  =  b;\n"),
    ("after-a-row", 'after = {statement = "lock(); $x; unlock();"}', "\tlock();\n\trun(1);\n\tunlock();\n\tx();\n",
     "\tlock();\n\trun(1);\n\tunlock();\n\tnote();\n\tx();\n"),
    ("an-expression", 'before = {expression = "a + 1"}', "\tx(a +\n\t\t1);\n", "\tnote();\n\tx(a +\n\t\t1);\n"),
    ("first-in-an-if", 'first-in = {if = "a < 0"}', "\tif (a < 0) {\n\t\tx();\n\t}\n", "\tif (a < 0) {\n\t\tnote();\n\t\tx();\n\t}\n"),
    ("last-in-an-if", 'last-in = {if = "a < 0"}', "\tif (a < 0) {\n\t\tx();\n\t}\n", "\tif (a < 0) {\n\t\tx();\n\t\tnote();\n\t}\n"),
    ("an-empty-block", 'first-in = {if = "a"}', "\tif (a) {\n\t}\n", "\tif (a) {\n\t\tnote();\n\t}\n"),
    ("in-an-else", 'first-in = {else = "a"}', "\tif (a) {\n\t\tx();\n\t} else {\n\t\ty();\n\t}\n",
     "\tif (a) {\n\t\tx();\n\t} else {\n\t\tnote();\n\t\ty();\n\t}\n"),
    ("in-a-loop", 'last-in = {loop = "a < $n"}', "\twhile (a < 9) {\n\t\tx();\n\t}\n", "\twhile (a < 9) {\n\t\tx();\n\t\tnote();\n\t}\n"),
    ("a-return", 'before = {return = "NULL"}', "\tif (a) {\n\t\treturn 0;\n\t}\n\treturn NULL;\n",
     "\tif (a) {\n\t\treturn 0;\n\t}\n\tnote();\n\treturn NULL;\n"),
    ("any-return", "before = {return = true}", "\tx();\n\treturn;\n", "\tx();\n\tnote();\n\treturn;\n"),
    ("a-label", 'before = {label = "out"}', "\tgoto out;\nout:\n\treturn 1;\n", "\tgoto out;\nnote();\nout:\n\treturn 1;\n"),
    ("a-member-of-this-name", 'after = {declaration = "v"}', "\tstruct { int v; } o = { .v = 2 };\n\tint v = 1;\n",
     "\tstruct { int v; } o = { .v = 2 };\n\tint v = 1;\n\tnote();\n"),
    ("a-parameter-of-this-name", 'after = {declaration = "v"}', "\tint (*q)(int v) = 0;\n\tint v = 1;\n",
     "\tint (*q)(int v) = 0;\n\tint v = 1;\n\tnote();\n"),
    ("within", 'before = {return = true, within = {if = "a < 0"}}', "\tif (a < 0) {\n\t\treturn 1;\n\t}\n\treturn 0;\n",
     "\tif (a < 0) {\n\t\tnote();\n\t\treturn 1;\n\t}\n\treturn 0;\n"),
    ("at-the-start", 'at = "start"', "\tx();\n", "\tnote();\n\tx();\n"),
    ("at-the-start-of-nothing", 'at = "start"', "", "    note();\n"),
    ("at-the-end", 'at = "end"', "\tx();\n", "\tx();\n\tnote();\n"),
    ("after-the-declarations", 'at = "after-declarations"', "\tint x;\n#ifdef A\n\tint y;\n#else\n\tlong y;\n#endif\n\n\tx();\n",
     "\tint x;\n#ifdef A\n\tint y;\n#else\n\tlong y;\n#endif\n\n\tnote();\n\tx();\n"),
    ("in-an-arm", 'before = {call = "run"}', "\tx();\n#ifdef A\n\trun(1);\n#else\n\ty();\n#endif\n\tz();\n",
     "\tx();\n#ifdef A\n\tnote();\n\trun(1);\n#else\n\ty();\n#endif\n\tz();\n"),
    ("last-in-an-arm", 'after = {call = "run"}', "#ifdef A\n\trun(1);\n#endif\n\tz();\n", "#ifdef A\n\trun(1);\n\tnote();\n#endif\n\tz();\n"),
    ("behind-an-arm", 'before = {call = "z"}', "#ifdef A\n\trun(1);\n#endif\n\tz();\n", "#ifdef A\n\trun(1);\n#endif\n\tnote();\n\tz();\n"),
    ("in-a-case", 'after = {call = "run"}', "\tswitch (a) {\n\tcase 1:\n\t\trun(1);\n\t\tbreak;\n\t}\n",
     "\tswitch (a) {\n\tcase 1:\n\t\trun(1);\n\t\tnote();\n\t\tbreak;\n\t}\n"),
    ("behind-a-label", 'before = {call = "run"}', "out:\n\trun(1);\n", "out:\n\tnote();\n\trun(1);\n"),
    ("behind-a-label-of-a-condition", 'before = {call = "run"}', "out:\n\t/* on */\n\tif (run(1))\n\t\tx();\n", "out:\n\tnote();\n\t/* on */\n\tif (run(1))\n\t\tx();\n"),
    ("behind-labels-on-the-line", 'before = {call = "run"}', "out: end: run(1);\n", "out: end: note(); run(1);\n"),
    ("on-one-line", 'after = {call = "run"}', "\tif (a) { run(1); }\n", "\tif (a) { run(1); note(); }\n"),
    ("blank-before-the-parenthesis", 'after = {call = "run"}', "  run (1);\n  x (2);\n", "  run (1);\n  note ();\n  x (2);\n"),
    ("other-code-did-not-parse", 'before = {call = "run"}', "\tint $ = @;\n\tx();\n\ty();\n\trun(1);\n", "\tint $ = @;\n\tx();\n\ty();\n\tnote();\n\trun(1);\n"),
    ("in-the-braces-of-a-macro", 'before = {call = "run"}', "\tEACH(x) {\n\t\trun(1);\n\t}\n", "\tEACH(x) {\n\t\tnote();\n\t\trun(1);\n\t}\n"),
    ("crlf", 'before = {call = "run"}', "\tx();\r\n\trun(1);\r\n", "\tx();\r\n\tnote();\r\n\trun(1);\r\n"),
    ("not-utf-8", 'before = {call = "run"}', '\tx("\udce9");\n\trun(1);\n', '\tx("\udce9");\n\tnote();\n\trun(1);\n'),
]  # fmt: skip


@pytest.mark.parametrize(("place", "before", "then"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
def test_it_goes_to_the_place(place: str, before: str, then: str) -> None:
    assert after(insert(place), f(before)) == f(then)


REFUSED = [
    ("no-such-function", insert('at = "start"', function="g"), f(""), "not-found"),
    ("no-such-anchor", insert('before = {call = "run"}'), f("\tx();\n"), "not-found"),
    ("two-anchors", insert('before = {call = "run"}'), f("\trun(1);\n\trun(2);\n"), "wrong-number-of-sites"),
    ("in-two-arms", insert('before = {call = "run"}'), f("#ifdef A\n\trun(1);\n#else\n\trun(2);\n#endif\n"), "wrong-number-of-sites"),
    ("no-braces", insert('before = {call = "run"}'), f("\tif (a)\n\t\trun(1);\n"), "unfit-anchor"),
    ("no-braces-behind-else", insert('before = {call = "run"}'), f("\tif (a) {\n\t} else\n\t\trun(1);\n"), "unfit-anchor"),
    ("an-else-if", insert('before = {call = "run"}'), f("\tif (a) {\n\t} else if (run(1)) {\n\t}\n"), "unfit-anchor"),
    ("first-in-no-braces", insert('first-in = {if = "a"}'), f("\tif (a)\n\t\trun(1);\n"), "unfit-anchor"),
    ("a-declaration-behind-a-label", insert('before = {call = "run"}', "int y = 0;"), f("out:\n\trun(1);\n"), "unfit-anchor"),
    ("no-braces-behind-a-label", insert('before = {call = "run"}'), f("out:\n\tif (a)\n\t\trun(1);\n"), "unfit-anchor"),
    ("behind-a-jump", insert('after = {call = "run"}'), f("\treturn run(1);\n"), "unfit-anchor"),
    ("at-an-end-not-reached", insert('at = "end"'), f("\tx();\n\treturn 0;\n"), "unfit-anchor"),
    ("the-head-of-a-loop", insert('after = {declaration = "i"}'), f("\tfor (int i = 0;;) {\n\t}\n"), "unfit-anchor"),
    ("cut-by-an-if", insert('before = {call = "run"}'), f("\tif (a)\n#ifdef A\n\trun(1);\n#else\n\tx();\n#endif\n"), "unfit-anchor"),
    ("anchor-did-not-parse", insert('before = {call = "run"}'), f("\trun(@ 1);\n"), "anchor-unparsed"),
    ("pattern-did-not-parse", insert('before = {statement = "run(1);"}'), f("\trun(1);\n\trun(@ 1);\n"), "anchor-unparsed"),
    ("beside-what-did-not-parse", insert('at = "after-declarations"'), f("\tint x, y @ if (a);\n\tx();\n"), "unfit-anchor"),
    ("behind-a-macro", insert('before = {call = "run"}'), f("\trun(1);\n\tEACH(x)\n\t\trun(a);\n"), "anchor-unparsed"),
    ("pattern-behind-a-macro", insert('before = {statement = "run(a);"}'), f("\trun(a);\n\tEACH(x) run(a);\n"), "anchor-unparsed"),
    ("in-a-macro", insert('before = {call = "run"}'), f("\trun(1);\n#define X run(2)\n"), "anchor-unparsed"),
    ("two-definitions", insert('at = "start"'), f("") | {"g.c": "void f(void)\n{\n}\n"}, "function-defined-twice"),
    ("two-in-arms", insert('at = "start"'), {"f.c": "#ifdef A\nint f(void)\n{\n}\n#else\nint f(int a)\n{\n}\n#endif\n"}, "function-defined-twice"),
    ("definition-did-not-parse", insert('at = "start"'), {"f.c": "@ f(void) {\n}\n"}, "unparsed-function"),
    ("declared-already", insert('at = "start"', "int b = 0;"), f("\tx();\n"), "name-declared"),
    ("there-at-another-place", insert('before = {call = "run"}'), f("\tnote();\n\tx();\n\trun(1);\n"), "statement-elsewhere"),
    ("comment-on-a-shared-line", insert('after = {call = "run"}', "note(); // x"), f("\tif (a) { run(1); }\n"), "unfit-anchor"),
    ("binding-not-utf-8", insert('before = {statement = "run($x);"}', "note($x);"), f('\trun("\udce9");\n'), "unfit-binding"),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "files", "slug"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused(toml: str, files: dict[str, str], slug: str) -> None:
    plan = unchanged(toml, files)
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


UNUSABLE = [
    ("no-place", insert(""), "exactly one of"),
    ("two-places", insert('at = "start"\nbefore = {call = "run"}'), "exactly one of"),
    ("two-anchors", insert('before = {call = "run", if = "a"}'), "exactly one of"),
    ("no-statement", insert('at = "start"', "run(1)"), "not a sequence of statements"),
    ("half-a-statement", insert('at = "start"', "if (a) {"), "not a sequence of statements"),
    ("out-of-the-function", insert('at = "start"', "x(); } int g(void) { y();"), "not a sequence of statements"),
    ("unbound", insert('before = {call = "run"}', "note($x);"), "binds"),
    ("anything", insert('before = {expression = "$x"}'), "fits every place"),
    ("first-in-a-call", insert('first-in = {call = "run"}'), "an if, an else"),
    ("within-a-call", insert('before = {call = "run", within = {call = "x"}}'), "`within` names"),
    ("no-sites", insert('at = "start"', more="sites = 0"), "at least 1"),
    ("unknown-key", insert('before = {cal = "run"}'), "unknown field"),
]


@pytest.mark.parametrize(("toml", "message"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_it_is_unusable(toml: str, message: str) -> None:
    with pytest.raises((ValueError, msgspec.ValidationError), match=message):
        edit_of(toml)


BEFORE, AFTER, END = 'before = {call = "run"}', 'after = {call = "run"}', 'at = "end"'

UNSEEN = [
    ("a-declaration-that-an-arm-cuts", 'after = {declaration = "v"}', "\t{\n\t\tint v = 1;\n\t}\n\tint v\n#ifdef A\n\t= 1\n#endif\n\t;\n"),
    ("an-else-in-an-arm", 'first-in = {else = "a"}', "\tif (a) { x(); } else { y(); }\n\tif (a) { x(); } // else\n#ifdef A\n\telse { y(); }\n#endif\n"),
    ("a-return-in-a-macro", "before = {return = true}", "\tLEAVE(1);\n\treturn 2;\n"),
    ("a-return-in-a-macro-in-a-macro", "before = {return = true}", "\tOUT;\n\treturn 2;\n"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "body"), [row[1:] for row in UNSEEN], ids=[row[0] for row in UNSEEN])
def test_what_may_be_one_more_place_is_refused(place: str, body: str) -> None:
    files = {"f.c": "#define LEAVE(x) return (x)\n#define OUT LEAVE(3)\n" + f(body)["f.c"]}
    assert slugs(unchanged(insert(place), files)) >= {"anchor-unparsed"}


NOT_FREE = [
    ("a-head-in-an-arm", BEFORE, "#ifdef A\n\tif (a)\n#endif\n\trun(1);\n"),
    ("a-head-in-an-arm-within", BEFORE, "\tif (b) {\n#ifdef A\n\t\tif (a)\n#endif\n\t\trun(1);\n\t}\n"),
    ("a-head-in-one-of-two-arms", BEFORE, "#ifdef A\n\tx();\n#else\n\tif (a)\n#endif\n\trun(1);\n"),
    ("a-head-before-a-jump", "before = {return = true}", "#ifdef A\n\tif (a)\n#endif\n\treturn 1;\n"),
    ("an-else-in-an-arm", BEFORE, "\tif (a)\n\t\tx();\n#ifdef A\n\telse\n#endif\n\trun(1);\n"),
    ("a-whole-if-else-in-an-arm", 'before = {if = "a"}', "#ifdef A\n\tif (*b) a = 2; else\n#endif\n\tif (a)\n\t\trun(1);\n"),
    ("behind-a-head-before-the-arms", AFTER, "\tif (a)\n#ifdef A\n\t\trun(1);\n#else\n\t\ta++;\n#endif\n\tx();\n"),
    ("an-else-follows-in-an-arm", 'after = {if = "a"}', "\tif (a) {\n\t\tx();\n\t}\n#ifdef A\n\telse if (*b) {\n\t\ty();\n\t}\n#endif\n"),
    ("a-plain-else-follows-in-an-arm", 'after = {if = "a"}', "\tif (a) {\n\t\tx();\n\t}\n#ifdef A\n\telse a = 3;\n#endif\n"),
    ("a-loop-macro-under-an-else", AFTER, "\tif (a) {\n\t\tx();\n\t} else each(a) run(2);\n"),
    ("an-arm-ends-in-a-head", END, "\tif (a)\n#ifdef A\n\t\tx();\n#endif\n"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "body"), [row[1:] for row in NOT_FREE], ids=[row[0] for row in NOT_FREE])
def test_a_statement_that_something_else_controls_has_no_neighbours(place: str, body: str) -> None:
    assert slugs(unchanged(insert(place), f(body))) == {"unfit-anchor"}


FREE = [
    ("behind-arms-that-are-complete", BEFORE, "\tif (a)\n#ifdef A\n\t\tx();\n#else\n\t\ty();\n#endif\n", "\trun(1);\n"),
    ("behind-an-arm-of-one-statement", BEFORE, "#ifdef A\n\tx();\n#endif // A\n", "\trun(1);\n"),
    ("behind-an-arm-that-is-never-compiled", BEFORE, "#if 0\n\tif (a) x();\n\telse\n#endif\n", "\trun(1);\n"),
    ("behind-words-in-comments-and-strings", BEFORE, '\tx("else"); // if (a)\n\t/* else */\n#pragma once\n\ty();\n', "\trun(1);\n"),
    ("behind-a-macro-of-several-lines", BEFORE, "\tx();\n#define Y(a) \\\n\tif (a)\n", "\trun(1);\n"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "above", "below"), [row[1:] for row in FREE], ids=[row[0] for row in FREE])
def test_a_statement_that_stands_free_beside_directives_has_neighbours(place: str, above: str, below: str) -> None:
    assert after(insert(place), f(above + below)) == f(above + "\tnote();\n" + below)


def test_behind_a_statement_in_an_arm_of_its_own() -> None:
    arms = "\tx();\n#ifdef A\n\trun(1);\n{}#else\n\ty();\n#endif\n\tif (a)\n\t\tx();\n\telse\n\t\ty();\n"
    assert after(insert(AFTER), f(arms.format(""))) == f(arms.format("\tnote();\n"))


NOT_REACHED = [
    ("a-labelled-return", "\tx();\nout:\n\treturn 2;\n"),
    ("both-branches", "\tif (a) return 1;\n\telse return 2;\n"),
    ("all-branches", "\tif (a) {\n\t\treturn 1;\n\t} else if (*b) {\n\t\treturn 2;\n\t} else {\n\t\tgoto out;\n\t}\n"),
    ("both-arms", "#ifdef A\n\treturn 1;\n#else\n\treturn 2;\n#endif\n"),
    ("all-arms", "#if A\n\treturn 1;\n#elif B\n\treturn 2;\n#else\n\treturn 3;\n#endif\n"),
    ("an-endless-for", "\tfor (;;) x();\n"),
    ("an-endless-while", "\twhile (1) {\n\t\tswitch (a) {\n\t\tcase 1:\n\t\t\tbreak;\n\t\t}\n\t}\n"),
    ("a-block", "\tx();\n\t{\n\t\treturn 1;\n\t}\n"),
]  # fmt: skip


@pytest.mark.parametrize("body", [row[1] for row in NOT_REACHED], ids=[row[0] for row in NOT_REACHED])
def test_an_end_that_nothing_reaches_takes_no_statement(body: str) -> None:
    assert slugs(unchanged(insert(END), f(body))) == {"unfit-anchor"}


def test_the_end_of_a_block_that_jumps_on_every_way_takes_no_statement() -> None:
    body = "\twhile (a) {\n\t\tif (*b) continue; else break;\n\t}\n"
    assert slugs(unchanged(insert('last-in = {loop = "a"}'), f(body))) == {"unfit-anchor"}


REACHED = [
    ("one-branch", "\tif (a) return 1;\n"),
    ("a-branch-that-goes-on", "\tif (a) return 1;\n\telse x();\n"),
    ("one-arm", "#ifdef A\n\treturn 1;\n#endif\n"),
    ("no-last-arm", "#if A\n\treturn 1;\n#elif B\n\treturn 2;\n#endif\n"),
    ("a-loop-with-a-break", "\tfor (;;) {\n\t\tif (a)\n\t\t\tbreak;\n\t}\n"),
    ("a-loop-with-a-condition", "\twhile (a)\n\t\tcontinue;\n"),
]


@pytest.mark.parametrize("body", [row[1] for row in REACHED], ids=[row[0] for row in REACHED])
def test_an_end_that_is_reached_takes_a_statement(body: str) -> None:
    edited = after(insert(END), f(body))["f.c"]
    assert "note();\n}" in edited
    assert edited.replace("\tnote();\n", "").replace("note();\n", "") == f(body)["f.c"]


def test_what_is_inserted_may_hold_what_it_is_anchored_to() -> None:
    toml = insert("before = {return = true}", "if (a < 0) {\n\treturn 1;\n}")
    assert after(toml, f("\treturn 0;\n")) == f("\tif (a < 0) {\n\t\treturn 1;\n\t}\n\treturn 0;\n")
    toml = insert('after = {call = "run"}', "while (a) {\n\trun(a);\n}")
    assert after(toml, f("\trun(1);\n")) == f("\trun(1);\n\twhile (a) {\n\t\trun(a);\n\t}\n")


def test_declarations_go_behind_declarations() -> None:
    toml = insert('at = "after-declarations"', "int new;")
    assert after(toml, f("\tint x;\n\n\trun(x);\n")) == f("\tint x;\n\tint new;\n\n\trun(x);\n")


def test_a_declaration_and_its_use_stay_together() -> None:
    toml = insert('at = "after-declarations"', "int new;\nnew = 1;")
    assert after(toml, f("\tint x;\n\n\trun(x);\n")) == f("\tint x;\n\tint new;\n\tnew = 1;\n\n\trun(x);\n")


def test_nested_lines_get_the_units_of_the_function() -> None:
    toml = insert('before = {call = "run"}', "if (a) {\n\tx();\n\n#ifdef A\n\ty();\n#endif\n}")
    then = "  if (a) {\n    x();\n\n#ifdef A\n    y();\n#endif\n  }\n  run(1);\n"
    assert after(toml, f("  run(1);\n")) == f("  " + then.lstrip())


def test_a_label_may_go_behind_a_jump() -> None:
    assert after(insert('at = "end"', "out:\n\treturn 1;"), f("\treturn 0;\n")) == f(
        "\treturn 0;\n\tout:\n\t\treturn 1;\n"
    )


def test_the_same_statements_again_if_the_edit_says_so() -> None:
    toml = insert('before = {call = "run"}', more="again = true")
    assert after(toml, f("\tnote();\n\tx();\n\trun(1);\n")) == f("\tnote();\n\tx();\n\tnote();\n\trun(1);\n")


@pytest.mark.parametrize("statement", ["note();", "note();\nnote(2);"])
def test_what_is_there_behind_a_label_is_seen(statement: str) -> None:
    body = "out:\n\t/* first */\n\t" + statement.replace("\n", "\n\t") + "\n\trun(1);\n"
    plan, _ = plan_of(insert('before = {call = "run"}', statement), f(body))
    assert plan.state is State.PRESENT


def test_several_sites_and_one_is_done() -> None:
    toml = insert('before = {call = "run"}', more="sites = 2")
    plan, _ = plan_of(toml, f("\tnote();\n\trun(1);\n\tx();\n\trun(2);\n"))
    assert (plan.state, plan.sites, plan.present) == (State.PARTIAL, 1, 1)


def test_each_site_gets_its_own_bindings() -> None:
    toml = insert('before = {statement = "run($x);"}', "check($x);", more="sites = 2")
    assert after(toml, f("\trun(a);\n\trun(b[1]);\n")) == f("\tcheck(a);\n\trun(a);\n\tcheck(b[1]);\n\trun(b[1]);\n")


def test_both_arms_of_a_file_if_sites_says_so() -> None:
    arms = "#ifdef A\nint f(void)\n{\n%s}\n#else\nint f(int a)\n{\n%s}\n#endif\n"
    toml = insert('at = "start"', more="sites = 2")
    new = "    note();\n"
    assert after(toml, {"f.c": arms % ("", "")}) == {"f.c": arms % (new, new)}


def test_the_first_name_that_is_defined() -> None:
    toml = insert('at = "start"').replace('in = "f"', 'in = ["g", "f"]')
    assert after(toml, f("\tx();\n")) == f("\tnote();\n\tx();\n")


def test_two_calls_in_one_statement_are_one_place() -> None:
    plan, _ = plan_of(insert('before = {call = "run"}'), f("\tx(run(1), run(2));\n"))
    assert (plan.sites, [o.name for o in plan.occurrences]) == (1, ["run", "run"])


def test_every_occurrence_of_the_called_name_is_in_the_ledger() -> None:
    plan, _ = plan_of(
        insert('before = {call = "run"}'),
        f('\t/* run */\n\tx(run, "run");\n#if 0\n\trun(0);\n#endif\n\trun(1);\n')
        | {"g.c": "int g(void)\n{\n\trun(2);\n}\n"},
    )
    reasons = [occurrence.reason for occurrence in plan.occurrences]
    assert reasons == [Reason.COMMENT, Reason.UNCHANGED_USE, Reason.STRING, Reason.COMMENT, None]


def test_a_prototype_or_a_call_is_no_definition() -> None:
    files = f("\tx();\n") | {
        "f.h": "int f(int a, char *b);\n",
        "g.c": 'int g(void)\n{\n\treturn f(1, ")") + (f)(2, 0);\n}\n',
    }
    assert after(insert('at = "start"'), files)["f.c"] == f("\tnote();\n\tx();\n")["f.c"]


def test_deep_nesting_is_no_trouble() -> None:
    deep = "{" * 3000 + "run(1);" + "}" * 3000
    plan, _ = plan_of(insert('before = {call = "run"}'), f(f"\t{deep}\n"))
    assert plan.state is State.ABSENT


WORDS = st.sampled_from(
    ["x();", "if (a) {\n\t\ty();\n\t}", "int v1;", "/* c */", "#ifdef A\n\tz();\n#endif", "return 1;", "a = 1; // d"]
)


@given(
    st.lists(WORDS, max_size=4),
    st.lists(WORDS, max_size=4),
    st.sampled_from(["before", "after"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_taking_the_new_bytes_away_gives_the_old_file(
    above: list[str], below: list[str], side: str, newline: str
) -> None:
    """An insertion adds bytes, and changes none; it is then found where it was put."""
    body = "".join(f"\t{line}\n" for line in [*above, "run(1);", *below])
    files = {"f.c": f("")["f.c"].replace("{\n", "{\n" + body).replace("\n", newline)}
    toml = insert(f'{side} = {{call = "run"}}')
    new = after(toml, files)["f.c"]
    assert new.replace(f"\tnote();{newline}", "", 1) == files["f.c"]


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_case_without_braces_has_no_place(side: str) -> None:
    for head in ("switch (a)", "switch (a) {\n\tcase 2:\n\tif (b)"):
        body = f"\t{head} case 1: run(2);\n" + ("\t}\n" if "{" in head else "") + "\treturn 0;\n"
        assert slugs(unchanged(insert(f'{side} = {{call = "run"}}'), f(body))) == {"unfit-anchor"}


def test_nothing_goes_into_a_comment_that_goes_on() -> None:
    body = "\trun(2); // go \\\n\t x(3);\n\tx(4);\n"
    assert slugs(unchanged(insert('after = {call = "run"}'), f(body))) == {"spliced-line"}
    assert after(insert('before = {call = "run"}'), f(body)) == f("\tnote();\n" + body)


@pytest.mark.parametrize(
    "define", ["#define GO run\n", "#define GO(...) run(__VA_ARGS__)\n", "#define GONE run\n#define GO GONE\n"]
)
def test_a_call_by_another_name_is_a_call(define: str) -> None:
    files = {"f.c": define + f("\tGO(2);\n\trun(3);\n")["f.c"]}
    assert slugs(unchanged(insert('before = {call = "run"}'), files)) == {"anchor-by-another-name"}
    elsewhere = {
        "f.c": define + f("\trun(3);\n")["f.c"] + "int g(void)\n{\n\treturn GO(1);\n}\n",
        "g.c": "#define x run\n",
    }
    assert "\tnote();\n\trun(3);" in after(insert('before = {call = "run"}'), elsewhere)["f.c"]


def test_a_name_that_is_a_local_elsewhere_in_the_function_is_refused() -> None:
    toml = insert('before = {call = "run"}', "note(n);")
    for body in ("\tint n = run(5);\n", "\trun(5);\n\tint n = 2;\n", "\t{\n\t\tint n = 4;\n\t}\n\trun(5);\n"):
        files = f(body)
        assert slugs(unchanged(toml, {"f.c": "int n = 9;\n" + files["f.c"]})) == {"unfit-anchor"}
        assert "note(n)" in after(toml, files)["f.c"]  # which the compiler will not take
    assert "note(n)" in after(toml, {"f.c": "int n = 9;\n" + f("\trun(5);\n")["f.c"]})["f.c"]
    assert "note(n)" in after(toml, {"f.c": "int n = 9;\n" + f("\tint n = 5;\n\n\tx();\n\trun(n);\n")["f.c"]})["f.c"]
