# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved of packages that were built: lintian, the table, hardening, and that a second build gives the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from buildcheck import programs
from buildcheck.report import Case
from patchgen.findings import Finding, Level, Place, Slug

from .building import NEEDS, SUFFIXES, Build, Tool, sources
from .contents import different, unlisted
from .deb import Deb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .building import Builder
    from .table import Table

__all__ = ["cases", "hardened", "linted", "listed", "needs", "same"]

_LINTIAN = Slug.define(
    "package-lintian",
    """lintian has an error or a warning for a package, or an override hides one and no comment above it in the file of
    overrides says why.""",
)
_HARDENING = Slug.define(
    "package-hardening",
    """Something was compiled or linked without the hardening of dpkg-buildflags(1): blhc says so of a command in the
    log of the build, or lintian of what was built.""",
)
_DIFFERS = Slug.define(
    "package-not-reproducible",
    """The package was built twice, the second time with another path, locale, time zone, umask and time, and has other
    bytes. The message is what diffoscope finds first. See https://reproducible-builds.org/docs/.""",
)
_UNPROVED = Slug.define(
    "package-unproved",
    """Something was not proved of the packages, because it was not asked for or not given: the table of what they should be,
    or a second build.""",
)
_FAILING = {"error", "warning"}
_OF_HARDENING = "hardening-"
_NO_COMMANDS = 1
_LONGEST = 160


def needs(builder: Builder | None, *, once: bool) -> list[str]:
    """Return the programs that :func:`cases` runs."""
    if builder is None:
        return ["lintian"]
    local = builder.tool is Tool.DPKG
    return [
        "lintian",
        "blhc",
        *NEEDS[builder.tool],
        *([] if once else ["diffoscope", *(["faketime"] if local else [])]),
    ]


def cases(
    source: Path, builder: Builder | None, table: Table | None, folders: tuple[Path, Path], *, once: bool
) -> Iterator[Case]:
    """Yield all that is proved of the packages of *source*.

    :param builder: how to build them; None where *source* is a .changes file, and they lie beside it.
    :param folders: where what was built is kept, and one for what is not.
    :param once: they are not built a second time.
    :raises PatchgenError: they cannot be built, or a program is not there.
    """
    kept, scratch = folders
    open_ = []
    if builder is None:
        build = Build(source, None, tuple(path for path in sources(source) if path.suffix in SUFFIXES))
        open_.append(("they were not built here: neither the log nor a second build was looked at", Level.NOTE))
    else:
        build = builder.build(source, kept, varied=False)
    if table is None:
        open_.append(("no table says what they should be: --expect TABLE", Level.WARNING))
    else:
        yield from listed(build, table)
    yield from linted([build.changes, *build.debs, *([source] if builder else [])], scratch)
    if builder is not None and build.log is not None:
        yield hardened(build.log, scratch)
        if once:
            open_.append(("they were built once", Level.NOTE))
        else:
            yield from same(build, builder.build(source, scratch / "two", varied=True), scratch)
    yield Case("what was not looked at", tuple(Finding(_UNPROVED, level, message) for message, level in open_))


def listed(build: Build, table: Table) -> Iterator[Case]:
    """Yield a case for the list of packages, and one for each.

    :raises DebError: a file is no package.
    """
    debs = [Deb.read(path) for path in build.debs]
    yield Case("the packages", tuple(unlisted(debs, table)))
    for deb in debs:
        expected = table.expected(deb.name)
        if expected is not None:
            yield Case(f"{deb.name}, by the table", tuple(different(deb, expected, table.version)))


def linted(paths: Sequence[Path], scratch: Path) -> Iterator[Case]:
    """Yield a case for each file of the packages that lintian looked at.

    :raises ProgramError: lintian is not there, or ends in a way that it does not document.
    """
    words = ["lintian", "--allow-root", "--exp-output=format=json", "--tag-display-limit", "0", "--show-overrides"]
    done = programs.run([*words, "--display-info", *map(str, paths)], scratch, {"LC_ALL": "C.UTF-8"})
    try:
        groups = json.loads(done.out)["groups"]
        files = [file for group in groups for file in group["input_files"]]
        found = [(_name(file), [_hint(hint, _name(file)) for hint in file["hints"]]) for file in files]
    except (ValueError, LookupError, TypeError) as error:
        raise programs.failed(done, "lintian") from error
    by_name: dict[str, list[Finding]] = {}
    for name, hints in found:
        by_name.setdefault(name, []).extend(hint for hint in hints if hint is not None)
    for path in paths:  # of a .changes file it drops in silence what has another version
        name = path.name
        if name in by_name:
            yield Case(f"{name}, by lintian", tuple(dict.fromkeys(by_name[name])))
        else:
            yield Case(
                f"{name}, by lintian", (Finding(_LINTIAN, Level.ERROR, "lintian did not look at it", Place(name)),)
            )


