# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind add-field: a member at its place, or a refusal where what others wrote would change its meaning."""

from __future__ import annotations

import pytest

from edits.harness import after, plan_of, slugs, unchanged
from patchgen.edits import Reason, State, Verdict


def edit(place: str, field: str = "int x;", struct: str = '"s"') -> str:
    """Return the edit in TOML."""
    return f'kind = "add-field"\nstruct = {struct}\nfield = "{field}"\n{place}\n'


END = edit('at = "end"')
START = edit('at = "start"')
BEHIND_A = edit('after = "a"')
BEFORE_B = edit('before = "b"')
S = "struct s { int a; int b; };\n"

EDITED = {
    "at the end": (END, "struct s {\n  int a;\n};\n", "struct s {\n  int a;\n  int x;\n};\n"),
    "at the start": (START, "struct s {\n\tint a;\n};\n", "struct s {\n\tint x;\n\tint a;\n};\n"),
    "behind a member": (BEHIND_A, "struct s {\n  int a;\n  int b;\n};\n", "struct s {\n  int a;\n  int x;\n  int b;\n};\n"),
    "before a member": (BEFORE_B, "struct s {\n  int a;\n  int b;\n};\n", "struct s {\n  int a;\n  int x;\n  int b;\n};\n"),
    "the first of the alternatives that is there": (edit('after = ["q", "a"]'), S, "struct s { int a; int x; int b; };\n"),
    "on one line": (END, S, "struct s { int a; int b; int x; };\n"),
    "a typedef without a tag": (
        edit('at = "end"', struct='"s_t"'),
        "typedef struct {\n\tint a;\n} s_t;\n",
        "typedef struct {\n\tint a;\n\tint x;\n} s_t;\n",
    ),
    "by its typedef": (
        edit('at = "end"', struct='["none", "s_t"]'),
        "typedef struct tag {\n    int a;\n} s_t, *s_p;\n",
        "typedef struct tag {\n    int a;\n    int x;\n} s_t, *s_p;\n",
    ),
    "a union": (edit('at = "end"', struct='"u"'), "union u {\n  int a;\n};\n", "union u {\n  int a;\n  int x;\n};\n"),
    "a struct in a struct": (
        edit('at = "end"', struct='"in"'),
        "struct o {\n  struct in {\n    int q;\n  } i;\n  int z;\n};\n",
        "struct o {\n  struct in {\n    int q;\n    int x;\n  } i;\n  int z;\n};\n",
    ),
    "behind a trailing line comment": (
        BEHIND_A,
        "struct s {\n  int a; //!< the a\n  int b;\n};\n",
        "struct s {\n  int a; //!< the a\n  int x;\n  int b;\n};\n",
    ),
    "at the end, before comments that end it": (
        END,
        "struct s {\n  int a; /* a */\n  /* no more */\n};\n",
        "struct s {\n  int a; /* a */\n  int x;\n  /* no more */\n};\n",
    ),
    "before the comment of a member": (
        BEFORE_B,
        "struct s {\n  int a;\n  /* about b */\n  int b;\n};\n",
        "struct s {\n  int a;\n  int x;\n  /* about b */\n  int b;\n};\n",
    ),
    "at the start, before the comment of the first": (
        START,
        "struct s {\n  // about a\n  int a;\n};\n",
        "struct s {\n  int x;\n  // about a\n  int a;\n};\n",
    ),
    "behind a declaration of two": (
        edit('after = "blk"'),
        "struct s {\n  long blk, net;\n  int z;\n};\n",
        "struct s {\n  long blk, net;\n  int x;\n  int z;\n};\n",
    ),
    "behind the second of two": (
        edit('after = "net"'),
        "struct s {\n  long blk, *net;\n};\n",
        "struct s {\n  long blk, *net;\n  int x;\n};\n",
    ),
    "a bit-field at the end": (END, "struct s {\n  unsigned a : 3;\n};\n", "struct s {\n  unsigned a : 3;\n  int x;\n};\n"),
    "behind an #endif": (
        END,
        "struct s {\n  int a;\n#ifdef Q\n  int b;\n#endif\n};\n",
        "struct s {\n  int a;\n#ifdef Q\n  int b;\n#endif\n  int x;\n};\n",
    ),
    "CRLF": (END, "struct s {\r\n  int a;\r\n};\r\n", "struct s {\r\n  int a;\r\n  int x;\r\n};\r\n"),
    "CRLF behind an #endif": (
        END,
        "struct s {\r\n  int a;\r\n#ifdef Q\r\n  int b;\r\n#endif\r\n};\r\n",
        "struct s {\r\n  int a;\r\n#ifdef Q\r\n  int b;\r\n#endif\r\n  int x;\r\n};\r\n",
    ),
    "an attribute before": (
        END,
        "struct __attribute__((packed)) s {\n  int a;\n};\n",
        "struct __attribute__((packed)) s {\n  int a;\n  int x;\n};\n",
    ),
    "an attribute behind": (END, "struct s {\n  int a;\n} __attribute__((packed));\n", "struct s {\n  int a;\n  int x;\n} __attribute__((packed));\n"),
    "an inner struct without a name": (
        END,
        "struct s {\n  struct { int a; } in;\n};\n",
        "struct s {\n  struct { int a; } in;\n  int x;\n};\n",
    ),
    "a pointer at the end that is no array": (
        END,
        "struct s {\n  char (*a)[];\n};\n",
        "struct s {\n  char (*a)[];\n  int x;\n};\n",
    ),
    "a member that has the struct's name": (
        edit('at = "end"', struct='"map"'),
        "typedef struct map_t {\n\tint a;\n} map;\nstruct o {\n\tmap map[3];\n};\n",
        "typedef struct map_t {\n\tint a;\n\tint x;\n} map;\nstruct o {\n\tmap map[3];\n};\n",
    ),
    "Latin-1": (END, "/* caf\udce9 */\nstruct s {\n  int a; /* \udce9 */\n};\n", "/* caf\udce9 */\nstruct s {\n  int a; /* \udce9 */\n  int x;\n};\n"),
    "no final newline": (END, "struct s {\n  int a;\n};", "struct s {\n  int a;\n  int x;\n};"),
}  # fmt: skip


