# SPDX-License-Identifier: GPL-3.0-or-later
"""A tarball that is hostile or damaged is refused, whatever Python's tarfile would make of it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import resource
import signal
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _ordinary import in_child
from _trees import refused
from patchgen.upstream import Limits, UpstreamError, open_upstream

if TYPE_CHECKING:
    from collections.abc import Callable


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0, **pax: str) -> bytes:
    """Return a member, its bytes zeros; keywords are pax records, with ``__`` for a dot."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    info.pax_headers = {key.replace("__", "."): value for key, value in pax.items()}
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape") + bytes(size + -size % 512)


def patched(block: bytes, at: int, field: bytes) -> bytes:
    """Return the header *block* with *field* at the offset *at*, and its checksum right again."""
    block = block[:at] + field + block[at + len(field) :]
    total = sum(block[:148]) + 8 * 32 + sum(block[156:512])
    return block[:148] + b"%06o\0 " % total + block[156:]


def signed(name: bytes) -> bytes:
    """Return a member with the checksum that programs made which took bytes for signed."""
    block = patched(member("x", size=3), 0, name)
    total = sum(byte - 256 if byte > 127 else byte for byte in block[:148] + b" " * 8 + block[156:512])
    return block[:148] + b"%06o\0 " % total + block[156:]


def extended(records: bytes, kind: bytes = b"x") -> bytes:
    return member("pax", kind, size=len(records))[:512] + records + bytes(-len(records) % 512)


def record(key: str, value: str) -> bytes:
    rest = f" {key}={value}\n".encode()
    length = len(rest) + 1
    while len(rest) + len(str(length)) != length:
        length += 1
    return str(length).encode() + rest


