# SPDX-License-Identifier: GPL-3.0-or-later
"""Where bit-fields lie, as a compiler's DWARF says (DWARF 5, 5.7.6; the older form of DWARF 2 to 4 too)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .probe import BITS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["bit_fields"]

_THROUGH = frozenset({"DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type", "DW_TAG_pointer_type"})
_RECORDS = frozenset({"DW_TAG_structure_type", "DW_TAG_union_type"})


def bit_fields(elf: Any) -> dict[int, dict[str, tuple[int, int]]]:  # noqa: ANN401 - pyelftools has no annotations
    """Return the bit-fields of each record that a probe names: by name, offset and size in bits.

    :param elf: an ELFFile with debugging information.
    """
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for unit in elf.get_dwarf_info().iter_CUs():
        for entry in unit.iter_DIEs():
            if entry.tag != "DW_TAG_variable" or "DW_AT_name" not in entry.attributes:
                continue
            name = entry.attributes["DW_AT_name"].value.decode()
            if name.startswith(BITS):
                record = _pointed(entry)
                if record is not None:
                    found[int(name.removeprefix(BITS))] = dict(_members(record, 0))
    return found


def _pointed(entry: Any) -> Any:  # noqa: ANN401 - likewise
    """Return the record behind pointers, typedefs and qualifiers; None where there is none."""
    while entry is not None and entry.tag not in _RECORDS:
        if "DW_AT_type" not in entry.attributes or (entry.tag not in _THROUGH and entry.tag != "DW_TAG_variable"):
            return None
        entry = entry.get_DIE_from_attribute("DW_AT_type")
    return entry


def _members(record: Any, base: int) -> Iterator[tuple[str, tuple[int, int]]]:  # noqa: ANN401 - likewise
    for entry in record.iter_children():
        if entry.tag != "DW_TAG_member":
            continue
        has = entry.attributes
        place = has["DW_AT_data_member_location"].value * 8 if "DW_AT_data_member_location" in has else 0
        if "DW_AT_bit_size" in has:
            size = has["DW_AT_bit_size"].value
            if "DW_AT_data_bit_offset" in has:
                place = has["DW_AT_data_bit_offset"].value
            elif "DW_AT_bit_offset" in has:  # counted from the other end of a unit of that size
                place += has["DW_AT_byte_size"].value * 8 - has["DW_AT_bit_offset"].value - size
            if "DW_AT_name" in has:
                yield has["DW_AT_name"].value.decode(), (base + place, size)
        elif "DW_AT_name" not in has:
            inner = _pointed(entry.get_DIE_from_attribute("DW_AT_type"))
            if inner is not None:
                yield from _members(inner, base + place)