@pytest.mark.parametrize("case", EDITED.values(), ids=EDITED)
def test_is_edited(case: tuple[str, str, str]) -> None:
    toml, before, wanted = case
    assert after(toml, {"s.h": before}) == {"s.h": wanted}


@pytest.mark.parametrize("case", EDITED.values(), ids=EDITED)
def test_is_recognised_when_done(case: tuple[str, str, str]) -> None:
    toml, _, done = case
    assert unchanged(toml, {"s.h": done}).state is State.PRESENT


REFUSED = {
    "nowhere": (END, "struct t { int a; };\n", "not-found"),
    "declared and not defined": (END, "struct s;\nextern struct s *p;\n", "not-found"),
    "no such anchor": (edit('after = "q"'), S, "no-such-member"),
    "two definitions": (END, S + "void g(void) { struct s { int q; } v; }\n", "struct-defined-twice"),
    "a tag and a typedef": (END, S + "typedef struct t { int q; } s;\n", "struct-defined-twice"),
    "a definition in each arm": (END, f"#ifdef X\n{S}#else\n{S}#endif\n", "struct-defined-twice"),
    "did not parse": (END, "struct s {\n  COMMON\n  int a;\n};\n", "unparsed-struct"),
    "not closed": (END, "struct s { int a;\n", "unparsed"),
    "another type": (END, "struct s { int a; long x; };\n", "member-differs"),
    "another size": (edit('at = "end"', "char x[8];"), "struct s { char x[16]; };\n", "member-differs"),
    "a qualifier more": (edit('at = "end"', "char *x;"), "struct s { int a; const char *x; };\n", "member-differs"),
    "a qualifier less": (edit('at = "end"', "volatile int x;"), "struct s { int a; int x; };\n", "member-differs"),
    "a bit-field": (END, "struct s { int a; int x : 3; };\n", "member-differs"),
    "there in some configurations": (END, "struct s {\n int a;\n#ifdef Q\n int x;\n#endif\n};\n", "conditional-member"),
    "there in an inner union": (END, "struct s { int a; union { int x; char c; }; };\n", "conditional-member"),
    "the anchor in some configurations": (
        edit('after = "b"'),
        "struct s {\n int a;\n#ifdef Q\n int b;\n#endif\n int c;\n};\n",
        "conditional-member",
    ),
    "the anchor in both arms": (
        edit('after = "b"'),
        "struct s {\n int a;\n#ifdef Q\n int b;\n#else\n long b;\n#endif\n};\n",
        "conditional-member",
    ),
    "the anchor in an inner struct": (edit('after = "b"'), "struct s { int a; struct { int b; }; };\n", "conditional-member"),
    "a flexible array": (END, "struct s { int a; char b[]; };\n", "flexible-array-member"),
    "a flexible array of pointers": (END, "struct s { int a; char *b[]; };\n", "flexible-array-member"),
    "a flexible array of no length": (END, "struct s { int a; char b[0]; };\n", "flexible-array-member"),
    "a flexible array with an attribute": (END, "struct s { int a; char b[] __attribute__((aligned(4))); };\n", "flexible-array-member"),
    "behind a flexible array": (edit('after = "b"'), "struct s { int a; char b[]; };\n", "flexible-array-member"),
    "a macro of that name": (END, S + "#define x y\n", "macro-of-that-member"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_is_refused(case: tuple[str, str, str]) -> None:
    toml, before, slug = case
    plan = unchanged(toml, {"s.h": before})
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


POSITIONAL = {
    "a variable": "struct s v = { 1, 2 };\n",
    "a constant": "static const struct s v = { 1, 2 };\n",
    "the second of two variables": "struct s v = { .a = 1 }, w = { 1, 2 };\n",
    "behind a designator": "struct s v = { .a = 1, 2 };\n",
    "declared with the struct": None,
    "through a typedef of its own": "typedef struct s s_t;\ns_t v = { 1, 2 };\n",
    "through two typedefs": "typedef struct s s_t;\ntypedef s_t u_t;\nu_t v = { 1, 2 };\n",
    "through a macro for the type": "#define s_t struct s\ns_t v = { 1, 2 };\n",
    "an array": "struct s v[] = { { 1, 2 }, { .a = 3 } };\n",
    "an array with designators": "struct s v[2] = { [1] = { 1, 2 } };\n",
    "an array of arrays": "struct s v[1][2] = { { { 1, 2 }, { 3, 4 } } };\n",
    "an array by typedef": "typedef struct s row[2];\nrow v = { { 1, 2 }, { 3, 4 } };\n",
    "a compound literal": "void g(void) { h((struct s){ 1, 2 }); }\n",
    "a compound literal, an array": "void g(void) { h((struct s[]){ { 1, 2 } }); }\n",
    "a compound literal in a macro": "#define MAKE(p, q) ((struct s){ p, q })\n",
    "a macro for the values": "#define VALUES { 1, 2 }\nstruct s v = VALUES;\n",
    "a macro with parameters for the values": "#define VALUES(q) \\\n  { q, 2 }\nstruct s v = VALUES(1);\n",
    "within another struct": "struct o { int k; struct s in; };\nstruct o v = { 1, { 1, 2 } };\n",
    "within another struct, by designator": "struct o { int k; struct s in; };\nstruct o v = { .k = 1, .in = { 1, 2 } };\n",
    "within another struct, an array": "struct o { struct s in[2]; };\nstruct o v = { .in = { { 1, 2 }, { 3, 4 } } };\n",
    "within another struct's typedef": "typedef struct { struct s in; } o;\no v = { .in = { 1, 2 } };\n",
    "within a struct within a struct": "struct o { struct s in; };\nstruct p { struct o mid; };\nstruct p v = { .mid = { .in = { 1, 2 } } };\n",
    "within a struct without a name": "struct o { struct { struct s in; } mid; };\nstruct o v = { .mid = { { 1, 2 } } };\n",
}  # fmt: skip


@pytest.mark.parametrize("other", POSITIONAL.values(), ids=POSITIONAL)
def test_trap_20_a_positional_initialiser_refuses_any_place_but_the_end(other: str | None) -> None:
    text = S + other if other else "struct s { int a; int b; } v = { 1, 2 };\n"
    for toml in (BEHIND_A, BEFORE_B, START):
        assert "positional-initialiser" in slugs(unchanged(toml, {"s.h": text})), toml
    if "struct o" not in text and "} o;" not in text:
        assert after(END, {"s.h": text})["s.h"] == text.replace("int b;", "int b; int x;", 1)


FLAT = {
    "an array without inner braces": "struct s v[] = { 1, 2, 3, 4 };\n",
    "an array of arrays without the innermost braces": "struct s v[1][2] = { { 1, 2, 3, 4 } };\n",
    "an array by typedef without inner braces": "typedef struct s row[2];\nrow v = { 1, 2, 3, 4 };\n",
    "within another struct without braces": "struct o { struct s in; int z; };\nstruct o v = { 1, 2, 3 };\n",
    "within another struct, an array without inner braces": "struct o { struct s in[2]; };\nstruct o v = { .in = { 1, 2, 3, 4 } };\n",
    "declared there, without braces": None,
}


@pytest.mark.parametrize("other", FLAT.values(), ids=FLAT)
def test_trap_20_without_the_structs_own_braces_even_the_end_is_refused(other: str | None) -> None:
    text = S + other if other else "struct o { struct s { int a; } in; int z; };\nstruct o v = { 1, 2 };\n"
    assert "positional-initialiser" in slugs(unchanged(END, {"s.h": text}))


HARMLESS = {
    "designators": "struct s v = { .b = 1, .a = 2 };\n",
    "nothing": "struct s v = {};\n",
    "one zero": "struct s v = { 0 };\n",
    "an array of zeros": "struct s v[3] = { { 0 }, { 0 } };\n",
    "copied": "void g(struct s *p) { struct s v = *p, w = make(), u = v; }\n",
    "a pointer": "struct s *p = &q, *r = { &q };\n",
    "an array of numbers by designator in a holder": "struct o { struct s *in; int k[2]; };\nstruct o v = { .k = { 1, 2 } };\n",
    "a macro with designators": "#define VALUES { .a = 1 }\nstruct s v = VALUES;\n",
    "a macro for zero": "#define VALUES { 0 }\nstruct s v = VALUES;\n",
    "another struct": "struct t { int a, b; };\nstruct t v = { 1, 2 };\n",
}  # fmt: skip


@pytest.mark.parametrize("other", HARMLESS.values(), ids=HARMLESS)
def test_trap_20_what_does_not_go_by_the_order_is_no_obstacle(other: str) -> None:
    text = S + other
    assert after(BEHIND_A, {"s.h": text}) == {"s.h": text.replace("int a;", "int a; int x;", 1)}


UNREAD = {
    "behind an attribute": "struct s v __attribute__((aligned(8))) = { 1, 2 };\n",
    "behind an attribute, an array": "struct s v[3] __attribute__((aligned(8))) = { { 1, 2 } };\n",
    "behind an attribute, a typedef": "typedef struct s s_t;\nstatic s_t v[3] __attribute__((aligned(8))) = { [0] = { 1, 2 } };\n",
    "behind a macro": "struct s v __aligned(8) = { 1, 2 };\n",
    "behind a macro, a typedef": "typedef struct s s_t;\ns_t v ALIGN(8) = { 1, 2 };\n",
    "behind a macro, in a function": "void g(void) {\n\tstruct s v __aligned(8) = { 1, 2 };\n}\n",
    "behind a macro, in a macro": "#define V(n) struct s n __aligned(8) = \\\n\t{ 1, 2 }\n",
    "the second, behind an attribute": "struct s v __attribute__((x)), w = { 1, 2 };\n",
    "behind a macro, with a comment": "struct s v /* ; { */ __aligned(8) /* = */ = { 1, 2 };\n",
    "behind a macro, with a directive": "struct s v[] __aligned(8) = {\n#ifdef A\n\t{ 1, 2 },\n#endif\n\t{ 3, 4 }\n};\n",
    "a macro before the typedef": "typedef struct s s_t;\nEXPORT(q) s_t v = { 1, 2 };\n",
    "typeof the struct": "__typeof__(struct s) v = { 1, 2 };\n",
    "typeof what a cast makes": "void g(void) {\n\t__typeof__(*(struct s *)0) w = { 3, 4 };\n}\n",
    "typeof a variable": "struct s v;\n__typeof__(v) w = { 3, 4 };\n",
    "typeof what a pointer points to": "void g(struct s *p) {\n\ttypeof(*p) w = { 3, 4 };\n}\n",
    "a member's row by designator": "struct o { struct s *p; struct s q[2]; };\nstruct o v = { .q[0] = { 1, 2 } };\n",
    "a macro that declares": "DEFINE_PER_CPU(struct s, v) = { 1, 2 };\n",
    "a macro that declares, static": "static DEFINE_PER_CPU(struct s, v) = { 1, 2 };\n",
    "a macro that declares, a typedef": "typedef struct s s_t;\nstatic DEFINE_PER_CPU(s_t, v) = { 1, 2 };\n",
    "a macro that declares an array": "LIST_OF(struct s, v) = { { 1, 2 }, { 3, 4 } };\n",
    "a macro whose body declares": "#define DECLARE(n) struct s n\nDECLARE(v) = { 1, 2 };\n",
    "a macro whose body's macro declares": "#define DECLARE(n) struct s n\n#define STATIC(n) static DECLARE(n)\nSTATIC(v) = { 1, 2 };\n",
    "a macro that is called like the struct": "#define s other\nstruct other v = { 1, 2 };\n",
    "within a struct without a name": "struct { int k; struct s in; } v = { 1, { 1, 2 } };\n",
    "within a struct without a name, behind a macro": "struct { struct s in; } v __aligned(8) = { .in = { 1, 2 } };\n",
    "within another struct, behind a macro": "struct o { int k; struct s in; };\nstruct o v __aligned(8) = { .in = { 1, 2 } };\n",
}  # fmt: skip


@pytest.mark.parametrize("other", UNREAD.values(), ids=UNREAD)
def test_trap_20_a_positional_initialiser_that_the_grammar_does_not_see_refuses(other: str) -> None:
    assert "positional-initialiser" in slugs(unchanged(BEHIND_A, {"s.h": S + other}))


UNREAD_FLAT = {
    "behind a macro": "struct s v[2] __aligned(8) = { 1, 2, 3, 4 };\n",
    "typeof": "__typeof__(struct s) v[2] = { 1, 2, 3, 4 };\n",
    "a macro that declares": "LIST_OF(struct s, v) = { 1, 2, 3, 4 };\n",
    "a member's row by designator": "struct o { struct s q[2][2]; };\nstruct o v = { .q[0] = { 1, 2, 3, 4 } };\n",
}


@pytest.mark.parametrize("other", UNREAD_FLAT.values(), ids=UNREAD_FLAT)
def test_trap_20_what_the_grammar_does_not_see_refuses_even_the_end_without_braces(other: str) -> None:
    assert "positional-initialiser" in slugs(unchanged(END, {"s.h": S + other}))


UNREAD_HARMLESS = {
    "designators behind a macro": "static struct s v __read_mostly = { .a = 1 };\nstruct s w[] __aligned(8) = { { .a = 1 }, [3] = { .b = 2 } };\n",
    "pointers behind a macro": "struct s *v[2] __aligned(8) = { &q, &r };\nstruct s __initdata *w[] __aligned(8) = { &q };\n",
    "typeof a pointer": "typeof(struct s *) v[] = { &q, &r };\ntypeof(&q) w[] = { &q, &r };\n",
    "typeof another variable": "struct s v;\nint k;\ntypeof(k) w[] = { 1, 2 };\n",
    "a macro that declares, with designators": "static DEFINE_PER_CPU(struct s, v) = { .a = 1 };\nDEFINE_PER_CPU(struct s, w) = { 0 };\n",
    "the size of the struct": "char v[sizeof(struct s)] = { 1, 2 };\nint k = sizeof(struct s), w[] = { 1, 2 };\n",
    "a macro for a value": "typedef struct s s_t;\n#define GET(p) container_of(p, s_t, a)\nvoid g(void *p) {\n\tint k = GET(p), w[] = { 1, 2 };\n}\n",
    "an array of functions": "int (*v[])(struct s *, struct s) = { f, g };\n",
    "within a struct without a name": "struct { int k; struct s in; } v = { .k = 1, .in = { .a = 2 } };\n",
    "a macro called like the struct": "#define s() 1\nint v[] = { 1, 2 };\n",
    "a row for a size": "typedef struct s s_t;\nint v[] = { SIZE(s_t), 2 };\nint w[] = { [SIZE(s_t)] = 1, 2 };\n",
}  # fmt: skip


@pytest.mark.parametrize("other", UNREAD_HARMLESS.values(), ids=UNREAD_HARMLESS)
def test_trap_20_what_the_grammar_does_not_see_is_no_obstacle_without_order(other: str) -> None:
    text = S + other
    assert after(BEHIND_A, {"s.h": text}) == {"s.h": text.replace("int a;", "int a; int x;", 1)}


def test_trap_20_a_macro_that_declares_is_refused_where_it_is_used() -> None:
    files = {
        "s.h": S + "#define DECLARE(n) struct s n\n",
        "v.c": "\nDECLARE(v) = { .a = 1 };\nDECLARE(w) = { 1, 2 };\n",
    }
    (finding,) = unchanged(BEHIND_A, files).findings
    assert finding.place
    assert (finding.place.path, finding.place.line) == ("v.c", 3)


ARM = "#ifdef A\n\t{ 1, 2 },\n#endif\n"


@pytest.mark.parametrize("head", ["struct s v[]", "static const struct s v[2]", "void g(void) { f((struct s[])"])
def test_a_table_that_begins_with_a_directive_may_go_by_the_order(head: str) -> None:
    text = S + head + (" {\n" if head.endswith(")") else " = {\n") + ARM + "\t{ 3, 4 },\n};\n"
    assert "positional-initialiser" in slugs(unchanged(BEHIND_A, {"s.h": text}))


def test_a_directive_between_the_rows_of_a_table_is_no_row() -> None:
    text = (
        S
        + "struct s v[] = {\n\t{ 3, 4 },\n"
        + ARM
        + "#if defined(A) && B\n\t{ 5, 6 },\n#else\n\t{ 7, 8 },\n#endif\n};\n"
    )
    assert after(END, {"s.h": text})["s.h"] == text.replace("int b;", "int b; int x;", 1)
    assert "positional-initialiser" in slugs(unchanged(BEHIND_A, {"s.h": text}))


def test_trap_20_an_initialiser_in_another_file_counts() -> None:
    plan = unchanged(BEHIND_A, {"s.h": S, "v.c": '#include "s.h"\n\nstruct s v = { 1, 2 };\n'})
    (finding,) = plan.findings
    assert finding.place
    assert (finding.place.path, finding.place.line) == ("v.c", 3)


def test_trap_20_the_users_of_sizeof_are_listed() -> None:
    plan, _ = plan_of(END, {"s.h": S, "v.c": "void g(void *p) { memset(p, 0, sizeof(struct s)); struct s *q; }\n"})
    details = [o.detail for o in plan.occurrences if o.path == "v.c"]
    assert details == ["sizeof", ""]


def test_trap_20_the_excuse_of_a_person_lifts_the_refusal() -> None:
    text = S + "struct s v = { 1, 2 };\n"
    toml = BEHIND_A + 'excuse = [{file = "*.h", reason = "the next edit changes it"}]\n'
    assert after(toml, {"s.h": text})["s.h"].startswith("struct s { int a; int x;")


INSTANCE = """\
#define SIZE 512
typedef struct instance_t {
    char instanceId[SIZE];
    int retries;
    \n\
    char userData[SIZE*10];
    // passed into the struct
    netConfig ncnet;
    volume volumes[MAX];
    int volumesSize;
} instance;
"""


def test_trap_10_a_line_of_blanks_and_all_other_bytes_stay() -> None:
    toml = edit('at = "end"', "char archId[SIZE];", '"instance"')
    end = "    int volumesSize;\n"
    assert after(toml, {"data.h": INSTANCE})["data.h"] == INSTANCE.replace(end, end + "    char archId[SIZE];\n")


def test_trap_12_the_bytes_of_the_indentation_are_copied() -> None:
    text = "struct s {\n \t  int a;\n\t int b;\n};\n"
    assert after(BEHIND_A, {"s.h": text})["s.h"] == "struct s {\n \t  int a;\n \t  int x;\n\t int b;\n};\n"


def test_the_ledger_knows_the_tag_the_typedefs_and_the_member() -> None:
    files = {"s.h": "typedef struct s { int a; } s_t;\ntypedef s_t *s_p;\ntypedef s_t other;\n", "v.c": 'other v; /* s */ struct t { int x; } t; char *n = "s_t x";\n'}  # fmt: skip
    plan, _ = plan_of(END, files)
    assert plan.names == {"s", "s_t", "other", "x"}
    found = [(o.path, o.name, o.verdict, o.reason) for o in plan.occurrences]
    assert found == [
        ("s.h", "s", Verdict.EDITED, None),
        ("s.h", "s_t", Verdict.EDITED, None),
        ("s.h", "s_t", Verdict.EXCUSED, Reason.UNCHANGED_USE),
        ("s.h", "s_t", Verdict.EXCUSED, Reason.UNCHANGED_USE),
        ("s.h", "other", Verdict.EXCUSED, Reason.UNCHANGED_USE),
        ("v.c", "other", Verdict.EXCUSED, Reason.UNCHANGED_USE),
        ("v.c", "s", Verdict.EXCUSED, Reason.COMMENT),
        ("v.c", "x", Verdict.EXCUSED, Reason.OTHER_BINDING),
        ("v.c", "s_t", Verdict.EXCUSED, Reason.STRING),
        ("v.c", "x", Verdict.EXCUSED, Reason.STRING),
    ]


UNUSABLE = {
    "two members": 'field = "int x, y;"\nat = "end"\n',
    "a comment": 'field = "int x; // x"\nat = "end"\n',
    "no semicolon": 'field = "int x"\nat = "end"\n',
    "no name": 'field = "int;"\nat = "end"\n',
    "no place": 'field = "int x;"\n',
    "two places": 'field = "int x;"\nat = "end"\nafter = "a"\n',
    "no such place": 'field = "int x;"\nat = "middle"\n',
}


@pytest.mark.parametrize("keys", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_edit_is_refused_before_any_tree(keys: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's error is one; semantic.parse gives it its place
        plan_of('kind = "add-field"\nstruct = "s"\n' + keys, {"s.h": S})
