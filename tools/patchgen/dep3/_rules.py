# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of DEP-3, "Patch Tagging Guidelines", one function a field.

https://dep-team.pages.debian.net/deps/dep3/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen._preamble import READS_AS_DIFF, hazards
from patchgen.findings import Finding, Level, Place, Slug

from ._places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.dep3 import Field, Header

__all__ = ["differences", "is_known", "lint"]

_MISSING = Slug.define(
    "dep3-missing-field",
    """DEP-3 asks every patch for a Description (or a Subject) and for an Origin (or an Author, or From),
    so that a reader knows what the patch is for and where it comes from.""",
)
_EMPTY = Slug.define("dep3-empty-field", "A field in the header of a patch has no value.")
_TWICE = Slug.define(
    "dep3-duplicate-field",
    """A field that may stand once in the header of a patch stands there again, or Subject beside
    Description: programs take the first, or the last. Author, Reviewed-by and Bug may be repeated.""",
)
_UNKNOWN = Slug.define(
    "dep3-unknown-field",
    """The header of a patch has a field that neither DEP-3 nor a mail of git has: a slip of the pen, or
    a line of text that ends its first word in a colon. Fields of one's own begin with X-.""",
)
_STRAY = Slug.define(
    "dep3-stray-line",
    """Among the fields of the header stands a line that is neither a field nor, by a blank at its start,
    the continuation of one. Begin it with a blank, or put it below an empty line.""",
)
_FORWARDED = Slug.define(
    "dep3-forwarded",
    """DEP-3 reads every value of Forwarded but "no" and "not-needed" as: it has been forwarded. Write one
    of these, "yes", or better the URL of the message or report.""",
)
_DATE = Slug.define("dep3-last-update", "Last-Update is a date that exists, written YYYY-MM-DD.")
_BUG = Slug.define("dep3-bug", "Bug and Bug-VENDOR hold the URL of one bug report.")
_ORIGIN = Slug.define(
    "dep3-origin",
    """Origin and Applied-Upstream name a URL, or a commit as commit:ID. Origin may begin with one of the
    words upstream, backport, vendor or other, a comma and a blank.""",
)
_PERSON = Slug.define(
    "dep3-person", "Author, From, Reviewed-by and Acked-by name a person and an address: Name <user@host>."
)
_ENCODING = Slug.define("dep3-encoding", "The header of a patch is not in UTF-8, so that names come out wrong.")
_CONTROL = Slug.define(
    "dep3-control-character", "The header of a patch has a control character in it, which may drive a terminal."
)
_DIFFERS = Slug.define(
    "dep3-differs",
    """The header of a patch says something else than the [dep3] table of its semantic patch. The header
    is the person's and stays; refresh --headers writes it anew from the semantic patch.""",
)

_DEFINED = frozenset(
    """description subject origin author from bug forwarded reviewed-by acked-by last-update
    applied-upstream""".split()  # noqa: SIM905 - a list of words is read more easily
)
_MAIL = frozenset(
    """date to cc message-id in-reply-to references mime-version content-type content-transfer-encoding
    content-language list-id reply-to sender fixes closes change-id debian-bug git-dch gbp-pq link""".split()  # noqa: SIM905 - likewise
)
_ONCE = ("Description", "Subject", "Origin", "Forwarded", "Last-Update", "Applied-Upstream")
_ORIGINS = frozenset({"upstream", "backport", "vendor", "other"})
_DENIALS = re.compile(r"(no|none|false|never)\b|not?[ _-]|n/a", re.IGNORECASE)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/]+\S*|mailto:\S+@\S+", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)
_KEYWORD = re.compile(r"([A-Za-z-]+)(,?)(?=\s|$)")
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def is_known(name: str) -> bool:
    """Return whether DEP-3 defines a field of this name; case does not matter."""
    name = name.lower()
    return name in _DEFINED or (name.startswith("bug-") and len(name) > len("bug-"))


def lint(header: Header, path: str) -> Iterator[Finding]:
    """Yield what DEP-3 does not allow in *header*, the whole first.

    :param path: what the person calls the patch; the header is its start, so that lines are the patch's.
    """
    places = Places.of(path, header.data)
    yield from _missing(header, path)
    yield from _bytes(header, places)
    for start, end in header.stray:
        place = places.at(start, end)
        yield Finding(_STRAY, Level.WARNING, "the line is no field", place, "begin the line with a blank")
    seen: set[str] = set()
    once = {name.lower() for name in _ONCE}
    for field in header.fields:
        name = "description" if field.name.lower() == "subject" else field.name.lower()
        place = places.at(field.start, field.end)
        if name in seen & once:
            yield Finding(_TWICE, Level.WARNING, f"{field.name} is here a second time", place, "leave one of them")
        seen.add(name)
        yield from _field(field, place)


