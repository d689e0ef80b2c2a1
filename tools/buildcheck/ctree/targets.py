# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines that a tree is looked at for, and each one's compiler."""

from __future__ import annotations

import enum
import platform

from buildcheck import programs

__all__ = ["Target"]

_HEADERS = "/usr/include"


class Target(enum.Enum):
    """A Debian architecture; its value is Debian's name for it."""

    AMD64 = "amd64"
    I386 = "i386"
    ARMHF = "armhf"
    ARM64 = "arm64"

    @classmethod
    def native(cls) -> Target | None:
        """Return the machine's own, None where it is none of them."""
        return _MACHINES.get(platform.machine())

    @property
    def compiler(self) -> str:
        """The program that compiles for it: ``gcc`` where that does, else the cross compiler."""
        return "gcc" if self is Target.native() else f"{_TRIPLETS[self]}-gcc"

    def identity(self) -> str:
        """Return what changes with the compiler.

        :raises ProgramError: it is not there.
        """
        return f"{self.value} {programs.identity(self.compiler)}"

    def adapted(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        """Return *arguments* of a native compilation as they are for this target.

        The native compiler ignores ``-I/usr/include``, because it looks there anyway (gcc(1)); a cross
        compiler would take the machine's own C library from there. So that folder stands last for it
        (``-idirafter``), and behind it the machine's own multiarch folder, which some headers of other
        libraries lie in: whatever ``libc6-dev-*-cross`` has is taken from there.
        """
        native = Target.native()
        if self is native:
            return arguments
        kept = (word for word in arguments if word.rstrip("/") != f"-I{_HEADERS}")
        folders = [_HEADERS, *([own_headers(native)] if native else [])]
        return (*kept, *(word for folder in folders for word in ("-idirafter", folder)))

    def borrowed(self, path: str) -> bool:
        """Whether the header is one of another architecture, the machine's own: it was the only one there."""
        native = Target.native()
        return native is not None and self is not native and path.startswith(own_headers(native) + "/")


def own_headers(native: Target) -> str:
    """Return the folder of the headers that differ by architecture (Debian's multiarch)."""
    return f"{_HEADERS}/{_TRIPLETS[native].replace('i686', 'i386')}"


_TRIPLETS = {
    Target.AMD64: "x86_64-linux-gnu",
    Target.I386: "i686-linux-gnu",
    Target.ARMHF: "arm-linux-gnueabihf",
    Target.ARM64: "aarch64-linux-gnu",
}
_MACHINES = {
    "x86_64": Target.AMD64,
    "i386": Target.I386,
    "i686": Target.I386,
    "armv7l": Target.ARMHF,
    "aarch64": Target.ARM64,
}
