# SPDX-License-Identifier: GPL-3.0-or-later
"""What a WSDL file says: a service, its operations, their messages and the types of these."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

__all__ = ["UNBOUNDED", "Element", "Kind", "Operation", "Service", "Type"]

UNBOUNDED = -1
"""``maxOccurs="unbounded"``."""


class Kind(enum.Enum):
    """What the text of a simple element is (XML Schema part 2); the value is the name there."""

    TEXT = "string"
    BOOLEAN = "boolean"
    SHORT = "short"
    INT = "int"
    LONG = "long"
    TIME = "dateTime"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a sequence, or a global one.

    :param type: a simple kind, or the name of a complex type.
    :param most: :data:`UNBOUNDED`, or a number.
    :param qualified: it is in the namespace of the schema.
    :param line: where the file declares it, from 1; no part of what it is.
    """

    name: str
    type: Kind | str
    least: int = 1
    most: int = 1
    qualified: bool = True
    nillable: bool = False
    line: int = field(default=0, compare=False)

    @property
    def is_list(self) -> bool:
        """Whether there may be more than one."""
        return self.most != 1


@dataclass(frozen=True, slots=True)
class Type:
    """A complex type with the elements of its base first, or the wrapper of a global element.

    A wrapper has one element, which has its name; in C both are ``adb_NAME_t``. *line* is where the file declares it.
    """

    name: str
    elements: tuple[Element, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by its name; its messages by the names of their global elements."""

    name: str
    action: str
    input: str
    output: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Service:
    """One service of document/literal style.

    :param source: the name of the WSDL file, without its folders.
    :param namespace: of the schema.
    :param types: complex types and wrappers, each behind those that it uses.
    """

    source: str
    name: str
    namespace: str
    types: tuple[Type, ...]
    operations: tuple[Operation, ...]
