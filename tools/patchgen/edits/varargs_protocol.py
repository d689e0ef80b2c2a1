# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``varargs-protocol``: one more argument in a protocol that runs through ``...``."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.bindings import declared, judge_use, unresolved
from patchgen.planning.edit import Edit, Example
from patchgen.planning.functions import the_functions
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.likeness import Likeness
from patchgen.planning.mirroring import Mirroring
from patchgen.planning.units import About, Unfit, units
from patchgen.planning.varargs import Tangled, branches, selected
from patchgen.syntax.c import Role, items, use_at
from patchgen.syntax.c.lists import insert_after
from patchgen.syntax.c.snippet import check_expression, expression_tokens
from patchgen.syntax.parsed import clean, tokens

from .add_parameter import Argument

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.planning.bindings import Bindings
    from patchgen.planning.functions import Function
    from patchgen.planning.ledger import Plan
    from patchgen.planning.occurrences import Mention
    from patchgen.planning.units import Unit
    from patchgen.planning.varargs import Branch
    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

__all__ = ["VarargsProtocol"]

_FIXED = Slug.define(
    "not-variadic",
    """The function does not end its parameters in `...`, or has no parameter of the selector's name.""",
)
_STEP = Slug.define(
    "protocol-out-of-step",
    """What is passed through `...` and what is fetched by va_arg do not agree in number, order or type.
    The compiler does not check it, and the program reads a wrong argument. Where upstream's own text
    is out of step, that is a bug to be mended first, in a patch of its own.""",
)
_SELECTOR = Slug.define(
    "unknown-selector",
    """The call passes a selector that is no string literal and no macro for one, so that it may be a
    caller of the protocol that is edited.""",
)
_TANGLED = Slug.define(
    "tangled-extraction",
    """How the function takes its arguments from the list cannot be read off the text: a comparison that
    does not choose a branch by itself, or va_arg under a condition, in a loop, or twice in one expression.""",
)
_COUNT = Slug.define(
    "wrong-number-of-protocol-sites",
    """The tree has another number of callers, or of branches that fetch, than the edit says.""",
)


