# SPDX-License-Identifier: GPL-3.0-or-later
"""Random programs for what follows the calls of a function: add-parameter and set-argument."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from edits.same import LIBC, NOISE, Trial, noisy, picked, same

if TYPE_CHECKING:
    import random

__all__ = ["add_parameter", "add_parameter_in_several_files", "set_argument"]

# --- add-parameter: every call of f is given the argument, and what f does with the others stays -----------------

PARAMETER = 'kind = "add-parameter"\nfunction = "f"\nparameter = "int zz"\nargument = "42"\n'
PARAMETER_PLACES = ('after = "a"\n', 'before = "b"\n', 'at = "start"\n', 'at = "end"\n')

F = r"""
#define CALL1(x) f(x, 7)
#define CALL2(x, y) (f((x), (y)))
#define VA(...) f(__VA_ARGS__)
#define ALIAS f
#define STMT(x, y) \
	do { \
		f(x, y); \
	} while (0)
#define TRACE(e) printf("%d\n", (e) + 0 * (int)sizeof #e) /* no f(1, 2) */
static int f(int a, int b);
static int f(int a, int b)
{
	printf("f(%d,%d)\n", a, b);
	return a * 10 + b;
}
static int h(int a, int b) { printf("h(%d,%d)\n", a, b); return a - b; }
"""

CALLS = {
    "the value of a local": 'int x_I = f(A, B); printf("%d\\n", x_I);',
    "calls in calls": 'printf("%d\\n", f(f(A, B), f(B, A)));',
    "the test of an if": 'if (f(A, B) > 3) puts("big"); else puts("small");',
    "all of a for": 'for (int i_I = f(0, 0); i_I < f(0, 3); i_I += f(0, 1)) puts("loop");',
    "a switch": 'switch (f(A, B)) { case 1: puts("one"); break; default: puts("other"); }',
    "elements": '{ int v[] = { f(A, B), [2] = f(B, A) }; printf("%d %d\\n", v[0], v[2]); }',
    "a name in parentheses, and through a star": 'printf("%d\\n", (f)(A, B) + (*f)(B, A));',
    "commas in arguments": 'printf("%d\\n", A > B ? f(A, (B, 4)) : h(A, f(1, 2)));',
    "never called": 'printf("%d\\n", (int)sizeof f(A, B));',
    "the end of a do": 'do puts("x"); while (f(A, B) < 0);',
    "no call at all": 'puts("f(1, 2)"); /* f(3, 4) */ // f(5, 6)',
    "in a macro": 'printf("%d\\n", CALL1(A));',
    "in a macro with its own parentheses": 'printf("%d\\n", CALL2(A, B));',
    "all arguments of a macro": 'printf("%d\\n", VA(A, B));',
    "another name": 'printf("%d\\n", ALIAS(A, B));',
    "a macro of lines": "STMT(A, B);",
    "an expression of statements": 'printf("%d\\n", ({ int t = f(A, B); t + 1; }));',
    "a member of this name": '{ struct { int (*f)(int, int); } o = { h }; printf("%d\\n", o.f(A, B)); }',
    "a local of this name": '{ int (*f)(int, int) = h; printf("%d\\n", f(A, B)); }',
    "a member that is no function": '{ struct { int f; } o = { .f = f(A, B) }; printf("%d\\n", o.f); }',
    "over lines": 'printf("%d\\n", f\n(A,\n\nB\n)\n);',
    "behind a label": "again_I: if (f(A, B) == -99) goto again_I;",
    "comments in the list": 'printf("%d\\n", f(A /* one, two */, B /* ) */));',
    "characters that look like a list": "printf(\"%d\\n\", f(',', ')') + f('\\'', '\"'));",
    "strings that look like a list": 'printf("%d\\n", f((int)sizeof(int[2]), strlen("a,b)")));',
    "a comma operator, and parentheses": 'printf("%d\\n", f((1 ? A : 2, 3), ((4), (5))));',
    "both arms": '\n#if 1\nprintf("%d\\n", f(A, B));\n#else\nprintf("%d\\n", f(B, A));\n#endif\n',
    "wrong, and never compiled": "\n#ifdef NOPE\nf(A);\n#endif\n",
    "arms in the list": 'printf("%d\\n", f(\n#if 1\nA\n#else\n7\n#endif\n, B));',
    "its text is used too": "TRACE(f(A, B));",
    "thrown away": "(void)(f(A, B), f(B, A));",
    "only its type": '{ __typeof__(f(A, B)) q = f(B, B); printf("%d\\n", q); }',
    "beside signs": 'printf("%d\\n", !f(A, B) || -f(1, ~B) && f(2,+B));',
}


def add_parameter(chance: random.Random) -> Trial:
    """Return a new parameter of a function in one file."""
    text = LIBC + F + "int main(void)\n{\n" + picked(CALLS, 4, chance) + "\treturn 0;\n}\n"
    text = noisy(text, chance, chance.choice((0, 0.02, 0.1, 0.2)))
    written = {
        "as it is": text,
        "of another system": text.replace("\n", "\r\n"),
        "without an end": text.rstrip("\n"),
        "not UTF-8": text.replace('puts("x")', 'puts("\udce4")'),
    }
    toml = PARAMETER + chance.choice(PARAMETER_PLACES)
    return Trial(toml, {"a.c": written[chance.choice(list(written))]}, same)


# --- add-parameter in several files: headers, namesakes, tables, included text, old definitions -------------------

EXTERN = "extern int f(int a, int b);\n"
TITLE = PARAMETER.replace("int zz", "const char *title").replace("42", "(const char *)0")
HEADER = "#ifndef F_H\n#define F_H\nPROTOTYPE#define CALLED(x) f((x), 3)\nint other(void);\nint third(void);\n#endif\n"
PROTOTYPES = ("int f(int a, int b);\n", "int f(int a,\n      int b);\n", EXTERN)
DEFINITIONS = ("int f(int a, int b)\n{\n", "int\nf(int a, int b) {\n", "int f(a, b)\n\tint a;\n\tint b;\n{\n")
OTHERS = {
    "calls it": '#include "f.h"\nint other(void)\n{\n\treturn f(10, 20);\n}\n',
    "a macro calls it": '#include "f.h"\nint other(void)\n{\n\treturn CALLED(4) + CALLED(f(5, 6));\n}\n',
    "has one of its own": "static int f(int b, int a)\n{\n\treturn b - a;\n}\nint other(void)\n{\n\treturn f(10, 20);\n}\n",
    "says itself what it is": f"{EXTERN}int other(void)\n{{\n\treturn f(10, 20);\n}}\n",
}
THIRDS = {
    "in one of three arms": "#ifdef NOPE\n\treturn f(1, 1);\n#elif defined(ALSO)\n\treturn f(2, 2);\n#else\n\treturn f(33, 34);\n#endif\n",
    "in text that is included": '#include "third.inc"\n',
}


def add_parameter_in_several_files(chance: random.Random) -> Trial:
    """Return a new parameter of a function that several files call."""
    third = chance.choice(list(THIRDS.values()))
    files = {
        "f.h": HEADER.replace("PROTOTYPE", chance.choice(PROTOTYPES)),
        "f.c": LIBC
        + '#include "f.h"\n'
        + chance.choice(DEFINITIONS)
        + '\tprintf("f(%d,%d)\\n", a, b);\n\treturn a * 7 + b;\n}\n',
        "main.c": LIBC
        + '#include "f.h"\nint main(void)\n{\n\tprintf("%d\\n", f(1, 2) + other() + third());\n\treturn 0;\n}\n',
        "other.c": chance.choice(list(OTHERS.values())),
        "third.c": f'#include "f.h"\nint third(void)\n{{\n{third}}}\n',
        "third.inc": "\treturn f(30,\n\t\t31);\n",
    }
    return Trial(
        TITLE + chance.choice(PARAMETER_PLACES),
        {path: noisy(text, chance, chance.choice((0, 0, 0.04))) for path, text in files.items()},
        same,
    )


# --- set-argument: the calls in one function that pass 0 for a parameter pass something else, and no others -------

ARGUMENT = 'kind = "set-argument"\nin = "f"\nfunction = "g"\nparameter = "b"\nfrom = "0"\n'
NEW = ("9", "nine", "k", "k + 1 - 1", "NINE", "(8, 9)", "A_NINE(1)", "*at", "box.nine", "one + 8")

G = r"""
#define NINE 9
#define A_NINE(x) 9
#define ID(x) x
#define TWICE(x) do { x; x; } while (0)
#define CALL(x) g(x, 0, 0)
#define OTHER g
#define NONE 0
#define TEXT(x) (0 * (int)sizeof #x)
static int one = 1, nine = 9, seven = 7;
static struct { int nine; } box = { 9 };
static int g(int a, int b, int c);
static int h(int a, int b, int c) { printf("h(%d,%d,%d)\n", a, b, c); return a; }
static int g(int a, int b, int c) { printf("g(%d,%d,%d)\n", a, b, c); return a; }
static int fixed(int a) { return a; }
static void elsewhere(void) { g(100, 0, 0); g(101, 0, 3); }
"""

PASSED = {
    "a statement": "g(A, 0, B);",
    "all are nothing": "g(0, 0, 0);",
    "a value": "{ int x = g(A, 0, 0); fixed(x); }",
    "in an argument": "fixed(g(A, 0, 1));",
    "comments": "g(A, /* 0, */ 0 /* , 0 */, B);",
    "over lines": "g(A,\n\t\t0,\n\t\t0);",
    "a comma in it": "g((A, 0), 0, (0, B));",
    "a call in it": "g(fixed(0), 0, fixed(0));",
    "a test": 'if (g(A, 0, 0)) puts("yes");',
    "a loop": "for (int i = 0; i < 2; i++) g(i, 0, 0);",
    "a choice": "(void)(A > B ? g(A, 0, B) : g(B, 0, A));",
    "in parentheses": "(g)(A, 0, B);",
    "through a star": "(*g)(A, 0, B);",
    "another function": "h(A, 0, B);",
    "a pointer to another": "{ int (*q)(int, int, int) = h; q(A, 0, B); }",
    "another of this name": "{ int (*g)(int, int, int) = h; g(A, 0, B); }",
    "a member of this name": "{ struct { int (*g)(int, int, int); } o = { h }; o.g(A, 0, B); }",
    "no call": 'puts("g(1, 0, 2);"); /* g(1, 0, 2); */',
    "two arms": "\n#if 1\n\tg(A, 0, B);\n#else\n\tg(B, 0, A);\n#endif\n",
    "dead": "\n#if 0\n\tg(A, 0, B);\n#endif\n",
    "an expression of statements": "(void)({ int t = A; g(t, 0, B); });",
    "characters": "g(',', 0, '(');",
    "a string": 'g((int)strlen("a,0)"), 0, 1);',
    "an array": "{ int v[] = { g(A, 0, B), 0 }; fixed(v[1]); }",
    "a cast before it": "(void)g((int)A, 0, B);",
    "a cast of a comma": "g((int)(A, B), 0, (int[]){ 1, 0 }[0]);",
}
HARD_PASSED = {
    "something else": "g(A, B, 0);",
    "nothing by another name": "g(A, NONE, B);",
    "a cast": "g(A, (int)0, B);",
    "in a macro": "ID(g(A, 0, B));",
    "the argument in a macro": "g(A, ID(0), B);",
    "twice in a macro": "TWICE(g(A, 0, B));",
    "the text of it": "(void)TEXT(g(A, 0, B));",
    "called by a macro": "CALL(100);",
    "by another name": "OTHER(A, 0, B);",
    "a pointer to it": "{ int (*q)(int, int, int) = g; (void)q; g(A, 0, B); }",
    "an inner variable": "{ int k = 5, nine = 4, one = 3; g(A, 0, B); fixed(k + nine + one); }",
    "an inner pointer": "{ int *at = &seven; g(A, 0, B); (void)at; }",
    "an inner struct": "{ struct { int nine; } box = { 3 }; g(A, 0, B); (void)box; }",
    "the variable of a loop": "for (int k = 0; k < 2; k++) g(A, 0, B);",
    "a macro of this name": "\n#define one 4\n\tg(A, 0, B);\n#undef one\n",
    "a later variable": "g(A, 0, B); int late_I = 1; fixed(late_I);",
    "arms in it": "g(A,\n#if 1\n\t0,\n#else\n\t1,\n#endif\n\tB);",
    "one in one": "g(g(A, 0, 0), 0, g(B, 0, 0));",
    "never evaluated": "(void)sizeof g(A, 0, B);",
    "a nested function": "int in_I(int k) { return g(k, 0, 1); } in_I(100);",
    "a list in a macro": "\n#define LIST_I A, 0, B\n\tg(LIST_I);\n",
    "half a list in a macro": "\n#define HALF_I A, 0\n\tg(HALF_I, B);\n",
    "an enumerator": "{ enum { nine = 3 }; g(A, 0, B); }",
    "an argument of the function": "{ int x = g(A, 0, B), k = x; fixed(k); }",
}


def nine(before: str, after: str) -> bool:
    """Say whether each call of less than 100 that passed 0 passes 9, and nothing else is new."""
    return after == re.sub(r"(?m)^(g\(\d{1,2}),0,", r"\1,9,", before)


def set_argument(chance: random.Random) -> Trial:
    """Return another argument for the calls of a function in one function."""
    contexts = picked(PASSED, 3, chance)
    if chance.random() < 0.4:
        contexts += picked(HARD_PASSED, 1, chance)
    text = (
        f"{LIBC}{G}static void f(void)\n{{\n\tint k = 9, *at = &nine;\n\t(void)at; (void)k; (void)one;\n{contexts}}}\n"
        "int main(void)\n{\n\tf();\n\telsewhere();\n\tg(102, 0, 0);\n\treturn (void)box, 0;\n}\n"
    )
    toml = f'{ARGUMENT}argument = "{chance.choice(NEW)}"\nsites = SITES\n'
    return Trial(toml, {"a.c": noisy(text, chance, chance.choice(NOISE))}, nine)
