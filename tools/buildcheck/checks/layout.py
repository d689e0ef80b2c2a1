# SPDX-License-Identifier: GPL-3.0-or-later
"""Every struct lies as each target's compiler lays it out, and those that outlive a program stay compatible."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from buildcheck.ctree import Target
from buildcheck.forest import forest
from buildcheck.generator import NEEDS as GENERATOR_NEEDS
from buildcheck.generator import Generator
from buildcheck.layout.defined import Defined, clashes, definitions
from buildcheck.layout.pairs import pairs
from buildcheck.layout.surveys import surveys
from buildcheck.layout.verdicts import verdicts
from buildcheck.policy import Policy
from buildcheck.recipes import NEEDS as RECIPE_NEEDS
from buildcheck.report import Case, pre_existing
from patchgen.findings import Finding, Level, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildcheck.layout.surveys import Surveyed
    from buildcheck.report import Cases
    from buildcheck.subject import Subject

__all__ = ["NEEDS", "OF_SERIES", "SUMMARY", "run"]

SUMMARY = f"pycparser's layout of every struct equals the compiler's on {', '.join(one.value for one in Target)}"
NEEDS = (*(target.compiler for target in Target), *RECIPE_NEEDS, *GENERATOR_NEEDS)
OF_SERIES = False

_UNPROVED = Slug.define(
    "layout-not-proved",
    """The layout of a struct could not be computed with certainty: an attribute that buildcheck does not know, a
    type of the compiler's own, an expression, or a place where the compiler cannot be asked. It is not
    proved, whether or not the unpatched tree has it too.""",
)
_DIFFERS = Slug.define(
    "layout-differs",
    """buildcheck and the target's compiler do not lay a struct out alike, member by member. The compiler is right;
    what else buildcheck says about this struct is worth nothing. Please report it, with the struct.""",
)
_UNPARSED = Slug.define(
    "layout-not-parsed",
    """A declaration that may define a struct could not be parsed by pycparser, so that no struct in it is
    proved.""",
)
_CLASH = Slug.define(
    "layout-two-ways",
    """One struct has two layouts in one program: two units that share it do not mean the same bytes by it. A macro,
    a #pragma pack or the order of include paths makes the difference.""",
)
_BORROWED = Slug.define(
    "borrowed-headers",
    """For an architecture that is not the machine's own some headers of libraries were taken from the machine's
    own multiarch folder: the text is proved for the target, but the target's own package may say something
    else. The C library's headers are always the target's own.""",
)
_NOTHING = Slug.define("nothing-laid-out", """The tree defines no struct, so that nothing is proved.""")


def run(subject: Subject) -> Cases:
    """Yield a case for each prefix and target, one for what each patch does, and one with the structs of the policy.

    :raises PatchgenError: the stand-in for Axis2/C cannot be built, or the policy names what is not there.
    """
    generator = Generator(subject.store)
    generator.home()
    found = surveys(forest(subject, generator), Target, subject)
    defined = {(one.wood.prefix.number, one.target): definitions(one) for one in found}
    chosen = subject.chosen
    policy = Policy.read(subject.policy) if subject.policy is not None else None
    if policy is not None:
        names = {name for one in defined.values() for name in one}
        for struct in policy.structs:
            policy.need(struct.name, names)
    told: set[Finding] = set()
    for number, prefix in enumerate(chosen):
        last = number == len(chosen) - 1
        for one in found:
            if one.wood.prefix is prefix:
                yield _case(one, defined[prefix.number, one.target], subject, told, last=last)
        if subject.compared and number:
            changed = verdicts(chosen[number - 1].number, prefix.number, defined, policy)
            brought = [_brought(finding, prefix.patch, subject) for finding in changed]
            yield Case(f"what it changes, {prefix}", tuple(brought), patch=prefix.patch)
    if policy is not None and policy.structs:
        first = chosen[0].number if subject.compared else None
        yield Case("structs of the policy", structs=tuple(pairs(first, chosen[-1].number, defined, policy)))


def _case(one: Surveyed, defined: Defined, subject: Subject, told: set[Finding], *, last: bool) -> Case:
    """Return what is wrong on one target; what was told of a prefix before is told again only of the last one."""
    prefix = one.wood.prefix
    findings = list(dict.fromkeys([*one.wood.recipes.findings, *one.findings, *_unproved(one)]))
    if not defined and not findings:
        findings.append(Finding(_NOTHING, Level.ERROR, f"{one.target.value}: the tree defines no struct"))
    new = [_brought(finding, prefix.patch, subject) for finding in findings if finding not in told]
    two = [Finding(_CLASH, Level.ERROR, f"{one.target.value}: {clash.message}", clash.place) for clash in clashes(one)]
    known = 0
    for finding in two:
        if finding not in told:
            is_base = subject.compared and prefix.number == 0
            new += [] if is_base else [_brought(finding, prefix.patch, subject)]
        elif last:
            known += 1
            new.append(pre_existing(finding))
    told.update(findings, two)
    if one.borrowed and last:
        names = ", ".join(path.partition("-linux-gnu/")[2] for path in one.borrowed[:3])
        more = f" and {len(one.borrowed) - 3} more" if len(one.borrowed) > 3 else ""  # noqa: PLR2004 - that many are named
        message = f"{one.target.value}: of another architecture are the headers {names}{more}"
        new.append(Finding(_BORROWED, Level.NOTE, message))
    return Case(f"{one.target.value}, {prefix}", tuple(new), known, prefix.patch)


def _unproved(one: Surveyed) -> Iterator[Finding]:
    """Yield what is not proved of the structs: those of the system's headers too."""
    target = one.target.value
    for facts in one.facts.values():
        for unparsed in facts.unparsed:
            place = Place(unparsed.path, unparsed.line, unparsed.column, unparsed.end)
            yield Finding(_UNPARSED, Level.ERROR, f"{target}: {unparsed.message}", _with_source(place, one))
        for record in facts.records:
            place = Place(record.path, record.line, record.column, record.column)
            said = facts.against.get(record.key, "")
            if record.layout is None:
                message = f"{target}: {record.name} is not proved: {record.unproved}"
                yield Finding(_UNPROVED, Level.ERROR, message, _with_source(place, one))
            elif record.key not in facts.against:
                message = f"{target}: {record.name} is not proved: the compiler was not asked"
                yield Finding(_UNPROVED, Level.ERROR, message, _with_source(place, one))
            elif said:
                slug = _DIFFERS if " and not " in said else _UNPROVED
                yield Finding(slug, Level.ERROR, f"{target}: {record.name}: {said}", _with_source(place, one))


def _with_source(place: Place, one: Surveyed) -> Place:
    """Return *place* with the line that stands there, where it is one of the tree."""
    data = one.wood.stage.read(place.path)
    lines = data.split(b"\n") if data is not None else []
    if not 0 < place.line <= len(lines):
        return replace(place, column=0, end_column=0)
    return replace(place, source=lines[place.line - 1].decode("utf-8", "replace").rstrip("\r"))


def _brought(finding: Finding, patch: str, subject: Subject) -> Finding:
    """Return *finding* with the patch that brings it, where each is looked at."""
    if not patch or not subject.patches or len(subject.chosen) <= len(subject.patches):
        return finding
    since = f"since {patch}"
    return replace(finding, help=f"{finding.help}; {since}" if finding.help else since)
