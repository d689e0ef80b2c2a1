# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the wire: WSDL, accessors and struct members agree, and an older peer still understands it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildcheck.calls.look import Reader
from buildcheck.calls.policy import readable
from buildcheck.compared import Looked, cases
from buildcheck.forest import forest
from buildcheck.generator import NEEDS as GENERATOR_NEEDS
from buildcheck.generator import Generator
from buildcheck.policy import Policy
from buildcheck.recipes import NEEDS as RECIPE_NEEDS
from buildcheck.recipes import shape
from buildcheck.wire.excuses import excuses_of, settled
from buildcheck.wire.order import misplaced
from buildcheck.wire.peers import added, compared
from buildcheck.wire.schema import schemas, seen, sources
from buildcheck.wire.uses import uses, wrong
from patchgen.findings import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildcheck.forest import Wood
    from buildcheck.policy import Order, Way
    from buildcheck.report import Cases
    from buildcheck.subject import Subject
    from buildcheck.wire.schema import Wsdl

__all__ = ["NEEDS", "OF_SERIES", "SUMMARY", "run"]

SUMMARY = "WSDL, accessors and the struct members that they fill agree, and an older peer takes what it took"
NEEDS = ("gcc", *RECIPE_NEEDS, *GENERATOR_NEEDS)
OF_SERIES = False


def run(subject: Subject) -> Cases:
    """Yield a case for each prefix.

    :raises PatchgenError: the stand-in for Axis2/C cannot be built, or the policy file cannot be used.
    """
    policy = Policy.read(subject.policy) if subject.policy is not None else None
    excuses = excuses_of(policy)
    generator = Generator(subject.store)
    generator.home()
    reader = Reader(subject.store, readable(subject.policy))
    woods = forest(subject, generator)
    before = schemas(woods[0].prefix)[0] if subject.compared else []
    looked = []
    for wood in woods:
        subject.progress(f"wire {wood.prefix}")
        looked.append(look(reader, wood, before, excuses, policy.order if policy is not None else ()))
    yield from cases(subject, looked, "wire")
    if policy is not None:
        settled(policy, schemas(woods[-1].prefix)[0])


def look(
    reader: Reader,
    wood: Wood,
    before: Sequence[Wsdl],
    excuses: Mapping[tuple[str, str, Way], str],
    orders: Sequence[Order] = (),
) -> Looked:
    """Return what is wrong with what a prefix sends and reads.

    :param before: the WSDL files of the unpatched tree; none where there is nothing to compare with.
    :param excuses: why an element of a type need not be set or read.
    :param orders: which elements stand behind which.
    """
    wsdls, said = schemas(wood.prefix)
    facts, unproved = reader.read(wood)
    by = sources(wood.recipes.generated)
    units = [(found, list(uses(found.accesses, wsdls, seen(unit, by)))) for unit, found in facts.items()]
    new = added(before, wsdls) if before else set()
    said += [
        *compared(before, wsdls),
        *misplaced(wsdls, orders),
        *wrong(units, new, excuses, Level.ERROR if before else Level.WARNING),
    ]
    missing = [*shape(wood.prefix), *wood.recipes.findings, *unproved, *reader.unread(facts)]
    return Looked(wood.prefix, tuple(said), tuple(dict.fromkeys(missing)), wood.stage.read)
