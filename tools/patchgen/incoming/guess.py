# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person may have meant: edits that could make of one text the other. Each is only a guess.

A guess is an ``[[edit]]`` table. It costs nothing to be wrong here: what is claimed in the end is what renders to
the person's own text (:mod:`.recognise`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from patchgen._lines import split_lines
from patchgen.render._compare import compare
from patchgen.syntax import c
from patchgen.syntax.c.lists import items

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

__all__ = ["Guess", "Pair", "guesses"]

Guess = dict[str, Any]

_STATEMENTS = frozenset({"compound_statement", "case_statement"})
_PLAIN = ("comment",)


@dataclass(frozen=True)
class Pair:
    """One file as it is and as the person wants it."""

    path: str
    old: bytes
    new: bytes

    @cached_property
    def runs(self) -> tuple[tuple[int, int, int, int], ...]:
        """The byte spans of the lines that differ: in the old text, and in the new one."""
        old, new = split_lines(self.old), split_lines(self.new)
        at, new_at = (list(accumulate(map(len, lines), initial=0)) for lines in (old, new))
        found = compare(old, new)
        return tuple((at[run.start], at[run.end], new_at[run.new_start], new_at[run.new_end]) for run in found)

    def is_new(self, node: Node) -> bool:
        """Say whether all of a node of the new text stands in lines that differ."""
        return any(begin <= node.start_byte and node.end_byte <= end for _, _, begin, end in self.runs)


def guesses(pairs: Sequence[Pair]) -> Iterator[Guess]:
    """Yield guesses, those that say the most first."""
    of_c = [pair for pair in pairs if c.is_c(pair.path)]
    yield from _parameters(of_c)
    for pair in of_c:
        yield from _fields(pair)
        yield from _includes(pair)
        yield from _definitions(pair)
        yield from _rows(pair)
    for pair in pairs:
        yield from _elements(pair)
    for pair in of_c:
        yield from _inserted(pair)
        yield from _replaced(pair)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _walk(node: Node, type_: str) -> Iterator[Node]:
    pending = [node]
    while pending:
        one = pending.pop()
        if one.type == type_:
            yield one
        pending += reversed(one.children)


def _plain_text(data: bytes, node: Node, last: Node | None = None) -> str:
    """Return the text of nodes, with the indentation of the first taken off and a tab for each level more."""
    end = (last or node).end_byte
    begin = data.rfind(b"\n", 0, node.start_byte) + 1
    lead = data[begin : node.start_byte]
    lines = data[node.start_byte : end].split(b"\n")
    unit = b"\t" if b"\t" in lead else lead[: max(1, _unit(lines, lead))] if lead else b"    "
    result = [lines[0]]
    for line in lines[1:]:
        bare = line.removeprefix(lead) if line.startswith(lead) else line.lstrip(b" \t")
        depth = 0
        while unit and bare.startswith(unit):
            bare, depth = bare[len(unit) :], depth + 1
        result.append(b"\t" * depth + bare)
    return _text(b"\n".join(result))


def _unit(lines: Sequence[bytes], lead: bytes) -> int:
    """Return how many blanks a level is: by the first line that is deeper, else by the first one's own."""
    deeper = [len(line) - len(line.lstrip()) - len(lead) for line in lines[1:] if line.strip()]
    return next((depth for depth in deeper if depth > 0), len(lead))


# --- functions --------------------------------------------------------------------------------------


@dataclass
class _Grown:
    """A parameter that lists of one function have more than before.

    :param above, below: the names of its neighbours, one for each list; *at* its place, *count* how many there are.
    """

    above: list[str]
    below: list[str]
    at: int
    count: int


def _parameters(pairs: Sequence[Pair]) -> Iterator[Guess]:
    """Guess parameters, and then the arguments of the calls that pass something else than most."""
    for (name, parameter), grown in _grown(pairs).items():
        passed = [text for pair in pairs for text in _passed(pair, name) if text]
        for argument in dict.fromkeys([*sorted(passed, key=passed.count, reverse=True), "NULL", "0"]):
            guess: Guess = {"kind": "add-parameter", "function": name, "parameter": parameter, "argument": argument}
            if grown.above:
                yield guess | {"after": _one_or_many(grown.above)}
            if grown.below:
                yield guess | {"before": _one_or_many(grown.below)}
            yield guess | {"at": "end" if grown.at == grown.count - 1 > 0 else "start"}
            base = {"kind": "set-argument", "function": name, "parameter": _name(parameter)}
            for other in dict.fromkeys(passed):
                for within in _callers(pairs, name) if other != argument else ():
                    yield base | {"in": within, "from": argument, "argument": other}


