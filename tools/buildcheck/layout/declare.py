# SPDX-License-Identifier: GPL-3.0-or-later
"""What the declarations of a unit declare: types by their names, and every struct and union with its layout."""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pycparser import c_ast

from buildcheck.ctree import Kind
from buildcheck.ctree.tokens import tokens
from buildcheck.store import key

from .applied import Applied, Marks
from .constants import evaluate
from .engine import Rules, lay_out
from .names import builtin
from .records import Record
from .types import CType, Field, Layout, Sort, UnprovedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildcheck.ctree import External, Parser, TranslationUnit

    from .models import Model

__all__ = ["records_of"]

_DEFINES = re.compile(r"\b(?:struct|union|enum)\b[^;(){}=]*(?:\(\([^;{}]*\)\))?[^;(){}=]*\{|\btypedef\b|\[\s*\[")
"""What a chunk has in it that declares a type. Whatever else is in it is of no account for a layout."""
_LOCAL = re.compile(r"\b(?:struct|union)\b[^;(){}=]*(?:\(\([^;{}]*\)\))?[^;(){}=]*\{")


def records_of(unit: TranslationUnit, model: Model, parser: Parser) -> tuple[list[Record], list[External]]:
    """Return every struct and union that *unit* defines, in order, and the externals that could not be parsed."""
    declarations = _Declarations(unit, model, parser)
    failed = []
    for external in unit.externals:
        text = external.chunk.text
        if not (_LOCAL if external.chunk.function else _DEFINES).search(text):
            continue
        if external.parsed.failure is not None:
            failed.append(external)
            continue
        declarations.declare(external)
    return declarations.records, failed


@dataclass(frozen=True, slots=True)
class _Way:
    """How a type can be named: an expression of that type, or a name of it."""

    expression: str = ""
    name: str = ""

    def inside(self) -> _Way:
        """Return the way to what it points to, or is an array of."""
        return _Way(f"*({self.expression})") if self.expression else _Way()

    def probe(self) -> str:
        """Return what stands for the type in C."""
        return self.name or (f"__typeof__({self.expression})" if self.expression else "")


def _is_anonymous(node: c_ast.Decl) -> bool:
    """Whether it is an anonymous struct or union (C11 6.7.2.1)."""
    return not node.name and isinstance(node.type, (c_ast.Struct, c_ast.Union)) and not node.type.name


