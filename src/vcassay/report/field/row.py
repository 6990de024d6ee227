"""Row: one review as a line of the field's table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vcassay.core import STRENGTH, Regime
from vcassay.core.regime import NEW_CONTEXT
from vcassay.record.evidence import FindingRecord
from vcassay.record.review import BenchmarkReview, ReviewRecord
from vcassay.report.review.ladder import LADDER, Rung, joined, ladders
from vcassay.report.review.told import WEIGHTS
from vcassay.report.wording import REGIME, Mark, level_mark

REPORTS: dict[str, str] = {
    "T0": "T0: no change",
    "T1": "T1: a mean",
    "T2": "T2: additive or linear",
    "T3": "T3: computational biologist",
    "T4": "T4: replicate reference or ceiling",
    "context": "a context never perturbed",
    "leakage": "leakage",
    "intervals": "intervals",
    "biology": "measured biology",
}
"""What a publication may report, by key, in words."""

NO_REGIME = "not described"
"""Where the split does not let one tell what is new."""


@dataclass(frozen=True, slots=True)
class Row:
    """A review in short.

    Attributes
    ----------
    regime
        Of the benchmark that the verdict rests on, its weakest; empty where its split is not described.
    regimes, modalities
        Of all benchmarks.
    rungs
        Each tier over the benchmarks of the authors.
    reports
        Keys of `REPORTS` that hold of some benchmark of the authors.
    leaks_open, leaks_found
        Leakage checks that are not answered, and those that found or know of a leak.
    shown, askable, contradicted
        Questions of biology: measured, askable with the data, and answered against the model.
    """

    record: ReviewRecord
    regime: str
    regimes: tuple[str, ...]
    modalities: tuple[str, ...]
    rungs: tuple[Rung, ...]
    reports: frozenset[str]
    leaks_open: int
    leaks_found: int
    shown: int
    askable: int
    contradicted: int

    @property
    def name(self) -> str:
        """Of the model."""
        return self.record.card.name

    @property
    def mark(self) -> Mark:
        """How the claim ends."""
        return level_mark(self.record.level)

    @property
    def tests(self) -> str:
        """What is new in the benchmark that the verdict rests on, in words."""
        return REGIME.get(self.regime, "what is new is not told") if self.regime else "what is new is not told"

    @property
    def also(self) -> tuple[str, ...]:
        """Other regimes that it is tested in."""
        return tuple(r for r in self.regimes if r != self.regime)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Keys of `REPORTS` that do not hold, in their order."""
        return tuple(key for key in REPORTS if key not in self.reports)

    @property
    def weights(self) -> str:
        """Whether weights can be had, in words."""
        return WEIGHTS.get(self.record.card.availability.weights, "not stated")


def row(record: ReviewRecord) -> Row:
    """Put a review in short."""
    stated = record.card.benchmark
    own = [not b.by for b in stated] if not all(b.by for b in stated) else [True] * len(stated)
    rungs = joined([ladder for ladder, theirs in zip(ladders(record), own, strict=True) if theirs])
    best = next((b for b in record.benchmarks if b.title == record.speaks), None)
    regimes = _ordered(r for b in record.benchmarks for r in _regimes(b))
    leaks = [f for f in record.findings if f.family == "leakage"]
    biology = [f for f in record.findings if f.family == "biology"]
    found = _checks(leaks, "FAIL", "WARN")
    return Row(
        record=record,
        regime=best.regime if best else "",
        regimes=regimes,
        modalities=tuple(sorted({b.modality for b in record.benchmarks if b.modality})),
        rungs=rungs,
        reports=frozenset(_reports(record, rungs, own)),
        leaks_open=len(_checks(leaks, "UNKNOWN") - found),
        leaks_found=len(found),
        shown=len(_checks(biology, "PASS")),
        askable=sum(f.status != "NA" for f in biology),
        contradicted=len(_checks(biology, "FAIL")),
    )


def rows(records: Iterable[ReviewRecord]) -> tuple[Row, ...]:
    """All reviews in short, by name."""
    return tuple(sorted(map(row, records), key=lambda r: (r.name.casefold(), r.name)))


def _reports(record: ReviewRecord, rungs: Sequence[Rung], own: Sequence[bool]) -> Iterable[str]:
    """What the authors report: benchmarks that somebody else ran count for nobody."""
    card = record.card
    regimes = {r for b, theirs in zip(record.benchmarks, own, strict=True) if theirs for r in _regimes(b)}
    stated = [b for b, theirs in zip(card.benchmark, own, strict=True) if theirs]
    yield from (r.tier for r in rungs if r.state in ("reported", "partly"))
    if regimes & set(NEW_CONTEXT):
        yield "context"
    notes = card.leakage
    if notes is not None and (not notes or any(n.status in ("disclosed", "excluded") for n in notes)):
        yield "leakage"
    if any(b.intervals not in ("", "none") or any(r.low is not None for r in b.results) for b in stated):
        yield "intervals"
    if any(d.shown == "measured" for d in card.diagnostic or ()):
        yield "biology"


def _regimes(benchmark: BenchmarkReview) -> tuple[str, ...]:
    return benchmark.regimes or ((benchmark.regime,) if benchmark.regime else ())


def _ordered(regimes: Iterable[str]) -> tuple[str, ...]:
    """Each regime once, the weakest first."""
    return tuple(str(r) for r in sorted(map(Regime, set(regimes)), key=STRENGTH.index))


def _checks(findings: Iterable[FindingRecord], *statuses: str) -> set[str]:
    return {f.check for f in findings if f.status in statuses}


def tier_codes(row: Row) -> str:
    """The ladder in five characters: a digit where a tier is reported, ``!`` where flawed, ``.`` where it is not."""
    signs = {"flawed": "!", "missing": "."}
    return "".join(signs.get(r.state, str(i)) for i, r in zip(range(len(LADDER)), row.rungs, strict=True))
