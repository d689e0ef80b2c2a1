# SPDX-License-Identifier: GPL-3.0-or-later
"""What else a name can mean where it stands: a parameter, a local, a variable of the file, another struct's member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c import Role
from patchgen.syntax.c.includes import Inclusions
from patchgen.syntax.c.toplevel import items_of
from patchgen.syntax.parsed import ancestors, clean, descendants, enclosing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from patchgen.tree import Tree

    from .occurrences import Mention

__all__ = [
    "captured",
    "hidden",
    "inner_meaning",
    "is_global",
    "is_inner",
    "may_be_called",
    "may_be_function",
    "out_of_scope",
    "shadowed",
]

_ARMS = frozenset({"preproc_if", "preproc_ifdef", "preproc_elif", "preproc_elifdef", "preproc_else"})
_WITH_ENUMS = frozenset({"declaration", "enum_specifier", "struct_specifier", "union_specifier", "type_definition"})
"""What may declare the constants of an enum too (C17 6.4.4.3, 6.2.1p4)."""
_BLOCKS = frozenset({"compound_statement", "for_statement", "case_statement"}) | _ARMS


def hidden(mention: Mention) -> bool:
    """Whether a parameter or a local variable of the same name is in scope (C17 6.2.1p4).

    :raises LookupError: it is in some configurations only.
    """
    return any(_declaring(mention.use.parsed, mention.use.node, mention.name.encode()))


def captured(tree: Tree, path: str, parsed: c.C, node: Node, words: Iterable[bytes]) -> bytes | None:
    """Return that of *words* which, put at *node*, would mean a local variable, and in other functions one of a file.

    A variable, function, constant or macro at file level that *path* can see, and a local one hides.
    """
    return next((word for word in words if _is_local(parsed, node, word) and is_global(tree, path, word)), None)


def shadowed(tree: Tree, path: str, parsed: c.C, node: Node, words: Iterable[bytes]) -> bytes | None:
    """Return that of *words* which at *node* means an inner variable, and elsewhere in the function another."""
    for word in words:
        try:
            count = sum(1 for _ in _declaring(parsed, node, word))
        except LookupError:
            return word
        if count > 1 or (count and is_global(tree, path, word)):
            return word
    return None


def inner_meaning(parsed: c.C, node: Node, words: Iterable[bytes]) -> bytes | None:
    """Return that of *words* which at *node* means an inner variable, and elsewhere in the function an outer one."""
    for word in words:
        try:
            if sum(1 for _ in _declaring(parsed, node, word)) > 1:
                return word
        except LookupError:
            return word
    return None


def hidden_by_block(tree: Tree, path: str, parsed: c.C, node: Node, words: Iterable[bytes]) -> bytes | None:
    """Return that of *words* which at *node* is declared by an inner block, and outside of that by the file."""
    for word in words:
        block = next(_declaring(parsed, node, word), None)
        if block is not None and not _is_whole(block) and is_global(tree, path, word):
            return word
    return None


def _is_whole(block: Node) -> bool:
    """Whether a block is a function, or the whole body of one."""
    types = {block.type, block.parent.type if block.parent is not None else ""}
    return "function_definition" in types


def out_of_scope(tree: Tree, path: str, parsed: c.C, node: Node, words: Iterable[bytes]) -> bytes | None:
    """Return that of *words* which the function has as a local variable, and at *node* means one at file level.

    It is declared further down, or in another block (C17 6.2.1p4): which of the two is meant cannot be known.
    """
    function = c.function_around(node)
    body = function.child_by_field_name("body") if function is not None else None
    if body is None:
        return None
    declared = {
        parsed.text(name)
        for declaration in descendants(body, "declaration")
        for declarator in declaration.children_by_field_name("declarator")
        for name in _names(declarator)
    }
    return next(
        (
            word
            for word in words
            if word in declared and not _is_local(parsed, node, word) and is_global(tree, path, word)
        ),
        None,
    )


def _is_local(parsed: c.C, node: Node, word: bytes) -> bool:
    try:
        return any(_declaring(parsed, node, word))
    except LookupError:
        return True


def is_global(tree: Tree, path: str, word: bytes) -> bool:
    """Whether *word* is a variable, function, constant or macro at file level that *path* can see."""
    name = word.decode("latin-1")
    seen = (tree.read(other) for other in filter(c.is_c, Inclusions(tree).of(path)))
    return any(
        named.name == name for data in seen if word in data for item in items_of(c.parse(data)) for named in item.names
    )


def _declaring(parsed: c.C, node: Node, word: bytes) -> Iterator[Node]:
    """Yield the blocks and the function around *node* that declare *word* before it, the nearest first (C17 6.2.1p4).

    :raises LookupError: one does in some configurations only.
    """
    below = node
    for at in ancestors(node):
        if at.type == "function_definition" and not c.is_macro_block(at):
            if any(parsed.text(name) == word for name in _parameters(at)):
                yield at
            if not _is_nested(at):
                return
        other_arm = at.type in _ARMS and below == at.child_by_field_name("alternative")
        if at.type in _BLOCKS and not other_arm:
            earlier = [child for child in at.named_children if child.start_byte < node.start_byte]
            if _declared_in(parsed, earlier, below, word):
                yield at
        below = at


def is_inner(parsed: c.C, node: Node) -> bool:
    """Whether the function that is declared at *node* is one of a block: a nested function (GCC, Nested Functions).

    Its definition, or a declaration with ``auto``. Where the function around it did not parse, a definition is not one: what
    looks nested is behind a brace that was not seen.
    """
    declaration = enclosing(node, "declaration", "function_definition")
    if declaration is None or not _is_nested(declaration):
        return False
    return declaration.type == "function_definition" or b"auto" in (
        parsed.text(child) for child in declaration.children
    )


def _is_nested(declaration: Node) -> bool:
    outer = next((at for at in ancestors(declaration) if at.type == "function_definition"), None)
    return outer is not None and clean(outer)


def may_be_function(mention: Mention) -> bool | None:
    """Whether a name that no function declarator declares may be that of a function all the same: by a typedef.

    None where it is not declared at file level. ``fn_t f;`` declares a function where ``fn_t`` is
    a function type; with an initialiser, a star or brackets it does not.
    """
    declaration = enclosing(mention.use.node, "declaration")
    if declaration is None or enclosing(declaration, "function_definition", "parameter_list") is not None:
        return None
    return _of_named_type(declaration) and mention.use.node in declaration.children_by_field_name("declarator")


def may_be_called(mention: Mention) -> bool:
    """Whether a member that is declared without a function declarator may point to a function: by a typedef."""
    member = enclosing(mention.use.node, "field_declaration")
    return member is not None and _of_named_type(member)


def _of_named_type(declaration: Node) -> bool:
    type_ = declaration.child_by_field_name("type")
    return type_ is None or type_.type in {"type_identifier", "macro_type_specifier"}


def _declared_in(parsed: c.C, children: Iterable[Node], below: Node, word: bytes) -> bool:
    for child in children:
        if child.type in _WITH_ENUMS and any(
            parsed.text(name) == word
            for one in descendants(child, "enumerator")
            if (name := one.child_by_field_name("name")) is not None
        ):
            return True
        if child.type == "declaration":
            if _declares(parsed, child, word):
                return True
        elif child.type == "function_definition" and not c.is_macro_block(child):
            declarator = child.child_by_field_name("declarator")
            if declarator is not None and any(parsed.text(name) == word for name in _names(declarator)):
                return True
        elif child.type in {"case_statement", "labeled_statement"} and child != below:
            if _declared_in(parsed, child.named_children, below, word):
                return True
        elif child.type in _ARMS and child != below and _declared_in(parsed, _in_arms(child), below, word):
            raise LookupError(word)
    return False


def _in_arms(arm: Node) -> Iterator[Node]:
    for child in arm.named_children:
        if child.type in _ARMS:
            yield from _in_arms(child)
        else:
            yield child


def _declares(parsed: c.C, declaration: Node, word: bytes) -> bool:
    for declarator in declaration.children_by_field_name("declarator"):
        for name in _names(declarator):
            if parsed.text(name) == word:
                use = c.use_at(parsed, name.start_byte, name.end_byte)
                is_pointer = use.role is Role.DECLARES_FUNCTION and c.declaration_at(use).kind is c.Kind.POINTER
                return use.role is Role.DECLARES_OTHER or is_pointer or is_inner(parsed, name)
    return False


def _parameters(function: Node) -> Iterator[Node]:
    declarator = function.child_by_field_name("declarator")
    for listed in descendants(declarator, "parameter_list") if declarator is not None else ():
        if enclosing(listed, "parameter_declaration") is None:
            for item in c.items(listed):
                yield from (item,) if item.type == "identifier" else _names(item)
            return


def _names(declarator: Node) -> Iterator[Node]:
    """Yield the name that a declarator declares; those in a parameter list within are not in scope."""
    stack = [declarator]
    while stack:
        at = stack.pop()
        if at.type == "identifier":
            yield at
            return
        inner = at.child_by_field_name("declarator")
        if inner is not None:
            stack.append(inner)
        else:
            stack += [child for child in at.named_children if child.type.endswith(("declarator", "identifier"))][:1]
