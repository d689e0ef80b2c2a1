# SPDX-License-Identifier: GPL-3.0-or-later
"""Comma-separated lists: parameters, arguments, initialisers; where a new item goes, and how it is written."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from tree_sitter import Node

    from .parse import C

__all__ = ["Items", "insert_after", "insert_first", "items", "spread"]

Items = tuple["Node", ...]

_BLANKS = b" \t"
_LONGEST_HEAD = 4096
"""Bytes within which the parameters of a macro must begin."""
_VARIABLE = re.compile(rb"(\w+)[ \t]*\.\.\.(?:\s|\\\r?\n)*\)(?:\s|\\\r?\n|/\*(?:[^*]|\*(?!/))*\*/)*\Z")
_WORD = re.compile(rb"\w+")


def items(node: Node) -> Items:
    """Return the items of a list in order: its named children without the comments.

    ``...`` of a parameter list counts as an item; ``(void)`` has none.
    """
    found = [child for child in node.children if (child.is_named and child.type != "comment") or child.type == "..."]
    if len(found) == 1 and found[0].type == "parameter_declaration" and found[0].text == b"void":
        return ()
    return tuple(found)


def spread(parsed: C, listed: Items) -> list[int]:
    """Return which of some arguments stand for any number of them: the variable ones of the macro around the call.

    GNU C gives them a name (``args...``) where C has ``__VA_ARGS__`` (The GNU C Preprocessor, Variadic Macros).
    """
    names = {b"__VA_ARGS__"}
    if parsed.body is not None:
        head = parsed.data[max(0, parsed.body[0] - _LONGEST_HEAD) : parsed.body[0]]
        names.update(_VARIABLE.findall(head)[-1:])
    return [at for at, item in enumerate(listed) if not names.isdisjoint(_WORD.findall(parsed.text(item)))]


def insert_after(data: bytes, outer: Node, anchor: Node, text: bytes) -> Replacement:
    """Return the replacement that puts the item *text* behind *anchor*, in the style of the list.

    An anchor with a line to itself gets a whole line below it, with the bytes of its own
    indentation. Otherwise the item goes inline behind the separator, and never behind a trailing
    ``//`` comment, where it would become one.

    :param outer: the list, with its opening and closing tokens.
    """
    listed = items(outer)
    last = anchor == listed[-1]
    comma = None if last else _comma_after(outer, anchor)
    stop = comma.end_byte if comma is not None else anchor.end_byte
    trailing = _trailing_comments(data, outer, stop)
    behind = trailing[-1].end_byte if trailing else stop
    line, end_of_line = line_start(data, anchor.start_byte), line_end(data, behind)
    line_comment = bool(trailing) and data[trailing[-1].start_byte : trailing[-1].start_byte + 2] == b"//"
    ends_line = not data[behind:end_of_line].strip()
    begins_line = not data[line : anchor.start_byte].strip()
    newline = _newline(data, end_of_line)
    if ends_line and (begins_line or line_comment):
        indent = _indentation(data, listed, anchor, line, begins_line=begins_line)
        if comma is not None:
            return Replacement(end_of_line, end_of_line, indent + text + b"," + newline)
        kept = data[anchor.end_byte : end_of_line]
        return Replacement(anchor.end_byte, end_of_line, b"," + kept + indent + text + newline)
    if comma is None:
        at = anchor.end_byte if line_comment else behind  # a comment stays with the item that it is about
        return Replacement(at, at, _separator(data, listed) + text)
    if trailing and ends_line:
        return Replacement(behind, behind, b" " + text + b",")
    return Replacement(stop, stop, _separator(data, listed)[1:] + text + b",")


def insert_first(data: bytes, outer: Node, text: bytes) -> Replacement:
    """Return the replacement that puts the item *text* before all others, or into an empty list."""
    listed = items(outer)
    opening, closing = outer.children[0].end_byte, outer.children[-1].start_byte
    if not listed:
        void = next((child for child in outer.named_children if child.type == "parameter_declaration"), None)
        if void is not None:
            return Replacement(void.start_byte, void.end_byte, text)
        blank = not data[opening:closing].strip()
        return Replacement(opening, closing if blank else opening, text + (b"" if blank else b" "))
    first = listed[0]
    line = line_start(data, first.start_byte)
    continued = data[:line].endswith((b"\\\n", b"\\\r\n"))  # a line of its own would end the macro
    if not data[line : first.start_byte].strip() and not continued:
        indent = data[line : first.start_byte]
        newline = _newline(data, line)
        return Replacement(line, line, indent + text + b"," + newline)
    return Replacement(first.start_byte, first.start_byte, text + b"," + (_separator(data, listed)[1:] or b" "))


def _comma_after(outer: Node, anchor: Node) -> Node:
    return next(child for child in outer.children if child.type == "," and child.start_byte >= anchor.end_byte)


def _trailing_comments(data: bytes, outer: Node, offset: int) -> list[Node]:
    """Return the comments that follow *offset* on its line, up to the first other thing."""
    found: list[Node] = []
    for child in outer.children:
        if child.start_byte < offset:
            continue
        if child.type != "comment" or b"\n" in data[offset : child.start_byte]:
            break
        found.append(child)
        offset = child.end_byte
    return found


def _indentation(data: bytes, listed: Items, anchor: Node, line: int, *, begins_line: bool) -> bytes:
    """Return the bytes that a new line of the list begins with."""
    if begins_line:
        return data[line : anchor.start_byte]
    for item in listed:
        start = line_start(data, item.start_byte)
        if start > line and not data[start : item.start_byte].strip():
            return data[start : item.start_byte]
    head = data[line : anchor.start_byte]
    stripped = head.lstrip(_BLANKS)
    return head[: len(head) - len(stripped)] + (b"\t" if b"\t" in head[: len(head) - len(stripped)] else b"    ")


def _separator(data: bytes, listed: Items) -> bytes:
    """Return the separator that the list itself uses on one line: a comma and perhaps a blank."""
    for left, right in pairwise(listed):
        between = data[left.end_byte : right.start_byte]
        if between.lstrip(_BLANKS).startswith(b",") and not between.strip(_BLANKS + b","):
            after = between[between.index(b",") + 1 :]
            return b", " if after else b","
    return b", "


def _newline(data: bytes, end_of_line: int) -> bytes:
    return b"\r\n" if data[max(0, end_of_line - 2) : end_of_line] == b"\r\n" else b"\n"
