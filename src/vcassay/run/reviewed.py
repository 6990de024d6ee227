"""Reviewed: one benchmark of a card, walked through the rooms, with its findings and what the verdict asks of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from vcassay.claim import USES, Exposure
from vcassay.claim.protocols import Trap
from vcassay.claim.reported import judge_claim, published, stated_split
from vcassay.claim.stated import StatedSplit
from vcassay.claim.wording import Sentence
from vcassay.core import Finding, Regime, Status
from vcassay.core.regime import NEW_CONTEXT
from vcassay.evidence.baselines.reported import Reported, judge_baselines, recognise, report_ladder
from vcassay.evidence.biology.reported import Data
from vcassay.evidence.leakage.reported import TRAPS, Benched, exposed, judge_leakage
from vcassay.evidence.metrics.reported import (
    Outcome,
    judge_metrics,
    judge_results,
    judge_suite,
    read_results,
    said_of_all,
    together,
    usable,
)
from vcassay.evidence.metrics.reported import recognise as recognise_metric
from vcassay.evidence.metrics.reported.suite import has_interval
from vcassay.record.base import Reasoned
from vcassay.record.card import Benchmark, Card, Compared
from vcassay.record.claim import ApplicationRecord
from vcassay.record.review import BenchmarkReview, placed
from vcassay.run.reviewed_data import KnownData, known_data
from vcassay.verdict.reported import ReportedEvidence

OF_THE_COMPARISON = frozenset(
    {
        "No domain-informed baseline",
        "No additive or domain-informed baseline",
        "Means as the only baselines",
        "Means alone are scored",
        "Few contexts",
        "Baselines left out",
        "No gain over simple baselines",
    }
)
"""Traps of a split that speak of the comparison published with it: the card says what this publication compares."""


MADE = frozenset({"L17m", "L29", "L31", "L32"})
"""Checks of how the model was made: what fails of these is no leak by itself, but no gain can be judged with it."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One benchmark as reviewed.

    Attributes
    ----------
    record
        Stage 1, as stored.
    evidence
        What the verdict asks.
    findings
        Of all rooms.
    modality, data, single, scalar
        Kind of perturbation as stated, what the registry knows of the data set, whether one perturbation is tested,
        and whether the readout is one number.
    """

    record: BenchmarkReview
    evidence: ReportedEvidence
    findings: tuple[Finding, ...]
    modality: str
    data: KnownData
    single: bool = False
    scalar: bool = False


def review_benchmark(card: Card, benchmark: Benchmark, name: str, grave: Sequence[str]) -> Reviewed:
    """Walk one benchmark through the rooms.

    Parameters
    ----------
    name
        Title of the benchmark among those of the card.
    grave
        Leaks on which the headline result rests, as the card says.
    """
    protocol = published(benchmark)
    traps = tuple(t for t in protocol.traps if t.title not in OF_THE_COMPARISON) if protocol else ()
    data = known_data(benchmark.dataset)
    metrics = tuple(recognise_metric(m) for m in benchmark.metrics)
    scalar = bool(metrics) and all(m.space == "scalar" for m in metrics)
    bench = _bench(benchmark, stated_split(benchmark, modality=data.modality), data, traps, scalar=scalar)
    split = stated_split(benchmark, exposed(card.disclosure, bench), data.modality)
    alone = split is not None and all(s.contexts_train == 1 and s.regime in NEW_CONTEXT for s in split.strata)
    shown = report_ladder(benchmark, bench.regimes, bench.modality, single=bench.single, one_context=alone)
    by_name = {m.name: m for m in metrics}
    outcomes = read_results(benchmark.results, by_name, lambda name: _is_rival(name, shown), benchmark.by)
    ceiling = shown.replicate or any(r.ceiling is not None for r in benchmark.results)
    no_change = any(r.tier == "T0" for r in shown.rows)
    leaks = tuple(judge_leakage(card.leakage or (), card.disclosure, bench))
    findings = (
        *_claim(benchmark, split, card.claim.use, traps),
        *leaks,
        *(f for f in judge_baselines(shown) if f.check != "T4" or not ceiling),
        *judge_metrics(metrics, no_change=no_change, ceiling=ceiling),
        *judge_suite(benchmark, metrics, _contexts(split), _perturbations(split)),
        *judge_results(outcomes),
    )
    evidence = _evidence(name, benchmark, split, card.claim.use, shown, outcomes, findings)
    blocking = tuple(f"{f.title}: {f.sentence}" for f in leaks if f.blocks and f.status is Status.FAIL)
    made = MADE if split is not None else MADE | {"L21"}
    doubts = tuple(dict.fromkeys(f.sentence for f in leaks if f.check in made and f.status is Status.FAIL))
    evidence = replace(
        evidence,
        grave=(*grave, *blocking),
        doubts=doubts,
        usable=any(usable(m) for m in metrics),
        ceiling=ceiling,
        by=benchmark.by,
    )
    record = _record(name, split, shown, bench, ceiling=ceiling)
    return Reviewed(record, evidence, findings, bench.modality, data, bench.single, scalar)


def _bench(
    benchmark: Benchmark, split: StatedSplit | None, data: KnownData, traps: Iterable[Trap], *, scalar: bool
) -> Benched:
    regimes = tuple(dict.fromkeys(s.regime for s in split.strata)) if split else ()
    since = _day(split.truth_since) if split else None
    truth = split.truth if split else benchmark.truth
    modality = split.modality if split else benchmark.modality or data.modality
    contexts = split.contexts_test if split else benchmark.contexts_test
    exposure = Exposure(truth=truth, since=since, accessions=(*benchmark.dataset, *data.names))
    return Benched(regimes, modality, contexts, exposure, tuple(traps), _perturbations(split) == 1, data.checks, scalar)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _claim(benchmark: Benchmark, split: StatedSplit | None, use: str, traps: Iterable[Trap]) -> Iterator[Finding]:
    """Findings of stage 1, without traps that are leakage's."""
    own = {t.title for t in traps if t.title not in TRAPS}
    for found in judge_claim(benchmark, split, use):
        if found.check != "known" or found.title in own:
            yield found


