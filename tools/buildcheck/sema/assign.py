# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a value that is assigned, passed or returned (C11 6.5.16.1, 6.5.2.2 paragraph 2)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import msgspec

from .ctype import INT, CType, Kind, bits, compatible, decayed, is_unsigned, promoted

__all__ = ["FINE", "Value", "Verdict", "Weight", "assigned", "passed_unseen"]


class Weight(enum.Enum):
    """How much is wrong with a conversion."""

    FINE = "fine"
    SUSPICIOUS = "suspicious"
    """C converts it without a word, and something may get lost."""
    WRONG = "wrong"
    """C does not allow it: a constraint is violated, or the behaviour is undefined."""
    UNTOLD = "untold"
    """The type could not be found out."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a conversion is, and why where it is not fine."""

    weight: Weight
    why: str = ""


class Value(msgspec.Struct, frozen=True):
    """An expression to convert.

    :param constant: its value where it is an integer constant; None where it is none or not worked out.
    :param null: it is a null pointer constant (C11 6.3.2.3 paragraph 3).
    :param character: it is written as a character, such as ``'x'``.
    :param size: it is a ``sizeof``: a constant, whose value is not worked out here.
    """

    type: CType
    constant: int | None = None
    null: bool = False
    character: bool = False
    size: bool = False


FINE = Verdict(Weight.FINE)


def assigned(target: CType, value: Value) -> Verdict:
    """Return what it is to give *value* to something of type *target*."""
    target, source = target.plain(), decayed(value.type).plain()
    if Kind.UNKNOWN in {target.kind, source.kind}:
        return Verdict(Weight.UNTOLD, "its type cannot be told")
    if source.kind is Kind.VOID:
        return Verdict(Weight.WRONG, "it has no value")
    if target.kind is Kind.POINTER:
        return _to_pointer(target, source, value)
    if target.is_arithmetic and source.is_arithmetic:
        return _number(target, source, value)
    if target.name == "_Bool" and source.kind is Kind.POINTER:
        return FINE
    if target.is_arithmetic and source.kind is Kind.POINTER:
        return Verdict(Weight.WRONG, "a pointer becomes a number")
    return FINE if compatible(target, source) else Verdict(Weight.WRONG, "the types are not compatible")


def passed_unseen(wanted: CType, value: Value) -> Verdict:
    """Return what it is to pass *value* through ``...`` and take it out as *wanted* (C11 7.16.1.1 paragraph 2).

    Nothing is converted on the way but by the default promotions. A null pointer constant that is a pointer is
    taken for one of any type; a bare 0 is an int.

    :param value: its type as written; it is promoted here.
    """
    wanted, source = wanted.plain(), promoted(value.type)
    if Kind.UNKNOWN in {wanted.kind, source.kind}:
        return Verdict(Weight.UNTOLD, "its type cannot be told")
    if wanted.kind is Kind.POINTER and source.kind is Kind.POINTER:
        if value.null or Kind.VOID in {wanted.target.kind, source.target.kind}:
            return FINE
        same = compatible(wanted.target.plain(), source.target.plain())
        return FINE if same else Verdict(Weight.WRONG, "it is a pointer to something else")
    if wanted.is_integer and source.is_integer and bits(wanted) == bits(source):
        return FINE
    return FINE if compatible(wanted, source) else Verdict(Weight.WRONG, _unlike(wanted, source))


def _unlike(wanted: CType, source: CType) -> str:
    if wanted.is_integer and source.is_integer:
        return "it has another width"
    if wanted.kind is Kind.POINTER and source.is_integer:
        return f"{bits(source)} bits are passed where a pointer is taken out"
    return "it is something else"


def _to_pointer(target: CType, source: CType, value: Value) -> Verdict:
    if value.character:
        return Verdict(Weight.SUSPICIOUS, "a character becomes a pointer")
    if value.null:
        return FINE
    if source.kind is not Kind.POINTER:
        what = "a number becomes a pointer" if source.is_integer else "the types are not compatible"
        return Verdict(Weight.WRONG, what)
    lost = source.target.qualifiers - target.target.qualifiers
    if lost:
        return Verdict(Weight.WRONG, f"{' and '.join(sorted(lost))} is lost")
    return _pointed(target.target.plain(), source.target.plain())


def _pointed(to: CType, of: CType) -> Verdict:
    """Return what it is that a pointer to *of* becomes one to *to*."""
    kinds = {to.kind, of.kind}
    if Kind.VOID in kinds and Kind.FUNCTION in kinds:
        return Verdict(Weight.SUSPICIOUS, "a pointer to a function and one to data are not the same")
    if Kind.VOID in kinds or compatible(to, of):
        return FINE
    if to.is_integer and of.is_integer and bits(to) == bits(of) and Kind.ENUM not in kinds:
        return Verdict(Weight.WRONG, "it points to a number of another sign")
    return Verdict(Weight.WRONG, "it points to something else")


def _number(target: CType, source: CType, value: Value) -> Verdict:
    if target.name == "_Bool":
        return FINE
    if target.is_integer and source.kind is Kind.FLOATING:
        return Verdict(Weight.SUSPICIOUS, "the fraction is cut off")
    if target.kind is Kind.FLOATING or source.kind is Kind.FLOATING:
        return FINE
    if value.constant is not None:
        return FINE if _fits(value.constant, target) else Verdict(Weight.SUSPICIOUS, "the number does not fit")
    if value.size and bits(target) >= bits(INT):
        return FINE  # an object of 2 GiB is none that is passed by its size
    if target.kind is Kind.ENUM and source.kind is Kind.ENUM and target.name != source.name:
        return Verdict(Weight.SUSPICIOUS, "it is of another enum")
    if bits(source) > bits(target):
        return Verdict(Weight.SUSPICIOUS, f"{bits(source)} bits are cut to {bits(target)}")
    return FINE


def _fits(number: int, target: CType) -> bool:
    """Whether the bits of *number* are all kept: -1 for the largest unsigned number is."""
    width = bits(target)
    return -(1 << (width - 1)) <= number < (1 << width) if not is_unsigned(target) else abs(number) < (1 << width)
