# SPDX-License-Identifier: GPL-3.0-or-later
"""The data models: how big the types of C are, and how they are aligned, on each target.

The sources are the psABI of each architecture: System V for x86-64 and i386, AAPCS for 32-bit ARM
(hard float), AAPCS64 for 64-bit ARM; and the manual of gcc for its own types. What is written here is
never believed: each layout that comes of it is compared with the compiler's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildcheck.ctree import Target

from .types import CType, Sort

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MODELS", "Model"]


@dataclass(frozen=True, slots=True)
class Model:
    """One target's. Sizes and alignments are bytes.

    :param wide_in_struct: what a member of a type of eight bytes is aligned to at most (i386: 4).
    :param unnamed_count: an unnamed bit-field aligns the struct, as a named one does (AAPCS).
    :param most: what ``aligned`` without a number means.
    """

    target: Target
    types: Mapping[str, CType]
    pointer: CType
    char_signed: bool
    wide_in_struct: int
    unnamed_count: bool
    most: int

    def integer(self, size: int, *, signed: bool) -> CType | None:
        """Return the integer type of that size, None where there is none."""
        names = ("char", "short", "int", "long", "long long", "__int128")
        for name in names:
            spelled = f"signed {name}" if name == "char" and signed else name if signed else f"unsigned {name}"
            found = self.types.get(spelled)
            if found is not None and found.size == size:
                return found
        return None

    def in_struct(self, type_: CType) -> int:
        """Return what a member of this type is aligned to, where nobody says otherwise."""
        inner = type_
        while inner.sort is Sort.ARRAY and inner.element is not None:
            inner = inner.element
        # Of these double and _Complex double have that alignment, _Float128 has another one, and is not meant.
        wide = inner.sort in {Sort.INTEGER, Sort.ENUM, Sort.FLOAT} and inner.align == _WIDE and not inner.user
        return min(type_.align, self.wide_in_struct) if wide else type_.align


_WIDE = 8
"""The alignment of the types that i386 aligns to four bytes in a struct."""


def _model(target: Target, word: int, *, long_double: tuple[int, int], arm: bool, wide: int = 16) -> Model:
    integers = {"char": 1, "short": 2, "int": 4, "long": word, "long long": 8}
    if word == _LP64:
        integers["__int128"] = 16
    types: dict[str, CType] = {"void": CType(Sort.VOID, "void", 1, 1)}
    for name, size in integers.items():
        types[name] = CType(Sort.INTEGER, name, size, size, signed=not (arm and name == "char"))
        types[f"signed {name}"] = CType(Sort.INTEGER, name, size, size, signed=True)
        types[f"unsigned {name}"] = CType(Sort.INTEGER, f"unsigned {name}", size, size)
    types["_Bool"] = CType(Sort.INTEGER, "_Bool", 1, 1)
    floats = {"float": (4, 4), "double": (8, 8), "long double": long_double}
    floats |= {"_Float32": (4, 4), "_Float64": (8, 8), "_Float32x": (8, 8)}
    if word == _LP64 or not arm:
        floats |= {"_Float128": (16, 16), "_Float64x": long_double}
    if not arm:
        floats |= {"__float128": (16, 16), "__float80": long_double}
    for name, (size, align) in floats.items():
        types[name] = CType(Sort.FLOAT, name, size, align)
        types[f"{name} _Complex"] = CType(Sort.FLOAT, f"{name} _Complex", 2 * size, align)
    for name in ("__int128_t", "__uint128_t"):
        if word == _LP64:
            types[name] = types["__int128" if name == "__int128_t" else "unsigned __int128"]
    size, align = _VA_LISTS[target]
    types["__builtin_va_list"] = CType(Sort.RECORD, "__builtin_va_list", size, align)
    pointer = CType(Sort.POINTER, "pointer", word, word)
    most = 8 if arm and word != _LP64 else 16
    return Model(target, types, pointer, not arm, wide, unnamed_count=arm, most=most)


_LP64 = 8
_VA_LISTS = {Target.AMD64: (24, 8), Target.I386: (4, 4), Target.ARMHF: (4, 4), Target.ARM64: (32, 8)}

MODELS: Mapping[Target, Model] = {
    Target.AMD64: _model(Target.AMD64, 8, long_double=(16, 16), arm=False),
    Target.I386: _model(Target.I386, 4, long_double=(12, 4), arm=False, wide=4),
    Target.ARMHF: _model(Target.ARMHF, 4, long_double=(8, 8), arm=True),
    Target.ARM64: _model(Target.ARM64, 8, long_double=(16, 16), arm=True),
}
"""The model of each target."""
