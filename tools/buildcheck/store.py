# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered between runs: files by their content, and what was found out by a key.

A store that is lost, damaged or cannot be written costs time and nothing else: what is taken from it
is compared with what it should be, or its key says all that it depends on.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Store", "digest", "key", "own"]

_SWEPT = "swept"
_DAY = 86400
_KEPT_DAYS = {
    "trees": 3, "homes": 30, "blobs": 3, "objects": 30, "memory": 30, "scratch": 1,
    "packages": 60, "kernels": 60, "guests": 30, "installations": 3,
}  # fmt: skip
"""How many days what nobody used stays."""


def digest(data: bytes) -> str:
    """Return the digest of *data* that the store goes by."""
    return blake2b(data, digest_size=20).hexdigest()


def key(*parts: str | bytes) -> str:
    """Return a digest of all parts in their order, each kept apart from the next."""
    whole = blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()


@cache
def own(*modules: str) -> str:
    """Return a digest of the source of modules of this package: what they found out holds for it only."""
    here = Path(__file__).parent
    return key(*((here / f"{name}.py").read_bytes() for name in modules))


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of ours; safe for several runs at once, because each file is written aside and renamed."""

    folder: Path

    @classmethod
    def usual(cls) -> Store:
        """Return the store in ``$XDG_CACHE_HOME/buildcheck``, or a new one that nobody will find again.

        The second is for a home that cannot be written; :meth:`close` removes it.
        """
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path's raises
        store = cls(Path(base).absolute() / "buildcheck")
        try:
            for name in _KEPT_DAYS:
                (store.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=store.folder):
                pass
        except OSError:
            store = cls(Path(tempfile.mkdtemp(prefix="buildcheck-")))
            for name in _KEPT_DAYS:
                (store.folder / name).mkdir()
        return store

    def close(self) -> None:
        """Forget what nobody used for a while; remove a store that nobody will find again."""
        if self.folder.name != "buildcheck":
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        with contextlib.suppress(OSError):
            stamp = self.folder / _SWEPT
            if stamp.exists() and time.time() - stamp.stat().st_mtime < _DAY:
                return
            stamp.touch()
            for name, days in _KEPT_DAYS.items():
                _sweep(self.folder / name, time.time() - days * _DAY)

    def recall(self, name: str) -> Any:  # noqa: ANN401 - what JSON holds
        """Return what was remembered under *name*, or None."""
        path = self.folder / "memory" / name
        try:
            found = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _DAY:
                os.utime(path)
        return found

    def remember(self, name: str, value: Any) -> None:  # noqa: ANN401 - what JSON holds
        """Keep *value* under *name*."""
        with contextlib.suppress(OSError):
            self._write(self.folder / "memory" / name, json.dumps(value).encode())

    def object(self, name: str) -> Path:
        """Return where the object file of that name is, or has to be put."""
        return self.folder / "objects" / f"{name}.o"

    def keep(self, source: Path, target: Path) -> None:
        """Put the file *source*, which is in the store's own scratch, to its place."""
        source.replace(target)

    def scratch(self) -> tempfile.TemporaryDirectory[str]:
        """Return a folder for a while, on the same file system as the rest."""
        return tempfile.TemporaryDirectory(dir=self.folder / "scratch", ignore_cleanup_errors=True)

    def tree(self, files: Mapping[str, bytes], links: Mapping[str, str]) -> Path:
        """Return a folder that holds exactly these files and links.

        Each file is a hard link to the one copy of its bytes, so that a tree costs what it does not
        share with others. Its name is a digest of its content; what is not so any more is made right again.
        """
        names = (text for path in sorted(files) for text in (path, digest(files[path])))
        root = self.folder / "trees" / key(*names, "links", *(text for link in sorted(links.items()) for text in link))
        whole = root / ".whole"
        if not whole.exists() or not _holds(root, files, links):
            with self.scratch() as scratch:
                made = Path(scratch) / "tree"
                made.mkdir()
                self._fill(made, files, links)
                (made / ".whole").touch()
                try:
                    made.rename(root)
                except OSError:  # something is there: wrong, or another run was faster, and compiles in it
                    if not whole.exists() or not _holds(root, files, links):
                        with contextlib.suppress(OSError):
                            root.rename(Path(scratch) / "wrong")
                            made.rename(root)
        with contextlib.suppress(OSError):
            os.utime(root)
        return root

    def _fill(self, root: Path, files: Mapping[str, bytes], links: Mapping[str, str]) -> None:
        for folder in {(root / path).parent for path in (*files, *links)}:
            folder.mkdir(parents=True, exist_ok=True)
        for path, data in files.items():
            blob = self._blob(data)
            try:
                os.link(blob, root / path)
            except OSError:  # EMLINK, EPERM: it depends on the file system
                shutil.copy(blob, root / path)
        for path, target in links.items():
            (root / path).symlink_to(target)

    def _blob(self, data: bytes) -> Path:
        program = data.startswith(b"#!")
        path = self.folder / "blobs" / (digest(data) + ("x" if program else ""))
        try:
            if path.read_bytes() == data:
                return path
        except OSError:
            pass
        self._write(path, data, 0o555 if program else 0o444)
        return path

    def _write(self, path: Path, data: bytes, mode: int = 0o644) -> None:
        descriptor, scratch = tempfile.mkstemp(dir=self.folder / "scratch")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(scratch, mode)  # noqa: PTH101 - a name from tempfile
        os.replace(scratch, path)  # noqa: PTH105 - likewise


def _holds(root: Path, files: Mapping[str, bytes], links: Mapping[str, str]) -> bool:
    try:
        return all((root / path).read_bytes() == data for path, data in files.items()) and all(
            (root / path).readlink() == Path(target) for path, target in links.items()
        )
    except OSError:
        return False


def _sweep(folder: Path, before: float) -> None:
    old: Callable[[Path], bool] = lambda path: path.lstat().st_mtime < before and path.lstat().st_nlink == 1  # noqa: E731
    for path in _entries(folder):
        with contextlib.suppress(OSError):
            if path.is_dir():
                if path.lstat().st_mtime < before:
                    shutil.rmtree(path, ignore_errors=True)
            elif old(path):
                path.unlink()


def _entries(folder: Path) -> Iterable[Path]:
    with contextlib.suppress(OSError):
        return list(folder.iterdir())
    return ()
