# SPDX-License-Identifier: GPL-3.0-or-later
"""The struct has other members, another name, or another place; types have other names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drift import ctext
from drift.scene import NotHereError

from .kind import kind

if TYPE_CHECKING:
    from drift.scene import Scene

__all__ = ["beside"]


def beside(scene: Scene, text: str, *, before: bool = False, first: bool = False) -> None:
    """Put a line beside a member of upstream's, in its indentation."""
    struct = scene.roles.struct
    anchor = struct.first if first else struct.last
    data = scene.files[struct.header].decode("latin-1")
    at = _member_at(data, struct.name, anchor)
    start = data.rindex("\n", 0, at) + 1
    lead = data[start:at]
    line = lead + text + "\n"
    end = data.index("\n", at) + 1
    where = start if before else end
    scene.files[struct.header] = (data[:where] + line + data[where:]).encode("latin-1")


def _member_at(data: str, name: str, member: str) -> int:
    """Return where a member stands in the struct: the last before the end of its body that reads so."""
    start, end = _body(data, name)
    at = data.rfind(member, start, end)
    if at < 0:
        raise NotHereError(member)
    return at


def _body(data: str, name: str) -> tuple[int, int]:
    """Return the span of the body of a struct with a tag or a typedef name, without the braces."""
    tagged = re.search(rf"\bstruct\s+{name}\s*\{{", data)
    if tagged:
        start, depth = tagged.end(), 1
        for match in re.compile(r"[{}]").finditer(data, start):
            depth += 1 if match[0] == "{" else -1
            if not depth:
                return start, match.start()
    for match in re.finditer(rf"\}}\s*{name}\s*;", data):
        depth, at = 1, match.start()
        while depth:
            at = max(data.rfind("{", 0, at), data.rfind("}", 0, at))
            depth += 1 if data[at] == "}" else -1
        return at + 1, match.start()
    raise NotHereError(name)


@kind("structs", "member-last")
def member_last(scene: Scene) -> None:
    """The struct gets a member behind all others, where the series puts its own."""
    beside(scene, "int drift_member;")


@kind("structs", "member-first")
def member_first(scene: Scene) -> None:
    """The struct gets a member before all others."""
    beside(scene, "int drift_member;", before=True, first=True)


@kind("structs", "member-in-an-arm")
def member_in_an_arm(scene: Scene) -> None:
    """The last member of the struct stands in an #ifdef."""
    struct = scene.roles.struct
    data = scene.files[struct.header].decode("latin-1")
    at = _member_at(data, struct.name, struct.last)
    end = data.index("\n", at) + 1
    text = "#ifndef DRIFT_SMALL\n    int drift_member;\n#endif\n"
    scene.files[struct.header] = (data[:end] + text + data[end:]).encode("latin-1")


@kind("structs", "last-members-on-a-line")
def last_members_on_a_line(scene: Scene) -> None:
    """The last member of the struct is declared together with another."""
    struct = scene.roles.struct
    data = scene.files[struct.header].decode("latin-1")
    at = _member_at(data, struct.name, struct.last)
    word = re.match(r"(.*\W)(\w+)(\W*);", struct.last)
    if word is None:
        raise NotHereError(struct.last)
    star = "*" if "*" in struct.last else ""
    new = struct.last[:-1] + f", {star}drift_member;"
    scene.files[struct.header] = (data[:at] + new + data[at + len(struct.last) :]).encode("latin-1")


@kind("structs", "bit-fields")
def bit_fields(scene: Scene) -> None:
    """The last members of the struct are bit-fields."""
    beside(scene, "unsigned int drift_a : 3, drift_b : 1;")


@kind("structs", "bit-fields-without-a-name")
def bit_fields_without_a_name(scene: Scene) -> None:
    """The last members of the struct are bit-fields, one of them without a name."""
    beside(scene, "unsigned int drift_a : 3, : 2, drift_b : 1;")


@kind("structs", "nested-struct-last")
def nested_struct_last(scene: Scene) -> None:
    """The last member of the struct is a struct without a name."""
    beside(scene, "struct { int drift_x; union { int drift_y; long drift_z; }; } drift_in;")


