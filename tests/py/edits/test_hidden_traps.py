# SPDX-License-Identifier: GPL-3.0-or-later
"""Places where an edit would be wrong and no compiler would say so: each is refused, or done rightly."""

from __future__ import annotations

import pytest

from edits.harness import Files, after, plan_of, slugs, unchanged
from patchgen.edits import State

BEFORE_LOOP = """
kind = "insert-statement"
in = "sum"
before = { loop = "i < n" }
statement = "total = 0;"
"""
AT_MEMBER = """
kind = "add-field"
struct = "point"
field = "int z;"
after = "x"
"""
TO_READ = """
kind = "add-parameter"
function = "op_read"
parameter = "int flags"
at = "end"
argument = "0"
"""


def refused(toml: str, files: Files, slug: str) -> None:
    plan = unchanged(toml, files)
    assert plan.state is State.REFUSED
    assert slug in slugs(plan), plan.findings


@pytest.mark.parametrize(
    "pragma",
    ["#pragma omp parallel for", "#pragma GCC unroll 4", "  #  pragma GCC ivdep", '_Pragma("omp parallel for")'],
)
def test_nothing_goes_between_a_pragma_and_the_loop_that_it_is_for(pragma: str) -> None:
    text = f"int sum(int n)\n{{\n\tint total = 1;\n\tint i;\n{pragma}\n\tfor (i = 0; i < n; i++)\n\t\ttotal += i;\n\treturn total;\n}}\n"
    refused(BEFORE_LOOP, {"a.c": text}, "unfit-anchor")


def test_a_pragma_that_is_for_no_statement_is_no_obstacle() -> None:
    text = "int sum(int n)\n{\n\tint total = 1;\n\tint i;\n#pragma GCC diagnostic push\n\tfor (i = 0; i < n; i++)\n\t\ttotal += i;\n\treturn total;\n}\n"
    assert "diagnostic push\n\ttotal = 0;\n\tfor" in after(BEFORE_LOOP, {"a.c": text})["a.c"]


def test_a_pragma_stays_with_the_statement_that_something_goes_behind() -> None:
    toml = BEFORE_LOOP.replace("before", "after")
    text = "int sum(int n)\n{\n\tint total = 1;\n\tint i;\n#pragma omp parallel for\n\tfor (i = 0; i < n; i++)\n\t\ttotal += i;\n\treturn total;\n}\n"
    assert "total += i;\n\ttotal = 0;\n\treturn" in after(toml, {"a.c": text})["a.c"]


@pytest.mark.parametrize(
    "declared", ["DECLARE(a), b = {1, 2};", "DECLARE(a), *p, b = {1, 2};", "DECLARE(a) = {1, 2}, b;"]
)
def test_a_later_declarator_behind_a_macro_is_seen(declared: str) -> None:
    text = f"struct point {{\n\tint x;\n\tint y;\n}};\n#define DECLARE(name) struct point name\n{declared}\n"
    refused(AT_MEMBER, {"a.c": text}, "positional-initialiser")


def test_designated_declarators_behind_a_macro_are_no_obstacle() -> None:
    text = "struct point {\n\tint x;\n\tint y;\n};\n#define DECLARE(name) struct point name\nDECLARE(a), b = {.x = 1, .y = 2};\n"
    assert "int x;\n\tint z;" in after(AT_MEMBER, {"a.c": text})["a.c"]


@pytest.mark.parametrize(
    ("define", "use"),
    [
        ("#define CALL(n) op_##n(1)", "CALL(read)"),
        ("#define CALL(n) (op_ ## n (1))", "CALL( read )"),
        ("#define CALL(p) p##_read(1)", "CALL(op)"),
        ("#define CALL(a, b) a##_##b(1)", "CALL(op, read)"),
        ("#define ONE(n) op_##n(1)\n#define CALL(n) ONE(n)", "CALL(read)"),
        ("#define OP_(n) op_##n\n#define CALL(n) OP_(n)(1)", "CALL(read)"),
        ("#define PASTE(a, b) a##b\n#define CALL(x, y) PASTE(x, y)(1)", "CALL(op_, read)"),
        ("#define PASTE(a, b) a##b\n#define CALL(x) PASTE(op_, x)(1)", "CALL(read)"),
        ("#define PASTE(a, b) a##b\n#define JOIN PASTE\n#define CALL(x) JOIN(op_, x)(1)", "CALL(read)"),
        ("#define OP op_ ## read\n#define CALL OP", "CALL(1)"),
    ],
)
def test_a_name_that_a_macro_pastes_together_is_seen(define: str, use: str) -> None:
    text = f"int op_read(int a);\n{define}\nint f(void)\n{{\n\treturn {use} + op_read(2);\n}}\n"
    refused(TO_READ, {"a.c": text}, "pasted")


