# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``text``: the last resort, for what no other kind can say."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book
from patchgen.tree import Replacement

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

__all__ = ["Text"]

_NOT_ONCE = Slug.define(
    "text-not-unique",
    """The text that the edit looks for stands in the file more than once, or beside what the edit would
    write. Give it more of what is around the place.""",
)
_LINK = Slug.define(
    "text-in-link",
    """The file that the edit names is a symbolic link. A link is never edited: name its target.""",
)


class Text(Edit, frozen=True, tag="text"):
    """Replace the text `find`, which stands once in `file`, by `replace`. The last resort: `why` must say why.

    `file` is a path, or a list of alternatives: the first that the tree has. It may be of any type.
    Both texts are taken as they are, line breaks included; in a file with CRLF line ends theirs are
    CRLF too. The edit is present when `replace` is there once and `find` is not, apart from where one
    of the two holds the other.

    Owns `find` in the file. Refused: a text that is not there, or more than once.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "text"\nfile = "doc/NOTES"\nfind = "one guest type"\nreplace = "two guest types"\n'
            'why = "prose has no structure"\n',
            before={"doc/NOTES": "It runs one guest type.\n"},
            after={"doc/NOTES": "It runs two guest types.\n"},
        ),
    )

    READS_WORDS = False

    file: OneOrMany
    find: str
    replace: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            msg = "`why` must say why no other kind can do it"
            raise ValueError(msg)
        if not many(self.file) or not all(many(self.file)) or not self.find or not self.replace:
            msg = "`file`, `find` and `replace` may not be empty; to take text away, keep a neighbour of it in both"
            raise ValueError(msg)
        if self.find == self.replace:
            msg = "`find` and `replace` are the same"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return nothing: no name is owned."""
        return frozenset()

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        path = next((path for path in many(self.file) if path in tree or path in tree.links), None)
        if path is None or not self.covers(path):
            book.missing(f"a file {' or '.join(many(self.file))}")
        elif path in tree.links:
            book.refuse_edit(_LINK, f"{path} is a symbolic link to {tree.links[path]}", "name the target")
        else:
            self._plan_in(book, path)
        return book.plan(1)

    def _plan_in(self, book: Book, path: str) -> None:
        data = book.tree.read(path)
        old, new = _occurrences(data, self._in_style(data))
        if len(old) == 1 and not new:
            start, end = old[0]
            replacement = self._in_style(data)[1]
            after = data[:start] + replacement + data[end:]
            if tuple(map(len, _occurrences(after, self._in_style(data)))) != (0, 1):
                message = "with the new text in its place, the old one would stand there again"
                book.refuse(path, old[0], _NOT_ONCE, message)
            else:
                book.edit(path, old[0], Replacement(start, end, replacement))
        elif len(new) == 1 and not old:
            book.present(path, new[0])
        elif not old and not new:
            book.missing(f"the text in {path}", "upstream has another text there")
        else:
            for span in old or new:
                message = f"the text stands in the file {len(old)} times, and what it would become {len(new)} times"
                book.refuse(path, span, _NOT_ONCE, message)

    def _in_style(self, data: bytes) -> tuple[bytes, bytes]:
        """Return both texts with the line ends of the file."""
        texts = self.find, self.replace
        crlf = b"\r\n" in data and data.count(b"\r\n") == data.count(b"\n")
        find, replace = (text.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else text for text in texts)
        return find.encode(), replace.encode()


def _occurrences(data: bytes, texts: tuple[bytes, bytes]) -> tuple[list[Span], list[Span]]:
    """Return where the old text stands, and where the new one; neither counts where it is a part of the other."""
    old, new = (_spans(data, text) for text in texts)
    outer, inner = (new, old) if len(texts[1]) > len(texts[0]) else (old, new)
    inner = [span for span in inner if not any(begin <= span[0] and span[1] <= end for begin, end in outer)]
    return (inner, outer) if outer is new else (outer, inner)


def _spans(data: bytes, text: bytes) -> list[Span]:
    """Return each occurrence of *text*, also those that overlap."""
    spans: list[Span] = []
    at = data.find(text)
    while at >= 0:
        spans.append((at, at + len(text)))
        at = data.find(text, at + 1)
    return spans
