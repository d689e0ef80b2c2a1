# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kinds for make: recipes, prerequisites and variables, line by logical line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State, Verdict
from patchgen.syntax import make

STUBS = """\
include ../Makedefs
WSDLPATH=../wsdl/
#WSDL2C=sh $(AXIS2C_HOME)/bin/tools/wsdl2c/WSDL2C.sh
export AXIS2_HOME = @AXIS2_HOME@

all: generated/stubs

generated/stubs: $(WSDLPATH)/x.wsdl $(AXIS2C_HOME)/lib/libaxutil.so
\trm -rf generated
\t@mkdir -p generated; \\
\techo begun
\tsh $(WSDL2C) -uri $(WSDLPATH)/x.wsdl -sd -o generated | grep -v 'the classpath'
\tsh $(WSDL2C) -uri $(WSDLPATH)/x.wsdl -g -o generated | grep -v 'the classpath'
\t# sh $(WSDL2C) was once called here too
\tcd generated; $(CC) -c *.c
\techo stubs > generated/stubs
"""

ASSIGN = """\
kind = "make-recipe"
files = ["*Makefile"]
target = "generated/stubs"
command = "sh $(WSDL2C)"
assign = 'AXIS2_HOME="$(AXIS2_HOME)" AXIS2C_HOME="$(AXIS2C_HOME)"'
sites = 2
"""
DROP = ASSIGN.replace(ASSIGN.splitlines()[4], "drop-pipe = \"grep -v 'the classpath'\"")


def recipe(*lines: str) -> str:
    return "\n".join(['kind = "make-recipe"', 'files = ["*Makefile"]', *lines])


def prerequisite(*lines: str) -> str:
    return "\n".join(['kind = "make-prerequisite"', 'files = ["*Makefile"]', *lines])


def variable(*lines: str) -> str:
    return "\n".join(['kind = "make-variable"', 'files = ["*Makefile"]', *lines])


# --- recipes


def test_assignments_go_directly_before_each_command() -> None:
    edited = after(ASSIGN, {"node/Makefile": STUBS})["node/Makefile"]
    assert edited == STUBS.replace("\tsh $(", '\tAXIS2_HOME="$(AXIS2_HOME)" AXIS2C_HOME="$(AXIS2C_HOME)" sh $(')


def test_a_pipe_is_taken_away() -> None:
    assert after(DROP, {"Makefile": STUBS})["Makefile"] == STUBS.replace(" | grep -v 'the classpath'", "")


@pytest.mark.parametrize("table", [ASSIGN, DROP])
def test_the_number_of_sites_is_that_of_all_files(table: str) -> None:
    files = {f"{folder}/Makefile": STUBS for folder in ("gatherlog", "node", "cluster")}
    files["cluster/Makefile"] += "\tsh $(WSDL2C) -g | grep -v 'the classpath'\n"
    assert slugs(unchanged(table, files)) == {"wrong-number-of-sites"}
    plan, _ = plan_of(table.replace("sites = 2", "sites = 7"), files)
    assert (plan.state, plan.sites) == (State.ABSENT, 7)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\t@cd x && sh $(G) a\n", "\t@cd x && A=1 sh $(G) a\n"),
        ("\t-sh $(G) a\n", "\t-A=1 sh $(G) a\n"),
        ("\tB=2 sh $(G) a\n", "\tB=2 A=1 sh $(G) a\n"),
        (
            "\tfor i in x; do \\\n\t  sh $(G) $$i; \\\n\tdone\n",
            "\tfor i in x; do \\\n\t  A=1 sh $(G) $$i; \\\n\tdone\n",
        ),
        ("\tbash $(G) b; ( sh $(G) a )\n", "\tbash $(G) b; ( A=1 sh $(G) a )\n"),
    ],
)
def test_a_command_is_found_where_it_begins(line: str, expected: str) -> None:
    table = recipe('command = "sh $(G)"', 'assign = "A=1"')
    assert after(table, {"Makefile": f"x: y\n{line}"}) == {"Makefile": f"x: y\n{expected}"}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        pytest.param("x:\n\tA=2 sh $(G)\n", "differs", id="another value"),
        pytest.param("x:\n\techo sh $(G)\n", "unreadable-text", id="an argument"),
        pytest.param("x:\n\techo '; sh $(G)'\n", "unreadable-text", id="quoted"),
        pytest.param("RUN = sh $(G)\nx:\n\t$(RUN)\n", "unreadable-text", id="in a variable"),
        pytest.param("define run\nsh $(G)\nendef\n", "unreadable-text", id="in a define"),
        pytest.param("ifdef X\nx:\n\tsh $(G)\n", "unreadable-text", id="a conditional never closed"),
        pytest.param(".RECIPEPREFIX = >\nx:\n>sh $(G)\n", "unreadable-text", id="another recipe prefix"),
        pytest.param("x:\n\t# sh $(G)\n", "wrong-number-of-sites", id="only in a comment"),
    ],
)
def test_a_command_that_is_not_certain_is_refused(text: str, slug: str) -> None:
    plan = unchanged(recipe('command = "sh $(G)"', 'assign = "A=1"'), {"Makefile": text})
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


