# SPDX-License-Identifier: GPL-3.0-or-later
"""A small cloud: a node controller and a cluster controller as processes, each with an installation of its own.

The cluster reaches the node over the loopback interface, through a recorder that keeps every byte of both ways.
libvirt is its test driver, if a test does not name another one.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from _programs import Programs

    Edit = Callable[[bytes], bytes]

__all__ = ["Cloud", "Exchange", "Recorder", "Settings", "cloud", "until"]

PATIENCE = 120.0
"""Seconds for anything that is waited for: two cores that others use too are slow."""

_NODE = """<node>
  <cpu><mhz>2000</mhz><model>x86_64</model><active>4</active><nodes>1</nodes><sockets>1</sockets><cores>4</cores><threads>1</threads></cpu>
  <memory>4194304</memory>
</node>
"""
_BOTH = {"VNET_MODE": "SYSTEM", "VNET_BRIDGE": "br0", "VNET_PUBINTERFACE": "lo", "VNET_PRIVINTERFACE": "lo"}
_OF_THE_NODE = {"HYPERVISOR": "kvm", "SWAP_SIZE": "1", "MAX_MEM": "2048", "MAX_DISK": "100", "MAX_CORES": "4"}
_OF_THE_CLUSTER = {
    "ENABLE_WS_SECURITY": "N",
    "SCHEDPOLICY": "GREEDY",
    "NC_POLLING_FREQUENCY": "1",
    "POWER_WAKETHRESH": "3",
    "INSTANCE_TIMEOUT": "60",
}
_TOOLS = ("gen_kvm_libvirt_xml", "gen_libvirt_xml", "partition2disk")
_LENGTH = re.compile(rb"(?mi)^Content-Length: *(\d+)")
_SEMAPHORES = Path("/dev/shm")  # noqa: S108 - where sem_open(3) keeps them on Linux
_STRICT = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a test wants otherwise than usual.

    :param libvirt: the hypervisor; "" for a node of the test driver, which forgets everything when the service ends.
    :param node: lines of the node's eucalyptus.conf, over the usual ones; :param cluster: likewise.
    :param environment: of both services.
    """

    libvirt: str = ""
    node: Mapping[str, str] = field(default_factory=dict)
    cluster: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, as they went over the wire."""

    request: bytes
    answer: bytes

    @property
    def operation(self) -> str:
        """The name of the element in the body of the request."""
        found = re.search(rb"<(?:\w+:)?Body[^>]*><(?:\w+:)?(\w+)", self.request)
        assert found is not None, self.request
        return found[1].decode()


class Recorder:
    """Listens on a port of the loopback interface, hands on to *target* what comes, and keeps it.

    :param edit: what becomes of the body of a request on its way. It is kept as it came.
    """

    def __init__(self, target: str = "", edit: Edit = lambda body: body) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.target = target
        self._edit = edit
        self._exchanges: list[Exchange] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    @property
    def address(self) -> str:
        """HOST:PORT, where it listens."""
        host, port = self._listening.getsockname()
        return f"{host}:{port}"

    def of(self, operation: str) -> list[Exchange]:
        """Return the exchanges whose request is of that element, in the order in which they ended."""
        with self._lock:
            return [one for one in self._exchanges if one.operation == operation]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._hand_on, args=(connection, self.target), daemon=True).start()

    def _hand_on(self, connection: socket.socket, target: str) -> None:
        host, _, port = target.rpartition(":")
        with connection:
            connection.settimeout(PATIENCE)
            try:
                request = _message(connection)
                with socket.create_connection((host, int(port)), timeout=PATIENCE) as further:
                    further.sendall(_edited(request, self._edit))
                    answer = _rest(further)
                # What a person sees who has the answer is what was recorded.
                with self._lock:
                    self._exchanges.append(Exchange(request, answer))
                connection.sendall(answer)
            except OSError:
                return  # one of the two has gone away, and tells of it itself


def _edited(message: bytes, edit: Edit) -> bytes:
    """Return an HTTP message with its body edited."""
    head, blank, body = message.partition(b"\r\n\r\n")
    edited = edit(body)
    return message if edited == body else _LENGTH.sub(b"Content-Length: %d" % len(edited), head) + blank + edited


def _message(connection: socket.socket) -> bytes:
    """Return an HTTP message with a Content-Length, whole."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    left = int(length[1]) - len(body) if length else 0
    while left > 0 and (part := connection.recv(65536)):
        data, left = data + part, left - len(part)
    return data


