# SPDX-License-Identifier: GPL-3.0-or-later
"""Random programs for add-field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edits.same import LIBC, NOISE, Trial, noisy, picked, same

if TYPE_CHECKING:
    import random

__all__ = ["add_field", "add_field_in_several_files"]

FIELDS = ("int zz;", "char *zz;", "char zz[5];", "struct { int q; } zz;", "long zz : 3;", "void (*zz)(int);", "double zz;")  # fmt: skip
PLACES = ('at = "start"', 'after = "a"', 'after = "b"', 'before = "c"', 'before = "a"')

STRUCTS = {
    "a member a line": "struct s {\n\tint a;\n\tchar b[8];\n\tint c;\n};\n",
    "one line": "struct s { int a; char b[8]; int c; };\n",
    "with comments": "struct s {\n\tint a;\t/* first */\n\tchar b[8]; // second\n\tint c;\n};\n",
    "with an arm": "struct s\n{\n  int a;\n#ifdef NOPE\n  int nope;\n#endif\n  char b[8];\n  int c;\n};\n",
    "with a typedef": "typedef struct s {\n\tint a;\n\tchar b[8];\n\tint c;\n} s_t, *s_p;\n",
    "with a variable": "struct s {\n\tint a;\n\tchar b[8];\n\tint c;\n} spare;\n",
    "declared before": "struct s;\nstruct s\n{\n\tint a; char b[8];\n\tint c;\n};\n",
    "with an attribute": "struct __attribute__((aligned(8))) s {\n\tint a;\n\tchar b[8];\n\tint c;\n};\n",
    "with another in it": "struct s {\n\tint a;\n\tchar b[8];\n\tint c;\n\tunion { int x; char y; } u;\n};\n",
}

S = """\
#include <stddef.h>
#define MADE(v) { .a = v, .c = 7 }
#define SET(x, v) ((x).c = (v))
typedef struct s alias_t;
typedef alias_t pair_t[2];
struct other { int a, zz2, c; };
struct outer { int k; struct s s; int l; };
static void show(const struct s *p) { printf("%d %s %d\\n", p->a, p->b, p->c); }
static void show_copy(struct s v) { show(&v); }
static struct s returned(int v) { struct s x = { .a = v }; return x; }
static int seen(int a, ...) { return a; }
"""

NAMED = {
    "by name": '{ struct s x = { .a = A, .b = "q", .c = B }; show(&x); }',
    "only the first one": "{ static struct s x = { A }; x.c = x.a; }",
    "without a variable": "show(&(struct s){ .a = A, .c = B });",
    "in another, by name": "{ struct { struct s s; int l; } x = { .s = { .a = A }, .l = 6 }; show(&x.s); }",
    "in another, then by place": '{ struct { struct s s; int l; } x = { .s = { .a = A }, 6 }; printf("%d\\n", x.l); }',
    "a member of a member": "{ struct { struct s s; int l; } x = { .s.a = A, .l = 6 }; show(&x.s); }",
    "a macro": "{ struct s x = MADE(A); show(&x); }",
    "zero": "{ struct s x = { 0 }; x.a = A; show(&x); }",
    "nothing": "{ struct s x = { }; x.c = A; show(&x); }",
    "memset": "{ struct s x; memset(&x, 0, sizeof x); x.c = B; show(&x); }",
    "memcpy": "{ struct s x = { .a = A }, y; memcpy(&y, &x, sizeof(struct s)); show(&y); }",
    "some elements at once": "{ struct s x[] = { [0 ... 1] = { .a = A } }; show(&x[1]); }",
    "a member of an element": "{ struct s x[3] = { [1].a = A, [1].c = B }; show(&x[1]); }",
    "the old way to name": "{ struct s x = { a: A, c: B }; show(&x); }",
    "and a pointer": "{ struct s x = { .c = A }, *p = &x; show(p); }",
    "the order of members": 'printf("%d\\n", offsetof(struct s, c) > offsetof(struct s, b));',
    "an argument": "show_copy((struct s){ .c = B, .a = A });",
    "the next one": "{ struct s x[2] = { { .a = A }, { .a = B } }, *p = x; show(p + 1); show(&p[1]); }",
    "how many": '{ struct s x[3]; printf("%d\\n", (int)(sizeof x / sizeof x[0])); }',
    "copied": "{ struct s x = returned(A), y; y = x; show(&y); }",
    "a member written": '{ struct s x = { .b = "abc" }; x.b[1] = \'z\'; SET(x, B); show(&x); }',
    "another struct": '{ struct other x = { A, B, 3 }; printf("%d\\n", x.c); }',
    "a local of this name": '{ int s = A; printf("%d\\n", s); }',
    "a pointer to a member": '{ struct s x = { .c = A }; int *p = &x.c; printf("%d\\n", *p); }',
    "back from a member": "{ struct s x = { .c = A }; char *p = (char *)&x.c; show((struct s *)(p - offsetof(struct s, c))); }",
    "a copy of the outer": "{ struct outer x = { .s.a = A, .l = 2 }, y = x; show(&y.s); }",
    "its size as a number": '{ char x[sizeof(struct s)]; printf("%d\\n", sizeof x == sizeof(struct s)); }',
    "no struct": 'puts("struct s x = { 1, 2 }"); /* struct s x = { 1, 2 }; */',
    "dead": '\n#if 0\n\tstruct s x = { 1, "a", 2 };\n#endif\n',
    "behind a conversion": "{ const void *p = &(struct s){ .a = A }; show(p); }",
    "an array in another": "{ struct { struct s t[2]; } x = { .t[1] = { .c = A } }; show(&x.t[1]); }",
    "a choice": "{ struct s x = { .a = A }, y = { .c = B }; show(A > B ? &x : &y); }",
    "through arguments without a type": 'printf("%d\\n", seen(A, (struct s){ .a = 1 }, 5));',
}  # fmt: skip
PLACED = {
    "by place": '{ struct s x = { A, "q", B }; show(&x); }',
    "the first two": '{ static struct s x = { A, "s" }; show(&x); }',
    "both": '{ struct s x[2] = { { A, "q", B }, { .c = A } }; show(&x[0]); show(&x[1]); }',
    "without a variable, by place": 'show(&(struct s){ A, "z", B });',
    "in another, by place": 'struct in_I { int k; struct s s; int l; } x_I = { 1, { A, "q", B }, 5 }; show(&x_I.s);',
    "what typeof says": '{ __typeof__(*(struct s *)0) x = { A, "t", B }; show(&x); }',
    "another name of it": '{ alias_t x = { A, "w", B }; show(&x); }',
    "a table": '{ pair_t x = { { A, "p", B }, { .a = B } }; show(&x[0]); show(&x[1]); }',
    "an element by its number": '{ struct s x[] = { [1] = { A, "r", B } }; show(&x[1]); }',
    "a pointer to some": 'show((const struct s[]){ { A, "k", B } });',
    "in a union": '{ union { struct s s; int z; } x = { { A, "n", B } }; show(&x.s); }',
    "begun by place": "show_copy((struct s){ A, .c = B });",
    "gone on by place": '{ struct s x = { .b = "m", B }; show(&x); }',
    "an outer one by place": '{ struct outer x = { 1, { A, "o", 2 }, B }; show(&x.s); printf("%d\\n", x.l); }',
    "put, by place": '{ struct s x; x = (struct s){ A, "u", B }; show(&x); }',
    "a pointer, put by place": '{ struct s *p = &(struct s){ A, "v", B }; show(p); }',
    "a static table": '{ static const struct s x[] = { { A, "a", B }, { B, "b", A } }; show(&x[1]); }',
}  # fmt: skip
UNBRACED = {
    "another struct of this name": '{ struct s { int c, a; } x = { A, B }; printf("%d\\n", x.a); }',
    "in another, without braces": '{ struct { struct s s; int l; } x = { A, "q", B, 6 }; printf("%d\\n", x.l); }',
    "a table, without braces": '{ pair_t x = { A, "p", B, B, "r", A }; show(&x[0]); show(&x[1]); }',
    "an outer one, without braces": '{ struct outer x = { 1, A, "o", 2, B }; printf("%d\\n", x.l); }',
    "an outer one in another, without braces": '{ struct { struct outer o; int m; } x = { { 1, A, "o", 2, B }, 4 }; printf("%d\\n", x.o.l); }',
    "from a member on": '{ struct outer x = { .s.b = "d", 2, B }; printf("%d %d\\n", x.s.c, x.l); }',
    "an element, then more": '{ struct s x[2] = { [0].c = A, B, "e", 3 }; show(&x[1]); }',
}


def values(chance: random.Random) -> tuple[str, str]:
    """Return contexts, and where the new member goes; by place only a new last one can be right."""
    if chance.random() < 0.3:
        return picked(NAMED, 2, chance) + picked(
            chance.choice((PLACED, PLACED, PLACED, PLACED, PLACED, UNBRACED)), 1, chance
        ), 'at = "end"'
    text = picked(NAMED, 3, chance)
    if chance.random() < 0.1:
        text += picked(chance.choice((PLACED, UNBRACED)), 1, chance)
    return text, chance.choice((*PLACES, 'at = "end"'))


def field(chance: random.Random, place: str) -> str:
    """Return the edit."""
    return f'kind = "add-field"\nstruct = "s"\nfield = "{chance.choice(FIELDS)}"\n{place}\n'


def add_field(chance: random.Random) -> Trial:
    """Return a new member of a struct of which there are values: what was set and what is read stays in its member."""
    text, place = values(chance)
    text = LIBC + chance.choice(list(STRUCTS.values())) + S + "int main(void)\n{\n" + text + "\treturn 0;\n}\n"
    return Trial(field(chance, place), {"a.c": noisy(text, chance, chance.choice(NOISE))}, same)


HEADERS = {
    "the struct": "",
    "in an arm": "#ifndef NOPE\n",
}
OTHERS = {
    "uses it": '#include "s.h"\nvoid other(void)\n{\nVALUES}\n',
    "names it only": "struct s;\nextern struct s *shared;\nvoid show(const struct s *);\nvoid other(void)\n{\n\tshow(shared);\n}\n",
    "has another name for it": '#include "s.h"\ntypedef struct s mine;\nvoid other(void)\n{\n\tmine x = { .c = 4 };\n\tshow(&x);\n}\n',
    "gets it by a macro": '#include "s.h"\n#define NEW(v) ((struct s){ .a = (v) })\nvoid other(void)\n{\n\tstruct s x = NEW(5);\n\tshow(&x);\n}\n',
}  # fmt: skip
HARD_OTHERS = {
    "has one of its own": 'int printf(const char *, ...);\nstruct s { int c, a; };\nvoid other(void)\n{\n\tstruct s x = { 3, 4 };\n\tprintf("%d\\n", x.a);\n}\n',
    "gets it by place in a macro": '#include "s.h"\n#define NEW(v) { v, "n", 6 }\nvoid other(void)\n{\n\tstruct s x = NEW(5);\n\tshow(&x);\n}\n',
}  # fmt: skip


def add_field_in_several_files(chance: random.Random) -> Trial:
    """Return a new member of a struct in a header."""
    text, place = values(chance)
    struct = chance.choice(list(STRUCTS.values())).replace("} spare;", "};")
    static = S.replace("static void show(", "void show(").partition("static void show(")
    head, _, rest = S.partition("static void show(const")
    shown, _, rest = rest.partition("\n")
    assert static
    files = {
        "s.h": f"#ifndef S_H\n#define S_H\n{LIBC}{struct}{head}void show(const struct s *p);\nextern struct s *shared;\n#endif\n",
        "s.c": f'#include "s.h"\nstatic struct s first = {{ .a = 3, .c = 4 }};\nstruct s *shared = &first;\nvoid show(const{shown}\n',
        "other.c": chance.choice(list(chance.choice((OTHERS, OTHERS, OTHERS, HARD_OTHERS)).values())).replace(
            "VALUES", ""
        ),
        "main.c": f'#include "s.h"\nvoid other(void);\n{rest}int main(void)\n{{\n{text}\tother();\n\treturn 0;\n}}\n',
    }
    return Trial(
        field(chance, place),
        {path: noisy(text, chance, chance.choice((0, 0, 0.04))) for path, text in files.items()},
        same,
    )
