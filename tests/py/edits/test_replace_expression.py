# SPDX-License-Identifier: GPL-3.0-or-later
"""An expression or a statement becomes another, and what they have in common stays as it is written."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tree_sitter import Node

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State
from patchgen.findings import Level
from patchgen.syntax import c


def replace(old: str, new: str, more: str = "") -> str:
    return f"kind = \"replace-expression\"\nin = \"f\"\nexpression = '''{old}'''\nwith = '''{new}'''\n{more}\n"


def statement(old: str, new: str, more: str = "") -> str:
    return f"kind = \"replace-statement\"\nin = \"f\"\nstatement = '''{old}'''\nwith = '''{new}'''\n{more}\n"


def f(body: str) -> dict[str, str]:
    return {"f.c": f"int f(int a, char *b)\n{{\n\t{body}\n}}\n"}


HEADER = "#define LOOSE 3 - 1\n#define OUTER LOOSE\n#define SAME(x) x\n#define TIGHT (3 - 1)\n"

DONE = [
    ("in-an-initialiser", "malloc($n)", "calloc(1, $n)", "char *p = malloc(a + 1);", "char *p = calloc(1, a + 1);"),
    ("blanks-as-they-are", "g($x)", "h($x, 0)", "g ( a );", "h ( a, 0 );"),
    ("over-several-lines", "g($x, $y)", "g($x, NULL, $y)", "g(a, /* why */\n\t  b);", "g(a, NULL, /* why */\n\t  b);"),
    ("a-condition-of-two-lines", "$a || b == NULL", "$a || b == NULL || !*b",
     "if (a < 0 ||\n\t    b == NULL)\n\t\treturn 1;", "if (a < 0 ||\n\t    b == NULL || !*b)\n\t\treturn 1;"),
    ("an-argument-goes", "g($x, $y)", "g($y)", "g(a, b);", "g(b);"),
    ("the-last-argument-goes", "g($x, $y)", "g($x)", "g(a,\n\t  b);", "g(a);"),
    ("two-change-places", "g($x, $y)", "h($y, $x)", "g(a, b + 1);", "h(b + 1, a);"),
    ("a-part-that-binds-loosely", "twice($x)", "2 * $x", "a = twice(a + 1);", "a = 2 * (a + 1);"),
    ("a-part-that-binds-tightly", "twice($x)", "2 * $x", "a = twice(b[1]);", "a = 2 * b[1];"),
    ("a-macro-that-binds-loosely", "less($x, $y)", "$x - $y", "a = less(a, LOOSE);", "a = a - (LOOSE);"),
    ("a-macro-of-a-macro", "less($x, $y)", "$x - $y", "a = less(a, OUTER);", "a = a - (OUTER);"),
    ("a-macro-that-is-its-argument", "twice($x)", "2 * $x", "a = twice(SAME(a + 1));", "a = 2 * (SAME(a + 1));"),
    ("a-macro-that-binds-tightly", "less($x, $y)", "$x - $y", "a = less(a, TIGHT);", "a = a - TIGHT;"),
    ("a-whole-that-binds-loosely", "sum($x, $y)", "$x + $y", "a = 3 * sum(1, 2);", "a = 3 * (1 + 2);"),
    ("a-whole-in-parentheses", "sum($x, $y)", "$x + $y", "a = 3 * (sum(1, 2));", "a = 3 * (1 + 2);"),
    ("the-right-of-a-minus", "sum($x, $y)", "$x + $y", "a = 3 - sum(1, 2);", "a = 3 - (1 + 2);"),
    ("the-left-of-a-minus", "sum($x, $y)", "$x + $y", "a = sum(1, 2) - 3;", "a = 1 + 2 - 3;"),
    ("a-member-of-it", "at($p, $i)", "$p + $i", "a = at(b, 1)->n;", "a = (b + 1)->n;"),
    ("a-minus-by-two", "less($x)", "--$x", "a = -less(a);", "a = -(--a);"),
    ("a-minus-of-a-minus", "negative($x)", "-$x", "a = negative(-1);", "a = -(-1);"),
    ("a-star-by-a-slash", "deref($x)", "*$x", "a = a/deref(b);", "a = a/(*b);"),
    ("an-assignment", "set($x)", "a = $x", "if (set(1) == 2) return 1;", "if ((a = 1) == 2) return 1;"),
    ("the-new-form-holds-the-old", "read($x)", "checked(read($x))", "read(a);", "checked(read(a));"),
    ("the-old-form-holds-the-new", "checked(read($x))", "read($x)", "checked(read(a));", "read(a);"),
    ("comments-are-not-seen", "g(a, 1)", "g(a, 2)", "g(/* 1 */ a, 1);", "g(/* 1 */ a, 2);"),
    ("a-type", "sizeof(ncInstance)", "sizeof(struct box)", "a = sizeof( ncInstance );", "a = sizeof( struct box );"),
    ("va-arg", "va_arg($l, char *)", "va_arg($l, char **)", "b = va_arg(l, char  *);", "b = va_arg(l, char **);"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "before", "then"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
def test_an_expression_becomes_another(old: str, new: str, before: str, then: str) -> None:
    header = {"m.h": HEADER}
    assert after(replace(old, new), header | f(before)) == header | f(then)


STATEMENTS = [
    ("one-by-one", "run($x);", "go($x);", "run (a);", "go (a);"),
    ("one-by-two", "run($x);", "a = run($x);\nif (a) {\n\treturn a;\n}", "run(1); /* go */", "a = run(1);\n\tif (a) {\n\t\treturn a;\n\t} /* go */"),
    ("two-by-one", "a = 1;\n$x;", "a = $x;", "a = 1; /* one */\n\trun(b);", "a = run(b);"),
    ("under-a-head-in-an-arm", "run($x);", "return run($x);", "x();\n#ifdef A\n\tif (a)\n#endif\n\trun(b);", "x();\n#ifdef A\n\tif (a)\n#endif\n\treturn run(b);"),
    ("a-branch-without-braces", "run($x);", "return run($x);", "if (a)\n\t\trun(b);", "if (a)\n\t\treturn run(b);"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "before", "then"), [row[1:] for row in STATEMENTS], ids=[row[0] for row in STATEMENTS]
)
def test_a_statement_becomes_another(old: str, new: str, before: str, then: str) -> None:
    assert after(statement(old, new), f(before)) == f(then)


REFUSED = [
    ("not-there", replace("g(a)", "h(a)"), "g(b);", "not-found"),
    ("twice", replace("g($x)", "h($x)"), "g(a); g(b);", "wrong-number-of-sites"),
    ("too-few", replace("g($x)", "h($x)", "sites = 2"), "g(a);", "wrong-number-of-sites"),
    ("in-itself", replace("g($x)", "h($x)", "sites = 2"), "g(g(a));", "nested-matches"),
    ("did-not-parse", replace("g($x)", "h($x)"), "g(a); b = @ g(b);", "anchor-unparsed"),
    ("in-a-macro", replace("g($x)", "h($x)"), "g(a);\n#define X g(b)\n", "anchor-unparsed"),
    ("on-the-line-of-a-directive", replace("$p[$i]", "at($p, $i)"), "a = 2 -\n#if 1\n\t(b + 1)[a]\n#endif\n\t;", "unfit-replacement"),
    ("within-nothing", replace("g($x)", "h($x)", 'within = {if = "b"}'), "g(a);", "not-found"),
    ("two-statements-without-braces", statement("run($x);", "a = 1;\nrun($x);"), "if (a)\n\t\trun(b);", "unfit-replacement"),
    ("an-else-that-would-change-sides", statement("run($x);", "if ($x)\n\trun($x);"), "if (a)\n\t\trun(b);\n\telse\n\t\tx();", "unfit-replacement"),
    ("two-statements-under-a-head-in-an-arm", statement("run($x);", "a = 1;\nrun($x);"), "x();\n#ifdef A\n\tif (a)\n#endif\n\trun(b);", "unfit-replacement"),
    ("two-statements-in-an-arm-under-a-head", statement("run($x);", "a = 1;\nrun($x);"), "if (a)\n#ifdef A\n\t\trun(b);\n#endif\n\t;", "unfit-replacement"),
    ("two-statements-under-a-loop-macro", statement("run($x);", "a = 1;\nrun($x);"), "if (a) {\n\t\tx(); }\n\telse each(a)\n\trun(b);", "unfit-replacement"),
    ("an-if-that-an-else-in-an-arm-follows", statement("if ($x) { run(); }", "run($x);"), "if (a) { run(); }\n#ifdef A\n\telse x();\n#endif", "unfit-replacement"),
    ("a-step-done-twice", replace("g($x)", "($x + $x)"), "a = g(a++);", "unfit-replacement"),
    ("an-assignment-done-twice", replace("g($x)", "h($x, $x)"), "g(a = 1);", "unfit-replacement"),
    ("a-call-done-twice", replace("g($x)", "h($x, $x)"), "g(next(a));", "unfit-replacement"),
    ("a-step-that-sizeof-kept", replace("g(sizeof($x))", "h($x)"), "g(sizeof(a++));", "unfit-replacement"),
    ("a-name-that-is-taken", statement("run($x);", "int b = $x;"), "run(1);", "unfit-replacement"),
    ("cut-by-a-directive", statement("if ($c) { x(); }", "if ($c) { y(); }"), "if (a) { x();\n#ifdef A\n#endif\n }", "not-found"),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "before", "slug"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused(toml: str, before: str, slug: str) -> None:
    plan = unchanged(toml, f(before))
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


UNUSABLE = [
    ("everything", replace("$x", "g($x)"), "fits every place"),
    ("by-everything", replace("g($x)", "$x"), "fits every place"),
    ("unbound", replace("g($x)", "h($y)"), "binds"),
    ("no-change", replace("g($x)", "g( $x )"), "old one too"),
    ("no-change-but-a-name", replace("g($x)", "g(1)"), "old one too"),
    ("two-expressions", replace("g($x)", "a, b"), "not one expression"),
    ("a-statement", replace("g($x);", "h($x);"), "not one expression"),
    ("no-sites", replace("g($x)", "h($x)", "sites = 0"), "at least 1"),
    ("nothing", statement("run($x);", ""), "not a sequence"),
]


@pytest.mark.parametrize(("toml", "message"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_it_is_unusable(toml: str, message: str) -> None:
    with pytest.raises((ValueError, msgspec.ValidationError), match=message):
        edit_of(toml)


TWICE = [
    ("no-effect", "h($x, $x)", "g(a + 1);", "h(a + 1, a + 1);"),
    ("a-function-that-only-returns", "h($x, $x)", "g(strlen(b));", "h(strlen(b), strlen(b));"),
    ("not-evaluated", "h($x, sizeof($x))", "g(next(a));", "h(next(a), sizeof(next(a)));"),
]


@pytest.mark.parametrize(("new", "before", "then"), [row[1:] for row in TWICE], ids=[row[0] for row in TWICE])
def test_what_has_no_effect_may_stand_twice(new: str, before: str, then: str) -> None:
    assert after(replace("g($x)", new), f(before)) == f(then)


MACROS = [
    ("loose", "SQ(a)", "a", "b + 1", "SQ((b + 1))"),
    ("in-small-letters", "sq(a, 2)", "a", "-b[0]", "sq((-b[0]), 2)"),
    ("one-word", "SQ(a)", "a", "b", "SQ(b)"),
    ("a-call", "SQ(a)", "a", "g(b + 1)", "SQ(g(b + 1))"),
    ("a-size", "SQ(a)", "a", "sizeof(b)", "SQ(sizeof(b))"),
    ("of-a-function", "g(a)", "a", "b + 1", "g(b + 1)"),
    ("not-the-whole-argument", "SQ(g(a))", "a", "b + 1", "SQ(g(b + 1))"),
    ("in-parentheses-already", "SQ((a))", "a", "b + 1", "SQ((b + 1))"),
]


@pytest.mark.parametrize(("call", "old", "new", "then"), [row[1:] for row in MACROS], ids=[row[0] for row in MACROS])
def test_an_argument_of_a_macro_stays_one(call: str, old: str, new: str, then: str) -> None:
    macros = {"m.h": "#define sq(x, y) x * x + y\n"}
    assert after(replace(f"{old}", new), f(f"return {call};") | macros) == f(f"return {then};") | macros


def test_a_piece_of_a_joined_string_is_a_place_too() -> None:
    toml = replace('"a"', '"b"', "sites = 3")
    assert after(toml, f('g("a", "aa", "a" "a");')) == f('g("b", "aa", "b" "b");')


def test_one_is_done_and_one_is_not() -> None:
    plan, _ = plan_of(replace("g($x)", "h($x)", "sites = 2"), f("g(a); h(b);"))
    assert (plan.state, plan.sites, plan.present) == (State.PARTIAL, 1, 1)


def test_the_old_form_in_what_a_new_one_binds_is_to_be_done() -> None:
    plan, _ = plan_of(replace("g($x)", "h($x)", "sites = 2"), f("h(g(b));"))
    assert (plan.state, plan.sites, plan.present) == (State.PARTIAL, 1, 1)


def test_other_functions_are_left_alone() -> None:
    files = f("g(a);") | {"g.c": "int other(int a)\n{\n\treturn g(a);\n}\n"}
    assert after(replace("g($x)", "h($x)"), files) == f("h(a);") | {"g.c": files["g.c"]}


def test_only_within_what_is_named() -> None:
    toml = replace("g($x)", "h($x)", 'within = {if = "a"}')
    assert after(toml, f("g(1);\n\tif (a)\n\t\tg(2);\n\telse\n\t\tg(3);")) == f(
        "g(1);\n\tif (a)\n\t\th(2);\n\telse\n\t\tg(3);"
    )


def test_an_arm_that_is_never_compiled_is_excused() -> None:
    plan, _ = plan_of(replace("g($x)", "h($x)"), f("g(a);\n#if 0\n\tg(b);\n#endif"))
    assert [occurrence.reason for occurrence in plan.occurrences] == [None, Reason.COMMENT]
    assert plan.state is State.ABSENT


def test_a_comment_that_goes_is_a_warning() -> None:
    plan, _ = plan_of(replace("g($x, $y)", "g($x)"), f("g(a, /* why */ b);"))
    assert [(finding.slug.name, finding.level) for finding in plan.findings] == [("comment-lost", Level.WARNING)]


def test_bytes_that_are_not_utf_8_stay() -> None:
    assert after(replace("g($x)", "h($x, 1)"), f('g("\udce9");')) == f('h("\udce9", 1);')


def test_a_replacement_with_lines_of_its_own() -> None:
    assert after(replace("g($x)", "h($x,\n\t1)"), f("g(a);")) == f("h(a,\n\t\t1);")


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b[1]", "1", '"s"', "p->q", "-1", "*p", "!a"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "<<", "==", "&&", "||", "&", ",", "=", "?"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]}" + (" : 1)" if parts[1] == "?" else ")")
        ),
        inner.map(lambda text: f"g({text})"),
    ),
    max_leaves=4,
)
CONTEXTS = st.sampled_from(
    ["x = {};", "x = 2 * {};", "x = {} - 1;", "x = 1 - {};", "return {};", "x = -{};", "x = h({}, 1);", "x = k[{}];"]
)
NEW = st.sampled_from(
    ["2 * $x", "$x + 1", "(int)$x", "$x ? 1 : 0", "-$x", "*$x", "t = $x", "q($x)", "$x->m", "$x && y"]
)


def _parenthesised(text: str) -> str:
    """Return an expression of the generator above without its outer parentheses, so that it binds loosely."""
    return text[1:-1] if text.startswith("(") and not text.startswith("(int)") else text


@given(EXPRESSIONS.map(_parenthesised), CONTEXTS, NEW)
def test_what_is_put_in_means_what_it_says(argument: str, context: str, new: str) -> None:
    """The edited expression means the same as one in which everything is in parentheses."""
    if argument.count(",") and not argument.startswith("g("):
        return  # two arguments
    before = f(context.format(f"old({argument})"))
    plain = f(context.format("((" + new.replace("$x", f"({argument})") + "))"))
    plan, _ = plan_of(replace("old($x)", new), before)
    assume(slugs(plan) != {"wrong-number-of-sites"})  # what is around has the new form
    edited = after(replace("old($x)", new), before)
    assert _shape(edited["f.c"]) == _shape(plain["f.c"])


def _shape(text: str) -> str:
    """Return the tree of the text without parentheses."""
    parsed = c.parse(text.encode())
    assert not parsed.faults

    def shape(node: object) -> str:
        assert isinstance(node, Node)
        if node.type == "parenthesized_expression":
            return shape(node.named_children[0])
        inner = " ".join(shape(child) for child in node.children)
        return f"({node.type} {inner})" if node.child_count else parsed.text(node).decode()

    return shape(parsed.root)


ANYWHERE = (
    'kind = "replace-expression"\nin = "*"\nfiles = ["m.c"]\nexpression = "make($a)"\nwith = "wrapped(make($a))"\n'
)


def test_every_function_of_the_files_is_looked_at() -> None:
    files = {
        "m.c": "int f(int a) { return a; }\nint g(int a) { int n = make (a + 1); return n; }\nint h(void) { return 0; }\n",
        "n.c": "int k(void) { return make(3); }\n",
    }
    made = after(ANYWHERE, files)
    assert made["m.c"] == files["m.c"].replace("make (a + 1)", "wrapped(make (a + 1))")
    assert made["n.c"] == files["n.c"]


@pytest.mark.parametrize(
    "text", ["int f(void) { return 0; }\n", "int f(void) { return make(1); }\nint g(void) { return make(2); }\n"]
)
def test_as_many_places_as_the_edit_says(text: str) -> None:
    plan, _ = plan_of(ANYWHERE, {"m.c": text})
    assert plan.state is State.REFUSED


@pytest.mark.parametrize("bad", [ANYWHERE.replace('files = ["m.c"]\n', ""), ANYWHERE + 'bind = ["x($y)"]\n'])
def test_everywhere_is_everywhere_in_certain_files(bad: str) -> None:
    with pytest.raises(ValueError, match="goes with"):
        edit_of(bad)


@pytest.mark.parametrize(
    "body",
    ["\tint (*old)(int) = pick();\n\treturn old(1);\n", "\t{\n\t\tint (*old)(int) = pick();\n\n\t\told(1);\n\t}\n"],
)
def test_a_local_pointer_that_has_the_name_of_the_function_is_not_the_function(body: str) -> None:
    toml = 'kind = "replace-expression"\nin = "f"\nexpression = "old($x)"\nwith = "new($x)"\n'
    text = f"int old(int);\nint f(int a)\n{{\n{body}}}\n"
    assert slugs(unchanged(toml, {"f.c": text})) == {"unfit-replacement"}
    assert "new(1)" in after(toml, {"f.c": text.replace("(*old)(int)", "(*other)(int)")})["f.c"]


LITERAL = 'kind = "replace-expression"\nin = "f"\nexpression = "old($x)"\nwith = "{}"\n'


@pytest.mark.parametrize(
    ("new", "before", "wanted"),
    [
        ("(int[]){ 0, $x }[1]", "TWICE(old(1))", "TWICE(((int[]){ 0, 1 }[1]))"),
        ("(int[]){ 0, $x }[1]", "TWICE(2 + old(1))", "TWICE(2 + ((int[]){ 0, 1 }[1]))"),
        ("(int[]){ 0, $x }[1]", "TWICE(g(old(1)))", "TWICE(g((int[]){ 0, 1 }[1]))"),
        ("(int[]){ 0, $x }[1]", "g(old(1))", "g((int[]){ 0, 1 }[1])"),
        ("(int[]){ 0 }[$x]", "TWICE(old(1))", "TWICE((int[]){ 0 }[1])"),
        ("pair(0, $x)", "TWICE(old(1))", "TWICE(pair(0, 1))"),
        ("$x[1]", "TWICE(old((int[]){ 0, 1 }))", "TWICE(((int[]){ 0, 1 }[1]))"),
    ],
)
def test_a_comma_in_braces_divides_the_arguments_of_a_macro(new: str, before: str, wanted: str) -> None:
    text = "#define TWICE(...) ((__VA_ARGS__) * 2)\nint old(int);\nint g(int);\nint f(int a)\n{{\n\treturn {};\n}}\n"
    assert after(LITERAL.format(new), {"f.c": text.format(before)})["f.c"] == text.format(wanted)


@pytest.mark.parametrize(
    "declared",
    [
        "enum { OLD = 7 };",
        "enum kind { NONE, OLD } k = NONE;",
        "typedef enum { OLD } kind;",
        "struct s { enum { OLD } k; } v;",
    ],
)
def test_a_constant_of_an_inner_enum_is_another_one(declared: str) -> None:
    toml = 'kind = "replace-expression"\nin = "f"\nexpression = "OLD"\nwith = "NEW"\n'
    text = "enum {{ OLD, NEW }};\nint f(int a)\n{{\n\t{}\n\treturn OLD;\n}}\n"
    assert slugs(unchanged(toml, {"f.c": text.format(declared)})) == {"unfit-replacement"}
    assert "return NEW" in after(toml, {"f.c": text.format(declared.replace("OLD", "OTHER"))})["f.c"]
