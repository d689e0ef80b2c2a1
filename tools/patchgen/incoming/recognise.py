# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's patch as a semantic patch: what edits it is made of, and which of its hunks none explains.

Edits are guessed, and each guess is planned on the tree like any edit. It is kept where everything that it changes
is a change towards the text that the person's patch gives, token for token; so nothing is claimed that does not
render to that text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from patchgen import dep3, render, semantic
from patchgen._lines import split_lines
from patchgen.edits import State, kind
from patchgen.findings import Exit, Finding, Level, PatchgenError, Place, Slug
from patchgen.proof import bytes_of
from patchgen.render._compare import compare
from patchgen.stages import StageState, certain, play

from .guess import Pair, guesses
from .toml import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchgen.render import FileDiff, Hunk
    from patchgen.tree import Tree

__all__ = ["Recognised", "recognise"]

_UNEXPLAINED = Slug.define(
    "hunk-not-explained",
    """No edit was found that changes the tree as this hunk of the patch does. What is recognised is what renders to
    the very text of the patch; a change in prose, in a script or in the layout alone is often none of that. Write
    the edit by hand (patchgen explain KIND), or leave the patch in the series as a hand-made one.""",
)
_FIELDS = Slug.define(
    "header-not-carried",
    """The header of the patch has something that the [dep3] table of a semantic patch cannot say: free text, a field
    twice. While the patch keeps its file, the refresh keeps its header.""",
)
_TOO_LARGE = Slug.define(
    "patch-too-large",
    """The patch changes more files, or larger ones, than recognising edits is made for. Split it.""",
)
_UNPROVED = Slug.define(
    "claim-not-proved",
    """The semantic patch that was made, read and rendered as any other, does not give the text that was claimed.
    It is not shown; this is a defect of patchgen.""",
)
_TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
_FILES, _BYTES = 200, 8 << 20
_ROUNDS = 3


class RecogniseError(PatchgenError, ValueError):
    """The patch cannot be looked at."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a patch is made of.

    :param toml: the semantic patch; "" where no edit was recognised.
    :param findings: an error for each hunk that no edit explains.
    """

    toml: str
    edits: int
    findings: tuple[Finding, ...]


def recognise(before: Tree, name: str, data: bytes, fields: Mapping[str, str]) -> Recognised:
    """Return the semantic patch of a person's patch on the tree that it applies to.

    :param name: what the person calls the patch.
    :param fields: what to write into the header, in the place of what is there.
    :raises DiffError: the patch is damaged or does not apply exactly.
    """
    diffs = render.parse_diff(data, name)
    after = before.with_files(render.apply(diffs, partial(bytes_of, before)))
    paths = list(after.touched(before))
    size = sum(len(bytes_of(tree, path) or b"") for tree in (before, after) for path in paths)
    if len(paths) > _FILES or size > _BYTES:
        raise RecogniseError(_TOO_LARGE, f"it changes {len(paths)} files of {size >> 10} KiB", Place(name))
    tree, edits = _explained(before, after, paths)
    findings = [*_hunks(diffs, tree, after)]
    header, said = _header(dep3.split(data)[0], fields, name)
    toml = written(header, edits, [str(finding.message) for finding in findings]) if edits else ""
    if toml:
        _check(before, tree, name, toml)
    return Recognised(toml, len(edits), (*said, *findings))


def _explained(before: Tree, after: Tree, paths: Sequence[str]) -> tuple[Tree, list[dict[str, Any]]]:
    """Return the tree as the recognised edits leave it, and the edits."""
    tree = before
    edits: list[dict[str, Any]] = []
    for _ in range(_ROUNDS):
        there = [path for path in paths if path in tree and path in after and tree.read(path) != after.read(path)]
        kept = len(edits)
        for guess in guesses([Pair(path, tree.read(path), after.read(path)) for path in there]):
            if guess in edits:
                continue
            done = _tried(guess, tree, after, there)
            if done is not None:
                tree = done
                edits.append(guess)
        if len(edits) == kept:
            break
    return tree, edits


