# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools as a wheel: installed elsewhere, away from this folder, the commands run, with manual pages and completions."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a virtual environment with the wheel in it, as pipx makes one."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    subprocess.run(["git", "clone", "--quiet", ROOT, source], check=True)
    files = subprocess.run(
        ["git", "ls-files", "-mo", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in files.stdout.split():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, *pip, "wheel", "--no-deps", "-w", folder, source], check=True)
    shutil.rmtree(source)
    (wheel,) = folder.glob("*.whl")
    home = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    subprocess.run([home / "bin/python", *pip, "install", wheel], check=True)
    return home


def run(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the environment, with nothing else of Python's on its way."""
    environment = {"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [home / "bin" / words[0], *words[1:]], cwd="/", env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("program", ["patchgen", "buildcheck", "armimage"])
def test_each_command_runs(elsewhere: Path, program: str) -> None:
    for word in ("--version", "--help"):
        done = run(elsewhere, program, word)
        assert (done.returncode, done.stderr) == (0, "")
        assert program in done.stdout.lower()


def test_patchgen_renders(elsewhere: Path, tmp_path: Path) -> None:
    example = ROOT / "docs/example"
    shutil.copytree(example / "semantic", tmp_path / "semantic")
    (path,) = (tmp_path / "semantic").glob("*.toml")
    path.write_text(path.read_text().replace('before = "name"', 'before = ["name", "who"]'))
    words: list[str | Path] = [
        "--upstream",
        example / "tree",
        "--semantic",
        tmp_path / "semantic",
        "--patches",
        tmp_path / "patches",
    ]
    done = run(elsewhere, "patchgen", "refresh", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "patches/greet-title.patch").is_file()


def test_buildcheck_has_the_files_that_are_no_python(elsewhere: Path, tmp_path: Path) -> None:
    done = run(elsewhere, "buildcheck", "adb", "home", tmp_path / "home", "--cc=gcc")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home/lib/libaxutil.so.0").is_file()
    words: list[str | Path] = [
        "series",
        "stubs",
        "--upstream",
        ROOT / "tests/c/reference",
        "--patches",
        ROOT / "patches",
    ]
    done = run(elsewhere, "buildcheck", *words, "--quiet")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (package,) = elsewhere.glob("lib/python3*/site-packages/buildcheck")
    ours = {
        path.relative_to(ROOT / "tools").as_posix() for path in (ROOT / "tools/buildcheck").rglob("*") if path.is_file()
    }
    theirs = {path.relative_to(package.parent).as_posix() for path in package.rglob("*") if path.is_file()}
    assert not {path for path in ours - theirs if not path.endswith(".pyc")}, (
        "a file of the package is not in the wheel"
    )


def test_the_manual_and_the_completions_are_inside(elsewhere: Path) -> None:
    pages = sorted(path.name for path in (ROOT / "docs/man").iterdir())
    assert sorted(path.name for path in (elsewhere / "share/man").glob("man?/*")) == pages
    for program in ("patchgen", "buildcheck", "armimage"):
        for name in (f"bash-completion/completions/{program}", f"zsh/site-functions/_{program}"):
            assert (elsewhere / "share" / name).is_file()
        assert (elsewhere / f"share/fish/vendor_completions.d/{program}.fish").is_file()
    script = f". {elsewhere}/share/bash-completion/completions/patchgen; COMP_WORDS=(patchgen ref); COMP_CWORD=1; "
    script += "_patchgen_completion patchgen; echo ${COMPREPLY[@]}"
    environment = {"PATH": f"{elsewhere}/bin:/usr/bin:/bin", "HOME": "/"}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "refresh\n"
