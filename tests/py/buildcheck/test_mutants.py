# SPDX-License-Identifier: GPL-3.0-or-later
"""The mutants: what the operators make, that a wrong series is one that applies, and who is said to be caught."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mutants as command
from _buildcheck import TREE
from buildcheck.prefixes import prefixes
from mutating.equivalent import Equivalents
from mutating.mutant import chosen, mutants
from mutating.operators import OPERATORS, is_comment
from mutating.right import Edit, Right, Run, Unmappable
from patchgen.upstream import open_upstream

if TYPE_CHECKING:
    from _buildcheck import Desk
    from mutating.mutant import Mutant

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "tests/c/reference"
OWN = TREE["node/own.c"]
WSDL = '\t<xs:element name="a" type="xs:string"/>\n', '\t<xs:element minOccurs="0" name="newWord" type="xs:string"/>\n'


def wrong(operator: str, old: str, new: str, path: str = "a.c", around: tuple[str, str] = ("", "")) -> set[str]:
    """Return the lines that an operator makes of *new*, where a patch put it in the place of *old*."""
    file = (*split(around[0]), *split(new), *split(around[1]))
    run = Run(1, path, len(split(around[0])), split(old), split(new), file)
    return {"".join(line for edit in edits for line in edit.lines) for edits in OPERATORS[operator](run)}


def split(text: str) -> tuple[str, ...]:
    return tuple(text.splitlines(keepends=True))


@pytest.mark.parametrize(
    ("operator", "old", "new", "made"),
    [
        ("forgotten", "f (a);\n", "f (a, b);\n", {"f (a);\n"}),
        ("forgotten", "", "/* said */\n", set()),
        ("dropped", "", "{\nclose (fd);\nint a = 3;\n", {""}),
        ("swapped", "f (a, c);\n", "f (a, b, c);\n", {"f (b, a, c);\n", "f (a, c, b);\n"}),
        ("swapped", "int f(int *a, int c);\n", "int f(int *a, int b, int c);\n", {"int f(int b, int *a, int c);\n", "int f(int *a, int c, int b);\n"}),
        ("swapped", "f (a, g (x));\n", "f (a, g (x), b);\n", {"f (a, b, g (x));\n"}),
        ("lost", "f (a, NULL);\n", "f (a, b);\n", {"f (a, NULL);\n"}),
        ("varargs", "", "char *b = va_arg(al, char *);\n", {"int b = va_arg(al, int);\n"}),
        ("untested", "", "if (a && a[0]) {\n", {"if (1) {\n", "if (0) {\n", "if (a) {\n", "if (a[0]) {\n"}),
        ("compared", "", "if (n < 3)\n", {"if (n <= 3)\n"}),
        ("bound", "", "strncpy (a, b, SIZE - 1);\n", {"strncpy (a, b, SIZE);\n", "strncpy (a, b, SIZE + 1);\n"}),
        ("bound", "", "read (fd, p, sizeof (struct_t));\n", {"read (fd, p, sizeof (char *));\n"}),
        ("returned", "", "return OK;\n", {"return ERROR;\n"}),
        ("row", "", '{ "arm", 256 },\n', {"", '{ "arm", 128 },\n', '{ "ARM", 256 },\n'}),
        ("option", 'while (getopt (c, v, "a:b") != -1)\n', 'while (getopt (c, v, "a:X:b") != -1)\n', {'while (getopt (c, v, "a:Xb") != -1)\n'}),
        ("option", "", "'arch=s' => \\$arch,\n", {"'arch=i' => \\$arch,\n", "'archs=s' => \\$arch,\n"}),
    ],
)  # fmt: skip
def test_an_operator_makes_what_people_get_wrong(operator: str, old: str, new: str, made: set[str]) -> None:
    assert wrong(operator, old, new) == made


def test_a_member_goes_to_the_middle_and_to_the_start() -> None:
    around = "struct a {\n  int one;\n  int two;\n  int three;\n", "};\n"
    assert wrong("moved-member", "", "  char new[9];\n", "a.h", around) == {"  char new[9];\n"}
    run = Run(1, "a.h", 4, (), ("  char new[9];\n",), (*split(around[0]), "  char new[9];\n", "};\n"))
    assert sorted(edits[0].start for edits in OPERATORS["moved-member"](run)) == [1, 2]


def test_an_element_is_required_renamed_moved_and_repeated() -> None:
    other, new = WSDL
    made = wrong("element", "", new, "a.wsdl", (other, other))
    for text in (
        'minOccurs="1"',
        'name="newword"',
        'type="xs:int"',
        'maxOccurs="unbounded"',
        '<xs:element name="newWord"',
    ):
        assert [line for line in made if text in line], text
    assert {new + other, other + new} <= made


def test_an_accessor_keeps_the_old_name_and_the_wrong_type() -> None:
    around = "adb_one_set_old(x);\nadb_two_set_old(x);\n", ""
    assert wrong("accessor", "", "adb_one_set_new(x);\n", around=around) == {
        "adb_one_set_old(x);\n",
        "adb_two_set_new(x);\n",
    }


@pytest.mark.parametrize("line", ["/* a */\n", " * a\n", "// a\n", "# a\n", "\n", "<!-- a -->\n"])
def test_a_comment_is_none_of_our_business(line: str) -> None:
    assert is_comment(line)
    assert not is_comment("#include <a.h>\n")
    assert not [operator for operator in OPERATORS if wrong(operator, "", line)]


# ---------------------------------------------------------------------------------------------------- the series


def series(desk: Desk) -> Right:
    """Return a series of two patches on one file, the second of which touches other lines of it and one of the first's."""
    lines = OWN.replace(b"}\n", b"}\n\nint more(void)\n{\n    int b;\n    b = 2;\n    return b;\n}\n")
    desk.add("first.patch", {"node/own.c": lines})
    desk.add("second.patch", {"node/own.c": b"/* first line */\n" + lines.replace(b"return b;", b"return b + 1;")})
    return Right.open(str(desk.tree), desk.patches)