@kind("structs", "held-in-another")
def held_in_another(scene: Scene) -> None:
    """Another struct holds it, and is initialised member by member."""
    struct = scene.roles.struct
    word = f"struct {struct.name}" if struct.tag else struct.name
    scene.append(
        scene.target.free_file,
        f"\nstruct drift_holder {{\n    int before;\n    {word} held;\n    int behind;\n}};\n\n"
        f"int drift_held(void);\n\nint drift_held(void)\n{{\n    static struct drift_holder holder = {{ .before = 1, .behind = 2 }};\n\n    return holder.before + holder.behind + (int) sizeof (holder);\n}}\n",
    )


@kind("structs", "member-of-that-name-elsewhere")
def member_of_that_name_elsewhere(scene: Scene) -> None:
    """Another struct has a member of the name that the series gives."""
    name = re.findall(r"\w+", scene.roles.struct.ours.split("[")[0])[-1]
    scene.append(
        scene.target.free_file,
        f"\nstruct drift_other {{\n    long {name};\n}};\n\nlong drift_other(const struct drift_other *other);\n\nlong drift_other(const struct drift_other *other)\n{{\n    return other->{name};\n}}\n",
    )


@kind("structs", "forward-declared")
def forward_declared(scene: Scene) -> None:
    """The struct is declared without its members, before."""
    struct = scene.roles.struct
    if not struct.tag:
        tag = re.search(
            rb"struct\s+(\w+)\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*%b\s*;" % struct.name.encode(),
            scene.files[struct.header],
        )
        if tag is None:
            raise NotHereError(struct.name)
        name = tag[1].decode()
    else:
        name = struct.name
    guard = re.compile(rb"(?m)^#[ \t]*define[ \t]+\w+[ \t]*(?:/\*.*\*/)?[ \t]*\n")
    scene.change(struct.header, lambda data: guard.sub(lambda m: m[0] + f"\nstruct {name};\n".encode(), data, count=1))


@kind("structs", "renamed")
def renamed(scene: Scene) -> None:
    """The struct has another tag, everywhere."""
    name = scene.roles.struct.name.encode()
    scene.each(scene.sources(), lambda data: re.sub(rb"\bstruct %b\b" % name, b"struct %b_drifted" % name, data))


@kind("structs", "typedef-for-a-parameter")
def typedef_for_a_parameter(scene: Scene) -> None:
    """A parameter's type gets a typedef, in the prototype and the definition."""
    target = scene.target
    guard = re.compile(rb"(?m)^#[ \t]*define[ \t]+\w+[ \t]*(?:/\*.*\*/)?[ \t]*\n")
    done = 0
    for path in dict.fromkeys((target.header, target.source)):
        data = scene.files[path]
        changes = []
        for call in ctext.calls(data, target.name):
            if call.depth:
                continue
            for span in ctext.items(data, call.list):
                words = ctext.tokens(data[slice(*span)])
                if words[-1] == target.ours.encode():
                    continue
                if words[:-1] == (b"int",) or words[:-1] == (b"const", b"char", b"*"):
                    short = b"drift_number" if words[0] == b"int" else b"drift_text"
                    changes.append((*span, short + b" " + words[-1]))
                    done += 1
        scene.files[path] = ctext.replaced(data, changes)
    if not done:
        msg = "no such type"
        raise NotHereError(msg)
    text = b"typedef int drift_number;\ntypedef const char *drift_text;\n"
    scene.change(target.header, lambda data: guard.sub(lambda match: match[0] + text, data, count=1))


@kind("structs", "typedef-in-the-header-only")
def typedef_in_the_header_only(scene: Scene) -> None:
    """A parameter's type gets a typedef in the prototype; the definition keeps the type."""
    target = scene.target
    data = scene.files[target.header]
    changes = []
    for call in ctext.calls(data, target.name):
        for span in ctext.items(data, call.list):
            words = ctext.tokens(data[slice(*span)])
            if words[-1] == target.ours.encode():
                continue
            if words[:-1] == (b"int",):
                changes.append((*span, b"drift_number " + words[-1]))
            if words[:-1] == (b"const", b"char", b"*"):
                changes.append((*span, b"drift_text " + words[-1]))
    if not changes:
        msg = "no such type"
        raise NotHereError(msg)
    scene.files[target.header] = ctext.replaced(data, changes)
    guard = re.compile(rb"(?m)^#[ \t]*define[ \t]+\w+[ \t]*(?:/\*.*\*/)?[ \t]*\n")
    text = b"typedef int drift_number;\ntypedef const char *drift_text;\n"
    scene.change(target.header, lambda old: guard.sub(lambda match: match[0] + text, old, count=1))
