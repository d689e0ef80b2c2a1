# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse and locate: one module or package a language; everything returns byte spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchgen.tree import Change

__all__ = ["faults", "parses_worse"]


def parses_worse(path: str, before: bytes, after: bytes, changes: Sequence[Change]) -> bool:
    """Whether more of a file fails to parse since the changes made *after* of *before*."""
    from . import c

    if c.is_c(path):
        c.parse_again(before, after, changes)
    return faults(path, after) > faults(path, before)


def faults(path: str, data: bytes) -> int:
    """Return how many nodes of *data* did not parse in the language of *path*; 0 where none is known."""
    from . import c

    if c.is_c(path):
        return len(c.parse(data).faults)
    from . import xml

    if xml.is_xml(path):
        return len(xml.parse(data).faults) + (xml.fault(data) is not None)
    from . import perl

    if perl.is_perl(path, data):
        return len(perl.parse(data).faults)
    from . import make

    if make.is_make(path, data):
        return int(bool(make.parse(data).unusual))
    return 0
