# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of C as values (C11 6.2.5), whether two are compatible (6.2.7, 6.7.6), and how they are written."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace

__all__ = [
    "CHAR",
    "DOUBLE",
    "INT",
    "LONG",
    "SIZE",
    "UNKNOWN",
    "VOID",
    "CType",
    "Kind",
    "Parameter",
    "bits",
    "compatible",
    "decayed",
    "declared",
    "is_unsigned",
    "pointer",
    "promoted",
    "rank",
    "usual",
]


class Kind(enum.Enum):
    """What sort of type it is."""

    VOID = "void"
    INTEGER = "integer"
    FLOATING = "floating"
    POINTER = "pointer"
    ARRAY = "array"
    FUNCTION = "function"
    RECORD = "record"
    ENUM = "enum"
    OPAQUE = "opaque"
    """A type of the compiler's own, known by its name only, such as ``__builtin_va_list``."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function; *name* is "" where the declaration gives none."""

    name: str
    type: CType


@dataclass(frozen=True, slots=True)
class CType:
    """A type, typedefs resolved.

    :param name: of a basic type in canonical form, such as ``unsigned int``; of a record or an enum with its
        tag, such as ``struct tm``.
    :param qualifiers: const, volatile, restrict: of this type, not of what it points to.
    :param of: what a pointer points to, an array holds, a function returns.
    :param length: of an array; None where it is not told or no plain number.
    :param parameters: of a function; None where the declaration says nothing of them (``f()``).
    :param spelled: the typedef that it was written with; no part of its identity.
    """

    kind: Kind
    name: str = ""
    qualifiers: frozenset[str] = frozenset()
    of: CType | None = None
    length: int | None = None
    parameters: tuple[Parameter, ...] | None = None
    variadic: bool = False
    spelled: str = field(default="", compare=False)

    @property
    def target(self) -> CType:
        """What a pointer points to, an array holds or a function returns; UNKNOWN of any other type."""
        return self.of or UNKNOWN

    @property
    def is_arithmetic(self) -> bool:
        """Whether it is an arithmetic type (C11 6.2.5 paragraph 18)."""
        return self.kind in {Kind.INTEGER, Kind.FLOATING, Kind.ENUM}

    @property
    def is_integer(self) -> bool:
        """Whether it is an integer type (C11 6.2.5 paragraph 17)."""
        return self.kind in {Kind.INTEGER, Kind.ENUM}

    def plain(self) -> CType:
        """Return the type without its own qualifiers."""
        return replace(self, qualifiers=frozenset()) if self.qualifiers else self

    def __str__(self) -> str:
        return _written(self, "")


VOID = CType(Kind.VOID, "void")
CHAR = CType(Kind.INTEGER, "char")
INT = CType(Kind.INTEGER, "int")
LONG = CType(Kind.INTEGER, "long")
SIZE = CType(Kind.INTEGER, "unsigned long")
DOUBLE = CType(Kind.FLOATING, "double")
UNKNOWN = CType(Kind.UNKNOWN, "?")

_RANKS = {"_Bool": 0, "char": 1, "short": 2, "int": 3, "long": 4, "long long": 5, "__int128": 6}
_FLOATS = ("float", "double", "long double")
_BITS = {"_Bool": 1, "char": 8, "short": 16, "int": 32, "long": 64, "long long": 64, "__int128": 128}


def pointer(of: CType) -> CType:
    """Return a pointer to *of*."""
    return CType(Kind.POINTER, of=of)


def decayed(ctype: CType) -> CType:
    """Return what an expression or a parameter of this type becomes (C11 6.3.2.1, 6.7.6.3): a pointer, of an array."""
    if ctype.kind is Kind.ARRAY:
        return replace(pointer(ctype.target), spelled=ctype.spelled)
    if ctype.kind is Kind.FUNCTION:
        return pointer(ctype)
    return ctype


def rank(ctype: CType) -> int:
    """Return the integer conversion rank (C11 6.3.1.1)."""
    return _RANKS["int"] if ctype.kind is Kind.ENUM else _RANKS.get(_unsigned(ctype.name)[1], _RANKS["int"])


def bits(ctype: CType) -> int:
    """Return the width of an integer type on a machine with 64-bit longs."""
    return 32 if ctype.kind is Kind.ENUM else _BITS.get(_unsigned(ctype.name)[1], 32)


