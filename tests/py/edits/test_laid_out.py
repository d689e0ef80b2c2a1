# SPDX-License-Identifier: GPL-3.0-or-later
"""add-field where the program knows where the members of the struct lie: gcc says nothing, and the program does another thing."""

from __future__ import annotations

import pytest

from edits.harness import after, slugs, unchanged
from patchgen.edits import State

END = 'kind = "add-field"\nstruct = "base"\nfield = "int z;"\nat = "end"\n'
BEHIND_A = 'kind = "add-field"\nstruct = "base"\nfield = "int z;"\nafter = "a"\n'
START = 'kind = "add-field"\nstruct = "base"\nfield = "int z;"\nat = "start"\n'

BASE = "struct base {\n\tint a;\n\tint b;\n\tint c;\n};\n"
TWIN = "struct derived {\n\tint a;\n\tint b;\n\tint c;\n\tint d;\n};\n"
SHORT = "struct head {\n\tint a;\n\tint b;\n};\n"
OTHER = "struct other {\n\tlong a;\n\tint b;\n};\n"


def refused(toml: str, text: str, slug: str, more: str = "") -> None:
    plan = unchanged(toml, {"s.h": text, "u.c": more})
    assert plan.state is State.REFUSED, plan.replacements
    assert slugs(plan) == {slug}, plan.findings


FLEXIBLE = {
    "a macro for one": "#define ONE 1\nstruct base { int n; char data[ONE]; };\n",
    "a macro for a macro for one": "#define ONE (1)\n#define SOME ONE\nstruct base { int n; char data[SOME]; };\n",
    "an expression": "struct base { int n; char data[2 - 1]; };\n",
    "an enum's constant": "enum { NONE, ONE };\nstruct base { int n; char data[ONE]; };\n",
    "rows": "struct base { int n; char data[1][16]; };\n",
    "a macro of another project": "struct base { int n; char data[FLEXIBLE_ARRAY_MEMBER]; };\n",
    "a struct that ends in one": "struct tail { int n; char data[1]; };\nstruct base { int a; struct tail t; };\n",
    "a struct without a name that ends in one": "struct base { int a; struct { int n; char data[]; } t; };\n",
    "a typedef that ends in one": "typedef struct { int n; char data[0]; } tail_t;\nstruct base { int a; tail_t t; };\n",
}


@pytest.mark.parametrize("text", FLEXIBLE.values(), ids=FLEXIBLE)
def test_nothing_goes_behind_an_array_of_any_size(text: str) -> None:
    refused(END, text, "flexible-array-member")


FIXED = {
    "a macro for more": "#define SIZE 16\nstruct base { int n; char data[SIZE]; };\n",
    "a macro that is not there": "struct base { int n; char data[CHAR_BUFFER_SIZE]; };\n",
    "a macro that is two things": "#ifdef A\n#define SIZE 1\n#else\n#define SIZE 2\n#endif\nstruct base { int n; char data[SIZE]; };\n",
    "an enum's constant": "enum { A, B, C };\nstruct base { int n; char data[C]; };\n",
    "a pointer to a struct that ends in one": "struct tail { char data[1]; };\nstruct base { int n; struct tail *t; };\n",
    "a macro that is itself": "#define SIZE SIZE\nstruct base { int n; char data[SIZE]; };\n",
}


@pytest.mark.parametrize("text", FIXED.values(), ids=FIXED)
def test_an_array_of_a_size_is_no_obstacle(text: str) -> None:
    assert "; int z; };" in after(END, {"s.h": text})["s.h"]


