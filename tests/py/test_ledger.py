# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger beside an independent search of the tree: every occurrence, once, with a verdict that can be defended.

The searcher here knows nothing of patchgen: it reads all files and compares bytes. The generated
trees are small C programs whose generator knows of each place whether it is a call of ours.
"""

from __future__ import annotations

import functools
import importlib
import operator
import re
import tomllib
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from patchgen import edits, render, stages
from patchgen.edits import Reason, State, Verdict
from patchgen.edits.add_parameter import AddParameter
from patchgen.edits.mirror import Mirror
from patchgen.refresh import played
from patchgen.semantic import parse
from patchgen.shelf import SemanticFolder, Shelf
from patchgen.tree import Tree, changes
from patchgen.upstream import InMemory, open_upstream

parser = importlib.import_module("patchgen.syntax.c.parse")  # the package has a function of that name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from patchgen.edits import Edit, Plan
    from patchgen.syntax.c import C

# --- the independent search ------------------------------------------------------------------------------------

_LETTERS = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$") | frozenset(
    range(0x80, 0x100)
)


def searched(files: Mapping[str, bytes], names: Iterable[str]) -> list[tuple[str, int, str]]:
    """Return path, offset and name of each whole word that is one of *names*, by looking at every byte."""
    found = []
    for path, data in files.items():
        for name in names:
            word = name.encode()
            at = data.find(word)
            while at >= 0:
                before, behind = data[at - 1 : at], data[at + len(word) : at + len(word) + 1]
                if not (before and before[0] in _LETTERS) and not (behind and behind[0] in _LETTERS):
                    found.append((path, at, name))
                at = data.find(word, at + 1)
    return sorted(found)


def entered(plan: Plan) -> list[tuple[str, int, str]]:
    """Return what the ledger has of the names that the edit owns, in the same form."""
    return sorted((o.path, o.start, o.name) for o in plan.occurrences if o.name in plan.names)


def edit_of(toml: str) -> Edit:
    union = functools.reduce(operator.or_, edits.kinds().values())
    edit: Edit = msgspec.convert(tomllib.loads(toml), union)
    return edit


ADD = 'kind = "add-parameter"\nfunction = "ours"\nparameter = "char *extra"\nafter = "b"\nargument = "NULL"\n'
FIELD = 'kind = "add-field"\nstruct = "thing"\nfield = "int ours;"\nat = "end"\n'
SET = 'kind = "set-argument"\nfunction = "ours"\nparameter = "b"\nin = "caller0"\nfrom = "NULL"\nargument = "p"\n'

# --- cases by hand ---------------------------------------------------------------------------------------------

HEADER = b"#ifndef OURS_H\n#define OURS_H\nint ours(int a, char *b);\nint ours_too(int a), ours2(void);\nstruct thing { int a; };\n#endif\n"
CASES: dict[str, dict[str, bytes]] = {
    "a header and a caller": {"ours.h": HEADER, "a.c": b'#include "ours.h"\nint f(void) { return ours(1, NULL); }\n'},
    "twice on a line": {"ours.h": HEADER, "a.c": b"struct thing ours_thing; int f(int ours) { return ours ? ours : ours; }\n"},
    "words in words": {"ours.h": HEADER, "a.c": b"int yours, ours_, _ours, ours$, \xe9ours, ours\xe9, ours9; /* ours. ours-ours 'ours' */\n"},
    "strings": {"ours.h": HEADER, "a.c": b'char *s = "ours(" "x\\"ours" "ours\\n"; char c = \'o\';\n#include "ours/ours.h"\n#pragma ours\n#error ours\n'},
    "macros": {"ours.h": HEADER, "a.c": b"#define CALL(x) ours(x, \\\n  NULL) /* ours */\n#ifdef ours\n#undef ours\n#endif\n#if defined(ours) && ours > 1\n#endif\n"},
    "dead": {"ours.h": HEADER, "a.c": b'#if 0\nours(1, 2); "ours\n#else\nint f(void) { return ours(1, 0); }\n#endif\n'},
    "no C": {"ours.h": HEADER, "ours.pl": b"ours(1);\n# ours\n", "Makefile": b"ours: ours.o ours.h\n", "README": b"ours\n", "x.bin": b"\0ours\0"},
    "refused": {"ours.h": HEADER, "a.c": b"int f(void) { g(ours); return ours(1) + (*look)(ours(1, 2), &ours); }\n", "y.y": b"x: { ours(1, 2); }\n"},
    "not parsed": {"ours.h": HEADER, "a.c": b'int f(void) { return ours(1 "x" MACRO "y" int, 2); ) ours } ours(\n'},
    "members": {"ours.h": HEADER, "a.c": b"struct o { int (*ours)(int a, char *b); int x; };\nstruct o o = { .ours = ours };\nint f(struct o *p) { return p->ours && p->ours(1, 0) + o.ours(2, 0); }\n"},
    "types": {"ours.h": HEADER, "a.c": b"struct ours { struct thing t; } x; enum e { e_ours }; typedef struct thing thing_t; thing_t v; union thing *u; struct thing ours2[sizeof(struct thing)];\n"},
    "CRLF and no end": {"ours.h": HEADER.replace(b"\n", b"\r\n"), "a.c": b"int f(void)\r\n{\r\n  return ours(1,\r\n    NULL);\r\n}\r\n// ours"},
    "statics": {"ours.h": HEADER, "a.c": b"static int ours(void) { return 0; }\nint f(void) { return ours(); }\n"},
    "nothing": {"a.c": b"int x;\n"},
}  # fmt: skip


@pytest.mark.parametrize("toml", [ADD, FIELD, SET], ids=["add-parameter", "add-field", "set-argument"])
@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
def test_the_ledger_is_what_a_search_finds(files: dict[str, bytes], toml: str) -> None:
    plan = edit_of(toml).plan(Tree(InMemory(files)))
    assert entered(plan) == searched(files, plan.names)
    assert_sound(plan, files)


def assert_sound(plan: Plan, files: Mapping[str, bytes]) -> None:
    """Assert what must hold for any ledger."""
    keys = [(o.path, o.start, o.end) for o in plan.occurrences]
    assert len(keys) == len(set(keys))
    for occurrence in plan.occurrences:
        assert files[occurrence.path][occurrence.start : occurrence.end] == occurrence.name.encode("latin-1")
        assert (occurrence.verdict is Verdict.EXCUSED) == (occurrence.reason is not None)
        assert occurrence.reason is not Reason.ENTRY
    if plan.state is State.REFUSED:
        assert not plan.replacements
        assert any(finding.level.value == "error" for finding in plan.findings)
    elif plan.state is not State.PRESENT:
        assert not any(o.verdict is Verdict.REFUSED for o in plan.occurrences)
        assert plan.replacements


# --- trees that are made, with what each place is ----------------------------------------------------------------

OURS = ("ours(%s, %s)", "(ours)(%s, %s)", "ours (%s,%s)", "ours(%s, /* ours, */ %s)", "ours(%s,\n\t\t%s)", "(*ours)(%s, %s)", "ours( %s, %s // ours\n  )")  # fmt: skip
VALUES = (
    "1",
    "NULL",
    '"ours"',
    "x[3]",
    "(1, 2)",
    "g(1, 2)",
    "p->ours_too",
    "'\\''",
    "q ? 1 : 2",
    "sizeof(int)",
    "/* , */ 5",
    "ours2()",
)
NOISE = (
    "  /* ours */\n",
    "  // ours(1, 2)\n",
    '  log("ours(): %s", __func__);\n',
    "  ours_too(1), yours(2), ours2();\n",
    "  p->theirs = 3;\n",
    "#if 0\n  ours(1);\n#endif\n",
    "#ifdef X\n  x = 1;\n#else\n  x = 2;\n#endif\n",
    "  char *id = va_arg(al, char *);\n",
    "  for (int i = 0; i < 3; i++) { ; }\n",
    "  goto out; out: ;\n",
    "  { int y = 1, ours_ = 2; (void) y; }\n",
    "\n",
    "  switch (q) { case 1: break; default: ; }\n",
    "  struct thing t; t.a = sizeof(struct thing);\n",
)

values = st.sampled_from(VALUES)
calls = st.builds(lambda form, one, two: form % (one, two), st.sampled_from(OURS), values, values)


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, int]:
    """Return a statement, and how many calls of ours it holds."""
    kind = draw(st.integers(0, 5))
    if kind < 2:
        return draw(st.sampled_from(NOISE)), 0
    call = draw(calls)
    if kind == 2:
        inner = draw(calls)
        return f"  x = {call} + {inner};\n", 2
    if kind == 3:
        return f"  if ({call}) {{ return {draw(calls)}; }}\n", 2
    if kind == 4:
        return f"  CHECK({call} == 0);\n" if "//" not in call else "", int("//" not in call)
    return f"  return {call};\n", 1


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, int]:
    """Return the body of a function, and how many calls of ours it holds."""
    parts = draw(st.lists(statements(), max_size=5))
    return "".join(text for text, _ in parts), sum(count for _, count in parts)


SHADOWS = (
    "int shadow%d(int (*ours)(int, char *)) {\n  return ours(1, 2);\n}\n",
    "int shadow%d(void) {\n  callback ours = look();\n  return ours(1, 2);\n}\n",
    "int shadow%d(void) {\n  for (callback ours = look(); ours; ours = 0) ours(1, 2);\n  return 0;\n}\n",
    "int shadow%d(ours)\n  callback ours;\n{\n  return ours(1, 2);\n}\n",
)


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, bytes], int]:
    """Return the files of a small C program, and how many declarations and calls of ours are to be edited."""
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    sites = 2
    files = {
        "ours.h": "#ifndef OURS_H\n#define OURS_H\n\ntypedef int (*callback)(int a, char *b);\nstruct thing { int a; };\nint ours(int a, char *b);\n\n#endif\n",
        "ours.c": '#include "ours.h"\n\nint\nours (int a, char *b)\n{\n  return b ? a : 0;\n}\n',
    }
    for number in range(draw(st.integers(1, 3))):
        text = '#include "ours.h"\n'
        for function in range(draw(st.integers(0, 3))):
            choice = draw(st.integers(0, 9))
            body, count = draw(bodies())
            if choice == 0:
                text += draw(st.sampled_from(SHADOWS)) % function
            elif choice == 1:
                text += f"#define WRAP{function}(v) \\\n  ours(v, \\\n    NULL)\n"
                sites += 1
            elif choice == 2:
                text += "extern int ours(int, char *);\n"
                sites += 1
            else:
                text += (
                    f"static int caller{function}(struct thing *p, int q)\n{{\n  int x = 0;\n{body}  return x;\n}}\n\n"
                )
                sites += count
        files[f"user{number}.c"] = text
    if draw(st.booleans()):
        files["lonely.c"] = "static int ours(int x) { return x; }\nint lonely(void) { return ours(1) + ours(2); }\n"
    if draw(st.booleans()):
        files["notes.txt"] = "ours(1, 2) is good; ours_too is not\n"
    if draw(st.booleans()):
        files["ops.c"] = (
            '#include "ours.h"\nstruct ops {\n  int (*ours)(int a,\n              char *b);\n};\nstatic struct ops ops = { .ours = ours };\n'
            "int run(struct ops *o) { return o->ours ? o->ours(1, NULL) : ops.ours(2, NULL); }\n"
        )
        sites += 3
    data = {path: text.replace("\n", newline).encode() for path, text in files.items()}
    if draw(st.booleans()):
        data["user0.c"] = data["user0.c"].rstrip(b"\r\n")
    return data, sites


@given(trees())
def test_the_ledger_of_a_made_tree_is_what_a_search_finds(made: tuple[dict[str, bytes], int]) -> None:
    """Each whole word of the name, in every file, has exactly one verdict, and nothing else has one."""
    files, _ = made
    for toml in (ADD, FIELD, SET):
        plan = edit_of(toml).plan(Tree(InMemory(files)))
        assert entered(plan) == searched(files, plan.names)
        assert_sound(plan, files)


@given(trees())
def test_every_call_is_edited_and_none_is_excused(made: tuple[dict[str, bytes], int]) -> None:
    """The sites are those that the maker of the tree put there; what is excused is excused for one of the five reasons."""
    files, sites = made
    plan = edit_of(ADD).plan(Tree(InMemory(files)))
    assert plan.state is State.ABSENT, plan.findings
    assert plan.sites == sites
    event(f"{min(sites, 12)} sites")
    calls_of_ours = re.compile(rb"\bours\b")
    for occurrence in plan.occurrences:
        data = files[occurrence.path]
        line = data[data.rfind(b"\n", 0, occurrence.start) + 1 : (data + b"\n").index(b"\n", occurrence.start)]
        assert calls_of_ours.search(line)
        if occurrence.verdict is Verdict.EXCUSED and occurrence.path.startswith("user"):
            assert occurrence.reason in {Reason.COMMENT, Reason.STRING, Reason.OTHER_BINDING}
            if occurrence.reason is Reason.OTHER_BINDING:
                around = data[: occurrence.start].rpartition(b"int shadow")[2]
                assert b"caller" not in around


@given(trees(), st.sampled_from([ADD, FIELD, ADD + "\n[[edit]]\n" + FIELD]))
def test_an_edit_applied_and_reversed_is_the_identity(made: tuple[dict[str, bytes], int], toml: str) -> None:
    """The diff of a patch leads from the old bytes to the new ones, and reversed from the new to the old."""
    files, _ = made
    patch = parse("x.toml", f'[dep3]\nDescription = "x"\n[[edit]]\n{toml}'.encode())
    (stage,) = stages.play(InMemory(files), [patch], lambda *_: {})
    assert stage.state is stages.StageState.RENDERED, stage.findings
    diffs = render.parse_diff(stage.diff, "x.patch")
    paths = [diff.path for diff in diffs]
    assert paths == list(stage.after.touched(stage.before))
    after = render.apply(diffs, files.get)
    assert after == {path: stage.after.read(path) for path in paths}
    assert render.apply(render.reverse(diffs), after.get) == {path: files[path] for path in paths}
    # Nothing was taken away: what was there is there still, in its order.
    for path in paths:
        for change in changes(stage.after, stage.before, path):
            rest = iter(stage.after.read(path)[change.new_start : change.new_end])
            assert all(byte in rest for byte in files[path][change.start : change.end])


@given(trees())
def test_an_edit_on_its_own_result_is_present_and_changes_nothing(made: tuple[dict[str, bytes], int]) -> None:
    """State is judged by form and name: what was edited is recognised, site by site."""
    files, sites = made
    edit = edit_of(ADD)
    tree = Tree(InMemory(files))
    after = tree.edited(edit.plan(tree).replacements)
    again = edit.plan(after)
    assert again.state is State.PRESENT
    assert (again.present, again.sites) == (sites, 0)


@given(trees(), st.randoms(use_true_random=False))
def test_half_done_is_done_site_by_site_or_refused(made: tuple[dict[str, bytes], int], chance: object) -> None:
    """A tree in which only some files have the change is never edited into something else than the whole change."""
    files, _ = made
    edit = edit_of(ADD)
    tree = Tree(InMemory(files))
    whole = tree.edited(edit.plan(tree).replacements)
    paths = sorted(files)
    done = {path: whole.read(path) for path in paths if chance.random() < 0.5}  # type: ignore[attr-defined]
    mixed = Tree(InMemory({**files, **done}))
    plan = edit.plan(mixed)
    event(plan.state.value)
    if plan.state is not State.REFUSED:
        result = mixed.edited(plan.replacements)
        assert {path: result.read(path) for path in paths} == {path: whole.read(path) for path in paths}


def shape(parsed: C) -> list[tuple[str, int, int]]:
    """Return every node with its span, in order."""
    found, stack = [], [parsed.root]
    while stack:
        node = stack.pop()
        found.append((node.type, node.start_byte, node.end_byte))
        stack.extend(reversed(node.children))
    return found


@given(trees())
def test_parsing_an_edited_file_again_gives_what_parsing_it_gives(made: tuple[dict[str, bytes], int]) -> None:
    """What rule 6 looks at is made from the old syntax tree and the changes; it must be the new text's own."""
    files, _ = made
    before = Tree(InMemory(files))
    after = before.edited(edit_of(ADD).plan(before).replacements)
    for path in after.touched(before):
        old, new = before.read(path), after.read(path)
        parser.parse(old)
        again = shape(parser.parse_again(old, new, changes(after, before, path)))
        for known in (old, new):
            parser._parsed.pop(known, None)  # noqa: SLF001 - what was parsed is remembered
        assert again == shape(parser.parse(new))


