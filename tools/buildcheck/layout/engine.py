# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of a struct or union: where each member lies, how big the whole is, and how it is aligned.

The rules are those of the System V and ARM ABIs for little-endian machines as gcc carries them out:
members in order, each at the next place that its alignment allows; a bit-field at the next bit, unless it
would lie in more units of its type than one (System V ABI, "Bit-Fields"; AAPCS 8.1.8); what ``packed``,
``aligned`` and ``#pragma pack`` change is in the manual of gcc. All sums are in bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .types import Layout, Member, Sort, UnprovedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .models import Model
    from .types import Field

__all__ = ["Rules", "lay_out"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is said of a whole record.

    :param packed: ``packed``; :param aligned: the bytes of ``aligned``, 0 without; :param bound: those
        of ``#pragma pack``, 0 without.
    """

    union: bool = False
    packed: bool = False
    aligned: int = 0
    bound: int = 0


@dataclass(slots=True)
class _State:
    at: int = 0
    size: int = 0
    align: int = 8
    user: bool = False
    members: list[Member] = field(default_factory=list)


def lay_out(fields: Iterable[Field], rules: Rules, model: Model) -> Layout:
    """Return the layout of a record with these members.

    :raises UnprovedError: a member's type has no size, or its layout is not known.
    """
    state = _State()
    for one in fields:
        if one.type.unproved:
            msg = f"{one.name or 'a member'} is {one.type.name}, which is not proved: {one.type.unproved}"
            raise UnprovedError(msg)
        if one.width is None:
            _place(one, rules, model, state)
        else:
            _place_bits(one, rules, model, state)
        if rules.union:
            state.size, state.at = max(state.size, _up(state.at, 8)), 0
    align = max(state.align, rules.aligned * 8)
    size = _up(max(state.size, state.at), align)
    user = state.user or bool(rules.aligned)
    return Layout(size // 8, align // 8, tuple(state.members), user)


def _place(one: Field, rules: Rules, model: Model, state: _State) -> None:
    type_ = one.type
    flexible = type_.sort is Sort.ARRAY and type_.size is None
    if type_.size is None and not flexible:
        msg = f"{one.name or 'a member'} has the type {type_.name}, which is not complete"
        raise UnprovedError(msg)
    align, user = one.aligned * 8, bool(one.aligned)
    if rules.packed or one.packed:
        align = align or 8
    else:
        if type_.align * 8 > align:
            align, user = type_.align * 8, type_.user
        if not user:
            align = min(align, model.in_struct(type_) * 8)
    if rules.bound:
        align = min(align, rules.bound * 8)
    state.align = max(state.align, align)
    state.user = state.user or user
    state.at = _up(state.at, align)
    size = (type_.size or 0) * 8
    state.members += _members(one, state.at, size, sized=not flexible)
    state.at += size


def _place_bits(one: Field, rules: Rules, model: Model, state: _State) -> None:
    type_, width = one.type, one.width or 0
    if type_.size is None:
        msg = f"{one.name or 'a bit-field'} has the type {type_.name}, which is not complete"
        raise UnprovedError(msg)
    unit = (type_.align if type_.user else model.in_struct(type_)) * 8
    packed = rules.packed or one.packed
    if width:
        wanted = max(one.aligned * 8, 1)
        if one.aligned and not packed and width in _WHOLE and state.at % width == 0:
            # As wide as an integer and lying like one, it is laid out as one; and what the attribute aligns no
            # rule for structs (i386) lowers again.
            wanted = max(wanted, width)
        if rules.bound:
            wanted = min(wanted, rules.bound * 8)
        least = min(unit, rules.bound * 8) if rules.bound else 8 if packed else unit
    else:
        # Neither packed nor the pragma changes what a bit-field of no width does.
        wanted = least = max(unit, one.aligned * 8)
    if one.name or model.unnamed_count:
        state.align = max(state.align, wanted, least)
        state.user = state.user or type_.user or bool(one.aligned)
    state.at = _up(state.at, wanted)
    crosses = (state.at % unit + width + unit - 1) // unit > type_.size * 8 // unit
    if width and not rules.bound and not packed and crosses:
        state.at = _up(state.at, unit)
    if width:
        state.members.append(Member(one.name, type_.name, state.at, width, bits=True, sized=False))
    state.at += width


_WHOLE = frozenset({8, 16, 32, 64})


def _members(one: Field, at: int, size: int, *, sized: bool) -> Iterator[Member]:
    if one.name or one.type.layout is None:
        yield Member(one.name, one.type.name, at, size, sized=sized)
        return
    for inner in one.type.layout.members:
        yield Member(inner.path, inner.type, at + inner.offset, inner.size, inner.bits, inner.sized)


def _up(value: int, to: int) -> int:
    return (value + to - 1) // to * to
