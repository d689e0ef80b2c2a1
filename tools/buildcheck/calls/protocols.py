# SPDX-License-Identifier: GPL-3.0-or-later
"""The places of a protocol over ``...`` held together: the calls, what is taken out, and what is handed on."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from buildcheck.sema.assign import Weight, passed_unseen
from buildcheck.sema.ctype import compatible
from patchgen.findings import Level, Slug

from .facts import Branch, Forward, Site, Spot, Taken, canonical
from .said import Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .facts import Facts

__all__ = ["LEFT_OUT", "protocols"]

_COUNT = Slug.define(
    "varargs-count",
    """A call passes more or fewer arguments behind the named parameters than the function takes out for that
    selector word. What is taken out beyond the last argument is undefined (C11 7.16.1.1 paragraph 2): a wild
    pointer, most likely.""",
)
_TYPE = Slug.define(
    "varargs-type",
    """An argument behind the named parameters has another type than the function takes out at that place
    (C11 7.16.1.1 paragraph 2). Nothing converts it on the way.""",
)
_ORDER = Slug.define(
    "varargs-order",
    """An argument behind the named parameters has the exact name of what the function takes out at another
    place, with the same type: the two are most likely swapped.""",
)
LEFT_OUT = Slug.define(
    "argument-left-out",
    """A null pointer is passed, and the function that passes it has a parameter or variable with the exact name
    of what is wanted there, and of a type that fits: most likely it was forgotten to hand it on.""",
)
_BRANCHES = Slug.define(
    "varargs-branches",
    """The branches of a function for one selector word do not take out the same arguments in the same order,
    though they are passed once.""",
)
_FORWARD = Slug.define(
    "varargs-forward",
    """What a branch takes out is not handed on whole, once each, and in its order to the function that the policy
    names for the word; or nothing is handed on at all.""",
)
_WORD = Slug.define(
    "varargs-word",
    """A call has a selector word that the function has no branch for, or one that is no string literal, so that
    nothing is known of what is taken out.""",
)
_OUTSIDE = Slug.define(
    "varargs-not-proved",
    """The function takes an argument out where it is not known for which selector word, or hands its list on as a
    whole. The protocol is not proved.""",
)


def protocols(units: Sequence[Facts]) -> Iterator[Said]:
    """Yield what is wrong with the protocols of the units that are linked together."""
    arms: dict[str, dict[str, dict[Branch, None]]] = defaultdict(lambda: defaultdict(dict))
    for unit in units:
        for branch in unit.branches:
            arms[branch.function][branch.word][branch] = None
    for function, words in arms.items():
        for word, found in words.items():
            yield from _outside(found) if not word else _word(function, word, list(found))
    for unit in units:
        for site in unit.sites:
            if site.callee in arms:
                yield from _site(site, arms[site.callee])


def _outside(found: Iterable[Branch]) -> Iterator[Said]:
    for branch in found:
        for taken in branch.taken:
            what = (
                f"hands its list to {taken.name}"
                if taken.name.endswith("()")
                else f"takes out {taken.name or 'an argument'}"
            )
            said = f"{branch.function} {what} outside of the branches of its selector words"
            yield Said(_OUTSIDE, Level.ERROR, said, taken.spot, branch.function, "take out in the branch of each word")


def _word(function: str, word: str, found: Sequence[Branch]) -> Iterator[Said]:
    """Yield in what the branches for a word differ, and what they do not hand on."""
    first = found[0]
    for other in found[1:]:
        yield from _alike(first, other)
    forwards = [(branch, forward) for branch in found for forward in branch.forwards]
    if not forwards:
        said = f"{word}: no branch hands on what it takes out"
        yield Said(_FORWARD, Level.ERROR, said, first.spot, function)
    for branch, forward in forwards:
        yield from _handed(branch, forward)


def _alike(one: Branch, other: Branch) -> Iterator[Said]:
    where = f"the branch in line {one.spot.line}"
    if len(one.taken) != len(other.taken):
        names = [taken.name for taken in one.taken]
        lacking = [name for name in names if name not in [taken.name for taken in other.taken]]
        more = f"; {', '.join(lacking)} is not among them" if lacking else ""
        said = (
            f"{one.word}: {len(other.taken)} arguments are taken out here, and {len(one.taken)} in another branch{more}"
        )
        yield Said(_BRANCHES, Level.ERROR, said, other.spot, one.function, f"compare {where}")
        return
    for at, (mine, theirs) in enumerate(zip(one.taken, other.taken, strict=True), start=1):
        said = f"{one.word}: argument {at} is taken out as {theirs.type} {theirs.name} here, and as {mine.type} {mine.name} in another branch"
        swapped = mine.name != theirs.name and {mine.name, theirs.name} & _elsewhere(one, other, at - 1)
        if swapped or not compatible(mine.type.plain(), theirs.type.plain()):
            yield Said(_BRANCHES, Level.ERROR, said, theirs.spot, one.function, f"compare {where}")


def _elsewhere(one: Branch, other: Branch, at: int) -> set[str]:
    """Return the names of what is taken out at other places than *at*, by both branches."""
    return {name for branch in (one, other) for n, taken in enumerate(branch.taken) if n != at and (name := taken.name)}


def _handed(branch: Branch, forward: Forward) -> Iterator[Said]:
    order = [name for names in forward.given for name in names]
    wanted = [taken.name for taken in branch.taken]
    help_ = f"{branch.word} takes out {', '.join(wanted)}"
    for taken in branch.taken:
        if order.count(taken.name) != 1:
            how = "does not hand on" if taken.name not in order else "hands on more than once"
            said = (
                f"{branch.word}: the call of {forward.callee} {how} {taken.name or 'an argument'}, which is taken out"
            )
            yield Said(_FORWARD, Level.ERROR, said, forward.spot, branch.function, help_)
    kept = [name for name in order if order.count(name) == 1]
    ranks = [wanted.index(name) for name in kept]
    for at in range(1, len(ranks)):
        if ranks[at] < ranks[at - 1]:
            said = f"{branch.word}: {forward.callee} gets {kept[at - 1]} before {kept[at]}, which is taken out first"
            place = next(n for n, names in enumerate(forward.given) if kept[at] in names)
            spot = Spot(forward.spot.path, forward.spot.line, forward.spot.word, 0, place)
            yield Said(_FORWARD, Level.ERROR, said, spot, branch.function, help_)


# --- the calls ----------------------------------------------------------------------------------------


def _site(site: Site, words: dict[str, dict[Branch, None]]) -> Iterator[Said]:
    if site.word is None:
        said = f"{site.callee}: the selector is no string literal"
        yield Said(_WORD, Level.ERROR, said, site.spot, site.function, "give the word itself")
        return
    if site.word not in words:
        said = f"{site.callee}: it has no branch for {site.word}"
        yield Said(
            _WORD, Level.ERROR, said, site.spot, site.function, f"it knows {', '.join(sorted(filter(None, words)))}"
        )
        return
    for branch in _distinct(words[site.word]):
        yield from _passed(site, branch)


def _distinct(found: Iterable[Branch]) -> list[Branch]:
    """Return a branch for each list of arguments that is taken out."""
    lists = {
        tuple((taken.name, canonical(taken.type)) for taken in branch.taken): branch for branch in reversed(list(found))
    }
    return list(reversed(lists.values()))


def _passed(site: Site, branch: Branch) -> Iterator[Said]:
    taken, given = branch.taken, site.values
    listed = ", ".join(f"{one.type} {one.name}".replace("* ", "*") for one in taken)
    help_ = f"it takes out {listed or 'nothing'}"
    if len(given) != len(taken):
        last = f"; {_names(taken[len(given) :])} is taken out all the same" if len(given) < len(taken) else ""
        said = (
            f"{site.callee}: with {site.word}, {len(given)} arguments are passed and {len(taken)} are taken out{last}"
        )
        yield Said(_COUNT, Level.ERROR, said, site.spot, site.function, help_)
    for at, (value, name, wanted) in enumerate(zip(given, site.names, taken, strict=False)):
        spot = Spot(site.spot.path, site.spot.line, site.spot.word, site.spot.nth, site.named + at)
        verdict = passed_unseen(wanted.type, value)
        if verdict.weight is not Weight.FINE:
            what = name or f"argument {at + 1}"
            said = f"{site.callee}: with {site.word}, {what} is {value.type} and is taken out as {wanted.type} {wanted.name}: {verdict.why}"
            yield Said(_TYPE, Level.ERROR, said, spot, site.function, help_)
        elif value.null and wanted.name in site.own:
            said = f"{site.callee}: with {site.word}, {wanted.name} is taken out and a null pointer is passed, where there is a {wanted.name}"
            yield Said(LEFT_OUT, Level.ERROR, said, spot, site.function, f"pass {wanted.name}")
        elif other := _other(name, at, taken):
            said = f"{site.callee}: with {site.word}, {name} is passed where {wanted.name} is taken out, and {other} is another of the same type"
            yield Said(_ORDER, Level.ERROR, said, spot, site.function, help_)


def _other(name: str, at: int, taken: Sequence[Taken]) -> str:
    """Return the name of what is taken out elsewhere, where an argument is named like that."""
    if not name or taken[at].name == name:
        return ""
    same = [one.name for n, one in enumerate(taken) if n != at and canonical(one.type) == canonical(taken[at].type)]
    return name if name in same else ""


def _names(taken: Iterable[Taken]) -> str:
    return ", ".join(one.name or "an argument" for one in taken)
