# SPDX-License-Identifier: GPL-3.0-or-later
"""A translation unit as pycparser sees it, and where each of its nodes comes from."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildcheck.recipes import MARKER
from patchgen.findings import Finding, Level, Place, Slug

from .chunks import Chunk, Pragma, chunks
from .lines import Lines
from .pack import Packing
from .tokens import identifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pycparser import c_ast

    from .parse import Parsed, Parser

__all__ = ["External", "TranslationUnit"]

_UNPARSED = Slug.define(
    "does-not-parse",
    """pycparser does not understand a declaration that the compiler may well understand. Nothing is known of
    the structs and calls in it, so that it is not proved. Where pycparser says no line, the place is that of
    the declaration.""",
)
_TYPEDEF = re.compile(r"\btypedef\b")
_WORD = re.compile(r"[A-Za-z_$][\w$]*|.")


@dataclass(frozen=True, slots=True)
class External:
    """An external declaration of a unit; it is parsed when that is asked for.

    :param packed: the bytes that ``#pragma pack`` allows at most where it begins; 0 without one.
    """

    chunk: Chunk
    unit: TranslationUnit = field(repr=False)
    number: int
    packed: int = 0
    _parsed: list[Parsed] = field(default_factory=list, repr=False)

    @property
    def parsed(self) -> Parsed:
        """The tree, and what was carried round the parser."""
        if not self._parsed:
            self._parsed.append(self.unit.parser.parse(self.chunk.text, self.unit.types_before(self)))
        return self._parsed[0]

    @property
    def nodes(self) -> tuple[c_ast.Node, ...]:
        """Pycparser's nodes; none where it failed (:meth:`findings`)."""
        return self.parsed.nodes

    def place(self, node: c_ast.Node | None) -> Place:
        """Return where *node* stands in its file; where that is not known, where the declaration begins."""
        offset = self.parsed.offset(node) if node is not None else -1
        return self.unit.place(self.chunk.start + max(offset, 0))

    def place_at(self, offset: int) -> Place:
        """Return where an offset of the chunk's text stands in its file."""
        return self.unit.place(self.chunk.start + max(offset, 0))

    def path(self) -> str:
        """Return the file that the declaration begins in, relative to the tree where it is of that."""
        return self.unit.origin(self.chunk.start)[0]

    def pack_at(self, offset: int) -> int:
        """Return what ``#pragma pack`` allows at an offset of the chunk; 0 without one."""
        return self.unit.packing(self.chunk.start + offset)

    def findings(self) -> Iterator[Finding]:
        """Yield why the declaration was not parsed."""
        failure = self.parsed.failure
        if failure is not None:
            yield Finding(_UNPARSED, Level.ERROR, f"pycparser: {failure.message}", self.place_at(failure.offset))


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """A preprocessed unit.

    :param text: what the preprocessor wrote, a character a byte.
    :param folder: where the compiler runs, relative to the tree.
    :param read: gives the bytes of a file of the tree, None for any other path.
    """

    path: str
    folder: str
    text: str = field(repr=False)
    parser: Parser = field(repr=False)
    read: Callable[[str], bytes | None] = field(repr=False, default=lambda _: None)
    externals: list[External] = field(default_factory=list, repr=False)
    pragmas: list[Pragma] = field(default_factory=list, repr=False)
    _types: dict[str, int] = field(default_factory=dict, repr=False)
    _lines: list[Lines] = field(default_factory=list, repr=False)
    _packing: list[Packing] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        packing = Packing.of(self.text)
        self._packing.append(packing)
        for piece in chunks(self.text):
            if isinstance(piece, Pragma):
                self.pragmas.append(piece)
                continue
            external = External(piece, self, len(self.externals), packing.at(piece.start))
            self.externals.append(external)
            if not piece.function and _TYPEDEF.search(piece.text):
                for name in external.parsed.typedefs():
                    self._types.setdefault(name, external.number)

    def types_before(self, external: External) -> set[str]:
        """Return the names in *external* that are types at file scope before it."""
        known, number = self._types, external.number
        return {word for word in identifiers(external.chunk.text) if known.get(word, number) < number}

    def packing(self, offset: int) -> int:
        """Return what ``#pragma pack`` allows at an offset of the text; 0 without one."""
        return self._packing[0].at(offset)

    def findings(self) -> Iterator[Finding]:
        """Yield why declarations could not be parsed; all of them are parsed for that."""
        for external in self.externals:
            yield from external.findings()

    def origin(self, offset: int) -> tuple[str, int, int]:
        """Return file, line, and the column in the preprocessed line, of an offset of the text.

        The file is relative to the tree where it is of that.
        """
        if not self._lines:
            self._lines.append(Lines.of(self.text))
        name, line, column = self._lines[0].origin(offset)
        return self._relative(name), line, column

    def place(self, offset: int) -> Place:
        """Return the place in its file of an offset of the text.

        A macro moves what stands behind it in the line, so that the column is that of the same word in
        the line of the file; where the word is not in it, the place is the whole line.
        """
        path, line, column = self.origin(offset)
        data = self.read(path)
        if data is None:
            return Place(path or self.path, line)
        lines = data.split(b"\n")
        if not 0 < line <= len(lines):
            return Place(path, line)
        found = _WORD.match(self.text, offset)
        word = found[0].encode("latin-1") if found else b""
        at = _nearest(lines[line - 1], word, column - 1)
        start = sum(len(one) + 1 for one in lines[: line - 1])
        if at < 0:
            return Place(path, line, source=lines[line - 1].decode("utf-8", "replace").rstrip("\r"))
        return Place.of(path, data, start + at, start + at + len(word))

    def _relative(self, name: str) -> str:
        if not name or name.startswith("<"):
            return self.path
        whole = posixpath.normpath(posixpath.join(MARKER, self.folder, name))
        inside = posixpath.relpath(whole, MARKER)
        return whole if inside.startswith("../") else inside


def _nearest(line: bytes, word: bytes, column: int) -> int:
    """Return where *word* stands in *line*, the one nearest to *column*; -1 where it does not."""
    if not word.strip():
        return -1
    edges = (rb"(?<![\w$])", rb"(?![\w$])") if re.match(rb"[\w$]", word) else (b"", b"")
    found = [match.start() for match in re.finditer(re.escape(word).join(edges), line)]
    return min(found, key=lambda at: abs(at - column)) if found else -1
