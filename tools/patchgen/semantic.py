# SPDX-License-Identifier: GPL-3.0-or-later
"""Semantic patches: the TOML model and its schema.

One TOML file is one patch: a ``[dep3]`` table, which becomes the header of the patch when it is
first written, and an ordered array of ``[[edit]]`` tables.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import msgspec

from .edits import Edit, kind, kinds, names
from .findings import PatchgenError, Place, Slug
from .spelling import Spelling, spelled, unused

if TYPE_CHECKING:
    from .shelf import SemanticFolder
    from .tree import Tree

__all__ = ["SemanticError", "SemanticPatch", "parse", "parsed", "schema"]

_UNUSABLE = Slug.define(
    "semantic-patch",
    """The semantic patch cannot be used: it is not TOML, has a key that the schema does not know, a
    value of a wrong type, or C that does not parse. `patchgen explain KIND` shows the keys of a kind.""",
)
_SUFFIX = ".toml"


class SemanticError(PatchgenError, ValueError):
    """A semantic patch cannot be used; the finding has the place in the TOML."""


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One semantic patch."""

    dep3: dict[str, str]
    edit: list[dict[str, Any]]
    spelling: tuple[Spelling, ...] = ()


@dataclass(frozen=True, slots=True)
class SemanticPatch:
    """One semantic patch, as read.

    :param name: the stem of its file; the patch is called ``NAME.patch``.
    :param dep3: the fields of the header, in the order of the file.
    :param spellings: what its texts say otherwise on some trees.
    """

    name: str
    path: str
    data: bytes
    dep3: dict[str, str]
    edits: tuple[Edit, ...]
    spellings: tuple[Spelling, ...] = ()

    def spelled_for(self, upstream: Tree) -> SemanticPatch:
        """Return the patch with its texts as *upstream* spells them."""
        return replace(self, edits=spelled(self.edits, self.spellings, upstream)) if self.spellings else self

    @property
    def patch(self) -> str:
        """The file name of the rendered patch."""
        return f"{self.name}.patch"

    def words_everywhere(self) -> frozenset[bytes]:
        """Return the words that the edits will ask the whole tree for."""
        words: set[bytes] = set()
        for edit in self.edits:
            if not edit.files:
                words |= edit.words()
            if edit.when is not None:
                words |= edit.when.words()
        for spelling in self.spellings:
            words |= spelling.when.words()
        return frozenset(words)


def parsed(folder: SemanticFolder) -> tuple[SemanticPatch, ...]:
    """Parse and check every semantic patch of a folder, in its order.

    :raises SemanticError: one cannot be used.
    """
    return tuple(parse(f"{folder.path}/{name}", data) for name, data in folder.files)


def parse(path: str, data: bytes) -> SemanticPatch:
    """Return the semantic patch that *data* holds.

    :raises SemanticError: it cannot be used.
    """
    try:
        document = tomllib.loads(data.decode())
        shape = msgspec.convert(document, _Document)
        edits = tuple(_edit(at, entry) for at, entry in enumerate(shape.edit))
    except UnicodeDecodeError as error:
        raise SemanticError(_UNUSABLE, "not UTF-8", Place.of(path, data, error.start)) from error
    except tomllib.TOMLDecodeError as error:
        raise SemanticError(_UNUSABLE, *_toml_place(path, data, str(error))) from error
    except msgspec.ValidationError as error:
        raise SemanticError(_UNUSABLE, *_model_place(path, data, str(error))) from error
    except RecursionError as error:
        raise SemanticError(_UNUSABLE, "nested too deeply", Place(path)) from error
    if not edits:
        raise SemanticError(_UNUSABLE, "there is no [[edit]] in it", Place(path))
    for spelling in shape.spelling:
        for word in unused(edits, spelling):
            raise SemanticError(_UNUSABLE, f"no text of an edit has {word!r}, which is spelled here", Place(path))
    name = path.rpartition("/")[2].removesuffix(_SUFFIX)
    return SemanticPatch(name, path, data, shape.dep3, edits, shape.spelling)


def schema() -> dict[str, Any]:
    """Return the JSON schema (2020-12) of a semantic patch."""
    (reference,), components = msgspec.json.schema_components([_document_type()], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A semantic patch",
        **reference,
        "$defs": dict(sorted(components.items())),
    }


def _document_type() -> Any:  # noqa: ANN401 - a class made at run time
    edit = reduce(or_, kinds().values())
    fields: list[Any] = [("dep3", dict[str, str]), ("edit", list[edit])]  # type: ignore[valid-type]
    fields.append(("spelling", tuple[Spelling, ...], ()))
    return msgspec.defstruct("SemanticPatch", fields, frozen=True, forbid_unknown_fields=True)


def _edit(at: int, entry: dict[str, Any]) -> Edit:
    name = entry.get("kind")
    try:
        return msgspec.convert(entry, kind(str(name)))
    except KeyError as error:
        near = get_close_matches(str(name), names(), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        message = f"there is no edit kind {name!r}{hint} - at `$.edit[{at}].kind`"
        raise msgspec.ValidationError(message) from error
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$")
        message = f"{text} - at `$.edit[{at}]{where.rstrip('`')}`"
        raise msgspec.ValidationError(message) from error


def _toml_place(path: str, data: bytes, message: str) -> tuple[str, Place]:
    """Return the parser's message and the place it gives in words ("at line 3, column 7")."""
    text, _, where = message.partition(" (at line ")
    match = re.match(r"(\d+), column (\d+)", where)
    if match is None:
        return text, Place(path, data.count(b"\n") + 1)
    lines = data.splitlines(keepends=True)
    line, column = int(match[1]), int(match[2])
    start = sum(map(len, lines[: line - 1]))
    before = lines[line - 1].decode()[: column - 1].encode() if line <= len(lines) else b""
    return text, Place.of(path, data, start + len(before))


def _model_place(path: str, data: bytes, message: str) -> tuple[str, Place]:
    """Return the model's message and the line of the table or key that its path means."""
    text, _, where = message.partition(" - at `$")
    edit = re.match(r"\.edit\[(\d+)\]\.?([\w-]+)?", where)
    unknown = re.search(r"unknown field `([^`]+)`", text)
    start = 0
    if edit:
        heads = list(re.finditer(rb"^[ \t]*\[\[[ \t]*edit[ \t]*\]\]", data, re.MULTILINE))
        if int(edit[1]) < len(heads):
            start = heads[int(edit[1])].start()
    key = unknown[1] if unknown else edit[2] if edit else None
    if key:
        match = re.compile(rb"^[ \t]*" + re.escape(key.encode()) + rb"\b", re.MULTILINE).search(data, start)
        start = match.start() if match else start
        return text, Place.of(path, data, start, match.end() if match else start)
    return text, Place.of(path, data, start)
