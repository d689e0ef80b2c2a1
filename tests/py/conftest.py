# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every test: nothing is skipped, nothing is left to chance but in the large profile."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator

# Two cores that others use too say nothing about an example's time: only pytest's own limit stops a test.
_SLOW_MACHINE = (HealthCheck.too_slow,)
# `make check`: the same examples for the same commit, on every machine.
settings.register_profile(
    "fast", max_examples=40, derandomize=True, database=None, deadline=None, suppress_health_check=_SLOW_MACHINE
)
# `make check-all`: new examples each time; what failed once is tried again first.
settings.register_profile(
    "large", max_examples=1000, print_blob=True, deadline=timedelta(seconds=60), suppress_health_check=_SLOW_MACHINE
)


_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)

_OF_A_PERSON = ("COLUMNS", "GIT_", "LESS", "NO_COLOR", "PAGER", "PATCHGEN_", "QUILT", "_PATCHGEN_")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the settings of whoever runs the tests out of them, and what they remember out of that one's home."""
    for name in [name for name in os.environ if name.startswith(_OF_A_PERSON)]:
        del os.environ[name]
    build = Path(__file__).parents[2] / "build"
    os.environ["XDG_CACHE_HOME"] = str(build / "test-cache")
    os.environ["XDG_STATE_HOME"] = str(build / "test-state")
    if not hasattr(config, "workerinput"):  # the folders of the last run's tests are gone
        shutil.rmtree(build / "test-state", ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure: a test that does not run proves nothing, and nobody reads "3 skipped"."""
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a whole module that steps aside."""
    return _no_skip((yield))


def _no_skip(report: _Report) -> _Report:
    # A strict expected failure is reported as skipped too; it did run.
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure here: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of this project."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """Return a copy of this project without its tests and checkers, to run commands in."""
    here = tmp_path / "clone"
    here.mkdir()
    for name in ("Makefile", "README.source", "patchgen.toml", "pyproject.toml"):
        shutil.copy(root / name, here / name)
    for name in ("semantic", "patches", "docs", "tests/c", "tools"):
        shutil.copytree(
            root / name, here / name, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", "*.egg-info")
        )
    return here


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Return an environment with this patchgen on PATH and an empty home."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "LC_ALL": "C.UTF-8",
    }
