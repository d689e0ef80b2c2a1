# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents are in step with the commands and the edit kinds, and the manual pages are clean."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click
import jsonschema
import pytest

import generate
from patchgen.cli import main
from patchgen.config import Places
from patchgen.edits import Edit, kinds
from patchgen.findings import Slug

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parents[2] / "docs"
MANUALS = sorted((DOCS / "man").iterdir())
SCHEMA = json.loads((DOCS / "semantic-patch.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
HEAD = '[dep3]\nDescription = "a"\n\n'


def plain(page: str) -> str:
    """Return a manual page as a reader of a terminal sees it, without overstrikes."""
    done = subprocess.run(
        ["groff", "-mandoc", "-Tutf8", "-P-cbou", "-rLL=200n"],
        input=(DOCS / "man" / page).read_bytes(),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


GENERATED = ["edits.md", "semantic-patch.schema.json", "man/semantic-patch.5"]
GENERATED += [
    f"completions/{name.format(p)}"
    for p in ("armimage", "buildcheck", "patchgen")
    for name in ("bash/{}", "zsh/_{}", "fish/{}.fish")
]


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_generated_is_in_step(name: str) -> None:
    pages = generate.pages()
    assert len(pages) == len(GENERATED)
    assert (DOCS / name).read_text(encoding="utf-8") == pages[DOCS / name], "run make docs"


def test_the_published_schema_is_what_the_command_prints(home: dict[str, str]) -> None:
    done = subprocess.run(["patchgen", "explain", "--schema"], env=home, cwd="/", capture_output=True, check=True)
    assert done.stdout == (DOCS / "semantic-patch.schema.json").read_bytes()


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", kinds())
def test_the_schema_takes_the_examples_of_each_kind(kind: str) -> None:
    examples = kinds()[kind].EXAMPLES
    assert examples, "each kind has an example"
    for example in examples:
        document = tomllib.loads(f"{HEAD}[[edit]]\n{example.edit}")
        assert VALIDATOR.is_valid(document)
        document["edit"][0]["no-such-key"] = 1
        assert not VALIDATOR.is_valid(document)


def test_the_schema_takes_the_semantic_patches_here(root: Path) -> None:
    paths = [*root.glob("semantic/*.toml"), *root.glob("docs/example/semantic/*.toml")]
    assert len(paths) > 1
    for path in paths:
        assert VALIDATOR.is_valid(tomllib.loads(path.read_text(encoding="utf-8"))), path


@pytest.mark.parametrize("path", MANUALS, ids=lambda path: path.name)
def test_a_manual_page_is_clean(path: Path) -> None:
    groff = subprocess.run(
        ["groff", "-mandoc", "-Tutf8", "-ww", "-z", path], capture_output=True, text=True, check=True
    )
    assert not groff.stderr
    mandoc = subprocess.run(["mandoc", "-Tlint", "-Wwarning", path], capture_output=True, text=True, check=False)
    assert not mandoc.stdout + mandoc.stderr


def parameters(command: click.Command) -> Iterator[click.Parameter]:
    """Yield the parameters of a command and of the commands in it."""
    yield from command.get_params(click.Context(command))
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from parameters(inner)


def test_the_manual_names_every_command_option_and_choice() -> None:
    page = plain("patchgen.1")
    words = set(main.commands)
    for parameter in parameters(main):
        words |= {*parameter.opts, *parameter.secondary_opts} if isinstance(parameter, click.Option) else set()
        words |= {*parameter.type.choices} if isinstance(parameter.type, click.Choice) else set()
    assert len(words) > 15
    assert not [word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", page)]


def test_the_manual_names_no_option_that_is_not_there() -> None:
    known = {text for parameter in parameters(main) for text in parameter.opts} | {"--fuzz"}
    assert set(re.findall(r"--[a-z][a-z-]*", plain("patchgen.1"))) <= known


def test_the_manual_names_every_edit_kind_and_common_key() -> None:
    page = plain("semantic-patch.5")
    keys = {field.replace("_", "-").rstrip("-") for field in Edit.__struct_fields__}
    for word in {*kinds(), *keys}:
        assert re.search(rf"^ +{word}\b", page, re.MULTILINE), word


def test_the_manual_of_the_configuration_names_every_key() -> None:
    page = plain("patchgen.toml.5")
    for key in ("upstream", "semantic", "patches"):
        assert re.search(rf"^ +{key} ", page, re.MULTILINE), key
        assert key in Places.__dataclass_fields__


def test_every_slug_has_an_explanation_of_a_sentence() -> None:
    slugs = Slug.known()
    assert len(slugs) > 20
    assert not [name for name, slug in slugs.items() if len(slug.explanation) < 30 or slug.explanation[-1] not in ".)"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["patchgen", "re"], {"refresh"}),
        (["patchgen", ""], {"explain", "export", "import", "lint", "refresh", "source", "status", "undo"}),
        (["patchgen", "refresh", "--keep"], {"--keep-going"}),
        (["patchgen", "lint", "--format", "s"], {"sarif"}),
    ],
)
def test_bash_completes(words: list[str], offered: set[str], home: dict[str, str]) -> None:
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"""
        eval "$(_PATCHGEN_COMPLETE=bash_source patchgen)"
        COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1} COMP_LINE="${{COMP_WORDS[*]}}" COMP_POINT=${{#COMP_LINE}}
        function=$(complete -p patchgen | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        $function patchgen "${{COMP_WORDS[COMP_CWORD]}}" ""
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=home, cwd="/", capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_get_a_script(shell: str, home: dict[str, str]) -> None:
    environment = home | {"_PATCHGEN_COMPLETE": f"{shell}_source"}
    done = subprocess.run(["patchgen"], env=environment, cwd="/", capture_output=True, text=True, check=True)
    assert "patchgen" in done.stdout
    assert f"_PATCHGEN_COMPLETE={shell}_complete" in done.stdout
