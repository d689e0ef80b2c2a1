# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kinds perl-heredoc and perl-string: what goes in means itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State

TOOLS = Path(__file__).parents[2] / "c/reference/tools"

PAGE = """\
print <<EOF;
<head>
  <title>$title</title>
</head>
EOF
sub f {
    print <<'A', <<"B";
one
A
two $x
B
    print <<~EOF;
      <title>deep</title>
      EOF
}
"""


def heredoc(*lines: str) -> str:
    return "\n".join(['kind = "perl-heredoc"', 'files = ["a"]', *lines])


def string(*lines: str) -> str:
    return "\n".join(['kind = "perl-string"', 'files = ["a"]', *lines])


@pytest.mark.parametrize(
    ("lines", "find", "become"),
    [
        pytest.param(('after = "</head>"', 'text = "<b/>"'), "</head>\n", "</head>\n<b/>\n", id="after"),
        pytest.param(('before = ["x", "</head>"]', 'text = "<b/>"'), "</head>\n", "<b/>\n</head>\n", id="before"),
        pytest.param(('after = "<head>"', 'text = "\\t<b/>"'), "<head>\n", "<head>\n  <b/>\n", id="a level deeper"),
        pytest.param(('after = "one"', "text = '$a @b \\'"), "one\n", "one\n$a @b \\\n", id="does not interpolate"),
        pytest.param(('after = "two"', "text = '$a @b \\'"), "two $x\n", "two $x\n\\$a \\@b \\\\\n", id="escaped"),
        pytest.param(
            ('after = "two"', "text = '$a'", "interpolate = true"), "two $x\n", "two $x\n$a\n", id="interpolates"
        ),
        pytest.param(('contains = "two"', 'at = "start"', 'text = "b"'), "two $x\n", "b\ntwo $x\n", id="start"),
        pytest.param(
            ('in = "f"', "nth = 2", 'at = "end"', 'text = "b"'), "two $x\n", "two $x\nb\n", id="the nth of a sub"
        ),
        pytest.param(('after = "deep"', 'text = "b"'), "deep</title>\n", "deep</title>\n      b\n", id="indented"),
        pytest.param(('replace = "one"', 'by = "$1"'), "one\n", "$1\n", id="a piece"),
        pytest.param(
            ('contains = "deep"', 'replace = "<title>"', "by = \"<title a='@'>\""),
            "<title>deep",
            "<title a='\\@'>deep",
            id="of one",
        ),
    ],
)
def test_a_here_document_changes(lines: tuple[str, ...], find: str, become: str) -> None:
    assert after(heredoc(*lines), {"a": "#!/usr/bin/perl\n" + PAGE})["a"] == "#!/usr/bin/perl\n" + PAGE.replace(
        find, become, 1
    )


@pytest.mark.parametrize(
    ("lines", "slug"),
    [
        pytest.param(('after = "EOF"', 'text = "b"'), "no-anchor", id="a terminator is no anchor"),
        pytest.param(('after = "<title>"', 'text = "b"'), "several-places", id="in two here-documents"),
        pytest.param(('after = "two"', 'text = "B"'), "ends-here-document", id="a line that is the terminator"),
        pytest.param(
            ('after = "one"', 'text = "$a"', "interpolate = true"), "unreadable-text", id="cannot interpolate"
        ),
        pytest.param(("nth = 9", 'at = "end"', 'text = "b"'), "no-anchor", id="not so many"),
        pytest.param(('contains = "two"', 'replace = "one"', 'by = "b"'), "no-anchor", id="not in that one"),
        pytest.param(('after = "two"', 'text = "b"', 'in = "g"'), "no-anchor", id="no such sub"),
    ],
)
def test_what_is_not_certain_is_refused(lines: tuple[str, ...], slug: str) -> None:
    plan = unchanged(heredoc(*lines), {"a": PAGE})
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


@pytest.mark.parametrize(
    ("body", "slug"),
    [("x a b\ny a\n", "several-places"), ("b\nx a\n", "differs"), ("x a\ny\nb\n", "differs")],
)
def test_lines_elsewhere_are_not_taken_for_ours(body: str, slug: str) -> None:
    assert slugs(unchanged(heredoc('after = "a"', 'text = "b"'), {"a": f"print <<E;\n{body}E\n"})) == {slug}


