# SPDX-License-Identifier: GPL-3.0-or-later
"""What names mean at a place: the scopes of C (C11 6.2.1), filled from pycparser's declarations (C11 6.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from .constant import constant
from .ctype import UNKNOWN, CType, Kind, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Scope", "Unit", "named_parameters"]

_INTEGERS = {
    ("char",): "char",
    ("char", "signed"): "signed char",
    ("char", "unsigned"): "unsigned char",
    ("short",): "short",
    ("short", "unsigned"): "unsigned short",
    (): "int",
    ("unsigned",): "unsigned int",
    ("long",): "long",
    ("long", "unsigned"): "unsigned long",
    ("long", "long"): "long long",
    ("long", "long", "unsigned"): "unsigned long long",
    ("_Bool",): "_Bool",
    ("__int128",): "__int128",
    ("__int128", "unsigned"): "unsigned __int128",
}
"""The sets of type specifiers (C11 6.7.2 paragraph 2), without ``int`` and a needless ``signed``, in order."""
_WORDS = frozenset({word for words in _INTEGERS for word in words} | {"int", "float", "double", "signed", "void"})
_TYPEOF = re.compile(r"__t\d+_")
"""What :mod:`buildcheck.ctree` puts for ``typeof``."""
_QUALIFIERS = {"const", "volatile"}
"""``restrict`` says nothing about what may be passed."""


@dataclass(slots=True)
class Unit:
    """What all scopes of a unit share.

    :param records: the members of each record, by its full name, so that a type need not carry them.
    :param christened: the typedef that names a record or an enum without a tag, by the node.
    :param external: names the external declaration that is being read; the same in every unit.
    :param unsure: the operators that stand for something else than C's there (GNU's ``?:`` without middle).
    """

    records: dict[str, dict[str, CType]] = field(default_factory=dict)
    christened: dict[int, str] = field(default_factory=dict)
    external: str = ""
    unsure: frozenset[str] = frozenset()


@dataclass(slots=True)
class Scope:
    """A scope and those around it.

    :param values: the type of each ordinary name that is no typedef.
    :param typedefs: the type of each typedef name; None where a value of that name hides one.
    :param constants: the value of each enumerator.
    """

    outer: Scope | None = None
    values: dict[str, CType] = field(default_factory=dict)
    typedefs: dict[str, CType | None] = field(default_factory=dict)
    constants: dict[str, int | None] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    unit: Unit = field(default_factory=Unit)

    def inner(self) -> Scope:
        """Return a new scope in this one."""
        return Scope(self, unit=self.unit)

    # --- looking up -----------------------------------------------------------------------------------

    def value(self, name: str) -> CType | None:
        """Return the type of the variable, function or enumerator of that name; None where there is none."""
        for scope in self._outwards():
            if name in scope.values:
                return scope.values[name]
        return None

    def local(self, name: str) -> CType | None:
        """Return the type of that name where a function or a block in it declares it; None for the file's own."""
        return self.locals().get(name)

    def locals(self) -> dict[str, CType]:
        """Return the names that the function around here and its blocks declare, with their types."""
        found: dict[str, CType] = {}
        for one in self._outwards():
            if one.outer is not None:
                found = one.values | found
        return found

    def number(self, name: str) -> int | None:
        """Return the value of the enumerator of that name."""
        for scope in self._outwards():
            if name in scope.values:
                return scope.constants.get(name)
        return None

    def typedef(self, name: str) -> CType | None:
        """Return the type that is called so; None where there is none."""
        for scope in self._outwards():
            if name in scope.typedefs:
                return scope.typedefs[name]
        return None

    def member(self, record: CType, name: str) -> CType:
        """Return the type of a member, also of an unnamed record in it; UNKNOWN where there is none."""
        members = self.unit.records.get(record.name, {})
        if name in members:
            found = members[name]
            return replace(found, qualifiers=found.qualifiers | record.qualifiers)
        for key, inner in members.items():
            if key.startswith("<") and (found := self.member(inner, name)) is not UNKNOWN:
                return found
        return UNKNOWN

    def members(self, record: CType) -> list[tuple[str, CType]]:
        """Return the members that an initialiser fills by position, in their order."""
        return list(self.unit.records.get(record.name, {}).items())

    def _outwards(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    # --- declaring ------------------------------------------------------------------------------------

    def declare(self, node: Any) -> CType:  # noqa: ANN401 - pycparser's nodes have no types
        """Enter a declaration or a typedef, with the records and enums that it defines; return its type."""
        if isinstance(node, c_ast.Typedef):
            self._christen(node)
        ctype = self.type_of(node.type)
        if isinstance(node, c_ast.Typedef):
            self.typedefs[node.name] = replace(ctype, spelled=node.name)
        elif node.name:
            known = self.values.get(node.name)
            self.values[node.name] = _composite(known, ctype) if known is not None else ctype
            self.typedefs[node.name] = None
        return ctype

    def _christen(self, typedef: Any) -> None:  # noqa: ANN401 - see above
        """Name a record or an enum without a tag after its typedef, which is the same in every unit."""
        declared = typedef.type
        if isinstance(declared, c_ast.TypeDecl) and isinstance(declared.type, (c_ast.Struct, c_ast.Union, c_ast.Enum)):
            self.unit.christened[id(declared.type)] = typedef.name

    def type_of(self, node: Any) -> CType:  # noqa: ANN401 - see above
        """Return the type that a node of the grammar of declarations says."""
        if isinstance(node, c_ast.PtrDecl):
            return CType(Kind.POINTER, of=self.type_of(node.type), qualifiers=_qualifiers(node.quals))
        if isinstance(node, c_ast.ArrayDecl):
            return CType(Kind.ARRAY, of=self.type_of(node.type), length=self._length(node.dim))
        if isinstance(node, c_ast.FuncDecl):
            return self._function(node)
        if isinstance(node, (c_ast.TypeDecl, c_ast.Typename, c_ast.Decl)):
            return self._qualified(self.type_of(node.type), _qualifiers(getattr(node, "quals", ()) or ()))
        if isinstance(node, c_ast.IdentifierType):
            return self._named(node.names)
        if isinstance(node, (c_ast.Struct, c_ast.Union)):
            return self._record(node)
        if isinstance(node, c_ast.Enum):
            return self._enum(node)
        return UNKNOWN

    def _named(self, names: list[str]) -> CType:
        words = [name for name in names if name not in _QUALIFIERS]
        if len(words) == 1 and words[0] not in _WORDS:
            if _TYPEOF.fullmatch(words[0]):
                return UNKNOWN
            found = self.typedef(words[0])
            return found if found is not None else CType(Kind.OPAQUE, words[0])
        if "void" in words:
            return CType(Kind.VOID, "void")
        if {"float", "double"} & set(words):
            rest = sorted(word for word in words if word not in {"float", "double"})
            return CType(Kind.FLOATING, " ".join([*rest, "float" if "float" in words else "double"]))
        short = sorted(word for word in words if word != "int" and (word != "signed" or "char" in words))
        name = _INTEGERS.get(tuple(short))
        return CType(Kind.INTEGER, name) if name else CType(Kind.OPAQUE, " ".join(words))

    def _qualified(self, ctype: CType, more: frozenset[str]) -> CType:
        if not more <= ctype.qualifiers:
            if ctype.kind is Kind.ARRAY:  # C11 6.7.3 paragraph 9
                return replace(ctype, of=self._qualified(ctype.target, more))
            return replace(ctype, qualifiers=ctype.qualifiers | more)
        return ctype

    def _length(self, node: Any) -> int | None:  # noqa: ANN401 - see above
        return constant(node, self) if node is not None else None

    def _function(self, node: Any) -> CType:  # noqa: ANN401 - see above
        result = self.type_of(node.type)
        if node.args is None:
            return CType(Kind.FUNCTION, of=result)
        inner, found, variadic = self.inner(), [], False
        for one in node.args.params:
            if isinstance(one, c_ast.EllipsisParam):
                variadic = True
            elif isinstance(one, c_ast.ID):  # the names of a K&R definition say nothing of types (6.7.6.3 par. 14)
                return CType(Kind.FUNCTION, of=result)
            else:
                found.append(Parameter(getattr(one, "name", "") or "", inner.type_of(one.type)))
                if found[-1].name:
                    inner.values[found[-1].name] = found[-1].type
        if len(found) == 1 and found[0].type.kind is Kind.VOID and not found[0].name:
            found = []
        return CType(Kind.FUNCTION, of=result, parameters=tuple(found), variadic=variadic)

    def _tagged(self, sort: str, node: Any, *, defines: bool) -> str:  # noqa: ANN401 - see above
        """Return the full name of a record or an enum; one without a tag is named by its place."""
        if not node.name:
            at = node.coord
            name = self.unit.christened.pop(id(node), "")
            return f"{sort} <{name or f'{self.unit.external} {at.line}:{at.column}' if at else id(node)}>"
        key = f"{sort} {node.name}"
        if not defines:
            for scope in self._outwards():
                if key in scope.tags:
                    return scope.tags[key]
        depth = sum(1 for _ in self._outwards())
        return self.tags.setdefault(key, key if depth == 1 else f"{key} <{depth}>")

    def _record(self, node: Any) -> CType:  # noqa: ANN401 - see above
        sort = "struct" if isinstance(node, c_ast.Struct) else "union"
        name = self._tagged(sort, node, defines=node.decls is not None)
        if node.decls is not None:
            members = self.unit.records[name] = {}
            for at, one in enumerate(node.decls):
                if isinstance(one, c_ast.Decl):
                    members[one.name or f"<{at}>"] = self.type_of(one.type)
        return CType(Kind.RECORD, name)

    def _enum(self, node: Any) -> CType:  # noqa: ANN401 - see above
        name = self._tagged("enum", node, defines=node.values is not None)
        following: int | None = 0
        for one in node.values.enumerators if node.values is not None else ():
            if one.value is not None:
                following = constant(one.value, self)
            self.values[one.name] = CType(Kind.INTEGER, "int")
            self.constants[one.name] = following
            following = following + 1 if following is not None else None
        return CType(Kind.ENUM, name)


def named_parameters(definition: Any, scope: Scope) -> Mapping[str, CType]:  # noqa: ANN401 - see above
    """Return the parameters that the body of a function definition sees; of a K&R definition too (C11 6.9.1)."""
    declared = {one.name: scope.type_of(one.type) for one in definition.param_decls or ()}
    args = definition.decl.type.args
    found: dict[str, CType] = {}
    for one in args.params if args is not None else ():
        if isinstance(one, c_ast.ID):
            found[one.name] = declared.get(one.name, CType(Kind.INTEGER, "int"))
        elif getattr(one, "name", None):
            found[one.name] = scope.type_of(one.type)
    return found


def _qualifiers(words: Any) -> frozenset[str]:  # noqa: ANN401 - see above
    return frozenset(words) & _QUALIFIERS


def _composite(one: CType, other: CType) -> CType:
    """Return what two declarations of a name say together (C11 6.2.7 paragraph 3): the one that says more."""
    if one.kind is Kind.FUNCTION and other.kind is Kind.FUNCTION:
        return one if other.parameters is None and one.parameters is not None else other
    if one.kind is Kind.ARRAY and other.kind is Kind.ARRAY and other.length is None:
        return one
    return other
