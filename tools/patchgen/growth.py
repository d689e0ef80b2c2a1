# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a definition of ours as later edits of the series change it.

Upstream that has taken the whole series has the last of these forms, and not the one that the earliest patch adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .edits import State
from .edits.insert_definition import InsertDefinition
from .tree import Tree
from .upstream import InMemory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .edits import Edit

__all__ = ["grown"]

_ALONE = "alone.c"
"""The one file of a tree that has nothing but the definition."""


def grown(edit: Edit, later: Iterable[Edit]) -> Iterator[InsertDefinition]:
    """Yield *edit* with each text that its definition comes to have, none if nothing later is about it alone.

    :param later: the edits behind it in the series, in their order.
    """
    if not isinstance(edit, InsertDefinition):
        return
    tree = Tree(InMemory({_ALONE: edit.text.strip("\n").encode() + b"\n"}))
    for one in later:
        plan = msgspec.structs.replace(one, files=(), when=None).plan(tree)
        if plan.state is State.ABSENT and set(plan.replacements) == {_ALONE}:
            tree = tree.edited(plan.replacements)
            yield msgspec.structs.replace(edit, text=tree.read(_ALONE).decode())
