# SPDX-License-Identifier: GPL-3.0-or-later
"""quilt and dpkg-source take the series with fuzz 0 and give the tree back, and each patch says what it is for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck.assembled import NAME, Assembled, differences
from buildcheck.programs import identity
from buildcheck.report import Case, frozen, thawed
from buildcheck.store import key, own
from patchgen import dep3
from patchgen.findings import Finding, Level, PatchgenError, Place, Slug
from patchgen.render import parse_diff
from patchgen.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildcheck.prefixes import Patch, Prefix
    from buildcheck.programs import Done
    from buildcheck.report import Cases
    from buildcheck.subject import Subject

__all__ = ["NEEDS", "OF_SERIES", "SUMMARY", "run"]

SUMMARY = (
    "quilt and dpkg-source take the series with fuzz 0 and give the tree back; DEP-3, no debian/, no .orig, no .rej"
)
NEEDS = ("quilt", "patch", "dpkg-source")
OF_SERIES = True

_STRAY = Slug.define(
    "stray-file",
    """A reject or a backup lies in the folder of patches or in the tree: what GNU patch leaves where a patch
    did not fit. Remove it, or put what it is about into a patch.""",
)
_DEBIAN = Slug.define(
    "touches-debian",
    """A patch changes a file in debian/. dpkg-source refuses such a series (dpkg-source(1), format 3.0 quilt):
    debian/ is not upstream's, and is changed where it lies.""",
)
_QUILT = Slug.define(
    "quilt-refuses",
    """quilt, with fuzz 0 and nothing of a person's settings, does not push the series or does not pop it again.""",
)
_DPKG = Slug.define(
    "dpkg-source-refuses",
    """dpkg-source does not take the source that is assembled of the tree and the series: it does not apply the
    patches before a build, does not pack it, or does not unpack what it packed.""",
)
_DIFFERS = Slug.define(
    "tree-differs",
    """After quilt or dpkg-source the tree is not what it should be: the patches leave other bytes than their
    diffs say, or taking them off does not bring the original back.""",
)
_SHOWN = 10
"""How many differing files are named for one step."""


def run(subject: Subject) -> Cases:
    """Yield a case for the series file, each patch, quilt and each step of dpkg-source."""
    yield Case("series file", tuple(_series_file(subject)))
    for patch in subject.patches:
        yield Case(f"patch {patch.name}", tuple(_patch(subject, patch)), patch=patch.name)
    yield Case("tree", tuple(_strays(subject.prefixes.last)))
    yield from _programs(subject)


def _programs(subject: Subject) -> Iterator[Case]:
    """Yield the cases that quilt and dpkg-source answer, from memory where nothing that they see changed."""
    parts: list[str | bytes] = [
        "series",
        own("assembled", "checks/series"),
        subject.prefixes.all[0].digest(),
        subject.folder,
    ]
    for patch in subject.patches:
        parts += [patch.name, patch.data or b"", str(patch.data is None)]
    name = key(*parts, *map(identity, NEEDS))
    known = thawed(subject.store.recall(name))
    if known is not None:
        yield from known
        return
    with subject.store.scratch() as scratch:
        cases = [Case("quilt", tuple(_quilt(subject, Path(scratch))))]
    with subject.store.scratch() as scratch:
        cases += _dpkg_source(subject, Path(scratch))
    subject.store.remember(name, frozen(cases))
    yield from cases


def _series_file(subject: Subject) -> Iterator[Finding]:
    path = Path(subject.folder) / subject.series_name
    series = Series.parse(path.read_bytes())
    yield from series.findings(str(path))
    for file in sorted(Path(subject.folder).rglob("*")):
        if file.name.endswith((".orig", ".rej")) and file.is_file():
            yield Finding(_STRAY, Level.ERROR, f"{file.name} lies among the patches", Place(str(file)))


