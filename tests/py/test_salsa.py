# SPDX-License-Identifier: GPL-3.0-or-later
"""debian/salsa-ci.yml: what it uses of GitLab's format is used rightly, and its scripts are for the shell that runs them.

GitLab's own schema is on GitLab's site only; the keys and forms that are checked here are those of its reference of the YAML format
(docs.gitlab.com/ee/ci/yaml). That a pipeline ran on salsa is not claimed by this.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "debian/salsa-ci.yml"
WORDS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
NAMES = {"oneOf": [{"type": "string"}, WORDS]}
JOB: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "image": {"type": "string"},
        "extends": NAMES,
        "stage": {"type": "string"},
        "tags": WORDS,
        "needs": WORDS,
        "before_script": WORDS,
        "script": WORDS,
        "variables": {"type": "object", "additionalProperties": {"type": "string"}},
        "parallel": {
            "type": "object",
            "additionalProperties": False,
            "required": ["matrix"],
            "properties": {
                "matrix": {"type": "array", "minItems": 1, "items": {"type": "object", "additionalProperties": WORDS}}
            },
        },
        "artifacts": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "when": {"enum": ["on_success", "on_failure", "always"]},
                "paths": WORDS,
                "expire_in": {"type": "string"},
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"include": WORDS, "variables": JOB["properties"]["variables"]},
    "additionalProperties": JOB,
}
PIPELINE = ("provisioning", "build", "publish", "test")
"""The stages of Debian's pipeline, which is included."""


def document() -> dict[str, Any]:
    found = yaml.safe_load(FILE.read_text())
    assert isinstance(found, dict)
    return found


def jobs() -> dict[str, dict[str, Any]]:
    """Return the jobs that run, with what they extend."""
    everything = document()
    own = {name: job for name, job in everything.items() if name not in {"include", "variables"}}
    return {
        name: (own[job["extends"]] if "extends" in job else {}) | job
        for name, job in own.items()
        if not name.startswith(".")
    }


JOBS = jobs()
CELLS = [
    dict(zip(cell, values, strict=True))
    for cell in JOBS["series"]["parallel"]["matrix"]
    for values in product(*cell.values())
]
SCRIPTS = [(name, line) for name, job in JOBS.items() for line in [*job.get("before_script", ()), *job["script"]]]


def test_the_file_has_the_form_of_the_format() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document(), SCHEMA)


@pytest.mark.parametrize("change", [{"scripts": ["x"]}, {"script": []}, {"script": "x", "stage": 1}, {"needs": [1]}])
def test_what_is_wrong_is_seen(change: dict[str, Any]) -> None:
    broken = document()
    broken["series"] |= change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_what_the_jobs_name_is_there() -> None:
    everything = document()
    assert set(JOBS) == {"series", "packages"}
    for name, job in JOBS.items():
        assert job["stage"] in PIPELINE, name
        assert set(job.get("needs", ())) <= set(JOBS)
        assert everything[name]["extends"] in everything
        assert job["image"]


def test_the_matrix_is_of_lines_suites_and_architectures() -> None:
    assert {tuple(sorted(cell)) for cell in CELLS} == {("ARCHITECTURE", "LINE", "SUITE")}
    assert len(CELLS) >= 4
    assert {cell["ARCHITECTURE"] for cell in CELLS} == {"amd64", "arm64"}
    for _, line in SCRIPTS:
        for name in ("$LINE", "$SUITE", "$ARCHITECTURE", "$PROFILE"):
            assert name not in line or any(name[1:] in cell for cell in CELLS) or name == "$PROFILE"


@pytest.mark.parametrize("line", [line for _, line in SCRIPTS])
def test_a_script_is_one_of_the_shell(line: str) -> None:
    assert subprocess.run(["bash", "-n", "-c", line], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the unpacked source package of the reference tarball."""
    folder = tmp_path_factory.mktemp("salsa")
    orig = folder / "eucalyptus_2.0.3~reference.orig.tar.gz"
    subprocess.run([ROOT / "tools/reference-tarball", orig], check=True)
    subprocess.run(
        [sys.executable, "-m", "patchgen", "source", "--quiet", "--upstream", orig, "-o", folder / "out"],
        cwd=ROOT,
        check=True,
    )
    (description,) = (folder / "out").glob("*.dsc")
    subprocess.run(["dpkg-source", "--no-check", "-x", description, folder / "tree"], check=True, capture_output=True)
    return folder / "tree"


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS[:1], ids=str)
def test_the_script_of_series_runs(unpacked: Path, cell: dict[str, str]) -> None:
    """The job that needs no other machine's packages is run whole, as GitLab does: every line, until one fails."""
    script = "\n".join(["set -e -o pipefail", *JOBS["series"]["script"]])
    done = subprocess.run(
        ["bash", "-c", script], cwd=unpacked, env={**os.environ, **cell}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_line_that_the_package_is_not_of_is_refused(unpacked: Path) -> None:
    first = JOBS["series"]["script"][0]
    environment = {**os.environ, "LINE": "1.6"}
    assert subprocess.run(["bash", "-c", first], cwd=unpacked, env=environment, check=False).returncode != 0
