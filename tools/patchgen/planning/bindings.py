# SPDX-License-Identifier: GPL-3.0-or-later
"""Which function a name means: the declarations of a name, sorted into forms, and calls resolved to them.

A *form* is one thing that the name can mean: the public function, the static function of one file,
or the function-pointer member of one struct. Forms of one name may have other parameter lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.c import Kind, Role
from patchgen.syntax.c.includes import Inclusions
from patchgen.syntax.c.structs import struct_names
from patchgen.syntax.parsed import clean, enclosing

from .aliases import followed
from .ledger import Book, Reason
from .occurrences import PASTED, UNPARSED, occurrences, settle_plain
from .ordered import ordered, ordered_nameless, type_uses
from .pasting import pasted
from .scope import hidden, is_inner, may_be_called, may_be_function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from .edit import Edit
    from .occurrences import Mention

__all__ = ["Bindings", "Form", "declared", "is_null", "judge_use", "refuse_ordered_members", "unresolved"]

_TWICE = Slug.define(
    "two-places",
    """A name that the edit needs stands for two things: the tree defines it twice, and no prototype
    that both definitions include makes them one. Limit the edit with `files`.""",
)
_MACRO = Slug.define(
    "macro-of-that-name",
    """A macro has the name of the function, so that what looks like a call may be something else.""",
)
_INDIRECT = Slug.define(
    "indirect-use",
    """The function is used as a value and goes where the edit does not follow it: through a pointer,
    an alias or a callback. What receives it keeps the old parameters. Edit that too and excuse this
    place, or excuse it with the reason why it is right.""",
)
_TYPEDEF = Slug.define(
    "declared-by-typedef",
    """The name is declared at file level with nothing but a typedef before it. That declares a function
    if the typedef is a function's type, and then its parameters stand in the typedef; else it is
    a variable of that name. Excuse it with the reason why it is the one or the other.""",
)
_UNRESOLVED = Slug.define(
    "unresolved-call",
    """The call cannot be matched with one declaration: several structs have a member of that name,
    or no declaration can be seen from here.""",
)


_ALIAS = re.compile(rb"\b_*(?:alias|ifunc|weakref)_*\s*\(\s*\"\Z")
_LOOKED_UP = re.compile(rb"\w*dlv?sym|GetProcAddress|g_module_symbol")
_WEAK = re.compile(rb"#[ \t]*pragma[ \t]+weak[ \t]+\w+[ \t]*=[ \t]*\Z")


@dataclass(slots=True)
class Form:
    """One thing that the name means, with all its declarations."""

    key: tuple[str, ...]
    declared: list[tuple[Mention, c.Declaration]] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What to call it in a message."""
        what = self.key[0]
        return {"public": "the public function", "member": f"the member of {self.key[-1]}"}.get(
            what, f"the static function of {self.key[-1]}"
        )


@dataclass(slots=True)
class Bindings:
    """The forms of a name in the part of the tree that an edit covers, and its other uses.

    :param forms: those that the edit is about.
    :param foreign: files where the name, unless it is a member's, is something else.
    :param vague: whether structs have a member of that name whose type is a typedef, perhaps a function's.
    """

    name: str
    forms: dict[tuple[str, ...], Form]
    foreign: frozenset[str]
    uses: list[Mention]
    sees: Inclusions
    vague: bool = False

    def forms_of(self, mention: Mention) -> tuple[Form, ...]:
        """Return the forms that a use may mean, each in its configuration; none where it is another binding.

        :raises LookupError: no form can be seen, or it may be another binding all the same.
        """
        if mention.use.member:
            members = [form for key, form in self.forms.items() if key[0] == "member"]
            if len(members) > 1 or (members and self.vague):
                raise LookupError(mention.path)
            return tuple(members)
        if self.elsewhere(mention):
            return ()
        own = self.forms.get(("static", mention.path))
        forms = (own,) if own else tuple(self._visible(mention.path))
        if not forms:
            raise LookupError(mention.path)
        return forms

    def elsewhere(self, mention: Mention) -> bool:
        """Whether a use that names no member means another binding: a local, or what a file declares for itself.

        :raises LookupError: it cannot be told.
        """
        if mention.path in self.foreign or hidden(mention):
            return True
        if ("static", mention.path) in self.forms or not self.foreign:
            return False
        if self.foreign.isdisjoint(self.sees.of(mention.path)):
            return False
        if any(self._visible(mention.path, declared=True)):
            raise LookupError(mention.path)
        return True

    def _visible(self, path: str, *, declared: bool = False) -> Iterator[Form]:
        """Yield the public form, and the static ones of the files that *path* includes.

        A static one hides the public one, unless that can be seen too.

        :param declared: the public form only where a declaration of it can be seen.
        """
        found = [form for key, form in self.forms.items() if key[0] == "static" and key[1] in self.sees.of(path)]
        yield from found
        public = self.forms.get(("public",))
        if (public is not None and not (found or declared)) or (
            public is not None and not self.sees.of(path).isdisjoint(m.path for m, _ in public.declared)
        ):
            yield public