def _grown(pairs: Sequence[Pair]) -> dict[tuple[str, str], _Grown]:
    """Return the parameters that declared lists have more than those of the same name had, by function and text."""
    found: dict[tuple[str, str], _Grown] = {}
    for pair in pairs:
        old, new = _declared(pair.old), _declared(pair.new)
        for (name, number), (listed, _) in new.items():
            before = old.get((name, number))
            if before is None or len(listed) != len(before[0]) + 1:
                continue
            at = next((i for i, text in enumerate(before[0]) if listed[i] != text), len(before[0]))
            if listed[at + 1 :] == before[0][at:]:
                grown = found.setdefault((name, listed[at]), _Grown([], [], at, len(listed)))
                grown.above += [_name(text) for text in before[0][:at][-1:]]
                grown.below += [_name(text) for text in before[0][at:][:1]]
    return found


def _one_or_many(words: Sequence[str]) -> str | list[str]:
    named = [word for word in dict.fromkeys(words) if word]
    return named[0] if len(named) == 1 else named


def _name(parameter: str) -> str:
    found = re.findall(r"[A-Za-z_]\w*", re.sub(r"\[.*", "", parameter))
    return found[-1] if len(found) > 1 else ""


def _declared(data: bytes) -> dict[tuple[str, int], tuple[list[str], Node]]:
    """Return the parameter lists of a file, by the name of the function and how often it stood there before."""
    parsed = c.parse(data)
    found: dict[tuple[str, int], tuple[list[str], Node]] = {}
    for node in _walk(parsed.root, "function_declarator"):
        declarator, listed = node.child_by_field_name("declarator"), node.child_by_field_name("parameters")
        if declarator is None or listed is None:
            continue
        names = [*_walk(declarator, "identifier"), *_walk(declarator, "field_identifier")]
        if not names:
            continue
        name = _text(parsed.text(names[0]))
        number = sum(1 for known, _ in found if known == name)
        found[name, number] = [" ".join(_text(parsed.text(item)).split()) for item in items(listed)], node
    return found


def _calls(data: bytes, name: str) -> list[tuple[list[str], Node]]:
    parsed = c.parse(data)
    found: list[tuple[list[str], Node]] = []
    for node in _walk(parsed.root, "call_expression"):
        called, listed = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if (
            called is not None
            and listed is not None
            and re.findall(rb"\w+", parsed.text(called))[-1:] == [name.encode()]
        ):
            found.append(([" ".join(_text(parsed.text(item)).split()) for item in items(listed)], node))
    return found


def _passed(pair: Pair, name: str) -> list[str]:
    """Return what each call of a function passes that it did not pass before."""
    found: list[str] = []
    for (old, _), (new, _) in zip(_calls(pair.old, name), _calls(pair.new, name), strict=False):
        if len(new) == len(old) + 1:
            found.append(next((text for i, text in enumerate(new) if i >= len(old) or text != old[i]), ""))
    return found


def _callers(pairs: Sequence[Pair], name: str) -> list[str]:
    found: list[str] = []
    for pair in pairs:
        parsed = c.parse(pair.new)
        found += [c.enclosing_function(parsed, node) for _, node in _calls(pair.new, name)]
    return [word for word in dict.fromkeys(found) if word]


# --- what stands in a file --------------------------------------------------------------------------


def _fields(pair: Pair) -> Iterator[Guess]:
    parsed = c.parse(pair.new)
    for node in _walk(parsed.root, "field_declaration"):
        if not pair.is_new(node) or node.parent is None or node.parent.parent is None:
            continue
        owner = node.parent.parent
        tag = owner.child_by_field_name("name")
        typedef = owner.parent.child_by_field_name("declarator") if owner.parent is not None else None
        siblings = [child for child in node.parent.children if child.type == "field_declaration"]
        at = siblings.index(node)
        for struct in (tag, typedef):
            if struct is None:
                continue
            guess: Guess = {
                "kind": "add-field",
                "struct": _text(parsed.text(struct)),
                "field": _text(parsed.text(node)),
            }
            if at == len(siblings) - 1:
                yield guess | {"at": "end"}
            for word, other in (("after", siblings[at - 1 : at]), ("before", siblings[at + 1 : at + 2])):
                names = [name for sibling in other for name in _walk(sibling, "field_identifier")]
                if names:
                    yield guess | {word: _text(parsed.text(names[0]))}


def _includes(pair: Pair) -> Iterator[Guess]:
    parsed = c.parse(pair.new)
    for node in _walk(parsed.root, "preproc_include"):
        path = node.child_by_field_name("path")
        if path is not None and pair.is_new(path):
            yield {"kind": "add-include", "file": pair.path, "include": _text(parsed.text(path))}


