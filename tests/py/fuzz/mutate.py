# SPDX-License-Identifier: GPL-3.0-or-later
"""Other bytes made of some: what a slip of the pen, a broken disk or a person with bad intentions makes of a file."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

__all__ = ["mutated"]

_MOST = 64 << 10
_WORDS = (
    b"\0", b"\xff", b"\r\n", b"\n", b"\\", b'"', b"'", b'"""', b"{", b"}", b"(", b")", b"[" * 40, b"((" * 300, b"<a>" * 200,
    b"/*", b"*/", b"//", b"#if 0\n", b"#endif\n", b"#define X(a) a\\\n", b"--- a/x\n+++ b/x\n", b"@@ -1 +1 @@\n",
    b"@@ -0,0 +1,99999999 @@\n", b"\\ No newline at end of file\n", b"../", b"/etc/passwd", b"-p0", b"-R", b"From 1 00:00:00 2001\n",
    b"=?utf-8?b?", b"=\n", b"99999999999999999999", b"-1", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<<EOT\n", b"EOT\n",
    b"$(shell x)", b"%", b"\t", b" " * 500, "ü".encode(), b"\xe2\x80\xa8", b"\xed\xa0\x80", b"char *x, ", b"NULL", b"x\x7fELF",
)  # fmt: skip


def mutated(data: bytes, pool: Sequence[bytes], pick: random.Random, *, packed: bool = False) -> bytes:
    """Return *data* with a few changes, of at most 64 KiB.

    :param pool: other inputs of the target, to take pieces from. :param packed: sometimes change what is in a gzip.
    """
    if packed and data[:2] == b"\x1f\x8b" and pick.random() < 0.7:
        try:
            inner = gzip.decompress(data)
        except (OSError, EOFError, ValueError, zlib.error):
            inner = b""
        return gzip.compress(_changed(inner, pool, pick), 1, mtime=0) if inner else _changed(data, pool, pick)
    return _changed(data, pool, pick)


def _changed(data: bytes, pool: Sequence[bytes], pick: random.Random) -> bytes:
    text = bytearray(data)
    for _ in range(pick.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        at = pick.randrange(len(text) + 1)
        end = min(len(text), at + pick.choice((1, 1, 2, 4, 9, 30, 200)))
        match pick.randrange(8):
            case 0:
                text[at:end] = bytes(pick.randrange(256) for _ in range(end - at))
            case 1:
                del text[at:end]
            case 2:
                text[at:at] = text[at:end] * pick.choice((1, 2, 20))
            case 3:
                text[at:at] = pick.choice(_WORDS)
            case 4:
                text[at:end] = pick.choice(_WORDS)
            case 5:
                other = pick.choice(pool)
                start = pick.randrange(len(other) + 1)
                text[at:end] = other[start : start + pick.choice((5, 50, 500))]
            case 6:
                lines = bytes(text).split(b"\n")
                one, two = pick.randrange(len(lines)), pick.randrange(len(lines))
                lines[one], lines[two] = lines[two], lines[one]
                text = bytearray(b"\n".join(lines))
            case _:
                if end > at:
                    text[at] ^= 1 << pick.randrange(8)
    return bytes(text[:_MOST])
