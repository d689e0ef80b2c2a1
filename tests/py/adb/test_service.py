# SPDX-License-Identifier: GPL-3.0-or-later
"""The service: the tree's own marshalling code behind it, the tree's own clients before it, and much that is neither.

Everything here is compiled with the address and undefined behaviour sanitizers, and ends with a check for leaks.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from adb.harness import client, connect, environment, exchange, node, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/axis2/services/EucalyptusNC"
NS = "http://eucalyptus.ucsb.edu/"
SOAP = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")


def message(body: str, version: int = 0, header: str = "") -> bytes:
    return (f'<s:Envelope xmlns:s="{SOAP[version]}" xmlns="{NS}">{header}<s:Body>{body}</s:Body></s:Envelope>').encode()


POWER = message("<ncPowerDown/>")


def request(body: bytes = POWER, **changes: str | None) -> bytes:
    """Return a good request with *changes*: header fields by name with _ for -, ``line`` for the first line."""
    line = changes.pop("line", None) or f"POST {PATH} HTTP/1.1"
    fields = {"Host": "localhost", "Content-Type": "text/xml; charset=UTF-8", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in changes.items() if value is not None}
    dropped = {name.replace("_", "-") for name, value in changes.items() if value is None}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if name not in dropped)
    return f"{line}\r\n{head}\r\n".encode() + body


def status(answer: bytes) -> int:
    """Return the status of an answer that is whole; 0 for none."""
    if not answer:
        return 0
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    assert length is not None, answer
    assert int(length[1]) == len(body)
    assert b"\r\nConnection: close" in head
    return int(head.split(b" ")[1])


@contextmanager
def node_at(folder: Path, address: str = "", *options: str) -> Iterator[str]:
    with serving(node(), address or f"unix:{folder}/s", *options, folder=folder) as at:
        yield at


def alive(address: str) -> None:
    """Fail unless the service still does what it is for."""
    answer = exchange(address, request())
    assert status(answer) == 200, answer
    assert b"ncPowerDownResponse" in answer


# --- the tree's own clients -------------------------------------------------------------------------------

INSTANCE = """\
  ids same same same same same same same same
  data same state Pending time 1303833600
  params 64 1 2 same maps sda1 root 100 none
  net d0:0d:00:00:00:01 10.0.0.1 0.0.0.0 3 7
  groups 2 same same
  volumes {}
