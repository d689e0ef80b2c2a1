# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stub generator sees when the tree's own Makefiles call it, and what they make of how it ends.

make and the shell are the real ones. In the place of the generator, which is Axis2's, stands a script that writes down the
variables it sees and its arguments. configure is not run: Makedefs is Makedefs.in with the values that configure would
give; that it takes AXIS2_HOME from its option and from its environment alike is for the tests of the project.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import makedefs, programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .prefixes import Prefix

__all__ = ["NEEDS", "TARGET", "VARIABLES", "Answer", "Call", "Way", "ask", "expected", "lines"]

NEEDS = ("make", "sh")
TARGET = "generated/stubs"
"""The target that upstream makes the stubs under."""
VARIABLES = ("AXIS2_HOME", "AXIS2C_HOME", "AXIS2C_SERVICES", "WSDL2C")
"""What the calls go by; of the last, the generator sees where it lies itself."""
_CALLED = re.compile(rb"^\t[^\n#]*\$\(WSDL2C\)[^\n]*$", re.MULTILINE)
_HOME, _OTHER = "/opt/axis2", "/opt/another"
_GLOB = "/usr/share/axis2-*"
_GENERATOR = """\
#!/bin/sh
{ printf '%s\\t' "${AXIS2_HOME-}" "${AXIS2C_HOME-}" "${AXIS2C_SERVICES-}" "$0" "$*"; echo; } >>"$BUILDCHECK_RECORD"
[ -z "$BUILDCHECK_SAYS" ] || echo "$BUILDCHECK_SAYS"
exit "$BUILDCHECK_STATUS"
"""
_SECONDS = 120.0


class Way(enum.Enum):
    """A way of configuring, or of the generator to end; the value says it in words."""

    GIVEN = "where configure has it"
    ENVIRONMENT = "where only the environment of make has it"
    COMMAND = "where only the command line of make has it"
    BOTH = "where configure has it and the environment of make has another"
    GLOB = "where configure was given a pattern"
    NOWHERE = "where nobody has it"
    FAILS = "when the generator fails"
    CLASSPATH = "when the generator says nothing but its class path"
    SILENT = "when the generator says nothing"

    @property
    def wanted(self) -> str | None:
        """What AXIS2_HOME should be, None where there is no saying."""
        return None if self in {Way.GLOB, Way.NOWHERE} else _HOME

    @property
    def _configured(self) -> str:
        return {Way.ENVIRONMENT: "", Way.COMMAND: "", Way.NOWHERE: "", Way.GLOB: _GLOB}.get(self, _HOME)

    @property
    def _environment(self) -> dict[str, str]:
        """What the environment of make has, the words of the generator among it."""
        home = {Way.ENVIRONMENT: _HOME, Way.BOTH: _OTHER}.get(self)
        says = {Way.SILENT: "", Way.CLASSPATH: "this is the classpath"}.get(self, "a line")
        status = "1" if self is Way.FAILS else "0"
        return {"BUILDCHECK_SAYS": says, "BUILDCHECK_STATUS": status} | ({"AXIS2_HOME": home} if home else {})

    @property
    def _words(self) -> tuple[str, ...]:
        return (f"AXIS2_HOME={_HOME}",) if self is Way.COMMAND else ()


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of the generator saw.

    :param seen: the value of each of :data:`VARIABLES`; paths of our own scratch begin with ``~``.
    """

    seen: Mapping[str, str]
    arguments: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the target in one folder.

    :param status: that of make.
    :param error: what it complained of last.
    """

    calls: tuple[Call, ...]
    status: int
    error: str


def lines(makefile: bytes) -> list[tuple[int, int]]:
    """Return the span of each recipe line that calls the generator, without its tab."""
    return [(match.start() + 1, match.end()) for match in _CALLED.finditer(makefile)]


def ask(prefix: Prefix, folders: tuple[str, ...], scratch: Path) -> Iterator[tuple[str, Way, Answer]]:
    """Make the stubs of each folder in every way.

    :raises ProgramError: make is not there, or does not end.
    """
    files = prefix.select((*folders, "wsdl", "tools"))
    stage, home = scratch / "stage", scratch / "axis2c"
    for path, data in files.items():
        (stage / path).parent.mkdir(parents=True, exist_ok=True)
        (stage / path).write_bytes(data)
    (home / "lib").mkdir(parents=True)
    (home / "lib/libaxutil.so").touch()
    generator = scratch / "WSDL2C.sh"
    generator.write_text(_GENERATOR, encoding="utf-8")
    values = {
        "AXIS2C_HOME": str(home),
        "AXIS2C_SERVICES": str(home / "services"),
        "WSDL2C": str(generator),
        "CC": "true",
        "PERL": "true",
        "RM": "rm",
        "INSTALL": "true",
        "abs_top_srcdir": str(stage),
        "prefix": "/",
    }
    for way in Way:
        configured = values | {"AXIS2_HOME": way._configured}  # noqa: SLF001 - of this module
        (stage / "Makedefs").write_bytes(makedefs.makedefs(files.get("Makedefs.in", b""), configured))
        for name in ("configure", "config.status"):
            (stage / name).touch()
        (stage / "Makedefs").touch()
        for folder in folders:
            yield folder, way, _made(stage / folder, way, scratch)


def _made(folder: Path, way: Way, scratch: Path) -> Answer:
    record = scratch / "record"
    record.write_bytes(b"")
    environment = {"BUILDCHECK_RECORD": str(record), **way._environment}  # noqa: SLF001 - of this module
    words = ["make", "-B", TARGET, "-o", "../Makedefs", *way._words]  # noqa: SLF001 - likewise
    done = programs.run(words, folder, environment, seconds=_SECONDS)
    calls = []
    for line in record.read_text(encoding="utf-8", errors="replace").splitlines():
        *seen, arguments, _ = line.split("\t")
        shown = [value.replace(str(scratch), "~") for value in seen]
        calls.append(Call(dict(zip(VARIABLES, shown, strict=True)), arguments))
    return Answer(tuple(calls), done.status, done.last_words if done.status else "")


def expected() -> Mapping[str, str]:
    """Return what every call should see of the variables that do not depend on the way."""
    return {"AXIS2C_HOME": "~/axis2c", "AXIS2C_SERVICES": "~/axis2c/services", "WSDL2C": "~/WSDL2C.sh"}
