# SPDX-License-Identifier: GPL-3.0-or-later
"""How upstream spells what the new texts say: words of a semantic patch that become others where a fact is true.

What a text calls and returns is upstream's own. Where a line of upstream has renamed it, the texts follow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from .edits import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .edits import Edit
    from .tree import Tree

__all__ = ["Spelling", "spelled", "unused"]

_TEXTS = ("text", "statement", "with_", "body", "argument", "guard", "then")
"""The keys of edits, as fields, that hold code to be written."""


class Spelling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words, each with the one that takes its place where *when* is true of the upstream tree."""

    when: Fact
    words: dict[str, str]

    def __post_init__(self) -> None:
        if not self.words or not all(map(str.strip, self.words)):
            msg = "`words` has a word, and what takes its place, or several"
            raise ValueError(msg)

    def of(self, text: str) -> str:
        """Return *text* with each of the words, where it stands as a word of its own, replaced."""
        for old, new in self.words.items():
            text = _whole(old).sub(lambda _, new=new: new, text)  # type: ignore[misc]
        return text


def spelled(edits: Iterable[Edit], spellings: Iterable[Spelling], upstream: Tree) -> tuple[Edit, ...]:
    """Return *edits* with their texts as *upstream* spells them."""
    made = tuple(edits)
    for spelling in spellings:
        if spelling.when.is_true(upstream):
            made = tuple(_respelled(edit, spelling) for edit in made)
    return made


def unused(edits: Iterable[Edit], spelling: Spelling) -> list[str]:
    """Return the words that stand in no text of *edits*."""
    texts = [
        text for edit in edits for _, value in _texts(edit) for text in ([value] if isinstance(value, str) else value)
    ]
    return [word for word in spelling.words if not any(_whole(word).search(text) for text in texts)]


def _respelled(edit: Edit, spelling: Spelling) -> Edit:
    changes: dict[str, Any] = {}
    for name, value in _texts(edit):
        new = spelling.of(value) if isinstance(value, str) else tuple(map(spelling.of, value))
        if new != value:
            changes[name] = new
    return msgspec.structs.replace(edit, **changes) if changes else edit


def _texts(edit: Edit) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for name in _TEXTS:
        value = getattr(edit, name, "")
        if value:
            yield name, value


def _whole(word: str) -> re.Pattern[str]:
    before, after = (r"(?<!\w)" if word[0].isalnum() else ""), (r"(?!\w)" if word[-1].isalnum() else "")
    return re.compile(before + re.escape(word) + after)
