# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that a tree can be built against as if it were AXIS2C_HOME.

What the trees' configure and Makefiles look for (upstream/build.md, 1.2 to 1.5): ``include/axis2-*`` and
``include/rampart-*``, ``lib/libaxutil.so`` with a dozen other libraries beside it, ``modules/rampart``, and
``bin/tools/wsdl2c/WSDL2C.sh``. All libraries are one, under their names.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import NOWHERE, AdbError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RUNTIME", "Compiler", "make_home"]

RUNTIME = Path(__file__).resolve().parent / "runtime"
"""The hand-written C code."""

_LIBRARY = "libaxutil.so"
_SONAME = f"{_LIBRARY}.0"
_OTHER_NAMES = (
    "libaxis2_axiom.so",
    "libaxis2_engine.so",
    "libaxis2_http_common.so",
    "libaxis2_http_receiver.so",
    "libaxis2_http_sender.so",
    "libaxis2_parser.so",
    "libguththila.so",
    "libneethi.so",
    "librampart.so",
)
_PROGRAMS = ("main.c", "host.c")
_FLAGS = ("-std=gnu99", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fPIC")


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C compiler with the flags that everything is compiled and linked with.

    :param command: the program, and words that belong to it.
    :param flags: for compiling and linking: optimisation, debugging, sanitizers.
    """

    command: tuple[str, ...] = ("cc",)
    flags: tuple[str, ...] = ("-O2", "-g")

    def run(self, words: Sequence[str], what: str) -> None:
        """Run it.

        :raises AdbError: it is not there, or it fails; the reason has what it said.
        """
        try:
            done = subprocess.run(  # noqa: S603 - the words are ours, and no shell reads them
                [*self.command, *self.flags, *words], capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise AdbError(NOWHERE, 0, f"{self.command[0]} cannot be run: {error.strerror}") from error
        if done.returncode:
            sys.stderr.write(done.stderr)
            raise AdbError(NOWHERE, 0, f"{what} cannot be built with {self.command[0]}: see above")


def make_home(folder: Path, compiler: Compiler) -> None:
    """Build the runtime, and lay it out below *folder*.

    :raises AdbError: the compiler or libxml2 is missing, or *folder* cannot be written.
    """
    try:
        for name in ("include/axis2-1.6.0", "include/rampart-1.3.0", "lib", "modules/rampart", "bin/tools/wsdl2c"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "services").mkdir(exist_ok=True)
        shutil.copytree(RUNTIME / "include", folder / "include/axis2-1.6.0", dirs_exist_ok=True)
        _write_generator(folder / "bin/tools/wsdl2c/WSDL2C.sh")
        _build(folder, compiler)
    except OSError as error:
        raise AdbError(str(folder), 0, f"cannot make a home there: {error}") from error


def _build(folder: Path, compiler: Compiler) -> None:
    objects = folder / "lib/objects"
    objects.mkdir(exist_ok=True)
    cflags, libs = _libxml2("--cflags"), _libxml2("--libs")
    include = [f"-I{RUNTIME / 'include'}", *cflags]
    sources = sorted(RUNTIME.glob("*.c"))

    def compile_one(source: Path) -> None:
        target = objects / f"{source.stem}.o"
        compiler.run([*_FLAGS, *include, "-c", str(source), "-o", str(target)], source.name)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, sources))
    library = [str(objects / f"{source.stem}.o") for source in sources if source.name not in _PROGRAMS]
    lib = folder / "lib"
    compiler.run(["-shared", f"-Wl,-soname,{_SONAME}", "-o", str(lib / _SONAME), *library, *libs], _SONAME)
    for name in (_LIBRARY, *_OTHER_NAMES):
        _link(lib / name, _SONAME)
    _link(folder / "modules/rampart/librampart.so", f"../../lib/{_SONAME}")
    archive = lib / "libadb.a"
    archive.unlink(missing_ok=True)
    Compiler(("ar",), ()).run(["rcs", str(archive), *library], archive.name)
    shutil.copy(objects / "main.o", lib / "adb-main.o")
    serve = [str(objects / "host.o"), f"-L{lib}", "-laxutil", "-Wl,-rpath,$ORIGIN/../lib", "-Wl,--export-dynamic"]
    compiler.run(["-o", str(folder / "bin/adb-serve"), *serve, "-ldl", *libs], "adb-serve")
    shutil.rmtree(objects)


def _link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _libxml2(option: str) -> list[str]:
    try:
        done = subprocess.run(  # noqa: S603 - a word of ours
            ["xml2-config", option],  # noqa: S607 - on PATH like the compiler
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise AdbError(NOWHERE, 0, "xml2-config cannot be run: the Debian package is libxml2-dev") from error
    return shlex.split(done.stdout)


def _write_generator(path: Path) -> None:
    package = shlex.quote(str(Path(__file__).resolve().parent))
    python = shlex.quote(sys.executable)
    path.write_text(
        "#!/bin/sh\n"
        "# SPDX-License-Identifier: GPL-3.0-or-later\n"
        "# What the tree's Makefiles call in the place of Axis2's generator.\n"
        f'exec "${{ADB_PYTHON:-{python}}}" {package} wsdl2c "$@"\n',
        encoding="utf-8",
    )
    path.chmod(0o755)
