"""Nearest perturbations by features and nearest compounds by structure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import StandardScaler

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.inner import inner_tasks, rotated
from vcassay.evidence.baselines.neighbours.feature_neighbours import FeatureNeighbours, NearestCompound
from vcassay.evidence.baselines.neighbours.neighbourhood import nearest_weights
from vcassay.knowledge import Features

GENES = 30


def error(values, truth):
    return float(np.sum((values - truth) ** 2))


def bits(rng, n, width=256, share=0.1):
    return (rng.random((n, width)) < share).astype(float)


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float64, (3, 7), elements=st.sampled_from([0.0, 0.1, 0.5, 0.5, 1.0, np.nan])),
    st.integers(1, 9),
    st.sampled_from([0.0, 1.0, 3.0]),
)
def test_weights_are_those_of_the_nearest(likeness, k, power):
    found = nearest_weights(likeness, k, power)
    for row, weights in zip(likeness, found, strict=True):
        known = np.flatnonzero(np.isfinite(row))
        assert not weights[~np.isfinite(row)].any()
        if not weights.any():
            assert not len(known) or (power and not row[known].any()) or (power and row[known].max() == 0.0)
            continue
        assert weights.sum() == pytest.approx(1.0)
        # of every way to break ties, the mean: the k best by likeness, equal ones sharing the last places
        edge = np.sort(row[known])[::-1][: min(k, len(known))]
        for value in set(edge.tolist()):
            at = known[row[known] == value]
            assert len(set(np.round(weights[at], 12).tolist())) == 1
        assert not weights[known[row[known] < edge.min()]].any()


def test_neighbours_are_those_of_the_published_recipe(make, monkeypatch):
    """StandardScaler, PCA to 100 components, mean of the k nearest (GenBio)."""
    rng = np.random.default_rng(0)
    ids = tuple(f"p{i:03d}" for i in range(180))
    x, effects = rng.normal(size=(180, 150)) * rng.uniform(0.5, 3.0, 150), rng.normal(size=(180, GENES))
    task = make(
        {("A", p): effects[i] for i, p in enumerate(ids[:150])},
        [("A", p) for p in ids[150:]],
        features=(Features("f", ids, x),),
    )
    for k in (1, 5, 20):
        monkeypatch.setattr(FeatureNeighbours, "settings", [(k, 0.0)])
        scaler = StandardScaler().fit(x[:150])
        pca = PCA(100, svd_solver="full").fit(scaler.transform(x[:150]))
        z = pca.transform(scaler.transform(x))
        direct = KNeighborsRegressor(k).fit(z[:150], effects[:150])
        found = FeatureNeighbours().fit(task).predict(task.wanted)
        np.testing.assert_allclose(found, direct.predict(z[150:]), atol=1e-9)


def test_the_block_that_tells_is_found_and_the_next_serves_what_it_does_not_know(make):
    rng = np.random.default_rng(1)
    ids = tuple(f"p{i:03d}" for i in range(100))
    group = np.arange(100) % 10
    effects = rng.normal(size=(10, GENES))[group] + 0.1 * rng.normal(size=(100, GENES))
    place = rng.normal(size=(10, 3))[group] + 0.01 * rng.normal(size=(100, 3))
    blocks = (
        Features("noise", ids, rng.normal(size=(100, 5))),
        Features("blurred", ids, place + 0.1 * rng.normal(size=(100, 3))),
        Features("told", ids[:-1], place[:-1]),
    )
    task = make({("A", p): effects[i] for i, p in enumerate(ids[:80])}, [("A", p) for p in ids[80:]], features=blocks)
    model = FeatureNeighbours().fit(task)
    assert [task.features[block].name for block, _, _ in model.chosen][:2] == ["told", "blurred"]
    found = model.predict(task.wanted)
    assert model.n_fallback == 0
    assert np.abs(found - effects[80:]).max() < 1.0
    only = FeatureNeighbours().fit(make({("A", p): effects[i] for i, p in enumerate(ids[:80])}, [("A", ids[-1])]))
    mean = only.predict(task.wanted)
    np.testing.assert_allclose(mean, np.tile(effects[:80].mean(axis=0), (20, 1)))
    assert only.n_fallback == 20


def test_neighbours_come_from_the_test_context_where_it_is_trained(make, monkeypatch):
    ids = ("a", "b", "c", "d")
    x = np.array([[1.0], [1.1], [5.0], [5.1]])
    value = {"a": 1.0, "c": 3.0}
    train = {("A", p): np.full(GENES, v) for p, v in value.items()} | {
        ("B", p): np.full(GENES, 10.0 + 2.0 * v) for p, v in value.items()
    }
    wanted = [("A", "b"), ("B", "b"), ("C", "b"), ("C", "d")]
    task = make(train, wanted, features=(Features("f", ids, x),))
    monkeypatch.setattr(FeatureNeighbours, "settings", [(1, 0.0)])
    monkeypatch.setattr(FeatureNeighbours, "_choose", lambda self, task: [(0, "context", (1, 0.0))])
    # in context C, not trained: the mean over contexts of each neighbour's effect
    np.testing.assert_allclose(FeatureNeighbours().fit(task).predict(task.wanted)[:, 0], [1.0, 12.0, 6.5, 9.5])
    # deviations of a: -1 in A and -2 in B, on top of the context's mean
    monkeypatch.setattr(FeatureNeighbours, "_choose", lambda self, task: [(0, "contexts", (1, 0.0))])
    np.testing.assert_allclose(FeatureNeighbours().fit(task).predict(task.wanted)[:, 0], [0.5, 12.5, 6.5, 9.5])


def test_the_nearest_dose_counts(make, monkeypatch):
    monkeypatch.setattr(NearestCompound, "settings", [(1, 1.0)])
    ids = ("a", "b", "z")
    features = Features("bits", ids, np.array([[1.0, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]]), kind="fingerprint")
    train = {("A", "a", d): np.full(3, v) for d, v in ((1.0, 1.0), (10.0, 2.0), (100.0, 3.0))}
    train[("A", "z", 1.0)] = np.full(3, 50.0)
    task = make(train, [("A", "b", 2.0), ("A", "b", 12.0), ("A", "b", 5000.0)], features=(features,), regime=Regime.DEX)
    np.testing.assert_allclose(NearestCompound().fit(task).predict(task.wanted)[:, 0], [1.0, 2.0, 3.0])


def test_similarity_weighs_compounds(make, monkeypatch):
    """Sum of w_i times effect_i over the k nearest, by hand."""
    rng = np.random.default_rng(2)
    ids = tuple(f"d{i:02d}" for i in range(20))
    x, effects = bits(rng, 20), rng.normal(size=(20, GENES))
    features = (Features("bits", ids, x, kind="fingerprint"), Features("text", ids, rng.normal(size=(20, 3))))
    task = make(
        {("A", p): effects[i] for i, p in enumerate(ids[:16])},
        [("A", p) for p in ids[16:]],
        features=features,
        regime=Regime.DEX,
    )
    for k, power in ((1, 1.0), (5, 1.0), (5, 3.0), (20, 1.0)):
        monkeypatch.setattr(NearestCompound, "settings", [(k, power)])
        expected = []
        for row in x[16:]:
            s = np.array([(row * other).sum() / np.maximum(row, other).sum() for other in x[:16]])
            near = np.argsort(-s, kind="stable")[:k]
            if k < 16 and np.isclose(s[near[-1]], np.sort(s)[::-1][k]):  # a tie at the edge is shared
                edge = np.isclose(s, s[near[-1]])
                inside = (s > s[near[-1]]) & ~edge
                w = (inside + edge * (k - inside.sum()) / edge.sum()) * s**power
            else:
                w = np.zeros(16)
                w[near] = s[near] ** power
            expected.append(w @ effects[:16] / w.sum())
        np.testing.assert_allclose(NearestCompound().fit(task).predict(task.wanted), expected, atol=1e-9)


def test_shared_scaffolds_are_for_the_nearest_compound(make, answer):
    for seed in range(3):
        rng = np.random.default_rng([3, seed])
        group = np.arange(120) % 30
        ids = tuple(f"d{i:03d}" for i in range(120))
        x = np.abs(bits(rng, 30)[group] - bits(rng, 120, share=0.03))
        effects = rng.normal(size=(30, GENES))[group] + 0.3 * rng.normal(size=(120, GENES))
        task = make(
            {("A", p): effects[i] for i, p in enumerate(ids[:90])},
            [("A", p) for p in ids[90:]],
            features=(Features("bits", ids, x, kind="fingerprint"),),
            regime=Regime.DEX,
        )
        found = {n: error(answer(n, task), effects[90:]) for n in ("nearest_compound", "perturbed_mean", "ridge")}
        assert found["nearest_compound"] < 0.3 * found["perturbed_mean"]
        assert found["nearest_compound"] < found["ridge"]


def test_structures_without_relation_do_not_beat_the_mean(make, answer):
    ratio = []
    for seed in range(5):
        rng = np.random.default_rng([4, seed])
        ids = tuple(f"d{i:03d}" for i in range(80))
        effects = rng.normal(size=(80, GENES))
        task = make(
            {("A", p): effects[i] for i, p in enumerate(ids[:60])},
            [("A", p) for p in ids[60:]],
            features=(Features("bits", ids, bits(rng, 80), kind="fingerprint"),),
            regime=Regime.DEX,
        )
        ratio.append(error(answer("nearest_compound", task), effects[60:]) / error(effects[:60].mean(0), effects[60:]))
    assert min(ratio) > 0.97
    assert np.mean(ratio) < 1.2


def test_a_compound_without_structure_is_not_unlike_but_unknown(make, monkeypatch):
    """It gets the mean, is counted, and is nobody's neighbour, whether it has no row or a row without a bit."""
    monkeypatch.setattr(NearestCompound, "settings", [(20, 1.0)])
    ids = ("a", "b", "empty", "z")
    x = np.array([[1.0, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 0]])
    effect = {"a": 1.0, "b": 2.0, "empty": 30.0, "no row": 70.0}
    train = {("A", p): np.full(3, v) for p, v in effect.items()}
    wanted = [("A", "z"), ("A", "also no row")]
    task = make(train, wanted, features=(Features("bits", ids, x, kind="fingerprint"),), regime=Regime.DEX)
    model = NearestCompound().fit(task)
    found = dict(zip(task.wanted.perturbation.tolist(), model.predict(task.wanted)[:, 0], strict=True))
    assert found["z"] == pytest.approx((1.0 * 1.0 + 0.5 * 2.0) / 1.5)
    assert found["also no row"] == pytest.approx(np.mean(list(effect.values())))
    assert model.n_fallback == 1
    assert "structure" in model.fallback


