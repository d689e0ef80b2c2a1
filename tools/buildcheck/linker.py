# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to the linker: what the Makefiles link, linked from the object files in the store.

A shared object is linked with ``-z defs``, because an undefined function in it would else only show
when the service is loaded. Where binutils has gold, it links: it says the same in a quarter of the time.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import programs
from .store import key, own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .compiler import Compiled
    from .generator import Generator
    from .store import Store
    from .units import Link, Unit

__all__ = ["Linked", "link", "service"]

_LINES = 20
"""How much of what the linker says is kept."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What the linker said; nothing where it linked.

    :param lacking: the units that could not be compiled, so that it was not asked.
    """

    said: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def link(wanted: Link, units: Mapping[Unit, Compiled], generator: Generator, store: Store) -> Linked:
    """Link *wanted*, or remember that it was.

    :raises ProgramError: gcc is not there, or does not end.
    """
    inputs = [one for one in wanted.arguments if not isinstance(one, str)]
    lacking = tuple(unit.path for unit in inputs if unit not in units or not units[unit].object)
    if lacking:
        return Linked(lacking=lacking)
    objects = {unit: str(store.object(units[unit].object)) for unit in inputs}
    words = [one if isinstance(one, str) else objects[one] for one in wanted.arguments]
    words += generator.folders()
    linker = "ld.gold" if shutil.which("ld.gold") else "ld"
    if linker == "ld.gold":
        words.append("-fuse-ld=gold")
    if wanted.shared:
        words.append("-Wl,-z,defs")
    # The libraries of the system are not in the key; an object's name says all that it was made from.
    versions = (own("linker"), programs.identity("gcc"), programs.identity(linker), generator.identity())
    name = key("link", *versions, wanted.output, *words)
    known = store.recall(name)
    if isinstance(known, list):
        return Linked(tuple(map(str, known)))
    with store.scratch() as scratch:
        done = programs.run(("gcc", *words, "-o", Path(scratch) / "linked"), Path(scratch))
    told = said(done, {objects[unit]: unit.path for unit in inputs}) if done.status else ()
    store.remember(name, told)
    return Linked(told)


def service(library: Link, generator: Generator) -> Link | None:
    """Return the program that serves what *library* has, the same objects and a main(); None where it is no service."""
    if not library.shared or not any(
        "axis2_svc_skel_" in one.path for one in library.arguments if not isinstance(one, str)
    ):
        return None
    words = (one for one in library.arguments if one != "-shared")
    output = library.output.removesuffix(".so") + " with a main()"
    return type(library)(output, library.folder, (str(generator.main_object()), *words))


def said(done: programs.Done, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the linker said, a line each, with the files of the tree for the objects of the store.

    The linker has no other form than text; its lines are kept as they are, without the addresses.
    """
    lines = []
    for line in done.err.decode("utf-8", "replace").splitlines():
        for path, name in names.items():
            line = line.replace(path, name)  # noqa: PLW2901 - the same line, made readable
        text = line.removeprefix("/usr/bin/ld: ").removeprefix("/usr/bin/ld.gold: ").strip()
        if text and not text.startswith("collect2:"):
            lines.append(text)
    return tuple(dict.fromkeys(lines))[:_LINES] or (done.last_words,)
