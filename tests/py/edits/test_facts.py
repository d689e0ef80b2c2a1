# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a tree: each key by itself, keys together, and tables of no meaning."""

from __future__ import annotations

import tomllib

import msgspec
import pytest

from edits.harness import Files, tree_of
from patchgen.edits import Fact

TREE: Files = {
    "h/a.h": "typedef struct pair_t { char name[16]; int x, y; /* int z; */ } pair;\nunion u { int n; };\n#if 0\nstruct dead { int q; };\n#endif\n",
    "c/a.c": "/* gone(1) */\nint init(char *path)\n{\n\tint n = look(path, 2);\n#if 0\n\tdead(path);\n#endif\n\treturn n + put (path);\n}\nint other(int a);\n",
    "t/tool": "sub look { print 'blockroot'; }\n",
}


def fact(text: str) -> Fact:
    return msgspec.convert(tomllib.loads(f"when = {{ {text} }}")["when"], Fact)


TRUE = [
    'function = "init"',
    'function = "init", parameter = "path"',
    'function = "init", file = "c/*"',
    'function = "init", holds = "look ($a, $b)"',
    'function = "init", holds = "put(path)"',
    'struct = "pair"',
    'struct = "pair_t"',
    'struct = "u"',
    'struct = "pair", file = "h/*"',
    'struct = "pair", member = "y"',
    'struct = "pair", member = "char name[16]"',
    'struct = "pair", member = "char  name [ 16 ] ;"',
    'struct = "pair", member = "int x"',
    'word = "blockroot"',
    'word = "blockroot", function = "init"',
    'none = [{ struct = "pear" }, { function = "exit" }]',
    'any = [{ struct = "pear" }, { struct = "pair" }], all = [{ file = "t/*" }]',
]
FALSE = [
    'function = "other"',
    'function = "init", parameter = "a"',
    'function = "init", file = "h/*"',
    'function = "init", holds = "look ($a)"',
    'function = "init", holds = "gone ($a)"',
    'function = "init", holds = "dead ($a)"',
    'function = "init", parameter = "a", holds = "put (path)"',
    'struct = "pear"',
    'struct = "dead"',
    'struct = "pair", file = "c/*"',
    'struct = "pair", member = "z"',
    'struct = "pair", member = "char name[17]"',
    'struct = "pair", member = "char *name"',
    'word = "blockroot", function = "exit"',
    'word = "blockroot", struct = "pear"',
    'none = [{ struct = "pair" }]',
]
SENSELESS = [
    'parameter = "a"',
    'holds = "f ($a)"',
    'member = "x"',
    'function = "f", holds = "$a"',
    'function = "f", holds = "f ("',
    'struct = "s", member = "int *"',
    'struct = "s", member = "int a, b"',
    'struct = "s", member = "int a; int b"',
]


@pytest.mark.parametrize("text", TRUE)
def test_is_true(text: str) -> None:
    assert fact(text).is_true(tree_of(TREE))


@pytest.mark.parametrize("text", FALSE)
def test_is_not_true(text: str) -> None:
    assert not fact(text).is_true(tree_of(TREE))


@pytest.mark.parametrize("text", SENSELESS)
def test_means_nothing(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        fact(text)


def test_the_words_to_search_for_are_known_before() -> None:
    whole = fact('function = "a", any = [{ struct = "b" }, { word = "c" }], none = [{ function = "d" }]')
    assert whole.words() == {b"a", b"b", b"c", b"d"}
