# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to GNU patch: what quilt and dpkg-source run, run the way they run it, with fuzz 0.

It is started through :mod:`subprocess` and not through ``sh``, whose import takes longer than all
the runs of a refresh together.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from .findings import PatchgenError, Slug

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["PatchFailsError", "Workshop"]

_MISSING = Slug.define(
    "no-gnu-patch",
    """GNU patch is not installed. It proves each rendered patch; Debian has it in the package patch.""",
)
_FAILS = Slug.define(
    "patch-fails",
    """GNU patch, with fuzz 0, does not take the patch on the tree that the earlier patches left.""",
)


class PatchFailsError(PatchgenError):
    """GNU patch refused a patch; the message is the hunk that it named."""


class Workshop:
    """A scratch folder with the few files that patches touch; as a context manager it removes itself."""

    def __init__(self) -> None:
        program = shutil.which("patch")
        if program is None:
            raise PatchgenError(_MISSING, "the program patch is not there", help="apt-get install patch")
        self._program = program
        self._folder = Path(tempfile.mkdtemp(prefix="patchgen-"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def lay(self, files: Mapping[str, bytes | None]) -> None:
        """Write the files, or take them away."""
        for path, data in files.items():
            target = self._folder / path
            if data is None:
                target.unlink(missing_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file as they are now, None if it is not there."""
        target = self._folder / path
        return target.read_bytes() if target.is_file() else None

    def apply(self, name: str, patch: bytes, *, reverse: bool = False) -> None:
        """Run GNU patch with fuzz 0 on the folder.

        :raises PatchFailsError: it does not apply; nothing is known of the folder then.
        """
        _run(self._program, self._folder, name, patch, reverse=reverse)

    @staticmethod
    def apply_in(folder: Path, name: str, patch: bytes) -> None:
        """Run GNU patch with fuzz 0 on a *folder* of the caller's own.

        :raises PatchFailsError: it does not apply; nothing is known of the folder then.
        """
        with Workshop() as workshop:
            _run(workshop._program, folder, name, patch, reverse=False)


def _run(program: str, folder: Path, name: str, patch: bytes, *, reverse: bool) -> None:
    command = [program, "-u", "-p1", "-f", "-F0", "--no-backup-if-mismatch", "-r", "-"]
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TMPDIR": tempfile.gettempdir()}
    done = subprocess.run(  # noqa: S603 - the program was looked up, the arguments are ours
        [*command, *(["-R"] if reverse else []), "-d", str(folder)],
        input=patch,
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).decode("utf-8", "replace").strip().splitlines()
        raise PatchFailsError(_FAILS, f"{name} does not apply: {_reason(said)}")


def _reason(said: list[str]) -> str:
    """Return the first hunk that failed, with its file; else what GNU patch said first."""
    file = ""
    for line in said:
        if line.startswith("patching file "):
            file = line.removeprefix("patching file ")
        elif line.startswith("Hunk ") and " FAILED" in line:
            return f"{file}: {line}"
    return next((line for line in said if not line.startswith("patching file ")), "no reason given")