def test_a_combination_has_the_bits_of_all_its_compounds(make, monkeypatch):
    monkeypatch.setattr(NearestCompound, "settings", [(1, 1.0)])
    x = np.array([[1.0, 1, 0, 0], [0, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1]])
    features = Features("bits", ("a", "b", "c", "z"), x, kind="fingerprint")
    train = {("A", "c"): np.ones(3), ("A", "z"): np.zeros(3)}
    task = make(train, [("A", "a+b")], features=(features,), regime=Regime.COMBINATION)
    np.testing.assert_allclose(NearestCompound().fit(task).predict(task.wanted)[0], 1.0)


@pytest.mark.parametrize("name", ["feature_knn", "nearest_compound"])
def test_nothing_asked_for_is_looked_at_in_inner_validation(make, monkeypatch, name):
    rng = np.random.default_rng(5)
    ids = tuple(f"d{i}" for i in range(12))
    effects = {(c, p): rng.normal(size=GENES) for c in "AB" for p in ids}
    wanted = [(c, p) for c in "AB" for p in ids[:3]]
    task = make(
        {k: v for k, v in effects.items() if k not in wanted},
        wanted,
        features=(Features("bits", ids, bits(rng, 12), kind="fingerprint"),),
    )
    seen = []
    cls = type(BASELINES[name].obj())
    original = cls.likeness

    def spy(self, part, block):
        made = original(self, part, block)

        def alike(a, b):
            seen.append((part, {p for parts in a for p in parts}, {p for parts in b for p in parts}))
            return made(a, b)

        return alike

    monkeypatch.setattr(cls, "likeness", spy)
    cls().fit(task)
    assert len({id(part) for part, _, _ in seen}) == len(inner_tasks(rotated(task)[1])) == 3
    for _, asked, known in seen:
        assert not (asked | known) & set(ids[:3])
        assert not asked & known  # perturbations leave together, in all contexts
