"""Wide: gene sets and pairs that a file holds as a matrix, read as the lists that they are."""

from __future__ import annotations

from itertools import zip_longest

from vcassay.knowledge.table import Table, is_missing

Cells = tuple[str, ...]
SquarePairs = tuple[Cells, Cells, Cells, tuple[int, ...]]
"""Both ends, the cell and the line of every pair."""

YES, NO = frozenset({"1", "1.0", "true", "yes", "x"}), frozenset({"0", "0.0", "false", "no", ""})
"""Cells of a table of membership."""


def transposed(lines: list[str]) -> list[str]:
    """Lines whose fields are the columns of the given ones: GMX as GMT."""
    rows = [line.split("\t") for line in lines]
    return ["\t".join(column).rstrip("\t") for column in zip_longest(*rows, fillvalue="")]


def membership_table(table: Table) -> dict[str, list[str]]:
    """Sets of a table of 0 and 1, a row a gene and a column a set; empty if it is none.

    A set without a gene is left out: it tells nothing.
    """
    genes, columns = table.columns[0], table.columns[1:]
    cells = {cell.casefold() for column in columns for cell in set(column)}
    if not columns or not cells & YES or cells - YES - NO or len(set(table.header)) < len(table.header):
        return {}
    table.refuse_blank("gene", genes)
    found = {
        name: [gene for gene, cell in zip(genes, column, strict=True) if cell.casefold() in YES]
        for name, column in zip(table.header[1:], columns, strict=True)
    }
    return {name: members for name, members in found.items() if members}


def pair_matrix(table: Table) -> SquarePairs | None:
    """Pairs of a square matrix whose rows and columns have the same names: ends, cells and lines; else ``None``.

    The diagonal, empty cells and zeros are no pairs.
    """
    rows, names = table.columns[0], table.header[1:]
    if len(names) < 2 or set(rows) != set(names) or len(set(rows)) < len(rows):
        return None
    held = [
        (row, name, cell, line)
        for name, column in zip(names, table.columns[1:], strict=True)
        for row, cell, line in zip(rows, column, table.lines, strict=True)
        if row != name and not is_missing(cell) and cell.strip("0.") not in ("", "-")
    ]
    a, b, value, lines = zip(*held, strict=True) if held else ((), (), (), ())
    return a, b, value, lines
