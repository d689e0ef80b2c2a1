# SPDX-License-Identifier: GPL-3.0-or-later
"""Random programs for what works within one function: insert-statement and replace-expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edits.same import LIBC, NOISE, Trial, noisy, picked, same

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["insert_in_blocks", "insert_statement", "replace_expression"]

HELPERS = r"""
#define EACH(v, n) for ((v) = 0; (v) < (n); (v)++)
#define CHECK(e) do { if (e) puts("inside"); } while (0)
#define GUARD(c) if (c)
#define RUN(s) s
#define BOTH(s) s; puts("inside")
#define UNLESS(c) if (c) ; else
#define LEAVE(x) return leave(x)
static int g(int x) { printf("g(%d)\n", x); return x; }
static int skip(int x) { printf("g(-)\n"); return x; }
static int leave(int x) { puts("leave"); return x; }
static int made(int x) { puts("made"); return x; }
static int wanted(int x) { return x > 2; }
static int more(int *x) { return (*x)-- > 2; }
static void note(void) { puts("note"); }
"""
EVENTS = {"note": "n", "inside": "i", "start": "S", "open": "o", "close": "e", "Open": "O", "Close": "E",
          "behind": "b", "leave": "r", "made": "m", "=": "="}  # fmt: skip
"""What a program prints, as a letter: g for a call of g, a dot for all the rest."""


def story(printed: str) -> str:
    """Return the letters of what is printed."""
    return "".join(
        EVENTS.get(line, "g" if re.fullmatch(r"g\((-?\d+|-)\)", line) else ".") for line in printed.splitlines()
    )


def told(rule: str) -> Callable[[str, str], bool]:
    """Return whether notes are all that is new, and the whole story is *rule*."""

    def right(before: str, after: str) -> bool:
        rest = [line for line in after.splitlines() if line != "note"]
        return rest == before.splitlines() and re.fullmatch(rule, story(after)) is not None

    return right


def function(contexts: str, *, returns: str = "int", end: str = "\treturn b;\n") -> str:
    """Return a program that calls f, made of the contexts, for many values of a and b."""
    call = "f(p, q);" if returns == "void" else 'printf(".%d\\n", f(p, q));'
    return (
        f"{LIBC}{HELPERS}static {returns} f(int a, int b)\n{{\n\tint i = 0;\n\t(void)i;\n{contexts}{end}}}\n"
        f"int main(void)\n{{\n\tfor (int p = 0; p < 5; p++)\n\t\tfor (int q = 0; q < 5; q++) {{\n"
        f'\t\t\tputs("=");\n\t\t\t{call}\n\t\t}}\n\tputs("=");\n\treturn 0;\n}}\n'
    )


# --- insert-statement, at a call: note() is called beside each call of g, and nothing else happens ----------------

STATEMENT = 'kind = "insert-statement"\nin = "f"\nstatement = "note();"\nsites = SITES\n'

CALLS = {
    "a statement": "g(a);",
    "in braces": "if (a) { g(a); }",
    "braces of its own": "{ g(a); }",
    "braces in braces": '{{ g(a); } puts("x"); }',
    "two on a line": "g(a); g(b);",
    "behind a statement": "b++; g(a);",
    "before a statement": "g(a); b++;",
    "the branch of an else in braces": 'if (a > 2) puts("yes"); else { g(b); }',
    "else behind braces": 'if (a) { puts("a"); } else { g(b); }',
    "else if": 'if (a > 3) { g(a); } else if (a > 1) { g(b); } else { puts("z"); }',
    "while": "while (a-- > 3) { g(a); }",
    "for": "for (i = 0; i < 2; i++) { g(i); }",
    "do": "do { g(b); } while (b-- > 4);",
    "a case in braces": "switch (b) { case 1: { g(2); } break; default: break; }",
    "cases": 'switch (b) { case 1: b++; g(1); break; case 2: { g(2); } default: puts("x"); g(3); }',
    "behind a case of lines": "switch (b) {\n\tcase 1:\n\tcase 2:\n\t\tb--;\n\t\tg(b);\n\t\tbreak;\n\tdefault:\n\t\t;\n\t}",
    "behind a label": "again_I: ;\n\tg(a);\n\tif (a-- > 4) goto again_I;",
    "a value": "{ int z = g(a); (void)z; }",
    "the second of two values": "{ int y = b, z = g(y); (void)z; }",
    "a value that is put": "b = g(a) + 1;",
    "the left of an and": "(void)(g(b) && a);",
    "a cast": "(void)g(a);",
    "a loop that is a macro": "EACH(i, 2) { g(i); }",
    "in two arms": "\n#if 1\n\tg(b);\n#else\n\tg(a);\n#endif\n",
    "in one arm, and not compiled": "\n#ifdef NOPE\n\tg(a);\n#endif\n",
    "an arm that is never compiled": "\n#if 0\n\tg(a); {\n#endif\n",
    "behind a comment": "/* g(a); */ g(b);",
    "before a comment": "g(b); /* g(a); */",
    "before a comment to the end": "g(b); // then g(a);",
    "under comments": "/* one */\n\t// two\n\tg(b);",
    "beside a branch": 'if (a) puts("a");\n\tg(b);',
    "beside an else": 'if (a) puts("a");\n\telse puts("b");\n\tg(b);',
    "beside a loop": "while (a-- > 3) i++;\n\tg(b);",
    "no call": 'puts("g(a);"); i = \'g\' + (int)sizeof "g(";',
    "a member of this name": "{ struct { int g; } o = { .g = b }; b = o.g; }",
    "in the argument of a function": "(void)made(g(a));",
    "over lines": "b = g(\n\t\ta\n\t\t+ 1\n\t);",
    "in a statement of a block of statements": "b += ({ int t = b; g(t); t; });",
    "around an initialiser": "{ int v[2] = { g(a), 2 }; b = v[1]; }",
}  # fmt: skip
HARD_CALLS = {
    "else without braces": 'if (a > 2) puts("yes"); else g(b);',
    "else behind nothing": "if (b) ; else g(b);",
    "both without braces": "if (a) { if (b) g(b); else g(a); }",
    "an if of an if": 'if (a) if (b) g(b); else puts("c");',
    "a line of its own, no braces": "if (b)\n\tg(b);",
    "a case": "switch (b) { case 1: g(1); break; default: g(3); }",
    "a label": "again_I: g(a);\n\tif (a-- > 4) goto again_I;",
    "one side of a choice": "b = a ? g(a) : skip(1);",
    "the right of an and": "(void)((a || skip(0)) && g(b));",
    "without braces behind a macro": "EACH(i, 2)\n\tg(i);",
    "an if that is a macro": "GUARD(b) g(b);",
    "an if with an else that is a macro": "UNLESS(b) g(b);",
    "the argument of a macro": "CHECK(g(a));",
    "a statement in a macro": "RUN(g(a));",
    "a statement of two in a macro": "BOTH(g(a));",
    "two statements in a macro": "RUN(b++; g(a));",
    "the value of a block of statements": "b += ({ g(a); });",
    "the test of an if": 'if (g(a) > 2) puts("inside");',
    "the test of a switch": 'switch (g(a)) { case 1: puts("inside"); }',
    "the end of a do": "do { b--; } while (g(b) > 99);",
    "an if in an arm": "\n#ifdef NOPE\n\tif (a)\n#endif\n\t\tg(b);",
    "an else in an arm": '\n\tif (a) puts("a");\n#ifndef NOPE\n\telse\n#endif\n\t\tg(b);',
    "an arm under an if": "if (a)\n#if 1\n\t\tg(b);\n#else\n\t\tg(a);\n#endif\n\tb++;",
    "a brace in each arm": "\n#if 1\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tg(b);\n\t}",
    "a jump behind it": "do { if (b) { g(a); break; } } while (0);",
    "a jump in it": "if (a > 3) { return g(a); }",
    "a nested function": "auto void in_I(int); void in_I(int x) { b += x; } in_I(a); g(b);",
    "a pointer to it": "{ int (*q)(int) = g; g(a); (void)q; }",
    "never evaluated": "b = (int)sizeof g(a);",
    "a label and an if": "if (a) { here_I: g(b); if (0) goto here_I; }",
    "a case in a loop": "switch (b) { case 2: do { g(1); case 1: i++; } while (0); default: ; }",
    "beside an attribute": "switch (b) { case 1: i++; __attribute__((fallthrough)); case 2: g(2); }",
    "a macro of the function": "\n#define IT_I g(b)\n\tIT_I;",
}


def insert_statement(chance: random.Random) -> Trial:
    """Return an insertion beside every call of a function."""
    where = chance.choice(("before", "after"))
    contexts = picked(CALLS, 3, chance)
    if chance.random() < 0.4:
        contexts += picked(HARD_CALLS, 1, chance)
    text = noisy(function(contexts), chance, chance.choice(NOISE))
    rule = "([^ng]|n[im]*g)*" if where == "before" else "([^ng]|g[im]*n)*"
    return Trial(f'{STATEMENT}{where} = {{ call = "g" }}\n', {"a.c": text}, told(rule))


# --- insert-statement, in and around blocks ----------------------------------------------------------------------

WANTED = {
    "braces": 'puts("start"); if (wanted(a)) { puts("open"); i++; puts("close"); } puts("behind");',
    "lines": 'puts("start");\n\tif (wanted(b)) {\n\t\tputs("open");\n\t\tputs("close");\n\t}\n\tputs("behind");',
    "with an else": 'puts("start"); if (wanted(a)) { puts("open"); puts("close"); } else { puts("x"); } puts("behind");',
    "with an else without braces": 'puts("start"); if (wanted(a)) { puts("open"); puts("close"); } else puts("x"); puts("behind");',
    "in a loop": 'for (i = 0; i < 2; i++) { puts("start"); if (wanted(a + i)) { puts("open"); puts("close"); } puts("behind"); }',
    "in a branch": 'if (b) { puts("start"); if (wanted(a)) { puts("open"); puts("close"); } puts("behind"); } else puts("y");',
    "a loop in it": 'puts("start"); if (wanted(a)) { puts("open"); while (i++ < 2) { b++; } puts("close"); } puts("behind");',
    "a declaration in it": 'puts("start"); if (wanted(a)) { puts("open"); int z = b; b += z; puts("close"); } puts("behind");',
    "comments": 'puts("start");\n\t/* if (wanted(a)) */\n\tif (wanted(a)) { // open\n\t\tputs("open");\n\t\tputs("close"); /* close */\n\t} // behind\n\tputs("behind");',
    "another test": 'if (wanted(a) && b) { puts("x"); }',
    "dead": "\n#if 0\n\tif (wanted(a)) { }\n#endif\n",
    "the other arm": "\n#ifdef NOPE\n\tif (wanted(a)) { i++; }\n#endif\n",
    "no test": 'puts("if (wanted(a)) {");',
    "arms around it": '\n#if 1\n\tputs("start");\n\tif (wanted(a)) { puts("open"); puts("close"); }\n\tputs("behind");\n#endif\n',
    "an arm in it": 'puts("start"); if (wanted(a)) {\n#if 1\n\tputs("open");\n#endif\n\tb++;\n#if 1\n\tputs("close");\n#endif\n\t} puts("behind");',
}  # fmt: skip
HARD_WANTED = {
    "no braces": 'puts("start"); if (wanted(a)) puts("x"); puts("behind");',
    "a jump": 'puts("start"); if (wanted(a)) { puts("open"); puts("close"); return 3; } puts("behind");',
    "an else of an if": 'if (a == 1) { puts("x"); } else if (wanted(a)) { puts("open"); puts("close"); }',
    "a branch": 'if (b) if (wanted(a)) { puts("open"); puts("close"); }',
    "a label": 'if (b > 9) goto on_I; puts("start"); on_I: if (wanted(a)) { puts("open"); puts("close"); } puts("behind");',
    "a case": 'switch (b) { case 1: if (wanted(a)) { puts("open"); puts("close"); } puts("behind"); default: ; }',
    "behind an else in an arm": '\n#ifdef NOPE\n\tif (b) ; else\n#endif\n\tif (wanted(a)) { puts("open"); puts("close"); }\n\tputs("behind");',
    "an else in an arm": 'puts("start"); if (wanted(a)) { puts("open"); puts("close"); }\n#if 1\n\telse { puts("x"); }\n#endif\n\tputs("behind");',
    "arms for a head": 'puts("start");\n#if 1\n\tif (wanted(a)) {\n#else\n\tif (b) {\n#endif\n\tputs("open"); puts("close"); } puts("behind");',
    "a macro around it": 'RUN(if (wanted(a)) { puts("open"); puts("close"); })',
    "under a macro": 'GUARD(b) if (wanted(a)) { puts("open"); puts("close"); }',
    "the last in a block of statements": 'b += ({ puts("start"); if (wanted(a)) { puts("open"); puts("close"); } puts("behind"); 1; });',
    "an open arm at the end": 'puts("start"); if (wanted(a)) { puts("open"); puts("close");\n#if 1\n\t} puts("behind");\n#else\n\t}\n#endif\n',
    "the last is an if without braces": 'puts("start"); if (wanted(a)) { puts("open"); if (b) i++; else i--; puts("close"); } puts("behind");',
}  # fmt: skip
ELSES = {
    "braces": 'if (wanted(a)) { i++; } else { puts("Open"); i++; puts("Close"); }',
    "lines": 'if (wanted(b)) {\n\t\ti++;\n\t} else {\n\t\tputs("Open");\n\t\tputs("Close");\n\t}',
    "no braces before it": 'if (wanted(a)) i++; else { puts("Open"); puts("Close"); }',
    "the other else": 'if (b) { if (wanted(a)) { i++; } else { puts("Open"); puts("Close"); } } else { puts("x"); }',
    "an inner else": 'if (wanted(a)) { if (b) i++; else puts("x"); } else { puts("Open"); puts("Close"); }',
    "an inner else without braces": 'if (wanted(a)) if (b) i++; else puts("x"); else { puts("Open"); puts("Close"); }',
    "behind a comment": 'if (wanted(a)) { i++; } /* else { */ else /* { */ { puts("Open"); puts("Close"); }',
    "no else": "if (wanted(a)) { i++; }",
    "another else": 'if (wanted(a) || b) { i++; } else { puts("x"); }',
}  # fmt: skip
HARD_ELSES = {
    "no braces": 'if (wanted(a)) i++; else puts("Open");',
    "else if": 'if (wanted(a)) { i++; } else if (b) { puts("x"); } else { puts("y"); }',
    "of another": 'if (wanted(a)) if (b) i++; else { puts("x"); }',
    "in an arm": 'if (wanted(a)) { i++; }\n#if 1\n\telse { puts("Open"); puts("Close"); }\n#endif\n',
    "in two arms": 'if (wanted(a)) { i++; }\n#if 1\n\telse {\n#else\n\tif (b) {\n#endif\n\tputs("Open"); puts("Close"); }',
}
LOOPS = {
    "while": 'puts("start"); while (more(&b)) { puts("open"); i++; puts("close"); } puts("behind");',
    "do": 'puts("start"); do { puts("open"); i++; puts("close"); } while (more(&b)); puts("behind");',
    "for": 'puts("start"); for (i = 0; more(&a); i++) { puts("open"); puts("close"); } puts("behind");',
    "a loop in a loop": 'while (b-- > 3) { puts("start"); while (more(&a)) { puts("open"); puts("close"); } puts("behind"); }',
    "a loop in it": 'puts("start"); while (more(&a)) { puts("open"); for (i = 0; i < 2; i++) { puts("x"); } puts("close"); } puts("behind");',
    "leaves early": 'puts("start"); while (more(&a)) { puts("open"); if (b) { i++; } puts("close"); } puts("behind");',
    "another": 'while (more(&a) && b) { puts("x"); }',
    "empty but for a comment": "while (b-- > 3) { /* while (more(&a)) { */ }",
}  # fmt: skip
HARD_LOOPS = {
    "no braces": 'puts("start"); while (more(&a)) i++; puts("behind");',
    "a do without braces": 'puts("start"); do i++; while (more(&a)); puts("behind");',
    "nothing in it": 'puts("start"); while (more(&a)) ; puts("behind");',
    "under an if": 'if (b) while (more(&a)) { puts("open"); puts("close"); }',
    "under an if, with an else": 'if (b) while (more(&a)) { puts("open"); puts("close"); } else puts("x");',
    "goes on at the end": 'puts("start"); while (more(&a)) { puts("open"); puts("close"); continue; } puts("behind");',
    "leaves at the end": 'puts("start"); while (more(&a)) { puts("open"); puts("close"); break; } puts("behind");',
    "a label": 'if (b > 9) goto on_I; puts("start"); on_I: while (more(&a)) { puts("open"); puts("close"); } puts("behind");',
}  # fmt: skip
RETURNS = {
    "in braces": "if (a > A) { return leave(b); }",
    "behind a statement": "if (b > 3) { i++; return leave(a); }",
    "in a loop": "while (a > 3) { a--; if (a == b) { return leave(1); } }",
    "in a case": "switch (a) { case 1: i++; return leave(2); default: break; }",
    "no return": 'puts("return leave(1);"); /* return leave(2); */',
    "in an arm": "\n#ifdef NOPE\n\treturn 5;\n#endif\n",
    "two on a line": "if (a == 3) { return leave(3); } if (b == 3) { return leave(4); }",
    "over lines": "if (a == B) {\n\t\treturn\n\t\t\tleave(a);\n\t}",
}
HARD_RETURNS = {
    "no braces": "if (a > A) return leave(b);",
    "an else": 'if (a == 3) puts("x"); else if (a == 4) return leave(b);',
    "a case": "switch (a) { case 1: return leave(2); default: break; }",
    "a label": "if (0) goto out_I; if (a == 4) { out_I: return leave(3); }",
    "a macro": "if (a == 2) { LEAVE(3); }",
    "a macro without braces": "if (b == 2) LEAVE(3);",
    "in a macro": "if (a == 3) { RUN(return leave(3)); }",
    "an if in an arm": "\n#ifndef NOPE\n\tif (b == 4)\n#endif\n\t\treturn leave(9);",
    "a nested function": "int in_I(int x) { return x; } b = in_I(b);",
}
DECLARED = {
    "one": "{ int v = made(A); b += v; }",
    "the second": "{ int u = 1, v = made(u); b += v; }",
    "the first": "{ int v = made(B), *p = &v; b += *p; }",
    "in a branch": "if (a) { int v = made(A); b += v; }",
    "in a loop": "while (a-- > 3) { int v = made(a); b += v; }",
    "another of this name": "{ struct { int v; } o = { .v = 2 }; b += o.v; }",
    "over lines": "{\n\t\tint v =\n\t\t\tmade(A); // v\n\t\tb += v;\n\t}",
    "a table": "{ int v[] = { made(A), 2 }; b += v[1]; }",
    "a pointer": "{ const int *v = made(1) ? &a : &b; b += *v; }",
    "none": 'puts("int v = made(1);"); /* int v = made(2); */',
    "behind another": "{ int u = a; int v = made(u); int w = v; b += w; }",
}
HARD_DECLARED = {
    "the head of a loop": "for (int v = made(0); v < 2; v++) b++;",
    "a case": "switch (a) { case 1: { int v = made(3); b += v; } }",
    "a label": "{ goto on_I; on_I: ; int v = made(1); b += v; }",
    "in a macro": "{ RUN(int v = made(2)); b += v; }",
    "in an arm": "{\n#if 1\n\tint v = made(1);\n#else\n\tint v = 2;\n#endif\n\tb += v; }",
    "half in an arm": "{ int v\n#if 1\n\t= made(1)\n#endif\n\t; b += v; }",
    "in a block of statements": "b += ({ int v = made(1); v; });",
    "a nested function's": "void in_I(void) { int v = 0; b += v; } in_I();",
}
BODIES = {
    "a declaration": "int c_I = a; b += c_I;",
    "a return": 'if (a > 3) { puts("Close"); return; }',
    "a block": "{ int c = a; b += c; }",
    "an arm": "\n#if 1\n\tint d_I = b;\n\tb += d_I;\n#endif\n",
    "a loop": 'while (a-- > 3) { puts("x"); }',
    "a comment": "/* int x; return; */ // }",
    "a branch": 'if (b) puts("x"); else puts("y");',
    "a jump": "if (a) goto on_I; b++; on_I: b++;",
    "a string": 'puts("}");',
}


@dataclass(frozen=True, slots=True)
class Blocks:
    """Contexts for one sort of anchor.

    :param rules: what an insertion is, in TOML, and what the story must be then; n is the note.
    """

    contexts: dict[str, str]
    hard: dict[str, str]
    rules: dict[str, str]


def directly(pair: str) -> str:
    """Return the rule that the two events of *pair*, one the note, come together or not at all."""
    return f"([^{pair}]|{pair})*"


BLOCKS = (
    Blocks(WANTED, HARD_WANTED, {
        'before = { if = "wanted($x)" }': directly("Sn"),
        'after = { if = "wanted($x)" }': directly("nb"),
        'first-in = { if = "wanted($x)" }': directly("no"),
        'last-in = { if = "wanted($x)" }': directly("en"),
    }),
    Blocks(ELSES, HARD_ELSES, {
        'first-in = { else = "wanted($x)" }': directly("nO"),
        'last-in = { else = "wanted($x)" }': directly("En"),
    }),
    Blocks(LOOPS, HARD_LOOPS, {
        'before = { loop = "more($x)" }': directly("Sn"),
        'after = { loop = "more($x)" }': directly("nb"),
        'first-in = { loop = "more($x)" }': directly("no"),
        'last-in = { loop = "more($x)" }': directly("en"),
    }),
    Blocks(RETURNS, HARD_RETURNS, {"before = { return = true }": directly("nr")}),
    Blocks(DECLARED, HARD_DECLARED, {
        'before = { declaration = "v" }': directly("nm"),
        'after = { declaration = "v" }': directly("mn"),
    }),
    Blocks(BODIES, BODIES, {
        'at = "start"': "(([^n=]|=n)*=)",
        'at = "end"': "=([^n=]*(n|E)=)*",
        'at = "after-declarations"': "=([^n=]*n[^n=]*=)*",
    }),
)  # fmt: skip


def insert_in_blocks(chance: random.Random) -> Trial:
    """Return an insertion at a place that is named by the structure."""
    blocks = chance.choice(BLOCKS)
    place, rule = chance.choice(list(blocks.rules.items()))
    contexts = picked(blocks.contexts, 3, chance)
    if chance.random() < 0.4:
        contexts += picked(blocks.hard, 1, chance)
    if blocks.contexts is BODIES:
        text = function(contexts, returns="void", end="")
    else:
        text = function(contexts, end="\treturn leave(b);\n")
    text = noisy(text, chance, chance.choice(NOISE))
    return Trial(f"{STATEMENT}{place}\n", {"a.c": text}, told(rule))


# --- replace-expression: the new form has the value of the old, wherever it stands -------------------------------

FUNCTIONS = r"""
#define SUM 1 + 2
#define OPEN 3 - b
#define ID(x) x
#define PAREN(x) (x)
#define MUL(x, y) x * y
#define TWO(x) ((x) + (x))
#define TEXT(x) (0 * (int)sizeof #x)
#define SHOW(x) printf("%d\n", x)
static int twice(int x) { return 2 * x; }
static int less(int x, int y) { return x - y; }
static int g(int x) { printf("g(%d)\n", x); return x + 1; }
static int h(int x, int n) { printf("g(%d)\n", x); return x + 1 + n; }
static int both(int x, int y) { return x && y; }
static int low(int x) { return x & 3; }
static int neg(int x) { return -x; }
static int first(const int *x) { return *x; }
static int at(const int *x, int i) { return x[i]; }
static int test(int x) { return x ? 7 : 5; }
static int made(int x) { puts("made"); return x; }
struct two { int a, b; };
"""

FORMS = {
    "g($x)": ("h($x, 0)", "g(ARG)"),
    "twice($x)": ("2 * $x", "twice(ARG)"),
    "less($x, $y)": ("$x - $y", "less(ARG, OTHER)"),
    "both($x, $y)": ("$x && $y", "both(ARG, OTHER)"),
    "low($x)": ("$x & 3", "low(ARG)"),
    "neg($x)": ("-$x", "neg(ARG)"),
    "test($x)": ("$x ? 7 : 5", "test(ARG)"),
    "at($p, $i)": ("$p[$i]", "at(POINTER, LOW)"),
    "first($p)": ("*$p", "first(POINTER)"),
    "$p[$i]": ("at($p, $i)", "PLAIN[LOW]"),
    "2 * $x": ("twice($x)", "2 * TIGHT"),
    "$x ? 7 : 5": ("test($x)", "(TIGHT ? 7 : 5)"),
}
"""The old form, the new one, and how the old one is written."""

ARGUMENTS = (
    "b", "b + 1", "(b, 3)", "b ? 1 : 2", "b << 1", "-b", "- -b", "*p", "(int)b", "v[1]", "({ b; })", "n[N]++", "--n[N]", "n[N] = 4", "b /* , */",
    "(int)sizeof(b)", "SUM", "OPEN", "ID(b)", "ID(b + 1)", "(SUM)", "b == 2", "b & 1", "b | 4", "!b", "~b", "a && b", "'('", "t.a", "(&t)->b", "-1",
    "(int){ 3 }", "b\n\t\t+ 1", "b // one\n", "(int)sizeof b", "+b", "(struct two){ 4, 5 }.b", "made(3)", "p[1]", "a ? b : a", "b % 3", "a > b",
)  # fmt: skip
TIGHT = ("b", "(b + 1)", "*p", "-b", "(int)b", "v[1]", "({ b; })", "n[N]++", "(int)sizeof(b)", "ID(b)", "(SUM)", "!b", "t.a", "made(2)", "(int){ 3 }", "SUM")  # fmt: skip
PLAIN = ("p", "v", "(p)", "(v + 1)", "(&v[0])")
POINTERS = ("p", "v", "(p)", "(v + 1)", "(const int *)p", "(a ? v : p)", "(&v[0])")
LOWS = ("0", "1", "a & 1", "!b", "b == 2", "a ? 1 : 0", "(b, 1)", "a - a", "n[N]++ & 1")

USES = {
    "a value": "int x_I = Q; SHOW(x_I);",
    "put": "b = Q;",
    "added": "b = 3 + Q;",
    "taken": "b = 3 - Q;",
    "taken from": "b = Q - 3;",
    "multiplied": "b = Q * 3 % 7;",
    "a minus": "b = -Q;",
    "a minus without a blank": "b = a-Q;",
    "two minus": "b = a - -Q;",
    "not": "b = !Q;",
    "all other bits": "b = ~Q & 15;",
    "an index": "b = v[Q & 1];",
    "a cast": "b = (char)Q;",
    "a test": 'if (Q) puts("yes"); else puts("no");',
    "compared": "b = Q == 2 || Q > 5;",
    "both": "b = Q && 2;",
    "a choice": "b = Q ? 1 : 2;",
    "chosen": "b = a ? Q : 4;",
    "in an argument": "SHOW(made(Q));",
    "in a list": "{ int w[] = { Q, 2, [3] = 5 }; SHOW(w[0] + w[1]); }",
    "by name": "{ struct two u = { .b = 4, .a = Q }; SHOW(u.a); }",
    "a sequence": "b = (3, Q);",
    "behind a comma": "b = 3, b = Q;",
    "the test of a loop": "for (int i = 0; i < 2 && Q != 100; i++) b++;",
    "shifted": "b = Q << 1;",
    "divided": "b = 100 / (Q * 2 | 1);",
    "added to": "b += Q;",
    "in parentheses": "b = (Q) * 2;",
    "beside a slash": "b = 100/(1 + Q * Q);",
    "behind a comment": "b = /* Q */ Q;",
    "over lines": "b = 3 -\n\t\tQ\n\t\t;",
    "a switch": 'switch (Q) { case 2: puts("two"); break; default: puts("other"); }',
    "no place": 'puts("g(a) p[2] a - b");',
    "dead": "\n#if 0\n\tb = Q;\n#endif\n",
    "two arms": "\n#if 1\n\tb = Q;\n#else\n\tb = 3;\n#endif\n",
    "a block of statements": "b = ({ int u = 2; u + Q; });",
}
HARD_USES = {
    "an argument of a macro": "SHOW(Q);",
    "an argument of a loose macro": "b = MUL(Q, 2);",
    "the other argument": "b = MUL(2, Q);",
    "an argument that is taken twice": "b = TWO(Q);",
    "the text of it": "b = TEXT(Q);",
    "only itself": "b = ID(Q) * 2;",
    "with parentheses": "b = PAREN(Q) * 2;",
    "its size": "b = (int)sizeof Q;",
    "its size, in parentheses": "b = (int)sizeof(Q);",
    "its type": "{ __typeof__(Q) z = 3; SHOW((int)z); }",
    "generic": "b = _Generic(Q, int: 1, default: 2);",
    "an arm in it": "b = 2 -\n#if 1\n\tQ\n#endif\n\t;",
    "in a macro": "\n#define M_I twice(b) - g(a)\n\tb = M_I * 2;\n",
    "written to": "n[1] = Q; n[a & 1] = 4;",
    "shadowed": "{ int twice = b, less = 2; SHOW(twice + less); }",
    "a pointer": "{ int *q = &b; SHOW(*q * Q); }",
    "one in one": "SHOW(made(Q) + made(made(Q)));",
    "with a member": "{ struct two *q = &t; b = q->a - Q; }",
}


def replace_expression(chance: random.Random) -> Trial:
    """Return a replacement of an expression by another of the same value."""
    old, (new, written) = chance.choice(list(FORMS.items()))
    contexts = picked(USES, 2, chance)
    if chance.random() < 0.4:
        contexts += picked(HARD_USES, 1, chance)
    places = iter(range(100))
    contexts = re.sub(r"\bQ\b", lambda _: _place(written, chance, next(places)), contexts)
    text = (
        f"{LIBC}{FUNCTIONS}static int f(int a, int b)\n{{\n\tint n[100] = {{ 1 }}, v[2] = {{ 3, a }};\n"
        f"\tconst int *p = v;\n\tstruct two t = {{ b, 2 }};\n\t(void)t; (void)p;\n{contexts}\treturn b;\n}}\n"
        "int main(void)\n{\n\tfor (int i = 0; i < 9; i++)\n\t\tSHOW(f(i / 3, i % 3));\n\treturn 0;\n}\n"
    )
    toml = f'kind = "replace-expression"\nin = "f"\nexpression = "{old}"\nwith = "{new}"\nsites = SITES\n'
    return Trial(toml, {"a.c": noisy(text, chance, chance.choice(NOISE))}, same)


_TABLES = {"ARG": ARGUMENTS, "OTHER": ARGUMENTS, "TIGHT": TIGHT, "PLAIN": PLAIN, "POINTER": POINTERS, "LOW": LOWS}


def _place(written: str, chance: random.Random, number: int) -> str:
    """Return a use of the old form, with arguments by chance; the first of a table is as frequent as all others."""
    text = re.sub(
        "|".join(_TABLES), lambda word: chance.choice(chance.choice((_TABLES[word[0]], _TABLES[word[0]][:1]))), written
    )
    return text.replace("[N]", f"[{number}]")
