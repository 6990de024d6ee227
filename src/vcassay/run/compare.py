"""Compare: models of several stored assessments side by side, from what is stored alone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from vcassay.core import InputError, Level
from vcassay.core.errors import did_you_mean, first
from vcassay.core.provenance import file_sha256
from vcassay.evidence.metrics import METRICS, Scores
from vcassay.evidence.metrics.filled import Filled
from vcassay.evidence.metrics.inference.seeds import spread_seeds
from vcassay.evidence.metrics.inference.stored import comparable_on_part, restore
from vcassay.record import EntryRecord, LeaderboardRecord, SourceRecord
from vcassay.record.assessment import ModelRecord
from vcassay.record.evidence import MetricRecord, SeedRecord
from vcassay.run.alike import CLOSE, refuse_unlike, warn_of
from vcassay.run.board import Lines, make_board
from vcassay.run.restored import Directory, Key, codes, read_directory, take

RANKED = (Level.SUPPORTED, Level.SPLIT_LIMITED, Level.DIAGNOSTIC_ONLY)
"""Levels of models that are better than every legal baseline: they alone are ranked.

A rank says who is best at the claim. A model that a baseline equals, or that has seen the answers, is not worse at it
than others but shows nothing of it, whatever its score; ranked, the best of those would read as a winner.
"""

DRAWS_A_PAIR = 100
"""Bootstrap draws for each pair of models, so that the smallest p-value survives Holm."""


@dataclass(frozen=True, eq=False)
class Contest:
    """What is compared.

    Attributes
    ----------
    entries
        Label to the directory and the model.
    baselines
        Label to the directory that a legal baseline's values are taken from, its name there, and its title.
    shared
        Conditions that every assessment tests, sorted as they were scored.
    """

    directories: list[Directory]
    entries: dict[str, tuple[Directory, ModelRecord]]
    shared: list[Key]
    baselines: dict[str, tuple[Directory, str, str]] = field(default_factory=dict)


def compare_assessments(
    folders: Sequence[str | Path],
    *,
    metrics: Sequence[str] = (),
    reference: str = "",
    common: bool = False,
) -> LeaderboardRecord:
    """Compare the models of stored assessments.

    Parameters
    ----------
    folders
        Assessment directories, in any order.
    metrics
        Names; those that can carry the verdict if none is given.
    reference
        A model from which the others' differences are shown beside.
    common
        Compare on the test conditions that all share where they do not share all.

    Returns
    -------
    Differences, ranks and their probabilities, all from stored records.

    Raises
    ------
    InputError
        If claims, truths or panels are unlike, or nothing is left to compare.
    """
    return compare_directories(_read(folders), metrics=metrics, reference=reference, common=common)


def compare_directories(
    directories: list[Directory], *, metrics: Sequence[str] = (), reference: str = "", common: bool = False
) -> LeaderboardRecord:
    """Compare assessments that were read, as `compare_assessments` does."""
    refuse_unlike(directories, common=common)
    contest = _enter(directories)
    if len(contest.entries) < 2:
        mend = "name a second directory, or one with several models"
        raise InputError("holds one model, and a comparison needs two", where=directories[0].name, mend=mend)
    reference = _reference(contest, reference)
    partial = any(len(d.test) != len(contest.shared) for d in directories)
    wanted, refused = _metrics(directories, metrics, partial=partial)
    scores, doubled = _scores(contest, [m.name for m in wanted])
    pairs = len(contest.entries) * (len(contest.entries) - 1) // 2
    entries = tuple(_entry(label, *contest.entries[label]) for label in sorted(contest.entries))
    lines = Lines(
        entries=entries,
        records={label: (d.record, model.name) for label, (d, model) in contest.entries.items()},
        baselines={label: title for label, (_, _, title) in contest.baselines.items()},
        ceilings=tuple(d.record for d in directories),
        reference=reference,
        partial=partial,
        seed=_seed(directories),
        margin=max((c.margin for d in directories for c in d.record.comparisons if c.margin is not None), default=None),
    )
    boards = tuple(b for m in wanted if (b := make_board(scores, m, lines)) is not None)
    if not boards:
        raise InputError("no metric has scores of two models", where=directories[0].name, mend="name others: --metric")
    some = directories[0].record
    return LeaderboardRecord(
        claim=some.claim.sentence,
        regime=some.claim.regime,
        use=some.claim.use,
        screen=some.screen.name,
        sources=tuple(_source(d) for d in directories),
        entries=entries,
        boards=boards,
        reference=reference,
        common=_coverage(contest) if partial else "",
        warnings=(*warn_of(directories), *doubled, *_of_training(directories), *_of_seeds(entries, partial=partial)),
        refused=(*refused, *(_PARTIAL if partial else ())),
        seed=_seed(directories),
        draws=max(_draws(directories), DRAWS_A_PAIR * pairs),
        resampled=some.resampled,
    )


_PARTIAL = (
    "Ceilings and skill are not shown: they were measured on all test conditions of each assessment.",
    "Verdicts are those of each assessment on all its test conditions, not on the shared ones.",
)


def _read(folders: Sequence[str | Path]) -> list[Directory]:
    """Read every directory once, in the order of their names."""
    named = {os.path.realpath(f): str(f) for f in sorted(map(str, folders), reverse=True)}
    found = [read_directory(Path(name), name) for name in sorted(named.values())]
    for d in found:
        if not d.record.models:
            mend = "name one whose study has a [[model]]"
            raise InputError("holds no model", where=d.name, mend=mend)
        _ = d.family  # refuses what older versions wrote
    return found


def _enter(directories: list[Directory]) -> Contest:
    keys = [d.keys("test") for d in directories]
    shared = set(keys[0]).intersection(*keys[1:])
    times = Counter(m.name for d in directories for m in d.record.models)
    short = _short([d.name for d in directories])
    entries = {}
    for d in directories:
        for model in d.record.models:
            label = model.name if times[model.name] == 1 else f"{model.name} ({short[d.name]})"
            entries[label] = (d, model)
    return Contest(directories, entries, [k for k in keys[0] if k in shared])


def _short(names: Sequence[str]) -> dict[str, str]:
    """The last parts of paths, as many as tell them apart."""
    parts = {name: Path(os.path.realpath(name)).parts for name in names}
    for n in range(1, max(len(p) for p in parts.values()) + 1):
        out = {name: "/".join(p[-n:]) for name, p in parts.items()}
        if len(set(out.values())) == len(out):
            return out
    return {name: name for name in names}


def _reference(contest: Contest, name: str) -> str:
    """Label of the model that is meant."""
    if not name or name in contest.entries:
        return name
    found = [label for label, (_, model) in contest.entries.items() if model.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"'{name}' is the name of several models", where="--reference", mend=f"name {first(found)}")
    hint = did_you_mean(name, contest.entries)
    raise InputError(f"no model is called '{name}'", where="--reference", mend=hint)


def _metrics(
    directories: list[Directory], wanted: Sequence[str], *, partial: bool
) -> tuple[list[MetricRecord], list[str]]:
    """Metrics to compare in, the correlation first, and what is refused."""
    known = [{m.name: m for m in d.record.metrics} for d in directories]
    shared = {n: m for n, m in known[0].items() if all(n in other for other in known[1:])}
    for name in wanted:
        if name not in shared:
            hint = did_you_mean(name, shared)
            raise InputError(f"no metric of all assessments is called '{name}'", where="--metric", mend=hint)
    chosen = list(dict.fromkeys(wanted)) or [n for n, m in shared.items() if m.primary]
    same = len({frozenset(d.keys("train")) for d in directories}) == 1
    barred = comparable_on_part(chosen, same_training=same) if partial else {}
    out, refused = [], []
    for name in chosen:
        demoted = next((m[name].demoted[0] for m in known if m[name].demoted), "")
        reason = barred.get(name, "") or ("it is not registered here" if name not in METRICS else "")
        if demoted and not wanted:
            reason = reason or f"it is demoted on this screen: {demoted}"
        if reason:
            refused.append(f"{shared[name].title} is not compared: {reason}.")
        else:
            out.append(shared[name])
    if not out:
        what = f"no metric can carry a comparison ({' '.join(refused)})"
        raise InputError(what, where=directories[0].name, mend="name others with --metric")
    return sorted(out, key=lambda m: (not m.primary, m.family != "correlation", m.name)), refused


def _scores(contest: Contest, metrics: list[str]) -> tuple[Scores, list[str]]:
    """Scores of every model and legal baseline on the shared conditions, and what is said of baselines."""
    filled: dict[tuple[str, str], Filled] = {}
    seeds: list[SeedRecord] = []
    doubled: dict[str, None] = {}
    short = _short([d.name for d in contest.directories])
    for d in contest.directories:
        rivals = dict.fromkeys(c.baseline for c in d.record.comparisons)
        titles = {b.name: b.title for b in d.record.baselines}
        labels = {model.name: label for label, (own, model) in contest.entries.items() if own is d}
        place = {key: i for i, key in enumerate(d.keys("test"))}
        at = np.array([place[key] for key in contest.shared], dtype=np.int64)
        values = take(d.filled(metrics, {*labels, *rivals}), at)
        for (name, metric), own in values.items():
            if name in labels:
                filled[labels[name], metric] = own
        for name in rivals:
            if name in labels:
                continue  # a submission took its name
            mine = {m: values[name, m] for m in metrics if (name, m) in values}
            if name in contest.baselines and all(_equal(filled.get((name, m)), f) for m, f in mine.items()):
                continue
            label = name if name not in contest.baselines else f"{name} ({short[d.name]})"
            if label != name:
                doubled[f"The baseline '{titles.get(name, name)}' answers otherwise in {d.name}: both are kept."] = None
            contest.baselines[label] = (d, name, titles.get(name, name) + label.removeprefix(name))
            filled |= {(label, m): f for m, f in mine.items()}
        seeds += [s.model_copy(update={"model": labels[s.model]}) for s in d.record.seeds if s.model in labels]
    some = contest.directories[0]
    place = {key: i for i, key in enumerate(some.keys("test"))}
    at = np.array([place[key] for key in contest.shared], dtype=np.int64)
    pairs = len(contest.entries) * (len(contest.entries) - 1) // 2
    decision = some.decision
    scores = restore(
        filled,
        context=codes(some.context[at]),
        family=_families(contest),
        strata={decision: some.strata[decision][at]},
        decision=decision,
        seed=_seed(contest.directories),
        draws=max(_draws(contest.directories), DRAWS_A_PAIR * pairs),
    )
    if len(at) == len(some.test):
        spread_seeds(scores, seeds, _seed(contest.directories))
    return scores, list(doubled)


def _equal(one: Filled | None, other: Filled) -> bool:
    return one is not None and all(
        np.allclose(x, y, rtol=CLOSE, atol=CLOSE, equal_nan=True)
        for x, y in ((one.values, other.values), (_below(one), _below(other)))
    )


def _below(f: Filled) -> NDArray[np.float64]:
    return np.ones(len(f.values)) if f.denominator is None else f.denominator


def _families(contest: Contest) -> NDArray[np.int64]:
    """(t,) what is drawn together: what any of the assessments draws together."""
    n = len(contest.shared)
    parts: list[NDArray[np.int64]] = []
    for d in contest.directories:
        place = {key: i for i, key in enumerate(d.keys("test"))}
        parts.append(d.family[[place[key] for key in contest.shared]])
    if all(np.array_equal(codes(p), codes(parts[0])) for p in parts):
        return codes(parts[0])
    rows = np.tile(np.arange(n), len(parts))
    offset = np.cumsum([n, *(int(p.max(initial=0)) + 1 for p in parts[:-1])])
    columns = np.concatenate([p + o for p, o in zip(parts, offset, strict=True)])
    size = int(columns.max(initial=0)) + 1
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(max(size, n), max(size, n)))
    return codes(connected_components(graph, directed=False)[1][:n].astype(np.int64))


def _seed(directories: list[Directory]) -> int:
    return directories[0].manifest.seed


def _draws(directories: list[Directory]) -> int:
    return max(d.record.draws or 0 for d in directories)


def _entry(label: str, d: Directory, model: ModelRecord) -> EntryRecord:
    verdict = model.verdict
    level = verdict.level if verdict is not None else ""
    ranked = level in RANKED
    return EntryRecord(
        label=label,
        model=model.name,
        folder=d.name,
        level=level,
        sentence=verdict.sentence if verdict is not None else "",
        reasons=verdict.reasons if verdict is not None else (),
        provided=len(verdict.provided) if verdict is not None else 0,
        ranked=ranked,
        why="" if ranked else f"its verdict is '{level}'" if level else "it has no verdict",
        n_abstained=model.n_abstained,
        n_seeds=model.n_seeds,
    )


def _source(d: Directory) -> SourceRecord:
    return SourceRecord(
        folder=d.name,
        study=d.record.study,
        assessment=file_sha256(d.folder / "assessment.json"),
        conditions=file_sha256(d.folder / "conditions.parquet"),
        scores=file_sha256(d.folder / "scores.parquet"),
        version=d.manifest.versions.get("vcassay", "unknown"),
        created=d.manifest.created,
        quick=d.record.quick,
    )


def _coverage(contest: Contest) -> str:
    n = len(contest.shared)
    parts = [f"{n / len(d.test):.0%} of the {len(d.test):,} of {d.name}" for d in contest.directories]
    return f"Compared on the {n:,} test conditions that all assessments share: {', '.join(parts)}."


def _of_training(directories: list[Directory]) -> list[str]:
    sizes = {d.name: frozenset(d.keys("train")) for d in directories}
    if len(set(sizes.values())) == 1:
        return []
    told = ", ".join(f"{len(known):,} in {name}" for name, known in sizes.items())
    return [f"What may be trained on differs ({told} conditions): a model may be better for it alone."]


def _of_seeds(entries: Sequence[EntryRecord], *, partial: bool) -> list[str]:
    several = [e.label for e in entries if e.n_seeds > 1]
    if not several:
        return []
    told = "is known for all test conditions alone and not in the intervals" if partial else "is in the intervals"
    return [f"Trained with several seeds, whose spread {told}: {first(several)}."]
