# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a place that a pattern found another form, and leave its layout alone where the two forms agree.

The tokens of the old form and of the new one are compared; only what differs is replaced. Parentheses
are added where a part would otherwise bind more loosely than its place needs (C17 6.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from posixpath import commonprefix
from typing import TYPE_CHECKING

from patchgen.syntax.parsed import descendants, enclosing, tokens
from patchgen.tree import Replacement, line_start

from .patterns import Pattern, leaves
from .precedence import PRIMARY, level, required
from .statements import style_at, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from .parse import C
    from .patterns import Match

__all__ = ["lost_comments", "rewritten"]

_OPERATORS = b"+-&|<>=/*!%^~"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A token, or what a metavariable stands for: its key, its bytes, and where it stands."""

    key: bytes
    text: bytes
    start: int
    end: int


def rewritten(
    parsed: C, match: Match, pattern: Pattern, text: str, becomes: Callable[[bytes], int] = lambda _: PRIMARY
) -> Replacement:
    """Return the replacement that gives *match*, a place of *pattern*, the form of the C text *text*.

    :param text: in the place of an expression, an expression; of statements, statements, a tab a level.
    :param becomes: how tightly that binds which an expression becomes, if it is the use of a macro.
    :raises ValueError: it cannot be done so that the place then has that form and nothing else.
    """
    if any(True for node in match.nodes for _ in descendants(node, *_DIRECTIVES)) or _on_directives(parsed, match):
        msg = "a directive of the preprocessor stands within"
        raise ValueError(msg)
    template = _template(parsed, match, pattern, text)
    new = _new_pieces(parsed, match, template, becomes)
    wanted = [token for piece in new for token in _tokens_of(match, parsed, piece)]
    candidates = [_rendered(template.parsed.data, new)]
    if "\n" not in template.text:
        candidates.insert(0, _in_layout(parsed, _old_pieces(parsed, match, pattern), template, new))
    for candidate in candidates:
        if _tokens(candidate, template) == wanted:
            return _trimmed(parsed.data, match.span, candidate)
    msg = f"{text!r} does not fit here: together with what is around it, it would mean something else"
    raise ValueError(msg)


def _on_directives(parsed: C, match: Match) -> bool:
    """Whether a line of *match* is that of a directive, which the parser took for code where it gave up."""
    start, end = match.span
    lines = parsed.data[line_start(parsed.data, start) : end]
    within_macro = enclosing(match.node, "preproc_def", "preproc_function_def") is not None
    return not within_macro and re.search(rb"^[ \t]*#", lines, re.MULTILINE) is not None


def lost_comments(parsed: C, match: Match, replacement: Replacement) -> list[Node]:
    """Return the comments within *match* that the replacement takes away."""
    data, (start, end) = parsed.data, match.span
    after = data[start : replacement.start] + replacement.new + data[replacement.end : end]
    comments = (comment for node in _from_first_to_last(match) for comment in descendants(node, "comment"))
    return [comment for comment in comments if parsed.text(comment) not in after]


def _from_first_to_last(match: Match) -> Iterator[Node]:
    """Yield the nodes of a match and what stands between them."""
    at: Node | None = match.nodes[0]
    while at is not None:
        yield at
        at = at.next_sibling if at != match.nodes[-1] else None


_DIRECTIVES = tuple(
    f"preproc_{word}" for word in ("if", "ifdef", "def", "function_def", "include", "call", "else", "elif")
)


def _template(parsed: C, match: Match, pattern: Pattern, text: str) -> Pattern:
    """Return the new form as a pattern, written in the style of the place."""
    start = line_start(parsed.data, match.span[0])
    lead = re.match(rb"[ \t]*", parsed.data[start : match.span[0]])
    indent = lead[0] if lead else b""
    style = style_at(parsed, match.node)
    lines = written(text, indent, style)[len(indent) :].removesuffix(style.newline).decode()
    return Pattern.expression(lines) if _is_expression(pattern) else Pattern.statements(lines)


def _is_expression(pattern: Pattern) -> bool:
    parent = pattern.roots[0].parent
    return parent is not None and parent.type == "argument_list"


def _new_pieces(parsed: C, match: Match, template: Pattern, becomes: Callable[[bytes], int]) -> list[_Piece]:
    pieces: list[_Piece] = []
    data = template.parsed.data
    for root in template.roots:
        for leaf in leaves(root):
            text = template.parsed.text(leaf)
            value = match.bound.get(text[1:].decode()) if text[:1] == b"$" else None
            if value is None:
                pieces.append(_Piece(text, text, leaf.start_byte, leaf.end_byte))
                continue
            bound = parsed.text(value)
            tight = min(level(parsed, value), becomes(bound))
            loose = leaf.type == "identifier" and tight < required(template.parsed, leaf)
            glued = data[leaf.start_byte - 1] in _OPERATORS and bound[0] in _OPERATORS
            piece = _Piece(text, bound, leaf.start_byte, leaf.end_byte)
            pieces += _in_parentheses([piece]) if (loose or glued) and _is_value(value) else [piece]
    if _is_expression(template) and _needs_parentheses(parsed, match, template, pieces):
        pieces = _in_parentheses(pieces)
    return pieces


def _is_value(node: Node) -> bool:
    return node.type not in {"field_identifier", "type_identifier", "statement_identifier"}


def _needs_parentheses(parsed: C, match: Match, template: Pattern, pieces: list[_Piece]) -> bool:
    data, (start, end) = parsed.data, match.span
    parent = match.node.parent
    if parent is not None and parent.type == "concatenated_string":
        return False
    before, after = data[start - 1 : start], data[end : end + 1]
    glued = (before in _SINGLE and pieces[0].text[:1] in _SINGLE) or (
        after in _SINGLE and pieces[-1].text[-1:] in _SINGLE
    )
    glued = (
        glued
        or (_is_word(before) and _is_word(pieces[0].text[:1]))
        or (_is_word(after) and _is_word(pieces[-1].text[-1:]))
    )
    return glued or level(template.parsed, template.roots[0]) < required(parsed, match.node)


def _is_word(byte: bytes) -> bool:
    """Whether a byte can be part of a word, so that two side by side would be one."""
    return byte.isalnum() or byte in {b"_", b"$"}


_SINGLE = frozenset(bytes([byte]) for byte in _OPERATORS)


def _in_parentheses(pieces: list[_Piece]) -> list[_Piece]:
    start, end = pieces[0].start, pieces[-1].end
    # Their keys are no tokens, so that they are not taken for parentheses that were there.
    return [_Piece(b"+(", b"(", start, start), *pieces, _Piece(b"+)", b")", end, end)]


def _old_pieces(parsed: C, match: Match, pattern: Pattern) -> list[_Piece]:
    pieces: list[_Piece] = []
    for wanted, node in match.aligned:
        key = pattern.parsed.text(wanted)
        if key[:1] == b"$" and not wanted.child_count:
            pieces.append(_Piece(key, parsed.text(node), node.start_byte, node.end_byte))
        else:
            for leaf in leaves(node):
                text = parsed.text(leaf)
                pieces.append(_Piece(text, text, leaf.start_byte, leaf.end_byte))
    return pieces


def _in_layout(parsed: C, old: list[_Piece], template: Pattern, new: list[_Piece]) -> bytes:
    """Return the new form, with the blanks, line breaks and comments that the old one has between its tokens."""
    matcher = SequenceMatcher(None, [piece.key for piece in old], [piece.key for piece in new], autojunk=False)
    kept = {block.b + at: block.a + at for block in matcher.get_matching_blocks() for at in range(block.size)}
    gaps = [parsed.data[left.end : right.start] for left, right in pairwise(old)]
    layout = _Layout(old, new, gaps, kept, template.parsed.data)
    return b"".join(piece.text + layout.gap(index) for index, piece in enumerate(new))


@dataclass(frozen=True, slots=True)
class _Layout:
    """What stands between the tokens of the old form, and where the new one takes that over.

    :param gaps: what follows each old piece but the last; :param kept: old indices by new ones.
    """

    old: list[_Piece]
    new: list[_Piece]
    gaps: list[bytes]
    kept: dict[int, int]
    template: bytes

    def gap(self, index: int) -> bytes:
        """Return what goes behind the new piece *index*: what was there between tokens alike, or what the template has."""
        if index == len(self.new) - 1:
            return b""
        left, right = self.kept.get(index), self.kept.get(index + 1)
        if left is not None and left < len(self.gaps):
            # A comment or a line break belongs to the old piece behind it, where that is kept.
            own = not self.gaps[left].strip(b" \t") or left + 1 not in self.kept.values()
            if right == left + 1 or (own and _alike(self.old[left + 1], self.new[index + 1])):
                return self.gaps[left]
        if right and _alike(self.old[right - 1], self.new[index]):
            return self.gaps[right - 1]
        return _gap(self.template, self.new, index)


def _alike(old: _Piece, new: _Piece) -> bool:
    """Whether the blanks beside one piece suit the other: both are operands, or they are the same token."""
    operands = [re.match(rb"[\w\"'$]", piece.key) is not None for piece in (old, new)]
    return all(operands) or old.text == new.text


def _trimmed(data: bytes, span: tuple[int, int], new: bytes) -> Replacement:
    """Return the smallest replacement that gives *span* the bytes *new*."""
    start, end = span
    old = data[start:end]
    head = len(commonprefix([old, new]))
    tail = len(commonprefix([old[head:][::-1], new[head:][::-1]]))
    return Replacement(start + head, end - tail, new[head : len(new) - tail])


def _gap(data: bytes, pieces: list[_Piece], index: int) -> bytes:
    """Return what stands in the template between the piece *index* and the next."""
    if not 0 <= index < len(pieces) - 1:
        return b""
    return data[pieces[index].end : pieces[index + 1].start]


def _rendered(data: bytes, pieces: list[_Piece]) -> bytes:
    return b"".join(piece.text + _gap(data, pieces, index) for index, piece in enumerate(pieces))


def _tokens_of(match: Match, parsed: C, piece: _Piece) -> tuple[bytes, ...]:
    value = match.bound.get(piece.key[1:].decode("latin-1")) if piece.key[:1] == b"$" else None
    return tokens(parsed, value) if value is not None else (piece.text,)


def _tokens(text: bytes, template: Pattern) -> list[bytes]:
    """Return the tokens of new text, none where it is no longer one expression or a row of statements."""
    make = Pattern.expression if _is_expression(template) else Pattern.statements
    try:
        pattern = make(text.decode("utf-8", "surrogateescape"))
    except ValueError:
        return []
    return [token for root in pattern.roots for token in tokens(pattern.parsed, root)]
