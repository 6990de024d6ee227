"""Learners on prior features: against direct recomputation, and planted structures in which each must win."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.kernel_ridge import KernelRidge as SklearnKernelRidge
from sklearn.linear_model import ElasticNet as SklearnElasticNet
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.folds import inner_folds
from vcassay.evidence.baselines.inner import inner_tasks, rotated
from vcassay.evidence.baselines.learners.design import leading, make_design
from vcassay.evidence.baselines.learners.elastic_net import ElasticNet
from vcassay.evidence.baselines.learners.gradient_boosting import GradientBoosting, bins_of
from vcassay.evidence.baselines.learners.kernel_ridge import KernelRidge
from vcassay.evidence.baselines.learners.learner import Learner, grid_of
from vcassay.evidence.baselines.learners.partial_least_squares import PartialLeastSquares, pls_coefficients
from vcassay.evidence.baselines.learners.random_forest import RandomForest
from vcassay.evidence.baselines.response import components, rotate
from vcassay.knowledge import Features

GENES = 40
LINEAR = ("ridge", "pls", "elastic_net")
LEARNERS = (*LINEAR, "kernel_ridge", "random_forest", "gradient_boosting")


def screen(make, x, effects, n_train, kind="embedding", **settings):
    """A task of learning from the first conditions, and the effects of the others."""
    ids = tuple(f"p{i:03d}" for i in range(len(x)))
    task = make(
        {("A", p): effects[i] for i, p in enumerate(ids[:n_train])},
        [("A", p) for p in ids[n_train:]],
        features=(Features("f", ids, x, kind=kind),),
        **settings,
    )
    return task, effects[n_train:]


def error(values, truth):
    return float(np.sum((values - truth) ** 2))


def errors(names, answer, task, truth):
    return {name: error(answer(name, task), truth) for name in (*names, "perturbed_mean")}


def data(seed, n=60, d=7, k=4):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d)), rng.normal(size=(n, k))
    y += 2.0 * x[:, :2] @ rng.normal(size=(2, k))
    weights = rng.integers(1, 9, n).astype(float)
    return x, y - y.mean(axis=0), weights / weights.mean(), rng.normal(size=(9, d))


# --- each learner against a direct recomputation ---


def test_pls_is_that_of_the_library():
    for seed in range(3):
        x, y, _, new = data(seed)
        for k in (1, 2, 5):
            model = PLSRegression(n_components=k, scale=False, max_iter=5000, tol=1e-14).fit(x, y)
            found = PartialLeastSquares().fit_one(x, y, np.ones(len(x)), {"n_components": k}, 0)(new)
            np.testing.assert_allclose(found, model.predict(new), atol=1e-6)


def test_pls_with_every_direction_is_least_squares_with_weights():
    x, y, w, new = data(3)
    root = np.sqrt(w)[:, None]
    table = np.column_stack([np.ones(len(x)), x])
    beta, *_ = np.linalg.lstsq(root * table, root * y, rcond=None)
    found = PartialLeastSquares().fit_one(x, y, w, {"n_components": 7}, 0)(new)
    np.testing.assert_allclose(found, np.column_stack([np.ones(len(new)), new]) @ beta, atol=1e-9)


def test_pls_ends_where_nothing_is_left():
    """Responses that two directions explain in full: further ones would be made of rounding."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(30, 6))
    x -= x.mean(axis=0)
    y = np.outer(x[:, 0], [1.0, 2.0, 3.0])
    found = pls_coefficients(x, y, 6)
    np.testing.assert_allclose(x @ found[-1], y, atol=1e-9)
    assert not pls_coefficients(x, np.zeros((30, 3)), 6)
    assert not pls_coefficients(x, np.zeros((30, 0)), 6)


