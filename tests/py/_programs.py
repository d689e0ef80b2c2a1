# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of a prefix of a series, built with sanitizers: both services, their clients and what they run.

What is compiled and linked is what the tree's own Makefiles say (:mod:`buildcheck.recipes`), so that any tree will
do which buildcheck can compile. Each object is made once, for whichever prefixes it is the same.
"""

from __future__ import annotations

import fcntl
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck import programs as edge
from buildcheck.builds import stage_of
from buildcheck.compiler import Compiler
from buildcheck.generator import Generator
from buildcheck.linker import service
from buildcheck.prefixes import Prefix, Prefixes
from buildcheck.recipes import record
from buildcheck.store import Store, digest, key
from buildcheck.subject import Subject
from buildcheck.suite import PEER, Suite
from buildcheck.testbuild import SANITIZERS, TestBuilder
from buildcheck.testrun import Test, TestRunner
from buildcheck.units import Link, links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from buildcheck.compiler import Stage
    from buildcheck.report import Case
    from buildcheck.units import Unit

__all__ = [
    "LAST",
    "PATCHES",
    "REFERENCE",
    "SANITIZED",
    "Programs",
    "broken",
    "built",
    "built_of",
    "case",
    "names_of_patches",
    "subject",
]

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "tests/c/reference"
PATCHES = ROOT / "patches"
_OWN = ROOT / "tests/c/chain"

SANITIZED = (*SANITIZERS, "-fno-sanitize-recover=undefined")
_ZEROED = "-ftrivial-auto-var-init=zero"
"""For the client of the node: it sends an address that it never set, whatever the stack held there."""
_UNSET = "node/NCclient.c"

_SERVICES = {"node/libEucalyptusNC.so": "nc", "cluster/libEucalyptusCC.so": "cc"}
_CLIENTS = {"node/NCclient": "NCclient", "cluster/CCclient": "CCclient", "util/euca_rootwrap": "euca_rootwrap"}
_WRAPPED = {
    "nc": ("-Wl,--wrap=euca_authenticate", "-Wl,--wrap=virConnectOpen"),
    "cc": ("-Wl,--wrap=euca_authenticate",),
}

LAST = -1
"""The tree with the whole series on it."""


@dataclass(frozen=True, slots=True)
class Programs:
    """What was built of a prefix.

    :param folder: holds ``nc``, ``cc``, ``NCclient``, ``CCclient`` and ``euca_rootwrap``.
    :param tree: the prefix itself, laid out, with what was generated of it.
    """

    prefix: str
    folder: Path
    tree: Path


def names_of_patches(patches: Path = PATCHES) -> list[str]:
    """Return the names in the series."""
    lines = (patches / "series").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@cache
def subject(tree: Path = REFERENCE, patches: Path = PATCHES) -> Subject:
    """Return every prefix of a series on a tree."""
    return Subject.of_series(str(tree), patches, "series", Store.usual(), each=True)


def broken(prefix: Prefix, path: str, find: str, replace: str) -> Prefix:
    """Return *prefix* with a text in it, which must stand once in a file, replaced."""
    before = prefix.tree.read(path).decode()
    assert before.count(find) == 1, f"{find!r} stands {before.count(find)} times in {path} of {prefix}"
    data = before.replace(find, replace).encode()
    files = {**prefix.files, path: digest(data)}
    return Prefix(prefix.number, f"{prefix.patch}, broken", prefix.tree.with_files({path: data}), files)


def case(whole: Subject, prefix: Prefix, name: str) -> Case:
    """Return the case of one C test, PROGRAM/TEST, on a prefix of a series, or on what was made of one."""
    chosen = (whole.prefixes.all[0], prefix)
    of = replace(whole, prefixes=Prefixes(chosen), chosen=chosen)
    suite = Suite.open(ROOT / "tests/c/behaviour")
    builder = TestBuilder(of, suite, Generator(of.store), Generator(of.store, SANITIZERS))
    for one in chosen:
        builder.facts[one.number] = suite.holding(one.tree) | {PEER}
    program = suite.program(name.partition("/")[0])
    programs = [program, *map(suite.program, program.runs)]
    test = Test(prefix, program, name.partition("/")[2])
    numbers = {prefix.number, chosen[0].number} if PEER in test.needs else {prefix.number}
    runner = TestRunner(suite, of, builder.build(dict.fromkeys(numbers, programs)), builder.place)
    assert runner.can_run(test), [one.findings for built in runner.built.values() for one in built.values()]
    return runner.case(test)


@cache
def built(number: int = LAST) -> Programs:
    """Return the programs of the prefix of *number* patches of our series on the reference tree."""
    return built_of(subject().prefixes.all[number], subject())


def built_of(prefix: Prefix, of: Subject) -> Programs:
    """Return the programs of a prefix; the first process makes them, the others wait."""
    store = of.store
    generator = Generator(store)
    with _locked(store, "programs"):
        recipes = record(prefix, generator, store)
        assert not recipes.findings, recipes.findings
        stage = stage_of(of, prefix, recipes, {})
        home = Generator(store, SANITIZED).home()
        wanted = dict(_wanted(links(recipes.commands), generator))
        objects = _objects(stage, wanted.values(), store)

        def link_all(folder: Path) -> None:
            for name, one in wanted.items():
                _linked(folder / name, one, objects, (str(generator.home()), str(home)))

        made = (f"{unit.path} {path}" for unit, path in sorted(objects.items(), key=lambda item: str(item[1])))
        own = [path.read_bytes() for path in (Path(__file__), *sorted(_OWN.glob("*.c")))]
        folder = _made(store, "programs", key(*made, *own, str(home)), link_all)
        return Programs(str(prefix), folder, stage.folder())


class _locked:  # noqa: N801 - used like a function
    """Held by one process at a time."""

    def __init__(self, store: Store, name: str) -> None:
        self._file = (store.folder / f"{name}.lock").open("w")

    def __enter__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _made(store: Store, name: str, identity: str, make: Callable[[Path], None]) -> Path:
    """Return the folder that *make* fills; what it is made from is its *identity*."""
    folder = store.folder / "homes" / f"{name}-{identity}"  # forgotten with the run times, after a month
    if not (folder / ".done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
        (folder / ".done").touch()
    return folder


def _wanted(found: Iterable[Link], generator: Generator) -> Iterable[tuple[str, Link]]:
    for one in found:
        if one.output in _CLIENTS:
            yield _CLIENTS[one.output], one
        elif one.output in _SERVICES:
            program = service(one, generator)
            assert program is not None, one.output
            yield _SERVICES[one.output], program


def _objects(stage: Stage, wanted: Iterable[Link], store: Store) -> dict[Unit, Path]:
    units = dict.fromkeys(word for one in wanted for word in one.arguments if not isinstance(word, str))
    compiler = Compiler("gcc", store)

    def compile_one(unit: Unit) -> Path:
        extra = (*SANITIZED, _ZEROED) if unit.path == _UNSET else SANITIZED
        states = compiler.states(replace(unit, arguments=(*unit.arguments, *extra)))
        done = states.compile(stage)
        states.close()
        assert done.object, (unit.path, done.diagnostics)
        return store.object(done.object)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(units, pool.map(compile_one, units), strict=True))


def _linked(target: Path, one: Link, objects: dict[Unit, Path], homes: tuple[str, str]) -> None:
    words = [word if isinstance(word, str) else str(objects[word]) for word in one.arguments]
    words = [word.replace(*homes) for word in words]
    home = homes[1]
    extra = [*_WRAPPED.get(target.name, ()), f"-L{home}/lib", f"-Wl,-rpath,{home}/lib"]
    if target.name == "nc":
        extra.append(str(_OWN / "libvirt_uri.c"))
    done = edge.run(("gcc", *SANITIZED, *words, *extra, "-o", target), target.parent)
    assert done.status == 0, done.err.decode()
