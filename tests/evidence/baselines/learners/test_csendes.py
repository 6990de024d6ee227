"""The recipe of Csendes et al., re-computed from its description."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import ElasticNet
from sklearn.neighbors import KNeighborsRegressor

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.folds import inner_folds
from vcassay.evidence.baselines.learners.csendes import CsendesForest, CsendesNeighbours
from vcassay.knowledge import Features

GENES = 12
IDS = tuple(f"p{i:02d}" for i in range(40))
MODELS = {
    "csendes_forest": lambda p: RandomForestRegressor(n_estimators=p["n_estimators"], random_state=42),
    "csendes_elastic_net": lambda p: ElasticNet(alpha=p["alpha"], l1_ratio=0.5),
    "csendes_neighbours": lambda p: KNeighborsRegressor(n_neighbors=p["n_neighbors"]),
}
GRIDS = {
    "csendes_forest": [{"n_estimators": 100}, {"n_estimators": 300}],
    "csendes_elastic_net": [{"alpha": 0.1}, {"alpha": 0.01}],
    "csendes_neighbours": [{"n_neighbors": 1}, {"n_neighbors": 2}, {"n_neighbors": 5}],
}


@pytest.fixture(scope="module")
def screen(make):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 6))
    effects = x @ rng.normal(size=(6, GENES)) + rng.normal(size=(40, GENES))
    control = rng.uniform(0.0, 3.0, GENES)
    train = {("A", p): effects[i] for i, p in enumerate(IDS[:30])} | {("A", "p01+p02"): effects[1] + effects[2]}
    blocks = (
        Features("text", IDS, rng.normal(size=(40, 3))),
        Features("gene sets", IDS[:-1], x[:-1], kind="annotation"),
        Features("other gene sets", IDS, rng.normal(size=(40, 6)), kind="annotation"),
    )
    wanted = [("A", p) for p in IDS[30:]] + [("A", "p01+p35")]
    genes = [f"x{i:02d}" for i in range(GENES)]  # in order: what is fitted in another order differs by rounding
    return make(train, wanted, features=blocks, controls={"A": control}, genes=genes)


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if "forest" in n else []) for n in MODELS])
def test_the_recipe(screen, name):
    table = {**dict(zip(screen.features[1].ids, screen.features[1].matrix, strict=True)), IDS[-1]: np.zeros(6)}
    control = screen.controls["A"]

    def x(conditions):
        return np.array([sum(table[part] for part in parts) for parts in conditions.parts])

    fold = inner_folds(screen.train, screen.regime, screen.seed)[0]
    rest = np.setdiff1d(np.arange(len(screen.train)), fold)
    profiles, features = screen.effects + control, x(screen.train)
    score = []
    for params in GRIDS[name]:
        predicted = MODELS[name](params).fit(features[rest], profiles[rest]).predict(features[fold]) - control
        score.append(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(predicted, screen.effects[fold], strict=True)]))
    best = GRIDS[name][int(np.argmax(score))]
    model = BASELINES[name].obj().fit(screen)
    assert model.params == best
    expected = MODELS[name](best).fit(features, profiles).predict(x(screen.wanted)) - control
    np.testing.assert_allclose(model.predict(screen.wanted), expected, atol=1e-8)
    assert model.n_fallback == 1  # the one without annotation


def test_they_run_only_where_they_are_named():
    assert all(BASELINES[name].meta["opt_in"] for name in MODELS)


def test_an_embedding_serves_where_there_is_no_annotation_and_wide_ones_are_reduced(make, monkeypatch):
    rng = np.random.default_rng(1)
    ids = tuple(f"p{i:03d}" for i in range(320))
    x, effects = rng.normal(size=(320, 300)), rng.normal(size=(320, GENES))
    task = make(
        {("A", p): effects[i] for i, p in enumerate(ids[:300])},
        [*(("A", p) for p in ids[300:]), ("A", "p301+p302"), ("A", "stranger")],
        features=(Features("bits", ids, x, kind="fingerprint"), Features("text", ids, x)),
    )
    monkeypatch.setattr(CsendesNeighbours, "grid", ({"n_neighbors": 2},))
    z = PCA(256, svd_solver="full").fit_transform(x)
    row = dict(zip(ids, z, strict=True)) | {"p301+p302": z[301] + z[302], "stranger": np.zeros(256)}
    wanted = np.array([row[p] for p in task.wanted.perturbation.tolist()])
    expected = KNeighborsRegressor(2).fit(z[:300], effects[:300]).predict(wanted)
    np.testing.assert_allclose(CsendesNeighbours().fit(task).predict(task.wanted), expected, atol=1e-9)


def test_every_context_has_its_model_and_another_gets_their_mean(make, monkeypatch):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(12, 3))
    effects = {(c, p): rng.normal(size=GENES) for c in "AB" for p in IDS[:10]}
    controls = {c: rng.normal(size=GENES) for c in "ABC"}
    wanted = [("A", "p10"), ("B", "p10"), ("C", "p11")]
    block = (Features("gene sets", IDS[:12], x, kind="annotation"),)
    task = make(effects, wanted, features=block, controls=controls, regime=Regime.AEX)
    monkeypatch.setattr(CsendesNeighbours, "grid", ({"n_neighbors": 2},))
    found = CsendesNeighbours().fit(task).predict(task.wanted)

    def near(context, i):
        return KNeighborsRegressor(2).fit(x[:10], [effects[context, p] for p in IDS[:10]]).predict(x[[i]])[0]

    expected = [near("A", 10), near("B", 10), (near("A", 11) + near("B", 11)) / 2]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_validation_never_fits_what_is_asked_for(screen, monkeypatch):
    sizes = []
    original = CsendesForest._models
    monkeypatch.setattr(CsendesForest, "grid", ({"n_estimators": 2}, {"n_estimators": 3}))

    def spy(self, task, params):
        sizes.append(len(task.train))
        assert not set(screen.wanted.keys) & set(task.train.keys)
        return original(self, task, params)

    monkeypatch.setattr(CsendesForest, "_models", spy)
    CsendesForest().fit(screen)
    held_out = len(inner_folds(screen.train, screen.regime, screen.seed)[0])
    assert sizes == [len(screen.train) - held_out] * 2 + [len(screen.train)]
