# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to brz (Breezy): run it on local branches, with nobody's plugins, hooks or settings, and no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from .findings import PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["Bazaar", "BazaarError", "local_branch"]

_MISSING = Slug.define("no-brz", """The program brz is not installed: Debian has it in the package brz.""")
_FAILS = Slug.define("brz-fails", """brz refuses; what it said last is the message.""")
_BRANCH = Slug.define(
    "no-branch",
    """What was given as a branch of Bazaar is none on this machine: it has no folder .bzr, or it is a checkout or is
    stacked on a branch that is elsewhere. patchgen does not use the network: branch it first, and name the branch.""",
)
_SECONDS = 600.0


class BazaarError(PatchgenError, ValueError):
    """brz is not there, or refuses, or there is no branch."""


class Bazaar:
    """brz with an empty home of its own; as a context manager it removes that."""

    def __init__(self, identity: str = "") -> None:
        """Find the program.

        :param identity: who commits, as NAME <ADDRESS>.
        :raises BazaarError: it is not there.
        """
        program = shutil.which("brz")
        if program is None:
            raise BazaarError(_MISSING, "the program brz is not there", help="apt-get install brz")
        self._program = program
        self.folder = Path(tempfile.mkdtemp(prefix="patchgen-"))
        self._person = _plain(os.environ) | {"BRZ_LOG": os.devnull}
        kept = {name: value for name, value in self._person.items() if not name.startswith(("BRZ_", "BZR_"))}
        self._environment = kept | {
            "BRZ_HOME": str(self.folder),
            "BRZ_EMAIL": identity,
            "BRZ_LOG": os.devnull,
            "BRZ_PROGRESS_BAR": "none",
            "LC_ALL": "C.UTF-8",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words: str | Path, place: str = "", home: bool = False) -> str:
        """Return what brz prints on standard output.

        :param place: what the person calls that which it works on, for the message.
        :param home: with the settings of the person, who is asked for nothing but who that is.
        :raises BazaarError: it refuses, or does not end in ten minutes.
        """
        environment = self._person if home else self._environment
        try:
            done = subprocess.run(  # noqa: S603 - the program was looked up, the words are ours
                [self._program, *map(str, words)],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise BazaarError(_FAILS, f"brz {words[0]} does not end", Place(place) if place else None) from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
            message = f"brz {words[0]}: {said[-1].removeprefix('brz: ERROR: ')}"
            raise BazaarError(_FAILS, message, Place(place) if place else None)
        return done.stdout.decode("utf-8", "replace")


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* without a virtual environment of Python: brz would look for its modules there."""
    folders = environment.get("PATH", "").split(os.pathsep)
    path = os.pathsep.join(name for name in folders if not Path(name, "../pyvenv.cfg").is_file())
    mine = ("PYTHON", "VIRTUAL_ENV")
    return {name: value for name, value in environment.items() if not name.startswith(mine)} | {"PATH": path}


def local_branch(text: str) -> Path:
    """Return the folder of a branch that is on this machine as a whole.

    :raises BazaarError: it is none.
    """
    path = Path(text)
    control = path / ".bzr"
    if "://" in text or not control.is_dir():
        raise BazaarError(_BRANCH, "there is no branch of Bazaar", Place(text), "brz branch it, and name the branch")
    for name in ("location", "branch.conf"):
        file = control / "branch" / name
        words = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        lines = words.splitlines() if name == "location" else _stacked(words)
        if any("://" in line and not line.startswith("file://") for line in lines):
            raise BazaarError(_BRANCH, f"its branch is elsewhere: {lines[0]}", Place(text), "brz branch it first")
    return path.resolve()


def _stacked(text: str) -> list[str]:
    """Return where the branch is stacked on, by its configuration."""
    found = [line.partition("=")[2].strip() for line in text.splitlines() if line.startswith("stacked_on_location")]
    return [line for line in found if line]