def test_elastic_net_is_that_of_the_library():
    """On columns of mean variance 1 and responses in units of the largest."""
    x, y, w, new = data(5)
    model = ElasticNet()
    shares = w / w.sum()
    middle, mean = shares @ x, shares @ y
    unit = np.sqrt(np.mean(shares @ (x - middle) ** 2)), np.sqrt(np.max(shares @ (y - mean) ** 2))
    z, r, rows = (x - middle) / unit[0], (y - mean) / unit[1], (new - middle) / unit[0]
    highest = np.abs(z.T @ (w[:, None] * r)).max() / (len(x) * 0.5)
    tried = list(model.tried(x, y, w, new, 0))
    for params, found in zip(model.grid, tried, strict=True):
        direct = SklearnElasticNet(alpha=highest * params["penalty"], l1_ratio=0.5, tol=1e-12, max_iter=100_000)
        expected = np.array([direct.fit(z, r[:, j], sample_weight=w).predict(rows) for j in range(y.shape[1])]).T
        np.testing.assert_allclose(found, mean + unit[1] * expected, atol=2e-4)
    np.testing.assert_allclose(tried[0], np.tile(mean, (len(new), 1)), atol=1e-9)
    scaled = list(model.tried(3.0 * x, 0.01 * y, w, 3.0 * new, 0))
    np.testing.assert_allclose(scaled, 0.01 * np.array(tried), atol=1e-4)


def test_forest_is_that_of_the_library():
    x, y, w, new = data(6)
    direct = RandomForestRegressor(100, max_features=1 / 3, min_samples_leaf=5, random_state=3).fit(x, y, w)
    found = RandomForest().fit_one(x, y, w, {"min_samples_leaf": 5}, 3)(new)
    np.testing.assert_allclose(found, direct.predict(new), atol=1e-3)


def test_a_forest_of_all_components_is_that_of_all_genes():
    """Squared errors do not change under rotation: only leaving components out does anything."""
    x, _, w, new = data(23)
    genes = x @ np.random.default_rng(23).normal(size=(7, 90)) + 2.0 * np.random.default_rng(24).normal(size=(60, 90))
    part = components(genes, 50)
    exact = components(genes, len(genes))
    every, all_of_them, some = (
        RandomForest().fit_one(x, y, w, {"min_samples_leaf": 10}, 0)(new)
        for y in (genes - genes.mean(axis=0), exact.scores, part.scores)
    )
    np.testing.assert_allclose(all_of_them @ exact.loadings, every, atol=1e-4)
    assert 0.0 < np.abs(some @ part.loadings - every).max() < 0.5 * np.abs(every).max()


def test_boosting_is_that_of_the_library():
    x, y, w, new = data(7)
    to_bins = bins_of(x)
    settings = {"max_leaf_nodes": 3, "min_samples_leaf": 6, "max_features": 0.5, "max_bins": 63}
    direct = HistGradientBoostingRegressor(max_iter=15, early_stopping=False, random_state=3, **settings)
    with threadpool_limits(1):
        expected = np.array(
            [direct.fit(to_bins(x), y[:, j], sample_weight=w).predict(to_bins(new)) for j in range(4)]
        ).T
    model = GradientBoosting()
    np.testing.assert_allclose(model.fit_one(x, y, w, {"rounds": 15}, 3)(new), expected, atol=1e-3)
    tried = list(model.tried(x, y, w, new, 3))
    assert not tried[0].any()
    np.testing.assert_allclose(tried[1], expected, atol=1e-3)


@pytest.mark.parametrize("form", KernelRidge.forms, ids=lambda f: f"{f['kernel']}-{f['width']:g}")
def test_kernel_ridge_is_that_of_the_library(make, form, monkeypatch):
    """With one block and one context both forms are a Gaussian; the mean over one block is added to a constant."""
    rng = np.random.default_rng(8)
    x, effects = rng.normal(size=(30, 3)), rng.normal(size=(30, GENES))
    weights = {("A", f"p{i:03d}"): float(i + 5) for i in range(24)}
    task, _ = screen(make, x, effects, 24, weights=weights)
    monkeypatch.setattr(KernelRidge, "forms", (form,))
    model = KernelRidge().fit(task)
    z = (x - x[:24].mean(axis=0)) / x[:24].std(axis=0) / np.sqrt(3)
    width = form["width"] * 2.0 * z[:24].var(axis=0).sum()
    kernel = RBF(np.sqrt(width / 2.0))(z)
    if form["kernel"] == "blocks":
        kernel = (1.0 + kernel) / 2.0
    w = task.weights / task.weights.mean()
    direct = SklearnKernelRidge(alpha=model.penalty, kernel="precomputed")
    direct.fit(kernel[:24, :24], effects[:24] - effects[:24].mean(axis=0), sample_weight=w)
    expected = effects[:24].mean(axis=0) + direct.predict(kernel[24:, :24])
    np.testing.assert_allclose(model.predict(task.wanted), expected, atol=1e-8)


