# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's patch becomes a semantic patch that renders to its very text, or its hunks are named."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _engine import GREET, TREE, Work
from patchgen import dep3
from patchgen.findings import PatchgenError
from patchgen.incoming.recognise import recognise
from patchgen.incoming.toml import written
from patchgen.render import file_diff, parse_diff
from patchgen.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
HEADER = b"Description: by hand\n A text.\nAuthor: A <a@example.org>\nForwarded: no\nLast-Update: 2011-03-04\n\n"
HEAD, MAIN = TREE["greet.h"], TREE["main.c"]
XSD = b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n<xs:complexType name="t">\n  <xs:sequence>\n    <xs:element name="a" type="xs:int"/>\n    <xs:element name="b" type="xs:int"/>\n  </xs:sequence>\n</xs:complexType>\n</xs:schema>\n'
TABLE = b'struct row { char *n; int v; } rows[] = {\n\t{"a", 1},\n\t{"b", 2},\n\t{NULL, 0}\n};\n'


class Memory:
    """A source of files in memory."""

    label = "memory"
    links: Mapping[str, str] = {}
    findings = ()

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def paths(self) -> list[str]:
        return sorted(self.files)

    def __contains__(self, path: object) -> bool:
        return path in self.files

    def read(self, path: str) -> bytes:
        return self.files[path]

    def digest(self) -> str:
        return ""


