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

__all__ = ["followed"]

_STEPS = 14
"""About how many steps mmdebstrap announces; a bar that is a little off does no harm."""
_MARK = "I: "


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
    steps = 0
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
                if line.startswith(_MARK):
                    steps += 1
                    progress(min(steps / _STEPS, 1.0), line.removeprefix(_MARK).strip())
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)  # mmdebstrap unmounts and removes what it made
            raise
        finally:
            late.cancel()
    return programs.Done(process.returncode, b"", "".join(said).encode())
