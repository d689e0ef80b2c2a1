# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kinds ``add-row`` and ``replace-row``: rows of a table's initialiser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import State, Verdict

LINES = 'static struct row t[] = {\n\t{"a", 1},\t/* first */\n\t{ "b", 2 }, // second\n\t{NULL, 0}\n};\n'


def add(row: str = '{"c", 3}', more: str = "") -> str:
    return f"kind = \"add-row\"\ntable = \"t\"\nrow = '''{row}'''\n{more}\n"


def replace(row: str, to: str | None) -> str:
    end = "delete = true" if to is None else f"with = '''{to}'''"
    return f"kind = \"replace-row\"\ntable = \"t\"\nrow = '''{row}'''\n{end}\n"


ADDED = [
    ("before-the-sentinel", add(), LINES, LINES.replace("\t{NULL", '\t{"c", 3},\n\t{NULL')),
    ("at-the-end", add(more='at = "end"'), LINES, LINES.replace("\t{NULL", '\t{"c", 3},\n\t{NULL')),
    ("at-the-start", add(more='at = "start"'), LINES, LINES.replace('\t{"a"', '\t{"c", 3},\n\t{"a"')),
    ("after", add(more="after = '{\"a\", $n}'"), LINES, LINES.replace("\t{ ", '\t{"c", 3},\n\t{ ')),
    ("before", add(more="before = '{\"b\", 2}'"), LINES, LINES.replace("\t{ ", '\t{"c", 3},\n\t{ ')),
    ("inline", add('"c"'), 'char *t[] = {"a","b"};\n', 'char *t[] = {"a","b","c"};\n'),
    ("inline-sentinel", add('"c"'), 'char *t[] = {"a", "b", 0};\n', 'char *t[] = {"a", "b", "c", 0};\n'),
    ("inline-trailing-comma", add('"c"'), 'char *t[] = { "a", "b", };\n', 'char *t[] = { "a", "b", "c", };\n'),
    ("trailing-comma", add('"c"'), 'char *t[] = {\n  "a", // a\n};\n', 'char *t[] = {\n  "a", // a\n  "c",\n};\n'),
    ("no-trailing-comma", add('"c"'), 'char *t[] = {\n  "a" // a\n};\n', 'char *t[] = {\n  "a", // a\n  "c"\n};\n'),
    ("crlf", add('"c"'), 'char *t[] = {\r\n\t"a",\r\n};\r\n', 'char *t[] = {\r\n\t"a",\r\n\t"c",\r\n};\r\n'),
    ("only-a-sentinel", add('"c"'), "char *t[] = {\n\tNULL\n};\n", 'char *t[] = {\n\t"c",\n\tNULL\n};\n'),
    (
        "before-a-sentinel-by-name",
        add(),
        'struct r t[] = {\n\t{"a", 1},\n\t{ .name = NULL }\n};\n',
        'struct r t[] = {\n\t{"a", 1},\n\t{"c", 3},\n\t{ .name = NULL }\n};\n',
    ),
    (
        "before-a-sentinel-of-names",
        add(),
        'struct r t[] = {\n\t{"a", 1},\n\t{ .n = { NULL, 0 }, .v = 0 },\n};\n',
        'struct r t[] = {\n\t{"a", 1},\n\t{"c", 3},\n\t{ .n = { NULL, 0 }, .v = 0 },\n};\n',
    ),
    (
        "after-a-row-before-a-macro",
        add(more="after = '{\"a\", 1}'"),
        'struct r t[] = {\n\t{"a", 1},\n\tEND\n};\n',
        'struct r t[] = {\n\t{"a", 1},\n\t{"c", 3},\n\tEND\n};\n',
    ),
    ("words", add("h"), "fn *t[] = {f, g};\n", "fn *t[] = {f, g, h};\n"),
    ("calls", add("R(3)"), "struct r t[] = {R(1), R(2)};\n", "struct r t[] = {R(1), R(2), R(3)};\n"),
    ("members", add(".c = 3"), "struct r t = {.a = 1, .b = 2};\n", "struct r t = {.a = 1, .b = 2, .c = 3};\n"),
    ("empty", add('"c"'), "char *t[] = {};\n", 'char *t[] = {"c"};\n'),
    ("designated", add("[C] = 3"), "int t[] = {[A] = 1, [B] = 2};\n", "int t[] = {[A] = 1, [B] = 2, [C] = 3};\n"),
    ("room", add("3"), "int t[3] = {1, 2};\n", "int t[3] = {1, 2, 3};\n"),
    (
        "several-lines",
        add('{\n\t"c",\n\t3,\n}'),
        't[] = x;\nstruct r t[] = {\n  {"a", 1},\n};\n'.replace("t[] = x;\n", ""),
        'struct r t[] = {\n  {"a", 1},\n  {\n  \t"c",\n  \t3,\n  },\n};\n',
    ),
    (
        "local",
        add('"c"', 'in = ["g", "f"]'),
        'char *t[] = {"x"};\nvoid f(void)\n{\n\tstatic char *t[] = {"a"};\n}\n',
        'char *t[] = {"x"};\nvoid f(void)\n{\n\tstatic char *t[] = {"a", "c"};\n}\n',
    ),
]

