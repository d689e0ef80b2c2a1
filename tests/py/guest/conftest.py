# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests, the tree that starts them, and a libvirtd to start them in: real ones, of this test run alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildcheck import libvirt
from buildcheck.guest.boot import BRIDGE
from buildcheck.guest.image import make_guest
from buildcheck.guest.installation import build
from buildcheck.guest.machines import MACHINES
from buildcheck.store import Store
from buildcheck.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildcheck.guest.image import Guest
    from buildcheck.guest.installation import Built
    from buildcheck.libvirt import Libvirt


@pytest.fixture(scope="session")
def store() -> Store:
    """Return the store of all tests: what is fetched and built once is there for the next run."""
    return Store.usual()


@pytest.fixture(scope="session")
def subject(root: Path, store: Store) -> Subject:
    """Return the series of this project on the reference tree."""
    return Subject.of_series(str(root / "tests/c/reference"), root / "patches", "series", store, each=False)


@pytest.fixture(scope="session")
def armhf(store: Store) -> Guest:
    """Return a guest for the 32-bit ARM boards of today."""
    return make_guest(MACHINES["armhf"], store)


@pytest.fixture(scope="session")
def patched(subject: Subject) -> Built:
    """Return the node controller with the whole series on it."""
    return build(subject, subject.prefixes.last, ("nc",))


@pytest.fixture(scope="session")
def unpatched(subject: Subject) -> Built:
    """Return the node controller of the tree as it was."""
    return build(subject, subject.prefixes.all[0], ("nc",))


@pytest.fixture(scope="session")
def both(patched: Built, unpatched: Built) -> dict[str, Built]:
    """Return the two, by what they are."""
    return {"patched": patched, "unpatched": unpatched}


@pytest.fixture
def host(store: Store) -> Iterator[Libvirt]:
    """Return a libvirtd of this test's own."""
    with libvirt.libvirt((BRIDGE,), cache=store.folder / "libvirt") as one:
        yield one
