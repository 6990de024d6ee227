"""Doses and times: planted responses come back, and a dose that does not matter is not followed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Conditions, Regime
from vcassay.evidence.baselines import BASELINES, Task, climb

DOSES = (0.01, 0.1, 1.0, 10.0)
G = 25


def screen(value, doses=DOSES, times=(24.0,), drugs=12, contexts=2, hide=lambda c, d, x, t: False, noise=0.0, seed=0):
    """Task and truth of a screen of drugs at doses and times; what ``hide`` names is wanted."""
    rng = np.random.default_rng([seed, 99])
    keys = [(f"c{c}", f"d{d:02d}", x, t) for c in range(contexts) for d in range(drugs) for x in doses for t in times]
    table = Conditions.make([k[0] for k in keys], [[k[1]] for k in keys], [k[2] for k in keys], [k[3] for k in keys])
    truth = np.array([value(int(c[1:]), int(p[0][1:]), x, t) for c, p, x, t in table.keys])
    test = np.array([hide(int(c[1:]), int(p[0][1:]), x, t) for c, p, x, t in table.keys])
    effects = truth + noise * rng.normal(size=truth.shape)
    task = Task(
        train=table.take(~test),
        effects=effects[~test],
        weights=np.ones(int((~test).sum())),
        wanted=table.take(test),
        genes=np.array([f"x{i}" for i in range(G)]),
        controls={},
        embedding=np.zeros((G, 0)),
        features=(),
        regime=Regime.DOSE,
        seed=seed,
    )
    return task, truth[test]


def answered(name, task):
    model = BASELINES[name].obj().fit(task)
    return model.predict(task.wanted), model


def over_doses(task):
    same = [[i for i, k in enumerate(task.train.keys) if k[:2] == w[:2]] for w in task.wanted.keys]
    return np.array([task.effects[rows].mean(axis=0) for rows in same])


def directions(seed=0, n=12):
    return np.random.default_rng([seed, 5]).normal(size=(2, n, G))


def middle(c, d, x, t):
    return x in (0.1, 1.0) and d % 2 == c


@pytest.mark.parametrize("seed", range(4))
def test_a_log_linear_response_comes_back_exactly(seed):
    v, w = directions(seed)
    hide = lambda c, d, x, t: x == (0.1 if d % 2 else 1.0) and d % 3 != c  # noqa: E731
    task, truth = screen(lambda c, d, x, t: v[d] + (c + 1) * w[d] * np.log10(x), hide=hide, seed=seed)
    found, model = answered("dose_interpolation", task)
    np.testing.assert_allclose(found, truth, atol=1e-8)
    assert model.n_fallback == 0


def test_two_doses_in_a_row_are_bridged():
    v, w = directions(1)
    task, truth = screen(lambda c, d, x, t: v[d] + w[d] * np.log10(x), hide=middle)
    found, _ = answered("dose_interpolation", task)
    np.testing.assert_allclose(found, truth, atol=1e-8)


@pytest.mark.parametrize("end", [DOSES[0], DOSES[-1]])
def test_beyond_the_doses_a_common_ratio_of_magnitudes_comes_back(end):
    """Every drug has its own direction; magnitudes follow one curve, which other drugs tell."""
    v, _ = directions(2)
    curve = dict(zip(DOSES, (0.2, 0.7, 1.0, 2.5), strict=True))
    task, truth = screen(lambda c, d, x, t: (1 + c) * curve[x] * v[d], hide=lambda c, d, x, t: x == end and d < 3)
    model = BASELINES["dose_interpolation"].obj().fit(task)
    model.shares = {True: 1.0, False: 1.0}
    np.testing.assert_allclose(model.predict(task.wanted), truth, atol=1e-10)
    assert model.n_fallback == 0
    error = {n: ((answered(n, task)[0] - truth) ** 2).sum() for n in ("dose_interpolation", "nearest_dose")}
    assert error["dose_interpolation"] < 0.1 * error["nearest_dose"]


def test_a_dose_that_no_other_drug_has_is_answered_by_the_nearest_and_counted():
    v, _ = directions(3)
    task, _ = screen(lambda c, d, x, t: x * v[d], hide=lambda c, d, x, t: x == 10.0)
    model = BASELINES["dose_interpolation"].obj().fit(task)
    model.shares = {True: 1.0, False: 1.0}
    found = model.predict(task.wanted)
    np.testing.assert_allclose(found, [v[int(p[0][1:])] for p in task.wanted.parts], atol=1e-12)
    assert model.n_fallback == len(task.wanted)


@pytest.mark.parametrize("seed", range(4))
def test_a_saturating_response_is_nearly_right(seed):
    v, _ = directions(seed)
    half = np.random.default_rng(seed).uniform(0.05, 2.0, 12)
    doses = tuple(10.0**k for k in (-2, -1.5, -1, -0.5, 0, 0.5, 1))
    hide = lambda c, d, x, t: x == 1.0 and d % 2 == c  # noqa: E731
    task, truth = screen(lambda c, d, x, t: v[d] * x / (x + half[d]), doses, hide=hide, seed=seed, noise=0.05)
    error = ((answered("dose_interpolation", task)[0] - truth) ** 2).sum()
    assert error < 0.03 * (truth**2).sum()
    assert error < 0.1 * ((over_doses(task) - truth) ** 2).sum()


@pytest.mark.parametrize("seed", range(4))
def test_a_dose_that_does_not_matter_is_not_followed(seed):
    """In noise the mean over doses is better than any line: it must be what comes out, nearly."""
    v, _ = directions(seed)
    hide = lambda c, d, x, t: x == 0.1 and d % 2 == c  # noqa: E731
    task, truth = screen(lambda c, d, x, t: v[d], hide=hide, seed=seed, noise=1.0)
    found, model = answered("dose_interpolation", task)
    error, best = ((found - truth) ** 2).mean(), ((over_doses(task) - truth) ** 2).mean()
    assert max(model.shares.values()) < 0.3
    assert error < 1.1 * best
    assert error < 0.8 * ((answered("nearest_dose", task)[0] - truth) ** 2).mean()


def test_times_are_interpolated_in_their_logarithm():
    v, w = directions(4)
    times = (6.0, 12.0, 24.0, 48.0)
    hide = lambda c, d, x, t: t == 12.0 and d % 2 == c  # noqa: E731
    task, truth = screen(lambda c, d, x, t: v[d] + w[d] * np.log10(t), doses=(1.0,), times=times, hide=hide)
    found, model = answered("dose_interpolation", replace(task, regime=Regime.TIME))
    np.testing.assert_allclose(found, truth, atol=1e-8)
    assert model.n_fallback == 0


def test_a_point_that_shares_neither_dose_nor_time_takes_both_steps():
    v, w = directions(5)
    times = (6.0, 24.0, 96.0)
    value = lambda c, d, x, t: v[d] + w[d] * np.log10(x) * np.log10(t)  # noqa: E731
    hide = lambda c, d, x, t: d == 3 and (x == 0.1 or t == 24.0)  # noqa: E731
    task, truth = screen(value, times=times, hide=hide)
    model = BASELINES["dose_interpolation"].obj().fit(task)
    model.shares = {True: 1.0, False: 1.0}
    found = model.predict(task.wanted)
    both = np.array([x == 0.1 and t == 24.0 for _, _, x, t in task.wanted.keys])
    assert both.sum() == 2
    np.testing.assert_allclose(found[both], truth[both], atol=1e-8)
    np.testing.assert_allclose(found, truth, atol=1e-8)


def test_the_axis_on_which_the_point_lies_inside_is_used():
    """The lowest dose at the middle time: times tell by a line, doses only by a ratio."""
    v, w = directions(6)
    hide = lambda c, d, x, t: x == 0.01 and t == 24.0 and d % 2 == 0  # noqa: E731
    task, truth = screen(lambda c, d, x, t: v[d] + w[d] * np.log10(t) * x, times=(6.0, 24.0, 96.0), hide=hide)
    model = BASELINES["dose_interpolation"].obj().fit(task)
    model.shares = {True: 1.0, False: 0.0}
    np.testing.assert_allclose(model.predict(task.wanted), truth, atol=1e-10)


@pytest.mark.parametrize("name", ["dose_interpolation", "nearest_dose"])
def test_a_constant_effect_comes_back(name):
    v = np.linspace(-1, 2, G)
    task, truth = screen(lambda c, d, x, t: v, hide=lambda c, d, x, t: x in (0.01, 1.0) and d == 2)
    np.testing.assert_allclose(answered(name, task)[0], truth, atol=1e-12)


def test_the_nearest_dose_is_nearest_in_its_logarithm():
    value = lambda c, d, x, t: np.full(G, np.log10(x))  # noqa: E731
    task, _ = screen(value, doses=(1.0, 8.0, 10.0, 100.0), hide=lambda c, d, x, t: x in (8.0, 100.0) and d == 0)
    found, _ = answered("nearest_dose", task)
    np.testing.assert_allclose(found[:, 0], 1.0)
    task, _ = screen(value, doses=(1.0, 10.0, 100.0), hide=lambda c, d, x, t: x == 10.0 and d == 0)
    found, _ = answered("nearest_dose", task)
    np.testing.assert_allclose(found[:, 0], 1.0)  # both neighbours, averaged


@pytest.mark.parametrize("name", ["dose_interpolation", "nearest_dose"])
def test_without_another_dose_it_is_the_mean_and_counted(name):
    v, _ = directions(7)
    task, _ = screen(lambda c, d, x, t: v[d], hide=lambda c, d, x, t: d == 1)
    found, model = answered(name, task)
    means = [task.effects[task.train.context == c].mean(axis=0) for c in ("c0", "c1")]
    np.testing.assert_allclose(found, np.tile(np.mean(means, axis=0), (len(found), 1)), atol=1e-12)
    assert model.n_fallback == len(found)


def test_a_dose_of_zero_has_no_logarithm_and_breaks_nothing():
    v, _ = directions(8)
    task, _ = screen(lambda c, d, x, t: v[d], doses=(0.0, 1.0, 10.0), hide=lambda c, d, x, t: x < 10 and d == 1)
    for name in ("dose_interpolation", "nearest_dose"):
        assert np.isfinite(answered(name, task)[0]).all()
    task, _ = screen(lambda c, d, x, t: v[d], doses=(0.0, 1.0), hide=lambda c, d, x, t: x == 1 and d == 1)
    for name in ("dose_interpolation", "nearest_dose"):
        assert np.isfinite(answered(name, task)[0]).all()


def test_other_perturbations_alone_tell_the_ratio():
    """The same drug in another context has both doses; it must not be asked."""
    v, _ = directions(9)
    value = lambda c, d, x, t: v[d] * (1.0 if x == 1.0 else (7.0 if d == 0 else 2.0))  # noqa: E731
    task, _ = screen(value, doses=(1.0, 10.0), hide=lambda c, d, x, t: c == 0 and d == 0 and x == 10.0)
    model = BASELINES["dose_interpolation"].obj().fit(task)
    model.shares = {True: 1.0, False: 1.0}
    np.testing.assert_allclose(model.predict(task.wanted), 2.0 * v[:1], atol=1e-12)


@pytest.mark.parametrize("name", ["dose_interpolation", "nearest_dose"])
def test_names_of_contexts_order_of_genes_and_units_do_not_matter(name):
    v, w = directions(10)
    hide = lambda c, d, x, t: x == 1.0 and d % 2 == c  # noqa: E731
    task, _ = screen(lambda c, d, x, t: v[d] + w[d] * np.log10(x) ** 2, hide=hide, noise=0.3)
    found = answered(name, task)[0]
    order = np.random.default_rng(0).permutation(G)
    moved = replace(task, effects=task.effects[:, order], genes=task.genes[order])
    np.testing.assert_allclose(answered(name, moved)[0], found[:, order], atol=1e-10)

    def nanomolar(table):
        return replace(table, dose=1000.0 * table.dose, context=np.char.replace(table.context, "c", "line "))

    other = replace(task, train=nanomolar(task.train), wanted=nanomolar(task.wanted))
    np.testing.assert_allclose(answered(name, other)[0], found, atol=1e-10)


@pytest.mark.parametrize(("make", "legal"), [("dose-interpolation", True), ("dex", False)])
def test_it_is_legal_where_other_doses_are_granted(study, make, legal):
    world = study(make, 5, n_contexts=3, n_crispri=6, n_drugs=8, doses=(0.05, 0.5, 5.0))
    for name in ("dose_interpolation", "nearest_dose"):
        rung = climb(world.task, world.claim, BASELINES[name])
        assert rung.record.legal == legal
        assert ("other doses" in rung.record.why) == (not legal)
        if legal:
            assert rung.record.n_predicted == len(world.task.wanted)