# --- the project's own series -------------------------------------------------------------------------------------


def own_reports(root: Path) -> list[tuple[str, stages.EditReport]]:
    """Return what became of all edits of this project's series on the reference tree, each with the name of its patch."""
    names = sorted(path.name for path in (root / "semantic").glob("*.toml"))
    assert names, "there is no semantic patch to test"
    semantic = SemanticFolder.open(root / "semantic")
    assert sorted(name for name, _ in semantic.files) == names
    source = open_upstream(str(root / "tests/c/reference"))
    found = []
    for stage in played(source, semantic, Shelf.empty(semantic)):
        assert stage.state in {stages.StageState.RENDERED, stages.StageState.OBSOLETE}, (stage.patch, stage.findings)
        found += [(stage.patch, report) for report in stage.edits]
    return found


def parts(files: Mapping[str, bytes], names: Iterable[str]) -> list[tuple[str, int, str]]:
    """Return the same as `searched`, with the parts of identifiers between underscores."""
    letter = rb"[0-9A-Za-z$\x80-\xff]"
    return sorted(
        (path, match.start(), name)
        for path, data in files.items()
        for name in names
        for match in re.finditer(rb"(?<!%s)%s(?!%s)" % (letter, re.escape(name.encode()), letter), data)
    )


def test_the_ledger_of_the_projects_own_series_is_what_a_search_finds(root: Path) -> None:
    compared = 0
    for patch, report in own_reports(root):
        plan, tree = report.plan, report.tree
        files = {path: tree.read(path) for path in tree.paths() if report.edit.covers(path)}
        wanted, got = (parts if isinstance(report.edit, Mirror) else searched)(files, plan.names), entered(plan)
        if plan.scopes:
            wanted = [
                (path, at, name)
                for path, at, name in wanted
                if any(path == scope and start <= at < end for scope, start, end in plan.scopes)
            ]
        assert got == wanted, (patch, report.edit)
        compared += bool(got)
        assert len(got) == len(set(got)), patch
        assert plan.state in {State.OBSOLETE, State.PRESENT} or plan.replacements, patch
    assert compared >= 25


def test_no_code_of_the_reference_tree_is_excused_but_for_the_five_reasons(root: Path) -> None:
    for patch, report in own_reports(root):
        for occurrence in report.plan.occurrences:
            assert occurrence.verdict is not Verdict.REFUSED, (patch, occurrence)
            assert occurrence.reason is not Reason.ENTRY, (patch, occurrence)
            data = report.tree.read(occurrence.path)
            call = re.match(rb"\s*\([^;]*\)\s*[;,)]", data[occurrence.end : occurrence.end + 2000])
            if (
                isinstance(report.edit, AddParameter)
                and occurrence.path.endswith((".c", ".h"))
                and call
                and occurrence.reason
            ):
                # What looks like a call and is not edited: dead, quoted, or another binding.
                assert occurrence.reason in {Reason.COMMENT, Reason.STRING, Reason.OTHER_BINDING}, (patch, occurrence)
