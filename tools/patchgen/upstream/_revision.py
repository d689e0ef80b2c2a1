# SPDX-License-Identifier: GPL-3.0-or-later
"""An upstream tree that is a revision of a git repository, read from its object store.

Blobs are taken as they are: no checkout, no filter, no attribute (``export-ignore`` included), no
fetch, and no program of the repository's configuration runs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from patchgen.findings import Place

from . import _pushed
from ._source import (
    NO_UPSTREAM,
    SUBMODULE,
    UNREADABLE,
    UpstreamError,
    decoded,
    left_out,
    note,
    unsafe,
)
from ._store import Store, Stored, no_room

if TYPE_CHECKING:
    from collections.abc import Mapping

    from git import Repo

    from patchgen.findings import Finding

__all__ = ["Revision"]

_LINK, _SUBMODULE = b"120000", b"160000"
# An object's name (at most 64 digits), its kind and its size.
_HEAD = 128


class Revision(Stored):
    """The tree of one commit."""

    def __init__(self, label: str, repository: str, revision: str) -> None:
        """List the tree of *revision* in *repository*, a folder in a work tree or a bare repository.

        :raises UpstreamError: there is no such repository or revision, or its tree is damaged.
        """
        repo = _repository(label, repository)
        commit = _commit(label, repo, revision)
        names: dict[str, bytes] = {}
        symbolic: set[str] = set()
        findings: list[Finding] = []
        for mode, name, path in _listed(label, repo, commit):
            if unsafe(path):
                raise UpstreamError(NO_UPSTREAM, f"a path of the revision cannot be used: {unsafe(path)}", Place(path))
            if left_out(path) and path != _pushed.APPLIED:
                continue
            if mode == _SUBMODULE:
                findings.append(note(SUBMODULE, "a submodule: its files are left out", path))
                continue
            names[path] = name
            if mode == _LINK:
                symbolic.add(path)
        store, where = _fetched(label, repo, names)
        if where.pop(_pushed.APPLIED, (0, 0))[1]:
            raise _pushed.refusal(_pushed.APPLIED, "it is a revision")
        links = {path: decoded(store.read(*where.pop(path))) for path in symbolic}
        super().__init__(label, store, where, links, findings)


def _listed(label: str, repo: Repo, commit: str) -> list[tuple[bytes, bytes, str]]:
    """Return mode, name and path of each entry (git-ls-tree(1), "Output format", with -z)."""
    from git.exc import GitError  # noqa: PLC0415 - see _repository

    try:
        text: bytes = repo.git.ls_tree(
            "-r", "-z", "--full-tree", commit, stdout_as_string=False, strip_newline_in_stdout=False
        )
    except GitError as error:
        raise _unusable(label, f"its tree cannot be read{_said(error)}") from error
    entries: list[tuple[bytes, bytes, str]] = []
    for record in text.split(b"\0")[:-1]:
        facts, _, path = record.partition(b"\t")
        mode, _, name = facts.split(b" ")
        entries.append((mode, name, decoded(path)))
    return entries


def _fetched(label: str, repo: Repo, names: Mapping[str, bytes]) -> tuple[Store, dict[str, tuple[int, int]]]:
    """Return the blobs called *names*, and where each is (git-cat-file(1), "Batch output")."""
    import tempfile  # noqa: PLC0415 - slow to import, and a folder needs none

    from git.exc import GitError  # noqa: PLC0415 - see _repository

    try:
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
            asked.write(b"".join(name + b"\n" for name in names.values()))
            asked.seek(0)
            # One process for all: asking for one after the other takes six times as long.
            repo.git.cat_file("--batch", "--buffer", istream=asked, output_stream=answered)
            answered.flush()
            store = Store(os.dup(answered.fileno()))
    except GitError as error:
        raise _unusable(label, f"its files cannot be read{_said(error)}") from error
    except OSError as error:
        raise no_room(label, error) from error
    where: dict[str, tuple[int, int]] = {}
    at = 0
    for path, name in names.items():
        head = store.read(at, _HEAD).partition(b"\n")[0]
        found, _, facts = head.partition(b" ")
        kind, _, size = facts.partition(b" ")
        if found != name or kind != b"blob" or not size.isdigit():
            message = f"git's object {decoded(name)} is missing or damaged"
            raise UpstreamError(UNREADABLE, message, Place(path), "run 'git fsck' in the repository")
        where[path] = at + len(head) + 1, int(size)
        at += len(head) + 1 + int(size) + 1
    return store, where


def _repository(label: str, repository: str) -> Repo:
    try:
        import git  # noqa: PLC0415 - 0.1 s, and only a revision needs it
    except ImportError as error:
        raise _unusable(label, f"git cannot be used: {error}") from error
    try:
        repo = git.Repo(repository or ".", search_parent_directories=True)
    except (git.exc.GitError, ValueError, OSError) as error:
        where = repository or "the current folder"
        raise _unusable(label, f"there is no git repository at {where}") from error
    # A repository that is a partial clone must not fetch: its configuration names the program for it.
    repo.git.update_environment(GIT_NO_LAZY_FETCH="1", GIT_TERMINAL_PROMPT="0", GIT_OPTIONAL_LOCKS="0")
    return repo


def _commit(label: str, repo: Repo, revision: str) -> str:
    """Return the full name of the commit that *revision* means."""
    from git.exc import GitError  # noqa: PLC0415 - see _repository

    if not revision or revision.startswith("-") or "\0" in revision:
        raise _unusable(label, f"{revision!r} is no name of a revision")
    try:
        name: str = repo.git.rev_parse("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitError as error:
        raise _unusable(label, f"there is no revision {revision!r}{_said(error)}") from error
    return name.strip()


def _said(error: Exception) -> str:
    text = str(getattr(error, "stderr", "")).strip().removeprefix("stderr: ").strip("'\n ")
    return f": {text}" if text else ""


def _unusable(label: str, message: str) -> UpstreamError:
    help_ = "write git:REPOSITORY@REVISION, or git:@REVISION for the repository of the current folder"
    return UpstreamError(NO_UPSTREAM, message, Place(label), help_)