def _tried(guess: dict[str, Any], tree: Tree, after: Tree, paths: Sequence[str]) -> Tree | None:
    """Return the tree with the guess done, where all that it changes is towards *after*; else None."""
    try:
        edit = msgspec.convert(guess, kind(guess["kind"]))
        plan = certain(edit, edit.plan(tree), tree)
        done = tree.edited(plan.replacements) if plan.state in {State.ABSENT, State.PARTIAL} else None
    except (msgspec.ValidationError, PatchgenError, UnicodeError):
        return None
    if done is None:
        return None
    touched = list(done.touched(tree))
    if not touched or any(path not in paths for path in touched):
        return None
    for path in touched:
        old, new, wanted = tree.read(path), done.read(path), after.read(path)
        if _apart(old, wanted) != _apart(old, new) + _apart(new, wanted):
            return None
    return done


def _apart(one: bytes, other: bytes) -> int:
    """Return how many tokens differ between two texts."""
    if one == other:
        return 0
    runs = compare(_TOKEN.findall(one), _TOKEN.findall(other))
    return sum(run.end - run.start + run.new_end - run.new_start for run in runs)


def _check(before: Tree, tree: Tree, name: str, toml: str) -> None:
    """See that the TOML, read and played as any other, gives the tree that was claimed.

    :raises PatchgenError: it cannot be read, or gives another tree.
    """
    patch = semantic.parse(name, toml.encode("utf-8", "surrogateescape"))
    (stage,) = play(_Layered(before), [patch], lambda *_: {})
    rendered = stage.state is StageState.RENDERED
    if not rendered or any(bytes_of(stage.after, path) != bytes_of(tree, path) for path in tree.touched(before)):
        raise RecogniseError(_UNPROVED, "what was recognised does not render to the text of the patch", Place(name))


class _Layered:
    """A tree as the source of another, so that what was laid over it counts as upstream's."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.label, self.links, self.findings = tree.source.label, tree.links, tree.source.findings

    def paths(self) -> Sequence[str]:
        return self._tree.paths()

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and path in self._tree

    def read(self, path: str) -> bytes:
        return self._tree.read(path)

    def digest(self) -> str:
        return self._tree.source.digest()


def _hunks(diffs: Sequence[FileDiff], tree: Tree, after: Tree) -> Iterator[Finding]:
    """Yield an error for each hunk in which the tree still differs from what the patch gives."""
    for diff in diffs:
        wanted, there = bytes_of(after, diff.path), bytes_of(tree, diff.path)
        if wanted == there:
            continue
        lines = split_lines(wanted or b"")
        spans = [(run.new_start, run.new_end) for run in compare(split_lines(there or b""), lines)]
        for number, hunk in enumerate(diff.hunks, start=1):
            start, end = _where(hunk, lines)
            if any(begin <= end and start <= stop for begin, stop in spans):
                message = f"no edit explains hunk {number} of {len(diff.hunks)} for {diff.path}"
                yield Finding(_UNEXPLAINED, Level.ERROR, message, hunk.place)


def _where(hunk: Hunk, lines: Sequence[bytes]) -> tuple[int, int]:
    """Return the lines that the hunk itself changed, counted from 0, in the text that it gave."""
    count = len(hunk.new)
    guess = max(0, hunk.new_start - 1)
    starts = sorted(range(len(lines) - count + 1), key=lambda at: abs(at - guess))
    start = next((at for at in starts if tuple(lines[at : at + count]) == hunk.new), guess)
    return start + hunk.above, start + count - hunk.below


def _header(data: bytes, fields: Mapping[str, str], name: str) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Return the [dep3] table, and a warning where it does not say all that the header says."""
    header = dep3.Header.parse(data)
    if header.style is dep3.Style.FIELDS:
        table = {field.name: str(field) for field in header.fields}
    else:
        said = {
            "Description": f"{header.description}\n{header.explanation}".strip(),
            "Author": header.get("From") or "",
        }
        table = {key: value for key, value in said.items() if value}
    table = {key: value if "\n" not in value else f"{value}\n" for key, value in table.items()}
    table = table or {"Description": name}
    whole = header.style is dep3.Style.FIELDS and dep3.render(table) == data
    message = "not all of its header can be said in a semantic patch"
    findings = () if whole else (Finding(_FIELDS, Level.WARNING, message, Place(name)),)
    return table | dict(fields), findings
