# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a folder of JARs that all go onto one class path."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from buildcheck.report import Case
from patchgen.findings import Finding, Level, PatchgenError, Place, Slug

from .classfile import JAVA_OF_MAJOR, java
from .jar import Jar, JarError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from .needed import Needed

__all__ = ["Audit", "FolderError"]

_FOLDER = Slug.define("no-jars", """What is to be audited is no folder that can be read, or there is no JAR in it.""")
_TWO = Slug.define(
    "jar-two-versions",
    """Two JARs are two versions of one library. All of them go onto one class path, and the order of the folder decides
    which one a class comes from: an upgrade that left groovy-1.6.3 and asm2-2.2.3 beside their successors broke the cloud
    controller. Keep one.""",
)
_TWICE = Slug.define(
    "jar-class-twice",
    """A class is in two JARs. Where the two are not the same bytes, the order of the class path decides what the program does:
    that is an error; where they are, a warning.""",
)
_LATER = Slug.define(
    "jar-class-version",
    """A class is in a format of a later Java than the one that is to run it, which refuses it with
    UnsupportedClassVersionError (JVMS, 4.1).""",
)
_LINK = Slug.define(
    "jar-link-differs",
    """A link to a JAR of the system stands in the place of a bundled one and has not all that the bundled one has: a class or a
    public or protected member is gone, or has another type. What was compiled against the one does not run with the other.""",
)
_DANGLING = Slug.define("jar-link-dangling", """A link that should lead to a JAR leads nowhere.""")
_MISSING = Slug.define(
    "jar-missing",
    """The build needs a JAR that is not in the folder, or the one that is there lacks a class that it must have.""",
)
_LICENCE = Slug.define(
    "jar-licence",
    """What a JAR says of its licence: a file in it, its manifest, or a file of its name in the folder of licences beside it.
    Where nothing says anything, a person has to find out before it is distributed: a warning.""",
)
_SHOWN = 3
_FOLDERS = ("licenses", "licences")
_BY_WORDS = (
    ("Apache License, Version 2", "Apache-2.0"),
    ("Apache License\n", "Apache"),
    ("GNU LESSER GENERAL PUBLIC", "LGPL"),
    ("GNU GENERAL PUBLIC", "GPL"),
    ("Mozilla Public License", "MPL"),
    ("Eclipse Public License", "EPL"),
    ("Common Public License", "CPL"),
    ("COMMON DEVELOPMENT AND DISTRIBUTION", "CDDL"),
    ("Permission is hereby granted, free of charge", "MIT"),
    ("Redistribution and use in source and binary forms", "BSD"),
)


class FolderError(PatchgenError, ValueError):
    """There is nothing to audit."""


@dataclass(frozen=True, slots=True)
class Audit:
    """A folder and what it is held against.

    :param target: the version of Java that is to run the classes; 0 where that does not matter.
    :param needed: what the build needs.
    :param bundled: a folder of the JARs that upstream bundles; None where links are not to be compared.
    """

    folder: Path
    target: int = 0
    needed: tuple[Needed, ...] = ()
    bundled: Path | None = None

    def cases(self) -> Iterator[Case]:
        """Yield a case for each JAR, and one for each thing that is about several.

        :raises FolderError: there is nothing to audit.
        """
        jars, broken = _read(self.folder)
        for name in sorted({*(jar.label for jar in jars), *broken}):
            jar = next((one for one in jars if one.label == name), None)
            own = list(broken.get(name, ()))
            if jar is not None:
                own += _careful(self._later(jar))
                own += _careful(_licence(jar, self.folder))
            yield Case(name, tuple(own))
        yield Case("two versions of one library", tuple(_two(jars)))
        yield Case("one class in two JARs", tuple(_twice(jars)))
        if self.needed:
            yield Case("what the build needs", tuple(self._missing(jars)))
        if self.bundled is not None:
            yield Case("links and what they stand for", tuple(self._links(jars, self.bundled)))

    def _later(self, jar: Jar) -> Iterator[Finding]:
        if not self.target:
            return
        late = {name: version for name, version in jar.versions.items() if version > self.target + JAVA_OF_MAJOR}
        if late:
            first = min(late)
            others = f", and {len(late) - 1} others" if len(late) > 1 else ""
            message = f"{first} is for Java {java(late[first])}{others}; Java {self.target} is to run it"
            yield Finding(_LATER, Level.ERROR, message, Place(jar.label))

    def _missing(self, jars: Sequence[Jar]) -> Iterator[Finding]:
        for one in self.needed:
            found = [jar for jar in jars if jar.name in one.names]
            why = f": {one.why}" if one.why else ""
            if not found:
                message = f"{' or '.join(one.names)} is not there{why}"
                yield Finding(_MISSING, Level.ERROR, message, Place(str(self.folder)))
            for name in one.classes if found else ():
                if not any(name in jar.classes for jar in found):
                    yield Finding(_MISSING, Level.ERROR, f"{name} is not in it{why}", Place(found[0].label))

    def _links(self, jars: Sequence[Jar], bundled: Path) -> Iterator[Finding]:
        theirs, broken = _read(bundled)
        yield from (finding for findings in broken.values() for finding in findings)
        for jar in jars:
            if not jar.path.is_symlink():
                continue
            for old in theirs:
                if old.name == jar.name:
                    yield from _careful(_differences(jar, old))


