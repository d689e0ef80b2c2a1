# SPDX-License-Identifier: GPL-3.0-or-later
"""What the grammar cannot know is mended where that is certain, and nothing is edited that is not."""

from __future__ import annotations

import pytest

from edits.harness import after, slugs, unchanged
from patchgen.edits import State
from patchgen.syntax.c import parse

FLAG = """
kind = "add-parameter"
function = "f"
parameter = "int z"
at = "end"
argument = "0"
"""
F = "int f(int a);\n"


def statement(place: str) -> str:
    return f'kind = "insert-statement"\nin = "g"\nstatement = "note();"\n{place}\n'


@pytest.mark.parametrize(
    "text",
    [
        "MY_API int f(int a);\nMY_API int f(int a)\n{\n\treturn a;\n}\n",
        "extern MY_API struct s *f(int a);\n",
        "MY_API MY_INLINE static_t f(int a);\n",
    ],
)
def test_a_word_in_capitals_before_a_declaration(text: str) -> None:
    assert after(FLAG, {"a.c": text})["a.c"] == text.replace("int a)", "int a, int z)")


LOOP = F + "int g(int n)\n{\n\tint k = 0;\n\n\tFOR_EACH (n)\n\t\tk += f(n);\n\treturn k;\n}\n"
NOTE = F + "int g(int n)\n{\n\tint k = 0;\n\n\tCHECKED(n)\n\tk += f(n);\n\treturn k;\n}\n"


@pytest.mark.parametrize("text", [LOOP, NOTE])
def test_a_call_behind_a_macro_without_a_semicolon(text: str) -> None:
    assert after(FLAG, {"a.c": text})["a.c"] == text.replace("int a)", "int a, int z)").replace("f(n)", "f(n, 0)")


@pytest.mark.parametrize("text", [LOOP, NOTE])
@pytest.mark.parametrize("where", ["before", "after"])
def test_nothing_is_put_beside_a_statement_that_the_macro_may_control(text: str, where: str) -> None:
    plan = unchanged(statement(f'{where} = {{ call = "f" }}'), {"a.c": text})
    assert (plan.state, slugs(plan)) == (State.REFUSED, {"unfit-anchor"})


def test_a_macro_is_no_loop_to_an_anchor() -> None:
    plan = unchanged(statement('before = { loop = "n" }'), {"a.c": LOOP})
    assert "not-found" in slugs(plan)


def test_what_a_macro_controls_may_be_the_end() -> None:
    text = F + "int g(int n)\n{\n\tn = f(n);\n\tCHECKED(n)\n\treturn n;\n}\n"
    plan = unchanged(statement('at = "end"'), {"a.c": text})
    assert "unfit-anchor" in slugs(plan)


CUT = (
    F
    + """int g(int n)
{
	int k = f(1);
#ifdef A
	if (n == f(2)) {
#else
	if (n != 3) {
#endif
		k += f(4);
	}
	k += f(5);
	return k;
}

int h(void)
{
	return f(6);
}
"""
)


def test_arms_that_cut_a_statement_do_not_hide_what_is_behind_them() -> None:
    assert parse(CUT.encode()).faults == ()
    text = CUT.replace("f(2)", "2")
    done = after(FLAG, {"a.c": text})["a.c"]
    for n in (1, 4, 5, 6):
        assert f"f({n}, 0)" in done


@pytest.mark.parametrize(("old", "new"), [("", ""), ("n == f(2)", "n == 2"), ("n != 3", "n != f(3)")])
def test_within_the_arms_nothing_is_edited(old: str, new: str) -> None:
    text = CUT.replace(old, new) if new != "n == 2" else CUT.replace(old, new).replace("n != 3", "n != f(3)")
    plan = unchanged(FLAG, {"a.c": text})
    assert plan.state is State.REFUSED
    assert slugs(plan) & {"cut-by-directives", "unparsed"}


def test_nothing_is_put_before_a_statement_that_begins_in_an_arm() -> None:
    text = CUT.replace("n == f(2)", "n == 2")
    plan = unchanged(statement('before = { if = "n == 2" }'), {"a.c": text})
    assert (plan.state, slugs(plan)) == (State.REFUSED, {"cut-by-directives"})


def test_behind_a_statement_that_begins_in_an_arm_something_can_be_put() -> None:
    text = CUT.replace("n == f(2)", "n == 2")
    assert "\t}\n\tnote();\n\tk += f(5)" in after(statement('after = { if = "n == 2" }'), {"a.c": text})["a.c"]


@pytest.mark.parametrize(
    "arms",
    [
        "#ifdef A\n\tif (n) {\n#else\n\t{\n\t{\n#endif\n",
        "#ifdef A\n\tif (n) {\n#endif\n",
        "#ifdef A\n\tif (n) {\n#else\n\t(void) n;\n#endif\n",
    ],
)
def test_arms_that_open_other_numbers_of_braces_are_not_read(arms: str) -> None:
    text = F + f"int g(int n)\n{{\n{arms}\t\tn = f(n);\n\t}}\n\treturn n;\n}}\n"
    assert parse(text.encode()).cuts == ()


LISTED = (
    F.replace("int a", "int a, int b, int c")
    + "int g(int n)\n{{\n\treturn f(1,\n#ifdef A\n\t\t{one}\n#else\n\t\t{other}\n#endif\n\t\t3);\n}}\n"
)


def test_a_list_that_is_cut_gets_an_item_outside_of_the_cut() -> None:
    text = LISTED.format(one="2,", other="4,")
    first = FLAG.replace('at = "end"', 'after = "a"')
    assert "return f(1, 0,\n#ifdef A" in after(first, {"a.c": text})["a.c"]
    assert "#endif\n\t\t3, 0);" in after(FLAG, {"a.c": text})["a.c"].replace("\n\t\t0);", " 0);")


def test_a_list_whose_arms_have_other_numbers_of_items_is_refused() -> None:
    plan = unchanged(FLAG, {"a.c": LISTED.format(one="2,", other="4, 5,")})
    assert plan.state is State.REFUSED


def test_an_item_within_the_cut_is_no_place() -> None:
    text = LISTED.format(one="2,", other="4,")
    plan = unchanged(FLAG.replace('at = "end"', 'after = "b"'), {"a.c": text})
    assert (plan.state, slugs(plan)) == (State.REFUSED, {"cut-by-directives"})


def test_a_bit_field_without_a_name_behind_others() -> None:
    toml = 'kind = "add-field"\nstruct = "s"\nfield = "int z;"\nat = "end"\n'
    text = "struct s {\n\tint a;\n\tunsigned b : 3, : 2, c : 1;\n};\n"
    assert after(toml, {"a.c": text})["a.c"] == text.replace("c : 1;\n", "c : 1;\n\tint z;\n")


def test_a_definition_goes_before_the_word_in_capitals() -> None:
    toml = 'kind = "insert-definition"\ntext = "static int k;"\nusers = ["f"]\n'
    text = "int a;\n\nMY_API int f(int a)\n{\n\treturn a;\n}\n"
    assert "\nstatic int k;\n\nMY_API int f(" in after(toml, {"a.c": text})["a.c"]
