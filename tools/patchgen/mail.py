# SPDX-License-Identifier: GPL-3.0-or-later
"""A patch as a mail that ``git am`` takes, and that turns back into the same bytes.

The mail says in git's words what the header of the patch says: From and Date are its author and its last
update, the subject and the text its description. Below the rule ``---``, where git does not look, the header
stands once more as it is, each line behind ``> ``: from there it comes back byte for byte.

Rule sources: git-format-patch(1), git-mailinfo(1) and its ``mailinfo.c``; RFC 2045, RFC 2047, RFC 5322.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import policy
from email.errors import HeaderParseError, MessageError
from email.header import Header as Words
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import format_datetime, formataddr, parsedate_to_datetime
from typing import TYPE_CHECKING

from . import __version__, dep3
from ._preamble import diff_start
from .findings import Exit, PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

__all__ = ["NOT_A_MAIL", "Mail", "MailError", "Origin", "is_mail", "separated"]

_NO_ORIGIN = Slug.define(
    "no-author-or-date",
    """A patch is to become a commit, which has an author with an address, a date and a subject. They come from
    the header of the patch: Author (or From), Last-Update (or Date), Description (or Subject). None is invented.""",
)
NOT_A_MAIL = Slug.define(
    "mail-unusable",
    """A mail cannot be turned into a patch: it has no subject, no diff, several parts (MIME), or an encoding that
    is none. Save the mail as git send-email sent it, in one part, or save the patch itself.""",
)

_SEPARATOR = b"From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
_FROM = re.compile(rb"^From [^\n]*\d\d:\d\d:\d\d[^\n]* \d{4}[^\n]*\n", re.MULTILINE)
_NAME = "X-Patchgen-Name"
_LEAD = b"The header of the patch in the series:\n"
_QUOTE = b"> "
_SIGNATURE = b"-- \n"
_CUT = re.compile(r"(?:diff -|Index: |---(?:\s*$|\s+\S))")
"""Where git ends the message (mailinfo.c, patchbreak)."""
_INBODY = re.compile(r"(?:>?From|Subject|Date|Content-[\w-]+|MIME-Version)\s*:|>From |\[PATCH\]", re.IGNORECASE)
_PLAIN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|^From |[^\n]{990}", re.MULTILINE)
"""What a mail does not carry as it is."""
_TAGS = re.compile(r"(?:\[[^\]]*\]\s*)+")


class MailError(PatchgenError, ValueError):
    """A patch cannot become a mail, or a mail a patch."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote a patch and when, as its header says.

    :param day: of the last update; the hour is not known, and is midnight UTC.
    """

    name: str
    address: str
    day: datetime
    subject: str

    @classmethod
    def of(cls, header: dep3.Header, where: str) -> Origin:
        """Return what *header* says.

        :param where: what the person calls the patch.
        :raises MailError: it names no author with an address, no date or no subject.
        """
        author = " ".join((header.get("Author", "From") or "").split())
        name, address = _person(author)
        if not address:
            said = f"the author is {author!r}" if author else "the header has no Author"
            raise MailError(_NO_ORIGIN, f"{said}, and a mail needs NAME <ADDRESS>", Place(where))
        day = _day(header)
        if day is None:
            message = "the header has no Last-Update that is a date"
            raise MailError(_NO_ORIGIN, message, Place(where), "write Last-Update: YYYY-MM-DD, or give --last-update")
        if not header.description:
            raise MailError(_NO_ORIGIN, "the header has no Description", Place(where))
        return cls(name, address, day, header.description)

    @property
    def author(self) -> str:
        """Name and address, as a person reads them."""
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Mail:
    """One patch, and what a mail says of it.

    :param patch: its name in the series; "" where the mail does not say.
    :param header: the bytes before the diff; *diff* the diff.
    :param faithful: the header came with the mail as it was; else it was made of what the mail says.
    :param differs: what the mail itself says otherwise than the header that came with it; "" for nothing.
    """

    patch: str
    header: bytes
    diff: bytes
    faithful: bool = True
    differs: str = ""

    @property
    def data(self) -> bytes:
        """The bytes of the patch."""
        return self.header + self.diff

    @classmethod
    def of(cls, patch: str, data: bytes) -> Mail:
        """Return the mail of a patch whose bytes are *data*.

        :raises MailError: it has no diff.
        """
        header, diff = dep3.split(data)
        if not diff:
            raise MailError(NOT_A_MAIL, "it has no diff", Place(patch))
        return cls(patch, header, diff)

    def written(self, number: int, count: int) -> bytes:
        """Return the bytes of the mail, with the separator of a mailbox before them.

        :raises MailError: the header lacks what a mail needs.
        """
        header = dep3.Header.parse(self.header)
        origin = Origin.of(header, self.patch)
        body = self._body(header)
        encoding = "8bit"
        if _PLAIN.search(body):
            body, encoding = _quoted(body), "quoted-printable"
        tag = f"[PATCH {number:0{len(str(count))}}/{count}]" if count > 1 else "[PATCH]"
        lines = [
            f"From: {formataddr((origin.name, origin.address), 'utf-8')}",
            f"Date: {format_datetime(origin.day)}",
            f"Subject: {_words(f'{tag} {origin.subject}', 'Subject')}",
            f"{_NAME}: {_words(self.patch, _NAME)}",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=UTF-8",
            f"Content-Transfer-Encoding: {encoding}",
        ]
        return _SEPARATOR + ("\n".join(lines) + "\n\n").encode("ascii") + body + b"\n"

    def _body(self, header: dep3.Header) -> bytes:
        text = [f" {line}" if _CUT.match(line) else line for line in header.explanation.split("\n")]
        while text and not text[0].strip():
            text = text[1:]
        if text and _INBODY.match(text[0]):
            # git would take it for a header of its own; behind one it does not look any more.
            text = [f"Subject: {header.description}", "", *text]
        message = "\n".join(text).rstrip() + "\n" if text else ""
        lines = self.header.split(b"\n")[:-1]  # a header ends where the line of a diff begins
        block = b"".join(_QUOTE + line + b"\n" for line in lines)
        parts = [message.encode("utf-8", "replace"), b"---\n", _LEAD, block, b"\n", self.diff]
        return b"".join(parts) + _SIGNATURE + f"patchgen {__version__}\n".encode()

    @classmethod
    def parse(cls, data: bytes, where: str) -> Mail:
        """Return the patch in a mail.

        :param where: what the person calls the mail.
        :raises MailError: there is none in it.
        """
        head, body = _opened(_FROM.sub(b"", data, count=1) if _FROM.match(data) else data, where)
        subject, author = (" ".join(_text(head.get(field, "")).split()) for field in ("Subject", "From"))
        if not subject:
            raise MailError(NOT_A_MAIL, "it has no subject", Place(where))
        begin = _message_end(body)
        start = begin + diff_start(body[begin:])
        diff = _without_signature(body[start:])
        if not diff:
            raise MailError(NOT_A_MAIL, "there is no diff in it", Place(where))
        name = _text(head.get(_NAME, "")).strip()
        header = _block(body[begin:start])
        if header is not None:
            return cls(name, header, diff, differs=_differing(header, head, subject, author))
        text = body[:begin].removesuffix(b"---\n").decode("utf-8", "replace").strip()
        short = _TAGS.sub("", subject, count=1)
        return cls(name, _made(short, text, author, head), diff, faithful=False)


def is_mail(data: bytes) -> bool:
    """Return whether *data* is a mail or a mailbox: it begins as ``git format-patch`` and mailboxes do."""
    return _FROM.match(data) is not None


def separated(data: bytes) -> Iterator[bytes]:
    """Yield the mails of a mailbox, or the one that *data* is."""
    starts = [found.start() for found in _FROM.finditer(data)] or [0]
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        yield data[start:end]


def _person(text: str) -> tuple[str, str]:
    """Return name and address of an author; the address is "" where there is none.

    DEP-3 has no rules for the name, which may have commas and quotation marks in it.
    """
    found = re.fullmatch(r"(.*?)\s*<([^\s@<>]+@[^\s@<>]+)>", text.strip()) or re.fullmatch(
        r"()([^\s@<>]+@[^\s@<>]+)", text
    )
    if found is None or not found[2].isascii():
        return "", ""
    name = found[1].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, found[2]


def _day(header: dep3.Header) -> datetime | None:
    said = (header.get("Last-Update") or "").strip()
    try:
        found = date.fromisoformat(said) if re.fullmatch(r"\d{4}-\d\d-\d\d", said) else None
    except ValueError:
        found = None
    if found is not None:
        return datetime(found.year, found.month, found.day, tzinfo=UTC)
    sent = _sent(header.get("Date") or "")
    return sent if sent is None or sent.tzinfo else sent.replace(tzinfo=UTC)


def _sent(text: str) -> datetime | None:
    """Return what a Date field says (RFC 5322 3.3); None where it says nothing that is a date."""
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None


def _words(text: str, field: str) -> str:
    """Return a header's value, folded; encoded where it is not ASCII, or would be a field of its own once folded."""
    text = text.encode("utf-8", "replace").decode()
    if text.isascii():
        try:
            return Words(text, "us-ascii", header_name=field, maxlinelen=76).encode()
        except HeaderParseError:
            pass
    return Words(text, "utf-8", header_name=field, maxlinelen=76).encode()


