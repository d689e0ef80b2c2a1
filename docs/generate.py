# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what is generated in docs/ (`make docs`): edits.md, the JSON schema, the kinds in semantic-patch(5), the completions.

All of it comes from the edit kinds and the commands themselves; tests/py/test_docs.py sees that it is in step.
"""

from __future__ import annotations

import difflib
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from armimage.cli import main as armimage
from buildcheck.cli import main as buildcheck
from patchgen.cli import main as patchgen
from patchgen.edits import Edit, kinds
from patchgen.explain import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.edits import Example

__all__ = ["pages"]

DOCS = Path(__file__).parent

_INTRODUCTION = """\
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Written by docs/generate.py (make docs) from the edit kinds in tools/patchgen/edits/. -->

# The kinds of edits

An `[[edit]]` of a semantic patch is one change to the program. Its `kind` is one of those below; each key that
has no default must be given. `patchgen explain KIND` prints the same. The format around the edits is described
in semantic-patch(5): `man -l docs/man/semantic-patch.5`.

Every kind also takes these keys:

| key | value | default |
| --- | --- | --- |
"""


def pages() -> dict[Path, str]:
    """Return the text of every generated file, by its path."""
    manual = DOCS / "man/semantic-patch.5"
    return _completions() | {
        DOCS / "edits.md": _edits(),
        DOCS / "semantic-patch.schema.json": schema_text(),
        manual: _with_kinds(manual.read_text(encoding="utf-8")),
    }


def _completions() -> dict[Path, str]:
    """Return the files that shells read to complete the commands, by the names under which each looks for them."""
    names = {BashComplete: "bash/{}", ZshComplete: "zsh/_{}", FishComplete: "fish/{}.fish"}
    made = {}
    for program, command in {"armimage": armimage, "buildcheck": buildcheck, "patchgen": patchgen}.items():
        for kind, name in names.items():
            # not BashComplete.source(), which asks the bash of this machine for its version
            text = ShellComplete.source(kind(command, {}, program, f"_{program.upper()}_COMPLETE"))
            lines = text.lstrip("\n").splitlines()
            head = lines[:1] if lines[0].startswith("#") else []  # zsh wants its #compdef first
            body = "\n".join(line.rstrip() for line in lines[len(head) :]).rstrip("\n")
            marks = [*head, "# SPDX-License-Identifier: GPL-3.0-or-later", "# Written by docs/generate.py (make docs)."]
            made[DOCS / "completions" / name.format(program)] = "\n".join([*marks, body, ""])
    return made


def _edits() -> str:
    common = [*_rows(Edit)]
    text = _INTRODUCTION + "".join(common) + "\n"
    text += "".join(f"- [{name}](#{name}): {_contract(kind)}\n" for name, kind in kinds().items())
    for name, kind in kinds().items():
        text += f"\n## {name}\n\n{_prose(kind)}\n\n| key | value | default |\n| --- | --- | --- |\n"
        text += "".join(row for row in _rows(kind) if row not in common)
        text += "".join(map(_example, kind.EXAMPLES))
    return text


def _contract(kind: type[Edit]) -> str:
    return _prose(kind).partition("\n")[0]


def _prose(kind: type[Edit]) -> str:
    """Return the docstring as Markdown: it has paragraphs, words in backticks, and maybe ``:param`` lines."""
    return re.sub(
        r"^:param ([\w, ]+):", r"- `\1`:", (inspect.getdoc(kind) or "").replace("``", "`"), flags=re.MULTILINE
    )


def _rows(kind: type[Edit]) -> Iterator[str]:
    described = msgspec.inspect.type_info(kind)
    if not isinstance(described, msgspec.inspect.StructType):
        raise TypeError(kind)
    for field in described.fields:
        default = "" if field.required else _plain(field.default)
        yield f"| `{field.encode_name}` | {_value(field.type)} | {default} |\n"


def _plain(default: object) -> str:
    if isinstance(default, tuple) and default:
        return ", ".join(f"`{getattr(word, 'value', word)}`" for word in default)
    return f"`{default}`" if default not in ("", (), None, msgspec.NODEFAULT) else "none"


_WORDS = {
    msgspec.inspect.StrType: "string",
    msgspec.inspect.BoolType: "true or false",
    msgspec.inspect.IntType: "number",
}


def _value(type_: msgspec.inspect.Type) -> str:
    """Return in words what a key takes."""
    match type_:
        case msgspec.inspect.LiteralType(values=values):
            words = " or ".join(f"`{value}`" for value in values)
        case msgspec.inspect.EnumType(cls=cls):
            words = " or ".join(f"`{member.value}`" for member in cls)
        case msgspec.inspect.VarTupleType(item_type=item) | msgspec.inspect.ListType(item_type=item):
            words = f"list of: {_value(item)}"
        case msgspec.inspect.DictType(value_type=item):
            words = f"table of: {_value(item)}"
        case msgspec.inspect.StructType(fields=fields):
            words = "table: " + ", ".join(f"`{field.encode_name}`{'' if field.required else '?'}" for field in fields)
        case msgspec.inspect.UnionType(types=types):
            words = ", or ".join(_value(part) for part in types if not isinstance(part, msgspec.inspect.NoneType))
        case _:
            words = _WORDS[type(type_)]
    return words


def _example(example: Example) -> str:
    changes = "".join(
        line
        for path, before in example.before.items()
        for line in difflib.unified_diff(
            before.splitlines(keepends=True), example.after[path].splitlines(keepends=True), path, path, n=9
        )
    )
    return f"\n```toml\n[[edit]]\n{example.edit.rstrip()}\n```\n\n```diff\n{changes.rstrip()}\n```\n"


def _with_kinds(manual: str) -> str:
    """Return the page with its list of kinds renewed, between the two comments that enclose it."""
    first, begin, rest = manual.partition('.\\" The kinds are written by docs/generate.py.\n')
    _, end, last = rest.partition('.\\" End of the kinds.\n')
    listed = "".join(f".It Ic {name}\n{_roff(_contract(kind))}\n" for name, kind in kinds().items())
    return first + begin + listed + end + last


def _roff(text: str) -> str:
    """Return text as mdoc: each sentence on its line, without backticks; what roff would obey is escaped."""
    lines = re.sub(r"(?<=[.!?:)]) +(?=[A-Z(])", "\n", text.replace("`", "").replace("\\", "\\e"))
    return re.sub(r"^(?=[.'])", r"\\&", lines, flags=re.MULTILINE)


def main() -> None:
    """Write the files."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
