# SPDX-License-Identifier: GPL-3.0-or-later
"""git, with nobody's settings."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["committed", "git"]


def git(folder: Path, *words: str, data: bytes = b"") -> bytes:
    """Run git in *folder*, with *data* to read, and return what it prints; it must end well."""
    who = {"GIT_COMMITTER_NAME": "C", "GIT_COMMITTER_EMAIL": "c@example.org", "GIT_AUTHOR_NAME": "C"}
    who |= {"GIT_AUTHOR_EMAIL": "c@example.org", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **who}, input=data, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def committed(folder: Path) -> Path:
    """Make *folder* a repository with all of it committed."""
    git(folder, "init", "-q")
    git(folder, "config", "core.autocrlf", "false")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "base")
    return folder
