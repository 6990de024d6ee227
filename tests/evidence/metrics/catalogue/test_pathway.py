"""Pathways: agreement, error without bias, and calls at the truth's precision, on planted activities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.evidence.metrics.catalogue.pathway import (
    pathway_hallucination,
    pathway_missed,
    pathway_nmse,
    pathway_pearson,
    pathway_shared,
)
from vcassay.evidence.metrics.gene_sets import Called, hallucinated, missed
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.panel import Panel

N, G, K = 60, 160, 20


class Planted:
    """Sets of 8 genes that share noise; two a condition rise and two fall, so that the others stay."""

    def __init__(self, seed: int, *, size: float = 2.0, common: float = 0.7, noise: float = 1.0) -> None:
        rng = np.random.default_rng([5, seed])
        self.member = np.repeat(np.eye(K), G // K, axis=0)
        self.pathways = sp.csr_array(self.member)
        self.moved = np.zeros((N, K))
        for i in range(N):
            self.moved[i, rng.choice(K, 4, replace=False)] = [1.0, 1.0, -1.0, -1.0]
        self.effect = size * self.moved @ self.member.T + 0.3 * rng.normal(size=(N, G))

        def measure() -> np.ndarray:
            drawn = np.sqrt(common) * rng.normal(size=(N, K)) @ self.member.T
            own = np.sqrt(1 - common) * rng.normal(size=(N, G))
            return self.effect + np.sqrt(2) * noise * (drawn + own)

        self.halves = (measure(), measure())
        self.truth = sum(self.halves) / 2
        self.se = np.full((N, G), noise)
        self.mask = np.ones((N, G), dtype=bool)
        self.context = np.repeat([0, 1], N // 2)

    def given(self, pred: np.ndarray, **changed: Any) -> Inputs:
        inputs = {"truth": self.truth, "half_a": self.halves[0], "half_b": self.halves[1], "mask": self.mask}
        inputs |= {"se": self.se, "context": self.context, "pathways": self.pathways}
        return Inputs(Panel(inputs | changed, self.context, np.arange(N), {}, "all", ""), pred)

    def called(self, pred: np.ndarray, **changed: Any) -> Called:
        return self.given(pred, **changed)["pathway_calls"]

    def metric(self, function, pred: np.ndarray):
        return function(self.called(pred))

    def pearson(self, pred: np.ndarray, **changed: Any) -> np.ndarray:
        return pathway_pearson(self.given(pred, **changed)["pathway_activities"])

    def nmse(self, pred: np.ndarray):
        return pathway_nmse(self.given(pred)["pathway_activities"])


def ratio(parts) -> float:
    return float(np.nansum(parts[0]) / np.nansum(parts[1])) if np.nansum(parts[1]) else np.nan


def test_a_copy_agrees_and_no_change_moves_nothing():
    w = Planted(0)
    np.testing.assert_allclose(w.pearson(w.truth), 1.0)
    still = np.zeros_like(w.truth)
    assert np.isnan(w.pearson(still)).all()
    assert ratio(w.nmse(still)) == pytest.approx(1.0)
    for function, copy, nothing in ((pathway_hallucination, 0, np.nan), (pathway_missed, 0, 1), (pathway_shared, 1, 0)):
        assert ratio(w.metric(function, w.truth)) == copy
        np.testing.assert_equal(ratio(w.metric(function, still)), nothing)


def test_a_shift_of_all_genes_is_no_pathway():
    w = Planted(1)
    np.testing.assert_allclose(
        w.pearson(w.effect + 3.0),
        w.pearson(w.effect),
    )


def test_the_error_of_a_perfect_model_has_expectation_0():
    found = [ratio(w.nmse(w.effect)) for w in (Planted(s) for s in range(30))]
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(30)
    assert np.std(found) < 0.1


def test_calls_hold_their_false_discovery_rate_although_genes_of_a_set_share_noise():
    false, hit = [], []
    for seed in range(20):
        w = Planted(seed)
        called = w.called(w.truth).truth
        wrong = ((called != 0) & (called != w.moved)).sum(axis=1)
        false.append((wrong / np.maximum((called != 0).sum(axis=1), 1)).mean())
        hit.append(((called != 0) & (called == w.moved)).sum() / (w.moved != 0).sum())
    assert np.mean(false) < 0.06
    assert np.mean(hit) > 0.25


def test_hallucinations_and_misses_are_counted_with_their_direction():
    w = Planted(3, size=6.0, noise=0.5)
    pred = 6.0 * w.moved @ w.member.T
    pred[0] = -pred[0]  # all four the other way
    extra = np.flatnonzero(w.moved[1] == 0)[:2]
    pred[1] += 6.0 * w.member[:, extra] @ [1.0, -1.0]  # two that do not move
    pred[2] = 0.0  # none
    c = w.called(pred)
    assert (c.truth[:3] == w.moved[:3]).all()
    assert hallucinated(c).numerator[:3].tolist() == [4, 2, 0]
    assert hallucinated(c).denominator[:3].tolist() == [4, 6, 0]
    assert missed(c).numerator[:3].tolist() == [4, 0, 4]


@pytest.mark.parametrize(("size", "least", "most"), [(2.0, 0.75, 0.9), (4.0, 0.2, 0.35)])
def test_the_replicate_says_how_many_hallucinations_noise_alone_makes(size, least, most):
    rows = []
    for seed in range(8):
        w = Planted(seed, size=size)
        a, b = w.halves
        half = np.sqrt(2) * w.se
        again = np.mean([ratio(hallucinated(w.called(y, truth=x, se=half))) for x, y in ((a, b), (b, a))])
        others = [ratio(w.metric(pathway_hallucination, p)) for p in (w.effect, np.roll(w.effect, 7, axis=0))]
        rows.append((again, *others))
    replicate, perfect, shuffled = np.nanmean(rows, axis=0)
    assert least < replicate < most
    assert perfect < replicate < shuffled
    assert shuffled > 0.85


def test_what_cannot_be_told_is_nan():
    w = Planted(4)
    few = sp.csr_array(w.member[:, :3])
    assert np.isnan(w.pearson(w.effect, pathways=few)).all()
    w.halves[0][5] = np.nan
    assert np.isnan(w.metric(pathway_missed, w.effect).numerator[5])
    assert np.isnan(w.nmse(w.effect).numerator[5])
    everything = sp.csr_array(np.c_[w.member, np.ones(G)])
    np.testing.assert_allclose(
        w.pearson(w.effect, pathways=everything),
        w.pearson(w.effect),
    )
