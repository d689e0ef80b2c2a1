# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds what the tests run: once for each content of the sources, whichever test process comes first."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck.adb.generate import files_of, write
from buildcheck.adb.home import RUNTIME
from buildcheck.adb.wsdl import read, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from buildcheck.adb.model import Service

__all__ = [
    "ADB",
    "FUZZ",
    "REFERENCE",
    "ROOT",
    "SANITIZED",
    "WERROR",
    "built",
    "client",
    "codec",
    "compiled",
    "connect",
    "environment",
    "exchange",
    "fuzzer",
    "generated",
    "node",
    "run",
    "service_of",
    "serving",
]

ROOT = Path(__file__).resolve().parents[3]
ADB = ROOT / "tools/buildcheck/adb"
REFERENCE = ROOT / "tests/c/reference"
FAKE = ROOT / "tests/c/adb"
FUZZ = ROOT / "tests/c/fuzz"

WERROR = ("-std=gnu99", "-g", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-fPIC")
SANITIZED = (
    "-O1",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
    "-fno-omit-frame-pointer",
)
_SCHEMA = '<xs:schema elementFormDefault="qualified" targetNamespace="http://eucalyptus.ucsb.edu/">'
_TAG = '<xs:element name="serviceTag" type="xs:string"/>'
_PART = (
    '<xs:complexType name="partType"><xs:sequence>'
    '<xs:element name="a" type="xs:string" form="unqualified"/>'
    '<xs:element name="b" type="xs:long" minOccurs="0"/>'
    "</xs:sequence></xs:complexType>"
    '<xs:complexType name="emptyType"><xs:sequence/></xs:complexType>'
)
_KINDS = (
    '<xs:element name="short" type="xs:short"/>'
    '<xs:element name="long" type="xs:long" minOccurs="0"/>'
    '<xs:element name="nilText" type="xs:string" nillable="true"/>'
    '<xs:element name="nilTime" type="xs:dateTime" nillable="true"/>'
    '<xs:element name="nilPart" type="tns:partType" nillable="true"/>'
    '<xs:element name="empty" type="tns:emptyType"/>'
    '<xs:element name="times" type="xs:dateTime" minOccurs="2" maxOccurs="4"/>'
    '<xs:element name="flags" type="xs:boolean" minOccurs="0" maxOccurs="unbounded" form="unqualified"/>'
    '<xs:element name="parts" type="tns:partType" minOccurs="0" maxOccurs="unbounded"/>'
    '<xs:element name="choice" type="xs:string"/>'
)
_PROGRAMS = ("main.c", "host.c")
_FOLDERS = [f"-I{REFERENCE / name}" for name in ("node", "storage", "net", "util")]
_PATIENCE = 120  # seconds for anything that is run here


def run(words: Sequence[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
    """Return what a program did that has to end well."""
    done = subprocess.run(  # type: ignore[call-overload]
        words, capture_output=True, text=True, check=False, timeout=_PATIENCE, **options
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done  # type: ignore[no-any-return]


def service_of(name: str) -> Service:
    """Return the reference tree's service: nc, cc or gl; or "kinds", gl with what none of them has."""
    if name == "kinds":
        text = (REFERENCE / "wsdl/eucalyptus_gl.wsdl").read_text(encoding="utf-8")
        return read_bytes(text.replace(_TAG, _KINDS, 1).replace(_SCHEMA, _SCHEMA + _PART, 1).encode(), "kinds.wsdl")
    return read(REFERENCE / f"wsdl/eucalyptus_{name}.wsdl")


def _digest() -> str:
    """Return a digest of everything that is built from."""
    digest = blake2b(digest_size=12)
    for folder in (ADB, FAKE, FUZZ, REFERENCE):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not {"__pycache__", "corpus"} & set(path.parts):
                digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def built(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder that *make* fills; the first process makes it, the others wait."""
    base = ROOT / "build/test-cache/adb"
    base.mkdir(parents=True, exist_ok=True)
    folder = base / f"{name}-{_digest()}"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".done").exists():
            for old in base.glob(f"{name}-*"):
                shutil.rmtree(old, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / ".done").touch()
    return folder


def compiled(
    sources: Iterable[Path], folder: Path, flags: Sequence[str], include: Sequence[str] = (), compiler: str = "gcc"
) -> list[Path]:
    """Return the object file of each source, compiled into *folder*, two at a time."""
    folder.mkdir(exist_ok=True)
    words = [compiler, *flags, *include, f"-I{RUNTIME / 'include'}", f"-I{RUNTIME}", *_libxml2("--cflags")]
    listed = list(sources)
    for at in range(0, len(listed), 2):
        running = [
            subprocess.Popen(
                [*words, "-c", str(source), "-o", str(folder / f"{source.stem}.o")],
                stderr=subprocess.PIPE,
                text=True,
            )
            for source in listed[at : at + 2]
        ]
        for process in running:
            _, message = process.communicate(timeout=_PATIENCE)
            assert process.returncode == 0, message
    return [folder / f"{source.stem}.o" for source in listed]


def _libxml2(option: str) -> list[str]:
    return run(["xml2-config", option]).stdout.split()


def link(target: Path, objects: Iterable[Path], flags: Sequence[str] = (), compiler: str = "gcc") -> None:
    run([compiler, *flags, "-o", target, *objects, *_libxml2("--libs"), "-lpthread"])


def runtime_sources() -> list[Path]:
    """Return the sources of the runtime without its programs."""
    return [path for path in sorted(RUNTIME.glob("*.c")) if path.name not in _PROGRAMS]


def generated(name: str, folder: Path) -> list[Path]:
    """Return the sources of a service, both sides, written and finished as the tree's Makefile does it."""
    service = service_of(name)
    write(files_of(service, client=True, server=True), folder)
    part = {"nc": "node", "cc": "cluster", "gl": "gatherlog"}[name]
    run(["perl", REFERENCE / "tools/add_marshalling.pl", folder / f"axis2_skel_{service.name}.c"])
    patch = REFERENCE / part / "axis2_svc_generated.patch"
    if patch.exists():
        run(["patch", "-p1", "--fuzz=0", "-i", patch], cwd=folder)
    return sorted(folder.glob("*.c"))


# --- what is built ----------------------------------------------------------------------------------------


def codec(name: str) -> Path:
    """Return a shared library with the types of a service and the runtime, for ctypes."""

    def make(folder: Path) -> None:
        flags = (*WERROR, "-O0")
        write(files_of(service_of(name), client=False, server=False), folder / "generated")
        sources = [*sorted((folder / "generated").glob("*.c")), *runtime_sources()]
        objects = compiled(sources, folder / "objects", flags)
        link(folder / "codec.so", objects, ("-shared",))

    return built(f"codec-{name}", make) / "codec.so"


def _node(folder: Path) -> None:
    """Build the node controller's service over fake handlers, and a client of it, with sanitizers."""
    flags = (*WERROR, *SANITIZED)
    include = [*_FOLDERS, f"-I{folder / 'generated'}"]
    sources = generated("nc", folder / "generated")
    objects = {path.name: path for path in compiled(sources, folder / "objects", flags, include)}
    runtime = compiled(runtime_sources(), folder / "runtime", flags)
    plain = [flag for flag in flags if flag != "-Werror"]  # the tree's own code has warnings
    tree = {
        path.stem: path
        for path in compiled(
            [
                *(REFERENCE / f"node/{name}.c" for name in ("server-marshal", "client-marshal-adb", "NCclient")),
                *(REFERENCE / f"util/{name}.c" for name in ("data", "misc", "euca_auth", "euca_axis")),
                *(FAKE / f"{name}.c" for name in ("fake_handlers", "nc_chat")),
            ],
            folder / "tree",
            # NCclient sends a field that it never set: zeros, whatever the stack held.
            [*plain, "-ftrivial-auto-var-init=zero"],
            include,
        )
    }
    types = [path for name, path in objects.items() if name.startswith("adb_")]
    skeleton = [path for name, path in objects.items() if name.startswith(("axis2_skel", "axis2_svc"))]
    stub = [path for name, path in objects.items() if name.startswith("axis2_stub")]
    util = [tree["data"], tree["misc"]]
    main = compiled([RUNTIME / "main.c"], folder / "runtime", flags)
    wrap = (*SANITIZED, "-Wl,--wrap=euca_authenticate")
    serving_ = [tree["server-marshal"], tree["fake_handlers"], tree["euca_axis"], *util]
    link(folder / "nc", [*main, *skeleton, *types, *serving_, *runtime], wrap)
    calling = [tree["client-marshal-adb"], *stub, *types, *util, *runtime]
    link(folder / "chat", [tree["nc_chat"], *calling], SANITIZED)
    auth = [tree["NCclient"], tree["euca_auth"], tree["euca_axis"]]
    link(folder / "NCclient", [*auth, *calling], [*SANITIZED, "-lssl", "-lcrypto"])


def node() -> Path:
    """Return the program that serves the node controller."""
    return built("node", _node) / "nc"


def client(name: str) -> Path:
    """Return a client of it: chat, or NCclient."""
    return built("node", _node) / name


def fuzzer() -> Path:
    """Return the fuzz target, built as docs/adb.md says."""

    def make(folder: Path) -> None:
        flags = (*WERROR, "-O1", "-fsanitize=fuzzer-no-link,address,undefined", "-fno-sanitize-recover=undefined")
        include = [*_FOLDERS, f"-I{folder / 'generated'}"]
        sources = [path for path in generated("nc", folder / "generated") if "axis2_stub" not in path.name]
        serving_ = [path for path in runtime_sources() if path.name not in ("serve.c", "listen.c")]
        own = compiled([*sources, *serving_, FUZZ / "soap_fuzz.c"], folder / "objects", flags, include, "clang")
        plain = [flag for flag in flags if flag != "-Werror"]
        tree = compiled(
            [
                REFERENCE / "node/server-marshal.c",
                REFERENCE / "util/data.c",
                REFERENCE / "util/misc.c",
                FAKE / "fake_handlers.c",
            ],
            folder / "tree",
            plain,
            include,
            "clang",
        )
        linking = ("-fsanitize=fuzzer,address,undefined", "-Wl,--wrap=euca_authenticate")
        link(folder / "soap_fuzz", [*own, *tree], linking, "clang")

    return built("fuzzer", make) / "soap_fuzz"


# --- talking to a service ---------------------------------------------------------------------------------


@contextmanager
def serving(program: Path, address: str, *options: str, folder: Path) -> Iterator[str]:
    """Serve while the block runs; the block gets the address that it got. It must end well, and say nothing bad."""
    log = folder / "service.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [program, "--listen", address, *options], stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert " listening on " in line, log.read_text()
        yield line.split(" listening on ")[1].strip()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
    said = log.read_text(encoding="utf-8", errors="replace")
    assert process.returncode == 0, said[-4000:]
    assert "Sanitizer" not in said, said[-4000:]
    assert "runtime error" not in said, said[-4000:]


def connect(address: str) -> socket.socket:
    """Return a connection to unix:PATH or HOST:PORT."""
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_PATIENCE)
        connection.connect(address.removeprefix("unix:"))
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE)


def exchange(address: str, data: bytes, *, half_close: bool = False) -> bytes:
    """Send bytes, as far as they are taken, and return all that comes back."""
    with connect(address) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        parts = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except ConnectionResetError:
            pass
    return b"".join(parts)


def environment() -> dict[str, str]:
    """Return the environment of a client."""
    return {**os.environ, "AXIS2C_HOME": "/nowhere", "ADB_CLIENT_TIMEOUT": "20"}