def test_a_command_is_refused() -> None:
    assert slugs(unchanged(heredoc('after = "a"', 'text = "b"'), {"a": "print <<`E`;\na\nE\n"})) == {"unreadable-text"}


def test_line_ends_stay() -> None:
    text = PAGE.replace("\n", "\r\n")
    assert after(heredoc('after = "</head>"', 'text = "b"'), {"a": text})["a"] == text.replace(
        "</head>\r\n", "</head>\r\nb\r\n"
    )


def test_every_occurrence_has_a_verdict() -> None:
    text = "# two\nprint 'two';\nmy $two;\n" + PAGE + "=pod\n\ntwo\n\n=cut\n"
    plan, _ = plan_of(heredoc('after = "two"', 'text = "b"'), {"a": text, "b.txt": "two"})
    assert [o.reason for o in plan.occurrences] == [Reason.COMMENT, Reason.STRING, None, Reason.COMMENT]


@pytest.mark.parametrize(
    ("before", "lines", "expected"),
    [
        ("print 'a b';\n", ('replace = "b"', 'by = "\'\\\\"'), "print 'a \\'\\\\';\n"),
        ('print "a b";\n', ('replace = "b"', "by = '\"$'"), 'print "a \\"\\$";\n'),
        ("print q{a b};\n", ('replace = "b"', 'by = "}"'), "print q{a \\}};\n"),
        ("print qq[a b];\n", ('replace = "b"', 'by = "$b"', "interpolate = true"), "print qq[a $b];\n"),
        ("print 'b', 'a b';\n", ('replace = "b"', 'by = "c"', 'contains = "a"'), "print 'b', 'a c';\n"),
        ('print "b$b";\n', ('replace = "b"', 'by = "c"'), 'print "c$b";\n'),
        ("sub f { 'b' } sub g { 'b' }\n", ('replace = "b"', 'by = "c"', 'in = "g"'), "sub f { 'b' } sub g { 'c' }\n"),
    ],
)
def test_a_string_changes(before: str, lines: tuple[str, ...], expected: str) -> None:
    assert after(string(*lines), {"a": "#!/usr/bin/perl\n" + before})["a"] == "#!/usr/bin/perl\n" + expected


@pytest.mark.parametrize(
    ("text", "lines", "slug"),
    [
        ("print 'b';\nprint 'b';\n", (), "wrong-number-of-sites"),
        ("print 'b b';\n", (), "several-places"),
        ("print 'b c';\n", (), "differs"),
        ("print 'bb'; # b\n", (), "no-anchor"),
        ("print 'b';\n", ("interpolate = true",), "unreadable-text"),
    ],
)
def test_a_string_that_is_not_certain_is_refused(text: str, lines: tuple[str, ...], slug: str) -> None:
    plan = unchanged(string('replace = "b"', 'by = "c"', *lines), {"a": text})
    assert slugs(plan) == {slug}


@pytest.mark.parametrize(
    "table",
    [
        heredoc('after = "a"'),
        heredoc('after = "a"', 'before = "b"', 'text = "c"'),
        heredoc('replace = "a"'),
        heredoc('at = "end"', 'text = "a"'),
        heredoc('after = "a\\nb"', 'text = "c"'),
        heredoc("nth = -1", 'at = "end"', 'text = "c"'),
        string('replace = "a"', 'by = ""'),
        string('replace = ""', 'by = "a"'),
    ],
)
def test_an_unusable_table_says_so(table: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        edit_of(table)


@pytest.mark.parametrize(
    ("replace", "by"),
    [("<domain type='kvm'>", "<domain type='$type'>"), ("<type>hvm</type>", "<type arch='$a'>hvm</type>")],
)
def test_trap_21_a_here_document_interpolates(replace: str, by: str) -> None:
    text = (TOOLS / "gen_kvm_libvirt_xml").read_text()
    raw = after(heredoc(f'replace = "{replace}"', f'by = "{by}"', "interpolate = true"), {"a": text})["a"]
    plain = after(heredoc(f'replace = "{replace}"', f'by = "{by}"'), {"a": text})["a"]
    assert raw == text.replace(replace, by)
    assert plain == text.replace(replace, by.replace("$", "\\$"))


@pytest.mark.parametrize("anchor", ["</disk>", "<source file", "EOF"])
def test_trap_21_what_is_there_twice_is_no_anchor(anchor: str) -> None:
    text = (TOOLS / "gen_kvm_libvirt_xml").read_text()
    plan = unchanged(heredoc(f'after = "{anchor}"', 'text = "<x/>"'), {"a": text})
    assert slugs(plan) <= {"several-places", "no-anchor"}
    assert plan.state is State.REFUSED


@pytest.mark.parametrize("piece", ["vda", "sda"])
def test_trap_21_what_is_there_once_says_which(piece: str) -> None:
    text = (TOOLS / "gen_kvm_libvirt_xml").read_text()
    edited = after(heredoc(f'contains = "{piece}"', 'before = "</disk>"', 'text = "\\t<x/>"'), {"a": text})["a"]
    lines = edited.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip() == "<x/>")
    assert piece in lines[at - 1]
    assert lines[at] == "            <x/>"


