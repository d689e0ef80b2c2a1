# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree whose files are held in memory: made by a program, and nowhere on a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._source import Entries

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["InMemory"]


class InMemory(Entries):
    """A source of the *files* given, by path; they are not copied."""

    def __init__(self, files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> None:
        super().__init__("memory", files, links or {})
        self._files = files

    def _bytes(self, path: str) -> bytes:
        return self._files[path]
