"""Rederive: what follows from the stored tables, worked out again and held against the record."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vcassay.core.finding import SEVERITY, Status
from vcassay.core.provenance import versions
from vcassay.evidence.baselines import Rung
from vcassay.evidence.metrics import METRICS, Scores, best_baseline, compare, rank_answers
from vcassay.evidence.metrics.inference.by_context import context_scores
from vcassay.evidence.metrics.inference.compare import MIN_SPAN_SE, difference
from vcassay.evidence.metrics.inference.stored import restore
from vcassay.record import read_table
from vcassay.record.base import Record
from vcassay.record.evidence import SkillRecord
from vcassay.run.checks import stored
from vcassay.run.contest import contests
from vcassay.run.restored import Directory
from vcassay.run.thresholds import every_threshold

CLOSE = 1e-9
"""Within which numbers are the same, relative to those above 1."""
NAMED = 3
"""Disagreements of a kind that are named; the rest is counted."""
FEW = 2
"""Draws where values alone are wanted."""


@dataclass
class Derived:
    """What was derived again: how much of each kind, and what disagrees, a sentence each."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def hold(self, kind: str, checks: Iterable[tuple[str, bool]]) -> None:
        """Count checks of a kind, and tell of those that fail.

        Parameters
        ----------
        checks
            What was derived, and whether the record says the same.
        """
        wrong = []
        for what, same in checks:
            self.counts[kind] += 1
            if not same:
                wrong.append(what)
        if wrong:
            more = f", and {len(wrong) - NAMED:,} more" if len(wrong) > NAMED else ""
            self.problems.append(f"{kind} do not follow from the stored tables: {'; '.join(wrong[:NAMED])}{more}.")


def rederive(d: Directory) -> Derived:
    """Derive again every score, interval, comparison, rank and skill that follows from the stored tables.

    Of models with several seeds, whose single values are not stored, scores and what follows from them are passed
    over; so is everything in metrics that are not registered here. An assessment of an older version, which stored
    less, is held to what it stored.
    """
    out = Derived()
    out.hold("Scores in assessment.json", _both_tables(d))
    out.hold("Findings", _order(d))
    out.hold("Thresholds", _thresholds(d))
    if d.record.draws is None or not len(d.test):
        return out
    seeded = {m.name for m in d.record.models if m.n_seeds > 1}
    single = {key: f for key, f in d.filled(None).items() if key[0] not in seeded}
    arguments: dict[str, Any] = {
        "context": d.context,
        "family": d.family,
        "strata": d.strata,
        "decision": d.decision,
        "seed": d.manifest.seed,
    }
    values = restore(single, **arguments, draws=FEW)
    out.hold("Scores", _values(d, values))
    primary = [m.name for m in d.record.metrics if m.primary and m.name in METRICS]
    scores = restore({k: f for k, f in single.items() if k[1] in primary}, **arguments, draws=d.record.draws)
    out.hold("Intervals", _intervals(d, scores, primary))
    out.hold("Paired comparisons", _comparisons(d, scores, primary, seeded))
    out.hold("Skills", _skills(d, scores, seeded))
    if not seeded:
        out.hold("Ranks", _ranks(d, scores, values, primary))
        out.hold("Findings on probes and sabotage", _contests(d, scores))
    return out


def _both_tables(d: Directory) -> Iterator[tuple[str, bool]]:
    """Aggregates of scores.parquet are those of assessment.json."""
    frame = read_table(d.folder, "scores")
    frame = frame[frame["level"] == "aggregate"]
    columns = [frame[name].tolist() for name in ("model", "metric", "stratum", "context", "value", "low", "high")]
    table = {key[:4]: key[4:] for key in zip(*columns, strict=True)}
    for s in d.record.scores:
        key = (s.model, s.metric, s.stratum, s.context or "")
        if key in table:
            yield f"{s.metric} of '{s.model}' ({s.stratum})", _alike((s.value, s.low, s.high), table[key])


def _order(d: Directory) -> Iterator[tuple[str, bool]]:
    """Findings are stored by severity, so that one whose status was changed stands out of line."""
    places = [SEVERITY.get(Status(f.status), 9) if f.status in set(Status) else 9 for f in d.record.findings]
    for finding, place, before in zip(d.record.findings, places, [-1, *places], strict=False):
        told = f"{finding.check} ({finding.status}) stands out of the order of severity"
        yield told, place >= before
    errors = any(f.status == Status.ERROR for f in d.record.findings)
    yield "whether something ended in an error", d.record.complete is not errors