def test_responses_come_back_from_all_of_their_components():
    rng = np.random.default_rng(9)
    y = rng.normal(size=(20, 50))
    part = components(rotate(y).coordinates, 50)
    np.testing.assert_allclose(rotate(y).back(part.back(part.scores)), y, atol=1e-10)
    np.testing.assert_allclose(part.onto(part.back(part.scores)), part.scores, atol=1e-10)
    assert part.share == pytest.approx(1.0)
    assert part.first(3).share == pytest.approx(np.sum(np.linalg.svd(y - y.mean(0))[1][:3] ** 2) / part.total)


@pytest.mark.parametrize("shape", [(12, 30), (30, 12)])
def test_leading_directions_are_singular_vectors(shape):
    x = np.random.default_rng(10).normal(size=shape)
    found = leading(x, 5)
    np.testing.assert_allclose(found.T @ found, np.eye(5), atol=1e-10)
    np.testing.assert_allclose(np.abs(np.linalg.svd(x)[2][:5] @ found), np.eye(5), atol=1e-8)


def test_the_grid_of_trees_is_finer_than_anything_measured():
    values = np.random.default_rng(11).normal(size=(40, 3))
    to_grid = grid_of(values)
    assert np.abs(to_grid(values) - values).max() < 1e-5
    np.testing.assert_array_equal(to_grid(values * (1.0 + 1e-15)), to_grid(values))
    np.testing.assert_array_equal(to_grid(-values), -to_grid(values))


# --- planted structures ---


def test_what_is_linear_in_features_is_for_linear_learners(make, answer):
    for seed in range(3):
        rng = np.random.default_rng([12, seed])
        x = rng.normal(size=(120, 12))
        effects = x @ rng.normal(size=(12, GENES)) + 0.5 * rng.normal(size=(120, GENES))
        task, truth = screen(make, x, effects, 90)
        found = errors((*LINEAR, "feature_knn"), answer, task, truth)
        assert max(found[n] for n in LINEAR) < 0.2 * found["perturbed_mean"]
        assert max(found[n] for n in LINEAR) < 0.5 * found["feature_knn"]


def test_groups_without_order_are_for_neighbours(make, answer):
    """Perturbations of a pathway act alike, and pathways have nothing to do with each other."""
    for seed in range(3):
        rng = np.random.default_rng([13, seed])
        group = np.arange(160) % 40
        x = rng.normal(size=(40, 4))[group] + 0.02 * rng.normal(size=(160, 4))
        effects = rng.normal(size=(40, GENES))[group] + 0.3 * rng.normal(size=(160, GENES))
        task, truth = screen(make, x, effects, 120)
        found = errors(("feature_knn", *LINEAR), answer, task, truth)
        assert found["feature_knn"] < 0.3 * found["perturbed_mean"]
        assert found["feature_knn"] < 0.5 * min(found[n] for n in LINEAR)


@pytest.mark.slow
def test_thresholds_and_interactions_are_for_trees(make, answer):
    for seed in range(2):
        rng = np.random.default_rng([14, seed])
        x = rng.normal(size=(200, 4))
        switch = np.sign(x[:, 0]) * np.sign(x[:, 1] + 0.3)
        effects = np.outer(switch, rng.normal(size=GENES)) + 0.3 * rng.normal(size=(200, GENES))
        task, truth = screen(make, x, effects, 160)
        found = errors(("random_forest", "gradient_boosting", *LINEAR), answer, task, truth)
        assert max(found["random_forest"], found["gradient_boosting"]) < 0.6 * found["perturbed_mean"]
        assert max(found["random_forest"], found["gradient_boosting"]) < 0.7 * min(found[n] for n in LINEAR)


