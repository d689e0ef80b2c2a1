# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fuzzed: each target takes any bytes, and may end in nothing but a PatchgenError.

Each also states a rule that holds for bytes that it takes, such as that a model gives back what it was made of.
"""

from __future__ import annotations

import os
import zlib
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen import dep3, render, semantic
from patchgen.edits import kinds
from patchgen.findings import PatchgenError
from patchgen.incoming.recognise import recognise
from patchgen.mail import Mail, separated
from patchgen.record import Record
from patchgen.series import Series
from patchgen.stages import play
from patchgen.tree import Tree
from patchgen.upstream import Limits, open_upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from patchgen.edits import Example

__all__ = ["CORPUS", "TARGETS", "Memory", "seeds"]

ROOT = Path(__file__).resolve().parents[3]
CORPUS = Path(__file__).parent / "corpus"

_LANGUAGES = {
    "c": (".c", ".h"),
    "wsdl": (".xsd", ".wsdl", ".xml"),
    "perl": (".pl", ".pm", ""),
    "make": ("Makefile", ".mk", ".in"),
}
_HEAD = '[dep3]\nDescription = "a"\n\n[[edit]]\n'
_LIMITS = Limits(unpacked=8 << 20, members=2000)


class Memory:
    """An upstream tree in memory."""

    label = "memory"
    findings = ()

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.links: dict[str, str] = {}
        self._files = dict(files)

    def paths(self) -> list[str]:
        return sorted(self._files)

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def read(self, path: str) -> bytes:
        return self._files[path]

    def digest(self) -> str:
        return ""


def toml(data: bytes) -> None:
    semantic.parse("semantic/x.toml", data)


def series(data: bytes) -> None:
    found = Series.parse(data)
    assert bytes(found) == data
    list(found.findings("series"))
    for name in found.patches[:3]:
        try:
            found.remove(name)
        except PatchgenError:
            list(found)
    Record.parse(data)


def header(data: bytes) -> None:
    head, diff = dep3.split(data)
    assert head + diff == data
    parsed = dep3.Header.parse(head)
    assert bytes(parsed) == head
    list(dep3.lint(parsed, "x.patch"))
    Mail.of("x.patch", data).written(1, 1)


def diff(data: bytes) -> None:
    diffs = render.parse_diff(data, "x.patch")
    files = _files()
    after = render.apply(diffs, files.get)
    back = render.apply(render.reverse(diffs), lambda path: after.get(path, files.get(path)))
    assert all(back[path] == files.get(path) or not files.get(path) for path in back)


def recognised(data: bytes) -> None:
    try:
        recognise(Tree(Memory(_files())), "x.patch", data, {})
    except PatchgenError as error:
        assert error.finding.slug.name not in {"claim-not-proved", "semantic-patch"}  # noqa: PT017 - no test: a target
        raise


def mail(data: bytes) -> None:
    for one in separated(data):
        try:
            Mail.parse(one, "mail")
        except PatchgenError:
            continue


def tarball(data: bytes) -> None:
    descriptor = os.memfd_create("fuzz")
    try:
        os.write(descriptor, data)
        tree = open_upstream(f"/proc/self/fd/{descriptor}", limits=_LIMITS)
        for path in tree.paths():
            tree.read(path)
        tree.digest()
    finally:
        os.close(descriptor)


def language(name: str, data: bytes) -> None:
    """Plan one of the edits of the language on a file of these bytes; which one, the bytes say."""
    examples = _examples(name)
    example = examples[zlib.crc32(data) % len(examples)]
    files = {path: text.encode() for path, text in example.before.items()}
    path = next(path for path in files if _speaks(path, name))
    patch = semantic.parse("x.toml", (_HEAD + example.edit).encode())
    list(play(Memory(files | {path: data}), [patch], lambda *_: {}))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "toml": toml,
    "series": series,
    "dep3": header,
    "diff": diff,
    "recognise": recognised,
    "mail": mail,
    "tarball": tarball,
    **{name: partial(language, name) for name in _LANGUAGES},
}
"""Each target by its name, which is that of its folder in the corpus."""


def seeds(name: str) -> list[bytes]:
    """Return what a target begins with: the kept corpus, and files of this repository."""
    kept = [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))] if (CORPUS / name).is_dir() else []
    patches = [path.read_bytes() for path in sorted((ROOT / "patches").glob("*.patch"))]
    if name in _LANGUAGES:
        texts = [text.encode() for one in _examples(name) for path, text in one.before.items() if _speaks(path, name)]
        return kept + list(dict.fromkeys(texts))
    if name == "toml":
        edits = [_HEAD + example.edit for kind in kinds().values() for example in kind.EXAMPLES]
        return kept + [edit.encode() for edit in edits]
    more = {
        "series": [(ROOT / "patches/series").read_bytes(), (ROOT / "patches/.rendered-on").read_bytes()],
        "dep3": [patch[:2000] for patch in patches],
        "diff": [_patch(), *(patch for patch in patches if len(patch) < 2500)],
        "recognise": [_patch()],
        "mail": [Mail.of("x.patch", patch).written(1, 3) for patch in patches if len(patch) < 2500],
    }
    return kept + more.get(name, [])


def _speaks(path: str, name: str) -> bool:
    if name == "perl":
        return path.endswith((".pl", ".pm")) or ("." not in path and not path.endswith("Makefile"))
    return path.endswith(_LANGUAGES[name])


@cache
def _examples(name: str) -> tuple[Example, ...]:
    found = [example for kind in kinds().values() for example in kind.EXAMPLES]
    return tuple(example for example in found if any(_speaks(path, name) for path in example.before))


@cache
def _files() -> dict[str, bytes]:
    example = next(one for one in _examples("c") if len(one.before) > 1)
    return {path: text.encode() for path, text in example.before.items()}


@cache
def _patch() -> bytes:
    example = next(one for one in _examples("c") if len(one.before) > 1)
    after = {path: text.encode() for path, text in {**example.before, **example.after}.items()}
    return b"Description: x\n\n" + b"".join(
        render.file_diff(path, before, after[path]) for path, before in _files().items()
    )
