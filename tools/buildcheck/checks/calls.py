# SPDX-License-Identifier: GPL-3.0-or-later
"""Every call fits what it calls: prototypes, definitions, tables of pointers to functions, protocols over ``...``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildcheck.calls.look import Reader
from buildcheck.calls.policy import declared, protocols_of
from buildcheck.compared import cases
from buildcheck.forest import forest
from buildcheck.generator import NEEDS as GENERATOR_NEEDS
from buildcheck.generator import Generator
from buildcheck.policy import Policy
from buildcheck.recipes import NEEDS as RECIPE_NEEDS
from buildcheck.report import Case
from patchgen.findings import Finding, Level, Slug

if TYPE_CHECKING:
    from buildcheck.report import Cases
    from buildcheck.subject import Subject

__all__ = ["NEEDS", "OF_SERIES", "SUMMARY", "run"]

SUMMARY = "every call fits its prototype, each prototype its definition, and what goes through ... what is taken out"
NEEDS = ("gcc", *RECIPE_NEEDS, *GENERATOR_NEEDS)
OF_SERIES = False

_NO_POLICY = Slug.define(
    "no-policy",
    """There is no policy file, so that no function with ``...`` is named whose calls could be compared with what
    it takes out. Give --policy, or policy in patchgen.toml.""",
)


def run(subject: Subject) -> Cases:
    """Yield a case for each prefix.

    :raises PatchgenError: the stand-in for Axis2/C cannot be built, or the policy file cannot be used.
    """
    policy = Policy.read(subject.policy) if subject.policy is not None else None
    if policy is None:
        note = "no policy file is given: what goes through ... is not compared"
        yield Case("policy", (Finding(_NO_POLICY, Level.NOTE, note),))
    generator = Generator(subject.store)
    generator.home()
    reader = Reader(subject.store, protocols_of(policy) if policy is not None else {})
    looked = []
    for wood in forest(subject, generator):
        subject.progress(f"calls {wood.prefix}")
        looked.append(reader.look(wood))
    yield from cases(subject, looked, "calls")
    if policy is not None:
        declared(policy, reader.known.values())
