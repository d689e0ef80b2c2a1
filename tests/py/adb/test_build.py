# SPDX-License-Identifier: GPL-3.0-or-later
"""What is generated, and what is built with it: by the tree's own Makefiles, add_marshalling.pl and patch."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from adb.harness import (
    ADB,
    REFERENCE,
    ROOT,
    WERROR,
    built,
    client,
    compiled,
    exchange,
    generated,
    run,
    runtime_sources,
    service_of,
    serving,
)
from buildcheck.adb import AdbError
from buildcheck.adb.cli import main
from buildcheck.adb.generate import files_of, write
from buildcheck.adb.home import RUNTIME, Compiler, make_home

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("nc", "cc", "gl")
FOLDERS = ("tools", "util", "net", "storage", "gatherlog", "node", "cluster")
LIBRARIES = [
    "axis2_engine",
    "axis2_http_sender",
    "axis2_http_receiver",
    "axis2_http_common",
    "neethi",
    "axis2_axiom",
    "guththila",
    "axis2_parser",
    "axutil",
]


def home() -> Path:
    return built("home", lambda folder: make_home(folder / "axis2c", Compiler(("gcc",), ("-O1", "-g")))) / "axis2c"


def tree() -> Path:
    """Return a copy of the reference tree in which each folder's Makefile has built its default target."""
    axis2c = home()

    def make(folder: Path) -> None:
        upstream = folder / "tree"
        shutil.copytree(REFERENCE, upstream)
        (upstream / "util/config.h").touch()
        flags = "-std=gnu99 -Wall -fPIC -g"
        values = {
            "AXIS2C_HOME": axis2c,
            "AXIS2C_SERVICES": axis2c / "services",
            "AXIS2_HOME": "/nowhere",
            "LIBVIRT_HOME": "/usr",
            "WSDL2C": axis2c / "bin/tools/wsdl2c/WSDL2C.sh",
            "CC": "gcc",
            "CFLAGS": flags,
            "INCLUDES": f"-I{axis2c}/include/axis2-1.6.0",
            "LIBS": " ".join(f"-l{name}" for name in ("curl", "virt", *LIBRARIES)),
            "PERL": "perl",
            "RM": "rm",
            "INSTALL": "install",
        }
        text = (upstream / "Makedefs.in").read_text()
        text = re.sub(r"@(\w+)@", lambda found: str(values.get(found[1], "")), text)
        (upstream / "Makedefs").write_text(text)
        # The rules do not use LDFLAGS; the patch make-ldflags mends that.
        env = os.environ | {"LIBRARY_PATH": str(axis2c / "lib"), "ADB_PYTHON": sys.executable}
        for name in FOLDERS:
            run(["make", "-j2", "-C", upstream / name, "all"], env=env)

    return built("tree", make) / "tree"


@pytest.mark.parametrize("name", NAMES)
def test_the_same_file_gives_the_same_code(name: str, tmp_path: Path) -> None:
    """Any hash seed and any folder."""
    wsdl = REFERENCE / f"wsdl/eucalyptus_{name}.wsdl"
    for seed in ("0", "1"):
        words: list[str | Path] = [sys.executable, ADB, "wsdl2c", "-uri", wsdl, "-ss", "-g", "-o", tmp_path / seed]
        run(words, env=os.environ | {"PYTHONHASHSEED": seed}, cwd=tmp_path)
    listed = sorted(path.name for path in (tmp_path / "0").iterdir())
    assert listed == sorted(files_of(service_of(name), client=True, server=True))
    for file in listed:
        assert (tmp_path / "0" / file).read_bytes() == (tmp_path / "1" / file).read_bytes()


def test_the_options_choose_the_sides(tmp_path: Path) -> None:
    wsdl = str(REFERENCE / "wsdl/eucalyptus_gl.wsdl")
    sides = {
        ("-g",): {"axis2_stub_EucalyptusGL.c"},
        ("-sd", "-ss"): {"axis2_skel_EucalyptusGL.c", "axis2_svc_skel_EucalyptusGL.c"},
        ("-ss", "-g"): {"axis2_skel_EucalyptusGL.c", "axis2_stub_EucalyptusGL.c", "axis2_svc_skel_EucalyptusGL.c"},
    }
    for at, (options, files) in enumerate(sides.items()):
        out = tmp_path / str(at)
        assert main(["wsdl2c", "-uri", wsdl, *options, "-d", "adb", "-u", "-uw", "-f", "-o", str(out)]) == 0
        assert {path.name for path in out.glob("axis2_*.c")} == files
        assert (out / "services.xml").exists() is ("-ss" in options)
    assert main(["wsdl2c", "-uri", wsdl, "-d", "xmlbeans", "-o", str(tmp_path / "x")]) == 2


