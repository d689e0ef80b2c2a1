# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind perl-insert: statements go where the structure says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State

TOOLS = Path(__file__).parents[2] / "c/reference/tools"

FILE = """\
#!/usr/bin/perl
use strict;
use Getopt::Long;

my $one = 1; # first
my ($two, %table);

# the options
if (!GetOptions('x' => \\$one)) {
\texit 1;
}
print <<EOF;
<name>$one</name>
EOF
print $table{x};

sub f {
\tmy $inner = shift;
\treturn $inner;
}
"""


def edit(place: str, text: str = "my $new = 0;", more: str = "") -> str:
    return f"kind = \"perl-insert\"\nfiles = [\"a\"]\n{place}\n{more}\ntext = '''\n{text}\n'''\n"


@pytest.mark.parametrize(
    ("place", "line_before", "line_after"),
    [
        ('after = { variable = "$one" }', "my $one = 1; # first", "my ($two, %table);"),
        ('after = { variable = ["$zero", "%table"] }', "my ($two, %table);", ""),
        ('before = { call = "GetOptions" }', "", "# the options"),
        ('after = { call = "GetOptions" }', "}", "print <<EOF;"),
        ('after = { use = "Getopt::Long" }', "use Getopt::Long;", ""),
        ('after = { heredoc = "<name>" }', "EOF", "print $table{x};"),
        ('before = { heredoc = "<name>" }', "}", "print <<EOF;"),
        ('before = { user = "%table" }', "EOF", "print $table{x};"),
        ('before = { user = "$one" }', "", "# the options"),
        ('before = { sub = "f" }', "", "sub f {"),
        ('at = "start"', "#!/usr/bin/perl", "use strict;"),
        ('at = "end"', "}", None),
    ],
)
def test_the_place_comes_from_the_structure(place: str, line_before: str, line_after: str | None) -> None:
    lines = after(edit(place), {"a": FILE})["a"].splitlines()
    at = lines.index("my $new = 0;")
    assert lines[at - 1] == line_before
    assert lines[at + 1 : at + 2] == ([] if line_after is None else [line_after])
    assert lines[:at] + lines[at + 1 :] == FILE.splitlines()


@pytest.mark.parametrize(
    ("place", "line_before"),
    [
        ('at = "start"', "sub f {"),
        ('after = { variable = "$inner" }', "\tmy $inner = shift;"),
    ],
)
def test_a_sub_is_a_scope(place: str, line_before: str) -> None:
    lines = after(edit(place, more='in = "f"'), {"a": FILE})["a"].splitlines()
    assert lines[lines.index("\tmy $new = 0;") - 1] == line_before


def test_tabs_become_the_indentation_of_the_file() -> None:
    text = FILE.replace("\t", "  ")
    edited = after(edit('before = { sub = "f" }', "my %new = (\n\tx => 1,\n);\n"), {"a": text})["a"]
    assert "\nmy %new = (\n  x => 1,\n);\n\nsub f {\n" in edited


def test_strings_and_here_documents_keep_their_lines() -> None:
    new = "sub g {\n\tmy $text = 'a\n\tb';\n\treturn <<END;\n\tc\nEND\n}"
    assert new in after(edit('after = { sub = "f" }', new), {"a": FILE})["a"]


def test_line_ends_stay() -> None:
    text = FILE.replace("\n", "\r\n")
    edited = after(edit('after = { variable = "$one" }'), {"a": text})["a"]
    assert edited == text.replace("# first\r\n", "# first\r\nmy $new = 0;\r\n")


def test_on_a_line_with_others_it_goes_inline() -> None:
    files = {"a": "use strict; my $a = 1; my $b = 2;\n"}
    assert after(edit('after = { variable = "$a" }'), files) == {
        "a": "use strict; my $a = 1; my $new = 0; my $b = 2;\n"
    }
    assert slugs(unchanged(edit('after = { variable = "$a" }', "my $new = 0; # why"), files)) == {"unreadable-text"}


@pytest.mark.parametrize(
    ("place", "text", "slug"),
    [
        pytest.param('after = { variable = "$none" }', "my $new;", "no-anchor", id="no anchor"),
        pytest.param('after = { variable = "$one" }', "my %table;", "differs", id="declared already"),
        pytest.param('after = { variable = "$one" }', "sub f { 2 }", "differs", id="a sub of that name"),
        pytest.param('after = { call = "print" }', "my $new;", "several-places", id="two calls"),
    ],
)
def test_what_is_not_certain_is_refused(place: str, text: str, slug: str) -> None:
    plan = unchanged(edit(place, text), {"a": FILE})
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


def test_what_is_there_on_the_other_side_is_refused() -> None:
    assert slugs(unchanged(edit('after = { use = "Getopt::Long" }', "use strict;"), {"a": FILE})) == {"differs"}


