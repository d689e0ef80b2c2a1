# SPDX-License-Identifier: GPL-3.0-or-later
"""Random structs and unions of C, every form of member and attribute in them; the same seed gives the same text."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["structs"]

_INTEGERS = ("char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long",
             "unsigned long", "long long", "unsigned long long", "_Bool")  # fmt: skip
_BITS = {"char": 8, "signed char": 8, "unsigned char": 8, "short": 16, "unsigned short": 16, "int": 32, "unsigned": 32,
         "long": 32, "unsigned long": 32, "long long": 64, "unsigned long long": 64, "_Bool": 1, "E0": 32, "E1": 32}  # fmt: skip
_OTHERS = (
    "float",
    "double",
    "long double",
    "char *",
    "E0",
    "E1",
    "enum small",
    "T1",
    "T2",
    "T8",
    "T16",
    "W",
    "F",
    "int (*)(int)",
)
_BEFORE = """\
typedef enum { E0A, E0B } E0;
typedef enum e1 { E1A = -1, E1B } E1;
enum __attribute__((packed)) small { S0, S1 = 200 };
typedef int T1 __attribute__((aligned(1)));
typedef long long T2 __attribute__((aligned(2)));
typedef short T8 __attribute__((aligned(8)));
typedef int T16 __attribute__((aligned(16)));
typedef int W __attribute__((mode(DI)));
typedef double _Complex F;
"""


_LEVELS = 6
"""How many structs are within each other: arrays of arrays of them soon exceed what a machine of 32 bits can have."""


def structs(seed: int, count: int) -> str:
    """Return a preprocessed text of *count* structs and unions, each of which may hold those before it."""
    return '# 1 "random.c"\n' + _BEFORE + "".join(_Maker(random.Random(seed)).text(count))  # noqa: S311 - a test


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.names: list[tuple[str, int]] = []  # with how many are within each other in it
        self.members = 0
        self.levels = 0

    def text(self, count: int) -> Iterator[str]:
        for number in range(count):
            packing = self.chance.random() < 0.1
            if packing:
                yield f"#pragma pack(push, {self.chance.choice((1, 2, 4, 8, 16))})\n"
            yield self.record(number) + "\n"
            if packing:
                yield "#pragma pack(pop)\n"

    def record(self, number: int) -> str:
        word = self.chance.choice(("struct", "struct", "struct", "union"))
        name = f"{word} s{number}"
        self.members = self.levels = 0
        form = self.chance.randrange(5)
        body = self.body(0, flexible=word == "struct")
        attributes = self.attributes()
        if form == 0:
            name = f"A{number}"
            text = f"typedef {word} {{ {body}}}{attributes} {name};"
        elif form == 1:
            text = f"{word}{attributes} s{number} {{ {body}}};"
        elif form == 2:
            text = f"{name} {{ {body}}}{attributes} v{number}, *p{number};"
        else:
            text = f"{name} {{ {body}}}{attributes};"
        if "[]" not in body and self.levels < _LEVELS:
            self.names.append((name, self.levels + 1))
        return text

    def body(self, depth: int, *, flexible: bool = False) -> str:
        parts = [self.member(depth) for _ in range(self.chance.randint(0 if depth == 0 else 1, 9))]
        named = any("{" not in part and re.search(r"\bm\d", part) for part in parts)  # C17 6.7.2.1p18
        if flexible and named and self.chance.random() < 0.05:
            parts.append(f"{self.chance.choice(_INTEGERS)} {self.name()}[]; ")
        return "".join(parts)

    def name(self) -> str:
        self.members += 1
        return f"m{self.members}"

    def member(self, depth: int) -> str:
        chance = self.chance.random()
        if chance < 0.3:
            return self.bits()
        if chance < 0.4 and depth < 10:
            return self.nested(depth)
        if chance < 0.5 and self.names:
            name, levels = self.chance.choice(self.names[-40:])
            self.levels = max(self.levels, levels)
            return f"{name} {self.name()}{self.array()}{self.own()}; "
        if chance < 0.55:
            return f"_Alignas({self.chance.choice((8, 16, 32))}) {self.chance.choice(_INTEGERS)} {self.name()}; "
        type_ = self.chance.choice(_INTEGERS) if chance < 0.8 else self.chance.choice(_OTHERS)
        if type_ == "int (*)(int)":
            return f"int (*{self.name()})(int, struct forward *); "
        if type_ in {"T16", "T8"}:
            return f"{type_} {self.name()}{self.own()}; "  # an array of these is no C: the elements are smaller
        front = self.own() if self.chance.random() < 0.1 else ""
        declarators = [f"{self.name()}{self.array()}{self.own()}" for _ in range(self.chance.choice((1, 1, 1, 2)))]
        return f"{front.lstrip()} {type_} {', '.join(declarators)}; "

    def bits(self) -> str:
        type_ = self.chance.choice(list(_BITS))
        name = self.name() if self.chance.random() < 0.8 else ""
        least = 1 if name else 0
        width = self.chance.choice((least, self.chance.randint(least, _BITS[type_]), _BITS[type_]))
        return f"{type_} {name} : {width}{self.own(of_bits=True) if name else ''}; "

    def nested(self, depth: int) -> str:
        word = self.chance.choice(("struct", "union"))
        name = self.name() if self.chance.random() < 0.6 else ""
        star = self.chance.choice(("", "", "*")) if name else ""
        return f"{word} {{ {self.body(depth + 1)}}}{self.attributes()} {star}{name}{self.array() if name else ''}; "

    def array(self) -> str:
        return self.chance.choice(("",) * 6 + ("[3]", "[1 << 2]", "[sizeof(int)][2]", "[0]", "[E0B + 1]"))

    def attributes(self) -> str:
        chance = self.chance.random()
        if chance < 0.15:
            return " __attribute__((packed))"
        if chance < 0.25:
            return f" __attribute__((__aligned__({self.chance.choice((2, 4, 8, 16, 32))})))"
        if chance < 0.3:
            return f" __attribute__ ((packed, aligned ({self.chance.choice((2, 4, 8))})))"
        return " __attribute__((may_alias))" if chance < 0.33 else ""

    def own(self, *, of_bits: bool = False) -> str:
        chance = self.chance.random()
        if chance < 0.05:
            return " __attribute__((packed))"
        if chance < 0.1:
            return f" __attribute__((aligned({self.chance.choice((1, 2, 4, 8, 16, 64))})))"
        if chance < 0.11 and not of_bits:
            return " __attribute__((aligned))"
        return " __attribute__((unused))" if chance < 0.12 else ""
