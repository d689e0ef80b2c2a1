# SPDX-License-Identifier: GPL-3.0-or-later
"""The mutation operators: what people get wrong in a patch, each a function from what is right to what is not.

An operator looks at one stretch of lines that a patch changes, and yields lists of edits: each list is one wrong
patch. Nothing here knows a name of the project: the names are those of the patch.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from .right import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .right import Run

__all__ = ["OPERATORS", "is_comment"]

_IF = re.compile(r"^(\s*(?:\} else )?(?:if|while) ?\()(.*)(\)(?: \{)?\n)$")
_PERL_IF = re.compile(r"^(.*\S )(if|unless) (.*)(;\n)$")
_STATEMENT = re.compile(r"^\s*[\w*(][^;{}]*;(?:\s*(?://.*|/\*.*\*/))?\n$")
_DECLARATION = re.compile(
    r"^\s*(?!return\b)(?:const |static |struct |unsigned )*\w+\s[\s*]*\w+ ?(?:\[[^\]]*\])*(?: = [^;]*)?;\n$"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_ACCESSOR = re.compile(r"\b(adb_\w+?_(?:get|set|add)_)(\w+?)(?=\()")
_ELEMENT = re.compile(r"^\s*<xs:element .*/>\n$")


def is_comment(line: str) -> bool:
    """Whether the line has no code in it."""
    text = line.strip()
    return (
        not text or text.startswith(("/*", "* ", "*/", "//", "<!--")) or (text[:1] == "#" and text[:2] in {"#", "# "})
    )


def _code(run: Run) -> Iterator[tuple[int, str]]:
    """Yield the number, in the file, of each new line with code in it, and the line."""
    for at, line in enumerate(run.new):
        if not is_comment(line) and not line.lstrip().startswith(("#include", "#define")):
            yield run.start + at, line


def _one(run: Run, at: int, *lines: str) -> list[Edit]:
    """Return the edit that puts *lines* in the place of line *at*."""
    return [Edit(run.path, at, at + 1, lines)]


def forgotten(run: Run) -> Iterator[list[Edit]]:
    """Yield the stretch as it was: a caller, an accessor, an option, an element, one of the places of varargs."""
    if any(not is_comment(line) for line in (*run.old, *run.new)):
        yield [Edit(run.path, run.start, run.end, run.old)]


def dropped(run: Run) -> Iterator[list[Edit]]:
    """Yield the lines without one statement: a terminator, a close, an fsync, a setter."""
    for at, line in _code(run):
        if _STATEMENT.match(line) and not _DECLARATION.match(line) and _is_whole(run, at):
            yield _one(run, at)


def _is_whole(run: Run, at: int) -> bool:
    """Whether the statement on line *at* begins there, and is not what an `if` or `else` without braces has."""
    before = next((line.rstrip() for line in reversed(run.file[:at]) if not is_comment(line)), "")
    return before.endswith((";", "{", "}", "*/"))


def swapped(run: Run) -> Iterator[list[Edit]]:
    """Yield lists with what is new in them at the place of its neighbour, before and behind."""
    for old, at, line in _paired(run):
        for items in _lists(line):
            for one, other in pairwise(items):
                first, second = line[slice(*one)], line[slice(*other)]
                new = [text not in _items(old) for text in (first, second)]
                if new[0] != new[1] and _NAME.search(first) and _NAME.search(second):
                    text = line[: one[0]] + second + line[one[1] : other[0]] + first + line[other[1] :]
                    yield _one(run, at, text)
    alone = [at for at, line in _code(run) if line.rstrip().endswith(",")]
    for at in alone if len(alone) == 1 and run.path.endswith((".c", ".h")) else ():
        for first_, second_ in pairwise((at - 1, at, at + 1)):
            pair = run.file[first_ : second_ + 1]
            if all(line.rstrip().endswith(",") and not is_comment(line) for line in pair):
                yield [Edit(run.path, first_, second_ + 1, tuple(reversed(pair)))]


def _paired(run: Run) -> Iterator[tuple[str, int, str]]:
    """Yield each line with code in the place of an old one: the old, the number of the new, the new."""
    if len(run.old) == len(run.new):
        code = dict(_code(run))
        yield from ((old, at, code[at]) for at, old in enumerate(run.old, run.start) if at in code)


def _items(line: str) -> set[str]:
    return {line[slice(*span)] for items in _lists(line) for span in items}


def _lists(line: str) -> Iterator[list[tuple[int, int]]]:
    """Yield the items of each list in parentheses, and of the line itself, as spans without blanks around them."""
    opened: list[list[int]] = [[0]]
    for at, character in enumerate(line):
        if character in "([{":
            opened.append([at + 1])
        elif character == "," and opened:
            opened[-1] += [at, at + 1]
        elif character in ")]}" and len(opened) > 1:
            yield _spans(line, [*opened.pop(), at])
    for left in reversed(opened):
        yield _spans(line, [*left, len(line)])


def _spans(line: str, marks: Sequence[int]) -> list[tuple[int, int]]:
    found = []
    for start, end in zip(marks[::2], marks[1::2], strict=True):
        text = line[start:end]
        if text.strip():
            begin = start + len(text) - len(text.lstrip())
            found.append((begin, begin + len(text.strip())))
    return found


def lost(run: Run) -> Iterator[list[Edit]]:
    """Yield calls that hand NULL on in the place of what is new."""
    for old, at, line in _paired(run):
        if not run.path.endswith(".c") or ";" not in line:
            continue
        for begin, end in {span for items in _lists(line) for span in items}:
            text = line[begin:end]
            if text not in _items(old) and re.fullmatch(r"\w+|(?:\(char \*\))?\w+\([\w, ]*\)", text):
                yield _one(run, at, line[:begin] + "NULL" + line[end:])


def moved_member(run: Run) -> Iterator[list[Edit]]:
    """Yield structs with the new member before others: in the middle, and first."""
    if not run.path.endswith(".h") or len(run.new) != 1 or run.old or not _DECLARATION.match(run.new[0]):
        return
    start = next((at for at in range(run.start - 1, -1, -1) if "{" in run.file[at]), None)
    if start is None:
        return
    for to in sorted({start + 1, (start + run.start) // 2}):
        if not is_comment(run.file[to]) and to != run.start:
            yield [Edit(run.path, to, to, run.new), Edit(run.path, run.start, run.end, ())]


def element(run: Run) -> Iterator[list[Edit]]:
    """Yield elements that must be there, are called otherwise, are numbers, or stand elsewhere."""
    for at, line in _code(run):
        if not _ELEMENT.match(line):
            continue
        yield _one(run, at, line.replace('minOccurs="0"', 'minOccurs="1"'))
        yield _one(run, at, line.replace('minOccurs="0" ', ""))
        yield _one(run, at, re.sub(r'name="(\w+)"', lambda found: f'name="{found[1].lower()}"', line))
        yield _one(run, at, line.replace('"xs:string"', '"xs:int"'))
        yield _one(run, at, line.replace('minOccurs="0"', 'minOccurs="0" maxOccurs="unbounded"'))
        if _ELEMENT.match(run.file[at - 1]):
            yield [Edit(run.path, at - 1, at + 1, (line, run.file[at - 1]))]
        if _ELEMENT.match(run.file[at + 1]):
            yield [Edit(run.path, at, at + 2, (run.file[at + 1], line))]


def accessor(run: Run) -> Iterator[list[Edit]]:
    """Yield accessors of another element or another type: the old name left in what was copied."""
    for at, line in _code(run):
        for found in _ACCESSOR.finditer(line):
            others = [other for other in _ACCESSOR.finditer("".join(run.file)) if found[2] not in other[2]]
            element_ = next((one[2] for one in others if one[1] == found[1]), None)
            type_ = next((one[1] for one in others if one[1] != found[1] and one[1][-5:] == found[1][-5:]), None)
            if element_:
                yield _one(run, at, line[: found.start(2)] + element_ + line[found.end(2) :])
            if type_:
                yield _one(run, at, line[: found.start(1)] + type_ + line[found.end(1) :])


def varargs(run: Run) -> Iterator[list[Edit]]:
    """Yield extractions in another order, and of another type."""
    for at, line in _code(run):
        if "va_arg" not in line:
            continue
        yield _one(run, at, re.sub(r"\w+ \*(\w+) = va_arg\((\w+), [^)]*\)", r"int \1 = va_arg(\2, int)", line))
        if at and "va_arg" in run.file[at - 1]:
            yield [Edit(run.path, at - 1, at + 1, (line, run.file[at - 1]))]
        behind = next((to for to, later in enumerate(run.file[at + 1 : at + 4], at + 1) if "va_arg" in later), None)
        if behind is not None:
            yield [Edit(run.path, at, behind + 1, (*run.file[at + 1 : behind + 1], line))]


def untested(run: Run) -> Iterator[list[Edit]]:
    """Yield tests that are not made: a condition always true or never, one part of it missing."""
    for at, line in _code(run):
        found = _IF.match(line)
        if found and run.path.endswith((".c", ".h")):
            yield _one(run, at, f"{found[1]}1{found[3]}")
            yield _one(run, at, f"{found[1]}0{found[3]}")
            for sign in (" && ", " || "):
                parts = found[2].split(sign)
                for left in range(len(parts) if len(parts) > 1 and "(" not in found[2] else 0):
                    rest = sign.join(part for number, part in enumerate(parts) if number != left)
                    yield _one(run, at, f"{found[1]}{rest}{found[3]}")
        perl = _PERL_IF.match(line)
        if perl and "." not in run.path.rpartition("/")[2]:
            yield _one(run, at, f"{perl[1].rstrip()};\n")


def compared(run: Run) -> Iterator[list[Edit]]:
    """Yield comparisons that are the other way round, or off by one."""
    for at, line in _code(run):
        if not run.path.endswith((".c", ".h")) or line.lstrip().startswith("logprintfl"):
            continue
        for sign, other in ((" == ", " != "), (" != ", " == "), (" < ", " <= "), (" <= ", " < "), (" > ", " >= ")):
            if line.count(sign) == 1:
                yield _one(run, at, line.replace(sign, other))


def bound(run: Run) -> Iterator[list[Edit]]:
    """Yield bounds that are off: one more, the whole buffer, the size of the pointer."""
    for at, line in _code(run):
        if not run.path.endswith((".c", ".h")):
            continue
        for found in re.finditer(r" - 1\b(?!\d)", line):
            yield _one(run, at, line[: found.start()] + line[found.end() :])
        for found in re.finditer(r"\bsizeof ?\(\*?(\w+)\)", line):
            what = "sizeof (char *)" if "*" not in found[0] else f"sizeof ({found[1]})"
            yield _one(run, at, line[: found.start()] + what + line[found.end() :])
        for found in re.finditer(r"(strn(?:cpy|cat) ?\([^;]*, )([A-Z_]\w+)( - [^;]*)?\);", line):
            yield _one(run, at, line[: found.end(2)] + " + 1);" + line[found.end() :])
            if found[3]:
                yield _one(run, at, line[: found.end(2)] + ");" + line[found.end() :])


def returned(run: Run) -> Iterator[list[Edit]]:
    """Yield functions that say the opposite of what they did."""
    turned = {"OK": "ERROR", "ERROR": "OK", "0": "1", "1": "0", "-1": "0", "NULL": "(void *) 1", "exists": "!exists"}
    for at, line in _code(run):
        found = re.match(r"^(\s*return )(-?\w+)(.*;\n)$", line)
        if found and found[2] in turned and not found[3].strip("; \n"):
            yield _one(run, at, f"{found[1]}{turned[found[2]]}{found[3]}")


def row(run: Run) -> Iterator[list[Edit]]:
    """Yield tables with a row gone, a number wrong, and a word that is spelled otherwise."""
    for at, line in _code(run):
        is_row = re.match(r"^\s*(?:\{ .* \},?|\w+ => .*,)\n$", line)
        if not is_row:
            continue
        yield _one(run, at)
        for found in re.finditer(r"\b[1-9]\d+\b", line):
            yield _one(run, at, line[: found.start()] + str(int(found[0]) // 2) + line[found.end() :])
        words = re.findall(r"[\"'][^\"']*[\"']", line)
        if words:
            word = words[-1]
            yield _one(
                run,
                at,
                line.replace(
                    word,
                    word[0] + word[1:-1].upper() + word[-1]
                    if word[1:-1].islower()
                    else word[0] + word[1:-2] + word[-1],
                ),
            )


def option(run: Run) -> Iterator[list[Edit]]:
    """Yield options that take another sort of value, or are called otherwise."""
    for at, line in _code(run):
        for found in re.finditer(r"([\"'])((?:--)?[a-z][a-z-]*)(=s)?\1", line):
            if found[3]:
                yield _one(run, at, line[: found.start(3)] + "=i" + line[found.end(3) :])
                yield _one(run, at, line[: found.end(2)] + "s" + line[found.end(2) :])
        for found in re.finditer(r"--[a-z]+(?= %s)", line):
            yield _one(run, at, line[: found.end()] + "s" + line[found.end() :])
    for old, at, line in _paired(run):
        for found in re.finditer(r'"((?:\w:?)+)"', line if "getopt" in line else ""):
            fresh = next((letter for letter in found[1] if letter.isalpha() and letter not in _quoted(old)), "")
            if fresh and f"{fresh}:" in found[1]:
                yield _one(run, at, line.replace(f"{fresh}:", fresh))


def _quoted(line: str) -> str:
    return "".join(re.findall(r'"([^"]*)"', line))


OPERATORS: dict[str, Callable[[Run], Iterator[list[Edit]]]] = {
    "forgotten": forgotten,
    "dropped": dropped,
    "swapped": swapped,
    "lost": lost,
    "moved-member": moved_member,
    "element": element,
    "accessor": accessor,
    "varargs": varargs,
    "untested": untested,
    "compared": compared,
    "bound": bound,
    "returned": returned,
    "row": row,
    "option": option,
}
"""By name."""