def test_smooth_curves_are_for_gaussian_kernels(make, answer):
    rng = np.random.default_rng(15)
    x = rng.uniform(-2.0, 2.0, size=(150, 2))
    effects = np.cos(2.0 * x) @ rng.normal(size=(2, GENES)) + 0.1 * rng.normal(size=(150, GENES))
    task, truth = screen(make, x, effects, 120)
    found = errors(("kernel_ridge", *LINEAR), answer, task, truth)
    assert found["kernel_ridge"] < 0.1 * found["perturbed_mean"]
    assert found["kernel_ridge"] < 0.2 * min(found[n] for n in LINEAR)


def test_blocks_of_noise_do_not_drown_the_block_that_tells(make):
    rng = np.random.default_rng(16)
    x = rng.uniform(-2.0, 2.0, size=(120, 2))
    ids = tuple(f"p{i:03d}" for i in range(120))
    effects = np.cos(2.0 * x) @ rng.normal(size=(2, GENES)) + 0.1 * rng.normal(size=(120, GENES))
    noise = tuple(Features(f"noise {i}", ids, rng.normal(size=(120, 20))) for i in range(3))
    task, truth = screen(make, x, effects, 90)
    model = KernelRidge().fit(replace(task, features=(*task.features, *noise)))
    assert model.form["kernel"] == "blocks"
    assert error(model.predict(task.wanted), truth) < 0.5 * error(effects[:90].mean(axis=0), truth)


@pytest.mark.parametrize("name", [*LEARNERS, "feature_knn"])
def test_without_relation_none_beats_the_mean(make, answer, name):
    """Truth is a mean and noise: less error than the mean would be less than there can be."""
    ratio = []
    for seed in range(4):
        rng = np.random.default_rng([17, seed])
        task, truth = screen(make, rng.normal(size=(80, 5)), 1.0 + rng.normal(size=(80, GENES)), 60, seed=seed)
        ratio.append(error(answer(name, task), truth) / error(answer("perturbed_mean", task), truth))
    assert min(ratio) > 0.97
    assert np.mean(ratio) < 1.25


@pytest.mark.parametrize("name", LEARNERS)
def test_conditions_of_few_rows_count_less(make, answer, name):
    """Half of the training conditions have hardly any rows, and are mostly noise."""
    rng = np.random.default_rng(18)
    x = rng.normal(size=(130, 3))
    rule = x @ rng.normal(size=(3, 20))
    few = np.arange(130) % 2 == 0
    effects = np.where(few[:, None], rule + 6.0 * rng.normal(size=rule.shape), rule)
    weights = {("A", f"p{i:03d}"): 1.0 if few[i] else 200.0 for i in range(100)}
    task, _ = screen(make, x, effects, 100, weights=weights)
    even = replace(task, weights=np.ones(len(task.train)))
    assert error(answer(name, task), rule[100:]) < 0.8 * error(answer(name, even), rule[100:])


def test_the_context_is_known_where_it_is_trained(make, answer):
    """Every learner knows the context where it is trained."""
    rng = np.random.default_rng(19)
    x, shift = rng.normal(size=(40, 3)), {"A": rng.normal(size=GENES), "B": rng.normal(size=GENES)}
    ids = tuple(f"p{i:03d}" for i in range(40))
    rule = 0.1 * x @ rng.normal(size=(3, GENES))
    train = {(c, p): shift[c] + rule[i] for c in "AB" for i, p in enumerate(ids[:30])}
    task = make(train, [("A", p) for p in ids[30:]], features=(Features("f", ids, x),))
    for name in (*LEARNERS, "feature_knn"):
        assert error(answer(name, task), shift["A"]) < 0.25 * error(answer("perturbed_mean", task), shift["A"]), name


# --- inner validation ---


