# SPDX-License-Identifier: GPL-3.0-or-later
"""C as pycparser sees it: each unit of a tree, preprocessed as its own build would, for each target.

The way of a unit::

    preprocessor = Preprocessor(Target.ARMHF, store)
    preprocessed = preprocessor.run(unit, stage)        # a digest; findings where it does not preprocess
    parser = Parser()                                   # one for many units: a header is parsed once
    tree = TranslationUnit(unit.path, unit.folder, preprocessed.text(), parser, stage.read)
    for external in tree.externals:                     # in the order of the text
        for node in external.nodes:                     # pycparser's c_ast: Decl, Typedef, FuncDef
            external.place(node)                        # file, line, column, source: for a finding
        external.findings()                             # where it could not be parsed; never an exception

``buildcheck.forest.forest(subject)`` gives the units and stages of each chosen prefix.

The contract:

- An *external* is one external declaration. It is parsed when its ``nodes`` are first asked for, and
  the nodes are shared by all units that contain the same text with the same names of types: they are
  **never to be changed**. ``external.chunk.function`` says that it is the definition of a function.
- Coordinates in the nodes count within the external. ``external.place(node)`` maps them to the file;
  ``external.path()`` is the file that the external begins in: relative to the tree for one of its
  own or generated files, absolute for a header of the system.
- What pycparser cannot parse is replaced by text of equal length, and stands in
  ``external.parsed.carried``, with its kind and its span in ``external.chunk.text`` (see
  :class:`Kind` for what stands in the tree instead). Attributes say what they are at:
  :meth:`Carried.is_at`, :attr:`Carried.head`. ``external.parsed.offset(node)`` is the offset of a
  node in the same text.
- pycparser itself reads ``__builtin_va_arg(list, type)`` as a FuncCall of that ID with the expression
  and a Typename, ``offsetof`` likewise, and a statement expression as a Compound in an expression.
- Types that only the compiler knows (``__builtin_va_list``, ``_Float128``, ...) are IdentifierTypes of
  that name; a ``typeof`` is one of the name ``__tN_``.
- A K&R definition is one external; its FuncDef has ``param_decls``.
- Nothing here raises for what stands in a source: what cannot be read is a finding with a place.
"""

from .carry import At, Carried, Kind, mask
from .chunks import Chunk, Pragma, chunks
from .parse import Failure, Parsed, Parser
from .preprocess import Preprocessed, Preprocessor
from .targets import Target
from .unit import External, TranslationUnit

__all__ = [
    "At",
    "Carried",
    "Chunk",
    "External",
    "Failure",
    "Kind",
    "Parsed",
    "Parser",
    "Pragma",
    "Preprocessed",
    "Preprocessor",
    "Target",
    "TranslationUnit",
    "chunks",
    "mask",
]