def patch_of(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bytes:
    names = sorted({*before, *after})
    return HEADER + b"".join(file_diff(name, before.get(name), after.get(name)) for name in names)


KINDS: dict[str, tuple[dict[str, bytes], dict[str, bytes], list[str]]] = {
    # name: files before, files after (those that changed), the kinds of edit that explain it
    "a member": ({}, {"greet.h": HEAD.replace(b"int age;\n", b"int age;\n    char title[16];\n")}, ["add-field"]),
    "a member between": (
        {},
        {"greet.h": HEAD.replace(b"    int age;\n", b"    long id;\n    int age;\n")},
        ["add-field"],
    ),
    "a parameter and its callers": (
        {},
        {
            "greet.h": HEAD.replace(b"char *name, int", b"char *name, char *title, int"),
            "greet.c": GREET.replace(b"char *name, int", b"char *name, char *title, int"),
            "main.c": MAIN.replace(b"greet (argv[1], 1)", b"greet (argv[1], NULL, 1)"),
        },
        ["add-parameter"],
    ),
    "an include": ({}, {"main.c": MAIN.replace(b'greet.h"\n', b'greet.h"\n#include <stdio.h>\n')}, ["add-include"]),
    "a statement": (
        {},
        {"main.c": MAIN.replace(b"    return greet", b"    if (argc < 2)\n        return 1;\n    return greet")},
        ["insert-statement"],
    ),
    "another expression": ({}, {"greet.c": GREET.replace(b"(int) name[0]", b"(int) name[1]")}, ["replace-expression"]),
    "a function": (
        {},
        {"greet.c": GREET.replace(b"int greet (", b"static int loudly (int n)\n{\n    return n;\n}\n\nint greet (")},
        ["insert-definition"],
    ),
    "a row": ({"t.c": TABLE}, {"t.c": TABLE.replace(b"\t{NULL", b'\t{"c", 3},\n\t{NULL')}, ["add-row"]),
    "an element": (
        {"s.xsd": XSD},
        {
            "s.xsd": XSD.replace(
                b'"a" type="xs:int"/>\n',
                b'"a" type="xs:int"/>\n    <xs:element name="n" type="xs:string" minOccurs="0"/>\n',
            )
        },
        ["add-element"],
    ),
    "two of them": (
        {},
        {
            "greet.h": HEAD.replace(b"int age;\n", b"int age;\n    char title[16];\n"),
            "main.c": MAIN.replace(b"    return greet", b"    argc = 2;\n    return greet"),
        },
        ["add-field", "insert-statement"],
    ),
}


@pytest.mark.parametrize("case", KINDS)
def test_what_is_recognised_renders_to_the_very_text(case: str, tmp_path: Path) -> None:
    more, changed, wanted = KINDS[case]
    before = {**TREE, **more}
    patch = patch_of(before, before | changed)
    made = recognise(Tree(Memory(before)), "by-hand.patch", patch, {})
    assert not made.findings
    assert [edit["kind"] for edit in tomllib.loads(made.toml)["edit"]] == wanted
    work = Work(tmp_path)
    for file in work.semantic.iterdir():
        file.unlink()
    work.upstream(more)
    (work.semantic / "by-hand.toml").write_text(made.toml, encoding="utf-8")
    work.refreshed()
    assert work.contents()["by-hand.patch"] == patch


UNEXPLAINED: dict[str, dict[str, bytes]] = {
    "prose": {"doc/README": b"greet says good day\n"},
    "a comment": {"main.c": MAIN.replace(b"called once", b"called twice")},
    "layout": {"main.c": MAIN.replace(b"    return", b"  return")},
    "a new file": {"new.c": b"int x;\n"},
}


@pytest.mark.parametrize("case", UNEXPLAINED)
def test_a_hunk_that_no_edit_explains_is_named(case: str) -> None:
    after = TREE | UNEXPLAINED[case] | {"greet.h": HEAD.replace(b"int age;\n", b"int age;\n    char title[16];\n")}
    patch = patch_of(TREE, after)
    made = recognise(Tree(Memory(TREE)), "by-hand.patch", patch, {})
    assert [str(finding.slug) for finding in made.findings] == ["hunk-not-explained"]
    (path,) = UNEXPLAINED[case]
    assert made.findings[0].message == f"no edit explains hunk 1 of 1 for {path}"
    place = made.findings[0].place
    assert place is not None
    assert patch.split(b"\n")[place.line - 1].startswith(b"@@ ")
    assert [edit["kind"] for edit in tomllib.loads(made.toml)["edit"]] == ["add-field"]
    assert "# no edit explains hunk 1 of 1" in made.toml


def test_only_the_hunk_that_is_not_explained_is_named() -> None:
    long = b"".join(b"/* %d */\n" % n for n in range(40))
    before = TREE | {"greet.h": long + HEAD}
    after = TREE | {
        "greet.h": long.replace(b"/* 3 */", b"/* three */") + HEAD.replace(b"int age;\n", b"int age;\n    int x;\n")
    }
    made = recognise(Tree(Memory(before)), "p", patch_of(before, after), {})
    assert [finding.message for finding in made.findings] == ["no edit explains hunk 1 of 2 for greet.h"]


@pytest.mark.parametrize("name", ["nc-instance-archid", "wsdl-nc-archid"])
def test_a_patch_of_ours_is_recognised_without_its_source(name: str, tmp_path: Path, home: dict[str, str]) -> None:
    """Only the patch is looked at; what comes out, refreshed in the place of ours, gives the same diff."""
    out = tmp_path / "semantic" / f"{name}.toml"
    out.parent.mkdir()
    done = subprocess.run(
        ["patchgen", "import", name, "-o", out], cwd=ROOT, env=home, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    order = (ROOT / "semantic/series").read_text(encoding="utf-8")
    for file in (ROOT / "semantic").glob("*.toml"):
        if file.name != out.name:
            (out.parent / file.name).write_bytes(file.read_bytes())
    (out.parent / "series").write_text(order, encoding="utf-8")
    words = ["refresh", "--semantic", str(out.parent), "--patches", str(tmp_path / "patches"), "--quiet"]
    subprocess.run(["patchgen", *words], cwd=ROOT, env=home, check=True)
    assert (tmp_path / "patches" / f"{name}.patch").read_bytes() == (ROOT / "patches" / f"{name}.patch").read_bytes()


def test_a_hand_made_patch_of_the_series_is_looked_at_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300000000")
    work = Work(tmp_path)
    work.refreshed()
    after = work.pushed()["greet.h"]
    patch = HEADER + file_diff("greet.h", after, after.replace(b"char title[16];", b"char title[16];\n    int last;"))
    (work.patches / "own.patch").write_bytes(patch)
    with (work.patches / "series").open("a") as series:
        series.write("own.patch\n")
    out = tmp_path / "own.toml"
    ran = work.run("import", "own", "-o", str(out), "--forwarded", "not-needed")
    assert (ran.status, ran.out) == (0, "1 edits recognised\n")
    table = tomllib.loads(out.read_text())
    assert table["edit"][0] == {"kind": "add-field", "struct": "person", "field": "int last;", "at": "end"}
    assert table["dep3"] == {
        "Description": "by hand\nA text.\n",
        "Author": "A <a@example.org>",
        "Forwarded": "not-needed",
        "Last-Update": "2011-03-13",
    }
    assert dep3.split(patch)[0] != dep3.render(table["dep3"])
    assert work.run("import", "own", "-o", str(out)).slugs == {"file-exists"}
    assert work.run("import", "nothing").slugs == {"one-patch-at-a-time"}
    (tmp_path / "own.patch").write_bytes(patch)
    (work.patches / "series").write_text("".join(f"{name}\n" for name in work.series() if name != "own.patch"))
    done = work.child("import", *work.options, str(tmp_path / "own.patch"))
    assert tomllib.loads(done.stdout)["edit"] == table["edit"]
    assert done.stderr == "1 edits recognised\n"


@given(
    fields=st.dictionaries(
        st.sampled_from(["Description", "Author"]), st.text(st.characters(codec="utf-8")), min_size=1
    ),
    words=st.lists(st.text(st.characters(codec="utf-8"))),
    number=st.integers(-5, 5),
)
def test_the_toml_reads_back(fields: dict[str, str], words: list[str], number: int) -> None:
    """Rule: what is written is TOML that holds the same values."""
    edit = {"kind": "text", "words": words, "n": number, "at": {"statement": words[0] if words else "", "any": True}}
    back = tomllib.loads(written(fields, [edit], ["a comment"]))
    assert back == {"dep3": fields, "edit": [edit]}


LINES = st.lists(
    st.sampled_from([*GREET.splitlines(keepends=True), b"int x;\n", b"#if 0\n", b"}\n", b"x (\n", b"/*\n"]), max_size=12
)


@given(old=LINES, new=LINES)
def test_whatever_is_claimed_is_true(old: list[bytes], new: list[bytes]) -> None:
    """Rule: the edits alone, with no hunk unexplained, give the text of the patch; recognise checks the rest itself."""
    before, after = {"a.c": b"".join(old) + b"int z;\n"}, {"a.c": b"".join(new) + b"int z;\n"}
    patch = patch_of(before, after)
    if not parse_diff(patch, "p"):
        return
    try:
        made = recognise(Tree(Memory(before)), "p", patch, {})
    except PatchgenError as error:
        assert str(error.finding.slug) in {"patch-does-not-apply", "patch-ambiguous"}  # noqa: PT017 - both ways are right
        return
    assert bool(made.toml) == bool(made.edits)
    assert made.edits or made.findings
