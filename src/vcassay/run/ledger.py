"""Ledger: who looked at a test set, and how often; lines are added and never changed."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vcassay.claim import Split
from vcassay.core import InputError
from vcassay.record.ledger import START, LookRecord, dump_look, load_look
from vcassay.run.cache import whole


@dataclass(frozen=True, slots=True)
class Look:
    """A look to be recorded.

    Attributes
    ----------
    what
        ``assess`` or ``score``.
    model
        The model's name.
    predictions
        sha256 of its predictions file.
    test_set
        `test_set_id` of the split.
    """

    what: Literal["assess", "score"]
    model: str
    predictions: str
    test_set: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The looks that a file holds, oldest first."""

    looks: tuple[LookRecord, ...] = ()

    def of(self, test_set: str) -> Ledger:
        """The looks at one test set."""
        return Ledger(tuple(look for look in self.looks if look.test_set == test_set))

    def looks_at(self, test_set: str) -> int:
        """Number of distinct predictions files that were scored on a test set."""
        return self.of(test_set).n_predictions

    @property
    def n_looks(self) -> int:
        """Number of looks; a predictions file that was scored again counts again."""
        return len(self.looks)

    @property
    def n_predictions(self) -> int:
        """Number of distinct predictions files."""
        return len({look.predictions for look in self.looks})

    @property
    def n_models(self) -> int:
        """Number of names of models."""
        return len({look.model for look in self.looks})

    @property
    def test_sets(self) -> tuple[str, ...]:
        """The test sets looked at, in the order of their first look."""
        return tuple(dict.fromkeys(look.test_set for look in self.looks))

    @property
    def head(self) -> str:
        """Hash of the last line: who knows it can tell that no line was taken off the end."""
        return self.looks[-1].sha256 if self.looks else START


def test_set_id(split: Split) -> str:
    """sha256 that names a split's test set: its table, its test conditions and, of random cells, their shards."""
    parts = [split.conditions.sha256(), sorted(split.conditions.take(split.test).ids), split.test_shards]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def read_ledger(path: Path) -> Ledger:
    """Read a ledger; a file that is not there yet holds no looks.

    Raises
    ------
    InputError
        If the chain is broken: names the first line that does not follow.
    """
    ledger, problems = check_ledger(path)
    if problems:
        number, what = problems[0]
        mend = "restore the file: lines are added by vcassay and never changed"
        raise InputError(what, where=f"{path}, line {number}", mend=mend)
    return ledger


def check_ledger(path: Path) -> tuple[Ledger, list[tuple[int, str]]]:
    """Follow the chain from its first line to its last.

    Lines that were taken off the end leave no trace in the file: compare `Ledger.head` with the one
    that was last made known.

    Returns
    -------
    The looks that could be read, and (line from 1, what is wrong with it) of every line that does not
    follow from those before.
    """
    looks: list[LookRecord] = []
    problems = []
    head = START
    for number, line in enumerate(_lines(path), start=1):
        try:
            look = load_look(line)
        except ValueError:
            problems.append((number, "is not a look as vcassay writes it"))
            continue
        if look.previous != head:
            problems.append((number, "does not follow from the line before: a line was edited, taken out or moved"))
        if look.chained(look.previous) != look:
            problems.append((number, "was edited: its hash is not that of its entries"))
        looks.append(look)
        head = look.sha256
    return Ledger(tuple(looks)), problems


def append_looks(path: Path, looks: Iterable[Look]) -> Ledger:
    """Add looks to a ledger, all of them or none.

    Returns
    -------
    The ledger with them.

    Raises
    ------
    InputError
        If the chain of what is there is broken.
    """
    before = read_ledger(path)
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    chain, head = list(before.looks), before.head
    for look in looks:
        entries = {name: getattr(look, name) for name in Look.__slots__}
        record = LookRecord(when=when, previous=head, sha256=START, **entries).chained(head)
        chain.append(record)
        head = record.sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part:
        part.write_text("".join(f"{dump_look(look)}\n" for look in chain), encoding="utf-8", newline="\n")
    return Ledger(tuple(chain))


def _lines(path: Path) -> list[str]:
    """Lines of the file, without the end of the last; a file that is no text is one line that is no look."""
    if not path.exists():
        return []
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return [""]
    return text.removesuffix("\n").split("\n") if text else []