CASTS = {
    "up": (END, TWIN, "int f(struct derived *d) { return ((struct base *)d)->c; }\n"),
    "up, by address": (END, TWIN, "int f(void) { struct derived d; return get((struct base *) &d); }\n"),
    "up, by an array": (END, TWIN, "int f(void) { struct derived d[2]; return get((struct base *)(d)); }\n"),
    "up, into a variable": (END, TWIN, "void f(struct derived *d) { struct base *b = (struct base *)d; }\n"),
    "down": (END, TWIN, "int f(struct base *b) { return ((struct derived *)b)->d; }\n"),
    "down, by a typedef": (END, TWIN + "typedef struct base base_t;\ntypedef struct derived derived_t;\n", "int f(base_t *b) { return ((derived_t *)b)->d; }\n"),
    "by a macro": (END, TWIN + "#define BASE(p) ((struct base *)(p))\n", "int f(struct derived *d) { return BASE(d)->c; }\n"),
    "by a pointer to anything": (END, TWIN, "int f(void *d) { return ((struct base *)d)->c; }\n"),
    "members of other names": (END, TWIN.replace("a;", "x;").replace("b;", "y;"), "int f(struct derived *d) { return ((struct base *)d)->c; }\n"),
    "in the midst of what is alike": (BEHIND_A, SHORT, "int f(struct base *b) { return ((struct head *)b)->b; }\n"),
    "before what is alike": (START, SHORT, "int f(struct head *h) { return ((struct base *)h)->b; }\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASTS.values(), ids=CASTS)
def test_a_cast_between_structs_that_begin_alike_is_refused(case: tuple[str, str, str]) -> None:
    toml, other, use = case
    refused(toml, BASE + other, "struct-cast", use)


NO_CASTS = {
    "behind what is alike": (END, SHORT, "int f(struct base *b) { return ((struct head *)b)->b; }\n"),
    "another struct": (END, OTHER, "int f(struct other *o) { return ((struct base *)o)->b; }\n"),
    "from anything, and no struct is like it": (BEHIND_A, OTHER, "void *f(void *p) { struct base *b = (struct base *)p; return b; }\n"),
    "from an allocation, and another is like it": (BEHIND_A, TWIN, "void f(void) { struct base *b = (struct base *)malloc(sizeof(struct base)); }\n"),
    "to bytes": (BEHIND_A, TWIN, "void f(struct base *b) { send_all((char *)b, sizeof(*b)); }\n"),
    "a struct that holds it": (BEHIND_A, "struct derived { struct base base; int d; };\n", "int f(struct derived *d) { return ((struct base *)d)->c; }\n"),
    "alike, and never cast": (BEHIND_A, TWIN, "int f(struct derived *d, struct base *b) { return b->c + d->c; }\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_CASTS.values(), ids=NO_CASTS)
def test_other_casts_are_no_obstacle(case: tuple[str, str, str]) -> None:
    toml, other, use = case
    assert "int z;" in after(toml, {"s.h": BASE + other, "u.c": use})["s.h"]


SPANS = {
    "a subscript": "int f(struct base *s) { return (&s->a)[2]; }\n",
    "an addition": "int f(struct base *s) { return *(&s->a + 1); }\n",
    "an addition of bytes": "int f(struct base *s) { return *(int *)((char *)&s->a + 4); }\n",
    "a pointer that is subscripted": "int f(struct base *s) { int *p = &s->a; return p[0] + p[1]; }\n",
    "a pointer that goes on": "int f(struct base *s) { int *p, n = 0; p = &(s->a); n += *p++; return n + *p; }\n",
    "a pointer that is added to": "int f(struct base *s, int i) { int *p = &s->a; return *(p + i); }\n",
    "a variable": "int f(void) { struct base s; int *p = &s.a; p += 2; return *p; }\n",
    "a number of members": "int f(struct base *s) { return sum(&s->a, 3); }\n",
    "a size of several": "void f(struct base *s, int *from) { memcpy(&s->a, from, 3 * sizeof(int)); }\n",
    "a sum of sizes": "void f(struct base *s, int *to) { memcpy(to, &s->a, sizeof(s->a) + sizeof(s->b)); }\n",
    "a size as a number": "void f(struct base *s) { memset(&s->a, 0, 12); }\n",
    "a size as a macro": "#define ALL 12\nvoid f(struct base *s) { memset(&s->a, 0, ALL); }\n",
    "a number that is read": "void f(struct base *s, FILE *from) { fread(&s->a, sizeof(int), 3, from); }\n",
}


@pytest.mark.parametrize("use", SPANS.values(), ids=SPANS)
def test_members_that_are_one_behind_the_other_are_refused(use: str) -> None:
    refused(BEHIND_A, BASE, "members-as-array", use)
    if "12" not in use:
        assert "int z;" in after(END, {"s.h": BASE, "u.c": use})["s.h"]
        assert "int z;" in after(START, {"s.h": BASE, "u.c": use})["s.h"]


NO_SPANS = {
    "the address": "int f(struct base *s) { return get(&s->a); }\n",
    "the address, with a flag": "int f(struct base *s) { return get(&s->a, 1) + set(&s->a, 0, 8); }\n",
    "its own size": "void f(struct base *s) { memset(&s->a, 0, sizeof(s->a)); memcpy(&s->a, p, sizeof(int)); memset(&s->a, 0, 4); }\n",
    "all from there on": "void f(struct base *s) { memset(&s->a, 0, sizeof(*s) - offsetof(struct base, a)); }\n",
    "its only element": "int f(struct base *s) { int *p = &s->a; return p[0] + (&s->a)[0] + *p; }\n",
    "another struct's": "int f(struct other *s) { return (&s->a)[2]; }\n",
    "the last member": "int f(struct base *s) { return sum(&s->c, 3); }\n",
}


@pytest.mark.parametrize("use", NO_SPANS.values(), ids=NO_SPANS)
def test_the_address_of_one_member_is_no_obstacle(use: str) -> None:
    assert "int z;" in after(BEHIND_A, {"s.h": BASE + OTHER, "u.c": use})["s.h"]


def test_arrays_that_are_filled_beyond_their_end_are_refused() -> None:
    text = "#define LONG 32\nstruct base {\n\tchar a[16];\n\tchar b[LONG - 16];\n};\n"
    refused(BEHIND_A, text, "members-as-array", "void f(struct base *s, char *p) { memcpy(s->a, p, LONG); }\n")
    use = (
        "void f(struct base *s, char *p) { memcpy(s->a, p, 16); memset(s->a, 0, sizeof(s->a)); memcpy(p, s->b, 32); }\n"
    )
    assert "int z;" in after(BEHIND_A, {"s.h": text, "u.c": use})["s.h"]


SIZES = {
    "read": "void f(int fd) { struct base s; read(fd, &s, 12); }\n",
    "written": "#define SIZE 12\nvoid f(struct base *s, FILE *to) { fwrite(s, SIZE, 1, to); }\n",
    "copied": "void f(struct base *s, struct base *t) { memcpy((char *)s, (char *) t, 3 * 4); }\n",
    "a place in bytes": "int f(struct base *s) { return *(int *)((char *)s + 4); }\n",
    "a place in numbers": "int f(struct base *s) { return ((int *)s)[1]; }\n",
}


@pytest.mark.parametrize("use", SIZES.values(), ids=SIZES)
def test_a_size_that_is_a_number_is_refused(use: str) -> None:
    refused(BEHIND_A, BASE, "size-as-number", use)


NO_SIZES = {
    "sizeof": "void f(int fd) { struct base s; read(fd, &s, sizeof(s)); memset(&s, 0, sizeof s); }\n",
    "each byte": "int f(struct base *s, int i) { return ((char *)s)[i] + ((char *)s)[0] + *((char *)s + i); }\n",
    "behind it": "char *f(struct base *s) { return (char *)s + sizeof(struct base); }\n",
    "another number": "int f(struct base *s) { return set(s, 12); }\n",
    "a pointer to pointers": "void f(struct base **s) { memset(s, 0, 64); }\n",
}


@pytest.mark.parametrize("use", NO_SIZES.values(), ids=NO_SIZES)
def test_a_size_that_the_compiler_works_out_is_no_obstacle(use: str) -> None:
    assert "int z;" in after(BEHIND_A, {"s.h": BASE, "u.c": use})["s.h"]


def test_a_person_can_say_that_the_place_is_right() -> None:
    toml = END + 'excuse = [{ file = "u.c", function = "f", reason = "the other struct gets it too" }]\n'
    use = "int f(struct derived *d) { return ((struct base *)d)->c; }\n"
    assert "int z;" in after(toml, {"s.h": BASE + TWIN, "u.c": use})["s.h"]


UNIONS = {
    "numbers": (BEHIND_A, "union u { struct base s; int raw[3]; };\n"),
    "bytes": (END, "union u { char raw[12]; struct base s; };\n"),
    "a struct that begins alike": (BEHIND_A, TWIN + "typedef union { struct base s; struct derived d; } u;\n"),
    "the first member": (START, "struct o { union { struct base s; int kind; } u; };\n"),
}


@pytest.mark.parametrize("case", UNIONS.values(), ids=UNIONS)
def test_a_union_that_lays_something_over_it_is_refused(case: tuple[str, str]) -> None:
    toml, union = case
    refused(toml, BASE + union, "members-as-array")


NO_UNIONS = {
    "its own bytes": (BEHIND_A, "union u { struct base s; char raw[sizeof(struct base)]; };\n"),
    "another struct": (BEHIND_A, OTHER + "union u { struct base s; struct other o; long k; };\n"),
    "a pointer to it": (BEHIND_A, "union u { struct base *s; char raw[8]; };\n"),
    "at the end": (END, TWIN + "union u { struct base s; struct derived d; int kind; };\n"),
    "a struct": (BEHIND_A, "struct u { struct base s; char raw[8]; };\n"),
}


@pytest.mark.parametrize("case", NO_UNIONS.values(), ids=NO_UNIONS)
def test_another_union_is_no_obstacle(case: tuple[str, str]) -> None:
    toml, union = case
    assert "int z;" in after(toml, {"s.h": BASE + union})["s.h"]


LOOPS = {
    "by a subscript": "int f(struct base *s, int i) { return ((int *)s)[i]; }\n",
    "by a variable": "int f(void) { struct base s; int n = 0, *p = (int *)&s; for (int i = 0; i < 3; i++) n += p[i]; return n; }\n",
    "by a step": "int f(struct base *s) { int *p = (int *)s, n = *p++; return n + *p; }\n",
}


@pytest.mark.parametrize("use", LOOPS.values(), ids=LOOPS)
def test_a_struct_that_is_gone_through_as_an_array_is_refused(use: str) -> None:
    refused(BEHIND_A, BASE, "members-as-array", use)
    assert "int z;" in after(END, {"s.h": BASE, "u.c": use})["s.h"]
