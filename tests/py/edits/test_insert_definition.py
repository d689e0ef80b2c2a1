# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``insert-definition``: where text goes at file level, and when its name is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import State, Verdict

if TYPE_CHECKING:
    from edits.harness import Files

FILE = """/* A licence. */
#include <stdio.h>

#define SIZE 8
#define MORE 9

/* Said first. */
static int first(int x)
{
    return x;
}

int second(int x)
{
    return first(x) + 1;
}
"""
NEW = "/* Twice (see twice(3)). */\nstatic int twice(int x)\n{\n\treturn first(x) * 2;\n}"
WRITTEN = "/* Twice (see twice(3)). */\nstatic int twice(int x)\n{\n    return first(x) * 2;\n}\n"


def toml(place: str = "", text: str = NEW, file: str = "a.c") -> str:
    return f"kind = \"insert-definition\"\nfile = \"{file}\"\ntext = '''\n{text}\n'''\n{place}\n"


PLACES = [
    ("before-a-user", 'users = ["second"]', "int second", f"{WRITTEN}\n"),
    ("before-the-first-user", 'users = ["second", "first"]', "/* Said first", f"{WRITTEN}\n"),
    ("before-a-definition", 'before = { definition = "first" }', "/* Said first", f"{WRITTEN}\n"),
    ("before-an-alternative", 'before = { definition = ["none", "first"] }', "/* Said first", f"{WRITTEN}\n"),
    ("behind-a-definition", 'after = { definition = "first" }', "int second", f"{WRITTEN}\n"),
    ("behind-a-macro", 'after = { definition = "SIZE" }', "#define MORE", f"\n{WRITTEN}\n"),
    ("at-the-start", 'at = "start"', "#define SIZE", f"{WRITTEN}\n"),
]


@pytest.mark.parametrize(("place", "mark", "inserted"), [pytest.param(*case[1:], id=case[0]) for case in PLACES])
def test_places(place: str, mark: str, inserted: str) -> None:
    at = FILE.index(mark)
    assert after(toml(place), {"a.c": FILE}) == {"a.c": FILE[:at] + inserted + FILE[at:]}


def test_at_the_end() -> None:
    assert after(toml('at = "end"'), {"a.c": FILE}) == {"a.c": f"{FILE}\n{WRITTEN}"}


def test_without_a_final_newline() -> None:
    assert after(toml('at = "end"'), {"a.c": "int x;"}) == {"a.c": f"int x;\n\n{WRITTEN}"}


def test_before_what_uses_it_already() -> None:
    used = FILE + "\nint third(void)\n{\n    return twice(3);\n}\n"
    assert f"{WRITTEN}\nint third" in after(toml(), {"a.c": used})["a.c"]


def test_small_things_stand_close() -> None:
    assert (
        "SIZE 8\n#define HALF 4\n#define MORE"
        in after(toml('after = { definition = "SIZE" }', "#define HALF 4"), {"a.c": FILE})["a.c"]
    )
    header = {"a.h": "#ifndef A_H\n#define A_H\n\nint one(int x);\nint two(int x,\n\tint y);\n\n#endif\n"}
    assert after(toml('after = { declaration = "two" }', "int three(int z);", "a.h"), header) == {
        "a.h": header["a.h"].replace("\tint y);\n", "\tint y);\nint three(int z);\n")
    }
    assert after(toml('at = "end"', "int three(int z);", "a.h"), header) == {
        "a.h": header["a.h"].replace("\tint y);\n", "\tint y);\nint three(int z);\n")
    }


def test_a_comment_on_the_anchors_line_stays_there() -> None:
    files = {"a.h": "int one(int x); /* as\n\tever */ // said\nint two(int x);\n"}
    edited = after(toml('after = { declaration = "one" }', "int three(int z);", "a.h"), files)
    assert edited["a.h"] == "int one(int x); /* as\n\tever */ // said\nint three(int z);\nint two(int x);\n"


def test_a_blank_before_parentheses_where_the_file_has_it_and_not_in_comments() -> None:
    edited = after(
        toml('users = ["second"]'), {"a.c": FILE.replace("first(", "first (").replace("second(", "second (")}
    )
    assert "/* Twice (see twice(3)). */\nstatic int twice (int x)" in edited["a.c"]
    assert "return first (x) * 2;" in edited["a.c"]


def test_crlf() -> None:
    edited = after(toml('users = ["second"]'), {"a.c": FILE.replace("\n", "\r\n")})["a.c"]
    assert edited.replace("\r\n", "") == edited.replace("\r\n", "").replace("\n", "")


