# SPDX-License-Identifier: GPL-3.0-or-later
"""A patch becomes a mail that `git am` takes, and the mail the same bytes again."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _git import committed, git
from patchgen import dep3
from patchgen.mail import Mail, MailError, is_mail, separated

if TYPE_CHECKING:
    from pathlib import Path

DIFF = b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-old\n+new\n"
FIELDS = b"Author: A <a@example.org>\nLast-Update: 2011-03-04\n\n"


def of(description: bytes, diff: bytes = DIFF, fields: bytes = FIELDS) -> bytes:
    return b"Description: " + description + b"\n" + fields + diff


PATCHES: dict[str, tuple[bytes, bytes]] = {
    # name: the patch, and what the file f holds before
    "plain": (of(b"one"), b"old\n"),
    "a text of its own": (of(b"one\n more of it\n .\n and more"), b"old\n"),
    "an author who is not ASCII": (
        of(b"\xc3\xbc", fields='Author: Żółć, "der" Große <z@example.org>\nLast-Update: 2011-03-04\n\n'.encode()),
        b"old\n",
    ),
    "a comma in the name": (
        of(b"x", fields=b"From: Doe, Jane <j@example.org>\n" + FIELDS.split(b"\n", 1)[1]),
        b"old\n",
    ),
    "Latin-1 in the header": (of(b"caf\xe9"), b"old\n"),
    "Latin-1 in the diff": (of(b"x", DIFF.replace(b"new", b"caf\xe9")), b"old\n"),
    "carriage returns in the diff": (of(b"x", DIFF.replace(b"old", b"old\r").replace(b"new", b"new\r")), b"old\r\n"),
    "carriage returns in the header": (
        of(b"x").replace(b"Author: A <a@example.org>\n", b"Author: A <a@example.org>\r\n"),
        b"old\n",
    ),
    "a form feed and a line of 2,000": (of(b"x", DIFF.replace(b"new", b"\x0c" + b"n" * 2000)), b"old\n"),
    "a line that begins a mail": (
        of(b"x\n From here on it is better,\n From 00:00:00 on of 2011\n From x 10:10:10 2011"),
        b"old\n",
    ),
    "a header in the text": (of(b"x\n From: somebody else <b@example.org>\n .\n text"), b"old\n"),
    "a rule in the text": (of(b"x\n above\n .\n ---\n below"), b"old\n"),
    "the lead in the text": (of(b"x\n The header of the patch in the series:\n > Description: y"), b"old\n"),
    "a tag in the subject": (of(b"[PATCH] [nc] x"), b"old\n"),
    "a long subject": (of(b"word " * 60 + b"end"), b"old\n"),
    "two authors": (of(b"x", fields=b"Author: B <b@example.org>\n" + FIELDS), b"old\n"),
    "a mail already": (
        b"From 1234567890 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\nDate: Fri, 4 Mar 2011 10:11:12 +0100\n"
        b"Subject: [PATCH 2/3] one\n =?utf-8?q?two?=\n\ntext\n---\n f | 2 +-\n\n" + DIFF + b"-- \n2.1\n\n",
        b"old\n",
    ),
    "a rule that is taken away": (of(b"x", b"--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n-- \n-old\n+new\n"), b"- \nold\n"),
    "a mail's end that is taken away": (of(b"x", b"--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n old\n-- \n"), b"old\n- \n"),
    "no end of line": (of(b"x", DIFF + b"\\ No newline at end of file\n"), b"old\n"),
}


@pytest.mark.parametrize("case", PATCHES)
def test_a_mail_turns_back_into_the_same_bytes(case: str) -> None:
    patch, _ = PATCHES[case]
    mail = Mail.of("sub/one.patch", patch).written(3, 12)
    assert is_mail(mail)
    assert list(separated(mail * 2)) == [mail, mail]
    back = Mail.parse(mail, "mail")
    assert (back.data, back.patch, back.faithful, back.differs) == (patch, "sub/one.patch", True, "")
    assert all(len(line) < 998 and b"\r" not in line for line in mail.split(b"\n"))


def test_git_am_takes_it_with_author_date_and_text(tmp_path: Path) -> None:
    """All cases in one mailbox, each on a file of its own."""
    moved = {
        f"{number}/f": (patch.replace(b"a/f", b"a/%d/f" % number).replace(b"b/f", b"b/%d/f" % number), before)
        for number, (patch, before) in enumerate(PATCHES.values())
    }
    for place in (tmp_path / "git", tmp_path / "patch"):
        for name, (_, before) in moved.items():
            (place / name).parent.mkdir(parents=True)
            (place / name).write_bytes(before)
    repository = committed(tmp_path / "git")
    count = len(moved)
    mails = [Mail.of(f"{n}.patch", patch).written(n, count) for n, (patch, _) in enumerate(moved.values(), start=1)]
    git(repository, "am", "-q", data=b"".join(mails))
    for patch, _ in moved.values():
        subprocess.run(["patch", "-sp1", "-F0"], cwd=tmp_path / "patch", input=patch, check=True)
    for name in moved:
        assert (repository / name).read_bytes() == (tmp_path / "patch" / name).read_bytes()
    log = git(repository, "log", "--reverse", "--format=%an <%ae>%x00%aI%x00%s%x00%b%x01", "HEAD", f"-{count}").decode()
    for case, entry in zip(PATCHES, log.split("\x01\n"), strict=False):
        author, day, subject, text = entry.split("\0")
        header = dep3.Header.parse(dep3.split(PATCHES[case][0])[0])
        written = " ".join((header.get("Author", "From") or "").split())
        assert author.replace('"', "") == written.replace('"', ""), case
        assert day[:10] == "2011-03-04", case
        assert subject.split() == re.sub(r"\[\w+\] ", "", header.description).split(), case
        wanted = [line.strip() for line in header.explanation.split("\n") if line.strip()]
        assert [line.strip() for line in text.split("\n") if line.strip()] == wanted, case
    assert log.count("\x01") == count


@pytest.mark.parametrize("case", ["plain", "Latin-1 in the diff", "an author who is not ASCII"])
def test_what_git_writes_itself_becomes_a_patch_with_a_header(case: str, tmp_path: Path) -> None:
    patch, before = PATCHES[case]
    (tmp_path / "f").write_bytes(before)
    committed(tmp_path)
    git(tmp_path, "am", "-q", data=Mail.of("one.patch", patch).written(1, 1))
    mail = Mail.parse(git(tmp_path, "format-patch", "--stdout", "-1"), "git's")
    assert not mail.faithful
    assert not mail.patch
    header, old = dep3.Header.parse(mail.header), dep3.Header.parse(dep3.split(patch)[0])
    assert header.description == old.description
    assert header.get("Last-Update") == "2011-03-04"
    assert (header.get("Author") or "").replace('"', "") == (old.get("Author") or "").replace('"', "")
    assert mail.diff.endswith(dep3.split(patch)[1].split(b"\n", 2)[2])


BAD: dict[str, tuple[bytes, str]] = {
    "no author": (b"Description: x\nLast-Update: 2011-03-04\n\n" + DIFF, "no-author-or-date"),
    "no address": (of(b"x", fields=b"Author: A\nLast-Update: 2011-03-04\n\n"), "no-author-or-date"),
    "no date": (of(b"x", fields=b"Author: A <a@example.org>\n\n"), "no-author-or-date"),
    "a date that is none": (
        of(b"x", fields=b"Author: A <a@example.org>\nLast-Update: 2011-02-30\n\n"),
        "no-author-or-date",
    ),
    "no description": (FIELDS + DIFF, "no-author-or-date"),
    "no header": (DIFF, "no-author-or-date"),
    "no diff": (of(b"x", b""), "mail-unusable"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_a_mail_needs_is_never_invented(case: str) -> None:
    patch, slug = BAD[case]
    with pytest.raises(MailError) as caught:
        Mail.of("one.patch", patch).written(1, 1)
    assert caught.value.finding.slug.name == slug


MAILS: dict[str, bytes] = {
    "empty": b"",
    "no subject": b"From: A <a@b>\n\n---\n" + DIFF,
    "no diff": b"Subject: x\n\ntext\n",
    "of several parts": b"Subject: x\nContent-Type: multipart/mixed; boundary=x\n\n--x\n",
    "of an unknown encoding": b"Subject: x\nContent-Transfer-Encoding: x-rot13\n\n" + DIFF,
    "of damaged base64": b"Subject: x\nContent-Transfer-Encoding: base64\n\nA\n",
}


@pytest.mark.parametrize("case", MAILS)
def test_a_mail_without_a_patch_is_refused(case: str) -> None:
    with pytest.raises(MailError) as caught:
        Mail.parse(MAILS[case], "mail")
    assert caught.value.finding.slug.name == "mail-unusable"


def test_a_changed_mail_says_so() -> None:
    mail = Mail.of("one.patch", of(b"one")).written(1, 1)
    assert Mail.parse(mail.replace(b"] one", b"] two"), "mail").differs == "subject"
    assert Mail.parse(mail.replace(b"From: A", b"From: B"), "mail").differs == "author"
    assert Mail.parse(mail.replace(b"Date: Fri, 04", b"Date: Sat, 05"), "mail").differs == "date"


TEXTS = st.lists(
    st.one_of(
        st.binary(max_size=30).map(lambda data: b" " + data.replace(b"\n", b"")),
        st.sampled_from([b" ---", b" From x", b" > y", b" .", b" -- ", b" Subject: z", b" diff -x", b" Index: a b"]),
    ),
    max_size=6,
).map(b"\n".join)


@given(text=TEXTS, line=st.binary(max_size=30))
def test_any_header_and_diff_come_back(text: bytes, line: bytes) -> None:
    """Rule: parse(written(patch)) == patch, whatever bytes the description and the changed line are."""
    diff = DIFF.replace(b"new", line.replace(b"\n", b""))
    patch = b"Description: x\n" + text + b"\n" + FIELDS + diff
    if not dep3.split(patch)[0].endswith(FIELDS):
        return  # the description reads as the beginning of a diff
    try:
        mail = Mail.of("one.patch", patch).written(1, 1)
    except MailError:
        assert not dep3.Header.parse(dep3.split(patch)[0]).get("Author")
        return
    assert Mail.parse(mail, "mail").data == patch


@given(
    data=st.binary(max_size=300),
    head=st.sampled_from([b"", b"Subject: x\n", b"Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n"]),
)
def test_any_bytes_are_a_mail_or_refused(data: bytes, head: bytes) -> None:
    """Rule: whatever comes in, the only error is a MailError."""
    for mail in separated(head + data):
        try:
            Mail.parse(mail, "mail")
        except MailError as error:
            assert error.finding.slug.name == "mail-unusable"  # noqa: PT017 - both ways are right
