# SPDX-License-Identifier: GPL-3.0-or-later
"""Perl: parse a file, say what stands where, find statements, declarations and here-documents."""

from __future__ import annotations

import enum
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from patchgen.syntax.lines import indent_at
from patchgen.syntax.parsed import Parsed, ancestors, descendants, enclosing
from patchgen.tree import line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

    from patchgen.syntax.parsed import Span

__all__ = [
    "SUFFIXES",
    "Declaration",
    "Heredoc",
    "Perl",
    "Role",
    "binding",
    "enclosing_sub",
    "end_of",
    "is_perl",
    "is_quoted",
    "is_sound",
    "lines_end",
    "parse",
    "role_at",
    "scope_of",
    "statement_in",
    "statements",
    "tokens",
    "unit_of",
    "variable_at",
]

SUFFIXES = (".pl", ".pm", ".t", ".PL", ".pl.in", ".pm.in")
"""What is parsed as Perl; and what begins with a line that runs perl."""

_SHEBANG = re.compile(rb"\A#![^\n]*\bperl[\d.]*\b")
_ASIDE = frozenset({"comment", "pod", "heredoc_content", "eof_marker", "data_section", "__DATA__"})
_SIGILS = {
    "scalar": "$",
    "array": "@",
    "hash": "%",
    "arraylen": "@",
    "hash_element_expression": "%",
    "array_element_expression": "@",
    "slice_expression": "",
    "keyval_expression": "",
}


class Role(enum.Enum):
    """What a piece of a Perl file is."""

    CODE = "code"
    COMMENT = "a comment"
    POD = "documentation"
    STRING = "a string"
    HEREDOC = "a here-document"
    DATA = "behind the end of the program"
    BROKEN = "text that did not parse"


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document (perlop, "<<EOF").

    :param token: the node that announces it.
    :param body: the span of its lines, up to the terminator's.
    :param quote: how the terminator is quoted; nothing is the same as a double quote.
    """

    token: Node
    body: Span
    quote: str

    @property
    def interpolates(self) -> bool:
        """Whether ``$``, ``@`` and backslash mean something in it."""
        return self.quote != "'"


class Declaration(NamedTuple):
    """A name that a file declares: a variable with its sigil, or a sub without any.

    :param node: the node of the name; :param block: the block, or the file, that it is seen in.
    """

    name: str
    node: Node
    block: Node


@dataclass(frozen=True, eq=False)
class Perl(Parsed):
    """A parsed Perl file."""

    @cached_property
    def heredocs(self) -> tuple[Heredoc, ...]:
        """The here-documents in order; nothing can be said of them where the text is unusual."""
        heads = descendants(self.root, "heredoc_token", "command_heredoc_token")
        bodies = descendants(self.root, "heredoc_content")
        return tuple(_heredoc(self, head, body) for head, body in zip(heads, bodies, strict=False))

    @cached_property
    def declarations(self) -> tuple[Declaration, ...]:
        """What the file declares anywhere, in order: ``my $x``, ``our @y``, ``sub f``, a loop's own variable."""
        return tuple(_declarations(self))

    @cached_property
    def unusual(self) -> str:
        """Why nobody should look into the text, "" where it looks like a program."""
        level, depth = [self.root], 0
        heads = bodies = 0
        while level and depth <= _DEEPEST:
            heads += sum(node.type in {"heredoc_token", "command_heredoc_token"} for node in level)
            bodies += sum(node.type == "heredoc_content" for node in level)
            level, depth = [child for node in level for child in node.children], depth + 1
        if depth > _DEEPEST:
            return f"it is nested more than {_DEEPEST} deep"
        return "" if heads == bodies else "a here-document is never closed"


def is_perl(path: str, data: bytes) -> bool:
    """Whether a file is parsed as Perl: by its name, or by its first line."""
    return path.endswith(SUFFIXES) or bool(_SHEBANG.match(data))


@lru_cache(maxsize=64)
def parse(data: bytes) -> Perl:
    """Parse a Perl file. Never fails: what cannot be parsed is among the faults.

    The grammar never comes back from a last line without an end in a here-document that is not closed.
    """
    return Perl(data, _parser().parse(data if data.endswith(b"\n") else data + b"\n"))


