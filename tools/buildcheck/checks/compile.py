# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree compiles at every step, with nothing new to say, and everything of the default target links."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildcheck import headers
from buildcheck.builds import COMPILERS, Builder, Built
from buildcheck.compiler import WARNINGS
from buildcheck.diagnostics import Diagnostic, difference
from buildcheck.generator import LINKED_WITH, Generator
from buildcheck.generator import NEEDS as GENERATOR_NEEDS
from buildcheck.recipes import NEEDS as RECIPE_NEEDS
from buildcheck.recipes import shape
from buildcheck.report import Case, pre_existing
from buildcheck.units import links, units
from patchgen.findings import Finding, Level, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildcheck.compiler import Name
    from buildcheck.report import Cases
    from buildcheck.subject import Subject

__all__ = ["NEEDS", "OF_SERIES", "SUMMARY", "run"]

SUMMARY = f"every unit compiles with gcc and clang {' '.join(WARNINGS)}, with nothing new to say, and links"
NEEDS = ("gcc", "clang", "ld", *RECIPE_NEEDS, *GENERATOR_NEEDS)
OF_SERIES = False

_SAID = Slug.define(
    "compiler-says",
    """A compiler has an error or a warning that it does not have for the unpatched tree. It is the same
    where file, function and text are; the line does not count. Of a tree alone, with no unpatched one
    beside it, every error and warning is reported.""",
)
_HEADER = Slug.define(
    "missing-header",
    """A header that the tree includes is not on this machine, so that nothing of the unit behind it was
    looked at: it is not proved, whether or not the unpatched tree includes it too. Install the Debian package
    that the finding names.""",
)
_STOPPED = Slug.define(
    "compiler-stopped",
    """A compiler gave a unit up: it does not preprocess, or has too many errors. Nothing behind the place was
    looked at, so that the unit is not proved, whether or not it is the same in the unpatched tree.""",
)
_LINK = Slug.define(
    "does-not-link",
    """A program or library of the default target does not link, though it does in the unpatched tree: a
    function is called that nothing defines, or is defined twice.""",
)
_LACKS = Slug.define(
    "not-linked",
    """A program or library of the default target was not linked, because a unit of it does not compile.""",
)
_UNEVEN = Slug.define(
    "links-without-flags",
    """A Makefile links this program or library without LDFLAGS, and others with them: what the builder gives
    there, such as the hardening of dpkg-buildflags(1), is lost for this one. The unpatched tree does not so.""",
)
_NOTHING = Slug.define(
    "nothing-compiled", """The Makefiles of the tree compile no C file, so that nothing is proved."""
)


def run(subject: Subject) -> Cases:
    """Yield the cases of each prefix: its Makefiles, each compiler, and what it links.

    :raises PatchgenError: the stand-in for Axis2/C cannot be built.
    """
    generator = Generator(subject.store)
    generator.home()
    builds = Builder(subject, generator).builds()
    for number, built in enumerate(builds):
        base = builds[0] if subject.compared and number else None
        before = builds[number - 1] if base is not None and number > 1 else None
        step = _Step(subject, built, base, before, last=number == len(builds) - 1)
        yield step.makefiles()
        for name in COMPILERS:
            yield step.compiler(name)
        yield step.links()


