# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to dpkg's programs: run one, and read what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Literal, overload

from patchgen.findings import PatchgenError, Slug

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["ProgramError", "run"]

_MISSING = Slug.define(
    "no-dpkg-dev", """A program that source packages are made with is not there: Debian has it in dpkg-dev."""
)
_FAILS = Slug.define("dpkg-fails", """A program of dpkg-dev refuses; what it said last is the message.""")
_SECONDS = 600.0


class ProgramError(PatchgenError):
    """A program is not there, fails, or does not end."""


@overload
def run(words: Sequence[str], folder: Path, *, epoch: str = ..., quiet: Literal[False] = False) -> str: ...
@overload
def run(words: Sequence[str], folder: Path, *, quiet: Literal[True]) -> str | None: ...
def run(words: Sequence[str], folder: Path, *, epoch: str = "", quiet: bool = False) -> str | None:
    """Return what the program prints on standard output; with *quiet*, None where it answers no (status 1).

    :param epoch: the time that it is to take for now, where it writes one: SOURCE_DATE_EPOCH.
    :raises ProgramError: it is not there, fails, or does not end in ten minutes.
    """
    program = shutil.which(words[0])
    if program is None:
        raise ProgramError(_MISSING, f"the program {words[0]} is not there", help="apt-get install dpkg-dev")
    environment = {**os.environ, "LC_ALL": "C.UTF-8"} | ({"SOURCE_DATE_EPOCH": epoch} if epoch else {})
    try:
        done = subprocess.run(  # noqa: S603 - the program was looked up, the words are ours
            [program, *words[1:]], cwd=folder, env=environment, capture_output=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramError(_FAILS, f"{words[0]} does not end") from error
    if quiet and done.returncode == 1:
        return None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        raise ProgramError(_FAILS, f"{words[0]}: {said[-1]}")
    return done.stdout.decode("utf-8", "replace")
