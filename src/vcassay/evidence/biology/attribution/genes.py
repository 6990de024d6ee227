"""Attributed genes: do the genes that a model's answers rest on belong to the perturbation, or to any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.codes import codes_of
from vcassay.arrays.group_means import group_means
from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.permutations import permute_within
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.biology.attribution.mass import FOLD, Weighed, nuisances
from vcassay.evidence.biology.attribution.matching import matched_rows, ranked_target_mass
from vcassay.evidence.biology.attribution.noise import halved
from vcassay.evidence.biology.attribution.targets import target_genes
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.tested import DRAWS, MODEL_Q, Tested, tested, truth_passes

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

NAME = "attributed_genes"
SAME = Threshold("attribution_same", 1e-9, "share of their mass in which attributions differ below which they are one")
AGENTS = Threshold("attribution_agents", 5, "agents with target genes: 5! orders are enough for p < .01")
WANTED = "it takes measured effects that differ between perturbations beyond noise, several of them in a context"
QUESTION = (
    "Which genes do the model's answers rest on (integrated gradients, attention, SHAP)? Hand in a table with a row a "
    "perturbation or condition and a column a gene, as `attributions` under [[model]]."
)
NONE_GIVEN = "no attributions were handed in"
REMEDY = "Check the attributions against a model with random weights: what is left there speaks of the input alone."


class Judged(NamedTuple):
    """One model's attributions.

    Attributes
    ----------
    response
        Mean correlation of the attributions of a condition with the size of the true response of its genes.
    target
        Mean rank of the mass on an agent's own target genes among all agents', 0 lowest, 1 highest.
    programmes
        Name, mass beside random genes, the truth's mass.
    alike
        Mean cosine of the attributions of different perturbations in a context.
    same
        Whether attributions are the same whatever the perturbation.
    q
        Adjusted p of response, target and each programme, in this order.
    n
        Conditions with attributions.
    """

    response: Tested
    target: Tested
    programmes: tuple[tuple[str, Tested, float], ...]
    alike: float
    same: bool
    q: tuple[float, ...]
    n: int

    @property
    def specific(self) -> bool:
        """Whether attributions go with the perturbation: its responding genes, or its targets."""
        tests = zip((self.response, self.target), self.q, strict=False)
        return not self.same and any(q < MODEL_Q.value and t.excess > 0 for t, q in tests)

    @property
    def amiss(self) -> list[str]:
        """Programmes of nuisance genes with too much mass."""
        return [
            name
            for (name, t, truth), q in zip(self.programmes, self.q[2:], strict=True)
            if q < MODEL_Q.value and t.value > FOLD.value * max(truth, t.null)
        ]


@diagnostic(NAME, title="Attributed genes", source="sanity checks of saliency: Adebayo et al. 2018, NeurIPS")
def attributed_genes(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """The genes that a model's answers are attributed to go with the perturbation, and are no nuisance genes.

    Of attributions that are handed in, magnitudes count, each condition's summing up to 1 over all genes. Asked are:
    the correlation of their square roots with those of the true response, against that with the responses to other
    perturbations of the context (permuted); the mass on an agent's targets, and their partners in the relations or
    their smallest gene set, as its rank among all agents' mass on the same genes (target sets permuted over agents);
    the mass of each programme of nuisance genes, against the truth's response and random genes of the same expression;
    and whether attributions differ between perturbations at all.

    The truth counts where one half's response correlates with the other's beyond permuted perturbations (p < .01).
    PASS: response or targets are beyond their permutations (Benjamini-Hochberg over all tests and models, q < .05),
    and no programme has twice the mass of the truth and of random genes. WARN: a programme has, or attributions are the
    same for all perturbations, which speaks of the input alone. FAIL: neither response nor targets are beyond chance,
    or attributions are the same for all and on nuisance genes.

    Not assessable without attributions, or where measured responses do not differ between perturbations.
    """
    if not any(arm.answer is not None and arm.answer.attribution is not None for arm in bench.submissions):
        own = finding(NAME, Status.NA, f"{NOT_ASSESSABLE}no model handed in attributions.")
        return (own, *(_about(arm, NONE_GIVEN) for arm in bench.submissions))
    weighed, missing = nuisances(bench, rng)
    orders = permute_within(codes_of(bench.table.context.tolist()), DRAWS, rng)
    seed = int(rng.integers(2**63))
    halves = next(halved(bench)) if bench.has_halves else (bench.truth.values, bench.truth.values)
    truth = _response(bench, np.abs(halves[0]), np.abs(halves[1]), orders)
    if not truth_passes(truth):
        said = "no context has two conditions that were measured in halves"
        if np.isfinite(truth.p):
            said = f"in the truth, the response of one half correlates by {truth.value:.2f} with the other's, "
            said += f"{truth.null:.2f} with other perturbations' (p = {truth.p:.2g})"
        return not_assessable(NAME, f"{said}: {WANTED}.", bench.submissions)
    targets = target_genes(bench)
    judged = {arm.name: _judge(bench, arm, weighed, targets, orders, seed) for arm in bench.submissions}
    judged = _adjust(judged)
    left = f" Not weighed: {', '.join(missing)}." if missing else ""
    known = int(targets.any(axis=1).sum())
    said = f"halves correlate by {truth.value:.2f}, {truth.null:.2f} with other perturbations (p = {truth.p:.2g})"
    said = (
        said if bench.has_halves else f"taken for granted, without halves ({truth.null:.2f} with other perturbations)"
    )
    study = finding(
        NAME,
        Status.PASS,
        f"In the truth, the genes that respond are the perturbation's: {said}, over {truth.n:,} conditions; "
        f"{known:,} of {len(targets):,} agents have measured target genes.{left}",
        value=truth.value,
        null=truth.null,
    )
    return (study, *(_about(arm, judged[arm.name]) for arm in bench.submissions))


def _response(bench: Bench, left: Array, right: Array, orders: Codes) -> Tested:
    """Correlation of square roots of magnitudes, and with the rows of other perturbations of the context."""
    value, drawn, n = matched_rows(
        np.sqrt(left), np.sqrt(right), bench.mask, codes_of(bench.table.context.tolist()), orders
    )
    return tested(value, drawn, n)


def _judge(bench: Bench, arm: Arm, weighed: Sequence[Weighed], targets: Mask, orders: Codes, seed: int) -> Judged | str:
    given = None if arm.answer is None else arm.answer.attribution
    if given is None:
        return NONE_GIVEN
    mass = np.abs(np.nan_to_num(given))
    named = np.isfinite(given).any(axis=0)
    targets = targets & named
    total = mass.sum(axis=1, keepdims=True)
    has = total[:, 0] > 0
    if has.sum() < 2:
        return "fewer than 2 test conditions have attributions"
    mass = np.where(has[:, None], mass / np.where(total > 0, total, 1.0), np.nan)
    size = np.abs(np.where(bench.truth.known[:, None], bench.truth.values, np.nan))
    response = _response(bench, mass, size, orders)
    agent = np.where(has, bench.agent, -1)
    means = group_means(np.nan_to_num(mass), agent, len(bench.agents.names))
    usable = np.flatnonzero(np.isfinite(means).all(axis=1) & targets.any(axis=1))
    target = Tested(np.nan, np.nan, np.nan, np.nan, np.nan, len(usable))
    if len(usable) >= AGENTS.value:
        value, drawn = ranked_target_mass(means[usable], targets[usable], DRAWS, np.random.default_rng(seed))
        target = tested(value, drawn, len(usable))
    own = mass[has].mean(axis=0)
    true = np.abs(bench.truth.values[bench.truth.known & has]).sum(axis=0)
    true = true / true.sum() if true.sum() > 0 else true
    programmes = tuple((w.name, w.weigh(own), float(true[w.columns].sum())) for w in weighed)
    alike, same = _alike(mass[has], bench.table.context[has], bench.table.perturbation[has])
    return Judged(response, target, programmes, alike, same, (), int(has.sum()))


def _alike(mass: Array, context: NDArray[np.str_], perturbation: NDArray[np.str_]) -> tuple[float, bool]:
    """Mean cosine of attributions of different perturbations in a context, and whether they are all the same."""
    unit = mass / np.sqrt((mass * mass).sum(axis=1, keepdims=True))
    total, pairs, widest = 0.0, 0, 0.0
    for c in np.unique(context):
        at = np.flatnonzero(context == c)
        code = np.unique(perturbation[at], return_inverse=True)[1]
        own = group_means(unit[at], code, int(code.max()) + 1) * np.bincount(code)[:, None]
        whole, within = own.sum(axis=0), float((own * own).sum())
        total += float(whole @ whole) - within
        pairs += len(at) ** 2 - int((np.bincount(code) ** 2).sum())
        if len(own) > 1:
            widest = max(widest, float(np.abs(mass[at] - mass[at][0]).sum(axis=1).max()))
    return (total / pairs if pairs else np.nan), bool(pairs and widest <= SAME.value)


def _adjust(judged: Mapping[str, Judged | str]) -> dict[str, Judged | str]:
    """Adjust the p-values of all tests and models that are defined."""
    given = {n: j for n, j in judged.items() if isinstance(j, Judged)}
    tests = {n: [j.response, j.target, *(t for _, t, _ in j.programmes)] for n, j in given.items()}
    flat = np.array([t.p for own in tests.values() for t in own])
    q = np.full(len(flat), np.nan)
    q[np.isfinite(flat)] = benjamini_hochberg(flat[np.isfinite(flat)])
    out, at = dict(judged), 0
    for name, own in tests.items():
        out[name] = given[name]._replace(q=tuple(q[at : at + len(own)].tolist()))
        at += len(own)
    return out


def _about(arm: Arm, judged: Judged | str) -> Finding:
    if isinstance(judged, str):
        question = QUESTION if judged == NONE_GIVEN else ""
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{judged}.", model=arm.name, question=question)
    amiss = judged.amiss
    if judged.same:
        status = Status.FAIL if amiss else Status.WARN
        head = "The same for all perturbations of a context: about the input, not about a response"
    elif not judged.specific:
        status, head = Status.FAIL, "Neither the perturbation's responding genes nor its targets beyond chance"
    elif amiss:
        status, head = Status.WARN, "Goes with the perturbation, but nuisance genes hold too much"
    else:
        status, head = Status.PASS, "Goes with the perturbation, and not with nuisance genes"
    r, t = judged.response, judged.target
    against = f"{r.null:.2f} with that of other perturbations (q = {judged.q[0]:.2g}, {r.n:,} conditions)"
    parts = [f"correlation with the true response {r.value:.2f}, {against}"]
    if np.isfinite(t.p):
        parts.append(
            f"mass on own target genes at rank {t.value:.2f} of agents', {t.null:.2f} permuted (q = {judged.q[1]:.2g}, "
            f"{t.n:,} agents)"
        )
    else:
        parts.append(f"targets not asked ({t.n} agents have target genes among those attributed)")
    shown = [p for p in judged.programmes if p[0] in amiss]
    parts += [f"{n} {w.value:.1%} of the mass, truth {true:.1%}, random genes {w.null:.1%}" for n, w, true in shown]
    parts.append(f"attributions of different perturbations have a mean cosine of {judged.alike:.2f}")
    return finding(
        NAME,
        status,
        f"{head}: {'; '.join(parts)}; {judged.n:,} of {len(arm.known):,} conditions have them.",
        value=r.value if np.isfinite(r.value) else None,
        null=r.null if np.isfinite(r.null) else None,
        model=arm.name,
        evidence=_rows(judged),
        remedy="" if status is Status.PASS else REMEDY,
    )


def _rows(judged: Judged) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = [
        {"kind": "genes", "programme": n, "genes": w.n, "mass": w.value, "matched": w.null, "truth": true}
        for n, w, true in judged.programmes
    ]
    if np.isfinite(judged.target.value):
        out.append(
            {"kind": "rank", "programme": "own targets", "mass": judged.target.value, "matched": judged.target.null}
        )
    return out
