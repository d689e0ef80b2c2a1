# SPDX-License-Identifier: GPL-3.0-or-later
"""From two versions of a file to a diff: GNU diff, GNU patch and quilt are the oracles."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchgen import render
from patchgen.render import Unrenderable, _compare, apply, file_diff, parse_diff, patch, reverse
from patchgen.tree import Change, Replacement, Tree
from patchgen.upstream import InMemory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


C = b"""#include <stdio.h>

int first(int a)
{
\treturn a;
}

int second(int a, int b)
{
\treturn a + b;
}

int third(void)
{
\treturn 3;
}
"""
FUNCTION = b"int between(void)\n{\n\treturn 2;\n}\n\n"
SECOND = C.index(b"int second")

CASES = {
    "one line": (C, C.replace(b"a + b", b"a - b")),
    "two hunks": (C, C.replace(b"stdio", b"stdlib").replace(b"return 3", b"return 4")),
    "first and last line": (b"a\nb\nc\nd\ne\nf\ng\nh\ni\n", b"A\nb\nc\nd\ne\nf\ng\nh\nI\n"),
    "six lines between": (b"a\n1\n2\n3\n4\n5\n6\nb\n", b"A\n1\n2\n3\n4\n5\n6\nB\n"),
    "seven lines between": (b"a\n1\n2\n3\n4\n5\n6\n7\nb\n", b"A\n1\n2\n3\n4\n5\n6\n7\nB\n"),
    "a function put in": (C, C[:SECOND] + FUNCTION + C[SECOND:]),
    "a function taken out": (C[:SECOND] + FUNCTION + C[SECOND:], C),
    "a function put in at the end": (C, C + b"\nint fourth(void)\n{\n\treturn 4;\n}\n"),
    "a function moved": (C, C[:SECOND] + C[C.index(b"int third") :] + b"\n" + C[SECOND : C.index(b"int third") - 1]),
    "a line of a run": (b"x\n" * 9, b"x\n" * 10),
    "a line out of a run": (b"a\n" + b"x\n" * 9, b"a\n" + b"x\n" * 8),
    "a run of pairs": (b"a\nb\n" * 4, b"a\nb\n" * 5),
    "blank lines": (b"a\n\n\nb\n", b"a\n\n\n\n\nc\n\nb\n"),
    "put in before what follows": (b"1\n2\n3\n", b"0\n1\n2\n3\n"),
    "new": (None, b"a\nb\n"),
    "new of one line": (None, b"a\n"),
    "new without end": (None, b"a\nb"),
    "removed": (b"a\nb\n", None),
    "removed without end": (b"a\nb", None),
    "end taken": (b"a\nb\n", b"a\nb"),
    "end given": (b"a\nb", b"a\nb\n"),
    "no end, changed above": (b"a\nb\nc", b"A\nb\nc"),
    "no end, changed": (b"a\nb", b"a\nc"),
    "no end, line put behind": (b"a\nb", b"a\nb\nc"),
    "carriage returns": (b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
    "carriage return alone": (b"a\rb\rc", b"a\rb\rd"),
    "line ends changed": (b"a\nb\n", b"a\r\nb\r\n"),
    "latin 1": (b"caf\xe9\nx\n", b"caf\xe8\nx\n"),
    "control characters": (b"a\x01\x1b\x0c\nb\n", b"a\x01\x1b\x0b\nb\n"),
    "lines like a diff's": (b"-- a/f\n++ b/f\n@@ -1 +1 @@\n", b"++ b/f\n-- a/g\n@@ -1 +1 @@\n\\ No\n"),
    "a huge line": (b"x" * 100_000 + b"y\nb\n", b"x" * 100_000 + b"z\nb\n"),
}

text_lines = st.sampled_from(
    [b"a\n", b"b\n", b"c\n", b"{\n", b"}\n", b"\n", b"\treturn 0;\n", b"x\r\n", b"\xe9\n", b"-- a/f\n"]
)
ends = st.sampled_from([b"", b"", b"end", b"a"])


def texts(most: int) -> st.SearchStrategy[bytes]:
    """Return files of few different lines, so that there are many ways to match them."""
    return st.tuples(st.lists(text_lines, min_size=1, max_size=most).map(b"".join), ends).map(b"".join)


@st.composite
def edited(draw: st.DrawFn, most: int = 60) -> tuple[bytes, bytes, tuple[Change, ...]]:
    """Draw a file, the file after some replacements, and where they were; neither is empty."""
    before = draw(texts(most)) + draw(st.sampled_from([b"", b"unlike\n" * 300]))
    bounds = sorted(set(draw(st.lists(st.integers(0, len(before)), min_size=2, max_size=8))))
    new = st.lists(text_lines | st.sampled_from([b"a", b"\n", b"new "]), max_size=4).map(b"".join)
    replacements = [Replacement(start, end, draw(new)) for start, end in zip(bounds[::2], bounds[1::2], strict=False)]
    tree = Tree(InMemory({"f": before}))
    after = tree.edited({"f": replacements})
    if not after.read("f"):
        after = tree.edited({"f": replacements[:-1]})
    made = after._layers["f"].changes if "f" in after._layers else ()  # noqa: SLF001 - what tree.changes() gives
    return before, after.read("f"), made


@pytest.fixture(scope="module", autouse=True)
def _plain_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LC_ALL", "C")
        for name in ("QUILT_PATCHES", "QUILT_SERIES", "QUILT_PC", "QUILTRC", "POSIXLY_CORRECT", "TABSIZE"):
            patched.delenv(name, raising=False)
        yield


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a program of the system; its status is the caller's to judge."""
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False)


