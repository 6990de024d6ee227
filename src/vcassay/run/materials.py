"""Materials: the files that a disclosure names, read."""

from __future__ import annotations

import gzip
import zlib
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.knowledge import read_features, read_relations
from vcassay.knowledge.table import GZIP, read_lines, read_table
from vcassay.prediction import Disclosure, Losses, Materials, hash_barcodes

MD5 = 32
"""Hexadecimal digits of an MD5."""
HEX = frozenset("0123456789abcdef")
LINES = 100_000
"""Lines of a list of barcodes that are hashed at a time."""


class Named(Protocol):
    """An entry with a name."""

    name: str


E = TypeVar("E", bound=Named)


def read_materials(disclosure: Disclosure, folder: Path) -> Materials:
    """Read every file that a disclosure names.

    Parameters
    ----------
    folder
        The folder that its paths start from.

    Raises
    ------
    InputError
        If a file is missing or malformed, or two entries of one kind with files have one name.
    """
    for name in disclosure.files:
        if not (folder / name).is_file():
            mend = "check the path: it starts from the file that holds the disclosure"
            raise InputError("is missing, but the disclosure names it", where=str(folder / name), mend=mend)
    priors = _apart([p for p in disclosure.priors or () if p.file], "priors")
    graphs = _apart([g for g in disclosure.graphs or () if g.file], "graphs")
    corpora = _apart([c for c in disclosure.pretraining or () if c.barcodes], "pretraining")
    chosen = disclosure.genes.file if disclosure.genes is not None else None
    return Materials(
        features={p.name: read_features(folder / str(p.file), p.name) for p in priors},
        edges={g.name: read_relations(folder / str(g.file), name=g.name) for g in graphs},
        genes=_names(folder / chosen) if chosen else None,
        barcodes={c.name: read_barcodes(folder / str(c.barcodes)) for c in corpora},
        losses=read_losses(folder / disclosure.losses) if disclosure.losses else None,
    )


def _apart(entries: list[E], kind: str) -> list[E]:
    names = [e.name for e in entries]
    if len(set(names)) < len(names):
        twice = next(n for i, n in enumerate(names) if n in names[:i])
        raise InputError(f"names '{twice}' twice", where=f"disclosure, {kind}", mend="give each its own name")
    return entries


def _names(path: Path) -> tuple[str, ...]:
    """Names one a line."""
    return tuple(dict.fromkeys(name for line in read_lines(path) if (name := line.strip())))


def read_barcodes(path: Path) -> NDArray[np.uint64]:
    """Read a list of cells, plain or compressed: a line is the MD5 of a barcode, or the barcode itself.

    Of a line with several fields the first counts. The file is never held as a whole.

    Returns
    -------
    Sorted unique hashes, the first 8 bytes of each MD5.

    Raises
    ------
    InputError
        If it cannot be read or holds no barcode.
    """
    where, found = str(path), array("Q")
    hashed = plain = 0
    try:
        for block in _blocks(path):
            digests = [b for b in block if len(b) == MD5 and HEX.issuperset(b.lower())]
            names = [b for b in block if not (len(b) == MD5 and HEX.issuperset(b.lower()))]
            hashed, plain = hashed + len(digests), plain + len(names)
            found.extend(int(d[:16], 16) for d in digests)
            found.frombytes(hash_barcodes(names).tobytes())
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        mend = "write one MD5 or one barcode a line"
        raise InputError(f"cannot be read ({error})", where=where, mend=mend) from error
    if not hashed + plain:
        raise InputError("holds no barcode", where=where, mend="write one MD5 or one barcode a line")
    if hashed and plain > 1:  # one line that is no hash is a header
        mend = "write MD5 hashes or barcodes, not both"
        raise InputError(f"has {hashed} hashes and {plain} other lines", where=where, mend=mend)
    return np.unique(np.frombuffer(found, dtype=np.uint64))


def _blocks(path: Path) -> Iterator[list[str]]:
    """First fields of the lines, so many at a time."""
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
        yield from _batched(line.replace(",", "\t").split("\t")[0].strip().strip('"') for line in file)


def _batched(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if line:
            block.append(line)
        if len(block) == LINES:
            yield block
            block = []
    yield block


def read_losses(path: Path) -> Losses:
    """Read a model's loss of single cells: a table with the columns ``cell`` and ``loss``.

    Raises
    ------
    InputError
        If a column is missing, a cell occurs twice, or a loss is not a finite number.
    """
    table, where = read_table(path), str(path)
    cells = table.need("the cells' names", "cell", "barcode", "obs_name")
    text = table.need("the losses", "loss", "nll", "negative_log_likelihood")
    table.refuse_blank("name of a cell", cells)
    values = np.empty(len(text))
    for i, (value, line) in enumerate(zip(text, table.lines, strict=True)):
        try:
            values[i] = float(value)
        except ValueError:
            values[i] = np.nan
        if not np.isfinite(values[i]):
            what = f"line {line} has the loss '{value}'"
            raise InputError(what, where=where, mend="write a finite number, or leave the cell out")
    names = np.asarray(cells, dtype=str)
    unique, counts = np.unique(names, return_counts=True)
    if len(unique) < len(names):
        twice = unique[int(counts.argmax())]
        raise InputError(f"lists the cell '{twice}' twice", where=where, mend="write one line a cell")
    return Losses(names, values)
