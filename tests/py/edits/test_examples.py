# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the reference of the edit kinds are true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edits.harness import after
from patchgen import edits

if TYPE_CHECKING:
    from patchgen.edits import Example

EXAMPLES = [
    pytest.param(example, id=f"{name}-{number}")
    for name, kind in edits.kinds().items()
    for number, example in enumerate(kind.EXAMPLES, 1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_becomes_what_it_says(example: Example) -> None:
    assert after(example.edit, dict(example.before)) == {**example.before, **example.after}


@pytest.mark.parametrize("name", edits.kinds())
def test_each_kind_is_explained_with_an_example(name: str) -> None:
    kind = edits.kinds()[name]
    assert kind.__doc__
    assert kind.EXAMPLES
