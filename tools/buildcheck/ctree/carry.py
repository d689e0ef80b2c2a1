# SPDX-License-Identifier: GPL-3.0-or-later
"""What pycparser cannot parse, carried round it: replaced by text of equal length, and remembered with its place.

Nothing is dropped. Every word that is taken out of the text becomes a :class:`Carried`, and an attribute
among them knows what it stands at, so that whoever computes with the tree can ask for it, and can see
what nobody asked for. The words are those of GNU C (the manual of gcc, "Extensions to the C Language Family").
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FOREIGN_TYPES", "At", "Carried", "Kind", "Masked", "carried_name", "mask"]

FOREIGN_TYPES = frozenset(
    """__builtin_va_list __builtin_ms_va_list __auto_type _Float16 _Float32 _Float64 _Float128 _Float32x _Float64x
    __float128 __float80 __bf16 __fp16 __int128_t __uint128_t _Decimal32 _Decimal64 _Decimal128""".split()  # noqa: SIM905
)
"""Types that the compiler knows and pycparser does not: they are parsed as names of types."""


class Kind(enum.Enum):
    """What was carried round the parser."""

    ATTRIBUTE = "attribute"
    """``__attribute__((...))`` or ``[[...]]``; blank in the masked text."""
    ASM = "asm"
    """The label of a declaration or a statement; blank. Of a statement the semicolon stays."""
    WORD = "word"
    """A word that means nothing to a layout or a call (``__extension__``, ``__thread``, ``__label__ x;``); blank."""
    SPELLING = "spelling"
    """Another spelling of a word of C: that stands there now, with blanks behind it."""
    TYPEOF = "typeof"
    """``typeof (...)``: the name of a type stands there now, :func:`carried_name` of its number."""
    TYPES = "types"
    """``__builtin_types_compatible_p(A, B)``: a number stands there now."""
    PRAGMA = "pragma"
    """A ``#pragma`` line; blank."""
    OMITTED = "omitted"
    """``?:`` with nothing between: ``||`` stands there now, which has the same shape and another type."""
    RANGE = "range"
    """``...`` and the end of a range, in a case or in a designator; blank."""
    LABEL = "label"
    """``&&label``, the address of a label: ``&`` and the name stand there now."""


