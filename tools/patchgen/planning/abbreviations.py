# SPDX-License-Identifier: GPL-3.0-or-later
"""Abbreviations: Getopt::Long takes the beginning of an option's name for it, as long as no other name begins so.

Getopt::Long(3pm), "Case and abbreviations": any case, one dash or two; ``auto_abbrev`` is on unless the program turns
it off, and ``bundling`` makes letters of what stands behind one dash.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from patchgen.findings import Slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .ledger import Book
    from .options import Spec

__all__ = ["clash", "refuse_abbreviated"]

_ABBREVIATED = Slug.define(
    "abbreviated-option",
    """What the tree passes is the beginning of an option's name, and the new option begins so too: Getopt::Long would
    find it ambiguous, or take it for the new one. A warning where it is not certain that this program is called.""",
)

_WHOLE_WORDS = re.compile(rb"no_?auto_?abbrev", re.IGNORECASE)
_BY_CASE = re.compile(rb"\bno_?ignore_?case\b", re.IGNORECASE)
_BUNDLED = re.compile(rb"\b(?:bundling|gnu_getopt)\b", re.IGNORECASE)


def clash(data: bytes, one: Spec, other: Spec) -> bool:
    """Whether two options answer to one name, in the program *data*.

    The case of letters does not count unless it is configured to, or for the letters that ``bundling`` makes options.
    """
    mine, theirs = ({name for name in _spelled(spec) if len(name) > 1} for spec in (one, other))
    if _BY_CASE.search(data):
        return bool(one.names & other.names)
    letters = [{name for name in spec.names if len(name) == 1} for spec in (one, other)]
    if not _BUNDLED.search(data):
        letters = [{name.lower() for name in names} for names in letters]
    return bool(mine & theirs or letters[0] & letters[1])


def refuse_abbreviated(book: Book, path: str, span: tuple[int, int], old: Iterable[Spec], new: Spec) -> None:
    """Refuse each word that stands for one of the options *old* of the program *path*, and with *new* no longer does.

    :param span: the call that takes the options.
    """
    data = book.tree.read(path)
    short = [] if _WHOLE_WORDS.search(data) else sorted(_short(old, new))
    if not short:
        return
    called = posixpath.basename(path).removesuffix(".in").encode()
    dashes = rb"--" if _BUNDLED.search(data) else rb"--?"
    words = b"|".join(re.escape(word.encode()) for word in short)
    passed = re.compile(rb"(?<![\w-])(" + dashes + rb")(" + words + rb")(?![\w-])", re.IGNORECASE)
    for other in book.tree.mentioning([called, *(b"-" + word.encode() for word in short)]):
        text = book.tree.read(other)
        for match in passed.finditer(text) if b"\0" not in text else ():
            word = match[0].decode("latin-1")
            message = f"{word} is short for an option of {path}, and for {'|'.join(sorted(new.names))} too"
            if other == path or called in (text if match[1] == b"--" else _line(text, match.start())):
                book.refuse(other, match.span(2), _ABBREVIATED, message)
            elif match[1] == b"--":
                book.warn(other, match.span(2), _ABBREVIATED, message)
    for name in new.names & set(short):
        book.warn(path, span, _ABBREVIATED, f"--{name} has been short for another option until now")


def _short(old: Iterable[Spec], new: Spec) -> Iterator[str]:
    """Yield each beginning of a new name that is no name, and that only one of the old options begins with."""
    rows = [set(_spelled(spec)) for spec in old]
    starts = {name[:end] for name in _spelled(new) for end in range(1, len(name) + 1)}
    for start in starts.difference(*rows):
        if sum(any(name.startswith(start) for name in names) for names in rows) == 1:
            yield start


def _spelled(spec: Spec) -> Iterator[str]:
    """Yield the names that an option answers to, in lower case; ``name!`` also answers to its negation."""
    for name in map(str.lower, spec.names):
        yield from (name, f"no{name}", f"no-{name}") if spec.kind.startswith("!") else (name,)


def _line(text: bytes, at: int) -> bytes:
    """Return the line of *at*, with those that it continues."""
    start = at
    while (start := text.rfind(b"\n", 0, start)) > 0 and text[:start].rstrip(b"\r").endswith(b"\\"):
        pass
    return text[start + 1 : at]