REPLACED = [
    ("one", replace('{"b", 2}', '{"b", 3}'), LINES, LINES.replace('{ "b", 2 }', '{"b", 3}')),
    (
        "what-a-name-stands-for",
        replace('{"b", $n}', '{"b", $n + 1}'),
        LINES,
        LINES.replace('{ "b", 2 }', '{"b", 2 + 1}'),
    ),
    ("a-string", replace('"b"', '"c"'), 'char *t[] = {"a", "b"};\n', 'char *t[] = {"a", "c"};\n'),
    ("delete", replace('{"b", $n}', None), LINES, LINES.replace('\t{ "b", 2 }, // second\n', "")),
    ("delete-the-last", replace('"b"', None), 'char *t[] = {\n\t"a",\n\t"b" // b\n};\n', 'char *t[] = {\n\t"a"\n};\n'),
    ("delete-inline", replace('"a"', None), 'char *t[] = {"a", "b"};\n', 'char *t[] = {"b"};\n'),
    ("designated", replace("[B] = $x", "[B] = $x | 4"), "int t[] = {[B] = 1, 2};\n", "int t[] = {[B] = 1 | 4, 2};\n"),
    ("delete-designated", replace("[A] = $x", None), "int t[] = {[A] = 1, [B] = 2};\n", "int t[] = {[B] = 2};\n"),
    ("delete-the-last-inline", replace('"b"', None), 'char *t[] = {"a", "b" };\n', 'char *t[] = {"a" };\n'),
]


@pytest.mark.parametrize(("toml", "before", "then"), [pytest.param(*case[1:], id=case[0]) for case in ADDED + REPLACED])
def test_rows(toml: str, before: str, then: str) -> None:
    assert after(toml, {"a.c": before}) == {"a.c": then}


REFUSED = [
    ("nowhere", add(), "int x;\n", "not-found"),
    ("no-initialiser", add(), "extern struct row t[];\n", "not-found"),
    ("twice", add('"c"'), 'char *t[] = {"a"};\nvoid f(void)\n{\n\tchar *t[] = {"a"};\n}\n', "table-twice"),
    ("another-row-of-that-word", add('{"a", 3}'), LINES, "row-differs"),
    ("another-row-of-that-index", add("[A] = 3"), "int t[] = {[A] = 1};\n", "row-differs"),
    ("full", add("3"), "int t[2] = {1, 2};\n", "table-bound"),
    ("a-bound-that-is-a-macro", add("3"), "int t[MAX] = {1, 2};\n", "table-bound"),
    ("no-anchor", add(more="after = '{\"x\", $n}'"), LINES, "no-such-row"),
    ("two-anchors", add(more="after = '{$w, $n}'"), LINES, "no-such-row"),
    ("cut-by-an-if", add('"c"'), 'char *t[] = {\n"a",\n#ifdef X\n"b",\n#endif\n};\n', "unparsed-table"),
    ("by-order-beside-designators", add("3"), "int t[] = {[B] = 1, [A] = 2};\n", "row-designated"),
    ("by-order-before-designators", add("3", 'at = "start"'), "int t[] = {[A] = 1, [B] = 2};\n", "row-designated"),
    ("by-order-between", add("3", "after = '1'"), "int t[] = {1, [B] = 2};\n", "row-designated"),
    ("by-order-before-a-mix", add("3", 'at = "start"'), "int t[] = {[A] = 1, 2, { }};\n", "row-designated"),
    ("a-designator-beside-order", add("[B] = 3"), "int t[] = {1, 2};\n", "row-designated"),
    ("a-macro-at-the-end", add(), 'struct r t[] = {\n\t{"a", 1},\n\tEND_OF_TABLE\n};\n', "row-behind-macro"),
    ("a-macro-alone", add(), "struct r t[] = {\n\tEND_OF_TABLE,\n};\n", "row-behind-macro"),
    ("a-called-macro-at-the-end", add(), 'struct r t[] = {\n\t{"a", 1},\n\tEND()\n};\n', "row-behind-macro"),
    ("a-macro-behind-calls", add("R(3)"), "struct r t[] = {R(1), R(2), END};\n", "row-behind-macro"),
    ("behind-a-macro", add(more="after = 'END'"), 'struct r t[] = {{"a", 1}, END};\n', "row-behind-macro"),
    ("a-designator-lost", replace("[A] = $x", "3"), "int t[] = {[A] = 1, [B] = 2};\n", "row-designated"),
    ("a-designator-gained", replace("1", "[A] = 1"), "int t[] = {1, 2};\n", "row-designated"),
    (
        "another-designator-that-is-counted-on",
        replace("[A] = 1", "[C] = 1"),
        "int t[] = {[A] = 1, 2};\n",
        "row-designated",
    ),
    ("deleting-what-is-counted-on", replace("[A] = 1", None), "int t[] = {[A] = 1, 2};\n", "row-designated"),
    ("nothing-to-replace", replace('{"x", 1}', '{"y", 1}'), LINES, "row-not-there"),
    ("two-to-replace", replace("{$w, $n}", '{"y", 1}'), LINES, "row-not-there"),
    ("both-there", replace('{"a", 1}', '{"b", 2}'), LINES, "row-differs"),
]


