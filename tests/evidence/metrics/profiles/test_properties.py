"""No order, layout or absence changes a score that it should not change."""

from __future__ import annotations

import inspect

import numba
import numpy as np
import pytest
from tests.evidence.metrics.profiles.builders import example, pair_of, scored, sparse

import vcassay.effects.de as de_module
from vcassay.evidence.metrics.profiles import CONTROL, PROFILE_METRICS, PROFILES, Cells, Pair, run_profile

SEEDED = "pca_k"
"""Components by randomised products depend on the order of the genes in the fifth digit."""
ALL = sorted(PROFILES)


def same(a, b, *, names=None, loose=()):
    assert a.keys() == b.keys()
    for name in a:
        x, y = a[name][0], b[name][0]
        if names is not None and len(x):
            x = x[names]
        rtol = 1e-3 if any(word in name for word in loose) else 1e-9
        np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(a[name][1], b[name][1], rtol=rtol, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("profile", ALL)
def test_order_of_cells(profile):
    pair, rng = example(profile), np.random.default_rng(0)
    moved = [Cells(c.matrix[at], c.code[at]) for c in (pair.real, pair.pred) for at in [rng.permutation(len(c.code))]]
    same(scored(profile, pair), scored(profile, Pair(pair.names, pair.genes, *moved)), loose=[SEEDED])


@pytest.mark.parametrize("profile", ALL)
def test_order_of_genes(profile):
    pair = example(profile)
    at = np.random.default_rng(0).permutation(len(pair.genes))
    moved = [Cells(c.matrix[:, at], c.code) for c in (pair.real, pair.pred)]
    same(scored(profile, pair), scored(profile, Pair(pair.names, pair.genes[at], *moved)), loose=[SEEDED])


@pytest.mark.parametrize("profile", ALL)
def test_order_of_perturbations(profile):
    pair = example(profile)
    at = np.random.default_rng(0).permutation(len(pair.names))
    place = np.argsort(at)
    moved = [Cells(c.matrix, np.where(c.code < 0, c.code, place[c.code])) for c in (pair.real, pair.pred)]
    same(scored(profile, pair), scored(profile, Pair(pair.names[at], pair.genes, *moved)), names=at, loose=[SEEDED])


@pytest.mark.parametrize("profile", ALL)
def test_threads_do_not_change_a_bit(profile, monkeypatch):
    """Enough cells and genes for tiles, parts and components by randomised products."""
    pair = example(profile, n=8, genes=90, cells=80)
    kind = np.int32 if profile == "vcc2026" else np.float32
    cells = [sparse(Cells(c.matrix.astype(kind), c.code)) for c in (pair.real, pair.pred)]
    found = []
    for count in (1, 2, 3):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", count)
        monkeypatch.setattr("vcassay.arrays.threads.PATIENCE", 0.0)
        monkeypatch.setattr(de_module, "n_threads", lambda _, count=count: count)
        found.append(scored(profile, Pair(pair.names, pair.genes, *cells)))
    for other in found[1:]:
        for name, (value, total) in found[0].items():
            np.testing.assert_array_equal(other[name][0], value, err_msg=name)
            np.testing.assert_array_equal(other[name][1], total, err_msg=name)


@pytest.mark.parametrize("profile", ALL)
def test_dense_and_sparse(profile):
    pair = example(profile)
    same(scored(profile, pair), scored(profile, Pair(pair.names, pair.genes, sparse(pair.real), sparse(pair.pred))))


@pytest.mark.parametrize("profile", ALL)
def test_a_missing_prediction_is_said_and_changes_no_other_pairwise_score(profile):
    pair = example(profile)
    keep = pair.pred.code != 2
    less = Pair(pair.names, pair.genes, pair.real, Cells(pair.pred.matrix[keep], pair.pred.code[keep]))
    whole = scored(profile, pair)
    others = np.setdiff1d(np.arange(6), 2)
    panel = ("pearson_edistance", "clustering_agreement", "de_spearman_sig", "rank", "expr_mse_unbiased_capped")
    for outcome in run_profile(PROFILES[profile], less):
        if len(outcome.value):
            assert np.isnan(outcome.value[2])
            assert outcome.status[2] == "undefined: the prediction lacks this perturbation"
            if outcome.metric not in panel:
                np.testing.assert_allclose(
                    outcome.value[others], whole[outcome.metric][0][others], err_msg=outcome.metric
                )


@pytest.mark.parametrize("profile", ALL)
def test_a_prediction_without_controls_meets_the_measured_ones(profile):
    pair = example(profile)
    perturbed = pair.pred.code >= 0
    control = pair.real.code == CONTROL
    with_real = Cells(
        np.concatenate([pair.pred.matrix[perturbed], pair.real.matrix[control]]),
        np.r_[pair.pred.code[perturbed], pair.real.code[control]],
    )
    without = Cells(pair.pred.matrix[perturbed], pair.pred.code[perturbed])
    a, b = (scored(profile, Pair(pair.names, pair.genes, pair.real, c)) for c in (with_real, without))
    same(a, b)


@pytest.mark.parametrize("profile", ALL)
def test_a_single_perturbation(profile):
    real, pred = example(profile, n=1).real, example(profile, n=1).pred
    scored(profile, pair_of(real, pred, 1))


def test_few_cells_are_left_out_by_scperteval_with_the_reason():
    pair = example("scperteval")
    code = pair.real.code.copy()
    code[np.flatnonzero(code == 1)[20:]] = CONTROL - 1
    found = run_profile(PROFILES["scperteval"], Pair(pair.names, pair.genes, Cells(pair.real.matrix, code), pair.pred))
    assert {o.status[1] for o in found} == {"undefined: fewer than 30 measured cells"}
    code[code == 0] = np.where(np.arange((code == 0).sum()) < 20, 0, CONTROL - 1)


def test_no_cells_are_enough():
    pair = example("scperteval")
    few = np.concatenate([np.flatnonzero(pair.real.code == p)[:10] for p in (*range(6), CONTROL)])
    real = Cells(pair.real.matrix[few], pair.real.code[few])
    assert all(
        np.isnan(v).all() for v, _ in scored("scperteval", Pair(pair.names, pair.genes, real, pair.pred)).values()
    )


def test_controls_of_the_prediction_are_not_read():
    for profile in ("vcc2026", "scperteval"):
        pair = example(profile)
        forged = pair.pred.matrix.copy()
        forged[pair.pred.code == CONTROL] = 0
        same(
            scored(profile, pair),
            scored(profile, Pair(pair.names, pair.genes, pair.real, Cells(forged, pair.pred.code))),
        )


@pytest.mark.parametrize("entry", list(PROFILE_METRICS), ids=lambda e: e.name)
def test_each_metric_is_explained(entry):
    doc = inspect.getdoc(entry.obj)
    assert doc
    assert doc.splitlines()[0].endswith(".")
    assert "  " not in doc.replace("\n", "")
    assert entry.source
    assert entry.meta["chance"]
    assert entry.meta["higher_is_better"] is None or entry.meta["fooled_by"]
