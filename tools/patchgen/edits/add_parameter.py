# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``add-parameter``: a function gets a parameter, and every call of it an argument."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar

import msgspec

from patchgen.findings import Slug
from patchgen.planning.agreeing import Types, says_nothing, the_other_name
from patchgen.planning.bindings import Bindings, Form, declared, judge_use, refuse_ordered_members, unresolved
from patchgen.planning.counted import attributes, va_starts
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.evaluated import EVALUATED, uncertain
from patchgen.planning.ledger import Book, Plan, Reason
from patchgen.planning.locals import used_in
from patchgen.planning.macros import parted, using
from patchgen.planning.scope import captured
from patchgen.syntax.c import Kind, Role
from patchgen.syntax.c.lists import insert_after, insert_first, items, spread
from patchgen.syntax.c.snippet import check_expression, expression_tokens, parameter_of
from patchgen.syntax.parsed import clean
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from patchgen.planning.occurrences import Mention
    from patchgen.syntax import c
    from patchgen.syntax.c.includes import Inclusions
    from patchgen.tree import Tree

__all__ = ["AddParameter", "Argument"]

_COMMENT_AT_END = re.compile(rb"\s*(?:/\*[^\n]*\*/|//[^\n]*)?\s*")

_NO_ANCHOR = Slug.define(
    "no-such-parameter",
    """A declaration of the function has no parameter of the name that `after` or `before` gives. The
    place of the new parameter is taken from that name, in each declaration for itself; give
    alternatives as a list where declarations name it otherwise.""",
)
_DISAGREE = Slug.define(
    "declarations-disagree",
    """The declarations of one function do not agree: in the types of their parameters, in where the
    anchor stands, or in whether the new parameter is there already. The compiler would not notice a
    parameter at the wrong place between others of its type.""",
)
_ARITY = Slug.define(
    "wrong-number-of-arguments",
    """The call has another number of arguments than the declaration has parameters: a macro stands for
    several, or upstream's call is wrong.""",
)
_UNNAMED = Slug.define(
    "never-named",
    """Nothing names a static function that is defined. A macro may paste its name together, and what it
    calls then cannot be seen. Excuse the definition if it is left as it is.""",
)
_UNUSED = Slug.define(
    "unused-argument",
    """An entry of `arguments` is for a function or file in which nothing calls the function. Upstream may
    have removed the call, or the entry names a file or function that is spelled otherwise.""",
)
_NAME_TAKEN = Slug.define(
    "parameter-name-taken",
    """The function uses or declares something of the name that the new parameter has, in its body or among its
    other parameters (``int a[n]``). The parameter would hide it, and the compiler need not say so (C17 6.2.1p4).""",
)
_CAPTURED = Slug.define(
    "argument-captured",
    """The common argument names something of a file, and the caller has a local variable of that name, which
    it would mean there. Say in `arguments` what this caller passes, also if it is the same text.""",
)
_BAD_LIST = Slug.define(
    "unparsed-list",
    """Something in the list that would be edited did not parse: an #ifdef that cuts it, or a macro
    that is no expression.""",
)