@pytest.mark.parametrize(
    ("tail", "slug"),
    [(" | tee log", "differs"), (" | grep -v other", "differs"), ("' | grep -v note'", "")],
)
def test_another_pipe_is_not_taken_away(tail: str, slug: str) -> None:
    plan = unchanged(recipe('command = "gen"', 'drop-pipe = "grep -v note"'), {"Makefile": f"x:\n\tgen{tail}\n"})
    assert slugs(plan) == ({slug} if slug else set())


def test_a_pipe_on_a_line_of_its_own_goes_with_the_continuation() -> None:
    files = {"Makefile": "x:\n\tgen a || exit 1; gen b \\\n\t | grep -v note; done\n"}
    table = recipe('command = "gen"', 'drop-pipe = "grep -v note"', "sites = 2")
    assert after(table, files) == {"Makefile": "x:\n\tgen a || exit 1; gen b; done\n"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (('after = "b"', 'text = "n"'), "x:\n\ta\n\t@b \\\n\t  c\n\tn\n\td\n"),
        (('before = ["z", "c"]', 'text = "n"'), "x:\n\ta\n\tn\n\t@b \\\n\t  c\n\td\n"),
        (('at = "start"', 'text = "n \\\\\\no"'), "x:\n\tn \\\n\to\n\ta\n\t@b \\\n\t  c\n\td\n"),
        (('at = "end"', 'text = "n"'), "x:\n\ta\n\t@b \\\n\t  c\n\td\n\tn\n"),
    ],
)
def test_lines_go_into_a_recipe(lines: tuple[str, ...], expected: str) -> None:
    table = recipe('target = "x"', *lines)
    assert after(table, {"Makefile": "x:\n\ta\n\t@b \\\n\t  c\n\td\n"}) == {"Makefile": expected}


@pytest.mark.parametrize(
    ("at", "before", "expected"),
    [
        ("end", "x:\n\ta\nifeq (1,1)\n\tb\nendif\n\ny:\n", "x:\n\ta\nifeq (1,1)\n\tb\nendif\n\tn\n\ny:\n"),
        ("end", "x:\nifdef A\n\ta\nelse\n\tb\nendif", "x:\nifdef A\n\ta\nelse\n\tb\nendif\n\tn\n"),
        ("end", "ifdef A\nx:\n\ta\nendif\n", "ifdef A\nx:\n\ta\n\tn\nendif\n"),
        ("start", "x:\nifdef A\n\ta\nendif\n\tb\n", "x:\n\tn\nifdef A\n\ta\nendif\n\tb\n"),
        ("start", "ifdef A\nx:\n\ta\nendif\n", "ifdef A\nx:\n\tn\n\ta\nendif\n"),
    ],
)
def test_the_start_and_the_end_of_a_recipe_are_in_no_conditional_of_its_own(
    at: str, before: str, expected: str
) -> None:
    assert after(recipe('target = "x"', f'at = "{at}"', 'text = "n"'), {"Makefile": before}) == {"Makefile": expected}


