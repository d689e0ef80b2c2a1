# SPDX-License-Identifier: GPL-3.0-or-later
"""What every edit kind is: its keys in TOML, the names it owns, and its plan on a tree."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar

import msgspec

from .facts import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchgen.tree import Tree

    from .ledger import Plan

__all__ = ["Edit", "Example", "Excuse", "OneOrMany", "many"]

OneOrMany = str | tuple[str, ...]
"""A string, or a list of strings: alternatives, the first that fits is taken."""


class Excuse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's word that an occurrence need not be edited.

    :param file: a glob on the path; :param function: the enclosing function, "" for any.
    """

    file: str
    reason: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One use of an edit kind, run as a test and printed by ``explain``.

    :param edit: the ``[[edit]]`` table, in TOML, without its head line.
    :param before: the files that matter, by path; :param after: the same after the edit.
    """

    edit: str
    before: Mapping[str, str]
    after: Mapping[str, str]


def _key(field: str) -> str:
    """Return the TOML key of a field: ``in_`` is ``in``, ``min_occurs`` is ``min-occurs``."""
    return field.rstrip("_").replace("_", "-")


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", rename=_key):
    """One change to the program. A subclass is an edit kind, with its keys as fields.

    :param files: globs on paths; the edit looks nowhere else. Empty for the whole tree.
    :param when: facts of the tree without which the edit is obsolete.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = ()
    READS_WORDS: ClassVar[bool] = True
    """Whether it means words of a language, and not bytes."""

    files: tuple[str, ...] = ()
    when: Fact | None = None
    excuse: tuple[Excuse, ...] = ()
    why: str = ""

    def names(self) -> frozenset[str]:
        """Return the names whose occurrences the ledger accounts for; :meth:`covers` says where."""
        raise NotImplementedError

    def about(self) -> str:
        """Return in a few words what the edit works on: its names, else the function, else the files."""
        within: OneOrMany = getattr(self, "in_", ()) or getattr(self, "file", ()) or self.files
        return ", ".join(sorted(self.names()) or many(within))

    def plan(self, tree: Tree) -> Plan:
        """Find the sites, judge every occurrence, and say what to replace. Changes nothing."""
        raise NotImplementedError

    def words(self) -> frozenset[bytes]:
        """Return the words to search the tree for in one pass before any planning."""
        return frozenset(name.encode() for name in self.names())

    def covers(self, path: str) -> bool:
        """Whether the edit looks at *path*."""
        return not self.files or any(fnmatchcase(path, pattern) for pattern in self.files)

    def mentioning(self, tree: Tree, *names: str) -> Iterator[str]:
        """Yield the paths, covered by the edit, of the files that hold one of *names*."""
        words = [name.encode() for name in names]
        if not self.files:
            yield from tree.mentioning(words)
            return
        for path in tree.matching(self.files):
            data = tree.read(path)
            if any(word in data for word in words):
                yield path


def many(value: OneOrMany) -> tuple[str, ...]:
    """Return the alternatives of a key that takes a string or a list."""
    return (value,) if isinstance(value, str) else value