def _is_rival(name: str, shown: Reported) -> bool:
    """Whether a comparison that a number names is a legal baseline; one that is not listed is judged by its name."""
    own = next((r for r in shown.rows if r.name == name), None)
    return shown.counted(own or recognise(Compared(name=name), frozenset(shown.regimes)))


def _contexts(split: StatedSplit | None) -> int | None:
    """Held-out contexts, where contexts are what is new."""
    if split is None:
        return None
    counts = [s.contexts_test for s in split.strata if s.regime in (*NEW_CONTEXT, Regime.FEW_SHOT)]
    if not counts:
        return None
    known = [c for c in counts if c is not None]
    return max(known) if known else len(split.contexts_test) or None


def _perturbations(split: StatedSplit | None) -> int | None:
    """Test perturbations, where all strata count them."""
    counts = [s.perturbations for s in split.strata] if split else [None]
    return None if None in counts else sum(c for c in counts if c is not None)


def _evidence(
    name: str,
    benchmark: Benchmark,
    split: StatedSplit | None,
    use: str,
    shown: Reported,
    outcomes: Sequence[Outcome],
    findings: Sequence[Finding],
) -> ReportedEvidence:
    fit = split.fit(use) if split is not None and use else None
    good = [o for o in outcomes if usable(o.metric)]
    return ReportedEvidence(
        title=name,
        regime=split.regime if split else None,
        claim=split.sentence() if split else "",
        fit=fit.fit if fit else "direct",
        fit_reason=fit.reason if fit else "",
        use=USES[use] if use else "",
        lost=tuple(o.text for o in good if o.word == "loss"),
        won=tuple(o.text for o in good if o.word == "gain"),
        unresolved=tuple(o.text for o in good if o.word in ("unresolved", "no interval")),
        compared=bool(shown.baselines),
        trivial=shown.trivial and shown.lacks_domain,
        unread=tuple(dict.fromkeys(r.against for r in benchmark.results if shown.unread(r.against))),
        needed=shown.needed if split else (),
        interval=has_interval(benchmark),
        open=tuple(dict.fromkeys(f.title for f in findings if f.family == "leakage" and f.status is Status.UNKNOWN)),
    )


def _record(name: str, split: StatedSplit | None, shown: Reported, bench: Benched, *, ceiling: bool) -> BenchmarkReview:
    missing = [w.title for w in shown.lacking] if split else []
    if not ceiling:
        missing.append("a replicate reference (noise ceiling)")
    unknown = "What is new about the test conditions is not described: the score claims nothing in particular."
    return BenchmarkReview(
        title=name,
        regime=split.regime if split else "",
        regimes=tuple(bench.regimes),
        modality=bench.modality,
        sentence=split.sentence() if split else unknown,
        supports=_plain(split.supports()) if split else (),
        does_not_support=_plain(split.does_not_support()) if split else (),
        provisos=_plain(split.provisos()) if split else (),
        applications=tuple(ApplicationRecord(use=u, **f._asdict()) for u, f in split.fits().items()) if split else (),
        tiers=shown.tiers,
        uncounted=shown.uncounted,
        missing=tuple(missing),
    )


def _plain(sentences: Iterable[Sentence]) -> tuple[Reasoned, ...]:
    return tuple(Reasoned(sentence=s.sentence, reason=s.reason) for s in sentences)


def joined(reviewed: Sequence[Reviewed]) -> Iterator[Finding]:
    """Findings of all benchmarks; what holds of each is said once, what holds of some names them."""
    titles = [r.record.title for r in reviewed]
    of: dict[tuple[str, str, str, str], tuple[list[Finding], list[str]]] = {}
    for r in reviewed:
        for found in r.findings:
            told = "" if found.check == "known" else said_of_all(found)
            key = (found.family, found.check, found.title, told)
            kept, where = of.setdefault(key, ([], []))
            kept.append(found)
            where.append(r.record.title)
    for kept, where in of.values():
        found = together(kept)
        if len(where) >= len(titles):
            yield found
        else:
            rows = (*({"benchmark": name} for name in where), *found.evidence)
            yield replace(found, sentence=placed(where, found.sentence), evidence=rows)


def data_of(reviewed: Sequence[Reviewed]) -> Data:
    """What the benchmarks' data let one ask of biology; nothing is ruled out while a data set is not known."""
    kinds = [r.data.kinds | ({r.modality} if r.modality else set()) for r in reviewed]
    if not kinds or not all(kinds):
        return Data(scalar=bool(reviewed) and all(r.scalar for r in reviewed))
    doses = [r.data.doses for r in reviewed]
    several = True if any(doses) else None if None in doses else False
    single, scalar = (all(getattr(r, what) for r in reviewed) for what in ("single", "scalar"))
    return Data(frozenset().union(*kinds), several, single, scalar)