@pytest.mark.parametrize("at", ["start", "end"])
def test_lines_that_only_run_in_a_conditional_are_not_those_of_the_edit(at: str) -> None:
    plan = unchanged(recipe('target = "x"', f'at = "{at}"', 'text = "n"'), {"Makefile": "x:\nifdef A\n\tn\nendif\n"})
    assert slugs(plan) == {"differs"}


LATER = {
    "a prerequisite": (prerequisite('target = "x"', 'add = "$(N)"'), "x: a\nN = n\n", True),
    "a prerequisite set before": (prerequisite('target = "x"', 'add = "$(N)"'), "N = n\nx: a\nN += m\n", False),
    "a prerequisite set elsewhere": (prerequisite('target = "x"', 'add = "$(N)"'), "x: a\n", False),
    "in the place of another": (prerequisite('target = "x"', 'replace = "a"', 'by = "$(N)/b"'), "x: a\nN = n\n", True),
    "a value": (variable('variable = "V"', 'append = "$N"'), "V := a\nN = n\n", True),
    "a value that is expanded later": (variable('variable = "V"', 'append = "$(N)"'), "V = a\nN = n\n", False),
    "more of a simple value": (
        variable('variable = "V"', 'append = "$(N)"', 'operator = "+="'),
        "V := a\nV += b\nN = n\n",
        True,
    ),
    "a word of a value": (variable('variable = "V"', 'replace = "a"', 'by = "$(N:.c=.o)"'), "V := a\nN = n\n", True),
    "a new variable, whose place is given": (
        variable('variable = "V"', 'value = "$(W)"', 'before = "W"', 'operator = ":="'),
        "W = 1\n",
        False,
    ),
    "itself": (variable('variable = "V"', 'value = "$(V) b"', 'was = "a"'), "V := a\n", False),
    "present": (variable('variable = "V"', 'append = "$(N)"'), "V := a $(N)\nN = n\n", False),
}


@pytest.mark.parametrize(("table", "text", "later"), LATER.values(), ids=LATER)
def test_what_is_expanded_at_once_names_nothing_that_is_set_later(table: str, text: str, *, later: bool) -> None:
    plan, _ = plan_of(table, {"Makefile": text})
    assert ("set-later" in slugs(plan)) == later, plan.findings


def test_a_recipe_without_a_last_newline() -> None:
    assert after(recipe('target = "x"', 'at = "end"', 'text = "n"'), {"Makefile": "x:\r\n\ta"}) == {
        "Makefile": "x:\r\n\ta\r\n\tn\r\n"
    }


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("x: ; a\n", "unreadable-text"),
        ("x:\n\tb\n", "no-anchor"),
        ("x:\n\ta\n\ta\n", "several-places"),
        ("x:\n\tn\n\ta\n", "differs"),
        ("x:\n\ta\nifdef Y\nx:\n\ta\nendif\n", "wrong-number-of-sites"),
    ],
)
def test_lines_without_a_certain_place_are_refused(text: str, slug: str) -> None:
    assert slug in slugs(unchanged(recipe('target = "x"', 'after = "a"', 'text = "n"'), {"Makefile": text}))


