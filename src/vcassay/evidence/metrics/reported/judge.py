"""What each reported metric measures of the claim, what it cannot, and what it must be read with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vcassay.core import Finding, Status
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.reported.aliases import Recognised

TITLES = {
    "raw": "Expression itself is compared",
    "test_genes": "Genes chosen by their response in the test set",
    "strength": "Correlation without effect size or reproducibility",
    "retrieval": "Retrieval without its candidates",
    "calls": "Called genes without both kinds of mistakes",
    "distribution": "Distances between cells without a floor",
    "error": "Error without a scale",
    "magnitude": "Size without direction",
    "classification": "Classification in aggregate",
    "unclear": "What is compared is not said",
    "unrecognised": "Metric not recognised",
}
"""Findings of this room that speak of one metric."""

SPACE_QUESTION = "Is it computed on expression or on changes from control, and on which genes?"
CANDIDATES_QUESTION = (
    "Against which candidates is retrieval scored, what is chance, are the perturbed genes left out, and how do near "
    "relatives (paralogs, neighbouring doses) count?"
)
STRENGTH_QUESTION = "What is the score by strength of the effect, or by how well replicates agree?"


def judge_metrics(metrics: Sequence[Recognised], *, no_change: bool, ceiling: bool) -> Iterator[Finding]:
    """One finding a reported metric, and a second where its genes are chosen on the test set.

    Parameters
    ----------
    no_change
        Whether the score of no change is reported beside it.
    ceiling
        Whether a replicate's score is.
    """
    kinds = {m.kind for m in metrics}
    for m in metrics:
        finding = _judge(m, kinds, no_change=no_change, ceiling=ceiling)
        if finding is not None:
            yield finding
        if m.genes == "test responding":
            whole = any(o is not m and o.kind == m.kind and o.genes != "test responding" for o in metrics)
            beside = (
                "; the same on all genes is reported beside it" if whole else ", and nothing on all genes is reported"
            )
            sentence = (
                f"{m.name} looks at genes chosen by their response in the test set: their noise is chosen with them, "
                f"and false responses of other genes cost nothing{beside}."
            )
            remedy = "Choose genes on training data, or on the half of the cells that is not scored."
            yield _finding("test_genes", m, Status.WARN, sentence, remedy=remedy)


def usable(m: Recognised) -> bool:
    """Whether a metric measures something of a perturbation's effect, read by itself or with another.

    Not raw correlation, which measures what cells are, and no distance or score of which nothing is known.
    """
    return bool(m.kind) and not (m.space == "raw" and m.kind == "correlation")


def _judge(m: Recognised, kinds: set[str], *, no_change: bool, ceiling: bool) -> Finding | None:
    if not m.kind:
        sentence = (
            f"'{m.name}' is not recognised: say which it is (metric = a name of `vcassay list metrics`, or kind)."
        )
        return _finding("unrecognised", m, Status.UNKNOWN, sentence, question=f"How is '{m.name}' computed?")
    match m.kind:
        case "correlation":
            return _correlation(m, kinds, no_change=no_change)
        case "error":
            return _error(m, no_change=no_change, ceiling=ceiling)
        case "retrieval":
            sentence = (
                f"{m.name} measures whether predictions tell perturbations apart, not whether they are right: a panel "
                f"of unlike perturbations is easy, near relatives are true ties{_fooled(m)}."
            )
            return _finding("retrieval", m, Status.WARN, sentence, question=CANDIDATES_QUESTION)
        case "calls":
            sentence = (
                f"{m.name} measures which genes respond, at the power that the number of cells gives; it needs "
                f"precision and recall with the numbers of calls beside it{_fooled(m)}."
            )
            return _finding("calls", m, Status.WARN, sentence)
        case "distribution":
            floor = "" if ceiling else ", and the distance between two halves of the measured cells is not reported"
            sentence = (
                f"{m.name} compares populations of cells, most of which is the shift of the mean: no gain in it shows "
                f"that single cells are right{floor}{_fooled(m)}."
            )
            return _finding("distribution", m, Status.PASS if ceiling else Status.WARN, sentence)
        case "magnitude":
            sentence = f"{m.name} measures how large effects are, not whether they point the right way{_fooled(m)}."
            alone = kinds <= {"magnitude"}
            return _finding("magnitude", m, Status.WARN if alone else Status.PASS, sentence)
    sentence = (
        f"{m.name} pools genes and perturbations: genes that respond to everything carry it, unless it is also "
        f"reported gene by gene{_fooled(m)}."
    )
    return _finding("classification", m, Status.WARN, sentence)


def _correlation(m: Recognised, kinds: set[str], *, no_change: bool) -> Finding:
    """The founding document's two examples: raw expression space, and correlation alone in wide screens."""
    if m.space == "raw":
        beside = (
            "its score for no change is reported beside it, and is what to compare with"
            if no_change
            else "no change would score highly, and its score is not reported"
        )
        sentence = (
            f"{m.name} compares expression itself, which is mostly the identity of the cells and little of the "
            f"perturbation: {beside}."
        )
        remedy = "Score changes from matched controls, with no change beside it."
        return _finding("raw", m, Status.WARN if no_change else Status.FAIL, sentence, remedy=remedy)
    if not m.space:
        sentence = (
            f"Whether {m.name} compares expression or changes from control is not said: of expression, no change "
        )
        return _finding("unclear", m, Status.UNKNOWN, f"{sentence}scores highly.", question=SPACE_QUESTION)
    size = (
        ""
        if {"error", "magnitude"} & kinds
        else "; and it is blind to the size of the effect, which nothing else tells"
    )
    if m.by_strength:
        sentence = (
            f"{m.name} measures the direction of the change, and is also reported by strength of the effect{size}."
        )
        return _finding("strength", m, Status.WARN if size else Status.PASS, sentence)
    sentence = (
        f"{m.name} measures the direction of the change where there is one: of effects near zero it measures noise, "
        f"and it is not reported by effect size or reproducibility{size}."
    )
    return _finding("strength", m, Status.WARN, sentence, question=STRENGTH_QUESTION)


def _error(m: Recognised, *, no_change: bool, ceiling: bool) -> Finding:
    sentence = (
        f"{m.name} is mostly the noise of the measurement, and rewards predicting little: most genes do not respond"
    )
    lacking = [w for w, known in (("no change", no_change), ("a replicate", ceiling)) if not known]
    if not lacking:
        return _finding("error", m, Status.PASS, f"{sentence}; no change and a replicate give it a scale.")
    return _finding(
        "error",
        m,
        Status.WARN,
        f"{sentence}, and {' and '.join(lacking)}, which would give it a scale, {'is' if len(lacking) == 1 else 'are'} "
        "not reported.",
        remedy="Report it relative to the error of no change, less the noise of the truth.",
    )


def _fooled(m: Recognised) -> str:
    """How the catalogue says that a metric can be fooled."""
    how = METRICS[m.metric].meta["fooled_by"] if m.metric else ""
    return f"; it can be fooled by: {how}" if how else ""


def _finding(
    name: str, m: Recognised, status: Status, sentence: str, *, question: str = "", remedy: str = ""
) -> Finding:
    rows = ({"metric": m.name, "catalogue": m.metric, "kind": m.kind, "space": m.space, "genes": m.genes},)
    asked = f"{m.name}: {question}" if question and name in ("unclear",) else question
    return Finding(
        check=name,
        title=TITLES[name],
        status=status,
        sentence=sentence,
        evidence=rows,
        question=asked,
        remedy=remedy,
        family="metrics",
    )