def declared(edit: Edit, book: Book, name: str) -> Bindings:
    """Sort every occurrence of *name*: declarations into forms; the rest is settled or kept as a use."""
    declarations: list[tuple[Mention, c.Declaration]] = []
    uses: list[Mention] = []
    others: list[Mention] = []
    for mention in occurrences(edit, book, name):
        role = mention.use.role
        if (role is Role.STRING and _by_its_name(mention)) or (role is Role.PRAGMA and _by_pragma(mention)):
            message = f"{name} gets another name here, or is called, by its name in the object file"
            book.refuse(mention.path, mention.span, _INDIRECT, message, function=mention.function)
            continue
        if settle_plain(book, mention):
            continue
        if role is Role.DECLARES_FUNCTION and is_inner(mention.use.parsed, mention.use.node):
            book.excuse(mention.path, mention.span, Reason.OTHER_BINDING, "a function within a function")
        elif role is Role.DECLARES_FUNCTION:
            declarations.append((mention, c.declaration_at(mention.use)))
        elif role is Role.MACRO:
            _judge_macro(book, mention)
        elif role is Role.DECLARES_OTHER:
            others.append(mention)
        elif role is Role.TYPE and not _in_macro_type(mention):
            book.excuse(mention.path, mention.span, Reason.OTHER_BINDING, role.value)
        else:
            uses.append(mention)
    for path, span in pasted(edit, book.tree, name):
        book.refuse(path, span, PASTED, f"this macro pastes {name} together")
    uses = list(followed(edit, book, name, uses))
    bindings = _sort(book, name, declarations, uses)
    variables = frozenset(_judge_others(book, bindings, others))
    vague = any(mention.use.node.type == "field_identifier" and may_be_called(mention) for mention in others)
    return Bindings(name, bindings.forms, bindings.foreign | variables, uses, bindings.sees, vague)


def _by_its_name(mention: Mention) -> bool:
    """Whether a string that holds the name is code: of an alias (GCC, ``alias``, ``ifunc``, ``weakref``), or of an ``asm`` statement.

    Or what is asked for by ``dlsym`` (dlsym(3)) and its cousins.
    """
    data, (start, end) = mention.parsed.data, mention.span
    if _ALIAS.search(data, max(0, start - 64), start) is not None:
        return True
    call = enclosing(mention.use.node, "call_expression")
    asked = call.child_by_field_name("function") if call is not None else None
    if asked is not None and data[start - 1 : end + 1].strip(b'"') == data[start:end]:
        return _LOOKED_UP.fullmatch(mention.use.parsed.text(asked)) is not None
    code = enclosing(mention.use.node, "gnu_asm_expression")
    return code is not None and enclosing(code, "function_declarator", "declaration") is None


def _by_pragma(mention: Mention) -> bool:
    """Whether a pragma makes another name of it: ``#pragma weak other = name``."""
    data, (start, _) = mention.parsed.data, mention.span
    return _WEAK.search(data, data.rfind(b"\n", 0, start) + 1, start) is not None


def _judge_others(book: Book, bindings: Bindings, others: list[Mention]) -> Iterator[str]:
    """Enter the verdicts of what the name declares besides functions; yield the files of which it is a variable."""
    for mention in others:
        holder = mention.use.node.parent
        if holder is not None and holder.type == "enumerator" and not mention.function:
            book.excuse(mention.path, mention.span, Reason.OTHER_BINDING, "a constant of an enum")
            yield mention.path
            continue
        declaration = enclosing(mention.use.node, "declaration")
        if declaration is not None and not clean(declaration):  # int f PROTO((int a));
            message = f"{mention.name} is declared here, and the declaration did not parse"
            book.refuse(mention.path, mention.span, UNPARSED, message, function=mention.function)
            continue
        function = None if mention.use.node.type == "field_identifier" else may_be_function(mention)
        if function and ("public",) in bindings.forms:
            message = f"{mention.name} is declared here by a typedef: a function, or a variable that may point to one"
            book.refuse(mention.path, mention.span, _TYPEDEF, message)
            continue
        if function is not None and _contradicts(bindings, mention):
            message = f"{mention.name} seems to be declared here as a variable, and it is a function: a macro, perhaps"
            book.refuse(mention.path, mention.span, UNPARSED, message, function=mention.function)
            continue
        if function is not None:
            yield mention.path
        book.excuse(mention.path, mention.span, Reason.OTHER_BINDING, mention.use.role.value)


