"""Aliases: the names that publications give to baselines, and which rung each of them is."""

from __future__ import annotations

import re
from typing import NamedTuple

from vcassay.core import Regime
from vcassay.evidence.baselines.baseline import BASELINES
from vcassay.record.card import Compared

MODEL = "model"
"""Tier of a rival: another complex model, which is no baseline."""
REPLICATE = "T4"


class Recognised(NamedTuple):
    """What a reported comparison is.

    Attributes
    ----------
    name
        As the publication calls it.
    tier
        T0 to T3, ``T4`` for a replicate reference, ``model`` for a rival; empty where it is not recognised.
    baseline
        The rung's name in the registry, where it is one of its.
    flaw
        What is known to be wrong with it: a flawed baseline does not count.
    """

    name: str
    tier: str
    baseline: str = ""
    flaw: str = ""


ALIASES: dict[str, tuple[str, ...]] = {
    "no_change": (
        "no change", "nochange", "no effect", "control", "controls", "control mean", "control copy", "unperturbed",
        "identity", "no perturb", "noperturb", "noperturbation", "no perturbation", "dmso", "zero", "zeros", "non ctrl",
        "negative control", "discard drug", "random from control", "baseline expression",
    ),
    "perturbed_mean": (
        "mean", "train mean", "training mean", "global mean", "mean effect", "average", "average effect", "mean shift",
        "perturbed mean", "pert mean all", "mean baseline", "mean response", "dataset mean", "nonctl mean",
        "mean of training perturbations", "mean perturbed profile", "mean across perturbations", "non control mean",
    ),
    "context_mean": (
        "cell mean", "context mean", "cell line mean", "cell type mean", "mean per cell line", "mean of the cell line",
        "celltype mean", "mean within context", "donor mean",
    ),
    "perturbation_mean": (
        "perturbation mean", "pert mean", "drug mean", "compound mean", "mean per perturbation", "treatment mean",
        "mean across cell types", "vector arithmetic",
        "vector arithmetics", "mean shift of other cell types",
        "mean across contexts", "mean over contexts", "same perturbation in other contexts",
        "perturbation mean across contexts", "cross context mean", "mean per drug",
    ),
    "general_mean": ("general baseline", "txpert general baseline"),
    "matching_mean": ("matching mean", "mean of partners", "mean of the partners"),
    "informed_mean": ("crispr informed mean", "informed mean"),
    "mechanism_mean": ("moa mean", "mechanism mean", "mean of the mechanism", "mean by moa"),
    "target_mean": ("target mean", "target class mean", "mean of the target", "mean by target"),
    "nearest_dose": ("nearest dose", "closest dose"),
    "additive": (
        "additive context perturbation", "context perturbation additive", "additive bias model", "two way additive",
        "additive context and perturbation", "context plus perturbation", "bias model", "anova", "two way model",
        "cell line plus drug", "additive cell line and drug",
    ),
    "additive_combination": (
        "sum of singles", "sum of the singles", "additive combination", "additive combinations", "sum of effects",
        "additive doubles", "sum of the parts", "additive effects", "additive baseline of singles",
    ),
    "dose_interpolation": ("dose interpolation", "interpolation", "linear interpolation", "dose interpolated"),
    "gene_loading": (
        "linear", "linear model", "linear baseline", "low rank linear", "linear pca", "pca linear", "bilinear",
        "ahlmann eltze linear", "linear gene embedding", "linear gene loading", "linear perturbation model",
    ),
    "gene_loading_transfer": ("linear pretrained on perturbation data", "linear with pretrained p"),
    "gene_loading_prior": ("linear with prior embeddings", "linear scgpt embedding", "linear with gene embeddings"),
    "one_hot": ("one hot linear", "one hot ridge", "linear one hot"),
    "global_epistasis": ("global epistasis",),
    "response_transfer": ("cross dataset transfer", "response transfer"),
    "ridge": (
        "ridge", "ridge regression", "linear regression on features", "fingerprint ridge", "fp ridge", "genepert",
        "ridge on embeddings", "ridge on features", "ridge on text embeddings", "lasso", "lasso go",
    ),
    "random_forest": ("random forest", "rf", "forest", "random forest regressor", "rf go", "extra trees"),
    "gradient_boosting": ("catboost", "xgboost", "lightgbm", "gradient boosting", "gbm", "boosted trees", "pyboost"),
    "elastic_net": ("elastic net", "elasticnet", "en"),
    "kernel_ridge": ("kernel ridge", "gaussian process", "gp", "kernel ridge regression", "svr"),
    "pls": ("pls", "partial least squares"),
    "feature_knn": (
        "knn", "k nn", "nearest neighbour", "nearest neighbor", "nearest neighbours", "nearest neighbors", "1 nn",
        "knn on features", "knn on embeddings", "nearest gene", "nearest perturbation", "k nearest neighbours",
        "k nearest neighbors",
    ),
    "nearest_compound": (
        "nearest compound", "nearest drug", "tanimoto", "tanimoto knn", "tanimoto nearest neighbour", "fingerprint knn",
        "structural nearest neighbour", "similar compound",
    ),
    "nearest_context": (
        "nearest cell line", "nearest context", "nearest line", "nearest cell type", "most similar cell line",
        "cross context knn", "nearest cell lines", "knn over cell lines", "nearest donor",
    ),
    "context_regression": ("context regression", "regression on control expression", "ridge on control expression"),
    "coexpression_knn": ("co expression knn", "coexpression knn", "coexpressed genes"),
    "target_effect": ("effect of the target knock down", "target knockdown"),
    "trained_relatives": ("paralog copy", "complex partner copy", "relatives"),
    "similar_responses": (
        "collaborative filtering", "matrix factorization", "matrix factorisation", "matrix completion",
    ),
}  # fmt: skip
"""Registered baseline to what publications call it, in small letters and without signs."""

