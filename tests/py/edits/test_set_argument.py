# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind set-argument: the argument for one parameter, in one function, where it is what it should be."""

from __future__ import annotations

import pytest

from edits.harness import Files, after, plan_of, slugs, unchanged
from patchgen.edits import Reason, State, Verdict


def edit(
    more: str = "", *, parameter: str = "b", where: str = '"g"', argument: str = "new", before: str = "NULL"
) -> str:
    """Return the edit in TOML."""
    keys = {"function": "f", "parameter": parameter, "argument": argument, "from": before}
    lines = ['kind = "set-argument"', f"in = {where}", *(f"{key} = '{value}'" for key, value in keys.items()), more]
    return "\n".join(lines) + "\n"


F = "int f(char *a, char *b, char *c);\n"


def call(text: str) -> Files:
    """Return a file in which g returns a call of f."""
    return {"g.c": f"{F}int g(void) {{ return f({text}); }}\n"}


EDITED = {
    "one of three nulls": ("NULL, NULL, NULL", "NULL, new, NULL"),
    "the last": ('"1", NULL, c', '"1", new, c'),
    "comments stay": ('"1", /* b */ NULL /* none */, NULL', '"1", /* b */ new /* none */, NULL'),
    "a comment with commas before it": ('"1", /* b, c, */ NULL, NULL', '"1", /* b, c, */ new, NULL'),
    "on a line of its own": ("1,\r\n\t NULL,\r\n  3", "1,\r\n\t new,\r\n  3"),
    "behind a line comment": ("1, // one\n  NULL, // two\n  3", "1, // one\n  new, // two\n  3"),
    "no blanks": ("1,NULL,3", "1,new,3"),
}


@pytest.mark.parametrize("case", EDITED.values(), ids=EDITED)
def test_is_edited(case: tuple[str, str]) -> None:
    before, wanted = case
    assert after(edit(), call(before)) == call(wanted)


def test_a_declaration_that_says_nothing_is_not_asked() -> None:
    """C17 6.7.6.3p14: an empty list that is no definition's gives no information."""
    files = {
        "f.h": "char *f();\n",
        "f.c": '#include "f.h"\nchar *f(a, b)\n  char *a, *b;\n{\n}\n',
        "g.c": '#include "f.h"\nvoid g() { f(1, NULL); }\n',
    }
    assert after(edit(), files)["g.c"] == '#include "f.h"\nvoid g() { f(1, new); }\n'


def test_from_is_compared_by_tokens() -> None:
    assert after(edit(before="(char*)get( e,1 )"), call("1, (char *) get(e, /* n */ 1), 3")) == call("1, new, 3")


