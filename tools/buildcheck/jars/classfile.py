# SPDX-License-Identifier: GPL-3.0-or-later
"""A class file, read as far as an audit needs it: its version, and what others may use of it.

The format is chapter 4 of the Java Virtual Machine Specification: a pool of constants, of which only the width is looked
at but for text and classes, and then the class, its fields and its methods. Attributes are jumped over.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

__all__ = ["JAVA_OF_MAJOR", "ClassFile", "ClassFileError", "java", "major"]

_MAGIC = 0xCAFEBABE
JAVA_OF_MAJOR = 44
"""What to take from a major version to have the version of Java: 52 is Java 8 (JVMS, table 4.1-A)."""
_PUBLIC, _PROTECTED, _SYNTHETIC = 0x0001, 0x0004, 0x1000
_TEXT, _CLASS, _LONG, _DOUBLE = 1, 7, 5, 6
_WIDTHS = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
"""How many bytes follow the tag of a constant, but for text, which has a length of its own (JVMS, table 4.4-A)."""


class ClassFileError(ValueError):
    """The bytes are no class file."""


@dataclass(frozen=True, slots=True)
class ClassFile:
    """A class.

    :param major: the major version of its format.
    :param name: with dots.
    :param visible: whether others may name it.
    :param members: the public and protected fields and methods, each as its name and descriptor.
    """

    major: int
    name: str
    visible: bool
    members: frozenset[str]

    @classmethod
    def parse(cls, data: bytes) -> ClassFile:
        """Read a class file.

        :raises ClassFileError: it is none, or it ends too early.
        """
        try:
            return _parse(data)
        except (struct.error, LookupError, UnicodeDecodeError) as error:
            message = "it ends in the middle, or points outside of itself"
            raise ClassFileError(message) from error


def java(major_: int) -> int:
    """Return the version of Java that first reads the format of that major version."""
    return major_ - JAVA_OF_MAJOR


def major(data: bytes) -> int:
    """Return the major version that a class file begins with.

    :raises ClassFileError: it is none.
    """
    if len(data) < 8 or int.from_bytes(data[:4], "big") != _MAGIC:  # noqa: PLR2004 - magic, minor, major
        message = "it does not begin as a class file does"
        raise ClassFileError(message)
    return int.from_bytes(data[6:8], "big")


def _parse(data: bytes) -> ClassFile:
    version = major(data)
    texts: dict[int, str] = {}
    classes: dict[int, int] = {}
    (count,) = struct.unpack_from(">H", data, 8)
    at, number = 10, 1
    while number < count:
        tag = data[at]
        at += 1
        if tag == _TEXT:
            (length,) = struct.unpack_from(">H", data, at)
            texts[number] = data[at + 2 : at + 2 + length].decode("utf-8", "backslashreplace")
            at += 2 + length
        else:
            if tag == _CLASS:
                (classes[number],) = struct.unpack_from(">H", data, at)
            at += _WIDTHS[tag]
        number += 2 if tag in {_LONG, _DOUBLE} else 1
    flags, this, _, interfaces = struct.unpack_from(">HHHH", data, at)
    at += 8 + 2 * interfaces
    members = set()
    for _ in range(2):  # fields, and methods
        (count,) = struct.unpack_from(">H", data, at)
        at += 2
        for _ in range(count):
            access, name, descriptor, attributes = struct.unpack_from(">HHHH", data, at)
            at += 8
            for _ in range(attributes):
                (length,) = struct.unpack_from(">I", data, at + 2)
                at += 6 + length
            if access & (_PUBLIC | _PROTECTED) and not access & _SYNTHETIC:
                members.add(f"{texts[name]}{'' if '(' in texts[descriptor] else ' '}{texts[descriptor]}")
    return ClassFile(version, texts[classes[this]].replace("/", "."), bool(flags & _PUBLIC), frozenset(members))