def test_a_piece_is_replaced_in_the_lines_of_a_command() -> None:
    text = "x:\n\t$(CC) -o x $(LIBS)\n\t$(AR) $(LIBS)\ny: ; $(CC) $(LIBS) # $(LIBS)\n"
    table = recipe('command = "$(CC)"', 'replace = "$(LIBS)"', 'by = "$(LDFLAGS) $(LIBS)"', "sites = 2")
    expected = text.replace("x $(LIBS)", "x $(LDFLAGS) $(LIBS)").replace("CC) $(LIBS)", "CC) $(LDFLAGS) $(LIBS)")
    plan, _ = plan_of(table, {"Makefile": text})
    assert after(table.replace("sites = 2", "sites = 3"), {"Makefile": text})["Makefile"].startswith(expected[:40])
    assert plan.state is State.REFUSED  # what the shell takes for a comment behind a command, make runs all the same


def test_every_occurrence_in_a_makefile_has_a_verdict() -> None:
    plan, _ = plan_of(ASSIGN, {"Makefile": STUBS, "doc.txt": "generated/stubs"})
    assert [(o.name, o.verdict, o.reason) for o in plan.occurrences] == [
        ("generated/stubs", Verdict.EXCUSED, Reason.UNCHANGED_USE),
        ("generated/stubs", Verdict.EXCUSED, Reason.UNCHANGED_USE),
        ("sh $(WSDL2C)", Verdict.EDITED, None),
        ("sh $(WSDL2C)", Verdict.EDITED, None),
        ("sh $(WSDL2C)", Verdict.EXCUSED, Reason.COMMENT),
        ("generated/stubs", Verdict.EXCUSED, Reason.UNCHANGED_USE),
    ]


# --- prerequisites


@pytest.mark.parametrize(
    ("lines", "before", "expected"),
    [
        (('add = "n"',), "x: a b # c\n\tr\n", "x: a b n # c\n\tr\n"),
        (('add = "n"',), "x:\n\tr\n", "x: n\n\tr\n"),
        (('add = "n"',), "x:: a | o ; r\n", "x:: a n | o ; r\n"),
        (('add = "n"', 'after = ["z", "a"]'), "x y: a b\n", "x y: a n b\n"),
        (('add = "n"', 'before = "$(A)/b"'), "x: a ${A}/b\n", "x: a n ${A}/b\n"),
        (('add = "n"',), "x: a \\\r\n   b\r\n", "x: a \\\r\n   b \\\r\n   n\r\n"),
        (('add = "n"', 'after = "b"'), "x: a \\\n   b \\\n   c\n", "x: a \\\n   b \\\n   n \\\n   c\n"),
        (('add = "n.h"',), "%.o x: %.o: %.c\n", "%.o x: %.o: %.c n.h\n"),
        (('remove = "b"',), "x: a b c\n", "x: a c\n"),
        (('remove = "b"',), "x: b\n", "x:\n"),
        (('remove = "b"',), "x: a \\\n   b \\\n   c\n", "x: a \\\n   c\n"),
        (('replace = "$(A)/b"', 'by = "c"'), "x: a $(A)/b d\n", "x: a c d\n"),
        (
            ('replace = "b"', 'by = "c"'),
            "ifdef Y\nx: b\nelse\nendif\nx: V = 1\n",
            "ifdef Y\nx: c\nelse\nendif\nx: V = 1\n",
        ),
    ],
)
def test_a_prerequisite_changes(lines: tuple[str, ...], before: str, expected: str) -> None:
    assert after(prerequisite('target = "x"', *lines), {"Makefile": before}) == {"Makefile": expected}


@pytest.mark.parametrize(
    ("lines", "text", "slug"),
    [
        (('add = "n"',), "y: a\n", "not-found"),
        (('add = "n"',), "x: a\nx: b\n", "wrong-number-of-sites"),
        (('add = "n"',), "x: a | n\n", "differs"),
        (('add = "n"', 'after = "b"'), "x: a\n", "no-anchor"),
        (('add = "n"', 'after = "a"'), "x: a a\n", "several-places"),
        (('replace = "b"', 'by = "c"'), "x: b c\n", "differs"),
        (('replace = "b"', 'by = "c"'), "x: a\n", "no-anchor"),
    ],
)
def test_a_prerequisite_that_is_not_certain_is_refused(lines: tuple[str, ...], text: str, slug: str) -> None:
    plan = unchanged(prerequisite('target = "x"', *lines), {"Makefile": text})
    assert plan.state is State.REFUSED
    assert slugs(plan) == {slug}