def is_quoted(node: Node) -> bool:
    """Whether a node is a quoted thing: a string, a list of words, a pattern."""
    return "string_literal" in node.type or "regexp" in node.type or node.type in _QUOTED


def role_at(parsed: Perl, start: int, end: int) -> Role:
    """Return what the bytes ``[start, end)`` are part of. A variable in a string is code."""
    node = parsed.node_at(start, end)
    for at in (node, *ancestors(node)):
        if at.type in _ROLES:
            return _ROLES[at.type]
        if at.is_error:
            return Role.BROKEN
        if is_quoted(at):
            return Role.STRING
        if at.type in _VARIABLES or at.type.endswith(("_expression", "_statement", "block")):
            return Role.CODE
    return Role.CODE


def variable_at(parsed: Perl, start: int, end: int) -> tuple[str, Node] | None:
    """Return the variable that the bytes are (part of) the name of, with its own sigil, and its node.

    ``$x{a}`` is an element of ``%x``. The sigil is "" where only a run of the program could tell.
    """
    node = parsed.node_at(start, end)
    name = node if node.type == "varname" else next((c for c in node.children if c.type == "varname"), None)
    holder = name.parent if name is not None else None
    if name is None or holder is None or not (name.start_byte <= start or holder.start_byte <= start):
        return None
    owner = holder.parent if "container_variable" in holder.type and holder.parent is not None else holder
    sigil = _SIGILS.get(owner.type, "")
    if owner.type == "slice_expression":
        sigil = "%" if any(child.type == "{" for child in owner.children) else "@"
    return sigil + parsed.text(name).decode("latin-1"), holder


def is_sound(node: Node) -> bool:
    """Whether all of *node* parsed, and it ends where a statement may end.

    The grammar lets a closing parenthesis be missing without saying so: a token of no width.
    """
    beside = node.parent.children if node.parent is not None else []  # next_sibling passes over what is missing
    if node.has_error or any(other.is_missing and other.start_byte == node.end_byte for other in beside):
        return False
    stack = [node]
    while stack:
        at = stack.pop()
        if at.start_byte == at.end_byte and at.type in {")", "]", "}"}:
            return False
        stack.extend(at.children)
    return True


def tokens(parsed: Perl, node: Node) -> tuple[bytes, ...]:
    """Return the tokens of *node* without comments: two texts with equal tokens say the same."""
    found: list[bytes] = []
    stack = [node]
    while stack:
        at = stack.pop()
        if at.type in {"comment", "pod"}:
            continue
        if at.child_count == 0 or is_quoted(at) or at.type == "heredoc_content":
            text = parsed.text(at)
            if text.strip():
                found.append(text)
        else:
            stack.extend(reversed(at.children))
    return tuple(found)


def scope_of(parsed: Perl, sub: str) -> list[Node]:
    """Return the blocks of the subs of that name; "" is the file itself."""
    if not sub:
        return [parsed.root]
    found: list[Node] = []
    for node in descendants(parsed.root, "subroutine_declaration_statement"):
        name = next((child for child in node.named_children if child.type == "bareword"), None)
        block = next((child for child in node.named_children if child.type == "block"), None)
        if name is not None and block is not None and parsed.text(name) == sub.encode():
            found.append(block)
    return found


def statements(scope: Node) -> list[Node]:
    """Return the statements directly in a block or in the file."""
    return [child for child in scope.named_children if child.type not in _ASIDE]


def statement_in(scope: Node, node: Node) -> Node | None:
    """Return the statement directly in *scope* that holds *node*, or None."""
    if node == scope:
        return None
    for child in scope.children:
        if child.start_byte <= node.start_byte and node.end_byte <= child.end_byte:
            return child
    return None


def end_of(statement: Node) -> int:
    """Return the end of a statement with its semicolon."""
    following = statement.next_sibling
    return following.end_byte if following is not None and following.type == ";" else statement.end_byte


def lines_end(parsed: Perl, stop: int) -> int:
    """Return the end of the line of *stop*, or of the here-documents whose bodies begin below it."""
    end = line_end(parsed.data, stop)
    for heredoc in parsed.heredocs:
        if heredoc.body[0] == end:
            end = line_end(parsed.data, heredoc.body[1])
    return end


