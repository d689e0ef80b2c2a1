# SPDX-License-Identifier: GPL-3.0-or-later
"""A string says more, and all that it said before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State


def extend(place: str, text: str = "NEW", find: str = "contains = 'usage'", function: str = "in = 'f'") -> str:
    return f"kind = \"extend-string\"\n{function}\n{find}\ntext = '{text}'\n{place}\n"


def options(text: str, place: str = "at = 'end'") -> str:
    return extend(place, text, "expression = 'getopt($c, $v, $string)'")


def f(body: str) -> dict[str, str]:
    return {"f.c": f"int f(int a, char **b)\n{{\n\t{body}\n}}\n"}


DONE = [
    ("at-the-end", extend("at = 'end'"), 'p("usage: x");', 'p("usage: xNEW");'),
    ("at-the-start", extend("at = 'start'"), 'p("usage: x");', 'p("NEWusage: x");'),
    ("after", extend("after = 'usage'"), 'p("usage: x");', 'p("usageNEW: x");'),
    ("before", extend("before = ': x'"), 'p("usage: x");', 'p("usageNEW: x");'),
    ("in-the-literal-of-the-place", extend("after = 'x'"), 'p("usage: "\n\t  "x" /* c */\n\t  "y");', 'p("usage: "\n\t  "xNEW" /* c */\n\t  "y");'),
    ("over-two-literals", extend("after = 'ge: x'"), 'p("usage: " "x" "y");', 'p("usage: " "xNEW" "y");'),
    ("beside-a-macro", extend("after = 'ge:'"), 'p("usage:" WHO "x");', 'p("usage:NEW" WHO "x");'),
    ("escapes-count-as-what-they-say", extend("after = '\\x0a'", "\\t"), r'p("usage\n");', r'p("usage\n\t");'),
    ("in-an-initialiser", extend("at = 'end'"), 'char *u = "usage";', 'char *u = "usageNEW";'),
    ("a-line-of-its-own", extend("after = 'x\\n'\nline = true", "NEW\\n"), 'p("usage\\n"\n\t  "x\\n" // c\n\t  "y\\n");',
     'p("usage\\n"\n\t  "x\\n" // c\n\t  "NEW\\n"\n\t  "y\\n");'),
    ("the-last-line", extend("at = 'end'\nline = true", "NEW"), 'p("usage"\n\t  "x");', 'p("usage"\n\t  "x"\n\t  "NEW");'),
    ("the-first-line", extend("at = 'start'\nline = true", "NEW"), 'p("usage"\n\t  "x");', 'p("NEW"\n\t  "usage"\n\t  "x");'),
    ("a-second-line", extend("at = 'end'\nline = true", "NEW"), 'p("usage");', 'p("usage"\n\t  "NEW");'),
    ("before-a-line", extend("before = 'x'\nline = true", "NEW"), 'p("usage"\n\t  "x");', 'p("usage"\n\t  "NEW"\n\t  "x");'),
    ("a-letter", options("z:"), 'getopt(a, b, "hv:");', 'getopt(a, b, "hv:z:");'),
    ("a-letter-after", options("z", "after = 'v:'"), 'getopt(a, b, "hv:q");', 'getopt(a, b, "hv:zq");'),
    ("a-letter-into-nothing", options("z"), 'getopt(a, b, "");', 'getopt(a, b, "z");'),
    ("a-letter-behind-signs", options("z"), 'getopt(a, b, "+:h");', 'getopt(a, b, "+:hz");'),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "before", "then"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
def test_it_is_extended(toml: str, before: str, then: str) -> None:
    assert after(toml, f(before)) == f(then)


REFUSED = [
    ("not-there", extend("at = 'end'"), 'p("help");', "not-found"),
    ("two-strings", extend("at = 'end'"), 'p("usage", "usage");', "wrong-number-of-sites"),
    ("no-place", extend("after = 'z'"), 'p("usage");', "no-place-in-string"),
    ("two-places", extend("after = 'x'"), 'p("usage x x");', "no-place-in-string"),
    ("there-at-another-place", extend("at = 'end'"), 'p("NEW usage");', "no-place-in-string"),
    ("an-escape-before-would-grow", extend("at = 'end'", "2"), 'p("usage\\1");', "no-place-in-string"),
    ("a-macro-at-the-end", extend("at = 'end'"), 'p("usage" WHO);', "no-place-in-string"),
    ("a-prefix", extend("at = 'end'"), 'p(L"usage");', "no-place-in-string"),
    ("a-line-in-the-midst", extend("after = 'us'\nline = true"), 'p("usage");', "no-place-in-string"),
    ("in-a-macro", extend("at = 'end'"), 'p(1);\n#define U "usage"', "string-unparsed"),
    ("a-letter-with-another-argument", options("v"), 'getopt(a, b, "hv:");', "option-letter-taken"),
    ("one-of-two-letters", options("hz"), 'getopt(a, b, "hv:");', "option-letter-taken"),
    ("between-a-letter-and-its-colon", options("z", "after = 'v'"), 'getopt(a, b, "hv:");', "no-place-in-string"),
    ("no-literal", options("z"), "getopt(a, b, letters);", "no-place-in-string"),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "before", "slug"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused(toml: str, before: str, slug: str) -> None:
    plan = unchanged(toml, f(before))
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


UNUSABLE = [
    extend(""), extend("at = 'end'\nafter = 'x'"), extend("at = 'end'", ""), extend("at = 'end'", 'a" "b'), extend("at = 'end'", 'a"'),
    extend("at = 'end'", find=""), extend("at = 'end'", find="contains = ': '"), extend("at = 'end'", find="expression = 'p($x)'"),
    extend("at = 'end'", find="expression = 'p($string)'", function=""), extend("at = 'end'\nsites = 0"),
]  # fmt: skip


@pytest.mark.parametrize("toml", UNUSABLE)
def test_it_is_unusable(toml: str) -> None:
    with pytest.raises(ValueError, match=r"one of|empty|inside|contains|string|at least"):
        edit_of(toml)


def test_letters_are_present_in_any_order() -> None:
    plan, _ = plan_of(options("zy:"), f('getopt(a, b, "hy:v:z");'))
    assert plan.state is State.PRESENT


def test_at_file_level() -> None:
    toml = extend("at = 'end'", function="files = ['u.c']")
    files = {"u.c": 'const char *u = "usage";\n', "v.c": 'const char *v = "usage";\n'}
    assert after(toml, files) == {"u.c": 'const char *u = "usageNEW";\n', "v.c": files["v.c"]}


def test_comments_and_dead_arms_are_no_strings() -> None:
    plan, _ = plan_of(extend("at = 'end'"), f('/* "usage" */\n#if 0\n\tp("usage");\n#endif\n\tp("usage");'))
    assert [occurrence.reason for occurrence in plan.occurrences] == [Reason.COMMENT, None]


def test_both_the_string_and_what_it_holds() -> None:
    toml = extend("at = 'end'", find="expression = 'p($string)'\ncontains = 'usage'")
    assert after(toml, f('p("help"); p("usage");')) == f('p("help"); p("usageNEW");')


def test_crlf_and_a_line_of_its_own() -> None:
    before = {path: text.replace("\n", "\r\n") for path, text in f('p("usage"\n\t  "x");').items()}
    assert after(extend("at = 'end'\nline = true"), before)["f.c"].count("\r\n") == before["f.c"].count("\r\n") + 1


PIECES = st.lists(
    st.text(st.sampled_from("xyz1 "), max_size=3).map(lambda text: text.replace("y", "\\n").replace("z", "\\1")),
    max_size=3,
)


@given(PIECES, st.sampled_from(["at = 'start'", "at = 'end'", "after = 'usage'", "before = 'usage'"]), st.booleans())
def test_reversed_it_gives_the_old_string(pieces: list[str], place: str, line: bool) -> None:
    """Where the string is extended, the old bytes are all there, in order, and nothing but the new text is new."""
    literals = "\n\t\t".join(f'"{piece}"' for piece in ["usage", *pieces])
    before = f(f"p({literals});")
    toml = extend(place + ("\nline = true" if line else ""), "NEW")
    plan, tree = plan_of(toml, before)
    if plan.state is State.ABSENT:
        new = tree.edited(plan.replacements).read("f.c").decode()
        assert after(toml, before)["f.c"] == new
        (replacement,) = plan.replacements["f.c"]
        assert replacement.start == replacement.end
        assert b"NEW" in replacement.new
