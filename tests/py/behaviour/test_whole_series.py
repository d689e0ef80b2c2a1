# SPDX-License-Identifier: GPL-3.0-or-later
"""The C tests on the whole series; `buildcheck all --each` on the tarball, in the slow tests, has every prefix."""

from __future__ import annotations

from dataclasses import replace

import pytest

from _programs import ROOT, subject
from buildcheck.checks import behaviour
from buildcheck.suite import Suite

TESTS = ROOT / "tests/c/behaviour"


@pytest.mark.timeout(
    1200
)  # it builds two trees with the sanitizers: a minute of two cores, where nobody else wants them
def test_every_c_test_is_for_the_whole_series_and_passes() -> None:
    whole = subject()
    of = replace(whole, tests=TESTS, chosen=(whole.prefixes.all[0], whole.prefixes.last))
    cases = list(behaviour.run(of))
    assert not [str(finding) for case in cases for finding in case.findings]
    ran = {case.name.partition(", ")[0] for case in cases}
    listed = {f"{program.name}/{test}" for program in Suite.open(TESTS).programs for test in program.tests}
    assert listed <= ran