SEEN = {
    "the first, before it": ('before = "a"', "x: a b\n\tcc $<\n"),
    "the first, where there was none": ("", "x:\n\tcc $<\n"),
    "the first of a pattern": ('before = "a"', "x: %: a\n\tcc ${<}\n"),
    "its folder": ('before = "a"', "x: a\n\tcd $(<D)\n"),
    "all, with another target": ("", "y x: a\n\tcc -o $@ $^\n"),
    "all, behind a semicolon": ("", "x: a; cc $(^F)\n"),
    "all, each as often as it is there": ("", "x: a\n\tcc $+\n"),
    "those that are newer": ("", "x: a\n\tar r $@ $?\n"),
    "in a function": ("", "x: a\n\tcc $(word 1,$^)\n"),
    "in a filter that it passes": ("", "x: a\n\tcc $(filter %,$^)\n"),
    "in a variable": ("", "LINK = $(CC) $(LD)\nLD = $^\nx: a\n\t$(LINK)\n"),
    "in a canned recipe": ("", "define link\ncc -o $@ $^\nendef\nx: a\n\t$(call link,1)\n"),
    "in another rule": ("", "x: a\ny x: b\n\tcc $^\n"),
    "the first, in another rule that has none": ("", "x:\nx:\n\tcc $<\n"),
    "in a pattern rule": ("", "x: a\n%: %.c\n\tcc $^\n"),
    "in make's own rule": ("", "x: x.o a.o\n"),
}


def rules_of_x(text: str) -> str:
    """Return the `sites` of an edit that changes each rule of x."""
    return f"sites = {len(make.parse(text.encode()).rules_for('x'))}"


@pytest.mark.parametrize(("line", "text"), SEEN.values(), ids=SEEN)
def test_a_prerequisite_that_a_recipe_would_read_is_refused(line: str, text: str) -> None:
    edit = prerequisite('target = "x"', 'add = "n"', line, rules_of_x(text))
    plan = unchanged(edit, {"Makefile": text})
    assert slugs(plan) == {"prerequisite-in-recipe"}
    excused, _ = plan_of(f'{edit}\n[[excuse]]\nfile = "Makefile"\nreason = "it is to be linked"\n', {"Makefile": text})
    assert excused.state is State.ABSENT, excused.findings


def test_a_recipe_in_another_makefile_is_read() -> None:
    files = {"Makefile": "include r.mk\nx: a\n\t$(LINK)\n", "r.mk": "LINK = cc $^\n"}
    plan = unchanged(prerequisite('target = "x"', 'add = "n"'), files)
    assert [str(finding.place) for finding in plan.findings] == ["r.mk:1:11"]


@pytest.mark.parametrize(
    ("lines", "text", "refused"),
    [
        (('remove = "a"',), "x: a b\n\tcc $<\n", True),
        (('remove = "b"',), "x: a b\n\tcc $<\n", False),
        (('remove = "b"',), "x: a b\n\tcc $^\n", True),
        (('remove = "b"',), "x: a | b\n\tcc $< $^\n", False),
        (('remove = "b"',), "x: a | b\n\tcc $|\n", True),
        (('replace = "a"', 'by = "b"'), "x: a\n\tcc $< $^\n", False),
        (('add = "n"',), "x: a\n\tcc $<\n", False),
        (('add = "n"',), "x: a\n\techo $$^ $@\n", False),
        (('add = "n"',), "x: a\n\tcc $(filter %.c,$^) $(filter-out n m,$^)\n", False),
        (('add = "n"',), "x:\nx: a\n\tcc $<\n", False),
        (('add = "n"',), "x:: a\n\tcc\nx:: b\n\tcc $^\n", True),
        (('add = "n"',), "x:: a\n\tcc\nx y: b\n", False),
        (('add = "n"', 'before = "a"'), "x: a\n%: %.c\n\tcc $<\n", False),
        (('add = "n"',), "x.o: x.c\nx: a\n.c.o:\n\tcc $^\n", False),
        (('add = "n"',), "x: a\n\t$(X)\nX = $(X) $(Y)\n", False),
    ],
)
def test_a_recipe_reads_what_changes_or_does_not(lines: tuple[str, ...], text: str, *, refused: bool) -> None:
    plan, _ = plan_of(prerequisite('target = "x"', *lines, rules_of_x(text)), {"Makefile": text})
    assert (slugs(plan) == {"prerequisite-in-recipe"}) == refused, plan.findings


