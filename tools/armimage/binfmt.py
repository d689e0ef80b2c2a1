# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether this machine runs the programs of an architecture, and what root has to do where it does not."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck import programs
from patchgen.findings import PatchgenError, Slug

if TYPE_CHECKING:
    from .architectures import Architecture

__all__ = ["NEEDS", "HandlerError", "need_handler", "registration"]

NEEDS = ("arch-test",)
"""The programs that this runs."""

_NO_HANDLER = Slug.define(
    "no-binfmt-handler",
    """This machine does not run programs of the architecture that an image is for, because nobody told its kernel
    what to run them with (binfmt.d(5)). Where systemd runs, it does so when qemu-user-static is installed;
    elsewhere root has to, once after each start of the machine.""",
)
_MOUNTED = "/proc/sys/fs/binfmt_misc"


class HandlerError(PatchgenError):
    """Programs of the architecture do not run here."""


def registration(architecture: Architecture) -> str:
    """Return the line that root runs to have the handler registered."""
    handler = f"/usr/lib/binfmt.d/{architecture.emulator}.conf"
    register = f"{_MOUNTED}/register"
    return (
        f"{{ [ -e {register} ] || mount -t binfmt_misc binfmt_misc {_MOUNTED}; }} && "
        f"cat {shlex.quote(handler)} >{register}"
    )


def need_handler(architecture: Architecture) -> None:
    """See that programs of the architecture run here.

    :raises HandlerError: they do not; the help is the one line to run.
    :raises ProgramError: arch-test is not there.
    """
    if programs.run(("arch-test", architecture.debian), Path("/")).status:
        line = registration(architecture)
        if not Path(f"/usr/lib/binfmt.d/{architecture.emulator}.conf").exists():
            line = f"apt-get install qemu-user-static; {line}"
        raise HandlerError(
            _NO_HANDLER, f"no program for {architecture.debian} runs here", help=f"as root, once: {line}"
        )
