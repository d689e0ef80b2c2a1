# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a tree is the program that it should be: what is made by a tool, beside what is known to be right.

Files are compared by what they mean. C: the tokens of a file; where these differ, what each unit is once it is
preprocessed, its declarations in any order, and it must compile. XML: the canonical form without comments and blanks.
Perl: its tokens. A makefile: its lines once continued lines are joined. Anything else: its bytes.
"""

from __future__ import annotations

import enum
import hashlib
import posixpath
import re
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from . import ctext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .scene import Files

__all__ = ["Compiler", "Judge", "OracleError", "Unit", "Verdict", "no_c"]


class OracleError(Exception):
    """What should be right does not compile: the change itself is wrong, and nothing can be judged."""


class Verdict(enum.Enum):
    """What became of a series on a drifted tree."""

    RIGHT = "right"
    REFUSED = "refused"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Unit:
    """A source file, and how it is compiled: the words for gcc, run in *folder* of the tree."""

    path: str
    folder: str
    arguments: tuple[str, ...]


_NO_C = "does not compile"


def no_c(wrong: str) -> bool:
    """Return whether what :meth:`Judge.wrong` said is what a compiler would say, too."""
    return f" {_NO_C}: " in wrong


_OPTIONS = ("-std=gnu99", "-Wno-builtin-macro-redefined", "-D__LINE__=1", "-Werror=implicit-function-declaration")
_SAFE = ("-Werror=incompatible-pointer-types", "-Werror=int-conversion")


@dataclass
class Compiler:
    """gcc on the units of a subject; what it has seen, it does not look at again.

    :param extra: files that lie beside the tree's own: what is generated.
    :param cache: a folder; each unit that compiled is an empty file in it.
    """

    units: tuple[Unit, ...]
    extra: Mapping[str, bytes]
    cache: Path
    _stage: tempfile.TemporaryDirectory[str] | None = None
    _laid: dict[str, bytes] = field(default_factory=dict)
    _expanded: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)

    def lay(self, files: Files, root: str = "") -> Path:
        """Write the tree to the disk, as far as it is not there; return its folder."""
        if self._stage is None:
            self._stage = tempfile.TemporaryDirectory(prefix="drift-")
        folder = Path(self._stage.name)
        prefix = f"{root}/" if root else ""
        wanted = {**{prefix + path: data for path, data in self.extra.items()}, **files}
        for path in self._laid.keys() - wanted.keys():
            (folder / path).unlink()
        for path, data in wanted.items():
            if self._laid.get(path) != data:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
        self._laid = wanted
        return folder

    def units_of(self, files: Files, base: Files, root: str = "") -> list[Unit]:
        """Return the units of a tree: those of the subject, and each new source file like another of its folder."""
        prefix = f"{root}/" if root else ""
        known = {prefix + unit.path: unit for unit in self.units}
        by_folder: dict[str, Unit] = {}
        for path, one in known.items():
            by_folder.setdefault(posixpath.dirname(path), one)
        found = []
        for path in sorted(files):
            unit: Unit | None = known.get(path)
            if unit is None and path.endswith(".c") and path.removeprefix(prefix) not in base:
                unit = by_folder.get(posixpath.dirname(path))
            if unit is not None:
                found.append(Unit(path, posixpath.normpath(posixpath.join(root, unit.folder)), unit.arguments))
        return found

    def expanded(self, folder: Path, unit: Unit, key: str) -> tuple[bytes, str]:
        """Return a unit once it is preprocessed, and what the preprocessor complains of.

        :param key: the same for the same tree.
        """
        known = self._expanded.get((unit.path, key))
        if known is None:
            done = self._gcc(folder, unit, "-E", "-P", "-o", "-")
            known = self._expanded[unit.path, key] = (done.stdout, done.stderr if done.returncode else "")
        return known

    def compiles(self, folder: Path, unit: Unit, expanded: bytes) -> str:
        """Return why a unit does not compile, "" where it does."""
        name = hashlib.sha256(
            b" ".join(expanded.split()) + repr((unit.path, unit.arguments, _OPTIONS, _SAFE)).encode()
        ).hexdigest()
        mark = self.cache / name
        if mark.exists():
            return ""
        done = self._gcc(folder, unit, "-fsyntax-only", "-w", *_SAFE)
        if done.returncode:
            return "\n".join(line for line in done.stderr.splitlines() if "error" in line)[:2000] or done.stderr[:500]
        mark.touch()
        return ""

    def _gcc(self, folder: Path, unit: Unit, *words: str) -> _Text:
        where = folder / unit.folder
        source = posixpath.relpath(unit.path, unit.folder)
        root = str(folder) if not unit.path.startswith("tree/") else f"{folder}/tree"
        arguments = [word.replace("@ROOT@", root) for word in unit.arguments]
        done = subprocess.run(  # noqa: S603 - no word is foreign
            ("gcc", *_OPTIONS, *arguments, *words, source), cwd=where, capture_output=True, check=False
        )
        return _Text(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))

    def close(self) -> None:
        """Remove what was written."""
        if self._stage is not None:
            self._stage.cleanup()


@dataclass(frozen=True, slots=True)
class _Text:
    returncode: int
    stdout: bytes
    stderr: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges trees against one that is known to be right.

    :param base: upstream's tree before the change, to tell new files by.
    """

    compiler: Compiler
    right: Files
    base: Files
    root: str = ""

    def check(self, known: Files) -> None:
        """See that what should be right compiles, where it differs from *known*, which does.

        :raises OracleError: it does not.
        """
        folder = self.compiler.lay(self.right, self.root)
        key = _key(self.right)
        changed = {path for path in self.right if _is_c(path) and _differ(path, self.right[path], known.get(path))}
        for unit in _reached(self.compiler.units_of(self.right, self.base, self.root), self.right, changed):
            text, wrong = self.compiler.expanded(folder, unit, key)
            wrong = wrong or self.compiler.compiles(folder, unit, text)
            if wrong:
                msg = f"{unit.path}: {wrong}"
                raise OracleError(msg)

    def wrong(self, files: Files) -> str:
        """Return what is wrong with a tree, "" where it is right."""
        paths = sorted(self.right.keys() | files.keys())
        other = [path for path in paths if _differ(path, self.right.get(path), files.get(path))]
        plain = [path for path in other if not _is_c(path)]
        if plain:
            return f"{plain[0]} is not what it should be"
        if not other:
            return ""
        found = {}
        for side, tree in (("right", self.right), ("theirs", files)):
            folder = self.compiler.lay(tree, self.root)
            for unit in _reached(self.compiler.units_of(tree, self.base, self.root), tree, {*other}):
                text, wrong = self.compiler.expanded(folder, unit, _key(tree))
                wrong = wrong or (self.compiler.compiles(folder, unit, text) if side == "theirs" else "")
                if wrong:
                    return f"{unit.path} {_NO_C}: {wrong}"
                found[side, unit.path] = text
        units = {path for _, path in found}
        for path in sorted(units):
            mine, theirs = found.get(("right", path), b""), found.get(("theirs", path), b"")
            if mine.split() != theirs.split() and _items(mine) != _items(theirs):
                return f"{path} is another program"
        return ""


