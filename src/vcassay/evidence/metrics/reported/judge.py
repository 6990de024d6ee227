"""What each reported metric measures of the claim, what it cannot, and what it must be read with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from vcassay.core import Finding, Status
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.reported.aliases import Recognised

TITLES = {
    "raw": "Expression itself is compared",
    "test_genes": "Genes chosen by their response in the test set",
    "strength": "Correlation, and the strength of effects",
    "retrieval": "Retrieval, and its candidates",
    "calls": "Called genes, and both kinds of mistakes",
    "distribution": "Distances between cells, and their floor",
    "error": "Error, and its scale",
    "magnitude": "Size without direction",
    "classification": "Classification in aggregate",
    "scalar": "One number, and what it is pooled over",
    "unclear": "What is compared is not said",
    "unrecognised": "Metric not recognised",
}
"""Findings of this room that speak of one metric, or of several of which the same holds."""

SPACE_QUESTION = "Is it computed on expression or on changes from control, and on which genes?"
CANDIDATES_QUESTION = (
    "Against which candidates is retrieval scored, what is chance, are the perturbed genes left out, and how do near "
    "relatives (paralogs, neighbouring doses) count?"
)
POOLED_QUESTION = (
    "Is the score taken within each context and within each perturbation, or pooled over both, and what does the "
    "additive model of the two score?"
)
STRENGTH_QUESTION = "What is the score by strength of the effect, or by how well replicates agree?"


class Judged(NamedTuple):
    """What is said of a metric; the sentence follows its name and a colon."""

    check: str
    status: Status
    sentence: str
    question: str = ""
    remedy: str = ""


def judge_metrics(metrics: Sequence[Recognised], *, no_change: bool, ceiling: bool) -> Iterator[Finding]:
    """One finding for all metrics of which the same holds, and one more where genes are chosen on the test set.

    Parameters
    ----------
    no_change
        Whether the score of no change is reported beside them.
    ceiling
        Whether a replicate's score is.
    """
    kinds = {m.kind for m in metrics}
    said: dict[Judged, list[Recognised]] = {}
    for m in metrics:
        said.setdefault(_judge(m, kinds, no_change=no_change, ceiling=ceiling), []).append(m)
        if m.genes == "test responding":
            said.setdefault(_test_genes(m, metrics), []).append(m)
    for judged, of in said.items():
        names = list(dict.fromkeys(m.name for m in of))
        rows = tuple(
            {"metric": m.name, "catalogue": m.metric, "kind": m.kind, "space": m.space, "genes": m.genes} for m in of
        )
        asked = (
            f"{', '.join(names)}: {judged.question}" if judged.check in ("unclear", "unrecognised") else judged.question
        )
        yield Finding(
            check=judged.check,
            title=TITLES[judged.check],
            status=judged.status,
            sentence=f"{', '.join(names)}: {judged.sentence}.",
            evidence=rows,
            question=asked,
            remedy=judged.remedy,
            family="metrics",
        )


def said_of_all(found: Finding) -> str:
    """What a finding says of its metrics, without their names: findings that say the same are one."""
    names = _names([found])
    return found.sentence.removeprefix(f"{', '.join(names)}: ") if found.family == "metrics" else found.sentence


def together(found: Sequence[Finding]) -> Finding:
    """Join findings of several benchmarks that say the same of maybe different metrics."""
    names = _names(found)
    if len(found) == 1 or not names or found[0].family != "metrics":
        return found[0]
    rows = list({str(row["metric"]): row for f in found for row in f.evidence if "metric" in row}.values())
    sentence = f"{', '.join(names)}: {said_of_all(found[0])}"
    return replace(found[0], sentence=sentence, evidence=tuple(rows))


def _names(found: Sequence[Finding]) -> list[str]:
    return list(dict.fromkeys(str(row["metric"]) for f in found for row in f.evidence if "metric" in row))


def usable(m: Recognised) -> bool:
    """Whether a metric measures something of a perturbation's effect, read by itself or with another.

    Not a correlation of expression itself, which measures what cells are, and nothing that is not recognised.
    """
    return bool(m.kind) and not (m.space == "raw" and m.kind == "correlation")


def _test_genes(m: Recognised, metrics: Sequence[Recognised]) -> Judged:
    whole = any(o is not m and o.kind == m.kind and o.genes != "test responding" for o in metrics)
    beside = (
        "the same kind of score on all genes is beside it"
        if whole
        else "no score of its kind on all genes is beside it"
    )
    sentence = (
        "genes are chosen by their response in the test set, so their noise is chosen with them, and false responses "
        f"of other genes cost nothing; {beside}"
    )
    remedy = "Choose genes on training data, or on the half of the cells that is not scored."
    return Judged("test_genes", Status.WARN, sentence, remedy=remedy)


def _judge(m: Recognised, kinds: set[str], *, no_change: bool, ceiling: bool) -> Judged:
    if m.space == "scalar" and m.kind in ("correlation", "error", "calls"):
        return _scalar(m)
    match m.kind:
        case "":
            sentence = "not recognised; say which it is (metric = a name of `vcassay list metrics`, or kind and space)"
            return Judged("unrecognised", Status.UNKNOWN, sentence, question="How is it computed, and on what?")
        case "correlation":
            return _correlation(m, kinds, no_change=no_change)
        case "error":
            return _error(m, no_change=no_change, ceiling=ceiling)
        case "retrieval":
            sentence = (
                "measures whether predictions tell perturbations apart, not whether they are right; unlike "
                f"perturbations are easy, near relatives are true ties, and chance must be stated{_fooled(m)}"
            )
            return Judged("retrieval", Status.WARN, sentence, question=CANDIDATES_QUESTION)
        case "calls":
            sentence = (
                "measures which genes respond, at the power that the number of cells gives; it needs precision and "
                f"recall with the numbers of calls beside it{_fooled(m)}"
            )
            return Judged("calls", Status.WARN, sentence)
        case "distribution":
            floor = (
                "" if ceiling else "; the distance between two halves of the measured cells, its floor, is not reported"
            )
            sentence = (
                "compares populations of cells, most of which is the shift of their mean, so a gain in it does not "
                f"show that single cells are right{floor}{_fooled(m)}"
            )
            return Judged("distribution", Status.PASS if ceiling else Status.WARN, sentence)
        case "magnitude":
            sentence = f"measures how large effects are, not whether they point the right way{_fooled(m)}"
            return Judged("magnitude", Status.WARN if kinds <= {"magnitude"} else Status.PASS, sentence)
    sentence = (
        "pools genes and perturbations, so that genes that respond to everything carry it unless it is also reported "
        f"gene by gene{_fooled(m)}"
    )
    return Judged("classification", Status.WARN, sentence)


def _scalar(m: Recognised) -> Judged:
    """Of viability, fitness or an interaction score: no genes, no direction, and a pool that may carry all of it."""
    if m.kind == "calls":
        sentence = (
            "measures which conditions are called; with few positives it depends on how many there are, so chance and "
            "the share of positives must be stated"
        )
        return Judged("calls", Status.WARN, sentence)
    sentence = (
        "of one number a condition; pooled over perturbations and contexts it is mostly the difference between "
        "perturbations, which their means predict: it must be taken within each, or set beside the additive model"
    )
    return Judged("scalar", Status.WARN, sentence, question=POOLED_QUESTION)


def _correlation(m: Recognised, kinds: set[str], *, no_change: bool) -> Judged:
    """The founding document's two examples: raw expression space, and correlation alone in wide screens."""
    if m.space == "raw":
        beside = (
            "the score of no change is beside it, and is what to compare with"
            if no_change
            else "predicting no change would score highly, and its score is not reported"
        )
        sentence = f"compares expression itself, which is mostly the identity of the cells; {beside}"
        remedy = "Score changes from matched controls, with no change beside it."
        return Judged("raw", Status.WARN if no_change else Status.FAIL, sentence, remedy=remedy)
    if not m.space:
        sentence = (
            "expression or changes from control, which is not said; of expression itself, no change scores highly"
        )
        return Judged("unclear", Status.UNKNOWN, sentence, question=SPACE_QUESTION)
    size = (
        ""
        if {"error", "magnitude"} & kinds or m.metric.startswith("r2")
        else "; it is blind to the size of effects, which nothing else here tells"
    )
    if m.by_strength:
        sentence = f"measures the direction of the change, and is also reported by strength of the effect{size}"
        return Judged("strength", Status.WARN if size else Status.PASS, sentence)
    sentence = (
        "measures the direction of the change where there is one; of effects near zero it measures noise, and it is "
        f"not reported by effect size or reproducibility{size}"
    )
    return Judged("strength", Status.WARN, sentence, question=STRENGTH_QUESTION)


def _error(m: Recognised, *, no_change: bool, ceiling: bool) -> Judged:
    if m.metric and "noise-corrected" in METRICS[m.metric].meta["title"]:
        return Judged("error", Status.PASS, f"measures the error of the change, freed of noise{_fooled(m)}")
    sentence = "mostly the noise of the measurement, and rewards predicting little, since most genes do not respond"
    lacking = [w for w, known in (("no change", no_change), ("a replicate", ceiling)) if not known]
    if not lacking:
        return Judged("error", Status.PASS, f"{sentence}; no change and a replicate give it a scale")
    told = f"{' and '.join(lacking)}, which would give it a scale, {'is' if len(lacking) == 1 else 'are'} not reported"
    remedy = "Report it relative to the error of no change, less the noise of the truth."
    return Judged("error", Status.WARN, f"{sentence}; {told}", remedy=remedy)


def _fooled(m: Recognised) -> str:
    """How the catalogue says that a metric can be fooled."""
    how = str(METRICS[m.metric].meta["fooled_by"]).partition(";")[0] if m.metric else ""
    return f"; fooled by {how}" if how else ""