def _rest(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Cloud:
    """A node and a cluster that run.

    :param folder: has an installation each in ``nc`` and ``cc``, and files for images in ``images``.
    :param wire: what went between the two.
    """

    folder: Path
    nc: Programs
    cc: Programs
    node: str
    cluster: str
    wire: Recorder

    def run(self, name: str, archId: str | None = None, *, ramdisk: bool = True) -> None:  # noqa: N803 - as it is called there
        """Have the cluster run an instance; it says yes before the node has been asked.

        :param archId: the architecture; the cluster's client knows nothing of it, so it is put in on the way, where
            the schema has it. None: no such element.
        """
        there = b"<n:instanceType>"
        word = None if archId is None else b"<n:archId>%b</n:archId>" % escape(archId).encode()
        with Recorder(
            self.cluster, lambda body: body if word is None else body.replace(there, word + there, 1)
        ) as on_the_way:
            options = ("-K", "", *self.images(ramdisk=ramdisk))
            done = self._client(self.cc.folder / "CCclient", *options, on_the_way.address, "runInstances", name)
        assert (done.returncode, done.stderr) == (0, ""), (done, self.log("cc")[-3000:])
        assert f"INSTANCE {name} " in done.stdout

    def state(self, name: str) -> str:
        """Return what the cluster says of an instance: Pending, Extant, Teardown; "" where it knows it not."""
        done = self.cc_client("describeInstances", name)
        assert (done.returncode, done.stderr) == (0, ""), done
        found = re.search(rf"^INSTANCE {name} \S+ state=(\w+)", done.stdout, re.MULTILINE)
        return found[1] if found else ""

    def becomes(self, name: str, state: str, seconds: float = PATIENCE) -> None:
        """Wait until the cluster says so of an instance; what has ended runs no more."""

        def now() -> bool:
            is_ = self.state(name)
            assert is_ == state or is_ != "Teardown", (is_, self.log("nc")[-3000:], self.log("cc")[-3000:])
            return is_ == state

        until(now, f"{name} is {state}", self, seconds)

    def nc_client(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Return what the node's client did."""
        return self._client(self.nc.folder / "NCclient", "-n", self.node, *words)

    def cc_client(self, *words: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Return what the cluster's client did: its options, the service's address, then the words."""
        return self._client(self.cc.folder / "CCclient", *options, self.cluster, *words)

    def _client(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **_STRICT, "AXIS2C_HOME": "/nowhere", "EUCALYPTUS": "/nowhere"}
        return subprocess.run(
            words,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env=environment | {"ADB_CLIENT_TIMEOUT": "60"},
            cwd=self.folder,
        )

    def images(self, *, ramdisk: bool = True) -> tuple[str, ...]:
        """Return the options of a client for an image, a kernel and a ramdisk that can be fetched."""
        kinds = {"-m": "emi", "-k": "eki", "-r": "eri"} if ramdisk else {"-m": "emi", "-k": "eki"}
        found: list[str] = []
        for option, kind in kinds.items():
            found += [option, f"{kind}-12345678:file://{self.folder}/images/{kind}"]
        return tuple(found)

    def log(self, which: str) -> str:
        """Return the log of ``nc`` or ``cc``."""
        path = self.folder / which / f"var/log/eucalyptus/{which}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def instance(self, name: str) -> Path:
        """Return the folder of an instance, whoever's it is."""
        found = [*(self.folder / "nc/instances").glob(f"*/{name}")]
        assert len(found) == 1, (name, found, self.log("nc")[-3000:])
        return found[0]


def until(true: Callable[[], object], what: str, cloud: Cloud | None = None, seconds: float = PATIENCE) -> None:
    """Wait until it is true."""
    end = time.monotonic() + seconds
    while not true():
        logs = "" if cloud is None else "\n".join((cloud.log("nc")[-3000:], cloud.log("cc")[-3000:]))
        assert time.monotonic() < end, f"{what} did not happen in {seconds:.0f} s\n{logs}"
        time.sleep(0.05)


@contextmanager
def cloud(
    folder: Path,
    nc: Programs,
    cc: Programs | None = None,
    settings: Settings | None = None,
    wire: Recorder | None = None,
) -> Iterator[Cloud]:
    """Run a node controller and a cluster controller while the block runs; both must end well, and say nothing bad.

    :param cc: where it is of another prefix than *nc*.
    :param wire: a recorder that outlives the cloud, so that two clouds have the same address.
    """
    cc = cc or nc
    settings = settings or Settings()
    with ExitStack() as stack:
        wire = wire or stack.enter_context(Recorder())
        (folder / "images").mkdir(parents=True)
        for kind in ("emi", "eki", "eri"):
            (folder / "images" / kind).write_bytes(kind.encode() * 1024)
        home = _installed(
            folder / "nc", nc, _BOTH | _OF_THE_NODE | {"INSTANCE_PATH": f"{folder}/nc/instances"}, settings.node
        )
        libvirt = settings.libvirt or f"test://{folder}/node.xml"
        (folder / "node.xml").write_text(_NODE, encoding="utf-8")
        environment = {**settings.environment, "TEST_LIBVIRT_URI": libvirt}
        node = stack.enter_context(_served(nc.folder / "nc", home, environment))
        wire.target = node
        home = _installed(folder / "cc", cc, _BOTH | _OF_THE_CLUSTER | {"NODES": wire.address}, settings.cluster)
        stack.callback(_locks_removed, home)
        cluster = stack.enter_context(_served(cc.folder / "cc", home, settings.environment))
        yield Cloud(folder, nc, cc, node, cluster, wire)


def _installed(home: Path, programs: Programs, usual: Mapping[str, str], other: Mapping[str, str]) -> Path:
    """Return a folder that is an installation, as $EUCALYPTUS says where it is."""
    for name in ("etc/eucalyptus", "var/log/eucalyptus", "var/run/eucalyptus/net", "var/lib/eucalyptus/keys"):
        (home / name).mkdir(parents=True)
    for name in ("instances", "usr/lib/eucalyptus", "usr/share/eucalyptus"):
        (home / name).mkdir(parents=True)
    shutil.copy(programs.folder / "euca_rootwrap", home / "usr/lib/eucalyptus/euca_rootwrap")
    for name in _TOOLS:
        shutil.copy(programs.tree / "tools" / name, home / "usr/share/eucalyptus" / name)
        (home / "usr/share/eucalyptus" / name).chmod(0o755)
    lines = (f'{name}="{value}"\n' for name, value in {**usual, **other}.items())
    (home / "etc/eucalyptus/eucalyptus.conf").write_text("".join(lines), encoding="utf-8")
    return home


@contextmanager
def _served(program: Path, home: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Serve while the block runs; the block gets HOST:PORT."""
    said = home / "said"
    with said.open("w") as errors:
        process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", "--timeout", "60"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=home,
            env={**os.environ, **_STRICT, "AXIS2C_HOME": "/nowhere", "EUCALYPTUS": str(home), **environment},
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert " listening on " in line, said.read_text(encoding="utf-8")
        yield line.split(" listening on ")[1].strip()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        _alone(process.pid)
    text = said.read_text(encoding="utf-8", errors="replace")
    assert process.returncode == 0, text[-6000:]
    for word in ("Sanitizer", "runtime error"):
        assert word not in text, text[-6000:]


def _alone(group: int) -> None:
    """End what a service has started in its group and left there; a cluster controller's monitor looks each second."""
    end = time.monotonic() + 3
    while time.monotonic() < end and _there(group):
        time.sleep(0.05)
    while _there(group):
        os.killpg(group, signal.SIGKILL)
        time.sleep(0.01)


def _there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _locks_removed(home: Path) -> None:
    """Remove the named semaphores of an installation: they are named by a sum of its folder's name, and stay."""
    total = 5381
    for byte in os.fsencode(home):
        total = total * 33 + byte
    for path in _SEMAPHORES.glob(f"sem.eucalyptusCC-{total & 0xFFFFFFFF:08x}-lock*"):
        path.unlink()
