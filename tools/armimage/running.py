# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that takes minutes, followed while it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

from buildcheck import programs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Way", "followed"]

_STEP = "I: "
_LONGEST = "installing remaining packages"
_BEFORE = 0.35
"""How much is done when the longest step begins; a bar that is a little off does no harm."""
_FETCHED, _SET_UP = "Get:", "Setting up "


class Way:
    """How far mmdebstrap --verbose is, by what it says: of the packages that it fetched, how many are set up."""

    def __init__(self) -> None:
        self._start, self._end = 0.0, _BEFORE
        self._fetched = self._set_up = 0
        self.done = 0.0
        """From 0 to 1; never less than it was."""

    def hears(self, line: str) -> str:
        """Take a line of what it says; return what a person wants to know of it, "" for nothing."""
        if line.startswith(_STEP):
            if _LONGEST in line:
                self._start, self._end, self._fetched, self._set_up = _BEFORE, 1.0, 0, 0
                self.done = max(self.done, _BEFORE)
            return line.removeprefix(_STEP).strip()
        self._fetched += line.startswith(_FETCHED)
        self._set_up += line.startswith(_SET_UP)
        part = min(self._set_up / max(self._fetched, 1), 1.0)
        self.done = max(self.done, self._start + part * (self._end - self._start))
        return line.strip() if line.startswith((_SET_UP, "Unpacking ", "update-initramfs: ")) else ""


def followed(
    words: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    progress: Callable[[float, str], None],
) -> programs.Done:
    """Run a program that announces its steps on standard error, and wait for its end.

    :param environment: what it sees beside PATH, in the C locale.
    :param seconds: how long it may take; then it and its children are killed, and its status says so.
    :raises ProgramError: it is not there.
    """
    own = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C.UTF-8"} | dict(environment)
    said: list[str] = []
    way = Way()
    with (
        subprocess.Popen(  # noqa: S603 - the program was looked up, the arguments are ours
            [programs.find(str(words[0])), *map(str, words[1:])],
            cwd=folder,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process
    ):
        late = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        try:
            for line in process.stderr or ():
                said.append(line)
                what = way.hears(line)
                if what:
                    progress(way.done, what)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)  # mmdebstrap unmounts and removes what it made
            raise
        finally:
            late.cancel()
    return programs.Done(process.returncode, b"", "".join(said).encode())
