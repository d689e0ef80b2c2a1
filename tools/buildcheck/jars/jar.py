# SPDX-License-Identifier: GPL-3.0-or-later
"""A JAR: which library of which version it is, its classes, and its licence, with bounds on what is read of it."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Place, Slug

from .classfile import ClassFile, ClassFileError, major

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Jar", "JarError"]

_UNREADABLE = Slug.define(
    "jar-unreadable",
    """A file that is called a JAR cannot be read as one: it is no ZIP file, is damaged or encrypted, has more entries or
    larger ones than a JAR of a library has, or a class in it is none. The others are audited all the same.""",
)
_MOST = 100_000
_LARGEST = 16 * 2**20
_TOTAL = 512 * 2**20
_RELEASES = "META-INF/versions/"
_NAMED = re.compile(r"(?P<name>.+?)-(?P<version>\d[A-Za-z0-9.+~_-]*)")
_LICENCE = re.compile(r"(?:META-INF/)?(?:[^/]*[-_.])?(?:licen[cs]es?|copying|notice)(?:[-_.][^/]*)?", re.IGNORECASE)
_VERSIONS = ("Implementation-Version", "Bundle-Version", "Specification-Version")
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # encrypted
    OSError,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)


class JarError(PatchgenError, ValueError):
    """The file cannot be read as a JAR."""


@dataclass(frozen=True)
class Jar:
    """A JAR that was listed.

    :param label: its path in the folder that is audited.
    :param name: that of the library, without its version.
    :param version: by the name of the file, else by its manifest; "" where neither says.
    :param classes: the entry of each class, by its name with dots; without those for later versions of Java alone.
    """

    path: Path
    label: str
    name: str
    version: str
    manifest: Mapping[str, str] = field(repr=False)
    classes: Mapping[str, str] = field(repr=False)
    licences: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, label: str) -> Jar:
        """List the JAR at *path*.

        :raises JarError: it cannot be.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                entries = archive.infolist()
                problem = _too_much(entries)
                manifest = {} if problem else _manifest(archive)
        except _BROKEN as error:
            raise JarError(_UNREADABLE, f"it cannot be read: {error}", Place(label)) from error
        if problem:
            raise JarError(_UNREADABLE, problem, Place(label))
        names = [one.filename for one in entries if not one.is_dir()]
        stem = path.name.removesuffix(".jar")
        match = _NAMED.fullmatch(stem)
        version = match["version"] if match else next((manifest[key] for key in _VERSIONS if key in manifest), "")
        classes = {_dotted(name): name for name in names if name.endswith(".class") and not name.startswith(_RELEASES)}
        licences = tuple(sorted(name for name in names if _LICENCE.fullmatch(name)))
        return cls(path, label, match["name"] if match else stem, version, manifest, classes, licences)

    def bytes_of(self, name: str) -> bytes:
        """Return the bytes of a class.

        :raises JarError: the entry is damaged, or longer than it says.
        """
        return self._read(self.classes[name], _LARGEST)

    def text_of(self, entry: str) -> str:
        """Return the first part of a file of text.

        :raises JarError: the entry is damaged.
        """
        return self._read(entry, 2**16, whole=False).decode("utf-8", "replace")

    @cached_property
    def versions(self) -> Mapping[str, int]:
        """The major version of the format of each class.

        :raises JarError: a class is none.
        """
        found = {}
        try:
            with zipfile.ZipFile(self.path) as archive:
                for name, entry in self.classes.items():
                    with archive.open(entry) as file:
                        found[name] = self._major(file.read(8), entry)
        except _BROKEN as error:
            if isinstance(error, JarError):
                raise
            raise JarError(_UNREADABLE, f"it cannot be read: {error}", Place(self.label)) from error
        return found

    @cached_property
    def api(self) -> Mapping[str, frozenset[str]]:
        """The members of each class that others may name.

        :raises JarError: a class is none.
        """
        found = {}
        for name, entry in self.classes.items():
            try:
                one = ClassFile.parse(self.bytes_of(name))
            except ClassFileError as error:
                raise JarError(_UNREADABLE, f"{entry}: {error}", Place(self.label)) from error
            if one.visible:
                found[name] = one.members
        return found

    def _major(self, data: bytes, entry: str) -> int:
        try:
            return major(data)
        except ClassFileError as error:
            raise JarError(_UNREADABLE, f"{entry}: {error}", Place(self.label)) from error

    def _read(self, entry: str, most: int, *, whole: bool = True) -> bytes:
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(entry) as file:
                data = file.read(most + 1)
        except _BROKEN as error:
            raise JarError(_UNREADABLE, f"{entry}: {error}", Place(self.label)) from error
        if whole and len(data) > most:
            raise JarError(_UNREADABLE, f"{entry} has more than {most} bytes", Place(self.label))
        return data[:most]


def _too_much(entries: list[zipfile.ZipInfo]) -> str:
    if len(entries) > _MOST:
        return f"it has more than {_MOST} entries"
    large = [one.filename for one in entries if one.file_size > _LARGEST and one.filename.endswith(".class")]
    if large:
        return f"{large[0]} has more than {_LARGEST} bytes"
    return f"it unpacks to more than {_TOTAL} bytes" if sum(one.file_size for one in entries) > _TOTAL else ""


def _manifest(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the main section of the manifest (JAR File Specification), {} where there is none."""
    try:
        with archive.open("META-INF/MANIFEST.MF") as file:
            text = file.read(2**20).decode("utf-8", "replace")
    except KeyError:
        return {}
    main = re.sub(r"\r\n?", "\n", text).partition("\n\n")[0].replace("\n ", "")
    pairs = [line.partition(":") for line in main.split("\n")]
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _dotted(entry: str) -> str:
    return entry.removeprefix("WEB-INF/classes/").removesuffix(".class").replace("/", ".")