def _thresholds(d: Directory) -> Iterator[tuple[str, bool]]:
    """Of an assessment by this very version, thresholds are those of the rules."""
    if d.manifest.versions.get("vcassay") != versions().get("vcassay"):
        return
    ours = {t.name: t for t in every_threshold()}
    for row in d.record.thresholds:
        if row.name in ours:
            same = (row.value, row.source) == (ours[row.name].value, ours[row.name].source)
            yield f"{row.name} is {row.value:g}, and {ours[row.name].value:g} in the rules", same


def _values(d: Directory, scores: Scores) -> Iterator[tuple[str, bool]]:
    for s in scores.aggregates:
        row = d.record.score(s.model, s.metric, s.stratum)
        if row is None:
            yield f"{s.metric} of '{s.model}' ({s.stratum}) is missing", False
        elif row.value is not None and s.value is not None:
            told = f"{s.metric} of '{s.model}' ({s.stratum}) is {row.value:.4g}, and {s.value:.4g} by the table"
            yield told, same(row.value, s.value)
            yield (
                f"conditions of {s.metric} of '{s.model}' ({s.stratum})",
                (row.n, row.n_at_chance) == (s.n, s.n_at_chance),
            )
        elif row.value is not None:
            yield f"{s.metric} of '{s.model}' ({s.stratum}) is {row.value:.4g}, and undefined by the table", False


def _intervals(d: Directory, scores: Scores, primary: Sequence[str]) -> Iterator[tuple[str, bool]]:
    for s in scores.aggregates:
        row = d.record.score(s.model, s.metric, s.stratum)
        if row is not None:
            same = _alike((row.value, row.low, row.high), (s.value, s.low, s.high))
            yield f"{s.metric} of '{s.model}' ({s.stratum})", same
    names = dict(enumerate(sorted(set(d.test["context"].astype(str)))))
    known = {(s.model, s.metric, s.context or ""): s for s in d.record.scores}
    for s in context_scores(scores, names, primary):
        row = known.get((s.model, s.metric, s.context or ""))
        if row is not None:
            same = _alike((row.value, row.low, row.high), (s.value, s.low, s.high))
            yield f"{s.metric} of '{s.model}' in {s.context}", same


def _comparisons(d: Directory, scores: Scores, primary: Sequence[str], seeded: set[str]) -> Iterator[tuple[str, bool]]:
    rows = d.record.comparisons
    if not rows:
        return
    models = [m.name for m in d.record.models]
    sources = {m.name: m.source for m in d.record.models}
    margin = next((c.margin for c in rows if c.margin is not None), None)
    again = compare(
        scores,
        models,
        list(dict.fromkeys(c.baseline for c in rows)),
        sources,
        **({} if margin is None else {"margin": margin}),
        metrics=primary,
    )
    found = {(c.model, c.baseline, c.metric): c for c in again}
    # Holm joins the models of an assessment: of one with several seeds the p-values of all are passed over
    passed = {"p_value", "better"} if seeded else set()
    for row in rows:
        if row.model in seeded or row.metric not in primary:
            continue
        other = found.get((row.model, row.baseline, row.metric))
        yield f"'{row.model}' against {row.baseline} in {row.metric}", other is not None and _equal(row, other, passed)


def _skills(d: Directory, scores: Scores, seeded: set[str]) -> Iterator[tuple[str, bool]]:
    sources = {m.name: m.source for m in d.record.models}
    rivals = list(dict.fromkeys(c.baseline for c in d.record.comparisons))
    limit = next((t.value for t in d.record.thresholds if t.name == MIN_SPAN_SE.name), MIN_SPAN_SE.value)
    for row in d.record.skills:
        if row.model in seeded or row.metric not in METRICS:
            continue
        told = f"'{row.model}' in {row.metric}"
        others = [b for b in rivals if b != sources.get(row.model)]
        best = best_baseline(scores, others, row.metric, d.decision) if others else None
        yield f"the best legal baseline for {told}", row.baseline == (best or "") or not row.baseline
        yield told, _skill_holds(d, scores, row, limit)