def test_what_stands_behind_a_cut_off_statement_is_refused() -> None:
    text = "my $two\n\nGetOptions('x' => \\$one);\n"
    assert slugs(unchanged(edit('before = { call = "GetOptions" }'), {"a": text})) == {"unreadable-text"}


def test_two_calls_are_two_places() -> None:
    files = {"a": "use strict;\nf(1);\nf(2);\n"}
    assert slugs(unchanged(edit('after = { call = "f" }'), files)) == {"several-places"}


def test_a_global_variable_is_not_hidden() -> None:
    assert slugs(unchanged(edit('after = { call = "f" }'), {"a": "f();\nprint $new;\n"})) == {"differs"}


def test_a_variable_of_another_block_is_another() -> None:
    plan, _ = plan_of(
        edit('after = { call = "f" }'), {"a": 'use strict;\nf();\nsub g { my $new = 1; return "$new"; }\n'}
    )
    assert {o.reason for o in plan.occurrences if "new" in o.name} == {Reason.OTHER_BINDING}


def test_spellings_of_a_hash_are_one_variable() -> None:
    text = "use strict;\nf();\nprint $new{a}, @new{'a', 'b'}, %new, $new, @new, $new[0];\n"
    plan, _ = plan_of(edit('after = { call = "f" }', "my %new = ();"), {"a": text})
    found = [o.reason for o in plan.occurrences if "new" in o.name]
    assert found == [Reason.UNCHANGED_USE] * 3 + [Reason.OTHER_BINDING] * 3


def test_a_statement_that_uses_its_own_anchor_is_present() -> None:
    edited = after(edit('before = { user = "$one" }', "$one = 2;"), {"a": FILE})
    assert "\n$one = 2;\n# the options\n" in edited["a"]


@pytest.mark.parametrize(
    "place", ["", 'at = "top"', 'at = "end"\nafter = { sub = "f" }', 'after = { sub = "f", call = "g" }']
)
def test_an_unusable_table_says_so(place: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        edit_of(edit(place))


def test_text_that_is_no_perl_is_unusable() -> None:
    with pytest.raises(ValueError, match="did not parse"):
        edit_of(edit('at = "end"', "my $x = (;"))


def test_trap_21_a_table_before_the_options_of_the_generator() -> None:
    text = (TOOLS / "gen_kvm_libvirt_xml").read_text()
    table = edit(
        'after = { variable = "$use_virtio_root" }',
        "\n# words\nmy %new = (\n\tarm => { machine => 'versatilepb' },\n);",
    )
    edited = after(table, {"a": text})["a"]
    assert "\n\n# words\nmy %new = (\n    arm => { machine => 'versatilepb' },\n);\n\nGetOptions(" in edited


@given(st.text(alphabet="my $one=1;{}()#\n<EOF'\"sub f", max_size=60))
def test_any_text_is_judged(text: str) -> None:
    """Whatever stands in a file, the plan is made."""
    plan, _ = plan_of(edit('after = { variable = "$one" }'), {"a": "#!/usr/bin/perl\nmy $one;\n" + text})
    assert bool(plan.replacements) == (plan.state is State.ABSENT)


AT_END = 'kind = "perl-insert"\nin = "f"\nfiles = ["f.pl"]\nat = "end"\ntext = "log_it();"\n'


@pytest.mark.parametrize("last", ["$x + 1;", "$x;", "g($x);", "return $x;", "'a' . 'b';", "$x ? 1 : 0;"])
def test_the_value_of_a_sub_stays_what_it_is(last: str) -> None:
    """perlsub: the last statement, if it is an expression, is the value; behind a return nothing is reached."""
    plan = unchanged(AT_END, {"f.pl": f"sub f {{\n    my $x = shift;\n    {last}\n}}\nprint f(1);\n"})
    assert slugs(plan) == {"takes-the-value"}


@pytest.mark.parametrize(
    "last", ["print $x;", "$x = 1;", "for my $y (1, 2) { print $y }", "if ($x) { print 1 }", "push(@y, $x);"]
)
def test_behind_a_statement_that_is_there_for_its_effect_there_is_room(last: str) -> None:
    text = f"sub f {{\n    my $x = shift;\n    {last}\n}}\n"
    done = after(AT_END, {"f.pl": text})["f.pl"]
    assert done == text[: -len("}\n")] + "    log_it();\n}\n"


def test_nothing_goes_behind_the_value_of_a_module() -> None:
    table = "kind = 'perl-insert'\nfiles = ['*.pm']\n{}\ntext = 'my %h;'\n"
    module = "package X;\nsub f { }\n1;\n"
    assert slugs(unchanged(table.format("at = 'end'"), {"x.pm": module})) == {"takes-the-value"}
    assert after(table.format("after = { sub = 'f' }"), {"x.pm": module})["x.pm"] == module.replace(
        "{ }\n", "{ }\nmy %h;\n"
    )
