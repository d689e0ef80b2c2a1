# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind perl-option: a row of a GetOptions call, written as its neighbour is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State, Verdict

TOOLS = Path(__file__).parents[2] / "c/reference/tools"


def edit(more: str = "", option: str = "arch=s", target: str = r"\\$arch") -> str:
    return f'kind = "perl-option"\nfiles = ["*.pl"]\noption = "{option}"\ntarget = "{target}"\n{more}\n'


@pytest.mark.parametrize(
    ("more", "before", "expected"),
    [
        pytest.param(
            "",
            "GetOptions(\n    'x' => \\$x,\n\t) or exit(1);\n",
            "GetOptions(\n    'x' => \\$x,\n    'arch=s' => \\$arch,\n\t) or exit(1);\n",
            id="last, with a comma",
        ),
        pytest.param(
            "",
            "GetOptions(\n\t'x' => \\$x # one\n);\n",
            "GetOptions(\n\t'x' => \\$x, # one\n\t'arch=s' => \\$arch\n);\n",
            id="last, without a comma",
        ),
        pytest.param(
            'after = ["no", "y"]',
            "GetOptions(\n  'y|x=s' => \\$x, # one \n  'z' => \\$z,\n);\n",
            "GetOptions(\n  'y|x=s' => \\$x, # one \n  'arch=s' => \\$arch,\n  'z' => \\$z,\n);\n",
            id="behind a comment",
        ),
        pytest.param(
            'before = "x"',
            "GetOptions(\n  x => \\$x,\n);\n",
            "GetOptions(\n  'arch=s' => \\$arch,\n  x => \\$x,\n);\n",
            id="before",
        ),
        pytest.param(
            "",
            'GetOptions("x" => \\$x, "y" => \\$y);\n',
            'GetOptions("x" => \\$x, "y" => \\$y, "arch=s" => \\$arch);\n',
            id="on one line",
        ),
        pytest.param(
            'after = "x"',
            "GetOptions('x' => \\$x, 'y' => \\$y);\n",
            "GetOptions('x' => \\$x, 'arch=s' => \\$arch, 'y' => \\$y);\n",
            id="between two on one line",
        ),
        pytest.param(
            "",
            "GetOptions(\n  'x'    => \\$x,\n  'long' => sub { $y = 1 });\n",
            "GetOptions(\n  'x'    => \\$x,\n  'long' => sub { $y = 1 },\n  'arch=s' => \\$arch);\n",
            id="aligned, parenthesis on the last line",
        ),
        pytest.param(
            "",
            "GetOptions(\n  'x'      => \\$x,\n  'longer' => \\$y,\n);\n",
            "GetOptions(\n  'x'      => \\$x,\n  'longer' => \\$y,\n  'arch=s' => \\$arch,\n);\n",
            id="aligned",
        ),
        pytest.param(
            "",
            "GetOptions 'x' => \\$x or die;\n",
            "GetOptions 'x' => \\$x, 'arch=s' => \\$arch or die;\n",
            id="no parentheses",
        ),
        pytest.param(
            "",
            "Getopt::Long::GetOptionsFromArray(\\@a, 'x' => \\$x);\n",
            "Getopt::Long::GetOptionsFromArray(\\@a, 'x' => \\$x, 'arch=s' => \\$arch);\n",
            id="full name, from an array",
        ),
        pytest.param("", "GetOptions(\\%o, 'x');\n", "GetOptions(\\%o, 'x', 'arch=s' => \\$arch);\n", id="into a hash"),
        pytest.param(
            'in = "f"',
            "GetOptions('x' => \\$x);\nsub f { GetOptions('y' => \\$y); }\n",
            "GetOptions('x' => \\$x);\nsub f { GetOptions('y' => \\$y, 'arch=s' => \\$arch); }\n",
            id="in a sub",
        ),
    ],
)
def test_a_row_is_written_as_its_neighbour_is(more: str, before: str, expected: str) -> None:
    assert after(edit(more), {"a.pl": before}) == {"a.pl": expected}


def test_line_ends_stay() -> None:
    text = "GetOptions(\r\n  'x' => \\$x,\r\n);\r\n"
    assert after(edit(), {"a.pl": text})["a.pl"] == text.replace("\r\n);", "\r\n  'arch=s' => \\$arch,\r\n);")


