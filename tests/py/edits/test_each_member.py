# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind each-member: each array of a kind that a struct holds, and nothing else; what is not known is refused."""

from __future__ import annotations

import re

import pytest

from edits.harness import Files, after, edit_of, plan_of, slugs
from patchgen.edits import State

EDIT = """\
kind = "each-member"
in = "end"
struct = "s"
object = "p"
arrays-of = "char"
statement = "END($member);"
index = ["i", "j"]
"""
C = '#include "s.h"\nvoid end(struct s *p)\n{\n\tint i, j;\n\n\tfirst(p);\n}\n'


def files(members: str, before: str = "") -> Files:
    """Return a header with the struct, and the function."""
    return {"s.h": f"{before}\nstruct s {{\n{members}\n}};\n", "e.c": C}


def inserted(members: str, before: str = "") -> list[str]:
    """Return the lines that the edit puts in."""
    done = after(EDIT, files(members, before))["e.c"]
    return [line.strip() for line in done.splitlines()[6:-1]]


FOUND = {
    "an array": ("char a[8];", ["END(p->a);"]),
    "none": ("int n; char c; char *q; char **r; char *t[4]; char (*u)[8];", []),
    "several in a declaration": ("char a[8], *b, c[9], d;", ["END(p->a);", "END(p->c);"]),
    "an array of them": ("char a[2][8];", ["for (i = 0; i < 2; i++)", "END(p->a[i]);"]),
    "an array of arrays of them": (
        "char a[2][N + 1][8];",
        ["for (i = 0; i < 2; i++)", "for (j = 0; j < N + 1; j++)", "END(p->a[i][j]);"],
    ),
    "unsigned ones are no strings": ("unsigned char a[8]; signed char b[8]; char c[8];", ["END(p->c);"]),
    "constants": ("const char a[8];", ["END(p->a);"]),
    "numbers of the library": ("pthread_t t; time_t u; uint32_t v[4]; bool w; char a[8];", ["END(p->a);"]),
    "bit-fields": ("unsigned a : 3, : 2; char b[8];", ["END(p->b);"]),
    "a struct in it, without a name": ("struct { int n; char *q; char a[8]; } x;", ["END(p->x.a);"]),
    "a pointer to one without a name": ("struct { char a[8]; } *x; char b[8];", ["END(p->b);"]),
    "one without any name": ("struct { char a[8]; };", ["END(p->a);"]),
    "an enum": ("enum { A } e; enum f { B } g; char a[8];", ["END(p->a);"]),
    "a comment": ("char a[8]; /* char b[8]; */ // char c[8];", ["END(p->a);"]),
}


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND)
def test_arrays_of_that_kind_are_found(case: tuple[str, list[str]]) -> None:
    members, wanted = case
    if wanted:
        assert inserted(members) == wanted
    else:
        plan, _ = plan_of(EDIT, files(members))
        assert plan.state is State.REFUSED
        assert slugs(plan) == {"not-found"}


HELD = {
    "by tag": ("struct in { char a[8]; char b[8]; };", "struct in x;", ["END(p->x.a);", "END(p->x.b);"]),
    "by typedef": ("typedef struct { char a[8]; } in;", "in x;", ["END(p->x.a);"]),
    "in an array": (
        "typedef struct in_t { char a[8]; char b[8]; } in;",
        "in x[N];",
        ["for (i = 0; i < N; i++) {", "END(p->x[i].a);", "END(p->x[i].b);", "}"],
    ),
    "behind a pointer": ("struct in { char a[8]; };", "struct in *x; char b[8];", ["END(p->b);"]),
    "a typedef for an array": ("typedef char word[16];", "word a;", ["END(p->a);"]),
    "an array of such": ("typedef char word[16];", "word a[3];", ["for (i = 0; i < 3; i++)", "END(p->a[i]);"]),
    "a typedef for a number": ("typedef unsigned long id;", "id a; char b[8];", ["END(p->b);"]),
    "a typedef for an enum": ("typedef enum { A, B } state;", "state a; char b[8];", ["END(p->b);"]),
    "a typedef for a pointer": ("typedef struct hidden *handle;", "handle a; char b[8];", ["END(p->b);"]),
    "a member named as its type": (
        "typedef struct { char a[8]; } in;",
        "in in[4];",
        ["for (i = 0; i < 4; i++)", "END(p->in[i].a);"],
    ),
    "a union of numbers": ("union u { int n; long m; };", "union u x; char b[8];", ["END(p->b);"]),
    "twice the same": (
        "struct in { char a[8]; };\n#if 0\nstruct in { char c[8]; };\n#endif",
        "struct in x;",
        ["END(p->x.a);"],
    ),
}


@pytest.mark.parametrize("case", HELD.values(), ids=HELD)
def test_structs_are_gone_into(case: tuple[str, str, list[str]]) -> None:
    before, members, wanted = case
    assert inserted(members, before) == wanted


REFUSED = {
    "a type that is nowhere": ("", "thing x; char a[8];", "what the type thing is"),
    "a struct that is nowhere": ("", "struct thing x;", "what the type thing is"),
    "two structs of a name": (
        "struct in { char a[8]; };\n#ifdef A\nstruct in { char b[8]; };\n#endif",
        "struct in x;",
        "what the type in is",
    ),
    "an arm of an #if": ("", "int n;\n#ifdef A\nchar a[8];\n#endif", "in an arm of an #if"),
    "a union": ("union u { int n; char a[8]; };", "union u x;", "is a union"),
    "deeper than there are names": ("", "char a[2][3][4][8];", "deeper than there are names"),
    "what did not parse": ("", "char a[8]; STRING(b, 8) c;", ""),
    "no such struct": ("", "int n; }; struct t { char a[8];", ""),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_not_known_is_refused(case: tuple[str, str, str]) -> None:
    before, members, why = case
    plan, _ = plan_of(EDIT, files(members, before))
    assert plan.state is State.REFUSED
    assert not plan.replacements
    assert why in " ".join(str(finding.message) for finding in plan.findings)


def test_an_opaque_type_holds_none() -> None:
    made = after(EDIT + 'opaque = ["thing"]\n', files("thing x; char a[8];"))["e.c"]
    assert "x" not in re.findall(r"p->(\w+)", made)


def test_what_is_there_stays_and_the_rest_is_added() -> None:
    before = files("char a[8]; char b[8];")
    before["e.c"] = before["e.c"].replace("first(p);", "END(p->a);")
    made = after(EDIT, before)["e.c"]
    assert made.count("END(p->a);") == made.count("END(p->b);") == 1
    assert edit_of(EDIT).names() == frozenset()


@pytest.mark.parametrize(
    "bad",
    [
        EDIT.replace("END($member);", "END(p);"),
        EDIT.replace("END($member);", "END($x);"),
        EDIT.replace('"char"', '"char *"'),
    ],
)
def test_an_edit_that_makes_no_sense_is_an_error(bad: str) -> None:
    with pytest.raises(ValueError, match=r"member|type"):
        edit_of(bad)
