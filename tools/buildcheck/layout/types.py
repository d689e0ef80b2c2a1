# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of C, as far as a layout goes, and layouts."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

__all__ = ["CType", "Field", "Layout", "Member", "Sort", "UnprovedError"]


class UnprovedError(Exception):
    """A type whose layout cannot be computed with certainty; the text says why."""


class Sort(enum.Enum):
    """What sort of type it is."""

    VOID = "void"
    INTEGER = "integer"
    FLOAT = "float"
    POINTER = "pointer"
    ENUM = "enum"
    ARRAY = "array"
    RECORD = "record"
    FUNCTION = "function"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class CType:
    """A type on one target.

    :param size: bytes; None of a function, an incomplete type, and an array without a length.
    :param align: bytes.
    :param user: an attribute says the alignment.
    :param tag: of an incomplete type, the key that it may be completed under.
    :param unproved: why its layout is not known; "" where it is.
    """

    sort: Sort
    name: str
    size: int | None
    align: int
    signed: bool = False
    user: bool = False
    element: CType | None = None
    layout: Layout | None = field(default=None, repr=False)
    tag: str = ""
    unproved: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A member as it is declared.

    :param width: bits of a bit-field, None of any other member.
    :param packed: an attribute of its own packs it.
    :param aligned: bytes that an attribute of its own aligns it to; 0 without.
    :param offset: where its name stands in the text of the chunk.
    """

    name: str
    type: CType
    width: int | None = None
    packed: bool = False
    aligned: int = 0
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Member:
    """A member as it lies there: *offset* and *size* are bits from the start of the record.

    :param path: the name; of a member of an anonymous record its name too, because C says so. "" of an
        unnamed bit-field.
    :param sized: ``sizeof`` can be asked of it: no bit-field and no array without a length.
    """

    path: str
    type: str
    offset: int
    size: int
    bits: bool = False
    sized: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """A struct or union: *size* and *align* are bytes.

    :param members: in the order of the text, those of anonymous records in their place.
    :param user: an attribute of it or of a member says the alignment.
    """

    size: int
    align: int
    members: tuple[Member, ...]
    user: bool = False