def test_what_is_wrong_in_one_patch_is_kept_to_the_end(desk: Desk) -> None:
    right = series(desk)
    at = right.prefixes.all[1].tree.read("node/own.c").decode().splitlines().index("    b = 2;")
    patches = right.wrong(1, [Edit("node/own.c", at, at + 1, ("    b = 3;\n",))])
    made = prefixes(open_upstream(str(desk.tree)), patches)
    assert not made.findings
    for wrong_, right_ in zip(made.all[1:], right.prefixes.all[1:], strict=True):
        assert wrong_.tree.read("node/own.c") == right_.tree.read("node/own.c").replace(b"b = 2;", b"b = 3;")
    assert right.line(1, Edit("node/own.c", at, at + 1, ())) == at + 2
    assert patches[0].data is not None
    assert patches[0].data.startswith(b"Description:")


def test_lines_that_a_later_patch_changes_make_no_mutant(desk: Desk) -> None:
    right = series(desk)
    at = right.prefixes.all[1].tree.read("node/own.c").decode().splitlines().index("    return b;")
    with pytest.raises(Unmappable):
        right.wrong(1, [Edit("node/own.c", at, at + 1, ("    return 0;\n",))])
    assert not [one for one in chosen(right, 0) if one.number == 1 and "return b;" in one.was]


@given(seed=st.integers(0, 10**6))
def test_a_wrong_series_is_one_that_applies(seed: int) -> None:
    """Any mutant of the series here applies to the end, and its last tree is another one, in the file it names."""
    right, every = reference()
    mutant = every[seed % len(every)]
    try:
        patches = mutant.series(right)
    except Unmappable:
        return
    made = prefixes(open_upstream(str(REFERENCE)), patches)
    assert not made.findings
    differ = [path for path, seen in made.last.files.items() if right.prefixes.last.files.get(path) != seen]
    assert differ == [mutant.path]