def gnu_diff(before: bytes, after: bytes) -> bytes:
    """Return what GNU diff says, with the names that we write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "old").write_bytes(before)
        (folder / "new").write_bytes(after)
        return run("diff", "-au", "--label", "a/f", "--label", "b/f", "old", "new", cwd=folder).stdout


def gnu_patch(diff: bytes, before: bytes | None, *options: str, path: str = "f") -> bytes | bool | None:
    """Return the file as GNU patch leaves it without fuzz, None where it is gone, False where it failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        target = folder / "tree" / path
        target.parent.mkdir(parents=True)
        if before is not None:
            target.write_bytes(before)
        (folder / "x.patch").write_bytes(diff)
        done = run("patch", "-p1", "--fuzz=0", "-f", "-s", *options, "-i", folder / "x.patch", cwd=folder / "tree")
        if done.returncode:
            return False
        assert not list((folder / "tree").rglob("*.rej"))
        return target.read_bytes() if target.exists() else None


@pytest.mark.parametrize("name", CASES)
def test_gnu_patch_takes_it_and_takes_it_off(name: str) -> None:
    before, after = CASES[name]
    diff = file_diff("f", before, after)
    assert gnu_patch(diff, before) == after
    assert gnu_patch(diff, after, "-R") == before


@pytest.mark.parametrize("name", [name for name, (before, after) in CASES.items() if before and after])
def test_it_is_what_gnu_diff_writes(name: str) -> None:
    before, after = CASES[name]
    assert before is not None
    assert after is not None
    assert file_diff("f", before, after) == gnu_diff(before, after)


def test_it_is_what_quilt_writes(tmp_path: Path) -> None:
    """Rule: quilt refresh with our options writes the same bytes, and pushes ours without fuzz."""
    files = {f"d/{number:02}": case for number, case in enumerate(CASES.values())}
    for path, (before, _) in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        if before is not None:
            (tmp_path / path).write_bytes(before)
    assert run("quilt", "--quiltrc", "-", "new", "x.patch", cwd=tmp_path).returncode == 0
    assert run("quilt", "--quiltrc", "-", "add", *files, cwd=tmp_path).returncode == 0
    for path, (_, after) in files.items():
        (tmp_path / path).unlink(missing_ok=True)
        if after is not None:
            (tmp_path / path).write_bytes(after)
    options = ("-p", "ab", "--no-timestamps", "--no-index")
    header = b"Description: x\n text\n\n"
    written = tmp_path / "patches" / "x.patch"
    written.write_bytes(header)
    assert run("quilt", "--quiltrc", "-", "refresh", *options, cwd=tmp_path).returncode == 0
    ours = patch(header, [file_diff(path, before, after) for path, (before, after) in files.items()])
    assert written.read_bytes() == ours
    assert run("quilt", "--quiltrc", "-", "pop", "-a", cwd=tmp_path).returncode == 0
    assert run("quilt", "--quiltrc", "-", "push", "-a", "--fuzz=0", cwd=tmp_path).returncode == 0
    for path, (_, after) in files.items():
        assert (tmp_path / path).exists() == (after is not None)
        assert after is None or (tmp_path / path).read_bytes() == after


@given(edited())
def test_equal_to_gnu_diff_and_exact_under_gnu_patch(case: tuple[bytes, bytes, tuple[Change, ...]]) -> None:
    """Rule: with or without the changes, the diff is GNU diff's; GNU patch makes *after* of *before*, and back."""
    before, after, changes = case
    diff = file_diff("f", before, after, changes)
    assert diff == file_diff("f", before, after)
    assert diff == gnu_diff(before, after)
    if diff:
        assert gnu_patch(diff, before) == after
        assert gnu_patch(diff, after, "-R") == before


