# SPDX-License-Identifier: GPL-3.0-or-later
"""The traps that were found in real text, as far as they concern statements, expressions and strings."""

from __future__ import annotations

from edits.harness import after, plan_of, slugs, unchanged
from patchgen.edits import Reason, State

INSERT = 'kind = "insert-statement"\n'
REPLACE = 'kind = "replace-expression"\n'


def test_trap_05_two_forms_of_one_name_need_the_file() -> None:
    files = {
        "node/kvm.c": "static int start(int n)\n{\n\tgo(n);\n}\n",
        "node/main.c": "int start(int n)\n{\n\tgo(n);\n}\n",
    }
    toml = INSERT + 'in = "start"\nbefore = {call = "go"}\nstatement = "check(n);"\n'
    assert slugs(unchanged(toml, files)) == {"function-defined-twice"}
    assert "check" in after(toml + 'files = ["node/kvm.c"]\n', files)["node/kvm.c"]


def test_trap_09_comments_among_arguments_are_none() -> None:
    files = {"c.c": "int main(void)\n{\n\tstart(a, /* CC, stuff */ NULL,\n\t      // b,\n\t      c);\n}\n"}
    toml = REPLACE + 'in = "main"\nexpression = "start($a, NULL, $c)"\nwith = "start($a, arch, $c)"\n'
    assert after(toml, files) == {"c.c": files["c.c"].replace("NULL", "arch")}


def test_trap_12_indentation_is_copied_byte_by_byte() -> None:
    files = {"h.c": "int f(int a)\n{\n\t    \t x(a);\n \t  run(a);\n}\n"}
    toml = INSERT + 'in = "f"\nbefore = {call = "run"}\nstatement = "note();"\n'
    assert after(toml, files) == {"h.c": files["h.c"].replace(" \t  run", " \t  note();\n \t  run")}


def test_trap_14_an_absent_value_is_not_sent() -> None:
    files = {"a.c": "void to_wire(struct box *b)\n{\n    put_name(b->name);\n    put_size(b->size);\n}\n"}
    toml = (
        INSERT
        + 'in = "to_wire"\nafter = {call = "put_name"}\nstatement = """\nif (b->arch[0])\n\tput_arch(b->arch);\n"""\n'
    )
    assert "\n    if (b->arch[0])\n        put_arch(b->arch);\n    put_size" in after(toml, files)["a.c"]


def test_trap_17_trailing_comments_and_blank_lines_stay_with_their_statement() -> None:
    files = {"d.c": "int f(int a)\n{\n\trun(a); // first\n\n\tgo(a);\n}\n"}
    toml = INSERT + 'in = "f"\nafter = {call = "run"}\nstatement = "note();"\n'
    assert after(toml, files) == {"d.c": files["d.c"].replace("// first\n", "// first\n\tnote();\n")}


def test_trap_18_a_log_string_and_a_comment_are_no_calls() -> None:
    files = {"l.c": 'int f(int a)\n{\n\t// run(a);\n\tlog("run() called\\n");\n\trun(a);\n}\n'}
    plan, _ = plan_of(INSERT + 'in = "f"\nbefore = {call = "run"}\nstatement = "note();"\n', files)
    assert [occurrence.reason for occurrence in plan.occurrences] == [Reason.COMMENT, Reason.STRING, None]


def test_trap_19_a_test_is_no_call_and_a_longer_word_is_another() -> None:
    files = {
        "h.c": "int f(struct nc *nc)\n{\n\tif (nc->H->start)\n\t\tstarts();\n\tre_start(nc);\n\tnc->D->start(nc);\n}\n"
    }
    plan, _ = plan_of(INSERT + 'in = "f"\nbefore = {call = "start"}\nstatement = "note();"\n', files)
    assert [(occurrence.name, occurrence.reason) for occurrence in plan.occurrences] == [
        ("start", Reason.UNCHANGED_USE),
        ("start", None),
    ]


def test_the_right_half_of_a_condition_of_two_lines() -> None:
    files = {
        "s.c": "int load(int fd)\n{\n\tif ((fd = open(p, 0)) < 0 ||\n\t    read(fd, b, sizeof(*b)) < sizeof(*b)) {\n\t\treturn 1;\n\t}\n}\n"
    }
    toml = REPLACE + 'in = "load"\nexpression = "read($fd, $b, $n) < $n"\nwith = "read_some($fd, $b, $n) < LEAST"\n'
    assert "||\n\t    read_some(fd, b, sizeof(*b)) < LEAST) {" in after(toml, files)["s.c"]


def test_the_descriptor_that_leaks_in_the_branch() -> None:
    files = {
        "s.c": "int load(int fd)\n{\n\tif (read(fd, b, 9) < 9) {\n\t\tfree(b);\n\t\treturn 1;\n\t}\n\treturn 0;\n}\n"
    }
    toml = INSERT + 'in = "load"\nfirst-in = {if = "read($fd, $b, $n) < $n"}\nstatement = "close($fd);"\n'
    assert "{\n\t\tclose(fd);\n\t\tfree(b);" in after(toml, files)["s.c"]


def test_two_reads_in_one_function_are_two_sites() -> None:
    files = {
        "cc.c": "int call(int p)\n{\n\tif (a)\n\t\tn = once(p, x, 1);\n\telse\n\t\tn = once(p, &y,\n\t\t\t 2);\n}\n"
    }
    toml = REPLACE + 'in = "call"\nexpression = "once($p, $b, $n)"\nwith = "whole($p, $b, $n, limit)"\nsites = 2\n'
    assert after(toml, files) == {
        "cc.c": files["cc.c"]
        .replace("once(p, x, 1)", "whole(p, x, 1, limit)")
        .replace("once(p, &y,\n\t\t\t 2)", "whole(p, &y,\n\t\t\t 2, limit)")
    }


def test_before_an_assignment_through_a_pointer() -> None:
    files = {
        "x.c": "int xml(char **out)\n{\n\tchar cmd[9];\n\n\tif ((*out = output(cmd)) == NULL)\n\t\treturn 1;\n\treturn 0;\n}\n"
    }
    toml = INSERT + 'in = "xml"\nbefore = {call = "output"}\nstatement = "append($c);"\n'
    toml = toml.replace('{call = "output"}', '{expression = "output($c)"}')
    assert "\n\tappend(cmd);\n\tif ((*out" in after(toml, files)["x.c"]


def test_the_other_arm_is_left_alone_where_within_says_so() -> None:
    """What did not parse elsewhere in the function is no reason to refuse (real-text.md 2.2)."""
    files = {"cc.c": "int call(int a)\n{\n\tBEGIN(char *, x) y;\n\tchar *s = va_arg(l, struct s *);\n\tgo(a);\n}\n"}
    toml = INSERT + 'in = "call"\nbefore = {call = "go"}\nstatement = "note(a);"\n'
    assert plan_of(toml, files)[0].state is State.ABSENT