@dataclass(frozen=True, slots=True)
class _Step:
    """A prefix, and those that it is compared with.

    :param base: the unpatched tree; None for itself, and where there is none.
    :param before: the prefix before, where that is another: what it has was reported for it.
    :param last: whether it is the last one, where what the unpatched tree has too is reported.
    """

    subject: Subject
    built: Built
    base: Built | None
    before: Built | None
    last: bool

    @property
    def is_base(self) -> bool:
        """Whether it is the unpatched tree, of which only what could not be looked at counts."""
        return self.base is None and self.subject.compared

    @property
    def patch(self) -> str:
        """The patch that the tree ends with, for the cases."""
        return self.built.prefix.patch

    def makefiles(self) -> Case:
        """Return the case of what is to be compiled: the shape, the Makefiles, the generation."""
        found = _unproved(self.built)
        earlier = [finding for one in (self.base, self.before) if one for finding in _unproved(one)]
        new = [self._brought(finding) for finding in found if finding not in earlier]
        return Case(f"Makefiles, {self.built.prefix}", tuple(new), patch=self.patch)

    def compiler(self, name: Name) -> Case:
        """Return the case of what one compiler says."""
        said = self.built.said[name]
        new: list[Diagnostic] = list(said)
        known: list[Diagnostic] = []
        if self.is_base:
            new = [one for one in said if one.fatal]
        elif self.base is not None:
            new, known = difference(said, self.base.said[name])
            if self.before is not None:
                new, _ = difference(new, self.before.said[name])
        found = [self._brought(self._finding(name, one)) for one in new]
        if self.last:
            found += [pre_existing(self._finding(name, one)) for one in known if not one.fatal]
        return Case(f"{name}, {self.built.prefix}", tuple(found), len(known) if self.last else 0, self.patch)

    def links(self) -> Case:
        """Return the case of what is linked."""
        found = _unlinked(self.built, self.base)
        name = f"link, {self.built.prefix}"
        if self.is_base:
            return Case(name, tuple(one for one in found if one.slug is _LACKS), patch=self.patch)
        if self.base is None:
            return Case(name, tuple(found), patch=self.patch)
        theirs = _unlinked(self.base, None)
        earlier = _unlinked(self.before, self.base) if self.before else []
        known = [one for one in found if one in theirs] if self.last else []
        new = [self._brought(one) for one in found if one not in theirs and one not in earlier]
        return Case(name, (*new, *map(pre_existing, known)), len(known), self.patch)

    def _finding(self, name: Name, diagnostic: Diagnostic) -> Finding:
        place = _place(self.built, diagnostic)
        header = headers.missing(diagnostic)
        if header:
            return Finding(
                _HEADER, Level.ERROR, f"{name}: the header {header} is not there", place, self._advice(header)
            )
        if diagnostic.fatal:
            return Finding(_STOPPED, Level.ERROR, f"{name}: {diagnostic}", place)
        level = Level.ERROR if self.subject.compared else diagnostic.level
        what = "" if diagnostic.level is Level.ERROR else "warning: "
        return Finding(_SAID, level, f"{name}: {what}{diagnostic}", place)

    def _advice(self, header: str) -> str:
        if headers.generated(header):
            return "it is generated from the WSDL: that failed, or the WSDL has no such type"
        if any(path.rpartition("/")[2] == header.rpartition("/")[2] for path in self.built.prefix.files):
            return "the tree has a header of that name, but no -I of the Makefile leads to it"
        package = headers.package(header)
        return f"apt-get install {package}" if package else "buildcheck does not know which Debian package has it"

    def _brought(self, finding: Finding) -> Finding:
        """Return *finding* with the patch that brings it, where that is known."""
        patch = self.built.prefix.patch
        if not self.subject.patches or not patch:
            return finding
        where = (
            f"since {patch}"
            if len(self.subject.chosen) > len(self.subject.patches)
            else "--each says since which patch"
        )
        return replace(finding, help=f"{finding.help}; {where}" if finding.help else where)


def _unproved(built: Built) -> list[Finding]:
    """Return what of a prefix could not be looked at."""
    found = [*shape(built.prefix), *built.recipes.findings, *built.failures]
    if not units(built.recipes.commands):
        found.append(Finding(_NOTHING, Level.ERROR, "the Makefiles compile no C file"))
    return found


def _unlinked(built: Built, base: Built | None) -> list[Finding]:
    """Return what does not link, and what *base* links and this one does not."""
    found = []
    for output, linked in built.linked.items():
        place = Place(_makefile(output))
        if linked.lacking:
            names = ", ".join(linked.lacking[:3])
            found.append(Finding(_LACKS, Level.ERROR, f"{output} is not linked: {names} did not compile", place))
        found += [Finding(_LINK, Level.ERROR, f"{output}: {text}", place) for text in linked.said]
    for output in sorted(base.linked.keys() - built.linked.keys() if base is not None else ()):
        found.append(Finding(_LINK, Level.ERROR, f"{output} is not linked any more", Place(_makefile(output))))
    return [*found, *_uneven(built)]


def _uneven(built: Built) -> Iterator[Finding]:
    """Yield what a Makefile links without LDFLAGS, where it links something with them."""
    every = links(built.recipes.commands)
    even = {link.folder: link.output for link in every if LINKED_WITH in link.arguments}
    for link in every:
        if link.folder in even and LINKED_WITH not in link.arguments:
            message = f"{link.output} is linked without LDFLAGS, and {even[link.folder]} with them"
            yield Finding(_UNEVEN, Level.ERROR, message, Place(f"{link.folder}/Makefile"))


def _makefile(output: str) -> str:
    return posixpath.join(posixpath.dirname(output), "Makefile")


def _place(built: Built, diagnostic: Diagnostic) -> Place:
    data = built.read(diagnostic.path)
    if data is None or not diagnostic.line:
        return Place(diagnostic.path, diagnostic.line, diagnostic.column, diagnostic.end)
    lines = data.split(b"\n")
    if diagnostic.line > len(lines):
        return Place(diagnostic.path, diagnostic.line)
    start = sum(len(line) + 1 for line in lines[: diagnostic.line - 1])
    column = max(diagnostic.column, 1)
    return Place.of(diagnostic.path, data, start + column - 1, start + max(diagnostic.end, column) - 1)
