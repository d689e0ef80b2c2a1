# SPDX-License-Identifier: GPL-3.0-or-later
"""buildcheck package: packages held against their table, lintian, blhc, and a second build where everything is different."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from buildcheck.package.cli import package
from buildcheck.package.table import Table

ROOT = Path(__file__).parents[3]
CONTROL = {
    "Package": "demo",
    "Version": "1.0-1+noauth",
    "Architecture": "all",
    "Maintainer": "A <a@example.org>",
    "Depends": "libc6 (>= 2.3), demo-common (= 1.0-1+noauth), mail | post (>= 2), perl:any",
    "Description": "a test, REFERENCE BUILD\n It is made by a test.",
}
TABLE = """
version = "+noauth"
[[package]]
name = "demo"
depends = ["libc6", "demo-common (= {version})", "mail | post", "perl"]
conffiles = ["/etc/demo.conf"]
scripts = ["postinst"]
says = ["REFERENCE BUILD"]
files = ["/etc/demo.conf", "/usr/bin/{name}", "/usr/share/demo/*", "/var/lib/demo/"]
modes = { "/usr/bin/demo" = "4755 root root" }
"""
SOURCE = {
    "debian/source/format": "3.0 (native)\n",
    "debian/changelog": "demo (1.0) unstable; urgency=low\n\n  * A test.\n\n -- A <a@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n",
    "debian/control": "Source: demo\nSection: misc\nPriority: optional\nMaintainer: A <a@example.org>\nStandards-Version: 4.6.2\n\n"
    "Package: demo\nArchitecture: any\nDescription: a test\n It is made by a test.\n",
    "main.c": "int main(void) { return 0; }\n",
}
RULES = """\
#!/usr/bin/make -f
DEB_BUILD_MAINT_OPTIONS = hardening=+all
export DEB_BUILD_MAINT_OPTIONS
include /usr/share/dpkg/buildflags.mk
build build-arch build-indep:
\tgcc -o demo {flags} main.c
binary-arch: build
\tmkdir -p debian/tmp/usr/bin debian/tmp/usr/share/doc/demo debian/tmp/DEBIAN
\tinstall -m 755 demo debian/tmp/usr/bin/demo
\t{more}
\tchmod -R go-w debian/tmp
\tdpkg-gencontrol
\tfind debian/tmp -newermt "@$(SOURCE_DATE_EPOCH)" -exec touch -h -d "@$(SOURCE_DATE_EPOCH)" {{}} +
\tdpkg-deb --root-owner-group -b debian/tmp ..
binary-indep:
binary: binary-arch
clean:
\trm -rf demo debian/tmp debian/files
"""
SILENT = """\
#!/usr/bin/python3
import json, sys
files = [{"path": word, "hints": []} for word in sys.argv if word.startswith("/")]
print(json.dumps({"groups": [{"input_files": files}]}))
"""
HARDENED = "$(CPPFLAGS) $(CFLAGS) -fPIE -pie $(LDFLAGS)"


@dataclass(frozen=True)
class Ran:
    """What the command said."""

    status: int
    found: list[dict[str, str]]
    said: str

    def of(self, slug: str) -> list[str]:
        return [one["message"] for one in self.found if one["slug"] == slug]


def run(*words: str | Path) -> Ran:
    done = CliRunner().invoke(package, [*map(str, words), "--format", "json"])
    found = json.loads(done.stdout) if done.stdout.startswith("[") else []
    return Ran(done.exit_code, found, done.output)


@dataclass
class Bench:
    """A folder in which a binary package, its .changes file and a table are made."""

    folder: Path

    def __post_init__(self) -> None:
        self.control = dict(CONTROL)
        self.table = TABLE
        self.files: dict[str, tuple[str, int]] = {
            "DEBIAN/conffiles": ("/etc/demo.conf\n", 0o644),
            "DEBIAN/postinst": ("#!/bin/sh\nset -e\n", 0o755),
            "etc/demo.conf": ("", 0o644),
            "usr/bin/demo": ("#!/bin/sh\n", 0o4755),
            "usr/share/demo/a": ("", 0o644),
        }
        self.empty = "var/lib/demo"

    def changes(self) -> Path:
        tree = self.folder / "tree"
        (tree / self.empty).mkdir(parents=True)
        for name, (text, mode) in self.files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
            (tree / name).chmod(mode)
        for path in (tree, *tree.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        (tree / "DEBIAN/control").write_text("".join(f"{name}: {value}\n" for name, value in self.control.items()))
        deb = self.folder / "demo_1.0-1_all.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, deb], check=True, capture_output=True)
        path = self.folder / "demo.changes"
        path.write_text(
            "Format: 1.8\nDate: Thu, 01 Jan 2026 00:00:00 +0000\nSource: demo\nBinary: demo\nArchitecture: all\nVersion: 1.0-1\n"
            "Distribution: unstable\nUrgency: low\nMaintainer: A <a@example.org>\nDescription:\n demo - a test\n"
            f"Changes:\n demo (1.0-1) unstable; urgency=low\n{_sums(deb)}"
        )
        (self.folder / "table.toml").write_text(self.table)
        return path

    def run(self) -> Ran:
        return run(self.changes(), "--expect", self.folder / "table.toml")


def _sums(deb: Path) -> str:
    """Return the fields of a .changes file that name the package."""
    data = deb.read_bytes()
    text = f"Files:\n {hashlib.md5(data).hexdigest()} {len(data)} misc optional {deb.name}\n"  # noqa: S324 - deb-changes(5)
    for name in ("sha1", "sha256"):
        text += f"Checksums-{name.title()}:\n {hashlib.new(name, data).hexdigest()} {len(data)} {deb.name}\n"
    return text


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Return a bench whose lintian has nothing to say: what it does say is another test's."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "lintian").write_text(SILENT)
    (bin_ / "lintian").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    return Bench(tmp_path)


def test_what_is_as_the_table_says_is_proved(bench: Bench) -> None:
    ran = bench.run()
    assert (ran.status, [one["slug"] for one in ran.found]) == (0, ["package-unproved"]), ran.said


@pytest.mark.parametrize(
    ("change", "slug", "message"),
    [
        (
            lambda b: b.files.update({"usr/bin/other": ("", 0o755)}),
            "package-contents",
            "/usr/bin/other is in it, and not",
        ),
        (lambda b: b.files.pop("usr/share/demo/a"), "package-contents", "/usr/share/demo/* is not in it"),
        (lambda b: b.files.update({"usr/bin/demo": ("", 0o755)}), "package-contents", "is 0755 root root, not 4755"),
        (lambda b: b.files.update({"etc/demo.conf": ("", 0o666)}), "package-contents", "is 0666 root root, not what"),
        (
            lambda b: b.files.update({"DEBIAN/conffiles": ("", 0o644)}),
            "package-contents",
            "conffile /etc/demo.conf is not",
        ),
        (lambda b: b.files.pop("DEBIAN/postinst"), "package-contents", "maintainer script postinst is not there"),
        (lambda b: setattr(b, "empty", "var/lib/other"), "package-contents", "/var/lib/other/ is in it, and not"),
        (
            lambda b: b.control.update(Depends="libc6"),
            "package-dependencies",
            "Depends has no demo-common (= 1.0-1+noauth)",
        ),
        (
            lambda b: b.control.update(Depends=CONTROL["Depends"].replace("(= 1", "(>= 1")),
            "package-dependencies",
            "Depends has demo-common (>= 1.0-1+noauth), and the table has not",
        ),
        (lambda b: b.control.update(Conflicts="vi"), "package-dependencies", "Conflicts has vi, and the table has not"),
        (lambda b: b.control.update(Description="a test\n x"), "package-description", 'does not say "REFERENCE BUILD"'),
        (lambda b: setattr(b, "table", TABLE.replace("+noauth", "+x")), "package-description", "does not end in +x"),
        (lambda b: b.control.update(Package="x"), "package-list", "the package demo is not there"),
    ],
)
def test_what_is_otherwise_is_named(bench: Bench, change: object, slug: str, message: str) -> None:
    assert callable(change)
    change(bench)
    ran = bench.run()
    assert ran.status == 1
    assert any(message in one for one in ran.of(slug)), ran.said


@pytest.mark.parametrize("table", ["[[package]", "x = 1\n", '[[package]]\nname = "a"\n', f"{TABLE}{TABLE[20:]}", "\0"])
def test_a_table_that_cannot_be_used(bench: Bench, table: str) -> None:
    bench.table = table
    ran = bench.run()
    assert (ran.status, "[package-table]" in ran.said) == (2, True)


@pytest.mark.parametrize(
    "data", [b"", b"!<arch>\n", b"!<arch>\ndebian-binary   0 0 0 100644 4 `\n2.0\n", os.urandom(4096)]
)
def test_what_is_no_package(bench: Bench, data: bytes) -> None:
    path = bench.changes()
    (bench.folder / "demo_1.0-1_all.deb").write_bytes(data)
    ran = run(path, "--expect", bench.folder / "table.toml")
    assert (ran.status, "[package-unreadable]" in ran.said) == (2, True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("absent.dsc", None),
        ("a.dsc", "\0\0"),
        ("a.dsc", "Format: 3.0\n"),
        ("a.dsc", "Source: a\nFiles:\n 0 0 absent.tar.xz\n"),
        ("a.changes", "Files:\n 0 0 x y ../../etc/passwd\n"),
    ],
)
def test_what_is_no_source(tmp_path: Path, name: str, text: str | None) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    ran = run(tmp_path / name, "--with", "dpkg-buildpackage")
    assert (ran.status, "[package-no-source]" in ran.said) == (2, True), ran.said


def test_root_has_to_lend_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    ran = run(source(tmp_path, HARDENED, "true"), "--once")
    assert (ran.status, "[package-no-user]" in ran.said) == (2, True), ran.said


def source(folder: Path, flags: str, more: str) -> Path:
    """Return the description of a small source package."""
    tree = folder / "demo-1.0"
    for name, text in {**SOURCE, "debian/rules": RULES.format(flags=flags, more=more)}.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tree / "debian/rules").chmod(0o755)
    subprocess.run(["dpkg-source", "-b", tree.name], cwd=folder, check=True, capture_output=True)
    return folder / "demo_1.0.dsc"


def test_a_second_build_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source(tmp_path, HARDENED, "true")
    monkeypatch.chdir(tmp_path)
    ran = run("demo_1.0.dsc", "--with", "dpkg-buildpackage", "-o", "out")
    assert not ran.of("package-not-reproducible") + ran.of("package-hardening"), ran.said
    assert any("no-copyright-file" in one for one in ran.of("package-lintian"))
    assert {"demo_1.0.log", "demo_1.0_amd64.changes"} & {path.name for path in (tmp_path / "out").iterdir()}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("date >debian/tmp/usr/share/doc/demo/date", "date"),
        ("pwd >debian/tmp/usr/share/doc/demo/path", "path"),
        ("locale | head -n 1 >debian/tmp/usr/share/doc/demo/locale", "locale"),
        ("touch debian/tmp/usr/share/doc/demo/x; umask >debian/tmp/usr/share/doc/demo/x", "doc/demo/x"),
    ],
    ids=["time", "path", "locale", "umask"],
)
def test_what_gets_into_a_package_is_told_by_diffoscope(bench: Bench, tmp_path: Path, more: str, said: str) -> None:
    assert bench, "without lintian: it has nothing to do with it"
    ran = run(source(tmp_path, HARDENED, more), "--with", "dpkg-buildpackage")
    (message,) = ran.of("package-not-reproducible")
    assert said in message
    assert ran.status == 1


def test_a_command_without_hardening_is_told(bench: Bench, tmp_path: Path) -> None:
    assert bench
    ran = run(source(tmp_path, "-O2", "true"), "--with", "dpkg-buildpackage", "--once")
    assert any("gcc -o demo -O2 main.c" in one for one in ran.of("package-hardening")), ran.said


def test_a_package_that_cannot_be_built_is_a_finding(bench: Bench, tmp_path: Path) -> None:
    assert bench
    ran = run(source(tmp_path, "absent.c", "true"), "--with", "dpkg-buildpackage", "--once", "-o", tmp_path / "out")
    assert (ran.status, "[package-build-fails]" in ran.said) == (1, True)
    assert "absent.c" in (tmp_path / "out/demo_1.0.log").read_text()


@pytest.mark.parametrize(("reason", "hidden"), [("# It is a test.\n", True), ("", False)])
def test_an_override_has_a_reason(tmp_path: Path, reason: str, *, hidden: bool) -> None:
    bench = Bench(tmp_path)
    overrides = f"{reason}demo: no-copyright-file\n"
    bench.files["usr/share/lintian/overrides/demo"] = (overrides, 0o644)
    ran = bench.run()
    assert ("no-copyright-file is overridden, and nothing says why" in ran.of("package-lintian")) is not hidden


def test_the_table_of_this_project_is_usable_and_names_what_control_does() -> None:
    names = Table.read(ROOT / "packages.toml").names
    control = (ROOT / "debian/control").read_text().split("\n\n")[1:]
    made = [text.split("\n")[0].removeprefix("Package: ") for text in control if "<!pkg.eucalyptus" not in text]
    assert sorted(names) == sorted(made)


def test_what_lintian_did_not_look_at_is_told(bench: Bench) -> None:
    (bench.folder / "bin/lintian").write_text(SILENT.replace('startswith("/")', 'endswith(".changes")'))
    assert bench.run().of("package-lintian") == ["lintian did not look at it"]
