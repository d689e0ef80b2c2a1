# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that print libvirt domains keep their contract, and libvirt and qemu take every domain that they print."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck import contract, perlcode
from buildcheck.domain_generators import NEEDS as GENERATOR_NEEDS
from buildcheck.domain_generators import generators
from buildcheck.domains import Domain, Problem, Step, filled, prove, schema_problems
from buildcheck.libvirt import NEEDS as LIBVIRT_NEEDS
from buildcheck.libvirt import libvirt
from buildcheck.programs import identity
from buildcheck.report import Case, pre_existing
from buildcheck.store import key, own
from patchgen.findings import Finding, Level, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from buildcheck.contract import Asked
    from buildcheck.libvirt import Libvirt
    from buildcheck.prefixes import Prefix
    from buildcheck.report import Cases
    from buildcheck.store import Store
    from buildcheck.subject import Subject

__all__ = ["NEEDS", "OF_SERIES", "SUMMARY", "run"]

SUMMARY = "what prints libvirt domains keeps its contract; libvirt defines and qemu starts each domain that it prints"
NEEDS = (*LIBVIRT_NEEDS, *GENERATOR_NEEDS, *perlcode.NEEDS)
OF_SERIES = False

_NOTHING = Slug.define(
    "no-domain-generator",
    """The tree has no Perl program that prints a libvirt domain, so that nothing is proved of what a guest
    is started with.""",
)
_PERL = Slug.define("perl-refuses", """Perl does not compile a program that prints libvirt domains.""")
_CRITIC = Slug.define(
    "perlcritic-says",
    f"""Perl::Critic, at severity {perlcode.SEVERITY}, has something to say of a program that prints libvirt
    domains, and does not say it of the same program in the unpatched tree.""",
)
_REFUSED = Slug.define(
    "domain-refused",
    """A domain that the tree prints, with its placeholders filled in, is no XML, is not what libvirt's schema
    allows, or is one that libvirt does not convert into a command line or does not define.""",
)
_ABSENT = Slug.define(
    "domain-absent",
    """A domain asks for a machine, a CPU model or a bus that the installed qemu has not, by what libvirt says
    of it (virsh domcapabilities).""",
)
_START = Slug.define(
    "domain-not-started",
    """libvirt defines a domain, but qemu does not start it, paused and with a kernel that is none. Only a start
    shows whether a machine can have a device.""",
)
_SLUGS = {Step.ABSENT: _ABSENT, Step.START: _START}
_BRIDGE = "buildcheck0"
_JOBS = 2


def run(subject: Subject) -> Cases:
    """Yield the cases of each prefix: each generator, and each domain that is printed.

    :raises PatchgenError: a generator cannot be asked, or libvirt cannot be had.
    """
    asker = contract.Asker()
    base = asker.all(generators(subject.baseline, subject.store)) if subject.baseline else []
    known = {answer.out for one in base for answer in one.answers.values()}
    prover = _Prover(subject.store)
    earlier: set[bytes] = set()
    for prefix in subject.proved:
        asked = asker.all(generators(prefix, subject.store))
        if not asked:
            finding = Finding(_NOTHING, Level.ERROR, "nothing here prints a libvirt domain")
            yield Case(f"generators, {prefix}", (finding,), patch=prefix.patch)
        for one in asked:
            yield _program(subject, prefix, one, base, asked)
        prover.prove(one.answers[words].out for one in asked for words in one.distinct)
        for one in asked:
            yield from _domains(prefix, one, prover.found, known, earlier)
        earlier |= {answer.out for one in asked for answer in one.answers.values()}


def _program(subject: Subject, prefix: Prefix, one: Asked, base: Sequence[Asked], sisters: Sequence[Asked]) -> Case:
    """Return the case of a generator: Perl, Perl::Critic, and its contract."""
    path = one.generator.path
    before = next((old for old in base if old.generator.path == path), None)
    found = []
    why = perlcode.refusal(one.generator.program)
    if why:
        found.append(Finding(_PERL, Level.ERROR, why, Place(path)))
    said = _remarks(subject.store, one)
    old = _remarks(subject.store, before) if before else ()
    for remark in perlcode.new(said, old):
        place = Place(path, remark.line, remark.column, remark.column + 1, remark.source)
        found.append(Finding(_CRITIC, Level.ERROR, f"{remark.policy}: {remark.message}", place))
    found += contract.broken(one, before, sisters)
    return Case(f"{path}, {prefix}", tuple(found), patch=prefix.patch)


