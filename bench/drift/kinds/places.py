# SPDX-License-Identifier: GPL-3.0-or-later
"""Files have other names, or what they held is in others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drift import ctext
from drift.scene import NotHereError

from .kind import kind

if TYPE_CHECKING:
    from drift.scene import Scene


@kind("files", "source-renamed")
def source_renamed(scene: Scene) -> None:
    """The file that defines the function has another name, in the Makefile too."""
    _renamed(scene, scene.target.source)


@kind("files", "caller-renamed")
def caller_renamed(scene: Scene) -> None:
    """A file that calls the function has another name, in the Makefile too."""
    _renamed(scene, scene.target.caller_file)


@kind("files", "header-renamed")
def header_renamed(scene: Scene) -> None:
    """The header has another name, in all that include it."""
    _renamed(scene, scene.target.header)


def _renamed(scene: Scene, path: str) -> None:
    folder, _, name = path.rpartition("/")
    stem, _, suffix = name.rpartition(".")
    new = f"drift_{stem}"
    scene.files[f"{folder}/{new}.{suffix}" if folder else f"{new}.{suffix}"] = scene.files.pop(path)
    if suffix == "h":
        pattern = re.compile(rb'(#[ \t]*include[ \t]*[<"](?:[^">\n]*/)?)%b\.h(?=[">])' % stem.encode())
        scene.each(scene.sources(), lambda data: pattern.sub(rb"\g<1>%b.h" % new.encode(), data))
        return
    makes = [one for one in scene.files if one.rsplit("/", 1)[-1] in {"Makefile", "Makefile.in"}]
    pattern = re.compile(rb"(?<![\w.-])%b(?=\.[co]\b)" % stem.encode())
    for one in makes:
        scene.files[one] = pattern.sub(new.encode(), scene.files[one])


@kind("files", "folder-renamed")
def folder_renamed(scene: Scene) -> None:
    """All files lie in a folder more."""
    scene.files = {f"tree/{path}": data for path, data in scene.files.items()}
    scene.root = "tree"


@kind("files", "merged-into-one")
def merged_into_one(scene: Scene) -> None:
    """The file that defines the function is a part of another."""
    target = scene.target
    if target.source.rpartition("/")[0] != target.move_to.rpartition("/")[0]:
        msg = "not in one folder"
        raise NotHereError(msg)
    data = scene.files.pop(target.source)
    scene.change(target.move_to, lambda old: old.rstrip(b"\n") + b"\n\n" + data)
    stem = target.source.rpartition("/")[2].removesuffix(".c")
    pattern = re.compile(rb"[ \t]*(?<![\w./-])(?:\.\./\w+/)?%b\.o\b" % stem.encode())
    for one in [one for one in scene.files if one.rsplit("/", 1)[-1] == "Makefile"]:
        scene.files[one] = pattern.sub(b"", scene.files[one])


@kind("files", "split-in-two")
def split_in_two(scene: Scene) -> None:
    """The functions behind the one that gets the parameter are in a new file."""
    target = scene.target
    data = scene.files[target.source]
    one = scene.function(target.source, target.name)
    later = [found for found in ctext.functions(data) if found.start > one.start]
    kept = [found for found in later if found.name in {f.name for f in ctext.functions(scene.upstream[target.source])}]
    used = [found for found in kept if b"static" in ctext.tokens(data[found.head : found.list[0]])]
    if not kept or used:
        msg = "nothing behind it, or something static"
        raise NotHereError(msg)
    includes = b"".join(re.findall(rb"(?m)^#[ \t]*include[^\n]*\n", data))
    path = target.source.removesuffix(".c") + "_drift.c"
    scene.files[path] = includes + b"".join(b"\n" + data[found.start : found.end] for found in kept)
    scene.files[target.source] = ctext.replaced(data, [(found.start, found.end, b"") for found in kept])


@kind("files", "a-copy-in-another-folder")
def a_copy_in_another_folder(scene: Scene) -> None:
    """A folder of documentation holds an old copy of the file that defines the function, as text."""
    target = scene.target
    scene.files["doc/old.txt"] = scene.upstream[target.source]


@kind("files", "a-patch-beside")
def a_patch_beside(scene: Scene) -> None:
    """A patch that upstream ships names the function."""
    target = scene.target
    old = f"{target.name}({', '.join(target.call)})"
    scene.files["contrib/old.patch"] = (
        f"--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-int n = 0;\n+int n = {old} != 0;\n".encode()
    )