def _differences(link: Jar, old: Jar) -> Iterator[Finding]:
    lacking = []
    for name, members in sorted(old.api.items()):
        if name not in link.api:
            lacking.append(name)
        else:
            lacking += [f"{name}.{member}" for member in sorted(members - link.api[name])]
    if lacking:
        others = f", and {len(lacking) - _SHOWN} others" if len(lacking) > _SHOWN else ""
        message = f"it leads to {link.path.resolve()}, which lacks of {old.label} {', '.join(lacking[:_SHOWN])}{others}"
        yield Finding(_LINK, Level.ERROR, message, Place(link.label))


def _read(folder: Path) -> tuple[list[Jar], Mapping[str, list[Finding]]]:
    """Return the JARs of the folder and below, and the findings for those that cannot be read."""
    try:
        paths = sorted(path for path in folder.rglob("*.jar") if path.is_symlink() or path.is_file())
    except OSError as error:
        raise FolderError(_FOLDER, f"it cannot be read: {error.strerror}", Place(str(folder))) from error
    if not folder.is_dir() or not paths:
        raise FolderError(_FOLDER, "there is no JAR in it, or it is no folder", Place(str(folder)))
    jars: list[Jar] = []
    broken: dict[str, list[Finding]] = {}
    for path in paths:
        label = path.relative_to(folder).as_posix()
        if not path.is_file():
            target = path.readlink()
            broken[label] = [Finding(_DANGLING, Level.ERROR, f"it leads to {target}, where nothing is", Place(label))]
            continue
        try:
            jars.append(Jar.read(path, label))
        except JarError as error:
            broken[label] = [error.finding]
    return jars, broken


def _careful(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings, and that of a JAR that cannot be read any further."""
    try:
        yield from findings
    except JarError as error:
        yield error.finding


def _two(jars: Sequence[Jar]) -> Iterator[Finding]:
    by_name: dict[str, list[Jar]] = {}
    for jar in jars:
        by_name.setdefault(jar.name, []).append(jar)
    for name, same in sorted(by_name.items()):
        if len(same) > 1:
            which = " and ".join(f"{jar.label} ({jar.version or 'of no version'})" for jar in same)
            yield Finding(_TWO, Level.ERROR, f"{name} is there {len(same)} times: {which}", Place(same[-1].label))


def _twice(jars: Sequence[Jar]) -> Iterator[Finding]:
    for one, other in combinations(jars, 2):
        both = sorted(one.classes.keys() & other.classes.keys())
        if both:
            yield from _careful(_both(one, other, both))


def _both(one: Jar, other: Jar, both: Sequence[str]) -> Iterator[Finding]:
    differing = [name for name in both if one.bytes_of(name) != other.bytes_of(name)]
    first, level = (differing[0], Level.ERROR) if differing else (both[0], Level.WARNING)
    many = f", and {len(both) - 1} others" if len(both) > 1 else ""
    how = "not the same" if differing else "the same bytes"
    yield Finding(_TWICE, level, f"{first}{many} is in {one.label} too, {how}", Place(other.label))


def _licence(jar: Jar, folder: Path) -> Iterator[Finding]:
    said = [f"{entry} ({_words(jar.text_of(entry))})" for entry in jar.licences]
    said += [f"{name}: {jar.manifest[name]}" for name in ("Bundle-License",) if name in jar.manifest]
    for name in _FOLDERS:
        where = folder / name
        for path in sorted(where.iterdir()) if where.is_dir() else ():
            if path.is_file() and path.name.lower().startswith(jar.name.lower()):
                text = path.read_bytes()[: 2**16].decode("utf-8", "replace")
                said.append(f"{name}/{path.name} ({_words(text)})")
    if said:
        yield Finding(_LICENCE, Level.NOTE, f"licence: {'; '.join(said[:_SHOWN])}", Place(jar.label))
    else:
        yield Finding(_LICENCE, Level.WARNING, "nothing says what its licence is", Place(jar.label))


def _words(text: str) -> str:
    """Return the name of the licence whose words are in a text: a hint for a person, not a verdict."""
    return next(
        (name for words, name in _BY_WORDS if words.lower() in text.lower()), "of words that are not known here"
    )