@given(st.text(alphabet="ab$@\\'\" <>{}()#;", min_size=1, max_size=20).filter(str.strip))
def test_what_goes_in_means_itself(text: str) -> None:
    """The text, unescaped as Perl does it, is the text that was given."""
    files = {"a": "#!/usr/bin/perl\nprint <<END;\nanchor\nEND\n"}
    plan, tree = plan_of(heredoc('after = "anchor"', f"text = {repr_toml(text)}"), files)

    line = tree.edited(plan.replacements).read("a").decode().split("\n")[3]
    plain = "".join(part.removeprefix("\\") for part in split_escapes(line))
    assert plain == text


def repr_toml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def split_escapes(line: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(line):
        width = 2 if line[at] == "\\" else 1
        found.append(line[at : at + width])
        at += width
    return found


BESIDE = {
    "a variable, and an index behind it": ("world", "$n", True, 'print "hello world[1]";\n', "runs-together"),
    "a variable, and a key": ("world", "$n", True, 'print "hello world{a}";\n', "runs-together"),
    "a variable, and a package": ("world", "$n", True, 'print "hello world::x";\n', "runs-together"),
    "a variable, and an arrow": ("world", "$n", True, 'print "hello world->[0]";\n', "runs-together"),
    "a variable in braces": ("world", "${n}x", True, 'print "hello world[1]";\n', ""),
    "a variable, and an arrow that is text": ("world", "$n", True, 'print "hello world->x";\n', ""),
    "an index behind a variable": ("-x", "[0]", False, 'print "$n-x";\n', "runs-together"),
    "a key behind an element": ("-x", "{k}", False, 'print "$n->[0]-x";\n', "runs-together"),
    "a letter behind a variable": ("-x", "y", False, 'print "$n-x";\n', "runs-together"),
    "an index behind an escaped dollar": ("-x", "[0]", False, 'print "\\$n-x";\n', ""),
    "an index behind a variable that is text": ("-x", "[0]", False, "print '$n-x';\n", ""),
    "a piece that begins within an escape": ("nworld", "x", False, 'print "hello\\nworld";\n', "runs-together"),
    "a per cent sign of a format": ("world", "100%", False, 'printf STDERR "world\\n";\n', "unreadable-text"),
    "a per cent sign of an argument": ("world", "100%", False, 'printf "%s", "world";\n', ""),
    "text in a block of code": ("world", "x", False, "print \"@{[ f('world') ]}\";\n", "unreadable-text"),
    "text behind a block of code": ("world", "x", False, "print \"@{[ f('y') ]} world\";\n", ""),
}


@pytest.mark.parametrize(("replace", "by", "interpolate", "before", "slug"), BESIDE.values(), ids=BESIDE)
def test_a_piece_does_not_run_together_with_what_is_beside_it(
    replace: str, by: str, before: str, slug: str, *, interpolate: bool
) -> None:
    more = "interpolate = true" if interpolate else ""
    plan, _ = plan_of(string(f"replace = '{replace}'", f"by = '{by}'", more), {"a": f"#!/usr/bin/perl\n{before}"})
    assert slugs(plan) == ({slug} if slug else set()), plan.findings


def test_no_line_goes_into_code_within_a_here_document() -> None:
    text = '#!/usr/bin/perl\nprint <<E;\n@{[ map {\n "<t>"\n} @x ]}\n<u>\nE\n'
    assert slugs(unchanged(heredoc("after = '<t>'", "text = 'n'"), {"a": text})) == {"unreadable-text"}
    assert after(heredoc("after = '<u>'", "text = 'n'"), {"a": text})["a"] == text.replace("<u>\n", "<u>\nn\n")
