# SPDX-License-Identifier: GPL-3.0-or-later
"""The function is somewhere else, is declared otherwise, or has a double."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drift import ctext
from drift.scene import NotHereError

from .kind import kind

if TYPE_CHECKING:
    from drift.scene import Scene


@kind("functions", "moved-within")
def moved_within(scene: Scene) -> None:
    """It is defined at the end of its file."""
    _moved(scene, scene.target.source)


@kind("functions", "moved-to-another-file")
def moved_to_another_file(scene: Scene) -> None:
    """It is defined in another file."""
    _moved(scene, scene.target.move_to)


def _moved(scene: Scene, path: str) -> None:
    target = scene.target
    text = _taken(scene)
    scene.change(path, lambda data: data.rstrip(b"\n") + b"\n\n" + text)
    if path != target.source:
        listed = _INCLUDE.findall(scene.files[target.source])
        missing = [line for line in listed if line not in scene.files[path]]
        if missing:
            scene.change(path, lambda data: _included(data, b"".join(missing)))


def _taken(scene: Scene) -> bytes:
    """Take the function out of its file, with what the series put there for it alone; return it all."""
    target = scene.target
    data = scene.files[target.source]
    one = scene.function(target.source, target.name)
    there = {found.name for found in ctext.functions(scene.upstream[target.source])}
    body = ctext.tokens(data[slice(*one.body)])
    own = [found for found in ctext.functions(data) if found.name not in there and found.name.encode() in body]
    scene.files[target.source] = ctext.replaced(data, [(found.start, found.end, b"") for found in (*own, one)])
    return b"\n".join(data[found.start : found.end] for found in (*own, one))


_INCLUDE = re.compile(rb"(?m)^#[ \t]*include[^\n]*\n")


def _included(data: bytes, lines: bytes) -> bytes:
    """Put lines behind the includes of a file."""
    *_, last = _INCLUDE.finditer(data)
    return data[: last.end()] + lines + data[last.end() :]


@kind("functions", "all-reversed")
def all_reversed(scene: Scene) -> None:
    """The functions that follow one another without anything between stand in the other order."""
    for path in dict.fromkeys((scene.target.caller_file, scene.target.source)):
        if _reversed(scene, path):
            return
    msg = "no functions follow one another"
    raise NotHereError(msg)


def _reversed(scene: Scene, path: str) -> bool:
    old = scene.upstream[path]
    run: list[str] = []
    longest: list[str] = []
    before = -1
    for one in ctext.functions(old):
        plain = b"static" not in ctext.tokens(old[one.head : one.list[0]])
        run = [*run, one.name] if plain and before >= 0 and not old[before : one.start].strip() else [one.name] * plain
        before = one.end if plain else -1
        longest = max(longest, run, key=len)
    if len(longest) < 2:  # noqa: PLR2004 - a pair
        return False
    data = scene.files[path]
    found = [one for one in ctext.functions(data) if one.name in longest]
    bodies = [data[one.start : one.end] for one in found]
    changes = [(one.start, one.end, body) for one, body in zip(found, reversed(bodies), strict=True)]
    scene.files[path] = ctext.replaced(data, changes)
    return True


@kind("functions", "static-inline-in-the-header")
def static_inline_in_the_header(scene: Scene) -> None:
    """It is defined in its header, as a static function."""
    target = scene.target
    (call,) = [c for c in ctext.calls(scene.files[target.header], target.name) if not c.depth]
    text = re.sub(rb"\A(?:/\*.*?\*/|//[^\n]*\n|\s)+", b"", _taken(scene), flags=re.DOTALL)
    data = scene.files[target.header]
    start, end = data.rfind(b"\n", 0, call.name[0]) + 1, data.index(b";", call.list[1]) + 1
    before = data[:start].rfind(b";") if b"(" not in data[start : call.name[0]] else start
    if data[before + 1 : start].strip():
        msg = "a prototype over several lines"
        raise NotHereError(msg)
    guard = data.rindex(b"#endif")
    includes = b"#include <stdlib.h>\n#include <string.h>\n"
    for one in reversed(ctext.functions(text)):
        if b"static" not in ctext.tokens(text[one.head : one.list[0]]):
            text = text[: one.head] + b"static inline " + text[one.head :]
    scene.files[target.header] = data[:start] + data[end:guard] + includes + text + data[guard:]


@kind("functions", "knr")
def knr(scene: Scene) -> None:
    """It is defined as Kernighan and Ritchie did it, and nothing declares it with a list."""
    _knr(scene, keep=False)


@kind("functions", "knr-beside-a-prototype")
def knr_beside_a_prototype(scene: Scene) -> None:
    """It is defined as Kernighan and Ritchie did it, and its prototype stays."""
    _knr(scene, keep=True)


def _knr(scene: Scene, *, keep: bool) -> None:
    target = scene.target
    one = scene.function(target.source, target.name)
    data = scene.files[target.source]
    listed = [data[slice(*item)] for item in ctext.items(data, one.list)]
    words = [ctext.tokens(item)[-1] for item in listed]
    if any(re.search(rb"\b(?:bool|char|short|float)\s+\w+$", item) for item in listed):
        msg = "a type that is promoted"
        raise NotHereError(msg)
    lines = b"".join(b"    " + b" ".join(item.split()) + b";\n" for item in listed)
    new = data[: one.list[0]] + b", ".join(words) + b")\n" + lines + data[one.body[0] :]
    scene.files[target.source] = new
    if not keep:
        (call,) = [c for c in ctext.calls(scene.files[target.header], target.name) if not c.depth]
        scene.change(target.header, lambda text: text[: call.list[0]] + text[call.list[1] :])


@kind("functions", "near-twin")
def near_twin(scene: Scene) -> None:
    """Beside it stands a copy of it under a longer name, with callers."""
    target = scene.target
    stage = scene.upstream[target.source]
    one = next(found for found in ctext.functions(stage) if found.name == target.name)
    body = stage[one.head : one.end].replace(target.name.encode(), f"{target.name}_drift".encode())
    call = f"{target.name}_drift({', '.join(target.call)})"
    text = b"\n" + body + f"\nint drift_probe(void)\n{{\n    return {call} != 0;\n}}\n".encode()
    scene.change(target.source, lambda data: data.rstrip(b"\n") + b"\n" + text)


@kind("functions", "declared-again")
def declared_again(scene: Scene) -> None:
    """A file that calls it declares it itself, too."""
    target = scene.target
    data = scene.files[target.header]
    (call,) = [c for c in ctext.calls(data, target.name) if not c.depth]
    start = (
        max(
            data.rfind(b";", 0, call.name[0]), data.rfind(b"}", 0, call.name[0]), data.rfind(b"*/", 0, call.name[0]) + 1
        )
        + 1
    )
    text = data[start : call.list[1] + 1].strip()
    one = ctext.functions(scene.files[target.caller_file])[0]
    scene.change(
        target.caller_file,
        lambda old: old[: one.start] + b"extern " + b" ".join(text.split()) + b";\n\n" + old[one.start :],
    )


@kind("functions", "attribute-behind")
def attribute_behind(scene: Scene) -> None:
    """An attribute stands behind the list of its prototype."""
    _behind(scene, b" __attribute__ ((warn_unused_result))", b"")


@kind("functions", "macro-behind")
def macro_behind(scene: Scene) -> None:
    """A macro for an attribute stands behind the list of its prototype."""
    _behind(scene, b" DRIFT_WUR", b"#define DRIFT_WUR __attribute__ ((warn_unused_result))\n")


@kind("functions", "macro-before")
def macro_before(scene: Scene) -> None:
    """A macro stands before its prototype and its definition."""
    target = scene.target
    define = b'#define DRIFT_API __attribute__ ((visibility ("default")))\n'
    data = scene.files[target.header]
    (call,) = [c for c in ctext.calls(data, target.name) if not c.depth]
    start = data.rfind(b"\n", 0, call.name[0]) + 1
    scene.files[target.header] = data[:start] + b"DRIFT_API " + data[start:]
    _defined(scene, define)
    one = scene.function(target.source, target.name)
    scene.change(target.source, lambda old: old[: one.head] + b"DRIFT_API " + old[one.head :])


def _behind(scene: Scene, text: bytes, define: bytes) -> None:
    target = scene.target
    data = scene.files[target.header]
    (call,) = [c for c in ctext.calls(data, target.name) if not c.depth]
    scene.files[target.header] = data[: call.list[1] + 1] + text + data[call.list[1] + 1 :]
    if define:
        _defined(scene, define)


def _defined(scene: Scene, define: bytes) -> None:
    """Put a macro below the include guard of the header."""
    guard = re.compile(rb"(?m)^#[ \t]*define[ \t]+\w+[ \t]*(?:/\*.*\*/)?[ \t]*\n")
    scene.change(scene.target.header, lambda data: guard.sub(lambda match: match[0] + define, data, count=1))


@kind("functions", "const-in-the-definition")
def const_in_the_definition(scene: Scene) -> None:
    """A parameter itself is const in the definition, which its type is not changed by."""
    target = scene.target
    one = scene.function(target.source, target.name)

    def change(data: bytes) -> bytes:
        spans = ctext.items(data, one.list)
        texts = [data[slice(*span)] for span in spans]
        at = next(n for n, text in enumerate(texts) if ctext.tokens(text)[-1] == target.other.encode())
        word = re.search(rb"\b%b\Z" % target.other.encode(), texts[at])
        if word is None:
            msg = "an array"
            raise NotHereError(msg)
        new = texts[at][: word.start()].rstrip() + b" const " + word[0]
        return ctext.replaced(data, [(*spans[at], new)])

    scene.change(target.source, change)


@kind("functions", "array-in-the-definition")
def array_in_the_definition(scene: Scene) -> None:
    """A pointer parameter is written as an array in the definition."""
    target = scene.target
    one = scene.function(target.source, target.name)

    def change(data: bytes) -> bytes:
        for span in ctext.items(data, one.list):
            text = data[slice(*span)]
            found = re.fullmatch(rb"((?:const )?(?:struct )?\w+) ?\*\s?(\w+)", text)
            if found and found[2] != target.ours.encode() and found[2] != target.anchor.encode():
                return ctext.replaced(data, [(*span, b"%b %b[]" % (found[1], found[2]))])
        msg = "no pointer"
        raise NotHereError(msg)

    scene.change(target.source, change)


@kind("functions", "split")
def split(scene: Scene) -> None:
    """The end of it is a function of its own, which it calls."""
    target = scene.target
    one = scene.function(target.source, target.name)
    data = scene.files[target.source]
    body = data[slice(*one.body)]
    head = data[one.head : one.list[0]]
    kind_ = head[: head.rindex(target.name.encode())].strip()
    match = list(re.finditer(rb"\n([ \t]+)return (\w+);\s*\}\Z", body))
    if not match:
        msg = "it does not end in a return of a name"
        raise NotHereError(msg)
    (found,) = match
    helper = b"static %b drift_end(%b end)\n{\n    return end;\n}\n\n" % (kind_, kind_)
    new = body[: found.start()] + b"\n" + found[1] + b"return drift_end(" + found[2] + b");\n}"
    scene.files[target.source] = data[: one.start] + helper + data[one.start : one.body[0]] + new + data[one.body[1] :]
