# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``replace-body``: a function does what it does in another way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.effects import effects
from patchgen.planning.functions import the_functions
from patchgen.planning.ledger import Book
from patchgen.syntax.c.patterns import Pattern, leaves, metavariables, substitute
from patchgen.syntax.c.snippet import parameter_of
from patchgen.syntax.c.statements import statements_in, style_at, written
from patchgen.syntax.parsed import clean
from patchgen.tree import Replacement, line_start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchgen.planning.functions import Function
    from patchgen.planning.ledger import Plan
    from patchgen.syntax.c import Parameter
    from patchgen.tree import Tree

__all__ = ["ReplaceBody"]

_LOST = Slug.define(
    "effect-lost",
    """The body that would be replaced does something that the semantic patch does not list: it calls a
    function, writes a variable that is not its own, reads a volatile one, or has a directive of the preprocessor. The new
    body would lose it. Look whether it must be kept, and then list it.""",
)
_SIGNATURE = Slug.define(
    "other-parameters",
    """The function's parameters are not those that the new body was written for.""",
)
_UNPARSED = Slug.define(
    "unparsed-body",
    """The body that would be replaced did not parse, so that it cannot be told what would be lost.""",
)


class ReplaceBody(Edit, frozen=True, tag="replace-body"):
    """Give the function `in` (or the first of several alternatives that the tree defines) the body `body`.

    `calls` lists every function, member and macro that the old body may call, `writes` every
    variable that it may write and that is not its own, `reads` every volatile variable or member that it may read and
    the new body does not name (``volatile`` for one that only a cast makes so): the author says with them what is known of
    the old body. Whatever else it calls, writes or so reads, and any directive in it, is a refusal. What is
    written through a parameter is not counted.

    `parameters`, if given, is the whole list: a declaration each (``char *path``), or a name alone
    where the type does not matter. A parameter that is called otherwise is a refusal, unless its
    name is a metavariable (``char *$path``), which `body` can use; `$1`, `$2`, ... always stand for the
    name of the first, the second parameter. The signature is never touched. `body` is C, a tab a level.

    Owns no name: its only place is the function's definition.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "replace-body"\nin = "size_of"\ncalls = ["fopen", "fgetc", "fclose"]\n'
            'parameters = ["const char *$path"]\n'
            'body = """\nstruct stat st;\n\nif (stat($path, &st) != 0)\n\treturn -1;\nreturn st.st_size;\n"""\n',
            before={
                "s.c": 'long size_of(const char *name)\n{\n  FILE *f = fopen(name, "r");\n  long n = 0;\n\n'
                "  while (fgetc(f) != EOF)\n    n++;\n  fclose(f);\n  return n;\n}\n"
            },
            after={
                "s.c": "long size_of(const char *name)\n{\n  struct stat st;\n\n  if (stat(name, &st) != 0)\n"
                "    return -1;\n  return st.st_size;\n}\n"
            },
        ),
    )

    in_: OneOrMany
    body: str
    calls: tuple[str, ...]
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    parameters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        Pattern.statements(self.body)
        known = {name[1:] for text in self.parameters or () if (name := _Wanted(text).name).startswith("$")}
        unknown = {name for name in metavariables(self.body) if not name.isdecimal()} - known
        if unknown:
            msg = f"no parameter is called ${min(unknown)}"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return nothing: no name is owned."""
        return frozenset()

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in many(self.in_))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        for function in the_functions(self, book, self.in_):
            bindings = self._bindings(book, function)
            if bindings is not None:
                self._plan_in(book, function, bindings)
        return book.plan(1)

    def _bindings(self, book: Book, function: Function) -> Mapping[str, bytes] | None:
        """Return the names of the parameters by metavariable, None after a refusal."""
        parameters = function.declaration.parameters
        bindings = {str(place): parameter.name.encode("latin-1") for place, parameter in enumerate(parameters, 1)}
        reason = self._unlike(parameters, bindings)
        beyond = {name for name in metavariables(self.body) if name.isdecimal() and not bindings.get(name)}
        if not reason and beyond:
            reason = f"{function.name} has no named parameter {min(beyond)}"
        if reason:
            book.refuse(function.path, function.span, _SIGNATURE, reason, function=function.name)
            return None
        return bindings

    def _unlike(self, parameters: tuple[Parameter, ...], bindings: dict[str, bytes]) -> str:
        if self.parameters is None:
            return ""
        if len(parameters) != len(self.parameters):
            return f"the function has {len(parameters)} parameters; the edit says {len(self.parameters)}"
        for text, parameter in zip(self.parameters, parameters, strict=True):
            wanted = _Wanted(text)
            if not wanted.fits(parameter):
                return f"the parameter {parameter.name or '...'} is not {text!r}, for which the new body was written"
            if wanted.name.startswith("$"):
                bindings[wanted.name[1:]] = parameter.name.encode("latin-1")
        return ""

    def _plan_in(self, book: Book, function: Function, bindings: Mapping[str, bytes]) -> None:
        path, parsed, body = function.path, function.parsed, function.body
        text = substitute(self.body, bindings)
        new, old = Pattern.statements(text), statements_in(body)
        if len(old) == len(new.roots) and clean(body) and new.match(parsed, old[0]) is not None:
            book.present(path, function.span)
            return
        if not clean(body):
            book.refuse(
                path, function.span, _UNPARSED, f"the body of {function.name} did not parse", function=function.name
            )
            return
        kept = {new.parsed.text(node).decode("latin-1") for root in new.roots for node in leaves(root)}
        for effect in effects(book.tree, function):
            known = (*self.calls, *self.writes, *self.reads)
            if effect.name not in known and not (effect.is_read and effect.name in kept):
                message = f"the body {effect.does} {effect.name}, which the edit does not list"
                book.refuse(path, effect.span, _LOST, message, "list it, or keep it in the new body too", function.name)
        book.edit(path, function.span, _replacement(function, text))


class _Wanted:
    """A parameter that the new body relies on: its name, and its type if that matters."""

    def __init__(self, text: str) -> None:
        alone = re.fullmatch(r"\s*(\$?[A-Za-z_]\w*)\s*", text)
        declared = None if alone or text.strip() == "..." else parameter_of(text)
        self.type = (b"...",) if text.strip() == "..." else declared.type if declared else None
        self.name = alone[1] if alone else declared.name if declared else ""

    def fits(self, parameter: Parameter) -> bool:
        named = parameter.name if self.name.startswith("$") else self.name
        return named == parameter.name and self.type in {None, parameter.type}


def _replacement(function: Function, text: str) -> Replacement:
    data, body = function.parsed.data, function.body
    start, end = body.start_byte + 1, body.end_byte - 1
    # A body on one line has no style of its own.
    in_style = b"\n" in data[start:end].strip()
    style = style_at(function.parsed, body if in_style else function.parsed.root)
    line = line_start(data, end)
    if data[line:end].strip():
        line = line_start(data, function.declaration.node.start_byte)
    lead = re.match(rb"[ \t]*", data[line:])
    outer = lead[0] if lead else b""
    return Replacement(start, end, style.newline + written(text, outer + style.unit, style) + outer)
