# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file says under which licence it is, and says what COPYING says of its folder."""

from __future__ import annotations

import hashlib
import re
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ONLY, LATER = "GPL-3.0-only", "GPL-3.0-or-later"

GPL_3 = "3972dc9744f6499f0f9b2dbf76696f2ae7ad8af9b23dde66d6af86c9dfb36986"
"""The digest of /usr/share/common-licenses/GPL-3."""

NO_LINE = {
    "COPYING": "it is the licence",
    ".gitignore": "a list of names",
    "*/py.typed": "empty: that it is there is all that it says",
    "patches/*.patch": "its header is DEP-3, and the rest is what quilt applies: COPYING names the folder",
    "patches/series": "rendered",
    "patches/.rendered-on": "rendered",
    "*semantic/series": "a list of names",
    "tests/real/*/series": "a list of names",
    "debian/NEWS": "dpkg-parsechangelog reads it",
    "debian/changelog": "dpkg-parsechangelog reads it",
    "debian/control": "debian/copyright says it",
    "debian/copyright": "it is what says it",
    "debian/README.source": "a person's words; debian/copyright says it",
    "debian/*.README.Debian": "a person's words; debian/copyright says it",
    "debian/*.install": "a list of names",
    "debian/*.manpages": "a list of names",
    "debian/upstream-only/*": "a list of names",
    "debian/source/format": "one word",
    "debian/source/lintian-overrides": "a list of names",
    "debian/tests/control": "debian/copyright says it",
    "debian/upstream/metadata": "debian/copyright says it",
    "debian/watch": "debian/copyright says it",
    "docs/semantic-patch.schema.json": "JSON has no comments, and the text is what the command prints",
    "tests/c/reference/VERSION": "the build reads it whole",
    "tests/c/reference/TRAPS*": "a table, read by a test",
    "tests/c/fuzz/corpus/*/*": "what a fuzzer found: its bytes are the point",
    "tests/py/*/*": "fixtures: the cases of a test, whose bytes are the point",
    "bench/*/*": "fixtures",
}
"""Files that cannot hold the line, as globs, each with the reason."""


def tracked() -> list[str]:
    """Return the paths that are, or are about to be, in the repository."""
    # A container often has the clone under another user than the one who runs the tests.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted({name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()})


def claim(path: str) -> str:
    """Return the licence in the SPDX line near the top or the end of a file, or nothing."""
    lines = (ROOT / path).read_bytes().decode("latin-1").splitlines()
    found = re.findall(r"SPDX-License-Identifier: ([\w.-]+)", "\n".join([*lines[:5], *lines[-3:]]))
    return found[0] if found else ""


def excepted(path: str) -> bool:
    return any(fnmatchcase(path, glob) for glob in NO_LINE)


def test_every_file_says_its_licence() -> None:
    paths = tracked()
    assert len(paths) > 100
    assert not [path for path in paths if not excepted(path) and not claim(path)]


def test_it_is_the_licence_that_copying_gives_to_the_folder() -> None:
    for path in tracked():
        if said := claim(path):
            assert said == (ONLY if path.startswith(("patches/", "semantic/", "tests/c/")) else LATER), path


def test_no_exception_is_left_over() -> None:
    paths = tracked()
    early = {glob for glob in NO_LINE if glob.startswith(("patches/", "*semantic/", "tests/py/", "bench/"))}
    for glob in NO_LINE.keys() - early:
        assert any(fnmatchcase(path, glob) for path in paths), glob


def test_copying_has_the_whole_text() -> None:
    text = (ROOT / "COPYING").read_bytes()
    licence = text[text.index(b"                    GNU GENERAL PUBLIC LICENSE") :]
    assert hashlib.sha256(licence).hexdigest() == GPL_3