def differences(header: Header, rendered: Header, path: str) -> Iterator[Finding]:
    """Yield where *header* says something else than *rendered*, the one that the semantic patch asks for."""
    places = Places.of(path, header.data)
    for name in dict.fromkeys(field.name for field in rendered.fields):
        wanted = [str(field) for field in rendered.all(name)]
        there = header.all(name)
        if [str(field) for field in there] == wanted:
            continue
        if name.lower() == "description" and (header.description, header.explanation) == (
            rendered.description,
            rendered.explanation,
        ):
            continue
        place = places.at(there[0].start, there[0].end) if there else Place(path)
        message = f"{name} is not what the semantic patch says" if there else f"the semantic patch has a field {name}"
        yield Finding(_DIFFERS, Level.NOTE, message, place, "refresh --headers writes the header anew")


def _missing(header: Header, path: str) -> Iterator[Finding]:
    if not header.all("Description", "Subject"):
        message = "the patch has neither a Description nor a Subject"
        yield Finding(_MISSING, Level.ERROR, message, Place(path), "say in the header what the patch is for")
    if not header.all("Origin", "Author", "From"):
        message = "the patch has neither an Origin nor an Author"
        yield Finding(_MISSING, Level.ERROR, message, Place(path), "say in the header where the patch comes from")


def _bytes(header: Header, places: Places) -> Iterator[Finding]:
    data = header.data
    try:
        data.decode()
    except UnicodeDecodeError as error:
        place = places.at(error.start, error.end)
        yield Finding(_ENCODING, Level.WARNING, "the header is not in UTF-8", place, "save it in UTF-8")
    control = _CONTROLS.search(data)
    if control:
        place = places.at(*control.span())
        yield Finding(_CONTROL, Level.ERROR, "the header has a control character in it", place, "take it away")
    for start, end in hazards(data):
        place = places.at(start, end)
        message = "GNU patch reads this line of the header as one of a diff"
        yield Finding(READS_AS_DIFF, Level.ERROR, message, place, "put a bar before it, or write it another way")


def _field(field: Field, place: Place) -> Iterator[Finding]:
    """Yield what is wrong with one field by itself."""
    name, value = field.name.lower(), str(field).strip()
    if not is_known(name):
        if not (name in _MAIL or name.startswith(("x-", "gbp-")) or name.endswith("-by")):
            yield Finding(_UNKNOWN, Level.WARNING, f"DEP-3 has no field {field.name}", place, "misspelt, or text?")
        return
    if not value:
        yield Finding(_EMPTY, Level.ERROR, f"{field.name} has no value", place, "give it one, or take it away")
    elif name == "forwarded":
        yield from _forwarded(value, place)
    elif name == "last-update":
        yield from _last_update(value, place)
    elif name == "bug" or name.startswith("bug-"):
        if not _URL.fullmatch(value):
            yield Finding(_BUG, Level.ERROR, f"{field.name} is not the URL of a bug report", place, "write https://...")
    elif name in {"origin", "applied-upstream"}:
        yield from _origin(field.name, value, place)
    elif name in {"author", "from", "reviewed-by", "acked-by"} and not _ADDRESS.search(value):
        yield Finding(_PERSON, Level.WARNING, f"{field.name} has no address", place, "write Name <user@host>")


def _forwarded(value: str, place: Place) -> Iterator[Finding]:
    if value.lower() in {"no", "not-needed", "yes"} or _URL.fullmatch(value):
        return
    if _DENIALS.match(value):
        message = f"DEP-3 reads this as forwarded: {value.partition(chr(10))[0]}"
        yield Finding(_FORWARDED, Level.ERROR, message, place, 'write "no" or "not-needed", and nothing else')
    else:
        message = "Forwarded tells of no place where a reader could follow"
        yield Finding(_FORWARDED, Level.NOTE, message, place, "give the URL of the message or report")


def _last_update(value: str, place: Place) -> Iterator[Finding]:
    from datetime import date  # noqa: PLC0415 - only lint needs it

    try:
        valid = _ISO.fullmatch(value) is not None and date.fromisoformat(value) is not None
    except ValueError:
        valid = False
    if not valid:
        yield Finding(_DATE, Level.ERROR, "Last-Update is not a date", place, "write it YYYY-MM-DD")


def _origin(name: str, value: str, place: Place) -> Iterator[Finding]:
    keyword = _KEYWORD.match(value) if name.lower() == "origin" else None
    if keyword and not keyword[2] and keyword[1].lower() in _ORIGINS and keyword.end() < len(value):
        message = f"a comma belongs behind {keyword[1]}"
        yield Finding(_ORIGIN, Level.WARNING, message, place, f"write {keyword[1]}, and the rest")
    elif keyword and keyword[2] and keyword[1] not in _ORIGINS:
        message = f"{keyword[1]} is not a sort of origin"
        yield Finding(_ORIGIN, Level.WARNING, message, place, "write upstream, backport, vendor or other")
    for word in re.split(r"[\s,]+", value):
        if _HASH.fullmatch(word) and re.search(r"[a-f]", word, re.IGNORECASE) and re.search(r"\d", word):
            yield Finding(_ORIGIN, Level.WARNING, f"{word} is a bare commit", place, f"write commit:{word}")