@pytest.mark.parametrize("seed", range(60))
def test_equal_to_gnu_diff_on_longer_texts(seed: int) -> None:
    """Texts of some hundred lines, few of them different: GNU diff sets lines aside that match too much."""
    rolls = random.Random(seed)  # noqa: S311 - the same texts each time
    words = rolls.choice([3, 5, 20, 200])
    lines = [b"%d\n" % rolls.randrange(words) for _ in range(rolls.randrange(20, 400))]
    edited = list(lines)
    for _ in range(rolls.randrange(1, 12)):
        start = rolls.randrange(len(edited) + 1)
        end = start + rolls.randrange(4)
        edited[start:end] = [b"%d\n" % rolls.randrange(words * 2) for _ in range(rolls.choice([1, 3, 30, 60]))]
    before, after = b"".join(lines), b"".join(edited)
    assert file_diff("f", before, after) == gnu_diff(before, after)


@given(edited(), st.sampled_from([0, 2, 32]))
def test_exact_where_changes_are_compared_each_for_itself(
    case: tuple[bytes, bytes, tuple[Change, ...]], margin: int
) -> None:
    """Rule: the cut into clusters, as in huge files, moves no byte: what applies is *after*, and back."""
    before, after, changes = case
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(render, "_WHOLE", 0)
        patched.setattr(render, "_MARGIN", margin)
        patched.setattr(render, "_APART", 4 * margin + 6)
        diff = file_diff("f", before, after, changes)
    diffs = parse_diff(diff, "x.patch")
    assert apply(diffs, lambda _: before).get("f", before) == after
    assert apply(reverse(diffs), lambda _: after).get("f", after) == before
    if diff:
        assert gnu_patch(diff, before) == after


@given(texts(60), texts(60), st.integers(1, 5))
def test_exact_where_the_search_gives_up(before: bytes, after: bytes, bound: int) -> None:
    """Rule: a diff is right, if not the shortest, whatever the bound on the cost."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_compare, "_BUDGET", 0)
        patched.setattr(_compare, "_LEAST", bound)
        diff = file_diff("f", before, after)
    assert apply(parse_diff(diff, "x"), lambda _: before).get("f", before) == after


@given(st.binary().filter(lambda data: b"\0" not in data), st.binary().filter(lambda data: b"\0" not in data))
def test_apply_then_reverse_is_the_identity(before: bytes, after: bytes) -> None:
    """Rule: for any bytes that can be rendered, apply gives *after*, and reverse gives *before* again."""
    old, new = before or None, after or None
    if old == new:
        assert file_diff("f", old, new) == b""
        return
    diffs = parse_diff(patch(b"Description: x\n\n", [file_diff("f", old, new)]), "x.patch")
    assert apply(diffs, lambda _: old) == {"f": new}
    assert apply(reverse(diffs), lambda _: new) == {"f": old}
    assert reverse(reverse(diffs)) == diffs


class _Counting(list[int]):
    """A list that counts how often it is asked for an item, or how many items of it."""

    asked = 0

    def __getitem__(self, key: SupportsIndex | slice) -> object:  # type: ignore[override]
        found = super().__getitem__(key)
        self.asked += len(found) if isinstance(found, list) else 1
        return found


def test_the_search_is_bounded() -> None:
    """Two lists with hardly an order in common, twenty thousand items each: some ten steps an item, not a square."""
    old = _Counting(number * 7919 % 20_011 for number in range(20_000))
    new = _Counting(number * 104_729 % 20_011 for number in range(20_000))
    search = _compare._Search(old, new, 32)  # noqa: SLF001
    search.run()
    kept = [[number for number, flag in zip(items, flags, strict=True) if not flag]
            for items, flags in zip((list(old), list(new)), search.differs, strict=True)]  # fmt: skip
    assert kept[0] == kept[1]
    assert old.asked < 400 * len(old)


def test_the_cost_is_that_of_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changes a hundred thousand lines apart: what is compared is the lines around each."""
    before = b"".join(b"line %d\n" % number for number in range(100_000))
    after = b"first\n" + before + b"last\n"
    changes = (Change(0, 0, 0, 6), Change(len(before), len(before), len(before) + 6, len(after)))
    compared: list[int] = []

    def counting(old: Sequence[bytes], new: Sequence[bytes]) -> list[_compare.Run]:
        compared.append(len(old) + len(new))
        return _compare.compare(old, new)

    monkeypatch.setattr(render, "compare", counting)
    diff = file_diff("f", before, after, changes)
    assert sum(compared) < 200
    assert diff == gnu_diff(before, after)
    assert apply(parse_diff(diff, "x"), lambda _: before) == {"f": after}
    compared.clear()
    assert file_diff("f", before, before.replace(b"50000", b"x"))
    assert sum(compared) < 30, "without changes, the ends that are equal are not compared line by line"


