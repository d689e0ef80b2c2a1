# SPDX-License-Identifier: GPL-3.0-or-later
"""The members of a tar archive (POSIX ustar and pax, GNU long names, V7), strictly.

tarfile of the standard library is made to get at what can be got at: it takes a damaged header
for the end of the archive, and versions still in use loop for ever on a negative size, overflow
the stack on a chain of long names, or take quadratic time on a pax header. Here anything that is
not plainly an archive of files, folders and links is an error with the member's name.

Format: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._source import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._store import Store

__all__ = ["Kind", "Member", "TarError", "members"]

_BLOCK = 512
_ZEROS = bytes(_BLOCK)
# A name longer than this cannot be unpacked on Linux (PATH_MAX), and a pax header holds little else.
_MAX_HEADER = 1 << 20
_MAX_NAME = 4096
_UNWANTED = {
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a named pipe",
    b"S": "a sparse file",
    b"M": "the rest of a file of another volume",
}


class Kind(enum.Enum):
    """The kinds of members that a source has."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "symbolic link"
    HARD_LINK = "hard link"


_KINDS = {
    b"0": Kind.FILE,
    b"\0": Kind.FILE,
    b"7": Kind.FILE,
    b"1": Kind.HARD_LINK,
    b"2": Kind.LINK,
    b"5": Kind.FOLDER,
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its bytes are ``[offset, offset + size)`` of the archive."""

    name: str
    """As written, without the slashes at its end."""
    kind: Kind
    target: str
    """Of a link: where it leads, as written."""
    offset: int
    size: int


class TarError(ValueError):
    """The archive is damaged, or a member is of a kind that no source has."""

    def __init__(self, message: str, member: str = "") -> None:
        super().__init__(message)
        self.member = member


def members(store: Store) -> Iterator[Member]:
    """Yield the members of the archive in *store*, in order.

    :raises TarError: see there. A member that was yielded before is then worth nothing.
    :raises OSError: the archive cannot be read.
    """
    at = 0
    long_names: dict[str, str] = {}  # what the headers before a member say of it, by pax keyword
    name = ""
    while True:
        block = store.read(at, _BLOCK)
        if block == _ZEROS:
            break
        if len(block) < _BLOCK:
            msg = "the archive is cut off: its end mark is missing"
            raise TarError(msg, name)
        _check_sum(block, name)
        kind = block[156:157]
        size = _number(block[124:136], name)
        at += _BLOCK
        if kind in b"xXLKg":
            if not 0 <= size <= _MAX_HEADER:
                msg = f"a header of {size} bytes"
                raise TarError(msg, name)
            data = _read(store, at, size, name)
            if kind in b"xX":
                long_names |= _pax(data, name)
            elif kind == b"g":
                _check_global(_pax(data, name), name)
            else:
                long_names["path" if kind == b"L" else "linkpath"] = decoded(data.rstrip(b"\0"))
        else:
            member = _member(block, size, at, long_names)
            name, size = member.name, member.size
            if member.offset + size > store.length:
                msg = "the archive is cut off within this member"
                raise TarError(msg, name)
            yield member
            long_names = {}
        at += -(-size // _BLOCK) * _BLOCK
    if long_names:
        msg = "the archive ends behind a header that has no member"
        raise TarError(msg, name)
    _check_rest(store, at, name)


def _member(block: bytes, size: int, offset: int, long_names: dict[str, str]) -> Member:
    name, target = _field(block[:100]), _field(block[157:257])
    if block[257:263] == b"ustar\0" and (prefix := _field(block[345:500])):
        name = f"{prefix}/{name}"
    # A pax record without a value takes back what an earlier one said.
    name, target = long_names.get("path") or name, long_names.get("linkpath") or target
    if any(key.startswith("GNU.sparse") for key in long_names):
        msg = "it is a sparse file"
        raise TarError(msg, name)
    kind = block[156:157]
    if kind in _UNWANTED:
        msg = f"it is {_UNWANTED[kind]}"
        raise TarError(msg, name)
    if long_names.get("size"):
        size = _decimal(long_names["size"], name)
    if max(len(name), len(target)) > _MAX_NAME:
        msg = f"its name or target has more than {_MAX_NAME} characters"
        raise TarError(msg, name[:100])
    if kind in b"0\0" and name.endswith("/"):
        kind = b"5"  # V7 had no other way to say it
    if kind not in _KINDS:
        msg = f"its type {decoded(kind)!r} is none that a source has"
        raise TarError(msg, name)
    # POSIX lets a hard link have bytes and a folder say how many it may hold; no tool does so by
    # default, and readers differ on what follows then.
    if size < 0 or (size and _KINDS[kind] is not Kind.FILE):
        msg = f"a {_KINDS[kind].value} of {size} bytes"
        raise TarError(msg, name)
    if _KINDS[kind] is Kind.FILE:
        return Member(name, Kind.FILE, "", offset, size)
    return Member(name.rstrip("/") or name, _KINDS[kind], target, offset, 0)


def _check_sum(block: bytes, after: str) -> None:
    # The sum counts its own field as blanks. Some old programs added signed bytes.
    rest = block[:148] + b" " * 8 + block[156:]
    wanted = _number(block[148:156], after)
    if sum(rest) != wanted and sum(byte - 256 if byte > 127 else byte for byte in rest) != wanted:  # noqa: PLR2004
        msg = "it is no tar archive, or damaged: a header's checksum is wrong"
        raise TarError(msg, after)


def _field(data: bytes) -> str:
    return decoded(data.split(b"\0", 1)[0])


def _number(data: bytes, name: str) -> int:
    """Return a number of a header: octal digits, or base 256 with the highest bit set (GNU)."""
    if data[0] in (0x80, 0xFF):
        return int.from_bytes(data[1:], "big", signed=data[0] == 0xFF)  # noqa: PLR2004 - see above
    text = data.split(b"\0", 1)[0].strip(b" ")
    if text.strip(b"01234567"):
        msg = "it is no tar archive, or damaged: a header has no number where one must be"
        raise TarError(msg, name)
    return int(text or b"0", 8)


def _decimal(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004 - 2**64 has 20 digits
        msg = f"its size {text[:30]!r} is no number"
        raise TarError(msg, name)
    return int(text)


def _pax(data: bytes, name: str) -> dict[str, str]:
    """Return the records of a pax header: length of the whole record, blank, keyword, =, value, newline."""
    records: dict[str, str] = {}
    at = 0
    while at < len(data):
        blank = data.find(b" ", at, at + 20)
        digits = data[at:blank] if blank > at else b""
        stop = at + int(digits) if digits.isdigit() else 0
        key, equals, value = data[blank + 1 : stop - 1].partition(b"=")
        if not (blank < stop <= len(data) and equals and data[stop - 1 : stop] == b"\n"):
            msg = "a pax header is damaged"
            raise TarError(msg, name)
        records[decoded(key)] = decoded(value)
        at = stop
    return records


def _check_global(records: dict[str, str], name: str) -> None:
    """Refuse a global header that would change members; git archive's holds the commit as a comment."""
    for key in records:
        if key in ("path", "linkpath", "size") or key.startswith("GNU.sparse"):
            msg = f"a global header sets {key!r} for all members"
            raise TarError(msg, name)


def _read(store: Store, at: int, size: int, name: str) -> bytes:
    if at + size > store.length:
        msg = "the archive is cut off within a header"
        raise TarError(msg, name)
    return store.read(at, size)


def _check_rest(store: Store, at: int, name: str) -> None:
    """Refuse anything but zeros behind the end: it would be read by some programs and not by others."""
    while piece := store.read(at, 1 << 18):
        if piece.strip(b"\0"):
            msg = "something stands behind the end of the archive"
            raise TarError(msg, name)
        at += len(piece)