def test_several_calls_are_edited_when_the_edit_says_how_many() -> None:
    files = {"a.pl": "GetOptions('x' => \\$x);\n", "b.pl": "GetOptions('x' => \\$x);\n"}
    assert slugs(unchanged(edit(), files)) == {"wrong-number-of-sites"}
    assert all("arch" in text for text in after(edit("sites = 2"), files).values())


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        pytest.param("GetOptions('arch' => \\$arch);", "differs", id="another specification"),
        pytest.param("GetOptions('a|arch=s' => \\$arch);", "differs", id="with an alias"),
        pytest.param("GetOptions('arch=s' => \\$other);", "differs", id="another target"),
        pytest.param("GetOptions(@rows); # arch", "unreadable-text", id="rows from an array"),
        pytest.param("GetOptions('x', \\$x, 'y' . 'z' => \\$y);", "unreadable-text", id="a computed name"),
        pytest.param("GetOptions('x' => );", "unreadable-text", id="did not parse"),
        pytest.param("print 'arch';", "not-found", id="no call"),
    ],
)
def test_what_is_not_certain_is_refused(text: str, slug: str) -> None:
    plan = unchanged(edit(), {"a.pl": text + "\n"})
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


def test_no_anchor_and_no_target() -> None:
    files = {"a.pl": "GetOptions('x' => \\$x);\n"}
    assert slugs(unchanged(edit('after = "y"'), files)) == {"no-anchor"}
    assert slugs(unchanged(edit(target=""), files)) == {"option-without-target"}


def test_a_row_is_present_however_it_is_quoted() -> None:
    plan = unchanged(edit(option="a|arch=s"), {"a.pl": 'GetOptions("arch|a=s", \\$arch);\n'})
    assert plan.state is State.PRESENT


def test_every_occurrence_has_a_verdict() -> None:
    text = (
        "# arch\nuse strict;\nmy %arch = (arch => 1);\nprint 'arch';\nprint <<EOF;\narch\nEOF\n"
        "GetOptions('x' => \\$x);\n\n=pod\n\narch\n\n=cut\n\n__END__\narch\n"
    )
    plan, _ = plan_of(edit(), {"a.pl": text, "arch.txt.pl": "", "b.c": "arch"})
    found = [occurrence.reason for occurrence in plan.occurrences if occurrence.name == "arch"]
    assert found == [
        Reason.COMMENT,
        Reason.OTHER_BINDING,
        Reason.OTHER_BINDING,
        Reason.STRING,
        Reason.STRING,
        Reason.COMMENT,
        Reason.STRING,
    ]


@pytest.mark.parametrize("line", ['option = "arch = s"', 'target = "("', 'after = "x"\nbefore = "y"'])
def test_an_unusable_table_says_so(line: str) -> None:
    name = line.split(" ", maxsplit=1)[0]
    lines = [one for one in edit().splitlines() if not one.startswith(name + " ")]
    with pytest.raises(ValueError, match=r"\S"):
        edit_of("\n".join([*lines, line]))


@pytest.mark.parametrize(("tool", "last"), [("gen_kvm_libvirt_xml", "virtioroot"), ("gen_libvirt_xml", "ephemeral")])
def test_trap_21_rows_unevenly_aligned_and_the_parenthesis_on_a_tab_line(tool: str, last: str) -> None:
    text = (TOOLS / tool).read_text()
    table = edit().replace("*.pl", tool)
    edited = after(table, {tool: text})[tool].splitlines()
    at = edited.index("    'arch=s' => \\$arch,")
    assert last in edited[at - 1]
    assert edited[at + 1] == "\t) or exit(1);"
    assert edited[:at] + edited[at + 1 :] == text.splitlines()


def test_trap_21_a_trailing_comment_and_blank() -> None:
    text = (TOOLS / "gen_kvm_libvirt_xml").read_text()
    table = edit('after = "ephemeral"').replace("*.pl", "g")
    edited = after(table, {"g": text})["g"].splitlines()
    assert edited[edited.index("    'arch=s' => \\$arch,") - 1].endswith("disk ")