def binding(parsed: Perl, name: str, use: Node) -> Declaration | None:
    """Return the declaration that a mention of *name* means: the innermost one that is seen there."""
    seen = [
        declaration
        for declaration in parsed.declarations
        if declaration.name == name
        and declaration.node.start_byte <= use.start_byte
        and declaration.block.start_byte <= use.start_byte
        and use.end_byte <= declaration.block.end_byte
    ]
    return max(seen, key=lambda found: (found.block.start_byte, found.node.start_byte)) if seen else None


def unit_of(parsed: Perl) -> bytes:
    """Return what a line of a block has more than that of the closing brace, most often."""
    found: Counter[bytes] = Counter()
    for block in descendants(parsed.root, "block"):
        outer = indent_at(parsed.data, block.children[-1].start_byte)
        for child in block.named_children:
            inner = indent_at(parsed.data, child.start_byte)
            if inner is not None and outer is not None and inner.startswith(outer) and inner != outer:
                found[inner[len(outer) :]] += 1
    return min(found, key=lambda unit: (-found[unit], unit)) if found else b"    "


def _declarations(parsed: Perl) -> Iterator[Declaration]:
    stack = [(parsed.root, parsed.root)]
    while stack:
        node, block = stack.pop()
        if node.type == "subroutine_declaration_statement":
            names = [child for child in node.named_children if child.type == "bareword"][:1]
        elif node.type == "variable_declaration" or (
            node.type == "for_statement" and any(child.type in {"my", "our"} for child in node.children)
        ):
            names = [child for child in node.named_children if child.type in {"scalar", "array", "hash"}]
        else:
            names = []
        inner = node if node.type in _SCOPES else block
        for name in names:
            text = re.sub(r"[\s{}]", "", parsed.text(name).decode("latin-1"))
            yield Declaration(text, name, inner)
        stack.extend((child, inner) for child in reversed(node.children))


def _heredoc(parsed: Perl, head: Node, body: Node) -> Heredoc:
    text = parsed.text(head).decode("latin-1").lstrip("<~ \t")
    quote = "'" if text[:1] in {"'", "\\"} else text[:1] if text[:1] in {'"', "`"} else '"'
    last = next((child for child in reversed(body.children) if child.type == "heredoc_end"), None)
    stop = line_start(parsed.data, last.start_byte) if last is not None else body.end_byte
    return Heredoc(head, (body.start_byte, stop), quote)


@cache
def _parser() -> Parser:
    import ctypes

    import tree_sitter
    import tree_sitter_perl

    # tree-sitter-perl hands over a bare address, which tree_sitter takes with a DeprecationWarning;
    # a capsule of the name that newer grammars use is what it wants (tree_sitter's Language()).
    language = tree_sitter_perl.language()
    if isinstance(language, int):
        capsule = ctypes.pythonapi.PyCapsule_New
        capsule.restype = ctypes.py_object
        capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        language = capsule(language, _CAPSULE, None)
    return tree_sitter.Parser(tree_sitter.Language(language))


_VARIABLES = frozenset(
    {"varname", "scalar", "array", "hash", "arraylen", "container_variable", "slice_container_variable"}
)
_SCOPES = frozenset({"block", "for_statement", "cstyle_for_statement", "conditional_statement", "loop_statement"})
_DEEPEST = 1000
_CAPSULE = b"tree_sitter.Language"  # a capsule keeps the address of its name: this must stay alive
_QUOTED = frozenset({"quoted_word_list", "transliteration_expression", "command_string", "string_content"})
_ROLES = {
    "comment": Role.COMMENT,
    "pod": Role.POD,
    "heredoc_content": Role.HEREDOC,
    "data_section": Role.DATA,
    "eof_marker": Role.DATA,
}


def enclosing_sub(parsed: Perl, node: Node) -> str:
    """Return the name of the sub that *node* stands in, "" for none."""
    sub = enclosing(node, "subroutine_declaration_statement")
    name = next((child for child in sub.named_children if child.type == "bareword"), None) if sub is not None else None
    return parsed.text(name).decode("latin-1") if name is not None else ""