# --- variables


@pytest.mark.parametrize(
    ("lines", "before", "expected"),
    [
        (('append = "-lm"',), "V = -la # c\n", "V = -la -lm # c\n"),
        (('append = "-lm"',), "export V:=\n", "export V:=-lm\n"),
        (('append = "-lm"',), "V =\n", "V = -lm\n"),
        (('append = "-lm"',), "V\t=\t-la \\\n\t-lb\n", "V\t=\t-la \\\n\t-lb \\\n\t-lm\n"),
        (
            ('append = "-lm"', 'operator = "="'),
            "V = a\nifdef X\nV += b\nendif\n",
            "V = a -lm\nifdef X\nV += b\nendif\n",
        ),
        (
            ('append = "-lm"', "sites = 2"),
            "ifdef X\nV = a\nelse\nV = b\nendif\n",
            "ifdef X\nV = a -lm\nelse\nV = b -lm\nendif\n",
        ),
        (('append = "-lm"',), "x: V = 1\nV ?= a\\#b\n", "x: V = 1\nV ?= a\\#b -lm\n"),
        (('replace = "-g"', 'by = "-g -O2"'), "V = -W -g\nV += -x\n", "V = -W -g -O2\nV += -x\n"),
        (('value = "/x"', 'was = ["@B@", "@A@"]'), "export V = @A@\n", "export V = /x\n"),
        (('value = "1"', 'after = "W"'), "W:= 2\r\n", "W:= 2\r\nV= 1\r\n"),
        (('value = "1"', 'before = "W"', 'operator = "?="', "export = true"), "W  = 2\n", "export V  ?= 1\nW  = 2\n"),
    ],
)
def test_a_variable_changes(lines: tuple[str, ...], before: str, expected: str) -> None:
    assert after(variable('variable = "V"', *lines), {"Makefile": before}) == {"Makefile": expected}


@pytest.mark.parametrize(
    ("lines", "text", "slug"),
    [
        (('append = "-lm"',), "V = a\nV += b\n", "wrong-number-of-sites"),
        (('append = "-lm"',), "x: V = a\n", "wrong-number-of-sites"),
        (('append = "-lm"',), "define V\na\nendef\nV = b\n", ""),
        (('append = "-lm"',), "V = b\ndefine V\na\nendef\n", "unreadable-text"),
        (('append = "-lm"',), "V ?= b\ndefine V =\na\nendef\n", "unreadable-text"),
        (('replace = "a"', 'by = "b"'), "V = a a\n", "several-places"),
        (('replace = "a"', 'by = "b"'), "V = a b\n", "several-places"),
        (('value = "a"', 'was = "b"'), "V = c\n", "differs"),
        (('value = "a"', 'after = "W"'), "W = 1\nV = c\n", "differs"),
        (('value = "a"', 'after = "W"'), "W = 1\nW = 2\n", "several-places"),
        (('value = "a"', 'after = "W"'), "W += $(V)\nx:\n", ""),
    ],
)
def test_a_variable_that_is_not_certain_is_refused(lines: tuple[str, ...], text: str, slug: str) -> None:
    plan, _ = plan_of(variable('variable = "V"', *lines), {"Makefile": text})
    assert slugs(plan) == ({slug} if slug else set())
    assert (plan.state is State.REFUSED) == bool(slug)