class VarargsProtocol(Edit, frozen=True, tag="varargs-protocol"):
    """Give one more argument to those calls of a variadic function that pass a certain word, and fetch it there.

    `function` takes, as its parameter `selector-parameter`, a string; where that is `selector`, callers
    pass certain arguments through ``...``, and branches of the function (``if (!strcmp(op, "word"))``)
    fetch them by ``va_arg``. At the callers, `argument` goes behind the argument that reads `like`
    (`arguments` gives others by function or file); in the branches, the statements that declare and
    fetch the variable `like` are mirrored for `as`, see ``mirror``. `callers` and `extractions` are the
    numbers of calls and branches that there must be.

    Before anything is edited, all of them must be in step: as many arguments passed as fetched, the
    same types in each branch, the anchor at the same place. A caller whose selector is no literal, and
    no macro for one, refuses the edit.

    Owns the function's name in the whole tree, and `like` and `as` in the branches.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "varargs-protocol"\nfunction = "ask"\nselector = "paint"\nselector-parameter = "what"\n'
            'like = "colour"\nas = "shape"\nargument = "NULL"\ncallers = 1\nextractions = 1\n',
            before={
                "a.c": "int ask(char *what, ...)\n{\n\tva_list al;\n\tva_start(al, what);\n"
                '\tif (!strcmp(what, "paint")) {\n\t\tchar *colour = va_arg(al, char *);\n\t\tint times = va_arg(al, int);\n'
                '\t\tpaint(colour, times);\n\t}\n}\n\nint main(void)\n{\n\tchar *colour = "red";\n\task("paint", colour, 2);\n}\n'
            },
            after={
                "a.c": "int ask(char *what, ...)\n{\n\tva_list al;\n\tva_start(al, what);\n"
                '\tif (!strcmp(what, "paint")) {\n\t\tchar *colour = va_arg(al, char *);\n\t\tchar *shape = va_arg(al, char *);\n'
                "\t\tint times = va_arg(al, int);\n"
                '\t\tpaint(colour, times);\n\t}\n}\n\nint main(void)\n{\n\tchar *colour = "red";\n\task("paint", colour, NULL, 2);\n}\n'
            },
        ),
    )

    function: str
    selector: str
    selector_parameter: str
    like: str
    as_: str
    argument: str
    callers: int
    extractions: int
    arguments: tuple[Argument, ...] = ()

    def __post_init__(self) -> None:
        Likeness(self.like, self.as_).check()
        for text in (self.argument, *(entry.argument for entry in self.arguments)):
            check_expression(text)
        if self.callers < 1 or self.extractions < 1:
            msg = "`callers` and `extractions` are at least 1"
            raise ValueError(msg)
        if not self.selector or any(character in self.selector for character in '"\\\n'):
            msg = f"{self.selector!r} cannot be a selector: give the word without quotes"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the function's name: it is owned in the whole tree."""
        return frozenset({self.function})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        found = the_functions(self, book, self.function)
        bindings = declared(self, book, self.function)
        if not found:
            return book.plan()
        function = found[0]
        protocol = self._protocol(book, function)
        for form in bindings.forms.values():
            for mention, _ in form.declared:
                book.excuse(mention.path, mention.span, Reason.UNCHANGED_USE, "its named parameters stay")
        calls = self._calls(book, bindings, function, protocol)
        if protocol is not None:
            self._count(book, len(calls), len(protocol.branches))
            for mention in calls:
                self._caller(book, function, protocol, mention)
            self._extract(book, function, protocol)
        return book.plan()

    def _count(self, book: Book, callers: int, extractions: int) -> None:
        if (callers, extractions) != (self.callers, self.extractions) and not book.refused:
            message = f"{callers} callers and {extractions} extractions were found for {self.selector}"
            book.refuse_edit(_COUNT, f"{message}, and the edit says {self.callers} and {self.extractions}")

    # -- the function's own side

    def _protocol(self, book: Book, function: Function) -> _Protocol | None:
        """Return what the branches fetch, without the new argument; None after a refusal."""
        path, declaration = function.path, function.declaration
        if not declaration.variadic or declaration.index(self.selector_parameter) is None:
            message = f"{self.function} is not variadic, or has no parameter {self.selector_parameter}"
            book.refuse(path, function.span, _FIXED, message)
            return None
        try:
            found = branches(book.tree, function.parsed, function.body, self.selector_parameter, self.selector)
        except Tangled as tangled:
            span = (tangled.node.start_byte, tangled.node.end_byte)
            book.refuse(path, span, _TANGLED, tangled.message, function=self.function)
            return None
        sequences = {branch.selector: self._sequence(book, path, branch) for branch in found}
        first = next((sequence for sequence in sequences.values() if sequence is not None), None)
        for branch in found:
            if first is not None and sequences[branch.selector] not in {None, first}:
                message = f"this branch fetches other arguments than the one at {_where(function, found[0].selector)}"
                book.refuse(path, branch.selector, _STEP, message, function=self.function)
        if first is None and not book.refused:
            book.missing(f'a branch of {self.function} for "{self.selector}"')
        if first is None or book.refused:
            return None
        return _Protocol(found, *first, begun=any(branch.index(self.as_) is not None for branch in found))

    def _sequence(self, book: Book, path: str, branch: Branch) -> tuple[tuple[tuple[bytes, ...], ...], int] | None:
        anchor, new = branch.index(self.like), branch.index(self.as_)
        if anchor is None:
            message = f"this branch fetches {self.like} not once"
        elif new is None and any(fetch.name == self.as_ for fetch in branch.fetches):
            message = f"this branch fetches {self.as_} twice"
        elif new is not None and (new != anchor + 1 or branch.fetches[new].type != branch.fetches[anchor].type):
            message = f"this branch fetches {self.as_} otherwise than directly behind {self.like} and like it"
        else:
            return tuple(fetch.type for fetch in branch.fetches if fetch.name != self.as_), anchor
        book.refuse(path, branch.selector, _STEP, message, function=self.function)
        return None

    def _extract(self, book: Book, function: Function, protocol: _Protocol) -> None:
        """Mirror, in each branch, what declares and fetches the anchor: one site a branch."""
        work = Mirroring(book, function, Likeness(self.like, self.as_))
        for branch in protocol.branches:
            found = self._units(function, branch)
            if not self._declared_in_scope(function, found):
                message = f"{self.like} is declared outside this branch, and {self.as_} is not"
                help_ = 'mirror the declaration first, by an edit of the kind mirror with role = ["declaration"]'
                book.refuse(function.path, branch.selector, _TANGLED, message, help_, function=self.function)
                continue
            standing, absent = work.settle(work.copies(found))
            for number, copy in enumerate(absent):
                work.edit(copy, site=not number)
            for number, copy in enumerate(standing):
                work.present(copy, site=not absent and not number)
            work.judge_rest(branch.block)

    def _units(self, function: Function, branch: Branch) -> list[Unit | Unfit]:
        words = Likeness(self.like, self.as_)
        return units(function.parsed, branch.block, words, {About.DECLARATION, About.ASSIGNMENT})

    def _declared_in_scope(self, function: Function, found: list[Unit | Unfit]) -> bool:
        """Whether a declaration of the new variable is among the copies, or stands in the function."""
        if any(isinstance(one, Unfit) or About.DECLARATION in one.kinds for one in found):
            return True
        parsed, new = function.parsed, Likeness(self.as_, self.as_)
        spans = new.spans(parsed.data, function.declaration.node.start_byte, function.declaration.node.end_byte)
        return any(use_at(parsed, *span).role is Role.DECLARES_OTHER for span in spans)

    # -- the callers' side

    def _calls(self, book: Book, bindings: Bindings, function: Function, protocol: _Protocol | None) -> list[Mention]:
        """Return the calls that pass the selector; the other uses of the function get their verdict."""
        calls: list[Mention] = []
        for mention in bindings.uses:
            if mention.use.role is not Role.CALL:
                judge_use(book, bindings, mention)
                continue
            try:
                forms = bindings.forms_of(mention)
            except LookupError:
                unresolved(book, mention)
                continue
            if not forms:
                judge_use(book, bindings, mention)
            elif self._passes_selector(book, function, protocol, mention):
                calls.append(mention)
        return calls

    def _passes_selector(self, book: Book, function: Function, protocol: _Protocol | None, mention: Mention) -> bool:
        index = function.declaration.index(self.selector_parameter) or 0
        listed, parsed = _arguments(mention), mention.use.parsed
        if index >= len(listed) or any(not clean(item) for item in listed):
            message = f"the arguments of this call of {self.function} did not parse, or are too few"
            book.refuse(mention.path, mention.span, _STEP, message, function=mention.function)
            return False
        passed = selected(book.tree, parsed, listed[index])
        if passed is None:
            text = parsed.text(listed[index]).decode("utf-8", "replace")
            message = f"this call may pass {self.selector}: its selector is {text}"
            book.refuse(mention.path, mention.span, _SELECTOR, message, function=mention.function)
        elif passed != self.selector and protocol is not None and protocol.takes(passed):
            message = f"this call passes {passed}, for which the branch of {self.selector} is taken too"
            book.refuse(mention.path, mention.span, _SELECTOR, message, function=mention.function)
        elif passed != self.selector:
            book.excuse(mention.path, mention.span, Reason.UNCHANGED_USE, f"another selector, {passed}")
        return passed == self.selector

    def _caller(self, book: Book, function: Function, protocol: _Protocol, mention: Mention) -> None:
        path, span, parsed = mention.path, mention.span, mention.use.parsed
        listed = _arguments(mention)[len(function.declaration.parameters) - 1 :]
        read = [tokens(parsed, item) for item in listed]
        text = self._argument(path, mention.function)
        anchors = [at for at, item in enumerate(read) if item == expression_tokens(self.like)]
        fetched, anchor = len(protocol.types), protocol.anchor
        place = _where(function, protocol.branches[0].selector)
        more = len(listed) - fetched
        if len(anchors) != 1:
            message = f"{self.like} is {len(anchors)} of the arguments of this call, and is needed once"
        elif more not in {0, 1} or (more == 1 and not protocol.begun and read[anchor + 1] != expression_tokens(text)):
            message = f"this call passes {len(listed)} arguments through `...`, and {fetched} are fetched at {place}"
        elif anchors[0] != anchor:
            message = f"{self.like} is number {anchors[0] + 1} here, and is fetched as number {anchor + 1} at {place}"
        elif more:
            book.present(path, span)
            return
        else:
            outer = listed[anchor].parent
            if outer is not None:
                book.edit(path, span, insert_after(parsed.data, outer, listed[anchor], text.encode()))
            return
        book.refuse(path, span, _STEP, message, function=mention.function)

    def _argument(self, path: str, function: str) -> str:
        for entry in self.arguments:
            if entry.function in {"", function} and fnmatchcase(path, entry.file):
                return entry.argument
        return self.argument


@dataclass(frozen=True, slots=True)
class _Protocol:
    """What the branches fetch without the new argument.

    :param anchor: the position of the anchor; :param begun: whether a branch fetches the new one already.
    """

    branches: list[Branch]
    types: tuple[tuple[bytes, ...], ...]
    anchor: int
    begun: bool

    def takes(self, word: str) -> bool:
        """Whether one of the branches is taken for *word*, another selector than its own."""
        return any(branch.likewise is not None and branch.likewise.match(word) for branch in self.branches)


def _arguments(mention: Mention) -> tuple[Node, ...]:
    call = mention.use.outer
    arguments = call.child_by_field_name("arguments") if call is not None else None
    return items(arguments) if arguments is not None else ()


def _where(function: Function, span: Span) -> str:
    line = function.parsed.data.count(b"\n", 0, span[0]) + 1
    return f"{function.path}:{line}"