@given(st.text(alphabet="GetOptions(')=>\\$x,; #\n{}<%@\"", max_size=60))
def test_any_text_is_judged(text: str) -> None:
    """Whatever stands in a file, the plan is made, and nothing is edited without a site."""
    plan, _ = plan_of(edit(), {"a.pl": "GetOptions('x' => \\$x);\n" + text})
    assert bool(plan.replacements) == (plan.state is State.ABSENT)
    assert all(o.verdict is not Verdict.EDITED for o in plan.occurrences) or plan.sites


SHORT = "GetOptions(%s'archive=s' => \\$a, 'name=s' => \\$n);\n"


@pytest.mark.parametrize(
    ("head", "other", "found"),
    [
        pytest.param("", {"run.sh": "./x.pl --arc /tmp\n"}, "error", id="two dashes"),
        pytest.param("", {"run.sh": "./x.pl -n a \\\n  -a /tmp\n"}, "error", id="one dash, on a continued line"),
        pytest.param("", {"run.c": 'char c[] = "x.pl";\nchar o[] = "--Ar=%s";\n'}, "error", id="in another case"),
        pytest.param("", {"run.c": 'char o[] = "--ar=%s";\n'}, "warning", id="where nobody says what runs"),
        pytest.param("", {"run.sh": "./x.pl -n a\nls -a /tmp\n"}, "", id="of another command"),
        pytest.param("", {"run.sh": "./x.pl --archi /tmp\n"}, "", id="that stays unambiguous"),
        pytest.param("", {"run.sh": "./x.pl --archive /tmp --na b\n"}, "", id="the whole name, another option"),
        pytest.param("'all' => \\$l, ", {"run.sh": "./x.pl --a /tmp\n"}, "", id="that was ambiguous before"),
        pytest.param(":config no_auto_abbrev\n", {"run.sh": "./x.pl --arc /tmp\n"}, "", id="where none are taken"),
        pytest.param(":config bundling\n", {"run.sh": "./x.pl -a /tmp\n"}, "", id="letters of their own"),
    ],
)
def test_an_option_that_is_abbreviated_in_the_tree(head: str, other: dict[str, str], found: str) -> None:
    config, head = (f"use Getopt::Long qw({head.strip()});\n", "") if head.startswith(":") else ("", head)
    plan, _ = plan_of(edit(option="archs=s"), {"x.pl": config + SHORT % head, **other})
    assert [one.level.value for one in plan.findings] == [found] * bool(found), plan.findings
    assert slugs(plan) <= {"abbreviated-option"}


def test_an_option_that_was_an_abbreviation_is_a_warning() -> None:
    plan, _ = plan_of(edit(), {"x.pl": SHORT % ""})
    assert (plan.state, slugs(plan)) == (State.ABSENT, {"abbreviated-option"})


def test_the_negation_of_an_option_can_be_abbreviated() -> None:
    plan = unchanged(edit(option="notes"), {"x.pl": "GetOptions('tag!' => \\$t);\n", "run.sh": "x.pl --no\n"})
    assert slugs(plan) == {"abbreviated-option"}


@pytest.mark.parametrize(
    ("option", "text", "taken"),
    [
        ("Arch=s", "GetOptions('arch' => \\$x);\n", True),
        ("Arch=s", "use Getopt::Long qw(:config no_ignore_case);\nGetOptions('arch' => \\$x);\n", False),
        ("A=s", "GetOptions('a' => \\$x);\n", True),
        ("A=s", "use Getopt::Long qw(:config bundling);\nGetOptions('a' => \\$x);\n", False),
        ("noarch", "GetOptions('arch!' => \\$x);\n", True),
        ("arch!", "GetOptions('no-arch' => \\$x);\n", True),
        ("noarch", "GetOptions('arch' => \\$x);\n", False),
    ],
)
def test_an_option_that_answers_to_the_same_name_is_refused(option: str, text: str, *, taken: bool) -> None:
    plan, _ = plan_of(edit(option=option), {"x.pl": text})
    assert (plan.state is State.REFUSED, slugs(plan) == {"differs"}) == (taken, taken), plan.findings


def test_options_that_are_in_a_variable_are_not_seen() -> None:
    plan = unchanged(edit(), {"x.pl": "GetOptions(%opts, 'x' => \\$x);\n"})
    assert slugs(plan) == {"unreadable-text"}