def _definitions(pair: Pair) -> Iterator[Guess]:
    parsed = c.parse(pair.new)
    tops = [child for child in parsed.root.children if child.type != ";"]
    for first, last in _together(pair, tops):
        text = _text(pair.new[tops[first].start_byte : tops[last].end_byte]).rstrip("\n")
        plain = "\n".join(_levelled(line, _indent(pair.new)) for line in text.split("\n"))
        guess: Guess = {"kind": "insert-definition", "file": pair.path, "text": plain + "\n"}
        yield guess
        for word, index in (("after", first - 1), ("before", last + 1)):
            if 0 <= index < len(tops):
                named = [*_walk(tops[index], "function_declarator")][:1] or [tops[index]]
                for name in [*_walk(named[0], "identifier"), *_walk(named[0], "type_identifier")][:2]:
                    kind = "definition" if tops[index].type == "function_definition" else "declaration"
                    yield guess | {word: {kind: _text(parsed.text(name))}}
        yield guess | {"at": "start"}
        yield guess | {"at": "end"}


def _indent(data: bytes) -> bytes:
    found = re.search(rb"^(\t| {2,8})\S", data, re.MULTILINE)
    return found[1] if found else b"\t"


def _levelled(line: str, unit: bytes) -> str:
    blanks, depth = _text(unit), 0
    while line.startswith(blanks):
        line, depth = line[len(blanks) :], depth + 1
    return "\t" * depth + line


def _together(pair: Pair, nodes: Sequence[Node]) -> Iterator[tuple[int, int]]:
    """Yield first and last of neighbours that are all new; a comment alone is none."""
    start: int | None = None
    for at in range(len(nodes) + 1):
        fresh = at < len(nodes) and pair.is_new(nodes[at])
        if fresh and start is None:
            start = at
        if not fresh and start is not None:
            if any(nodes[i].type not in _PLAIN for i in range(start, at)):
                yield start, at - 1
            start = None


def _rows(pair: Pair) -> Iterator[Guess]:
    parsed = c.parse(pair.new)
    for listed in _walk(parsed.root, "initializer_list"):
        if listed.parent is None or listed.parent.type != "init_declarator":
            continue
        names = list(_walk(listed.parent.child_by_field_name("declarator") or listed.parent, "identifier"))
        rows = items(listed)
        for at, row in enumerate(rows):
            if pair.is_new(row) and names:
                guess: Guess = {
                    "kind": "add-row",
                    "table": _text(parsed.text(names[0])),
                    "row": _text(parsed.text(row)),
                }
                within = c.enclosing_function(parsed, listed)
                if within:
                    guess["in"] = within
                yield guess
                if at:
                    yield guess | {"after": _text(parsed.text(rows[at - 1]))}
                if at + 1 < len(rows):
                    yield guess | {"before": _text(parsed.text(rows[at + 1]))}


# --- statements -------------------------------------------------------------------------------------


def _inserted(pair: Pair) -> Iterator[Guess]:
    parsed = c.parse(pair.new)
    for block in (node for type_ in _STATEMENTS for node in _walk(parsed.root, type_)):
        within = c.enclosing_function(parsed, block)
        inside = [child for child in block.children if child.is_named]
        for first, last in _together(pair, inside) if within else ():
            text = _plain_text(pair.new, inside[first], inside[last])
            guess: Guess = {"kind": "insert-statement", "in": within, "files": [pair.path], "statement": text + "\n"}
            for word, near in (("after", inside[:first][::-1]), ("before", inside[last + 1 :])):
                real = [node for node in near if node.type not in _PLAIN][:1]
                for node in real:
                    for anchor in _anchors(pair.new, parsed, node):
                        yield guess | {word: anchor}
            if block.parent is not None and block.parent.type == "function_definition":
                yield guess | {"at": "after-declarations"}
                yield guess | {"at": "start"}
                yield guess | {"at": "end"}


def _anchors(data: bytes, parsed: c.C, node: Node) -> Iterator[Guess]:
    """Yield what a statement can be called by, the least that is enough first."""
    if node.type == "declaration":
        for name in list(_walk(node.child_by_field_name("declarator") or node, "identifier"))[:1]:
            yield {"declaration": _text(parsed.text(name))}
    condition = node.child_by_field_name("condition")
    word = {"if_statement": "if", "while_statement": "loop", "for_statement": "loop", "switch_statement": "switch"}
    if condition is not None and node.type in word:
        text = _text(parsed.text(condition)).strip()
        yield {word[node.type]: text.removeprefix("(").removesuffix(")") if text.startswith("(") else text}
    if node.type == "expression_statement":
        for call in list(_walk(node, "call_expression"))[:1]:
            called = call.child_by_field_name("function")
            if called is not None and called.type == "identifier":
                yield {"call": _text(parsed.text(called))}
    if node.type == "return_statement":
        yield {"return": True}
    yield {"statement": _plain_text(data, node)}