def _contradicts(bindings: Bindings, mention: Mention) -> bool:
    """Whether what looks like a variable at file level has the name of a function that is declared there."""
    declared = {m.path for key, form in bindings.forms.items() if key[0] != "member" for m, _ in form.declared}
    if mention.path in declared:
        return True
    holder = mention.use.node.parent  # of ``MACRO(f);``, which the grammar takes for ``TYPE (f);``
    called = holder is not None and holder.type == "parenthesized_declarator"
    return called and not declared.isdisjoint(bindings.sees.of(mention.path))


def refuse_ordered_members(edit: Edit, book: Book, bindings: Bindings) -> None:
    """Refuse a member that is given its function by the order of an initialiser: which one cannot be seen."""
    for key, form in bindings.forms.items():
        if key[0] != "member":
            continue
        mention, declaration = form.declared[0]
        names = struct_names(mention.use.parsed, declaration.node)
        uses = type_uses(edit, Book(edit, book.tree), names)
        parsed, node = mention.use.parsed, declaration.node
        if any(ordered(edit, book.tree, list(uses), at_end=False)) or ordered_nameless(book.tree, parsed, node):
            holder = declaration.struct if declaration.struct.isidentifier() else "the struct"
            message = f"a variable of {holder} is initialised by order, so that the function for {bindings.name} cannot be seen"
            book.refuse(mention.path, mention.span, _INDIRECT, message)


def _in_macro_type(mention: Mention) -> bool:
    """Whether the name stands in what looks like a type made by a macro: ``typeof(f)``, or ``module_init(f)`` alone."""
    return enclosing(mention.use.node, "macro_type_specifier") is not None


def _sort(book: Book, name: str, declarations: list[tuple[Mention, c.Declaration]], uses: list[Mention]) -> Bindings:
    forms: dict[tuple[str, ...], Form] = {}
    for mention, declaration in declarations:
        if declaration.kind is Kind.MEMBER:
            key: tuple[str, ...] = ("member", declaration.struct or mention.path)
        else:
            key = ("static", mention.path) if declaration.static else ("public",)
        forms.setdefault(key, Form(key)).declared.append((mention, declaration))
    sees = Inclusions(book.tree)
    _adopt_definitions(forms)
    _refuse_twins(book, forms, sees)
    foreign = frozenset(_foreign(forms, uses, sees))
    for path in foreign:
        for mention, _ in forms.pop(("static", path)).declared:
            book.excuse(path, mention.span, Reason.OTHER_BINDING, "a static function of a file that cannot see ours")
    return Bindings(name, forms, foreign, uses, sees)


def _adopt_definitions(forms: dict[tuple[str, ...], Form]) -> None:
    """Give a definition without ``static`` to the static form that an earlier prototype of its file made.

    C17 6.2.2p5: a function declared without a storage class takes the linkage of a prior declaration.
    """
    public = forms.get(("public",))
    if public is None:
        return
    for entry in list(public.declared):
        mention, _ = entry
        static = forms.get(("static", mention.path))
        if static is not None and any(
            m.span[0] < mention.span[0] for m, d in static.declared if d.kind is Kind.PROTOTYPE
        ):
            public.declared.remove(entry)
            static.declared.append(entry)
    if not public.declared:
        del forms["public",]


def _refuse_twins(book: Book, forms: dict[tuple[str, ...], Form], sees: Inclusions) -> None:
    public = forms.get(("public",))
    statics = [form for key, form in forms.items() if key[0] == "static"]
    definitions = [m for m, d in public.declared if d.kind is Kind.DEFINITION] if public else []
    if len({mention.path for mention in definitions}) > 1 and not _one_interface(public, definitions, sees):
        for mention in definitions:
            book.refuse(mention.path, mention.span, _TWICE, f"{mention.name} is defined in several files")
    if public is None and not any(key[0] == "member" for key in forms) and len(statics) > 1:
        for form in statics:
            mention = form.declared[0][0]
            book.refuse(mention.path, mention.span, _TWICE, f"{mention.name} is a static function of several files")


