# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a tree as they are installed: what its Makefiles link, its scripts, a configuration.

What is compiled and linked, and how, is what the tree's own Makefiles say (:mod:`buildcheck.recipes`);
the objects are those that `buildcheck compile` makes, so that one of the two finds them made. Which
files an installation has, and what the configuration says, is in ``cloud.toml``.
"""

from __future__ import annotations

import posixpath
import shutil
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildcheck import programs
from buildcheck.builds import stage_of
from buildcheck.compiler import Compiler
from buildcheck.generator import Generator
from buildcheck.recipes import record
from buildcheck.store import key, own
from buildcheck.units import links
from patchgen.findings import PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildcheck.prefixes import Prefix
    from buildcheck.subject import Subject
    from buildcheck.units import Link, Unit

__all__ = ["NEEDS", "Built", "InstallationError", "build", "cloud", "install"]

NEEDS = ("gcc", "ar", "xml2-config", "make", "patch", "perl")
"""The programs that building runs."""

_NOT_BUILT = Slug.define(
    "not-built",
    """A guest is to be started through a service of the tree, and that service, its client or a program that
    it runs does not compile or link, or the tree has no such thing. `buildcheck compile` says all that is
    wrong with it.""",
)
_ZEROED = "-ftrivial-auto-var-init=zero"
"""For a client that sends a field which it never set: what the stack held there may be no text."""


class InstallationError(PatchgenError):
    """The programs of a tree cannot be had."""


@cache
def cloud() -> Mapping[str, Any]:
    """Return what ``cloud.toml`` says."""
    return tomllib.loads((Path(__file__).parent / "cloud.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Built:
    """The programs and scripts of a tree, under their paths in the tree.

    :param runtime: the folder of the stand-in for Axis2/C that they were linked with.
    """

    folder: Path
    runtime: Path

    def serve(self, service: str) -> tuple[str | Path, ...]:
        """Return the words that start a service, but for its address."""
        return self.runtime / "bin/adb-serve", self.folder / cloud()[service]["library"]

    def client(self, service: str) -> Path:
        """Return the client of a service."""
        name: str = cloud()[service]["client"]
        return self.folder / name

    def script(self, name: str) -> Path:
        """Return a script of the tree.

        :raises InstallationError: it has none of that name.
        """
        sources: Mapping[str, str] = cloud()["home"]["scripts"]
        for source in sources:
            if (self.folder / source / name).exists():
                return self.folder / source / name
        raise InstallationError(_NOT_BUILT, f"the tree has no script {name}", Place(name))


def build(subject: Subject, prefix: Prefix, services: Iterable[str]) -> Built:
    """Return what is needed to run *services* of the tree; nothing but the scripts where there is none.

    :raises InstallationError: something does not compile or link.
    :raises PatchgenError: the tree cannot be laid out, or a program is not there.
    """
    store = subject.store
    generator = Generator(store)
    named = [cloud()[service] for service in services]
    wanted = [one[what] for one in named for what in ("library", "client")]
    wanted += list(cloud()["home"]["built"]) if named else []
    runtime = generator.home() if named else store.folder
    identity = generator.identity() if named else ""
    folder = store.folder / "installations" / key(prefix.digest(), identity, own("guest/installation"), *wanted)
    if not folder.exists():
        with store.scratch() as scratch:
            made = Path(scratch) / "built"
            _scripts(made, prefix)
            if wanted:
                _programs(made, subject, prefix, generator, wanted)
            folder.parent.mkdir(exist_ok=True)
            try:
                made.rename(folder)
            except OSError:  # another run was faster
                if not folder.exists():
                    raise
    folder.touch()
    return Built(folder, runtime)


def _scripts(folder: Path, prefix: Prefix) -> None:
    for source in cloud()["home"]["scripts"]:
        (folder / source).mkdir(parents=True)
        for path in prefix.files:
            data = prefix.tree.read(path) if posixpath.dirname(path) == source else b""
            if data.startswith(b"#!"):
                (folder / path).write_bytes(data)
                (folder / path).chmod(0o755)


def _programs(folder: Path, subject: Subject, prefix: Prefix, generator: Generator, wanted: Iterable[str]) -> None:
    recipes = record(prefix, generator, subject.store)
    stage = stage_of(subject, prefix, recipes, {})
    found = {link.output: link for link in links(recipes.commands)}
    lacking = [name for name in wanted if name not in found]
    if lacking:
        why = recipes.findings[0].message if recipes.findings else "its Makefiles link none"
        raise InstallationError(_NOT_BUILT, f"there is no {lacking[0]}: {why}", Place(lacking[0]))
    compiler = Compiler("gcc", subject.store)
    mains = {one["main"] for one in cloud().values() if "main" in one}

    def compile_one(unit: Unit) -> str:
        extra = (_ZEROED,) if unit.path in mains else ()
        states = compiler.states(replace(unit, arguments=(*unit.arguments, *extra)))
        done = states.compile(stage)
        states.close()
        if not done.object:
            message = next((one.text for one in done.diagnostics if one.level.value == "error"), "it does not compile")
            raise InstallationError(_NOT_BUILT, message, Place(unit.path))
        return str(subject.store.object(done.object))

    units = dict.fromkeys(one for name in wanted for one in found[name].arguments if not isinstance(one, str))
    with ThreadPoolExecutor(subject.jobs) as pool:
        objects = dict(zip(units, pool.map(compile_one, units), strict=True))
    for name in wanted:
        _link(folder / name, found[name], objects, generator)


def _link(target: Path, wanted: Link, objects: Mapping[Unit, str], generator: Generator) -> None:
    words = [one if isinstance(one, str) else objects[one] for one in wanted.arguments]
    # What is loaded has to be found without LD_LIBRARY_PATH, which is for the loader of every program below it.
    words += [*generator.folders(), f"-Wl,-rpath,{generator.home()}/lib"]
    target.parent.mkdir(parents=True, exist_ok=True)
    done = programs.run(("gcc", *words, "-o", target), target.parent)
    if done.status:
        raise InstallationError(_NOT_BUILT, f"it does not link: {done.last_words}", Place(wanted.output))


def install(built: Built, home: Path, settings: Mapping[str, str], service: str) -> Path:
    """Lay out an installation of *service* in the folder *home*, and return *home*.

    What is there already is kept but for programs, scripts and the configuration, as an upgrade does it.

    :param settings: lines of the configuration, over those of ``cloud.toml``.
    """
    said = cloud()["home"]
    for name in (*said["folders"], *said["scripts"].values()):
        (home / name).mkdir(parents=True, exist_ok=True)
    for source, target in said["scripts"].items():
        for path in sorted((built.folder / source).iterdir()):
            if path.is_file():
                _put(path, home / target / path.name)
    for source, target in said["built"].items():
        (home / target).parent.mkdir(parents=True, exist_ok=True)
        _put(built.folder / source, home / target)
    values = {**said["settings"], "INSTANCE_PATH": f"{home}/{said['instances']}", **cloud()[service]["settings"]}
    lines = (f'{name}="{value}"\n' for name, value in {**values, **settings}.items())
    (home / said["conf"]).write_text("".join(lines), encoding="utf-8")
    return home


def _put(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    shutil.copy(source, target)
