# SPDX-License-Identifier: GPL-3.0-or-later
"""New text that would change what a name means, or what a value, a length or a case is: it compiles, and is wrong."""

from __future__ import annotations

import pytest

from edits.harness import after, plan_of, slugs, unchanged
from patchgen.edits import State

HEAD = "int g(int);\nint h(int);\nvoid note(int);\nint f(int a, int b)\n{\n"
BEHIND_A = 'kind = "add-parameter"\nfunction = "f"\nparameter = "int z"\nafter = "a"\nargument = "0"\n'
INSERT = 'kind = "insert-statement"\nin = "f"\n'
NOTE = INSERT + 'statement = "note(a);"\n'
ROW = 'kind = "add-row"\ntable = "t"\nrow = \'{"c", 3}\'\n'
STRUCT = "struct r { char *n; int v; };\n"
FIELD = 'kind = "add-field"\nstruct = "s"\nfield = "int n;"\nat = "end"\n'
LONGER = 'kind = "extend-string"\nin = "f"\ncontains = "abc"\ntext = "d"\nat = "end"\n'
SET = 'kind = "set-argument"\nfunction = "g"\nparameter = "x"\nin = "f"\nfrom = "NULL"\nargument = "b"\nsites = 1\n'
DEFINE = 'kind = "insert-definition"\nfile = "a.c"\n'
MIRROR = 'kind = "mirror"\nin = "f"\nlike = "foo"\nas = "bar"\nsites = 1\n'
CALLS = "void set_foo(char *);\nvoid set_bar(char *);\n"


def expression(old: str, new: str, sites: int = 1) -> str:
    """Return a replace-expression of *old* by *new* in f."""
    return f"kind = 'replace-expression'\nin = 'f'\nexpression = '{old}'\nwith = '{new}'\nsites = {sites}\n"


def statement(old: str, new: str) -> str:
    """Return a replace-statement of *old* by *new* in f."""
    return f"kind = 'replace-statement'\nin = 'f'\nstatement = '''{old}'''\nwith = '''{new}'''\n"


def body(*lines: str) -> str:
    """Return the text of a file with the function f."""
    return HEAD + "".join(f"\t{line}\n" for line in lines) + "}\n"