class Argument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What the calls in some functions or files pass, where it is not the common argument.

    :param function: the function that the call stands in, "" for any; :param file: a glob.
    """

    argument: str
    function: str = ""
    file: str = "*"

    def fits(self, path: str, function: str) -> bool:
        """Whether it is what a call in *function* of *path* passes."""
        return self.function in {"", function} and fnmatchcase(path, self.file)


class AddParameter(Edit, tag="add-parameter", frozen=True):
    """Give a function a parameter, in every prototype, definition and function-pointer member, and every call an argument.

    The place comes from a *named* parameter, in each declaration for itself (`after` or `before`: a
    name, or a list of alternatives), or is the `start` or the `end` of the list. At a call the names
    are gone: the place is the index that the callee's own declaration gives. Declarations of one
    function must agree by name and type, else the edit is refused. Attributes that count parameters
    (``format``, ``nonnull``, ``alloc_size``, ``access`` and the like, and macros called so) count on, and ``va_start`` names the
    new parameter where it is the last before the dots.

    Owns the function's name in the whole tree. A static function of that name in a file that cannot
    see the others is another function.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "add-parameter"\nfunction = "greet"\nparameter = "char *title"\nafter = "name"\nargument = "NULL"\n',
            before={
                "greet.h": "int greet(char *name, int loud);\n",
                "main.c": '#include "greet.h"\n\nint main(void)\n{\n\treturn greet("you", 1);\n}\n',
            },
            after={
                "greet.h": "int greet(char *name, char *title, int loud);\n",
                "main.c": '#include "greet.h"\n\nint main(void)\n{\n\treturn greet("you", NULL, 1);\n}\n',
            },
        ),
    )

    function: str
    parameter: str
    argument: str
    after: OneOrMany = ()
    before: OneOrMany = ()
    at: str = ""
    arguments: tuple[Argument, ...] = ()

    def __post_init__(self) -> None:
        parameter_of(self.parameter)
        for text in (self.argument, *(entry.argument for entry in self.arguments)):
            check_expression(text)
        if self.at not in {"", "start", "end"} or bool(self.after) + bool(self.before) + bool(self.at) != 1:
            msg = 'give one of: after, before, at = "start", at = "end"'
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the function's name: it is owned in the whole tree."""
        return frozenset({self.function})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        bindings = declared(self, book, self.function)
        if not bindings.forms and not book.refused:
            book.missing(f"a declaration of {self.function}")
            return book.plan()
        places = {key: self._place(book, bindings.sees, form) for key, form in bindings.forms.items()}
        self._compare_forms(book, bindings, places)
        refuse_ordered_members(self, book, bindings)
        self._note_unused(book, bindings)
        self._refuse_unnamed(book, bindings, places)
        for mention in bindings.uses:
            if mention.use.role is Role.CALL:
                self._call(book, bindings, places, mention)
            else:
                judge_use(book, bindings, mention)
        return book.plan()

    # -- declarations

    def _place(self, book: Book, sees: Inclusions, form: Form) -> _Place | None:
        """Enter the declarations of *form*; return where its calls get the argument, None if refused."""
        wanted = parameter_of(self.parameter)
        self._leave_the_silent(book, form)
        new = [declaration.index(wanted.name) for _, declaration in form.declared]
        if all(index is not None for index in new):
            return self._present(book, form, wanted)
        if any(index is not None for index in new):
            for (mention, _), index in zip(form.declared, new, strict=True):
                if index is None:
                    message = f"{form.label} has {wanted.name} elsewhere, and not here"
                    book.refuse(mention.path, mention.span, _DISAGREE, message)
            return None
        index = self._index(book, sees, form)
        if index is None:
            return None
        for mention, declaration in form.declared:
            self._declaration(book, sees, mention, declaration, index)
        return _Place(index, len(form.declared[0][1].parameters), present=False, variadic=form.declared[0][1].variadic)

    def _leave_the_silent(self, book: Book, form: Form) -> None:
        """Excuse, and leave out, the declarations that say nothing of the parameters, where another one does."""
        telling = [entry for entry in form.declared if not says_nothing(entry[1])]
        if telling and any(declaration.parameters for _, declaration in telling):
            for mention, declaration in form.declared:
                if says_nothing(declaration):
                    book.excuse(mention.path, mention.span, Reason.UNCHANGED_USE, "says nothing of the parameters")
            form.declared[:] = telling

    def _present(self, book: Book, form: Form, wanted: c.Parameter) -> _Place | None:
        first = form.declared[0][1]
        for mention, declaration in form.declared:
            index = declaration.index(wanted.name)
            same = index is not None and (declaration.old_style or declaration.parameters[index].type == wanted.type)
            if index != first.index(wanted.name) or not same:
                message = f"{form.label} has a parameter {wanted.name} of another type or at another place"
                book.refuse(mention.path, mention.span, _DISAGREE, message)
                return None
            book.present(mention.path, mention.span)
        index = first.index(wanted.name) or 0
        return _Place(index, len(first.parameters), present=True, variadic=first.variadic)

    def _index(self, book: Book, sees: Inclusions, form: Form) -> int | None:
        """Return the index that the new parameter gets in *form*, or None after a refusal."""
        found: dict[int, Mention] = {}
        types = Types(book.tree, sees)
        for mention, declaration in form.declared:
            if not types.agree(form.declared[0], (mention, declaration)):
                message = f"this declaration of {self.function} has other parameters than the one at {_where(form)}"
                book.refuse(mention.path, mention.span, _DISAGREE, message)
                return None
            index = self._named_index(declaration)
            if index is not None:
                found[index] = mention
            elif self._is_renamed(form, declaration):
                continue  # every other parameter is called alike, so that this one is the anchor
            elif any(parameter.name for parameter in declaration.parameters) or not declaration.parameters:
                anchor = " or ".join(many(self.after or self.before))
                message = f"this declaration of {self.function} has no parameter {anchor}"
                book.refuse(mention.path, mention.span, _NO_ANCHOR, message)
                return None
        if len(found) == 1:
            return next(iter(found))
        for mention in found.values() if found else (form.declared[0][0],):
            message = f"the declarations of {self.function} do not agree on where {self.after or self.before} stands"
            book.refuse(mention.path, mention.span, _DISAGREE, message)
        return None

    def _is_renamed(self, form: Form, declaration: c.Declaration) -> bool:
        """Whether only the anchor is called otherwise than in another declaration, which has it."""
        for _, other in form.declared:
            index = self._named_index(other)
            if index is not None and not self.at:
                return the_other_name(declaration, other, index - bool(self.after))
        return False

    def _named_index(self, declaration: c.Declaration) -> int | None:
        if self.at:
            end = len(declaration.parameters) - declaration.variadic
            return 0 if self.at == "start" else end
        for name in many(self.after or self.before):
            index = declaration.index(name)
            if index is not None:
                return index + 1 if self.after else index
        return None

    def _declaration(
        self, book: Book, sees: Inclusions, mention: Mention, declaration: c.Declaration, index: int
    ) -> None:
        path, span = mention.path, mention.span
        if declaration.kind is Kind.POINTER:
            message = f"{self.function} is a variable that points to a function: what it is given keeps its parameters"
            book.refuse(path, span, _BAD_LIST, message)
        elif not clean(declaration.list):
            book.refuse(path, span, _BAD_LIST, f"the parameter list of {self.function} did not parse")
        elif (taken := self._taken(book.tree, sees, mention, declaration)) is not None:
            message = f"the list or the body of {self.function} has something called {parameter_of(self.parameter).name} already"
            book.refuse(path, taken, _NAME_TAKEN, message, "call the parameter otherwise", self.function)
        elif declaration.old_style:
            book.edit(path, span, *self._old_style(mention, declaration, index))
        else:
            parsed = mention.use.parsed
            text = self._parameter_text(mention, declaration).encode()
            book.edit(path, span, _insert(parsed.data, declaration.list, index, text))
            book.also(path, *attributes(parsed, declaration, index))
            book.also(path, *va_starts(parsed, declaration, index, parameter_of(self.parameter).name))

    def _taken(
        self, tree: Tree, sees: Inclusions, mention: Mention, declaration: c.Declaration
    ) -> tuple[int, int] | None:
        """Return where the body uses the name of the new parameter for something else, which it would hide."""
        body = declaration.node.child_by_field_name("body")
        name = parameter_of(self.parameter).name.encode()
        if mention.use.in_macro:
            return None
        hidden = [name, *sorted(using(tree, name, sees.of(mention.path)))]
        for word in hidden:
            # In the list it would hide it too, from its place on: int f(int n, int a[n]).
            listed = used_in(mention.parsed, declaration.list, word, declared=False)
            span = listed or (used_in(mention.parsed, body, word) if body is not None else None)
            if span is not None:
                return span
        return None

    def _old_style(self, mention: Mention, declaration: c.Declaration, index: int) -> list[Replacement]:
        """Edit a K&R definition: the name goes into the list, the declaration below it (C17 6.9.1p6)."""
        data = mention.use.parsed.data
        name = parameter_of(self.parameter).name.encode()
        body = declaration.node.child_by_field_name("body")
        lines = [child for child in declaration.node.named_children if child.type == "declaration"]
        replacements = [_insert(data, declaration.list, index, name)]
        text = self.parameter.encode() + b";"
        if lines:
            # In the order of the list where that is the order of the lines, else last.
            last = lines[index - 1] if 0 < index < len(lines) == len(declaration.parameters) else lines[-1]
            start, end = line_start(data, last.start_byte), line_end(data, last.end_byte)
            indent, rest = data[start : last.start_byte], data[last.end_byte : end]
            if indent.strip() or not _COMMENT_AT_END.fullmatch(rest):
                replacements.append(Replacement(last.end_byte, last.end_byte, b" " + text))
            else:
                newline = b"\r\n" if rest.endswith(b"\r\n") else b"\n"
                replacements.append(Replacement(end, end, indent + text + newline))
        elif body is not None:
            replacements.append(Replacement(body.start_byte, body.start_byte, text + b"\n"))
        return replacements

    def _parameter_text(self, mention: Mention, declaration: c.Declaration) -> str:
        """Return the new parameter, its star written as those beside it: ``T *x`` or ``T * x``."""
        text = re.sub(rb"/\*.*?\*/|//[^\n]*", b"", mention.use.parsed.text(declaration.list), flags=re.DOTALL)
        spaced, tight = re.search(rb"\* \w", text), re.search(rb"\*\w", text)
        return re.sub(r" \*(?=\w)", " * ", self.parameter) if spaced and not tight else self.parameter

    # -- calls

    def _call(
        self, book: Book, bindings: Bindings, places: dict[tuple[str, ...], _Place | None], mention: Mention
    ) -> None:
        path, span = mention.path, mention.span
        try:
            forms = bindings.forms_of(mention)
        except LookupError:
            unresolved(book, mention)
            return
        if not forms:
            judge_use(book, bindings, mention)
            return
        found = {places[form.key] for form in forms}
        place = found.pop()
        call = mention.use.outer
        arguments = call.child_by_field_name("arguments") if call is not None else None
        if found or place is None or arguments is None:
            unresolved(book, mention)
            return
        if not clean(arguments):
            message = f"the arguments of this call of {self.function} did not parse"
            book.refuse(path, span, _BAD_LIST, message, function=mention.function)
            return
        listed = items(arguments)
        count = len(listed)
        several = spread(mention.use.parsed, listed)
        if count != place.count and not (place.variadic and count >= place.count - 1):
            message = (
                f"this call of {self.function} has {count} arguments; {forms[0].label} has {place.count} parameters"
            )
            book.refuse(path, span, _ARITY, message, function=mention.function)
        elif place.variadic and several and several[0] < place.index:
            message = (
                f"this call of {self.function} passes on the arguments of a macro, and the new one belongs among them"
            )
            book.refuse(path, span, _ARITY, message, function=mention.function)
        elif place.variadic and (macro := self._parted(book.tree, mention, listed[: place.index])):
            message = f"the macro {macro} makes several arguments of one in this call of {self.function}"
            book.refuse(path, span, _ARITY, message, function=mention.function)
        elif place.present:
            book.present(path, span)
        else:
            self._pass(book, mention, arguments, place.index)

    def _pass(self, book: Book, mention: Mention, arguments: Node, index: int) -> None:
        """Give a call the new argument, before the one at *index*."""
        path, span = mention.path, mention.span
        entry = next((entry for entry in self.arguments if entry.fits(path, mention.function)), None)
        text = (entry.argument if entry is not None else self.argument).encode()
        other = self._captured(book.tree, mention, text) if entry is None else None
        if other is not None:
            message = f"{other.decode('latin-1')} is a local variable here, which hides what the argument names"
            book.refuse(path, span, _CAPTURED, message, function=mention.function)
        elif reason := uncertain(book.tree, mention.use.parsed, arguments, text.decode()):
            book.refuse(path, span, EVALUATED, reason, function=mention.function)
        else:
            book.edit(path, span, _insert(mention.use.parsed.data, arguments, index, text))

    def _parted(self, tree: Tree, mention: Mention, arguments: Iterable[Node]) -> str:
        """Return the macro among *arguments* that makes several of one, "" for none."""
        found = (parted(tree, mention.use.parsed.text(argument)) for argument in arguments)
        return next(filter(None, found), b"").decode("latin-1")

    def _captured(self, tree: Tree, mention: Mention, text: bytes) -> bytes | None:
        """Return the name in the common argument that a local variable of the caller hides."""
        words = [token for token in expression_tokens(text.decode()) if re.fullmatch(rb"[A-Za-z_]\w*", token)]
        return captured(tree, mention.path, mention.use.parsed, mention.use.node, words)

    def _compare_forms(self, book: Book, bindings: Bindings, places: dict[tuple[str, ...], _Place | None]) -> None:
        """Refuse a static function whose place differs from that of the member it is the value of."""
        self._compare_arms(book, bindings, places)
        members = {key: place for key, place in places.items() if key[0] == "member" and place is not None}
        given = {mention.path for mention in bindings.uses if mention.use.role is Role.DESIGNATOR}
        for key, place in places.items():
            if key[0] != "static" or place is None or key[1] not in given:
                continue
            for member in members.values():
                if (member.index, member.count - place.count) != (place.index, 0) and member.present == place.present:
                    mention = bindings.forms[key].declared[0][0]
                    message = f"{self.function} differs here from the member that it is the value of"
                    book.refuse(mention.path, mention.span, _DISAGREE, message)

    def _note_unused(self, book: Book, bindings: Bindings) -> None:
        calls = [(mention.path, mention.function) for mention in bindings.uses if mention.use.role is Role.CALL]
        for entry in self.arguments:
            if not any(entry.fits(path, function) for path, function in calls):
                where = f"{entry.file} {entry.function}".strip()
                book.note(_UNUSED, f"the argument {entry.argument} is for a call in {where}, and there is none")

    def _refuse_unnamed(self, book: Book, bindings: Bindings, places: dict[tuple[str, ...], _Place | None]) -> None:
        """Refuse a static function of a source file that is defined and nowhere named."""
        named = {mention.path for mention in bindings.uses}
        for key, form in bindings.forms.items():
            place = places[key]
            defined = [mention for mention, declaration in form.declared if declaration.kind is Kind.DEFINITION]
            if key[0] != "static" or not defined or place is None or place.present or not key[1].endswith(".c"):
                continue
            if not any(key[1] in bindings.sees.of(path) for path in named):
                message = f"nothing names this static function {self.function}: a macro may paste the name together"
                book.refuse(defined[0].path, defined[0].span, _UNNAMED, message)

    def _compare_arms(self, book: Book, bindings: Bindings, places: dict[tuple[str, ...], _Place | None]) -> None:
        """Refuse a static function that stands in for the public one of its file, in another arm, at another place."""
        public = places.get(("public",))
        if public is None:
            return
        beside = {mention.path for mention, _ in bindings.forms["public",].declared}
        for key, place in places.items():
            if key[0] != "static" or place is None or key[1] not in beside or place.count != public.count:
                continue
            if (place.index, place.present) != (public.index, public.present):
                mention = bindings.forms[key].declared[0][0]
                message = f"{self.function} differs here from the public function of this file, which it stands in for"
                book.refuse(mention.path, mention.span, _DISAGREE, message)


class _Place(msgspec.Struct, frozen=True):
    """Where the calls of a form get the argument: its index, and how many parameters there are now."""

    index: int
    count: int
    present: bool
    variadic: bool


def _insert(data: bytes, outer: Node, index: int, text: bytes) -> Replacement:
    listed = items(outer)
    return insert_after(data, outer, listed[index - 1], text) if index else insert_first(data, outer, text)


def _where(form: Form) -> str:
    mention = form.declared[0][0]
    line = mention.parsed.data.count(b"\n", 0, mention.span[0]) + 1
    return f"{mention.path}:{line}"