@pytest.mark.parametrize(
    ("define", "use"),
    [
        ("#define CALL(n) op_##n(1)", "CALL(write)"),
        ("#define PASTE(a, b) a##b\n#define CALL(x, y) PASTE(x, y)(1)", "CALL(op_, write)"),
        ("#define op_(op_, read) op_##read", "op_(op_, write)(1)"),
        ("#define PASTE(a, b) a##b\n#define CALL(x) op_write(1) /* PASTE(op_, x) */", "CALL(read)"),
    ],
)
def test_what_a_macro_pastes_into_other_names_is_no_obstacle(define: str, use: str) -> None:
    text = f"int op_read(int a);\nint op_write(int a);\n{define}\nint f(int read)\n{{\n\treturn {use} + op_read(read);\n}}\n"
    assert f"{use} + op_read(read, 0)" in after(TO_READ, {"a.c": text})["a.c"]


def test_a_name_is_seen_that_one_of_hundreds_of_macros_pastes_together() -> None:
    """Where there are so many, the files are searched for all of them at once."""
    defines = "".join(f"#define CALL{n}(a, b) a##b(1)\n" for n in range(200))
    text = f"int op_read(int a);\n{defines}int f(void)\n{{\n\treturn CALL199(op_, read) + op_read(2);\n}}\n"
    refused(TO_READ, {"a.c": text}, "pasted")


@pytest.mark.parametrize(
    "define",
    [
        "#define LOG() puts(flags)",
        "#define SHOW(x) puts(x)\n#define LOG() SHOW(flags)",
        "#define LOG() \\\n\tputs( \\\n\tflags)",
    ],
)
def test_a_macro_in_the_body_that_uses_the_name_of_the_new_parameter_is_seen(define: str) -> None:
    text = f"extern char *flags;\n{define}\nint op_read(int a)\n{{\n\tLOG();\n\treturn a;\n}}\n\nint f(void)\n{{\n\treturn op_read(1);\n}}\n"
    refused(TO_READ, {"a.c": text}, "parameter-name-taken")


def test_a_macro_that_takes_a_parameter_or_a_member_of_that_name_is_no_obstacle() -> None:
    text = '#define LOG(flags) puts(flags)\n#define OF(x) (x)->flags\nint op_read(int a)\n{\n\tLOG("a");\n\treturn OF(a);\n}\n\nint f(void)\n{\n\treturn op_read(1);\n}\n'
    assert "int op_read(int a, int flags)" in after(TO_READ, {"a.c": text})["a.c"]


CASE = """
kind = "switch-case"
in = "main"
switch = "c"
case = "'a'"
body = "return 1;"
"""


@pytest.mark.parametrize("label", ["97", "0x61", "0141", "'\\\\x61'", "'\\\\141'", "97L", "('a')"])
def test_two_ways_to_write_one_label_are_one_label(label: str) -> None:
    label = label.replace("\\\\", "\\")
    text = (
        f"int main(int c)\n{{\n\tswitch (c) {{\n\tcase {label}:\n\t\treturn 2;\n\tdefault:\n\t\treturn 0;\n\t}}\n}}\n"
    )
    refused(CASE, {"a.c": text}, "case-taken")


def test_a_label_written_otherwise_with_the_same_body_is_present() -> None:
    text = "int main(int c)\n{\n\tswitch (c) {\n\tcase 97:\n\t\treturn 1;\n\tdefault:\n\t\treturn 0;\n\t}\n}\n"
    assert unchanged(CASE, {"a.c": text}).state is State.PRESENT


def test_a_range_of_labels_that_holds_the_label_is_seen() -> None:
    text = "int main(int c)\n{\n\tswitch (c) {\n\tcase 'A' ... 'z':\n\t\treturn 2;\n\tdefault:\n\t\treturn 0;\n\t}\n}\n"
    refused(CASE, {"a.c": text}, "case-taken")


COUNT = """
kind = "add-parameter"
function = "op_read"
parameter = "int many"
at = "end"
argument = "count"
"""


def test_an_argument_that_a_local_of_the_caller_captures_is_refused() -> None:
    text = "int count;\nint op_read(int a);\nint f(void)\n{\n\tchar *count = 0;\n\treturn op_read(1);\n}\n\nint g(void)\n{\n\treturn op_read(2);\n}\n"
    refused(COUNT, {"a.c": text}, "argument-captured")


