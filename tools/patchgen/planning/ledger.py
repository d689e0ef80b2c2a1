# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: the account of every occurrence of the names that an edit owns.

Each occurrence is edited, excused (with a reason) or refused. The engine excuses by itself for the
five reasons of :class:`Reason` only; anything else needs an ``excuse`` entry of the semantic patch.
"""

from __future__ import annotations

import enum
import posixpath
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level, Place, Slug
from patchgen.syntax.c import is_c, parse

from .cut_words import CUT_WORD, cut_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.tree import Replacement, Tree

    from .edit import Edit

__all__ = ["Book", "Occurrence", "Plan", "Reason", "State", "Verdict"]

_CUT = Slug.define(
    "cut-by-directives",
    """The place is between an #if and its #endif that cut a statement or a list in two, so that only one of
    the arms can be read as C. Outside of these lines the program is the same with each arm.""",
)
_SPLICED_LINE = Slug.define(
    "spliced-line",
    """The line above the place ends in a backslash, which joins it with what follows: a comment or a macro that goes on. A new line
    there would be taken into it, and what was in it let out.""",
)
_UNUSED_EXCUSE = Slug.define(
    "unused-excuse",
    """An excuse entry of the semantic patch excuses nothing on this tree. Upstream may have removed
    the place, or the entry names a file or function that is spelled otherwise.""",
)
_MIXED = Slug.define(
    "wrong-number-of-sites",
    """The edit found another number of sites than its `sites` says. An edit that picks places by
    likeness is refused rather than applied to too many or too few.""",
)
_NOT_FOUND = Slug.define(
    "not-found",
    """A name or an anchor that the edit needs is nowhere in the tree (or in the part of it that the
    edit's `file` and `in` leave). This is never taken for "not needed": say so with `when`.""",
)


_SPLICED = re.compile(rb"\\[ \t]*\r?\n\Z")


class State(enum.Enum):
    """The state of an edit on a tree."""

    ABSENT = "absent"
    """To be done."""
    PRESENT = "present"
    """The tree has it."""
    PARTIAL = "partial"
    """Some sites have it; the others are to be done."""
    OBSOLETE = "obsolete"
    """The semantic patch says so: its ``when`` is false here."""
    REFUSED = "refused"
    """It cannot be done with certainty."""


class Verdict(enum.Enum):
    """What became of an occurrence."""

    EDITED = "edited"
    EXCUSED = "excused"
    REFUSED = "refused"


class Reason(enum.Enum):
    """Why the engine may excuse an occurrence by itself."""

    COMMENT = "comment"
    STRING = "string"
    OTHER_BINDING = "another binding of the name"
    UNCHANGED_USE = "a use that the edit does not change"
    PRESENT = "already present"
    ENTRY = "excused by the semantic patch"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where a name that an edit owns stands: bytes ``[start, end)`` of *path*.

    A symbolic link to a file that is edited is an occurrence of its target: *name* is the target as
    the link has it, and the span is empty.
    """

    path: str
    start: int
    end: int
    name: str
    verdict: Verdict
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an edit does to a tree.

    :param sites: how many places it changes; *present* how many have the change already.
    :param replacements: by path; offsets count in the bytes of the tree that was planned on.
    :param names: the names that the ledger accounts for.
    :param scopes: path and bytes of the places within which it does; without any, all that the edit covers.
    """

    state: State
    sites: int = 0
    present: int = 0
    replacements: dict[str, list[Replacement]] = field(default_factory=dict)
    occurrences: tuple[Occurrence, ...] = ()
    findings: tuple[Finding, ...] = ()
    names: frozenset[str] = frozenset()
    scopes: tuple[tuple[str, int, int], ...] = ()


_WEIGHT = {Verdict.REFUSED: 2, Verdict.EDITED: 1, Verdict.EXCUSED: 0}


