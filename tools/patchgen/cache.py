# SPDX-License-Identifier: GPL-3.0-or-later
"""Remember which refreshes found nothing to do, so that the next one with the same input stays short.

The key is a digest of everything a refresh reads: the tree, the semantic patches, the folder of
patches, the options, and patchgen itself. What is kept is only what the run said. A cache that is
lost, damaged or cannot be written costs time and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from .findings import Exit, Finding, Level, Place, Slug, worst
from .shelf import SemanticFolder, Shelf
from .summary import Row, row
from .upstream import open_upstream

if TYPE_CHECKING:
    from .config import Places
    from .refresh import Options
    from .tree import Source

__all__ = ["Outcome", "refreshed"]

_KEPT = 64
"""How many runs are remembered; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a refresh says of itself."""

    findings: tuple[Finding, ...]
    rows: tuple[Row, ...]
    changed: tuple[str, ...] = ()
    written: bool = False


def refreshed(places: Places, options: Options) -> Outcome:
    """Refresh, or answer from memory where the same input is known to need nothing.

    :raises PatchgenError: as :func:`patchgen.refresh.refresh` does.
    """
    semantic = SemanticFolder.open(places.need_semantic())
    path = places.need_patches()
    shelf = Shelf.open(path, semantic, places.series)
    source = open_upstream(places.need_upstream())
    key = _key(source, semantic, shelf, options)
    known = _recall(key)
    if known is not None:
        return known
    from .refresh import refresh  # noqa: PLC0415 - the engine is loaded only where there is work

    result = refresh(source, semantic, shelf, options)
    outcome = Outcome(result.findings, tuple(map(row, result.stages)), result.changed, result.written)
    quiet = Outcome(outcome.findings, outcome.rows)
    if worst(result.findings) is Exit.CLEAN and (result.written or not result.changed):
        after = Shelf.open(path, semantic, places.series) if result.written else shelf
        _remember(_key(source, semantic, after, options), quiet)
    return outcome


def _key(source: Source, semantic: SemanticFolder, shelf: Shelf, options: Options) -> str:
    digest = blake2b(digest_size=24)
    parts: list[bytes] = [_ourselves(), source.digest().encode(), repr(options).encode(), bytes(shelf.record)]
    parts += [str(finding).encode("utf-8", "replace") for finding in source.findings]
    for name, data in semantic.files:
        parts += [name.encode(errors="surrogateescape"), data]
    for name, data in sorted(shelf.files.items()):
        parts += [name.encode(errors="surrogateescape"), data]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _ourselves() -> bytes:
    """Return a digest of patchgen's own source and of the versions that it runs on."""
    digest = blake2b(sys.version.encode())
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "patchgen"


def _recall(key: str) -> Outcome | None:
    try:
        kept = json.loads((_folder() / key).read_text(encoding="utf-8"))
        findings = tuple(
            Finding(
                Slug(entry["slug"]["name"], entry["slug"]["explanation"]),
                Level(entry["level"]),
                entry["message"],
                Place(**entry["place"]) if entry["place"] else None,
                entry["help"],
            )
            for entry in kept["findings"]
        )
        return Outcome(findings, tuple(Row(**entry) for entry in kept["rows"]))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def _remember(key: str, outcome: Outcome) -> None:
    plain = asdict(outcome)
    for entry, finding in zip(plain["findings"], outcome.findings, strict=True):
        entry["level"] = finding.level.value
    try:
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = folder / f"{key}.{os.getpid()}"
        scratch.write_text(json.dumps(plain), encoding="utf-8")
        scratch.replace(folder / key)
        for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, RuntimeError):
        return