REFUSED = {
    "something else": (edit(), call("1, other, 3"), "other-argument"),
    "the same null behind a cast": (edit(), call("1, (char *) NULL, 3"), "other-argument"),
    "null within an expression": (edit(), call("1, NULL ? p : q, 3"), "other-argument"),
    "no such parameter": (edit(parameter="z"), call("1, NULL, 3"), "no-parameter-of-that-name"),
    "the parameter at two places": (
        edit(),
        {"g.c": F + "int f(char *b, char *a, char *c) { }\nint g(void) { return f(1, NULL, 3); }\n"},
        "no-parameter-of-that-name",
    ),
    "a macro for two arguments": (edit(), {"g.c": F + "#define ARGS 1, 2\nint g(void) { return f(ARGS, NULL); }\n"}, "other-number-of-arguments"),
    "too many": (edit(), call("1, NULL, 3, 4"), "other-number-of-arguments"),
    "nowhere": (edit(), {"g.c": "int h;\n"}, "not-found"),
    "no call there": (edit(where='"h"'), call("1, NULL, 3"), "not-found"),
    "a dead call only": (edit(), {"g.c": F + "int g(void) {\n#if 0\n  f(1, NULL, 3);\n#endif\n}\n"}, "not-found"),
    "a function by another name only": (edit(), {"g.c": F + "int g(int (*f)(int, int, int)) { return f(1, NULL, 3); }\n"}, "not-found"),
    "called by a macro only": (edit(), {"g.c": F + "#define CALL() f(1, NULL, 3)\nint g(void) { return CALL(); }\n"}, "not-found"),
    "cut by an #ifdef": (edit(), call("1,\n#ifdef X\n NULL,\n#else\n 2,\n#endif\n 3"), "cut-by-directives"),
    "another number of sites": (edit("sites = 2"), call("1, NULL, 3"), "wrong-number-of-sites"),
    "the address goes elsewhere": (edit(), {"g.c": F + "void g(void) { f(1, NULL, 3); h(f); }\n"}, "indirect-use"),
    "two structs with the member": (
        edit(),
        {"g.c": "struct p { int (*f)(int a, int b); };\nstruct q { int (*f)(int b, int a); };\nint g(struct p *p) { return p->f(1, NULL); }\n"},
        "unresolved-call",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_is_refused(case: tuple[str, Files, str]) -> None:
    toml, files, slug = case
    plan = unchanged(toml, files)
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


def test_each_call_means_its_own_declaration() -> None:
    text = (
        "struct ops { int (*f)(void *self, char *a, char *b); };\nint f(char *a, char *b);\n"
        "int g(struct ops *p) { if (p->f) return p->f(p, NULL, NULL); return f(NULL, NULL); }\n"
    )
    done = after(edit(), {"g.c": text})["g.c"]
    assert done == text.replace("p->f(p, NULL, NULL)", "p->f(p, NULL, new)").replace(
        "return f(NULL, NULL)", "return f(NULL, new)"
    )


def test_calls_elsewhere_keep_what_they_pass() -> None:
    files = call("1, NULL, 3") | {"h.c": F + "int h(void) { return f(1, NULL, 3); }\n"}
    assert after(edit(), files)["h.c"] == files["h.c"]
    plan, _ = plan_of(edit(), files)
    assert [(o.verdict, o.reason) for o in plan.occurrences] == [
        (Verdict.EXCUSED, Reason.UNCHANGED_USE),
        (Verdict.EDITED, None),
        (Verdict.EXCUSED, Reason.UNCHANGED_USE),
        (Verdict.EXCUSED, Reason.UNCHANGED_USE),
    ]


def test_half_done_is_finished() -> None:
    files = {"g.c": F + "int g(void) { f(1, new, 3); return f(1, NULL, 3); }\n"}
    plan, _ = plan_of(edit("sites = 2"), files)
    assert (plan.state, plan.sites, plan.present) == (State.PARTIAL, 1, 1)
    assert after(edit("sites = 2"), files)["g.c"].count("new") == 2


def test_done_is_done() -> None:
    assert unchanged(edit(), call("1, new, 3")).state is State.PRESENT


def test_the_file_limits_where_two_functions_have_the_name() -> None:
    files = dict.fromkeys(("a.c", "b.c"), F + "static int g(void) { return f(1, NULL, 3); }\n")
    assert after(edit('files = ["a.c"]'), files)["b.c"] == files["b.c"]


def test_the_first_of_the_alternatives() -> None:
    assert after(edit(where='["main", "g"]'), call("1, NULL, 3")) == call("1, new, 3")


def test_dots_take_what_comes_behind() -> None:
    text = "int f(char *a, char *b, ...);\nint g(void) { return f(1, NULL, 2, 3); }\n"
    assert after(edit(), {"g.c": text}) == {"g.c": text.replace("NULL", "new")}


def test_metavariables_are_bound_by_what_stands_in_the_function() -> None:
    toml = edit('bind = ["read($in, $env)"]', argument="$in->arch")
    text = F + "int g(void) { read(a ? b : c, env); return f(1, NULL, 3); }\n"
    assert after(toml, {"g.c": text}) == {"g.c": text.replace("NULL", "(a ? b : c)->arch")}
    assert after(edit('bind = ["read($in, $env)"]', argument="$in"), {"g.c": text}) == {
        "g.c": text.replace("NULL", "a ? b : c")
    }
    twice = text.replace("read(a ? b : c, env)", "read(p, env); read(q, env)")
    assert "ambiguous-binding" in slugs(unchanged(toml, {"g.c": twice}))
    assert "nothing-to-bind" in slugs(unchanged(toml, call("1, NULL, 3")))


def test_trap_15_null_first_and_the_argument_where_there_is_one() -> None:
    """A parameter is added with NULL, and set in a later patch, when the caller has what to pass."""
    text = "void *make(char *id, char *key);\nvoid *run(char *id, char *archId) { return make(id, 0); }\n"
    add = 'kind = "add-parameter"\nfunction = "make"\nparameter = "char *archId"\nafter = "id"\nargument = "NULL"\n'
    put = 'kind = "set-argument"\nfunction = "make"\nparameter = "archId"\nin = "run"\nfrom = "NULL"\nargument = "archId"\nsites = 1\n'
    done = after(put, after(add, {"m.c": text}))
    assert done["m.c"] == text.replace("char *id, char *key", "char *id, char *archId, char *key").replace(
        "(id, 0)", "(id, archId, 0)"
    )
    assert unchanged(add, done).state is State.PRESENT


def test_trap_08_the_index_comes_from_the_declaration_and_not_from_the_text() -> None:
    text = 'void *make(char *id, char *arch, char *key);\nvoid g(void) { make(arch, NULL, "arch"); }\n'
    toml = 'kind = "set-argument"\nfunction = "make"\nparameter = "arch"\nin = "g"\nfrom = "NULL"\nargument = "word"\n'
    assert after(toml, {"m.c": text})["m.c"].endswith('make(arch, word, "arch"); }\n')


UNUSABLE = {
    "two arguments": {"argument": "p, q"},
    "no expression": {"before": "p) + (q"},
    "a statement": {"before": "p; q"},
    "an unbound metavariable": {"argument": "$p"},
}


@pytest.mark.parametrize("keys", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_edit_is_refused_before_any_tree(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's error is one; semantic.parse gives it its place
        plan_of(edit(**keys), call("1, NULL, 3"))


MACROS = {
    "with arguments of its own": "#define CALL(x) f(x, NULL, NULL)\n",
    "by another macro": "#define ONE(x) f(x, NULL, NULL)\n#define CALL(x) ONE(x)\n",
    "as a part": "#define CALL(x) do { if (x) \\\n\tf(x, NULL, NULL); } while (0)\n",
}


@pytest.mark.parametrize("define", MACROS.values(), ids=MACROS)
def test_a_macro_that_calls_it_in_the_function_too_is_refused(define: str) -> None:
    files = {"g.c": F + define + "void g(void) { f(1, NULL, 3); CALL(2); }\n"}
    assert slugs(unchanged(edit(), files)) == {"called-by-macro"}
    more = 'excuse = [{ file = "g.c", function = "g", reason = "stays" }]'
    assert "f(1, new, 3); CALL(2);" in after(edit(more), files)["g.c"]
    elsewhere = {"g.c": F + define + "void g(void) { f(1, NULL, 3); }\nvoid h(void) { CALL(2); }\n"}
    assert "f(1, new, 3)" in after(edit(), elsewhere)["g.c"]


def test_a_macro_that_is_only_another_name_is_followed() -> None:
    files = {
        "g.c": F
        + "#define CALL f\n#define VIA(...) f(__VA_ARGS__)\nvoid g(void) { f(1, NULL, 3); CALL(1, NULL, 3); VIA(1, NULL, 3); }\n"
    }
    assert after(edit(), files)["g.c"].count("(1, new, 3)") == 3


@pytest.mark.parametrize(
    "body",
    [
        "{ char *new = 0; f(1, NULL, 3); }",
        "{ enum { new = 3 }; f(1, NULL, 3); }",
        "for (char *new = 0;;) f(1, NULL, 3);",
    ],
)
def test_a_name_that_an_inner_block_takes_from_the_file_is_refused(body: str) -> None:
    text = "char *new;\n" + F + "void g(void) { f(1, NULL, 3); " + body + " }\n"
    assert slugs(unchanged(edit(), {"g.c": text})) == {"inner-variable"}


def test_a_name_that_the_function_takes_from_the_file_is_meant() -> None:
    text = "char *new;\n" + F + "void g(char *new) { f(1, NULL, 3); { f(2, NULL, 3); } }\n"
    assert after(edit(), {"g.c": text})["g.c"].count(", new, 3)") == 2


def test_a_name_that_is_a_local_further_down_is_refused() -> None:
    text = "char *new;\n" + F + "int g(void) { int r = f(1, NULL, 3); char *new = 0; return r; }\n"
    assert slugs(unchanged(edit(), {"g.c": text})) == {"inner-variable"}
