# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program prints after an edit is what it must be, whatever the program is written like.

gcc, or make, is the judge, on random programs of the contexts in the ``programs_*`` modules. The same seeds each time, and ten
times as many others in ``make check-all``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edits import programs_calls as calls
from edits import programs_makefiles as makefiles
from edits import programs_statements as statements
from edits import programs_structs as structs
from edits.same import tried

if TYPE_CHECKING:
    from pathlib import Path

TRIALS = {
    "add-parameter": calls.add_parameter,
    "add-parameter in several files": calls.add_parameter_in_several_files,
    "set-argument": calls.set_argument,
    "insert-statement at a call": statements.insert_statement,
    "insert-statement in a block": statements.insert_in_blocks,
    "replace-expression": statements.replace_expression,
    "add-field": structs.add_field,
    "add-field in several files": structs.add_field_in_several_files,
    "make-variable": makefiles.make_variable,
}


@pytest.mark.parametrize("kind", TRIALS)
def test_the_program_does_what_it_must(kind: str, tmp_path: Path) -> None:
    tried(TRIALS[kind], range(10 if "files" in kind else 24), tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", TRIALS)
def test_hundreds_of_programs_do_what_they_must(kind: str, tmp_path: Path) -> None:
    tried(TRIALS[kind], range(1000, 1240), tmp_path)