FINE, END = member("top/a", size=3), bytes(1024)
X = member("top/x")
HOSTILE = {
    "up": (member("top/../../x"), "top/../../x", "out of the tree"),
    "up at the end": (member("top/x/.."), "top/x/..", "out of the tree"),
    "up by pax": (extended(record("path", "../x")) + X, "../x", "out of the tree"),
    "up in a folder": (member("..", tarfile.DIRTYPE), "..", "out of the tree"),
    "absolute": (member("/etc/passwd"), "/etc/passwd", "absolute"),
    "twice": (member("top/a"), "top/a", "twice"),
    "twice, written otherwise": (member("./top//a"), "./top//a", "twice"),
    "file and folder": (member("top/a/", tarfile.DIRTYPE), "top/a", "twice"),
    "below a file": (member("top/a/b"), "top/a/b", "no folder"),
    "below a link": (member("top/l", tarfile.SYMTYPE, "d") + member("top/l/b"), "top/l/b", "no folder"),
    "below a link that follows": (member("top/l/b") + member("top/l", tarfile.SYMTYPE, "d"), "top/l/b", "no folder"),
    "no name": (member("."), ".", "no name"),
    "link out": (member("top/d/l", tarfile.SYMTYPE, "../../x"), "d/l", "link out of the tree"),
    "link out and in": (member("top/l", tarfile.SYMTYPE, "../top/a"), "l", "link out of the tree"),
    "absolute link": (member("top/l", tarfile.SYMTYPE, "/etc"), "l", "link out of the tree"),
    "link to nothing": (member("top/l", tarfile.SYMTYPE, ""), "l", "link out of the tree"),
    "hard link out": (member("top/h", tarfile.LNKTYPE, "top/../../x"), "top/h", "out of the tree"),
    "absolute hard link": (member("top/h", tarfile.LNKTYPE, "/etc/passwd"), "top/h", "absolute"),
    "hard link to nothing": (member("top/h", tarfile.LNKTYPE, "top/none"), "top/h", "hard link"),
    "hard link with bytes": (member("top/h", tarfile.LNKTYPE, "top/a", 5), "top/h", "hard link of 5 bytes"),
    "hard link to a link": (
        member("top/l", tarfile.SYMTYPE, "/etc") + member("top/h", tarfile.LNKTYPE, "top/l"),
        "top/h",
        "hard link",
    ),
    "character device": (member("top/null", tarfile.CHRTYPE), "top/null", "a character device"),
    "block device": (member("top/sda", tarfile.BLKTYPE), "top/sda", "a block device"),
    "named pipe": (member("top/pipe", tarfile.FIFOTYPE), "top/pipe", "a named pipe"),
    "sparse": (member("top/s", tarfile.GNUTYPE_SPARSE), "top/s", "sparse"),
    "sparse by pax": (member("top/s", GNU__sparse__major="1"), "top/s", "sparse"),
    "unknown type": (member("top/q", b"Q"), "top/q", "type 'Q'"),
    "zero byte": (extended(record("path", "top/x\0y")) + X, "top/x\\x00y", "zero byte"),
    "folder with bytes": (member("top/d", tarfile.DIRTYPE, size=7), "top/d/", "folder of 7 bytes"),
    "negative size": (patched(X, 124, b"\xff" * 10 + b"\xfc\0"), "top/x", "-1024 bytes"),
    "negative size by pax": (extended(record("size", "-1024")) + X, "top/x", "is no number"),
    "large size": (patched(X, 124, b"\x80" + b"\x7f" * 11), "top/x", "cut off within"),
    "large size by pax": (extended(record("size", "9" * 19)) + X, "top/x", "cut off within"),
    "larger than the archive": (member("top/x", size=9999)[:512], "top/x", "cut off within"),
    "long name": (member("top/" + "x" * 5000), "top/" + "x" * 96, "more than 4096"),
    "negative header": (patched(extended(b""), 124, b"\xff" * 11 + b"\0"), "top/a", "a header of -256 bytes"),
    "large header": (extended(bytes(1 << 20) + b" "), "top/a", "a header of 1048577 bytes"),
    "header cut off": (extended(bytes(5000))[:1024], "top/a", "cut off within a header"),
    "damaged header": (extended(b"99 path=x\n") + X, "top/a", "a pax header is damaged"),
    "header of slow digits": (extended(b"1" * 60000) + X, "top/a", "a pax header is damaged"),
    "global path": (extended(record("path", "x"), b"g") + X, "top/a", "a global header sets 'path'"),
    "global size": (extended(record("size", "0"), b"g") + X, "top/a", "a global header sets 'size'"),
    "header without member": (extended(record("path", "x")), "top/a", "no member"),
    "checksum": (X[:100] + b"1" + X[101:], "top/a", "checksum"),
    "no number": (patched(X, 124, b"1234567x901\0"), "top/a", "no number"),
    "text behind the end": (END + X, "top/a", "behind the end"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_member_is_refused_by_name(tmp_path: Path, case: str) -> None:
    data, name, why = HOSTILE[case]
    (tmp_path / "x.tar").write_bytes(FINE + data + END)
    finding = refused(tmp_path / "x.tar").finding
    assert (str(finding.slug), finding.place and finding.place.path) == ("bad-archive", str(tmp_path / "x.tar"))
    assert f"'{name}'" in finding.message
    assert why in finding.message


def test_a_chain_of_long_names_does_not_exhaust_the_stack(tmp_path: Path) -> None:
    chain = b"".join(extended(b"top/%d\0" % number, b"L") for number in range(5000))
    (tmp_path / "x.tar").write_bytes(chain + X + END)
    assert open_upstream(str(tmp_path / "x.tar")).paths() == ("4999",)


TAKEN: dict[str, tuple[bytes, dict[str, bytes], dict[str, str]]] = {
    "hard link": (FINE + member("top/h", tarfile.LNKTYPE, "./top/a"), {"a": bytes(3), "h": bytes(3)}, {}),
    "hard link to a hard link": (
        FINE + member("top/h", tarfile.LNKTYPE, "top/a") + member("top/i", tarfile.LNKTYPE, "top/h"),
        {"a": bytes(3), "h": bytes(3), "i": bytes(3)},
        {},
    ),
    "links within": (
        FINE + member("top/d/l", tarfile.SYMTYPE, "../a") + member("top/m", tarfile.SYMTYPE, "d/.."),
        {"a": bytes(3)},
        {"d/l": "../a", "m": "d/.."},
    ),
    "two things at the top": (FINE + member("b"), {"top/a": bytes(3), "b": b""}, {}),
    "one file at the top": (member("a"), {"a": b""}, {}),
    "a folder twice": (member("top/", tarfile.DIRTYPE) * 2 + FINE, {"a": bytes(3)}, {}),
    "the current folder": (member("./", tarfile.DIRTYPE) + FINE, {"a": bytes(3)}, {}),
    "contiguous": (patched(FINE, 156, b"7"), {"a": bytes(3)}, {}),
    "V7": (patched(patched(FINE, 156, b"\0"), 257, bytes(255)), {"a": bytes(3)}, {}),
    "V7 folder": (patched(member("top/d/"), 156, b"\0") + FINE, {"a": bytes(3)}, {}),
    "git archive's comment": (extended(record("comment", "1" * 40), b"g") + FINE, {"a": bytes(3)}, {}),
    "a record taken back": (extended(record("path", "x") + record("path", "")) + FINE, {"a": bytes(3)}, {}),
    "signed checksum": (signed(b"t\xf6p/a"), {"a": bytes(3)}, {}),
    "what is left out may have odd links": (
        FINE + member("top/debian/l", tarfile.SYMTYPE, "/etc") + member("top/.git/l", tarfile.SYMTYPE, "/"),
        {"a": bytes(3)},
        {},
    ),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_source_tarballs_have_is_taken(tmp_path: Path, case: str) -> None:
    data, files, links = TAKEN[case]
    (tmp_path / "x.tar").write_bytes(data + END)
    source = open_upstream(str(tmp_path / "x.tar"))
    assert ({path: source.read(path) for path in source.paths()}, dict(source.links)) == (files, links)


def test_an_archive_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(END)
    assert "no file in it" in str(refused(tmp_path / "x.tar"))


# --- damage ------------------------------------------------------------------------------------


def zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
}
SAMPLE = (
    b"".join(
        patched(member(f"top/{number}", size=700), 100, b"0000644\0")[:512] + bytes(range(256)) * 4
        for number in range(6)
    )
    + END
)


def sample_digest() -> str:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(SAMPLE)
        return open_upstream(file.name).digest()


@pytest.mark.parametrize("packer", PACKERS)
@given(data=st.data())
def test_a_tarball_that_is_cut_off_is_refused(packer: str, data: st.DataObject) -> None:
    """Rule: a proper prefix of a tarball is refused, or has all of its content (the end's padding is missing)."""
    whole = PACKERS[packer](SAMPLE)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(whole[:cut])
        try:
            digest = open_upstream(file.name).digest()
        except UpstreamError as error:
            assert str(error.finding.slug) == "bad-archive"  # noqa: PT017 - the rule has two sides
        else:
            assert packer == "plain"
            assert cut >= len(SAMPLE) - 512
            assert digest == sample_digest()


@pytest.mark.parametrize("packer", PACKERS)
@given(data=st.data())
def test_a_changed_byte_is_refused_or_has_no_effect(packer: str, data: st.DataObject) -> None:
    """Rule: a packed tarball with a byte changed is refused or read as before; any tarball is answered with a verdict."""
    whole = bytearray(PACKERS[packer](SAMPLE))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(whole)
        try:
            digest = open_upstream(file.name).digest()
        except UpstreamError:
            return
        assert packer == "plain" or digest == sample_digest()


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd"])
def test_several_members_are_one_archive_and_more_than_padding_is_refused(tmp_path: Path, packer: str) -> None:
    pack = PACKERS[packer]
    (tmp_path / "x").write_bytes(pack(SAMPLE[:1000]) + pack(SAMPLE[1000:]))
    assert open_upstream(str(tmp_path / "x")).digest() == sample_digest()
    (tmp_path / "x").write_bytes(pack(SAMPLE) + b"more")
    assert str(refused(tmp_path / "x").finding.slug) == "bad-archive"


@pytest.mark.parametrize("packer", ["gzip", "xz"])
def test_zeros_behind_the_packed_bytes_are_padding(tmp_path: Path, packer: str) -> None:
    (tmp_path / "x").write_bytes(PACKERS[packer](SAMPLE) + bytes(1 << 19))
    assert open_upstream(str(tmp_path / "x")).digest() == sample_digest()


# --- bombs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(unpacked=len(SAMPLE) - 1), f"more than {len(SAMPLE) - 1:,} bytes"),
        (Limits(members=5), "more than 5 members"),
        (Limits(ratio=1, ratio_from=1000), "more than 1 times its size"),
    ],
)
def test_the_limits_hold(tmp_path: Path, limits: Limits, why: str) -> None:
    (tmp_path / "x").write_bytes(gzip.compress(SAMPLE))
    finding = refused(tmp_path / "x", limits=limits).finding
    assert (str(finding.slug), why in finding.message) == ("bad-archive", True)
    assert open_upstream(str(tmp_path / "x"), limits=Limits(len(SAMPLE), 6, 1, len(SAMPLE))).digest()


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd"])
def test_a_bomb_is_refused_in_little_memory(tmp_path: Path, packer: str) -> None:
    """40 MB of zeros pack to between 60 and 40,000 bytes."""
    (tmp_path / "x").write_bytes(PACKERS[packer](member("top/zeros", size=40_000_000)))

    def grown() -> tuple[str, int]:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return str(refused(tmp_path / "x")), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    message, kilobytes = in_child(grown, ordinary=False)
    assert "times its size" in message
    assert kilobytes < 40_000


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(gzip.compress(member("top/a", size=1 << 20) + END))

    def full() -> str:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19))
        return str(refused(tmp_path / "x").finding.slug)

    assert in_child(full, ordinary=False) == "no-room"
