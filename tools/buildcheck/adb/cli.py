# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: ``wsdl2c`` with the options that the trees' Makefiles use, and ``home``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import NOWHERE, AdbError
from .generate import files_of, write
from .home import Compiler, make_home
from .wsdl import read

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. 0: done. 2: the command, the WSDL file or the machine cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "home":
            make_home(options.folder.absolute(), Compiler(tuple(options.cc.split()), tuple(options.flags.split())))
            _say(f"adb: {options.folder}: built; use it as AXIS2C_HOME")
        else:
            _wsdl2c(options)
    except AdbError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except BrokenPipeError:
        sys.stderr.write("error: nobody reads what is printed\n")
        return 2
    return 0


def _wsdl2c(options: argparse.Namespace) -> None:
    if options.d != "adb":
        raise AdbError(NOWHERE, 0, f"-d {options.d}: there is no data binding but adb")
    service = read(options.uri)
    files = files_of(service, client=not options.ss or options.g, server=options.ss)
    for name in write(files, options.o):
        _say(f"adb: {name}: what another WSDL file had left there said something else")
    # The Makefiles read this through `grep -v 'the classpath'`, which fails where no other line comes.
    _say(f"adb: {service.name}: {len(files)} files of {len(service.operations)} operations from {options.uri}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="adb", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    wsdl2c = commands.add_parser("wsdl2c", help="write C code from a WSDL file", allow_abbrev=False)
    wsdl2c.add_argument("-uri", type=Path, required=True, metavar="FILE", help="the WSDL file")
    wsdl2c.add_argument("-o", type=Path, required=True, metavar="FOLDER", help="where to write")
    wsdl2c.add_argument("-ss", action="store_true", help="the service's side; without it, the client's")
    wsdl2c.add_argument("-g", action="store_true", help="with -ss: the client's side too")
    wsdl2c.add_argument("-d", default="adb", metavar="adb", help="the data binding")
    for option in ("-sd", "-u", "-uw", "-f"):
        wsdl2c.add_argument(option, action="store_true", help="taken, and always so")
    home = commands.add_parser("home", help="build the runtime, laid out as AXIS2C_HOME", allow_abbrev=False)
    home.add_argument("folder", type=Path)
    home.add_argument("--cc", default="cc", metavar="COMMAND", help="the compiler (cc)")
    home.add_argument("--flags", default="-O2 -g", metavar="FLAGS", help="for compiling and linking (-O2 -g)")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