REFUSED = {
    "a new parameter hides what the bound of another means": (
        BEHIND_A,
        "enum { z = 7 };\nint f(int a, int b[z])\n{\n\treturn a;\n}\n",
        "parameter-name-taken",
    ),
    "a new parameter hides what a macro in the list means": (
        BEHIND_A,
        "enum { z = 7 };\n#define N (z + 1)\nint f(int a, int b[N])\n{\n\treturn a;\n}\n",
        "parameter-name-taken",
    ),
    "an alias of the function": (
        BEHIND_A,
        'int f(int a, int b)\n{\n\treturn a;\n}\nint g(int a, int b) __attribute__((alias("f")));\n',
        "indirect-use",
    ),
    "a weak name for the function": (
        BEHIND_A,
        "int f(int a, int b)\n{\n\treturn a;\n}\nint g(int a, int b);\n#pragma weak g = f\n",
        "indirect-use",
    ),
    "a call in assembler": (
        BEHIND_A,
        'int f(int a, int b)\n{\n\treturn a;\n}\nint g(void)\n{\n\t__asm__("call f");\n\treturn 0;\n}\n',
        "indirect-use",
    ),
    "a call by the name in the object file": (
        BEHIND_A,
        'int f(int a, int b)\n{\n\treturn a;\n}\nint g(void *h)\n{\n\tint (*p)(int, int) = dlsym(h, "f");\n\treturn p(1, 2);\n}\n',
        "indirect-use",
    ),
    "a member of a struct without a name, given by its place": (
        BEHIND_A.replace('after = "a"', 'at = "end"'),
        "int h(int, int);\nint f(int a, int b)\n{\n\tstruct { int (*f)(int, int); } o = { h };\n\treturn o.f(a, b);\n}\n",
        "indirect-use",
    ),
    "a local that hides one of the file": (
        INSERT + 'statement = "int n = 2;\\nnote(n);"\nat = "start"\n',
        "int n;\n" + body("return n;"),
        "name-declared",
    ),
    "a local that hides what a macro means": (
        INSERT + 'statement = "int n = 2;\\nnote(n);"\nat = "start"\n',
        "int n;\n#define N n\n" + body("return N;"),
        "name-declared",
    ),
    "a local that hides a function": (
        INSERT + 'statement = "int g = 2;\\nnote(g);"\nat = "start"\n',
        body("return g(a);"),
        "name-declared",
    ),
    "a replacement that hides one of the file": (
        statement("g($x);", "int n = $x;\nh(n);"),
        "int n;\n" + body("g(a);", "return n;"),
        "unfit-replacement",
    ),
    "an inner block that captures what was bound": (
        INSERT + 'statement = "{ int t = 1; note($x + t); }"\nbefore = { expression = "g($x)" }\n',
        body("int t = 4;", "return g(t);"),
        "unfit-binding",
    ),
    "a replacement that captures what was bound": (
        statement("g($x);", "{ int b = 1; h(b + $x); }"),
        body("g(b);", "return 0;"),
        "unfit-replacement",
    ),
    "a variable that is gone and used": (
        statement("int q = g($x);", "h($x);"),
        body("int q = g(a);", "return q;"),
        "unfit-replacement",
    ),
    "an inner variable at the place of an insertion": (
        NOTE + 'before = { call = "g" }\n',
        body("if (b) {", "\tint a = 3;", "\tg(a);", "}", "return 0;"),
        "unfit-anchor",
    ),
    "an inner variable at the place of an argument": (
        SET,
        "int g(int k, char *x);\nint f(int a, char *b)\n{\n\t{\n\t\tchar *b = 0;\n\t\tg(a, NULL);\n\t}\n\treturn 0;\n}\n",
        "inner-variable",
    ),
    "an inner variable at the place of a copy": (
        MIRROR,
        CALLS + "void f(char *foo, char *bar)\n{\n\t{\n\t\tchar *bar = 0;\n\t\tset_foo(foo);\n\t}\n}\n",
        "no-place-beside",
    ),
    "before the first case": (
        NOTE + 'first-in = { switch = "a" }\n',
        body("switch (a) {", "case 1:", "\tg(a);", "}", "return 0;"),
        "unfit-anchor",
    ),
    "behind the last case": (
        NOTE + 'last-in = { switch = "a" }\n',
        body("switch (a) {", "case 1:", "\tg(a);", "}", "return 0;"),
        "unfit-anchor",
    ),
    "behind the value of a block": (
        NOTE + 'after = { call = "g" }\n',
        body("return ({ h(a); g(a); });"),
        "unfit-anchor",
    ),
    "two statements for the value of a block": (
        statement("g($x);", "h($x);\nnote($x);"),
        body("return ({ g(a); });"),
        "unfit-replacement",
    ),
    "an effect once and not twice": (
        expression("$x + $x", "2 * $x"),
        body("return a++ + a++;"),
        "unfit-replacement",
    ),
    "an effect not at all": (expression("g($x)", "0"), body("return g(a++);"), "unfit-replacement"),
    "a call that is assigned to": (expression("b", "h(b)"), body("b = 3;", "return a;"), "unfit-replacement"),
    "a number that is stepped": (expression("b", "1"), body("b++;", "return a;"), "unfit-replacement"),
    "the address of a sum": (expression("b", "b + 1"), body("int *p = &(b);", "return *p;"), "unfit-replacement"),
    "an array of one at the end": (FIELD, "struct s { int a; char b[1]; };\n", "flexible-array-member"),
    "a table that a header declares full": (
        ROW,
        STRUCT + 'extern struct r t[2];\nstruct r t[] = {{"a", 1}, {"b", 2}};\n',
        "table-bound",
    ),
    "a table that ends in an empty name": (
        ROW,
        STRUCT + 'struct r t[] = {{"a", 1}, {"b", 2}, {"", -1}};\n',
        "row-behind-macro",
    ),
    "a table that ends in NULL and something": (
        ROW,
        STRUCT + 'struct r t[] = {{"a", 1}, {"b", 2}, {NULL, -1}};\n',
        "row-behind-macro",
    ),
    "numbers that end in -1": (
        'kind = "add-row"\ntable = "t"\nrow = "7"\n',
        "int t[] = { 1, 2, -1 };\n",
        "row-behind-macro",
    ),
    "rows without braces": (ROW + "after = '\"a\"'\n", STRUCT + 'struct r t[] = {"a", 1, "b", 2};\n', "row-without-braces"),
    "a string that fills its array": (LONGER, body('char q[4] = "abc";', "return q[a];"), "no-place-in-string"),
    "a string beside its length": (LONGER, body('return strncmp(p, "abc", 3);'), "no-place-in-string"),
    "a row with a string and its length": (LONGER, body('struct w q = { "abc", 3 };'), "no-place-in-string"),
    "behind a call that never returns": (
        NOTE + 'at = "end"\n',
        body("g(a);", "exit(1);"),
        "unfit-anchor",
    ),
    "a trigraph": (LONGER.replace('"d"', '"?/"'), body('return puts("abc?");'), "no-place-in-string"),
    "the name of an included file": (LONGER, body('#include "abc"', "return a;"), "not-found"),
    "a struct where structs are packed": (
        DEFINE + 'text = "struct n { char c; int i; };"\nbefore = { definition = "f" }\n',
        "#pragma pack(push, 1)\n" + body("return a;") + "#pragma pack(pop)\n",
        "pragma-in-force",
    ),
    "a variable where another declaration goes on": (
        DEFINE + 'text = "int n;"\nbefore = { definition = "f" }\n',
        "static\n#ifdef X\ninline\n#endif\nint f(int a)\n{\n\treturn a;\n}\n",
        "shared-line",
    ),
    "a feature macro behind the includes": (
        DEFINE + 'text = "#define _GNU_SOURCE"\nbefore = { definition = "f" }\n',
        "#include <stdio.h>\n" + body("return a;"),
        "behind-includes",
    ),
    "behind a NUL": (LONGER, body('return puts("abc\\0");'), "no-place-in-string"),
}  # fmt: skip


