# SPDX-License-Identifier: GPL-3.0-or-later
"""C files that have nothing to do with a series, to find its places among: the same ones each time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LINES", "write"]

LINES = 100
"""Lines of each file."""

_NOUNS = "block buffer chunk cursor device entry extent frame handle index inode journal lease link lock map node page"
_VERBS = "attach check clear commit drain fetch find flush grow init link lock map merge move open parse pin probe"


def write(folder: Path, count: int) -> None:
    """Write *count* files of :data:`LINES` lines into subfolders of *folder*, 100 to each."""
    for at in range(count):
        place = folder / f"lib{at // 100:03}"
        if at % 100 == 0:
            place.mkdir(parents=True)
        (place / f"part{at % 100:02}.c").write_text(_file(at), encoding="ascii")


def _file(at: int) -> str:
    """Return a file whose every word has its number in it, so that no name is that of another file or program."""
    chance = random.Random(at)  # noqa: S311 - the same file each time is what is wanted
    lines = [f"/* part {at} of a large program */", "#include <stdlib.h>", "#include <string.h>", ""]
    while len(lines) < LINES - 10:
        lines += _function(chance, at, len(lines))
    lines += ["/* nothing more */"] * (LINES - len(lines))
    return "\n".join(lines) + "\n"


def _function(chance: random.Random, at: int, line: int) -> Iterator[str]:
    noun, verb, other = chance.choice(_NOUNS.split()), chance.choice(_VERBS.split()), chance.choice(_NOUNS.split())
    tail = f"{at}_{line}"
    yield f"static int {verb}_{noun}_{tail}(struct {other}_{tail} *{other}, const char *name, int count)"
    yield "{"
    yield f"    char *copy = name ? strdup(name) : NULL; /* the {noun}'s own */"
    yield "    for (int i = 0; i < count && copy; i++) {"
    yield f'        if ({other}->size > {chance.randrange(4096)} || strcmp(copy, "{noun} {tail}") == 0)'
    yield f"            {other}->size -= {chance.randrange(64)} * i;"
    yield "    }"
    yield "    free(copy);"
    yield f"    return {other}->size ? {chance.randrange(9)} : -1;"
    yield "}"
