# SPDX-License-Identifier: GPL-3.0-or-later
"""The lossless model of quilt's series file."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from patchgen.findings import Exit, worst
from patchgen.series import Line, Series, SeriesError

TYPICAL = b"""# ours

cc-read.patch
nc-save.patch -p1 # the checkpoint
\told.patch   -p0\t-R  #x
sub/hand.patch#1
last.patch"""

names = st.text("abc-./", min_size=1, max_size=6).filter(
    lambda name: not name.startswith(("/", "-")) and ".." not in name.split("/")
)
series_files = st.lists(
    st.tuples(
        names | st.just("") | st.just("# note"),
        st.sampled_from(["", " -p1", " # c", "\t-R"]),
        st.sampled_from(["\n", "\r\n"]),
    ).map("".join)
).map(lambda lines: "".join(lines).encode())


@given(st.binary() | st.lists(st.sampled_from([b"a", b"#", b" ", b"\t", b"\r", b"\n", b"-p0", b"\xff"])).map(b"".join))
@example(TYPICAL)
@example(b"a\r")
@example(b"\x00\n\xff\xfe")
def test_any_bytes_come_back(data: bytes) -> None:
    """Rule: parsing and writing is the identity, whatever the bytes, and so for each line; findings never fail."""
    series = Series.parse(data)
    assert bytes(series) == data
    assert all(bytes(Line.parse(bytes(line))) == bytes(line) for line in series.lines)
    for finding in series.findings("series"):
        assert finding.place is not None
        assert 1 <= finding.place.line <= data.count(b"\n") + 1


def test_a_typical_series_is_understood() -> None:
    series = Series.parse(TYPICAL)
    assert series.patches == ("cc-read.patch", "nc-save.patch", "old.patch", "sub/hand.patch#1", "last.patch")
    assert "old.patch" in series
    assert "#" not in series
    _, save, old, hand, _ = series
    assert (save.options, save.comment, save.strip, save.reversed) == (("-p1",), "# the checkpoint", "1", False)
    assert (old.options, old.comment, old.strip, old.reversed) == (("-p0", "-R"), "#x", "0", True)
    assert (hand.options, hand.comment, hand.strip) == ((), "", "1")
    assert series.lines[0].comment == "# ours"


@pytest.mark.parametrize(
    ("before", "do", "after"),
    [
        pytest.param(b"a\nb\n", lambda s: s.insert("x", after="a"), b"a\nx\nb\n", id="after"),
        pytest.param(b"a\nb\n", lambda s: s.insert("x", before="a"), b"x\na\nb\n", id="before"),
        pytest.param(b"a\n# end\n", lambda s: s.insert("x"), b"a\n# end\nx\n", id="at-the-end-behind-comments"),
        pytest.param(b"", lambda s: s.insert("x"), b"x\n", id="into-nothing"),
        pytest.param(b"a", lambda s: s.insert("x"), b"a\nx\n", id="behind-a-line-without-end"),
        pytest.param(b"a\r\nb", lambda s: s.insert("x"), b"a\r\nb\r\nx\r\n", id="line-ends-as-the-neighbour"),
        pytest.param(
            b"a\nb\r\n", lambda s: s.insert("x", after="b"), b"a\nb\r\nx\r\n", id="the-neighbour-not-the-first"
        ),
        pytest.param(b"a\nb", lambda s: s.insert("x", before="b"), b"a\nx\nb", id="before-a-line-without-end"),
        pytest.param(b"a\n", lambda s: s.insert("x", options=["-p0"]), b"a\nx -p0\n", id="with-options"),
        pytest.param(b"#a\na -p1 # c\r\nb\n", lambda s: s.remove("a"), b"#a\nb\n", id="remove-leaves-comments"),
        pytest.param(b" a -p1 # a\nb\n", lambda s: s.rename("a", "c"), b" c -p1 # a\nb\n", id="rename-keeps-the-rest"),
        pytest.param(b"a.b\naxb\n", lambda s: s.remove("a.b"), b"axb\n", id="names-are-no-patterns"),
    ],
)
def test_operations(before: bytes, do: object, after: bytes) -> None:
    assert callable(do)
    assert bytes(do(Series.parse(before))) == after


@given(series_files, names, st.data())
def test_insert_then_remove_is_the_identity(data: bytes, name: str, draw: st.DataObject) -> None:
    """Rule: a patch put in anywhere and taken out again leaves the file as it was, line by line."""
    series = Series.parse(data)
    assume(name not in series)
    unique = [patch for patch in series.patches if series.patches.count(patch) == 1]
    where = draw.draw(st.sampled_from([{}, *({side: patch} for patch in unique for side in ("before", "after"))]))
    inserted = series.insert(name, **where)
    assert bytes(inserted.remove(name)) == data
    assert set(inserted.patches) == {*series.patches, name}
    assert [patch for patch in inserted.patches if patch != name] == list(series.patches)


@given(series_files, names)
def test_rename_and_back_is_the_identity(data: bytes, name: str) -> None:
    """Rule: renaming changes the name alone, so that renaming back gives the same bytes."""
    series = Series.parse(data)
    for patch in series.patches:
        if series.patches.count(patch) == 1 and name not in series and not patch.startswith("-"):
            there = series.rename(patch, name)
            assert bytes(there.rename(name, patch)) == data
            assert len(bytes(there)) - len(data) == len(name) - len(patch)


@pytest.mark.parametrize(
    ("do", "slug"),
    [
        pytest.param(lambda s: s.remove("z"), "series-no-such-patch", id="remove-absent"),
        pytest.param(lambda s: s.rename("z", "y"), "series-no-such-patch", id="rename-absent"),
        pytest.param(lambda s: s.insert("x", after="z"), "series-no-such-patch", id="insert-after-absent"),
        pytest.param(lambda s: s.insert("a"), "series-duplicate", id="insert-what-is-there"),
        pytest.param(lambda s: s.rename("a", "b"), "series-duplicate", id="rename-to-what-is-there"),
        pytest.param(lambda s: s.remove("b"), "series-duplicate", id="remove-one-of-two"),
        pytest.param(lambda s: s.insert("../x"), "series-name", id="out-of-the-folder"),
        pytest.param(lambda s: s.insert("/x"), "series-name", id="absolute"),
        pytest.param(lambda s: s.insert("x y"), "series-name", id="blank"),
        pytest.param(lambda s: s.insert("x\ny"), "series-name", id="line-feed"),
        pytest.param(lambda s: s.insert("#x"), "series-name", id="comment"),
        pytest.param(lambda s: s.insert(""), "series-name", id="nothing"),
        pytest.param(lambda s: s.rename("a", "-R"), "series-name", id="option"),
        pytest.param(lambda s: s.rename("a", "series"), "series-name", id="the-series-itself"),
    ],
)
def test_what_cannot_be_done_is_an_error(do: object, slug: str) -> None:
    assert callable(do)
    with pytest.raises(SeriesError) as caught:
        do(Series.parse(b"a\nb\nb\n"))
    assert caught.value.finding.slug.name == slug
    assert caught.value.status is Exit.FINDINGS


def test_before_and_after_at_once_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="not both"):
        Series.parse(b"a\nb\n").insert("x", before="a", after="b")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(TYPICAL.replace(b"\told.patch   -p0\t-R  #x\n", b""), [], id="clean"),
        pytest.param(b"# a\n\n \t\na -p1 # -p0 ok\n", [], id="comments-and-blank-lines"),
        pytest.param(b"a\n../b\n", [("series-name", 2, 1, 5)], id="dot-dot"),
        pytest.param(b"a/..\n", [("series-name", 1, 1, 5)], id="dot-dot-at-the-end"),
        pytest.param(b" /etc/x\n", [("series-name", 1, 2, 8)], id="absolute"),
        pytest.param(b"a\x00b\n", [("series-name", 1, 1, 4)], id="nul"),
        pytest.param(b"a\x1b[31m\n", [("series-name", 1, 1, 7)], id="escape"),
        pytest.param(b"-R\n", [("series-name", 1, 1, 3)], id="option-as-name"),
        pytest.param(b"a\n#\n  a # again\n", [("series-duplicate", 3, 3, 4)], id="duplicate"),
        pytest.param(
            b"a -p0 -p1 -R # -pab\n", [("series-option", 1, 3, 6), ("series-option", 1, 11, 13)], id="options"
        ),
        pytest.param(b"a -pab\n", [("series-option", 1, 3, 7)], id="pab"),
        pytest.param(b"a\n  # b\n", [("series-indented-comment", 2, 1, 4)], id="indented-comment"),
        pytest.param(b"a\r\n# b\r\nc\n", [("series-carriage-return", 1, 2, 3)], id="carriage-return"),
        pytest.param(b"\xc3\xa9 -p0\n", [("series-option", 1, 3, 6)], id="columns-count-characters"),
    ],
)
def test_findings_have_their_place(data: bytes, found: list[tuple[str, int, int, int]]) -> None:
    findings = list(Series.parse(data).findings("patches/series"))
    places = [(finding.slug.name, finding.place) for finding in findings]
    assert [(slug, p.line, p.column, p.end_column) for slug, p in places if p is not None] == found
    assert all(p is not None and p.path == "patches/series" for _, p in places)
    assert worst(findings) is (Exit.FINDINGS if found else Exit.CLEAN)


def test_a_hostile_series_is_read_once() -> None:
    """A line of a megabyte and twenty thousand lines: places are made from a line, not from the file."""
    data = b"x" * 1_000_000 + b"\n" + b"".join(b"p%d -p0\n" % number for number in range(20_000))
    series = Series.parse(data)
    assert bytes(series) == data
    findings = list(series.findings("series"))
    assert len(findings) == 20_000
    assert findings[-1].place is not None
    assert findings[-1].place.line == 20_001