@pytest.mark.parametrize(("toml", "text", "slug"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_refuses(toml: str, text: str, slug: str) -> None:
    plan = unchanged(toml, {"a.c": text})
    assert plan.state is State.REFUSED
    assert slugs(plan) == {slug}


def test_a_bound_that_a_person_knows() -> None:
    more = 'excuse = [{ file = "a.c", reason = "MAX is 16" }]'
    assert after(add("3", more), {"a.c": "int t[MAX] = {1, 2};\n"}) == {"a.c": "int t[MAX] = {1, 2, 3};\n"}


@pytest.mark.parametrize("toml", [add('{ "a",1 }'), replace('{"x", 1}', '{"a", 1}'), replace('{"x", 1}', None)])
def test_there_already(toml: str) -> None:
    assert unchanged(toml, {"a.c": LINES}).state is State.PRESENT


def test_uses_of_the_table_are_not_changed() -> None:
    files = {
        "a.c": LINES,
        "a.h": "extern struct row t[];\n",
        "b.c": "int f(int t)\n{\n\treturn t + s.t; // t\n}\nint g = sizeof(t);\n",
    }
    plan, _ = plan_of(add(), files)
    assert plan.state is State.ABSENT
    assert [one.verdict for one in plan.occurrences].count(Verdict.EDITED) == 1
    assert len(plan.occurrences) == 7


@pytest.mark.parametrize(
    "toml",
    [
        add('"a", "b"'),
        add('"a",'),
        add("{"),
        add('{"a", $n}'),
        add(more='at = "middle"'),
        add(more='at = "end"\nafter = "1"'),
        replace('"a"', "{$x}"),
        replace('"a"', '"b"') + "delete = true\n",
    ],
)
def test_unusable(toml: str) -> None:
    with pytest.raises(ValueError, match=r"one row|no \$name|at most one|not in `row`|give one of"):
        edit_of(toml)


_ROWS = st.lists(st.integers(1, 9).map(lambda n: f"{{{n}, 0}}"), min_size=1, max_size=5, unique=True)


@given(
    _ROWS,
    st.sampled_from([", ", ",\n\t", ",\n\n  ", " ,"]),
    st.sampled_from(["", ",", " ,\n"]),
    st.sampled_from(["start", "end"]),
)
def test_deleting_an_added_row_is_the_identity(rows: list[str], separator: str, end: str, at: str) -> None:
    """What add-row puts in, replace-row with delete takes out: the rows are what they were."""
    text = f"struct r t[] = {{\n\t{separator.join(rows)}{end}}};\n"
    added = after(add("{77, 7}", f'at = "{at}"'), {"a.c": text})
    removed = after(replace("{77, 7}", None), added)["a.c"]
    assert removed.replace(" ", "") == text.replace(" ", "")


STRINGS = 'char *t[] = { "a", "c", "e" };\n'
SEARCHED = "bsearch(k, t, sizeof t / sizeof t[0], sizeof t[0], cmp)"
FIRST, LAST, MIDDLE = (add('"b"', f"{place}") for place in ('at = "start"', 'at = "end"', "after = '\"a\"'"))
FOUND = {
    "by a constant, moved": (MIDDLE, "enum { A, C };\n", "return t[C];", "row-by-number"),
    "by a number, moved": (MIDDLE, "", "return t[1];", "row-by-number"),
    "by a number, before it": (MIDDLE, "", "return t[0];", ""),
    "by what is given, moved": (MIDDLE, "", "return t[i];", "row-by-number"),
    "by what is given, at the end": (LAST, "", "return t[i];", ""),
    "by counting": (MIDDLE, "", "for (i = 0; i < n; i++) use(t[i]);", ""),
    "by counting down": (MIDDLE, "", "while (i > 0) use(t[--i]);", ""),
    "in a macro": (MIDDLE, "#define NAME(n) t[n]\n", "return NAME(i);", "row-by-number"),
    "the last one": (LAST, "", "return t[sizeof(t) / sizeof(t[0]) - 1];", "row-by-number"),
    "the last one, by a macro": (LAST, "#define N (sizeof(t) / sizeof(t[0]))\n", "return t[N - 1];", "row-by-number"),
    "a number that is given away": (
        MIDDLE,
        "",
        "for (i = 0; i < n; i++) if (same(t[i])) return i;",
        "row-by-number",
    ),
    "a number that has cases": (
        MIDDLE,
        "",
        "for (i = 0; i < n; i++) if (same(t[i])) break; switch (i) { case 1: return 2; }",
        "row-by-number",
    ),
    "a loop that says how many": (LAST, "", "for (i = 0; i < 3; i++) use(t[i]);", "rows-counted"),
    "a loop that says how many by a macro": (
        LAST,
        "#define N 3\n",
        "for (i = 0; i < N; i++) use(t[i]);",
        "rows-counted",
    ),
    "a call that says how many": (LAST, "", "return use(t, 3);", "rows-counted"),
    "a call with another number": (LAST, "", "return use(t, 4);", ""),
    "a loop over something else": (LAST, "", "for (n = 0; n < 3; n++) use(t[0], n);", ""),
    "measured": (FIRST, "", "return sizeof(t) / sizeof(t[0]);", ""),
    "searched, out of order": (LAST, "", f"return {SEARCHED};", "row-out-of-order"),
    "searched, in order": (MIDDLE, "", f"return {SEARCHED};", ""),
    "searched, sorted before": (LAST, "", f"qsort(t, n, 8, cmp); return {SEARCHED};", ""),
    "searched by hand": (LAST, "", "while (lo < i) { m = (lo + i) / 2; c = cmp(t[m]); }", "row-out-of-order"),
    "beside another": (
        LAST,
        "int u[] = { 1, 2, 3 };\n",
        "for (i = 0; i < n; i++) use(t[i], u[i]);",
        "parallel-table",
    ),
    "beside another that has its row": (
        LAST,
        "int u[] = { 1, 2, 3, 4 };\n",
        "for (i = 0; i < n; i++) use(t[i], u[i]);",
        "",
    ),
    "and another in another loop": (
        LAST,
        "int u[] = { 1, 2, 3 };\n",
        "for (i = 0; i < n; i++) use(t[i]);\nfor (i = 0; i < n; i++) use(u[i]);",
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("toml", "head", "body", "slug"), FOUND.values(), ids=FOUND)
def test_a_row_is_found_as_before_or_refused(toml: str, head: str, body: str, slug: str) -> None:
    plan, _ = plan_of(toml, {"a.c": f"{STRINGS}{head}int f(int i)\n{{\n{body}\n}}\n"})
    assert slugs(plan) == ({slug} if slug else set()), plan.findings
    assert (plan.state is State.REFUSED) == bool(slug)


def test_a_table_in_order_that_goes_to_a_function_is_a_warning() -> None:
    text = 'char *t[] = { "a", "c", "e", "g" };\nint f(char *k)\n{\nreturn find(t, n, k);\n}\n'
    plan, _ = plan_of(LAST, {"a.c": text})
    assert (plan.state, slugs(plan)) == (State.ABSENT, {"row-out-of-order"})
    plan, _ = plan_of(MIDDLE, {"a.c": text})
    assert (plan.state, slugs(plan)) == (State.ABSENT, set())


@pytest.mark.parametrize(("row", "state"), [('"a"', State.REFUSED), ('"e"', State.ABSENT)])
def test_a_row_that_is_taken_out_moves_those_behind_it(row: str, state: State) -> None:
    plan, _ = plan_of(replace(row, None), {"a.c": STRINGS + "char *f(void) { return t[1]; }\n"})
    assert plan.state is state
    assert slugs(plan) <= {"row-by-number"}