@pytest.mark.parametrize(
    "table",
    [
        recipe('assign = "A=1"'),
        recipe('command = "x"', 'assign = "A"'),
        recipe('at = "end"', 'text = "x"'),
        recipe('after = "x"'),
        recipe('replace = "x"'),
        prerequisite('target = "x"'),
        prerequisite('target = "x"', 'add = "a b"'),
        prerequisite('target = "x"', 'remove = "a"', 'after = "b"'),
        variable('variable = "V"'),
        variable('variable = "V W"', 'append = "x"'),
        variable('variable = "V"', 'value = "x"'),
        variable('variable = "V"', 'append = "x # y"'),
        variable('variable = "V"', 'append = "x"', 'operator = "=="'),
    ],
)
def test_an_unusable_table_says_so(table: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        edit_of(table)


# --- logical lines


def test_words_are_not_cut_within_references() -> None:
    found = make.parse(b"$(a b) c: $(d:.c=.o) ${e; f} \\\n g|h i ; j # k\n\tl\n").rules[0]
    data = make.parse(b"$(a b) c: $(d:.c=.o) ${e; f} \\\n g|h i ; j # k\n\tl\n")
    assert [data.text(span) for span in found.targets] == ["$(a b)", "c"]
    assert [data.text(span) for span in found.prerequisites] == ["$(d:.c=.o)", "${e; f}", "g"]
    assert [data.text(span) for span in found.order_only] == ["h", "i"]
    assert found.inline is not None
    assert [data.text(span) for span, _ in found.recipe] == ["l"]


MAKEFILES = st.lists(
    st.sampled_from(
        [
            "x: a",
            "\tb \\",
            "\t@c # d",
            "V = 1",
            "V += $(W",
            "define V",
            "endef",
            "ifdef X",
            "else",
            "endif",
            "# x",
            "",
            "x:: b ; c",
            "\\",
            "a \\",
            "$(x)",
        ]
    )
).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(MAKEFILES)
def test_logical_lines_are_the_file(text: str) -> None:
    """Every byte is in exactly one logical line."""
    lines = make.parse(text.encode()).lines
    assert "".join(text[start:end] for start, end in (line.span for line in lines)) == text


@given(
    MAKEFILES,
    st.sampled_from([recipe('target = "x"', 'at = "end"', 'text = "n"'), variable('variable = "V"', 'append = "n"')]),
)
def test_any_makefile_is_judged(text: str, table: str) -> None:
    """What an edit does to a makefile, it finds done there."""
    plan, tree = plan_of(table, {"Makefile": text})
    if plan.state is State.ABSENT:
        again = edit_of(table).plan(tree.edited(plan.replacements))
        assert (again.state, again.present) == (State.PRESENT, plan.sites)


def test_a_reference_with_blanks_in_it_is_one_word_of_a_value() -> None:
    edit = 'kind = "make-variable"\nfiles = ["Makefile"]\nvariable = "A"\nwas = "x"\nvalue = "$(or x, $(B) c)"\n'
    assert after(edit, {"Makefile": "A = x\n"}) == {"Makefile": "A = $(or x, $(B) c)\n"}


def test_a_reference_with_something_behind_it_is_another_word() -> None:
    edit = 'kind = "make-recipe"\nfiles = ["Makefile"]\ncommand = "$(CC)"\nreplace = "-o $(P)"\nby = "-o $(P) $(LDFLAGS)"\n'
    before = "all:\n\t$(CC) -o $(P)_local a.c\n\t$(CC) -o $(P) a.c\n\t$(CC) -o $(P).new a.c\n"
    assert after(edit, {"Makefile": before}) == {"Makefile": before.replace("-o $(P) ", "-o $(P) $(LDFLAGS) ")}
