# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's patch, found in a file or in the series, on the tree that it is for."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen import dep3, render
from patchgen.export import today
from patchgen.findings import Exit, PatchgenError, Place, Slug
from patchgen.mail import Mail, is_mail
from patchgen.proof import bytes_of
from patchgen.refresh import played
from patchgen.render import DiffError
from patchgen.shelf import SemanticFolder, Shelf
from patchgen.tree import Tree
from patchgen.upstream import open_upstream

from .recognise import Recognised, recognise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchgen.config import Places

__all__ = ["are_mails", "semantic_patch"]

_ONE = Slug.define(
    "one-patch-at-a-time",
    """Edits are recognised in one patch, which is a file or a name in the series; more than one, a folder, or what
    is neither there nor in the series cannot be looked at.""",
)
_THERE = Slug.define("file-exists", """The file of the semantic patch is there already, and is not overwritten.""")


class PatchError(PatchgenError, ValueError):
    """There is not one patch to look at."""

    status = Exit.UNUSABLE


def are_mails(files: Sequence[str]) -> bool:
    """Return whether the files are mails, by the first of them; a folder is one of mails."""
    path = Path(files[0])
    if path.is_dir():
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return is_mail(file.read(1 << 16))


def semantic_patch(
    places: Places, files: Sequence[str], output: str | None, forwarded: str | None, updated: str | None
) -> Recognised:
    """Recognise the edits of one patch, and write the semantic patch where *output* says.

    A patch that the series names is looked at on the tree as the patches before it leave it; another one on the tree
    with the whole series, or, where it does not apply there, without any of it.

    :raises PatchgenError: there is no such patch, it does not apply, or the output is there already.
    """
    if len(files) != 1:
        raise PatchError(_ONE, f"{len(files)} files were given")
    if output is not None and Path(output).exists():
        raise PatchError(_THERE, "it is there already", Place(output))
    tree, data = _found(places, files[0])
    fields = {"Forwarded": forwarded} if forwarded else {}
    if updated or forwarded:
        fields["Last-Update"] = today().isoformat() if updated in {None, "today"} else str(updated)
    dep3.render(fields)
    made = recognise(tree, files[0], data, fields)
    if output is not None and made.toml:
        Path(output).write_text(made.toml, encoding="utf-8", errors="surrogateescape")
    return made


def _found(places: Places, text: str) -> tuple[Tree, bytes]:
    """Return the patch, and the tree that it is for."""
    semantic = SemanticFolder.open(places.need_semantic())
    shelf = Shelf.open(places.need_patches(), semantic, places.series)
    source = open_upstream(places.need_upstream())
    path = Path(text)
    inside = path.is_file() and path.resolve().parent == shelf.path.resolve()
    name = path.name if inside else text
    stages = played(source, semantic, shelf)
    tree = Tree(source)
    for stage in stages:
        if stage.patch in {name, f"{name}.patch"} and stage.patch in shelf.files and (inside or not path.is_file()):
            return stage.before, shelf.files[stage.patch]
        tree = stage.after
    if not path.is_file():
        raise PatchError(_ONE, "it is no file, and not in the series", Place(text))
    data = path.read_bytes()
    data = Mail.parse(data, text).data if is_mail(data) else data
    diffs = render.parse_diff(data, text)
    try:
        render.apply(diffs, partial(bytes_of, tree))
    except DiffError:
        tree = Tree(source)
    return tree, data
