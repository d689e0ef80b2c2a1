# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of a unit, read from its tree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from buildcheck.ctree import Kind
from buildcheck.sema.assign import Value, Weight, assigned
from buildcheck.sema.ctype import UNKNOWN, CType, Parameter, compatible, decayed
from buildcheck.sema.ctype import Kind as Sort
from buildcheck.sema.expression import function_of, own_name, type_of, value_of
from buildcheck.sema.scope import Scope, named_parameters
from buildcheck.sema.walk import Called, Declared, enter, walk
from buildcheck.units import is_generated

from .accesses import PREFIX, access, stored_by_assignment, stored_by_call
from .facts import Call, Entry, Facts, Function, Problem, Spot, Unread
from .initialiser import filled
from .protocol import branches, site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildcheck.ctree import External, Parsed, TranslationUnit
    from buildcheck.sema.walk import Assigned, Event
    from patchgen.findings import Finding

    from .accesses import Access, Stored
    from .facts import Branch, Site
    from .protocol import Protocol

__all__ = ["facts_of"]


def facts_of(tree: TranslationUnit, protocols: Mapping[str, Protocol]) -> Facts:
    """Return the facts of a unit.

    :param protocols: the functions with ``...`` that a policy file names, by name.
    """
    reader, scope = _Reader(tree, protocols), Scope()
    for external in tree.externals:
        path, parsed = external.path(), external.parsed
        reader.begin(external, parsed)
        unsure = any(one.kind is Kind.OMITTED for one in parsed.carried)
        scope.unit.external = f"{path}:{external.number}"
        scope.unit.unsure = frozenset({"||"}) if unsure else frozenset()
        if path.startswith("/"):
            enter(parsed.nodes, scope)
            continue
        if parsed.failure is not None:
            reader.unread += external.findings()
        for event in walk(parsed.nodes, scope):
            reader.happened(event)
    return reader.facts()


@dataclass(slots=True)
class _Reader:
    tree: TranslationUnit
    protocols: Mapping[str, Protocol]
    start: int = 0
    parsed: Parsed | None = None
    functions: list[Function] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    unread: list[Finding] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    ours: set[str] = field(default_factory=set)
    """The functions that a file of the tree declares."""
    seen: Counter[tuple[str, int, str]] = field(default_factory=Counter)

    def begin(self, external: External, parsed: Parsed) -> None:
        """Go on to the next external declaration."""
        self.start, self.parsed = external.chunk.start, parsed

    def facts(self) -> Facts:
        """Return what was read."""
        return Facts(
            tuple(self.functions),
            tuple(self.calls),
            tuple(self.entries),
            tuple(self.branches),
            tuple(self.sites),
            tuple(map(Unread.of, self.unread)),
            tuple(self.accesses),
            tuple(dict.fromkeys(self.stored)),
        )

    def happened(self, event: Event) -> None:
        """Enter what an event says."""
        if isinstance(event, Called):
            self.called(event)
        elif isinstance(event, Declared):
            self.declared(event)
        else:
            self.assigned(event)

    def spot(self, node: Any, word: str) -> Spot | None:
        """Return where *node* is; None outside of the tree."""
        offset = self.parsed.offset(node) if self.parsed is not None else 0
        path, line, _ = self.tree.origin(self.start + max(offset, 0))
        return None if path.startswith("/") else Spot(path, line, word)

    # --- declarations ---------------------------------------------------------------------------------

    def declared(self, event: Declared) -> None:
        """Enter a function, or look through the initialiser of something else."""
        if event.type.kind is Sort.FUNCTION:
            spot = self.spot(event.node, event.node.name)
            if spot is not None:
                self.ours.add(event.node.name)
                if event.definition is not None or not is_generated(spot.path):
                    self.functions.append(_function(event, spot))
        if event.definition is not None and event.node.name in self.protocols:
            protocol = self.protocols[event.node.name]
            self.branches += branches(event.definition, protocol, event.scope, self.spot)
        if event.initialiser is not None:
            self._initialised(event.type, event.initialiser, event.node.name or "", event)

    def _initialised(self, ctype: CType, node: Any, label: str, event: Declared | Assigned) -> None:
        """Look for functions in an initialiser."""
        if isinstance(node, c_ast.InitList) and ctype.kind in {Sort.RECORD, Sort.ARRAY}:
            for member, of, value in filled(ctype, node, event.scope):
                self._initialised(of, value, f"{label}{member}", event)
        elif _is_function_pointer(ctype):
            self._entry(ctype.target, node, label, event)

    def _entry(self, wanted: CType, node: Any, label: str, event: Declared | Assigned) -> None:
        while isinstance(node, c_ast.UnaryOp) and node.op == "&":
            node = node.expr
        if not isinstance(node, c_ast.ID):
            return
        found = event.scope.value(node.name)
        spot = self.spot(node, node.name)
        if spot is None or found is None or found.kind is not Sort.FUNCTION:
            return
        problem = "" if compatible(wanted.plain(), found.plain()) else _difference(wanted, found)
        self.entries.append(Entry(node.name, event.function, label, wanted, spot, problem))

    def assigned(self, event: Assigned) -> None:
        """Enter a function that is assigned to a pointer."""
        if (put := stored_by_assignment(event)) is not None:
            self.stored.append(put)
        if event.node.op == "=":
            target = type_of(event.node.lvalue, event.scope)
            if _is_function_pointer(target):
                self._entry(target.target, event.node.rvalue, own_name(event.node.lvalue), event)

    # --- calls ----------------------------------------------------------------------------------------

    def called(self, event: Called) -> None:
        """Enter a call, where it is one of a function of the tree or of one that nothing declares."""
        name = own_name(event.node.name)
        at = self.spot(event.node, name)
        if at is None:
            return
        spot = Spot(at.path, at.line, name, self.seen[at.path, at.line, name])
        self.seen[at.path, at.line, name] += 1
        arguments = event.node.args.exprs if event.node.args is not None else []
        if (put := stored_by_call(event)) is not None:
            self.stored.append(put)
        if name.startswith(PREFIX):
            null = bool(arguments) and value_of(arguments[-1], event.scope).null
            self.accesses.append(access(event, spot, null=null))
        if name in self.protocols:
            self.sites.append(site(name, self.protocols[name], event, spot))
        plain = isinstance(event.node.name, c_ast.ID)
        declared = plain and event.scope.value(name) is not None
        if plain and not declared and name.startswith("__builtin_"):
            return
        function = function_of(event.node, event.scope)
        names = tuple(own_name(argument) for argument in arguments)
        if plain and not declared:
            values = tuple(value_of(argument, event.scope) for argument in arguments)
            self.calls.append(Call(name, event.function, spot, None, names, values))
        elif function is UNKNOWN:
            problem = Problem(-1, Weight.UNTOLD, "what it calls cannot be told")
            self.calls.append(Call(name, event.function, spot, None, names, (), (problem,), member=True))
        else:
            variable = plain and (event.scope.value(name) or UNKNOWN).kind is not Sort.FUNCTION
            if plain and not variable and name not in self.ours:
                return
            values = tuple(value_of(argument, event.scope) for argument in arguments)
            problems = tuple(_problems(function, values))
            kept = values if function.parameters is None else ()
            member = not plain or variable
            left = tuple(_left_out(function, values, event.scope))
            self.calls.append(Call(name, event.function, spot, function, names, kept, problems, member, left))


