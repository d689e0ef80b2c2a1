# SPDX-License-Identifier: GPL-3.0-or-later
"""Real C that nobody here wrote: Debian's linux-source-6.1, fetched once, and copies of it to work in.

It lies in ``build/cache/real`` and is never committed. What cannot be fetched fails the test that needs it.
"""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["CONFIG", "Objects", "copied", "found", "kernel", "patched", "plain", "run"]

_PACKAGE = "linux-source-6.1"
_HERE = Path(__file__).resolve().parents[2]
_CACHE = _HERE / "build/cache/real"
_ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "KBUILD"))},
    "LC_ALL": "C",
    "QUILTRC": "/dev/null",
}

CONFIG = (
    *("NET", "INET", "BLOCK", "SYSCTL", "PROC_FS", "PROC_SYSCTL", "MISC_FILESYSTEMS", "NETWORK_FILESYSTEMS"),
    *("AFFS_FS", "CODA_FS", "MINIX_FS", "MSDOS_FS", "NILFS2_FS", "VFAT_FS"),
)
"""What the kernel is built with beside nothing at all."""


def run(folder: Path, *words: str, **extra: str) -> str:
    """Return what the program prints; it must end well."""
    done = subprocess.run(
        words, cwd=folder, env=_ENV | extra, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, (words, done.stdout[-4000:])
    return done.stdout


def kernel() -> Path:
    """Return the folder of the kernel's source, as Debian ships it."""
    tree = _CACHE / _PACKAGE
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.is_dir():
            with tempfile.TemporaryDirectory(dir=_CACHE, prefix="fetch-") as scratch:
                _unpacked(_fetched(Path(scratch))).rename(tree)
    return tree


def _fetched(scratch: Path) -> Path:
    """Return the Debian package, from the mirrors of this machine's own apt configuration."""
    try:
        run(scratch, "apt-get", "download", _PACKAGE)
    except AssertionError:  # no package lists, or old ones: fetch some, without touching the machine's own
        (scratch / "lists/partial").mkdir(parents=True)
        options = [f"Dir::State::Lists={scratch}/lists", f"Dir::Cache={scratch}", "APT::Sandbox::User="]
        apt = ("apt-get", *(word for option in options for word in ("-o", option)))
        run(scratch, *apt, "update")
        run(scratch, *apt, "download", _PACKAGE)
    (package,) = scratch.glob("*.deb")
    return package


def _unpacked(package: Path) -> Path:
    folder = package.with_suffix("")
    folder.mkdir()
    run(package.parent, "dpkg-deb", "--extract", package.name, "data")
    (archive,) = package.parent.glob("data/usr/src/linux-source-*.tar.xz")
    run(folder, "tar", "--extract", "--strip-components=1", "--no-same-owner", f"--file={archive}")
    return folder


@contextmanager
def copied(tree: Path) -> Iterator[Path]:
    """Yield a copy of the tree made of hard links: quilt breaks them where it writes, as its manual says."""
    with tempfile.TemporaryDirectory(dir=tree.parent, prefix="work-") as scratch:
        copy = Path(scratch) / "linux"
        run(tree.parent, "cp", "--archive", "--link", str(tree), str(copy))
        yield copy


def found(tree: Path, names: Iterable[str]) -> dict[str, dict[str, list[int]]]:
    """Return, for each name and file that holds it, where it stands there as a whole word: the plain search."""
    wanted = {name: (name.encode(), plain(name)) for name in names}
    places: dict[str, dict[str, list[int]]] = {name: {} for name in wanted}
    for folder, folders, files in os.walk(tree):
        folders[:] = [name for name in folders if name not in {".git", ".pc"}]
        for file in files:
            path = Path(folder, file)
            if path.is_symlink():
                continue
            data = path.read_bytes()
            for name, (word, pattern) in wanted.items():
                if word in data and (starts := [match.start() for match in pattern.finditer(data)]):
                    places[name][str(path.relative_to(tree))] = starts
    return places


def plain(name: str) -> re.Pattern[bytes]:
    """Return what a person would search for: the word, and nothing that makes it a longer one."""
    letter = rb"[A-Za-z0-9_$\x80-\xff]"
    return re.compile(rb"(?<!%b)%b(?!%b)" % (letter, re.escape(name.encode()), letter))


class Objects:
    """The objects of some folders of a kernel tree, built for 32-bit x86 with next to nothing configured."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._output = tree.parent / "objects"
        settings = tree.parent / "config"
        settings.write_text("".join(f"CONFIG_{name}=y\n" for name in CONFIG))
        self._make("allnoconfig", KCONFIG_ALLCONFIG=str(settings))
        configured = (self._output / ".config").read_text().splitlines()
        assert {f"CONFIG_{name}=y" for name in CONFIG} <= {*configured}
        self._make("prepare")

    def build(self, *targets: str) -> tuple[set[str], list[str]]:
        """Return what was compiled, by its object, and the warnings of the compiler."""
        said = self._make(*targets)
        compiled = set(re.findall(r"^  (?:HOST)?CC +(\S+\.o)$", said, re.MULTILINE))
        return compiled, [line for line in said.splitlines() if "warning:" in line]

    def _make(self, *targets: str, **extra: str) -> str:
        self._output.mkdir(exist_ok=True)
        place = f"O={self._output}"
        return run(self._tree, "nice", "make", "-j2", "ARCH=i386", place, *targets, **extra)


def patched(patches: Path) -> Mapping[str, list[str]]:
    """Return the files that each patch of a folder names."""
    return {
        path.name: re.findall(r"^\+\+\+ b/(\S+)", path.read_text(), re.MULTILINE)
        for path in sorted(patches.glob("*.patch"))
    }