def test_an_argument_that_is_a_local_everywhere_is_what_was_meant() -> None:
    text = "int op_read(int a);\nint f(int count)\n{\n\treturn op_read(1);\n}\n"
    assert "op_read(1, count)" in after(COUNT, {"a.c": text})["a.c"]


def test_an_argument_for_one_function_means_what_it_means_there() -> None:
    toml = COUNT.replace('argument = "count"', 'argument = "0"\narguments = [{ function = "f", argument = "count" }]')
    text = "int count;\nint op_read(int a);\nint f(int count)\n{\n\treturn op_read(1);\n}\n"
    assert "op_read(1, count)" in after(toml, {"a.c": text})["a.c"]


LIMIT = """
kind = "replace-expression"
in = "f"
expression = "get(n)"
with = "get_at(n, limit)"
sites = 1
"""


@pytest.mark.parametrize(
    "body",
    [
        "\tif (n) {\n\t\tint n = 2;\n\t\treturn get(n);\n\t}\n\treturn 0;\n",
        "\tif (n) {\n\t\tint limit = 2;\n\t\treturn get(n);\n\t}\n\treturn 0;\n",
        "\tfor (int n = 0; n < 2; n++)\n\t\tget(n);\n\treturn 0;\n",
    ],
)
def test_an_inner_variable_of_a_name_in_the_pattern_is_refused(body: str) -> None:
    refused(LIMIT, {"a.c": f"int limit;\nint f(int n)\n{{\n{body}}}\n"}, "unfit-replacement")


def test_inner_variables_of_other_blocks_are_no_obstacle() -> None:
    text = "int limit;\nint f(int n)\n{\n\tif (n) {\n\t\tint limit = 2;\n\t\tput(limit);\n\t}\n\treturn get(n);\n}\n"
    assert "return get_at(n, limit);" in after(LIMIT, {"a.c": text})["a.c"]


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
{{
	va_list al;
	va_start(al, what);
	if (!strcmp(what, {compared})) {{
		char *colour = va_arg(al, char *);
		paint(colour);
	}}
}}

int main(void)
{{
	char *colour = "red";
	ask({passed}, colour);
}}
"""


@pytest.mark.parametrize("compared", ['"pa" "int"', '"\\160aint"', "PAINT"])
def test_a_selector_that_is_compared_in_another_spelling_is_no_branch_left_out(compared: str) -> None:
    text = '#define PAINT "paint"\n' + ASKED.format(compared='"paint"', passed='"paint"').replace(
        "\t\tpaint(colour);\n\t}\n",
        f"\t\tpaint(colour);\n\t}}\n\tif (!strcmp(what, {compared})) {{\n\t\tchar *colour = va_arg(al, char *);\n\t\tpaint(colour);\n\t}}\n",
    )
    plan, _ = plan_of(ASK, {"a.c": text})
    assert plan.state is State.REFUSED, "two branches take the selector, and the edit says one"


@pytest.mark.parametrize("passed", ['"pa" "int"', '"\\160aint"'])
def test_a_selector_that_is_passed_in_another_spelling_is_a_caller(passed: str) -> None:
    text = ASKED.format(compared='"paint"', passed=passed)
    assert f"ask({passed}, colour, NULL)" in after(ASK, {"a.c": text})["a.c"]


def test_a_selector_that_is_compared_as_joined_strings_is_the_branch() -> None:
    text = ASKED.format(compared='"pa" "int"', passed='"paint"')
    assert "char *shape = va_arg(al, char *);" in after(ASK, {"a.c": text})["a.c"]


@pytest.mark.parametrize(
    ("before", "is_refused"),
    [
        ('#define P "a", 1\nint h(void) { return say(P); }\n', True),
        ('#define P(x) (x), 1\nint h(void) { return say(P("a")); }\n', True),
        ('#define P "a", 1\n#define W(...) say(__VA_ARGS__)\nint h(void) { return W(P); }\n', True),
        ('#define P ("a", "b")\nint h(void) { return say(P); }\n', False),
        ('#define P "a, b" /* , */\nint h(void) { return say(P); }\n', False),
        ('#define P "a", 1\nint h(void) { return say("b", P); }\n', False),
    ],
)
def test_a_macro_that_makes_several_arguments_of_one(before: str, *, is_refused: bool) -> None:
    toml = 'kind = "add-parameter"\nfunction = "say"\nparameter = "int loud"\nafter = "text"\nargument = "0"\n'
    files = {"a.c": "int say(char *text, ...);\n" + before}
    if is_refused:
        refused(toml, files, "wrong-number-of-arguments")
    else:
        assert plan_of(toml, files)[0].state is State.ABSENT
