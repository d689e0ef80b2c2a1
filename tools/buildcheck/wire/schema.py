# SPDX-License-Identifier: GPL-3.0-or-later
"""The WSDL files of a tree, read by :mod:`buildcheck.adb`, and which of them a folder's generated code is from."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildcheck.adb.errors import AdbError
from buildcheck.adb.wsdl import read_bytes
from buildcheck.calls.accesses import PREFIX
from buildcheck.calls.said import Said
from buildcheck.calls.spot import Spot
from buildcheck.recipes import MARKER
from buildcheck.units import is_generated
from patchgen.findings import Level, Slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildcheck.adb.model import Element, Service, Type
    from buildcheck.prefixes import Prefix
    from buildcheck.units import Unit

__all__ = ["Accessor", "Wsdl", "accessor", "schemas", "seen", "sources"]

_UNREAD = Slug.define(
    "wsdl-not-read",
    """A WSDL file is not well-formed, or says what no code is generated for: what goes over the wire by it is not
    proved. The message says what is not understood.""",
)
_SUFFIX = ".wsdl"
_BANNER = re.compile(rb"Written by adb from ([^\s]+?)\. ")
_VERBS = ("get", "set", "add", "sizeof", "create", "free")


@dataclass(frozen=True, slots=True)
class Wsdl:
    """A WSDL file that was read.

    :param path: relative to the tree.
    """

    path: str
    service: Service
    types: Mapping[str, Type] = field(repr=False)

    def spot(self, type_: Type, element: Element | None = None) -> Spot:
        """Return where the file declares a type, or an element of it."""
        return Spot(self.path, (element or type_).line, (element or type_).name)


@dataclass(frozen=True, slots=True)
class Accessor:
    """What the name of an accessor says.

    :param at: it reads one of a list.
    """

    type: str
    verb: str
    element: str
    at: bool = False


def schemas(prefix: Prefix) -> tuple[list[Wsdl], list[Said]]:
    """Return the WSDL files of a tree, and why others could not be read."""
    read: list[Wsdl] = []
    said: list[Said] = []
    for path in sorted(prefix.files):
        if path.endswith(_SUFFIX):
            try:
                service = read_bytes(prefix.tree.read(path), path)
            except AdbError as error:
                said.append(Said(_UNREAD, Level.ERROR, error.reason, Spot(path, error.line)))
            else:
                read.append(Wsdl(path, service, {one.name: one for one in service.types}))
    return read, said


def sources(generated: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """Return the WSDL file, without its folders, that each generated type is from, by the folder of its header.

    Two WSDL files that share a type write it into one folder: the last one counts, as for the compiler.
    """
    found: dict[str, dict[str, str]] = {}
    for path, data in generated.items():
        folder, _, name = path.rpartition("/")
        if is_generated(path) and name.startswith(PREFIX) and name.endswith(".h") and (said := _BANNER.search(data)):
            by = found.setdefault(folder, {})
            by[name.removeprefix(PREFIX).removesuffix(".h")] = said[1].decode("utf-8", "replace")
    return found


def seen(unit: Unit, folders: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the WSDL file of each type whose header *unit* can include: of two, the first on its way counts.

    :param folders: what :func:`sources` gives.
    """
    found: dict[str, str] = {}
    ways = [word.removeprefix("-I") for word in unit.arguments if word.startswith("-I") and word != "-I"]
    for way in reversed(["", "generated", *ways]):
        whole = posixpath.normpath(posixpath.join(MARKER, unit.folder, way))
        found |= folders.get(posixpath.relpath(whole, MARKER), {})
    return found


def accessor(callee: str, types: Mapping[str, object]) -> Accessor | None:
    """Return what the name of an accessor says; None where it is none of one.

    :param types: the names of the known types; of several that fit the longest counts.
    """
    rest = callee.removeprefix(PREFIX)
    fitting = [name for name in types if rest.startswith(f"{name}_")]
    if fitting:
        name = max(fitting, key=len)
        verb, _, element = rest[len(name) + 1 :].partition("_")
    else:
        found = re.fullmatch(rf"(\w+?)_({'|'.join(_VERBS)})_(\w+)", rest)
        if found is None:
            return None
        name, verb, element = found.groups()
    if verb not in _VERBS or not element:
        return None
    return Accessor(name, verb, element.removesuffix("_at"), at=element.endswith("_at") and verb == "get")
