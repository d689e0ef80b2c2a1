# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of a prefix read into facts, each once for what the preprocessor made of it, and held together."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from buildcheck.compared import Looked
from buildcheck.ctree import Parser, Preprocessor, Target, TranslationUnit
from buildcheck.recipes import shape
from buildcheck.store import key, own
from buildcheck.units import links
from patchgen.findings import Finding, Level, PatchgenError, Place, Slug

from .across import across
from .facts import Facts, Unread
from .reader import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from buildcheck.forest import Wood
    from buildcheck.store import Store
    from buildcheck.units import Unit

    from .protocol import Protocol

__all__ = ["Reader"]

_UNREAD = Slug.define(
    "calls-not-read",
    """A declaration of the tree is no C that can be parsed, or a unit does not preprocess: the calls in it are
    not proved, whether or not the unpatched tree has it too.""",
)
_MODULES = (
    *(f"calls/{name}" for name in ("accesses", "facts", "initialiser", "look", "protocol", "reader", "spot")),
    *(f"sema/{name}" for name in ("assign", "constant", "ctype", "expression", "scope", "walk")),
    *(f"ctree/{name}" for name in ("carry", "chunks", "lines", "parse", "tokens", "unit")),
)
_WORD = re.compile(rb"[A-Za-z_]\w*")


@dataclass(slots=True)
class Reader:
    """Reads units; what was read is remembered in the store by what the preprocessor made of the unit."""

    store: Store
    protocols: Mapping[str, Protocol]
    parser: Parser = field(default_factory=Parser)
    known: dict[str, Facts] = field(default_factory=dict)

    def look(self, wood: Wood) -> Looked:
        """Return what is wrong with the calls of a prefix.

        :raises ProgramError: the preprocessor is not there, or does not end.
        """
        facts, unproved = self.read(wood)
        programs = [[facts[unit] for unit in program if unit in facts] for program in _programs(wood)]
        missing = [*shape(wood.prefix), *wood.recipes.findings, *unproved, *self.unread(facts)]
        return Looked(wood.prefix, tuple(across(programs)), tuple(dict.fromkeys(missing)), wood.stage.read)

    def read(self, wood: Wood) -> tuple[dict[Unit, Facts], list[Finding]]:
        """Return the facts of the units that calls may be in, and why others could not be read."""
        facts: dict[Unit, Facts] = {}
        findings: list[Finding] = []
        written = [unit for unit in wood.units if not unit.generated]
        for unit in written:
            self._unit(unit, wood, facts, findings)
        ours = {one.name.encode() for found in facts.values() for one in found.functions if one.defined}
        for unit in wood.units:
            if unit.generated and not ours.isdisjoint(_WORD.findall(wood.stage.read(unit.path) or b"")):
                self._unit(unit, wood, facts, findings)
        return facts, findings

    @staticmethod
    def unread(facts: Mapping[Unit, Facts]) -> Iterator[Finding]:
        """Yield the declarations that could not be parsed."""
        for found in facts.values():
            for one in found.unread:
                yield Finding(_UNREAD, Level.ERROR, one.text, Place(one.path, one.line))

    def _unit(self, unit: Unit, wood: Wood, facts: dict[Unit, Facts], findings: list[Finding]) -> None:
        try:
            made = Preprocessor(Target.native() or Target.AMD64, self.store).run(unit, wood.stage)
        except PatchgenError as error:
            findings.append(error.finding)
            return
        findings += made.findings
        if not made.digest:
            return
        name = key("calls", own(*_MODULES), unit.path, made.digest, repr(sorted(self.protocols.items())))
        if name not in self.known:
            self.known[name] = self._remembered(name) or self._read(name, unit, wood, made.text())
        facts[unit] = self.known[name]

    def _remembered(self, name: str) -> Facts | None:
        try:
            return msgspec.json.decode(zlib.decompress(base64.b64decode(self.store.recall(name))), type=Facts)
        except (TypeError, ValueError, RecursionError, zlib.error, msgspec.MsgspecError):
            return None

    def _read(self, name: str, unit: Unit, wood: Wood, text: str) -> Facts:
        tree = TranslationUnit(unit.path, unit.folder, text, self.parser, wood.stage.read)
        try:
            found = facts_of(tree, self.protocols)
        except RecursionError:
            return Facts(unread=(Unread("it is nested too deeply", unit.path, 0),))
        # Of each type every use is written out, which is long and alike.
        self.store.remember(name, base64.b64encode(zlib.compress(msgspec.json.encode(found))).decode())
        return found


def _programs(wood: Wood) -> Iterator[Sequence[Unit]]:
    """Yield the units of each program and library, and each other unit for itself."""
    linked: set[Unit] = set()
    for link in links(wood.recipes.commands):
        units = [one for one in link.arguments if not isinstance(one, str)]
        linked.update(units)
        yield units
    for unit in wood.units:
        if unit not in linked:
            yield [unit]