class _Declarations:
    """The names of a unit, as they are known at a place of it."""

    def __init__(self, unit: TranslationUnit, model: Model, parser: Parser) -> None:
        self.unit = unit
        self.model = model
        self.parser = parser
        self.records: list[Record] = []
        self.typedefs: ChainMap[str, CType] = ChainMap({})
        self.tags: ChainMap[str, CType] = ChainMap({})
        self.constants: ChainMap[str, int | None] = ChainMap({})
        self.here: External
        self.marks: Marks
        self.function = ""
        self.behind = 0
        self.preferred = False
        self.seen: dict[int, CType] = {}
        self.named: dict[str, int] = {}

    # --- declarations ---------------------------------------------------------------------------------------

    def declare(self, external: External) -> None:
        """Declare what *external* does, and see that no record in it was overlooked."""
        self.here = external
        self.marks = Marks(external.parsed, self._number, self.model.most)
        self.seen = {}
        for node in external.nodes:
            if isinstance(node, c_ast.FuncDef):
                self.function = node.decl.name
                self._block(node.body)
                self.function = ""
            elif isinstance(node, (c_ast.Decl, c_ast.Typedef)):
                self._declaration(node)
        for node in external.nodes:
            self._overlooked(node)

    def _block(self, node: c_ast.Node) -> None:
        """Declare what a statement does, in scopes of their own."""
        if isinstance(node, (c_ast.Decl, c_ast.Typedef)):
            self._declaration(node)
        opened = isinstance(node, c_ast.Compound)
        if opened:
            self.typedefs, self.tags = self.typedefs.new_child(), self.tags.new_child()
            self.constants = self.constants.new_child()
        for _, child in node.children():
            self._block(child)
        if opened:
            self.typedefs, self.tags = self.typedefs.parents, self.tags.parents
            self.constants = self.constants.parents

    def _declaration(self, node: c_ast.Decl | c_ast.Typedef) -> None:
        is_type = isinstance(node, c_ast.Typedef)
        direct = isinstance(node.type, c_ast.TypeDecl)
        way = _Way(name=node.name) if is_type and direct else _Way(node.name if not is_type else f"*({node.name} *)0")
        count = len(self.records)
        offset = self._offset(node)
        first = self.marks.first(offset)
        self.behind = self._behind(offset, named=bool(node.name)) if self.function else 0
        try:
            type_ = self._type(node.type, way if node.name else _Way())
            applied = self.marks.at_name(offset, first)
            if is_type:
                type_ = self._applied(type_, applied)
        except UnprovedError as error:
            if not is_type:
                return
            type_ = CType(Sort.INCOMPLETE, node.name, None, 1, unproved=str(error))
        if is_type:
            # The typedef is what the record is named by, with the alignment that it has.
            for at in range(count, len(self.records)):
                if self.records[at].probe == node.name:
                    self.records[at] = replace(self.records[at], probe_align=type_.align)
            if type_.sort is Sort.RECORD:
                self._alias(type_.name, node.name)
            self.typedefs[node.name] = replace(type_, name=node.name)

    def _alias(self, name: str, alias: str) -> None:
        at = self.named.get(name)
        if at is not None and alias != name:
            self.records[at] = replace(self.records[at], aliases=(*self.records[at].aliases, alias))
            self.named[alias] = at

    def _overlooked(self, node: c_ast.Node) -> None:
        """Enter each record that no declaration led to as one that is not proved."""
        if isinstance(node, (c_ast.Struct, c_ast.Union)) and node.decls is not None:
            offset = self._offset(node)
            if offset not in self.seen:
                self._enter(node, None, _Way(), "it stands where buildcheck cannot ask the compiler about it")
        for _, child in node.children():
            self._overlooked(child)

    # --- types ----------------------------------------------------------------------------------------------

    def type_of(self, typename: c_ast.Node) -> CType:
        """Return the type that a Typename of an expression names."""
        inner = typename.type if isinstance(typename, c_ast.Typename) else typename
        return self._type(inner, _Way())

    def enumerator(self, name: str) -> int:
        """Return the value of an enumeration constant."""
        found = self.constants.get(name)
        if found is None:
            msg = f"{name} is no constant that is known here"
            raise UnprovedError(msg)
        return found

    def alignment(self, type_: CType, node: c_ast.Node) -> int:
        """Return what an ``_Alignof`` says: in a struct; ``__alignof__`` says outside of one (the manual of gcc)."""
        carried = self.here.parsed.carried
        outside = any(one.kind is Kind.SPELLING and one.start == self._offset(node) for one in carried)
        return type_.align if outside or self.preferred else self.model.in_struct(type_)

    def member(self, type_: CType, designator: c_ast.Node) -> int:
        """Return the offset of a member in bytes."""
        layout = self._resolved(type_).layout
        if layout is not None and isinstance(designator, c_ast.ID):
            for one in layout.members:
                if one.path == designator.name and not one.bits:
                    return one.offset // 8
        msg = "this offsetof is not computed here"
        raise UnprovedError(msg)

    def _number(self, text: str) -> int:
        """Return the value of an expression that stands in an attribute."""
        typedefs = {*self.typedefs, *self.unit.types_before(self.here)}
        parsed = self.parser.parse(f"int value = ({text});", typedefs)
        if parsed.failure is not None or not isinstance(parsed.nodes[0], c_ast.Decl):
            msg = f"the argument {text} cannot be read"
            raise UnprovedError(msg)
        self.preferred = "__alignof" in text
        try:
            return evaluate(parsed.nodes[0].init, self)
        finally:
            self.preferred = False

    def _type(self, node: c_ast.Node, way: _Way) -> CType:
        """Return the type of a declarator; the records in it are entered, named by *way*."""
        if isinstance(node, c_ast.PtrDecl):
            self._pointed(node.type, way.inside())
            return self.model.pointer
        if isinstance(node, c_ast.FuncDecl):
            self._pointed(node.type, _Way())
            return CType(Sort.FUNCTION, "function", None, 1)
        if isinstance(node, c_ast.ArrayDecl):
            return self._array(node, way)
        if isinstance(node, c_ast.TypeDecl):
            type_ = self._type(node.type, way)
            if "_Atomic" in (node.quals or ()) and (type_.size or 0) > self.model.wide_in_struct:
                msg = f"an _Atomic {type_.name}"
                raise UnprovedError(msg)
            return type_
        if isinstance(node, c_ast.IdentifierType):
            return self._named(node.names)
        if isinstance(node, (c_ast.Struct, c_ast.Union)):
            return self._record(node, way)
        if isinstance(node, c_ast.Enum):
            return self._enum(node)
        msg = f"buildcheck does not know this form of a type ({type(node).__name__})"
        raise UnprovedError(msg)

    def _pointed(self, node: c_ast.Node, way: _Way) -> None:
        """Enter the records behind a pointer; whatever else is there has no part in a layout."""
        while isinstance(node, (c_ast.PtrDecl, c_ast.ArrayDecl, c_ast.FuncDecl)):
            way = way.inside() if not isinstance(node, c_ast.FuncDecl) else _Way()
            node = node.type
        inner = node.type if isinstance(node, c_ast.TypeDecl) else node
        if isinstance(inner, (c_ast.Struct, c_ast.Union)):
            self._record(inner, way)
        elif isinstance(inner, c_ast.Enum):
            self._enum(inner)

    def _array(self, node: c_ast.ArrayDecl, way: _Way) -> CType:
        element = self._resolved(self._type(node.type, way.inside()))
        size: int | None = None
        length = "" if node.dim is None else str(count := evaluate(node.dim, self))
        if node.dim is not None:
            if count < 0:
                msg = f"an array of {count} elements"
                raise UnprovedError(msg)
            if element.size is None:
                msg = f"an array of {element.name}, which is not complete"
                raise UnprovedError(msg)
            size = count * element.size
        name = f"{element.name}[{length}]"
        if element.sort is Sort.ARRAY:  # the outer length comes first
            base, _, rest = element.name.partition("[")
            name = f"{base}[{length}][{rest}"
        return CType(
            Sort.ARRAY, name, size, element.align, user=element.user, element=element, unproved=element.unproved
        )

    def _named(self, names: Sequence[str]) -> CType:
        name = builtin(names)
        if not name and len(names) == 1:
            name = names[0]
            found = self.typedefs.get(name)
            if found is not None:
                return self._resolved(found)
        if name not in self.model.types:
            msg = f"the type {' '.join(names)} is not known here"
            raise UnprovedError(msg)
        return self.model.types[name]

    def _resolved(self, type_: CType) -> CType:
        """Return the type that has completed an incomplete one, where one has."""
        if type_.sort is Sort.INCOMPLETE and type_.tag:
            found = self.tags.get(type_.tag)
            if found is not None and found.sort is not Sort.INCOMPLETE:
                return replace(found, name=type_.name)
        return type_

    def _applied(self, type_: CType, applied: Applied) -> CType:
        """Return the type of a typedef that has attributes."""
        if applied.unknown:
            msg = f"buildcheck does not know the attribute {applied.unknown}"
            raise UnprovedError(msg)
        type_ = self._converted(type_, applied)
        if applied.aligned and type_.sort is not Sort.FUNCTION:
            return replace(type_, align=applied.aligned, user=True)
        return type_

    def _converted(self, type_: CType, applied: Applied) -> CType:
        """Return the type that ``mode`` or ``vector_size`` makes of one."""
        if applied.mode:
            size = _MODES.get(applied.mode) or {
                "word": self.model.pointer.size,
                "pointer": self.model.pointer.size,
            }.get(applied.mode)
            found = self.model.integer(size, signed=type_.signed) if size and type_.sort is Sort.INTEGER else None
            name = _FLOAT_MODES.get(applied.mode, "")
            name = f"{name} _Complex" if type_.name.endswith("_Complex") and name else name
            found = found or (self.model.types.get(name) if type_.sort is Sort.FLOAT else None)
            if found is None:
                msg = f"the mode {applied.mode}"
                raise UnprovedError(msg)
            return found
        if applied.vector:
            if applied.vector > self.model.most:
                msg = f"a vector of {applied.vector} bytes"
                raise UnprovedError(msg)
            return CType(Sort.RECORD, f"vector of {type_.name}", applied.vector, applied.vector)
        return type_

    # --- records and enums ----------------------------------------------------------------------------------

    def _record(self, node: c_ast.Struct | c_ast.Union, way: _Way, *, covered: bool = False) -> CType:
        """Return a record's type.

        :param covered: it has no name, and its members are those of the record round it, which is asked about them.
        """
        word = "union" if isinstance(node, c_ast.Union) else "struct"
        tag = f"{word} {node.name}" if node.name else ""
        if node.decls is None:
            found = self.tags.get(tag)
            return found if found is not None else CType(Sort.INCOMPLETE, tag, None, 1, tag=tag)
        offset = self._offset(node)
        if offset in self.seen:  # the specifiers of several declarators are one node
            return self.seen[offset]
        if tag:
            way = _Way(name=tag)
        rules = Rules()
        fields: list[Field] = []
        problem = ""
        layout: Layout | None = None
        try:
            applied = self.marks.at_type(offset)
            if applied.unknown:
                msg = f"buildcheck does not know the attribute {applied.unknown}"
                raise UnprovedError(msg)  # noqa: TRY301 - every reason is kept in one way
            bound = self.here.pack_at(self.here.parsed.ends.get(offset, offset))
            rules = Rules(word == "union", applied.packed, applied.aligned, bound)
            fields = list(self._fields(node, offset, way))
            stray = self.marks.stray(offset)
            if stray:
                msg = f"the attribute {stray} stands where buildcheck does not know what it does"
                raise UnprovedError(msg)  # noqa: TRY301
            layout = lay_out(fields, rules, self.model)
        except UnprovedError as error:
            problem = str(error)
        name = "" if covered else self._enter(node, layout, way, problem, (rules, fields))
        type_ = CType(
            Sort.RECORD, name, layout.size if layout else None, layout.align if layout else 1,
            user=layout.user if layout else False, layout=layout, unproved=problem,
        )  # fmt: skip
        if tag:
            self.tags[tag] = type_
        self.seen[offset] = type_
        return type_

    def _fields(self, node: c_ast.Struct | c_ast.Union, head: int, way: _Way) -> Iterator[Field]:
        declared = [one for one in node.decls if isinstance(one, c_ast.Decl)]
        for one in declared:
            offset = self._offset(one)
            applied = self.marks.at_member(head, offset)
            if applied.unknown:
                msg = f"buildcheck does not know the attribute {applied.unknown}"
                raise UnprovedError(msg)
            probe = way.probe()
            inner = _Way(f"(({probe} *)0)->{one.name}") if one.name and probe else _Way()
            covered = _is_anonymous(one)
            type_ = self._record(one.type, way, covered=True) if covered else self._type(one.type, inner)
            if not one.name and one.bitsize is None and not covered:
                continue  # it declares a type at most, and no member
            type_ = self._converted(self._resolved(type_), applied)
            aligned = max([applied.aligned, *(self._alignas(each) for each in one.align or ())])
            width = None if one.bitsize is None else evaluate(one.bitsize, self)
            yield Field(one.name or "", type_, width, applied.packed, aligned, offset)

    def _alignas(self, node: c_ast.Node) -> int:
        inner = node.alignment if isinstance(node, c_ast.Alignas) else node
        if isinstance(inner, c_ast.Typename):
            return self.model.in_struct(self.type_of(inner))
        return evaluate(inner, self)

    def _enter(
        self,
        node: c_ast.Struct | c_ast.Union,
        layout: Layout | None,
        way: _Way,
        problem: str,
        made_of: tuple[Rules, Sequence[Field]] = (Rules(), ()),
    ) -> str:
        """Enter a record; return what it is called."""
        word = "union" if isinstance(node, c_ast.Union) else "struct"
        offset = self._offset(node)
        place = self.here.place(node)
        name = f"{word} {node.name}" if node.name else way.name
        if not name:
            name = f"{word} without a name, {place.path.rpartition('/')[2]}:{place.line}"
        rules, fields = made_of
        what = [repr((one.name, one.width, one.packed, one.aligned, one.type)) for one in fields]
        record = Record(
            name=name,
            key=key(self.here.chunk.text, str(offset), repr(rules), repr(layout), problem, *what),
            path=place.path,
            line=place.line,
            column=place.column,
            layout=layout,
            probe=way.probe(),
            probe_align=layout.align if layout else 0,
            function=self.function,
            chunk=self.here.number,
            after=self.behind,
            unproved=problem,
        )
        self.named[name] = len(self.records)
        self.records.append(record)
        return name

    def _enum(self, node: c_ast.Enum) -> CType:
        tag = f"enum {node.name}" if node.name else "enum"
        if node.values is None:
            found = self.tags.get(tag)
            return found if found is not None else CType(Sort.INCOMPLETE, tag, None, 1, tag=tag)
        values: list[int] = []
        following: int | None = 0
        problem = ""
        for one in node.values.enumerators:
            try:
                following = following if one.value is None else evaluate(one.value, self)
            except UnprovedError as error:
                following, problem = None, f"{one.name}: {error}"
            self.constants[one.name] = following
            if following is not None:
                values.append(following)
                following += 1
        applied = self.marks.at_type(self._offset(node))
        if applied.unknown:
            problem = f"buildcheck does not know the attribute {applied.unknown}"
        signed = min(values, default=0) < 0
        sizes = (1, 2, 4, 8) if applied.packed else (4, 8)
        fits = [
            size
            for size in sizes
            if -(1 << (8 * size - 1)) <= min(values, default=0) and max(values, default=0) < 1 << (8 * size - signed)
        ]
        size = fits[0] if fits else 8
        type_ = CType(Sort.ENUM, tag, size, max(size, applied.aligned), signed, bool(applied.aligned), unproved=problem)
        if node.name:
            self.tags[tag] = type_
        return type_

    # --- places ---------------------------------------------------------------------------------------------

    def _offset(self, node: c_ast.Node) -> int:
        return self.here.parsed.offset(node)

    def _behind(self, offset: int, *, named: bool) -> int:
        """Return the offset behind a declaration: of the name at *offset*, else of the record that stands there."""
        depth, opened = 0, named
        for token in tokens(self.here.chunk.text):
            if token.start < offset:
                continue
            depth += (token.text == "{") - (token.text == "}")
            opened = opened or token.text == "{"
            if opened and depth == 0 and token.text == ";":
                return token.end
        return 0


_MODES = {"QI": 1, "HI": 2, "SI": 4, "DI": 8, "TI": 16, "byte": 1}
_FLOAT_MODES = {"SF": "float", "DF": "double", "XF": "long double", "TF": "_Float128", "SC": "float", "DC": "double"}
