"""Aliases: the names that publications give to metrics, what each compares, and its name in the catalogue."""

from __future__ import annotations

import re
from typing import NamedTuple

from vcassay.evidence.metrics.metric import METRICS
from vcassay.record.card import Measured

KINDS = {
    "error": "error",
    "correlation": "correlation",
    "interaction": "correlation",
    "retrieval": "retrieval",
    "calls": "calls",
    "magnitude": "magnitude",
    "null": "magnitude",
    "distribution": "distribution",
    "phenotype": "correlation",
    "pathway": "calls",
    "diversity": "magnitude",
    "ranking": "retrieval",
    "utility": "calls",
}
"""Family of the catalogue to what a card calls its kind."""
RAW = {
    "pearson_raw": "correlation", "r2_raw": "correlation", "mse": "error", "mae": "error", "rmse": "error",
    "r2_delta": "correlation", "r2_delta_clipped": "correlation", "nmse_raw": "error", "call_recall": "calls",
}  # fmt: skip
"""The same of the raw family, which holds several kinds."""


class Recognised(NamedTuple):
    """What a reported metric is.

    Attributes
    ----------
    name
        As the publication calls it.
    kind
        error, correlation, retrieval, calls, magnitude, distribution or classification; empty where not recognised.
    space
        raw, delta, ranks, calls, cells or scalar.
    genes
        all, variable, responding or test responding; empty where it is not said.
    metric
        Its name in the catalogue, where it is one of these.
    higher
        Whether more is better; ``None`` where that is not known.
    by_strength
        Whether it is also reported by effect size or reproducibility.
    """

    name: str
    kind: str
    space: str
    genes: str
    metric: str
    higher: bool | None
    by_strength: bool | None


_CALLS = (
    r"(overlap|\bdes\b|differential expression score|deg|\bde\b|called|precision|recall|jaccard|\bf1\b|mcc)"
    r"(?!.*pearson)"
)
_PATTERNS: tuple[tuple[str, str, str, str], ...] = (
    # pattern, kind, space, catalogue
    (r"(delta|delta20|lfc|logfc|fold change|change|differential|ate).*(pearson|pcc|corr)", "correlation", "delta",
     "pearson_delta"),
    (r"(pearson|pcc).*(delta|lfc|logfc|fold change|change|diff|shift)", "correlation", "delta", "pearson_delta"),
    (r"spearman.*(delta|lfc|logfc|fold change|change)", "correlation", "delta", "spearman_delta"),
    (r"(cosine).*(delta|lfc|logfc|fold change|change|top|de)?", "correlation", "delta", "cosine_delta"),
    (r"\br ?2\b.*(delta|change|logfc|lfc)", "correlation", "delta", "r2_delta"),
    (r"\b(r ?2|r squared|r2)\b", "correlation", "raw", "r2_raw"),
    (r"(perturbation discrimination|\bpds\b|discrimination score)", "retrieval", "delta", ""),
    (r"(\brank\b|ranks?|retrieval|recall at|mrr|top 1|hit rate|phenocopy|centroid accuracy|matching)", "retrieval",
     "delta", ""),
    (r"(number|effect size|count).*(spearman|corr)|(spearman|corr).*(number|effect size|count)", "magnitude", "calls",
     "call_count_spearman"),
    (r"(mse|rmse|mae|\bl2\b|\bl1\b|mean squared|mean absolute|squared error|absolute error|euclidean)", "error", "",
     ""),
    (r"(auroc|roc auc|\bauc\b|auprc|pr auc|average precision)", "calls", "ranks", ""),
    (_CALLS, "calls", "calls", ""),
    (r"(energy distance|e distance|edistance|mmd|wasserstein|sinkhorn|\bemd\b|scfid|\bfid\b|optimal transport)",
     "distribution", "cells", ""),
    (r"(accuracy|classification|macro f1|tpr|tnr)", "classification", "calls", ""),
    (r"(direction|sign)", "calls", "calls", "direction_match"),
    (r"(magnitude|effect size|norm)", "magnitude", "delta", ""),
    (r"(pearson|pcc|correlation|spearman|kendall)", "correlation", "", ""),
)  # fmt: skip
_EXACT = {
    "mse": "mse", "rmse": "rmse", "mae": "mae", "pds l1": "pds_l1", "pds l2": "pds_l2", "pds cosine": "pds_cosine",
    "mean squared error": "mse", "mean absolute error": "mae",
}  # fmt: skip
HIGHER = {
    "error": False,
    "distribution": False,
    "correlation": True,
    "retrieval": True,
    "calls": True,
    "classification": True,
}
"""Whether more is better, by kind; of magnitudes neither."""
_TEST_GENES = re.compile(
    r"(\bde ?\d+\b|top ?\d+ ?(de|deg)|degs?\b|delta ?20\b|\bde genes?|20 de|differentially expressed)"
)


def spelt(name: str) -> str:
    """A name in small letters and words, with the signs that carry a meaning written out."""
    text = name.casefold().replace("δ", " delta ").replace("∆", " delta ").replace("²", "2").replace("@", " at ")
    return " ".join(re.findall(r"[^\W_]+", text))


def recognise(measured: Measured) -> Recognised:
    """Say what a reported metric is, by what the card says of it, then by its name."""
    kind, space, metric = _by_name(spelt(measured.name))
    metric = measured.metric or metric
    if metric:
        meta = METRICS[metric].meta
        kind = KINDS.get(meta["family"], RAW.get(metric, kind))
        space = {"expression": "raw", "pathways": "calls"}.get(meta["space"], meta["space"])
    kind, space = measured.kind or kind, measured.space or space
    genes = measured.genes
    if not genes and kind in ("error", "correlation") and _TEST_GENES.search(spelt(measured.name)):
        genes = "test responding"
    higher = HIGHER.get(kind)
    if metric and not METRICS[metric].meta.get("centred", False):
        higher = bool(METRICS[metric].meta["higher_is_better"])
    elif kind == "retrieval" and re.search(r"\branks?\b", spelt(measured.name)) and not metric:
        higher = None  # a rank of 0 is best for some, of 1 for others
    return Recognised(measured.name, kind, space, genes, metric, higher, measured.by_strength)


def _by_name(own: str) -> tuple[str, str, str]:
    """Kind, space and catalogue name that a name speaks for; empty where it does not."""
    registered = own.replace(" ", "_")
    if registered in METRICS:
        return "", "", registered
    titled = next((e.name for e in METRICS if spelt(e.meta["title"]) == own), "")
    if titled:
        return "", "", titled
    if _EXACT.get(own):
        return "", "", _EXACT[own]
    for pattern, kind, space, metric in _PATTERNS:
        if re.search(pattern, own):
            known = metric if kind != "correlation" or not _TEST_GENES.search(own) else ""
            return kind, space, known
    return "", "", ""