"""
CHAT = f"""\
run 0
{INSTANCE.format("0")}run 1
attach 0
describe 0 1
{INSTANCE.format("1 same same same attached")}resource 0 OK 4096 4
console 0 Y29uc29sZQ==
network 0 SUCCESS
reboot 0
detach 0
terminate 0 32 16
power 0
"""


@pytest.mark.parametrize("word", ["i-1", "", "<a>&amp;'\"\r\n\t]]> %s $(id)", "\u00fc\u20ac\U0001d11e"])
@pytest.mark.parametrize("address", ["", "127.0.0.1:0", "[::1]:0"])
def test_the_trees_client_and_marshalling_code_talk(tmp_path: Path, address: str, word: str) -> None:
    with node_at(tmp_path, address) as at:
        endpoint = at if at.startswith("unix:") else f"http://{at}{PATH}"
        done = subprocess.run(
            [client("chat"), endpoint, word], capture_output=True, text=True, env=environment(), check=False
        )
    assert (done.returncode, done.stdout.replace(" empty", " same")) == (0, CHAT), done.stderr


def nc_client(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    # It leaves to the end of the process what parse_image has allocated.
    env = environment() | {"ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run(
        [client("NCclient"), *words], capture_output=True, text=True, env=env, check=False, cwd=folder
    )


def test_ncclient_runs_and_describes(tmp_path: Path) -> None:
    with node_at(tmp_path, "localhost:0") as at:
        run = ("runInstance", "-i", "i-1", "-m", "emi:http://a/m", "-k", "eki:http://a/k", "-G", "one:two")
        done = nc_client("-d", "-n", at, *run[1:], run[0], folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert done.stdout.startswith("instanceId=i-1 state=Pending (0) user=eucalyptus image=emi vlan=3 ")
        done = nc_client("-n", at, "describeInstances", folder=tmp_path)
        assert done.stdout.startswith("instanceId=i-1 state=Pending (0) user=eucalyptus image=emi vlan=3 ")
        done = nc_client("-n", at, "-i", "i-2", "rebootInstance", folder=tmp_path)
        assert (done.returncode, "error 1" in done.stderr) == (1, True)
    log = (tmp_path / "NCclient.log").read_text()
    assert "adb: request, " in log
    assert "<n:instanceId>i-1</n:instanceId>" in log
    assert "<n:groupNames>two</n:groupNames>" in log
    done = nc_client("-n", at, "describeInstances", folder=tmp_path)
    assert done.returncode == 1
    assert "nobody answers at 127.0.0.1" in done.stderr


def test_a_policy_is_refused_aloud(tmp_path: Path) -> None:
    (tmp_path / "etc/eucalyptus").mkdir(parents=True)
    found = [*re.finditer(rb"[\w/%.-]*nc-client-policy\.xml", client("NCclient").read_bytes())]
    assert found
    policy = tmp_path / found[0][0].decode().removeprefix("%s").lstrip("/")
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.touch()
    done = subprocess.run(
        [client("NCclient"), "-n", "127.0.0.1:1", "describeInstances"],
        capture_output=True,
        text=True,
        env=environment() | {"EUCALYPTUS": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 1
    assert "WS-Security is not implemented: module rampart is refused" in done.stderr


ANSWERS = {
    "nothing": (b"", "what came is no answer of HTTP/1.1"),
    "garbage": (b"\x00\xff\r\n\r\n", "what came is no answer of HTTP/1.1"),
    "cut off": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<a", "what came is no answer of HTTP/1.1"),
    "a page": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "HTTP status 404"),
    "a good page": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno", "not well-formed XML in UTF-8"),
    "another answer": (
        b"HTTP/1.1 200 OK\r\n\r\n" + message("<ncRebootInstanceResponse/>"),
        "no ncPowerDownResponse, but ncRebootInstanceResponse",
    ),
    "a fault": (
        b"HTTP/1.1 500 x\r\n\r\n"
        + message("<s:Fault><faultcode>s:Server</faultcode><faultstring>not today\x7f</faultstring></s:Fault>"),
        "fault: not today?",
    ),
    "a fault of 1.2": (
        b"HTTP/1.1 400 x\r\n\r\n"
        + message("<s:Fault><s:Code/><s:Reason><s:Text>not tomorrow</s:Text></s:Reason></s:Fault>", 1),
        "fault: not tomorrow",
    ),
    "good, under a bad status": (b"HTTP/1.1 500 x\r\n\r\n" + message("<ncPowerDownResponse/>"), "HTTP status 500"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_client_takes_the_answer_and_nothing_else(tmp_path: Path, name: str) -> None:
    answer, said = ANSWERS[name]
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        process = subprocess.Popen(
            [client("NCclient"), "-n", address, "powerDown"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=tmp_path,
        )
        connection, _ = server.accept()
        with connection:
            asked = b""
            while b"</soapenv:Envelope>" not in asked:
                asked += connection.recv(65536)
            connection.sendall(answer)
        _, errors = process.communicate(timeout=60)
    assert asked.startswith(f"POST {PATH} HTTP/1.1\r\nHost: {address}\r\n".encode())
    assert b'SOAPAction: "EucalyptusNC#ncPowerDown"\r\n' in asked
    assert (process.returncode, said in errors) == (1, True), errors
    assert "Sanitizer" not in errors


def test_a_client_does_not_wait_for_ever(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        begin = time.monotonic()
        done = subprocess.run(
            [client("NCclient"), "-n", address, "powerDown"],
            capture_output=True,
            text=True,
            env=environment() | {"ADB_CLIENT_TIMEOUT": "1"},
            check=False,
            cwd=tmp_path,
        )
    assert (done.returncode, "the time is over" in done.stderr) == (1, True), done.stderr
    assert 0.9 < time.monotonic() - begin < 30


@pytest.mark.parametrize(
    "endpoint", ["https://localhost/", "ftp://a/", "http://", "http://a:b/", "unix:", "http://[::1/"]
)
def test_an_endpoint_that_cannot_be_is_refused(endpoint: str) -> None:
    done = subprocess.run([client("chat"), endpoint], capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 2, done.stderr
    assert f"adb: {endpoint}: " in done.stderr


# --- requests: one good one, and what is wrong with each of the others ------------------------------------

CHUNKED = {"Transfer_Encoding": "chunked", "Content_Length": None}
HALF = len(POWER) // 2
CHUNKS = b"%x\r\n%s\r\n%X\r\n%s\r\n0\r\n\r\n" % (HALF, POWER[:HALF], len(POWER) - HALF, POWER[HALF:])
DEEP = b"<a>" * 20000
CROWD = b"".join(b' a%d=""' % at for at in range(200_000))
BOMB = b'<!DOCTYPE a [<!ENTITY a "%s">]>' % (b"&b;" * 1000)

REQUESTS: dict[str, tuple[bytes, int, str]] = {
    "good": (request(), 200, "ncPowerDownResponse"),
    "good 1.2": (
        request(message("<ncPowerDown/>", 1), Content_Type="application/soap+xml"),
        200,
        "application/soap+xml; charset=UTF-8",
    ),
    "good 1.0": (request(line=f"POST {PATH} HTTP/1.0", Host=None), 200, "ncPowerDownResponse"),
    "good chunks": (request(CHUNKS, **CHUNKED), 200, "ncPowerDownResponse"),
    "good, any SOAPAction": (request(SOAPAction='"other"'), 200, "ncPowerDownResponse"),
    "good, with a header": (
        request(message("<ncPowerDown/>", header='<s:Header><a xmlns="urn:a">b</a></s:Header>')),
        200,
        "ncPowerDownResponse",
    ),
    "nothing": (b"", 0, ""),
    "half a line": (b"POST /ax", 400, ""),
    "half a head": (request()[:60], 400, ""),
    "half a body": (request()[:-5], 400, ""),
    "garbage": (os.urandom(1) * 2000 + b"\r\n\r\n", 400, ""),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 400, 400, ""),
    "zero bytes": (request().replace(b"localhost", b"local\0host"), 400, ""),
    "bare line feeds": (request().replace(b"\r\n", b"\n"), 400, ""),
    "an empty line first": (b"\r\n" + request(), 400, ""),
    "no version": (request(line=f"POST {PATH}"), 400, ""),
    "two blanks": (request(line=f"POST  {PATH} HTTP/1.1"), 400, ""),
    "another protocol": (request(line=f"POST {PATH} RTSP/1.0"), 400, ""),
    "HTTP/2": (request(line=f"POST {PATH} HTTP/2.0"), 505, ""),
    "GET": (request(line=f"GET {PATH} HTTP/1.1"), 405, "Allow: POST"),
    "GET ?wsdl": (request(line=f"GET {PATH}?wsdl HTTP/1.1"), 405, ""),
    "another path": (request(line="POST /axis2/services/EucalyptusCC HTTP/1.1"), 404, ""),
    "a longer path": (request(line=f"POST {PATH}/ncPowerDown HTTP/1.1"), 404, ""),
    "no host": (request(Host=None), 400, ""),
    "no type": (request(Content_Type=None), 415, ""),
    "another type": (request(Content_Type="application/json"), 415, ""),
    "a longer type": (request(Content_Type="text/xmlx"), 415, ""),
    "another charset": (request(Content_Type="text/xml; charset=iso-8859-1"), 415, ""),
    "no length": (request(Content_Length=None), 411, ""),
    "a length that is no number": (request(Content_Length="1x"), 400, ""),
    "a negative length": (request(Content_Length="-1"), 400, ""),
    "an endless length": (request(Content_Length="9" * 40), 413, ""),
    "two lengths": (request().replace(b"Host", b"Content-Length: 1\r\nHost"), 400, ""),
    "a length and chunks": (request(CHUNKS, Transfer_Encoding="chunked"), 400, ""),
    "another coding": (request(Transfer_Encoding="gzip", Content_Length=None), 501, ""),
    "two codings": (request(Transfer_Encoding="gzip, chunked", Content_Length=None), 501, ""),
    "a chunk without its size": (request(b"\r\n", **CHUNKED), 400, ""),
    "a chunk with a strange size": (request(b"-1\r\n", **CHUNKED), 400, ""),
    "a chunk of 16 digits": (request(b"f" * 16 + b"\r\n", **CHUNKED), 400, ""),
    "a chunk that is too large": (request(b"fffffff\r\n", **CHUNKED), 413, ""),
    "a chunk that is too long": (request(b"1\r\nab\r\n0\r\n\r\n", **CHUNKED), 400, ""),
    "a chunk with an extension": (request(b"1;a=b\r\nx\r\n0\r\n\r\n", **CHUNKED), 400, ""),
    "a trailer": (request(CHUNKS[:-2] + b"Host: b\r\n\r\n", **CHUNKED), 400, ""),
    "a long line before a chunk": (request(b"0" * 5000 + b"\r\n", **CHUNKED), 400, ""),
    "another expectation": (request(Expect="200-ok"), 417, ""),
    "a folded field": (request(Host="a\r\n b"), 400, ""),
    "a field without a name": (request().replace(b"Host", b""), 400, ""),
    "a blank before the colon": (request().replace(b"Host", b"Host "), 400, ""),
    "65 fields": (request(POWER, **{f"X{at}": "a" for at in range(65)}), 431, ""),
    "a field of 20 kB": (request(X="a" * 20000), 431, ""),
    "a field that does not end": (b"POST " + b"a" * 1_000_000, 431, ""),
    "no XML": (request(b"no XML"), 500, "<faultcode>soapenv:Client</faultcode>"),
    "no body": (request(b""), 500, "<faultstring>no message</faultstring>"),
    "half XML": (request(POWER[:-3]), 500, "not well-formed"),
    "no envelope": (request(b"<a/>"), 500, "soapenv:VersionMismatch"),
    "an empty envelope": (request(message("")), 500, "not one element in the body"),
    "an unknown operation": (request(message("<ncFly/>")), 500, "EucalyptusNC has no operation ncFly"),
    "an operation of nowhere": (request(message('<ncPowerDown xmlns=""/>')), 500, "has no operation ncPowerDown"),
    "an unknown element": (request(message("<ncPowerDown><a/></ncPowerDown>")), 500, "no a can be there"),
    "a missing element": (request(message("<ncRebootInstance/>")), 500, "no instanceId, but its end"),
    "unknown, 1.2": (
        request(message("<ncFly/>", 1), Content_Type="application/soap+xml"),
        400,
        "<soapenv:Value>soapenv:Sender</soapenv:Value>",
    ),
    "signed": (
        request(message("<ncPowerDown/>", header='<s:Header><Security s:mustUnderstand="1"/></s:Header>')),
        500,
        "the header Security is not understood",
    ),
    "a bomb": (request(BOMB + POWER), 500, "a document type declaration is not taken"),
    "a file": (request(b'<!DOCTYPE a SYSTEM "/etc/passwd">' + POWER), 500, "document type declaration"),
    "deep": (request(DEEP), 500, "elements nest too deep"),
    "deep inside": (request(message("<ncPowerDown>" + DEEP.decode() + "</ncPowerDown>")), 500, "nest too deep"),
    "a crowd of attributes": (request(b"<a " + CROWD + b"/>"), 500, "too many attributes"),
    "a crowd of namespaces": (request(b"<a " + CROWD.replace(b" a", b" xmlns:a") + b"/>"), 500, "too many attributes"),
    "a crowd behind a comment": (request(b"<!-- <b a=' --><a " + CROWD + b"/>"), 500, "too many attributes"),
    "a crowd behind a value": (request(b"<a a='>\"'" + CROWD + b"/>"), 500, "too many attributes"),
    "a crowd behind an error": (request(b'<a b=c "><a ' + CROWD + b"/>"), 500, ""),
    "a crowd behind an open value": (request(b"<a><b c='\"><a " + CROWD + b"/>"), 500, ""),
    "a crowd of elements": (request(message("<ncPowerDown>" + "<a/>" * 250_000)), 500, "too many elements"),
    "4 MB of nothing": (request(b" " * (4 << 20)), 500, "not well-formed"),
    "4 MB and a byte": (request(b" " * ((4 << 20) + 1)), 413, ""),
    "markup in a name": (request(message("<\u00e4\u00f6/>")), 500, "has no operation ????"),
}


def test_every_request_gets_its_answer_and_the_service_stays_up(tmp_path: Path) -> None:
    with node_at(tmp_path) as at:
        for name, (data, wanted, part) in REQUESTS.items():
            answer = exchange(at, data, half_close=True)
            assert status(answer) == wanted, (name, answer[:500])
            assert part.encode() in answer, (name, answer[:500])
        alive(at)


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    with node_at(tmp_path) as at:
        for coding in ({"Content_Length": "100000000"}, CHUNKED):
            head = request(b"", **coding)
            block = b"80000\r\n" + b"a" * 0x80000 + b"\r\n" if coding is CHUNKED else b"a" * 0x80000
            sent = 0
            with connect(at) as connection:
                try:
                    connection.sendall(head)
                    while sent < 100_000_000:
                        connection.sendall(block)
                        sent += len(block)
                except (BrokenPipeError, ConnectionResetError):
                    pass
            assert sent < 20_000_000
        # One that waits for leave is told before it sends anything.
        assert status(exchange(at, request(b"", Content_Length="100000000", Expect="100-continue"))) == 413
        alive(at)


def test_leave_is_given_to_those_who_ask(tmp_path: Path) -> None:
    with node_at(tmp_path) as at, connect(at) as connection:
        data = request(Expect="100-continue")
        connection.sendall(data[: -len(POWER)])
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(POWER)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")


def test_the_time_for_a_request_ends_also_for_one_who_sends_a_byte_at_a_time(tmp_path: Path) -> None:
    with node_at(tmp_path, "", "--timeout", "1") as at:
        begin = time.monotonic()
        assert status(exchange(at, b"POST ")) == 408
        assert status(exchange(at, request()[:-1])) == 408
        with connect(at) as connection:
            try:
                for byte in request():
                    connection.sendall(bytes([byte]))
                    time.sleep(0.05)
            except (BrokenPipeError, ConnectionResetError):
                pass
            else:
                pytest.fail("it waited for the last byte")
        assert time.monotonic() - begin < 20
        alive(at)


def test_who_goes_away_or_does_not_read_does_no_harm(tmp_path: Path) -> None:
    with node_at(tmp_path, "", "--timeout", "2") as at:
        for _ in range(20):
            with connect(at) as connection:
                connection.sendall(request())
        with connect(at):
            pass
        with connect(at) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.sendall(request()[:50])
        alive(at)


def test_a_process_that_is_left_behind_holds_neither_the_connection_nor_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_FORK", "20")
    begin = time.monotonic()
    for _ in range(2):
        with node_at(tmp_path, "127.0.0.1:0") as at:
            body = message("<ncRebootInstance><instanceId>i</instanceId></ncRebootInstance>")
            assert status(exchange(at, request(body))) == 200
        with pytest.raises(ConnectionRefusedError):
            connect(at)
    assert time.monotonic() - begin < 15


def test_a_limit_can_be_set(tmp_path: Path) -> None:
    with node_at(tmp_path, "", "--max-body", "1000") as at:
        assert status(exchange(at, request(b" " * 1001))) == 413
        alive(at)


def test_answers_are_one_after_the_other_and_in_order(tmp_path: Path) -> None:
    with node_at(tmp_path) as at:
        connections = [connect(at) for _ in range(8)]
        for connection in reversed(connections):
            connection.sendall(request())
        for connection in connections:
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
            connection.close()


# --- where it listens -------------------------------------------------------------------------------------


def start(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([node(), *words], capture_output=True, text=True, check=False, cwd=folder, timeout=60)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0:0",
        ":0",
        "*:0",
        "[::]:0",
        "[::ffff:127.0.0.1]:0",
        "192.0.2.1:0",
        "128.0.0.1:0",
        "126.255.255.255:0",
        "1.0.0.127:0",
        "2130706433:0",
        "127.1:0",
        "example.org:0",
        "localhost.:0",
        "[::1",
        "::1:0",
        "a" * 300 + ":0",
    ],
)
def test_any_address_but_loopback_and_unix_is_refused(tmp_path: Path, address: str) -> None:
    done = start("--listen", address, folder=tmp_path)
    assert done.returncode == 2
    assert "listening" not in done.stdout
    assert "neither" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--listen",),
        ("--listen", "127.0.0.1"),
        ("--listen", "127.0.0.1:"),
        ("--listen", "127.0.0.1:65536"),
        ("--listen", "127.0.0.1:-1"),
        ("--listen", "unix:"),
        ("--listen", "unix:" + "a" * 200),
        ("--listen", "unix:/nowhere/at/all"),
        ("--listen", "127.0.0.1:0", "--max-body", "0"),
        ("--listen", "127.0.0.1:0", "--timeout", "1x"),
        ("--listen", "127.0.0.1:0", "--other", "1"),
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = start(*words, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_it_says_once_that_nobody_is_authenticated(tmp_path: Path) -> None:
    with node_at(tmp_path) as at:
        alive(at)
        alive(at)
        assert (tmp_path / "s").stat().st_mode & 0o077 == 0
    assert (tmp_path / "service.log").read_text().count("WS-Security is not implemented: nobody is authenticated") == 1
    assert not (tmp_path / "s").exists()


def test_a_socket_that_was_left_behind_is_taken_over_and_one_in_use_is_not(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "s"))
    left.close()
    with node_at(tmp_path) as at:
        done = start("--listen", at, folder=tmp_path)
        assert (done.returncode, "Address already in use" in done.stderr) == (2, True)
        alive(at)
    (tmp_path / "s").write_text("a file")
    assert start("--listen", at, folder=tmp_path).returncode == 2
    assert (tmp_path / "s").read_text() == "a file"
