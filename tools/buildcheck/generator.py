# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for Axis2/C: what :mod:`buildcheck.adb` builds and generates, as the tree's Makefiles want it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Slug

from . import programs
from .store import key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .store import Store

__all__ = ["LINKED_WITH", "NEEDS", "Generator", "GeneratorError"]

NEEDS = ("gcc", "ar", "xml2-config")
"""The programs that building the run time needs."""

_NO_HOME = Slug.define(
    "no-adb-home",
    """The run time that stands for Axis2/C could not be built, so that nothing which needs it can be
    compiled or linked. The message says why.""",
)
_PACKAGE = Path(__file__).parent / "adb"
_LIBRARIES = """-lz -lcurl -lvirt -laxis2_engine -laxis2_http_sender -laxis2_http_receiver -laxis2_http_common -lneethi
    -laxis2_axiom -lguththila -laxis2_parser -laxutil"""
"""What upstream's configure puts into LIBS, the last that it looks for first."""

LINKED_WITH = "-L/buildcheck-ldflags"
"""Stands in LDFLAGS, so that it can be told which commands use them; there is no such folder, which is no error."""


class GeneratorError(PatchgenError):
    """The stand-in for Axis2/C cannot be built."""


@dataclass(frozen=True, slots=True)
class Generator:
    """The stand-in, built once for each version of :mod:`buildcheck.adb`, compiler and libxml2.

    :param flags: what its own C is compiled with beside the usual, such as sanitizers.
    """

    store: Store
    flags: tuple[str, ...] = ()
    _identity: list[str] = field(default_factory=list)

    def identity(self) -> str:
        """Return a digest of all that decides what is generated and built.

        :raises ProgramError: a program is not there.
        """
        if not self._identity:
            parts: list[str | bytes] = [sys.executable, sys.version, *self.flags]
            for path in sorted(_PACKAGE.rglob("*")):
                if path.suffix in {".py", ".c", ".h"}:
                    parts += [path.relative_to(_PACKAGE).as_posix(), path.read_bytes()]
            parts += [programs.identity(name) for name in NEEDS]
            self._identity.append(key(*parts))
        return self._identity[0]

    def home(self) -> Path:
        """Return the folder that stands for AXIS2C_HOME; it is built when it is not there yet.

        :raises GeneratorError: it cannot be built.
        :raises ProgramError: a program is not there.
        """
        home = self.store.folder / "homes" / self.identity()
        if not home.exists():
            programs.need(NEEDS)
            with self.store.scratch() as scratch:
                made = Path(scratch) / "home"
                words: list[str | Path] = [sys.executable, _PACKAGE, "home", made, "--cc", "gcc"]
                words += [f"--flags={' '.join(self.flags)}"] if self.flags else []
                done = programs.run(words, Path(scratch))
                if done.status:
                    raise GeneratorError(_NO_HOME, f"the run time for Axis2/C cannot be built: {done.last_words}")
                home.parent.mkdir(exist_ok=True)
                try:
                    made.rename(home)
                except OSError:  # another run was faster
                    shutil.rmtree(made, ignore_errors=True)
        return home

    def values(self) -> Mapping[str, str]:
        """Return what configure would find: the values for ``Makedefs.in`` that have to do with Axis2/C."""
        home = self.home()
        include = [f"-I{home}/include/axis2-1.6.0", f"-I{home}/include/rampart-1.3.0", "-I/usr/include"]
        return {
            "AXIS2C_HOME": str(home),
            "AXIS2C_SERVICES": f"{home}/services",
            "AXIS2_HOME": str(home),
            "INCLUDES": " ".join(include),
            "LDFLAGS": " ".join((LINKED_WITH, *self.folders())),
            "LIBS": " ".join(_LIBRARIES.split()),
            "WSDL2C": f"{home}/bin/tools/wsdl2c/WSDL2C.sh",
        }

    def folders(self) -> tuple[str, ...]:
        """Return the linker's options for where the libraries are.

        configure puts them into LDFLAGS, which upstream's Makefiles do not use.
        """
        home = self.home()
        return f"-L{home}/lib", f"-L{home}/modules/rampart"

    def main_object(self) -> Path:
        """Return the object file with the ``main()`` of a service."""
        return self.home() / "lib/adb-main.o"