def hardened(log: Path, scratch: Path) -> Case:
    """Return what blhc says of the log of a build.

    :raises ProgramError: blhc is not there, or ends in a way that it does not document.
    """
    done = programs.run(["blhc", "--all", log], scratch)
    said = done.out.decode("utf-8", "replace").splitlines()
    if done.status not in {0, _NO_COMMANDS} and not said:
        raise programs.failed(done, "blhc")
    if done.status == _NO_COMMANDS:
        said = ["there is no compiler command in the log"]
    findings = [Finding(_HARDENING, Level.ERROR, _cut(line), Place(log.name)) for line in said]
    return Case(f"{log.name}, by blhc", tuple(findings))


def same(one: Build, other: Build, scratch: Path) -> Iterator[Case]:
    """Yield a case for each package of two builds.

    :raises ProgramError: diffoscope is not there, or ends in a way that it does not document.
    """
    first, second = ({path.name: path for path in build.debs} for build in (one, other))
    for name in sorted(first.keys() | second.keys()):
        case = f"{name}, built twice"
        if name not in first or name not in second:
            which = "first" if name in first else "second"
            message = f"{name} was made by the {which} build only"
            yield Case(case, (Finding(_DIFFERS, Level.ERROR, message, Place(name)),))
        elif first[name].read_bytes() == second[name].read_bytes():
            yield Case(case)
        else:
            message = f"{name} is another the second time: {_difference(first[name], second[name], scratch)}"
            yield Case(case, (Finding(_DIFFERS, Level.ERROR, message, Place(name)),))


def _difference(one: Path, other: Path, scratch: Path) -> str:
    """Return the innermost difference that diffoscope comes to first."""
    done = programs.run(["diffoscope", "--json=-", "--no-progress", one, other], scratch, {"LC_ALL": "C.UTF-8"})
    try:
        node: Any = json.loads(done.out)
        where = []
        while True:
            where.append(str(node["source1"]))
            inner = [one for one in node.get("details", ()) if one.get("unified_diff") or one.get("details")]
            inner.sort(key=lambda one: one["source1"] == "file list")  # sizes and times: what is in the files says more
            if not inner:
                break
            node = inner[0]
        lines = [line for line in str(node.get("unified_diff") or "").splitlines() if line[:1] in {"+", "-"}]
    except (ValueError, LookupError, TypeError) as error:
        raise programs.failed(done, "diffoscope") from error
    return _cut(f"{', '.join(where[1:])}: {' '.join(lines[:2])}")


def _name(file: Any) -> str:  # noqa: ANN401 - of JSON
    return str(file["path"]).rpartition("/")[2]


def _hint(hint: Any, path: str) -> Finding | None:  # noqa: ANN401 - of JSON
    """Return the finding for what lintian says, None where it is not one."""
    tag, level = str(hint["tag"]), str(hint["visibility"])
    pointer = hint.get("pointer") or {}
    where = str((pointer.get("item") or {}).get("name", ""))
    note = " ".join(text for text in (str(hint.get("note", "")), where and f"[{where}]") if text)
    override = hint.get("override")
    if override is not None:
        if str(override.get("justification") or "").strip():
            return None
        message = f"{tag} is overridden, and nothing says why"
        return Finding(_LINTIAN, Level.ERROR, message, Place(path), "a comment above the line in the overrides")
    if tag.startswith(_OF_HARDENING):
        return Finding(_HARDENING, Level.ERROR, f"lintian: {tag} {note}", Place(path))
    if level in _FAILING:
        return Finding(_LINTIAN, Level.ERROR, f"{level}: {tag} {note}", Place(path), f"lintian-explain-tags {tag}")
    return None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
