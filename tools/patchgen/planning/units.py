# SPDX-License-Identifier: GPL-3.0-or-later
"""Units: the statements of a function that are *about* a word, each with the guards that test only it.

About the word is: a declaration of it alone; an assignment to it, or to the member or element of
that name; a call whose callee has it in its name; a call that writes into the member of that name
(its first argument). Where the word is merely one of several arguments of a call, the call is not
about it. A word counts also as a part of an identifier, see :class:`~._likeness.Likeness`.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.c import Role, use_at
from patchgen.syntax.c.lists import items
from patchgen.syntax.c.statements import ends_control, stands_free, statements_in
from patchgen.syntax.parsed import ancestors, ancestors_within, clean, descendants, enclosing, tokens

from .scope import inner_meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.parsed import Span

    from .likeness import Likeness

__all__ = ["About", "Judgement", "Key", "Unfit", "Unit", "in_block", "obstacle", "statements_about", "units"]

_SIBLING = Slug.define(
    "guard-tests-more",
    """The condition around a mirrored statement tests something else beside the mirrored word. Whether
    the copy should share that test cannot be known; edit the place by `insert-statement`.""",
)
_BUSY_GUARD = Slug.define(
    "guard-does-more",
    """A condition tests the mirrored word, and what it controls is not only about that word. A copy
    inside would be under the old word's condition, a copy of the whole would do the rest twice.""",
)
_NOT_BESIDE = Slug.define(
    "no-place-beside",
    """The mirrored statement is the branch of an if, an else or a loop without braces, or stands behind
    a label: a copy beside it would not share its condition.""",
)
_SEVERAL = Slug.define(
    "one-of-several",
    """The word is declared or assigned together with others, in one declaration or in the middle of an
    expression, so that there is no statement that is about it alone.""",
)
_SHARED = Slug.define(
    "shared-side-effect",
    """The mirrored statement writes to something else beside what the word names: a counter that it
    steps, a variable that it assigns. A copy would do that twice.""",
)
_GUARD_BEFORE = Slug.define(
    "guard-before",
    """A condition that tests only the mirrored word leaves, before the mirrored statement is reached. The
    copy would be under the old word's condition; put the same test of the new word behind it first.""",
)
_BROKEN = Slug.define("unparsed-statement", """The statement that would be copied did not parse.""")

_BLOCKS = frozenset(
    {
        "compound_statement",
        "case_statement",
        "preproc_if",
        "preproc_ifdef",
        "preproc_else",
        "preproc_elif",
        "preproc_elifdef",
    }
)
_CONTROLS = frozenset({"if_statement", "while_statement", "for_statement", "do_statement", "switch_statement"})
_WRITERS = re.compile(rb"(?:^|_)(?:str[nl]?cpy|str[nl]?cat|st[pr]n?cpy|mem(?:cpy|set|move|pcpy)|v?sn?printf|bzero)$")
"""The functions of C17 7.21.6 and 7.24, and POSIX, that write into what their first argument points to."""

Key = tuple[bytes, ...]
"""What a statement does to the word: two statements with one key do the same to it."""


class About(enum.Enum):
    """In which way a statement is about a word."""

    DECLARATION = "declaration"
    ASSIGNMENT = "assignment"
    CALL = "call"
    DESTINATION = "destination"


@dataclass(frozen=True, slots=True)
class Unit:
    """A statement about the word, or the guard that holds it and nothing else.

    :param node: what is copied.
    :param statements: the statements about the word in it, usually one.
    :param keys: what each of them does to the word.
    """

    node: Node
    statements: tuple[Node, ...]
    kinds: frozenset[About]
    keys: frozenset[Key]

    @property
    def span(self) -> Span:
        """The bytes of the node."""
        return self.node.start_byte, self.node.end_byte


