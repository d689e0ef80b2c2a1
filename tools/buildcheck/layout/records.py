# SPDX-License-Identifier: GPL-3.0-or-later
"""A struct or union as a unit defines it, with its layout, or why there is none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .types import Layout, Member

__all__ = ["Record", "frozen", "thawed"]


@dataclass(frozen=True, slots=True)
class Record:
    """A struct or union.

    :param name: as C names it: ``struct tag``, the name of a typedef, or where it is, for one without a name.
    :param key: what its layout depends on; equal keys on one target have equal layouts.
    :param path, line, column: where it is defined; *path* is relative to the tree for a file of that.
    :param function: the function that it is local to; "" at file scope.
    :param layout: None where it is not proved.
    :param probe: an expression of C that names the type; "" where there is none.
    :param probe_align: the alignment of what *probe* names, in bytes.
    :param aliases: names of typedefs for it.
    :param chunk: the number of the external that it stands in.
    :param after: for a local one, the offset in its chunk behind its declaration.
    :param unproved: why it is not proved; "" where it is.
    """

    name: str
    key: str
    path: str
    line: int
    column: int
    layout: Layout | None
    probe: str = ""
    probe_align: int = 0
    function: str = ""
    aliases: tuple[str, ...] = ()
    chunk: int = 0
    after: int = 0
    unproved: str = ""

    @property
    def has_bits(self) -> bool:
        """Whether there is a bit-field in it."""
        return self.layout is not None and any(member.bits for member in self.layout.members)


def frozen(record: Record) -> object:
    """Return *record* as JSON can hold it; :func:`thawed` gives it back."""
    plain = asdict(record)
    if record.layout is not None:
        plain["layout"]["members"] = [list(asdict(member).values()) for member in record.layout.members]
    return plain


def thawed(kept: Any) -> Record:  # noqa: ANN401 - what JSON holds
    """Return the record that :func:`frozen` kept.

    :raises TypeError, LookupError, ValueError: it is something else.
    """
    layout = kept["layout"]
    if layout is not None:
        layout = Layout(**(layout | {"members": tuple(Member(*member) for member in layout["members"])}))
    return Record(**(kept | {"layout": layout, "aliases": tuple(kept["aliases"])}))
