# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a source package of an orig tarball, a packaging, and the series rendered on the tarball."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen import refresh
from patchgen.findings import Exit, Finding, Level, PatchgenError, Place, Slug, worst
from patchgen.record import FILE as RECORD
from patchgen.shelf import SemanticFolder, Shelf
from patchgen.stages import StageState
from patchgen.upstream import open_upstream

from .debian import Debian, Orig
from .programs import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchgen.config import Places
    from patchgen.stages import Stage

__all__ = ["Built", "build"]

_THERE = Slug.define(
    "package-exists",
    """A file of the source package is in the folder already, with other bytes. It is never overwritten: give
    another folder, or take the old one away.""",
)
_DIFFERS = Slug.define(
    "package-differs",
    """What dpkg-source -x unpacks is not what went into the source package. The package is not kept.""",
)
_OMITTED = Slug.define(
    "left-out-of-debian",
    """A file of the packaging was left out of the source package: dpkg-source leaves what belongs to version control out of
    what it packs (dpkg-source(1), -I), so that it would not be there after unpacking.""",
)
_FOREIGN = Slug.define(
    "another-project",
    """Not one patch of the series found all of its places in the tarball. It is not the project that the series is for, or a
    release line of it that the series does not serve. `patchgen status --upstream TARBALL` shows each edit.""",
)
_LEFT_OUT = ("__pycache__", ".git*", "*.pyc")


@dataclass(frozen=True, slots=True)
class Built:
    """What became of it.

    :param files: those of the source package, in *folder*; none where a finding is an error.
    """

    findings: tuple[Finding, ...]
    stages: tuple[Stage, ...]
    files: tuple[Path, ...]


def build(places: Places, debian: Path, out: Path) -> Built:
    """Make the source package in *out*: all of its files, or none.

    The packaging is copied with its links followed, but for its patches: the folder of patches of *places*, with
    hand-made patches and headers as they are there, is rendered anew on the tarball. The package is unpacked again
    and compared before it is put into *out*.

    :raises PatchgenError: the tarball, the packaging or a folder cannot be used, dpkg-source refuses, or a file
        of the package is there already and is another.
    """
    orig = Orig.of(places.need_upstream())
    packaging = Debian.read(debian)
    source = open_upstream(str(orig.path))
    findings = [*packaging.fits(orig, source.paths()), *_left_out(debian)]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".patchgen-") as scratch:
        work = Path(scratch)
        tree = work / f"{packaging.source}-{packaging.upstream_version}"
        _lay_out(tree, orig, debian)
        semantic = SemanticFolder.open(places.need_semantic())
        patches = tree / "debian/patches"
        _copy_patches(places, patches)
        shelf = Shelf.open(patches, semantic, "series")
        done = refresh.refresh(source, semantic, shelf, refresh.Options(named=True, overwrite=True, recorded=False))
        findings += done.findings
        ours = [stage for stage in done.stages if stage.state is not StageState.HAND_MADE]
        if ours and all(stage.state is StageState.REFUSED for stage in ours):
            message = f"none of the {len(ours)} patches of the series finds its places in it"
            help_ = f"give the orig tarball of {packaging.source} {packaging.upstream_version}"
            findings.insert(0, Finding(_FOREIGN, Level.ERROR, message, Place(str(orig.path)), help_))
        if worst(findings) is not Exit.CLEAN:
            return Built(tuple(findings), done.stages, ())
        _set_record_aside(patches / RECORD, tree / "debian/semantic")
        made = _packed(work, tree, packaging, orig)
        return Built(tuple(findings), done.stages, _put(made, out))


def _lay_out(tree: Path, orig: Orig, debian: Path) -> None:
    """Unpack the tarball, which was read before and is safe, and lay the packaging over it."""
    tree.mkdir()
    run(
        ["tar", "-xf", str(orig.path.resolve()), "--strip-components=1", "--no-same-owner", "--no-same-permissions"],
        tree,
    )
    shutil.rmtree(tree / "debian", ignore_errors=True)
    shutil.copytree(debian, tree / "debian", ignore=shutil.ignore_patterns("patches", *_LEFT_OUT))


def _left_out(debian: Path) -> Iterator[Finding]:
    """Yield a note for each file of version control that is not taken along; what Python compiled needs none."""
    for path in sorted(debian.rglob(".git*")):
        if path.relative_to(debian).parts[0] != "patches":
            yield Finding(_OMITTED, Level.NOTE, "left out of the source package, as dpkg-source does", Place(str(path)))


def _copy_patches(places: Places, to: Path) -> None:
    """Copy series and patches: what a person made or wrote there is kept by the refresh."""
    to.mkdir()
    shelf = places.need_patches()
    for path in sorted(shelf.iterdir()) if shelf.is_dir() else ():
        if path.name == places.series:
            shutil.copyfile(path, to / "series")
        elif not path.name.startswith("."):
            shutil.copyfile(path, to / path.name)


def _set_record_aside(record: Path, semantic: Path) -> None:
    """Let the record lie beside the semantic patches: ``debian/patches`` has what quilt(1) reads, and nothing else."""
    if semantic.is_dir():
        record.replace(semantic / RECORD)
    else:
        record.unlink()


def _packed(work: Path, tree: Path, packaging: Debian, orig: Orig) -> list[Path]:
    """Run dpkg-source -b, unpack what it made, and compare."""
    name = f"{packaging.source}_{packaging.upstream_version}.orig.{orig.suffix}"
    shutil.copyfile(orig.path, work / name)
    run(["dpkg-source", "-b", tree.name], work, epoch=packaging.epoch)
    made = [path for path in sorted(work.iterdir()) if path.is_file()]
    (description,) = [path for path in made if path.suffix == ".dsc"]
    run(["dpkg-source", "--no-check", "-x", description.name, "unpacked"], work)
    run(["dpkg-source", "--before-build", tree.name], work)
    differing = _differing(tree, work / "unpacked")
    if differing:
        raise PatchgenError(_DIFFERS, f"{differing[0]} is not what it was", Place(description.name))
    return made


def _differing(one: Path, other: Path) -> list[str]:
    """Return the files that are not the same in both folders; what quilt keeps for itself aside."""
    return sorted(
        str(path) for path, _ in set(_contents(one).items()) ^ set(_contents(other).items()) if path.parts[0] != ".pc"
    )


def _contents(folder: Path) -> dict[Path, bytes | str]:
    files = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return {
        path.relative_to(folder): str(path.readlink()) if path.is_symlink() else path.read_bytes() for path in files
    }


def _put(made: Sequence[Path], out: Path) -> tuple[Path, ...]:
    """Move the files into the folder, the description last: where it is, all are."""
    for path in made:
        there = out / path.name
        if there.exists() and there.read_bytes() != path.read_bytes():
            raise PatchgenError(_THERE, "it is there already, and is another", Place(str(there)))
    for path in sorted(made, key=lambda path: path.suffix == ".dsc"):
        path.replace(out / path.name)
    return tuple(out / path.name for path in made)