RIVALS = (
    "cpa", "chemcpa", "gears", "scgpt", "scfoundation", "geneformer", "uce", "state", "stack", "scvi", "scgen",
    "cellot", "biolord", "sams vae", "samsvae", "svae", "sclambda", "txpert", "presage", "lpm", "cellflow",
    "attentionpert", "pertadapt", "tahoe x1", "tx1", "x cell", "scbert", "transcriptformer", "aido cell", "aido",
    "prnet", "transigen", "deepce", "multidcp", "cinema ot", "graphvci", "scdfm", "morph", "trvae", "dleps", "xpert",
    "genept", "perturbnet", "ddpm", "mlp", "vae", "transformer", "autoencoder", "neural network", "grn", "celloracle",
    "cell oracle", "adapert", "cfm gp", "scale", "rbio", "c2s", "cell2sentence", "summer", "llm", "primeflow",
    "latent additive", "cvae", "gan", "gans", "optimal transport", "diffusion", "language model", "normalizing flow",
    "scouter", "scelmo", "scpram", "scpregan", "squidiff", "perturbdiff", "gnn",
)  # fmt: skip
"""Rivals: models whose own strength on the benchmark is what is in question, so that they are no baselines."""

REFERENCES = (
    "replicate", "replicates", "split half", "technical duplicate", "experimental reproducibility", "noise ceiling",
    "ceiling", "biological replicate", "upper bound", "replicate error", "data half", "interpolated duplicate",
)  # fmt: skip
"""References: what another measurement of the same thing reaches."""

TRIVIAL = ("random", "random prediction", "shuffled", "random sample", "random baseline", "majority", "chance")
"""Comparisons that know nothing."""

_EXACT = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
LONG = 9
"""Letters that an alias must have to be recognised within a longer name."""


def spelt(name: str) -> str:
    """A name in small letters, without signs."""
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def recognise(compared: Compared, regimes: frozenset[Regime] = frozenset()) -> Recognised:
    """Say what a reported comparison is, by what the card says of it, then by its name.

    Parameters
    ----------
    regimes
        Of the test conditions: of combinations, ``additive`` is the sum of the parts.
    """
    name, flaw = compared.name, compared.flaw
    baseline = compared.baseline or ("" if compared.tier in (MODEL, REPLICATE) else _registered(name, regimes))
    if baseline:
        return Recognised(name, compared.tier or BASELINES[baseline].meta["tier"], baseline, flaw)
    return Recognised(name, compared.tier or _tier(spelt(name)), "", flaw)


def _registered(name: str, regimes: frozenset[Regime]) -> str:
    """The rung of that name, or of that alias; empty if there is none."""
    own = spelt(name)
    if own.replace(" ", "_") in BASELINES:
        own_name = own.replace(" ", "_")
        return "additive_combination" if own_name == "additive" and _of_parts(regimes) else own_name
    if own in ("additive", "additive model", "additive baseline"):
        return "additive_combination" if _of_parts(regimes) else "additive"
    by_title = {spelt(e.meta["title"]): e.name for e in BASELINES if e.meta["kind"] == "baseline"}
    if found := by_title.get(own) or _EXACT.get(own):
        return found
    if _ELSEWHERE.search(own):
        return "perturbation_mean"
    within = [alias for alias in _EXACT if len(alias) >= LONG and f" {alias} " in f" {own} "]
    return _EXACT[max(within, key=len)] if within else ""


_ELSEWHERE = re.compile(
    r"\b(mean|average)\b.*\b(other|training|over|across)\b.*"
    r"\b(donors?|lines?|contexts?|cell ?types?|patients?|tissues?|individuals?)\b"
)
"""The same perturbation's mean over other contexts, by whatever a publication calls these."""


def _of_parts(regimes: frozenset[Regime]) -> bool:
    return Regime.COMBINATION in regimes


def _is_rival(own: str) -> bool:
    return any(f" {rival} " in f" {own} " for rival in RIVALS)


def _tier(own: str) -> str:
    if own in TRIVIAL:
        return "T0"
    if any(f" {word} " in f" {own} " for word in REFERENCES):
        return REPLICATE
    return MODEL if _is_rival(own) else ""
