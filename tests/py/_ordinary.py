# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs part of a test as an ordinary user, whoever runs the tests: root may read and write anything."""

from __future__ import annotations

import ctypes  # noqa: F401 - with fcntl and hashlib, what a child needs that may not read the runner's Python
import fcntl  # noqa: F401
import hashlib  # noqa: F401
import os
import pickle
import shutil
import tempfile
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["in_child", "open_place", "started"]

T = TypeVar("T")

_NOBODY = 65534


def in_child(work: Callable[[], T], *, ordinary: bool = True) -> T:
    """Return what *work* returns in a child process; root becomes ``nobody`` there if *ordinary*.

    An exception in the child is an AssertionError with its traceback.
    """
    read, write = os.pipe()

    def answer() -> None:
        os.close(read)
        if ordinary and os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        result: tuple[T | None, str]
        try:
            result = work(), ""
        except BaseException:  # noqa: BLE001 - the parent reports it
            result = None, traceback.format_exc()
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(result, pipe)

    pid = started(answer)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    os.waitpid(pid, 0)
    assert data, "the child was killed"
    result, failure = cast("tuple[T, str]", pickle.loads(data))  # noqa: S301 - our own child wrote it
    assert not failure, failure
    return result


def started(work: Callable[[], object]) -> int:
    """Return the process that does *work* and then exits with 0, or with 1 and its traceback on an exception."""
    with warnings.catch_warnings():
        # A runner of tests has threads; the child uses none of what they may hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:  # noqa: BLE001 - nothing may leave the child
            traceback.print_exc()
        finally:
            os._exit(status)
    return pid


@contextmanager
def open_place() -> Iterator[Path]:
    """Yield a temporary folder that an ordinary user may use; pytest's own are the runner's alone."""
    place = Path(tempfile.mkdtemp(prefix="patchgen-test-"))
    place.chmod(0o777)
    try:
        yield place
    finally:
        place.chmod(0o700)
        for folder, inside, _ in os.walk(place):
            for name in inside:
                if not (Path(folder) / name).is_symlink():
                    (Path(folder) / name).chmod(0o700)
        shutil.rmtree(place)