def _skill_holds(d: Directory, scores: Scores, row: SkillRecord, limit: float) -> bool:
    key = (row.metric, d.decision)
    if not row.baseline or (row.model, *key) not in scores.draws or (row.baseline, *key) not in scores.draws:
        return row.skill is None
    mine, base = scores.draws[row.model, *key][0], scores.draws[row.baseline, *key][0]
    if not _alike((row.score, row.baseline_score), (mine, base)):
        return False
    ceiling = next((c for c in d.record.ceilings if (c.metric, c.stratum, c.context) == (*key, None)), None)
    if ceiling is None or not _alike((row.ceiling,), (ceiling.value,)):
        return ceiling is None
    if row.skill is None:
        return bool(row.refused)
    sign = 1.0 if METRICS[row.metric].meta["higher_is_better"] else -1.0
    span = sign * ((ceiling.value if ceiling.value is not None else math.nan) - base)
    gain, _ = difference(scores, row.model, row.baseline, *key)
    resolved = row.span_se is not None and span > limit * row.span_se
    told = (row.span, row.skill, row.low, row.high)
    return resolved and not row.refused and _alike(told, (span, gain.value / span, gain.low / span, gain.high / span))


def _ranks(d: Directory, scores: Scores, values: Scores, primary: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Rankings with their probabilities by the metrics that decide, and the ranks alone by the others."""
    models = [m.name for m in d.record.models]
    taken = {m.source for m in d.record.models}
    rivals = [b for b in dict.fromkeys(c.baseline for c in d.record.comparisons) if b not in taken]
    whole = {r.metric: r for r in rank_answers(scores, models, rivals, d.manifest.seed)}
    bare = {r.metric: r for r in rank_answers(values, models, rivals, d.manifest.seed)}
    for row in d.record.ranks:
        found = whole.get(row.metric) if row.metric in primary else bare.get(row.metric)
        if found is None or {r.name for r in found.ranks} != {r.name for r in row.ranks}:
            if row.metric in METRICS:
                yield f"who is ranked by {row.metric}", row.metric not in primary
            continue
        again = {r.name: r for r in found.ranks}
        passed = set() if row.metric in primary else {"low", "high", "first", "distribution"}
        holds = all(_equal(r, again[r.name], passed) for r in row.ranks)
        if row.metric in primary:
            holds = holds and len(row.pairs) == len(found.pairs)
            holds = holds and all(_equal(a, b, set()) for a, b in zip(row.pairs, found.pairs, strict=True))
        yield f"the ranking by {row.metric}", holds


def _contests(d: Directory, scores: Scores) -> Iterator[tuple[str, bool]]:
    """Findings that say whether probes and sabotaged rungs lose, as they must."""
    if d.record.screen.readout == "scalar" or not d.detectable.any():
        return
    margin = next((c.margin for c in d.record.comparisons if c.margin is not None), None)
    rungs = [Rung(b, None) for b in d.record.baselines if b.kind != "reference"]
    legal = [b.name for b in d.record.baselines if b.legal]
    models = [m.name for m in d.record.models]
    known = {(f.check, f.model): f for f in d.record.findings if f.family == "baselines"}
    for made in contests(scores, rungs, models, legal, margin):
        row, again = known.get((made.check, made.model)), stored(made)
        if row is None:
            yield f"{again.check} is missing, and {again.status} by the tables", False
            continue
        told = f"{row.check}" + (f" of '{row.model}'" if row.model else "")
        told += f" is {row.status}, and {again.status} by the tables" if row.status != again.status else ""
        yield told, _equal(row, again, {"evidence"})


def _equal(row: Record, other: Record, passed: set[str]) -> bool:
    """Whether all fields but some are the same, numbers within `CLOSE`."""
    return all(same(getattr(row, name), getattr(other, name)) for name in type(row).model_fields if name not in passed)


def _alike(one: Sequence[float | None], other: Sequence[float | None]) -> bool:
    return all(same(a, b) for a, b in zip(one, other, strict=True))


def same(a: Any, b: Any) -> bool:
    """Whether two stored values are the same, numbers within `CLOSE`, however deep they lie."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if not all(x is None or (isinstance(x, int | float) and not isinstance(x, bool)) for x in (a, b)):
        return bool(a == b)
    one, other = (math.nan if x is None else float(x) for x in (a, b))
    if not (np.isfinite(one) and np.isfinite(other)):
        return not np.isfinite(one) and not np.isfinite(other)
    return abs(one - other) <= CLOSE * max(1.0, abs(one))