@pytest.mark.parametrize("regime", [Regime.GEX, Regime.CEX, Regime.FEW_SHOT], ids=str)
@pytest.mark.parametrize("model", [ElasticNet, PartialLeastSquares, RandomForest])
def test_settings_are_chosen_on_folds_of_the_regime(make, monkeypatch, regime, model):
    """Rows fitted are those outside of a fold, and at last all of them: never one that is asked for."""
    rng = np.random.default_rng(20)
    contexts, ids = "ABCDE", tuple(f"p{i}" for i in range(9))
    effects = {(c, p): rng.normal(size=20) for c in contexts for p in ids}
    wanted = {
        Regime.GEX: [(c, p) for c in contexts for p in ids[:2]],
        Regime.CEX: [("E", p) for p in ids],
        Regime.FEW_SHOT: [("E", p) for p in ids[:6]],
    }[regime]
    task = make(
        {k: v for k, v in effects.items() if k not in wanted},
        wanted,
        regime=regime,
        features=(Features("f", ids, rng.normal(size=(9, 3))),),
        controls={c: rng.normal(size=20) for c in contexts},
    )
    sizes: list[int] = []
    original = model.fit_one if model is RandomForest else model.tried

    def spy(self, x, y, *rest):
        sizes.append(len(x))
        return original(self, x, y, *rest)

    monkeypatch.setattr(model, "tried", lambda self, x, y, *rest: spy_tried(self, x, y, *rest))
    tried = Learner.tried if model is RandomForest else original

    def spy_tried(self, x, y, *rest):
        sizes.append(len(x))
        return tried(self, x, y, *rest)

    model().fit(task)
    folds = inner_folds(task.train, regime, task.seed, 3)
    assert sizes == [len(task.train) - len(fold) for fold in folds]
    asked = set(task.wanted.keys)
    for (part, held_out), fold in zip(inner_tasks(rotated(task)[1]), folds, strict=True):
        assert part.wanted.keys == [task.train.keys[i] for i in fold]
        assert not asked & {*part.train.keys, *part.wanted.keys}
        shown, left = part.train, part.wanted
        if regime is Regime.GEX:
            assert not set(shown.perturbation.tolist()) & set(left.perturbation.tolist())
        if regime is Regime.CEX:
            assert not set(shown.context.tolist()) & set(left.context.tolist())
        np.testing.assert_allclose(rotated(task)[0].back(held_out), task.effects[fold], atol=1e-10)


def test_effects_of_held_out_conditions_are_not_in_the_columns(make):
    """Columns made of responses know of training conditions alone."""
    rng = np.random.default_rng(21)
    effects = {(c, f"p{i}"): rng.normal(size=20) for c in "ABCDE" for i in range(8)}
    wanted = [("E", f"p{i}") for i in range(8)]
    task = make({k: v for k, v in effects.items() if k not in wanted}, wanted, regime=Regime.CEX)
    whole = rotated(task)[1]
    for part, _ in inner_tasks(whole):
        changed = whole.effects.copy()
        changed[whole.train.locate(part.wanted)] = 1e3
        other = replace(whole, effects=changed).part(whole.train.locate(part.train), whole.train.locate(part.wanted))
        a, b = make_design(part), make_design(other)
        assert "response elsewhere" in {block.name for block in a.blocks}
        np.testing.assert_array_equal(a.train, b.train)
        np.testing.assert_array_equal(a.of(part.wanted), b.of(part.wanted))


def test_learners_say_for_how_many_they_know_nothing(make):
    rng = np.random.default_rng(22)
    ids = tuple(f"p{i}" for i in range(10))
    train = {("A", p): rng.normal(size=12) for p in ids[:8]}
    task = make(train, [("A", "p8"), ("A", "unheard of")], features=(Features("f", ids, rng.normal(size=(10, 3))),))
    for name in (*LEARNERS[1:], "feature_knn"):
        model = BASELINES[name].obj().fit(task)
        model.predict(task.wanted)
        assert model.n_fallback == 1, name
        assert "1 conditions" in model.fallback


@pytest.mark.parametrize(
    "name", [e.name for e in BASELINES if e.meta["readout"] == "any" and e.meta["kind"] == "baseline"]
)
def test_one_feature_is_learned_without_a_warning(make, answer, name):
    """As viability has it; the values of a drug differ, so that there is something to learn."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 4))
    effects = x @ rng.normal(size=(4, 1)) + 0.1 * rng.normal(size=(40, 1))
    task, _ = screen(make, x, effects, 30)
    found = answer(name, task)
    assert found.shape == (10, 1)
    assert np.isfinite(found).all()
