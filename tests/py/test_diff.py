# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of a diff in memory: read strictly, apply exactly, take off again; GNU patch is the oracle."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from patchgen.findings import Exit, Place
from patchgen.render import DiffError, FileDiff, Hunk, apply, file_diff, parse_diff, reverse

HEADER = b"Description: x\nAuthor: y\n\n"
ONE = b"--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n+A\n b\n"


def gnu_patch(diff: bytes, before: bytes | None) -> bytes | bool | None:
    """Return f as GNU patch leaves it without fuzz, None where it is gone, False where it failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tree").mkdir()
        target = folder / "tree" / "f"
        if before is not None:
            target.write_bytes(before)
        (folder / "x.patch").write_bytes(diff)
        command = ("patch", "-p1", "--fuzz=0", "-f", "-s", "-i", folder / "x.patch")
        done = subprocess.run(command, cwd=folder / "tree", capture_output=True, check=False)
        if done.returncode:
            return False
        return target.read_bytes() if target.exists() else None


def ours(diff: bytes, before: bytes | None) -> bytes | bool | None:
    """Return the same by our own means."""
    try:
        return apply(parse_diff(diff, "x.patch"), lambda _: before)["f"]
    except DiffError:
        return False


def test_a_diff_is_read() -> None:
    diffs = parse_diff(
        HEADER + ONE + b"--- /dev/null\n+++ b/d/n w\t\n@@ -0,0 +1 @@ int f\n+x\n\\ No newline at end of file\n", "p"
    )
    assert [(diff.path, diff.creates, diff.removes, diff.place.line) for diff in diffs] == [
        ("f", False, False, 4),
        ("d/n w", True, False, 10),
    ]
    (hunk,), (new,) = diffs[0].hunks, diffs[1].hunks
    assert (hunk.start, hunk.new_start, hunk.old, hunk.new) == (1, 1, (b"a\n", b"b\n"), (b"A\n", b"b\n"))
    assert (hunk.above, hunk.below, hunk.place.line) == (0, 1, 6)
    assert (new.old, new.new) == ((), (b"x",))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(HEADER, id="header-alone"),
        pytest.param(HEADER + b"---\n f | 2 +-\n\n", id="header-of-git-alone"),
    ],
)
def test_a_patch_may_change_nothing(data: bytes) -> None:
    assert parse_diff(data, "p") == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(ONE + b"-- \n2.39.5\n\n", id="signature"),
        pytest.param(b"diff --git a/f b/f\nindex 123..456 100644\n" + ONE, id="git"),
        pytest.param(b"Index: b/f\n====\n" + ONE, id="index-of-quilt"),
        pytest.param(b"Index: f\n====\n" + ONE, id="index-of-subversion"),
        pytest.param(b"diff -ru x/f y/f\n" + ONE, id="diff-command"),
        pytest.param(ONE.replace(b"/f\n", b"/f\t2024-01-01 00:00:00.0 +0000\n"), id="times"),
        pytest.param(ONE.replace(b"a/", b"x-1.0.orig/").replace(b"b/", b"x-1.0/"), id="other-roots"),
        pytest.param(ONE.replace(b"@@\n", b"@@ int main(void)\n"), id="function"),
    ],
)
def test_what_a_person_may_write(data: bytes) -> None:
    assert ours(data, b"a\nb\n") == gnu_patch(data, b"a\nb\n") == b"A\nb\n"


@pytest.mark.parametrize(
    ("data", "slug", "line"),
    [
        pytest.param(ONE.replace(b"-1,2", b"-1,3"), "diff-malformed", 7, id="count-too-high"),
        pytest.param(ONE.replace(b"-1,2", b"-1"), "diff-malformed", 6, id="old-count-too-low"),
        pytest.param(ONE.replace(b"+1,2", b"+1"), "diff-malformed", 6, id="new-count-too-low"),
        pytest.param(ONE + b"+c\n", "diff-malformed", 7, id="stray-line-ignored-by-gnu-patch"),
        pytest.param(ONE + b"\n c\n", "diff-malformed", 8, id="stray-context"),
        pytest.param(ONE.replace(b"\n b", b"\n\tb"), "diff-malformed", 6, id="blank-became-tab"),
        pytest.param(ONE[:-1], "diff-malformed", 6, id="last-line-cut"),
        pytest.param(ONE[:-3], "diff-malformed", 6, id="last-line-missing"),
        pytest.param(ONE.replace(b"@@ -1,2", b"@@ -x,2"), "diff-malformed", 3, id="header-of-hunk"),
        pytest.param(ONE.replace(b"@@ -1,2", b"@@ -0,2"), "diff-malformed", 3, id="line-0"),
        pytest.param(ONE.replace(b"-1,2 +1,2", b"-1,0 +1,0"), "diff-malformed", 3, id="no-line"),
        pytest.param(ONE.replace(b"-1,2", b"-1,99999999999999999999"), "diff-malformed", 3, id="count-of-a-bomb"),
        pytest.param(b"--- a/f\n+++ b/f\n", "diff-malformed", 3, id="no-hunk"),
        pytest.param(b"--- a/f\n@@ -1 +1 @@\n", "diff-malformed", 2, id="no-new-name"),
        pytest.param(
            ONE.replace(b"-a\n", b"-a\n\\ No newline at end of file\n"), "diff-malformed", 7, id="line-behind-the-end"
        ),
        pytest.param(ONE.replace(b"-a\n", b"\\ No newline\n-a\n"), "diff-malformed", 4, id="end-of-nothing"),
        pytest.param(ONE + b"+++ b/g\n", "diff-malformed", 7, id="half-a-head"),
        pytest.param(ONE + b"text\n  --- a/g\n", "diff-malformed", 8, id="indented-head"),
        pytest.param(b"Index: f\nno diff\n", "diff-unsupported", 1, id="index-alone"),
        pytest.param(b"diff -u a b\n", "diff-malformed", 1, id="command-alone"),
        pytest.param(b"*** a/f\n--- b/f\n****\n", "diff-unsupported", 1, id="context-diff"),
        pytest.param(b"diff a b\n", None, 0, id="prose-about-diff"),
        pytest.param(b"diff -r a b\n1c1\n< a\n---\n> b\n", "diff-unsupported", 2, id="normal-diff"),
        pytest.param(b"diff --git a/f b/g\nrename from f\n", "diff-unsupported", 2, id="renaming"),
        pytest.param(
            b"diff --git a/f b/f\nold mode 1\nnew mode 2\n" + b"diff --git a/g b/g\n", "diff-unsupported", 1, id="mode"
        ),
        pytest.param(
            b"diff --git a/f b/f\nnew file mode 100644\nindex 0..e69de29\n", "diff-unsupported", 1, id="empty-file"
        ),
        pytest.param(b"diff --git a/f b/f\nGIT binary patch\n", "diff-unsupported", 2, id="binary-of-git"),
        pytest.param(ONE + b"Binary files a/g and b/g differ\n", "diff-unsupported", 7, id="binary"),
        pytest.param(ONE + b"Only in b: g\n", "diff-unsupported", 7, id="only-in"),
        pytest.param(b"\x1f\x8b\x08\x00", "diff-unsupported", 1, id="gzip"),
        pytest.param(b"\xfd7zXZ\x00", "diff-unsupported", 1, id="xz"),
        pytest.param(ONE.replace(b"b/f", b"b/g"), "diff-target", 1, id="two-names"),
        pytest.param(b"Index: b/g\n" + ONE, "diff-target", 1, id="index-of-another"),
        pytest.param(ONE.replace(b"/f", b"/../f"), "diff-target", 1, id="dot-dot"),
        pytest.param(ONE.replace(b"a/f", b"../f"), "diff-target", 1, id="dot-dot-first"),
        pytest.param(ONE.replace(b"a/f", b"/f"), "diff-target", 1, id="absolute"),
        pytest.param(ONE.replace(b"a/f", b"a//f"), "diff-target", 1, id="absolute-when-stripped"),
        pytest.param(ONE.replace(b"a/f", b"f"), "diff-target", 1, id="nothing-to-strip"),
        pytest.param(ONE.replace(b"/f", b"/debian/f"), "diff-target", 1, id="debian"),
        pytest.param(ONE.replace(b"/f", b"/.pc/f"), "diff-target", 1, id="pc"),
        pytest.param(ONE.replace(b"a/f", b'"a/f"'), "diff-target", 1, id="quoted"),
        pytest.param(ONE.replace(b"/f\n", b"/f g\n"), "diff-target", 1, id="blank-without-tab"),
        pytest.param(ONE.replace(b"/f\n", b"/f\r\n"), "diff-target", 1, id="carriage-return"),
        pytest.param(ONE.replace(b"/f", b"/f\x00"), "diff-target", 1, id="nul"),
        pytest.param(
            ONE.replace(b"a/f", b"/dev/null").replace(b"b/f", b"/dev/null"), "diff-target", 1, id="dev-null-twice"
        ),
        pytest.param(b" Index: a/g\n" + ONE, "header-reads-as-diff", 1, id="index-in-the-header"),
        pytest.param(b" --- a/g\n +++ a/g\n" + ONE, "header-reads-as-diff", 1, id="diff-in-the-header"),
    ],
)
def test_a_damaged_patch_is_refused_at_its_line(data: bytes, slug: str | None, line: int) -> None:
    if slug is None:
        assert parse_diff(HEADER + data, "patches/x.patch") == []
        return
    offset = 0 if data[:1] in {b"\x1f", b"\xfd"} else 3
    with pytest.raises(DiffError) as caught:
        parse_diff((HEADER if offset else b"") + data, "patches/x.patch")
    finding = caught.value.finding
    assert finding.slug.name == slug
    assert finding.place is not None
    assert (finding.place.path, finding.place.line) == ("patches/x.patch", line + offset)
    assert caught.value.status is Exit.FINDINGS


EIGHT = b"1\n2\n3\n4\n5\n6\n7\n8\n"
OVERLAPPING = b"--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n-b\n+A\n+b\n@@ -2 +2 @@\n-b\n+B\n"
MOVED = b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+A\n@@ -5 +5 @@\n-b\n+B\n"
MIDDLE = b"--- a/f\n+++ b/f\n@@ -3,3 +3,3 @@\n 3\n-4\n+x\n 5\n"


@pytest.mark.parametrize(
    ("diff", "before", "after"),
    [
        pytest.param(MIDDLE, EIGHT, EIGHT.replace(b"4", b"x"), id="where-it-says"),
        pytest.param(MIDDLE, b"0\n0\n" + EIGHT, b"0\n0\n" + EIGHT.replace(b"4", b"x"), id="further-down"),
        pytest.param(MIDDLE, EIGHT[4:], EIGHT[4:].replace(b"4", b"x"), id="further-up"),
        pytest.param(MIDDLE, EIGHT.replace(b"3", b"y"), False, id="other-context"),
        pytest.param(MIDDLE, None, False, id="absent"),
        pytest.param(ONE, b"0\na\nb\n", False, id="less-context-above-is-the-start"),
        pytest.param(ONE, b"a\nb\n0\n", b"A\nb\n0\n", id="at-the-start"),
        pytest.param(MIDDLE.replace(b"-3,3 +3,3", b"-3,2 +3,2")[:-3], EIGHT, False, id="less-context-below-is-the-end"),
        pytest.param(MIDDLE.replace(b"-3,3 +3,3", b"-3,2 +3,2")[:-3], EIGHT[:8], b"1\n2\n3\nx\n", id="at-the-end"),
        pytest.param(b"--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n", b"b\n", False, id="made-but-there"),
        pytest.param(b"--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n", b"", b"a\n", id="made-of-an-empty-one"),
        pytest.param(b"--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+a\n", None, b"a\n", id="made-without-dev-null"),
        pytest.param(b"--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", b"a\nb\n", False, id="removed-but-not-empty"),
        pytest.param(b"--- a/f\n+++ b/f\n@@ -1 +0,0 @@\n-a\n", b"a\n", b"", id="emptied"),
        pytest.param(
            b"--- a/f\t\n+++ b/f\t1970-01-01 00:00:00.0 +0000\n@@ -1 +0,0 @@\n-a\n", b"a\n", None, id="removed-by-time"
        ),
        pytest.param(ONE + ONE.replace(b"-a\n+A", b"-A\n+B"), b"a\nb\n", b"B\nb\n", id="twice"),
        pytest.param(ONE + ONE[16:], b"a\nb\n", False, id="hunks-in-disorder"),
        pytest.param(OVERLAPPING, b"a\nb\nc\n", False, id="hunks-that-overlap"),
        pytest.param(MOVED, b"0\n0\na\n1\nb\n1\nb\n", b"0\n0\nA\n1\nb\n1\nB\n", id="the-second-moves-with-the-first"),
        pytest.param(b"--- a/f\n+++ b/f\n@@ -1,0 +2 @@\n+a\n", b"1\n2\n", b"1\na\n2\n", id="put-in-without-context"),
        pytest.param(ONE, b"a\nb", False, id="last-line-without-end"),
        pytest.param(ONE + b"\\ No newline at end of file\n", b"a\nb", b"A\nb", id="without-end-on-both-sides"),
        pytest.param(ONE + b"\\ No newline at end of file\n", b"a\nb\n", False, id="without-end-but-there-is-one"),
        pytest.param(ONE, b"a\nbb\n", False, id="a-longer-last-line"),
        pytest.param(ONE.replace(b"a\n+A", b"\x00\n+\x00\x00"), b"\x00\nb\n", b"\x00\x00\nb\n", id="nul"),
    ],
)
def test_apply_does_what_gnu_patch_does(diff: bytes, before: bytes | None, after: bytes | bool | None) -> None:
    assert ours(diff, before) == after
    assert gnu_patch(diff, before) == after


def test_an_ambiguous_place_is_an_error_that_names_the_hunk() -> None:
    """GNU patch takes the nearest place and says so in passing; a person has to look."""
    before = b"0\n3\n4\n5\n1\n3\n4\n5\n"
    assert gnu_patch(MIDDLE, before) == b"0\n3\nx\n5\n1\n3\n4\n5\n"
    with pytest.raises(DiffError) as caught:
        apply(parse_diff(HEADER + MIDDLE, "p"), lambda _: before)
    finding = caught.value.finding
    assert finding.slug.name == "patch-ambiguous"
    assert "hunk 1 of 1 for f" in finding.message
    assert "lines 2 and 6" in finding.message
    assert finding.place is not None
    assert finding.place.line == 6


def test_nothing_goes_behind_an_unfinished_line() -> None:
    """GNU patch finishes the line without a word."""
    diff = b"--- a/f\n+++ b/f\n@@ -1,0 +2 @@\n+b\n"
    assert gnu_patch(diff, b"a") == b"a\nb\n"
    with pytest.raises(DiffError, match="unfinished last line"):
        apply(parse_diff(diff, "p"), lambda _: b"a")


def test_a_place_below_the_end_is_an_error() -> None:
    """GNU patch puts the lines at the end instead."""
    diff = b"--- a/f\n+++ b/f\n@@ -9,0 +10 @@\n+a\n"
    assert gnu_patch(diff, b"1\n") == b"1\na\n"
    with pytest.raises(DiffError, match="line 10, which is not there"):
        apply(parse_diff(diff, "p"), lambda _: b"1\n")


lines = st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n", b"}\n"])
texts = st.lists(lines, min_size=1, max_size=25).map(b"".join)


@given(texts, texts, texts)
@example(b"a\nb\n", b"b\n", b"c\na\nb\n")
def test_never_another_result_than_gnu_patch(before: bytes, after: bytes, other: bytes) -> None:
    """Rule: a diff on a text that it was not made for gives what GNU patch gives; only ambiguity is refused more."""
    diff = file_diff("f", before, after)
    assume(diff)
    assert ours(diff, before) == after
    for text in (other, b"unlike\n" + other + before):
        theirs = gnu_patch(diff, text)
        try:
            mine: bytes | bool | None = apply(parse_diff(diff, "p"), {"f": text}.get)["f"]
        except DiffError as error:
            # Refused here alone is only what could go in several places.
            mine = theirs if error.finding.slug.name == "patch-ambiguous" else False
        assert mine == theirs


damage = st.sampled_from(
    [
        b"--- a/f\n",
        b"+++ b/f\n",
        b"@@ -1 +1 @@\n",
        b"@@ -0,0 +1 @@\n",
        b"@@ -1,2 +1,2 @@\n",
        b"-a\n",
        b"+b\n",
        b" c\n",
        b"\n",
        b"\\ No newline at end of file\n",
        b"diff --git a/f b/f\n",
        b"Index: f\n",
        b"--- /dev/null\n",
        b"-- \n",
        b"\x00",
        b"@@",
        b"---",
    ]
)


@given(st.binary() | st.lists(damage, max_size=12).map(b"".join))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Rule: whatever the bytes, parse_diff gives diffs or a DiffError with a place; reversing twice changes nothing."""
    try:
        diffs = parse_diff(data, "p")
    except DiffError as error:
        place = error.finding.place
        diffs = []
    else:
        place = Place("p")
    assert place is not None
    assert reverse(reverse(diffs)) == diffs


@given(st.lists(damage, max_size=12).map(b"".join), texts)
def test_what_is_read_strictly_is_what_gnu_patch_reads(data: bytes, before: bytes) -> None:
    """Rule: a patch of odds and ends that we take does under GNU patch what it does here."""
    data = b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n" + data
    mine = ours(data, before)
    assert mine is False or mine == gnu_patch(data, before)


def test_a_hostile_patch_is_read_in_one_pass() -> None:
    """A hunk of a hundred thousand lines, a line of a megabyte, and as many places that almost fit."""
    before = b"a\n" * 100_000 + b"x" * 1_000_000 + b"\n"
    after = b"b\n" * 100_000 + b"y" * 1_000_000 + b"\n"
    diffs = parse_diff(file_diff("f", before, after), "p")
    assert apply(diffs, lambda _: before) == {"f": after}
    hunk = Hunk(200_001, 200_001, (b"a\n",) * 1000 + (b"z\n",), (), 0, 0, diffs[0].place)
    with pytest.raises(DiffError):
        apply([FileDiff("f", creates=False, removes=False, hunks=(hunk,), place=diffs[0].place)], lambda _: before)