def test_what_two_services_share_is_said_where_it_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("cc", "nc", "nc"):
        wsdl = REFERENCE / f"wsdl/eucalyptus_{name}.wsdl"
        assert main(["wsdl2c", "-uri", str(wsdl), "-o", str(tmp_path)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "said something else" in line]
    assert lines == ["adb: adb_eucalyptusMessage.c: what another WSDL file had left there said something else"]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AdbError, match="cannot write there"):
        write({"a.c": ""}, tmp_path / "file")


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_runtime_has_no_warning(compiler: str, tmp_path: Path) -> None:
    flags = [*WERROR, "-O2", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wconversion"]
    flags += ["-Wno-sign-conversion", "-Wpedantic", "-Wvla"]
    compiled([*runtime_sources(), RUNTIME / "main.c", RUNTIME / "host.c"], tmp_path / compiler, flags, (), compiler)


@pytest.mark.parametrize("name", NAMES)
def test_clang_has_no_warning_about_generated_code(name: str, tmp_path: Path) -> None:
    part = {"nc": "node", "cc": "cluster", "gl": "gatherlog"}[name]
    sources = generated(name, tmp_path / "generated")
    folders = [f"-I{REFERENCE / folder}" for folder in (part, "node", "util", "net", "storage")]
    compiled(sources, tmp_path / "out", [*WERROR, "-fsyntax-only"], [f"-I{tmp_path}/generated", *folders], "clang")


def test_the_marshalling_script_and_the_patch_apply(tmp_path: Path) -> None:
    """All operations call the tree's functions, authentication comes before anything is read, and fuzz is 0."""
    for name in NAMES:
        folder, service = tmp_path / name, service_of(name)
        generated(name, folder)
        skeleton = (folder / f"axis2_skel_{service.name}.c").read_text()
        assert skeleton.count("#include <server-marshal.h>") == 1
        for operation in service.operations:
            assert f"return ({operation.name}Marshal({operation.input}, env));" in skeleton
        if name != "gl":
            caller = (folder / f"axis2_svc_skel_{service.name}.c").read_text()
            body = caller[caller.index("_invoke(axis2_svc_skeleton_t") :]
            assert body.index("EUCA_AUTHENTICATE(env, msg_ctx, operation_ctx);") < body.index("call_")
        assert not list(folder.glob("*.rej"))


def test_the_trees_makefiles_build_everything() -> None:
    made = tree()
    for path in (
        "gatherlog/libEucalyptusGL.so",
        "gatherlog/GLclient",
        "node/libEucalyptusNC.so",
        "node/NCclient",
        "node/NCclient_local",
        "node/test",
        "node/test_nc",
        "cluster/libEucalyptusCC.so",
        "cluster/CCclient",
    ):
        assert os.access(made / path, os.X_OK), path
    # Nothing is left to be found when it is loaded.
    env = os.environ | {"LD_LIBRARY_PATH": str(home() / "lib")}
    for library in made.glob("*/lib*.so"):
        assert "undefined symbol" not in run(["ldd", "-r", library], env=env).stdout


def test_a_library_of_the_trees_is_served(tmp_path: Path) -> None:
    made = tree()
    script = tmp_path / "serve"
    script.write_text(f'#!/bin/sh\nexec {home()}/bin/adb-serve {made}/gatherlog/libEucalyptusGL.so "$@"\n')
    script.chmod(0o755)
    with serving(script, "127.0.0.1:0", folder=tmp_path) as at:
        done = subprocess.run(
            [made / "gatherlog/GLclient", at, "getKeys"],
            capture_output=True,
            text=True,
            check=False,
            env={"AXIS2C_HOME": "/nowhere", "LD_LIBRARY_PATH": str(home() / "lib")},
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "---- CC\n(none)\n---- NC\n(none)\n"


def test_the_trees_own_authentication_is_there_and_is_not_what_is_called(tmp_path: Path) -> None:
    """Its library refuses whoever has not signed; loaded by adb-serve it lets everybody in, who is local."""
    made = tree()
    assert "T euca_authenticate" in run(["nm", "-D", made / "cluster/libEucalyptusCC.so"]).stdout
    script = tmp_path / "serve"
    script.write_text(f'#!/bin/sh\nexec {home()}/bin/adb-serve {made}/cluster/libEucalyptusCC.so "$@"\n')
    script.chmod(0o755)
    body = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a/></s:Body></s:Envelope>'
    head = "POST /axis2/services/EucalyptusCC HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\n"
    with serving(script, f"unix:{tmp_path}/s", folder=tmp_path) as at:
        answer = exchange(at, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert b"EucalyptusCC has no operation a" in answer


def test_serve_without_a_library_is_refused(tmp_path: Path) -> None:
    for words in ((), ("/nowhere.so",), (str(home() / "lib/libaxutil.so"),)):
        done = subprocess.run(
            [home() / "bin/adb-serve", *words], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert "usage: " in done.stderr


def test_a_compiler_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["home", str(tmp_path / "a"), "--cc", "no-such-compiler"]) == 2
    assert capsys.readouterr().err == "error: no-such-compiler cannot be run: No such file or directory\n"
    assert main(["home", str(tmp_path / "b"), "--cc", "false"]) == 2


def undefined(objects: list[Path]) -> set[str]:
    return set(re.findall(r"^ +U (\w+)$", run(["nm", "-u", *objects]).stdout, re.MULTILINE))


def test_the_headers_have_what_is_called_and_the_documentation_lists_it() -> None:
    """The part of the API is found by compiling: no function more, and none less."""
    made = tree()
    own = undefined([path for path in made.glob("*/*.o") if path.parent.name != "generated"])
    calls = {name for name in own if re.match(r"(axis2|axutil|axiom|neethi)_", name)}
    calls = {name for name in calls if not re.match(r"axis2_stub_(op|create)_", name)}
    text = (ROOT / "docs/adb.md").read_text(encoding="utf-8")
    part = text[text.index("<!-- called by the tree -->") : text.index("<!-- end -->")]
    assert set(re.findall(r"`(\w+)`", part)) == calls
    from_generated = undefined(list(made.glob("*/generated/*.o")))
    headers = [path for path in (RUNTIME / "include").glob("*.h") if not path.name.startswith("adb_")]
    declared = {
        name
        for path in headers
        for name in re.findall(r"\b((?:axis2|axutil|axiom|neethi)_\w+)\(", path.read_text(encoding="utf-8"))
    }
    served = {"axis2_get_instance", "axis2_remove_instance"}
    assert declared - served == {name for name in calls | from_generated if name in declared}
    assert calls <= declared
    assert client("chat").exists()
