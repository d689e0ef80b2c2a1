# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic variables: through ``$<``, ``$^``, ``$+``, ``$?`` and ``$|`` a recipe sees the prerequisites of its target.

GNU make manual, 10.5.3 "Automatic Variables" and 4.11 "Multiple Rules for One Target". Nothing is expanded: a recipe
reads what stands in it, and what stands in the variables and canned recipes that it names, here or in any makefile.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.syntax.make import Makefile, Rule
    from patchgen.tree import Tree

    from .ledger import Book
    from .make import Span

__all__ = ["refuse_seen"]

_SEEN = Slug.define(
    "prerequisite-in-recipe",
    """A recipe reads the prerequisites of its target (``$^``, ``$+``, ``$?``, ``$|``, or ``$<`` for the first), so that it would
    run with other words than before. Where that is meant, say so with an `excuse` for the makefile of the recipe.""",
)

_AUTOMATIC = re.compile(rb"\$\$|\$[({]?([<^+?|])(?:[DF]?[)}])?")
_REFERENCE = re.compile(rb"\$\$|\$[({](?:call[ \t]+)?([^\s(){}$,:]+)")
_FILTER = re.compile(rb"\$[({](filter|filter-out)[ \t]+([^,$(){}]*),[ \t]*\Z")
_SUFFIXES = re.compile(r"\.[^./%$]+(\.[^./%$]+)")


def refuse_seen(book: Book, path: str, makefile: Makefile, rule: Rule, word: str, at: int) -> None:
    """Refuse each place where a recipe of the targets of *rule* sees that *word* comes or goes at the offset *at*."""
    named = [makefile.text(span) for span in rule.targets]
    changed = _changed(rule, at)
    recipes = list(_recipes(makefile, rule, named))
    for recipe, counted in recipes:
        letters = "".join(letter for letter in counted if letter in changed).encode()
        for span in _lines(recipe):
            for place, data, found in _uses(book.tree, path, makefile, span, letters, set()):
                if not _passes_by(data, found[0], word):
                    text = data[slice(*found)].decode("latin-1")
                    book.refuse(place, found, _SEEN, f"the recipe of {named[0]} reads {text}, which {word} changes")
    if not recipes and any(_is_linked(makefile, rule, name) for name in named):
        message = f"make links {named[0]} by a rule of its own, from all its prerequisites"
        book.refuse(path, rule.targets[0], _SEEN, message)


def _changed(rule: Rule, at: int) -> str:
    """Return the automatic variables that change with a word of the rule, a character each."""
    if any(start == at for start, _ in rule.order_only):
        return "|"
    return "^+?<" if all(at <= start for start, _ in rule.prerequisites) else "^+?"


def _recipes(makefile: Makefile, rule: Rule, targets: list[str]) -> Iterator[tuple[Rule, str]]:
    """Yield the rules whose recipes run for the targets, each with the variables in which *rule* counts there.

    Its own recipe has the first word on what is first; one of another rule only where that has no prerequisites.
    """
    others = [] if rule.double else [other for name in targets for other in makefile.rules_for(name)]
    explicit = [other for other in others if _lines(other) and other is not rule]
    if _lines(rule):
        yield rule, "<^+?|"
    elif explicit:
        yield from ((other, "^+?|" if other.prerequisites else "<^+?|") for other in explicit)
    else:
        patterns = (other for other in makefile.rules if any(_is_for(makefile, other, name) for name in targets))
        yield from ((other, "^+?|") for other in patterns)


def _lines(rule: Rule) -> list[Span]:
    return [*([rule.inline] if rule.inline else []), *(span for span, _ in rule.recipe)]


def _is_for(makefile: Makefile, rule: Rule, target: str) -> bool:
    """Whether a pattern rule, or a suffix rule, is one for the target."""
    for pattern in map(makefile.text, rule.targets):
        old = _SUFFIXES.fullmatch(pattern)
        head, percent, tail = ("", "%", old[1]) if old else pattern.partition("%")
        if percent and target.startswith(head) and target.endswith(tail) and len(target) > len(head + tail):
            return True
    return False


def _is_linked(makefile: Makefile, rule: Rule, target: str) -> bool:
    """Whether the target is a program that GNU make links from an object or a source of its name (10.2)."""
    return any(
        re.fullmatch(re.escape(target) + r"\.(?:o|c|cc|C|cpp)", makefile.text(one)) for one in rule.prerequisites
    )


def _uses(
    tree: Tree, path: str, makefile: Makefile, span: Span, letters: bytes, known: set[str]
) -> Iterator[tuple[str, bytes, Span]]:
    """Yield where one of the automatic variables *letters* is read in a span, and in what it names."""
    data = makefile.data
    for match in _AUTOMATIC.finditer(data, *span):
        if match[1] and match[1] in letters:
            yield path, data, match.span()
    for match in _REFERENCE.finditer(data, *span):
        name = (match[1] or b"").decode("latin-1")
        if name and name not in known:
            known.add(name)
            for where, other, value in _definitions(tree, path, makefile, name):
                yield from _uses(tree, where, other, value, letters, known)


def _definitions(tree: Tree, path: str, makefile: Makefile, name: str) -> list[tuple[str, Makefile, Span]]:
    """Return the values of a variable: in this makefile, else in all others, for what includes what is not seen."""
    found = [(path, makefile, span) for span in makefile.values_of(name)]
    if found or not re.fullmatch(r"[\w.-]+", name):
        return found
    others = [other for other in tree.mentioning([name.encode()]) if make.is_make(other, tree.read(other))]
    read = ((other, make.parse(tree.read(other))) for other in others)
    return [(other, parsed, span) for other, parsed in read for span in parsed.values_of(name)]


def _passes_by(data: bytes, at: int, word: str) -> bool:
    """Whether the automatic variable at *at* is filtered, so that *word* neither comes nor goes."""
    match = _FILTER.search(data, max(0, at - 512), at)
    if match is None or "$" in word:
        return False
    patterns = match[2].decode("latin-1").split()
    fits = any(re.fullmatch(re.escape(pattern).replace("%", ".*", 1), word) for pattern in patterns)
    return fits == (match[1] == b"filter-out")
