# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries a series over to a drifted tree: patchgen, and its peers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen import render
from patchgen.findings import Level
from patchgen.refresh import played
from patchgen.shelf import SemanticFolder, Shelf
from patchgen.stages import StageState
from patchgen.upstream import InMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from patchgen.stages import Stage

    from .scene import Files

__all__ = ["PEERS", "Outcome", "Series", "patchgen"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool made of a series on a tree.

    :param files: the tree with the series on it; None where the tool refused. :param said: why.
    :param slugs: of patchgen, those of its refusals; :param patches: the diff of each patch, by its name.
    """

    files: Files | None
    said: str = ""
    slugs: frozenset[str] = frozenset()
    patches: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Series:
    """A series: its semantic patches, and what it was on the tree before the drift.

    :param stages: the tree after none, one, two ... patches; :param diffs: the patches, in order.
    """

    semantic: SemanticFolder
    stages: tuple[Files, ...]
    diffs: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, semantic: Path, files: Files) -> Series:
        """Render the series on a tree; nothing may be refused."""
        folder = SemanticFolder.open(semantic)
        stages = _played(folder, files)
        findings = [finding for stage in stages for finding in stage.findings if finding.level is Level.ERROR]
        if findings:
            msg = f"the series is refused on the tree before any drift: {findings[0].message}"
            raise ValueError(msg)
        trees = [files]
        for stage in stages:
            after = dict(trees[-1])
            after.update({path: stage.after.read(path) for path in stage.after.touched(stage.before)})
            trees.append(after)
        diffs = tuple((stage.patch, stage.diff) for stage in stages)
        return cls(folder, tuple(trees), diffs)


def _played(folder: SemanticFolder, files: Files) -> list[Stage]:
    return list(played(InMemory(files), folder, Shelf.empty(folder)))


def patchgen(series: Series, files: Files) -> Outcome:
    """Render the semantic patches on a tree; each patch, taken by itself, must give what the engine says."""
    stages = _played(series.semantic, files)
    errors = [finding for stage in stages for finding in stage.findings if finding.level is Level.ERROR]
    refused = [stage for stage in stages if stage.state is StageState.REFUSED]
    if errors or refused:
        said = "; ".join(f"{e.place.path if e.place else ''}: {e.message} [{e.slug.name}]" for e in errors[:4])
        return Outcome(None, said, frozenset(error.slug.name for error in errors))
    out = dict(files)
    patches = {}
    for stage in stages:
        diffs = render.parse_diff(stage.diff, stage.patch) if stage.diff else []
        made = render.apply(diffs, out.get) if diffs else {}
        changed = {path: stage.after.read(path) for path in stage.after.touched(stage.before)}
        if made != changed:
            msg = f"{stage.patch} does not give what it was made from"
            raise AssertionError(msg)
        out.update(changed)
        patches[stage.patch] = stage.diff
    return Outcome(out, patches=patches)


_ENV = {
    **os.environ,
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "QUILTRC": "/dev/null",
}
_ENV |= {f"GIT_{who}_{what}": "drift@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_SECONDS = 120


def _run(folder: Path, *words: str | Path, **extra: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - no word is foreign
        words, cwd=folder, env=_ENV | extra, capture_output=True, check=False, timeout=_SECONDS
    )


def _lay(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def _read(folder: Path) -> Files:
    found = {}
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if path.is_file() and inside.parts[0] not in {".git", ".pc"} and path.suffix not in {".orig", ".rej", ".porig"}:
            found[inside.as_posix()] = path.read_bytes()
    return found


def _patches(series: Series, folder: Path) -> list[Path]:
    folder.mkdir()
    made = []
    for name, diff in series.diffs:
        (folder / name).write_bytes(f"Description: {name}\n\n".encode() + diff)
        made.append(folder / name)
    (folder / "series").write_text("".join(f"{name}\n" for name, _ in series.diffs), encoding="utf-8")
    return made


def _quilt(*options: str) -> Callable[[Series, Files], Outcome]:
    def push(series: Series, files: Files) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="drift-quilt-") as scratch:
            tree = Path(scratch) / "tree"
            _lay(tree, files)
            _patches(series, Path(scratch) / "patches")
            done = _run(tree, "quilt", "--quiltrc=-", "push", "-a", *options, QUILT_PATCHES=f"{scratch}/patches")
            return Outcome(None, _last(done)) if done.returncode else Outcome(_read(tree))

    return push


def _wiggle(series: Series, files: Files) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="drift-wiggle-") as scratch:
        tree = Path(scratch) / "tree"
        _lay(tree, files)
        for patch in _patches(series, Path(scratch) / "patches"):
            done = _run(tree, "wiggle", "--replace", "--patch", "-p1", patch)
            if done.returncode:
                return Outcome(None, _last(done))
            for backup in tree.rglob("*.porig"):  # with one there, the next patch of the file would be refused
                backup.unlink()
        return Outcome(_read(tree))


def _repository(series: Series, files: Files, scratch: Path) -> Path:
    """Return a repository: upstream before and after the drift, and a branch with a commit for each patch."""
    tree = scratch / "tree"
    tree.mkdir()
    _run(tree, "git", "init", "-q", "-b", "upstream")
    _run(tree, "git", "config", "core.autocrlf", "false")
    (tree / ".git/info/attributes").write_text("* -text\n", encoding="utf-8")
    _lay(tree, series.stages[0])
    _run(tree, "git", "add", "-fA")
    _run(tree, "git", "commit", "-qm", "before")
    _run(tree, "git", "checkout", "-qb", "series")
    for stage, (name, _) in zip(series.stages[1:], series.diffs, strict=True):
        _lay(tree, stage)
        _run(tree, "git", "add", "-fA")
        _run(tree, "git", "commit", "-q", "--allow-empty", "-m", name)
    _run(tree, "git", "checkout", "-q", "upstream")
    for path in tree.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _lay(tree, files)
    _run(tree, "git", "add", "-fA")
    _run(tree, "git", "commit", "-qm", "after")
    return tree


def _rebase(series: Series, files: Files) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="drift-git-") as scratch:
        tree = _repository(series, files, Path(scratch))
        _run(tree, "git", "checkout", "-q", "series")
        done = _run(tree, "git", "rebase", "-q", "upstream")
        return Outcome(None, _last(done)) if done.returncode else Outcome(_read(tree))


def _am(series: Series, files: Files) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="drift-git-") as scratch:
        tree = _repository(series, files, Path(scratch))
        _run(tree, "git", "checkout", "-q", "series")
        _run(tree, "git", "format-patch", "-q", "--binary", "-o", f"{scratch}/mails", f"HEAD~{len(series.diffs)}")
        _run(tree, "git", "checkout", "-q", "upstream")
        mails = sorted(Path(scratch, "mails").iterdir())
        done = _run(tree, "git", "am", "-q", "-3", "--keep-cr", *mails)
        return Outcome(None, _last(done)) if done.returncode else Outcome(_read(tree))


def spatch(rules: Path, files: Files) -> Outcome:
    """Run the rules of Coccinelle on a tree, in place."""
    with tempfile.TemporaryDirectory(prefix="drift-spatch-") as scratch:
        tree = Path(scratch) / "tree"
        _lay(tree, {path: data for path, data in files.items() if path.endswith((".c", ".h"))})
        done = _run(
            tree,
            "spatch",
            "--very-quiet",
            "--in-place",
            "--no-includes",
            "--include-headers",
            "--sp-file",
            rules,
            "--dir",
            tree,
        )
        return Outcome(None, _last(done)) if done.returncode else Outcome({**files, **_read(tree)})


def _last(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = [line for line in (done.stdout + done.stderr).decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else f"exit status {done.returncode}"


PEERS: Mapping[str, Callable[[Series, Files], Outcome]] = {
    "quilt": _quilt(),
    "quilt, fuzz 0": _quilt("--fuzz=0"),
    "git rebase": _rebase,
    "git am -3": _am,
    "wiggle": _wiggle,
}
"""What carries the text of the patches over, by name; spatch has rules of its own, see :func:`spatch`."""
