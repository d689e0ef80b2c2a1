# SPDX-License-Identifier: GPL-3.0-or-later
"""Write generated files into a folder, and say what became different from what another WSDL file had left there."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from .ccode import client_files, service_files, type_files
from .errors import AdbError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .model import Service

__all__ = ["files_of", "write"]

_BANNER = re.compile(r"^/\* Written by adb from .*$", re.MULTILINE)


def files_of(service: Service, *, client: bool, server: bool) -> dict[str, str]:
    """Return all files of a service by name: types, and what one or both sides need."""
    files = type_files(service)
    if client:
        files |= client_files(service)
    if server:
        files |= service_files(service)
    return dict(sorted(files.items()))


def write(files: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """Write *files* into *folder*, each beside its place and then into it.

    Two services that share a type overwrite each other's file of it, as WSDL2C's did: that the folder is
    the same for both is the Makefiles' will. Which one is last then matters where they differ.

    :returns: the names of sources that were there and said something else.
    :raises AdbError: a file cannot be written.
    """
    different = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = folder / name
            if name.endswith(".c") and path.exists() and _body(path.read_text(encoding="utf-8")) != _body(text):
                different.append(name)
            beside = folder / f".{name}.{os.getpid()}"
            beside.write_text(text, encoding="utf-8", newline="\n")
            beside.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        raise AdbError(str(folder), 0, f"cannot write there: {error}") from error
    return tuple(different)


def _body(text: str) -> str:
    return _BANNER.sub("", text, count=1)
