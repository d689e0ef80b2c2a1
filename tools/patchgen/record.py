# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rendered series was rendered on: the file ``.rendered-on`` in the folder of patches.

In a source package, where nothing but the series and its patches is in ``debian/patches``, it lies beside the
semantic patches. Line one is a comment; then ``tree DIGEST``, and for each rendered patch ``patch DIGEST NAME``, the
digest being that of its diff without the header, which is the person's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FILE", "Record", "digest_of"]

FILE = ".rendered-on"

_COMMENT = "# Written by patchgen refresh: the tree that these patches were rendered on, and their diffs."


def digest_of(diff: bytes) -> str:
    """Return the digest that stands for a diff."""
    return blake2b(diff, digest_size=32).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """The tree and the diffs of the last refresh.

    :param tree: the digest of the tree; "" where there is no record, or one that cannot be read.
    :param patches: the digest of each rendered diff, by the name of the patch.
    """

    tree: str = ""
    patches: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes) -> Record:
        """Return the record that *data* holds; what is not understood counts as not recorded."""
        tree, patches = "", {}
        for line in data.decode("utf-8", "replace").splitlines():
            word, _, rest = line.partition(" ")
            if word == "tree":
                tree = rest
            elif word == "patch":
                digest, _, name = rest.partition(" ")
                patches[name] = digest
        return cls(tree, patches)

    def __bytes__(self) -> bytes:
        lines = [_COMMENT, f"tree {self.tree}"]
        lines += [f"patch {digest} {name}" for name, digest in sorted(self.patches.items())]
        return ("\n".join(lines) + "\n").encode()
