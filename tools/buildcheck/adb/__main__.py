# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m adb``, and ``python3 FOLDER`` wherever a copy of the package lies, under any name."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path


def _main() -> int:
    if __package__:
        from .cli import main  # noqa: PLC0415 - how it is found depends on how it was called
    else:
        # The folder was given to the interpreter: its modules are no top-level ones.
        here = Path(__file__).resolve().parent
        sys.path.remove(str(Path(sys.path[0])))
        spec = importlib.util.spec_from_file_location(
            "adb", here / "__init__.py", submodule_search_locations=[str(here)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(str(here))
        package = importlib.util.module_from_spec(spec)
        sys.modules["adb"] = package
        spec.loader.exec_module(package)
        main = importlib.import_module("adb.cli").main
    return int(main())


sys.exit(_main())
