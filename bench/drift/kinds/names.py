# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters, locals and types have other names, another order, or are more than they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drift import ctext
from drift.scene import NotHereError

from .kind import kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift.scene import Scene

_SEPARATOR = b", "


@kind("parameters", "other-renamed")
def other_renamed(scene: Scene) -> None:
    """A parameter beside the place is renamed, in the definition and its body."""
    target = scene.target
    one = scene.function(target.source, target.name)
    span = (one.list[0], one.body[1])
    scene.change(target.source, lambda data: _renamed_variable(data, target.other, "drifted", span))


@kind("parameters", "other-renamed-in-the-header")
def other_renamed_in_the_header(scene: Scene) -> None:
    """A parameter beside the place is renamed in the prototype only."""
    target = scene.target
    (call,) = _declarations(scene)
    scene.change(target.header, lambda data: _renamed_variable(data, target.other, "drifted", call))


@kind("parameters", "anchor-renamed")
def anchor_renamed(scene: Scene) -> None:
    """The parameter that the place is named after has another name in the definition."""
    target = scene.target
    one = scene.function(target.source, target.name)
    span = (one.list[0], one.body[1])
    scene.change(target.source, lambda data: _renamed_variable(data, target.anchor, "drifted", span))


@kind("parameters", "local-renamed")
def local_renamed(scene: Scene) -> None:
    """A local variable of a caller is renamed."""
    target = scene.target
    one = scene.function(target.caller_file, target.caller)
    scene.change(target.caller_file, lambda data: _renamed_variable(data, target.local, "drifted", one.body))


@kind("parameters", "unnamed")
def unnamed(scene: Scene) -> None:
    """The prototype gives no names to its parameters."""
    target = scene.target
    (span,) = _declarations(scene)

    def change(data: bytes) -> bytes:
        listed = [data[slice(*item)] for item in ctext.items(data, span)]
        bare = [ctext.lex(item) for item in listed]
        ours = scene.target.ours.encode()
        texts = [
            b"".join(token.text for token in (item if item[-1].text == ours else item[:-1])).rstrip() for item in bare
        ]
        if any(item[-1].kind != "word" for item in bare):
            msg = "an array, or a function"
            raise NotHereError(msg)
        return ctext.replaced(data, [(*span, b", ".join(texts))])

    scene.change(target.header, change)


@kind("parameters", "added-first")
def added_first(scene: Scene) -> None:
    """The function gets another parameter, before all others."""
    _everywhere(scene, lambda _: 0, "int drift", "7")


@kind("parameters", "added-at-our-place")
def added_at_our_place(scene: Scene) -> None:
    """The function gets another parameter, where the series puts its own."""
    _everywhere(scene, lambda _: scene.target.index + scene.patched, "long drift", "7L")


@kind("parameters", "added-last")
def added_last(scene: Scene) -> None:
    """The function gets another parameter, behind all others."""
    _everywhere(scene, lambda count: count, "int drift", "7")


@kind("parameters", "removed")
def removed(scene: Scene) -> None:
    """A parameter is gone, and a local variable has its name."""
    target = scene.target
    index = _index_of_other(scene)
    one = scene.function(target.source, target.name)
    data = scene.files[target.source]
    at = ctext.items(data, one.list)[index(0)]
    local = b"\n    " + b" ".join(data[slice(*at)].split()) + b" = 0;"
    scene.files[target.source] = data[: one.body[0] + 1] + local + data[one.body[0] + 1 :]
    _everywhere(scene, index, "", "")


@kind("parameters", "swapped")
def swapped(scene: Scene) -> None:
    """A parameter moves to the front, at every call."""
    index = _index_of_other(scene)

    def move(data: bytes, span: tuple[int, int]) -> bytes:
        listed = [data[slice(*item)] for item in ctext.items(data, span)]
        at = index(len(listed))
        return _SEPARATOR.join([listed[at], *listed[:at], *listed[at + 1 :]])

    _rewritten(scene, move)


def _index_of_other(scene: Scene) -> Callable[[int], int]:
    target = scene.target
    one = scene.function(target.source, target.name)
    data = scene.files[target.source]
    listed = [data[slice(*item)] for item in ctext.items(data, one.list)]
    at = next(n for n, item in enumerate(listed) if ctext.tokens(item)[-1] == target.other.encode())
    if not at:
        msg = "it is the first"
        raise NotHereError(msg)
    return lambda _: at


def _declarations(scene: Scene) -> list[tuple[int, int]]:
    target = scene.target
    found = [call.list for call in ctext.calls(scene.files[target.header], target.name) if not call.depth]
    if len(found) != 1:
        msg = "no prototype, or several"
        raise NotHereError(msg)
    return found


def _everywhere(scene: Scene, index: Callable[[int], int], declared: str, argument: str) -> None:
    """Give the function one more parameter at an index, and each call an argument; without a text take it away."""

    def put(data: bytes, span: tuple[int, int]) -> bytes:
        listed = [data[slice(*item)] for item in ctext.items(data, span)]
        at = index(len(listed))
        head = data[: span[0]]
        outside = not head.count(b"{") - head.count(b"}") or _is_declaration(data, span)
        text = (declared if outside else argument).encode()
        if text:
            return _SEPARATOR.join([*listed[:at], text, *listed[at:]])
        return _SEPARATOR.join([*listed[:at], *listed[at + 1 :]])

    _rewritten(scene, put)


def _is_declaration(data: bytes, span: tuple[int, int]) -> bool:
    return any(one.list == span for one in ctext.functions(data))


def _rewritten(scene: Scene, write: Callable[[bytes, tuple[int, int]], bytes]) -> None:
    """Write the list of each declaration and call of the target anew."""
    name = scene.target.name

    def change(data: bytes) -> bytes:
        spans = [call.list for call in ctext.calls(data, name)]
        inner = [span for span in spans if not any(o[0] < span[0] and span[1] < o[1] for o in spans)]
        if inner != spans:
            msg = "a call within a call"
            raise NotHereError(msg)
        return ctext.replaced(data, [(*span, write(data, span)) for span in spans])

    scene.each(scene.sources(), change)


def _renamed_variable(data: bytes, old: str, new: str, span: tuple[int, int]) -> bytes:
    """Rename a variable in a span, and no member or tag of its name (C17 6.2.3)."""
    changes = []
    before = b""
    for token in ctext.lex(data):
        if (
            span[0] <= token.start
            and token.end <= span[1]
            and token.text == old.encode()
            and before not in {b"->", b".", b"struct", b"union", b"enum"}
        ):
            changes.append((token.start, token.end, new.encode()))
        before = token.text if token.counts else before
    return ctext.replaced(data, changes)
