"""Table: columns of text, read from delimited text (plain or gzip-compressed) or from parquet."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vcassay.core import InputError
from vcassay.core.errors import first

GZIP = b"\x1f\x8b"
COMMENTS = ("!", "#")

MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "-666", "unknown", "unclear", "restricted"})
"""What tables write for no value: -666 and restricted in LINCS, unclear in Tahoe-100M."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of text.

    Attributes
    ----------
    path
        The file.
    header
        Names of the columns.
    columns
        For every column, one stripped value a row.
    lines
        Line of the file on which each row ends, counted from 1.
    """

    path: Path
    header: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def which(self, *names: str) -> str | None:
        """First of ``names`` that is a column, in any case of letters, as the file writes it."""
        own = {column.casefold(): column for column in reversed(self.header)}
        return next((own[name.casefold()] for name in names if name.casefold() in own), None)

    def find(self, *names: str) -> tuple[str, ...] | None:
        """Values of the first of ``names`` that is a column."""
        name = self.which(*names)
        return None if name is None else self.columns[self.header.index(name)]

    def need(self, what: str, *names: str) -> tuple[str, ...]:
        """Values of the first of ``names`` that is a column.

        Raises
        ------
        InputError
            If none is; it names the columns there are and those that would do.
        """
        values = self.find(*names)
        if values is None:
            has = f"has the columns {first(self.header, 8)} but none for {what}"
            wanted = f"'{names[0]}'" if len(names) == 1 else "one of " + ", ".join(f"'{n}'" for n in names[:6])
            raise InputError(has, where=str(self.path), mend=f"name that column {wanted}")
        return values

    def refuse_blank(self, what: str, values: Iterable[str]) -> None:
        """Refuse a row that leaves out what every row must have.

        Raises
        ------
        InputError
            With the line of the first such row.
        """
        line = next((self.lines[i] for i, value in enumerate(values) if not value), None)
        if line is not None:
            mend = "fill it in or leave out the line"
            raise InputError(f"line {line} has no {what}", where=str(self.path), mend=mend)


def is_missing(cell: str) -> bool:
    """Whether a cell stands for no value."""
    return cell.casefold() in MISSING


def read_lines(path: Path) -> list[str]:
    """Read text, compressed or not, without line ends; not UTF-8 is taken for Latin-1.

    Raises
    ------
    InputError
        If the file is missing, broken, empty or not text.
    """
    where = str(path)
    if not path.is_file():
        raise InputError("is missing", where=where, mend="check the path in [knowledge]")
    data = path.read_bytes()
    if data[:2] == GZIP:
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"cannot be decompressed ({error})", where=where, mend="fetch the file again") from error
    if b"\0" in data:
        raise InputError("is not text", where=where, mend="write it as tab- or comma-separated text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # tables of the Drug Repurposing Hub are written so
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise InputError("is empty", where=where, mend="hand in a file with at least one record")
    return lines


def first_line(path: Path) -> str:
    """First line of text, compressed or not, without reading the rest.

    Raises
    ------
    ValueError, OSError
        If it is not text or cannot be decompressed.
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        return file.readline().decode("utf-8-sig")


def read_table(path: Path) -> Table:
    """Read a table with a header; tab, comma, semicolon or space is told from it.

    Lines that start with ``!`` or ``#`` above the header are comments, unless the last of them is the header.

    Raises
    ------
    InputError
        If the file cannot be read, has no row, or a row has more or fewer fields than the header.
    """
    if path.suffix == ".parquet":
        return _from_parquet(path)
    lines, where = read_lines(path), str(path)
    start = _header_line(lines)
    header_text = lines[start].lstrip("#") if start and lines[start][:1] == "#" else lines[start]
    mark = delimiter(header_text)
    header = tuple(next(_split([header_text], mark, where, start))[1])
    plain = _plain_columns(lines[start + 1 :], mark, len(header))
    if plain is not None:
        return Table(path, header, plain, tuple(range(start + 2, len(lines) + 1)))
    rows = [(line, row) for line, row in _split(lines[start + 1 :], mark, where, start + 1) if any(row)]
    if not rows:
        raise InputError("has a header and no rows", where=where, mend="hand in a table with at least one record")
    bad = next(((line, row) for line, row in rows if len(row) != len(header)), None)
    if bad is not None:
        what = f"line {bad[0]} has {len(bad[1])} fields where the header has {len(header)}"
        raise InputError(what, where=where, mend="mend the line, or quote fields that hold the delimiter")
    columns = tuple(zip(*(row for _, row in rows), strict=True))
    return Table(path, header, columns, tuple(line for line, _ in rows))


def _header_line(lines: list[str]) -> int:
    """Index of the header: the first line that is no comment, or a comment written like the line below it."""
    start = 0
    while start < len(lines) - 1 and (lines[start][:1] in COMMENTS or not lines[start].strip()):
        start += 1
    above = lines[start - 1] if start else ""
    mark = delimiter(lines[start])
    fields = lines[start].count(mark)
    return start - 1 if above[:1] == "#" and fields and above.count(mark) == fields else start


def delimiter(header: str) -> str:
    """The delimiter that the header holds most of; a tab decides alone, a space is tried last."""
    if "\t" in header:
        return "\t"
    mark = max(",;", key=header.count)
    return mark if mark in header else " " if " " in header.strip() else "\t"


def _plain_columns(lines: list[str], mark: str, n: int) -> tuple[tuple[str, ...], ...] | None:
    """Stripped columns of whole rows without quotes, split at once: long tables are so; ``None`` for any other."""
    if mark == " " or not lines or any(line.count(mark) != n - 1 or '"' in line or "\r" in line for line in lines):
        return None
    cells = list(map(str.strip, mark.join(lines).split(mark)))
    columns = tuple(tuple(cells[i::n]) for i in range(n))
    blank = "" in columns[0] and any(not any(row) for row in zip(*columns, strict=True))
    return None if blank else columns


def _split(lines: list[str], mark: str, where: str, offset: int) -> Iterator[tuple[int, list[str]]]:
    """Line number and stripped fields of every row."""
    if mark in "\t ":
        # Quotes are undone a field at a time: primes and quotes in names must not swallow the lines that follow.
        for i, line in enumerate(lines, start=offset + 1):
            yield i, [_unquote(field.strip()) for field in (line.split(mark) if mark == "\t" else line.split())]
        return
    reader = csv.reader((line + "\n" for line in lines), delimiter=mark, strict=True, skipinitialspace=True)
    try:
        for row in reader:
            yield reader.line_num + offset, [field.strip() for field in row]
    except csv.Error as error:
        what = f"line {reader.line_num + offset} cannot be read ({error})"
        raise InputError(what, where=where, mend="mend the quotes of that line") from error


def _unquote(field: str) -> str:
    quoted = len(field) > 1 and field[0] == field[-1] == '"'
    return field[1:-1].replace('""', '"').strip() if quoted else field


def _from_parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    where = str(path)
    if not path.is_file():
        raise InputError("is missing", where=where, mend="check the path in [knowledge]")
    try:
        frame = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        what = f"cannot be read ({str(error).splitlines()[0]})"
        raise InputError(what, where=where, mend="hand in a whole parquet file") from error
    if not frame.num_rows:
        raise InputError("has no rows", where=where, mend="hand in a table with at least one record")
    columns = tuple(tuple(_as_text(value) for value in column.to_pylist()) for column in frame.columns)
    return Table(path, tuple(frame.column_names), columns, tuple(range(1, frame.num_rows + 1)))


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "|".join(_as_text(v) for v in value)
    return "" if value is None or value != value else str(value).strip()