def _remarks(store: Store, one: Asked) -> tuple[perlcode.Remark, ...]:
    """Return what Perl::Critic says, which takes it a second, from memory where it said it before."""
    name = key("perlcritic", own("perlcode"), identity("perlcritic"), one.generator.data)
    kept = store.recall(name)
    try:
        return tuple(perlcode.Remark(*parts) for parts in kept)
    except TypeError:
        said = perlcode.remarks(one.generator.program)
        store.remember(name, [[r.policy, r.line, r.column, r.source, r.message] for r in said])
        return said


def _domains(
    prefix: Prefix, one: Asked, found: Mapping[bytes, Sequence[Problem]], known: set[bytes], earlier: set[bytes]
) -> Iterator[Case]:
    """Yield a case for each different domain that the generator prints."""
    path = one.generator.path
    for words in one.distinct:
        xml = one.answers[words].out
        call = " ".join((path, *words))
        if xml in earlier and xml not in known:
            yield Case(f"{call}, {prefix}", patch=prefix.patch)  # it was reported for the patch that brings it
            continue
        findings = [
            Finding(_SLUGS.get(one.step, _REFUSED), Level.ERROR, f"{call}: {one.step}: {one.reason}", Place(path))
            for one in found[xml]
        ]
        if xml in known:
            yield Case(f"{call}, {prefix}", tuple(map(pre_existing, findings)), len(findings), prefix.patch)
        else:
            yield Case(f"{call}, {prefix}", tuple(findings), patch=prefix.patch)


@dataclass(slots=True)
class _Prover:
    """Proves domains, each different one once; libvirt is started only where something is not known yet."""

    store: Store
    found: dict[bytes, list[Problem]] = field(default_factory=dict)

    def prove(self, domains: Iterator[bytes]) -> None:
        """Find out what is wrong with each of them."""
        new = [xml for xml in dict.fromkeys(domains) if xml not in self.found]
        to_run: list[tuple[bytes, str, Domain, str]] = []
        with self.store.scratch() as scratch:
            for number, xml in enumerate(new):
                folder = Path(scratch) / str(number)
                folder.mkdir()
                name = f"buildcheck-{number}"
                domain = filled(xml, name, folder, _BRIDGE)
                if isinstance(domain, Problem):
                    self.found[xml] = [domain]
                    continue
                self.found[xml] = list(schema_problems(domain))
                if domain.runs and not self.found[xml]:
                    memory = _memory(xml, domain)
                    kept = self.store.recall(memory)
                    if isinstance(kept, list):
                        self.found[xml] = [Problem(Step[step], reason) for step, reason in kept]
                    else:
                        to_run.append((xml, name, domain, memory))
            if to_run:
                with libvirt((_BRIDGE,)) as host, ThreadPoolExecutor(_JOBS) as pool:
                    list(pool.map(partial(self._one, Path(scratch), host), to_run))

    def _one(self, scratch: Path, host: Libvirt, job: tuple[bytes, str, Domain, str]) -> None:
        xml, name, domain, memory = job
        problem = prove(domain, name, scratch, host)
        self.found[xml] = [problem] if problem else []
        self.store.remember(memory, [[one.step.name, one.reason] for one in self.found[xml]])


def _memory(xml: bytes, domain: Domain) -> str:
    """Return the name under which it is remembered what libvirt and qemu did with a domain."""
    try:
        with Path("/dev/kvm").open("r+b"):
            kvm = "kvm"
    except OSError:
        kvm = ""
    emulator = identity(domain.emulator) if Path(domain.emulator).is_file() else domain.emulator
    return key("domain", own("domains", "libvirt", "sandbox"), xml, kvm, emulator, identity("libvirtd"))
