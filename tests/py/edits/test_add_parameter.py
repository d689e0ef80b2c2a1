# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind add-parameter: every declaration and call, or a refusal; nothing is edited wrongly in silence."""

from __future__ import annotations

import pytest

from edits.harness import Files, after, plan_of, slugs, unchanged
from patchgen.edits import Reason, State, Verdict

EDIT = 'kind = "add-parameter"\nfunction = "f"\nparameter = "char *x"\nargument = "NULL"\n'
BEHIND_A = EDIT + 'after = "a"\n'
BEHIND_B = EDIT + 'after = "b"\n'
FIRST = EDIT + 'at = "start"\n'
LAST = EDIT + 'at = "end"\n'
ONE = "int f(int a);\n"
TWO = "int f(char *a, char *b);\n"
ONE_X = "int f(int a, char *x);\n"
TWO_X = "int f(char *a, char *x, char *b);\n"
CALLBACK = "typedef int (*callback)(int a);\n"


def reasons(toml: str, files: Files) -> list[tuple[Verdict, Reason | None]]:
    """Return the verdicts of all occurrences, in order."""
    plan, _ = plan_of(toml, files)
    return [(occurrence.verdict, occurrence.reason) for occurrence in plan.occurrences]


EDITED = {
    "inline": (BEHIND_A, TWO, TWO_X),
    "at the start": (FIRST, TWO, "int f(char *x, char *a, char *b);\n"),
    "at the end": (LAST, TWO, "int f(char *a, char *b, char *x);\n"),
    "before a parameter": (EDIT + 'before = "b"\n', TWO, TWO_X),
    "the second of the alternatives": (EDIT + 'after = ["id", "a"]\n', TWO, TWO_X),
    "no blanks": (
        BEHIND_A,
        'int f(char*a,char*b);int g(void){return f("1","2");}',
        'int f(char*a,char *x,char*b);int g(void){return f("1",NULL,"2");}',
    ),
    "GNU stars": (BEHIND_A, "int f(char * a, char * b);\n", "int f(char * a, char * x, char * b);\n"),
    "a star in a comment is no star": (
        BEHIND_A,
        "int f(int a /* one */, int b);\n",
        "int f(int a /* one */, char *x, int b);\n",
    ),
    "one per line": (BEHIND_A, "int f(\n\tchar *a,\n\tchar *b\n);\n", "int f(\n\tchar *a,\n\tchar *x,\n\tchar *b\n);\n"),
    "one per line, the last": (
        BEHIND_B,
        "int f(\n\tchar *a,\n\tchar *b\n);\n",
        "int f(\n\tchar *a,\n\tchar *b,\n\tchar *x\n);\n",
    ),
    "one per line, the first": (FIRST, "int f(\n\tchar *a,\n\tchar *b\n);\n", "int f(\n\tchar *x,\n\tchar *a,\n\tchar *b\n);\n"),
    "CRLF, one per line": (
        BEHIND_A,
        "int f(\r\n\tchar *a,\r\n\tchar *b\r\n);\r\n",
        "int f(\r\n\tchar *a,\r\n\tchar *x,\r\n\tchar *b\r\n);\r\n",
    ),
    "CRLF, inline": (BEHIND_A, "int f(char *a,\r\n  char *b);\r\n", "int f(char *a, char *x,\r\n  char *b);\r\n"),
    "void": (FIRST, "int f(void);\nint g(void) { return f(); }\n", "int f(char *x);\nint g(void) { return f(NULL); }\n"),
    "void, with blanks": (FIRST, "int f( void );\n", "int f( char *x );\n"),
    "void, with a comment": (FIRST, "int f(void /* none */);\n", "int f(char *x /* none */);\n"),
    "no arguments, but a comment": (
        FIRST,
        "int f(void);\nint g(void) { return f(/* none */); }\n",
        "int f(char *x);\nint g(void) { return f(NULL /* none */); }\n",
    ),
    "empty parentheses": (FIRST, "int f() { return 0; }\nint g() { return f( ); }\n", "int f(char *x) { return 0; }\nint g() { return f(NULL); }\n"),
    "before the dots": (
        LAST,
        'int f(char *a, ...);\nint g(void) { return f("%d%d", 1, 2); }\n',
        'int f(char *a, char *x, ...);\nint g(void) { return f("%d%d", NULL, 1, 2); }\n',
    ),
    "a prototype without names": (
        BEHIND_A,
        "int f(int, char *);\nint f(int a, char *b) { return a; }\n",
        "int f(int, char *x, char *);\nint f(int a, char *x, char *b) { return a; }\n",
    ),
    "a prototype within a function": (
        BEHIND_A,
        "int f(int a) { return a; }\nint g(void) {\n  extern int f(int);\n  return f(1);\n}\n",
        "int f(int a, char *x) { return a; }\nint g(void) {\n  extern int f(int, char *x);\n  return f(1, NULL);\n}\n",
    ),
    "two declarations in one": (BEHIND_A, "int f(int a), h(void);\n", "int f(int a, char *x), h(void);\n"),
    "a function that returns a pointer to a function": (
        BEHIND_A,
        "int (*f(int a))(int b);\nint g(void) { return f(1)(2); }\n",
        "int (*f(int a, char *x))(int b);\nint g(void) { return f(1, NULL)(2); }\n",
    ),
    "a function that returns a pointer": (BEHIND_A, "char **f (int a)\n{\n}\n", "char **f (int a, char *x)\n{\n}\n"),
    "a parameter that is a function": (
        EDIT + 'after = "cb"\n',
        "int f(int (*cb)(int a, char *b), void *data);\n",
        "int f(int (*cb)(int a, char *b), char *x, void *data);\n",
    ),
    "K&R": (
        BEHIND_A,
        'int f(a, b)\n  int a;\n  char *b;\n{\n  return a;\n}\nint g() { return f(1, "x"); }\n',
        'int f(a, x, b)\n  int a;\n  char *x;\n  char *b;\n{\n  return a;\n}\nint g() { return f(1, NULL, "x"); }\n',
    ),
    "K&R, two parameters in one line": (
        BEHIND_A,
        "int f(a, b)\n  int a, b;\n{\n  return a;\n}\n",
        "int f(a, x, b)\n  int a, b;\n  char *x;\n{\n  return a;\n}\n",
    ),
    "K&R that returns a pointer": (
        BEHIND_A,
        "struct s * f(a)\n  int a; /* one */\n{\n  return 0;\n}\n",
        "struct s * f(a, x)\n  int a; /* one */\n  char *x;\n{\n  return 0;\n}\n",
    ),
    "K&R that returns a pointer, the star on the line before": (
        BEHIND_A,
        "char **\nf (a /* A */)\n     int a;\n{\n}\n",
        "char **\nf (a /* A */, x)\n     int a;\n     char *x;\n{\n}\n",
    ),
    "K&R beside a declaration that says nothing": (
        BEHIND_A,
        "char *f();\nchar *f(a) int a; {\n}\nint g() { return *f(1); }\n",
        "char *f();\nchar *f(a, x) int a; char *x; {\n}\nint g() { return *f(1, NULL); }\n",
    ),
    "K&R, CRLF": (
        BEHIND_A,
        "int f(a)\r\n  int a;\r\n{\r\n  return a;\r\n}\r\n",
        "int f(a, x)\r\n  int a;\r\n  char *x;\r\n{\r\n  return a;\r\n}\r\n",
    ),
    "K&R on one line": (
        BEHIND_A,
        "int f(a, b) int a; char *b; {\n  return a;\n}\n",
        "int f(a, x, b) int a; char *x; char *b; {\n  return a;\n}\n",
    ),
    "an attribute behind the list": (
        BEHIND_A,
        "int f(int a) __attribute__((noreturn));\n",
        "int f(int a, char *x) __attribute__((noreturn));\n",
    ),
    "calls in calls": (BEHIND_A, ONE + "int g(void) { return f(f(1)); }\n", ONE_X + "int g(void) { return f(f(1, NULL), NULL); }\n"),
    "commas that part no arguments": (
        BEHIND_A,
        TWO + 'int g(void) { return f((p, q), h(1, 2)) + f(u ? v : w, (char[]){ 1, 2 }) + f(s ",", t[i]); }\n',
        TWO_X + 'int g(void) { return f((p, q), NULL, h(1, 2)) + f(u ? v : w, NULL, (char[]){ 1, 2 }) + f(s ",", NULL, t[i]); }\n',
    ),
    "in parentheses, and through a star": (
        BEHIND_A,
        TWO + "int g(void) { return (f)(1, 2) + (*f)(1, 2) + (&f)(1, 2); }\n",
        TWO_X + "int g(void) { return (f)(1, NULL, 2) + (*f)(1, NULL, 2) + (&f)(1, NULL, 2); }\n",
    ),
    "the argument of a macro": (
        BEHIND_A,
        ONE + "int g(void) { CHECK(f(1) == 0); return 0; }\n",
        ONE_X + "int g(void) { CHECK(f(1, NULL) == 0); return 0; }\n",
    ),
    "the body of a macro": (
        BEHIND_A,
        TWO + "#define CALL(v) \\\n  do { \\\n    f(v, \\\n      0); \\\n  } while (0)\n",
        TWO_X + "#define CALL(v) \\\n  do { \\\n    f(v, NULL, \\\n      0); \\\n  } while (0)\n",
    ),
    "the body of a macro, first on a line": (
        FIRST,
        ONE + "#define CALL(v) f( \\\n    v)\n",
        "int f(char *x, int a);\n#define CALL(v) f( \\\n    NULL, v)\n",
    ),
    "a member that points to it": (
        BEHIND_A,
        """\
struct ops { int (*f)(int a); };
static int f(int a) { return a; }
struct ops o = { .f = f };
int g(struct ops *p) { if (p->f) return p->f(1); return o.f(2); }
""",
        """\
struct ops { int (*f)(int a, char *x); };
static int f(int a, char *x) { return a; }
struct ops o = { .f = f };
int g(struct ops *p) { if (p->f) return p->f(1, NULL); return o.f(2, NULL); }
""",
    ),
    "both arms of an #if": (
        BEHIND_A,
        "#ifdef X\nint f(int a) { return a; }\n#else\nint f(int a) { return -a; }\n#endif\n",
        "#ifdef X\nint f(int a, char *x) { return a; }\n#else\nint f(int a, char *x) { return -a; }\n#endif\n",
    ),
    "a name elsewhere is another": (
        BEHIND_A,
        ONE + "struct f { int f; };\nenum { off, f2 };\nint g(struct f *p) { goto f; f: return p->f + f(1) + ff(1) + f_(1); }\n",
        ONE_X + "struct f { int f; };\nenum { off, f2 };\nint g(struct f *p) { goto f; f: return p->f + f(1, NULL) + ff(1) + f_(1); }\n",
    ),
    "no final newline": (BEHIND_A, ONE + "int g(void) { return f(1); }", ONE_X + "int g(void) { return f(1, NULL); }"),
    "Latin-1": (
        BEHIND_A,
        TWO + 'int g(void) { return f("caf\udce9", "\udce9"); } /* \udce9 */\n',
        TWO_X + 'int g(void) { return f("caf\udce9", NULL, "\udce9"); } /* \udce9 */\n',
    ),
    "a comment stays with the last argument": (
        BEHIND_B,
        TWO + "int g(void) { return f(1, 2 /* two */); }\n",
        "int f(char *a, char *b, char *x);\nint g(void) { return f(1, 2 /* two */, NULL); }\n",
    ),
    "a comment over lines behind an argument of its own line": (
        BEHIND_A,
        TWO + "int g(void) {\n  return f(\n    1, /* one,\n          and more */\n    2);\n}\n",
        TWO_X + "int g(void) {\n  return f(\n    1, /* one,\n          and more */\n    NULL,\n    2);\n}\n",
    ),
    "commas that lead lines": (
        BEHIND_A,
        TWO + "int g(void) { return f(1 // one\n  , 2); }\n",
        TWO_X + "int g(void) { return f(1 // one\n  , NULL, 2); }\n",
    ),
    "a name that a parameter of a parameter has": (
        BEHIND_A,
        ONE + "void g(int (*cb)(int f)) { f(1); }\nvoid h(void) { int (*cb)(int f); extern int k(int f); f(2); }\n",
        ONE_X + "void g(int (*cb)(int f)) { f(1, NULL); }\nvoid h(void) { int (*cb)(int f); extern int k(int f); f(2, NULL); }\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITED.values(), ids=EDITED)
def test_is_edited(case: tuple[str, str, str]) -> None:
    toml, before, wanted = case
    assert after(toml, {"f.c": before}) == {"f.c": wanted}


@pytest.mark.parametrize("case", EDITED.values(), ids=EDITED)
def test_is_recognised_when_done(case: tuple[str, str, str]) -> None:
    toml, _, done = case
    plan = unchanged(toml, {"f.c": done})
    assert plan.state is State.PRESENT


REFUSED = {
    "nowhere": (BEHIND_A, "int g(void);\n", "not-found"),
    "no such anchor": (BEHIND_A, "int f(int b);\n", "no-such-parameter"),
    "the anchor at two places": (BEHIND_A, "int f(char *a, char *b);\nint f(char *b, char *a) { }\n", "declarations-disagree"),
    "other types": (BEHIND_A, "int f(int a, int b);\nint f(int a, long b) { }\n", "declarations-disagree"),
    "no names at all": (BEHIND_A, "int f(int, char *);\n", "declarations-disagree"),
    "the definition has it, the prototype not": (BEHIND_A, "int f(int a);\nint f(int a, char *x) { }\n", "declarations-disagree"),
    "another type": (BEHIND_A, "int f(int a, const char *x);\n", "declarations-disagree"),
    "done at two places": (BEHIND_A, "int f(char *a, char *x, char *b);\nint f(char *a, char *b, char *x) { }\n", "declarations-disagree"),
    "the address is taken": (BEHIND_A, ONE + "void g(void) { h(f); }\n", "indirect-use"),
    "a callback is registered": (BEHIND_A, ONE + CALLBACK + "callback list[] = { f };\n", "indirect-use"),
    "assigned to a pointer": (BEHIND_A, ONE + "int (*p)(int) = &f;\n", "indirect-use"),
    "returned": (BEHIND_A, ONE + CALLBACK + "callback g(void) { return f; }\n", "indirect-use"),
    "called through a cast": (BEHIND_A, ONE + "int g(void) { return ((int (*)(int)) f)(1); }\n", "indirect-use"),
    "chosen": (BEHIND_A, ONE + "int g(int q) { return (q ? f : h)(1); }\n", "indirect-use"),
    "chosen by type": (BEHIND_A, ONE + "int g(int q) { return _Generic(q, int: f)(1); }\n", "indirect-use"),
    "typeof": (BEHIND_A, ONE + "typeof(f) *p;\n", "indirect-use"),
    "a macro alias": (BEHIND_A, ONE + "#define g f\nint (*h)(int) = g;\n", "indirect-use"),
    "a macro that gives the name": (BEHIND_A, ONE + "#define g() f\nint h(void) { return g()(1); }\n", "indirect-use"),
    "a macro of that name": (BEHIND_A, ONE + "#define f(a) (f)(a)\n", "macro-of-that-name"),
    "pasted": (BEHIND_A, ONE + "#define CALL(n) f##n(1)\n", "pasted"),
    "a pointer of that name": (BEHIND_A, "static int (*f)(int a);\nint g(void) { return f(1); }\n", "unparsed-list"),
    "an array of pointers": (BEHIND_A, "int (*f[2])(int a);\nint g(void) { return f[0](1); }\n", "indirect-use"),
    "too many arguments": (BEHIND_A, ONE + "int g(void) { return f(1, 2); }\n", "wrong-number-of-arguments"),
    "a macro for two arguments": (BEHIND_A, TWO + "#define ARGS 1, 2\nint g(void) { return f(ARGS); }\n", "wrong-number-of-arguments"),
    "the arguments of a macro passed on": (
        BEHIND_A,
        "int f(char *a, ...);\n#define W(...) f(__VA_ARGS__)\n#undef W\n#define W(...) 0\n",
        "wrong-number-of-arguments",
    ),
    "a file-level typedef": (BEHIND_A, "typedef int fn(int a);\nfn f;\nint f(int a) { return a; }\n", "declared-by-typedef"),
    "a prototype in a macro": (BEHIND_A, "int f __P((int a));\nint f(int a) { return a; }\n", "unparsed"),
    "a prototype in a macro, extern": (
        BEHIND_A,
        "extern char *f _((int a, char *b));\nchar *f(int a, char *b) { return b; }\n",
        "unparsed",
    ),
    "the argument of a macro at file level": (BEHIND_A, ONE + "module_init(f)\n\nint z(void);\n", "indirect-use"),
    "the argument of a macro that declares": (BEHIND_A, ONE + "SYSCALL_DEFINE1(f, int, a)\n{\n}\n", "indirect-use"),
    "a clean-up function": (
        BEHIND_A,
        ONE + "void g(void) { int v __attribute__((cleanup(f))) = 0; }\n",
        "indirect-use",
    ),
    "two structs with the member": (
        BEHIND_A,
        "struct p { int (*f)(int a); };\nstruct q { int (*f)(int a); };\nint g(struct p *p) { return p->f(1); }\n",
        "unresolved-call",
    ),
    "another struct has it by a typedef": (
        BEHIND_A,
        CALLBACK + "struct p { int (*f)(int a); };\nstruct q { callback f; };\nint g(struct q *q) { return q->f(1); }\n",
        "unresolved-call",
    ),
    "the member is given another function": (
        BEHIND_A,
        "struct p { int (*f)(int a); };\nint other(int a);\nvoid g(struct p *p) { p->f = other; }\n",
        "indirect-use",
    ),
    "the member is given its function by order": (
        BEHIND_A,
        "struct p { int (*g)(int a); int (*f)(int a); };\nint other(int a);\nstruct p p = { 0, other };\n",
        "indirect-use",
    ),
    "the member is given its function by order, in an array of a typedef": (
        BEHIND_A,
        "struct p { int (*f)(int a); };\ntypedef struct p row;\nint other(int a);\nrow rows[] = { { other }, { other } };\n",
        "indirect-use",
    ),
    "a local in some configurations": (
        BEHIND_A,
        CALLBACK + ONE + "void g(void) {\n#ifdef X\n  callback f = look();\n#endif\n  f(1);\n}\n",
        "unresolved-call",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_is_refused(case: tuple[str, str, str]) -> None:
    toml, before, slug = case
    plan = unchanged(toml, {"f.c": before})
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


HIDDEN = {
    "a parameter": "int g(callback f) { return f(1); }\n",
    "a parameter that is written out": "int g(int (*f)(int)) { return f(1); }\n",
    "a K&R parameter": "int g(f) callback f; { return f(1); }\n",
    "a local": "int g(void) { callback f = look(); return f(1); }\n",
    "its own initialiser": "int g(void) { callback f = f; return 1; }\n",
    "a local of an outer block": "int g(void) { callback f = look(); { if (1) return f(1); } return 0; }\n",
    "a local of a for": "int g(void) { for (callback f = look(); f; f = 0) f(1); return 0; }\n",
    "a local within an #ifdef": "void g(void) {\n#ifdef X\n  callback f = look();\n  f(1);\n#endif\n}\n",
    "a local within a case": "void g(int c) { switch (c) { case 1:; callback f = look(); f(1); } }\n",
    "a local of an earlier case": "void g(int c) { switch (c) { case 1:; callback f = look(); case 2: f(1); } }\n",
    "a variable of the file": "static callback f = 0;\nint g(void) { return f(1); }\n",
    "an array of the file": "static callback f[3];\nint g(void) { return f[0](1); }\n",
    "a static function": "static int f(int a) { return a; }\nint g(void) { return f(1); }\n",
    "a static function whose definition does not say so": "static int f(int a);\nint g(void) { return f(1); }\nint f(int a) { return a; }\n",
}


@pytest.mark.parametrize("other", HIDDEN.values(), ids=HIDDEN)
def test_another_binding_is_left_alone(other: str) -> None:
    files = {"f.h": ONE, "f.c": '#include "f.h"\nint f(int a) { return a; }\n', "g.c": CALLBACK + other}
    assert after(BEHIND_A, files) == files | {
        "f.h": ONE_X,
        "f.c": '#include "f.h"\nint f(int a, char *x) { return a; }\n',
    }


def test_what_comes_behind_the_scope_of_a_local_is_the_function() -> None:
    text = ONE + "int g(void) { { callback f = look(); f(1); } for (int f = 0; f < 2; f++) { } return f(1); }\n"
    assert after(BEHIND_A, {"f.c": text}) == {
        "f.c": text.replace(ONE, ONE_X).replace("return f(1)", "return f(1, NULL)")
    }


def test_the_other_arm_declares_nothing_for_this_one() -> None:
    text = ONE + "void g(void) {\n#ifdef X\n  callback f = look();\n#else\n  f(1);\n#endif\n}\n"
    assert after(BEHIND_A, {"f.c": text}) == {"f.c": text.replace(ONE, ONE_X).replace("  f(1)", "  f(1, NULL)")}


def test_a_table_of_calls_is_refused_whatever_its_name() -> None:
    files = {"f.c": ONE + 'void g(void) {\n#include "calls.tbl"\n}\n', "calls.tbl": "f(1);\n"}
    plan = unchanged(BEHIND_A, files)
    assert "unparsed" in slugs(plan)
    assert any(finding.place and finding.place.path == "calls.tbl" for finding in plan.findings)


def test_a_file_that_nothing_includes_is_no_c() -> None:
    files = {"f.c": ONE, "calls.tbl": "f(1);\n", "f.pl": "f(1);\n"}
    assert after(BEHIND_A, files) == files | {"f.c": ONE_X}


@pytest.mark.parametrize("name", ["parse.y", "f.cc", "f.cpp", "f.S"])
def test_code_of_a_related_language_is_refused(name: str) -> None:
    plan = unchanged(BEHIND_A, {"f.c": ONE, name: "// f(1)\nf(1);\n"})
    assert [finding.place and finding.place.line for finding in plan.findings if finding.slug.name == "unparsed"] == [2]


def test_an_argument_of_its_own_for_a_function_and_for_a_file() -> None:
    toml = BEHIND_A + 'arguments = [{function = "g", argument = "own"}, {file = "b/*.c", argument = "theirs"}]\n'
    call = "int g(void) { return f(1); }\nint h(void) { return f(2); }\n"
    done = after(toml, {"f.h": ONE, "a/a.c": call, "b/b.c": call})
    assert done["a/a.c"] == "int g(void) { return f(1, own); }\nint h(void) { return f(2, NULL); }\n"
    assert done["b/b.c"] == "int g(void) { return f(1, own); }\nint h(void) { return f(2, theirs); }\n"


def test_an_argument_for_a_function_that_does_not_call_is_noted() -> None:
    toml = BEHIND_A + 'arguments = [{function = "mian", argument = "own"}]\n'
    plan, _ = plan_of(toml, {"f.c": ONE + "int main(void) { return f(1); }\n"})
    assert slugs(plan) == {"unused-argument"}


def test_the_prototype_and_a_static_stand_in_of_its_header_must_agree() -> None:
    header = "#ifdef X\nint f(char *b, char *a);\n#else\nstatic inline int f(char *a, char *b) { return 0; }\n#endif\n"
    plan = unchanged(BEHIND_A, {"f.h": header})
    assert "declarations-disagree" in slugs(plan)
    swapped = header.replace("char *b, char *a", "char *a, char *b")
    assert after(BEHIND_A, {"f.h": swapped}) == {
        "f.h": swapped.replace("char *a, char *b", "char *a, char *x, char *b")
    }


STATIC = "static inline int f(int a) { return a; }\n"
STATIC_X = "static inline int f(int a, char *x) { return a; }\n"
CALL = "int g(void) { return f(1); }\n"
CALL_X = "int g(void) { return f(1, NULL); }\n"


def test_a_static_function_of_a_header_is_that_of_the_files_that_include_it() -> None:
    files = {"d/f.h": STATIC, "all.h": '#include "d/f.h"\n', "a.c": "#include <all.h>\n" + CALL}
    assert after(BEHIND_A, files) == files | {"d/f.h": STATIC_X, "a.c": "#include <all.h>\n" + CALL_X}
    assert "unresolved-call" in slugs(unchanged(BEHIND_A, files | {"a.c": CALL}))


def test_a_static_function_of_a_header_hides_a_public_one_that_cannot_be_seen() -> None:
    files = {"f.h": ONE, "a.c": '#include "f.h"\n' + CALL, "own.h": STATIC, "b.c": '#include "own.h"\n' + CALL}
    done = after(BEHIND_A, files)
    assert done == files | {"f.h": ONE_X, "a.c": '#include "f.h"\n' + CALL_X}
    plan, _ = plan_of(BEHIND_A, files)
    assert [o.reason for o in plan.occurrences if o.path in {"own.h", "b.c"}] == [Reason.OTHER_BINDING] * 2


def test_a_call_that_sees_a_function_of_another_header_too_is_refused() -> None:
    files = {"f.h": ONE, "own.h": STATIC, "b.c": '#include "own.h"\n#include "f.h"\n' + CALL}
    assert "unresolved-call" in slugs(unchanged(BEHIND_A, files))


def test_a_call_that_sees_a_prototype_and_its_static_stand_in_is_edited() -> None:
    header = "#ifdef X\n" + ONE + "#else\n" + STATIC + "#endif\n"
    files = {"f.h": header, "b.c": '#include "f.h"\n' + CALL}
    assert after(BEHIND_A, files)["b.c"] == '#include "f.h"\n' + CALL_X


COUNTED = [
    ("__printf(3, 4) __cold\n", "__printf(4, 5) __cold\n"),
    ("extern __printf( 1,2 )\n", "extern __printf( 1,3 )\n"),
    ("static __alloc_size(1) ", "static __alloc_size(1) "),
    (
        "__attribute__((format (printf, 2, 0), nonnull (1, 2), aligned(8)))\n",
        "__attribute__((format (printf, 3, 0), nonnull (1, 3), aligned(8)))\n",
    ),
    (
        "/* printf(3) */ ATTRIBUTE_FMT_PRINTF(2, 3) /* printf(7) */\n",
        "/* printf(3) */ ATTRIBUTE_FMT_PRINTF(3, 4) /* printf(7) */\n",
    ),
]


@pytest.mark.parametrize(("attribute", "done"), COUNTED)
def test_an_attribute_that_counts_parameters_counts_on(attribute: str, done: str) -> None:
    text = "int printf;\n" + attribute + ONE + "#define G() f(1)\nint h(void) { return f(2); }\n"
    wanted = text.replace("int a", "int a, char *x").replace("f(1)\n", "f(1, NULL)\n").replace("f(2)", "f(2, NULL)")
    assert after(BEHIND_A, {"f.h": text})["f.h"] == wanted.replace(attribute, done)
    behind = "int f(int a) __attribute__((nonnull(1), format(printf, 2, 3)));\n"
    assert after(FIRST, {"f.h": behind})["f.h"] == (
        "int f(char *x, int a) __attribute__((nonnull(2), format(printf, 3, 4)));\n"
    )


def test_va_start_names_the_last_parameter_before_the_dots() -> None:
    text = "int f(char *a, ...) {\n  va_list l;\n  va_start(l, a);\n  g(a);\n}\n"
    done = text.replace("char *a, ...", "char *a, char *x, ...").replace("l, a", "l, x")
    assert after(LAST, {"f.c": text}) == {"f.c": done}
    assert after(FIRST, {"f.c": text}) == {"f.c": text.replace("char *a,", "char *x, char *a,")}


def test_a_static_function_that_nothing_names_may_have_its_name_pasted() -> None:
    text = "static int f(int a) { return a; }\n#define SHOW(n) n##_\nint (*p)(int a) = SHOW(g);\n"
    assert "never-named" in slugs(unchanged(BEHIND_A, {"f.c": text}))
    assert after(BEHIND_A, {"f.h": "static inline " + ONE})["f.h"] == "static inline " + ONE_X
    files = {"f.c": "static int f(int a) { return a; }\n", "g.c": '#include "f.c"\n' + CALL}
    assert after(BEHIND_A, files)["g.c"] == '#include "f.c"\n' + CALL_X


MACROS = [
    "static DEFINE_THING(f);\n",
    "DEFINE_THING(f)\n",
    "static DEFINE_THING(h, f);\n",
    'module_init(h)\nmodule_exit(f)\nMODULE_LICENSE("GPL");\n',
    "DEFINE_THING(f) = { .b = 1 };\n",
    "DEFINE_THING(f) { return 1; }\n",
    "DEFINE_THING(h, f) { return 1; }\n",
    "ATTR(f)\nint z;\n",
    "static A(int, f)(int q) { }\n",
]


@pytest.mark.parametrize("macro", MACROS)
@pytest.mark.parametrize("storage", ["", "static "])
def test_a_macro_that_is_called_at_file_level_with_the_function_is_refused(storage: str, macro: str) -> None:
    plan = unchanged(BEHIND_A, {"f.c": storage + "int f(int a) { return a; }\n" + macro + CALL})
    assert slugs(plan) & {"indirect-use", "unparsed"}
    if not storage:
        plan = unchanged(BEHIND_A, {"f.h": ONE, "f.c": '#include "f.h"\n' + macro + CALL})
        assert slugs(plan) & {"indirect-use", "unparsed"}


PRINT = "int f(int a, char *b, ...);\n"
PASSED_ON = [
    ("#define W(b, args...) f(1, b , ## args)\n", "#define W(b, args...) f(1, NULL, b , ## args)\n"),
    ("#define W(b, ...) \\\n\tf(1, b, ##__VA_ARGS__)\n", "#define W(b, ...) \\\n\tf(1, NULL, b, ##__VA_ARGS__)\n"),
    (
        "#define W(args...) do { f(1, ## args); } while (0)\n",
        "#define W(args...) do { f(1, NULL, ## args); } while (0)\n",
    ),
    ("#define W(a, args...) f(a, args)\n", "#define W(a, args...) f(a, NULL, args)\n"),
]


@pytest.mark.parametrize(("before", "done"), PASSED_ON)
def test_a_macro_that_passes_on_its_variable_arguments_is_edited_before_them(before: str, done: str) -> None:
    made = after(BEHIND_A, {"f.h": PRINT + before})
    assert made == {"f.h": PRINT.replace("int a, ", "int a, char *x, ") + done}


@pytest.mark.parametrize(
    "macro",
    [
        "#define W(args...) \\\n\tf(1 + (args), 2)\n",
        "#define W(...) f(1, ##__VA_ARGS__)\n",
    ],
)
def test_a_new_argument_that_may_belong_among_the_variable_ones_is_refused(macro: str) -> None:
    anchor = BEHIND_B if "1, " in macro else BEHIND_A
    assert "wrong-number-of-arguments" in slugs(unchanged(anchor, {"f.h": PRINT + macro}))


def test_two_programs_with_one_header_have_one_function() -> None:
    files = {"f.h": ONE} | dict.fromkeys(("a.c", "b.c"), '#include "f.h"\nint f(int a) { return 1; }\n')
    assert set(after(BEHIND_A, files).values()) == {ONE_X, '#include "f.h"\nint f(int a, char *x) { return 1; }\n'}


def test_two_definitions_without_a_common_header_are_two_functions() -> None:
    files = dict.fromkeys(("a.c", "b.c"), "int f(int a) { return 1; }\n")
    assert "two-places" in slugs(unchanged(BEHIND_A, files))
    assert after(BEHIND_A + 'files = ["a.c"]\n', files)["b.c"] == files["b.c"]


def test_an_excuse_takes_the_place_of_a_refusal() -> None:
    toml = BEHIND_A + 'excuse = [{file = "f.c", function = "g", reason = "h takes it with three dots"}]\n'
    text = ONE + "void g(void) { h(f); }\n"
    assert after(toml, {"f.c": text}) == {"f.c": text.replace(ONE, ONE_X)}
    assert (Verdict.EXCUSED, Reason.ENTRY) in reasons(toml, {"f.c": text})


# --- the traps of the real text (real-text.md, sections 2 and 4) -------------------------------------------


TAIL = "char *ramdiskURL, int size"
HANDLERS = f"struct handlers {{\n    int (*doRun)\t(struct nc *nc, char *meta,\n\t\t    \t\tchar *ramdiskURL,\n\t\t\t\tint size);\n}};\n#ifdef FANOUT\nint doRun\t\t(char *meta, {TAIL});\n#endif\n"  # fmt: skip
KVM = f'#include "handlers.h"\nstatic int\ndoRun (\tstruct nc *nc, char *meta,\n//      char *old, int unused,\n        {TAIL})\n{{\n    return 1;\n}}\nstruct handlers kvm = {{\n    .doRun = doRun\n}};\n'  # fmt: skip
FANOUT = f'#define FANOUT\n#include "handlers.h"\nint doRun (char *meta, {TAIL})\n{{\n\tlog ("doRun() invoked");\n\tif (H->doRun)\n \t  ret = H->doRun (nc, meta, ramdiskURL, size);\n\telse ret = D->doRun (nc, meta, ramdiskURL, size);\n}}\n'  # fmt: skip
CHAIN = {"handlers.h": HANDLERS, "handlers_kvm.c": KVM, "handlers.c": FANOUT, "m.c": '#include "handlers.h"\nint x (void) { return doRun (meta, url, 1); }\n'}  # fmt: skip
RUN = (
    'kind = "add-parameter"\nfunction = "doRun"\nparameter = "char *archId"\nafter = "ramdiskURL"\nargument = "NULL"\n'
)


def test_trap_05_two_signatures_of_one_name_are_told_apart_by_form() -> None:
    done = after(RUN, CHAIN)
    assert f"doRun\t\t(char *meta, {TAIL.replace(',', ', char *archId,')});" in done["handlers.h"]
    assert "H->doRun (nc, meta, ramdiskURL, NULL, size)" in done["handlers.c"]
    assert "D->doRun (nc, meta, ramdiskURL, NULL, size)" in done["handlers.c"]
    assert "doRun (meta, url, NULL, 1)" in done["m.c"]
    assert "char *ramdiskURL, char *archId, int size)" in done["handlers_kvm.c"]


def test_trap_06_a_done_tree_is_told_by_name_although_its_arity_is_the_other_forms() -> None:
    done = after(RUN, CHAIN)
    plan = unchanged(RUN, done)
    assert plan.state is State.PRESENT
    # A call that upstream brings along is edited like the others, and not taken for one of the other form.
    late = done | {"late.c": '#include "handlers.h"\nint y (void) { return doRun (m, u, 1); }\n'}
    assert "wrong-number-of-arguments" in slugs(unchanged(RUN, late))


def test_trap_07_a_wrong_position_is_refused_though_the_compiler_would_take_it() -> None:
    files = {
        "d.h": "void *make (char *id, char *userId, char *key);\n",
        "d.c": "void *make (char *userId, char *id, char *key) { }\n",
    }
    toml = (
        'kind = "add-parameter"\nfunction = "make"\nparameter = "char *archId"\nafter = "userId"\nargument = "NULL"\n'
    )
    assert "declarations-disagree" in slugs(unchanged(toml, files))


def test_trap_08_at_a_call_the_place_is_the_index_that_the_declaration_gives() -> None:
    text = 'void *make (char *id, char *userId, char *key);\nvoid g (void) { make (key, meta->userId, id); make (NULL, (char *) get (e, env), "userId"); make (0, NULL, /* key */ NULL); }\n'
    toml = 'kind = "add-parameter"\nfunction = "make"\nparameter = "char *archId"\nafter = "userId"\nargument = "A"\n'
    done = after(toml, {"f.c": text})["f.c"]
    assert "make (key, meta->userId, A, id);" in done
    assert 'make (NULL, (char *) get (e, env), A, "userId");' in done
    assert "make (0, NULL, A, /* key */ NULL);" in done


def test_trap_09_comments_are_no_arguments_even_with_commas_in_them() -> None:
    call = "int g(void) {\n\treturn f(1,\n\t//\t old, older,\n\t\t/* a, b */ 2 /* , */);\n}\n"
    assert after(BEHIND_A, {"f.c": TWO + call}) == {"f.c": TWO_X + call.replace("f(1,", "f(1, NULL,")}
    listed = "int f(char *a,\n//      char *old, int older,\n      char *b /* , */);\n"
    assert after(BEHIND_A, {"f.c": listed}) == {"f.c": listed.replace("a,\n", "a, char *x,\n")}


def test_trap_10_a_trailing_blank_is_neither_moved_nor_copied() -> None:
    text = "void *make(char *id, char *a, \n           char *key, \n           int n);\nint g(void) { make(i,\n   j, \n   k, \n   1); }\n"
    toml = 'kind = "add-parameter"\nfunction = "make"\nparameter = "char *x"\nafter = "a"\nargument = "NULL"\n'
    done = after(toml, {"f.c": text})["f.c"]
    assert "char *id, char *a, char *x, \n           char *key, \n" in done
    assert "make(i,\n   j, \n   NULL,\n   k, \n   1);" in done


def test_trap_11_behind_a_line_comment_the_new_item_gets_a_line_of_its_own() -> None:
    text = (
        "int f(char *z, char *a, // ignored\n      char *b);\nint g(void) {\n  return f(z, y, // ignored\n    w);\n}\n"
    )
    done = after(BEHIND_A, {"f.c": text})["f.c"]
    assert "char *a, // ignored\n      char *x,\n      char *b);" in done
    assert "y, // ignored\n    NULL,\n    w);" in done
    last = after(BEHIND_B, {"f.c": "int f(char *a,\n      char *b // the last\n      );\n"})["f.c"]
    assert last == "int f(char *a,\n      char *b, // the last\n      char *x\n      );\n"


def test_trap_12_the_bytes_of_the_anchors_own_indentation_are_copied() -> None:
    done = after(RUN, CHAIN)["handlers.h"]
    assert "\n\t\t    \t\tchar *ramdiskURL,\n\t\t    \t\tchar *archId,\n\t\t\t\tint size);" in done


def test_trap_15_the_prefix_passes_null_and_not_a_name_that_is_not_there() -> None:
    """A default argument that callers do not have is the author's error; NULL is what every caller has."""
    done = after(RUN, CHAIN)
    assert all("archId" not in done[name] for name in ("m.c",))


def test_trap_18_strings_and_comments_are_excused_and_a_dead_call_is_a_warning() -> None:
    text = ONE + '// f(1);\n/* f is good */\nint g(void) { log("f() invoked: f(1)"); return 0; }\n'
    plan, _ = plan_of(BEHIND_A, {"f.c": text})
    assert slugs(plan) == {"call-in-comment"}
    assert [(o.verdict, o.reason) for o in plan.occurrences] == [
        (Verdict.EDITED, None),
        (Verdict.EXCUSED, Reason.COMMENT),
        (Verdict.EXCUSED, Reason.COMMENT),
        (Verdict.EXCUSED, Reason.STRING),
        (Verdict.EXCUSED, Reason.STRING),
    ]


def test_trap_19_designator_value_test_and_longer_words() -> None:
    text = "struct o { int (*f)(int a); };\nstatic int f(int a) { return a; }\nstruct o o = { .f = f };\nint g(struct o *p) { if (p->f) { } return fs(1) + allocate_f(2); }\n"
    plan, _ = plan_of(BEHIND_A, {"f.c": text})
    kinds = [(o.verdict, o.detail) for o in plan.occurrences]
    assert [verdict for verdict, _ in kinds] == [Verdict.EDITED] * 2 + [Verdict.EXCUSED] * 3
    assert [detail for _, detail in kinds[2:]] == [
        "designates a member in an initialiser",
        "the value of the member of its own name",
        "is tested",
    ]


VA_ARG = "int g(va_list al) {\n  char *id = va_arg(al, char *);\n  struct s **p = va_arg(al, struct s **);\n  unsigned int n = va_arg( al , unsigned int );\n  return f(id);\n}\n"


def test_fact_2_1_a_pointer_type_in_va_arg_does_not_stop_an_edit() -> None:
    assert after(BEHIND_A, {"f.c": ONE + VA_ARG}) == {"f.c": ONE_X + VA_ARG.replace("f(id)", "f(id, NULL)")}


def test_fact_2_2_an_error_elsewhere_in_the_file_does_not_stop_an_edit() -> None:
    broken = 'const char *s = "a" MACRO(x, int *) ) "b";\n'
    assert after(BEHIND_A, {"f.c": ONE + "int g(void) { return f(1); }\n" + broken}) == {
        "f.c": ONE_X + "int g(void) { return f(1, NULL); }\n" + broken
    }


CUT = {
    "a call": TWO + "int g(void) { return f(1,\n#ifdef X\n  2\n#else\n  3, 4\n#endif\n  ); }\n",
    "a call, its head twice": TWO
    + "int g(void) {\n#ifdef X\n  return f(1,\n#else\n  return f(2,\n#endif\n    3);\n}\n",
    "a list of parameters": "int f(char *a,\n#ifdef X\n  char *b\n#endif\n  );\n",
    "a block macro without braces": TWO + "int g(void) {\n  EACH(i)\n    f(1, 2);\n  return 0;\n}\n",
    "a type as an argument": TWO + "int g(void) { return f(of(p, struct s, m), 2); }\n",
}


@pytest.mark.parametrize("text", CUT.values(), ids=CUT)
def test_fact_2_3_what_does_not_parse_is_refused(text: str) -> None:
    plan = unchanged(BEHIND_A, {"f.c": text})
    assert plan.state is State.REFUSED
    assert slugs(plan) & {"unparsed", "unparsed-list", "declarations-disagree"}


def test_fact_2_3_a_list_whose_arms_have_as_many_items_is_no_obstacle() -> None:
    text = TWO + "int g(void) { return f(1,\n#ifdef X\n  2\n#else\n  3\n#endif\n  ); }\n"
    assert after(BEHIND_A, {"f.c": text})["f.c"] == TWO_X + text.removeprefix(TWO).replace("f(1,", "f(1, NULL,")


def test_fact_2_3_a_block_macro_with_braces_is_no_obstacle() -> None:
    text = "int g(void) {\n  list_for_each(i, &head) {\n    f(1, 2);\n  }\n  return 0;\n}\n"
    assert after(BEHIND_A, {"f.c": TWO + text}) == {"f.c": TWO_X + text.replace("f(1, 2)", "f(1, NULL, 2)")}


def test_fact_2_3_extern_c_in_an_ifdef_is_no_obstacle() -> None:
    text = f'#ifdef __cplusplus\nextern "C" {{\n#endif\n{ONE}#ifdef __cplusplus\n}}\n#endif\n'
    assert after(BEHIND_A, {"f.h": text}) == {"f.h": text.replace(ONE, ONE_X)}


def test_fact_2_4_odd_but_valid_c_is_edited() -> None:
    odd = '/*****\\\n * box *\\\n *****/\n\fint main(argc) int argc; { }\nstruct t { t t[3]; };\nint g(void) { goto error; error: GET_VAR_INT(q, "x") return f(1, "\u2019"); }\n'
    assert after(BEHIND_A, {"f.c": TWO + odd})["f.c"] == TWO_X + odd.replace("f(1, ", "f(1, NULL, ")


def test_fact_2_5_an_include_guard_is_no_arm() -> None:
    text = f"#ifndef INCLUDE_F_H\n#define INCLUDE_F_H\n{ONE}#endif\n"
    assert after(BEHIND_A, {"f.h": text}) == {"f.h": text.replace(ONE, ONE_X)}


DEAD = {
    "#if 0": "#if 0\n  f(9, 9, 9);\n#endif\n",
    "# if 0 with a comment": "#  if 0 /* off */\n  f(9, 9, 9);\n#endif\n",
    "the else of #if 1": "#if 1\n#else\n  f(9, 9, 9);\n#endif\n",
    "behind a taken arm": "#if 1\n#elif X\n  f(9, 9, 9);\n#endif\n",
}


@pytest.mark.parametrize("arm", DEAD.values(), ids=DEAD)
def test_fact_2_5_an_arm_that_is_never_compiled_has_a_verdict_of_its_own(arm: str) -> None:
    text = f"{ONE}int g(void) {{\n{arm}  return f(1);\n}}\n"
    plan, _ = plan_of(BEHIND_A, {"f.c": text})
    dead = [o for o in plan.occurrences if o.verdict is Verdict.EXCUSED]
    assert [o.detail for o in dead] == ["in an arm that is never compiled"]
    assert after(BEHIND_A, {"f.c": text})["f.c"].count("NULL") == 1


@pytest.mark.parametrize("condition", ["0 || X", "(X)", "0 \\\n || X", "!1 + X"])
def test_fact_2_5_an_arm_that_may_be_compiled_is_edited(condition: str) -> None:
    text = f"{ONE}int g(void) {{\n#if {condition}\n  f(2);\n#endif\n  return f(1);\n}}\n"
    assert after(BEHIND_A, {"f.c": text})["f.c"].count("NULL") == 2


UNUSABLE = {
    "two parameters": 'parameter = "char *x, int y"\nargument = "NULL"\nafter = "a"\n',
    "no name": 'parameter = "char *"\nargument = "NULL"\nafter = "a"\n',
    "no C": 'parameter = "char *x)"\nargument = "NULL"\nafter = "a"\n',
    "two arguments": 'parameter = "char *x"\nargument = "NULL, 0"\nafter = "a"\n',
    "no argument": 'parameter = "char *x"\nargument = ""\nafter = "a"\n',
    "a comment that hides the rest": 'parameter = "char *x"\nargument = "NULL //"\nafter = "a"\n',
    "no place": 'parameter = "char *x"\nargument = "NULL"\n',
    "two places": 'parameter = "char *x"\nargument = "NULL"\nafter = "a"\nat = "end"\n',
}


@pytest.mark.parametrize("keys", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_edit_is_refused_before_any_tree(keys: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's error is one; semantic.parse gives it its place
        plan_of('kind = "add-parameter"\nfunction = "f"\n' + keys, {"f.c": ONE})


def test_a_constant_of_an_enum_in_another_file_is_something_else() -> None:
    files = {
        "a.c": "int f(int a) { return a; }\nint g(void) { return f(1); }\n",
        "b.c": "enum e { f, h };\nint q = f;\n",
    }
    table = 'kind = "add-parameter"\nfunction = "f"\nparameter = "int z"\nafter = "a"\nargument = "0"\n'
    assert after(table, files)["b.c"] == files["b.c"]
