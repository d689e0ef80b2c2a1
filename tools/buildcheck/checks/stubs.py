# SPDX-License-Identifier: GPL-3.0-or-later
"""Each call of the stub generator sees the variables that it goes by, and make sees how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck.programs import identity
from buildcheck.report import Case, frozen, pre_existing, thawed
from buildcheck.store import key, own
from buildcheck.stubcalls import NEEDS, TARGET, Answer, Way, ask, expected, lines
from patchgen.findings import Finding, Level, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from buildcheck.prefixes import Prefix
    from buildcheck.subject import Subject

__all__ = ["NEEDS", "OF_SERIES", "SUMMARY", "run"]

SUMMARY = (
    "each call of the stub generator sees AXIS2_HOME and the others however it was configured, and make sees its status"
)
OF_SERIES = False

_BLIND = Slug.define(
    "stub-call-blind",
    """A call of the stub generator does not see a variable that it goes by as it was configured. An empty value from configure
    that a makefile exports overrides a right one in the environment of make; without its class path the generator fails.""",
)
_STATUS = Slug.define(
    "stub-call-status",
    """make does not see how the stub generator ended: it goes on after a failure, and the build dies later of something else, or
    it stops although nothing failed. In a pipe the status is that of the last command.""",
)
_CALLS = Slug.define(
    "stub-calls",
    """What a call of the stub generator sees of AXIS2_HOME for each way of configuring: a note, for the last patch or the tree.""",
)
_NONE = Slug.define(
    "stub-no-calls",
    """No Makefile calls the stub generator, or one that does has no target generated/stubs, or make does not come to a call in
    it. A warning: nothing was proved there.""",
)
_OF_GENERATOR = b"$(WSDL2C)"
_FAILING = {Way.FAILS}
_ENDING = {Way.FAILS, Way.CLASSPATH, Way.SILENT}


def run(subject: Subject) -> Iterator[Case]:
    """Yield a case for each prefix.

    :raises ProgramError: make is not there, or does not end.
    """
    base: list[Finding] = []
    before: list[Finding] = []
    for number, prefix in enumerate(subject.chosen):
        subject.progress(f"stubs {prefix}")
        found = _asked(subject, prefix)
        wrong = [one for one in found if one.slug is not _CALLS]
        told = {one.message for one in (*base, *before)}
        if subject.compared and not number:
            base = wrong
            yield Case(f"stubs, {prefix}", patch=prefix.patch)
            continue
        last = prefix is subject.chosen[-1]
        new = [one for one in wrong if one.message not in told]
        known = [pre_existing(one) for one in wrong if one.message in {old.message for old in base}] if last else []
        notes = [one for one in found if one.slug is _CALLS] if last else []
        yield Case(f"stubs, {prefix}", (*new, *known, *notes), len(known), prefix.patch)
        before = wrong


def _asked(subject: Subject, prefix: Prefix) -> tuple[Finding, ...]:
    """Return the findings of a prefix, from memory where its makefiles were asked before."""
    makefiles = {path: prefix.tree.read(path) for path in sorted(prefix.files) if path.endswith("/Makefile")}
    calling = {path: data for path, data in makefiles.items() if _OF_GENERATOR in data and path.count("/") == 1}
    makedefs = prefix.tree.read("Makedefs.in") if "Makedefs.in" in prefix.files else b""
    parts = [part for path, data in calling.items() for part in (path.encode("utf-8", "surrogateescape"), data)]
    name = key("stubs", own("stubcalls", "makedefs", "checks/stubs"), makedefs, *parts, *map(identity, NEEDS))
    kept = thawed(subject.store.recall(name))
    if kept:
        return kept[0].findings
    found = tuple(_findings(subject, prefix, calling))
    subject.store.remember(name, frozen([Case("stubs", found)]))
    return found


def _findings(subject: Subject, prefix: Prefix, calling: Mapping[str, bytes]) -> Iterator[Finding]:
    if not calling:
        yield Finding(_NONE, Level.WARNING, "no Makefile calls the stub generator")
        return
    folders = tuple(path.partition("/")[0] for path in calling)
    answers: dict[str, dict[Way, Answer]] = {folder: {} for folder in folders}
    with subject.store.scratch() as scratch:
        for folder, way, answer in ask(prefix, folders, Path(scratch).resolve()):
            answers[folder][way] = answer
    for folder, ways in answers.items():
        path = f"{folder}/Makefile"
        places = [Place.of(path, calling[path], *span) for span in lines(calling[path])]
        given = ways[Way.GIVEN]
        if not given.calls:
            yield Finding(_NONE, Level.WARNING, f"make {TARGET} comes to no call in {path}: {given.error}", Place(path))
            continue
        for at in range(len(given.calls)):
            place = places[at] if at < len(places) else Place(path)
            yield from _call(at, path, place, ways)
        yield from _ends(path, ways, places)


def _call(at: int, path: str, place: Place, ways: Mapping[Way, Answer]) -> Iterator[Finding]:
    """Yield what is wrong with what a call sees, and the note that says what it sees."""
    said = []
    for way in (way for way in Way if way not in _ENDING):
        if at >= len(ways[way].calls):
            yield Finding(_BLIND, Level.ERROR, f"call {at + 1} in {path} is not reached {way.value}", place)
            continue
        seen = ways[way].calls[at].seen
        wanted = dict(expected()) | ({"AXIS2_HOME": way.wanted} if way.wanted is not None else {})
        for variable, value in wanted.items():
            if seen[variable] != value:
                sees = f"{variable} as {seen[variable]}" if seen[variable] else f"no {variable}"
                yield Finding(_BLIND, Level.ERROR, f"call {at + 1} in {path} sees {sees} {way.value}", place)
        said.append(f"{seen['AXIS2_HOME'] or 'nothing'} {way.value}")
    message = f"call {at + 1} in {path} sees of AXIS2_HOME {', '.join(said)}"
    yield Finding(_CALLS, Level.NOTE, message, place)


def _ends(path: str, ways: Mapping[Way, Answer], places: Sequence[Place]) -> Iterator[Finding]:
    """Yield what is wrong with what make makes of how the generator ended."""
    calls = len(ways[Way.GIVEN].calls)
    place = places[0] if places else Place(path)
    for way in Way:
        answer = ways[way]
        if way in _FAILING:
            if len(answer.calls) > 1 or (answer.status == 0 and calls == 1):
                message = f"make goes on in {path} {way.value}: it comes to call {len(answer.calls)} of {calls}"
                yield Finding(_STATUS, Level.ERROR, message, place)
        elif way in _ENDING and (answer.status or len(answer.calls) != calls):
            message = f"make stops in {path} {way.value}, at call {len(answer.calls)} of {calls}"
            yield Finding(_STATUS, Level.ERROR, message, place)
