# SPDX-License-Identifier: GPL-3.0-or-later
"""Upstream has a part of the series, or all of it: as it is, or in its own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drift import ctext

from .kind import kind
from .structs import beside

if TYPE_CHECKING:
    from drift.scene import Scene


def _merged(scene: Scene, count: int) -> None:
    if not scene.patched:
        scene.files = dict(scene.stages[count])


@kind("merged", "the-first-patch")
def the_first_patch(scene: Scene) -> None:
    """Upstream has taken the first patch."""
    _merged(scene, 1)


@kind("merged", "half-of-the-series")
def half_of_the_series(scene: Scene) -> None:
    """Upstream has taken the first half of the series."""
    _merged(scene, len(scene.stages) // 2)


@kind("merged", "all-but-the-last-patch")
def all_but_the_last_patch(scene: Scene) -> None:
    """Upstream has taken all of the series but its last patch."""
    _merged(scene, len(scene.stages) - 2)


@kind("merged", "all-of-the-series")
def all_of_the_series(scene: Scene) -> None:
    """Upstream has taken all of the series."""
    _merged(scene, len(scene.stages) - 1)


@kind("merged", "the-member-alone")
def the_member_alone(scene: Scene) -> None:
    """Upstream has taken the member, and nothing else of its patch."""
    if not scene.patched:
        beside(scene, scene.roles.struct.ours)


@kind("merged", "the-parameter-re-styled")
def the_parameter_re_styled(scene: Scene) -> None:
    """Upstream has taken the series, and laid out the lists of the function anew."""
    _merged(scene, len(scene.stages) - 1)
    name = scene.target.name

    def change(data: bytes) -> bytes:
        changes = []
        for call in ctext.calls(data, name):
            listed = [data[slice(*item)] for item in ctext.items(data, call.list)]
            if name.encode() not in b"".join(listed):
                changes.append((*call.list, b"\n\t  " + b",\n\t  ".join(listed)))
        return ctext.replaced(data, changes)

    scene.each(scene.touched(), change)


@kind("merged", "the-member-under-another-name")
def the_member_under_another_name(scene: Scene) -> None:
    """Upstream has a member of its own, of another name, for what the series adds one for."""
    struct = scene.roles.struct
    name = re.findall(r"\w+", struct.ours.split("[")[0])[-1]
    beside(scene, struct.ours.replace(name, "drift_own"))
    if scene.patched and struct.each is not None:
        line = struct.each.line.encode()
        scene.change(
            struct.each.file, lambda data: data.replace(line, line.replace(name.encode(), b"drift_own") + line)
        )


@kind("merged", "the-member-of-another-type")
def the_member_of_another_type(scene: Scene) -> None:
    """Upstream has a member of the series' name, of another type: nobody can say what was meant."""
    struct = scene.roles.struct
    if scene.patched:
        return
    name = re.findall(r"\w+", struct.ours.split("[")[0])[-1]
    beside(scene, f"double {name};")
    scene.unanswerable = True
