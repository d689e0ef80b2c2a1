# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that macros paste together (C17 6.10.3.3): they are used, and nowhere named."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.tree import mentions

from .macros import arguments_at, defines, holder_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

    from .edit import Edit
    from .macros import Define

__all__ = ["pasted"]

_PASTES = re.compile(rb"\w+(?:\s*##\s*\w+)+")
_PASTE = re.compile(rb"\s*##\s*")
_QUIET = frozenset({c.Role.COMMENT, c.Role.STRING, c.Role.DEAD, c.Role.INCLUDE, c.Role.MACRO, c.Role.PRAGMA})

_Chain = tuple[tuple[bytes, bool], ...]
"""What a macro pastes together, in order: each part, and whether it is a parameter that stands for one."""


def pasted(edit: Edit, tree: Tree, name: str) -> Iterator[tuple[str, Span]]:
    """Yield where a macro is used that pastes *name* together, itself or through the macros in its body."""
    word = name.encode()
    made = [
        (one, chain)
        for path in filter(c.is_c, edit.mentioning(tree, "##"))
        for one in _pasting(path, tree.read(path))
        for chain in _chains(one)
        if _may_be(chain, word)
    ]
    done: set[tuple[bytes, _Chain]] = set()
    while made:
        wanted: dict[bytes, list[tuple[Define, _Chain]]] = {}
        for one, chain in made:
            if (one.name, chain) not in done:
                done.add((one.name, chain))
                wanted.setdefault(one.name, []).append((one, chain))
        made = []
        for path in filter(edit.covers, filter(c.is_c, tree.naming(wanted))):
            data = tree.read(path)
            for span in mentions(data, wanted):
                holder = holder_of(path, data, span[0])
                for one, chain in wanted[data[slice(*span)]]:
                    outer = _outside(one, chain, data, span, holder)
                    if outer is None or not _may_be(outer, word) or not _is_used(data, span):
                        continue
                    if holder is None:
                        yield path, span
                    else:
                        made.append((_as_other_name(holder, one), outer))


@lru_cache(maxsize=4096)
def _pasting(path: str, data: bytes) -> tuple[Define, ...]:
    """Return the macros of a file that paste; many files of a big tree have a few."""
    return tuple(one for one in defines(path, data) if b"##" in one.body)


def _chains(one: Define) -> Iterator[_Chain]:
    for chain in _PASTES.findall(one.body):
        yield tuple((part, part in (one.parameters or ())) for part in _PASTE.split(chain))


def _may_be(chain: _Chain, word: bytes) -> bool:
    """Whether a chain becomes *word*, for some words that its parameters may stand for."""
    if not all(is_parameter or part in word for part, is_parameter in chain):
        return False  # most of them: patterns are compiled for the others
    groups: dict[bytes, str] = {}
    pattern = ""
    for part, is_parameter in chain:
        if not is_parameter:
            pattern += re.escape(part.decode("latin-1"))
        elif part in groups:
            pattern += f"(?P={groups[part]})"
        else:
            groups[part] = f"p{len(groups)}"
            pattern += rf"(?P<{groups[part]}>\w*)"
    return re.fullmatch(pattern.encode("latin-1"), word) is not None


def _outside(one: Define, chain: _Chain, data: bytes, span: Span, holder: Define | None) -> _Chain | None:
    """Return what a chain is where the macro is used at *span*; None where it is not used, but named.

    An argument is a parameter of the macro that holds the use, or else the text that it is.
    """
    listed = arguments_at(data, span[1]) if one.parameters is not None else ()
    if listed is None:
        return chain if holder is not None and _as_other_name(holder, one) is not holder else None
    given = dict(zip(one.parameters or (), listed, strict=False))
    own = (holder.parameters or ()) if holder is not None else ()
    return tuple(
        (given.get(part, part), given.get(part) in own) if is_parameter else (part, False)
        for part, is_parameter in chain
    )


def _as_other_name(holder: Define, one: Define) -> Define:
    """Return *holder* with the parameters of the macro that it is another name for, if it is one."""
    is_other_name = holder.parameters is None and holder.body.strip() == one.name
    return replace(holder, parameters=one.parameters) if is_other_name else holder


def _is_used(data: bytes, span: Span) -> bool:
    return c.use_at(c.parse(data), *span).role not in _QUIET
