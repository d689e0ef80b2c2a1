# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchange of two folders in one step (renameat2(2), Linux 3.15)."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["exchange"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
# The file system, the kernel or the C library does not know it; overlayfs has no redirect for a
# folder of a lower layer; a mount point cannot be renamed; a sandbox does not let the call through.
_CANNOT = frozenset({errno.EINVAL, errno.ENOSYS, errno.EXDEV, errno.EBUSY, errno.EOPNOTSUPP, errno.EPERM})


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders of one file system, and say whether that is possible here.

    :raises OSError: it is possible, and failed.
    """
    import ctypes  # noqa: PLC0415 - only a command that writes needs it

    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(one))
