# SPDX-License-Identifier: GPL-3.0-or-later
"""Time a SOAP round trip through the generated code beside the same with libxml2 by hand: ``soap.c``, built and run."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from buildcheck.adb.generate import files_of, write
from buildcheck.adb.home import RUNTIME, Compiler, make_home
from buildcheck.adb.wsdl import read
from measure import BenchError, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["round_trips", "times"]

_FLAGS = ("-O2",)
_SAID = re.compile(r"generated (\d+) ns\nlibxml2 by hand (\d+) ns\n")


def round_trips(root: Path, scratch: Path, rounds: int = 5000) -> Iterator[Row]:
    """Yield the round trip of a request to run an instance; the program takes the best of five of each.

    :param rounds: trips in each of the five.
    :raises BenchError: it cannot be built, or the two do not end with the same values.
    """
    home, generated, program = scratch / "soap-home", scratch / "soap-generated", scratch / "soap"
    make_home(home, Compiler(("gcc",), _FLAGS))
    write(files_of(read(root / "tests/c/reference/wsdl/eucalyptus_nc.wsdl"), client=False, server=False), generated)
    sources = [str(root / "bench/soap.c"), *map(str, sorted(generated.glob("*.c")))]
    include = [f"-I{home}/include/axis2-1.6.0", f"-I{generated}", f"-I{RUNTIME}"]
    libxml2 = _run("xml2-config", "--cflags", "--libs").split()
    _run("gcc", "-std=gnu99", *_FLAGS, *include, "-o", str(program), *sources, str(home / "lib/libadb.a"), *libxml2)
    ours, theirs = times(_run(str(program), str(rounds)))
    yield Row("SOAP round trip through generated code", ours, "libxml2 by hand", theirs, 2.0, "us")


def times(said: str) -> tuple[float, float]:
    """Return the microseconds of both that the program prints.

    :raises BenchError: it prints something else.
    """
    found = _SAID.match(said)
    if found is None:
        msg = f"soap does not say what it measured: {said!r}"
        raise BenchError(msg)
    return int(found[1]) / 1000, int(found[2]) / 1000


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - words of ours
    if done.returncode:
        msg = f"{words[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}"
        raise BenchError(msg)
    return done.stdout
