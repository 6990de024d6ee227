"""Wanted rungs: which baselines matter most under a regime, so that a reader looks for them in a results table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from vcassay.claim import REGIME_GRANTS
from vcassay.core import Regime
from vcassay.evidence.baselines.baseline import BASELINES
from vcassay.record.card import COMPOUND_KINDS

REGRESSIONS = (
    "random_forest", "ridge", "feature_knn", "elastic_net", "gradient_boosting", "kernel_ridge", "pls",
    "gene_loading_prior",
)  # fmt: skip
"""Rungs that learn from prior features: one of them stands for all."""


class Wanted(NamedTuple):
    """Rungs of which one at least is looked for.

    Attributes
    ----------
    key
        The first of them, by which questions name it.
    tier
        Its tier.
    title
        What it is, in words.
    members
        Rungs any of which answers it.
    why
        What it would tell.
    needed
        Whether the verdict cannot do without it.
    """

    key: str
    tier: str
    title: str
    members: tuple[str, ...]
    why: str
    needed: bool = False


_FEATURES = Wanted(
    "random_forest", "T3", "a forest, ridge or nearest neighbours on prior features", REGRESSIONS,
    "what a computational biologist would try first often closes most of the apparent gain",
)  # fmt: skip
_DRUG_FEATURES = _FEATURES._replace(
    title="a forest, ridge or nearest neighbours on fingerprints or annotated targets",
    members=(*REGRESSIONS, "nearest_compound"),
)
_TARGET = Wanted(
    "target_mean", "T1", "the mean of training compounds with the same target or mechanism",
    ("target_mean", "mechanism_mean"), "a compound whose target was trained is then no new biology",
)  # fmt: skip
_MEAN = Wanted(
    "perturbed_mean", "T1", "the mean of the training perturbations",
    ("perturbed_mean", "perturbed_mean_cells", "context_mean", "informed_mean", "target_scaling"),
    "a programme common to all perturbations makes the mean look good",
)  # fmt: skip
_CONTEXT_MEAN = Wanted(
    "context_mean", "T1", "the mean of what was shown in the test context", ("context_mean", "perturbed_mean"),
    "it needs no model",
)  # fmt: skip
_ELSEWHERE = Wanted(
    "perturbation_mean", "T1", "the same perturbation's mean effect in other contexts",
    ("perturbation_mean", "general_mean"), "the answer may simply be carried over",
)  # fmt: skip
_ADDITIVE = Wanted(
    "additive", "T2", "the additive model of context and perturbation", ("additive",),
    "both parts are known, and their sum captures most of what can be explained", needed=True,
)  # fmt: skip
_NEAREST = Wanted(
    "nearest_context", "T3", "the same perturbation in the nearest context", ("nearest_context", "related_contexts",
    "similar_responses", "context_regression"), "a copy from the most similar cell line needs no training",
)  # fmt: skip
_SUM = Wanted(
    "additive_combination", "T2", "the sum of the parts' effects", ("additive_combination", "global_epistasis",
    "one_hot"), "only what is beyond the sum is an interaction", needed=True,
)  # fmt: skip
_DOSES = Wanted(
    "dose_interpolation", "T2", "interpolation over doses or times", ("dose_interpolation",),
    "the other doses of the same treatment are known", needed=True,
)  # fmt: skip
_NEAREST_DOSE = Wanted(
    "nearest_dose", "T1", "the nearest dose or time", ("nearest_dose",), "a copy of it needs no model"
)
_LINEAR = Wanted(
    "gene_loading", "T2", "the linear model of gene loadings",
    ("gene_loading", "gene_loading_prior", "gene_loading_transfer", "response_transfer"),
    "deep models were shown not to beat it",
)  # fmt: skip
_KIN = Wanted(
    "coexpression_knn", "T3", "the nearest training genes", ("coexpression_knn", "feature_knn", "trained_relatives"),
    "a copy of the most similar training gene tells memory from generalisation",
)  # fmt: skip
_COMPOUND = Wanted(
    "nearest_compound", "T3", "the nearest training compounds by structure", ("nearest_compound", "feature_knn"),
    "a copy of the most similar compound tells memory from generalisation",
)  # fmt: skip
_GENETIC = Wanted(
    "target_effect", "T3", "the genetic effect of the compound's target, scaled", ("target_effect",),
    "it is what cross-modality transfer has to beat",
)  # fmt: skip

_BY_GENES: dict[Regime, tuple[Wanted, ...]] = {
    Regime.RANDOM_CELLS: (_CONTEXT_MEAN,),
    Regime.DOSE: (_DOSES, _NEAREST_DOSE),
    Regime.TIME: (_DOSES, _NEAREST_DOSE),
    Regime.FEW_SHOT: (_ADDITIVE, _NEAREST, _ELSEWHERE, _CONTEXT_MEAN),
    Regime.COMBINATION: (_SUM, _FEATURES, _MEAN),
    Regime.GEX: (_FEATURES, _LINEAR, _KIN, _MEAN),
    Regime.DEX: (_DRUG_FEATURES, _TARGET, _COMPOUND, _MEAN),
    Regime.MODALITY: (_GENETIC, _FEATURES, _MEAN),
    Regime.CEX: (_ADDITIVE, _NEAREST, _ELSEWHERE),
    Regime.AEX: (_FEATURES, _MEAN),
}
_BY_COMPOUNDS = _BY_GENES | {
    Regime.COMBINATION: (_SUM, _DRUG_FEATURES, _MEAN),
    Regime.AEX: (_DRUG_FEATURES, _TARGET, _MEAN),
}
NEEDED = "T3"
"""The tier without which the verdict cannot tell, where the split lets any of its rungs answer."""
SAME_CONDITION = frozenset({Regime.RANDOM_CELLS})
"""Regimes in which nothing is unseen, so that no domain knowledge is called for."""


def wanted_under(
    regimes: Iterable[Regime], modality: str = "", *, single: bool = False, one_context: bool = False
) -> tuple[Wanted, ...]:
    """Rungs that a reader looks for under these regimes, those first that matter most.

    Parameters
    ----------
    modality
        Kind of perturbation: of compounds, structure and targets are what is known.
    single
        Whether a single perturbation is tested: the additive model of context and perturbation is then its mean.
    one_context
        Whether a single context is trained: no other is nearer, and its effect is all there is to carry over.
    """
    compounds = modality in COMPOUND_KINDS
    table = _BY_COMPOUNDS if compounds else _BY_GENES
    found = {w.key: w for regime in regimes for w in table[regime] if not (single and w is _ADDITIVE)}
    if one_context and found.pop(_NEAREST.key, None) is not None:
        found.pop(_ADDITIVE.key, None)
        learned = _DRUG_FEATURES if compounds else _FEATURES
        found |= {_ELSEWHERE.key: _ELSEWHERE, learned.key: learned}
    return tuple(sorted(found.values(), key=lambda w: (not w.needed, w.tier != NEEDED, -int(w.tier[1]))))


def legal_under(baseline: str, regimes: Iterable[Regime]) -> bool:
    """Whether a rung reads no more than one of the regimes grants."""
    entry = BASELINES[baseline]
    reads = set(entry.meta["reads"])
    return entry.meta["kind"] == "baseline" and any(reads <= REGIME_GRANTS[regime] for regime in regimes)
