"""Contest: whether probes and sabotaged rungs lose, as they must; one that does not is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vcassay.core import Finding, Status
from vcassay.record.evidence import BaselineRecord, ComparisonRecord

SIMPLE = ("T0", "T1")
"""Tiers that know as little of a perturbation as a probe does."""
TELLS = {
    "cell_numbers": "numbers of cells and their depth",
    "batches": "batches",
}
"""What a probe reads, as the subject of a sentence."""
SENTENCE = {
    "shuffled_perturbations": "training effects exchanged among perturbations",
    "shuffled_features": "features exchanged among perturbations",
    "zeroed_features": "no features",
    "random_features": "random features of the same dimension",
    "shuffled_contexts": "control profiles exchanged among contexts",
}
"""What a sabotaged rung is left with."""
FAMILY = "baselines"


def sabotage_findings(
    rungs: Sequence[BaselineRecord],
    comparisons: Sequence[ComparisonRecord],
    titles: Mapping[str, str],
    no_signal: str = "",
) -> list[Finding]:
    """Say of each sabotage whether its intact twin beats it.

    PASS where the twin is better in a primary metric; WARN where it is better in none, and by less than the margin of
    equivalence in all, so that the input destroyed bought nothing; NA where that cannot be told, or was not asked.

    Parameters
    ----------
    rungs
        The ladder.
    comparisons
        Of each twin (``model``) with its sabotages (``baseline``), in the primary metrics.
    titles
        Of metrics.
    no_signal
        Why nothing can be scored; empty otherwise.
    """
    known = {rung.name: rung for rung in rungs}
    found = []
    for rung in rungs:
        if rung.kind != "sabotage":
            continue
        rows = [c for c in comparisons if (c.model, c.baseline) == (rung.twin, rung.name)]
        twin = known[rung.twin].title if rung.twin in known else rung.twin
        found.append(_sabotage(rung, twin, rows, titles, no_signal))
    return found


def _sabotage(
    rung: BaselineRecord, twin: str, rows: list[ComparisonRecord], titles: Mapping[str, str], no_signal: str
) -> Finding:
    def made(status: Status, sentence: str, **more: Any) -> Finding:
        return Finding(rung.name, f"Sabotage: {rung.title}", status, sentence, family=FAMILY, **more)

    if no_signal or not rung.ran:
        return made(Status.NA, f"Not measurable: {no_signal or rung.why}.")
    rows = [c for c in rows if c.difference is not None]
    left = SENTENCE.get(rung.name, rung.title)
    if not rows:
        return made(Status.NA, f"Not measurable: {twin} and its sabotage have no metric in common.")
    shown = max(rows, key=lambda c: (c.better, _low(c)))
    more: dict[str, Any] = {"value": shown.difference, "null": 0.0, "evidence": evidence(rows, titles)}
    if any(c.better for c in rows):
        return made(
            Status.PASS,
            f"With {left} {twin} loses: it is better intact by {numbers(shown, titles)}.",
            threshold=0.0,
            **more,
        )
    margin = rows[0].margin or 0.0
    if all(c.difference is not None and c.difference < margin for c in rows):
        return made(
            Status.WARN,
            f"With {left} {twin} does as well: intact it is better by {numbers(shown, titles)} at best. "
            f"What it gains here, if anything, is not domain knowledge.",
            threshold=margin,
            remedy="Hand in prior features that tell these perturbations apart, or claim no more than the means allow.",
            **more,
        )
    sentence = f"Cannot be told: with {left} {twin} differs by {numbers(shown, titles)}, {shown.n} conditions."
    return made(Status.NA, sentence, **more)


def probe_findings(
    rungs: Sequence[BaselineRecord],
    comparisons: Sequence[ComparisonRecord],
    values: Mapping[tuple[str, str], float],
    titles: Mapping[str, str],
    no_signal: str = "",
) -> list[Finding]:
    """Say of each probe whether it beats every legal mean: then effects can be told by what is no biology.

    WARN where it is better than all of them in one primary metric. To beat all at once is rare by chance, so that the
    level of each comparison (`better_level`) is not divided by metrics or probes.

    Parameters
    ----------
    comparisons
        Of each probe (``model``) with the legal baselines (``baseline``), in the primary metrics.
    values
        (rung, metric) to its score where the verdict is made.
    """
    tier = {rung.name: rung.tier for rung in rungs}
    titled = {rung.name: rung.title for rung in rungs}
    found = []
    for rung in rungs:
        if rung.kind != "probe":
            continue

        def made(status: Status, sentence: str, rung: BaselineRecord = rung, **more: Any) -> Finding:
            return Finding(rung.name, f"Probe: {rung.title}", status, sentence, family=FAMILY, **more)

        rows = [c for c in comparisons if c.model == rung.name and c.difference is not None]
        simple = [c for c in rows if tier.get(c.baseline) in SIMPLE]
        if no_signal or not rung.ran or not simple:
            why = no_signal or (rung.why if not rung.ran else "no legal mean was scored in the same metrics")
            found.append(made(Status.NA, f"Not measurable: {why}."))
            continue
        what = subject(rung)
        closest = {m: min((c for c in simple if c.metric == m), key=_low) for m in sorted({c.metric for c in simple})}
        beaten = [m for m, c in closest.items() if _beats([c for c in simple if c.metric == m])]
        m = max(beaten or closest, key=lambda name: _low(closest[name]))
        best = closest[m]
        more: dict[str, Any] = {
            "value": best.difference,
            "null": 0.0,
            "threshold": 0.0,
            "evidence": evidence(simple, titles),
        }
        score = f"{values.get((rung.name, m), float('nan')):.3f} in {titles.get(m, m)}"
        than = f"{titled[best.baseline]} ({values.get((best.baseline, m), float('nan')):.3f})"
        if not beaten:
            sentence = f"From {what} alone no more can be told than from a mean ({score}; {than})."
            found.append(made(Status.PASS, sentence, **more))
            continue
        all_rungs = all(_beats([c for c in rows if c.metric == k]) for k in beaten)
        further = ", and better than every legal baseline" if all_rungs else ""
        found.append(
            made(
                Status.WARN,
                f"From {what} alone effects can be told: {score}, better than every legal mean, the nearest being "
                f"{than}, by {numbers(best, titles)}{further}.",
                remedy=f"Hide {what} of the test conditions from models, or balance them between conditions.",
                **more,
            )
        )
    return found


def _beats(rows: list[ComparisonRecord]) -> bool:
    """Whether a probe is better than all of these."""
    return bool(rows) and all(c.better for c in rows)


def model_findings(
    rungs: Sequence[BaselineRecord],
    comparisons: Sequence[ComparisonRecord],
    models: Iterable[str],
    titles: Mapping[str, str],
    no_signal: str = "",
) -> list[Finding]:
    """Say of each model whether it beats every probe: better in a primary metric, and worse in none.

    Parameters
    ----------
    comparisons
        Of each model with the probes (``baseline``), in the primary metrics.
    """
    probes = [rung for rung in rungs if rung.kind == "probe" and rung.ran]
    found = []
    for model in models:

        def made(status: Status, sentence: str, model: str = model, **more: Any) -> Finding:
            title = "Better than cell numbers and batches"
            return Finding("beats_probes", title, status, sentence, model=model, family=FAMILY, **more)

        by_probe = {
            rung.name: [
                c for c in comparisons if (c.model, c.baseline) == (model, rung.name) and c.difference is not None
            ]
            for rung in probes
        }
        by_probe = {name: rows for name, rows in by_probe.items() if any(c.low is not None for c in rows)}
        if no_signal or not by_probe:
            why = no_signal or "no probe has a score with an interval in the same metrics"
            found.append(made(Status.NA, f"Not measurable: {why}."))
            continue
        every = [c for rows in by_probe.values() for c in rows]
        unbeaten = [r for r in probes if r.name in by_probe and not _won(by_probe[r.name])]
        rows = by_probe[unbeaten[0].name] if unbeaten else every
        shown = min(rows, key=_low) if unbeaten else max(rows, key=_low)
        more: dict[str, Any] = {"value": shown.difference, "null": 0.0, "threshold": 0.0}
        more["evidence"] = evidence(every, titles)
        if not unbeaten:
            names = " and ".join(sorted({subject(r) for r in probes if r.name in by_probe}))
            sentence = f"The model tells more of effects than {names} do (by {numbers(shown, titles)})."
            found.append(made(Status.PASS, sentence, **more))
            continue
        found.append(
            made(
                Status.WARN,
                f"The model is not better than what {subject(unbeaten[0])} alone tell: the difference is "
                f"{numbers(shown, titles)}.",
                remedy="A model that does not beat such a probe has shown no biology: ask what it learned.",
                **more,
            )
        )
    return found


def _won(rows: list[ComparisonRecord]) -> bool:
    return any(c.better for c in rows) and not any(c.worse for c in rows)


def subject(rung: BaselineRecord) -> str:
    """What a probe reads, in words."""
    return " and ".join(TELLS[r] for r in rung.reads if r in TELLS) or rung.title


def numbers(c: ComparisonRecord, titles: Mapping[str, str]) -> str:
    """Write a paired difference, its interval and its metric."""
    span = "" if c.low is None or c.high is None else f" [{c.low:.3f}, {c.high:.3f}]"
    return f"{c.difference:.3f}{span} in {titles.get(c.metric, c.metric)}"


def evidence(rows: Iterable[ComparisonRecord], titles: Mapping[str, str]) -> tuple[Mapping[str, Any], ...]:
    """Paired differences as rows of evidence."""
    return tuple(
        {
            "of": c.model,
            "over": c.baseline,
            "metric": titles.get(c.metric, c.metric),
            "difference": c.difference,
            "low": c.low,
            "high": c.high,
        }
        for c in rows
    )


def _low(c: ComparisonRecord) -> float:
    """Lower bound of a difference; the difference itself has to do where there is none."""
    return c.low if c.low is not None else (c.difference or 0.0) - 1e3
