# SPDX-License-Identifier: GPL-3.0-or-later
"""The series as revisions of a Bazaar branch, one a patch, and the merge directive that offers them.

Nothing of the branch that they are made on is changed, and no network is used.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen import dep3, render
from patchgen.bazaar import Bazaar, BazaarError, local_branch
from patchgen.findings import Finding, Level, PatchgenError, Place, Slug
from patchgen.gnupatch import Workshop
from patchgen.mail import Origin
from patchgen.proof import bytes_of
from patchgen.tree import Tree
from patchgen.upstream import open_upstream

from .chosen import ExportError

if TYPE_CHECKING:
    from patchgen.tree import Source

    from .chosen import Chosen

__all__ = ["Target", "revisions"]

_OTHER_TREE = Slug.define(
    "branch-is-another-tree",
    """The tree at the tip of the branch is not the one that the series was rendered on, so that its patches are not
    made for it. Render the series on the branch: patchgen refresh --upstream bzr:BRANCH@-1.""",
)
_NO_ANCESTOR = Slug.define(
    "no-common-ancestor",
    """The branch has no revision in common with upstream's branch: somebody imported the tarball into it, and did
    not branch from upstream. However equal the files are, Bazaar tells them apart by the revision that made them, and
    can never merge such a branch. Branch from upstream's branch, at the revision that the tarball was made of, and
    give that with --onto.""",
)
_NO_PUBLIC = Slug.define(
    "no-public-location",
    """A merge directive names the public location of the branch that it is meant for. The branch has neither a
    public_branch nor a parent that is somewhere else. Give it with --public.""",
)
_NOT_CHECKED = Slug.define(
    "ancestor-not-checked",
    """Upstream's branch is not on this machine, so that it was not seen whether it has a revision in common with
    the branch. --target DIR names a copy of it. That there is one revision in common with the branch given by --onto
    is certain, for the new one was made of it.""",
)
_NO_IDENTITY = Slug.define(
    "no-identity",
    """Revisions need a committer, and brz does not know who you are: brz whoami "NAME <ADDRESS>".""",
)
_UNEXPECTED = Slug.define(
    "branch-self-check",
    """The tree at the tip of the new branch is not the one that the patches give. Nothing is written; this is a
    defect of patchgen, or brz changes files by rules of its own.""",
)
_IN_THE_WAY = Slug.define("branch-exists", """The new branch, or its merge directive, would overwrite something.""")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the revisions go.

    :param onto: the maintainer's branch. :param new: the branch to be made; the directive is beside it.
    :param target: a copy of upstream's branch on this machine, "" for none.
    :param public: where upstream's branch is for everybody, "" for what *onto* says.
    """

    onto: str
    new: Path
    target: str = ""
    public: str = ""

    @property
    def directive(self) -> Path:
        """The file of the merge directive."""
        return self.new.with_name(f"{self.new.name}.merge")


def revisions(patches: Chosen, where: Target) -> tuple[Finding, ...]:
    """Make the branch and its merge directive: both or none.

    :raises PatchgenError: the branch is not what the patches were rendered on, has no revision in common with
        upstream's, or brz refuses.
    """
    for path in (where.new, where.directive):
        if path.exists() or path.is_symlink():
            raise ExportError(_IN_THE_WAY, "it is there already", Place(str(path)))
    onto = local_branch(where.onto)
    origins = [Origin.of(dep3.Header.parse(dep3.split(data)[0]), patches.where(name)) for name, data in patches.patches]
    with Bazaar() as bazaar:
        tip = bazaar.run("version-info", "--custom", "--template={revision_id}", onto, place=where.onto).strip()
        source = _same_tree(patches, where.onto, tip)
        public = where.public or _public(bazaar, onto, where.onto)
        copy, findings = _copy_of_upstream(bazaar, onto, where)
        identity = _identity(bazaar)
    where.new.parent.mkdir(parents=True, exist_ok=True)
    with (
        Bazaar(identity) as bazaar,
        tempfile.TemporaryDirectory(dir=where.new.parent, prefix=".patchgen-") as scratch,
    ):
        made = Path(scratch) / where.new.name  # the name of the folder is a part of each revision
        bazaar.run("branch", "--quiet", f"--revision=revid:{tip}", onto, made, place=where.onto)
        for (name, data), origin in zip(patches.patches, origins, strict=True):
            _commit(bazaar, made, name, data, origin)
        _check(patches, source, made)
        bazaar.run("config", f"--directory={made}", f"parent_location={copy.as_uri()}/")
        directive = Path(scratch) / "directive"
        _send(bazaar, made, copy, public, directive)
        shutil.move(directive, where.directive)
        try:
            made.rename(where.new)
        except BaseException:
            with suppress(OSError):
                where.directive.unlink()
            raise
    return findings