def _replaced(pair: Pair) -> Iterator[Guess]:
    """Guess that statements in the lines that went were replaced by those in the lines that came."""
    old, new = c.parse(pair.old), c.parse(pair.new)
    for start, end, new_start, new_end in (span for run in pair.runs for span in (_narrowed(pair, run), run)):
        before, after = _covering(old, start, end), _covering(new, new_start, new_end)
        for one, other in zip(before, after, strict=False):
            within = c.enclosing_function(old, one[0])
            if within and within == c.enclosing_function(new, other[0]):
                texts = _plain_text(pair.old, *one), _plain_text(pair.new, *other)
                if one[0].type.endswith("_expression") or one[0].type == "parenthesized_expression":
                    guess: Guess = {"kind": "replace-expression", "expression": texts[0], "with": texts[1]}
                else:
                    guess = {"kind": "replace-statement", "statement": texts[0] + "\n", "with": texts[1] + "\n"}
                yield {"kind": guess.pop("kind"), "in": within, "files": [pair.path], **guess}


def _narrowed(pair: Pair, run: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return the spans of a run without what is equal at both ends, and with a byte more where one is empty."""
    start, end, new_start, new_end = run
    while start < end and new_start < new_end and pair.old[start] == pair.new[new_start]:
        start, new_start = start + 1, new_start + 1
    while start < end and new_start < new_end and pair.old[end - 1] == pair.new[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    if (start == end or new_start == new_end) and start and new_start:
        start, new_start = start - 1, new_start - 1
    return start, end, new_start, new_end


def _covering(parsed: c.C, start: int, end: int) -> list[tuple[Node, Node]]:
    """Return what holds a span, from the smallest expression outwards to the statement, then the statements in it."""
    data = parsed.data
    while start < end and data[start : start + 1].isspace():
        start += 1
    while end > start and data[end - 1 : end].isspace():
        end -= 1
    node: Node | None = parsed.node_at(start, end) if start < end else None
    found: list[tuple[Node, Node]] = []
    while node is not None and node.type not in {"translation_unit", "function_definition"}:
        if node.type in _STATEMENTS:
            inside = [
                child for child in node.children if child.is_named and child.end_byte > start and child.start_byte < end
            ]
            if inside:
                found.append((inside[0], inside[-1]))
            break
        if node.type.endswith(("_statement", "_expression")) or node.type == "declaration":
            found.append((node, node))
            if not node.type.endswith("_expression"):
                break
        node = node.parent
    return found


# --- XML --------------------------------------------------------------------------------------------

_ELEMENT = re.compile(rb"<([\w.-]+:)?element\b([^<>]*)/?>")
_ATTRIBUTE = re.compile(rb"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TYPE = re.compile(rb"<(?:[\w.-]+:)?(?:complexType|group|element)\b[^<>]*\bname\s*=\s*[\"']([^\"']+)[\"'][^<>]*(?<!/)>")


def _elements(pair: Pair) -> Iterator[Guess]:
    if not pair.path.endswith((".wsdl", ".xsd")):
        return
    for found in _ELEMENT.finditer(pair.new):
        if not any(begin <= found.start() and found.end() <= end for _, _, begin, end in pair.runs):
            continue
        words = dict(_attributes(found[2]))
        types = [_text(name) for name in _TYPE.findall(pair.new[: found.start()])]
        if "name" not in words or "type" not in words or not types:
            continue
        guess: Guess = {
            "kind": "add-element",
            "files": [pair.path],
            "type": types[-1],
            "element": words["name"],
            "xml-type": re.sub(r"^xsd:", "xs:", words["type"]),
        }
        for key, name in (("min-occurs", "minOccurs"), ("max-occurs", "maxOccurs")):
            if name in words:
                guess[key] = int(words[name]) if words[name].isdecimal() else words[name]
        before = [dict(_attributes(match[2])) for match in _ELEMENT.finditer(pair.new[: found.start()])]
        after = [dict(_attributes(match[2])) for match in _ELEMENT.finditer(pair.new, found.end())]
        if before and "name" in before[-1]:
            yield guess | {"after": before[-1]["name"]}
        yield guess | {"at": "end"}
        if after and "name" in after[0]:
            yield guess | {"before": after[0]["name"]}


def _attributes(text: bytes) -> Iterator[tuple[str, str]]:
    return ((_text(name), _text(one or two)) for name, one, two in _ATTRIBUTE.findall(text))
