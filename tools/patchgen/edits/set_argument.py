# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``set-argument``: calls of a function pass something else for one parameter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.agreeing import says_nothing
from patchgen.planning.aliases import other_names
from patchgen.planning.bind import Place, bound, given_by
from patchgen.planning.bindings import Form, declared, judge_use, unresolved
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.evaluated import EVALUATED, uncertain
from patchgen.planning.ledger import Book, Plan, Reason
from patchgen.planning.locals import used_in
from patchgen.planning.macros import using
from patchgen.planning.scope import hidden_by_block, inner_meaning, out_of_scope
from patchgen.syntax.c import Role, function_around
from patchgen.syntax.c.includes import Inclusions
from patchgen.syntax.c.lists import items
from patchgen.syntax.c.patterns import metavariables, substitute
from patchgen.syntax.c.snippet import check_expression, expression_tokens
from patchgen.syntax.parsed import clean, tokens
from patchgen.tree import Replacement

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.planning.bindings import Bindings
    from patchgen.planning.occurrences import Mention
    from patchgen.syntax.c import C
    from patchgen.syntax.c.functions import Declaration
    from patchgen.tree import Tree

__all__ = ["SetArgument"]

_OTHER = Slug.define(
    "other-argument",
    """The call passes neither what the edit expects to find (`from`) nor what it would put there.""",
)
_NO_PARAMETER = Slug.define(
    "no-parameter-of-that-name",
    """The declaration that the call means has no parameter of that name, so that it cannot be known
    which argument is meant.""",
)
_COUNT = Slug.define(
    "other-number-of-arguments",
    """The call has another number of arguments than the declaration has parameters, as when a macro
    stands for several. It cannot be known which one is meant.""",
)
_INNER = Slug.define(
    "inner-variable",
    """A variable that an inner block of the function declares hides another of the same name there, or is declared further down
    than the place. What the edit would write means the other one elsewhere in the function, and this one at the place.""",
)
_BY_MACRO = Slug.define(
    "called-by-macro",
    """The function that the edit works in calls the other one through a macro too, which gives it arguments of its own: a call that
    this edit cannot change for one function alone. Excuse it where it may stay.""",
)
_UNPARSED_CALL = Slug.define("unparsed-call", """The arguments of the call did not parse.""")