def test_a_table_and_its_function_in_one_text() -> None:
    text = 'struct row {\n\tchar *word;\n};\n\nstatic const struct row rows[] = {\n\t{"a"},\n\t{0},\n};\n\n' + NEW
    assert 'static const struct row rows[] = {\n    {"a"},\n' not in FILE
    plan, tree = plan_of(toml('users = ["second"]', text), {"a.c": FILE})
    again = edit_of(toml('users = ["second"]', text)).plan(tree.edited(plan.replacements))
    assert (plan.sites, again.present, again.state) == (1, 1, State.PRESENT)


ARMS = """#include <a.h>

#ifdef A
int one(void)
{
	return 1;
}

int two(void)
{
	return 2;
}
#else
int other(void)
{
	return 3;
}
#endif
"""


@pytest.mark.parametrize(
    ("users", "mark"),
    [
        ('["two"]', "int two"),
        ('["one", "two"]', "int one"),
        ('["other"]', "int other"),
        ('["two", "other"]', "#ifdef A"),
    ],
)
def test_into_an_arm_only_with_all_users(users: str, mark: str) -> None:
    at = ARMS.index(mark)
    edited = after(toml(f"users = {users}", "static int x;"), {"a.c": ARMS})["a.c"]
    assert edited == f"{ARMS[:at]}static int x;\n\n{ARMS[at:]}"


@pytest.mark.parametrize(("key", "mark"), [("before", "#ifdef A"), ("after", "")])
def test_beside_something_in_an_arm_is_beside_the_arm(key: str, mark: str) -> None:
    edited = after(toml(f'{key} = {{ definition = "two" }}', "static int x;"), {"a.c": ARMS})["a.c"]
    at = ARMS.index(mark) if mark else len(ARMS)
    assert edited == (f"{ARMS[:at]}static int x;\n\n{ARMS[at:]}" if mark else f"{ARMS}\nstatic int x;\n")


def test_trap_an_include_guard_is_no_arm() -> None:
    header = "/* A licence. */\n#ifndef A_H\n#define A_H\nint one(int x);\n#endif /* A_H */\n"
    edited = after(toml('before = { declaration = "one" }', "int two(int x);", "a.h"), {"a.h": header})
    assert edited == {"a.h": header.replace("int one", "int two(int x);\nint one")}


PRESENT = {"a.c": FILE + "\n// the same\nstatic int twice( int x ) { return first (x)*2; }\n"}


def test_the_same_tokens_are_present() -> None:
    assert unchanged(toml('users = ["second"]'), PRESENT).state is State.PRESENT


def test_a_public_function_with_its_prototype() -> None:
    text = "int twice(int x)\n{\n\treturn 2 * x;\n}"
    files = {
        "a.h": "extern int twice(int);\n",
        "a.c": '#include "a.h"\n' + FILE,
        "b.c": "int f(void) { return twice(2); }\n",
    }
    plan, _ = plan_of(toml('users = ["second"]', text), files)
    assert plan.state is State.ABSENT, plan.findings
    assert all(one.verdict is not Verdict.REFUSED for one in plan.occurrences)


def test_a_prototype_beside_its_definition() -> None:
    files = {"a.h": "int one(int x);\n", "a.c": '#include "a.h"\nint two(int y)\n{\n\treturn y;\n}\n'}
    edited = after(toml('after = { declaration = "one" }', "int two(int x);", "a.h"), files)
    assert edited["a.h"] == "int one(int x);\nint two(int x);\n"


