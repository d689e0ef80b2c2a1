# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes upstream trees, and reads what patchgen makes of them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from patchgen.findings import Exit
from patchgen.upstream import UpstreamError, open_upstream

if TYPE_CHECKING:
    from pathlib import Path

    from patchgen.tree import Source
    from patchgen.upstream import Limits

__all__ = ["committed", "content", "fill", "refused", "run"]

_ENV = {**os.environ, "LC_ALL": "C", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
_ENV |= {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def run(folder: Path, *words: str, stdin: bytes = b"") -> bytes:
    """Return what the program prints; it must end well."""
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        words, cwd=folder, env=_ENV, input=stdin, capture_output=True, check=False
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def fill(folder: Path, files: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    """Return the folder, with the files and links put into it."""
    folder.mkdir(exist_ok=True)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for path, target in (links or {}).items():
        (folder / path).symlink_to(target)
    return folder


def content(source: Source) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the bytes of all files, and the links."""
    return {path: source.read(path) for path in source.paths()}, dict(source.links)


def refused(text: str | Path, limits: Limits | None = None) -> UpstreamError:
    """Return the error that opening gives."""
    with pytest.raises(UpstreamError) as caught:
        open_upstream(str(text), limits=limits)
    assert caught.value.status is Exit.UNUSABLE
    return caught.value


def committed(folder: Path) -> Path:
    """Return the folder, as a git repository with all of it committed."""
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", "-fA")
    run(folder, "git", "commit", "-qm", "all")
    return folder