class SetArgument(Edit, tag="set-argument", frozen=True):
    """Change what the calls of a function pass for one parameter.

    Looks at the calls of `function` inside the function `in` (a name, or alternatives). Which
    argument is meant comes from `parameter` in the declaration that the call means. It must now
    read `from` (tokens compared), and becomes `argument`. Metavariables (`$name`) in it stand for what
    the patterns of `bind`, expressions that the function `in` must hold, bind them to.

    Owns the function's name; calls outside `in` are uses that the edit does not change.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "set-argument"\nfunction = "greet"\nparameter = "title"\nin = "main"\nfrom = "NULL"\nargument = "argv[1]"\nsites = 1\n',
            before={
                "main.c": "int greet(char *name, char *title);\nint main(int argc, char **argv)\n{\n\treturn greet(argv[0], NULL);\n}\n"
            },
            after={
                "main.c": "int greet(char *name, char *title);\nint main(int argc, char **argv)\n{\n\treturn greet(argv[0], argv[1]);\n}\n"
            },
        ),
    )

    function: str
    parameter: str
    in_: OneOrMany
    argument: str
    from_: str
    bind: tuple[str, ...] = ()
    sites: int | None = None

    def __post_init__(self) -> None:
        for text in (self.argument, self.from_):
            check_expression(text)
        unbound = metavariables(self.argument) - given_by(self.bind)
        if unbound:
            msg = f"`bind` binds no ${min(unbound)}"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the function's name."""
        return frozenset({self.function})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        bindings = declared(self, book, self.function)
        for form in bindings.forms.values():
            for mention, _ in form.declared:
                book.excuse(mention.path, mention.span, Reason.UNCHANGED_USE, "a declaration")
        for mention in bindings.uses:
            if mention.function not in many(self.in_):
                book.excuse(mention.path, mention.span, Reason.UNCHANGED_USE, "outside the function of the edit")
            elif mention.use.role is Role.CALL:
                self._call(book, bindings, mention)
                self._refuse_macros(book, mention)
            else:
                judge_use(book, bindings, mention)
        return book.plan(self.sites)

    def _refuse_macros(self, book: Book, mention: Mention) -> None:
        """Refuse each macro in the function of a call that calls the same function, with arguments of its own."""
        parsed, scope = mention.use.parsed, function_around(mention.use.node)
        if scope is None:
            return
        own = {name.encode() for name in other_names(book.tree, mention.path, self.function)}
        macros = using(book.tree, self.function.encode(), Inclusions(book.tree).of(mention.path)) - own
        for macro in sorted(macros):
            span = used_in(parsed, scope, macro)
            if span is not None and not book.has(mention.path, span):
                message = f"the macro {macro.decode('latin-1')} calls {self.function} here, with arguments of its own"
                book.refuse(mention.path, span, _BY_MACRO, message, function=mention.function)

    def _call(self, book: Book, bindings: Bindings, mention: Mention) -> None:
        path, span = mention.path, mention.span
        try:
            forms = bindings.forms_of(mention)
        except LookupError:
            unresolved(book, mention)
            return
        if not forms:
            judge_use(book, bindings, mention)
            return
        indices = {self._index(form) for form in forms}
        index = indices.pop()
        if indices:
            unresolved(book, mention)
            return
        call = mention.use.outer
        arguments = call.child_by_field_name("arguments") if call is not None else None
        if index is None:
            message = f"{forms[0].label} has no parameter {self.parameter}"
            book.refuse(path, span, _NO_PARAMETER, message, function=mention.function)
        elif arguments is None or not clean(arguments):
            message = f"the arguments of this call of {self.function} did not parse"
            book.refuse(path, span, _UNPARSED_CALL, message, function=mention.function)
        elif not all(_fits(form, len(items(arguments)), index) for form in forms):
            message = f"this call of {self.function} has {len(items(arguments))} arguments, and {forms[0].label} other parameters"
            book.refuse(path, span, _COUNT, message, function=mention.function)
        else:
            self._argument(book, mention, arguments, index)

    def _argument(self, book: Book, mention: Mention, arguments: Node, index: int) -> None:
        path, span, parsed = mention.path, mention.span, mention.use.parsed
        argument = items(arguments)[index]
        scope = function_around(mention.use.node) or parsed.root
        bindings = bound(book, Place(path, span, parsed, scope, mention.function), self.bind, self.argument)
        if bindings is None:
            return
        wanted = substitute(self.argument, bindings)
        now = tokens(parsed, argument)
        if now == expression_tokens(wanted):
            book.present(path, span)
        elif (
            now == expression_tokens(self.from_)
            and (inner := _hidden(book.tree, path, parsed, argument, wanted)) is not None
        ):
            message = f"{inner.decode('latin-1')} is the name of several variables of the function or the file, and means one of them here"
            book.refuse(path, span, _INNER, message, function=mention.function)
        elif now == expression_tokens(self.from_) and (
            reason := uncertain(book.tree, parsed, arguments, wanted, instead_of=argument)
        ):
            book.refuse(path, span, EVALUATED, reason, function=mention.function)
        elif now == expression_tokens(self.from_):
            book.edit(path, span, Replacement(argument.start_byte, argument.end_byte, wanted.encode()))
        else:
            text = parsed.text(argument).decode("utf-8", "replace")
            message = f"this call passes {text} for {self.parameter}, not {self.from_}"
            book.refuse(path, span, _OTHER, message, function=mention.function)

    def _index(self, form: Form) -> int | None:
        found = {declaration.index(self.parameter) for declaration in _telling(form)}
        return found.pop() if len(found) == 1 else None


def _hidden(tree: Tree, path: str, parsed: C, node: Node, text: str) -> bytes | None:
    words = [token for token in expression_tokens(text) if re.fullmatch(rb"[A-Za-z_]\w*", token)]
    return (
        inner_meaning(parsed, node, words)
        or hidden_by_block(tree, path, parsed, node, words)
        or out_of_scope(tree, path, parsed, node, words)
    )


def _telling(form: Form) -> list[Declaration]:
    """Return the declarations of a form that say what its parameters are."""
    return [declaration for _, declaration in form.declared if not says_nothing(declaration)]


def _fits(form: Form, count: int, index: int) -> bool:
    """Whether a call with *count* arguments fits the form, so that the place of each is known."""
    declared = _telling(form)[0]
    wanted = len(declared.parameters)
    return count == wanted or (declared.variadic and count >= wanted - 1 > index)
