# SPDX-License-Identifier: GPL-3.0-or-later
"""The unpacking of gzip, bzip2, xz and zstd: a stream of bounded pieces, in bounded memory.

The format is told by the first bytes, never by the file's name.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["DamagedError", "NoProgramError", "packing", "unpacked"]

_PIECE = 1 << 18
# xz -9 asks for 65 MiB. A header may ask for 4 GiB and hold nothing.
_XZ_MEMORY = 256 << 20
# zstd's own limit without --long; dpkg-source and 'zstd -19' stay below it.
_ZSTD_WINDOW = 128 << 20

_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


class DamagedError(ValueError):
    """The packed bytes are cut off or changed."""


class NoProgramError(RuntimeError):
    """Nothing here can unpack the format."""


class _Unpacker(Protocol):
    """The interface that bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def packing(start: bytes) -> str:
    """Return the name of the format that *start*, the first bytes of a file, tells; else nothing."""
    return next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "")


def unpacked(file: IO[bytes], name: str) -> Iterator[bytes]:
    """Yield what *file*, in the format *name* of :func:`packing`, holds, in pieces of at most 16 MiB.

    :param file: without a buffer, at its start.

    :raises DamagedError: the file is cut off, changed, asks for more memory than any archive needs,
        or goes on behind its end.
    :raises NoProgramError: neither the module zstandard nor the program zstd is installed.
    :raises OSError: the file cannot be read.
    """
    if name == "zstd" and not _has_zstandard():
        return _zstd_program(file)
    return _members(file, _unpacker(name))


def _has_zstandard() -> bool:
    try:
        import zstandard  # type: ignore[import-not-found,unused-ignore]  # noqa: F401, PLC0415 - need not be there
    except ImportError:
        return False
    return True


def _unpacker(name: str) -> Callable[[], _Unpacker]:
    if name == "gzip":
        return _Gzip
    if name == "zstd":
        return _Zstd
    if name == "bzip2":
        import bz2  # noqa: PLC0415 - only such an archive needs it

        return bz2.BZ2Decompressor
    import lzma  # noqa: PLC0415 - only such an archive needs it

    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


class _Gzip:
    """zlib's unpacker with the interface of the others."""

    def __init__(self) -> None:
        import zlib  # noqa: PLC0415 - only such an archive needs it

        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


def _members(file: IO[bytes], new: Callable[[], _Unpacker]) -> Iterator[bytes]:
    """Yield the bytes of one packed member after the other; all three formats allow several."""
    import zlib  # noqa: PLC0415 - only a packed archive needs it

    try:
        from lzma import LZMAError  # noqa: PLC0415 - only a packed archive needs it
    except ImportError:  # a Python built without it cannot have opened an xz file either
        LZMAError = zlib.error  # type: ignore[assignment,misc]  # noqa: N806 - a class
    data = file.read(_PIECE)
    while data:
        unpacker = new()
        while not unpacker.eof:
            if unpacker.needs_input and not data:
                data = file.read(_PIECE)
                if not data:
                    msg = "it is cut off"
                    raise DamagedError(msg)
            try:
                piece = unpacker.decompress(data, _PIECE)
            except (zlib.error, LZMAError, OSError, EOFError) as error:
                msg = f"it is damaged: {error}"
                raise DamagedError(msg) from error
            data = b""
            if piece:
                yield piece
        data = unpacker.unused_data or file.read(_PIECE)
        # gzip(1) and xz(1) allow zero bytes behind a member, as tapes and xz's padding have them.
        while data and not data.strip(b"\0"):
            data = file.read(_PIECE)
        data = data.lstrip(b"\0")


class _Zstd:
    """The module zstandard's unpacker with the interface of the others.

    It cannot be told how much to give out at once, so it is fed little: 512 bytes are 128 blocks at
    most, of at most 128 KiB each (RFC 8878, 3.1.1.2). Its reader of streams, which can be told, takes
    a frame that is cut off for a whole one.
    """

    def __init__(self) -> None:
        import zstandard  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - need not be there

        self._zstd = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        self._error: type[Exception] = zstandard.ZstdError
        self._pending = b""

    @property
    def eof(self) -> bool:
        return bool(self._zstd.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._zstd.unused_data) + self._pending

    @property
    def needs_input(self) -> bool:
        return not self._pending

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        del max_length
        data = self._pending + data
        self._pending = data[512:]
        try:
            return bytes(self._zstd.decompress(data[:512]))
        except self._error as error:
            raise EOFError(str(error)) from error


def _zstd_program(file: IO[bytes]) -> Iterator[bytes]:
    import subprocess  # noqa: PLC0415 - only such an archive needs it
    import tempfile  # noqa: PLC0415

    command = ("zstd", "--decompress", "--stdout", "--quiet", f"--memory={_ZSTD_WINDOW}")
    with tempfile.TemporaryFile() as messages:
        try:
            process = subprocess.Popen(  # noqa: S603 - fixed words; the archive is standard input
                command, stdin=file.fileno(), stdout=subprocess.PIPE, stderr=messages
            )
        except FileNotFoundError as error:
            msg = "to read a .zst archive, install the program zstd or the Python module zstandard"
            raise NoProgramError(msg) from error
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            while piece := process.stdout.read(_PIECE):
                yield piece
            if process.wait():
                messages.seek(0)
                said = messages.read(500).decode("utf-8", "replace").strip()
                msg = f"it is damaged: {said}"
                raise DamagedError(msg)
        finally:
            # Whoever stops reading, because it is a bomb, stops the program too.
            process.kill()
            if process.stdout is not None:
                process.stdout.close()
            process.wait()