class At(enum.Enum):
    """What an attribute stands at."""

    RECORD = "record"
    """A struct, union or enum type: :attr:`Carried.head` is where its node is."""
    SPECIFIERS = "specifiers"
    """A declaration, in front of its declarators or among them: see :meth:`Carried.is_at`."""
    ELSEWHERE = "elsewhere"
    """Inside parentheses, brackets or an initialiser: a parameter, a pointer within a declarator."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A word, or several, that were taken out of the text before it was parsed.

    All offsets are in the text of the chunk; spans are half-open.

    :param head: of an attribute of a type, where that type's node stands: at its tag, else at its
        brace, for an enum at the keyword; of one at a declaration, the type whose member that is, -1
        outside of any.
    :param declaration: the declaration that an attribute stands in.
    :param declarator: the part of it between two commas.
    :param pointed: a ``*`` stands between the start of the declarator and the attribute.
    """

    kind: Kind
    text: str
    start: int
    end: int
    at: At = At.ELSEWHERE
    head: int = -1
    declaration: tuple[int, int] = (-1, -1)
    declarator: tuple[int, int] = (-1, -1)
    pointed: bool = False

    def is_at(self, name: int, first: int) -> bool:
        """Whether the attribute is one of what is declared by the name at offset *name*.

        :param first: where the first name of the same declaration stands.
        """
        if self.at is not At.SPECIFIERS or not self.declaration[0] <= name < self.declaration[1]:
            return False
        if self.declarator[0] <= name < self.declarator[1]:
            return True
        # In front of the first name it belongs to the specifiers, and so to every declarator.
        leading = self.declarator[0] <= first < self.declarator[1]
        return leading and not self.pointed and self.end <= first


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that pycparser can read, as long as the first, and what was taken out of it.

    :param ends: where each struct and union closes, by where its node stands.
    """

    text: str
    carried: tuple[Carried, ...]
    ends: dict[int, int]


def carried_name(number: int) -> str:
    """Return the name that stands for the type of the *number*-th ``typeof`` of a chunk, without its padding."""
    return f"__t{number}_"


_WORTH = re.compile(r"__|#|\?\s*:|\.\.\.|\[\s*\[|&&\s*[A-Za-z_]\w*\s*[,;})]|\b(?:asm|typeof|_Complex)\b")
_SPELLINGS = {
    "__inline__": "inline", "__inline": "inline", "__restrict__": "restrict", "__restrict": "restrict",
    "__const__": "const", "__const": "const", "__volatile__": "volatile", "__volatile": "volatile",
    "__signed__": "signed", "__signed": "signed", "__alignof__": "_Alignof", "__alignof": "_Alignof",
    "__builtin_offsetof": "offsetof", "__complex__": "_Complex", "__complex": "_Complex",
}  # fmt: skip
_BLANKED = frozenset({"__extension__", "__thread", "__real__", "__imag__", "__real", "__imag"})
_ATTRIBUTES = frozenset({"__attribute__", "__attribute"})
_ASM = frozenset({"__asm__", "__asm", "asm"})
_TYPEOF = frozenset({"__typeof__", "__typeof", "typeof"})
_TYPED = frozenset({"struct", "union", "enum"})
_AFTER_ASM = frozenset({"volatile", "__volatile__", "__volatile", "goto", "inline", "__inline__", "__inline"})
_NOT_BEFORE_LABEL = re.compile(r"[\w)\]]")


def mask(text: str) -> Masked:
    """Return *text*, one chunk, as pycparser can read it."""
    if not _WORTH.search(text):
        return Masked(text, (), {})
    return _Masker(text).masked()


@dataclass(slots=True)
class _Context:
    """A pair of brackets that is open."""

    kind: str
    head: int = -1
    declaration: int = 0
    declarator: int = 0
    star: bool = False
    pending: list[int] | None = None
    """The attributes of the declaration, and of the declarator, that are not complete yet."""


class _Masker:
    """One pass over the tokens of a chunk, with a stack of what is open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out = list(text)
        self.tokens: Sequence[Token] = tokens(text)
        self.carried: list[Carried] = []
        self.open: list[_Context] = [_Context("file", pending=[])]
        self.ends: dict[int, int] = {}
        self.closed = -1
        """The head of the type whose brace was closed just now."""
        self.typeofs = 0

    def masked(self) -> Masked:
        at = 0
        while at < len(self.tokens):
            at = self._step(at)
        while self.open:
            self._declared(len(self.text))
            self.open.pop()
        return Masked("".join(self.out), tuple(self.carried), self.ends)

    def _step(self, at: int) -> int:
        """Look at one token; return the number of the next one to look at."""
        token = self.tokens[at]
        word = token.text
        if word in _SPELLINGS:
            self._put(Kind.SPELLING, token.start, token.end, _SPELLINGS[word])
        elif word in _BLANKED:
            self._put(Kind.WORD, token.start, token.end)
        elif word == "__label__":
            end = self._until(at, ";")
            self._put(Kind.WORD, token.start, self.tokens[end].end)
            return end + 1
        elif word in _ATTRIBUTES or self._is_double(at):
            return self._attribute(at)
        elif word in _ASM and (closing := self._asm_end(at)):
            self._put(Kind.ASM, token.start, self.tokens[closing].end)
            return closing + 1
        elif word in _TYPEOF and self._is(at + 1, "("):
            return self._typeof(at)
        elif word == "__builtin_types_compatible_p" and self._is(at + 1, "("):
            closing = self._closing(at + 1)
            self._put(Kind.TYPES, token.start, self.tokens[closing].end, "0")
            return closing + 1
        elif token.kind == "directive":
            self._put(Kind.PRAGMA if "pragma" in word else Kind.WORD, token.start, token.end)
        else:
            return self._plain(at)
        return at + 1

    def _plain(self, at: int) -> int:
        token = self.tokens[at]
        word = token.text
        if word == "?" and self._is(at + 1, ":"):
            self._put(Kind.OMITTED, token.start, self.tokens[at + 1].end, "||")
            return at + 2
        if word == "..." and at and self.tokens[at - 1].text not in {",", "("}:
            last = at + 1
            while last < len(self.tokens) and self.tokens[last].text not in {":", "]", ";"}:
                last += 1
            self._put(Kind.RANGE, token.start, self.tokens[last - 1].end)
            return last
        if word == "&&" and (not at or not _NOT_BEFORE_LABEL.fullmatch(self.tokens[at - 1].text[-1:])):
            self._put(Kind.LABEL, token.start, token.end, "&")
        elif word == "_Complex" and at + 1 < len(self.tokens) and self.tokens[at + 1].text in FOREIGN_TYPES:
            self._put(Kind.WORD, token.start, token.end)
        else:
            self._follow(at)
        return at + 1

    # --- what is open ---------------------------------------------------------------------------------------

    def _follow(self, at: int) -> None:
        token = self.tokens[at]
        word, here = token.text, self.open[-1]
        closed, self.closed = self.closed, -1
        if word == "{":
            self._opened(at)
        elif word in {"(", "["}:
            self.open.append(_Context(word, pending=[]))
        elif word in {"}", ")", "]"}:
            self._shut(token)
        elif here.kind in {"file", "block", "struct"}:
            if word == ";":
                self._declared(token.end)
                here.declaration = here.declarator = token.end
                here.star = False
            elif word == ",":
                self._declarator_ended(token.start)
                here.declarator, here.star = token.end, False
            elif word == "*":
                here.star = True
        if word in _QUALIFIERS:
            self.closed = closed

    def _opened(self, at: int) -> None:
        token = self.tokens[at]
        before = self._before(at)
        kind, head = "init", -1
        if before is not None and (word := self.tokens[before].text) not in {"=", ",", "(", "["}:
            kind = "block"
            name = before if word not in _TYPED else None
            keyword = self._before(before) if name is not None else before
            if keyword is not None and self.tokens[keyword].text in _TYPED:
                kind = "enum" if self.tokens[keyword].text == "enum" else "struct"
                head = (
                    self.tokens[keyword].start
                    if kind == "enum"
                    else self.tokens[name if name is not None else at].start
                )
        if self.open[-1].kind == "init" and kind == "block":
            kind = "init"
        if before is not None and self.tokens[before].text == "(":
            kind = "block"
        self.open.append(_Context(kind, head, token.end, token.end, pending=[]))

    def _shut(self, token: Token) -> None:
        if len(self.open) == 1:
            return
        self._declared(token.start)
        inner = self.open.pop()
        outer = self.open[-1]
        if inner.kind in {"struct", "enum"}:
            self.closed = inner.head
            self.ends[inner.head] = token.start
        elif inner.kind == "block" and outer.kind in {"file", "block"}:
            self._declared(token.end)
            outer.declaration = outer.declarator = token.end
            outer.star = False

    def _declarator_ended(self, end: int) -> None:
        """Tell the attributes of the declarator that ends here where that is."""
        here = self.open[-1]
        for number in here.pending or ():
            one = self.carried[number]
            if one.declarator[1] < 0:
                self._set(number, declarator=(one.declarator[0], end))

    def _declared(self, end: int) -> None:
        """Tell the attributes of the declaration that ends here where that is."""
        here = self.open[-1]
        self._declarator_ended(end)
        for number in here.pending or ():
            self._set(number, declaration=(self.carried[number].declaration[0], end))
        here.pending = []

    def _set(self, number: int, **spans: tuple[int, int]) -> None:
        one = self.carried[number]
        declaration, declarator = spans.get("declaration", one.declaration), spans.get("declarator", one.declarator)
        self.carried[number] = replace(one, declaration=declaration, declarator=declarator)

    # --- words with something behind them -------------------------------------------------------------------

    def _attribute(self, at: int) -> int:
        first = self.tokens[at]
        last = self._closing(at + 1) if first.text in _ATTRIBUTES else self._closing(at)
        start, end = first.start, self.tokens[last].end
        place, head = At.ELSEWHERE, -1
        here = self.open[-1]
        before = self._before(at)
        if before is not None and self.tokens[before].text in _TYPED:
            place, head = At.RECORD, self._head_behind(before, last + 1)
        elif self.closed >= 0:
            place, head = At.RECORD, self.closed
        elif here.kind in {"file", "block", "struct"}:
            place, head = At.SPECIFIERS, here.head
        number = len(self.carried)
        spans = (here.declaration, -1), (here.declarator, -1)
        one = Carried(Kind.ATTRIBUTE, self.text[start:end], start, end, place, head, *spans, here.star)
        self.carried.append(one)
        if place is At.SPECIFIERS and here.pending is not None:
            here.pending.append(number)
        self._blank(start, end)
        return last + 1

    def _head_behind(self, keyword: int, at: int) -> int:
        """Return where the node stands of the type whose keyword is given, its tag or brace being behind *at*."""
        if self.tokens[keyword].text == "enum":
            return self.tokens[keyword].start
        while at < len(self.tokens) and (self.tokens[at].text in _ATTRIBUTES or self._is_double(at)):
            at = (self._closing(at + 1) if self.tokens[at].text in _ATTRIBUTES else self._closing(at)) + 1
        return self.tokens[at].start if at < len(self.tokens) else -1

    def _typeof(self, at: int) -> int:
        closing = self._closing(at + 1)
        start, end = self.tokens[at].start, self.tokens[closing].end
        self._put(Kind.TYPEOF, start, end)
        name = carried_name(self.typeofs)
        self.typeofs += 1
        line = next((run for run in re.finditer(r"[^\n]+", self.text[start:end]) if len(run[0]) >= len(name)), None)
        begin = start + (line.start() if line else 0)
        self.out[begin : begin + len(name)] = name
        return closing + 1

    def _asm_end(self, at: int) -> int:
        """Return the number of the token that closes an ``asm``; 0 where the word is a name."""
        at += 1
        while at < len(self.tokens) and self.tokens[at].text in _AFTER_ASM:
            at += 1
        return self._closing(at) if self._is(at, "(") else 0

    # --- small things ---------------------------------------------------------------------------------------

    def _is(self, at: int, word: str) -> bool:
        return at < len(self.tokens) and self.tokens[at].text == word

    def _is_double(self, at: int) -> bool:
        """Whether ``[[`` stands here: no index begins like that, so that it is an attribute of C23."""
        return self._is(at, "[") and self._is(at + 1, "[")

    def _before(self, at: int) -> int | None:
        """Return the number of the token before *at* that is code, attributes and what is blank left out."""
        at -= 1
        while at >= 0 and not any(mark.strip() for mark in self.out[self.tokens[at].start : self.tokens[at].end]):
            at -= 1
        return at if at >= 0 else None

    def _until(self, at: int, word: str) -> int:
        while at + 1 < len(self.tokens) and self.tokens[at].text != word:
            at += 1
        return at

    def _closing(self, at: int) -> int:
        """Return the number of the token that closes what opens at *at*; the last one where nothing does."""
        depth = 0
        for number in range(at, len(self.tokens)):
            word = self.tokens[number].text
            depth += (word in {"(", "[", "{"}) - (word in {")", "]", "}"})
            if depth <= 0:
                return number
        return len(self.tokens) - 1

    def _put(self, kind: Kind, start: int, end: int, instead: str = "") -> None:
        self.carried.append(Carried(kind, self.text[start:end], start, end))
        self._blank(start, end)
        self.out[start : start + len(instead)] = instead

    def _blank(self, start: int, end: int) -> None:
        for at in range(start, end):
            if self.out[at] != "\n":
                self.out[at] = " "


_QUALIFIERS = frozenset({"const", "volatile", "restrict", "__const", "__volatile__"})
