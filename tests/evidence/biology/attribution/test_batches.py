from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest

from vcassay.core import Conditions, Status
from vcassay.evidence.biology.attribution.batches import against_other_batches, batches_of, own_groups
from vcassay.evidence.biology.attribution.inputs import within_groups
from vcassay.evidence.biology.attribution.mass import nuisances
from vcassay.evidence.biology.attribution.noise import halved, measurable
from vcassay.testing.biology.attributions import NAMES
from vcassay.testing.planted import PlantedStudy, of_model, plant

PERTURBATIONS, PLATES, GENES = 24, 3, 60


@cache
def plated(noise: float = 1e-9, *, own_plate: bool = True) -> tuple[PlantedStudy, np.ndarray, np.ndarray]:
    """Two contexts; a perturbation lies on another plate in each. Returns plates and shifts, too."""
    rng = np.random.default_rng(2)
    what, where = np.tile(np.arange(PERTURBATIONS), 2), np.repeat(np.arange(2), PERTURBATIONS)
    table = Conditions.make([f"line{c}" for c in where], [f"P{p:02d}" for p in what])
    delta = rng.standard_normal((PERTURBATIONS, GENES))[what] + 0.3 * rng.standard_normal((len(what), GENES))
    plate, shift = (what // (1 + where)) % PLATES, rng.standard_normal((PLATES, GENES))
    plates = (plate.astype(np.int64), shift) if own_plate else None
    study = plant(table, delta, np.ones(len(what), bool), rng, control_wells=24, noise=noise, plates=plates)
    return study, plate[table.locate(study.effects.conditions)], shift


def test_the_batch_of_a_condition():
    study, plate, _ = plated()
    found = batches_of(study.screen, study.bench())
    assert [found.names[c] for c in found.code] == [f"b{p}" for p in plate]
    group = own_groups(study.screen, study.bench(), found)
    assert len(set(group.tolist())) == 2 * PLATES
    assert group.min() >= 0


def test_wells_in_all_batches_are_of_none():
    study, _, _ = plated(own_plate=False)
    found = batches_of(study.screen, study.bench())
    assert (found.code == -1).all()
    assert (own_groups(study.screen, study.bench(), found) == -1).all()
    assert study.run("batch_decoder", study.answer(study.delta))[0].status is Status.NA


def test_controls_of_other_batches_leave_in_what_the_batch_does():
    study, plate, shift = plated()
    bench = study.bench()
    np.testing.assert_allclose(bench.truth.values, study.delta, atol=1e-6)  # its own batch takes it off
    group = own_groups(study.screen, bench, batches_of(study.screen, bench))
    away = np.array([shift[p] - np.delete(shift, p, axis=0).mean(axis=0) for p in plate])
    for half in against_other_batches(study.screen, bench, group):
        np.testing.assert_allclose(half, study.delta + away, atol=1e-6)


def test_a_model_that_holds_the_batch_shows_it_in_variance_and_decoder():
    study, plate, shift = plated(noise=0.5)
    rng = np.random.default_rng(0)
    has = study.delta + 0.2 * rng.standard_normal(study.delta.shape)
    models = study.answer(has, "has"), study.answer(has + 0.8 * shift[plate], "lacks")
    found = study.run("variance_shares", *models)
    share = {f.model: {r["source"]: r.get("model", r["truth"]) for r in f.evidence} for f in found}
    assert abs(share[None]["batch"]) < 0.05
    assert abs(share["has"]["batch"]) < 0.05
    assert share["lacks"]["batch"] > 0.2
    assert "by batch" in found[0].sentence
    decoded = study.run("batch_decoder", *models)
    assert [of_model(decoded, m).status for m in ("has", "lacks")] == [Status.PASS, Status.FAIL]


def test_ways_of_halving_that_leave_wells_without_a_partner_are_left():
    study = plant(
        Conditions.make(["a"] * 6, list("PQRSTU")), np.ones((6, 5)), np.ones(6, bool), np.random.default_rng(0), wells=4
    )
    bench = study.bench()
    assert not all(np.isfinite(a).all() and np.isfinite(b).all() for a, b in bench.halves(10))
    assert measurable(bench).all()
    pairs = list(halved(bench))
    assert 0 < len(pairs) <= len(list(bench.halves()))
    assert all(np.isfinite(half).all() for pair in pairs for half in pair)


def test_products_within_groups_are_half_the_mean_squared_differences():
    rng = np.random.default_rng(1)
    x, group = rng.standard_normal((9, 4)), np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])
    found = within_groups(x, x, group)
    for g in range(3):
        at = np.flatnonzero(group == g)
        pairs = [((x[i] - x[j]) ** 2).sum() / 2 for i, j in combinations(at, 2)]
        assert found[at].mean() == pytest.approx(np.mean(pairs))  # Jansen's estimator over all exchanges
    assert np.isnan(within_groups(x[:1], x[:1], group[:1])).all()


def test_programmes_are_weighed_beside_genes_of_no_programme():
    rng = np.random.default_rng(3)
    table = Conditions.make(["a"] * 4, ["P", "Q", "R", "S"])
    study = plant(table, rng.standard_normal((4, GENES)), np.ones(4, bool), rng, genes=NAMES)
    found, missing = nuisances(study.bench(), rng)
    assert [(w.name, len(w.columns)) for w in found] == [("mitochondrial transcripts", 5), ("ribosomal proteins", 8)]
    names = study.effects.genes
    for w in found:
        assert not np.isin(names[w.matched], [n for n in NAMES if not n.startswith("G")]).any()
        even = w.weigh(np.full(GENES, 1 / GENES))
        assert even.value == pytest.approx(even.null) == pytest.approx(len(w.columns) / GENES)
        assert even.p == 1.0
    assert len(missing) == 3
