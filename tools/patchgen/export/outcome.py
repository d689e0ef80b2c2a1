# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way out: read the patches, make what was asked for, write it, and then the fields in the headers."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen import dep3, folder, history
from patchgen.findings import Finding, Level, PatchgenError, Place, Slug
from patchgen.folder import _disk

from .branch import Target, revisions
from .chosen import chosen, with_fields
from .debdiff import debdiff
from .letters import letters, mailbox

if TYPE_CHECKING:
    from patchgen.config import Places

    from .chosen import Chosen

__all__ = ["Done", "Wanted", "run"]

_THERE = Slug.define(
    "output-exists",
    """What an export was to write is there already, and is something else. It is never overwritten: give another
    name, or take the old one away.""",
)
_NO_OUTPUT = Slug.define(
    "no-output", """The form asked for is more than one file, so that --output has to say where it goes."""
)
_NO_BRANCH = Slug.define(
    "no-onto", """Revisions are made on a branch: --onto has to name the one that the series was rendered on."""
)


class OutputError(PatchgenError, ValueError):
    """What was asked for cannot be written there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line.

    :param names: the patches; none is all.
    :param to: the form. :param output: where it goes; None is standard output.
    :param onto: the folder debian/ of a package, or a Bazaar branch; *target*, *public* as :class:`Target` has them.
    :param forwarded, last_update: what to write into the headers.
    """

    names: tuple[str, ...]
    to: str
    output: str | None = None
    onto: str | None = None
    target: str | None = None
    public: str | None = None
    forwarded: str | None = None
    last_update: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it.

    :param what: in words; *path* where it is.
    :param data: what is to go to standard output, None for nothing.
    """

    what: str
    path: str
    findings: tuple[Finding, ...]
    data: bytes | None = None


def run(places: Places, wanted: Wanted) -> Done:
    """Export the patches.

    :raises PatchgenError: a patch cannot go out, or the output cannot be written; nothing was changed then.
    """
    there = chosen(places.need_patches(), places.series, wanted.names)
    patches = with_fields(there, wanted.forwarded, wanted.last_update)
    findings = _checked(patches, there)
    output = Path(wanted.output) if wanted.output else None
    what = f"{len(patches.patches)} patches" if len(patches.patches) > 1 else "one patch"
    data: bytes | None = None
    if wanted.to in {"git-am", "bzr"}:
        if output is None:
            raise OutputError(_NO_OUTPUT, f"{wanted.to} is more than one file", help="--output FOLDER")
        if wanted.to == "git-am":
            folder.replace(output, letters(patches), ours=())
        elif wanted.onto is None:
            raise OutputError(_NO_BRANCH, "there is no branch to make the revisions on", help="--onto BRANCH")
        else:
            where = Target(wanted.onto, output, wanted.target or "", wanted.public or "")
            findings += revisions(patches, where)
    else:
        data = mailbox(patches) if wanted.to == "mbox" else debdiff(patches, Path(wanted.onto) if wanted.onto else None)
        if output is not None:
            _put(output, data)
            data = None
    if patches is not there:
        before = dict(there.patches)
        findings += history.write(there.folder, dict(patches.patches), before, "export")[1]
    return Done(what, str(output or ""), findings, data)


def _checked(patches: Chosen, there: Chosen) -> tuple[Finding, ...]:
    """Return what DEP-3 has against the headers, where a field of them was asked for."""
    if patches is there:
        return ()
    found = [
        finding
        for name, data in patches.patches
        for finding in dep3.lint(dep3.Header.parse(dep3.split(data)[0]), patches.where(name))
        if finding.place is not None and finding.place.source.startswith(("Forwarded", "Last-Update"))
    ]
    for finding in found:
        if finding.level is Level.ERROR:
            raise PatchgenError(finding.slug, finding.message, finding.place, finding.help)
    return tuple(found)


def _put(path: Path, data: bytes) -> None:
    """Make the file *path*; one that is there with these bytes stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _disk.write(draft, data)
        os.link(draft, path)
    except FileExistsError as error:
        if not path.is_file() or path.read_bytes() != data:
            raise OutputError(_THERE, "it is there already, and is something else", Place(str(path))) from error
    finally:
        with suppress(OSError):
            draft.unlink()