def _one_interface(public: Form | None, definitions: list[Mention], sees: Inclusions) -> bool:
    """Whether all definitions implement one prototype, of which a program links one or the other."""
    prototypes = {m.path for m, d in public.declared if d.kind is Kind.PROTOTYPE} if public else set()
    seen = [sees.of(mention.path) & prototypes for mention in definitions]
    return bool(frozenset.intersection(*seen))


def _foreign(forms: dict[tuple[str, ...], Form], uses: list[Mention], sees: Inclusions) -> Iterator[str]:
    """Yield the files whose static function of that name has nothing to do with the shared forms."""
    shared = {m.path for key, form in forms.items() if key[0] != "static" for m, _ in form.declared}
    if not shared:
        return
    designated = {m.path for m in uses if m.use.role in {Role.DESIGNATOR, Role.ASSIGNED}}
    for key in forms:
        if key[0] == "static":
            path = key[1]
            if path not in designated and not (sees.of(path) & shared):
                yield path


def _judge_macro(book: Book, mention: Mention) -> None:
    parent = mention.use.node.parent
    if parent is not None and parent.type in {"preproc_def", "preproc_function_def"}:
        message = f"a macro is called {mention.name}, as the function is"
        book.refuse(mention.path, mention.span, _MACRO, message, function=mention.function)
    else:
        book.excuse(mention.path, mention.span, Reason.OTHER_BINDING, "a macro is asked for")


def is_null(text: bytes) -> bool:
    """Whether an initialiser or an argument is a null pointer constant."""
    return text.replace(b" ", b"") in {b"NULL", b"0", b"(void*)0", b"((void*)0)"}


def judge_use(book: Book, bindings: Bindings, mention: Mention) -> None:
    """Enter the verdict of a use of the function that is no call and no declaration."""
    use, path, span = mention.use, mention.path, mention.span
    try:
        other = not use.member and bindings.elsewhere(mention)
    except LookupError:
        unresolved(book, mention)
        return
    if other:
        book.excuse(path, span, Reason.OTHER_BINDING, "another function or variable of that name")
    elif use.member and not any(key[0] == "member" for key in bindings.forms):
        book.excuse(path, span, Reason.OTHER_BINDING, "a member of another type")
    elif use.role in {Role.TEST, Role.SIZEOF}:
        book.excuse(path, span, Reason.UNCHANGED_USE, use.role.value)
    elif use.role in {Role.DESIGNATOR, Role.ASSIGNED}:
        value = _given_value(use.outer)
        text = use.parsed.text(value) if value is not None else b""
        if (text.lstrip(b"&") == bindings.name.encode() and not bindings.vague) or is_null(text):
            book.excuse(path, span, Reason.UNCHANGED_USE, use.role.value)
        else:
            message = (
                f"the member {mention.name} is given {text.decode('latin-1')}, whose parameters, or its own, may stay"
            )
            book.refuse(path, span, _INDIRECT, message, function=mention.function)
    elif use.role is Role.VALUE and _goes_to_its_member(bindings, use):
        book.excuse(path, span, Reason.UNCHANGED_USE, "the value of the member of its own name")
    else:
        message = f"{mention.name} is used as a value here, and what it goes to keeps the old parameters"
        book.refuse(path, span, _INDIRECT, message, function=mention.function)


def unresolved(book: Book, mention: Mention) -> None:
    """Refuse a call that may mean one of several forms, or none that can be seen."""
    message = f"this call of {mention.name} cannot be matched with one declaration"
    book.refuse(mention.path, mention.span, _UNRESOLVED, message, function=mention.function)


def _given_value(outer: Node | None) -> Node | None:
    if outer is None:
        return None
    return outer.child_by_field_name("value" if outer.type == "initializer_pair" else "right")


def _goes_to_its_member(bindings: Bindings, use: c.Use) -> bool:
    outer = use.outer
    name = bindings.name.encode()
    if outer is None or use.member or bindings.vague or not any(key[0] == "member" for key in bindings.forms):
        return False
    if outer.type == "initializer_pair":
        designator = outer.child_by_field_name("designator")
        return designator is not None and use.parsed.text(designator).lstrip(b". \t") == name
    if outer.type == "assignment_expression":
        left = outer.child_by_field_name("left")
        target = left.child_by_field_name("field") if left is not None else None
        return target is not None and use.parsed.text(target) == name
    return False
