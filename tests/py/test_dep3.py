# SPDX-License-Identifier: GPL-3.0-or-later
"""The header of a patch: DEP-3 in both styles, kept byte for byte."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from patchgen.dep3 import Dep3Error, Header, Style, differences, lint, render, split
from patchgen.findings import Exit, Level

FIELDS = """Description: nc: remember each instance's architecture
 The node controller starts every guest
 as if it were x86.
 .
   indented
Author: Ada <ada@example.org>
Author: J\u00fcrgen <j@example.org>
Origin: vendor, https://salsa.debian.org/x/y
Bug: https://bugs.launchpad.net/eucalyptus/+bug/1
Bug-Debian: https://bugs.debian.org/123456
Forwarded: not-needed
Last-Update: 2024-02-29
Applied-Upstream: 3.0, commit:0123abc

A paragraph: of free text.
---
This is not looked at.
""".encode()

MAIL = b"""From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
From: =?UTF-8?q?J=C3=BCrgen?= <j@example.org>
Date: Mon, 1 Jan 2024 00:00:00 +0000
Subject: [PATCH 2/3] [nc] remember each
 instance's architecture

Body of the mail.

Note: this paragraph is text.

Forwarded: https://lists.example.org/1
Last-Update: 2024-01-01
---
 node/handlers.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

Bug-Debian: https://bugs.debian.org/1