@pytest.mark.parametrize(
    ("path", "before", "after", "slug"),
    [
        pytest.param("/f", b"a\n", b"b\n", "unrenderable-path", id="absolute"),
        pytest.param("d/../f", b"a\n", b"b\n", "unrenderable-path", id="dot-dot"),
        pytest.param("./f", b"a\n", b"b\n", "unrenderable-path", id="dot"),
        pytest.param("d//f", b"a\n", b"b\n", "unrenderable-path", id="two-slashes"),
        pytest.param("", b"a\n", b"b\n", "unrenderable-path", id="nothing"),
        pytest.param("debian/rules", b"a\n", b"b\n", "unrenderable-path", id="debian"),
        pytest.param(".pc/f", b"a\n", b"b\n", "unrenderable-path", id="pc"),
        pytest.param("a\tb", b"a\n", b"b\n", "unrenderable-path", id="tab"),
        pytest.param("a\nb", b"a\n", b"b\n", "unrenderable-path", id="line-feed"),
        pytest.param("a\0b", b"a\n", b"b\n", "unrenderable-path", id="nul"),
        pytest.param("-x", b"a\n", b"b\n", "unrenderable-path", id="like-an-option"),
        pytest.param("f ", b"a\n", b"b\n", "unrenderable-path", id="blank-at-the-end"),
        pytest.param("f.dpkg-orig", b"a\n", b"b\n", "unrenderable-path", id="dpkg-orig"),
        pytest.param("f", b"", b"b\n", "unrenderable-empty-file", id="filled"),
        pytest.param("f", b"a\n", b"", "unrenderable-empty-file", id="emptied"),
        pytest.param("f", None, b"", "unrenderable-empty-file", id="made-empty"),
        pytest.param("f", b"", None, "unrenderable-empty-file", id="removed-empty"),
        pytest.param("f", b"a\n\0", b"b\n\0", "unrenderable-binary-file", id="nul-byte"),
        pytest.param("f", b"a\n", b"b\n\0", "unrenderable-binary-file", id="nul-byte-put-in"),
    ],
)
def test_what_no_patch_can_carry_is_refused(path: str, before: bytes | None, after: bytes | None, slug: str) -> None:
    with pytest.raises(Unrenderable) as caught:
        file_diff(path, before, after)
    assert caught.value.finding.slug.name == slug
    assert caught.value.finding.place is not None


@pytest.mark.parametrize(
    "path", ["a b", " a", "a  b/c d", "a\\b", 'a"b', '"a"', "f\u00e9", "f\udce9", "debian2/x", "a'b"]
)
def test_odd_paths_go_through_gnu_patch(path: str) -> None:
    """Blanks need a tab behind the name; all else stands as it is, never quoted: dpkg-source refuses that."""
    before, after = C, C.replace(b"a + b", b"a")
    for old, new in ((before, after), (None, after), (before, None)):
        diff = file_diff(path, old, new)
        assert b'"a/' not in diff
        assert gnu_patch(diff, old, path=path) == new
        assert gnu_patch(diff, new, "-R", path=path) == old
        assert apply(parse_diff(diff, "x"), {path: old}.get) == {path: new}


def test_an_emptied_file_is_lost_by_dpkg_source() -> None:
    """The reason for a refusal: with -E, as dpkg-source calls it, GNU patch removes what it empties."""
    diff = gnu_diff(b"a\n", b"")
    assert gnu_patch(diff, b"a\n") == b""
    assert gnu_patch(diff, b"a\n", "-E") is None


def test_nothing_changed_is_nothing() -> None:
    assert file_diff("f", C, C) == file_diff("f", None, None) == b""
    assert patch(b"Description: x\n", []) == b"Description: x\n"
    assert patch(b"no line end", [b"--- a/f\n"]) == b"no line end\n--- a/f\n"
    assert patch(b"", [b"--- a/f\n"]) == b"--- a/f\n"


def test_the_same_bytes_whatever_the_seed_of_the_hashes() -> None:
    program = "from patchgen.render import file_diff as d; print(d('f', b'a\\nb\\nc\\n' * 9, b'b\\na\\nc\\nd\\n' * 8))"
    outputs = set()
    for seed in ("0", "1", "4294967295"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = (sys.executable, "-c", program)
        outputs.add(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert len(outputs) == 1
