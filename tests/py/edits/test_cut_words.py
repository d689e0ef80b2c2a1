# SPDX-License-Identifier: GPL-3.0-or-later
"""A word that a backslash at the end of a line cuts in two is one word to the compiler, and a refusal to us."""

from __future__ import annotations

import pytest

from edits.harness import Files, after, plan_of, slugs, unchanged
from patchgen.edits import Reason, State
from patchgen.tree import cut_words

PARAMETER = 'kind = "add-parameter"\nfunction = "greet"\nparameter = "int z"\nat = "end"\nargument = "0"\n'
ARGUMENT = 'kind = "set-argument"\nfunction = "greet"\nparameter = "a"\nin = "f"\nfrom = "NULL"\nargument = "name"\nsites = 1\n'
FIELD = 'kind = "add-field"\nstruct = "greet"\nfield = "int z;"\nat = "start"\n'
STATEMENT = 'kind = "insert-statement"\nin = "f"\nbefore = { call = "greet" }\nstatement = "note();"\n'
EXPRESSION = 'kind = "replace-expression"\nin = "f"\nexpression = "greet($x)"\nwith = "other($x)"\n'
BODY = 'kind = "replace-body"\nin = "greet"\ncalls = []\nbody = "return 1;"\n'

GREET = "int greet(int a)\n{\n\treturn a;\n}\n"

CUT = {
    "a call": (PARAMETER, GREET + "int f(void)\n{\n\tgre\\\net(1);\n\treturn greet(2);\n}\n"),
    "a call, in a file of another system": (PARAMETER, (GREET + "void f(void) { gre\\\net(1); }\n").replace("\n", "\r\n")),
    "with blanks behind the backslash": (PARAMETER, GREET + "void f(void)\n{\n\tgre\\ \t\net(1);\n}\n"),
    "twice in a word": (PARAMETER, GREET + "void f(void)\n{\n\tg\\\nree\\\n\\\nt(1);\n}\n"),
    "in a macro": (PARAMETER, GREET + "#define CALL gre\\\net(1)\nint f(void) { return CALL; }\n"),
    "the directive": (PARAMETER, GREET + "#def\\\nine CALL greet\nint f(void) { return CALL(1); }\n"),
    "the name of a macro": (PARAMETER, GREET + "#define CA\\\nLL(x) greet(x)\nint f(void) { return CALL(1); }\n"),
    "a keyword": (PARAMETER, GREET.replace("int greet", "sta\\\ntic int greet")),
    "an operator in letters": (PARAMETER, GREET + "unsigned long f(void)\n{\n\treturn siz\\\neof greet(1);\n}\n"),
    "a variable that hides the argument": (ARGUMENT, "int greet(char *a);\nint f(char *name)\n{\n\tchar *na\\\nme;\n\treturn greet(NULL);\n}\n"),
    "the function of the edit": (ARGUMENT, "int greet(char *a);\nint f\\\nx(void) { return greet(NULL); }\nint f(char *name) { return greet(NULL); }\n"),
    "a struct": (FIELD, "struct greet {\n\tint a;\n};\nstruct gre\\\net one = {1};\n"),
    "a struct, in another file": (FIELD, "struct greet {\n\tint a;\n};\n"),
    "the keyword of a struct": (FIELD, "struct greet {\n\tint a;\n};\nstr\\\nuct greet one = {1};\n"),
    "an anchor": (STATEMENT, "void f(void)\n{\n\tgre\\\net(1);\n\tgreet(2);\n}\n"),
    "a keyword around the anchor": (STATEMENT, "void f(int a)\n{\n\ti\\\nf (a)\n\tgreet(2);\n}\n"),
    "a place of the old form": (EXPRESSION, "int f(void)\n{\n\treturn greet(1) + gre\\\net(1);\n}\n"),
    "a call in a body": (BODY, "int greet(int a)\n{\n\tint lo\\\nse(int);\n\treturn a;\n}\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CUT.values(), ids=CUT)
def test_a_word_that_is_cut_is_refused(case: tuple[str, str]) -> None:
    toml, text = case
    files: Files = {"a.c": text, "b.c": "struct gre\\\net two = {1};\n" if toml is FIELD else "int b;\n"}
    plan = unchanged(toml, files)
    assert plan.state is State.REFUSED
    assert "cut-word" in slugs(plan), plan.findings


QUIET = {
    "a string": 'int f(void)\n{\n\tputs("gre\\\net(1)");\n\treturn greet(2);\n}\n',
    "a string in a macro": '#define TEXT "gre\\\net"\nint f(void)\n{\n\treturn greet(2);\n}\n',
    "a comment": "/* gre\\\net(1) */\nint f(void)\n{\n\treturn greet(2);\n}\n",
    "a comment of one line, or two": "int f(void)\n{\n\t// gre\\\net(1)\n\treturn greet(2);\n}\n",
    "a message": "#ifdef X\n#error do not call gre\\\net\n#endif\nint f(void)\n{\n\treturn greet(2);\n}\n",
    "an arm that is never compiled": "#if 0\ngre\\\net(1);\n#endif\nint f(void)\n{\n\treturn greet(2);\n}\n",
    "a line of a macro": "#define F(x) do { \\\n\tx; \\\ngreet(2); \\\n\t} while (0)\nint f(void)\n{\n\treturn 0;\n}\n",
    "a line that begins with what was cut off": "#define F (1+\\\ngreet(2))\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_what_is_cut_and_no_code_is_no_obstacle(text: str) -> None:
    files = {"a.c": 'int puts(const char *);\n#include "g.h"\n' + text, "g.h": GREET}
    assert after(PARAMETER, files)["a.c"] == files["a.c"].replace("greet(2)", "greet(2, 0)")


def test_a_file_that_says_nothing_of_the_edit_may_cut_its_words() -> None:
    files = {"a.c": GREET, "b.c": "int oth\\\ner(void) { ret\\\nurn 1; }\n", "c.sh": "gre\\\net 1\n"}
    assert after(PARAMETER, files)["b.c"] == files["b.c"]


def test_a_person_can_say_that_it_is_right() -> None:
    excuse = 'excuse = [{ file = "a.c", function = "f", reason = "seen" }]\n'
    plan, _ = plan_of(
        PARAMETER + excuse, {"a.c": GREET + "int gr\\\needy;\nint f(void)\n{\n\treturn lo\\\nng_one;\n}\n"}
    )
    assert [finding.message for finding in plan.findings] == [
        "the end of a line cuts a word in two here, which is greedy to the compiler"
    ]
    assert [o.name for o in plan.occurrences if o.reason is Reason.ENTRY] == ["lo\\\nng_one"]


def test_what_an_edit_cuts_is_seen_by_the_next_and_what_it_joins_too() -> None:
    cut = 'kind = "text"\nfile = "b.c"\nfind = "GREET"\nreplace = "gre\\\\\\net"\nwhy = "a test"\n'
    join = 'kind = "text"\nfile = "b.c"\nfind = "gre\\\\\\net"\nreplace = "greet"\nwhy = "a test"\n'
    done = after(cut, {"a.c": GREET, "b.c": "int f(void)\n{\n\treturn GREET(1);\n}\n"})
    assert slugs(unchanged(PARAMETER, done)) == {"cut-word"}
    assert "greet(1, 0)" in after(PARAMETER, after(join, done))["b.c"]


def test_words_are_joined_as_the_compiler_joins_them() -> None:
    found = [word for _, word in cut_words(b"a\\\nb \\\nc d\\\n e\\ \r\n\\\nf\\\n-g \xc3\\\n\xa4 h\\n")]
    assert found == [b"ab", b"ef", b"\xc3\xa4"]
