# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a definition of ours as later edits of the series change it.

Upstream that has taken the whole series has the last of these forms, and not the one that the earliest patch adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .edits import State
from .edits.insert_definition import InsertDefinition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .edits import Edit
    from .tree import Tree

__all__ = ["grown"]

_ALONE = "definition alone.c"
"""A file that has nothing but the definition, beside those of the tree."""


def grown(edit: Edit, later: Iterable[Edit], upstream: Tree) -> Iterator[InsertDefinition]:
    """Yield *edit* with each text that its definition comes to have, none if nothing later is about it alone.

    :param later: the edits behind it in the series, in their order.
    :param upstream: what says which of them are for it, and what else they need to know.
    """
    if not isinstance(edit, InsertDefinition):
        return
    tree = upstream.with_files({_ALONE: edit.text.strip("\n").encode() + b"\n"})
    for one in later:
        if one.when is not None and not one.when.is_true(upstream):
            continue
        plan = msgspec.structs.replace(one, files=(_ALONE,)).plan(tree)
        if plan.state in {State.ABSENT, State.PARTIAL} and set(plan.replacements) == {_ALONE}:
            tree = tree.edited(plan.replacements)
            yield msgspec.structs.replace(edit, text=tree.read(_ALONE).decode())