def _function(event: Declared, spot: Spot) -> Function:
    static = "static" in (event.node.storage or ())
    if event.definition is None:
        return Function(event.node.name, event.type, spot, defined=False, static=static)
    listed = named_parameters(event.definition, event.scope.inner())
    old = event.type.parameters is None and bool(listed)
    ctype = event.type
    if ctype.parameters is None:  # C11 6.7.6.3 paragraph 14: of a definition, () says that there are none
        parameters = tuple(Parameter(name, found) for name, found in listed.items())
        ctype = replace(ctype, parameters=parameters)
    return Function(event.node.name, ctype, spot, defined=True, static=static, old=old)


def _problems(function: CType, values: tuple[Value, ...]) -> Iterator[Problem]:
    """Yield what is wrong with the arguments of a call (C11 6.5.2.2 paragraph 2)."""
    wanted = function.parameters
    if wanted is None:
        return
    if len(values) < len(wanted) or (len(values) > len(wanted) and not function.variadic):
        least = "at least " if function.variadic else ""
        yield Problem(-1, Weight.WRONG, f"{len(values)} arguments where it has {least}{len(wanted)} parameters")
        return
    for at, (parameter, value) in enumerate(zip(wanted, values, strict=False)):
        verdict = assigned(decayed(parameter.type), value)
        if verdict.weight is not Weight.FINE:
            name = f" {parameter.name}" if parameter.name else f" number {at + 1}"
            text = f"parameter{name} is {parameter.type}, the argument is {decayed(value.type)}: {verdict.why}"
            yield Problem(at, verdict.weight, text)


def _left_out(function: CType, values: tuple[Value, ...], scope: Scope) -> Iterator[int]:
    """Yield the arguments that are null pointers where a local of the parameter's name could have been passed."""
    for at, (parameter, value) in enumerate(zip(function.parameters or (), values, strict=False)):
        mine = scope.local(parameter.name) if value.null and parameter.name else None
        if mine is not None and assigned(decayed(parameter.type), Value(mine)).weight is Weight.FINE:
            yield at


def _is_function_pointer(ctype: CType) -> bool:
    return ctype.kind is Sort.POINTER and ctype.target.kind is Sort.FUNCTION


def _difference(wanted: CType, found: CType) -> str:
    """Return in what a function differs from what the pointer is for."""
    if not compatible(wanted.target, found.target):
        return f"it returns {found.target}, and {wanted.target} is wanted"
    ours, theirs = wanted.parameters or (), found.parameters or ()
    if len(ours) != len(theirs):
        return f"it has {len(theirs)} parameters, and {len(ours)} are wanted"
    for at, (one, other) in enumerate(zip(ours, theirs, strict=True), start=1):
        if not compatible(decayed(one.type).plain(), decayed(other.type).plain()):
            return f"parameter {at}, {other.name or 'unnamed'}, is {other.type}, and {one.type} is wanted"
    return f"it is {found}, and {wanted} is wanted"