REFUSED: list[tuple[str, str, Files, str]] = [
    ("another-definition", toml('users = ["second"]'), {"a.c": FILE + "static int twice(int x) { return 0; }\n"}, "name-taken"),
    ("another-kind", toml('users = ["second"]'), {"a.c": FILE + "#define twice 2\n"}, "name-taken"),
    ("another-prototype", toml('users = ["second"]'), {"a.h": "int twice(char *x);\n", "a.c": '#include "a.h"\n' + FILE}, "name-taken"),
    ("defined-in-a-header", toml('users = ["second"]'), {"a.h": "enum { twice };\n", "a.c": '#include "a.h"\n' + FILE}, "name-taken"),
    ("declared-in-another-header", toml('at = "end"', "int twice(int x);", "a.h"), {"b.h": "int twice(int x);\n", "a.h": '#include "b.h"\n'}, "name-taken"),
    ("defined-otherwise-by-who-includes", toml('at = "end"', "int twice(int x);", "a.h"), {"a.h": "int y;\n", "a.c": '#include "a.h"\nstatic int twice(int x) { return x; }\n'}, "name-taken"),
    ("external-elsewhere", toml('at = "end"', "int twice(int x) { return x; }"), {"a.c": FILE, "b.c": "int twice(int x) { return x; }\n"}, "name-taken"),
    ("half-there", toml('users = ["second"]', "#define HALF 4\nstatic int half;"), {"a.c": FILE + "#define HALF 4\n"}, "half-there"),
    ("no-user", toml(), {"a.c": FILE}, "no-user"),
    ("no-such-user", toml('users = ["third"]'), {"a.c": FILE}, "no-such-definition"),
    ("no-such-anchor", toml('after = { declaration = "first" }'), {"a.c": FILE}, "no-such-definition"),
    ("no-such-file", toml('at = "end"', file="b.c"), {"a.c": FILE}, "not-found"),
    ("several-files", toml('at = "end"', file="*.c"), {"a.c": FILE, "b.c": FILE}, "several-files"),
    ("a-shared-line", toml('after = { definition = "a" }'), {"a.c": "int a; int b;\n"}, "shared-line"),
    ("in-what-did-not-parse", toml('users = ["second"]'), {"a.c": FILE + "int f() { twice( }\n"}, "unparsed"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "files", "slug"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_refuses(text: str, files: Files, slug: str) -> None:
    assert slug in slugs(unchanged(text, files))


def test_a_namesake_that_cannot_be_seen_is_another_binding() -> None:
    files = {"a.c": FILE, "b.c": "static int twice(int x) { return x; }\nint g(int twice) { return s.twice; }\n"}
    assert set(after(toml('users = ["second"]'), files)) == {"a.c", "b.c"}


def test_never_between_an_attribute_and_what_it_is_of() -> None:
    for head in ("PURE(1)\n", "__printf(1, 2)\n", "FORMAT (1) /* 1 */\n", "__attribute__((cold)) API\n", "ATTRIBUTE\n"):
        text = f"int a;\n\n{head}int second(int x)\n{{\n\treturn x;\n}}\n"
        plan, tree = plan_of(toml('users = ["second"]', "static int b;"), {"a.c": text})
        if plan.state is State.REFUSED:
            assert slugs(plan) <= {"shared-line", "no-such-definition"}
        else:
            assert b"static int b;\n\n" + head.encode() in tree.edited(plan.replacements).read("a.c")


@pytest.mark.parametrize("text", ["x = 1;", "int f( {", "/* nothing */", "MACRO(x)"])
def test_unusable_text(text: str) -> None:
    with pytest.raises(ValueError, match="file level"):
        edit_of(toml(text=text))


@pytest.mark.parametrize("place", ['at = "end"\nusers = ["second"]', 'at = "middle"', "before = { }"])
def test_unusable_place(place: str) -> None:
    with pytest.raises(ValueError, match=r"at most one|definition or a declaration"):
        edit_of(toml(place))


_ITEMS = st.sampled_from(
    [
        "int a{};\n",
        "/* {} */\nint b{}(void)\n{{\n  return 1;\n}}\n",
        "#define C{} 1\n",
        "#ifdef D{}\nint d{};\n#endif\n",
        "\n",
    ]
)


@given(st.lists(_ITEMS, max_size=6), st.sampled_from(['at = "end"', 'at = "start"', 'users = ["main"]']))
def test_taking_the_text_out_again_is_the_identity(items: list[str], place: str) -> None:
    """One insertion of whole lines; what was there stays as it was, and the text is present then."""
    text = (
        "".join(item.format(*[number] * 3) for number, item in enumerate(items)) + "int main(void)\n{\n  return 0;\n}\n"
    )
    plan, _ = plan_of(toml(place), {"a.c": text})
    (replacement,) = plan.replacements["a.c"]
    assert replacement.start == replacement.end
    edited = after(toml(place), {"a.c": text})["a.c"]
    assert edited[: replacement.start] + edited[replacement.start + len(replacement.new) :] == text


def test_without_a_file_the_place_tells_which_it_is() -> None:
    toml = 'kind = "insert-definition"\ntext = "int twice(int x);"\nafter = { declaration = "once" }\n'
    files = {"a/m.h": "int once(int x);\n", "m.c": "int once(int x)\n{\n\treturn x;\n}\n", "n.h": "int other(void);\n"}
    assert after(toml, files)["a/m.h"] == "int once(int x);\nint twice(int x);\n"
    assert slugs(unchanged(toml, {**files, "o.h": "int once(int x);\n"})) == {"several-files"}
    assert slugs(unchanged(toml, {"n.h": "int other(void);\n"})) == {"not-found"}


def test_without_a_file_the_users_tell_which_it_is() -> None:
    toml = 'kind = "insert-definition"\ntext = "static int k;"\nusers = ["f"]\n'
    files = {"a.c": "int f(void)\n{\n\treturn 1;\n}\n", "a.h": "int f(void);\n"}
    assert after(toml, files)["a.c"].startswith("static int k;\n")