def _patch(subject: Subject, patch: Patch) -> Iterator[Finding]:
    path = f"{subject.folder}/{patch.name}"
    if patch.data is None:
        return  # the series file's own finding
    yield from dep3.lint(dep3.Header.parse(dep3.split(patch.data)[0]), path)
    try:
        diffs = parse_diff(patch.data, path)
    except PatchgenError as error:
        yield _debian(error.finding) if "debian" in error.finding.message else error.finding
        return
    for diff in diffs:
        if diff.path.partition("/")[0] == "debian":
            yield Finding(_DEBIAN, Level.ERROR, f"the patch changes {diff.path}", diff.place)
        if diff.path.endswith((".orig", ".rej")) and not diff.removes:
            yield Finding(_STRAY, Level.ERROR, f"the patch makes {diff.path}", diff.place)


def _debian(finding: Finding) -> Finding:
    return Finding(_DEBIAN, Level.ERROR, finding.message, finding.place, finding.help)


def _strays(prefix: Prefix) -> Iterator[Finding]:
    for path in sorted(prefix.files):
        if path.endswith((".orig", ".rej")):
            yield Finding(_STRAY, Level.ERROR, f"{path} lies in the tree with all patches on", Place(path))


def _quilt(subject: Subject, scratch: Path) -> Iterator[Finding]:
    """Push the patches one by one and pop them all; each step is compared with the bytes that it must give."""
    prefixes = subject.prefixes.all
    work = Assembled.of(scratch, prefixes[0], subject.patches)
    for number, patch in enumerate(subject.patches, start=1):
        done = work.quilt("push", "--fuzz=0")
        if done.status:
            place = Place(f"{subject.folder}/{patch.name}")
            yield Finding(_QUILT, Level.ERROR, f"quilt push: {_why(done)}", place)
            return
        if number < len(prefixes):
            yield from _compared(
                work, prefixes[number], f"after quilt push {patch.name}", f"{subject.folder}/{patch.name}"
            )
    done = work.quilt("pop", "-a")
    if done.status:
        yield Finding(_QUILT, Level.ERROR, f"quilt pop -a: {_why(done)}", Place(subject.folder))
        return
    yield from _compared(work, prefixes[0], "after quilt pop -a", subject.folder)
    for left in work.without_pc():
        yield Finding(_DIFFERS, Level.ERROR, f"after quilt pop -a, {left.path}: {left.what}", Place(subject.folder))


def _dpkg_source(subject: Subject, scratch: Path) -> Iterator[Case]:
    """Yield a case for each step of dpkg-source on an assembled source; the first that fails is the last."""
    prefixes = subject.prefixes
    work = Assembled.of(scratch, prefixes.all[0], subject.patches)
    unpacked = Assembled(scratch, scratch / "unpacked")
    dsc = f"{NAME}_0-1.dsc"
    steps = (
        ("dpkg-source --before-build", ("--before-build", work.tree), work, prefixes.last),
        ("dpkg-source --after-build", ("--after-build", work.tree), work, prefixes.all[0]),
        ("dpkg-source -b", ("-b", work.tree), work, prefixes.last),  # it leaves them on
        ("dpkg-source -x", ("--no-check", "-x", dsc, unpacked.tree), unpacked, prefixes.last),
    )
    for name, words, result, wanted in steps:
        done = result.dpkg_source(*words)
        if done.status:
            yield Case(name, (Finding(_DPKG, Level.ERROR, f"{name}: {_why(done)}", Place(subject.folder)),))
            return
        yield Case(name, tuple(_compared(result, wanted, f"after {name}", subject.folder)))


def _compared(work: Assembled, wanted: Prefix, when: str, path: str) -> Iterator[Finding]:
    found = list(differences(work.tree, wanted))
    for one in found[:_SHOWN]:
        slug = _STRAY if one.path.endswith((".orig", ".rej")) else _DIFFERS
        yield Finding(slug, Level.ERROR, f"{when}, {one.path}: {one.what}", Place(path))
    if len(found) > _SHOWN:
        yield Finding(_DIFFERS, Level.ERROR, f"{when}, {len(found) - _SHOWN} other files differ as well", Place(path))


def _why(done: Done) -> str:
    """Return the line of a program's words that says most: of quilt, the hunk; of dpkg-source, the error."""
    lines = [line.strip() for line in (done.out + done.err).decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("Hunk #", "dpkg-source: error:"))]
    return (telling or lines[-1:] or [f"status {done.status}"])[0]