def is_unsigned(ctype: CType) -> bool:
    """Return whether an integer type is unsigned; a plain char is not, as on x86."""
    return _unsigned(ctype.name)[0]


def promoted(ctype: CType) -> CType:
    """Return what an argument of this type is passed as without a prototype (C11 6.5.2.2 paragraph 6)."""
    ctype = decayed(ctype).plain()
    if ctype.is_integer and ctype.kind is not Kind.ENUM and rank(ctype) < _RANKS["int"]:
        return INT
    if ctype.kind is Kind.FLOATING and ctype.name == "float":
        return DOUBLE
    return ctype


def usual(left: CType, right: CType) -> CType:
    """Return the common type of two arithmetic ones (C11 6.3.1.8)."""
    if not left.is_arithmetic or not right.is_arithmetic:
        return UNKNOWN
    floats = [one.name for one in (left, right) if one.kind is Kind.FLOATING]
    if floats:
        return CType(Kind.FLOATING, max(floats, key=lambda name: _FLOATS.index(name) if name in _FLOATS else 3))
    left, right = (INT if one.kind is Kind.ENUM else promoted(one) for one in (left, right))
    if rank(left) == rank(right):
        return left if is_unsigned(left) else right
    return max(left, right, key=rank)


def compatible(one: CType, other: CType) -> bool:
    """Return whether two types are compatible (C11 6.2.7): qualifiers count, names of parameters do not.

    An enum is compatible with ``unsigned int``, as GCC has it (C11 6.7.2.2 leaves it to the compiler).
    """
    if one.qualifiers != other.qualifiers:
        return False
    if one.kind is not other.kind:
        kinds = {one.kind: one, other.kind: other}
        return kinds.keys() == {Kind.ENUM, Kind.INTEGER} and kinds[Kind.INTEGER].name == "unsigned int"
    if one.kind is Kind.POINTER:
        return compatible(one.target, other.target)
    if one.kind is Kind.ARRAY:
        lengths = {one.length, other.length} - {None}
        return len(lengths) < 2 and compatible(one.target, other.target)  # noqa: PLR2004 - two that differ
    if one.kind is Kind.FUNCTION:
        return compatible(one.target, other.target) and _lists(one, other)
    return one.name == other.name


def _lists(one: CType, other: CType) -> bool:
    """Return whether the parameter lists of two function types agree (C11 6.7.6.3 paragraph 15)."""
    if one.parameters is None or other.parameters is None:
        told = one if other.parameters is None else other
        return not told.variadic and all(promoted(p.type) == p.type.plain() for p in told.parameters or ())
    return (
        one.variadic == other.variadic
        and len(one.parameters) == len(other.parameters)
        and all(
            compatible(decayed(a.type).plain(), decayed(b.type).plain())
            for a, b in zip(one.parameters, other.parameters, strict=True)
        )
    )


def _unsigned(name: str) -> tuple[bool, str]:
    words = name.split()
    if words[:1] in (["unsigned"], ["signed"]):
        return words[0] == "unsigned", " ".join(words[1:])
    return name == "_Bool", name


def _written(ctype: CType, inner: str) -> str:
    """Return the type as C writes it round the declarator *inner*."""
    own = " ".join(sorted(ctype.qualifiers))
    if ctype.spelled:
        return _joined(f"{own} {ctype.spelled}".strip(), inner)
    if ctype.kind is Kind.POINTER:
        of = ctype.target
        star = "*" + (f" {own} " if own and inner else f" {own}" if own else "") + inner
        return _written(of, f"({star})" if of.kind in {Kind.ARRAY, Kind.FUNCTION} and not of.spelled else star)
    if ctype.kind is Kind.ARRAY:
        return _written(ctype.target, f"{inner}[{'' if ctype.length is None else ctype.length}]")
    if ctype.kind is Kind.FUNCTION:
        told = [str(parameter.type) for parameter in ctype.parameters or ()] + ["..."] * ctype.variadic
        return _written(ctype.target, f"{inner}({', '.join(told) or ('void' if ctype.parameters == () else '')})")
    return _joined(f"{own} {ctype.name}".strip(), inner)


def _joined(base: str, inner: str) -> str:
    return f"{base} {inner}" if inner and not inner.startswith("[") else base + inner


def declared(ctype: CType, name: str) -> str:
    """Return how C declares *name* to be of this type."""
    return _written(ctype, name)