"""

COMPLETE: dict[str, str | date | list[str]] = {
    "Description": "short\nlong\n\nmore",
    "Author": "Ada <ada@example.org>",
    "Last-Update": date(2024, 1, 2),
}

pieces = st.sampled_from(
    [
        b"Description:",
        b"Subject: x",
        b"Author: y",
        b"\n",
        b" ",
        b" .\n",
        b"---\n",
        b"\t",
        b":",
        b"\r\n",
        b"\x00",
        b"\xff",
        b"=?UTF-8?q?=C3?=",
        b"Forwarded: no\n",
        b"Last-Update:",
        b"2024-01-01\n",
        b"Bug-",
        b"From 0123abcd x\n",
        b"--- a",
        b"=?x?b?a?=",
        b"Origin: a, b\n",
    ]
)


@given(st.binary() | st.lists(pieces, max_size=30).map(b"".join))
@example(FIELDS)
@example(MAIL)
@example(b"")
def test_any_bytes_come_back(data: bytes) -> None:
    """Rule: parsing and writing is the identity, fields lie in order and apart, and lint has a place for all it says."""
    header = Header.parse(data)
    assert bytes(header) == data
    at = 0
    for field in header.fields:
        assert at <= field.start < field.end <= len(data)
        assert data[field.start : field.end].startswith(field.name.encode()[:1] if field.name.isascii() else b"")
        at = field.end
    assert isinstance(header.description + header.explanation, str)
    for finding in lint(header, "x.patch"):
        assert finding.place is not None
        assert finding.place.line <= data.count(b"\n") + 1


def test_the_style_of_debian() -> None:
    header = Header.parse(FIELDS)
    assert header.style is Style.FIELDS
    assert header.description == "nc: remember each instance's architecture"
    long = "The node controller starts every guest\nas if it were x86.\n\n  indented\n\nA paragraph: of free text."
    assert header.explanation == long
    assert [str(field) for field in header.all("author")] == ["Ada <ada@example.org>", "J\u00fcrgen <j@example.org>"]
    assert header.get("BUG-DEBIAN") == "https://bugs.debian.org/123456"
    assert header.get("Subject") is None
    assert not header.forwarded
    assert list(lint(header, "x.patch")) == []


def test_the_style_of_git() -> None:
    header = Header.parse(MAIL)
    assert header.style is Style.MAIL
    assert header.description == "[nc] remember each instance's architecture"
    assert header.explanation == "Body of the mail.\n\nNote: this paragraph is text."
    assert header.get("Author", "From") == "J\u00fcrgen <j@example.org>"
    assert header.get("Last-Update") == "2024-01-01"
    assert header.get("Bug-Debian") == "https://bugs.debian.org/1", "fields below the rule count"
    assert header.forwarded
    assert list(lint(header, "x.patch")) == []


@pytest.mark.parametrize(
    ("data", "style", "description"),
    [
        pytest.param(b"", Style.FREE, "", id="nothing"),
        pytest.param(b"Just text\nin two lines\n", Style.FREE, "", id="free-text"),
        pytest.param(b"\n\n \nDescription: x\n", Style.FIELDS, "x", id="empty-lines-first"),
        pytest.param(b"Description:\n long only\n", Style.FIELDS, "", id="no-short-one"),
        pytest.param(b"description : x\r\n y\r\n", Style.FIELDS, "x", id="crlf-and-case"),
        pytest.param(b"From: a\nSubject: [PATCH v2] [1/2] s\n", Style.MAIL, "s", id="mail-without-first-line"),
        pytest.param(b"Subject: x\nDescription: y\n", Style.FIELDS, "x", id="both"),
    ],
)
def test_styles(data: bytes, style: Style, description: str) -> None:
    header = Header.parse(data)
    assert (header.style, header.description) == (style, description)


def test_latin_1_is_read_and_kept() -> None:
    header = Header.parse(b"Description: x\nAuthor: J\xfcrgen <j@x>\n")
    assert header.get("Author") == "J\u00fcrgen <j@x>"
    assert [finding.slug.name for finding in lint(header, "x")] == ["dep3-encoding"]


@pytest.mark.parametrize(
    ("patch", "header"),
    [
        pytest.param(b"Description: x\n--- a/f\n+++ b/f\n", b"Description: x\n", id="unified"),
        pytest.param(MAIL + b"diff --git a/f b/f\n", MAIL, id="git"),
        pytest.param(b"x\nIndex: f\n=====\n--- a/f\n", b"x\n", id="index"),
        pytest.param(b"x\n*** a/f\n", b"x\n", id="context"),
        pytest.param(b"--- a/f\n", b"", id="no-header"),
        pytest.param(b"x\n---\ny\n--- \n--\n", b"x\n---\ny\n--- \n--\n", id="no-diff"),
        pytest.param(b" --- a/f\nIndex:x\n", b" --- a/f\nIndex:x\n", id="indented-is-header"),
    ],
)
def test_split_is_where_quilt_splits(patch: bytes, header: bytes) -> None:
    assert split(patch) == (header, patch[len(header) :])


@given(st.binary() | st.lists(pieces, max_size=30).map(b"".join))
def test_split_loses_nothing(patch: bytes) -> None:
    """Rule: header and diff together are the patch."""
    header, diff = split(patch)
    assert header + diff == patch


def _messages(data: bytes) -> list[str]:
    return [f"{finding.place}: {finding.level.value} {finding.slug}" for finding in lint(Header.parse(data), "p")]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(b"", [], id="enough"),
        pytest.param(b"Forwarded: no\n", [], id="forwarded-no"),
        pytest.param(b"Forwarded: yes\n", [], id="forwarded-yes"),
        pytest.param(b"Forwarded: https://x.org/1\n", [], id="forwarded-url"),
        pytest.param(b"Forwarded: No, why?\n", ["p:3:1: error dep3-forwarded"], id="forwarded-no-but"),
        pytest.param(b"Forwarded: not needed\n", ["p:3:1: error dep3-forwarded"], id="forwarded-misspelt"),
        pytest.param(b"Forwarded: by mail\n", ["p:3:1: note dep3-forwarded"], id="forwarded-somehow"),
        pytest.param(b"Forwarded:\n", ["p:3:1: error dep3-empty-field"], id="forwarded-empty"),
        pytest.param(b"Last-Update: 2023-02-29\n", ["p:3:1: error dep3-last-update"], id="no-such-day"),
        pytest.param(b"Last-Update: 20230228\n", ["p:3:1: error dep3-last-update"], id="no-dashes"),
        pytest.param(
            b"Last-Update: 2023-02-28\nLast-Update: 2023-02-28\n", ["p:4:1: warning dep3-duplicate-field"], id="twice"
        ),
        pytest.param(b"Subject: x\n", ["p:3:1: warning dep3-duplicate-field"], id="subject-beside-description"),
        pytest.param(b"Bug: #1234\n", ["p:3:1: error dep3-bug"], id="bug-number"),
        pytest.param(b"Bug-Ubuntu: https://x.org/1 and more\n", ["p:3:1: error dep3-bug"], id="bug-with-text"),
        pytest.param(b"Bug-: https://x.org/1\n", ["p:3:1: warning dep3-unknown-field"], id="bug-of-nobody"),
        pytest.param(b"Origin: upstream, https://x.org/1\n", [], id="origin"),
        pytest.param(b"Origin: backport, commit:0123abc\n", [], id="origin-commit"),
        pytest.param(b"Origin: upstream\n", [], id="origin-word"),
        pytest.param(b"Origin: my own head\n", [], id="origin-text"),
        pytest.param(b"Origin: upstraem, https://x.org/1\n", ["p:3:1: warning dep3-origin"], id="origin-misspelt"),
        pytest.param(b"Origin: upstream https://x.org\n", ["p:3:1: warning dep3-origin"], id="origin-without-comma"),
        pytest.param(b"Origin: upstream, 0123abcd\n", ["p:3:1: warning dep3-origin"], id="origin-bare-commit"),
        pytest.param(b"Applied-Upstream: 3.0, https://x.org\n", [], id="applied"),
        pytest.param(b"Applied-Upstream: 0123abcd\n", ["p:3:1: warning dep3-origin"], id="applied-bare-commit"),
        pytest.param(b"Reviewed-by: me\n", ["p:3:1: warning dep3-person"], id="reviewer-without-address"),
        pytest.param(b"Acked-by: Me <me@x.org>\nX-Ours: 1\nTested-by: y\n", [], id="fields-of-ones-own"),
        pytest.param(b"Forwared: no\n", ["p:3:1: warning dep3-unknown-field"], id="misspelt-field"),
        pytest.param(
            b"no field\n at all\n", ["p:3:1: warning dep3-stray-line", "p:4:1: warning dep3-stray-line"], id="stray"
        ),
        pytest.param(b"X-Y: a\x1bb\n", ["p:3:7: error dep3-control-character"], id="control-character"),
        pytest.param(b" Index: a/f\n", ["p:3:2: error header-reads-as-diff"], id="index-in-the-text"),
        pytest.param(b"X-Y: a\n  - --- a/f\n", ["p:4:3: error header-reads-as-diff"], id="quoted-diff"),
    ],
)
def test_lint(lines: bytes, expected: list[str]) -> None:
    assert _messages(b"Description: x\nAuthor: A <a@x.org>\n" + lines) == expected


@pytest.mark.parametrize(
    ("data", "slugs"),
    [
        pytest.param(b"", 2, id="nothing-at-all"),
        pytest.param(b"Description: x\n", 1, id="no-origin"),
        pytest.param(b"Origin: other\n", 1, id="no-description"),
        pytest.param(b"Subject: x\nFrom: a@b\n", 0, id="mail"),
    ],
)
def test_lint_asks_for_what_is_required(data: bytes, slugs: int) -> None:
    assert _messages(data) == ["p: error dep3-missing-field"] * slugs


def test_render_is_what_debian_writes() -> None:
    written = render({**COMPLETE, "Author": ["Ada <ada@example.org>", "Bob <bob@example.org>"]})
    assert written == (
        b"Description: short\n long\n .\n more\n"
        b"Author: Ada <ada@example.org>\nAuthor: Bob <bob@example.org>\nLast-Update: 2024-01-02\n\n"
    )
    assert list(lint(Header.parse(written), "x.patch")) == []
    assert render({}) == b""


BLANK = " \t\n"
INDENT = " \tX-"
lines = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12).filter(
    lambda line: (
        line.strip() != "."
        and not line.lstrip(INDENT).startswith(("---", "+++", "***", "@@", "Index", "Prereq", "diff"))
    )
)
values = st.lists(lines, min_size=1, max_size=6).map("\n".join).filter(lambda value: value.strip(BLANK))


@given(st.dictionaries(st.sampled_from(["Description", "Author", "Origin", "X-Note"]), values, min_size=1))
def test_what_is_rendered_is_read_again(fields: dict[str, str]) -> None:
    """Rule: parse(render(fields)) has the same fields, but for blanks at the ends of lines and of the value."""
    header = Header.parse(render(fields))
    assert [field.name for field in header.fields] == list(fields)
    for field, value in zip(header.fields, fields.values(), strict=True):
        assert field.value == "\n".join(line.rstrip(" \t") for line in value.strip(BLANK).split("\n"))
    assert list(differences(header, Header.parse(render(fields)), "x")) == []


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        pytest.param({"Bad name": "x"}, "dep3-field", id="blank-in-name"),
        pytest.param({"": "x"}, "dep3-field", id="no-name"),
        pytest.param({"Author": " \n"}, "dep3-field", id="empty"),
        pytest.param({"Author": "a\x00b"}, "dep3-field", id="nul"),
        pytest.param({"Author": "a\rb"}, "dep3-field", id="carriage-return"),
        pytest.param({"Author": "\ud800"}, "dep3-field", id="surrogate"),
        pytest.param({"Description": "a\n.\nb"}, "dep3-field", id="full-stop"),
        pytest.param({"Description": "a\n--- a/f\n+++ b/f"}, "header-reads-as-diff", id="diff"),
        pytest.param({"Description": "a\n  Index: a/f"}, "header-reads-as-diff", id="index"),
    ],
)
def test_what_cannot_be_written_is_an_error(fields: dict[str, str], slug: str) -> None:
    with pytest.raises(Dep3Error) as caught:
        render(fields)
    assert caught.value.finding.slug.name == slug
    assert caught.value.status is Exit.UNUSABLE


@pytest.mark.parametrize(
    ("name", "value", "old", "new"),
    [
        ("Last-Update", "2025-01-01", b"Last-Update: 2024-02-29\n", b"Last-Update: 2025-01-01\n"),
        ("author", "B <b@x>", b"Author: Ada <ada@example.org>\n", b"author: B <b@x>\n"),
        ("Reviewed-by", "B <b@x>", b"commit:0123abc\n", b"commit:0123abc\nReviewed-by: B <b@x>\n"),
    ],
)
def test_with_field_changes_one_field(name: str, value: str, old: bytes, new: bytes) -> None:
    assert bytes(Header.parse(FIELDS).with_field(name, value)) == FIELDS.replace(old, new, 1)


def test_with_field_on_a_header_without_a_last_line_end() -> None:
    assert bytes(Header.parse(b"Description: x").with_field("Forwarded", "no")) == b"Description: x\nForwarded: no\n"
    assert bytes(Header.parse(b"text\n").with_field("Forwarded", "no")) == b"Forwarded: no\ntext\n"


def test_differences_name_the_field() -> None:
    rendered = Header.parse(render({**COMPLETE, "Forwarded": "no"}))
    header = Header.parse(render(COMPLETE).replace(b"Ada", b"Eve"))
    found = list(differences(header, rendered, "p"))
    assert [(str(finding.place), finding.level) for finding in found] == [("p:5:1", Level.NOTE), ("p", Level.NOTE)]
    assert "Author" in found[0].message
    assert "Forwarded" in found[1].message
    mail = Header.parse(b"From: Ada <ada@example.org>\nSubject: short\n\nlong\n\nmore\n\nLast-Update: 2024-01-02\n")
    assert [finding.message.split()[0] for finding in differences(mail, Header.parse(render(COMPLETE)), "p")] == ["the"]


def test_a_hostile_header_is_read_in_one_pass() -> None:
    """A line of a megabyte, a field of a hundred thousand lines, a hundred thousand fields: all come back."""
    data = b"Description: " + b"x" * 1_000_000 + b"\n" + b" y\n" * 100_000 + b"X-A: b\n" * 100_000 + b"\x00"
    header = Header.parse(data)
    assert bytes(header) == data
    assert len(header.fields) == 100_001
    assert header.explanation.count("y") == 100_000
    unknown = Header.parse(b"Description: x\nAuthor: a@b\n" + b"Nonsense: b\n" * 20_000)
    assert [finding.slug.name for finding in lint(unknown, "p")] == ["dep3-unknown-field"] * 20_000
