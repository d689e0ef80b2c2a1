# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the targets in turn on changed inputs, in this process, and keep what goes wrong.

A run goes wrong by any exception that is no PatchgenError, by taking more than some seconds of the processor, and by
wanting more memory than the bound. The input is written to the folder of finds under the target's name.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import time
import traceback
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError

from .mutate import mutated
from .targets import TARGETS, seeds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import FileIO

_SECONDS = 10
"""Of the processor, for one input of at most 64 KiB."""
_MEMORY = 1 << 30
"""Bytes above what the process has when it begins."""
_EVERY = 1000
_KEPT = 200
"""Changed inputs that a target took without an error are changed further; so many of each are kept, in memory."""


class HangError(Exception):
    """An input took too long."""


def main(words: Sequence[str]) -> int:
    """Run, and return 1 where anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--found", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--target", action="append", choices=[*TARGETS])
    options = parser.parse_args(words)
    names = options.target or [*TARGETS]
    signal.signal(signal.SIGPROF, _too_long)
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + _MEMORY, size + _MEMORY))
    return _fuzz(names, options.runs, random.Random(options.seed), options.found)  # noqa: S311 - the same in each run


def _fuzz(names: Sequence[str], runs: int, pick: random.Random, found: Path) -> int:
    pools = {name: seeds(name) for name in names}
    first = {name: len(pool) for name, pool in pools.items()}
    wrong: dict[str, int] = {}
    ran = 0
    begun = time.monotonic()
    found.mkdir(parents=True, exist_ok=True)
    with (found / "last").open("wb", buffering=0) as last:
        for name in names:
            for data in pools[name]:
                ran += 1
                _note(data, last)
                _once(name, data, found, wrong)
        while ran < runs:
            name = names[ran % len(names)]
            pool = pools[name]
            data = mutated(pick.choice(pool), pool, pick, packed=name == "tarball")
            ran += 1
            _note(data, last)
            if _once(name, data, found, wrong) and pick.random() < 0.05:
                if len(pool) - first[name] >= _KEPT:
                    del pool[first[name] + pick.randrange(_KEPT)]
                pool.append(data)
            if ran % _EVERY == 0:
                _say(ran, wrong, begun)
    _say(ran, wrong, begun)
    return 1 if wrong else 0


def _note(data: bytes, last: FileIO) -> None:
    """Write what is run next into a file, should the process end; it stays open, for a disk makes one wait that does not."""
    last.seek(0)
    last.write(data)
    last.truncate()


def _once(name: str, data: bytes, found: Path, wrong: dict[str, int]) -> bool:
    """Run one input; return whether the target took it."""
    signal.setitimer(signal.ITIMER_PROF, _SECONDS)
    try:
        TARGETS[name](data)
    except PatchgenError:
        return False
    except (Exception, HangError) as error:  # noqa: BLE001 - that is what is looked for
        signal.setitimer(signal.ITIMER_PROF, 0)
        trace = traceback.extract_tb(error.__traceback__)
        where = f"{name}: {type(error).__name__} at {Path(trace[-1].filename).name}:{trace[-1].lineno}"
        wrong[where] = wrong.get(where, 0) + 1
        if wrong[where] == 1:
            file = found / f"{name}-{blake2b(data, digest_size=8).hexdigest()}"
            file.write_bytes(data)
            sys.stdout.write(f"{file}: {where}: {str(error)[:200]}\n")
        return False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return True


def _say(ran: int, wrong: dict[str, int], begun: float) -> None:
    rate = ran / max(0.001, time.monotonic() - begun)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(f"{ran} runs, {len(wrong)} sorts of wrong, {rate:.0f} a second, {most} MiB at most\n")
    sys.stdout.flush()


def _too_long(*_: object) -> None:
    raise HangError


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