def _reached(units: list[Unit], files: Files, changed: set[str]) -> list[Unit]:
    """Return the units that are, or by the names in their includes may include, one of the *changed* files."""
    names = {posixpath.basename(path) for path in changed}
    reached = {path for path in files if path in changed}
    while True:
        more = {
            path
            for path in files
            if _is_c(path) and path not in reached and not names.isdisjoint(_included(files[path]))
        }
        if not more:
            return [unit for unit in units if unit.path in reached]
        reached |= more
        names |= {posixpath.basename(path) for path in more}


@lru_cache(maxsize=4096)
def _included(data: bytes) -> frozenset[str]:
    found = re.findall(rb'(?m)^[ \t]*#[ \t]*include[ \t]*[<"](?:[^">\n]*/)?([^">\n/]+)[">]', data)
    return frozenset(name.decode("latin-1") for name in found)


@lru_cache(maxsize=256)
def _items(expanded: bytes) -> Counter[tuple[bytes, ...]]:
    return Counter(tuple(_joined(item)) for item in ctext.outer_items(expanded))


def _joined(item: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield tokens with the strings in a row made one, as the compiler does (C17 5.1.1.2p1)."""
    held = b""
    for token in item:
        is_string = token[:1] == b'"'
        if held and not is_string:
            yield held
            held = b""
        if is_string:
            held = held[:-1] + token[1:] if held else token
        else:
            yield token
    if held:
        yield held


def _key(files: Files) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        if _is_c(path):
            digest.update(path.encode() + b"\0" + files[path] + b"\0")
    return digest.hexdigest()


def _is_c(path: str) -> bool:
    return path.endswith((".c", ".h"))


def _differ(path: str, one: bytes | None, other: bytes | None) -> bool:
    if one == other:
        return False
    return one is None or other is None or _meaning(path, one) != _meaning(path, other)


@lru_cache(maxsize=2048)
def _meaning(path: str, data: bytes) -> object:
    name = posixpath.basename(path)
    if _is_c(path):
        return ctext.tokens(data)
    if name.endswith((".xml", ".wsdl", ".xsd")):
        return _canonical(data)
    if name.startswith("Makefile"):
        return [b" ".join(line.split()) for line in re.sub(rb"\\\r?\n", b" ", data).splitlines() if line.strip()]
    if name.endswith(".pl") or data.startswith((b"#!/usr/bin/perl", b"#! /usr/bin/perl")):
        return [line.strip() for line in data.splitlines() if line.strip()]
    return data


def _canonical(data: bytes) -> bytes:
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True, resolve_entities=False, no_network=True)
    try:
        return etree.tostring(etree.fromstring(data, parser), method="c14n")
    except etree.XMLSyntaxError:  # what a tool broke is no other form of what is right
        return data
