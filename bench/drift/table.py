# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of a run: what each tool made of the cells, and what it costs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from .kinds import kinds
from .oracle import Verdict, no_c

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .matrix import Cell

__all__ = ["text"]

_COSTS = (1, 5, 20)


def text(cells: Sequence[Cell], *, verbose: bool = False) -> str:
    """Return the table, a line a tool; then each cell that has a fault, and with *verbose* each that is not right.

    Of what is wrong, the column ``compiles`` counts what no compiler would tell of.
    """
    names = list(dict.fromkeys(name for one in cells for name in one.verdicts))
    heads = ["tool", "cells", "right", "refused", "wrong", "compiles", "right %", *(f"cost k={k}" for k in _COSTS)]
    rows = [[name, *_row([one for one in cells if name in one.verdicts], name)] for name in names]
    lines = _laid([heads, *rows])
    lines.append("")
    lines.append(
        f"kinds of change: {len({one.kind for one in cells})}, subjects: {len({one.subject for one in cells})}"
    )
    lines.append(f"bytes changed that need not be: {sum(one.churn for one in cells)}")
    lines += _families(cells)
    faults = [one for one in cells if one.fault or one.churn]
    lines += [
        f"FAULT {_where(one)}: {one.fault or f'{one.churn} bytes of churn'}\n    {one.said.get('patchgen', '')}"
        for one in faults
    ]
    if verbose:
        for one in cells:
            for name, verdict in one.verdicts.items():
                if verdict is not Verdict.RIGHT:
                    lines.append(f"{verdict.value:8} {name}: {_where(one)}: {one.said[name][:160]}")
    return "\n".join(lines)


def _where(one: Cell) -> str:
    return f"{one.subject} {one.kind}"


def _row(cells: Sequence[Cell], name: str) -> list[str]:
    count = Counter(one.verdicts[name] for one in cells)
    right, refused, wrong = (count[verdict] for verdict in (Verdict.RIGHT, Verdict.REFUSED, Verdict.WRONG))
    silent = sum(one.verdicts[name] is Verdict.WRONG and not no_c(one.said[name]) for one in cells)
    costs = [str(refused + k * wrong) for k in _COSTS]
    counts = map(str, (len(cells), right, refused, wrong, silent))
    return [*counts, f"{100 * right / len(cells):.1f}", *costs]


def _families(cells: Iterable[Cell]) -> list[str]:
    families: dict[str, Counter[Verdict]] = {}
    for one in cells:
        if "patchgen" in one.verdicts:
            families.setdefault(kinds()[one.kind].family, Counter())[one.verdicts["patchgen"]] += 1
    rows = [["patchgen, by family", "right", "refused", "wrong"]]
    for family, count in sorted(families.items()):
        rows.append([family, *(str(count[v]) for v in (Verdict.RIGHT, Verdict.REFUSED, Verdict.WRONG))])
    return ["", *_laid(rows), ""]


def _laid(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            f"{text:<{width}}" if not at else f"{text:>{width}}"
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