@dataclass(frozen=True, slots=True)
class Unfit:
    """A statement about the word that cannot be copied, and why."""

    node: Node
    slug: Slug
    message: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a statement is about a word."""

    kind: About
    key: Key


def units(parsed: C, function: Node, words: Likeness, kinds: Iterable[About] = About) -> list[Unit | Unfit]:
    """Return the units of the word ``words.like`` in *function*, in order.

    :param kinds: the ways of being about it that count.
    """
    return _Search(parsed, function, words, frozenset(kinds)).result()


def statements_about(parsed: C, function: Node, words: Likeness) -> list[tuple[Node, Judgement]]:
    """Return each statement of *function* that is about the word, and in which way."""
    found: dict[int, tuple[Node, Judgement]] = {}
    for name in _mentions(parsed, function, words):
        statement = _statement(name)
        judged = _judge(parsed, statement, words) if statement is not None else None
        if statement is not None and judged is not None:
            found[statement.id] = statement, judged
    return list(found.values())


def obstacle(parsed: C, function: Node, unit: Unit, words: Likeness) -> Unfit | None:
    """Return why no copy can be put directly behind *unit*, a unit of *function*; None if one can."""
    node, word = unit.node, words.like
    if not stands_free(parsed, node):
        message = (
            f"what stands before this statement about {word} is unfinished (an if, an else, a loop, or a macro), "
            "in some arm of an #if at least, or an else follows: a copy would not share its condition"
        )
        return Unfit(node, _NOT_BESIDE, message)
    for write in descendants(node, "update_expression", "assignment_expression"):
        target = write.child_by_field_name("left") or write.child_by_field_name("argument") or write
        if not words.names(parsed.text(target)):
            text = parsed.text(target).decode("utf-8", "replace")
            return Unfit(node, _SHARED, f"a copy of this statement about {word} would write to {text} a second time")
    new = words.new.encode()
    if inner_meaning(parsed, node, [new]) is not None and inner_meaning(parsed, node, [word.encode()]) is None:
        message = f"{words.new} means an inner variable here, which hides another of that name, and {word} does not"
        return Unfit(node, _NOT_BESIDE, message)
    guard = _Search(parsed, function, words, frozenset()).guard_before(node)
    if guard is None:
        return None
    line = parsed.data.count(b"\n", 0, guard.start_byte) + 1
    return Unfit(node, _GUARD_BEFORE, f"line {line} leaves on a condition on {word} alone, before this")


def in_block(node: Node) -> bool:
    """Whether *node* is a statement of a block, so that another can stand beside it."""
    return node.parent is not None and node.parent.type in _BLOCKS


class _Search:
    def __init__(self, parsed: C, function: Node, words: Likeness, kinds: frozenset[About]) -> None:
        self._parsed, self._words, self._kinds = parsed, words, kinds
        self._function = function
        self._units: dict[int, Unit] = {}
        self._unfit: list[Unfit] = []

    def result(self) -> list[Unit | Unfit]:
        for node in _mentions(self._parsed, self._function, self._words):
            self._enter(node)
        self._climb()
        found: list[Unit | Unfit] = [*self._unfit]
        found += [self._reason_against(unit) or unit for unit in self._units.values()]
        return sorted(found, key=lambda one: one.node.start_byte)

    def guard_before(self, node: Node) -> Node | None:
        """Return an ``if`` before *node* that leaves on a test of the word alone, and has no like for the new word."""
        exits = [control for control in _before(node, self._function) if self._leaves(control)]
        tested = {tokens(self._parsed, part) for control in exits for part in _conditions(control)}
        for control in exits:
            renamed = {
                tuple(self._words.renamed(token) for token in tokens(self._parsed, part))
                for part in _conditions(control)
            }
            if self._tests_word(control) and not self._sibling(control) and not renamed <= tested:
                return control
        return None

    def _leaves(self, control: Node) -> bool:
        parts = [control.child_by_field_name(part) for part in ("consequence", "alternative")]
        return control.type == "if_statement" and any(
            part is not None and ends_control(self._parsed, part) for part in parts
        )

    def _enter(self, node: Node) -> None:
        statement = _statement(node)
        if statement is None:
            return
        judged = _judge(self._parsed, statement, self._words)
        if judged is not None and judged.kind in self._kinds:
            if statement.id not in self._units:
                self._units[statement.id] = Unit(
                    statement, (statement,), frozenset({judged.kind}), frozenset({judged.key})
                )
        elif judged is None and _part_of_more(self._parsed, node, statement) in self._kinds:
            text = self._parsed.text(node).decode("latin-1")
            message = f"{text} is declared or assigned here together with something else"
            self._unfit.append(Unfit(statement, _SEVERAL, message))

    def _climb(self) -> None:
        """Give each statement the guards that test only the word and hold nothing else."""
        todo = list(self._units.values())
        while todo:
            unit = todo.pop()
            if unit.node.id not in self._units:
                continue
            guard = _guard_of(unit.node)
            if guard is None or not self._tests_word(guard):
                continue
            branches = _branches(guard)
            held = [self._units.get(branch.id) for branch in branches]
            inner = [one for one in held if one is not None]
            if len(inner) < len(branches) or self._sibling(guard):
                continue  # judged by _reason_against, once nothing climbs any more
            for one in inner:
                del self._units[one.node.id]
            whole = Unit(
                guard,
                tuple(statement for one in inner for statement in one.statements),
                frozenset().union(*(one.kinds for one in inner)),
                frozenset().union(*(one.keys for one in inner)),
            )
            self._units[guard.id] = whole
            todo.append(whole)

    def _reason_against(self, unit: Unit) -> Unfit | None:
        word = self._words.like
        for control in ancestors(unit.node):
            if control == self._function:
                break
            if control.type not in _CONTROLS or not self._tests_word(control):
                continue
            sibling = self._sibling(control)
            if sibling:
                return Unfit(unit.node, _SIBLING, f"the condition around this tests {sibling} beside {word}")
            return Unfit(unit.node, _BUSY_GUARD, f"a condition on {word} holds this and other things")
        if not clean(unit.node):
            return Unfit(unit.node, _BROKEN, f"this statement about {word} did not parse")
        if not in_block(unit.node):
            return Unfit(unit.node, _NOT_BESIDE, f"a copy of this statement about {word} would not share its condition")
        return None

    def _tests_word(self, control: Node) -> bool:
        return any(
            self._words.names(self._parsed.text(name)) for part in _conditions(control) for name in _identifiers(part)
        )

    def _sibling(self, control: Node) -> str:
        """Return a name in the condition that is neither the word nor what leads to it, "" for none."""
        for part in _conditions(control):
            for name in _identifiers(part):
                text = self._parsed.text(name)
                if self._words.names(text) or text == text.upper() or _is_callee(name) or self._leads_to_word(name):
                    continue
                return text.decode("latin-1")
        return ""

    def _leads_to_word(self, name: Node) -> bool:
        """Whether *name* is the object whose member the word is: ``box`` in ``box->colour``."""
        return any(
            at.type == "field_expression" and self._words.names(self._parsed.text(_field(at))) for at in ancestors(name)
        )


def _mentions(parsed: C, function: Node, words: Likeness) -> Iterator[Node]:
    """Yield the name of each live use of the word in code."""
    dumb = {Role.COMMENT, Role.STRING, Role.DEAD, Role.INCLUDE, Role.PRAGMA, Role.BROKEN, Role.TYPE, Role.MACRO}
    for span in words.spans(parsed.data, function.start_byte, function.end_byte):
        use = use_at(parsed, *span)
        if use.role not in dumb and not use.in_macro:
            yield use.node


def _statement(name: Node) -> Node | None:
    """Return the smallest statement, condition and all, that *name* stands in."""
    return enclosing(name, "expression_statement", "declaration", "parameter_declaration", *_CONTROLS)


def _judge(parsed: C, statement: Node, words: Likeness) -> Judgement | None:
    """Say in which way *statement* is about the word, None where it is not."""
    if statement.type == "declaration":
        declarators = statement.children_by_field_name("declarator")
        name = next((n for n in descendants(declarators[0], "identifier")), None) if len(declarators) == 1 else None
        outer = statement.parent
        if name is None or outer is None or not words.names(parsed.text(name)):
            return None
        if outer.type in {"for_statement", "function_definition"}:  # the latter: of a K&R parameter
            return None
        if use_at(parsed, name.start_byte, name.end_byte).role is not Role.DECLARES_OTHER:
            return None
        return Judgement(About.DECLARATION, (b"declares", parsed.text(name)))
    if statement.type != "expression_statement" or statement.named_child_count == 0:
        return None
    expression = _bare(next((child for child in statement.named_children if child.type != "comment"), statement))
    if expression.type in {"assignment_expression", "update_expression"}:
        target = _target(
            expression.child_by_field_name("left") or expression.child_by_field_name("argument") or expression
        )
        return (
            Judgement(About.ASSIGNMENT, (b"writes", *tokens(parsed, target)))
            if _called(parsed, target, words)
            else None
        )
    return _judge_call(parsed, expression, words) if expression.type == "call_expression" else None


def _judge_call(parsed: C, call: Node, words: Likeness) -> Judgement | None:
    callee = _bare(call.child_by_field_name("function") or call)
    if _called(parsed, callee, words):
        return Judgement(About.CALL, (b"calls", *tokens(parsed, callee)))
    arguments = call.child_by_field_name("arguments")
    listed = items(arguments) if arguments is not None else ()
    if not listed:
        return None
    target = _target(listed[0])
    written = target.type == "field_expression" or len(listed) == 1 or _WRITERS.search(parsed.text(callee)) is not None
    if written and _called(parsed, target, words):
        return Judgement(About.DESTINATION, (b"writes", *tokens(parsed, target)))
    return None


def _part_of_more(parsed: C, node: Node, statement: Node) -> About | None:
    """Return what a part of *statement*, and not the whole, does to *node*: declare or assign it; None for neither."""
    role = use_at(parsed, node.start_byte, node.end_byte).role
    if role is Role.DECLARES_OTHER and statement.type == "declaration":
        several = len(statement.children_by_field_name("declarator")) > 1
        return About.DECLARATION if several else None
    return About.ASSIGNMENT if role is Role.ASSIGNED else None


def _called(parsed: C, node: Node, words: Likeness) -> bool:
    """Whether *node* is the word, or the member of that name."""
    name = _field(node) if node.type == "field_expression" else node
    return name.type in {"identifier", "field_identifier"} and words.names(parsed.text(name))


def _bare(node: Node) -> Node:
    """Return what is within parentheses and casts."""
    at = node
    while at.type in {"parenthesized_expression", "cast_expression"}:
        inner = at.child_by_field_name("value") or next(
            (one for one in at.named_children if one.type != "comment"), None
        )
        if inner is None:
            break
        at = inner
    return at


def _target(node: Node) -> Node:
    """Return the variable or member that an expression writes to or points at."""
    at = _bare(node)
    while at.type in {"pointer_expression", "subscript_expression"}:
        inner = at.child_by_field_name("argument")
        if inner is None:
            break
        at = _bare(inner)
    return at


def _field(expression: Node) -> Node:
    return expression.child_by_field_name("field") or expression


def _guard_of(node: Node) -> Node | None:
    """Return the ``if`` of which *node* is a branch, or stands in the braces of one."""
    at, parent = node, node.parent
    if parent is not None and parent.type == "compound_statement":
        at, parent = parent, parent.parent
    if parent is not None and parent.type == "else_clause":
        at, parent = parent, parent.parent
    if parent is None or parent.type != "if_statement" or at == parent.child_by_field_name("condition"):
        return None
    return parent


def _before(node: Node, function: Node) -> Iterator[Node]:
    """Yield the statements that stand before *node* in its block and in those around it, in arms of an ``#if`` too."""
    at = node
    for block in ancestors_within(node, function):
        alternative = block.type.startswith("preproc_") and at == block.child_by_field_name("alternative")
        stack = [] if alternative or block.type not in _BLOCKS else statements_in(block)
        while stack:
            statement = stack.pop()
            if statement.start_byte >= node.start_byte or statement == at:
                continue
            if statement.type.startswith("preproc_") and statement.type in _BLOCKS:
                other = statement.child_by_field_name("alternative")
                stack += [*statements_in(statement), *([other] if other is not None else [])]
            else:
                yield statement
        at = block


def _branches(guard: Node) -> list[Node]:
    """Return the statements that an ``if`` controls, those in braces one by one."""
    found: list[Node] = []
    parts = [guard.child_by_field_name("consequence"), guard.child_by_field_name("alternative")]
    while parts:
        part = parts.pop(0)
        if part is None or part.type == "comment":
            continue
        if part.type in {"compound_statement", "else_clause"}:
            parts = [*part.named_children, *parts]
        else:
            found.append(part)
    return found


def _conditions(control: Node) -> list[Node]:
    names = ("condition", "initializer", "update")
    return [part for name in names if (part := control.child_by_field_name(name)) is not None]


def _identifiers(node: Node) -> Iterator[Node]:
    return descendants(node, "identifier", "field_identifier")


def _is_callee(name: Node) -> bool:
    return (
        name.parent is not None
        and name.parent.type == "call_expression"
        and name.parent.child_by_field_name("function") == name
    )
