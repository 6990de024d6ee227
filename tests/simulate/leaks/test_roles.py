from __future__ import annotations

from dataclasses import replace

import numpy as np

from vcassay.claim import Role
from vcassay.core import Regime
from vcassay.simulate import leaks


def test_duplicate_conditions(split):
    leaked, table = leaks.duplicate_conditions(split, np.random.default_rng(0), amount=0.1)
    n = round(0.1 * len(split.test))
    assert len(leaked.conflicts) == n > 0
    named = table.groupby(["context", "perturbation", "dose"], dropna=False)["role"].agg(set)
    assert (named.map(len) == 2).sum() == n
    assert len(table) == len(split.conditions) + n
    twice = {f"{c} | {p}" + ("" if np.isnan(d) else f" | {d:g}") for c, p, d in named.index[named.map(len) == 2]}
    assert twice == {condition for condition, *_ in leaked.conflicts}
    np.testing.assert_array_equal(leaked.roles, split.roles)


def test_dose_siblings(split):
    leaked = leaks.dose_siblings(split, np.random.default_rng(0), amount=0.5)
    moved = np.flatnonzero(leaked.roles != split.roles)
    pairs = {(k[0], k[1]) for k in (split.conditions.keys[i] for i in split.test) if k[2] >= 0}
    assert len(moved) == round(0.5 * len(pairs))
    assert np.all(split.conditions.dose[moved] == 5.0)
    assert np.all(leaked.roles[moved] == Role.TRAIN)
    for i in moved:
        context, parts, _, _ = split.conditions.keys[i]
        others = [j for j in leaked.test if split.conditions.keys[j][:2] == (context, parts)]
        assert sorted(split.conditions.dose[others]) == [0.05, 0.5]


def test_sibling_contexts(simulation, split):
    leaked = leaks.sibling_contexts(split, simulation.relations)
    for a, b, kind in simulation.relations:
        assert kind == "sibling"
        assert set(leaked.roles[split.conditions.context == a]) == {"train"}
        assert set(leaked.roles[split.conditions.context == b]) == {"test"}
    again = leaks.sibling_contexts(leaked, simulation.relations)
    np.testing.assert_array_equal(again.roles, leaked.roles)
    all_test = replace(split, roles=np.full(len(split.roles), "test"))
    apart = leaks.sibling_contexts(all_test, simulation.relations, amount=0.5)
    assert set(split.conditions.context[apart.roles == Role.TRAIN]) == {simulation.relations[0][0]}


def test_shared_controls(split):
    assert split.reserved_shards
    assert leaks.shared_controls(split).reserved_shards == ()


def test_few_shot_hidden(split):
    leaked = leaks.few_shot_hidden(split, np.random.default_rng(0), k=3)
    assert leaked.declared == Regime.CEX
    for context in ("CL03", "CL04"):
        here = split.conditions.context == context
        shown = split.conditions.perturbation[here & (leaked.roles == Role.TRAIN)]
        left = split.conditions.perturbation[here & (leaked.roles == Role.TEST)]
        assert len(set(shown)) == 3
        assert not set(shown) & set(left)
    elsewhere = ~np.isin(split.conditions.context, ["CL03", "CL04"])
    np.testing.assert_array_equal(leaked.roles[elsewhere], split.roles[elsewhere])


def test_shown_perturbations(split):
    leaked = leaks.shown_perturbations(split, np.random.default_rng(0), k=2)
    moved = np.flatnonzero(leaked.roles != split.roles)
    assert len(set(split.conditions.perturbation[moved])) == len(moved) == 2
    assert np.all(leaked.roles[moved] == Role.TRAIN)


def test_time_siblings(split):
    table = split.conditions
    timed = type(table).make(np.repeat(["A", "B"], 4), ["x", "x", "y", "y"] * 2, time=[6.0, 24.0] * 4)
    roles = np.where(timed.context == "B", "test", "train")
    leaked = leaks.time_siblings(replace(split, conditions=timed, roles=roles), np.random.default_rng(0), amount=0.5)
    moved = np.flatnonzero(leaked.roles != roles)
    assert timed.time[moved].tolist() == [24.0]


def test_weakest_left_out(split):
    size = np.arange(len(split.conditions), dtype=float)
    leaked = leaks.weakest_left_out(split, size, amount=0.2)
    gone = np.flatnonzero(leaked.roles == Role.EXCLUDED)
    names = split.conditions.perturbation
    assert np.isin(gone, split.test).all()
    assert len(set(names[gone])) == round(0.2 * len(set(names[split.test])))
    assert not set(names[gone]) & set(names[leaked.test])
    mean = {n: size[split.test][names[split.test] == n].mean() for n in set(names[split.test])}
    assert max(mean[n] for n in names[gone]) <= min(mean[n] for n in names[leaked.test])


def test_replicate_plates(split):
    plates = [("1",) if i % 2 else ("1", "2") for i in range(len(split.conditions))]
    leaked = leaks.replicate_plates(split, plates, np.random.default_rng(0), amount=0.5)
    assert 0 < len(leaked.also_train) < len(split.test) / 2
    train, test = leaked.meta["batches_by_side"]
    for i in leaked.also_train.tolist():
        assert (train[i], test[i]) == (("1",), ("2",))
    assert len(leaked.conflicts) == len(leaked.also_train)
