# SPDX-License-Identifier: GPL-3.0-or-later
"""Explanations: of a patch, an edit kind, or the slug of a finding; and the published schema."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from typing import TYPE_CHECKING

from . import __path__ as _package
from .edits import Edit, kinds
from .findings import PatchgenError, Slug
from .semantic import parsed, schema
from .shelf import SemanticFolder

if TYPE_CHECKING:
    from .config import Places
    from .semantic import SemanticPatch

__all__ = ["explain", "kind_text", "schema_text"]

_UNKNOWN = Slug.define("nothing-to-explain", """There is no patch, edit kind or slug of that name.""")


def schema_text() -> str:
    """Return the JSON schema of semantic patches."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def explain(places: Places, name: str) -> str:
    """Return the explanation of *name*, or the list of what can be explained where it is empty.

    :raises PatchgenError: nothing has that name.
    """
    slugs = _slugs()
    if name in kinds():
        return kind_text(name)
    if name in slugs:
        return f"{name}: {slugs[name].explanation}\n"
    patches = {patch.name: patch for patch in _patches(places)}
    patch = patches.get(name.removesuffix(".patch").removesuffix(".toml"))
    if patch is not None:
        return _patch_text(patch)
    if name:
        raise PatchgenError(_UNKNOWN, f"nothing is called {name}", help="patchgen explain lists what can be explained")
    groups = {"edit kinds": list(kinds()), "patches": list(patches), "slugs": list(slugs)}
    return "".join(f"{title}:\n" + "".join(f"  {entry}\n" for entry in entries) for title, entries in groups.items())


def kind_text(name: str) -> str:
    """Return the reference of an edit kind: its contract, its keys, its examples."""
    kind = kinds()[name]
    text = f"{name}\n{'=' * len(name)}\n\n{inspect.getdoc(kind)}\n\nKeys: {', '.join(_keys(kind))}\n"
    for example in kind.EXAMPLES:
        text += f"\nExample:\n\n{_indented('[[edit]]' + chr(10) + example.edit)}"
        for path, before in example.before.items():
            text += f"\nbefore, {path}:\n\n{_indented(before)}\nafter:\n\n{_indented(example.after.get(path, before))}"
    return text


def _keys(kind: type[Edit]) -> list[str]:
    config = kind.__struct_fields__, kind.__struct_encode_fields__, kind.__struct_defaults__
    optional = len(config[2])
    names = config[1]
    required = len(names) - optional
    return [name if at < required else f"[{name}]" for at, name in enumerate(names)]


def _patches(places: Places) -> tuple[SemanticPatch, ...]:
    return parsed(SemanticFolder.open(places.semantic)) if places.semantic is not None else ()


def _patch_text(patch: SemanticPatch) -> str:
    lines = [f"{patch.patch}\n{'=' * len(patch.patch)}\n\n"]
    for field, value in patch.dep3.items():
        lines.append(f"{field}: {value.strip()}\n")
    lines.append("\nEdits, in order:\n")
    return "".join(lines) + "".join(map(_edit_line, patch.edits))


def _edit_line(edit: Edit) -> str:
    why = f"  ({edit.why})" if edit.why else ""
    return f"  {type(edit).__struct_config__.tag}: {edit.about()}{why}\n"


def _slugs() -> dict[str, Slug]:
    """Return every slug; a module defines its own, so all modules are loaded."""
    for module in pkgutil.walk_packages(_package, "patchgen."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return Slug.known()


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))
