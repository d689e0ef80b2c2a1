# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the upstream tree, the semantic patches and the patches are: settled once, without defaults.

In this order: the command line; ``patchgen.toml`` in the current folder or one above it; what quilt
would take (QUILT_PATCHES and QUILT_SERIES from the environment or ``~/.quiltrc``) and the unpacked
source package around the current folder.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .findings import PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FILE", "ConfigError", "NotGivenError", "Places", "settle"]

FILE = "patchgen.toml"

_UNUSABLE = Slug.define(
    "configuration",
    """patchgen.toml cannot be used: it is not TOML, or has a key other than upstream, semantic,
    patches, tests, debian, policy, or a value that is no string (upstream: or a list of strings).""",
)
_UNKNOWN = Slug.define(
    "not-given",
    """It is not known where something is. There are no built-in defaults: give it on the command line
    or in patchgen.toml, or run in an unpacked source package with debian/patches and debian/semantic.""",
)
_SAME = Slug.define(
    "same-folder",
    """One folder is given twice: patches written into the upstream tree, or among the semantic patches,
    would change what they are rendered from.""",
)
_KEYS = {
    "upstream": "the upstream tree",
    "semantic": "the folder of semantic patches",
    "patches": "the folder of patches",
    "tests": "the folder of C tests",
    "debian": "the folder of the packaging",
    "policy": "the policy file of buildcheck",
}
"""The keys of patchgen.toml, and what each is of."""


class ConfigError(PatchgenError, ValueError):
    """Something is not given, or patchgen.toml cannot be used."""


class NotGivenError(ConfigError):
    """The command line, patchgen.toml and the surroundings leave something open."""

    def __init__(self, key: str) -> None:
        super().__init__(_UNKNOWN, f"{_KEYS[key]} is not given", help=f"--{key}, or {key} = ... in {FILE}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is.

    :param upstream: what ``open_upstream`` takes; one, but for ``status``.
    :param named: the folder of patches was named on the command line.
    :param series: the name of the series file in it.
    :param tests: the folder of C tests, which only buildcheck reads.
    :param debian: the packaging, which only ``source`` reads.
    :param policy: the policy file, which buildcheck reads.
    """

    upstream: tuple[str, ...]
    semantic: Path | None
    patches: Path | None
    named: bool
    series: str = "series"
    tests: Path | None = None
    debian: Path | None = None
    policy: Path | None = None

    def need_upstream(self) -> str:
        """Return the one upstream tree.

        :raises NotGivenError: it is not given.
        """
        if not self.upstream:
            raise NotGivenError(key="upstream")
        return self.upstream[0]

    def need_semantic(self) -> Path:
        """Return the folder of semantic patches.

        :raises NotGivenError: it is not given.
        """
        if self.semantic is None:
            raise NotGivenError(key="semantic")
        return self.semantic

    def need_debian(self) -> Path:
        """Return the folder of the packaging.

        :raises NotGivenError: it is not given.
        """
        if self.debian is None:
            raise NotGivenError(key="debian")
        return self.debian

    def need_patches(self) -> Path:
        """Return the folder of patches.

        :raises ConfigError: it is not given, or is one of the others.
        """
        if self.patches is None:
            raise NotGivenError(key="patches")
        for what, other in (
            (_KEYS["semantic"], self.semantic),
            *((_KEYS["upstream"], Path(text)) for text in self.upstream),
        ):
            if other is not None and other.is_dir() and self.patches.is_dir() and other.samefile(self.patches):
                message = f"{what} cannot be {_KEYS['patches']} as well"
                raise ConfigError(_SAME, message, Place(str(self.patches)), "give a folder of its own")
        return self.patches


def settle(
    upstream: Sequence[str], semantic: str | None, patches: str | None, folder: Path, environment: Mapping[str, str]
) -> Places:
    """Settle where everything is.

    :param upstream, semantic, patches: from the command line.
    :param folder: the current folder.
    :raises ConfigError: patchgen.toml cannot be used.
    """
    quilt = _quilt(environment)
    found = _from_file(folder) or _from_package(folder, quilt)
    return Places(
        upstream=tuple(upstream) or found.upstream,
        semantic=Path(semantic) if semantic else found.semantic,
        patches=Path(patches) if patches else found.patches,
        named=patches is not None,
        series=quilt.get("QUILT_SERIES", "series"),
        tests=found.tests,
        debian=found.debian,
        policy=found.policy,
    )


def _from_file(folder: Path) -> Places | None:
    path = next((at / FILE for at in (folder, *folder.parents) if (at / FILE).is_file()), None)
    if path is None:
        return None
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(_UNUSABLE, f"not usable: {error}", Place(str(path))) from error
    for key, value in table.items():
        strings = [value] if isinstance(value, str) else value if key == "upstream" else [None]
        if key not in _KEYS or not isinstance(strings, list) or not all(isinstance(text, str) for text in strings):
            raise ConfigError(_UNUSABLE, f"the key {key} is unknown, or its value is no string", Place(str(path)))
    upstream = table.get("upstream", ())
    listed = (upstream,) if isinstance(upstream, str) else upstream
    base = path.parent
    return Places(
        upstream=tuple(text if ":" in text else _beside(base, text) for text in listed),
        semantic=Path(_beside(base, table["semantic"])) if "semantic" in table else None,
        patches=Path(_beside(base, table["patches"])) if "patches" in table else None,
        named=False,
        tests=Path(_beside(base, table["tests"])) if "tests" in table else None,
        debian=Path(_beside(base, table["debian"])) if "debian" in table else None,
        policy=Path(_beside(base, table["policy"])) if "policy" in table else None,
    )


def _beside(base: Path, text: str) -> str:
    """Return *text* as a path from the current folder, where it is meant from the file's."""
    return os.path.relpath(base / text)


def _from_package(folder: Path, quilt: Mapping[str, str]) -> Places:
    root = next((at for at in (folder, *folder.parents) if (at / "debian").is_dir()), None)
    if root is None:
        return Places((), None, None, named=False)
    patches = root / quilt.get("QUILT_PATCHES", "debian/patches")
    semantic = root / "debian/semantic"
    return Places(
        upstream=(os.path.relpath(root),),
        semantic=Path(os.path.relpath(semantic)) if semantic.is_dir() else None,
        patches=Path(os.path.relpath(patches)),
        named=False,
    )


def _quilt(environment: Mapping[str, str]) -> dict[str, str]:
    """Return quilt's two settings; its configuration is a shell script, and only plain assignments are read."""
    home = environment.get("HOME")
    rc = Path(environment.get("QUILTRC") or (f"{home}/.quiltrc" if home else "/dev/null"))
    try:
        text = rc.read_text(encoding="utf-8", errors="replace") if rc.is_file() else ""
    except OSError:
        text = ""
    assignment = re.compile(
        r"^[ \t]*(?:export[ \t]+)?(QUILT_PATCHES|QUILT_SERIES)=[\"']?([\w./+-]+)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE
    )
    found = dict(assignment.findall(text))
    found.update({name: environment[name] for name in ("QUILT_PATCHES", "QUILT_SERIES") if environment.get(name)})
    return found