@pytest.mark.parametrize(("toml", "text", "slug"), REFUSED.values(), ids=REFUSED)
def test_what_would_mean_something_else_is_refused(toml: str, text: str, slug: str) -> None:
    plan, _ = plan_of(toml, {"a.c": text})
    assert (plan.state, slug in slugs(plan)) == (State.REFUSED, True), plan.findings


EDITED = {
    "a parameter of a parameter has the name": (
        BEHIND_A,
        "int f(int a, int (*b)(int z))\n{\n\treturn b(a);\n}\nint g(void)\n{\n\treturn f(1, h);\n}\n",
        "int f(int a, int z, int (*b)(int z))\n{\n\treturn b(a);\n}\nint g(void)\n{\n\treturn f(1, 0, h);\n}\n",
    ),
    "a nested function of the name": (
        BEHIND_A,
        "int f(int a, int b)\n{\n\treturn f(a, b);\n}\nint g(void)\n{\n\tint f(int a) { return a ? f(a - 1) : 0; }\n\treturn f(1);\n}\n",
        "int f(int a, int z, int b)\n{\n\treturn f(a, 0, b);\n}\nint g(void)\n{\n\tint f(int a) { return a ? f(a - 1) : 0; }\n\treturn f(1);\n}\n",
    ),
    "a nested function of the name, declared before": (
        BEHIND_A,
        "int f(int a, int b)\n{\n\treturn a;\n}\nint g(void)\n{\n\tauto int f(int a, int b);\n\tint c = f(1, 2);\n\tint f(int a, int b) { return b; }\n\treturn c;\n}\n",
        "int f(int a, int z, int b)\n{\n\treturn a;\n}\nint g(void)\n{\n\tauto int f(int a, int b);\n\tint c = f(1, 2);\n\tint f(int a, int b) { return b; }\n\treturn c;\n}\n",
    ),
    "the function, declared in a block, and called in a nested one": (
        BEHIND_A,
        "int f(int a, int b)\n{\n\treturn a;\n}\nint g(void)\n{\n\textern int f(int a, int b);\n\tint k(int a) { return f(a, 2); }\n\treturn k(1);\n}\n",
        "int f(int a, int z, int b)\n{\n\treturn a;\n}\nint g(void)\n{\n\textern int f(int a, int z, int b);\n\tint k(int a) { return f(a, 0, 2); }\n\treturn k(1);\n}\n",
    ),
    "a macro that calls it, behind one that is another name of it": (
        BEHIND_A,
        "#define ALIAS f\n#define CALL(x) \\\n\tf(x, 2)\nint f(int a, int b)\n{\n\treturn a;\n}\nint g(void)\n{\n\treturn CALL(1) + ALIAS(1, 2);\n}\n",
        "#define ALIAS f\n#define CALL(x) \\\n\tf(x, 0, 2)\nint f(int a, int z, int b)\n{\n\treturn a;\n}\nint g(void)\n{\n\treturn CALL(1) + ALIAS(1, 0, 2);\n}\n",
    ),
    "a member of a struct without a name, given by its name": (
        BEHIND_A.replace('after = "a"', 'at = "end"'),
        "int f(int a, int b)\n{\n\tstruct { int (*f)(int, int); } o = { .f = f };\n\treturn o.f(a, b);\n}\n",
        "int f(int a, int b, int z)\n{\n\tstruct { int (*f)(int, int, int z); } o = { .f = f };\n\treturn o.f(a, b, 0);\n}\n",
    ),
    "the name in the object file": (
        BEHIND_A,
        'int f(int a, int b) __asm__("f");\nint g(void)\n{\n\treturn f(1, 2);\n}\n',
        'int f(int a, int z, int b) __asm__("f");\nint g(void)\n{\n\treturn f(1, 0, 2);\n}\n',
    ),
    "attributes that count parameters": (
        BEHIND_A,
        "void *f(int a, char *b, int n) __attribute__((access(read_only, 2, 3), alloc_align(1)));\nint g(void) { return !f(1, 0, 2); }\n",
        "void *f(int a, int z, char *b, int n) __attribute__((access(read_only, 3, 4), alloc_align(1)));\nint g(void) { return !f(1, 0, 0, 2); }\n",
    ),
    "a local of a name that another block uses": (
        INSERT + 'statement = "int n = 2;\\nnote(n);"\nfirst-in = { if = "a" }\n',
        "int n;\n" + body("if (a) {", "\tg(a);", "}", "return n;"),
        "int n;\n" + body("if (a) {", "\tint n = 2;", "\tnote(n);", "\tg(a);", "}", "return n;"),
    ),
    "a local that an earlier edit uses": (
        INSERT + 'statement = "int n = 2;"\nat = "start"\n',
        body("return g(n);"),
        body("int n = 2;", "return g(n);"),
    ),
    "a member of the name that the new text declares": (
        statement("g($x);", "{ int b = 1; h(b + $x); }"),
        body("g(p->b);", "return 0;"),
        body("{ int b = 1; h(b + p->b); }", "return 0;"),
    ),
    "an inner variable of both names": (
        MIRROR + 'role = ["call"]\n',
        CALLS
        + "void f(char *foo, char *bar)\n{\n\t{\n\t\tchar *bar = 0;\n\t\tchar *foo = bar;\n\t\tset_foo(foo);\n\t}\n}\n",
        CALLS
        + "void f(char *foo, char *bar)\n{\n\t{\n\t\tchar *bar = 0;\n\t\tchar *foo = bar;\n\t\tset_foo(foo);\n\t\tset_bar(bar);\n\t}\n}\n",
    ),
    "behind a statement with a label": (
        NOTE + 'after = { call = "g" }\n',
        body("if (b)", "\tgoto out;", "out:", "g(a);", "return 0;"),
        body("if (b)", "\tgoto out;", "out:", "g(a);", "note(a);", "return 0;"),
    ),
    "behind a case that ends in a jump with a label": (
        'kind = "switch-case"\nin = "f"\nswitch = "a"\ncase = "2"\nbody = "break;"\n',
        body("switch (a) {", "case 1:", "\tg(b);", "out:", "\tbreak;", "}", "return 0;"),
        body("switch (a) {", "case 1:", "\tg(b);", "out:", "\tbreak;", "case 2:", "\tbreak;", "}", "return 0;"),
    ),
    "before the value of a block": (
        NOTE + 'before = { call = "g" }\n',
        body("return ({ h(a); g(a); });"),
        body("return ({ h(a); note(a); g(a); });"),
    ),
    "one statement for the value of a block": (
        statement("g($x);", "h($x);"),
        body("return ({ g(a); });"),
        body("return ({ h(a); });"),
    ),
    "parentheses that parted two words": (expression("(a)", "b"), body("return(a);"), body("return(b);")),
    "a member that is assigned to": (
        expression("b", "q->b"),
        body("b = 3;", "return a;"),
        body("q->b = 3;", "return a;"),
    ),
    "a table that begins with nothing too": (
        ROW,
        STRUCT + 'struct r t[] = {{"", 0}, {"b", 2}, {"", 1}};\n',
        STRUCT + 'struct r t[] = {{"", 0}, {"b", 2}, {"", 1}, {"c", 3}};\n',
    ),
    "behind a row that says where": (
        ROW + "after = '{\"\", -1}'\n",
        STRUCT + 'struct r t[] = {{"a", 1}, {"", -1}};\n',
        STRUCT + 'struct r t[] = {{"a", 1}, {"", -1}, {"c", 3}};\n',
    ),
    "a table that a header declares with room": (
        ROW,
        STRUCT + 'extern struct r t[];\nextern struct r t[4];\nstruct r t[] = {{"a", 1}, {"b", 2}};\n',
        STRUCT + 'extern struct r t[];\nextern struct r t[4];\nstruct r t[] = {{"a", 1}, {"b", 2}, {"c", 3}};\n',
    ),
    "a struct behind where structs are packed": (
        DEFINE + 'text = "struct n { char c; int i; };"\nat = "end"\n',
        "#pragma pack(push, 1)\nint q;\n#pragma pack(pop)\n",
        "#pragma pack(push, 1)\nint q;\n#pragma pack(pop)\nstruct n { char c; int i; };\n",
    ),
    "a prototype where structs are packed": (
        DEFINE + 'text = "int n(void);"\nafter = { declaration = "q" }\n',
        "#pragma GCC visibility push(default)\nint q(void);\n#pragma GCC visibility pop\n",
        "#pragma GCC visibility push(default)\nint q(void);\nint n(void);\n#pragma GCC visibility pop\n",
    ),
    "a feature macro before the includes": (
        DEFINE + 'text = "#define _GNU_SOURCE"\nat = "start"\n',
        "/* a */\n\n#include <stdio.h>\nint q;\n",
        "/* a */\n\n#define _GNU_SOURCE\n\n#include <stdio.h>\nint q;\n",
    ),
    "a string beside another number": (
        LONGER,
        body('char q[] = "abc";', "return q[a];"),
        body('char q[] = "abcd";', "return q[a];"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("toml", "before", "then"), EDITED.values(), ids=EDITED)
def test_what_means_the_same_is_edited(toml: str, before: str, then: str) -> None:
    assert after(toml, {"a.c": before})["a.c"] == then


def test_a_comment_between_statements_is_not_lost_without_a_word() -> None:
    plan, _ = plan_of(statement("g($x);\nh($x);", "note($x);"), {"a.c": body("g(a);", "/* why */", "h(a);")})
    assert "comment-lost" in slugs(plan)


ASK = """
kind = "varargs-protocol"
function = "ask"
selector = "paint"
selector-parameter = "what"
like = "colour"
as = "shape"
argument = "NULL"
callers = 1
extractions = 1
"""
ASKED = """int ask(char *what, ...)
{
	va_list al;
	va_start(al, what);
	if (!COMPARED) {
		char *colour = va_arg(al, char *);
		paint(colour);
	}
}

int main(void)
{
	char *colour = "red";
	ask("paint", colour);
	ask("PASSED", colour);
}
"""


@pytest.mark.parametrize(
    ("compared", "passed"),
    [
        ('strncmp(what, "paint", 5)', "painter"),
        ('strncmp(what, "paint", 2)', "part"),
        ('strncmp(what, "paint", n)', "painter"),
        ('strcasecmp(what, "paint")', "Paint"),
    ],
)
def test_a_selector_for_which_the_branch_is_taken_too_is_refused(compared: str, passed: str) -> None:
    text = ASKED.replace("COMPARED", compared).replace("PASSED", passed)
    plan = unchanged(ASK, {"a.c": text})
    assert (plan.state, "unknown-selector" in slugs(plan)) == (State.REFUSED, True)


def test_a_comparison_with_the_beginning_of_the_selector_is_a_branch_of_it() -> None:
    branch = '\tif (!strncmp(what, "pa", 2)) {\n\t\tnote(va_arg(al, int));\n\t}\n'
    text = ASKED.replace("COMPARED", 'strcmp(what, "paint")').replace("PASSED", "draw")
    plan = unchanged(ASK, {"a.c": text.replace("\tif (", branch + "\tif (", 1)})
    assert (plan.state, "tangled-extraction" in slugs(plan)) == (State.REFUSED, True)


@pytest.mark.parametrize(
    ("compared", "passed"),
    [
        ('strncmp(what, "paint", 5)', "pain"),
        ('strncmp(what, "paint", 6)', "painter"),
        ('strcmp(what, "paint")', "painter"),
    ],
)
def test_a_selector_for_which_another_branch_is_taken_stays(compared: str, passed: str) -> None:
    text = ASKED.replace("COMPARED", compared).replace("PASSED", passed)
    assert f'ask("{passed}", colour);' in after(ASK, {"a.c": text})["a.c"]


INCLUDE = 'kind = "add-include"\nfile = "a.c"\ninclude = "<errno.h>"\n'


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("#include \\\n <stdio.h>\nint a;\n", "#include \\\n <stdio.h>\n#include <errno.h>\nint a;\n"),
        (
            "#include <stdio.h> // x \\\n still a comment\nint a;\n",
            "#include <stdio.h> // x \\\n still a comment\n#include <errno.h>\nint a;\n",
        ),
        ("#define _GNU_SOURCE\nint a;\n", "#define _GNU_SOURCE\n#include <errno.h>\n\nint a;\n"),
        ("#define A_SIZE 1\nint a;\n", "#include <errno.h>\n\n#define A_SIZE 1\nint a;\n"),
    ],
)
def test_an_include_goes_behind_whole_lines_and_what_the_headers_ask_for(before: str, then: str) -> None:
    assert after(INCLUDE, {"a.c": before})["a.c"] == then


def test_a_pipe_behind_another_file_descriptor_is_one() -> None:
    toml = 'kind = "make-recipe"\nfiles = ["Makefile"]\ntarget = "a"\ncommand = "cc"\ndrop-pipe = "grep"\n'
    plan = unchanged(toml, {"Makefile": "a: b\n\tcc b 2>&1 | grep x | sort\n"})
    assert plan.state is State.REFUSED, "a pipe, and not into grep alone"
    assert after(toml, {"Makefile": "a: b\n\tcc b 2>&1 | grep\n"}) == {"Makefile": "a: b\n\tcc b 2>&1\n"}


def test_no_word_goes_to_the_command_that_makes_a_value() -> None:
    toml = 'kind = "make-variable"\nfiles = ["Makefile"]\nvariable = "LIBS"\nappend = "-lm"\n'
    plan = unchanged(toml, {"Makefile": "LIBS != pkg-config --libs x\n"})
    assert (plan.state, slugs(plan)) == (State.REFUSED, {"unreadable-text"})