def _same_tree(patches: Chosen, onto: str, tip: str) -> Source:
    """Return the tree at the tip, which is the one that the patches were rendered on."""
    source = open_upstream(f"bzr:{onto}@revid:{tip}")
    if source.digest() != patches.record.tree:
        rendered = "was rendered on another tree" if patches.record.tree else "has no record of what it was rendered on"
        message = f"the series {rendered}, and not on the tip of this branch"
        help_ = f"patchgen refresh --upstream bzr:{onto}@-1 --patches {patches.folder}"
        raise ExportError(_OTHER_TREE, message, Place(onto), help_)
    return source


def _public(bazaar: Bazaar, onto: Path, shown: str) -> str:
    """Return where the branch says that upstream's is for everybody."""
    for name in ("public_branch", "parent_location"):
        with suppress(BazaarError):  # it is not set
            said = bazaar.run("config", f"--directory={onto}", name).strip()
            if ("://" in said or said.startswith("lp:")) and not said.startswith("file://"):
                return said
    message = "it does not say where upstream's branch is for everybody"
    raise ExportError(_NO_PUBLIC, message, Place(shown), "--public URL")


def _copy_of_upstream(bazaar: Bazaar, onto: Path, where: Target) -> tuple[Path, tuple[Finding, ...]]:
    """Return a branch here that stands for upstream's, and has a revision in common with *onto*."""
    if not where.target:
        message = "it was not seen whether upstream's branch has a revision in common with it"
        return onto, (Finding(_NOT_CHECKED, Level.NOTE, message, Place(where.onto), "--target DIR"),)
    target = local_branch(where.target)
    try:
        bazaar.run("revision-info", f"--directory={onto}", f"--revision=ancestor:{target}", place=where.onto)
    except BazaarError as error:
        message = f"there is no revision that it has in common with {where.target}: it can never be merged there"
        help_ = "branch from upstream's branch, and do not import the tarball"
        raise ExportError(_NO_ANCESTOR, message, Place(where.onto), help_) from error
    return target, ()


def _identity(bazaar: Bazaar) -> str:
    try:
        said = bazaar.run("whoami", home=True).strip()
    except BazaarError as error:
        raise BazaarError(_NO_IDENTITY, "brz does not know who you are", help='brz whoami "NAME <ADDRESS>"') from error
    return said


def _commit(bazaar: Bazaar, branch: Path, name: str, data: bytes, origin: Origin) -> None:
    """Apply a patch to the branch's tree and commit it with author, date and text of its header."""
    Workshop.apply_in(branch, name, data)
    for diff in render.parse_diff(data, name):
        if diff.creates:
            bazaar.run("add", "--quiet", "--no-recurse", branch / diff.path, place=name)
    header = dep3.Header.parse(dep3.split(data)[0])
    text = "\n\n".join(part for part in (origin.subject, header.explanation.strip()) if part)
    message = bazaar.folder / "message"
    message.write_bytes(text.encode("utf-8", "replace") + b"\n")
    day = origin.day.strftime("%Y-%m-%d %H:%M:%S %z")
    words = ["--quiet", "--strict", f"--file={message}", f"--author={origin.author}", f"--commit-time={day}"]
    bazaar.run("commit", *words, branch, place=name)


def _check(patches: Chosen, source: Source, branch: Path) -> None:
    """See that the tip is what the patches make of the tree."""
    tree = Tree(source)
    for name, data in patches.patches:
        tree = tree.with_files(render.apply(render.parse_diff(data, name), partial(bytes_of, tree)))
    made = open_upstream(f"bzr:{branch}@-1")
    differing = [path for path in {*made.paths(), *tree.paths()} if path not in made or path not in tree]
    differing += [path for path in made.paths() if path in tree and made.read(path) != tree.read(path)]
    if differing:
        raise PatchgenError(_UNEXPECTED, "it is not what the patches make of it", Place(min(differing)))


def _send(bazaar: Bazaar, branch: Path, upstream: Path, public: str, to: Path) -> None:
    """Write the merge directive, with the public location as its target.

    brz takes that from the settings of the branch that it is meant for, which are not ours to change: it is
    given a copy.
    """
    copy = bazaar.folder / "target"
    bazaar.run("branch", "--quiet", "--no-tree", upstream, copy)
    bazaar.run("config", f"--directory={copy}", f"public_branch={public}")
    bazaar.run("send", "--quiet", f"--from={branch}", f"--output={to}", copy)