class Book:
    """Collects the verdicts of one edit on one tree, and makes the plan of them."""

    def __init__(self, edit: Edit, tree: Tree) -> None:
        self._edit = edit
        self.tree = tree
        self._occurrences: dict[tuple[str, int, int], Occurrence] = {}
        self._findings: list[Finding] = []
        self._replacements: dict[str, list[Replacement]] = {}
        self._present = self._sites = 0
        self._used_excuses: set[int] = set()
        self._names = set(edit.names())
        self._scopes: list[tuple[str, int, int]] = []

    @property
    def refused(self) -> bool:
        """Whether anything was refused so far."""
        return any(finding.level is Level.ERROR for finding in self._findings)

    @property
    def sites(self) -> int:
        """How many sites were entered so far, done and to be done."""
        return self._sites + self._present

    def owns(self, *names: str) -> None:
        """Own further names, found on the tree."""
        self._names.update(names)

    def within(self, path: str, span: tuple[int, int]) -> None:
        """Own the names within these bytes, and others so entered, instead of in all that the edit covers."""
        self._scopes.append((path, *span))

    def edit(self, path: str, span: tuple[int, int], *replacements: Replacement) -> None:
        """Enter a site: the occurrence at *span* is edited by the replacements."""
        if not self._fits(path, span, *replacements):
            return
        self._sites += 1
        self._enter(path, span, Verdict.EDITED)
        self.also(path, *replacements)

    def also(self, path: str, *replacements: Replacement) -> None:
        """Add replacements that belong to a site that is entered already."""
        if replacements:
            first = replacements[0]
            if not self._fits(path, (first.start, max(first.end, first.start + 1)), *replacements):
                return
        self._replacements.setdefault(path, []).extend(replacements)

    def _fits(self, path: str, span: tuple[int, int], *replacements: Replacement) -> bool:
        """Whether C would be read as it was around the replacements; refuse them where it would not."""
        if not is_c(path):
            return True
        data = self.tree.read(path)
        parsed = parse(data)
        if parsed.cuts and any(parsed.is_cut(one.start, one.end) for one in replacements):
            self.refuse(path, span, _CUT, "an #if cuts a statement or a list here, and only one of its arms was read")
            return False
        if any(b"\n" in one.new and _SPLICED.search(data, max(0, one.start - 64), one.start) for one in replacements):
            message = "the line above the place ends in a backslash, so that what is put there would be a part of it"
            self.refuse(path, span, _SPLICED_LINE, message)
            return False
        return True

    def mark(self, path: str, span: tuple[int, int]) -> None:
        """Enter an occurrence that a site elsewhere changes: part of an edit, no site of its own."""
        self._enter(path, span, Verdict.EDITED)

    def present(self, path: str, span: tuple[int, int], detail: str = "") -> None:
        """Enter a site that has the change already."""
        self._present += 1
        self._enter(path, span, Verdict.EXCUSED, Reason.PRESENT, detail)

    def excuse(self, path: str, span: tuple[int, int], reason: Reason, detail: str = "") -> None:
        """Enter an occurrence that the edit leaves alone, and why."""
        self._enter(path, span, Verdict.EXCUSED, reason, detail)

    def refuse(
        self,
        path: str,
        span: tuple[int, int],
        slug: Slug,
        message: str,
        help: str = "",
        function: str = "",
    ) -> None:
        """Enter an occurrence that cannot be judged or edited, unless the semantic patch excuses it.

        :param function: the function that the occurrence stands in, for the excuse entries.
        """
        for number, entry in enumerate(self._edit.excuse):
            if fnmatchcase(path, entry.file) and entry.function in {"", function}:
                self._used_excuses.add(number)
                self._enter(path, span, Verdict.EXCUSED, Reason.ENTRY, entry.reason)
                return
        self._enter(path, span, Verdict.REFUSED, None, message)
        self._findings.append(Finding(slug, Level.ERROR, message, self._place(path, span), help))

    def refuse_edit(self, slug: Slug, message: str, help: str = "") -> None:
        """Refuse the edit as a whole, where there is no place to point at."""
        self._findings.append(Finding(slug, Level.ERROR, message, None, help))

    def missing(self, what: str, help: str = "") -> None:
        """Refuse the edit because the tree has no *what*."""
        self.refuse_edit(_NOT_FOUND, f"{what} is nowhere in the tree", help)

    def warn(self, path: str, span: tuple[int, int], slug: Slug, message: str, help: str = "") -> None:
        """Report something that a person should look at; nothing is refused."""
        self._findings.append(Finding(slug, Level.WARNING, message, self._place(path, span), help))

    def note(self, slug: Slug, message: str) -> None:
        """Report something that may well be right, about the edit as a whole."""
        self._findings.append(Finding(slug, Level.NOTE, message))

    def has(self, path: str, span: tuple[int, int]) -> bool:
        """Whether the occurrence at *span* has a verdict."""
        return (path, *span) in self._occurrences

    def plan(self, sites: int | None = None) -> Plan:
        """Close the book.

        :param sites: how many sites there must be, done and to be done; None for any number.
        """
        self._refuse_cut_words()
        total = self._sites + self._present
        if sites is not None and sites != total and not self.refused:
            self.refuse_edit(_MIXED, f"{total} sites were found, and the edit says {sites}")
        for number, entry in enumerate(self._edit.excuse):
            if number not in self._used_excuses:
                message = f"the excuse for {entry.file} {entry.function}".rstrip() + " excuses nothing"
                self._findings.append(Finding(_UNUSED_EXCUSE, Level.NOTE, message))
        if self.refused:
            state = State.REFUSED
        elif not total:
            self.missing("a site of this edit")
            state = State.REFUSED
        elif not self._sites:
            state = State.PRESENT
        else:
            state = State.PARTIAL if self._present else State.ABSENT
        return Plan(
            state=state,
            sites=self._sites,
            present=self._present,
            replacements={} if state is State.REFUSED else self._replacements,
            occurrences=(*self._sorted(), *self._linked()),
            findings=tuple(self._findings),
            names=frozenset(self._names),
            scopes=tuple(self._scopes),
        )

    def _refuse_cut_words(self) -> None:
        if not self._edit.READS_WORDS:
            return
        names = self._names | {word.decode("utf-8", "surrogateescape") for word in self._edit.words()}
        used = {path for path, _, _ in self._occurrences} | self._replacements.keys()
        for path, span, word, function in cut_in(self._edit, self.tree, names, used):
            message = f"the end of a line cuts a word in two here, which is {word} to the compiler"
            self.refuse(path, span, CUT_WORD, message, function=function)

    def _sorted(self) -> tuple[Occurrence, ...]:
        return tuple(self._occurrences[key] for key in sorted(self._occurrences))

    def _linked(self) -> Iterator[Occurrence]:
        """Yield the symbolic links that lead to what is edited; a link itself never is."""
        edited = {entry.path for entry in self._occurrences.values() if entry.verdict is Verdict.EDITED}
        for link, target in sorted(self.tree.links.items()):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(link), target))
            if any(place in {path, "."} or path.startswith(f"{place}/") for path in edited):
                yield Occurrence(link, 0, 0, target, Verdict.EXCUSED, Reason.UNCHANGED_USE, "a symbolic link to it")

    def _enter(
        self, path: str, span: tuple[int, int], verdict: Verdict, reason: Reason | None = None, detail: str = ""
    ) -> None:
        key = (path, *span)
        known = self._occurrences.get(key)
        if known is None or _WEIGHT[verdict] > _WEIGHT[known.verdict]:
            name = self.tree.read(path)[span[0] : span[1]].decode("latin-1")
            self._occurrences[key] = Occurrence(*key, name, verdict, reason, detail)

    def _place(self, path: str, span: tuple[int, int]) -> Place:
        return Place.of(path, self.tree.read(path), *span)