_reference: list[tuple[Right, list[Mutant]]] = []


def reference() -> tuple[Right, list[Mutant]]:
    """Return the series of this repository and all its mutants; made once."""
    if not _reference:
        right = Right.open(str(REFERENCE), ROOT / "patches")
        _reference.append((right, list(mutants(right))))
    return _reference[0]


def test_every_operator_finds_something_in_this_series_and_no_two_mutants_have_a_name() -> None:
    _, every = reference()
    assert {mutant.operator for mutant in every} == set(OPERATORS)
    assert len({mutant.name for mutant in every}) == len(every)
    assert len(every) > 60


def test_each_equivalent_has_a_reason_and_a_mutant() -> None:
    listed = Equivalents.read(ROOT / "bench/mutating/equivalent.toml")
    assert not list(listed.unused(reference()[0]))
    assert all(len(entry.reason) > 15 for entry in listed.entries)


# ------------------------------------------------------------------------------------------------------ the hunt


def hunt(desk: Desk, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run the command on the series of *desk* with the check that compiles."""
    given_ = ["--upstream", str(desk.tree), "--patches", str(desk.patches), "--checks", "compile", "--jobs", "1"]
    status = command.main([*given_, *words])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_a_caller_that_was_missed_is_caught_at_its_place_and_a_survivor_is_listed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    after = {
        path: data.replace(b"greet(const char *name)", b"greet(const char *name, int often)")
        .replace(b'greet("you")', b'greet("you", 1)')
        .replace(b"greet(name)", b"greet(name, 1)")
        for path, data in TREE.items()
        if b"greet(" in data
    }
    after["util/greet.c"] = after["util/greet.c"].replace(
        b"return puts(name);", b"if (often == 1) {\n\treturn puts(name);\n    }\n    return often;"
    )
    desk.add("often.patch", after)
    status, said = hunt(desk, capsys, "--each", "0")
    assert status == 1
    assert re.search(
        r"^\w+-forgotten +node/main.c:6 +compile .* at it +node/main.c:6:\d+: gcc: in main", said, re.MULTILINE
    )
    assert re.search(r"^SURVIVED: \w+-compared at util/greet.c:6\n  - .*often == 1", said, re.MULTILINE)
    assert re.search(r"compile \d+, nobody [1-9]", said)


def test_where_the_right_series_is_wrong_nothing_is_hunted(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.add("worse.patch", {"node/own.c": OWN.replace(b"greet(name) +", b"greet(5) +")})
    status, said = hunt(desk, capsys)
    assert (status, "does not find the right series right" in said) == (2, True)


def test_the_list_runs_nothing(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.add("one.patch", {"node/own.c": OWN.replace(b"greet(name) + greet(name)", b"greet(name) * 2 - greet(name)")})
    status, said = hunt(desk, capsys, "--list")
    assert status == 0
    assert re.search(r"^\w+-forgotten one.patch node/own.c:5$", said, re.MULTILINE)


READING = ("swapped", "lost", "element", "accessor", "varargs")
"""The operators whose mistakes are seen by reading: nothing has to run for them."""


KNOWN = {"22b724ba-element"}
"""A new element in front of its neighbour instead of behind it: no older peer minds, and no check has the order."""


@pytest.mark.timeout(900)  # on a machine that others use too
def test_a_dozen_of_those_that_reading_shows_is_caught(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    words = ["--sample", "12", "--operators", *READING, "--checks", "compile", "calls", "wire"]
    status = command.main(words)
    said = capsys.readouterr().out
    survivors = set(re.findall(r"^SURVIVED: (\S+)", said, re.MULTILINE))
    assert survivors <= KNOWN, said
    assert status == bool(survivors)
    assert "12 mutants" in said
