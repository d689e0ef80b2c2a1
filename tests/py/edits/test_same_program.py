# SPDX-License-Identifier: GPL-3.0-or-later
"""A C program prints the same after an edit that must not change what it does, whatever it is written like.

gcc is the judge, on random programs of the contexts in the tables below. The same seeds each time, and ten times as
many others in ``make check-all``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edits.same import Trial, compiled, noisy, tried

if TYPE_CHECKING:
    import random
    from pathlib import Path


LIBC = """\
int printf(const char *, ...);
int puts(const char *);
unsigned long strlen(const char *);
"""


def picked(table: dict[str, str], most: int, chance: random.Random) -> str:
    """Return one to *most* contexts of a table; I, A and B stand in them for numbers, I for one of its own."""
    lines = []
    for number in range(chance.randint(1, most)):
        text = chance.choice(list(table.values()))
        for word, value in (("I", number), ("A", chance.randint(1, 9)), ("B", chance.randint(1, 9))):
            text = re.sub(rf"(?<![A-Za-z]){word}\b", str(value), text)
        lines.append(f"\t{text}\n")
    return "".join(lines)


def same(before: str, after: str) -> bool:
    """Say whether nothing has changed."""
    return before == after


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


TRIALS = {"add-parameter": add_parameter}


@pytest.mark.parametrize("kind", TRIALS)
def test_the_program_does_the_same(kind: str, tmp_path: Path) -> None:
    tried(TRIALS[kind], range(24), compiled, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", TRIALS)
def test_hundreds_of_programs_do_the_same(kind: str, tmp_path: Path) -> None:
    tried(TRIALS[kind], range(1000, 1240), compiled, tmp_path)