def _text(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except (MessageError, LookupError, ValueError):
        return str(value)


def _quoted(body: bytes) -> bytes:
    """Return *body* in quoted-printable, in which no line begins like the separator of a mailbox."""
    lines = [binascii.b2a_qp(line, istext=False) for line in body.split(b"\n")]
    return re.sub(rb"^From ", b"=46rom ", b"\n".join(lines), flags=re.MULTILINE)


def _opened(data: bytes, where: str) -> tuple[Message, bytes]:
    """Return the headers of a mail and its body as it was before it was encoded."""
    found = re.search(rb"^\r?\n", data, re.MULTILINE)
    end = found.end() if found else len(data)
    head = BytesHeaderParser(policy=policy.compat32).parsebytes(data[:end])
    if head.get_content_maintype() != "text":
        raise MailError(NOT_A_MAIL, f"its content is {head.get_content_type()}, and not text", Place(where))
    encoding = str(head.get("Content-Transfer-Encoding", "8bit")).strip().lower()
    body = data[end:]
    try:
        if encoding == "quoted-printable":
            body = binascii.a2b_qp(body)
        elif encoding == "base64":
            body = binascii.a2b_base64(body)
    except binascii.Error as error:
        raise MailError(NOT_A_MAIL, f"its {encoding} is damaged: {error}", Place(where)) from error
    if encoding not in {"7bit", "8bit", "binary", "quoted-printable", "base64"}:
        raise MailError(NOT_A_MAIL, f"its encoding is {encoding!r}, which is none", Place(where))
    return head, body


def _message_end(body: bytes) -> int:
    """Return where the message ends: behind the rule, else where the diff begins."""
    rule = re.search(rb"^---[ \t]*\r?\n", body, re.MULTILINE)
    start = diff_start(body)
    return rule.end() if rule and rule.start() < start else start


def _block(text: bytes) -> bytes | None:
    """Return the header that stands between the rule and the diff, None for none."""
    lead = (b"\n" + text).rfind(b"\n" + _LEAD)
    if lead < 0:
        return None
    lines: list[bytes] = []
    for line in text[lead + len(_LEAD) :].split(b"\n"):
        if not line.startswith(_QUOTE):
            break
        lines.append(line.removeprefix(_QUOTE) + b"\n")
    return b"".join(lines)


def _without_signature(diff: bytes) -> bytes:
    """Return the diff without the signature, which git and we put behind it.

    A line that a hunk takes away may look like it; the last such line is the signature.
    """
    at = (b"\n" + diff).rfind(b"\n" + _SIGNATURE)
    if at < 0 or diff.count(b"\n", at) > 3:  # noqa: PLR2004 - the rule, the version, and an empty line or two
        return diff
    return diff[:at]


def _differing(header: bytes, head: Message, subject: str, author: str) -> str:
    """Return which of the mail's own words are not those of the header that came with it."""
    parsed = dep3.Header.parse(header)
    try:
        origin = Origin.of(parsed, "")
    except MailError:
        return "author, date or subject"
    said = _text(head.get("Date", ""))
    pairs = {
        "author": (_person(author), (origin.name, origin.address)),
        "date": (said, format_datetime(origin.day)),
        "subject": (_TAGS.sub("", subject, count=1), _TAGS.sub("", " ".join(origin.subject.split()), count=1)),
    }
    return ", ".join(what for what, (mail, patch) in pairs.items() if mail != patch)


def _made(subject: str, text: str, author: str, head: Message) -> bytes:
    """Return a header of what a mail says that did not come from here."""
    fields: dict[str, str | date] = {"Description": f"{subject}\n{text}".rstrip(), "Author": author}
    sent = _sent(str(head.get("Date", "")))
    if sent is not None:
        fields["Last-Update"] = sent.date()
    return dep3.render({name: value for name, value in fields.items() if value})
